"""`xerosync plan`: compare the file with Xero, and show what would change."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from xerosync.cli import options
from xerosync.cli.options import PlanFormat
from xerosync.errors import ExitCode

if TYPE_CHECKING:
    from xerosync.plan.plan import Plan


def command(
    files: options.ChartFiles = [],  # noqa: B006 typer copies it
    file: options.Files = [],  # noqa: B006 as above
    sandbox: options.UseSandbox = False,
    profile: options.Profile = "",
    current: options.Current = None,
    format: options.PlanOutputFormat = PlanFormat.TEXT,  # noqa: A002 the option's name
    out: options.Out = None,
    json_file: options.JsonFile = None,
    markdown_file: options.MarkdownFile = None,
    html_file: options.HtmlFile = None,
    brief: options.Brief = False,
    only: options.Only = [],  # noqa: B006 typer copies it
    verbose: options.Verbose = False,
    detailed_exitcode: options.DetailedExitcode = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Show what `apply` would change in Xero. Only reads from Xero."""
    from xerosync.apply.preflight import check_once
    from xerosync.cli.current import check_current, plan_against_csv
    from xerosync.cli.report import PlanReport, view_of
    from xerosync.cli.session import load_charts, open_session
    from xerosync.history.baseline import read_baseline
    from xerosync.history.known_names import with_known_names
    from xerosync.history.origin import add_origins
    from xerosync.plan.build import build

    names = options.chart_files(files, file)
    check_current(current, names, sandbox=sandbox, out=out)
    view = view_of(format, brief=brief, only=only, verbose=verbose)
    with open_session(sandbox=sandbox, no_color=no_color, debug=debug, profile=profile) as session:
        plans: list[Plan] = []
        for desired in load_charts(names, session.terminal.say):
            if current:
                plans.append(plan_against_csv(desired, current, session.terminal.say))
                continue
            with session.ledger(desired.organisation, read_only=True) as ledger:
                chart = ledger.chart()
            check_once(plans, chart.organisation, desired.file)
            tenant_id = chart.organisation.tenant_id
            base = read_baseline(tenant_id, desired.file, session.terminal.say)
            plan = build(chart, with_known_names(desired, base))
            plans.append(add_origins(plan, base, chart))
        report = PlanReport.of_plans(plans, datetime.now(UTC))
        report.save({PlanFormat.MARKDOWN: markdown_file, PlanFormat.HTML: html_file})
        for path in (json_file, out):
            report.save({PlanFormat.JSON: path})
        report.show(session.terminal, format, view, brief=brief)
        if (
            out
            and out.is_file()
            and format is PlanFormat.TEXT
            and any(plan.steps for plan in plans)
        ):
            session.terminal.say(f"Saved. To apply exactly this plan: {session.to_apply(out)}")
        changed = any(not plan.empty for plan in plans)
    return ExitCode.CHANGES if detailed_exitcode and changed else ExitCode.OK
