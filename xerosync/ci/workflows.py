"""The GitHub workflows that `xerosync init --ci github` writes: the templates in `ci/github/`.

They ship in the wheel as `xerosync/ci/templates/`.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from xerosync.errors import UsageError
from xerosync.text import visible

FOLDER = PurePosixPath(".github/workflows")
_CHART, _CHARTS, _CSV = "accounts.yaml", "clients", "chart.csv"

_NAMES = ("plan", "apply", "drift", "again")


def check_path(path: str) -> None:
    """Raise `UsageError` if GitHub would read characters of a path as a pattern or expression."""
    if re.search(r"[][*?+!\\{}\x00-\x1f]", path):
        raise UsageError(
            f"{visible(path)} cannot be used in a workflow: GitHub would read some of its "
            "characters as a pattern, or as an expression.",
            "Change the path, or leave out the workflows with `--ci none`.",
        )


def github_workflows(
    chart: str = _CHART, csv: str = "", *, folder: bool = False
) -> dict[PurePosixPath, str]:
    """Return the workflows: their paths in the repository, each with the text of the file.

    `chart` and `csv` are paths in the repository, as YAML scalars. With `csv`, there is only one
    workflow: it compares the chart with that CSV, and needs no credentials. If `folder` is true,
    `chart` is a folder with the charts of many organisations.
    """
    if folder:
        return {
            FOLDER / f"xerosync-{name}.yml": _template(f"many/{name}").replace(
                f"files: {_CHARTS}\n", f"files: {chart}\n"
            )
            for name in _NAMES
        }
    names = ("csv",) if csv else _NAMES
    return {
        FOLDER / f"xerosync-{name}.yml": _template(name)
        .replace(_CHART, chart)
        .replace(_CSV, csv or _CSV)
        for name in names
    }


def _template(name: str) -> str:
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "ci" / "templates", package.parent / "ci" / "github"):
        if (folder / f"{name}.yml").is_file():
            return (folder / f"{name}.yml").read_text(encoding="utf-8")
    raise FileNotFoundError(name)
