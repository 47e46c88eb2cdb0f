"""`xerosync show`: show a saved plan, a journal, or a merged chart, without calling Xero."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from xerosync.chartfile.edit.file_set import refuse_half_done
from xerosync.cli import options
from xerosync.cli.options import PlanFormat
from xerosync.errors import UsageError
from xerosync.regular_file import read_text
from xerosync.text import read_timestamp
from xerosync.workspace import command_on, is_plan_folder, is_yaml


def command(
    plan: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="A plan or a folder of plans saved by `plan --out`, a journal or a folder of "
            "journals written by `apply`, or a chart file.",
        ),
    ],
    format: options.PlanOutputFormat = PlanFormat.TEXT,  # noqa: A002 the option is called so
    brief: options.Brief = False,
    only: options.Only = [],  # noqa: B006 typer copies it
    merged: Annotated[
        bool,
        typer.Option(
            "--merged",
            help="Show a chart file with all that it inherits from its standards, and where each "
            "value comes from.",
        ),
    ] = False,
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose", help="Show notes beside their accounts, and every unmanaged account."
        ),
    ] = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> None:
    """Show a saved plan, the journal of an apply, or a merged chart. Does not call Xero."""
    from xerosync.cli.report import PlanReport, view_of
    from xerosync.cli.session import open_session
    from xerosync.history import runs
    from xerosync.organisations.plan_folder import read_folder
    from xerosync.render.journal import record
    from xerosync.render.journal.html import as_html

    whole = format in (PlanFormat.TEXT, PlanFormat.JSON) and not (brief or verbose or only)
    if merged and not whole:
        raise UsageError(
            "A merged chart is shown whole, as text or JSON.",
            "Remove --brief, --only and --verbose, and give --format text or json.",
        )
    view = view_of(format, brief=brief, only=only, verbose=verbose)
    with open_session(sandbox=False, no_color=no_color, debug=debug) as session:
        if merged:
            session.terminal.data(_merged(str(plan), format))
            return
        if is_plan_folder(plan):
            folder = read_folder(plan)
            plans = [one.read() for one in folder.plans]
            report = PlanReport(plans, read_timestamp(folder.created_at), folder.failed)
            report.show(session.terminal, format, view, brief=brief)
            return
        of_journals = os.path.isdir(plan)  # noqa: PTH112 (false for a path that is too long)
        text = "" if of_journals else read_text(plan)
        if of_journals or runs.is_journal(text):
            write = {
                PlanFormat.TEXT: record.as_text,
                PlanFormat.JSON: record.as_json,
                PlanFormat.MARKDOWN: record.as_markdown,
                PlanFormat.HTML: as_html,
            }
            session.terminal.data(write[format](runs.read(plan)))
            return
        if is_yaml(plan) and text.lstrip()[:1] != "{":
            raise UsageError(
                f"{plan} is a chart file, not a saved plan or a journal.",
                f"To see it with all that it inherits, run `{command_on('show --merged', plan)}`.",
            )
        report = PlanReport.of_saved(text, str(plan))
        report.show(session.terminal, format, view, brief=brief)


def _merged(file: str, format: PlanFormat) -> str:  # noqa: A002 as above
    from xerosync.chartfile.load import load_merged
    from xerosync.render import merged

    refuse_half_done()
    chart = load_merged(file)
    return merged.as_json(chart) if format is PlanFormat.JSON else merged.as_text(chart)
