"""Work on the charts of a command: one alone as ever, many at once over shared sign-ins."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, Lock
from typing import TYPE_CHECKING, TypeVar

from xerosync.errors import AccessDenied, SignInError
from xerosync.organisations.failed import FailedOrganisation
from xerosync.organisations.run import run_each
from xerosync.xero.connect import Gateway, OpenSignIn
from xerosync.xero.http.access_tokens import Once

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from xerosync.cli.chosen import Charts
    from xerosync.cli.session import Session
    from xerosync.model import Chart, DesiredChart, Organisation
    from xerosync.xero.ledger import XeroLedger

T = TypeVar("T")


def run_all(
    session: Session,
    chosen: Charts,
    work: Callable[[DesiredChart, Chart], T],
    done: str,
    workers: int,
) -> tuple[tuple[T, ...], tuple[FailedOrganisation, ...]]:
    """Read the chart of each organisation in Xero, and return the results of the work on it.

    One organisation alone is read as ever, and its failure is raised. Of many, the failures are
    returned after those of files that are invalid; `done` is the past participle of the work.
    Results and failures are in the order of the charts.
    """
    charts = chosen.charts
    if chosen.one:
        return (_alone(session, charts[0], work),), ()
    if not charts:
        return (), chosen.failed
    with open_sign_ins(session, min(workers, len(charts)), read_only=True) as sign_ins:
        results, failed = read_each(
            session,
            sign_ins,
            charts,
            lambda desired: work(desired, sign_ins.ledger(desired).chart()),
            done,
        )
    return results, (*chosen.failed, *failed)


def read_each(
    session: Session,
    sign_ins: SignIns,
    charts: Sequence[DesiredChart],
    work: Callable[[DesiredChart], T],
    done: str,
) -> tuple[tuple[T, ...], tuple[FailedOrganisation, ...]]:
    """Do the work on each organisation, which reads from Xero, with a bar on a terminal.

    Returns the results and the failures, as `run_all`.
    """
    from xerosync.cli.progress import organisations_bar

    def with_sign_in(desired: DesiredChart) -> T:
        with sign_ins.using(desired.profile):
            return work(desired)

    total = len(charts)
    with organisations_bar(session.terminal.err, session.wait, total, done) as ended:
        try:
            return run_each(charts, with_sign_in, sign_ins.pool, done=done, ended=ended)
        except BaseException:
            session.stop.set()
            raise


def _alone(session: Session, desired: DesiredChart, work: Callable[[DesiredChart, Chart], T]) -> T:
    wanted = desired.organisation
    with session.ledger(wanted, read_only=True, profile=desired.profile) as ledger:
        chart = ledger.chart()
    return work(desired, chart)


class SignIns:
    """The sign-ins of one run, one for each profile, over one pool of connections.

    `pool` has a thread for each organisation that is worked on at once, `reads` those that
    read from Xero for it.
    """

    def __init__(self, session: Session, gateway: Gateway, pool: Executor, reads: Executor) -> None:
        self.pool = pool
        self._session = session
        self._gateway = gateway
        self._reads = reads
        self._lock = Lock()
        self._opened: dict[str, Once[OpenSignIn]] = {}

    @contextmanager
    def using(self, profile: str) -> Iterator[None]:
        """Work with a profile. A sign-in that Xero rejects is not used again."""
        with self._session.naming_profile(profile):
            try:
                yield
            except AccessDenied:
                raise
            except SignInError as error:
                if opened := self._opened.get(self._session.credentials(profile).profile):
                    opened.get().tokens.give_up(error)
                raise

    def ledger(
        self,
        desired: DesiredChart,
        known: Organisation | None = None,
        stop: Event | None = None,
    ) -> XeroLedger:
        """Find the organisation of a chart; `known` and `stop` are as for `OpenSignIn.ledger`."""
        return self._of(desired.profile).get().ledger(desired.organisation, known, stop)

    def _of(self, profile: str) -> Once[OpenSignIn]:
        credentials = self._session.credentials(profile)
        with self._lock:
            return self._opened.setdefault(
                credentials.profile,
                Once(
                    lambda: OpenSignIn(
                        self._gateway,
                        credentials,
                        read_only=self._gateway.read_only,
                        reads=self._reads,
                    )
                ),
            )


@contextmanager
def open_sign_ins(session: Session, threads: int, *, read_only: bool) -> Iterator[SignIns]:
    """Yield the sign-ins of a run that works on so many organisations at once."""
    with _pool(threads, "read") as reads, _pool(threads, "organisation") as pool:
        gateway = Gateway(session.addresses(), session.hooks(quiet=True), read_only=read_only)
        try:
            yield SignIns(session, gateway, pool, reads)
        finally:
            gateway.close()


@contextmanager
def _pool(threads: int, name: str) -> Iterator[ThreadPoolExecutor]:
    """Yield a pool of threads. After a failure or Ctrl-C, nothing that runs in it is awaited."""
    pool = ThreadPoolExecutor(threads, name)
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def once(say: Callable[[str], None]) -> Callable[[str], None]:
    """Return what says each sentence once, however many organisations cause it."""
    said: set[str] = set()

    def say_new(sentence: str) -> None:
        if sentence not in said:
            said.add(sentence)
            say(sentence)

    return say_new
