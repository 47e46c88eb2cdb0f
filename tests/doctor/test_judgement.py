"""How the doctor judges what the other tests cannot bring about, and how it shows the result."""

from __future__ import annotations

import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from xerosync.cli.doctor import machine
from xerosync.doctor import connections_to_xero, installation, signed_in
from xerosync.doctor.connections_to_xero import Reached, Service
from xerosync.doctor.diagnosis import Check, CheckSection, Diagnosis, Level, Subject
from xerosync.doctor.installation import Machine, Packages, Screen
from xerosync.doctor.signed_in import StoredFile
from xerosync.environment import profile_key
from xerosync.errors import UsageError
from xerosync.model import Organisation
from xerosync.network.no_reply import NoReply, Stage
from xerosync.render.doctor.text import section_text, summary

ROOT = Path(__file__).parent.parent.parent
HERE = Machine("1.0", (3, 11, 9), "CPython", "Linux", "6.1", "x86_64", "OpenSSL 3")
SUBJECT = Subject("thing", "Thing")


def test_the_packages_that_are_checked_are_those_that_the_project_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = {one.split(">")[0] for one in project["dependencies"]}
    assert set(machine.NEEDED) == needed
    assert project["requires-python"] == ">=" + ".".join(map(str, installation.OLDEST_PYTHON))
    extras = project["optional-dependencies"].values()
    assert set(machine.EXTRAS) == {one.split(">")[0] for extra in extras for one in extra}


def test_every_package_of_this_installation_can_be_imported() -> None:
    found = machine.packages()
    assert installation.check_packages(found).level is Level.OK
    assert found.versions["requests"]


def test_a_package_that_is_missing_or_broken_fails_and_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    found = machine.packages({"pyyaml": "yaml", "no-such-package": "nothing", "rich": "rich"})
    assert found.missing == ("no-such-package",)
    assert found.broken == {"pyyaml": "ModuleNotFoundError"}
    checked = installation.check_packages(found)
    assert checked.level is Level.FAIL
    assert checked.message == (
        "no-such-package is not installed; pyyaml cannot be imported (ModuleNotFoundError)."
    )
    assert "pipx" in checked.hint


def test_a_python_that_is_too_old_fails() -> None:
    assert installation.check_version(HERE).level is Level.OK
    old = Machine("1.0", (3, 10, 4), "CPython", "Linux", "6.1", "x86_64", "OpenSSL 3")
    checked = installation.check_version(old)
    assert (checked.level, checked.facts["python"]) == (Level.FAIL, "3.10.4")


@pytest.mark.parametrize(
    ("screen", "level"),
    [
        (Screen("utf-8", 120, screen=True, colours=True), Level.OK),
        (Screen("UTF-8", 60, screen=False, colours=False), Level.OK),
        (Screen("utf-8", 60, screen=True, colours=True), Level.WARN),
        (Screen("ascii", 120, screen=True, colours=True), Level.WARN),
        (Screen("cp1252", 120, screen=False, colours=False), Level.WARN),
    ],
)
def test_a_terminal_that_is_narrow_or_lacks_letters_is_a_warning(
    screen: Screen, level: Level
) -> None:
    assert installation.check_terminal(screen).level is level


def test_without_optional_packages_nothing_is_missed() -> None:
    assert installation.check_packages(Packages({"rich": "15"})).message == (
        "all that xerosync needs"
    )


@pytest.mark.parametrize("detail", ["certificate has expired", "certificate is not yet valid"])
def test_a_certificate_out_of_date_points_to_the_clock_first(detail: str) -> None:
    result = NoReply("Not trusted.", untouched=True, stage=Stage.TLS, detail=detail)
    reached = Reached(Service.API, "api.xero.com", True, False, result)  # noqa: FBT003
    checked = connections_to_xero.check_reach(reached)
    assert checked.hint.startswith("Check this machine's date and time first.")
    assert checked.message == f"TLS: Not trusted ({detail})."


