"""Draw the pictures in README.md: `python docs/make_pictures.py`.

One is what `xerosync plan --sandbox` prints for `accounts.yaml`, as an SVG that loads no fonts.
The other is the page of a comparison that `make practice` writes, as a PNG made by Chromium: it
holds a digest of that page, and is drawn again only if the page has changed.
With `--check`, exit with status 1 if a picture is out of date, and write nothing.
"""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI

from xerosync import __version__
from xerosync.chartfile.load import parse
from xerosync.plan.build import build_reading
from xerosync.render.plan.text import plan_view, summary_line
from xerosync.sandbox import Sandbox
from xerosync.settings import Settings
from xerosync.xero.addresses import Addresses
from xerosync.xero.connect import Credentials, connect

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"
COLUMNS = 96
WIDTH, HEIGHT = 1180, 800
"""The size of the browser's window, in which the picture of the grid is taken."""
MARGIN = 8


def plan() -> str:
    """Plan the example chart against a new sandbox, and return the SVG of the plan."""
    chart = parse((ROOT / "accounts.yaml").read_bytes(), "accounts.yaml").chart
    with tempfile.TemporaryDirectory() as folder, Sandbox(Path(folder) / "books.db") as sandbox:
        settings = Settings().for_sandbox(sandbox.url)
        credentials = Credentials(None, settings.client_id, settings.client_secret)
        ledger = connect(credentials, Addresses(sandbox.url, sandbox.url), read_only=True)
        current = ledger.chart()
        found = build_reading(current, chart, lambda: ledger.usage(current.accounts))
        ledger.close()
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), highlight=False, markup=False)
    console.print("$ xerosync plan --sandbox\n")
    console.print(plan_view(found))
    console.print(summary_line(found), style="bold")
    title = "xerosync plan --sandbox"
    return _without_font_server(console.export_svg(title=title, theme=MONOKAI, unique_id="plan"))


def _without_font_server(svg: str) -> str:
    """Replace the font from a server by one of the reader's machine."""
    local = re.sub(r"@font-face \{[^}]*\}\s*", "", svg)
    return local.replace("Fira Code", "ui-monospace, Menlo, Consolas")


def comparison() -> str:
    """Return the page that `make practice` writes, without its date and version."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder) / "practice"
        shutil.copytree(
            ROOT / "examples" / "practice", here, ignore=lambda *_: [".xerosync", "compare.html"]
        )
        for arguments in (
            ["sandbox", "--organisations", "12", "--reset"],
            ["compare", "--sandbox", "-f", "clients", "--html-file", "compare.html"],
        ):
            command = [sys.executable, "-m", "xerosync", *arguments]
            subprocess.run(  # noqa: S603 what `make practice` runs
                command, cwd=here, check=True, capture_output=True
            )
        page = (here / "compare.html").read_text(encoding="utf-8")
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:]+Z", "", page).replace(__version__, "")


def photograph(page: str) -> bytes:
    """Return the grid of a page as a PNG, with the detail of an override."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 needed only to draw

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "compare.html"
        file.write_text(page, encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="dark")
        opened.goto(file.as_uri())
        opened.locator("#order").select_option("most")
        opened.get_by_role("gridcell", name="404 Bank Charges, Kowhai Legal Ltd").click()
        grid = opened.locator("#grid")
        grid.evaluate(f"grid => scrollTo(0, grid.getBoundingClientRect().top + scrollY - {MARGIN})")
        opened.mouse.move(0, 0)
        height = float(grid.evaluate("grid => grid.offsetHeight")) + 2 * MARGIN
        png: bytes = opened.screenshot(clip={"x": 0, "y": 0, "width": WIDTH, "height": height})
        browser.close()
    return png


def labelled(png: bytes, digest: str) -> bytes:
    """Return a PNG that says what it was made of, after its first chunk."""
    chunk = b"tEXtSource\0" + digest.encode()
    end = 8 + 12 + 13  # the signature, and the chunk IHDR
    return b"".join(
        (png[:end], struct.pack(">I", len(chunk) - 4), chunk, struct.pack(">I", zlib.crc32(chunk)),
         png[end:])
    )  # fmt: skip


def main() -> int:
    """Write the pictures that are out of date, or with `--check` look for one."""
    svg, page = plan(), comparison()
    digest = hashlib.sha256(page.encode()).hexdigest()
    of_plan, of_grid = PICTURES / "plan.svg", PICTURES / "compare.png"
    outdated = [
        *([of_plan] if of_plan.read_text(encoding="utf-8") != svg else []),
        *([of_grid] if not of_grid.exists() or digest.encode() not in of_grid.read_bytes() else []),
    ]
    if "--check" in sys.argv:
        for path in outdated:
            print(f"{path.relative_to(ROOT)} is out of date: run `make docs`.")
        return int(bool(outdated))
    if of_plan in outdated:
        of_plan.write_text(svg, encoding="utf-8")
    if of_grid in outdated:
        of_grid.write_bytes(labelled(photograph(page), digest))
    return 0


if __name__ == "__main__":
    sys.exit(main())
