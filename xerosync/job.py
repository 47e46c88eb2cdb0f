"""What a CI job knows of itself: where it runs, for which commit, and with which token."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from xerosync.secret import Secret


class Host(StrEnum):
    """Where the repository and its pull requests are."""

    NONE = ""
    GITHUB = "github"
    GITLAB = "gitlab"


@dataclass(frozen=True, slots=True)
class Job:
    """One job. `repository` is `owner/name`, or GitLab's number of the project.

    `branch` is the branch that was pushed, "" for a pull request; `request` is the number of
    the pull request, 0 without one; `run` is the number of the run or pipeline, `attempt` that
    of the attempt; `name` and `number` are those of the job (GitLab). `proposal` is whether it
    is for a pull request, and `fork` whether that comes from another repository; `holds` names
    the variables with which it could open books. `environment` is the one that the apply waits for
    (GitHub): its reviewers alone have approved by letting a job go on. `head` is the commit that
    reviewers see: of a pull request its last one, where `commit` may be made of it and the
    branch. `page` is the job's address.
    """

    host: Host = Host.NONE
    api_url: str = ""
    repository: str = ""
    token: Secret | None = None
    commit: str = ""
    branch: str = ""
    request: int = 0
    run: str = ""
    attempt: int = 1
    name: str = ""
    number: int = 0
    proposal: bool = False
    fork: bool = False
    holds: tuple[str, ...] = ()
    environment: str = ""
    head: str = ""
    page: str = ""
