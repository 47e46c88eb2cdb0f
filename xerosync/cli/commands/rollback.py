"""`xerosync rollback`: a journal of a run, and the plan that undoes it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from xerosync.cli import options
from xerosync.cli.options import Format


def command(
    result: Annotated[
        Path, typer.Argument(metavar="RESULT", help="The journal of a run, from .xerosync/runs/.")
    ],
    sandbox: options.UseSandbox = False,
    profile: options.Profile = "",
    format: options.OutputFormat = Format.TEXT,  # noqa: A002 the option is called so
    out: options.Out = None,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> None:
    """Plan how to undo a run. Changes nothing: save the plan with --out, review and apply it."""
    from xerosync.cli.files import write_whole
    from xerosync.cli.session import open_session
    from xerosync.history import runs
    from xerosync.history.rollback import explain, undo
    from xerosync.model import OrganisationPin
    from xerosync.plan.build import build
    from xerosync.render.plan.json import plans_as_json

    with open_session(sandbox=sandbox, no_color=no_color, debug=debug, profile=profile) as session:
        terminal, plans = session.terminal, []
        for run in reversed(runs.read(result)):
            pin = OrganisationPin(tenant_id=run.tenant_id)
            with session.ledger(pin, read_only=True) as ledger:
                current = ledger.chart()
            undoing = undo(run, str(result), current.accounts)
            plans.append(explain(build(current, undoing), run))
        document = plans_as_json(plans, datetime.now(UTC))
        if out:
            write_whole(out, document)
        if format is Format.JSON:
            terminal.data(document)
        else:
            for plan in plans:
                terminal.show(plan)
        if any(plan.steps for plan in plans):
            how = session.to_apply(out) if out else "add --out PLAN.json, then apply it"
            terminal.say(f"Nothing was changed. To undo the run: {how}.")
