"""Plan against a CSV export instead of Xero. Such a plan is never applied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from xerosync.desired import DesiredChart
from xerosync.errors import UsageError
from xerosync.plan.plan import Plan


def check_current(
    current: Path | None, files: Sequence[str], *, sandbox: bool, out: str | None, engine: str = ""
) -> None:
    """Raise `UsageError` if `--current` is given with several files or a contradicting option."""
    if current is None:
        return
    if out:
        raise UsageError(
            "--out saves a plan to apply, and a plan against a CSV cannot be applied.",
            "Use --json-file or --markdown-file, or leave --current out.",
        )
    if sandbox:
        raise UsageError("--current and --sandbox cannot be used together.", "Give one of them.")
    if engine:
        raise UsageError(
            "--current and --engine cannot be used together.",
            "A plan against a CSV does not read from Xero: leave --engine out.",
        )
    if len(files) > 1:
        raise UsageError(
            f"--current is the CSV of one organisation, and {len(files)} chart files are given.",
            "Name only the chart file of that organisation.",
        )


def plan_against_csv(desired: DesiredChart, csv: Path, say: Callable[[str], None]) -> Plan:
    """Return the plan that would change the accounts in a CSV into the desired chart.

    `say` gets the warnings, and what is not compared or checked. The plan's organisation has no
    tenant id, so `apply` refuses the plan. Raises what `load_csv` and `comparable_charts` raise.
    """
    from xerosync.chartfile.csv.current import comparable_charts, without_unknown_pins
    from xerosync.chartfile.csv.read import load_csv
    from xerosync.cli.session import say_problems
    from xerosync.plan.build import build

    source = load_csv(str(csv))
    comparable = comparable_charts(source, desired)
    compared, left_out = without_unknown_pins(comparable)
    say_problems((*source.warnings, *comparable.warnings, *left_out), say)
    say(
        f"This plan is against {csv}, not Xero, and cannot be applied. A CSV has no archived "
        "accounts and no bank account numbers. Not checked: whether each tax rate exists and "
        "fits its account, and which organisation the CSV is from."
    )
    if desired.archive_requires:
        say("Not checked either: `archive_requires`. A CSV does not say what uses an account.")
    if comparable.note:
        say(comparable.note)
    return build(comparable.chart, compared)
