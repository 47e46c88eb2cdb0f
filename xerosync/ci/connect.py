"""The job that xerosync runs in: where its chart comes from, and the forge of its repository."""

from __future__ import annotations

from enum import StrEnum

from xerosync.ci.forge import Forge
from xerosync.ci.github import GitHub
from xerosync.ci.gitlab import GitLab
from xerosync.errors import Refused, SignInError, UsageError
from xerosync.settings import Host, Job


class JobSource(StrEnum):
    """Where the chart of a job comes from."""

    FORK = "fork"
    REQUEST = "request"
    BRANCH = "branch"


def require_job(job: Job) -> Job:
    """Return the job. Raises `UsageError` outside a job of GitHub or GitLab."""
    if job.host is Host.NONE:
        raise UsageError(
            "This is not a job of GitHub or GitLab.",
            "Elsewhere, use only `plan`, `apply` and `drift`: see docs/ci.md.",
        )
    return job


def source_of(job: Job) -> JobSource:
    """Return where the chart comes from.

    Raises `Refused` if a fork's job has Xero secrets, and `SignInError` if another job has none.
    """
    if job.fork and job.holds:
        raise Refused(
            f"This job is for a fork's pull request, and it holds {', '.join(job.holds)}: the "
            "author of that pull request could read your accounts.",
            "Xero was not contacted. Trigger it with `pull_request`, not `pull_request_target`; on "
            "GitLab, do not run it as a pipeline of the parent project. See Forks in docs/ci.md.",
        )
    if not job.fork and not job.holds:
        raise SignInError(
            "This job has no credentials for Xero, and it is not for a fork: neither "
            "XERO_CLIENT_SECRET nor XERO_ACCESS_TOKEN is set.",
            "Check that the secrets exist, and are spelt as in the workflow: on GitHub, "
            "XERO_READ_CLIENT_ID and XERO_READ_CLIENT_SECRET go into client-id and client-secret "
            "of the action; on GitLab, they are variables that are not protected.",
        )
    if job.fork:
        return JobSource.FORK
    return JobSource.REQUEST if job.proposal else JobSource.BRANCH


def forge_of(job: Job) -> Forge:
    """Return the forge of the job's repository. Raises `UsageError` without a token."""
    if require_job(job).token is None:
        raise UsageError(
            "The job has no token.",
            "Set GITHUB_TOKEN, or for GitLab GITLAB_TOKEN: see docs/ci.md.",
        )
    return GitHub(job) if job.host is Host.GITHUB else GitLab(job)
