"""The page of a plan in a real browser: silent, accessible, and with a working filter."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from ci.pages import hostile_run, whole_run
from playwright.sync_api import Page, expect
from render.hostile import ATTACKS
from render.plans import hostile_plan, long_plan, rich_plan

from end_to_end.browser.conftest import Open, Opened
from xerosync.render.journal.html import as_html
from xerosync.render.plan.html import plan_as_html

PAGES: dict[str, Callable[[], str]] = {
    "rich": lambda: plan_as_html(
        rich_plan(), created_at="2026-11-24T09:00:00Z", digest="sha256:" + "0" * 64
    ),
    "long": lambda: plan_as_html(long_plan(500)),
    "hostile": lambda: plan_as_html(hostile_plan(f"{ATTACKS['html']} {ATTACKS['attribute']}")),
    "script": lambda: plan_as_html(hostile_plan(f"{ATTACKS['script']} {ATTACKS['style']}")),
    "record": lambda: as_html([whole_run(), hostile_run(f"{ATTACKS['html']} {ATTACKS['script']}")]),
}


@cache
def made(name: str) -> str:
    """Make a page, once."""
    return PAGES[name]()


WIDTHS = [400, 800, 1400]


def rows(page: Page) -> int:
    """Count the changes and blocks that can be seen."""
    return page.locator("[data-item]:visible").count()


def search(page: Page, text: str) -> None:
    page.get_by_label("Search").fill(text)
    page.wait_for_timeout(250)


def assert_quiet(opened: Opened) -> None:
    """Check that the page logged nothing, and requested only itself."""
    assert opened.messages == []
    assert opened.requests == [opened.page.url.partition("#")[0]]


@pytest.mark.parametrize("name", [name for name in PAGES if name != "long"])
@pytest.mark.parametrize(
    ("scheme", "width"), [*(("light", width) for width in WIDTHS), ("dark", 400), ("dark", 1400)]
)
def test_axe_finds_nothing(open_page: Open, axe: str, name: str, width: int, scheme: str) -> None:
    assert_for_all(open_page(made(name), width=width, scheme=scheme), axe)


def test_axe_finds_nothing_in_a_hundred_changes(open_page: Open, axe: str) -> None:
    """Only once, as axe is slow with so many; the other pages have each kind of change too."""
    assert_for_all(open_page(plan_as_html(long_plan(100))), axe)


def not_measured(node: dict[str, Any]) -> bool:
    """Whether axe gave up on the contrast of a symbol, or of a name that wraps or is turned.

    Such a name overlaps what is beside it. The palette's contrasts are computed in
    `tests/render/plan/test_html.py` and `tests/render/compare/test_html.py`.
    """
    reasons = {(check["data"] or {}).get("messageKey") for check in node["any"]}
    return reasons in ({"elmPartiallyObscuring"}, {"nonBmp"}, {"bgOverlap"})


def assert_for_all(opened: Opened, axe: str) -> None:
    """Check with axe that the unfolded page has no problem, and nothing uncertain."""
    opened.page.evaluate(
        "document.querySelectorAll('details').forEach(details => details.open = true)"
    )
    opened.page.evaluate(axe)
    found: dict[str, Any] = opened.page.evaluate(
        "axe.run(document, {resultTypes: ['violations', 'incomplete']})"
    )
    said = [
        f"{finding['id']}: {node['html'][:120]}"
        for finding in (*found["violations"], *found["incomplete"])
        for node in finding["nodes"]
        if not not_measured(node)
    ]
    assert said == []
    assert_quiet(opened)


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_wider_than_the_window(open_page: Open, name: str) -> None:
    page = open_page(made(name)).page
    for width in (320, *WIDTHS):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("innerWidth") == width
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_one_change_is_not_plural(open_page: Open) -> None:
    page = open_page(plan_as_html(long_plan(1))).page
    expect(page.get_by_role("status")).to_have_text("1 shown.")


def test_the_filter_finds_by_code_name_value_and_reason(open_page: Open) -> None:
    opened = open_page(made("long"))
    page, status = opened.page, opened.page.get_by_role("status")
    expect(status).to_have_text("All 500 shown.")
    search(page, "1007")
    expect(status).to_have_text("1 of 500 shown.")
    assert rows(page) == 1
    search(page, "renamed 100TH")
    assert rows(page) == 1
    search(page, "renumbered")
    assert rows(page) == 100
    expect(page.get_by_role("heading", name="Archive")).to_be_hidden()
    search(page, "no such thing")
    expect(status).to_have_text("0 of 500 shown.")
    page.get_by_role("button", name="Show all").click()
    expect(status).to_have_text("All 500 shown.")
    expect(page.get_by_label("Search")).to_be_focused()
    assert_quiet(opened)


def test_the_page_filters_by_kind_and_by_warning(open_page: Open) -> None:
    page = open_page(made("rich")).page
    status = page.get_by_role("status")
    page.get_by_label("updates").uncheck()
    expect(status).to_have_text("9 of 19 shown.")
    page.get_by_label("updates").check()
    page.get_by_label("only those to look at first").check()
    expect(status).to_have_text("10 of 19 shown.")
    expect(page.get_by_role("heading", name="Update 5 of 10")).to_be_visible()


def test_the_filter_finds_names_without_their_accents(open_page: Open) -> None:
    page = open_page(plan_as_html(hostile_plan("Été à Zürich"))).page
    search(page, "ete zurich new")
    assert rows(page) >= 1


def test_kinds_that_the_plan_lacks_are_not_offered(open_page: Open) -> None:
    page = open_page(made("long")).page
    expect(page.get_by_label("deletes")).to_be_hidden()
    expect(page.get_by_label("archives")).to_be_visible()


def test_a_link_shows_what_the_filter_hides(open_page: Open) -> None:
    opened = open_page(made("rich"))
    page = opened.page
    search(page, "advertising")
    assert rows(page) == 1
    page.get_by_role("link", name="990 Old Clearing").first.click()
    expect(page.locator("[data-action=delete]")).to_be_visible()
    expect(page.locator("[data-action=delete]")).to_be_focused()
    assert_quiet(opened)


def test_five_hundred_changes_filter_at_once(open_page: Open) -> None:
    """A keystroke is faster than the eye, with a margin for slow machines."""
    page = open_page(made("long")).page
    took = page.evaluate(
        """async () => {
          const find = document.getElementById('find');
          const began = performance.now();
          find.value = 'renumbered';
          find.dispatchEvent(new Event('input', {bubbles: true}));
          while (document.getElementById('count').textContent.startsWith('All'))
            await new Promise(done => setTimeout(done, 5));
          document.body.getBoundingClientRect();
          return performance.now() - began;
        }"""
    )
    assert took < 2_000


def test_the_page_works_with_the_keyboard_alone(open_page: Open) -> None:
    page = open_page(made("rich")).page
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the changes")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#changes")).to_be_focused()
    seen = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            """() => {
              const style = getComputedStyle(document.activeElement);
              if (document.activeElement === document.body) return null;
              return [document.activeElement.id || document.activeElement.textContent.trim(),
                      style.outlineStyle, parseFloat(style.outlineWidth)];
            }"""
        )
        if focused is None:
            break
        assert focused[1] != "none", focused
        assert focused[2] >= 2
        seen.add(focused[0])
    assert {"find", "warned", "In Xero but not in the file, left alone"} <= seen


def test_a_screen_reader_finds_its_way(open_page: Open) -> None:
    page = open_page(made("rich"), width=400).page
    assert page.get_by_role("main").count() == 1
    assert page.get_by_role("contentinfo").count() == 1
    assert page.get_by_role("search", name="Filter the changes").count() == 1
    assert page.get_by_role("heading", level=1).count() == 1
    for name in ("Accounts to archive", "Accounts to update", "Accounts to create"):
        table = page.get_by_role("table", name=name)
        assert table.get_by_role("columnheader").count() >= 3
        assert table.get_by_role("rowheader").count() >= 1
        assert table.get_by_role("cell").count() >= 1


def test_the_printed_page_has_no_filter_and_no_folds(open_page: Open) -> None:
    page = open_page(made("rich")).page
    search(page, "advertising")
    assert rows(page) == 1
    page.emulate_media(media="print")
    assert rows(page) == 19
    expect(page.get_by_label("Search")).to_be_hidden()
    expect(page.get_by_text("Owner A Share Capital")).to_be_visible()
    expect(page.get_by_text("Approved by")).to_be_visible()
    assert page.pdf(format="A4")[:5] == b"%PDF-"


def test_without_scripts_everything_is_shown(open_page: Open) -> None:
    opened = open_page(made("rich"), script=False)
    assert opened.page.locator("[data-item]:visible").count() == 19
    assert opened.page.locator("form:visible").count() == 0


def test_the_content_security_policy_blocks_requests_styles_and_scripts(open_page: Open) -> None:
    page = open_page(made("rich")).page
    blocked = page.evaluate(
        """async () => {
          const blocked = [];
          document.addEventListener('securitypolicyviolation',
            event => blocked.push(event.effectiveDirective));
          fetch('http://127.0.0.1:9/').catch(() => {});
          const image = new Image(); image.src = 'http://127.0.0.1:9/x.png';
          document.body.setAttribute('style', 'color: red');
          const script = document.createElement('script');
          script.textContent = 'window.broken = true';
          document.body.append(image, script);
          await new Promise(done => setTimeout(done, 300));
          return [blocked.sort(), window.broken === undefined];
        }"""
    )
    directives = ["connect-src", "img-src", "script-src-elem", "style-src-attr"]
    assert blocked == [directives, True]
