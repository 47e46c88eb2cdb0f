"""`xerosync --help` is short and quick, completion works, and files are named by position."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import Xerosync

from xerosync.cli.app import COMMANDS, load
from xerosync.errors import ExitCode

CHART = 'version: 1\norganisation: {name: "Demo Company (NZ)"}\naccounts: []\n'
LOADED = (
    "import sys; from xerosync.cli.app import run; run(sys.argv[1:]); "
    "print(*(name for name in sys.modules if name.startswith('xerosync.cli.commands.')))"
)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_summary_of_a_command_is_the_beginning_of_its_own_help(name: str) -> None:
    assert load(name).help.startswith(COMMANDS[name][1].removesuffix("."))


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["--help"], set()),
        (["--version"], set()),
        (["plan", "--help"], {"plan"}),
        (["validate", "--help"], {"validate"}),
        (["auth", "login", "--help"], {"auth"}),
    ],
)
def test_help_imports_only_the_command_that_it_is_for(
    arguments: list[str], wanted: set[str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments], capture_output=True, text=True, check=True
    )
    imported = done.stdout.splitlines()[-1].split()
    assert set(imported) == {f"xerosync.cli.commands.{name}" for name in wanted}


GROUPS: dict[tuple[str, ...], list[str]] = {(): list(COMMANDS)}
GROUPS |= {
    (name,): list(group.commands) for name in COMMANDS if hasattr(group := load(name), "commands")
}


@pytest.mark.parametrize("group", GROUPS)
def test_at_80_columns_no_summary_is_cut(
    xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch, group: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    listed = xerosync(*group, "--help").out.partition("Commands:")[2]
    assert all(f"  {name} " in listed for name in GROUPS[group])
    assert "..." not in listed


def test_a_misspelled_command_gets_a_suggestion(xerosync: Xerosync) -> None:
    said = xerosync("aply")
    assert said.code == ExitCode.USAGE
    assert "No such command 'aply'. Did you mean 'apply'?" in said.err


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("xerosync p", ["plan", "pull"]),
        ("xerosync plan --detail", ["--detailed-exitcode"]),
        ("xerosync auth lo", ["login", "logout"]),
    ],
)
def test_completion_knows_commands_and_their_options(typed: str, completed: list[str]) -> None:
    asked = {
        "_XEROSYNC_COMPLETE": "complete_bash",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(typed.count(" ")),
    }
    command = [sys.executable, "-m", "xerosync"]
    done = subprocess.run(
        command, env=os.environ | asked, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == completed


@pytest.mark.parametrize("command", [["plan"], ["apply", "--yes"], ["drift"], ["pull"]])
def test_a_chart_file_can_be_named_by_position(
    xerosync: Xerosync, project: Path, command: list[str]
) -> None:
    (project / "other.yml").write_text(CHART, "utf-8")
    said = xerosync(*command, "other.yml", "--sandbox")
    assert said.code == ExitCode.OK
    assert not (project / "accounts.yaml").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("plan", "a.yaml", "a.yaml"),
        ("plan", "a.yaml", "-f", "a.yaml"),
        ("apply", "a.yaml", "plan.json"),
        ("apply", "a.json", "b.json"),
    ],
)
def test_a_file_given_twice_or_beside_a_saved_plan_is_a_usage_error(
    xerosync: Xerosync, arguments: tuple[str, ...]
) -> None:
    assert xerosync(*arguments, "--sandbox").code == ExitCode.USAGE


def test_positional_files_and_the_option_are_combined(xerosync: Xerosync, project: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (project / name).write_text(CHART, "utf-8")
    said = xerosync("validate", "a.yaml", "-f", "b.yaml")
    assert "2 files" in said.err
