"""Settings from the environment: profiles, addresses, CI jobs; and secrets are never shown."""

from __future__ import annotations

import copy
import logging
import pickle
import subprocess
import sys
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xerosync.environment import (
    in_ci,
    job_from_environment,
    read_settings,
    settings_of_file,
)
from xerosync.errors import UsageError
from xerosync.secret import Secret
from xerosync.settings import Host, Job, Settings

SHOWN = "s3cr3t-marker"


def test_an_empty_environment_means_the_real_xero_and_no_credentials() -> None:
    settings = read_settings({})
    assert settings == Settings()
    assert settings.api_url == "https://api.xero.com"
    assert settings.access_token is None


def test_a_profile_without_variables_uses_only_the_plain_client_id() -> None:
    """One app may sign in many people; a misspelt profile must open nobody's books."""
    settings = read_settings(
        {
            "XERO_PROFILE": "acme",
            "XERO_CLIENT_ID": "plain",
            "XERO_CLIENT_SECRET": "plain",
            "XERO_ACCESS_TOKEN": "plain",
            "XERO_TOKEN_COMMAND": "plain",
            "XERO_TENANT_ID": "plain",
        }
    )
    assert settings == Settings(client_id="plain", profile="acme")


@pytest.mark.parametrize(
    "own", ["XERO_ACCESS_TOKEN", "XERO_TOKEN_COMMAND", "XERO_CLIENT_ID", "XERO_CLIENT_SECRET"]
)
def test_a_profiles_credentials_are_never_mixed_with_others(own: str) -> None:
    """One credential of its own hides all plain ones."""
    names = ("ACCESS_TOKEN", "TOKEN_COMMAND", "CLIENT_ID", "CLIENT_SECRET", "TENANT_ID")
    plain = {f"XERO_{name}": "plain" for name in names}
    settings = read_settings({**plain, "XERO_PROFILE": "acme-uk", f"{own}_ACME_UK": "acme"})
    found = {
        "XERO_ACCESS_TOKEN": settings.access_token and settings.access_token.reveal(),
        "XERO_TOKEN_COMMAND": settings.token_command and settings.token_command.reveal(),
        "XERO_CLIENT_ID": settings.client_id,
        "XERO_CLIENT_SECRET": settings.client_secret and settings.client_secret.reveal(),
        "XERO_TENANT_ID": settings.tenant_id,
    }
    assert {name: value for name, value in found.items() if value} == {own: "acme"}


@pytest.mark.parametrize("profile", ["!", "-", "\u65e5\u672c"])
def test_a_profile_name_needs_an_ascii_letter_or_digit(profile: str) -> None:
    with pytest.raises(UsageError, match="no letter from A to Z and no digit"):
        read_settings({}, profile=profile)


def test_the_flag_takes_precedence_over_the_variable() -> None:
    environment = {"XERO_PROFILE": "a", "XERO_CLIENT_ID_A": "a", "XERO_CLIENT_ID_B": "b"}
    assert read_settings(environment, profile="b").client_id == "b"


def test_blank_variables_are_unset_and_surrounding_space_is_ignored() -> None:
    settings = read_settings({"XERO_ACCESS_TOKEN": "  ", "XERO_CLIENT_ID": " id\n"})
    assert settings.access_token is None
    assert settings.client_id == "id"


@pytest.mark.parametrize(
    "name", ["XEROSYNC_API_URL", "XEROSYNC_IDENTITY_URL", "XEROSYNC_LOGIN_URL"]
)
@pytest.mark.parametrize(
    "url",
    [
        "http://api.xero.com", "http://127.0.0.1.evil.example", "http://192.168.0.1", "ftp://x",
        "api.xero.com", "https://", "https://user:pw@api.xero.com", "https://x:99999999",
        "https://[::1", "https://x/?q=1", "http://localhost.evil.example", "http://0.0.0.0",
    ],
)  # fmt: skip
def test_an_unsafe_address_is_refused(name: str, url: str) -> None:
    with pytest.raises(UsageError, match=name) as caught:
        read_settings({name: url})
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:80/", "http://127.8.9.1", "http://[::1]:9", "http://localhost:1"]
)
def test_loopback_may_use_plain_http(url: str) -> None:
    assert read_settings({"XEROSYNC_API_URL": url}).api_url == url.rstrip("/")


