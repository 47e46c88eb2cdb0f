"""`xerosync show`: a saved plan, or the journal of an apply, from its file; asks Xero nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xerosync.cli import options
from xerosync.cli.options import PlanFormat

if TYPE_CHECKING:
    from xerosync.history.runs import Run


def command(
    plan: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="A plan that `plan --out` wrote, or a journal that `apply` wrote.",
        ),
    ],
    format: options.PlanOutputFormat = PlanFormat.TEXT,  # noqa: A002 the option is called so
    brief: options.Brief = False,
    only: options.Only = [],  # noqa: B006 typer copies it
    verbose: options.Verbose = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> None:
    """Show a saved plan, or the record of an apply. Reads the file alone, and asks Xero nothing."""
    from xerosync.cli.files import read_text
    from xerosync.cli.report import PlanReport, view_of
    from xerosync.cli.session import open_session
    from xerosync.history import runs
    from xerosync.plan.serialize import loads

    view = view_of(format, brief=brief, only=only, verbose=verbose)
    with open_session(sandbox=False, no_color=no_color, debug=debug) as session:
        text = read_text(plan)
        if runs.is_journal(text):
            session.terminal.data(_record(runs.read(plan), format))
            return
        report = PlanReport.of_saved(text, loads(text, str(plan)))
        report.show(session.terminal, format, view, brief=brief)


def _record(found: Sequence[Run], format: PlanFormat) -> str:  # noqa: A002 as the option is called
    """Give the record of an apply in a format."""
    from xerosync.render.journal import record
    from xerosync.render.journal.html import as_html

    write = {
        PlanFormat.TEXT: record.as_text,
        PlanFormat.JSON: record.as_json,
        PlanFormat.MARKDOWN: record.as_markdown,
        PlanFormat.HTML: as_html,
    }
    return write[format](found)
