"""Work on one organisation in another process, with an access token that it receives.

Only the process that starts a run is signed in. A worker gets an access token with each task, but
never a refresh token or a secret of the app. If Xero rejects the token, the worker returns
`TokenExpired`, and the first process sends the task again with another token, if there is one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache, partial
from threading import Lock
from typing import Generic, NoReturn, TypeVar

from xerosync.desired import DesiredChart
from xerosync.errors import RejectedToken, SignInError
from xerosync.history.baseline import Baseline
from xerosync.organisations.failed import FailedOrganisation
from xerosync.organisations.run import isolated
from xerosync.organisations.tasks import Work
from xerosync.secret import Secret
from xerosync.xero.addresses import Addresses
from xerosync.xero.clock import Clock
from xerosync.xero.gateway import Gateway, Hooks
from xerosync.xero.http.access_tokens import FixedToken, SharedTokens
from xerosync.xero.http.client import expired_at_once
from xerosync.xero.http.rate_limit import RateLimit, app_rate_limit
from xerosync.xero.ledger import XeroLedger

T = TypeVar("T")

_RENEWALS = 2
"""How many times a task may get a new access token."""
_lock = Lock()
_clock = Clock()


@dataclass(frozen=True, slots=True)
class WorkerAccess:
    """What a worker needs to read one organisation. The `repr` does not show the token.

    `app` identifies the app. `processes` is the number of workers that share the app's rate limit.
    `login` is the command that signs in.
    """

    addresses: Addresses
    tenant_id: str
    token: str = field(repr=False)
    app: str
    processes: int
    login: str


@dataclass(frozen=True, slots=True)
class Task(Generic[T]):
    """One organisation to read and work on. A task can be pickled; its `repr` shows no values."""

    desired: DesiredChart = field(repr=False)
    access: WorkerAccess = field(repr=False)
    base: Baseline | None = field(repr=False)
    work: Work[T] = field(repr=False)


@dataclass(frozen=True, slots=True)
class TokenExpired:
    """The result of a task whose token has expired, or was rejected with the error `rejected`."""

    rejected: SignInError | None = None


class _HandedBack(SignInError):
    """The token of a task has expired; for this error, `run_task` returns `TokenExpired`."""


class _HandedToken(FixedToken):
    """A token that only the process that started the run can renew."""

    def renew(self, stale: str, ends: float = math.inf) -> NoReturn:  # noqa: ARG002 (as its base)
        raise _HandedBack("The access token of a task has expired.")


def run_task(task: Task[T]) -> T | FailedOrganisation | TokenExpired:
    """Read the chart in Xero, do the work, and return its result.

    If that fails, return the failure, or `TokenExpired`. Raises only `Interrupted`.
    """
    result = isolated(lambda desired: _work(task, desired), task.desired)
    if isinstance(result, FailedOrganisation):
        if isinstance(result.error, _HandedBack):
            return TokenExpired()
        if isinstance(result.error, RejectedToken):
            return TokenExpired(result.error)
    return result


def run_renewing(
    task: Task[T],
    tokens: SharedTokens,
    run: Callable[[Task[T]], T | FailedOrganisation | TokenExpired],
) -> T:
    """Run a task with an access token, and again with another one if the token does not work.

    `run` runs `run_task` elsewhere. Raises the error of a `FailedOrganisation`, or the error
    `rejected` of a `TokenExpired` if there is no token but the rejected one.
    """
    token = tokens.access_token()
    for _ in range(1 + _RENEWALS):
        result = run(replace(task, access=replace(task.access, token=token)))
        if isinstance(result, FailedOrganisation):
            raise result.error
        if not isinstance(result, TokenExpired):
            return result
        if result.rejected:
            rejected, token = token, tokens.instead_of(token)
            if token == rejected:
                raise result.rejected
        else:
            token = tokens.renew(token)
    raise expired_at_once()


def _work(task: Task[T], desired: DesiredChart) -> T:
    access = task.access
    with _lock:
        gateway = _gateway(access.addresses, access.token)
        limit = _app_limit(access.app, access.processes)
    client = gateway.client(_HandedToken(Secret(access.token)), access.tenant_id, limit)
    ledger = XeroLedger(client, access.addresses.accounting, login=access.login)
    current = ledger.chart()
    return task.work(desired, current, task.base, partial(ledger.usage, current.accounts))


@lru_cache(maxsize=4)
def _gateway(addresses: Addresses, token: str) -> Gateway:  # noqa: ARG001 (a gateway for each token)
    """Return this process's gateway, which all tasks with the same token share."""
    return Gateway(addresses, Hooks(_clock), read_only=True)


@cache
def _app_limit(app: str, processes: int) -> RateLimit:  # noqa: ARG001 (a limit for each app)
    return app_rate_limit(_clock, processes=processes)
