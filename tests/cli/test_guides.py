"""The accountant's guide and the recipes: every command in them works, in its order.

A `diff` block is an edit of accounts.yaml, a `console` block commands. Each recipe has books
and a file of its own.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from chartfile.conftest import CommandResult

DOCS = Path(__file__).parents[2] / "docs"
RECIPES = re.split(r"^## ", (DOCS / "recipes.md").read_text("utf-8"), flags=re.MULTILINE)[1:]
BLOCK = re.compile(r"^```(console|diff)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def follow(text: str, xerosync: Callable[..., CommandResult]) -> list[str]:
    """Do what a page says, and give what each command wrote."""
    written = []
    for kind, body in BLOCK.findall(text):
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
    """Make the edit that a diff shows: its place must be there once."""
    file = Path("accounts.yaml")
    lines = diff.splitlines(keepends=True)
    before = "".join(line[1:] for line in lines if line[0] != "+")
    after = "".join(line[1:] for line in lines if line[0] != "-")
    text = file.read_text("utf-8")
    assert text.count(before) == 1, before
    file.write_text(text.replace(before, after), "utf-8")


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.splitlines()[0])
def test_a_recipe_works_as_it_stands(recipe: str, xerosync: Callable[..., CommandResult]) -> None:
    if not recipe.startswith("Start from"):
        assert xerosync("pull", "--sandbox").code == 0
    written = "".join(follow(recipe, xerosync))
    if recipe.startswith("Restore"):
        assert "restore" in written.casefold()


def test_the_guide_works_from_an_export_alone(xerosync: Callable[..., CommandResult]) -> None:
    xerosync("pull", "--sandbox")
    xerosync("export-csv", "--sandbox", "-o", "chart.csv")
    Path("accounts.yaml").unlink()
    guide = (DOCS / "guide.md").read_text("utf-8")
    first, rest = guide.split("## Later exports")
    written = follow(first, xerosync)
    assert any("Bank Charges" in text for text in written)
    xerosync("import-csv", "chart.csv")
    follow(rest, xerosync)
