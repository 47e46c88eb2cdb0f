"""`xerosync drift`: what changed in Xero since the file was last applied."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xerosync.cli import options
from xerosync.errors import ExitCode

if TYPE_CHECKING:
    from xerosync.cli.session import Session
    from xerosync.history.drift import Drift
    from xerosync.model import DesiredChart


class DriftFormat(StrEnum):
    """The formats of a drift report."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def _file(form: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        metavar="PATH", help=f"Also write the report as {form} to this file."
    )
    return option


def command(
    files: options.ChartFiles = [],  # noqa: B006 typer copies it
    file: options.Files = [],  # noqa: B006 as above
    sandbox: options.UseSandbox = False,
    profile: options.Profile = "",
    format: Annotated[  # noqa: A002 the option is called so
        DriftFormat,
        typer.Option(
            "--format",
            help="What goes to stdout: sentences, JSON for programs, or Markdown for an issue.",
        ),
    ] = DriftFormat.TEXT,
    json_file: Annotated[Path | None, _file("JSON")] = None,
    markdown_file: Annotated[Path | None, _file("Markdown")] = None,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit with status 2 if there is drift.")
    ] = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Show what changed in Xero since the file was last applied. Changes nothing."""
    from xerosync.cli.files import write_whole
    from xerosync.cli.session import load_charts, open_session
    from xerosync.render.drift import report

    with open_session(sandbox=sandbox, no_color=no_color, debug=debug, profile=profile) as session:
        charts = load_charts(options.chart_files(files, file), session.terminal.say)
        found: list[Drift] = []
        for desired in charts:
            found.append(_compare(session, desired, found))
        texts = {
            DriftFormat.TEXT: report.as_text(found),
            DriftFormat.JSON: report.as_json(found, datetime.now(UTC)),
            DriftFormat.MARKDOWN: report.as_markdown(found),
        }
        if json_file:
            write_whole(json_file, texts[DriftFormat.JSON])
        if markdown_file:
            write_whole(markdown_file, texts[DriftFormat.MARKDOWN])
        session.terminal.data(texts[format])
        drifted = not all(one.clean for one in found)
    return ExitCode.CHANGES if detailed_exitcode and drifted else ExitCode.OK


def _compare(session: Session, desired: DesiredChart, others: list[Drift]) -> Drift:
    """Compare one file; raise `UsageError` if another one is for its organisation too."""
    from xerosync.apply.preflight import check_once
    from xerosync.history.baseline import read_baseline
    from xerosync.history.drift import compare
    from xerosync.history.known_names import with_known_names
    from xerosync.plan.build import build

    with session.ledger(desired.organisation, read_only=True) as ledger:
        chart = ledger.chart()
    check_once((one.plan for one in others), chart.organisation, desired.file)
    base = read_baseline(chart.organisation.tenant_id, desired.file, session.terminal.say)
    return compare(chart, build(chart, with_known_names(desired, base)), base)
