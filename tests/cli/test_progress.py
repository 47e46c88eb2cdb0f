"""The bar of a run says how long it still takes, also while Xero makes it wait."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console
from rich.progress import Progress

from xerosync.cli.progress import OrganisationsLeft, Remaining, organisations_bar
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
        (58, "about 12 seconds left"),
        (59, "about 61 seconds left"),
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


def test_the_bar_of_many_shows_failures_the_wait_and_the_time_left() -> None:
    now = Now()
    wait = Wait(monotonic=now)
    progress = Progress(disable=True, get_time=now)
    progress.add_task("Planned", total=1000, failed=0)
    (task,) = progress.tasks
    assert OrganisationsLeft(wait).render(task).plain == ""
    now.seconds += 10
    progress.update(task.id, completed=400, failed=2)
    assert OrganisationsLeft(wait).render(task).plain == "2 failed, about 15 seconds left"
    wait.begin(20)
    assert OrganisationsLeft(wait).render(task).plain == (
        "2 failed, waiting for Xero's rate limit, about 35 seconds left"
    )


@pytest.mark.parametrize("terminal", [True, False])
def test_the_bar_of_many_shows_only_on_a_terminal(terminal: bool) -> None:
    shown = StringIO()
    console = Console(file=shown, force_terminal=terminal, width=80)
    with organisations_bar(console, Wait(), 3, "planned") as ended:
        for failed in (False, True, False):
            ended(failed)
    text = shown.getvalue()
    assert ("Planned" in text and "3/3" in text and "1 failed" in text) is terminal
    assert bool(text) is terminal
