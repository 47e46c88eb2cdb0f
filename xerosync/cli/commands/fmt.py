"""`xerosync fmt`: format chart files. A file is replaced completely or not changed at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from xerosync.cli import options
from xerosync.errors import ChartError, ExitCode
from xerosync.text import visible
from xerosync.workspace import DEFAULT_FILE, STDIN


def command(
    files: options.CheckedFiles = [],  # noqa: B006 typer copies it
    file: options.FilesOrFolders = [],  # noqa: B006 as above
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; list the files that need formatting.")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Write nothing; show what would change.")
    ] = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Format chart files: sort fields and accounts, and quote codes. Comments stay."""
    from xerosync.chartfile.format.canonical import canonical
    from xerosync.chartfile.syntax.source import read
    from xerosync.cli.edited_file import difference
    from xerosync.cli.many.choose import Chosen
    from xerosync.cli.session import open_session, say_problems
    from xerosync.files import write_whole

    with open_session(sandbox=False, no_color=no_color, debug=debug) as session:
        terminal = session.terminal
        invalid = changed = 0
        names = Chosen.of(files, file, standards=True).files
        for name in names:
            shown = STDIN if name == "-" else name
            try:
                data = read(name)
                formatted = canonical(data, shown)
            except ChartError as error:
                invalid += 1
                say_problems(error.problems, terminal.say)
                continue
            differs = formatted.encode() != data
            changed += differs
            if diff:
                before, new_name = data.decode("utf-8", "replace"), f"{shown} formatted"
                lines = before.split("\n"), formatted.split("\n")  # shows changed line ends
                terminal.data(difference(*lines, shown, new_name))
            elif check:
                terminal.data(f"{visible(shown)}\n" if differs else "")
            elif name == "-":
                terminal.data(formatted)
            elif differs:
                write_whole(Path(name), formatted)
                terminal.say(f"Formatted {name}")
        only = " and ".join(["--check"] * check + ["--diff"] * diff)
        terminal.say(_summary(names, changed, invalid, only))
        return ExitCode.INVALID_FILE if invalid or (check and changed) else ExitCode.OK


def _summary(names: Sequence[str], changed: int, invalid: int, only: str) -> str:
    """Return a sentence on what was done. `only` names the options that prevent writing."""
    files = len(names)
    if invalid:
        one = invalid == 1
        return (
            f"{invalid} file{'' if one else 's'} with errors {'was' if one else 'were'} not "
            "formatted. Fix the errors above and run the command again."
        )
    if changed and not only:
        return f"{changed} of {files} files formatted." if files > 1 else "1 file formatted."
    if changed:
        need = "file needs" if changed == 1 else "files need"
        fmt = "`xerosync fmt`" if list(names) == [DEFAULT_FILE] else f"the command without {only}"
        return f"{changed} {need} formatting; run {fmt}."
    return "Already formatted." if files == 1 else f"All {files} files are already formatted."
