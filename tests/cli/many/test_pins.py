"""How to pin the accounts of several organisations that one row of a review blocks."""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import Xerosync
from end_to_end.practice import Begin, practices


@pytest.fixture
def begin(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Begin]:
    with practices(monkeypatch) as found:
        yield found


@pytest.mark.parametrize("fixed", ["", ", overridable: false"])
def test_each_organisation_of_a_block_has_its_file_and_the_line_to_add(
    fixed: str, begin: Begin, xerosync: Xerosync
) -> None:
    """One row for both, but each book has an account, and so an id, of its own."""
    practice = begin(3)
    Path("standard.yaml").write_text(
        "version: 1\nstandard: {name: Ours}\naccounts:\n"
        f'  - {{code: "487", name: Cloud Software, type: EXPENSE{fixed}}}\n'
    )
    wanted = []
    for number in (0, 1):
        store = practice.stores[number]
        made = store.insert(code="487", name="Drone Hire", type="EXPENSE")
        practice.file(number).write_text(
            "version: 1\nextends: ../standard.yaml\n"
            f'organisation: {{name: "{store.organisation.name}", country: NZ}}\n'
        )
        line = f'- {{standard: "487", account_id: {made.account_id}}}'
        wanted.append((str(practice.file(number)), line))
    for arguments in (("--format", "markdown"), ("--format", "html"), ()):
        said = " ".join(html.unescape(xerosync("plan", "clients", *arguments).out).split())
        for place, line in wanted:
            assert place in said
            assert "under overrides: " in said.replace("</code>", "")
            assert line in said.replace("&#58;", ":"), arguments
