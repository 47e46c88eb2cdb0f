"""`xerosync renumber`: give accounts other codes in chart files; comments and layout stay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from xerosync.cli import options
from xerosync.errors import ExitCode
from xerosync.text import counted
from xerosync.workspace import DEFAULT_FILE, command_on

if TYPE_CHECKING:
    from xerosync.chartfile.renumber.renumber import Renumbered
    from xerosync.cli.terminal import Terminal

_MOST_NAMED = 10


def command(
    arguments: Annotated[
        list[str],
        typer.Argument(
            metavar="[MAP.csv] [FILES]...",
            help="A CSV with a row for each account: old code, new code, and a new name if that "
            "changes. Then chart files: charts, standards, folders or patterns of them (default: "
            f"{DEFAULT_FILE}).",
        ),
    ] = [],  # noqa: B006 typer copies it
    file: options.FilesOrFolders = [],  # noqa: B006 as above
    ranges: Annotated[
        list[str],
        typer.Option(
            "--range",
            metavar="OLD=NEW",
            help="A range of codes: '6xx=56xx' turns 600 into 5600. Each x is one digit, which "
            "stays. Repeatable.",
        ),
    ] = [],  # noqa: B006 as above
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Write nothing; show the edits, and exit with status 3 if there are any.",
        ),
    ] = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Change account codes in chart files, by a map or by ranges. Works offline.

    Writes the old codes under `previously`, so that a plan renumbers the accounts in Xero. All
    files are changed together, or none. If a run is killed while it changes them, the next
    `renumber` changes the rest.
    """
    from xerosync.chartfile.csv.read_code_map import load_code_map
    from xerosync.chartfile.edit.file_set import finish, replace_all
    from xerosync.chartfile.renumber.code_map import CodeMap, RangeRule
    from xerosync.chartfile.renumber.renumber import check_others, renumber
    from xerosync.chartfile.syntax.source import read
    from xerosync.cli.edited_file import refuse_standard_input
    from xerosync.cli.many.choose import Chosen
    from xerosync.cli.session import open_session
    from xerosync.cli.signals import deferred

    with open_session(sandbox=False, no_color=no_color, debug=debug) as session:
        terminal = session.terminal
        finished = not check and finish(terminal.say)
        table, names = options.code_map(arguments, ranges)
        rows = load_code_map(str(table)) if table else ()
        codes = CodeMap.of(rows, [RangeRule.parse(one) for one in ranges])
        files = Chosen.of(names, file, standards=True).files
        for one in files:
            refuse_standard_input(one)
        result = renumber({name: read(name) for name in files}, codes)
        if not result.files:
            nothing = "" if finished else " Nothing was written."
            terminal.say(f"The accounts already have their new codes.{nothing}")
            return ExitCode.OK
        given = names + file or [DEFAULT_FILE]
        by = [str(table)] * bool(table) + [f"--range={one}" for one in ranges]
        check_others(result, files, [*by, *given])
        _show(result, terminal, check=check)
        if check:
            return ExitCode.INVALID_FILE
        with deferred() as stopped:
            replace_all({f.file: (f.before, f.after.encode()) for f in result.files}, stopped)
        terminal.say(f"{_summary(result)}. {_next(result, given, files)}")
        return ExitCode.OK


def _show(result: Renumbered, terminal: Terminal, *, check: bool) -> None:
    """Print what changes; if `check`, also the changed lines of each file."""
    from xerosync.cli.edited_file import difference_of
    from xerosync.cli.session import say_problems

    files_of: dict[str, list[str]] = {}
    for one in result.files:
        if check:
            terminal.data(difference_of(one.before, one.after, one.file))
        for edit in one.edits:
            files_of.setdefault(f" {terminal.arrow} ".join(edit), []).append(one.file)
    for sentence, files in files_of.items():
        where = files[0] if len(files) == 1 else f"in {counted(len(files), 'file')}"
        terminal.say(f"{where}: {sentence}" if len(result.files) > 1 else sentence)
    say_problems(result.broken, terminal.say)
    if result.broken:
        terminal.say("Change these rules under `lint`: the new codes do not fit them.", "yellow")
    if check:
        terminal.say(f"{_summary(result, 'would be renumbered')}. Nothing was written.")


def _summary(result: Renumbered, done: str = "renumbered") -> str:
    return f"{counted(result.accounts, 'account')} {done} in {counted(len(result.files), 'file')}"


def _next(result: Renumbered, given: Sequence[str], files: Sequence[str]) -> str:
    """Return a sentence on what to run next: `fmt` if accounts are now unsorted, and `plan`."""
    from xerosync.chartfile.load import kind_of
    from xerosync.organisations.standards.documents import Kind

    sort, unsorted = "", [one.file for one in result.files if one.unsorted]
    if unsorted:
        names = unsorted if len(unsorted) <= _MOST_NAMED else given
        sort = f"sort the accounts with `{command_on('fmt', *names)}`. Then: "
    if not any(kind_of(one) is Kind.ORGANISATION for one in files):
        return f"Next: {sort}plan the files that extend a renumbered standard."
    names = [one.file for one in result.files if kind_of(one.file) is Kind.ORGANISATION]
    plan = command_on("plan", *(one for one in given if kind_of(one) is not Kind.STANDARD))
    if len(names) < len(result.files):
        plan = f"`{plan}`; plan also any other file that extends a renumbered standard."
    elif len(names) <= _MOST_NAMED:
        plan = command_on("plan", *names)
    return f"Next: {sort}{plan}"
