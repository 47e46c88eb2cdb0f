"""The options and arguments that commands share, each defined once."""

from __future__ import annotations

import os
from collections.abc import Sequence
from enum import StrEnum
from glob import has_magic
from pathlib import Path
from typing import Annotated, Any

import typer

from xerosync.errors import UsageError
from xerosync.workspace import DEFAULT_FILE, PLAN_INDEX


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


def _flag(name: str, text: str) -> Any:  # noqa: ANN401 typer's type
    return typer.Option(name, help=text)


def _option(name: str, metavar: str, text: str) -> Any:  # noqa: ANN401 as above
    return typer.Option(name, metavar=metavar, help=text)


def _files(metavar: str, text: str) -> Any:  # noqa: ANN401 as above
    return typer.Argument(metavar=metavar, help=f"{text} (default: {DEFAULT_FILE}).")


def _format(text: str) -> Any:  # noqa: ANN401 as above
    return typer.Option("--format", help=f"Format of stdout: {text}.")


def _copy(name: str, form: str) -> Any:  # noqa: ANN401 as above
    return _option(name, "PATH", f"Also write the plan to this file as {form}.")


ChartFiles = Annotated[
    list[str],
    _files("[FILES]...", "Chart files, one for each organisation; folders or patterns of them"),
]
CheckedFiles = Annotated[
    list[str],
    _files("[FILES]...", "Chart files, folders or patterns of them, or - for standard input"),
]
PlanOrFiles = Annotated[
    list[str],
    _files(
        "[PLAN.json | PLANS/ | FILES...]",
        "A saved plan or a folder of them, which count as approved and are applied without a "
        "question; or chart files ending in .yaml or .yml, folders or patterns of them",
    ),
]
Files = Annotated[
    list[str],
    typer.Option("--file", "-f", metavar="PATH", help="A chart file. Repeat it for more files."),
]
FilesOrFolders = Annotated[
    list[str],
    typer.Option(
        "--file",
        "-f",
        metavar="PATH",
        help="A chart file, a folder of them, or a pattern such as 'clients/*.yaml'. Repeatable.",
    ),
]
Select = Annotated[
    list[str],
    typer.Option(
        "--select",
        metavar="WHICH",
        help="Only some of the files: tag:NAME, '!tag:NAME', or changed:REF for charts that "
        "differ from a Git commit. Repeatable: all must hold.",
    ),
]
Shard = Annotated[
    str,
    _option(
        "--shard", "I/N", "Only the I-th of N parts of the files; auto takes both from the CI job."
    ),
]
WORKERS = 32
"""How many organisations are worked on at once, unless `--workers` says otherwise."""

Workers = Annotated[
    int,
    typer.Option(
        "--workers", metavar="N", min=1, max=64, help="How many organisations to work on at once."
    ),
]
Engine = Annotated[
    str,
    _option(
        "--engine",
        "ADDRESS",
        "Read many organisations on the workers of a Dask scheduler: tls://HOST:PORT, or"
        " tcp://127.0.0.1:PORT. Needs xerosync[dask].",
    ),
]
OneFile = Annotated[Path, typer.Option("--file", "-f", metavar="PATH", help="The chart file.")]
UseSandbox = Annotated[
    bool, _flag("--sandbox", "Use a local Xero, whose books are kept in .xerosync/sandbox.db.")
]
Profile = Annotated[
    str,
    _option("--profile", "NAME", "A profile: a named set of credentials (default: XERO_PROFILE)."),
]
NoColor = Annotated[bool, _flag("--no-color", "Print no colours, as NO_COLOR does.")]
Debug = Annotated[
    bool, _flag("--debug", "Print each call to Xero, and the traceback of an error, on stderr.")
]

