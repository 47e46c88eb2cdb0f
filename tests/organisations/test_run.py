"""The messages of a command for many organisations say right things of one."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from xerosync.desired import DesiredChart
from xerosync.errors import ChartError, Interrupted, Problem, XerosyncError
from xerosync.organisations.failed import FailedOrganisation
from xerosync.organisations.run import failed_at, failure_of, interrupted_in, run_each

ONE = FailedOrganisation("one.yaml", "One", XerosyncError("It failed."))


@pytest.mark.parametrize(("not_begun", "said"), [(1, "1 was"), (2, "2 were")])
def test_a_failure_says_how_many_were_not_begun(not_begun: int, said: str) -> None:
    error = failure_of([ONE], 1, [ONE] * not_begun)
    assert error.message.endswith(f"failed, and {said} not begun.")


@pytest.mark.parametrize(("failed", "said"), [(1, "this"), (2, "these")])
def test_a_failure_says_what_to_resolve(failed: int, said: str) -> None:
    error = failure_of([ONE] * failed, 1)
    assert error.hint == f"The others are done. Resolve {said}, and run again."


def test_details_are_indented_below_the_failure_that_they_belong_to() -> None:
    error = XerosyncError("It is stale:", "Plan again.", ("400 Rent: gone.",))
    stale = FailedOrganisation("b.yaml", "B", error)
    assert failure_of([ONE, stale], 1).details[1:] == (
        "b.yaml (B): It is stale. Plan again.",
        "  400 Rent: gone.",
    )
    error.hint = ""
    assert failure_of([ONE, stale], 1).details[1] == "b.yaml (B): It is stale."


def test_the_hint_of_a_problem_follows_that_problem() -> None:
    bad, ill = (Problem("c.yaml", 1, 1, "rule", text, f"Mend {text}") for text in ("Bad.", "Ill."))
    invalid = failed_at("c.yaml", "C", ChartError((bad, ill)))
    _, first, second = failure_of([ONE, invalid], 1).details
    assert first.endswith(": Bad. Mend Bad.")
    assert second.endswith(": Ill.")


@pytest.mark.parametrize(
    ("applied", "said"), [(0, "0 of 1 organisation were"), (1, "1 of 2 organisations was")]
)
def test_an_interrupted_apply_says_how_many_were_applied(applied: int, said: str) -> None:
    error = interrupted_in(applied, [ONE], [], [], "Run it again.")
    assert error.message.startswith(f"Interrupted: {said} applied, 1 stopped in the middle.")


def test_an_interrupted_run_says_how_many_were_done() -> None:
    def ended(_: bool) -> None:
        raise KeyboardInterrupt

    said = re.escape("Interrupted: 1 of 3 organisations was planned.")
    with ThreadPoolExecutor(1) as executor, pytest.raises(Interrupted, match=said):
        run_each([DesiredChart("", ())] * 3, lambda _: 0, executor, done="planned", ended=ended)
