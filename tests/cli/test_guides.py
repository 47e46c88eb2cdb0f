"""Every command of the accountant's guide and of the recipes works, in the order shown.

A `diff` block, or "change the line", edits accounts.yaml, and a `console` block holds commands.
Each recipe starts with new books and a new file.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from command_line import Xerosync

DOCS = Path(__file__).parents[2] / "docs"
RECIPES = re.split(r"^## ", (DOCS / "recipes.md").read_text("utf-8"), flags=re.MULTILINE)[1:]
BLOCK = re.compile(
    r"^```(console|diff)\n(.*?)^```|change the line `([^`]+)` to `([^`]+)`",
    re.MULTILINE | re.DOTALL,
)


def follow(text: str, xerosync: Xerosync) -> list[str]:
    """Do what a page says, and return what each command printed."""
    written = []
    for kind, body, old, new in BLOCK.findall(text):
        if old:
            replace(old, new)
            continue
        if kind == "diff":
            edit(body)
            continue
        for line in body.splitlines():
            assert line.startswith("$ xerosync "), line
            said = xerosync(*shlex.split(line)[2:])
            assert said.code == 0, (line, said)
            written.append(said.out + said.err)
    return written


def edit(diff: str) -> None:
    """Make the edit that a diff shows."""
    lines = diff.splitlines(keepends=True)
    before = "".join(line[1:] for line in lines if line[0] != "+")
    after = "".join(line[1:] for line in lines if line[0] != "-")
    replace(before, after)


def replace(before: str, after: str) -> None:
    """Replace text in the file. It must occur exactly once."""
    file = Path("accounts.yaml")
    text = file.read_text("utf-8")
    assert text.count(before) == 1, before
    file.write_text(text.replace(before, after), "utf-8")


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.splitlines()[0])
def test_a_recipe_works_as_printed(recipe: str, xerosync: Xerosync) -> None:
    if not recipe.startswith("Start from"):
        assert xerosync("pull", "--sandbox").code == 0
    written = "".join(follow(recipe, xerosync))
    if recipe.startswith("Restore"):
        assert "restore" in written.casefold()


def test_the_guide_works_with_nothing_but_an_export(xerosync: Xerosync) -> None:
    xerosync("pull", "--sandbox")
    xerosync("export-csv", "--sandbox", "-o", "chart.csv")
    Path("accounts.yaml").unlink()
    guide = (DOCS / "guide.md").read_text("utf-8")
    first, rest = guide.split("## Later exports")
    written = follow(first, xerosync)
    assert any("Bank Charges" in text for text in written)
    xerosync("import-csv", "chart.csv")
    follow(rest, xerosync)
