"""Edit a chart file: read it, show the difference, and save it whole."""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence
from pathlib import Path

from xerosync.chartfile.edit.edited_text import Merged
from xerosync.chartfile.edit.file_set import check_unchanged, refuse_half_done
from xerosync.chartfile.load import parse_chart
from xerosync.chartfile.syntax.source import read
from xerosync.cli.options import pin_of_organisation
from xerosync.cli.terminal import Terminal
from xerosync.desired import DesiredChart
from xerosync.errors import UsageError
from xerosync.files import make_folder_of, write_whole
from xerosync.plan.organisation import check_asked
from xerosync.text import counted, visible


def refuse_standard_input(file: str | Path) -> None:
    """Raise `UsageError` if a command that edits or creates chart files was given `-`."""
    if str(file) == "-":
        raise UsageError("This command needs a file: it cannot be standard input.", "Name a file.")


def read_chart(path: Path, organisation: str = "") -> tuple[bytes, DesiredChart | None]:
    """Read a chart file before editing it; return its bytes and its chart.

    The chart is None if the file is blank or does not exist. `save` needs the bytes, to notice if
    someone else changes the file. `organisation` is the name or tenant id from an option, or "".

    Raises `ChartError` for an invalid file, and `Refused` if a renumbering is half done. Raises
    `UsageError` for a standard, for standard input, or if the file names another organisation.
    """
    refuse_standard_input(path)
    refuse_half_done()
    if not os.path.lexists(path):
        return b"", None
    before = read(str(path))
    if not before.strip():
        return before, None
    desired = parse_chart(before, str(path), lint=False).chart
    check_asked(desired.organisation, pin_of_organisation(organisation), str(path))
    return before, desired


def report(result: Merged, terminal: Terminal) -> None:
    """Print what was edited, kept or not written, and how many overrides need a reason."""
    for sentence in (*result.edited, *result.kept):
        terminal.say(sentence)
    for sentence in result.warnings:
        terminal.say(f"Warning: {sentence}", "yellow")
    if result.unexplained:
        terminal.say(
            f"{counted(len(result.unexplained), 'override')} without a reason. A file cannot be"
            " planned until every override in it says why these books differ from the standard.",
            "yellow",
        )


def save(
    path: Path, before: bytes, after: str, terminal: Terminal, *, check: bool, next_step: str
) -> bool:
    """Write the new text to the file; if `check`, only write the difference to stdout.

    Return whether the new text differs from the old one. Raises `Refused` if someone else changed
    the file after it was read, and `UsageError` if it cannot be written.
    """
    if after.encode() == before and os.path.lexists(path):
        terminal.say(f"{path} is up to date.")
        return False
    if check:
        terminal.data(difference_of(before, after, str(path)))
        terminal.say(f"{path} would be {'updated' if before else 'created'}. Nothing was written.")
        return True
    check_unchanged(path, before)
    make_folder_of(path)
    write_whole(path, after)
    terminal.say(f"{path}: {'updated' if before.strip() else 'created'}. Next: {next_step}")
    return True


def difference_of(before: bytes, after: str, file: str) -> str:
    """Return a unified diff, safe to print, of two texts of a file. Line ends do not count."""
    return difference(before.decode("utf-8").splitlines(), after.splitlines(), file, file)


def difference(before: Sequence[str], after: Sequence[str], old_name: str, new_name: str) -> str:
    """Return a unified diff, safe to print, of lines of text."""
    lines = difflib.unified_diff(before, after, old_name, new_name, lineterm="")
    return "".join(visible(line) + "\n" for line in lines)
