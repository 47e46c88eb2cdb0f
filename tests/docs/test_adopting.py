"""`docs/adopting.md` works as printed: from drifted books to an empty plan."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from accountant import Row, edit
from command_line import Xerosync

from xerosync.organisations.adopt.worksheet import DECISION, KEEP, MISSING, NAME, NEW_CODE, REASON
from xerosync.organisations.adopt.worksheet import SUGGESTION as LABEL

PAGE = (Path(__file__).parent.parent.parent / "docs" / "adopting.md").read_text(encoding="utf-8")
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
TABLE = re.compile(r"^\| Existing name \|.*\n\|.*\n((?:\|.*\n)+)", re.MULTILINE)


def decisions() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each account of the table in the page, with what is filled in."""
    (table,) = TABLE.findall(PAGE)
    for line in table.splitlines():
        names, *filled = [cell.strip() for cell in line.strip("|").split("|")]
        yield from ((name, tuple(filled)) for name in names.split("; "))


def test_every_command_and_decision_of_the_page_works(project: Path, xerosync: Xerosync) -> None:
    """A line after a command is what it prints; the table is what the manager decides."""
    table = dict(decisions())
    decided: set[str] = set()

    def fill_in(row: Row) -> None:
        label = row[NAME]
        if label == MISSING:
            label = f"{row[LABEL]} (missing)"
        elif "archived" in row["Type"]:
            label += " (archived)"
        if not row[DECISION] and label in table:
            row.update(zip((DECISION, KEEP, NEW_CODE, REASON), table[label], strict=True))
            decided.add(label)
        assert row[DECISION] or row[NAME] == MISSING, f"{label} is not in the page"

    printed = ""
    for line in "".join(CONSOLE.findall(PAGE)).splitlines():
        if not line.startswith("$ "):
            assert " ".join(line.split()) in printed, f"{line!r} is not in:\n{printed}"
            continue
        words = shlex.split(line.removeprefix("$ "))
        if words[0] == "mkdir":
            Path(words[1]).mkdir()
            continue
        if words[1:3] == ["adopt", "worksheet.csv"]:
            edit(Path("worksheet.csv"), fill_in)
            assert decided == set(table)
        said = xerosync(*words[1:])
        printed = " ".join((said.out + said.err).split())
        assert said.code == 0, f"{line}\n{printed}"
    overlay = Path("clients/eastbourne-dairy-ltd.yaml").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^```yaml\n# clients.*\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    for part in shown.replace("…\n", "").splitlines():
        assert part in overlay, overlay
