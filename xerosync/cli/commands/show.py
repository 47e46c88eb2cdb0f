"""`xerosync show`: show a saved plan or the journal of an apply, without calling Xero."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xerosync.cli import options
from xerosync.cli.options import PlanFormat


def command(
    plan: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="A plan saved by `plan --out`, or a journal written by `apply`.",
        ),
    ],
    format: options.PlanOutputFormat = PlanFormat.TEXT,  # noqa: A002 the option is called so
    brief: options.Brief = False,
    only: options.Only = [],  # noqa: B006 typer copies it
    verbose: options.Verbose = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> None:
    """Show a saved plan, or the journal of an apply. Does not call Xero."""
    from xerosync.cli.files import read_text
    from xerosync.cli.report import PlanReport, view_of
    from xerosync.cli.session import open_session
    from xerosync.history import runs
    from xerosync.plan.serialize import loads
    from xerosync.render.journal import record
    from xerosync.render.journal.html import as_html

    view = view_of(format, brief=brief, only=only, verbose=verbose)
    with open_session(sandbox=False, no_color=no_color, debug=debug) as session:
        text = read_text(plan)
        if runs.is_journal(text):
            write = {
                PlanFormat.TEXT: record.as_text,
                PlanFormat.JSON: record.as_json,
                PlanFormat.MARKDOWN: record.as_markdown,
                PlanFormat.HTML: as_html,
            }
            session.terminal.data(write[format](runs.read(plan)))
            return
        report = PlanReport.of_saved(text, loads(text, str(plan)))
        report.show(session.terminal, format, view, brief=brief)
