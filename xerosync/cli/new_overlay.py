"""`xerosync init --extends`: create a file that takes its accounts from standards."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path

from xerosync.chartfile.edit.first_file import new_overlay, relative_paths
from xerosync.chartfile.load import kind_of, parse
from xerosync.cli.options import pin_of_organisation
from xerosync.cli.session import Session, load_chart
from xerosync.errors import UsageError
from xerosync.files import make_folder_of, write_whole
from xerosync.organisations.standards.documents import Kind
from xerosync.plan.build import build
from xerosync.workspace import DEFAULT_FILE, command_line


def check_overlay(file: Path, extends: Sequence[Path], *, from_csv: bool, ci: bool) -> None:
    """Raise `UsageError` unless `--extends` names only standards and the other options fit it."""
    if file == Path(DEFAULT_FILE) or file.is_dir():
        raise UsageError(
            "--extends needs --file with the file to create, which cannot be "
            f"{DEFAULT_FILE} or a folder.",
            "For example: `--file clients/acme.yaml`.",
        )
    if from_csv:
        raise UsageError(
            "--extends cannot be used with a CSV, which names no organisation.",
            "Use --from xero or --from sandbox, and leave --csv out.",
        )
    if ci:
        raise UsageError(
            "--ci cannot be used with --extends: the workflows are for the folder of all files.",
            f"Afterwards, run `xerosync init --file {shlex.quote(str(file.parent))}`.",
        )
    for parent in extends:
        if not os.path.lexists(parent):
            raise UsageError(f"There is no file {parent}.", "--extends takes a standard's file.")
        if kind_of(str(parent)) is not Kind.STANDARD:
            raise UsageError(
                f"{parent} is not a standard, so no file can extend it.",
                "Name a file with `standard:`. `pull --standard` makes one from existing books.",
            )


def create_overlay(
    session: Session, file: Path, organisation: str, extends: Sequence[Path]
) -> None:
    """Create a valid file that extends standards, for one organisation, and show its plan.

    If the file exists, only say how to update it.
    """
    say, pull = session.terminal.say, command_line("pull", file)
    if os.path.lexists(file):
        say(f"{file} already exists and was left unchanged. To update it: {pull}")
        return
    with session.ledger(pin_of_organisation(organisation), read_only=True) as ledger:
        chart = ledger.chart()
    text = new_overlay(chart.organisation, relative_paths(extends, file))
    parse(text, str(file), lint=False)
    make_folder_of(file)
    write_whole(file, text)
    say(f"{file}: created.")
    plan = build(chart, load_chart(file, say))
    session.terminal.show(plan)
    if not plan.changes and not plan.blocked:
        say("Done. These books already are as the standard asks.")
        return
    apply = f"apply the plan with `{command_line('apply', file)}`"
    say(
        "Done. The plan shows what the standard would change in these books. Next: to keep what "
        f"they have, run `{pull}`, which writes differences as overrides (if allowed), with reasons"
        f" to fill in; or {'resolve what is blocked, as the plan says' if plan.blocked else apply}."
    )
