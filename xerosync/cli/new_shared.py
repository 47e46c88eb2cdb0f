"""The files of many organisations that `init` creates: a standard, or one that extends it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from xerosync.chartfile.edit.edited_text import Merged
from xerosync.chartfile.edit.first_file import new_overlay, new_standard
from xerosync.chartfile.load import kind_of, parse
from xerosync.cli.commands.pull import pin_of_option
from xerosync.cli.edited_file import command_line, report
from xerosync.cli.files import write_whole
from xerosync.cli.session import load_charts
from xerosync.errors import UsageError
from xerosync.organisations.documents import Kind
from xerosync.plan.build import build
from xerosync.workspace import DEFAULT_FILE

if TYPE_CHECKING:
    from xerosync.cli.session import Session


def check_shared(
    file: Path, *, from_csv: bool, extends: Sequence[Path], name: str, ci: bool
) -> None:
    """Raise `UsageError` for options that do not fit a standard, or a file that extends one."""
    option = "--extends" if extends else "--standard"
    if extends and name:
        raise UsageError("--extends and --standard cannot be used together.", "Leave one out.")
    if file == Path(DEFAULT_FILE) or file.is_dir():
        raise UsageError(
            f"{option} needs --file: the name of the file to create.",
            "For example: --file clients/acme.yaml, or --file standard/chart.yaml.",
        )
    if from_csv:
        raise UsageError(
            f"{option} reads from Xero: a CSV does not say which organisation it is from.",
            "Use --from xero or --from sandbox, and leave --csv out.",
        )
    if ci:
        raise UsageError(
            f"--ci is not used with {option}: the workflows are for the folder of all files.",
            f"Afterwards, run `xerosync init --file {shlex.quote(str(file.parent))}`.",
        )
    for parent in extends:
        if kind_of(str(parent)) is not Kind.STANDARD:
            raise UsageError(
                f"--extends {parent}: that is no standard.",
                "Name a file with `standard:`, or create one with `xerosync init --standard NAME`.",
            )


def create_shared(
    session: Session, file: Path, organisation: str, extends: Sequence[Path], name: str
) -> None:
    """Create a standard from an organisation, or a file that extends one, and show its plan.

    The file is valid, and an existing one stays as it is.
    """
    say = session.terminal.say
    if os.path.lexists(file):
        pull = "" if name else f" To update it: {command_line('pull', file, *session.options())}"
        say(f"{file} already exists and was left unchanged.{pull}")
        return
    with session.ledger(pin_of_option(organisation), read_only=True) as ledger:
        chart = ledger.chart()
    if name:
        made = new_standard(name, chart)
    else:
        folder = os.path.realpath(file.parent)
        parents = [Path(os.path.relpath(os.path.realpath(one), folder)) for one in extends]
        made = Merged(new_overlay(chart.organisation, [one.as_posix() for one in parents]))
    parse(made.text, str(file), lint=False)
    report(made, session.terminal)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"Cannot create {file.parent}: {error.strerror}.") from error
    write_whole(file, made.text)
    say(f"{file}: created.")
    if name:
        then = shlex.join(("xerosync", "init", "--extends", str(file), "--file"))
        say(f"Done. Next: check its accounts, and run `{then} CLIENT.yaml` for each organisation.")
        return
    (desired,) = load_charts([str(file)], say)
    session.terminal.show(build(chart, desired))
    pull = command_line("pull", file, *session.options())
    say(
        "Done. The plan is what the standard would change in these books. Next: to keep what "
        f"they have, run `{pull}`, which writes each difference as an override, with a reason to "
        f"fill in; or apply the plan with `{command_line('apply', file, *session.options())}`."
    )
