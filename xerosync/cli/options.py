"""The options and arguments that commands share, each defined once."""

from __future__ import annotations

import os
from collections.abc import Sequence
from enum import StrEnum
from glob import has_magic
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from xerosync.errors import UsageError
from xerosync.workspace import DEFAULT_FILE, YAML_SUFFIXES, is_plan_folder, is_yaml, refuse_empty

if TYPE_CHECKING:
    from xerosync.desired import OrganisationPin


class Format(StrEnum):
    """The formats of commands that print either text or JSON."""

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


def also_write(what: str, form: str) -> Any:  # noqa: ANN401 as above
    """Return an option with which a command also writes its result to a file."""
    return output("PATH", f"Also write the {what} to this file as {form}.")


def output(metavar: str, text: str, *names: str) -> Any:  # noqa: ANN401 as above
    """Return an option for an output file. The name of a chart file (.yaml, .yml) is refused."""
    return typer.Option(*names, metavar=metavar, help=text, callback=_not_a_chart)


def _not_a_chart(path: Any) -> Any:  # noqa: ANN401 as above
    if str(path).lower().endswith(YAML_SUFFIXES):
        raise UsageError(
            f"{path} is a name for a chart file, so nothing was written to it.",
            "Give the file the ending of its format, as in PLAN.json or PLAN.html.",
        )
    return path


ChartFiles = Annotated[
    list[str],
    _files("[FILES]...", "Chart files, one for each organisation, or folders or patterns of them"),
]
CheckedFiles = Annotated[
    list[str],
    _files("[FILES]...", "Chart files, or folders or patterns of them, or - for standard input"),
]
PlanOrFiles = Annotated[
    list[str],
    _files(
        "[PLAN.json | PLANS/ | FILES...]",
        "A saved plan or a folder of saved plans, which count as approved and are applied without "
        "a question; or chart files (.yaml or .yml), or folders or patterns of them",
    ),
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
        help="Use only files with a tag (tag:NAME), without it ('!tag:NAME'), or whose charts "
        "differ from those in a Git commit (changed:REF). Repeatable: a file must match all.",
    ),
]
Shard = Annotated[
    str,
    _option(
        "--shard",
        "I/N",
        "Use only part I of the files, divided into N parts; auto reads I and N from the CI job.",
    ),
]
WORKERS = 32
"""The default of `--workers`."""

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
        " tcp://127.0.0.1:PORT. Needs the extra [dask].",
    ),
]
OneFile = Annotated[Path, typer.Option("--file", "-f", metavar="PATH", help="The chart file.")]
UseSandbox = Annotated[
    bool, _flag("--sandbox", "Use a local Xero, whose books are kept in .xerosync/sandbox.db.")
]
Profile = Annotated[
    str,
    _option(
        "--profile",
        "NAME",
        "The named set of credentials to use (default: the profile of the chart file, else "
        "XERO_PROFILE).",
    ),
]
SignInProfile = Annotated[
    str,
    _option("--profile", "NAME", "The named set of credentials to use (default: XERO_PROFILE)."),
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
JsonFile = Annotated[Path | None, also_write("plan", "JSON")]
MarkdownFile = Annotated[Path | None, also_write("plan", "Markdown")]
HtmlFile = Annotated[Path | None, also_write("plan", "an HTML page")]
_SAVE = "Save the plan; `apply PLAN.json` applies exactly that plan."
OutOrFolder = Annotated[
    str | None,
    output("PLAN.json|FOLDER/", f"{_SAVE} A folder gets a separate plan for each organisation."),
]
Out = Annotated[Path | None, output("PLAN.json", _SAVE)]
Brief = Annotated[bool, _flag("--brief", "Show each change on one line.")]
Only = Annotated[
    list[str],
    _option(
        "--only", "CODE", "Show only this account. Repeatable. Changes what is shown, not the plan."
    ),
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
        "Do not read what still uses the accounts that are archived, deleted or renumbered, or "
        "whose type or tax rate changes.",
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
        "Plan against a CSV export from Xero, without a sign-in. The plan cannot be applied.",
    ),
]
ForNewFile = Annotated[
    str,
    _option("--organisation", "NAME", "For a new file: the organisation, by name or tenant id."),
]
AllConnected = Annotated[
    bool, _flag("--all", "Read every organisation of the sign-in; needs no chart files.")
]
CurrentFolder = Annotated[
    Path | None,
    _option(
        "--current",
        "FOLDER",
        "Read a folder of Xero's CSV exports, each named for its organisation. Needs no sign-in.",
    ),
]
CsvCountry = Annotated[str, _option("--country", "XX", "The CSV exports' country, such as NZ.")]
Allow = Annotated[
    list[str],
    _option(
        "--allow",
        "LIMIT=N",
        "Raise a safety limit for this run: archives=N, deletes=N, change_percent=N or "
        "organisations=N. Repeatable.",
    ),
]
StartAnyway = Annotated[
    bool, _flag("--start-anyway", "Start even if Xero allows too few calls today.")
]
Result = Annotated[
    str | None,
    _option(
        "--result",
        "PATH",
        "Write this run's journal here, and a copy into .xerosync/runs/. A folder gets a separate "
        "journal for each organisation.",
    ),
]
Waves = Annotated[
    str,
    _option(
        "--waves",
        "WAVES",
        "Apply to several organisations in waves: sizes or tags, such as 1,10,rest or canary,rest; "
        "`all` is a single wave. No wave begins after one in which a write failed or could not be "
        "verified.",
    ),
]
SameAs = Annotated[
    list[str],
    _option(
        "--same-as",
        "PATH",
        "With a saved plan: refuse it unless this chart file still asks for all its changes. For "
        "several files, give their folder or repeat the option (for one PLAN.json, in the order of "
        "its plans).",
    ),
]
CheckEdits = Annotated[
    bool,
    _flag("--check", "Write nothing; show the edits, and exit with status 2 if there are any."),
]


