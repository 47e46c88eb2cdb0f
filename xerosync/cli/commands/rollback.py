"""`xerosync rollback`: plan how to undo a run, from its journal."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xerosync.cli import options
from xerosync.cli.options import Format, PlanFormat

if TYPE_CHECKING:
    from xerosync.history.runs import Run
    from xerosync.plan.plan import Plan


def command(
    result: Annotated[
        Path,
        typer.Argument(
            metavar="JOURNAL",
            help="The journal of a run, from .xerosync/runs/, or the file or folder of "
            "`apply --result`.",
        ),
    ],
    sandbox: options.UseSandbox = False,
    profile: options.Profile = "",
    format: options.OutputFormat = Format.TEXT,  # noqa: A002 the option is called so
    out: options.Out = None,
    no_usage: options.NoUsage = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> None:
    """Plan how to undo a run. Changes nothing: save the plan with --out, review and apply it."""
    from xerosync.cli.report import PlanReport
    from xerosync.cli.session import open_session
    from xerosync.desired import OrganisationPin
    from xerosync.history import runs
    from xerosync.history.folder import recent_runs
    from xerosync.history.rollback import add_later_edits, to_undo, undo
    from xerosync.organisations.reach_limit import caution
    from xerosync.organisations.run import failure_of, work_in_turn
    from xerosync.plan.build import build_reading
    from xerosync.render.plan.terminal_view import ViewOptions
    from xerosync.workspace import RUNS, command_on
    from xerosync.xero.auth.scopes import ALL_USAGE_SCOPES

    with open_session(sandbox=sandbox, no_color=no_color, debug=debug, profile=profile) as session:

        def plan_undo(run: Run) -> Plan:
            pin = OrganisationPin(tenant_id=run.tenant_id)
            also = () if no_usage else ALL_USAGE_SCOPES
            with session.ledger(pin, read_only=True, profile=run.profile, also=also) as ledger:
                current = ledger.chart()
                undoing = undo(run, current.accounts)
                read = None if no_usage else partial(ledger.usage, current.accounts)
                plan = build_reading(current, undoing, read)
            known = recent_runs(RUNS, run.tenant_id, session.terminal.say)
            return add_later_edits(plan, run, known)

        undone = to_undo(runs.read(result), result)
        plans, failed = work_in_turn(
            undone, plan_undo, lambda run: (run.journal, run.organisation.name)
        )
        report = PlanReport(plans, datetime.now(UTC), failed)
        report.save({PlanFormat.JSON: out})
        report.show(session.terminal, PlanFormat(format), ViewOptions(), brief=False)
        if any(plan.steps for plan in plans):
            again = "repeat this command with --out PLAN.json, then apply that plan."
            how = f"To undo the run: {command_on('apply', out) if out else again}"
            session.terminal.say(f"Nothing was changed. {caution(plans, failed)}{how}")
        if failed:
            raise failure_of(failed, len(plans))
