"""The page of a review in a real browser: silent, accessible, and with working filters."""

from __future__ import annotations

from functools import cache

import pytest
from playwright.sync_api import Page, expect
from render.hostile import ATTACKS
from render.practice import hostile_review, many, practice_review

from end_to_end.browser.conftest import Open
from end_to_end.browser.test_page import assert_for_all, assert_quiet, rows
from xerosync.organisations.review import Review
from xerosync.render.review.html import review_as_html


@cache
def made(name: str) -> str:
    """Make a page, once: a thousand organisations take a second."""
    match name:
        case "practice":
            at, digest = "2026-11-24T09:00:00Z", "sha256:" + "0" * 64
            return review_as_html(practice_review(), created_at=at, digest=digest)
        case "big":
            return review_as_html(Review.of(many(1_000)))
        case _:
            return review_as_html(hostile_review(" ".join(ATTACKS[one] for one in PAGES[name])))


PAGES = {"practice": (), "hostile": ("html", "attribute"), "script": ("script", "style")}
"""The pages that axe sees, each with the attacks in its names."""
WIDTHS = [400, 800, 1400]


def find(page: Page, label: str, text: str) -> None:
    page.get_by_label(label, exact=True).fill(text)
    page.wait_for_timeout(250)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(open_page: Open, axe: str, name: str, width: int, scheme: str) -> None:
    assert_for_all(open_page(made(name), width=width, scheme=scheme), axe)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [320, *WIDTHS])
def test_nothing_is_wider_than_the_window(open_page: Open, name: str, width: int) -> None:
    page = open_page(made(name), width=width).page
    page.get_by_role("button", name="Unfold all").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_page_filters_by_organisation(open_page: Open) -> None:
    opened = open_page(made("practice"))
    page, status = opened.page, opened.page.get_by_role("status")
    expect(status).to_have_text("All 11 shown.")
    find(page, "Organisation", "delta")
    expect(status).to_have_text("3 of 11 shown. In 1 of 10 organisations.")
    page.get_by_role("button", name="Unfold all").click()
    assert set(page.locator("[data-o]:visible").all_text_contents()) == {
        "Delta Freight", "Delta Freight: Bank Fees",
    }  # fmt: skip
    expect(page.locator("#changes")).to_contain_text("In 1 of 8 organisations")
    expect(page.get_by_role("heading", name="Blocked")).to_be_hidden()
    page.get_by_role("button", name="Show all").click()
    expect(status).to_have_text("All 11 shown.")
    find(page, "Organisation", "kea")
    expect(page.get_by_text("Kea Tours is not connected")).to_be_visible()
    assert rows(page) == 1
    assert_quiet(opened)


def test_an_organisation_whose_name_begins_like_others_is_found_alone(open_page: Open) -> None:
    page = open_page(made("big")).page
    find(page, "Organisation", "Company 10 Limited")
    expect(page.get_by_role("status")).to_contain_text("In 1 of 1000 organisations.")
    find(page, "Organisation", "Company 10")
    expect(page.get_by_role("status")).to_contain_text("In 11 of 1000 organisations.")


def test_the_page_filters_by_tag_and_by_account(open_page: Open) -> None:
    page = open_page(made("practice")).page
    status = page.get_by_role("status")
    page.get_by_label("Tag").select_option(label="canary")
    expect(status).to_contain_text("In 1 of 10 organisations.")
    page.get_by_label("Tag").select_option(label="All")
    search_account(page, "welfare")
    assert rows(page) == 2
    search_account(page, "coast cafe")
    assert rows(page) == 0


def search_account(page: Page, text: str) -> None:
    find(page, "Account", text)


def test_the_page_filters_by_kind_and_by_warning(open_page: Open) -> None:
    page = open_page(made("practice")).page
    status = page.get_by_role("status")
    page.get_by_label("creates").uncheck()
    expect(status).to_have_text("9 of 11 shown.")
    page.get_by_label("only those to look at first").check()
    expect(status).to_have_text("6 of 11 shown.")
    expect(page.get_by_label("restores")).to_be_hidden()


def test_an_organisation_can_be_chosen_from_the_list(open_page: Open) -> None:
    opened = open_page(made("practice"))
    page = opened.page
    page.get_by_text("Each organisation with its counts").click()
    row = page.get_by_role("row", name="Hill Orchard")
    row.get_by_role("button").click()
    expect(page.get_by_label("Organisation", exact=True)).to_have_value("Hill Orchard")
    expect(page.get_by_label("Organisation", exact=True)).to_be_focused()
    expect(page.get_by_role("status")).to_contain_text("In 1 of 10 organisations.")
    assert_quiet(opened)


def test_everything_folds_and_unfolds(open_page: Open) -> None:
    page = open_page(made("practice")).page
    assert page.locator("[data-o]:visible").count() == 0
    button = page.get_by_role("button", name="Unfold all")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    assert page.locator("[data-o]:visible").count() > 0
    button.click()
    assert page.locator("[data-o]:visible").count() == 0


def test_a_thousand_organisations_filter_at_once(open_page: Open) -> None:
    page = open_page(made("big")).page
    took = page.evaluate(
        """async () => {
          const book = document.getElementById('book');
          const began = performance.now();
          book.value = 'Company 77';
          book.dispatchEvent(new Event('input', {bubbles: true}));
          while (document.getElementById('count').textContent.startsWith('All'))
            await new Promise(done => setTimeout(done, 5));
          document.body.getBoundingClientRect();
          return performance.now() - began;
        }"""
    )
    assert took < 2_000


def test_the_page_works_with_the_keyboard_alone(open_page: Open) -> None:
    page = open_page(made("practice")).page
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the changes")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#changes")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(".where-of summary").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("[data-o]:visible").first).to_be_visible()
    for label in ("Account", "Organisation", "Tag"):
        page.get_by_label(label, exact=True).focus()
        style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style != "none", label


def test_a_screen_reader_finds_its_way(open_page: Open) -> None:
    page = open_page(made("practice"), width=400).page
    assert page.get_by_role("main").count() == 1
    assert page.get_by_role("search", name="Filter the changes").count() == 1
    assert page.get_by_role("heading", level=1).count() == 1
    table = page.get_by_role(
        "table", name="New in the files since the last apply: each account with its change"
    )
    assert table.get_by_role("columnheader").count() == 4
    assert table.get_by_role("rowheader").count() == 7


def test_the_printed_page_has_no_filter_and_no_folds(open_page: Open) -> None:
    page = open_page(made("practice")).page
    find(page, "Organisation", "delta")
    page.emulate_media(media="print")
    assert rows(page) == 11
    expect(page.get_by_label("Account", exact=True)).to_be_hidden()
    expect(page.get_by_text("Approved by")).to_be_visible()
    assert page.pdf(format="A4")[:5] == b"%PDF-"


def test_without_scripts_everything_is_shown(open_page: Open) -> None:
    opened = open_page(made("practice"), script=False)
    assert opened.page.locator("[data-item]:visible").count() == 11
    assert opened.page.locator("form:visible").count() == 0
    opened.page.locator("summary").last.click()
    assert opened.page.locator("button:visible").count() == 0
