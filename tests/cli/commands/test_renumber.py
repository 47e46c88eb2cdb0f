"""`xerosync renumber`: what it prints and writes, its exit status, and the plan that follows."""

from __future__ import annotations

import errno
import json
import re
import signal
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from command_line import Xerosync

from xerosync.chartfile.edit.file_set import replace_all
from xerosync.cli.signals import deferred
from xerosync.workspace import lock_renumbering

STANDARD = """\
version: 1
standard: {name: Rimu}
accounts:
  - {code: "404", name: Bank Charges, type: EXPENSE}
  - {code: "408", name: Cleaning, type: EXPENSE}
"""
OVERLAY = """\
version: 1
extends: ../standard.yaml
organisation: {name: Acme}
overrides:
  - {standard: "404", name: Merchant Fees, reason: Covenant}
"""


@pytest.fixture
def practice(project: Path) -> Path:
    (project / ".git").mkdir()
    (project / "clients").mkdir()
    (project / "standard.yaml").write_text(STANDARD, "utf-8")
    (project / "clients" / "acme.yaml").write_text(OVERLAY, "utf-8")
    (project / "codes.csv").write_text("old,new\n404,414\n", "utf-8")
    return project


def test_after_a_range_and_a_map_a_plan_only_renumbers_and_then_is_empty(
    xerosync: Xerosync, project: Path
) -> None:
    assert xerosync("pull", "--sandbox").code == 0
    (project / "codes.csv").write_text("old,new\n200,260\n260,200\n310,311\n", "utf-8")
    done = xerosync("renumber", "codes.csv", "--range", "6xx=56xx")
    assert done.code == 0, done.err
    assert "Next: sort the accounts with `xerosync fmt accounts" in done.err
    plan = xerosync("plan", "--sandbox", "--format", "json")
    (one,) = json.loads(plan.out)["plans"]
    changes = one["changes"]
    assert {change["action"] for change in changes} == {"update"}
    assert {field["field"] for change in changes for field in change["fields"]} == {"code"}
    codes = {change["fields"][0]["before"]: change["fields"][0]["after"] for change in changes}
    assert codes["200"] == "260"
    assert codes["260"] == "200"
    assert codes["630"] == "5630"
    assert one["summary"]["blocked"] == 0
    applied = xerosync("apply", "--sandbox", "--yes", "--allow", "change_percent=100")
    assert applied.code == 0, applied.err
    assert xerosync("plan", "--sandbox", "--detailed-exitcode").code == 0


