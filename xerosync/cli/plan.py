"""`xerosync plan`: the file, the books, and what would happen; nothing is changed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from xerosync.cli import options
from xerosync.cli.options import DEFAULT_FILES, Format
from xerosync.errors import ExitCode


def command(
    file: options.Files = DEFAULT_FILES,
    sandbox: options.UseSandbox = False,
    format: options.OutputFormat = Format.TEXT,  # noqa: A002 the option is called so
    out: options.Out = None,
    json_file: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Write the plan as JSON there too.")
    ] = None,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Leave with 2 when there are changes.")
    ] = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Show what `apply` would do to Xero. Reads only."""
    from xerosync.cli.session import load_charts, open_session
    from xerosync.plan import build

    with open_session(sandbox=sandbox, no_color=no_color, debug=debug) as session:
        plans = []
        for desired in load_charts(file, session.terminal.say):
            with session.ledger(desired.organisation, read_only=True) as ledger:
                plans.append(build(ledger.chart(), desired))
        from xerosync.cli.files import write_whole
        from xerosync.render.json import plans_as_json

        document = plans_as_json(plans, datetime.now(UTC))
        for path in filter(None, (out, json_file)):
            write_whole(path, document)
        if format is Format.JSON:
            session.terminal.data(document)
        else:
            for plan in plans:
                session.terminal.show(plan)
            if out and any(plan.steps for plan in plans):
                session.terminal.say(f"Saved. To do exactly this: xerosync apply {out}")
        changed = any(not plan.empty for plan in plans)
    return ExitCode.CHANGES if detailed_exitcode and changed else ExitCode.OK
