"""The page of a comparison in a real browser: silent, accessible, and quick to walk through."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache

import pytest
from playwright.sync_api import Locator, Page, expect
from render.compare.grids import (
    every_state,
    grid_of,
    hostile,
    large,
    line,
    not_compared,
    organisation,
)
from render.hostile import ATTACKS

from end_to_end.browser.conftest import Open
from end_to_end.browser.test_page import assert_for_all, assert_quiet
from xerosync.organisations.compare.grid import CellState, GridAccount, GridCell, Key
from xerosync.render.compare.html import page as page_of
from xerosync.render.compare.states import different, differing, splits

MADE = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
SOME = large(60, 30)
HEBREW = "\u05d7\u05e9\u05d1\u05d5\u05df"
PAGES: dict[str, Callable[[], str]] = {
    "few": lambda: page_of(every_state(), MADE),
    "narrow": lambda: page_of(large(24, 5), MADE),
    "untold": lambda: page_of(not_compared(), MADE),
    "hostile": lambda: page_of(hostile(f"{ATTACKS['html']} {ATTACKS['attribute']}"), MADE),
    "script": lambda: page_of(hostile(f"{ATTACKS['script']} {ATTACKS['style']}"), MADE),
    "long": lambda: page_of(hostile(f"{ATTACKS['long']} {HEBREW} {'x' * 90}"), MADE),
}
ALL = "321 accounts in 1,000 organisations: 5,686 differences."


@cache
def made(name: str) -> str:
    """Make a page, once."""
    return PAGES[name]()


def cell(page: Page, name: str) -> Locator:
    return page.get_by_role("gridcell", name=name, exact=True)


def focused(page: Page) -> str:
    """Return the accessible name of what has the focus."""
    return str(page.evaluate("document.activeElement.getAttribute('aria-label')"))


def status(page: Page) -> Locator:
    return page.locator("#count")


@pytest.fixture(scope="module")
def many() -> str:
    """Return the page of a thousand organisations."""
    return page_of(large(), MADE)


@pytest.fixture(scope="module")
def some() -> str:
    """Return a page whose rows and columns do not fit the window, either."""
    return page_of(SOME, MADE)


@pytest.mark.parametrize(
    ("name", "scheme", "width"),
    [("few", "light", 1400), ("few", "dark", 400), ("narrow", "dark", 1400),
     ("hostile", "light", 1400), ("untold", "light", 1400)],
)  # fmt: skip
def test_axe_finds_nothing(open_page: Open, axe: str, name: str, width: int, scheme: str) -> None:
    opened = open_page(made(name), width=width, scheme=scheme)
    opened.page.locator(".cell").first.click()
    assert_for_all(opened, axe)


def test_a_cell_says_that_its_tax_rate_was_not_compared(open_page: Open) -> None:
    opened = open_page(made("untold"))
    page = opened.page
    same = cell(page, "200 Sales, Coral Cafe: same, tax rate not compared")
    expect(same).to_have_text("✓? tax rate not compared")
    same.click()
    detail = page.locator("#detail")
    expect(detail).to_contain_text("as the standard has it (tax rate not compared)")
    expect(detail.get_by_role("row", name=re.compile("tax rate, not compared"))).to_be_visible()
    expect(cell(page, "200 Sales, Acme Ltd: same")).to_have_text("✓")
    assert_quiet(opened)


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_wider_than_the_window(open_page: Open, name: str) -> None:
    opened = open_page(made(name))
    page = opened.page
    page.locator(".cell").first.click()
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    for width in (320, 400, 800, 1400):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert_quiet(opened)


def test_a_cell_says_its_account_its_organisation_and_its_state(open_page: Open) -> None:
    page = open_page(made("few")).page
    grid = page.get_by_role("grid", name="Accounts by organisations")
    expect(grid).to_have_attribute("aria-rowcount", "9")
    expect(grid).to_have_attribute("aria-colcount", "4")
    assert grid.get_by_role("columnheader").count() == 4
    assert grid.get_by_role("rowheader").count() == 8
    for name, text in {
        "200 Sales, Acme Ltd: same": "✓",
        "404 Bank Charges, Acme Ltd: named differently, Bank Fees": "N Bank Fees",
        "404 Bank Charges, Birch & Sons: override, Merchant Fees": "◆ Merchant Fees",
        "408 Cleaning, Acme Ltd: of another type, current asset, INPUT2": "T current asset",
        "408 Cleaning, Coral Cafe: taxed differently, BASEXCLUDED": "% BASEXCLUDED",
        "433 Insurance, Birch & Sons: coded differently, 434": "# 434",
        "433 Insurance, Coral Cafe: missing": "✕ missing",
        "615 Consignment Stock, Acme Ltd: not needed": "○ not needed",
        "905 Grant Income, Acme Ltd: extra": "✚ extra",
        "905 Grant Income, Coral Cafe: not there": "",
    }.items():
        expect(cell(page, name)).to_have_text(text)


def test_the_detail_has_all_that_is_known_of_a_cell(open_page: Open) -> None:
    opened = open_page(made("few"))
    page, detail = opened.page, opened.page.get_by_role("region", name="Detail")
    expect(detail).to_be_hidden()
    cell(page, "404 Bank Charges, Birch & Sons: override, Merchant Fees").click()
    for part in (
        "404 Bank Charges", "Birch & Sons",
        "override: the organisation's file overrides the standard", "Merchant Fees",
        splits((Key.NAME,)),
        "Reason: Named so in the bank's covenant", "clients/birch.yaml:7", "standard/chart.yaml:11",
    ):  # fmt: skip
        expect(detail).to_contain_text(part)
    assert detail.get_by_role("row", name="name, differs Merchant Fees Bank Charges").count() == 1
    told = page.locator("#told")
    expect(told).to_contain_text("Reason: Named so in the bank's covenant")
    cell(page, "433 Insurance, Coral Cafe: missing").click()
    expect(detail).to_contain_text('Its code is taken by "Drone Hire".')
    expect(detail).to_contain_text(splits(tuple(Key)))
    cell(page, "408 Cleaning, Coral Cafe: taxed differently, BASEXCLUDED").click()
    assert detail.get_by_role("row", name="tax rate, differs BASEXCLUDED INPUT").count() == 1
    cell(page, "905 Grant Income, Acme Ltd: extra").click()
    expect(detail).to_contain_text("The organisation's file lists it as its own.")
    page.get_by_role("rowheader", name="905 Grant Income: 2 differences").click()
    expect(detail).to_contain_text("extra in 2: Acme Ltd, Birch & Sons")
    page.get_by_role("columnheader", name="Acme Ltd: 3 differences").click()
    expect(detail).to_contain_text("clients/acme.yaml, NZ, retail, canary, id-Acme Ltd")
    expect(detail).to_contain_text("2 accounts the same.")
    assert detail.get_by_role("row").count() == 5
    detail.get_by_role("button", name="Close").click()
    expect(detail).to_be_hidden()
    assert_quiet(opened)


def test_a_same_account_does_not_claim_the_tax_rate_of_another_country(open_page: Open) -> None:
    page = open_page(made("few")).page
    cell(page, "200 Sales, Coral Cafe: same").click()
    detail = page.get_by_role("region", name="Detail")
    assert detail.get_by_role("row").count() == 4
    expect(detail).not_to_contain_text("tax rate")


def test_the_filter_narrows_accounts_and_organisations(open_page: Open, many: str) -> None:
    opened = open_page(many)
    page = opened.page
    expect(status(page)).to_have_text(ALL)
    page.get_by_label("Account", exact=True).fill("207 bank")
    expect(status(page)).to_contain_text("1 of 321 accounts in 1,000 organisations")
    page.get_by_label("Account", exact=True).fill("advertising costs")
    expect(status(page)).to_contain_text("4 of 321 accounts")
    page.get_by_role("button", name="Show all").click()
    expect(status(page)).to_have_text(ALL)
    page.get_by_label("Organisation", exact=True).fill("client-0042")
    expect(status(page)).to_contain_text("in 1 of 1,000 organisations")
    page.get_by_label("Organisation", exact=True).fill("")
    page.get_by_label("Tag or country").select_option(label="AU")
    abroad = sum(one.country == "AU" for one in large().organisations)
    expect(status(page)).to_contain_text(f"in {abroad} of 1,000 organisations")
    page.get_by_role("checkbox", name="accounts that the standard lacks").uncheck()
    expect(status(page)).to_contain_text("71 of 321 accounts")
    assert_quiet(opened)


def test_the_filter_chooses_kinds_and_what_splits_a_line(open_page: Open) -> None:
    page = open_page(made("few")).page
    for label in (
        "same",
        "named",
        "of another",
        "taxed",
        "coded",
        "extra",
        "override",
        "not needed",
    ):
        page.get_by_role("checkbox", name=re.compile(f"^{label}")).uncheck()
    expect(status(page)).to_have_text("1 of 7 accounts in 1 of 3 organisations: 1 difference.")
    assert page.get_by_role("gridcell").count() == 1
    page.get_by_role("button", name="Show all").click()
    page.get_by_label("Splits a line by").select_option(label="name")
    expect(status(page)).to_have_text("2 of 7 accounts in 3 organisations: 2 differences.")
    page.get_by_label("Splits a line by").select_option(label="name and class")
    expect(status(page)).to_have_text("3 of 7 accounts in 3 organisations: 3 differences.")
    dim = cell(page, "433 Insurance, Acme Ltd: same")
    expect(dim).to_have_class(re.compile("dim"))


def test_one_account_of_one_organisation_is_not_plural(open_page: Open) -> None:
    lacking = GridAccount(line("400", "Rent"), {"id-Acme": GridCell(CellState.MISSING)})
    page = open_page(page_of(grid_of([lacking], [organisation("Acme")]), MADE)).page
    expect(status(page)).to_have_text("1 account in 1 organisation: 1 difference.")


def test_the_filter_says_so_when_nothing_is_left(open_page: Open) -> None:
    opened = open_page(made("few"))
    opened.page.get_by_label("Account", exact=True).fill("nowhere")
    expect(status(opened.page)).to_have_text("Nothing matches the filter.")
    assert opened.page.get_by_role("gridcell").count() == 0
    opened.page.get_by_role("button", name="Show all").click()
    expect(status(opened.page)).to_have_text("7 accounts in 3 organisations: 9 differences.")
    assert_quiet(opened)


def test_what_differs_most_comes_first(open_page: Open, some: str) -> None:
    page = open_page(some).page
    page.get_by_label("Order").select_option(label="Most differences first")
    most = max(differing(one) for one in SOME.accounts)
    expect(page.locator(".rh .tally").first).to_have_text(str(most))
    counts = [int(text) for text in page.locator(".ch .tally").all_text_contents()]
    assert len(counts) > 10
    assert counts == sorted(counts, reverse=True)


def test_the_arrow_keys_walk_through_the_grid(open_page: Open) -> None:
    opened = open_page(made("few"))
    page = opened.page
    page.locator("#grid [tabindex='0']").focus()
    assert focused(page) == "200 Sales, Acme Ltd: same"
    for key, name in (
        ("ArrowRight", "200 Sales, Birch & Sons: same"),
        ("ArrowDown", "404 Bank Charges, Birch & Sons: override, Merchant Fees"),
        ("Home", "404 Bank Charges: 1 difference"),
        ("End", "404 Bank Charges, Coral Cafe: same"),
        ("ArrowRight", "404 Bank Charges, Coral Cafe: same"),
        ("PageDown", "905 Grant Income, Coral Cafe: not there"),
        ("ArrowUp", "433 Drone Hire, Coral Cafe: extra"),
        ("ArrowUp", "615 Consignment Stock, Coral Cafe: same"),
        ("ArrowDown", "433 Drone Hire, Coral Cafe: extra"),
        ("Control+Home", "200 Sales, Acme Ltd: same"),
        ("Home", "200 Sales: 0 differences"),
        ("ArrowUp", "None"),
        ("ArrowRight", "Acme Ltd: 3 differences"),
        ("Control+End", "905 Grant Income, Coral Cafe: not there"),
        ("PageUp", "200 Sales, Coral Cafe: same"),
    ):
        page.keyboard.press(key)
        assert focused(page) == name, key
        assert page.locator("#grid [tabindex]").count() == 1
    page.keyboard.press("Enter")
    detail = page.get_by_role("region", name="Detail")
    expect(detail).to_contain_text("200 Sales")
    assert focused(page) == "200 Sales, Coral Cafe: same"
    page.keyboard.press("Tab")
    expect(detail.get_by_role("button", name="Show only this account")).to_be_focused()
    page.keyboard.press("Escape")
    expect(detail).to_be_hidden()
    assert focused(page) == "200 Sales, Coral Cafe: same"
    assert_quiet(opened)


def test_only_what_is_in_view_is_in_the_document(open_page: Open, many: str) -> None:
    opened = open_page(many)
    page = opened.page
    page.locator("#grid [tabindex='0']").focus()
    page.keyboard.press("Control+End")
    assert focused(page).startswith("1149 Own")
    expect(page.locator(":focus")).to_be_in_viewport()
    assert page.evaluate("document.activeElement.ariaColIndex") == "1001"
    assert page.evaluate("document.activeElement.parentElement.ariaRowIndex") == "323"
    assert page.get_by_role("gridcell").count() < 2_500
    # The cell with the focus stays when it is scrolled away.
    name = focused(page)
    page.evaluate("document.getElementById('grid').scrollTo(9000, 2000)")
    page.wait_for_timeout(100)
    assert focused(page) == name
    order = "[...document.querySelectorAll('#sheet > [role=row]')].map(row => +row.ariaRowIndex)"
    indexes = page.evaluate(order)
    assert indexes == sorted(indexes)
    page.keyboard.press("ArrowUp")
    expect(page.locator(":focus")).to_be_in_viewport()
    assert_quiet(opened)


def test_headers_stay_in_view(open_page: Open, some: str) -> None:
    page = open_page(some, width=800).page
    page.locator("#grid").evaluate("grid => { grid.scrollIntoView(); grid.scrollTo(900, 500); }")
    page.wait_for_timeout(100)
    inside = page.evaluate(
        """() => {
          const box = document.getElementById('grid').getBoundingClientRect();
          const at = (dx, dy) => document.elementFromPoint(box.left + dx, box.top + dy)
            .closest('[role]').getAttribute('role');
          return [at(20, 20), at(20, box.height - 60), at(box.width - 60, 30)];
        }"""
    )
    assert inside == ["columnheader", "rowheader", "columnheader"]


def test_an_organisation_is_shown_alone_from_its_detail(open_page: Open, some: str) -> None:
    page = open_page(some).page
    page.locator(".ch").nth(3).click()
    detail = page.get_by_role("region", name="Detail")
    detail.get_by_role("button", name="Show only this organisation").click()
    expect(status(page)).to_contain_text("in 1 of 60 organisations")
    expect(page.locator("#grid")).to_have_class("wide")


def test_the_printed_page_of_few_organisations_lists_the_differences_of_each(
    open_page: Open, some: str
) -> None:
    page = open_page(some).page
    page.get_by_label("Organisation", exact=True).fill("client-0005")
    own = SOME.organisations[5].counts
    expect(status(page)).to_contain_text(f"in 1 of 60 organisations: {different(own)} difference")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    cells = sum(own.values()) - own[CellState.SAME]
    expect(page.locator("#printed tbody tr")).to_have_count(cells)
    expect(page.get_by_role("grid")).to_be_hidden()
    expect(page.get_by_label("Account", exact=True)).to_be_hidden()
    expect(page.get_by_role("heading", name="Accounts that differ")).to_be_hidden()


def test_all_organisations_are_printed_as_tables(open_page: Open) -> None:
    page = open_page(made("few")).page
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(page.get_by_role("grid")).to_be_hidden()
    expect(
        page.get_by_text("2 same, 1 named differently, 1 of another type, 1 extra")
    ).to_be_visible()
    expect(page.locator(".times:visible")).to_have_count(6)
    assert page.pdf(format="A4")[:5] == b"%PDF-"


def test_without_scripts_the_tables_say_what_differs(open_page: Open) -> None:
    page = open_page(made("few"), script=False).page
    expect(page.get_by_text("The grid needs JavaScript.")).to_be_visible()
    assert page.locator("form:visible").count() == 0
    expect(page.get_by_role("table").first).to_contain_text("Bank Fees")
