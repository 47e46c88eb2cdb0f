"""Plan with 10 % of the accounts changed, compared with PyYAML's C loader on the same text."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import yaml

from xerosync.chartfile.load import parse
from xerosync.model import Account, Chart, Organisation, TaxRate
from xerosync.plan.build import build

RATES = (TaxRate("INPUT2", "15% GST on Expenses", applies_to=frozenset({"EXPENSE"})),)


def measure() -> Iterator[tuple[str, ...]]:
    """Plan charts of growing size, and yield what ten times as many accounts cost."""
    yield ("accounts", "changes", "steps", "plan ms", "C loader ms", "ratio", "growth")
    before = 0.0
    for count in (100, 1_000, 10_000):
        text, current = _books(count)
        desired = parse(text, "accounts.yaml").chart
        took = _best(lambda c=current, d=desired: build(c, d))  # type: ignore[misc]
        loader = _best(lambda t=text: yaml.load(t, Loader=yaml.CSafeLoader))  # type: ignore[misc]
        plan = build(current, desired)
        yield (
            str(count),
            str(len(plan.changes)),
            str(len(plan.steps)),
            f"{took * 1000:.1f}",
            f"{loader * 1000:.1f}",
            f"{took / loader:.2f}",
            f"{took / before:.1f}" if before else "",
        )
        before = took


def _books(count: int) -> tuple[str, Chart]:
    """Make a chart file, and books that differ from it in a tenth of the accounts."""
    chance = random.Random(1)
    lines = ["version: 1", "organisation: {name: Bench}", "accounts:"]
    accounts = []
    for number in range(count):
        account = Account(
            f"{number:08d}-0000-4000-8000-000000000000",
            code=f"A{number}",
            name=f"Account {number}",
            type="EXPENSE",
            tax_type="INPUT2",
            description=f"What account {number} is for",
            account_class="EXPENSE",
        )
        lines += [
            f'  - code: "{account.code}"',
            f"    name: {account.name}",
            f"    type: {account.type}",
            f"    tax_type: {account.tax_type}",
            f"    description: {account.description}",
        ]
        match chance.randrange(40):
            case 0:
                account = replace(account, name=f"Formerly {number}")
            case 1:
                account = replace(account, description="Another text")
            case 2:
                account = replace(account, code=f"Z{number}")
                lines.append(f'    previously: ["{account.code}"]')
            case 3:
                account = replace(account, status="ARCHIVED")
        accounts.append(account)
    chart = Chart(Organisation("bench", "Bench"), tuple(accounts), RATES)
    return "\n".join(lines) + "\n", chart


def _best(work: Callable[[], object], rounds: int = 5) -> float:
    """Return the seconds of the fastest of some rounds."""

    def once() -> float:
        begin = time.perf_counter()
        work()
        return time.perf_counter() - begin

    return min(once() for _ in range(rounds))
