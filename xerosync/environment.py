"""Read and check the environment variables. Only this module reads `os.environ`."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from xerosync.errors import UsageError
from xerosync.regular_file import read_regular
from xerosync.secret import Secret, is_credential
from xerosync.settings import API_URL, IDENTITY_URL, LOGIN_URL, Host, Job, Settings
from xerosync.suggestions import nearest
from xerosync.text import whole
from xerosync.urls import PLAIN_HTTP, is_host, is_loopback

GITHUB_URL = "https://api.github.com"
GITLAB_URL = "https://gitlab.com/api/v4"
GITHUB_ENVIRONMENT = "xero"

_APP = ("XERO_ACCESS_TOKEN", "XERO_TOKEN_COMMAND", "XERO_CLIENT_ID", "XERO_CLIENT_SECRET")
OF_PROFILE = (*_APP, "XERO_TENANT_ID")
_READ = (
    *(*OF_PROFILE, "XERO_PROFILE"),
    *("XEROSYNC_API_URL", "XEROSYNC_IDENTITY_URL", "XEROSYNC_LOGIN_URL"),
    *("XEROSYNC_SHARD_INDEX", "XEROSYNC_SHARD_COUNT"),
    *("XEROSYNC_APPROVER", "XEROSYNC_ENVIRONMENT"),
)
"""xerosync's own variables that this module reads.

