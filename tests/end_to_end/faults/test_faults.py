"""Each fault at each call: the run survives or reports it, and the next run converges.

Here a sample is broken: each kind at a few calls, and some seeds. `make faults` breaks them all.
With ALL_FAULTS=1 in the environment so do these tests.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from end_to_end.faults.lab import (
    KINDS,
    PLAN_CALLS,
    READS_OF_APPLY,
    STEPS,
    WRITES_OF_APPLY,
    Trial,
    attempt,
    lab,
    verdict,
)

ALL = bool(os.environ.get("ALL_FAULTS"))
SAMPLE = (
    "POST /connect/token#1",
    "GET /Accounts#1",
    "PUT /Accounts#2",
    "POST /Accounts#1",
    "POST /Accounts#14",
    "DELETE /Accounts#1",
    "GET /Accounts#2",
    "GET /Accounts#3",
    "GET /Accounts#6",
)
SEEDS = range(200 if ALL else 10)


def calls_of(kind: str) -> tuple[str, ...]:
    """Return the calls of an apply to break in this way: a third of the sample, or all."""
    return (*READS_OF_APPLY, *WRITES_OF_APPLY) if ALL else SAMPLE[KINDS.index(kind) % 3 :: 3]


PASSING = {
    "500-before", "500-after", "503", "503-html", "drop-before", "drop-after", "truncate", "slow",
    "expire-token", "429-minute", "429-concurrent",
}  # fmt: skip
"""Faults that a run survives at any call."""


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with lab() as folder:
        yield folder


@pytest.fixture(scope="module")
def whole(place: Path) -> Trial:
    """Apply without faults."""
    trial = attempt(place, ["apply", "--yes"])
    assert trial.codes == (0,)
    assert trial.runs[0].done == STEPS
    return trial


def test_an_apply_without_faults_reaches_no_limit(whole: Trial) -> None:
    assert whole.refused == 0
    assert whole.struck == 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_plan_survives_or_reports_one_broken_call(place: Path, kind: str) -> None:
    for call in PLAN_CALLS:
        trial = attempt(place, ["plan"], faults=[f"{call}={kind}"])
        assert trial.struck == 1
        assert trial.codes in {(0,), (1, 0), (4, 0)}, (call, trial.runs[0].said)
        if kind in PASSING:
            assert trial.codes == (0,), (call, trial.runs[0].said)


@pytest.mark.parametrize("kind", KINDS)
def test_an_apply_survives_or_reports_one_broken_call(place: Path, whole: Trial, kind: str) -> None:
    for call in calls_of(kind):
        trial = attempt(place, ["apply", "--yes"], faults=[f"{call}={kind}"])
        assert trial.struck == 1, call
        verdict(trial, whole)
        if kind in PASSING:
            assert trial.codes == (0,), (call, trial.runs[0].said)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_run_without_faults_repairs_the_effects_of_random_faults(
    place: Path, whole: Trial, seed: int
) -> None:
    trial = attempt(place, ["apply", "--yes"], rate=0.2, seed=seed, broken=3)
    verdict(trial, whole)


def test_the_next_run_finishes_whatever_a_broken_one_began(place: Path, whole: Trial) -> None:
    """Xero fails from one write on: every step is either done or left, and none is done twice."""
    for kind in ("503", "401", "429-day", "drop-after", "500-after"):
        for call in ("PUT /Accounts", "POST /Accounts"):
            faults = [f"{call}#{n}={kind}" for n in range(3, 60)]
            trial = attempt(place, ["apply", "--yes"], faults=faults)
            verdict(trial, whole)
