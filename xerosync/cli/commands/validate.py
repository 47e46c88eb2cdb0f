"""`xerosync validate`: check chart files offline and report their problems."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from xerosync.cli import options
from xerosync.errors import ExitCode

if TYPE_CHECKING:
    from xerosync.cli.terminal import Terminal
    from xerosync.render.problems import CheckedFile


class ProblemFormat(StrEnum):
    """The formats that problems can be written in."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    GITLAB = "gitlab"
    SARIF = "sarif"
    JUNIT = "junit"


def command(
    files: options.CheckedFiles = [],  # noqa: B006 typer copies it
    file: options.FilesOrFolders = [],  # noqa: B006 as above
    select: options.Select = [],  # noqa: B006 as above
    shard: options.Shard = "",
    format: Annotated[  # noqa: A002 the option's name
        ProblemFormat,
        typer.Option("--format", help="Format of stdout: text, or a format for other programs."),
    ] = ProblemFormat.TEXT,
    strict: Annotated[bool, typer.Option("--strict", help="Fail on warnings, too.")] = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Check chart files and report their problems. Works offline.

    Checks the format, codes, names and your own rules (`lint:`).
    """
    from xerosync.chartfile.load import check_all, place_problems
    from xerosync.chartfile.rule_ids import PROBLEMS
    from xerosync.cli.many.choose import Chosen
    from xerosync.cli.session import open_session
    from xerosync.render import problems as render

    chosen = Chosen.of(files, file, select, shard, standards=True)
    with open_session(sandbox=False, no_color=no_color, debug=debug) as session:
        terminal = session.terminal
        found = list(check_all(chosen.files))
        if select:
            charts = chosen.select([one.loaded.chart for one in found if one.loaded], terminal.say)
            kept = {chart.file for chart in charts}
            found = [one for one in found if not one.loaded or one.file in kept]
        checked = [
            render.CheckedFile(one.file, one.accounts, one.problems, one.invalid_standard)
            for one in place_problems(found)
        ]
        if format is ProblemFormat.TEXT:
            _print_problems(checked, terminal)
        else:
            write: dict[ProblemFormat, Callable[[list[CheckedFile]], str]] = {
                ProblemFormat.JSON: render.as_json,
                ProblemFormat.GITHUB: render.as_github,
                ProblemFormat.GITLAB: render.as_gitlab,
                ProblemFormat.SARIF: lambda files: render.as_sarif(files, PROBLEMS),
                ProblemFormat.JUNIT: lambda files: render.as_junit(files, strict=strict),
            }
            terminal.data(write[format](checked))
        terminal.say(render.summary(checked))
        failed = any(one.fails(strict=strict) for one in checked)
        return ExitCode.INVALID_FILE if failed else ExitCode.OK


def _print_problems(checked: list[CheckedFile], terminal: Terminal) -> None:
    """Print each problem to stdout, errors in red and warnings in yellow, without wrapping."""
    from rich.text import Text

    from xerosync.chartfile.problems import describe

    for problem in (problem for one in checked for problem in one.problems):
        first, _, rest = describe(problem).partition("\n")
        text = Text(first, "bold red" if problem.severity == "error" else "yellow")
        text.append(f"\n{rest}\n" if rest else "\n", "default not bold")
        terminal.out.print(text, soft_wrap=True)