@pytest.mark.parametrize(
    ("environment", "actor", "commit", "is_ci"),
    [
        ({"GITHUB_ACTOR": "ann", "USER": "runner", "GITHUB_SHA": "abc", "CI": "true"},
         "ann", "abc", True),
        ({"GITHUB_ACTOR": "ann", "GITHUB_TRIGGERING_ACTOR": "kim"}, "kim", "", False),
        ({"GITLAB_USER_LOGIN": "bob", "CI_COMMIT_SHA": "def", "CI": "1"}, "bob", "def", True),
        ({"LOGNAME": "eve", "CI": "false"}, "eve", "", False),
    ],
)  # fmt: skip
def test_actor_and_commit_come_from_the_ci_variables(
    environment: dict[str, str], actor: str, commit: str, *, is_ci: bool
) -> None:
    settings = read_settings(environment)
    assert (settings.actor, settings.commit, in_ci(environment)) == (actor, commit, is_ci)


def test_no_color_and_force_color_are_respected() -> None:
    assert read_settings({"NO_COLOR": "1"}).no_color
    assert not read_settings({"NO_COLOR": ""}).no_color
    assert read_settings({"FORCE_COLOR": "1"}).force_color


def test_sandbox_settings_contain_nothing_of_the_real_xero() -> None:
    real = Settings(
        access_token=Secret("real"),
        token_command=Secret("real"),
        tenant_id="real",
        profile="acme",
        actor="ann",
        no_color=True,
    )
    settings = real.for_sandbox("http://127.0.0.1:1")
    assert settings.access_token is None
    assert settings.token_command is None
    assert settings.sandboxed
    assert settings.tenant_id == ""
    assert settings.client_id == "sandbox"
    assert settings.client_secret == Secret("sandbox")
    assert settings.api_url == settings.identity_url == settings.login_url == "http://127.0.0.1:1"
    assert (settings.actor, settings.no_color) == ("ann", True)


def test_a_secret_is_never_shown(caplog: pytest.LogCaptureFixture) -> None:
    settings = Settings(access_token=Secret(SHOWN), client_secret=Secret(SHOWN))
    logging.getLogger("x").error("%s %r", settings.access_token, settings)
    shown = f"{settings} {settings!r} {settings.access_token:>40} {settings.access_token!s}"
    assert SHOWN not in shown + caplog.text
    assert "***" in shown


def test_a_secret_cannot_be_pickled_and_copies_to_itself() -> None:
    secret = Secret(SHOWN)
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    assert copy.deepcopy(secret) is secret
    assert copy.copy(secret) is secret


def test_secrets_compare_by_their_text() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert hash(Secret("a")) == hash(Secret("a"))
    assert not Secret("")


def test_reading_the_environment_imports_nothing_heavy() -> None:
    check = "import xerosync.environment, sys; print('requests' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_approver_and_job_page_are_read() -> None:
    job = {
        "GITHUB_SERVER_URL": "https://github.example",
        "GITHUB_REPOSITORY": "acme/books",
        "GITHUB_RUN_ID": "11",
    }
    settings = read_settings({"XEROSYNC_APPROVER": " kim ", **job})
    assert settings.approver == settings.for_sandbox("http://127.0.0.1:1").approver == "kim"
    assert settings.job == "https://github.example/acme/books/actions/runs/11"
    assert read_settings({"CI_JOB_URL": "https://gitlab.example/j"}).job.endswith("/j")
    assert read_settings({"GITHUB_RUN_ID": "11"}).job == ""


GITHUB = {
    "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/books", "GITHUB_TOKEN": SHOWN,
    "GITHUB_SHA": "a" * 40, "GITHUB_RUN_ID": "11",
}  # fmt: skip
GITLAB = {
    "GITLAB_CI": "true", "CI_API_V4_URL": "https://gitlab.example/api/v4", "CI_PROJECT_ID": "5",
    "GITLAB_TOKEN": SHOWN, "CI_COMMIT_SHA": "a" * 40,
}  # fmt: skip


@pytest.mark.parametrize(
    ("environment", "branch", "request_number"),
    [
        ({**GITHUB, "GITHUB_REF": "refs/heads/main"}, "main", 0),
        ({**GITHUB, "GITHUB_REF": "refs/heads/feature/x"}, "feature/x", 0),
        ({**GITHUB, "GITHUB_REF": "refs/pull/7/merge"}, "", 7),
        ({**GITHUB, "GITHUB_REF": "refs/tags/main"}, "", 0),
        ({**GITHUB, "GITHUB_REF": "refs/pull/7x/merge"}, "", 0),
        ({**GITLAB, "CI_COMMIT_BRANCH": "main"}, "main", 0),
        ({**GITLAB, "CI_MERGE_REQUEST_IID": "7"}, "", 7),
        ({**GITLAB, "CI_MERGE_REQUEST_IID": "7/../8"}, "", 0),
    ],
)
def test_a_job_knows_its_branch_or_pull_request(
    environment: dict[str, str], branch: str, request_number: int
) -> None:
    job = job_from_environment(environment)
    assert (job.branch, job.request, job.commit) == (branch, request_number, "a" * 40)
    assert job.host is (Host.GITHUB if "GITHUB_REF" in environment else Host.GITLAB)
    assert SHOWN not in repr(job)


