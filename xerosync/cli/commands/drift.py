"""`xerosync drift`: what changed in Xero since the file was last applied."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from xerosync.cli import options
from xerosync.errors import ExitCode


class DriftFormat(StrEnum):
    """The formats of a drift report."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def command(
    files: options.ChartFiles = [],  # noqa: B006 typer copies it
    file: options.FilesOrFolders = [],  # noqa: B006 as above
    select: options.Select = [],  # noqa: B006 as above
    shard: options.Shard = "",
    sandbox: options.UseSandbox = False,
    profile: options.Profile = "",
    format: Annotated[  # noqa: A002 the option is called so
        DriftFormat,
        typer.Option(help="Format of stdout: text, JSON for programs, or Markdown for an issue."),
    ] = DriftFormat.TEXT,
    json_file: Annotated[Path | None, options.also_write("report", "JSON")] = None,
    markdown_file: Annotated[Path | None, options.also_write("report", "Markdown")] = None,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit with status 2 if there is drift.")
    ] = False,
    workers: options.Workers = options.WORKERS,
    engine: options.Engine = "",
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Show what changed in Xero since the file was last applied. Changes nothing.

    Of the accounts that the file does not manage, only new ones are shown. Fields that the file
    does not manage are not shown. Without the last apply's journal, edits of the file count too.
    """
    from xerosync.cli.many.choose import Chosen
    from xerosync.cli.many.run import run_all
    from xerosync.cli.session import open_session
    from xerosync.files import write_whole
    from xerosync.organisations.distinct import distinct_plans
    from xerosync.organisations.run import failure_of
    from xerosync.organisations.tasks import compare_one
    from xerosync.render.drift import report

    chosen = Chosen.of(files, file, select, shard)
    with open_session(sandbox=sandbox, no_color=no_color, debug=debug, profile=profile) as session:
        charts = chosen.charts(session.terminal.say, skip_invalid=True)
        work = partial(compare_one, brief=not charts.one)
        found, failed = run_all(session, charts, work, "compared", workers, engine)
        found, twice = distinct_plans(found, lambda one: one.plan, alone=not failed)
        failed = (*failed, *twice)
        texts = {
            DriftFormat.TEXT: session.terminal.with_options(report.as_text(found, failed)),
            DriftFormat.JSON: report.as_json(found, datetime.now(UTC), failed),
            DriftFormat.MARKDOWN: report.as_markdown(found, failed),
        }
        if json_file:
            write_whole(json_file, texts[DriftFormat.JSON])
        if markdown_file:
            write_whole(markdown_file, texts[DriftFormat.MARKDOWN])
        session.terminal.data(texts[format])
        if failed:
            raise failure_of(failed, len(found))
        drifted = not all(one.clean for one in found)
    return ExitCode.CHANGES if detailed_exitcode and drifted else ExitCode.OK
