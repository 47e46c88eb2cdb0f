"""Pages open in Chromium, with their requests and their errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

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
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.messages.append(message.text))
        page.on("pageerror", lambda error: self.messages.append(str(error)))
        page.on("dialog", lambda dialog: self.messages.append(f"dialog: {dialog.message}"))


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