With a profile, the names in `OF_PROFILE` end in the profile's key: `XERO_CLIENT_ID_ACME_UK`.
"""
_ACTORS_IN_CI = ("GITHUB_TRIGGERING_ACTOR", "GITHUB_ACTOR", "GITLAB_USER_LOGIN")
_PREFIX = re.compile("XERO(SYNC)?_?", re.IGNORECASE)
_COPIED = re.compile("^XERO_READ_")
"""GitLab variables such as `XERO_READ_CLIENT_ID`, which plan jobs copy to `XERO_CLIENT_ID`."""
_MISSPELT = 0.75
"""A name this similar (0 to 1) to a variable of xerosync counts as a misspelling of it."""

_PROXIES = ("HTTPS_PROXY", "ALL_PROXY")
_CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")


def read_settings(env: Mapping[str, str] = os.environ, *, profile: str = "") -> Settings:
    """Read the settings; `profile` takes precedence over `XERO_PROFILE`.

    With the profile `acme-uk` the credentials are `XERO_CLIENT_ID_ACME_UK` and so on, so that
    the id of one app is never used with the secret of another. If none of them is set,
    `XERO_CLIENT_ID` is used, since many people may sign in through one app.

    Raises `UsageError` for an invalid value.
    """
    chosen = whole(profile) or _first(env, "XERO_PROFILE")
    key = profile_key(chosen)
    suffix = f"_{key}" if key else ""
    no_app = not any(_first(env, name + suffix) for name in _APP)
    command = env.get("XERO_TOKEN_COMMAND" + suffix, "").strip()
    return Settings(
        access_token=_secret(env, "XERO_ACCESS_TOKEN" + suffix),
        token_command=Secret(command) if command else None,
        client_id=_credential(env, "XERO_CLIENT_ID" + suffix)
        or (_credential(env, "XERO_CLIENT_ID") if no_app else ""),
        client_secret=_secret(env, "XERO_CLIENT_SECRET" + suffix),
        tenant_id=_credential(env, "XERO_TENANT_ID" + suffix),
        profile=chosen,
        api_url=_address(env, "XEROSYNC_API_URL", API_URL),
        identity_url=_address(env, "XEROSYNC_IDENTITY_URL", IDENTITY_URL),
        login_url=_address(env, "XEROSYNC_LOGIN_URL", LOGIN_URL),
        actor=_first(env, *_ACTORS_IN_CI, "USER", "LOGNAME", "USERNAME"),
        approver=_first(env, "XEROSYNC_APPROVER"),
        commit=_first(env, "GITHUB_SHA", "CI_COMMIT_SHA"),
        job=_job_page(env),
        no_color=bool(env.get("NO_COLOR")),
        force_color=bool(env.get("FORCE_COLOR")),
    )


def in_ci(env: Mapping[str, str] = os.environ) -> bool:
    """Whether this is a CI job."""
    return _first(env, "CI").casefold() not in {"", "0", "false"}


def settings_of_file(settings: Settings, profile: str, *, option: str) -> Settings:
    """Return the settings of the profile that a chart file names, or `settings` if it names none.

    With `--profile` (`option`), or in the sandbox, which has no profiles, return `settings` too.
    """
    if not profile or option or settings.sandboxed:
        return settings
    return read_settings(profile=profile)


def profile_key(profile: str) -> str:
    """Return a profile's name as it appears in variables: `acme-uk` is `ACME_UK`, "" is "".

    Raises `UsageError` for a name such as `é`, which in capitals has no ASCII letter or digit.
    """
    key = re.sub(r"[^A-Z0-9]+", "_", profile.upper()).strip("_")
    if profile and not key:
        raise UsageError(
            "The profile name has no letter from A to Z and no digit.",
            "Choose a name such as acme-uk. The variables of that profile are"
            " XERO_CLIENT_ID_ACME_UK and so on.",
        )
    return key


def shard_from_environment(env: Mapping[str, str] = os.environ) -> str:
    """Return this job's shard, such as 3/8, from the variables of its CI system.

    With `XEROSYNC_SHARD_COUNT`, the index is `XEROSYNC_SHARD_INDEX`, or else Kubernetes'
    `JOB_COMPLETION_INDEX`; both count from 0. A GitHub workflow sets the two `XEROSYNC_`
    variables to `strategy.job-total` and `strategy.job-index`. Without `XEROSYNC_SHARD_COUNT`, the
    count is GitLab's `CI_NODE_TOTAL`, and the index is `CI_NODE_INDEX`, which counts from 1.
    Raises `UsageError` if the variables do not say which shard it is.
    """
    total = _first(env, "XEROSYNC_SHARD_COUNT")
    index = _first(env, "XEROSYNC_SHARD_INDEX", "JOB_COMPLETION_INDEX")
    if total and index and index.isascii() and index.isdigit():
        return f"{int(index[:9]) + 1}/{total}"
    if not total and (total := _first(env, "CI_NODE_TOTAL")):
        return f"{_first(env, 'CI_NODE_INDEX') or '1'}/{total}"
    raise UsageError(
        "--shard auto: the environment does not say which shard this job is.",
        "GitLab sets the shard with `parallel:`. On GitHub set XEROSYNC_SHARD_INDEX to "
        "${{ strategy.job-index }} and XEROSYNC_SHARD_COUNT to ${{ strategy.job-total }}; in a "
        "Kubernetes indexed Job set XEROSYNC_SHARD_COUNT to its completions.",
    )


def proxy_variables(env: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Return the names of the variables that are set and configure a proxy for https."""
    return tuple(name for name in sorted(env) if name.upper() in _PROXIES and env[name].strip())


def certificate_files(env: Mapping[str, str] = os.environ) -> dict[str, Path]:
    """Return the files and folders of trusted certificates, by the variables that name them."""
    return {name: Path(env[name]) for name in _CERTIFICATES if env.get(name, "")}


