"""Build the site: `python docs/site/build.py FOLDER`; whatever Sphinx warns of is an error.

A second argument names another copy of the repository, whose pages are built instead.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sphinx.cmd.build import main

HERE = Path(__file__).parent
STRICT = ["--quiet", "--fail-on-warning", "--keep-going", "--nitpicky", "--fresh-env"]


def build(folder: str, source: str = str(HERE.parent.parent)) -> int:
    """Build all pages into a folder, and give Sphinx's exit code."""
    places = ["--conf-dir", str(HERE), "--doctree-dir", f"{folder}.doctrees"]
    return main([*STRICT, *places, source, folder])


if __name__ == "__main__":
    sys.exit(build(*sys.argv[1:]))