def saved_plan(arguments: Sequence[str]) -> tuple[Path | None, list[str]]:
    """Return what `apply` is given: a saved plan (or a folder of saved plans), or chart files.

    Without a saved plan, the first part is None. Names that end in .yaml or .yml, patterns, and
    folders without saved plans mean chart files. Any other name is a saved plan. Raises
    `UsageError` if an argument is empty, or if a saved plan is not the only one.
    """
    refuse_empty(arguments)
    files = [name for name in arguments if _is_for_charts(name)]
    if len(files) == len(arguments):
        return None, files
    if len(arguments) > 1:
        raise UsageError(
            "A saved plan must be the only argument of apply.",
            "Give one PLAN.json, or only chart files, whose names end in .yaml or .yml.",
        )
    return Path(arguments[0]), []


def code_map(arguments: Sequence[str], ranges: Sequence[str]) -> tuple[Path | None, list[str]]:
    """Return the map of codes that `renumber` is given, if any, and the chart files.

    Raises `UsageError` if there is neither a map nor a range, or more than one map.
    """
    maps = [name for name in arguments if Path(name).suffix.lower() == ".csv"]
    if len(maps) > 1:
        raise UsageError("More than one map of codes is given.", "Put all rows into one CSV.")
    if not maps and not ranges:
        raise UsageError(
            "No new codes are given.",
            "Give a map of codes, such as codes.csv, or a range: --range '6xx=56xx'.",
        )
    return (Path(maps[0]) if maps else None), [name for name in arguments if name not in maps]


def _is_for_charts(name: str) -> bool:
    path = Path(name)
    if os.path.isdir(path):  # noqa: PTH112 (false for a path that is too long)
        return not is_plan_folder(path)
    return (has_magic(name) and not os.path.lexists(path)) or is_yaml(path)


def file_or_folder(output: str | None) -> tuple[Path | None, Path | None]:
    """Return the file and the folder that an output option names; at least one of them is None.

    A path is a folder if it ends with a slash or the folder exists. Raises `UsageError` for "".
    """
    if output is None:
        return None, None
    refuse_empty([output])
    is_folder = output.endswith(("/", os.sep)) or os.path.isdir(output)  # noqa: PTH112 (as above)
    return (None, Path(output)) if is_folder else (Path(output), None)


def pin_of_organisation(organisation: str) -> OrganisationPin:
    """Return the pin of an organisation that an option names, by name or tenant id."""
    from xerosync.desired import OrganisationPin

    try:
        return OrganisationPin(tenant_id=str(UUID(organisation)))
    except ValueError:
        return OrganisationPin(name=organisation)
