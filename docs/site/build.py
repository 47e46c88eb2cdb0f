"""Build the site: `python docs/site/build.py FOLDER`. Every warning of Sphinx is an error.

A second argument names another copy of the repository to build instead.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sphinx.cmd.build import main

HERE = Path(__file__).parent
STRICT = ["--quiet", "--fail-on-warning", "--keep-going", "--nitpicky", "--fresh-env"]


def build(folder: str, source: str = str(HERE.parent.parent)) -> int:
    """Build all pages into a folder, and return Sphinx's exit status."""
    places = ["--conf-dir", str(HERE), "--doctree-dir", f"{folder}.doctrees"]
    return main([*STRICT, *places, source, folder])


if __name__ == "__main__":
    sys.exit(build(*sys.argv[1:]))
