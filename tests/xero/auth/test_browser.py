"""A person signs in with a real browser, from the command to the last page, and plans."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from command_line import Xerosync
from playwright.sync_api import Browser, Page

from xero.auth.conftest import Command, free_port
from xerosync.sandbox import Sandbox


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """Open an empty page."""
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def test_a_person_signs_in_with_a_browser_and_plans(
    books: Sandbox, xerosync: Xerosync, page: Page
) -> None:
    """PKCE from end to end: address, consent, callback, last page, and the token in use."""
    command = Command("auth", "login", "--no-browser", "--port", str(free_port()))
    page.goto(command.until(r"^\s*(http://\S+)"))
    assert page.get_by_role("heading").inner_text() == "Allow access?"
    assert "view and change the chart of accounts" in page.inner_text("ul")
    page.get_by_role("button", name="Allow access").click()
    page.wait_for_url("http://localhost:*/callback?*")
    assert page.get_by_role("heading").inner_text() == "Signed in"
    assert "Demo Company (NZ)" in page.inner_text("main")
    assert page.content().count("<script") == 0
    assert command.end() == 0
    assert "Signed in to Demo Company (NZ)" in command.said
    assert xerosync("apply", "--yes").code == 0
    exchanges = [asked for asked in books.requests if asked.path == "/connect/token"]
    assert [asked.status for asked in exchanges] == [200]


def test_a_person_denies_in_the_browser(books: Sandbox, xerosync: Xerosync, page: Page) -> None:
    command = Command("auth", "login", "--no-browser", "--port", str(free_port()))
    page.goto(command.until(r"^\s*(http://\S+)"))
    page.get_by_role("button", name="Deny").click()
    page.wait_for_url("http://localhost:*/callback?*")
    assert page.get_by_role("heading").inner_text() == "Not signed in"
    assert "Access was denied" in page.inner_text("main")
    assert command.end() == 4
    assert "Access was denied in the browser." in command.said
    assert xerosync("plan").code == 4
