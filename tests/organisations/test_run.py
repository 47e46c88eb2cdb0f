"""The messages of a command for many organisations say right things of one."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from xerosync.desired import DesiredChart
from xerosync.errors import Interrupted, XerosyncError
from xerosync.organisations.failed import FailedOrganisation
from xerosync.organisations.run import failure_of, interrupted_in, run_each

ONE = FailedOrganisation("one.yaml", "One", XerosyncError("It failed."))


@pytest.mark.parametrize(("not_begun", "said"), [(1, "1 was"), (2, "2 were")])
def test_a_failure_says_how_many_were_not_begun(not_begun: int, said: str) -> None:
    error = failure_of([ONE], 1, "applied", [ONE] * not_begun)
    assert error.message.endswith(f"could not be applied, and {said} not begun.")


@pytest.mark.parametrize(("failed", "said"), [(1, "this"), (2, "these")])
def test_a_failure_says_what_to_resolve(failed: int, said: str) -> None:
    error = failure_of([ONE] * failed, 1, "planned")
    assert error.hint == f"The others are done. Resolve {said}, and run again."


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