@pytest.mark.usefixtures("practice")
@pytest.mark.parametrize(("encoding", "arrow"), [("utf-8", "→"), ("cp1252", "->")])
def test_the_arrow_is_one_that_the_terminal_can_show(
    monkeypatch: pytest.MonkeyPatch, encoding: str, arrow: str
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    command = [
        sys.executable,
        "-m",
        "xerosync",
        "renumber",
        "codes.csv",
        "standard.yaml",
        "clients",
    ]
    done = subprocess.run(command, capture_output=True, encoding=encoding, check=True)
    assert f"standard.yaml: 404 Bank Charges {arrow} 414" in done.stderr


def test_check_shows_the_difference_and_writes_nothing(xerosync: Xerosync, practice: Path) -> None:
    checked = xerosync("renumber", "codes.csv", "standard.yaml", "clients", "--check")
    assert checked.code == 3
    assert (
        '+  - {code: "414", name: Bank Charges, type: EXPENSE, previously: ["404"]}' in checked.out
    )
    assert "standard.yaml: 404 Bank Charges → 414" in checked.err
    assert "1 account would be renumbered in 2 files. Nothing was written." in checked.err
    assert (practice / "standard.yaml").read_text("utf-8") == STANDARD


def test_a_standard_and_the_files_that_extend_it_are_renumbered_together(
    xerosync: Xerosync, practice: Path
) -> None:
    alone = xerosync("renumber", "codes.csv", "standard.yaml")
    assert alone.code == 5
    assert "clients/acme.yaml:5:16: error[former-code]" in alone.err
    assert "xerosync renumber codes.csv standard.yaml clients/acme.yaml" in alone.err.replace(
        "\n", " "
    )
    assert (practice / "standard.yaml").read_text("utf-8") == STANDARD
    together = xerosync("renumber", "codes.csv", "-f", "standard.yaml", "-f", "clients")
    assert together.code == 0, together.err
    assert 'standard: "414"' in (practice / "clients" / "acme.yaml").read_text("utf-8")
    assert xerosync("validate", "standard.yaml", "clients").code == 0
    again = xerosync("renumber", "codes.csv", "standard.yaml", "clients")
    assert again.code == 0
    assert "already" in again.err


def test_after_a_standard_the_next_command_plans_every_chart_that_was_given(
    xerosync: Xerosync, practice: Path
) -> None:
    """A chart that overrides nothing is renumbered by its standard, although it stays as it is."""
    for name in ("inert", "own"):
        text = OVERLAY.partition("overrides")[0].replace("Acme", name)
        (practice / "clients" / f"{name}.yaml").write_text(text, "utf-8")
    (practice / "codes.csv").write_text("404,405\n", "utf-8")
    done = xerosync("renumber", "codes.csv", "standard.yaml", "clients")
    others = "; plan also any other file that extends a renumbered standard.\n"
    assert done.err.endswith(f"Next: `xerosync plan clients`{others}")
    (practice / "codes.csv").write_text("408,409\n", "utf-8")
    (practice / "standards").mkdir()
    (practice / "standards" / "base.yaml").write_text(STANDARD, "utf-8")
    for given in ("standard.yaml", "standards"):
        done = xerosync("renumber", "codes.csv", given)
        assert done.err.endswith("Next: plan the files that extend a renumbered standard.\n")


def test_after_a_renumbering_that_mixes_up_the_order_fmt_sorts_the_accounts(
    xerosync: Xerosync, practice: Path
) -> None:
    done = xerosync("renumber", "codes.csv", "standard.yaml", "clients")
    assert done.err.endswith(
        "Next: sort the accounts with `xerosync fmt standard.yaml`. Then: `xerosync plan clients`; "
        "plan also any other file that extends a renumbered standard.\n"
    )


def test_after_many_files_the_next_command_names_what_was_given(
    xerosync: Xerosync, practice: Path
) -> None:
    for number in range(11):
        text = f"version: 1\norganisation: {{name: Client {number}}}\naccounts:\n"
        entry = '  - {code: "404", name: Bank Charges, type: EXPENSE}\n'
        (practice / "clients" / f"own-{number}.yaml").write_text(text + entry, "utf-8")
    (practice / "clients" / "acme.yaml").unlink()
    done = xerosync("renumber", "--range=4xx=54xx", "clients")
    assert done.err.endswith("Next: xerosync plan clients\n")


def test_a_problem_in_the_map_is_reported_with_its_line(xerosync: Xerosync, practice: Path) -> None:
    (practice / "codes.csv").write_text("404,408\n499,500\n", "utf-8")
    told = xerosync("renumber", "codes.csv", "standard.yaml")
    assert told.code == 3
    assert "codes.csv:2:1: error[unknown-code]" in told.err
    assert "standard.yaml:4:12: error[duplicate-code]" in told.err
    assert "408 Cleaning on line 5 has it" in told.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["standard.yaml"],
        ["codes.csv", "codes.csv", "standard.yaml"],
        ["codes.csv", "-"],
        ["gone.csv", "standard.yaml"],
        ["--range", "4=5", "standard.yaml"],
    ],
)
def test_wrong_arguments_are_refused(
    xerosync: Xerosync, practice: Path, arguments: list[str]
) -> None:
    assert practice
    assert xerosync("renumber", *arguments).code == 64


EDITS = {
    "standard.yaml": (STANDARD.encode(), b"changed"),
    "clients/acme.yaml": (OVERLAY.encode(), b"changed"),
}


@pytest.mark.parametrize("step", ["open", "replace"])
def test_a_signal_leaves_all_files_old_or_all_new(
    practice: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """A swap that is half done would be taken for done: overrides would name other accounts."""
    real = getattr(Path, step)

    def interrupted(path: Path, *arguments: object, **more: object) -> object:
        if path.name.startswith(".standard"):
            signal.raise_signal(signal.SIGTERM)
        return real(path, *arguments, **more)

    monkeypatch.chdir(practice)
    monkeypatch.setattr(Path, step, interrupted)
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt), deferred() as stopped:
            replace_all(EDITS, stopped)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert contents(practice) == ([STANDARD, OVERLAY] if step == "open" else ["changed"] * 2)
    assert not list(practice.rglob(".*.yaml.*"))


def contents(practice: Path) -> list[str]:
    return [(practice / name).read_text("utf-8") for name in EDITS]


def test_hostile_names_are_escaped(xerosync: Xerosync, project: Path) -> None:
    name = "Fees \\e[31m ::error::x"
    (project / "accounts.yaml").write_text(
        f'version: 1\norganisation: {{name: X}}\naccounts:\n  - {{code: "1", name: "{name}"}}\n',
        "utf-8",
    )
    (project / "c.csv").write_text("1,2\n9\x1b[31m,3\n", "utf-8")
    told = xerosync("renumber", "c.csv")
    assert "\x1b" not in told.err + told.out
    assert "::error" not in told.err + told.out


