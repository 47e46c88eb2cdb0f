"""The page and the workbook of a comparison: 1,000 organisations by 71 accounts.

The page is opened in Chromium. A filter is measured from the input to the next frame.
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

from playwright.sync_api import Page, sync_playwright

from xerosync.organisations.grid import Grid
from xerosync.render.compare.html import page
from xerosync.render.compare.xlsx import workbook

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from render.compare.grids import large

MADE = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
TIMES = 3
T = TypeVar("T")

FILTERS = {
    "search an account": ("find", "bank"),
    "search an organisation": ("book", "Ember"),
    "choose a tag": ("tag", "t1"),
    "what splits by name": ("key", "2"),
    "order by differences": ("order", "most"),
}

FILTER = """async ([id, value]) => {
  const element = document.getElementById(id);
  const count = document.getElementById("count");
  document.getElementById("filter").reset();
  await new Promise((done) => setTimeout(done, 300));
  const changed = new Promise((done) => {
    new MutationObserver(done).observe(count, { childList: true });
  });
  const began = performance.now();
  element.value = value;
  element.dispatchEvent(new Event("input", { bubbles: true }));
  await changed;
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - began;
}"""

SCROLL = """async () => {
  const grid = document.getElementById("grid");
  const frames = [];
  for (let step = 0; step < 100; step += 1) {
    const began = performance.now();
    grid.scrollBy(180, step % 20 < 10 ? 60 : -60);
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    frames.push(performance.now() - began);
  }
  return frames.sort((one, other) => one - other)[95];
}"""


def measure() -> Iterator[tuple[str, ...]]:
    """Yield a row for each figure, with what it should be."""
    yield ("figure", "measured", "wanted")
    for name, share in (("8 % differ", 0.08), ("all differ", 1.0)):
        grid = large(share=share)
        took, text = _best(page, grid)
        yield (f"page, {name}", f"{took:.2f} s, {len(text.encode()) / 1e6:.1f} MB", "3 MB")
        if share < 1:
            took, file = _best(workbook, grid)
            yield (f"workbook, {name}", f"{took:.2f} s, {len(file) / 1e6:.1f} MB", "2 s")
        yield from _opened(text, name)


def _best(make: Callable[[Grid, datetime], T], grid: Grid) -> tuple[float, T]:
    """Return the shortest of some times of the processor, and what was made."""
    took = []
    for _ in range(TIMES):
        began = time.process_time()
        made = make(grid, MADE)
        took.append(time.process_time() - began)
    return min(took), made


def _opened(text: str, name: str) -> Iterator[tuple[str, ...]]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "grid.html"
        file.write_text(text, encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 1280, "height": 900})
        session = opened.context.new_cdp_session(opened)
        session.send("Performance.enable")
        opened.goto(file.as_uri())
        opened.wait_for_timeout(500)
        found = session.send("Performance.getMetrics")["metrics"]
        metrics = {one["name"]: one["value"] for one in found}
        yield (f"opening, {name}", f"{metrics['ScriptDuration'] * 1000:.0f} ms of script", "")
        yield (f"memory, {name}", f"{metrics['JSHeapUsedSize'] / 1e6:.1f} MB of JavaScript", "")
        for what, change in FILTERS.items():
            yield (f"{what}, {name}", f"{_slowest(opened, change):.0f} ms", "200 ms")
        opened.reload()
        yield (f"scrolling, {name}", f"{opened.evaluate(SCROLL):.0f} ms for a frame (p95)", "")
        browser.close()


def _slowest(opened: Page, change: tuple[str, str]) -> float:
    return max(float(opened.evaluate(FILTER, list(change))) for _ in range(TIMES))
