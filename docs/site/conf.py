"""Sphinx's configuration: the Markdown pages as a site, which `build.py` builds.

The source folder is the repository itself, so that a relative link works in the repository
and on the site. A link to a file that is not a page, such as `ci/gitlab.yml`, is a download.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from xerosync import __version__

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "xerosync"
html_title = "xerosync"
release = __version__
language = "en_GB"
smartquotes = False

extensions = ["myst_parser"]
myst_heading_anchors = 6
include_patterns = [
    "README.md", "SECURITY.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/**.md",
    "examples/**.md",
]  # fmt: skip
exclude_patterns = [".*", "build", "dist", "docs/site", "tests", "xerosync"]
root_doc = "docs/README"

html_theme = "furo"
html_copy_source = False
html_show_copyright = False
html_use_index = False
templates_path = ["."]
html_additional_pages = {"index": "first.html"}

ENTRY = re.compile(r"^\* \[(?P<title>.+?)\]\((?P<page>[^)#]+)\.md\)", re.MULTILINE)


def menus(page: str) -> str:
    """Return the side menu for a page of links: its sections and what they list."""
    made = []
    for section in re.split(r"^## ", page, flags=re.MULTILINE):
        first = section.splitlines()[0]
        caption = [] if first.startswith("#") else [f":caption: {first}"]
        entries = [
            f"{found['title'].replace('`', '')} <{found['page']}>"
            for found in ENTRY.finditer(section)
        ]
        if entries:
            made.append("\n".join(["```{toctree}", ":hidden:", *caption, "", *entries, "```"]))
    return "\n\n".join(made)


def add_menus(_app: Sphinx, document: str, source: list[str]) -> None:
    """Add the menu to each page of links: on GitHub, the links alone are the menu."""
    if Path(document).name == "README" and document != "README":
        source[0] += f"\n\n{menus(source[0])}\n"


def setup(app: Sphinx) -> None:
    """Register `add_menus` with Sphinx."""
    app.connect("source-read", add_menus)
