"""`xerosync plan`: the file, the books, and what would happen; nothing is changed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from xerosync.cli import options
from xerosync.cli.options import DEFAULT_FILES, PlanFormat
from xerosync.errors import ExitCode


def command(
    file: options.Files = DEFAULT_FILES,
    sandbox: options.UseSandbox = False,
    profile: options.Profile = "",
    current: options.Current = None,
    format: options.PlanOutputFormat = PlanFormat.TEXT,  # noqa: A002 the option is called so
    out: options.Out = None,
    json_file: options.JsonFile = None,
    markdown_file: options.MarkdownFile = None,
    html_file: options.HtmlFile = None,
    brief: options.Brief = False,
    only: options.Only = [],  # noqa: B006 typer copies it
    verbose: options.Verbose = False,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Leave with 2 when there are changes.")
    ] = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Show what `apply` would do to Xero. Reads only."""
    from xerosync.cli.current import check_current, plan_against_csv
    from xerosync.cli.report import PlanReport, view_of
    from xerosync.cli.session import load_charts, open_session
    from xerosync.cli.state import last_apply
    from xerosync.history.origin import explain
    from xerosync.plan.build import build

    check_current(current, file, sandbox=sandbox, out=out)
    view = view_of(format, brief=brief, only=only, verbose=verbose)
    with open_session(sandbox=sandbox, no_color=no_color, debug=debug, profile=profile) as session:
        plans = []
        for desired in load_charts(file, session.terminal.say):
            if current:
                plans.append(plan_against_csv(desired, current, session.terminal.say))
                continue
            with session.ledger(desired.organisation, read_only=True) as ledger:
                chart = ledger.chart()
            plan = build(chart, desired)
            base = last_apply(plan.organisation.tenant_id, session.terminal.say)
            plans.append(explain(plan, base, chart))
        report = PlanReport.of_plans(plans, datetime.now(UTC))
        report.save({PlanFormat.MARKDOWN: markdown_file, PlanFormat.HTML: html_file})
        for path in (json_file, out):
            report.save({PlanFormat.JSON: path})
        report.show(session.terminal, format, view, brief=brief)
        if out and format is PlanFormat.TEXT and any(plan.steps for plan in plans):
            session.terminal.say(f"Saved. To do exactly this: {session.to_apply(out)}")
        changed = any(not plan.empty for plan in plans)
    return ExitCode.CHANGES if detailed_exitcode and changed else ExitCode.OK
