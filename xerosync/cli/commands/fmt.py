"""`xerosync fmt`: chart files in their canonical form; a file is written whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xerosync.cli import options
from xerosync.errors import ChartError, ExitCode


def command(
    files: options.CheckedFiles = [],  # noqa: B006 typer copies it
    file: options.Files = [],  # noqa: B006 as above
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; name the files that are not in form.")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Write nothing; show what would change.")
    ] = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Put chart files in form: order of fields and accounts, quoted codes; comments stay."""
    from xerosync.chartfile.format.canonical import canonical
    from xerosync.chartfile.load import STDIN
    from xerosync.chartfile.problems import describe
    from xerosync.chartfile.syntax.source import read
    from xerosync.cli.session import open_session

    with open_session(sandbox=False, no_color=no_color, debug=debug) as session:
        terminal = session.terminal
        invalid = changed = 0
        names = options.chart_files(files, file)
        for name in names:
            shown = STDIN if name == "-" else name
            try:
                data = read(name)
                formed = canonical(data, shown)
            except ChartError as error:
                invalid += 1
                for line in "\n".join(map(describe, error.problems)).split("\n"):
                    terminal.say(line)
                continue
            differs = formed.encode() != data
            changed += differs
            if diff:
                terminal.data(_diff(data, formed, shown))
            elif check:
                terminal.data(f"{shown}\n" if differs else "")
            elif name == "-":
                terminal.data(formed)
            elif differs:
                _write(name, formed)
                terminal.say(f"Put in form: {name}")
        terminal.say(_sum(len(names), changed, invalid, written=not (check or diff)))
        return ExitCode.INVALID_FILE if invalid or (check and changed) else ExitCode.OK


def _write(name: str, text: str) -> None:
    from xerosync.cli.files import write_whole

    write_whole(Path(name), text)


def _sum(files: int, changed: int, invalid: int, *, written: bool) -> str:
    if invalid:
        return f"{invalid} of {files} left as it is: mend what is listed, then run it again."
    if changed:
        verb = "put in form." if written else "not in form: `xerosync fmt` mends that."
        return f"{changed} of {files} {verb}"
    return "In form." if files == 1 else f"All {files} in form."


def _diff(data: bytes, formed: str, name: str) -> str:
    """Give a unified diff that is safe to print; line ends and a byte order mark are shown."""
    import difflib

    from xerosync.text import visible

    before = data.decode("utf-8", "replace").split("\n")
    lines = difflib.unified_diff(before, formed.split("\n"), name, f"{name} in form", lineterm="")
    return "".join(visible(line) + "\n" for line in lines)
