"""`xerosync plan`: compare the file with Xero, and show what would change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from xerosync.cli import options
from xerosync.cli.options import PlanFormat
from xerosync.errors import ExitCode

if TYPE_CHECKING:
    from xerosync.cli.many.choose import Charts
    from xerosync.cli.session import Session
    from xerosync.organisations.failed import FailedOrganisation
    from xerosync.plan.plan import Plan


def command(
    files: options.ChartFiles = [],  # noqa: B006 typer copies it
    file: options.FilesOrFolders = [],  # noqa: B006 as above
    select: options.Select = [],  # noqa: B006 as above
    shard: options.Shard = "",
    sandbox: options.UseSandbox = False,
    profile: options.Profile = "",
    current: options.Current = None,
    format: options.PlanOutputFormat = PlanFormat.TEXT,  # noqa: A002 the option's name
    out: options.OutOrFolder = None,
    json_file: options.JsonFile = None,
    markdown_file: options.MarkdownFile = None,
    html_file: options.HtmlFile = None,
    brief: options.Brief = False,
    only: options.Only = [],  # noqa: B006 typer copies it
    verbose: options.Verbose = False,
    no_usage: options.NoUsage = False,
    detailed_exitcode: options.DetailedExitcode = False,
    workers: options.Workers = options.WORKERS,
    engine: options.Engine = "",
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Show what `apply` would change in Xero. Only reads from Xero."""
    from xerosync.cli.against_csv import check_current, plan_against_csv
    from xerosync.cli.many.choose import Chosen
    from xerosync.cli.report import PlanReport, view_of
    from xerosync.cli.session import open_session
    from xerosync.organisations.plan_folder import FolderWriter
    from xerosync.organisations.reach_limit import caution
    from xerosync.organisations.run import failure_of
    from xerosync.workspace import command_on

    chosen = Chosen.of(files, file, select, shard)
    check_current(current, chosen.files, sandbox=sandbox, out=out, engine=engine)
    saved, folder = options.file_or_folder(out)
    view = view_of(format, brief=brief, only=only, verbose=verbose)
    whole = format in {PlanFormat.JSON, PlanFormat.HTML} or bool(json_file or html_file or saved)
    with open_session(sandbox=sandbox, no_color=no_color, debug=debug, profile=profile) as session:
        say = session.terminal.say
        charts = chosen.charts(say)
        made_at = datetime.now(UTC)
        names = [chart.file for chart in charts.charts]
        writer = FolderWriter.begin(folder, names, made_at) if folder else None
        plans: tuple[Plan, ...]
        failed: tuple[FailedOrganisation, ...] = ()
        if current:
            plans = tuple(plan_against_csv(desired, current, say) for desired in charts.charts)
        else:
            plans, failed = _plan_all(
                session, charts, workers, engine, writer.add if writer else None,
                whole=whole or verbose, usage=not no_usage, names=verbose,
            )  # fmt: skip
        report = PlanReport(plans, made_at, failed)
        report.save({PlanFormat.MARKDOWN: markdown_file, PlanFormat.HTML: html_file})
        for path in (json_file, saved):
            report.save({PlanFormat.JSON: path})
        if writer:
            writer.end(plans, failed, charts.tags)
        if plans or failed or format is not PlanFormat.TEXT:
            report.show(session.terminal, format, view, brief=brief)
        found = folder or (saved if saved and saved.is_file() else None)
        if found and format is PlanFormat.TEXT and any(plan.steps for plan in plans):
            how = command_on("apply", found)
            say(f"Saved. {caution(plans, failed)}To apply exactly this plan: {how}")
        if failed:
            raise failure_of(failed, len(plans))
        changed = any(not plan.empty for plan in plans)
    return ExitCode.CHANGES if detailed_exitcode and changed else ExitCode.OK


def _plan_all(
    session: Session,
    charts: Charts,
    workers: int,
    engine: str,
    save: Callable[[Plan], None] | None = None,
    *,
    whole: bool,
    usage: bool,
    names: bool,
) -> tuple[tuple[Plan, ...], tuple[FailedOrganisation, ...]]:
    """Plan each organisation, and pass each plan to `save`. Return the plans and the failures.

    The returned plans have only what a review shows, unless `whole` or `charts.one` is true.
    """
    from xerosync.cli.many.run import run_all
    from xerosync.organisations.distinct import distinct_plans
    from xerosync.organisations.tasks import plan_one
    from xerosync.plan.plan import without_charts
    from xerosync.xero.auth.scopes import ALL_USAGE_SCOPES

    brief = not (charts.one or whole)

    def keep(plan: Plan) -> Plan:
        if save:
            save(plan)
        return without_charts(plan) if brief else plan

    # A scheduler keeps the results of its tasks, so they must not name contacts.
    names = names and (charts.one or not engine)
    work = partial(plan_one, brief=brief and not save, usage=usage, names=names)
    also = ALL_USAGE_SCOPES if usage else ()
    plans, failed = run_all(session, charts, work, "planned", workers, engine, keep, also=also)
    plans, twice = distinct_plans(plans, lambda plan: plan, alone=not failed)
    return plans, (*failed, *twice)
