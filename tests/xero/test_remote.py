"""Which token a task on a worker gets, and when a run gives up on getting another."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from xerosync.desired import DesiredChart
from xerosync.errors import SignInError, UsageError
from xerosync.organisations.failed import FailedOrganisation
from xerosync.xero.addresses import Addresses
from xerosync.xero.http.access_tokens import SharedTokens
from xerosync.xero.remote import Task, TokenExpired, WorkerAccess, run_renewing

EXPIRED = TokenExpired()
ACCESS = WorkerAccess(Addresses(), "tenant", "", "app", 1, "xerosync auth login")
TASK: Task[object] = Task(DesiredChart("a.yaml", ()), ACCESS, None, lambda *_: None)
REJECTED = TokenExpired(SignInError("Xero rejected the access token."))


class Numbered:
    """A source of the tokens 1, 2, 3 and so on. It renews any token."""

    def __init__(self) -> None:
        self.number = 1

    def access_token(self, ends: float = math.inf) -> str:
        return str(self.number)

    def renew(self, stale: str, ends: float = math.inf) -> str:
        self.number += 1
        return str(self.number)


def run(tokens: SharedTokens, *results: object) -> tuple[object, Sequence[str]]:
    """Run a task that has these results in turn. Return the last result, and the tokens it got."""
    left, used = iter(results), []

    def on_worker(task: Task[object]) -> object:
        used.append(task.access.token)
        return next(left)

    try:
        return run_renewing(TASK, tokens, on_worker), used
    except (SignInError, UsageError) as error:
        return error.message, used


def test_a_task_is_run_again_with_a_new_token() -> None:
    assert run(SharedTokens(Numbered()), "done") == ("done", ["1"])
    assert run(SharedTokens(Numbered()), EXPIRED, EXPIRED, "done") == ("done", ["1", "2", "3"])


def test_a_third_new_token_is_not_requested() -> None:
    said, used = run(SharedTokens(Numbered()), EXPIRED, EXPIRED, EXPIRED)
    assert "both the access token and its replacement have expired" in str(said)
    assert used == ["1", "2", "3"]


@pytest.mark.parametrize(("replace", "used"), [(False, ["1"]), (True, ["1", "2"])])
def test_a_rejected_token_is_given_up_if_there_is_no_other(
    replace: bool, used: Sequence[str]
) -> None:
    tokens = SharedTokens(Numbered(), replace=replace)
    assert run(tokens, REJECTED, REJECTED) == ("Xero rejected the access token.", used)


def test_a_token_that_another_organisation_got_is_used_instead_of_a_rejected_one() -> None:
    source = Numbered()
    tokens = SharedTokens(source)
    left = iter([REJECTED, "done"])

    def on_worker(task: Task[object]) -> object:
        source.number = 7
        return next(left)

    assert run_renewing(TASK, tokens, on_worker) == "done"


def test_the_error_of_a_failed_task_is_raised() -> None:
    failed = FailedOrganisation("a.yaml", "A", UsageError("Wrong."))
    assert run(SharedTokens(Numbered()), failed) == ("Wrong.", ["1"])
