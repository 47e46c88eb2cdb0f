"""Read and validate a chart, compared with PyYAML's C loader composing the same text."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import yaml

from xerosync.chartfile.load import parse

POLICY = """\
lint:
  code_ranges: {EXPENSE: A0-A99999}
  name_pattern: "[A-Z][a-z]+ [0-9]+"
  required_fields: [tax_type, description]
"""


def measure() -> Iterator[tuple[str, ...]]:
    """Read charts of growing size, without and with a `lint:` policy."""
    yield ("accounts", "MB", "C compose ms", "read ms", "ratio", "with policy ms", "ratio")
    for count in (100, 1_000, 10_000):
        plain, policed = _text(count), _text(count, POLICY)
        compose, read, linted = _best(
            max(3, 30_000 // count),
            lambda text=plain: yaml.compose(text, yaml.CSafeLoader),  # type: ignore[misc]
            lambda text=plain: parse(text, "accounts.yaml"),  # type: ignore[misc]
            lambda text=policed: parse(text, "accounts.yaml"),  # type: ignore[misc]
        )
        yield (
            f"{count:,}",
            f"{len(plain) / 1e6:.2f}",
            f"{compose * 1000:.1f}",
            f"{read * 1000:.1f}",
            f"{read / compose:.2f}",
            f"{linted * 1000:.1f}",
            f"{linted / compose:.2f}",
        )


def _text(count: int, policy: str = "") -> str:
    """Return a chart file whose accounts have the usual fields."""
    lines = ["version: 1", "organisation: {name: Bench}", *policy.splitlines(), "accounts:"]
    for number in range(count):
        lines += [
            f'  - code: "A{number}"',
            f"    name: Account {number}",
            "    type: EXPENSE",
            "    tax_type: INPUT2        # claimed in full",
            f"    description: What account {number} is for, and what it is not",
            "    show_in_expense_claims: true",
        ]
    return "\n".join(lines) + "\n"


def _best(rounds: int, *works: Callable[[], object]) -> list[float]:
    """Return the seconds of the fastest round of each; they take turns, to meet the same load."""

    def once(work: Callable[[], object]) -> float:
        begin = time.perf_counter()
        work()
        return time.perf_counter() - begin

    timed = [[once(work) for work in works] for _ in range(rounds)]
    return [min(times) for times in zip(*timed, strict=True)]
