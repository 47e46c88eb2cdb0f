"""`xerosync show`: a saved plan, as it was when it was saved; asks Xero nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xerosync.cli import options
from xerosync.cli.options import PlanFormat


def command(
    plan: Annotated[Path, typer.Argument(metavar="PLAN.json", help="What `plan --out` wrote.")],
    format: options.PlanOutputFormat = PlanFormat.TEXT,  # noqa: A002 the option is called so
    brief: options.Brief = False,
    only: options.Only = [],  # noqa: B006 typer copies it
    verbose: options.Verbose = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> None:
    """Show a saved plan. Reads the file alone, and asks Xero nothing."""
    from xerosync.cli.files import read_text
    from xerosync.cli.report import Report, view_of
    from xerosync.cli.session import open_session
    from xerosync.document import loads

    view = view_of(format, brief=brief, only=only, verbose=verbose)
    with open_session(sandbox=False, no_color=no_color, debug=debug) as session:
        text = read_text(plan)
        report = Report.of_saved(text, loads(text, str(plan)))
        report.show(session.terminal, format, view, brief=brief)
