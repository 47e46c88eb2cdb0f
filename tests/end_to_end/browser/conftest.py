"""Pages open in Chromium, with their requests and their errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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


@pytest.fixture
def open_page(chromium: Browser, tmp_path: Path) -> Iterator[Open]:
    """Return a function that opens HTML from a file, with a window width and a colour scheme."""
    contexts = []

    def begin(
        html: str, *, width: int = 1400, scheme: str = "light", script: bool = True
    ) -> Opened:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
            java_script_enabled=script,
        )
        contexts.append(context)
        path = tmp_path / "plan.html"
        path.write_text(html, encoding="utf-8")
        opened = Opened(context.new_page())
        opened.page.goto(path.as_uri())
        return opened

    yield begin
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def window(chromium: Browser) -> Iterator[Page]:
    """Return a page that the tests of a module open one after the other."""
    context = chromium.new_context(reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.fixture
def reopen(window: Page, tmp_path: Path) -> Iterator[Open]:
    """Return a function that opens HTML as `open_page` does, but always in the same window."""
    here = []

    def begin(html: str, *, width: int = 1400, scheme: str = "light") -> Opened:
        window.set_viewport_size({"width": width, "height": 900})
        window.emulate_media(media="screen", color_scheme="dark" if scheme == "dark" else "light")
        path = tmp_path / "grid.html"
        path.write_text(html, encoding="utf-8")
        opened = Opened(window)
        here.append(opened)
        window.goto(path.as_uri())
        return opened

    yield begin
    for opened in here:
        opened.let_go()