def test_tls_details_of_a_private_address_are_not_among_the_facts() -> None:
    """It may name the host."""
    detail = "not valid for 'xero.acme.internal'"
    result = NoReply("Not trusted.", untouched=True, stage=Stage.TLS, detail=detail)
    reached = Reached(Service.API, "xero.acme.internal", False, True, result)  # noqa: FBT003
    checked = connections_to_xero.check_reach(reached)
    assert checked.private
    assert "acme" not in str(checked.facts)


def test_many_organisations_are_not_all_listed() -> None:
    many = [Organisation(f"t-{n}", f"Client {n}") for n in range(200)]
    checked = signed_in.check_connected(many)
    assert checked.message.endswith("Client 9 and 190 more")
    assert checked.facts == {"count": 200}


def test_a_sign_in_in_the_keyring_shows_no_file() -> None:
    found = StoredFile("/x", exists=True, keyring=True, lapses=datetime(2026, 12, 1, tzinfo=UTC))
    checked = signed_in.check_stored(found, datetime(2026, 11, 30, tzinfo=UTC), "", used=True)
    assert checked.message == (
        "in the system's keyring; it ends on 1 December 2026 if not used before"
    )


def test_a_stored_sign_in_that_was_not_used_for_too_long_is_a_warning() -> None:
    ends = datetime(2026, 12, 1, tzinfo=UTC)
    found = StoredFile("/x", exists=True, lapses=ends)
    checked = signed_in.check_stored(found, ends, "xerosync auth login --profile acme", used=True)
    assert checked.level is Level.WARN
    assert checked.hint == "Sign in again: `xerosync auth login --profile acme`."


def test_a_token_that_says_that_it_has_expired_is_a_warning() -> None:
    """Only a warning: this clock may be wrong, and Xero decides."""
    ends = datetime(2026, 12, 1, 9, tzinfo=UTC)
    assert signed_in.check_sign_in(ends, datetime(2026, 12, 1, 8, tzinfo=UTC)).level is Level.OK
    checked = signed_in.check_sign_in(ends, datetime(2026, 12, 1, 10, tzinfo=UTC))
    assert checked.level is Level.WARN
    assert "1 December 2026 at 09:00 UTC" in checked.message


def test_an_answer_without_the_number_of_calls_is_a_warning() -> None:
    assert signed_in.check_calls(None).level is Level.WARN


class TestText:
    """The lines that people read."""

    section = CheckSection(
        "part",
        "Part",
        (
            SUBJECT.ok("as it should be"),
            SUBJECT.warn("A sentence with quite some words in it. " * 4, "A way out. " * 9),
            SUBJECT.fail("A\x1b[31m name\u202e of ::error::strangers.", "Do `this`."),
            SUBJECT.not_checked("of the one above."),
        ),
    )

    @pytest.mark.parametrize("width", [80, 120])
    def test_text_is_wrapped_below_its_label(self, width: int) -> None:
        lines = section_text(self.section, width).plain.splitlines()
        assert max(map(len, lines)) <= width
        assert lines[0] == "Part"
        assert lines[1] == "  ok    Thing             as it should be"
        assert lines[2].startswith("  warn  Thing             A sentence")
        assert all(line.startswith(" " * 26) for line in lines[3:5])

    def test_text_in_a_pipe_has_a_line_for_each_sentence(self) -> None:
        lines = section_text(self.section, None).plain.splitlines()
        assert len(lines) == 1 + 1 + 2 + 2 + 1
        assert lines[-1] == "  -     Thing             not checked: of the one above."

    def test_names_in_text_are_escaped(self) -> None:
        text = section_text(self.section, None).plain
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "::error" not in text

    def test_the_text_ends_with_a_summary(self) -> None:
        assert summary(Diagnosis((self.section,))) == "1 failed, 1 warning, 1 ok, 1 not checked."

    def test_text_can_be_understood_without_colour(self) -> None:
        signs = {line[2:6] for line in section_text(self.section, None).plain.splitlines()[1:]}
        assert {"ok  ", "warn", "fail", "-   "} <= signs


def test_a_check_knows_where_an_error_came_from() -> None:

    with pytest.raises(UsageError) as caught:
        profile_key("!!")
    checked: Check = SUBJECT.error(caught.value)
    assert checked.private
    assert checked.facts["error"] == "UsageError"
    assert str(checked.facts["at"]).startswith("environment.py:")
