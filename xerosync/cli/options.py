"""The options that commands share, each defined once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """What goes to stdout."""

    TEXT = "text"
    JSON = "json"


class PlanFormat(StrEnum):
    """What a plan can be written as."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"


Files = Annotated[
    list[str],
    typer.Option(
        "--file",
        "-f",
        metavar="PATH",
        help="The chart file; repeat it for more organisations. One file is one organisation.",
    ),
]
UseSandbox = Annotated[
    bool,
    typer.Option(
        "--sandbox",
        help="Use a local Xero with a demo company, kept in .xerosync/sandbox.db.",
    ),
]
Profile = Annotated[
    str,
    typer.Option(
        "--profile",
        metavar="NAME",
        help="Whose sign-in to use, of several (as with XERO_PROFILE in the environment).",
    ),
]
OutputFormat = Annotated[
    Format, typer.Option("--format", help="What goes to stdout: tables, or JSON for programs.")
]
EventFormat = Annotated[
    Format,
    typer.Option(
        "--format",
        help="What goes to stdout: tables, or JSON for programs, one event a line as it happens.",
    ),
]
PlanOutputFormat = Annotated[
    PlanFormat,
    typer.Option(
        "--format",
        help="What goes to stdout: tables, JSON for programs, Markdown for a comment, or an "
        "HTML page.",
    ),
]
Brief = Annotated[bool, typer.Option("--brief", help="Show one line a change.")]
Only = Annotated[
    list[str],
    typer.Option(
        "--only",
        metavar="CODE",
        help="Show only this account; repeat it for more. The plan itself stays whole.",
    ),
]
Verbose = Annotated[
    bool,
    typer.Option("--verbose", help="Put notes beside their accounts, and list all unmanaged."),
]
JsonFile = Annotated[
    Path | None,
    typer.Option("--json-file", metavar="PATH", help="Write the plan as JSON there too."),
]
MarkdownFile = Annotated[
    Path | None,
    typer.Option("--markdown-file", metavar="PATH", help="Write the plan as Markdown there too."),
]
HtmlFile = Annotated[
    Path | None,
    typer.Option("--html-file", metavar="PATH", help="Write the plan as an HTML page there too."),
]
NoColor = Annotated[
    bool, typer.Option("--no-color", help="No colours (as with NO_COLOR in the environment).")
]
Debug = Annotated[
    bool,
    typer.Option("--debug", help="Tell each call to Xero on stderr, and where an error arose."),
]
Allow = Annotated[
    list[str],
    typer.Option(
        "--allow",
        metavar="LIMIT=N",
        help="Raise one safety limit for this run: archives=N, deletes=N, change_percent=N.",
    ),
]
StartAnyway = Annotated[
    bool,
    typer.Option(
        "--start-anyway",
        help="Begin although the calls that Xero allows today will not do to finish.",
    ),
]
Result = Annotated[
    Path | None,
    typer.Option(
        "--result",
        metavar="PATH",
        help="Where to write the journal of the run (default: a new file in .xerosync/runs/).",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="PLAN.json", help="Save the plan, for `apply PLAN.json`."),
]
SameAs = Annotated[
    list[str],
    typer.Option(
        "--same-as",
        metavar="PATH",
        help="With PLAN.json: refuse it unless this chart file, as it is now, asks for just "
        "that. Repeat it for a plan of more files, in their order.",
    ),
]
Current = Annotated[
    Path | None,
    typer.Option(
        "--current",
        metavar="CHART.csv",
        help="Plan against a chart that Xero exported as CSV: no sign-in, never applied.",
    ),
]
OneFile = Annotated[Path, typer.Option("--file", "-f", metavar="PATH", help="The chart file.")]
CheckEdits = Annotated[
    bool,
    typer.Option(
        "--check",
        help="Write nothing; show what would change, and exit with status 2 if anything would.",
    ),
]
DEFAULT_FILES = ["accounts.yaml"]
