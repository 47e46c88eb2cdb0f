"""The work on one organisation once its chart is read: plan it, or find its drift.

The functions can be pickled, since `--engine` runs them in other processes. They are pure, except
that they may call `read`, which reads what uses the accounts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from xerosync.desired import DesiredChart
from xerosync.history.baseline import Baseline
from xerosync.history.drift import Drift, compare
from xerosync.history.origin import plan_since
from xerosync.model import Chart
from xerosync.plan.build import build, build_reading
from xerosync.plan.plan import Plan, without_charts
from xerosync.plan.usage import ReadUsage

T = TypeVar("T")

Work = Callable[[DesiredChart, Chart, Baseline | None, ReadUsage], T]
"""Returns what a command shows of one organisation.

Its arguments: the chart file, Xero's chart, the last apply, and a function that reads the usage.
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
    """Return the plan, with the origin of each change.

    With `brief`, the plan has only what a review shows. With `usage`, it has what still uses the
    accounts, if a change affects these uses; without `usage`, changes that must meet
    `archive_requires` are blocked. With `names`, it also has the names of contacts.
    """
    make = partial(build_reading, current, read=read if usage else None, names=names)
    made = plan_since(base, desired, current, make)
    return without_charts(made) if brief else made


def compare_one(
    desired: DesiredChart, current: Chart, base: Baseline | None, _read: ReadUsage, *, brief: bool
) -> Drift:
    """Return the drift from the file. With `brief`, its plan has only what a review shows."""
    found = compare(current, plan_since(base, desired, current, partial(build, current)), base)
    return replace(found, plan=without_charts(found.plan)) if brief else found
