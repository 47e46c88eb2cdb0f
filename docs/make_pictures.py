"""Draw the picture in README.md: `python docs/make_pictures.py`.

It is what `xerosync plan --sandbox` prints for `accounts.yaml`, as an SVG that loads no fonts.
With `--check`, exit with status 1 if the picture is out of date, and write nothing.
"""

from __future__ import annotations

import io
import re
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI

from xerosync.chartfile.load import parse
from xerosync.plan.build import build
from xerosync.render.plan.text import plan_view, summary_line
from xerosync.sandbox import Sandbox
from xerosync.settings import Settings
from xerosync.xero.addresses import Addresses
from xerosync.xero.connect import Credentials, connect

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "pictures" / "plan.svg"
COLUMNS = 96


def draw() -> str:
    """Plan the example chart against a new sandbox, and return the SVG of the plan."""
    chart = parse((ROOT / "accounts.yaml").read_bytes(), "accounts.yaml").chart
    with tempfile.TemporaryDirectory() as folder, Sandbox(Path(folder) / "books.db") as sandbox:
        settings = Settings().for_sandbox(sandbox.url)
        credentials = Credentials(None, settings.client_id, settings.client_secret)
        ledger = connect(credentials, Addresses(sandbox.url, sandbox.url), read_only=True)
        plan = build(ledger.chart(), chart)
        ledger.close()
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), highlight=False, markup=False)
    console.print("$ xerosync plan --sandbox\n")
    console.print(plan_view(plan))
    console.print(summary_line(plan), style="bold")
    title = "xerosync plan --sandbox"
    return _without_font_server(console.export_svg(title=title, theme=MONOKAI, unique_id="plan"))


def _without_font_server(svg: str) -> str:
    """Replace the font from a server by one of the reader's machine."""
    local = re.sub(r"@font-face \{[^}]*\}\s*", "", svg)
    return local.replace("Fira Code", "ui-monospace, Menlo, Consolas")


def main() -> int:
    """Write the picture, or with `--check` compare it."""
    picture = draw()
    if "--check" in sys.argv:
        return int(PICTURE.read_text(encoding="utf-8") != picture)
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(picture, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
