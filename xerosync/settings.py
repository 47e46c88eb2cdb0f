"""The settings of a run, and the facts of its CI job."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import urlsplit

from xerosync.secret import Secret
from xerosync.urls import is_loopback

API_URL = "https://api.xero.com"
IDENTITY_URL = "https://identity.xero.com"
LOGIN_URL = "https://login.xero.com"
SANDBOX_CREDENTIAL = "sandbox"


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a run. An unset text without a default is "", an unset secret is None.

    `token_command` is a command that prints an access token; it may itself contain a secret.
    The journal records `actor`, `approver`, `commit` and `job`: `actor` is the user, and `job` is
    the page of the CI run or job. If `sandboxed`, this run has a sandbox of its own and uses no
    stored sign-in. Addresses have no slash at the end.
    """

    access_token: Secret | None = None
    token_command: Secret | None = None
    client_id: str = ""
    client_secret: Secret | None = None
    tenant_id: str = ""
    profile: str = ""
    api_url: str = API_URL
    identity_url: str = IDENTITY_URL
    login_url: str = LOGIN_URL
    actor: str = ""
    approver: str = ""
    commit: str = ""
    job: str = ""
    no_color: bool = False
    force_color: bool = False
    sandboxed: bool = False

    @property
    def has_credentials(self) -> bool:
        """Whether a token, a token command, a client id or a client secret is set."""
        return any((self.access_token, self.token_command, self.client_id, self.client_secret))

    @property
    def is_local(self) -> bool:
        """Whether the API is on this machine: it is a sandbox, and not Xero."""
        return self.sandboxed or is_loopback(urlsplit(self.api_url).hostname or "")

    def for_sandbox(self, url: str) -> Settings:
        """Return the settings for a sandbox, without any credentials for the real Xero."""
        return replace(
            self,
            access_token=None,
            token_command=None,
            client_id=SANDBOX_CREDENTIAL,
            client_secret=Secret(SANDBOX_CREDENTIAL),
            tenant_id="",
            profile="",
            api_url=url,
            identity_url=url,
            login_url=url,
            sandboxed=True,
        )


class Host(StrEnum):
    """Where the repository and its pull requests are."""

    NONE = ""
    GITHUB = "github"
    GITLAB = "gitlab"


@dataclass(frozen=True, slots=True)
class Job:
    """One CI job.

    `repository` is `owner/name` on GitHub, the project id on GitLab. `head` is the commit that
    reviewers see: for a pull request, its last commit. `commit` may be a merge of `head` with the
    target branch. `branch` is the run's branch, usually "" for a pull request. `request` is the
    number of the pull request, 0 if unknown. `proposal` is true if the job is for a pull request,
    and `fork` if the pull request comes from another repository. `run` is the id of the run or
    pipeline; `attempt` counts its attempts from 1. `name` and `number`, set only on GitLab, are the
    name and the id of the job. `holds` has the names of variables that hold or fetch a Xero secret.
    `environment` is the GitHub environment of the apply job, whose reviewers approve the apply.
    `page` is the address of the run's page on GitHub, of the job's page on GitLab.
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
