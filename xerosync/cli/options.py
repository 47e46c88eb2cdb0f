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
OutputFormat = Annotated[
    Format, typer.Option("--format", help="What goes to stdout: tables, or JSON for programs.")
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
DEFAULT_FILES = ["accounts.yaml"]
