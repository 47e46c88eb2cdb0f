"""`xerosync show`: a saved plan, as it was when it was saved; asks Xero nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xerosync.cli import options
from xerosync.cli.options import Format


def command(
    plan: Annotated[Path, typer.Argument(metavar="PLAN.json", help="What `plan --out` wrote.")],
    format: options.OutputFormat = Format.TEXT,  # noqa: A002 the option is called so
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> None:
    """Show a saved plan. Reads the file alone, and asks Xero nothing."""
    from xerosync.cli.files import read_text
    from xerosync.cli.session import open_session
    from xerosync.document import loads

    with open_session(sandbox=False, no_color=no_color, debug=debug) as session:
        text = read_text(plan)
        plans = loads(text, str(plan))
        if format is Format.JSON:
            session.terminal.data(text)
            return
        for saved in plans:
            session.terminal.show(saved)
