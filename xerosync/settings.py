"""The environment → one frozen `Settings`: who signs in, to which addresses, for whom.

The only reader of `os.environ`. Names and defaults: the design page, Environment.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from xerosync.errors import UsageError
from xerosync.job import Host, Job
from xerosync.secret import Secret
from xerosync.urls import is_loopback

API_URL = "https://api.xero.com"
IDENTITY_URL = "https://identity.xero.com"
LOGIN_URL = "https://login.xero.com"
SANDBOX_CREDENTIAL = "sandbox"

GITHUB_URL = "https://api.github.com"
ENVIRONMENT = "xero"

_APP = ("XERO_ACCESS_TOKEN", "XERO_CLIENT_ID", "XERO_CLIENT_SECRET")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says. A text that is not set is "", a secret that is not is None.

    `actor`, `approver`, `commit` and `job` are for the journal: who runs this, who has
    approved it, from which commit, and the address of the CI job.
    `sandboxed` tells that a sandbox of our own is used, which no stored sign-in is for.
    Addresses have no slash at their end.
    """

    access_token: Secret | None = None
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
    in_ci: bool = False
    sandboxed: bool = False

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str] | None = None, *, profile: str = ""
    ) -> Self:
        """Read the environment; `profile` goes before `XERO_PROFILE`.

        With the profile `acme-uk` the credentials are `XERO_CLIENT_ID_ACME_UK` and so on,
        and the plain ones do not count: nobody signs in with the id of one app and the
        secret of another, and a profile misspelt opens no books at all. Only a plain
        `XERO_CLIENT_ID` serves a profile that names no app: one app may sign in many people.
        Raises `UsageError` for an address that is no address, for plain http to anything
        but this machine, for a credential that cannot be one, and for a profile's name
        without a letter or digit.
        """
        env = os.environ if environment is None else environment
        chosen = profile or _first(env, "XERO_PROFILE")
        key = profile_key(chosen)
        suffix = f"_{key}" if key else ""

        def credential(name: str) -> str:
            return _one_word(_first(env, name + suffix), name + suffix)

        alone = not any(_first(env, name + suffix) for name in _APP)
        shared_id = _one_word(_first(env, "XERO_CLIENT_ID"), "XERO_CLIENT_ID") if alone else ""
        return cls(
            access_token=_secret(credential("XERO_ACCESS_TOKEN")),
            client_id=credential("XERO_CLIENT_ID") or shared_id,
            client_secret=_secret(credential("XERO_CLIENT_SECRET")),
            tenant_id=credential("XERO_TENANT_ID"),
            profile=chosen,
            api_url=_address(env, "XEROSYNC_API_URL", API_URL),
            identity_url=_address(env, "XEROSYNC_IDENTITY_URL", IDENTITY_URL),
            login_url=_address(env, "XEROSYNC_LOGIN_URL", LOGIN_URL),
            actor=_first(env, "GITHUB_ACTOR", "GITLAB_USER_LOGIN", "USER", "LOGNAME", "USERNAME"),
            approver=_first(env, "XEROSYNC_APPROVER"),
            commit=_first(env, "GITHUB_SHA", "CI_COMMIT_SHA"),
            job=_job_address(env),
            no_color=bool(env.get("NO_COLOR")),
            force_color=bool(env.get("FORCE_COLOR")),
            in_ci=_first(env, "CI").casefold() not in {"", "0", "false"},
        )

    def for_sandbox(self, url: str) -> Settings:
        """Give the same settings, pointed at a sandbox and holding nothing of the real Xero."""
        return Settings(
            client_id=SANDBOX_CREDENTIAL,
            client_secret=Secret(SANDBOX_CREDENTIAL),
            api_url=_checked(url, "the sandbox's address"),
            identity_url=_checked(url, "the sandbox's address"),
            login_url=_checked(url, "the sandbox's address"),
            actor=self.actor,
            approver=self.approver,
            commit=self.commit,
            job=self.job,
            no_color=self.no_color,
            force_color=self.force_color,
            in_ci=self.in_ci,
            sandboxed=True,
        )


