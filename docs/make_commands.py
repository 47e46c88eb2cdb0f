"""Write the commands' help into docs/cli.md: `python docs/make_commands.py`.

With `--check`, exit with status 1 if the page is out of date, and write nothing.
"""

from __future__ import annotations

import re
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from xerosync.cli.app import COMMANDS, load, run

PAGE = Path(__file__).parent / "cli.md"
BLOCK = re.compile(r"(<!-- commands: begin -->\n).*?(<!-- commands: end -->)", re.DOTALL)


def sections() -> str:
    """Return a section for each command: its help, as on a terminal of 80 columns."""
    names = []
    for name in COMMANDS:
        group = getattr(load(name), "commands", None)
        names += [f"{name} {command}" for command in group] if group else [name]
    return "\n".join(f"### xerosync {name}\n\n```text\n{_help(name)}\n```\n" for name in names)


def _help(name: str) -> str:
    printed = StringIO()
    with redirect_stdout(printed):
        run([*name.split(), "--help"])
    return "\n".join(line.rstrip() for line in printed.getvalue().strip().splitlines())


def main() -> int:
    """Write the page, or with `--check` compare it."""
    before = PAGE.read_text(encoding="utf-8")
    after = BLOCK.sub(lambda found: f"{found[1]}{sections()}{found[2]}", before)
    if "--check" in sys.argv:
        return int(before != after)
    PAGE.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
