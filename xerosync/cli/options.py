"""The options and arguments that commands share, each defined once."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from xerosync.errors import UsageError

DEFAULT_FILE = "accounts.yaml"


class Format(StrEnum):
    """What goes to stdout."""

    TEXT = "text"
    JSON = "json"


class PlanFormat(StrEnum):
    """The formats that a plan can be written in."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"


ChartFiles = Annotated[
    list[str],
    typer.Argument(
        metavar="[FILES]...",
        help=f"Chart files, one for each organisation (default: {DEFAULT_FILE}).",
    ),
]
PlanOrFiles = Annotated[
    list[str],
    typer.Argument(
        metavar="[PLAN.json | FILES...]",
        help="A saved plan, which counts as approved and is applied without a question; or "
        f"chart files ending in .yaml or .yml (default: {DEFAULT_FILE}).",
    ),
]
CheckedFiles = Annotated[
    list[str],
    typer.Argument(
        metavar="[FILES]...",
        help=f"Chart files (default: {DEFAULT_FILE}); - reads standard input.",
    ),
]
Files = Annotated[
    list[str],
    typer.Option("--file", "-f", metavar="PATH", help="A chart file. Repeat it for more files."),
]
OneFile = Annotated[Path, typer.Option("--file", "-f", metavar="PATH", help="The chart file.")]
UseSandbox = Annotated[
    bool,
    typer.Option(
        "--sandbox",
        help="Use a local Xero with a demo company, stored in .xerosync/sandbox.db.",
    ),
]
Profile = Annotated[
    str,
    typer.Option(
        "--profile",
        metavar="NAME",
        help="Use the sign-in stored under this name (default: XERO_PROFILE).",
    ),
]
OutputFormat = Annotated[
    Format, typer.Option("--format", help="Format of stdout: tables, or JSON for programs.")
]
EventFormat = Annotated[
    Format,
    typer.Option(
        "--format",
        help="Format of stdout: tables, or one JSON event a line while the apply runs.",
    ),
]
PlanOutputFormat = Annotated[
    PlanFormat,
    typer.Option(
        "--format",
        help="Format of stdout: tables, JSON for programs, Markdown for comments, or an HTML page.",
    ),
]
Brief = Annotated[bool, typer.Option("--brief", help="Show each change on one line.")]
Only = Annotated[
    list[str],
    typer.Option(
        "--only",
        metavar="CODE",
        help="Show only this account; repeat it for more. The plan itself does not change.",
    ),
]
Verbose = Annotated[
    bool,
    typer.Option("--verbose", help="Show notes beside their accounts, and every unmanaged one."),
]
JsonFile = Annotated[
    Path | None,
    typer.Option("--json-file", metavar="PATH", help="Also write the plan to this file as JSON."),
]
MarkdownFile = Annotated[
    Path | None,
    typer.Option(
        "--markdown-file", metavar="PATH", help="Also write the plan to this file as Markdown."
    ),
]
HtmlFile = Annotated[
    Path | None,
    typer.Option(
        "--html-file", metavar="PATH", help="Also write the plan to this file as an HTML page."
    ),
]
DetailedExitcode = Annotated[
    bool, typer.Option("--detailed-exitcode", help="Exit with status 2 if there are changes.")
]
NoColor = Annotated[bool, typer.Option("--no-color", help="Print no colours, as NO_COLOR does.")]
Debug = Annotated[
    bool,
    typer.Option("--debug", help="Print each call to Xero, and where an error arose, on stderr."),
]
Allow = Annotated[
    list[str],
    typer.Option(
        "--allow",
        metavar="LIMIT=N",
        help="Raise one safety limit for this run: archives=N, deletes=N or change_percent=N.",
    ),
]
StartAnyway = Annotated[
    bool,
    typer.Option("--start-anyway", help="Start even if today's API quota may run out."),
]
Result = Annotated[
    Path | None,
    typer.Option(
        "--result",
        metavar="PATH",
        help="Write the journal of this run here (default: a new file in .xerosync/runs/).",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out", metavar="PLAN.json", help="Save the plan; `apply PLAN.json` applies exactly it."
    ),
]
SameAs = Annotated[
    list[str],
    typer.Option(
        "--same-as",
        metavar="PATH",
        help="With PLAN.json: refuse the plan unless this chart file still asks for exactly "
        "that. For a plan of several files, repeat it in their order.",
    ),
]
Current = Annotated[
    Path | None,
    typer.Option(
        "--current",
        metavar="CHART.csv",
        help="Plan against a CSV export from Xero. Needs no sign-in; cannot be applied.",
    ),
]


def chart_files(arguments: Sequence[str], options: Sequence[str]) -> list[str]:
    """Return the files named by position and with `--file`, or the default.

    Raises `UsageError` if a file is named twice.
    """
    files = [*arguments, *options] or [DEFAULT_FILE]
    if len(set(files)) < len(files):
        raise UsageError("A file is given twice.", "Give each file once.")
    return files


def saved_plan(arguments: Sequence[str]) -> tuple[Path | None, list[str]]:
    """Split the arguments of `apply` into a saved plan and chart files.

    A name that ends in .yaml or .yml is a chart file, any other a saved plan. Raises
    `UsageError` for a plan with anything beside it.
    """
    files = [name for name in arguments if Path(name).suffix.lower() in {".yaml", ".yml"}]
    if len(files) == len(arguments):
        return None, files
    if len(arguments) > 1:
        raise UsageError(
            "A saved plan is applied alone.",
            "Give one PLAN.json, or only chart files, whose names end in .yaml or .yml.",
        )
    return Path(arguments[0]), []