def test_an_invalid_commit_is_ignored() -> None:
    assert job_from_environment({**GITHUB, "GITHUB_SHA": "../../other"}).commit == ""


def test_a_job_names_the_variables_that_give_access_to_xero() -> None:
    """A fork's job that has one is refused; a command is one, as it can fetch a token."""
    job = job_from_environment(
        {
            "GITLAB_CI": "true",
            "CI_PROJECT_ID": "7",
            "CI_API_V4_URL": "https://gitlab.example/api/v4",
            "XERO_CLIENT_ID": "not a secret",
            "XERO_CLIENT_SECRET": " ",
            "XERO_TOKEN_COMMAND": "vault read",
            "XERO_TOKEN_COMMAND_ACME": "vault read",
            "XERO_ACCESS_TOKEN_ACME": "token",
        }
    )
    assert job.holds == ("XERO_ACCESS_TOKEN_ACME", "XERO_TOKEN_COMMAND", "XERO_TOKEN_COMMAND_ACME")


def test_outside_a_ci_job_there_is_no_job() -> None:
    assert job_from_environment({"CI": "true"}) == Job()


@pytest.mark.parametrize("service", ["api", "identity", "login"])
def test_the_hint_for_an_address_is_the_address_of_the_same_service(service: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_settings({f"XEROSYNC_{service.upper()}_URL": "no address"})
    assert f"Write it like https://{service}.xero.com," in caught.value.hint


@pytest.mark.parametrize(
    "url",
    [
        "https://\udcff", "https://a..b", "https://exa mple", "https://%00", "https://" + "a" * 64,
        "https://\uff41", "https://.a", "https://-", "https://a/\udcff", "https://[zz]",
    ],
)  # fmt: skip
def test_an_address_without_a_possible_host_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="XEROSYNC_API_URL is not a valid web address"):
        read_settings({"XEROSYNC_API_URL": url})


@pytest.mark.parametrize(
    "url", ["https://proxy_1.local:8443/xero", "https://[2001:db8::1]", "https://10.0.0.1"]
)
def test_any_possible_host_is_accepted(url: str) -> None:
    assert read_settings({"XEROSYNC_API_URL": url}).api_url == url


texts = st.text(max_size=30) | st.sampled_from(
    ["\udcff", "https://\udcff", "https://[", "http://127.0.0.1:x", "9" * 5000, "a\r\nb", "\u202e"]
)


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "XERO_ACCESS_TOKEN", "XERO_CLIENT_ID", "XERO_CLIENT_SECRET", "XERO_TENANT_ID",
                "XERO_TOKEN_COMMAND", "XERO_PROFILE", "XEROSYNC_API_URL", "XEROSYNC_IDENTITY_URL",
                "XEROSYNC_APPROVER",
                "GITHUB_SHA", "GITHUB_ACTOR", "USER", "CI_JOB_URL", "GITHUB_ACTIONS", "CI",
                "GITHUB_REPOSITORY", "GITHUB_REF", "GITHUB_RUN_ATTEMPT", "GITHUB_EVENT_PATH",
                "GITHUB_EVENT_NAME", "GITLAB_CI", "CI_PROJECT_ID", "CI_MERGE_REQUEST_IID",
                "CI_API_V4_URL",
            ]
        ),
        texts,
    )
)  # fmt: skip
def test_any_environment_is_read_or_refused(environment: dict[str, str]) -> None:
    with suppress(UsageError):
        found = read_settings(environment)
        for text in (found.actor, found.approver, found.commit, found.job, found.profile):
            assert text.encode() is not None
    with suppress(UsageError):
        job_from_environment(environment)


def test_the_profile_of_a_file_gives_way_to_the_option_and_to_the_sandbox(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XERO_CLIENT_ID_ACME", "of-file")
    plain = Settings(client_id="plain")
    assert settings_of_file(plain, "acme", option="").client_id == "of-file"
    assert settings_of_file(plain, "acme", option="other") is plain
    assert settings_of_file(plain, "", option="") is plain
    sandbox = plain.for_sandbox("http://127.0.0.1:1")
    assert settings_of_file(sandbox, "acme", option="") is sandbox
