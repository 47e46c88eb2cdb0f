"""A chart CSV as the current chart → a plan that asks Xero nothing, and is never applied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from xerosync.errors import UsageError

if TYPE_CHECKING:
    from xerosync.model import DesiredChart
    from xerosync.plan.plan import Plan


def check_current(
    current: Path | None, files: Sequence[str], *, sandbox: bool, out: Path | None
) -> None:
    """Refuse options that do not go with `--current`. Raises `UsageError`."""
    if current is None:
        return
    if out:
        raise UsageError(
            "A plan against a CSV cannot be applied, so --out does not save it.",
            "Keep it with --json-file or --markdown-file, or leave --current out.",
        )
    if sandbox:
        raise UsageError("--current and --sandbox are two current charts.", "Give one of them.")
    if len(files) > 1:
        raise UsageError("A CSV is the chart of one organisation.", "Give one file with --current.")


def plan_against_csv(desired: DesiredChart, csv: Path, say: Callable[[str], None]) -> Plan:
    """Plan the way from a CSV to the file, and say what such a plan cannot know.

    Its organisation has no tenant id, which no apply takes for Xero's.
    """
    from xerosync.chartfile.csv.current import comparable_charts
    from xerosync.chartfile.csv.read import load_csv
    from xerosync.cli.session import say_problem
    from xerosync.plan.build import build

    source = load_csv(str(csv))
    comparable = comparable_charts(source, desired)
    for problem in (*source.warnings, *comparable.warnings):
        say_problem(problem, say)
    say(
        f"This is a plan against {csv}, not against Xero, and cannot be applied. A CSV has no "
        "archived accounts and no bank account numbers; that tax rates exist and fit was not "
        "checked, nor which organisation the CSV is from."
    )
    if comparable.note:
        say(comparable.note)
    return build(comparable.chart, comparable.desired)
