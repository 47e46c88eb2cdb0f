"""The bar of a run says how long it still takes, also while Xero makes it wait."""

from __future__ import annotations

import pytest
from rich.progress import Progress

from xerosync.cli.progress import Remaining
from xerosync.cli.waiting import Wait


class Now:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.mark.parametrize(
    ("left", "says"),
    [
        (1, "about 1 second left"),
        (20, "about 5 seconds left"),
        (57, "about 12 seconds left"),
        (58, "about 61 seconds left"),
        (200, "about 4 minutes left"),
    ],
)
def test_the_time_left_allows_for_the_limit_per_minute(left: int, says: str) -> None:
    progress = Progress(disable=True)
    progress.add_task("Applying", total=300, completed=300 - left)
    (task,) = progress.tasks
    assert Remaining(Wait(monotonic=Now())).render(task).plain == says


def test_a_wait_is_shown_and_counted_until_it_is_over() -> None:
    now = Now()
    wait = Wait(monotonic=now)
    progress = Progress(disable=True)
    progress.add_task("Applying", total=121, completed=56)
    (task,) = progress.tasks
    assert Remaining(wait).render(task).plain == "about 62 seconds left"
    wait.begin(58)
    wait.begin(3)
    assert Remaining(wait).render(task).plain == (
        "waiting for Xero's rate limit, about 2 minutes left"
    )
    now.seconds += 58
    assert Remaining(wait).render(task).plain == "about 62 seconds left"
