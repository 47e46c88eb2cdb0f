"""`xerosync validate`: every problem of chart files, offline; Xero is not asked."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from xerosync.cli import options
from xerosync.cli.options import DEFAULT_FILES
from xerosync.errors import ChartError, ExitCode, UsageError

if TYPE_CHECKING:
    from xerosync.cli.terminal import Terminal
    from xerosync.render.problems import CheckedFile


class Report(StrEnum):
    """What goes to stdout."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    GITLAB = "gitlab"
    SARIF = "sarif"
    JUNIT = "junit"


def command(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILES]...", help="Chart files; - reads standard input."),
    ] = None,
    file: Annotated[
        list[str] | None,
        typer.Option("--file", "-f", metavar="PATH", help="A chart file, as an option."),
    ] = None,
    format: Annotated[  # noqa: A002 the option is called so
        Report,
        typer.Option("--format", help="What goes to stdout: sentences, or a form for programs."),
    ] = Report.TEXT,
    strict: Annotated[bool, typer.Option("--strict", help="Fail for warnings too.")] = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Check chart files: form, codes, names and the house's own rules. Needs no sign-in."""
    from xerosync.cli.session import open_session
    from xerosync.render import problems as render

    with open_session(sandbox=False, no_color=no_color, debug=debug) as session:
        terminal = session.terminal
        checked = [check(name) for name in named(files, file)]
        match format:
            case Report.TEXT:
                _tell(checked, terminal)
            case Report.JSON:
                terminal.data(render.as_json(checked))
            case Report.GITHUB:
                terminal.data(render.as_github(checked))
            case Report.GITLAB:
                terminal.data(render.as_gitlab(checked))
            case Report.SARIF:
                from xerosync.chartfile.rule_ids import PROBLEMS

                terminal.data(render.as_sarif(checked, PROBLEMS))
            case Report.JUNIT:
                terminal.data(render.as_junit(checked, strict=strict))
        terminal.say(render.summary(checked))
        failed = any(one.fails(strict=strict) for one in checked)
        return ExitCode.INVALID_FILE if failed else ExitCode.OK


def named(arguments: list[str] | None, given: list[str] | None) -> list[str]:
    """Give the files that a command line names, or the default. Raises `UsageError`."""
    files = [*(arguments or ()), *(given or ())] or DEFAULT_FILES
    if len(set(files)) < len(files):
        raise UsageError("A file is given twice.", "Give each file once.")
    return files


def check(file: str) -> CheckedFile:
    """Read one file, and give what is wrong with it."""
    from xerosync.chartfile.load import STDIN, load
    from xerosync.render.problems import CheckedFile

    name = STDIN if file == "-" else file
    try:
        loaded = load(file)
    except ChartError as error:
        return CheckedFile(name, 0, error.problems)
    return CheckedFile(name, len(loaded.chart.accounts), loaded.warnings)


def _tell(checked: list[CheckedFile], terminal: Terminal) -> None:
    """Write each problem to stdout: red errors, yellow warnings, no line ever broken."""
    from rich.text import Text

    from xerosync.chartfile.problems import describe

    for problem in (problem for one in checked for problem in one.problems):
        first, _, rest = describe(problem).partition("\n")
        text = Text(first, "bold red" if problem.severity == "error" else "yellow")
        text.append(f"\n{rest}\n" if rest else "\n", "default not bold")
        terminal.out.print(text, soft_wrap=True)