def own_variables(env: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Return the names of `XERO_` and `XEROSYNC_` variables with a value, even misspelt ones."""
    found = (name for name in env if re.fullmatch("XERO(SYNC)?_[A-Z0-9_]+", name))
    return tuple(sorted({*_set(env, found), *misspelt_variables(env)}))


def misspelt_variables(env: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the misspelt variables that begin with `XERO`, and what was probably meant by each."""
    keys = map(profile_key, profiles_with_credentials(env))
    known = [*_READ, *(f"{name}_{key}" for key in keys for name in OF_PROFILE)]
    by_end = {_PREFIX.sub("", name, count=1): name for name in known}
    found = {}
    for name in _set(env, filter(_PREFIX.match, env)):
        meant = by_end.get(nearest(_PREFIX.sub("", name, count=1), by_end, _MISSPELT), "")
        if meant and name not in known and not _COPIED.match(name):
            found[name] = meant
    return found


def profiles_with_credentials(env: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Return the named profiles that have credentials in the environment, such as acme-uk."""
    pattern = re.compile(f"(?:{'|'.join(_APP)})_([A-Z0-9_]*[A-Z0-9][A-Z0-9_]*)")
    keys = {found[1] for name in _set(env, env) if (found := pattern.fullmatch(name))}
    return tuple(sorted(key.lower().replace("_", "-") for key in keys))


def _set(env: Mapping[str, str], names: Iterable[str]) -> list[str]:
    return [name for name in names if env[name].strip()]


def secret_variables(env: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Return the names of the variables that hold or fetch a Xero secret, of any profile."""
    pattern = r"XERO_\w*(CLIENT_SECRET|ACCESS_TOKEN|TOKEN_COMMAND)\w*"
    return tuple(sorted(_set(env, (name for name in env if re.fullmatch(pattern, name)))))


def environment_for_git() -> dict[str, str]:
    """Return an environment in which Git reads without prompts, downloads or writes."""
    return {
        **os.environ,
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
    }


def job_from_environment(env: Mapping[str, str] = os.environ) -> Job:
    """Read the facts of a GitHub or GitLab job from its variables.

    The token is `GITHUB_TOKEN` or `GITLAB_TOKEN`, None if it is not set. Outside GitHub and
    GitLab, return an empty `Job`. Raises `UsageError` if a necessary variable is missing or
    invalid, or if the event file of a pull request cannot be read.
    """
    if _first(env, "GITHUB_ACTIONS", "GITHUB_REPOSITORY"):
        return _github_job(env)
    if _first(env, "GITLAB_CI", "CI_PROJECT_ID"):
        return _gitlab_job(env)
    return Job()


def _github_job(env: Mapping[str, str]) -> Job:
    ref = _first(env, "GITHUB_REF")
    pull = re.fullmatch(r"refs/pull/([0-9]{1,9})/\w+", ref)
    event = _first(env, "GITHUB_EVENT_NAME")
    proposal = event.startswith("pull_request")
    on_branch = ref.startswith("refs/heads/") and event != "pull_request_target"
    source, head = _pull_request_head(env) if proposal else ("", "")
    commit = _hash(_first(env, "GITHUB_SHA"))
    return Job(
        Host.GITHUB,
        api_url=_address(env, "GITHUB_API_URL", GITHUB_URL),
        repository=_repository(env, "GITHUB_REPOSITORY", "acme/books"),
        token=_secret(env, "GITHUB_TOKEN"),
        commit=commit,
        branch=ref.removeprefix("refs/heads/") if on_branch else "",
        request=int(pull[1]) if pull else 0,
        run=_first(env, "GITHUB_RUN_ID"),
        attempt=_number(_first(env, "GITHUB_RUN_ATTEMPT")) or 1,
        proposal=proposal,
        fork=proposal and source != _first(env, "GITHUB_REPOSITORY"),
        holds=secret_variables(env),
        environment=_first(env, "XEROSYNC_ENVIRONMENT") or GITHUB_ENVIRONMENT,
        head=head or commit,
        page=_job_page(env),
    )


def _gitlab_job(env: Mapping[str, str]) -> Job:
    source = _first(env, "CI_MERGE_REQUEST_SOURCE_PROJECT_ID")
    commit = _hash(_first(env, "CI_COMMIT_SHA"))
    return Job(
        Host.GITLAB,
        api_url=_address(env, "CI_API_V4_URL", "", GITLAB_URL),
        repository=_repository(env, "CI_PROJECT_ID", "1234"),
        token=_secret(env, "GITLAB_TOKEN"),
        commit=commit,
        branch=_first(env, "CI_COMMIT_BRANCH"),
        request=_number(_first(env, "CI_MERGE_REQUEST_IID")),
        run=_first(env, "CI_PIPELINE_ID"),
        name=_first(env, "CI_JOB_NAME"),
        number=_number(_first(env, "CI_JOB_ID")),
        proposal=_first(env, "CI_PIPELINE_SOURCE") == "merge_request_event",
        fork=source != _first(env, "CI_MERGE_REQUEST_PROJECT_ID"),
        holds=secret_variables(env),
        head=_hash(_first(env, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA")) or commit,
        page=_job_page(env),
    )


def _pull_request_head(env: Mapping[str, str]) -> tuple[str, str]:
    """Return the source repository of a pull request, and the pull request's last commit.

    GitHub's event file contains both. The repository is "" if the fork was deleted.
    """
    try:
        event = json.loads(read_regular(Path(_first(env, "GITHUB_EVENT_PATH"))))
        head = event["pull_request"]["head"]
        source = "" if head["repo"] is None else str(head["repo"]["full_name"])
        return source, _hash(str(head["sha"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError(
            "The file that GITHUB_EVENT_PATH names is not a readable pull request event.",
            "Run this in a GitHub Actions job for a pull request: GitHub sets the variable there.",
        ) from error


def _number(text: str) -> int:
    return int(text) if re.fullmatch("[0-9]{1,18}", text) else 0


def _hash(text: str) -> str:
    return text if re.fullmatch("[0-9a-f]{40,64}", text) else ""


def _repository(env: Mapping[str, str], variable: str, like: str) -> str:
    """Return a repository's name, or GitLab's project id.

    Raises `UsageError` if it is missing, or has characters that could change the URL of a call.
    """
    name = _first(env, variable)
    if re.fullmatch(r"[\w.-]+(/[\w.-]+)*", name, re.ASCII) and ".." not in name:
        return name
    raise UsageError(
        f"{variable} is not the name or id of a repository." if name else f"{variable} is not set.",
        f"The CI system sets it in its jobs. Elsewhere, set it to a value like {like}.",
    )


def _first(env: Mapping[str, str], *names: str) -> str:
    return next((whole(value) for name in names if (value := env.get(name, "").strip())), "")


def _job_page(env: Mapping[str, str]) -> str:
    known = [_first(env, f"GITHUB_{name}") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID")]
    return "{}/{}/actions/runs/{}".format(*known) if all(known) else _first(env, "CI_JOB_URL")


def _credential(env: Mapping[str, str], name: str) -> str:
    """Return the value of a variable. Raises `UsageError` if it cannot be a credential or id."""
    text = _first(env, name)
    if not text or is_credential(text):
        return text
    raise UsageError(
        f"{name} contains a space or another character that cannot be part of it.",
        "Copy it again, without quotes, line breaks or the word Bearer.",
    )


def _secret(env: Mapping[str, str], name: str) -> Secret | None:
    text = _credential(env, name)
    return Secret(text) if text else None


def _address(env: Mapping[str, str], name: str, default: str, like: str = "") -> str:
    """Return an address to which secrets may be sent, without a slash at the end."""
    url = _first(env, name) or default
    hint = f"Write it like {like or default}, without a query (?) or fragment (#)."
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    possible = is_credential(url) and is_host(host) and parts.scheme in {"http", "https"}
    if not url:
        raise UsageError(f"{name} is not set.", hint)
    if not possible or parts.query or parts.fragment:
        raise UsageError(f"{name} is not a valid web address.", hint)
    if parts.username is not None or parts.password is not None:
        raise UsageError(
            f"{name} contains a user name or password.",
            "Remove them: the address appears in messages.",
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise UsageError(
            f"{name} is plain http to {host}: tokens would be sent unencrypted.", PLAIN_HTTP
        )
    return url.rstrip("/")
