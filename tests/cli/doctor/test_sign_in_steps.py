"""The doctor says who signs in, what that allows, and which books the file means."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import Xerosync
from xero.auth.test_store import Login, expire

from cli.doctor.conftest import Doctor
from xerosync.doctor.diagnosis import CheckSection, Subject
from xerosync.render.doctor.text import section_text
from xerosync.sandbox import Sandbox
from xerosync.sandbox.http.rate_limits import Limits
from xerosync.xero.auth.store import state_folder

Connect = Callable[..., Sandbox]

AFTER_TOKEN = {"scopes", "organisations", "books", "calls_left"}


def named(organisation: str) -> None:
    Path("accounts.yaml").write_text(
        f'version: 1\n{organisation}accounts:\n  - {{code: "200", name: Sales}}\n', encoding="utf-8"
    )


def test_with_all_as_it_should_be_nothing_fails_and_xero_is_only_read(
    connection: Connect, doctor: Doctor
) -> None:
    server = connection()
    found = doctor()
    assert (found.code, found.failed) == (0, set())
    assert found.message("books").startswith("Demo Company (NZ), country NZ, answers")
    assert found.facts("books")["tenant_id"] == f"{server.tenant_id[:8]}…"
    assert found.facts("calls_left")["calls_left"] > 900_000
    assert found.facts("credentials") == {"method": "custom", "profile": False}
    reads = {entry.method for entry in server.requests if "/connect/token" not in entry.path}
    assert reads == {"GET"}


def test_the_labels_are_plain_words(doctor: Doctor) -> None:
    found = doctor("--offline")
    assert found.checks["pin"]["label"] == "Named in file"
    assert found.checks["books"]["label"] == "Organisation"


def test_the_sandbox_of_a_command_is_checked_like_xero(doctor: Doctor) -> None:
    found = doctor("--sandbox")
    assert (found.code, found.failed) == (0, set())
    assert found.message("token_file") == "not checked: --sandbox uses no stored sign-in."
    assert found.level("calls_left") == "ok"


def test_a_missing_sign_in_fails_with_both_ways_to_sign_in_and_the_rest_is_not_checked(
    books: Sandbox, doctor: Doctor
) -> None:
    found = doctor()
    assert found.code == 1
    assert found.failed == {"credentials"}
    assert "Nobody is signed in" in found.message("credentials")
    assert "xerosync auth login" in found.hint("credentials")
    assert "XERO_CLIENT_SECRET" in found.hint("credentials")
    for name in ("sign_in", *AFTER_TOKEN):
        assert found.level(name) == "not_checked"
        assert found.message(name).startswith("not checked: ")


@pytest.mark.parametrize(
    ("ticked", "plan", "apply", "usage", "level"),
    [
        ("accounting.settings", True, True, [], "ok"),
        ("accounting.settings.read", True, False, [], "ok"),
        ("accounting.settings accounting.contacts", True, True, ["contacts"], "ok"),
        (
            "accounting.settings.read accounting.reports.read accounting.transactions",
            True,
            False,
            ["balance", "repeating_invoices"],
            "ok",
        ),
    ],
)
def test_the_scopes_that_are_ticked_say_which_commands_they_allow(
    connection: Connect, doctor: Doctor, ticked: str, plan: object, apply: object, usage: object,
    level: str,
) -> None:  # fmt: skip
    connection(scopes=ticked)
    found = doctor()
    facts = found.facts("scopes")
    assert (facts["plan"], facts["apply"], facts["usage"]) == (plan, apply, usage)
    assert set(facts["scopes"]) == set(ticked.split())
    assert found.level("scopes") == level
    assert ("not allowed: apply" in found.message("scopes")) is (not apply)


def test_scopes_that_allow_nothing_fail(connection: Connect, doctor: Doctor) -> None:
    connection(scopes="accounting.contacts.read")
    found = doctor()
    assert found.failed == {"sign_in"}
    assert "accounting.settings.read" in found.message("sign_in")
    assert found.facts("sign_in")["error"] == "AccessDenied"
    assert found.facts("sign_in")["at"].startswith("xero/auth/client_credentials.py:")


def test_a_token_that_says_nothing_of_its_scopes_is_a_warning(
    connection: Connect, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection()
    monkeypatch.setenv("XERO_ACCESS_TOKEN", "opaque")
    found = doctor()
    assert found.level("scopes") == "warn"
    assert found.failed == {"organisations"}
    assert found.message("books") == "not checked: the organisations are not known."
    assert "rejected the access token" in found.message("organisations")


def test_a_refused_list_of_organisations_does_not_hide_the_pinned_one(
    connection: Connect, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = connection()
    named(f"organisation: {{tenant_id: {server.tenant_id}}}\n")
    monkeypatch.setattr(
        "xerosync.xero.auth.status.open_tenants",
        lambda *_: (_ for _ in ()).throw(OSError(5, "broken")),
    )
    found = doctor()
    assert found.failed == {"organisations"}
    assert (found.level("books"), found.level("calls_left")) == ("ok", "ok")


@pytest.mark.parametrize(
    ("organisation", "says"),
    [
        ('organisation: {name: "Demo Company (NZ)", country: AU}\n', "country AU in the file"),
        ("organisation: {tenant_id: 11111111-2222-3333-4444-555555555555}\n", "no access"),
    ],
)
def test_other_books_than_the_file_names_fail(
    connection: Connect, doctor: Doctor, organisation: str, says: str
) -> None:
    connection()
    named(organisation)
    found = doctor()
    assert (found.code, found.failed) == (1, {"books"})
    assert says in found.message("books")
    assert found.hint("books")


def test_a_name_that_the_sign_in_does_not_reach_fails(
    connection: Connect, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection(organisations=3, seed=1)
    for kind in ("ID", "SECRET"):
        monkeypatch.setenv(f"XERO_CLIENT_{kind}_ACME_UK", "sandbox")
    named("organisation: {name: Nobody Ltd}\nprofile: acme-uk\n")
    found = doctor()
    assert found.failed == {"books"}
    assert "Nobody Ltd is not among the organisations" in found.message("books")
    assert "`xerosync auth status --profile acme-uk` lists" in found.hint("books")
    assert found.facts("organisations")["count"] == 3


def test_with_a_file_that_names_no_organisation_the_one_that_answers_is_named(
    connection: Connect, doctor: Doctor
) -> None:
    connection()
    named("")
    found = doctor()
    assert found.failed == {"file"}
    assert found.facts("file")["rules"] == ["missing-organisation"]
    assert found.level("pin") == "warn"
    assert "Demo Company (NZ)" in found.message("books")
    assert "the file names none" in found.message("books")


def test_without_a_file_one_of_several_organisations_is_not_guessed(
    connection: Connect, doctor: Doctor
) -> None:
    connection(organisations=3, seed=1)
    Path("accounts.yaml").unlink()
    found = doctor()
    assert (found.code, found.level("file")) == (0, "warn")
    assert found.message("books") == "not checked: no readable file names one."


def test_no_calls_left_today_fails_and_few_are_a_warning(
    connection: Connect, doctor: Doctor
) -> None:
    connection(limits=Limits(minute=1000, day=1))
    assert doctor().failed == {"calls_left"}
    connection(limits=Limits(minute=1000, day=50))
    found = doctor()
    assert (found.code, found.level("calls_left")) == (0, "warn")
    assert found.message("calls_left").startswith("49")


def test_an_expired_token_of_the_environment_says_so(
    connection: Connect, doctor: Doctor, login: Login, monkeypatch: pytest.MonkeyPatch,
    no_sign_in_of_ours: Path,
) -> None:  # fmt: skip
    server = connection()
    monkeypatch.delenv("XERO_CLIENT_SECRET")
    assert login().code == 0
    token = json.loads((no_sign_in_of_ours / "sign-in.json").read_text("utf-8"))["access_token"]
    monkeypatch.setenv("XERO_ACCESS_TOKEN", token)
    server.tokens.expire(token)
    found = doctor()
    assert "XERO_ACCESS_TOKEN has expired" in found.message("organisations")
    assert found.level("sign_in") == "ok"  # the token itself says that it is still valid
    assert found.level("credentials") == "warn"
    assert "it takes precedence over the stored sign-in" in found.message("credentials")


class TestAPerson:
    """The stored sign-in of a person."""

    def test_a_stored_sign_in_is_shown_with_its_file_and_scopes(
        self, books: Sandbox, login: Login, doctor: Doctor
    ) -> None:
        assert login("--usage").code == 0
        found = doctor()
        assert (found.code, found.failed) == (0, set())
        assert found.facts("credentials")["method"] == "person"
        assert found.facts("token_file")["kept_in"] == "file"
        assert "sign-in.json" in found.message("token_file")
        assert found.facts("scopes")["apply"] is True
        assert found.facts("scopes")["usage"] == ["balance", "repeating_invoices", "contacts"]

    def test_a_person_who_signed_in_to_read_cannot_apply(
        self, books: Sandbox, login: Login, doctor: Doctor
    ) -> None:
        assert login("--read-only").code == 0
        found = doctor()
        assert (found.code, found.facts("scopes")["apply"]) == (0, False)

    @pytest.mark.skipif(os.name == "nt", reason="Windows keeps files by other means.")
    def test_a_sign_in_file_that_others_can_read_is_reported_once(
        self, books: Sandbox, login: Login, doctor: Doctor, no_sign_in_of_ours: Path
    ) -> None:
        assert login().code == 0
        (no_sign_in_of_ours / "sign-in.json").chmod(0o644)
        found = doctor("--offline")
        assert found.failed == {"token_file"}
        assert "chmod 600" in found.hint("token_file")
        assert found.message("credentials") == ("not checked: the stored sign-in cannot be used.")

    def test_a_person_whose_sign_in_was_revoked_must_sign_in_again(
        self, books: Sandbox, login: Login, doctor: Doctor, no_sign_in_of_ours: Path
    ) -> None:
        assert login().code == 0
        expire(no_sign_in_of_ours, books)
        path = no_sign_in_of_ours / "sign-in.json"
        stored = json.loads(path.read_text("utf-8")) | {"refresh_token": "revoked-one"}
        path.write_text(json.dumps(stored), encoding="utf-8")
        found = doctor()
        assert found.failed == {"sign_in"}
        assert "The sign-in has ended" in found.message("sign_in")
        assert "xerosync auth login" in found.hint("sign_in")

    def test_a_sign_in_in_a_folder_that_cannot_be_written_fails(
        self, books: Sandbox, login: Login, doctor: Doctor, monkeypatch: pytest.MonkeyPatch,
        no_sign_in_of_ours: Path,
    ) -> None:  # fmt: skip
        assert login().code == 0
        real = os.access
        monkeypatch.setattr(
            "os.access", lambda path, mode: Path(path) != no_sign_in_of_ours and real(path, mode)
        )
        found = doctor("--offline")
        assert found.failed == {"token_file"}
        assert found.facts("token_file")["writable"] is False

    def test_the_advice_for_an_unused_sign_in_names_its_profile(
        self, books: Sandbox, login: Login, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert login("--profile", "acme").code == 0
        monkeypatch.setattr("xerosync.xero.auth.sign_in.UNUSED_DAYS", -1)
        found = doctor("--offline", "--profile", "acme")
        assert found.hint("token_file") == "Sign in again: `xerosync auth login --profile acme`."

    def test_hints_name_the_profile_that_was_given(self, books: Sandbox, doctor: Doctor) -> None:
        found = doctor("--profile", "acme-uk")
        assert "xerosync auth login --profile acme-uk" in found.hint("credentials")
        assert "profile ACME_UK" in found.message("credentials")


def test_a_command_that_prints_no_token_fails_without_showing_it(
    connection: Connect, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection()
    monkeypatch.setenv("XERO_TOKEN_COMMAND", f"{sys.executable} -c print('pl4nted','secret')")
    found = doctor()
    assert found.failed == {"sign_in"}
    assert found.facts("credentials")["method"] == "command"
    assert "it takes precedence over XERO_CLIENT_SECRET" in found.message("credentials")
    assert "pl4nted" not in json.dumps(found.checks)


def test_a_command_that_is_not_text_does_not_stop_the_other_checks(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XERO_TOKEN_COMMAND", "print-token \udcff")
    found = doctor("--offline")
    assert (found.code, found.failed) == (0, set())


def test_broken_settings_hide_nothing_that_does_not_need_them(
    connection: Connect, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection()
    monkeypatch.setenv("XEROSYNC_API_URL", "http://example.com")
    found = doctor()
    assert found.failed == {"settings"}
    assert "XEROSYNC_API_URL is plain http" in found.message("settings")
    for name in ("version", "packages", "file", "pin", "journals", "proxy", "certificates", "ci"):
        assert found.level(name) == "ok", name
    for name in ("reach_api", "clock", "credentials", "calls_left"):
        assert found.message(name) == "not checked: the settings are wrong (see above)."


def test_a_sandbox_that_cannot_be_used_hides_nothing_that_does_not_need_it(
    doctor: Doctor,
) -> None:
    Path(".xerosync").write_text("a file, where the folder should be", encoding="utf-8")
    found = doctor("--sandbox")
    assert (found.code, found.failed) == (1, {"sandbox", "journals"})
    assert found.message("sandbox").startswith(".xerosync is not a folder")
    assert found.hint("sandbox").startswith("Move .xerosync elsewhere")
    for name in ("version", "settings", "file", "proxy", "certificates", "ci"):
        assert found.level(name) == "ok", name
    for name in ("reach_api", "clock", "credentials", "token_file", "calls_left"):
        assert found.message(name) == "not checked: the sandbox cannot be used (see above)."


def test_a_bug_in_one_part_hides_no_other(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ZeroDivisionError("of Kererū Quarries")

    monkeypatch.setattr("xerosync.cli.doctor.machine.packages", broken)
    found = doctor("--offline")
    assert "bug_installation" in found.failed
    assert found.facts("bug_installation")["error"] == "ZeroDivisionError"
    assert "Kererū" not in str(found.checks)
    assert (found.level("version"), found.level("file")) == ("ok", "ok")


def test_no_server_is_called_offline(connection: Connect, doctor: Doctor) -> None:
    server = connection()
    found = doctor("--offline")
    assert found.code == 0
    assert not server.requests
    assert found.level("credentials") == "ok"
    for name in ("reach_identity", "reach_api", "reach_login", "clock", "sign_in"):
        assert found.message(name) == "not checked: --offline makes no connection."


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(("--sandbox", "--offline"), "cannot be used together"), (("-f", "."), "is a folder")],
)
def test_wrong_usage_exits_with_64(
    xerosync: Xerosync, arguments: tuple[str, ...], says: str
) -> None:
    said = xerosync("doctor", *arguments)
    assert (said.code, said.out) == (64, "")
    assert says in said.err


class TestWithoutAHomeFolder:
    """A container whose user id has no name, and no HOME."""

    @pytest.fixture(autouse=True)
    def homeless(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def unknown(*_: object, **__: object) -> None:
            raise RuntimeError("Could not determine home directory.")

        monkeypatch.setattr("xerosync.xero.auth.store.state_folder", state_folder)
        monkeypatch.setattr("platformdirs.user_state_path", unknown)

    def test_a_custom_connection_needs_no_home_folder(
        self, connection: Connect, doctor: Doctor, xerosync: Xerosync
    ) -> None:
        connection()
        found = doctor()
        assert (found.code, found.failed, found.level("token_file")) == (0, set(), "ok")
        assert xerosync("plan").code in {0, 2}

    def test_a_sign_in_of_a_person_needs_a_home_folder(
        self, books: Sandbox, login: Login, doctor: Doctor
    ) -> None:
        found = doctor("--offline")
        assert found.failed == {"credentials"}
        assert found.level("token_file") == "warn"
        assert "set HOME" in found.hint("token_file")
        said = login()
        assert said.code == 4
        assert "this user has no home folder" in said.err


def test_a_folder_that_cannot_hold_a_sign_in_is_reported_before_signing_in(
    doctor: Doctor, no_sign_in_of_ours: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_sign_in_of_ours.parent.mkdir(parents=True, exist_ok=True)
    no_sign_in_of_ours.write_text("a file", encoding="utf-8")
    assert doctor("--offline").level("token_file") == "warn"
    monkeypatch.setenv("XERO_CLIENT_ID", "app")
    monkeypatch.setenv("XERO_CLIENT_SECRET", "app-secret")
    assert doctor("--offline").level("token_file") == "ok"


def test_no_label_runs_into_its_message(doctor: Doctor) -> None:
    for check in doctor("--offline").checks.values():
        (section,) = [CheckSection("s", "S", (Subject(check["id"], check["label"]).ok("said"),))]
        assert "  said" in section_text(section, 80).plain, check["label"]
