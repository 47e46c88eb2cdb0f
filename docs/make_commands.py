"""Write the README's list of commands from their own `--help`: `python docs/make_commands.py`.

With `--check` it says whether the README is current, and changes nothing.
"""

from __future__ import annotations

import re
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from xerosync.cli.app import app, run

README = Path(__file__).parent.parent / "README.md"
BLOCK = re.compile(r"(<!-- commands: begin -->\n).*?(<!-- commands: end -->)", re.DOTALL)


def commands() -> str:
    """Give a block for each command: its help, as a terminal of 80 columns shows it."""
    names = [[info.name] for info in app.registered_commands if info.name and not info.hidden]
    names += [
        [group.name, info.name]
        for group in app.registered_groups
        if group.name and group.typer_instance
        for info in group.typer_instance.registered_commands
        if info.name
    ]
    return "\n".join(_block(name) for name in names)


def _block(words: list[str]) -> str:
    out = StringIO()
    with redirect_stdout(out):
        run([*words, "--help"])
    title = f"xerosync {' '.join(words)}"
    text = "\n".join(line.rstrip() for line in out.getvalue().strip().splitlines())
    summary = text.split("\n\n")[1].strip() if "\n\n" in text else title
    return (
        f"<details><summary><code>{title}</code> — {' '.join(summary.split())}</summary>\n\n"
        f"```text\n{text}\n```\n\n</details>\n"
    )


def main() -> int:
    """Write the list, or with `--check` compare it."""
    before = README.read_text(encoding="utf-8")
    after = BLOCK.sub(lambda found: f"{found[1]}{commands()}{found[2]}", before)
    if "--check" in sys.argv:
        return int(before != after)
    README.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
