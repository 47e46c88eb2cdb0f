"""The page of a comparison: it stands alone, is small, and holds each difference."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from render.compare.grids import (
    every_state,
    grid_of,
    hostile,
    large,
    not_compared,
    organisation,
)
from render.hostile import ATTACKS, Page
from render.plan.test_html import luminance
from xerosync.organisations.compare.grid import DIFFERENCES, CellState, Grid
from xerosync.render.compare.html import page
from xerosync.render.compare.states import STATES
from xerosync.text import visible

MADE = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
PAGE = page(every_state(), MADE)


def data(text: str) -> dict[str, Any]:
    """Return what the script reads, as it reads it."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found
    read: dict[str, Any] = json.loads(found[1])
    return read


def seen(text: str) -> str:
    """Return the text of a page without its style and scripts."""
    body = re.sub(r"<(style|script)[^>]*>.*?</\1>", "", text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", " ".join(Page(body).texts))


def test_the_policy_allows_what_is_on_the_page_and_nothing_else() -> None:
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', PAGE)
    assert found
    policy = found[1].replace("&#39;", "'")
    for tag in ("style", "script"):
        content = re.search(rf"<{tag}>(.*?)</{tag}>", PAGE, re.DOTALL)
        assert content
        digest = base64.b64encode(hashlib.sha256(content[1].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy


def test_ids_are_unique_and_labels_have_a_target() -> None:
    attributes = Page(PAGE).attributes
    ids = [value for name, value in attributes if name == "id"]
    assert len(ids) == len(set(ids))
    aimed = {value.lstrip("#") for name, value in attributes if name in {"for", "aria-labelledby"}}
    assert aimed <= set(ids)


def test_a_state_that_no_organisation_counts_is_in_the_filter_if_a_cell_has_it() -> None:
    """No organisation counts the accounts of a standard that it does not extend: no number."""
    grid = every_state()
    without = [
        replace(one, counts={s: n for s, n in one.counts.items() if s is not CellState.OPTIONAL})
        for one in grid.organisations
    ]
    shown = seen(page(replace(grid, organisations=without), MADE))
    assert "○ not needed " in shown
    assert not re.search(r"○ not needed \d", shown)


def test_the_data_has_each_cell_that_differs() -> None:
    grid, read = every_state(), data(PAGE)
    order = list(STATES)
    for account, (_, flags, _, flat) in zip(grid.accounts, read["accounts"], strict=True):
        assert flags & 1 == account.standard
        found = {
            read["books"][book][3]: order[read["cells"][cell][0]]
            for book, cell in zip(flat[::2], flat[1::2], strict=True)
        }
        assert found == {key: cell.state for key, cell in account.cells.items()}
    assert len(read["texts"]) == len(set(read["texts"]))


def test_the_page_says_what_its_signs_mean_and_how_much_differs() -> None:
    text = seen(PAGE)
    for state, words in STATES.items():
        total = sum(one.counts.get(state, 0) for one in every_state().organisations)
        assert f"{words.glyph} {words.label} {total}" in re.sub(r" +", " ", text), state
    for part in (
        "3 organisations compared with Tui practice chart",
        "Accounts of the standard with differences: 4 of 5.",
        "Organisations with neither a difference nor an extra account: 0 of 3.",
        "Tax rates of Coral Cafe are not compared.",
        "Not compared: 2", "No access to Dune Ltd.", "clients/ember.yaml",
        "N Bank Fees", "standard/chart.yaml:11", "2026-11-26T09:30:00Z",
    ):  # fmt: skip
        assert part in text, part


def test_the_tables_have_each_account_that_differs_the_most_frequent_first() -> None:
    named = re.findall(r'data-account="(\d+)"', PAGE)
    grid = every_state()
    differ = [
        (-sum(cell.state in DIFFERENCES for cell in account.cells.values()), number)
        for number, account in enumerate(grid.accounts)
        if account.standard
    ]
    wanted = [number for count, number in sorted(differ) if count]
    own = [number for number, account in enumerate(grid.accounts) if not account.standard]
    assert [int(number) for number in named] == wanted + own


def test_a_tax_rate_that_was_not_compared_has_a_mark_and_a_legend() -> None:
    marked = page(not_compared(), MADE)
    read = data(marked)
    cells = [
        [cells[at] for at in account[3][1::2]]
        for account, cells in ((one, read["cells"]) for one in read["accounts"][:2])
    ]
    assert [[(cell[0], cell[11]) for cell in row] for row in cells] == [[(0, 8)], [(1, 8), (7, 0)]]
    assert read["texts"][cells[0][0][10]] == "tax rate not compared"
    assert "? after a sign: tax rate not compared" in seen(marked)
    assert "tax rate of 1 account not compared" in seen(marked)
    assert "N? Bank Fees" in seen(marked)
    assert "after a sign" not in seen(PAGE)


@pytest.mark.parametrize(
    ("grid", "said"),
    [
        (Grid("Tui practice chart", (), ()), "Nothing was compared."),
        (grid_of(every_state().accounts[:1], [organisation("Acme")]), "No organisation differs."),
    ],
)
def test_a_page_without_differences_says_so(grid: Grid, said: str) -> None:
    assert said in seen(page(grid, MADE))


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("state", range(len(STATES)))
def test_every_sign_has_the_contrast_of_wcag_aa(scheme: int, state: int) -> None:
    """Axe does not measure the contrast of symbols."""
    palettes = re.findall(r":root \{([^}]*--(?:paper|purple)[^}]*)\}", PAGE)
    colours = {
        name: value
        for palette in palettes[scheme::2]
        for name, value in re.findall(r"--([\w-]+): (#[0-9a-f]{6})", palette)
    }
    rule = re.search(rf"\.k{state} \{{([^}}]*)\}}", PAGE)
    assert rule
    used = dict(re.findall(r"(color|background): var\(--([\w-]+)\)", rule[1]))
    ground = colours[used.get("background", "paper")]
    pair = sorted((luminance(colours[used["color"]]), luminance(ground)))
    assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5


def test_the_same_grid_gives_the_same_page() -> None:
    assert page(every_state(), MADE) == PAGE


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_a_hostile_name_does_nothing_in_the_page(attack: str) -> None:
    text = page(hostile(attack), MADE)
    plain = Page(PAGE)
    found = Page(text)
    assert set(found.tags) <= {*plain.tags, "code"}
    assert {name for name, _ in found.attributes} <= {name for name, _ in plain.attributes}
    assert not found.comments
    read = data(text)
    assert visible(attack) in read["texts"]
    assert {visible(value) for value in read["texts"]} == set(read["texts"])
    assert text.isprintable() or not set(text) & set("\x1b\x85\x9b\u2028\u202e\u2066\u200b")


def test_a_thousand_organisations_stay_under_three_megabytes() -> None:
    """Also if every account of every organisation differs."""
    assert len(page(large(), MADE).encode()) < 1_000_000
    assert len(page(large(share=1.0), MADE).encode()) < 3_000_000
