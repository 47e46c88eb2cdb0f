"""The page of a report on Xero's behaviour in a real browser: silent, accessible, and narrow."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from render.doctor.behaviours_of_xero import hostile, report
from render.hostile import ATTACKS

from end_to_end.browser.conftest import Open
from end_to_end.browser.test_page import assert_for_all, assert_quiet
from xerosync.render.doctor.behaviour_html import report_as_html
from xerosync.render.doctor.behaviour_view import view_of
from xerosync.xero_behaviour import Question

REPORT = report_as_html(view_of(report(Question.CLEAR_DESCRIPTION, Question.MODIFIED_SINCE)))
PAGES = {
    "report": REPORT,
    "hostile": report_as_html(view_of(hostile(" ".join(ATTACKS[n] for n in ("html", "script"))))),
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1400, "dark"), (1400, "light")])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_window(
    open_page: Open, axe: str, name: str, width: int, scheme: str
) -> None:
    opened = open_page(PAGES[name], width=width, scheme=scheme)
    assert_for_all(opened, axe)
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_differs_is_seen_first(open_page: Open) -> None:
    opened = open_page(REPORT, width=1400)
    headings = opened.page.get_by_role("heading", level=2).all_text_contents()
    assert headings == [
        "33 questions answered, 2 differ from the sandbox.",
        "Differs from the sandbox 2",
        "Same as the sandbox 31",
        "The main job",
    ]
    table = opened.page.get_by_role("table", name="Questions that Xero answers differently")
    expect(table.get_by_role("row")).to_have_count(3)
    expect(table).to_contain_text("not modified")
    assert_quiet(opened)