KILLED = """\
import os, signal, sys
from pathlib import Path
from xerosync.cli.app import run

method, last = sys.argv[1], int(sys.argv[2])
real, calls = getattr(Path, method), []

def killing(path, *arguments, **more):
    if ".yaml." in path.name:
        calls.append(path)
        if len(calls) > last:
            os.kill(os.getpid(), signal.SIGKILL)
    return real(path, *arguments, **more)

setattr(Path, method, killing)
sys.argv = ["xerosync", "renumber", "codes.csv", "standard.yaml", "clients"]
sys.exit(run(sys.argv[1:]))
"""


def killed(practice: Path, method: str, last: int) -> None:
    """Run a swap of two codes in two files that is killed after some calls of a method."""
    (practice / "codes.csv").write_text("old,new\n404,408\n408,404\n", "utf-8")
    command = [sys.executable, "-c", KILLED, method, str(last)]
    done = subprocess.run(command, cwd=practice, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr


def test_a_swap_that_was_killed_between_two_files_is_finished(
    xerosync: Xerosync, practice: Path
) -> None:
    """The second run neither takes the half for the whole nor swaps the codes twice."""
    killed(practice, "replace", 1)
    standard, overlay = contents(practice)
    assert (standard != STANDARD) != (overlay != OVERLAY)
    for command in ("validate", "fmt", "renumber --check codes.csv"):
        refused = xerosync(*command.split(), "standard.yaml", "clients")
        assert refused.code == 5
        assert "1 of 2 files has its new codes" in refused.err
        assert "xerosync renumber" in refused.err
    (practice / "chart.csv").write_text("*Code,*Name,*Type,*Tax Code\n", "utf-8")
    for command in ("show --merged", "export-csv -f", "import-csv chart.csv -f"):
        assert xerosync(*command.split(), "clients/acme.yaml").code == 5
    found = " ".join(xerosync("doctor", "--offline").out.split())
    assert "fail Renumber A renumber was stopped in the middle: 1 of 2 files has its" in found
    assert re.search(r"still has its old codes: \S+\.yaml Run `xerosync renumber` again", found)
    again = xerosync("renumber", "codes.csv", "standard.yaml", "clients")
    assert again.code == 0, again.err
    assert "stopped in the middle" in again.err
    assert "already" in again.err
    standard, overlay = contents(practice)
    assert 'code: "408", name: Bank Charges, type: EXPENSE, previously: ["404"]' in standard
    assert 'standard: "408", name: Merchant Fees' in overlay
    assert xerosync("validate", "standard.yaml", "clients").code == 0
    assert left_over(practice) == []


@pytest.mark.parametrize(("method", "last"), [("open", 1), ("replace", 0)])
def test_a_renumber_that_was_killed_before_the_first_file_changed_left_nothing(
    xerosync: Xerosync, practice: Path, method: str, last: int
) -> None:
    killed(practice, method, last)
    assert contents(practice) == [STANDARD, OVERLAY]
    assert xerosync("validate", "standard.yaml", "clients").code == 0
    (practice / "codes.csv").write_text("old,new\n404,414\n", "utf-8")
    other = xerosync("renumber", "codes.csv", "standard.yaml", "clients")
    assert other.code == 0, other.err
    assert "stopped" not in other.err
    assert 'code: "414"' in contents(practice)[0]
    assert left_over(practice) == []


def test_a_renumber_that_was_killed_after_the_last_file_is_done(
    xerosync: Xerosync, practice: Path
) -> None:
    killed(practice, "unlink", 0)
    done = contents(practice)
    assert xerosync("validate", "standard.yaml", "clients").code == 0
    again = xerosync("renumber", "codes.csv", "standard.yaml", "clients")
    assert "The accounts already have their new codes. Nothing was written." in again.err
    assert contents(practice) == done
    assert left_over(practice) == []


def test_a_half_done_renumber_is_not_finished_if_its_files_were_edited(
    xerosync: Xerosync, practice: Path
) -> None:
    killed(practice, "replace", 1)
    files = dict(zip(EDITS, contents(practice), strict=True))
    old = "standard.yaml" if files["standard.yaml"] == STANDARD else "clients/acme.yaml"
    (practice / old).write_text(files[old] + "# edited\n", "utf-8")
    now = contents(practice)
    for command in ("validate", "renumber codes.csv"):
        refused = xerosync(*command.split(), "standard.yaml", "clients")
        assert refused.code == 5
        assert f"- {old}" in refused.err
        assert "this file, or its hidden copy with the new codes, was changed" in refused.err
        assert "old codes" not in refused.err
    assert contents(practice) == now
    for name, text in zip(EDITS, (STANDARD, OVERLAY), strict=True):
        (practice / name).write_text(text, "utf-8")
    assert xerosync("renumber", "codes.csv", "standard.yaml", "clients").code == 0
    assert 'standard: "408"' in contents(practice)[1]
    assert left_over(practice) == []


def test_only_files_that_were_edited_since_stop_a_half_done_renumber(
    xerosync: Xerosync, practice: Path
) -> None:
    second = OVERLAY.replace("Acme", "Bright")
    (practice / "clients" / "bright.yaml").write_text(second, "utf-8")
    names = ("standard.yaml", "clients/acme.yaml", "clients/bright.yaml")
    before = dict(zip(map(Path, names), (STANDARD, OVERLAY, second), strict=True))
    killed(practice, "replace", 1)
    edited, left = (path for path, text in before.items() if path.read_text("utf-8") == text)
    edited.write_text(f"{before[edited]}# edited\n", "utf-8")
    refused = xerosync("validate")
    assert f"- {edited}" in refused.err
    assert str(left) not in refused.err
    left.unlink()
    refused = xerosync("validate")
    assert "each of these files, or its hidden copy with the new codes, was" in refused.err
    for path, text in before.items():
        path.write_text(text, "utf-8")
    assert xerosync("renumber", "codes.csv", "standard.yaml", "clients").code == 0


@pytest.mark.parametrize(
    "record",
    [
        "",
        "[]",
        "[" * 100_000,
        '{"staged": "../../x", "files": {}}',
        '{"staged": "01234567", "files": {"a.yaml": 1}}',
        '{"staged": "01234567", "files": {"a\\u0000.yaml": ["", ""]}}',
    ],
)
def test_a_record_that_xerosync_has_not_written_is_refused(
    xerosync: Xerosync, practice: Path, record: str
) -> None:
    (practice / ".xerosync").mkdir(exist_ok=True)
    (practice / ".xerosync" / "renumber.json").write_text(record, "utf-8")
    for command in ("validate", "renumber codes.csv"):
        refused = xerosync(*command.split(), "standard.yaml", "clients")
        assert refused.code == 5
        assert "is not a record that xerosync has written" in refused.err
    assert contents(practice) == [STANDARD, OVERLAY]


def test_the_advice_for_an_unreadable_record_is_not_to_remove_it(
    xerosync: Xerosync, practice: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when `.xerosync` belongs to another user; root may read everything."""

    def refused(path: Path) -> str:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr("xerosync.chartfile.edit.file_set.read_regular", refused)
    said = xerosync("validate", "standard.yaml", "clients")
    assert said.code == 5
    assert ".xerosync/renumber.json cannot be read: Permission denied." in said.err
    assert "Make .xerosync and what is in it readable." in said.err
    assert "Remove" not in said.err


def test_a_foreign_record_cannot_replace_a_file_with_a_link(
    xerosync: Xerosync, practice: Path
) -> None:
    """A stranger's repository can hold a record, and what it says was staged."""
    secret = practice.parent / f"{practice.name}-secret.txt"
    secret.write_text("secret", "utf-8")
    (practice / "clients" / ".acme.yaml.01234567").symlink_to(secret)
    digests = {
        "standard.yaml": ["", sha256(STANDARD.encode()).hexdigest()],
        "clients/acme.yaml": [sha256(one).hexdigest() for one in (OVERLAY.encode(), b"secret")],
    }
    (practice / ".xerosync").mkdir(exist_ok=True)
    record = json.dumps({"staged": "01234567", "files": digests})
    (practice / ".xerosync" / "renumber.json").write_text(record, "utf-8")
    assert xerosync("renumber", "codes.csv", "standard.yaml", "clients").code == 5
    assert not (practice / "clients" / "acme.yaml").is_symlink()
    assert contents(practice) == [STANDARD, OVERLAY]


def test_a_second_renumber_at_the_same_time_is_refused(xerosync: Xerosync, practice: Path) -> None:
    with lock_renumbering():
        refused = xerosync("renumber", "codes.csv", "standard.yaml", "clients")
    assert refused.code == 5
    assert "renumber` is already running" in refused.err
    assert contents(practice) == [STANDARD, OVERLAY]
    assert left_over(practice) == []


def left_over(practice: Path) -> list[Path]:
    return [*practice.rglob(".*.yaml.*"), *practice.rglob("*renumber.json*")]