OutputFormat = Annotated[Format, _format("tables, or JSON for programs")]
EventFormat = Annotated[Format, _format("tables, or one JSON event per line while the apply runs")]
PlanOutputFormat = Annotated[
    PlanFormat, _format("tables, JSON for programs, Markdown for comments, or an HTML page")
]
JsonFile = Annotated[Path | None, _copy("--json-file", "JSON")]
MarkdownFile = Annotated[Path | None, _copy("--markdown-file", "Markdown")]
HtmlFile = Annotated[Path | None, _copy("--html-file", "an HTML page")]
OutOrFolder = Annotated[
    str | None,
    _option(
        "--out",
        "PLAN.json|FOLDER/",
        "Save the plan; `apply PLAN.json` applies exactly that plan. In a folder, each "
        "organisation has a plan of its own.",
    ),
]
Out = Annotated[
    Path | None,
    _option("--out", "PLAN.json", "Save the plan; `apply PLAN.json` applies exactly that plan."),
]
Brief = Annotated[bool, _flag("--brief", "Show each change on one line.")]
Only = Annotated[
    list[str],
    _option("--only", "CODE", "Show only this account; repeat it for more. The plan is unchanged."),
]
Verbose = Annotated[
    bool,
    _flag(
        "--verbose",
        "Show notes beside their accounts, every unmanaged account, and, if Xero is read, the "
        "names of contacts that use an account.",
    ),
]
NoUsage = Annotated[
    bool,
    _flag(
        "--no-usage",
        "Do not read what still uses the accounts that are archived, deleted, retyped or "
        "renumbered, or whose tax rate changes.",
    ),
]
DetailedExitcode = Annotated[
    bool, _flag("--detailed-exitcode", "Exit with status 2 if there are changes.")
]
Current = Annotated[
    Path | None,
    _option(
        "--current",
        "CHART.csv",
        "Plan against a CSV export from Xero. Needs no sign-in; cannot be applied.",
    ),
]
AllConnected = Annotated[
    bool, _flag("--all", "Read every organisation of the sign-in; needs no chart files.")
]
CurrentFolder = Annotated[
    Path | None,
    _option(
        "--current",
        "FOLDER",
        "Read CSV exports from Xero instead, each named for its organisation. Needs no sign-in.",
    ),
]
CsvCountry = Annotated[
    str, _option("--country", "XX", "The country of the CSV exports, such as NZ.")
]
Allow = Annotated[
    list[str],
    _option(
        "--allow",
        "LIMIT=N",
        "Raise one safety limit for this run: archives=N, deletes=N, change_percent=N or "
        "organisations=N.",
    ),
]
StartAnyway = Annotated[
    bool, _flag("--start-anyway", "Start even if today's API quota may run out.")
]
Result = Annotated[
    str | None,
    _option(
        "--result",
        "PATH",
        "Write this run's journal here, and a copy into .xerosync/runs/. In a folder, each "
        "organisation has a journal of its own.",
    ),
]
Waves = Annotated[
    str,
    _option(
        "--waves",
        "WAVES",
        "Of several organisations with changes, apply a few first: sizes or tags, such as "
        "1,10,rest or canary,rest, or all. A wave begins once the one before is done and proved.",
    ),
]
SameAs = Annotated[
    list[str],
    _option(
        "--same-as",
        "PATH",
        "With PLAN.json: refuse the plan unless this chart file still asks for all its changes. "
        "For a plan of several files, repeat it in their order, or give their folder.",
    ),
]
CheckEdits = Annotated[
    bool,
    _flag("--check", "Write nothing; show the edits, and exit with status 2 if there are any."),
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
    """Split the arguments of `apply` into a saved plan, or a folder of them, and chart files.

    A name that ends in .yaml or .yml, a pattern, and a folder without saved plans are for chart
    files; any other is a saved plan. Raises `UsageError` for a plan with anything beside it.
    """
    files = [name for name in arguments if _is_for_charts(name)]
    if len(files) == len(arguments):
        return None, files
    if len(arguments) > 1:
        raise UsageError(
            "A saved plan is applied alone.",
            "Give one PLAN.json, or only chart files, whose names end in .yaml or .yml.",
        )
    return Path(arguments[0]), []


def code_map(arguments: Sequence[str], ranges: Sequence[str]) -> tuple[Path | None, list[str]]:
    """Split the arguments of `renumber` into the map, if any, and chart files.

    Raises `UsageError` if there is neither a map nor a range, or if there are two maps.
    """
    maps = [name for name in arguments if Path(name).suffix.lower() == ".csv"]
    if len(maps) > 1:
        raise UsageError("There are two maps.", "Put all rows into one CSV.")
    if not maps and not ranges:
        raise UsageError(
            "There is nothing to renumber by.",
            "Give a map, such as codes.csv, or a range: --range '6xx=56xx'.",
        )
    return (Path(maps[0]) if maps else None), [name for name in arguments if name not in maps]


def _is_for_charts(name: str) -> bool:
    path = Path(name)
    if os.path.isdir(path):  # noqa: PTH112 (false for a path that is too long)
        return not os.path.isfile(path / PLAN_INDEX)  # noqa: PTH113 (as above)
    pattern = has_magic(name) and not os.path.lexists(path)
    return pattern or path.suffix.lower() in {".yaml", ".yml"}


def is_folder(name: str) -> bool:
    """Whether an output path is a folder: it ends with a slash, or is one."""
    return name.endswith(("/", os.sep)) or os.path.isdir(name)  # noqa: PTH112 (as above)
