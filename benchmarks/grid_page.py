"""The page and the workbook of a comparison: 1,000 organisations by 71 accounts.

The page is opened in Chromium, if it is installed. A filter is measured from the input to the next
frame. Times are processor times (for a page, of its main thread), so that they hold on a busy
machine too; a search also waits for another letter, which is part of its time here.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from playwright.sync_api import CDPSession, Page, sync_playwright

from xerosync.organisations.compare.grid import Grid
from xerosync.render.compare.html import page
from xerosync.render.compare.xlsx import workbook

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from render.compare.grids import large

MADE = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
TIMES = 3
T = TypeVar("T")

LIMIT = 200
WAIT = 50
"""Milliseconds that a search waits for another letter: as in compare_filter.js."""

FILTERS = {
    "search an account": ("find", "bank", WAIT),
    "search an organisation": ("book", "Ember", WAIT),
    "choose a tag": ("tag", "t1", 0),
    "what splits by name": ("key", "2", 0),
    "order by differences": ("order", "most", 0),
}

RESET = """async () => {
  document.getElementById("filter").reset();
  await new Promise((done) => setTimeout(done, 300));
}"""

FILTER = """async ([id, value]) => {
  const element = document.getElementById(id);
  const count = document.getElementById("count");
  const changed = new Promise((done) => {
    new MutationObserver(done).observe(count, { childList: true });
  });
  element.value = value;
  element.dispatchEvent(new Event("input", { bubbles: true }));
  await changed;
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
}"""

STEPS = 100
SCROLL = """async (steps) => {
  const grid = document.getElementById("grid");
  for (let step = 0; step < steps; step += 1) {
    grid.scrollBy(180, step % 20 < 10 ? 60 : -60);
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  }
}"""


def measure() -> Iterator[tuple[str, ...]]:
    """Yield a row for each figure, with its limit, and how much of the limit it is."""
    yield ("figure", "measured", "limit", "of the limit")
    for name, share in (("8 % differ", 0.08), ("all differ", 1.0)):
        grid = large(share=share)
        took, text = _best(page, grid)
        size = len(text.encode()) / 1e6
        yield (f"page, {name}", f"{took:.2f} s, {size:.1f} MB", "3 MB", f"{size / 3:.2f}")
        if share < 1:
            took, file = _best(workbook, grid)
            size = len(file) / 1e6
            yield (f"workbook, {name}", f"{took:.2f} s, {size:.1f} MB", "2 s", f"{took / 2:.2f}")
        yield from _opened(text, name)


def _best(make: Callable[[Grid, datetime], T], grid: Grid) -> tuple[float, T]:
    """Return the shortest of several processor times, and what was made."""
    took = []
    for _ in range(TIMES):
        began = time.process_time()
        made = make(grid, MADE)
        took.append(time.process_time() - began)
    return min(took), made


def _opened(text: str, name: str) -> Iterator[tuple[str, ...]]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        yield (f"opening, {name}", "not measured: install chromium", "", "")
        return
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "grid.html"
        file.write_text(text, encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 1280, "height": 900})
        session = opened.context.new_cdp_session(opened)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        opened.goto(file.as_uri())
        opened.wait_for_timeout(500)
        metrics = _metrics(session)
        yield (f"opening, {name}", f"{metrics['TaskDuration'] * 1000:.0f} ms", "", "")
        heap = metrics["JSHeapUsedSize"] / 1e6
        yield (f"memory, {name}", f"{heap:.1f} MB of JavaScript", "", "")
        for what, (field, value, wait) in FILTERS.items():
            took = wait + max(_filtered(opened, session, field, value) for _ in range(TIMES))
            yield (f"{what}, {name}", f"{took:.0f} ms", f"{LIMIT} ms", f"{took / LIMIT:.2f}")
        opened.reload()
        opened.wait_for_timeout(500)
        took = _busy(session, lambda: opened.evaluate(SCROLL, STEPS)) / STEPS
        yield (f"scrolling, {name}", f"{took:.1f} ms for a frame", "", "")
        browser.close()


def _filtered(opened: Page, session: CDPSession, field: str, value: str) -> float:
    opened.evaluate(RESET)
    return _busy(session, lambda: opened.evaluate(FILTER, [field, value]))


def _busy(session: CDPSession, act: Callable[[], object]) -> float:
    """Return the milliseconds of processor time that the page's main thread needs for an action."""
    before = _metrics(session)["TaskDuration"]
    act()
    return (_metrics(session)["TaskDuration"] - before) * 1000


def _metrics(session: CDPSession) -> dict[str, float]:
    found = session.send("Performance.getMetrics")["metrics"]
    return {one["name"]: one["value"] for one in found}