def job_from_environment(environment: Mapping[str, str] | None = None) -> Job:
    """Read what the CI job knows of itself, from what GitHub and GitLab set.

    The token is `GITHUB_TOKEN` or `GITLAB_TOKEN`. Raises `UsageError` as
    `Settings.from_environment` for an address.
    """
    env = os.environ if environment is None else environment
    if _first(env, "GITHUB_ACTIONS", "GITHUB_REPOSITORY"):
        ref = _first(env, "GITHUB_REF")
        pull = re.fullmatch(r"refs/pull/([0-9]{1,9})/\w+", ref)
        proposal = _first(env, "GITHUB_EVENT_NAME").startswith("pull_request")
        source, head = _proposed(env) if proposal else ("", "")
        commit = _hash(_first(env, "GITHUB_SHA"))
        return Job(
            Host.GITHUB,
            api_url=_address(env, "GITHUB_API_URL", GITHUB_URL),
            repository=_checked_name(_first(env, "GITHUB_REPOSITORY"), "GITHUB_REPOSITORY"),
            token=_secret(_one_word(_first(env, "GITHUB_TOKEN"), "GITHUB_TOKEN")),
            commit=commit,
            branch=ref.removeprefix("refs/heads/") if ref.startswith("refs/heads/") else "",
            request=int(pull[1]) if pull else 0,
            run=_first(env, "GITHUB_RUN_ID"),
            attempt=_number(_first(env, "GITHUB_RUN_ATTEMPT")) or 1,
            proposal=proposal,
            fork=proposal and source != _first(env, "GITHUB_REPOSITORY"),
            holds=_held(env),
            environment=_first(env, "XEROSYNC_ENVIRONMENT") or ENVIRONMENT,
            head=head or commit,
            page=_job_address(env),
        )
    if _first(env, "GITLAB_CI", "CI_PROJECT_ID"):
        source = _first(env, "CI_MERGE_REQUEST_SOURCE_PROJECT_ID")
        commit = _hash(_first(env, "CI_COMMIT_SHA"))
        return Job(
            Host.GITLAB,
            api_url=_address(env, "CI_API_V4_URL", ""),
            repository=_checked_name(_first(env, "CI_PROJECT_ID"), "CI_PROJECT_ID"),
            token=_secret(_one_word(_first(env, "GITLAB_TOKEN"), "GITLAB_TOKEN")),
            commit=commit,
            branch=_first(env, "CI_COMMIT_BRANCH"),
            request=_number(_first(env, "CI_MERGE_REQUEST_IID")),
            run=_first(env, "CI_PIPELINE_ID"),
            name=_first(env, "CI_JOB_NAME"),
            number=_number(_first(env, "CI_JOB_ID")),
            proposal=_first(env, "CI_PIPELINE_SOURCE") == "merge_request_event",
            fork=source != _first(env, "CI_MERGE_REQUEST_PROJECT_ID"),
            holds=_held(env),
            head=_hash(_first(env, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA")) or commit,
            page=_job_address(env),
        )
    return Job()


def _proposed(env: Mapping[str, str]) -> tuple[str, str]:
    """Read from GitHub's event the repository that a pull request comes from, and its last commit.

    A fork that was deleted since has no name there. Raises `UsageError` where the event cannot
    be read.
    """
    try:
        with Path(_first(env, "GITHUB_EVENT_PATH")).open(encoding="utf-8") as file:
            head = json.load(file)["pull_request"]["head"]
        source = "" if head["repo"] is None else str(head["repo"]["full_name"])
        return source, _hash(str(head["sha"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            "GITHUB_EVENT_PATH names no event of a pull request that can be read.",
            "Run it in a job of GitHub, which sets it.",
        ) from error


def _held(env: Mapping[str, str]) -> tuple[str, ...]:
    """Give the variables that hold a secret of Xero, of whatever profile or role."""
    names = (name for name in env if re.fullmatch(r"XERO_\w*(CLIENT_SECRET|ACCESS_TOKEN)\w*", name))
    return tuple(sorted(name for name in names if env[name].strip()))


def _number(text: str) -> int:
    return int(text) if re.fullmatch("[0-9]{1,18}", text) else 0


def _hash(text: str) -> str:
    return text if re.fullmatch("[0-9a-f]{40,64}", text) else ""


def _checked_name(name: str, variable: str) -> str:
    """Refuse what is no name of a repository: it becomes part of an address."""
    if re.fullmatch(r"[\w.-]+(/[\w.-]+)*", name, re.ASCII) and ".." not in name:
        return name
    raise UsageError(f"{variable} is not the name of a repository.")


def _first(env: Mapping[str, str], *names: str) -> str:
    return next((value for name in names if (value := env.get(name, "").strip())), "")


def _job_address(env: Mapping[str, str]) -> str:
    """Give the page of the CI job, where the environment tells it."""
    known = [_first(env, f"GITHUB_{name}") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID")]
    return "{}/{}/actions/runs/{}".format(*known) if all(known) else _first(env, "CI_JOB_URL")


def _one_word(text: str, name: str) -> str:
    """Refuse what no HTTP header can carry, as a token pasted with `Bearer` or a line end."""
    if all("!" <= character <= "~" for character in text):
        return text
    raise UsageError(
        f"{name} holds a space or another character that cannot be part of it.",
        "Copy it again, alone: without quotes, line ends or the word Bearer.",
    )


def _secret(text: str) -> Secret | None:
    return Secret(text) if text else None


def profile_key(profile: str) -> str:
    """Give a profile's name as it stands in variables: `acme-uk` is `ACME_UK`, "" is "".

    Raises `UsageError` for a name of which nothing is left.
    """
    key = re.sub(r"[^A-Z0-9]+", "_", profile.upper()).strip("_")
    if profile and not key:
        raise UsageError(
            "The profile's name has no letter or digit.",
            "Name it with letters and digits, as acme-uk: its variables are then"
            " XERO_CLIENT_ID_ACME_UK and so on.",
        )
    return key


def _address(env: Mapping[str, str], name: str, default: str) -> str:
    return _checked(_first(env, name) or default, name)


def _checked(url: str, name: str) -> str:
    """Refuse an address that would send a secret in the clear, or that holds one itself."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme not in {"http", "https"} or not host or parts.query or parts.fragment:
        raise UsageError(
            f"{name} is not a web address that can be used.",
            f"Give it as {API_URL}, without query or fragment.",
        )
    if parts.username is not None or parts.password is not None:
        raise UsageError(
            f"{name} holds a user name or password.",
            "Leave them out of the address: it appears in messages.",
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise UsageError(
            f"{name} is plain http to {host}: tokens would travel unprotected.",
            "Use https; plain http is for this machine alone (127.0.0.1, ::1, localhost).",
        )
    return url.rstrip("/")
