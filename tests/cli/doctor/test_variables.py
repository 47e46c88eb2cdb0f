"""The doctor notices variables that nothing reads, and those of a profile that is not chosen."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from command_line import Xerosync

from cli.doctor.conftest import Doctor
from xerosync.environment import misspelt_variables, profiles_with_credentials

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("XERO_CLIENTID", "XERO_CLIENT_ID"),
        ("XEROCLIENT_ID", "XERO_CLIENT_ID"),
        ("XEROSYNC_CLIENT_ID", "XERO_CLIENT_ID"),
        ("xero_client_secret", "XERO_CLIENT_SECRET"),
        ("XERO_CLIENT_SECRT", "XERO_CLIENT_SECRET"),
        ("XERO_TENANTID", "XERO_TENANT_ID"),
        ("XEROSYNC_API_URI", "XEROSYNC_API_URL"),
        ("XERO_API_URL", "XEROSYNC_API_URL"),
    ],
)
def test_a_misspelt_variable_is_a_warning_that_says_which_one_is_meant(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, name: str, meant: str
) -> None:
    monkeypatch.setenv(name, "pl4nted")
    found = doctor("--offline")
    assert found.level("settings") == "warn"
    assert f"Nothing reads {name}: is {meant} meant?" in found.message("settings")
    assert found.hint("settings") == "Correct the name, or unset it."
    assert "pl4nted" not in str(found.checks)


def test_the_correct_name_for_a_misspelt_variable_keeps_its_profile() -> None:
    said = {"XERO_CLIENT_ID_ACME": "a", "XERO_CLIENT_SECRT_ACME": "b", "XERO_CLIENTID": ""}
    assert misspelt_variables(said) == {"XERO_CLIENT_SECRT_ACME": "XERO_CLIENT_SECRET_ACME"}


def test_variables_of_the_jobs_and_of_other_programs_are_not_taken_for_misspelt_ones() -> None:
    """Those of the scripts in `ci/`, of the action and of the documents, too."""
    files = [ROOT / "action.yml", *(ROOT / "ci").rglob("*.*"), *(ROOT / "docs").glob("*.md")]
    text = "\n".join(file.read_text("utf-8") for file in files if file.is_file())
    names = set(re.findall(r"\bXERO(?:SYNC)?_[A-Z][A-Z_]*[A-Z]\b", text))
    assert {"XEROSYNC_ALLOW", "XERO_READ_CLIENT_ID", "XERO_CLIENT_ID_ACME_UK"} <= names
    others = {"XERO_REFRESH_TOKEN", "XERO_REDIRECT_URI", "XERO_WEBHOOK_KEY", "XEROX_PRINTER"}
    assert misspelt_variables(dict.fromkeys(names | others, "set")) == {}


def test_credentials_of_a_profile_that_nothing_names_are_a_warning(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XERO_CLIENT_ID_ACME_UK", "id")
    monkeypatch.setenv("XERO_CLIENT_SECRET_ACME_UK", "pl4nted")
    found = doctor("--offline")
    assert found.level("settings") == "warn"
    assert "credentials only for the profile acme-uk" in found.message("settings")
    assert "`--profile acme-uk`" in found.hint("settings")
    assert "use `--profile acme-uk`" in found.hint("credentials")
    assert "pl4nted" not in str(found.checks)
    for named in (("--profile", "Acme UK"), ("--profile", "acme_uk")):
        found = doctor("--offline", *named)
        assert (found.level("settings"), found.level("credentials")) == ("ok", "ok")
    monkeypatch.setenv("XERO_PROFILE", "acme-uk")
    assert doctor("--offline").level("settings") == "ok"


def test_the_profile_of_the_chart_file_is_named(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XERO_CLIENT_ID_NORTH", "id")
    with Path("accounts.yaml").open("a", encoding="utf-8") as file:
        file.write("profile: north\n")
    found = doctor("--offline")
    assert found.level("settings") == "ok"
    assert "another profile" not in found.hint("credentials")


def test_plain_credentials_beside_those_of_profiles_are_as_they_should_be(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XERO_CLIENT_ID", "XERO_CLIENT_SECRET", "XERO_CLIENT_ID_ACME"):
        monkeypatch.setenv(name, "set")
    assert doctor("--offline").level("settings") == "ok"


def test_a_plan_without_a_sign_in_names_the_profiles_that_have_credentials(
    xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XERO_TOKEN_COMMAND_ACME", "vault read xero")
    monkeypatch.setenv("XERO_ACCESS_TOKEN_SOUTH", "token")
    said = xerosync("plan")
    assert "use `--profile acme` or `--profile south`" in said.err
    assert "vault" not in said.err


def test_a_profile_has_a_letter_or_digit() -> None:
    assert profiles_with_credentials({"XERO_CLIENT_ID__": "x", "XERO_CLIENT_ID_A": " "}) == ()
