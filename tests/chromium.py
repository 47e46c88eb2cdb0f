"""One Chromium without a window for all tests: skipped where it is missing, never in CI."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

QUIET = (
    "--disable-background-networking", "--disable-component-update", "--disable-extensions",
    "--disable-gpu", "--disable-sync", "--no-first-run",
)  # fmt: skip


def missing(what: str) -> NoReturn:
    """Skip on somebody's own machine; fail where nobody would notice."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing, and CI is where it must be")
    pytest.skip(f"{what} is missing")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's chromium, driven by playwright; once a process, which is all that it takes."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        missing("chromium")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  (most tests do without)

    with sync_playwright() as playwright:
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        arguments = [*QUIET, *(["--no-sandbox"] if root else [])]
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()
