"""Pages open in Chromium, with their requests and their errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from chromium import missing
from playwright.sync_api import Browser, Page


@pytest.fixture(scope="session")
def axe() -> str:
    """Return the source of axe-core, which checks accessibility."""
    try:
        return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
    except ModuleNotFoundError:
        missing("axe-playwright-python")


class Opened:
    """An open page, with its requests and its errors."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.messages: list[str] = []
        self._listeners: dict[Any, Callable[[Any], None]] = {
            "request": lambda request: self.requests.append(request.url),
            "console": lambda message: self.messages.append(message.text),
            "pageerror": lambda error: self.messages.append(str(error)),
            "dialog": lambda dialog: self.messages.append(f"dialog: {dialog.message}"),
        }
        for event, listener in self._listeners.items():
            page.on(event, listener)

    def let_go(self) -> None:
        """Hear no more of the page, which another test opens again."""
        for event, listener in self._listeners.items():
            self.page.remove_listener(event, listener)


Open = Callable[..., Opened]


@pytest.fixture(scope="session")
def window(chromium: Browser) -> Iterator[Page]:
    """Return the window in which tests open their pages: a new one each time takes longer."""
    context = chromium.new_context(reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.fixture
def open_page(window: Page, tmp_path: Path) -> Iterator[Open]:
    """Return a function that opens HTML from a file, with a window width and a colour scheme."""
    with ExitStack() as stack:

        def begin(
            html: str, *, width: int = 1400, scheme: str = "light", script: bool = True
        ) -> Opened:
            page = window
            if not script:
                browser = window.context.browser
                assert browser
                context = browser.new_context(reduced_motion="reduce", java_script_enabled=False)
                stack.callback(context.close)
                page = context.new_page()
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(media="screen", color_scheme="dark" if scheme == "dark" else "light")
            path = tmp_path / "page.html"
            path.write_text(html, encoding="utf-8")
            opened = Opened(page)
            stack.callback(opened.let_go)
            page.goto(path.as_uri())
            return opened

        yield begin
