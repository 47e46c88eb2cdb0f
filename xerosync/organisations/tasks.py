"""What a run does with one organisation once its chart is read. It can be pickled.

A run does it in its own process or, with `--engine`, in another one. It is pure, but for the
reading that it is handed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from xerosync.desired import DesiredChart
from xerosync.history.baseline import Baseline
from xerosync.history.drift import Drift, compare
from xerosync.history.known_names import with_known_names
from xerosync.history.origin import add_origins
from xerosync.model import Chart
from xerosync.plan import build
from xerosync.plan.plan import Plan, without_charts
from xerosync.plan.usage import ReadUsage

T = TypeVar("T")

Work = Callable[[DesiredChart, Chart, Baseline | None, ReadUsage], T]
"""Turns a file, Xero's chart and the last apply into what a command shows.

It can also read what still uses the accounts.
"""


def plan_one(
    desired: DesiredChart,
    current: Chart,
    base: Baseline | None,
    read: ReadUsage,
    *,
    brief: bool,
    usage: bool = True,
    names: bool = False,
) -> Plan:
    """Return the plan, with where its changes come from; `brief` leaves out the charts.

    With `usage`, it has what still uses the accounts, with the names of contacts only if `names`.
    """
    wanted = with_known_names(desired, base)
    made = build.build_reading(current, wanted, read if usage else None, names=names)
    made = add_origins(made, base, current)
    return without_charts(made) if brief else made


def compare_one(
    desired: DesiredChart,
    current: Chart,
    base: Baseline | None,
    _read: ReadUsage,
    *,
    brief: bool,
) -> Drift:
    """Return what changed in Xero since the last apply; `brief` leaves out the charts."""
    plan = build.build(current, with_known_names(desired, base))
    found = compare(current, plan, base)
    return replace(found, plan=without_charts(found.plan)) if brief else found
