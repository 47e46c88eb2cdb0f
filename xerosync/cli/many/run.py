"""Work on the organisations of a command: one alone, or many at once over shared sign-ins."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cache, partial
from threading import Event, Lock
from typing import Generic, TypeVar

from xerosync.cli.many.choose import Charts
from xerosync.cli.session import Session
from xerosync.desired import DesiredChart
from xerosync.errors import SignInError
from xerosync.history.baseline import Baseline, read_baseline
from xerosync.history.folder import JournalIndex
from xerosync.model import Organisation
from xerosync.organisations.failed import FailedOrganisation
from xerosync.organisations.run import run_each
from xerosync.organisations.shard import Shard
from xerosync.organisations.tasks import Work
from xerosync.workspace import RUNS
from xerosync.xero.auth.tenants import Connection
from xerosync.xero.connect import Gateway, OpenSignIn
from xerosync.xero.engine import Engine, open_engine, parse_engine
from xerosync.xero.http.access_tokens import Once
from xerosync.xero.ledger import XeroLedger
from xerosync.xero.remote import Task, WorkerAccess, run_renewing

T = TypeVar("T")


def run_all(
    session: Session,
    chosen: Charts,
    work: Work[T],
    done: str,
    workers: int,
    engine: str = "",
    then: Callable[[T], T] = lambda result: result,
    *,
    journals: bool = True,
    also: tuple[str, ...] = (),
) -> tuple[tuple[T, ...], tuple[FailedOrganisation, ...]]:
    """Read each organisation's chart from Xero, do the work on it, and return the results.

    Failures are returned, too, after `chosen.failed`. Results and failures are in the order of the
    charts. If `chosen.one`, a failure is raised instead, and this process does the work.

    `done` is the past participle of the work, such as "planned", for messages. `engine` is the
    address of the scheduler whose workers do the work, "" for this process. `then` is called in
    this process with each result, and returns the result to keep. If `journals`, the work also gets
    a baseline: the accounts as the last run left them. `also` are optional scopes to request.
    """
    charts, address = chosen.charts, parse_engine(engine) if engine else ""
    local = _local(session, work, journals=journals)
    if chosen.one:
        (desired,) = charts
        wanted, profile = desired.organisation, desired.profile
        with session.ledger(wanted, read_only=True, profile=profile, also=also) as ledger:
            result = local(desired, ledger)
        return (then(result),), ()
    if not charts:
        return (), chosen.failed
    threads = min(workers, len(charts))
    with open_sign_ins(session, threads, read_only=True, also=also) as sign_ins:
        results, failed = _run_with(session, sign_ins, charts, local, done, address, then)
    return results, (*chosen.failed, *failed)


def run_connected(
    session: Session, shard: Shard, work: Work[T], done: str, workers: int, engine: str
) -> tuple[tuple[T, ...], tuple[FailedOrganisation, ...]]:
    """Do the work on those organisations of the sign-in that belong to `shard`.

    Return the results and the failures. The work gets a desired chart that only names the
    organisation, and no baseline. The other parameters are those of `run_all`. Raises `UsageError`
    if XERO_TENANT_ID is set.
    """
    session.credentials().check_every_organisation()
    address = parse_engine(engine) if engine else ""
    local = _local(session, work, journals=False)
    with open_sign_ins(session, workers, read_only=True) as sign_ins:
        charts = shard.charts((one.name, one.tenant_id) for one in sign_ins.connections())
        return _run_with(session, sign_ins, charts, local, done, address, lambda result: result)


def _run_with(
    session: Session,
    sign_ins: SignIns,
    charts: Sequence[DesiredChart],
    local: _Local[T],
    done: str,
    address: str,
    then: Callable[[T], T],
) -> tuple[tuple[T, ...], tuple[FailedOrganisation, ...]]:
    """Do the work on each organisation, here or on the engine at an address."""
    with open_engine(address, session.hooks().clock) if address else nullcontext() as remote:

        def work_on(desired: DesiredChart) -> T:
            if remote:
                return then(sign_ins.plan_on(remote, desired, local))
            return then(local(desired, sign_ins.ledger(desired)))

        return read_each(session, sign_ins, charts, work_on, done)


def read_each(
    session: Session,
    sign_ins: SignIns,
    charts: Sequence[DesiredChart],
    work: Callable[[DesiredChart], T],
    done: str,
) -> tuple[tuple[T, ...], tuple[FailedOrganisation, ...]]:
    """Do work that reads from Xero for each organisation, with a progress bar on a terminal.

    Return the results and the failures, each in the order of the charts.
    """
    from xerosync.cli.progress import organisations_bar

    def with_sign_in(desired: DesiredChart) -> T:
        with sign_ins.using(desired):
            return work(desired)

    total = len(charts)
    with organisations_bar(session.terminal.err, session.wait, total, done) as ended:
        try:
            return run_each(charts, with_sign_in, sign_ins.pool, done=done, ended=ended)
        except BaseException:
            session.stop.set()
            raise


@dataclass(frozen=True, slots=True)
class _Local(Generic[T]):
    """Does the work in this process, or only reads the baseline for a worker that does the work."""

    work: Work[T]
    warn: Callable[[str], None]
    journals: JournalIndex | None

    def __call__(self, desired: DesiredChart, ledger: XeroLedger) -> T:
        current = ledger.chart()
        base = self.base(current.organisation.tenant_id, desired.file)
        return self.work(desired, current, base, partial(ledger.usage, current.accounts))

    def base(self, tenant_id: str, file: str) -> Baseline | None:
        if self.journals is None:
            return None
        return read_baseline(tenant_id, file, self.warn, self.journals)


def _local(session: Session, work: Work[T], *, journals: bool) -> _Local[T]:
    return _Local(work, once(session.terminal.say), JournalIndex(RUNS) if journals else None)


@dataclass(frozen=True, slots=True)
class SignIns:
    """The sign-ins of one run, one for each profile; all use the HTTP connections of `gateway`.

    `pool` has the threads that work on organisations, and `reads` the threads that read from Xero
    for them. `also` are optional scopes to request.
    """

    session: Session
    gateway: Gateway
    pool: Executor
    reads: Executor
    also: tuple[str, ...]
    _lock: Lock = field(default_factory=Lock)
    _opened: dict[str, Once[OpenSignIn]] = field(default_factory=dict)

    def plan_on(self, engine: Engine, desired: DesiredChart, local: _Local[T]) -> T:
        """Do the work of `local` on a worker of the engine; renew the token if it expires."""
        sign_in = self._of(desired.profile).get()
        tenant_id = sign_in.tenant_id(desired.organisation)
        known = tenant_id or sign_in.ledger(desired.organisation).organisation().tenant_id
        base = local.base(known.lower(), desired.file)
        access = WorkerAccess(
            self.session.addresses(), tenant_id, "", sign_in.app, engine.processes, sign_in.login
        )
        return run_renewing(Task(desired, access, base, local.work), sign_in.tokens, engine.run)

    @contextmanager
    def using(self, desired: DesiredChart) -> Iterator[None]:
        """Report a sign-in error of the block to `OpenSignIn.suspect`, and raise it again."""
        profile = desired.profile
        with self.session.naming_profile(profile):
            try:
                yield
            except SignInError as error:
                if opened := self._opened.get(self.session.credentials(profile).profile):
                    opened.get().suspect(desired.file, error)
                raise

    def connections(self) -> tuple[Connection, ...]:
        """Return the organisations of the sign-in that is used for files without `profile`."""
        with self.session.naming_profile(""):
            return self._of("").get().connections()

    def ledger(
        self, desired: DesiredChart, known: Organisation | None = None, stop: Event | None = None
    ) -> XeroLedger:
        """Open the ledger of a chart's organisation, as `OpenSignIn.ledger` does."""
        return self._of(desired.profile).get().ledger(desired.organisation, known, stop)

    def _of(self, profile: str) -> Once[OpenSignIn]:
        credentials = self.session.credentials(profile)
        opened = Once(
            lambda: OpenSignIn(self.gateway, credentials, reads=self.reads, also=self.also)
        )
        with self._lock:
            return self._opened.setdefault(credentials.profile, opened)


@contextmanager
def open_sign_ins(
    session: Session, threads: int, *, read_only: bool, also: tuple[str, ...] = ()
) -> Iterator[SignIns]:
    """Yield the sign-ins of a run that works on `threads` organisations at once."""
    with _pool(threads, "read") as reads, _pool(threads, "organisation") as pool:
        hooks = session.hooks(quiet=True)
        with closing(Gateway(session.addresses(), hooks, read_only=read_only)) as gateway:
            yield SignIns(session, gateway, pool, reads, also)


@contextmanager
def _pool(threads: int, name: str) -> Iterator[ThreadPoolExecutor]:
    """Yield a pool of threads. The end of the block does not wait for work that still runs."""
    pool = ThreadPoolExecutor(threads, name)
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def once(say: Callable[[str], None]) -> Callable[[str], None]:
    """Return a function that says each sentence once, however many organisations cause it."""
    return cache(say)
