"""Work on the charts of a command: one alone as ever, many at once over shared sign-ins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Lock
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
    from xerosync.model import Chart, DesiredChart

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
    from xerosync.cli.progress import organisations_bar

    charts = chosen.charts
    if chosen.one:
        return (_alone(session, charts[0], work),), ()
    if not charts:
        return (), chosen.failed
    threads = min(workers, len(charts))
    with (
        _pool(threads, "read") as reads,
        _pool(threads, "organisation") as pool,
        open_sign_ins(session, reads) as sign_ins,
        organisations_bar(session.terminal.err, session.wait, len(charts), done) as ended,
    ):
        try:
            results, failed = run_each(
                charts,
                lambda desired: work(desired, sign_ins.chart(desired)),
                pool,
                done=done,
                ended=ended,
            )
        except BaseException:
            session.stop.set()
            raise
    return results, (*chosen.failed, *failed)


def _alone(session: Session, desired: DesiredChart, work: Callable[[DesiredChart, Chart], T]) -> T:
    wanted = desired.organisation
    with session.ledger(wanted, read_only=True, profile=desired.profile) as ledger:
        chart = ledger.chart()
    return work(desired, chart)


class SignIns:
    """The sign-ins of one run, one for each profile, over one pool of connections."""

    def __init__(self, session: Session, gateway: Gateway, reads: Executor) -> None:
        self._session = session
        self._gateway = gateway
        self._reads = reads
        self._lock = Lock()
        self._opened: dict[str, Once[OpenSignIn]] = {}

    def chart(self, desired: DesiredChart) -> Chart:
        """Read the chart of an organisation. A sign-in that Xero rejects is not used again."""
        with self._session.naming_profile(desired.profile):
            sign_in = self._of(desired.profile).get()
            try:
                return sign_in.ledger(desired.organisation).chart()
            except AccessDenied:
                raise
            except SignInError as error:
                sign_in.tokens.give_up(error)
                raise

    def _of(self, profile: str) -> Once[OpenSignIn]:
        credentials = self._session.credentials(profile)
        with self._lock:
            return self._opened.setdefault(
                credentials.profile,
                Once(
                    lambda: OpenSignIn(
                        self._gateway, credentials, read_only=True, reads=self._reads
                    )
                ),
            )


@contextmanager
def open_sign_ins(session: Session, reads: Executor) -> Iterator[SignIns]:
    """Yield the sign-ins of a run, and close their connections."""
    gateway = Gateway(session.addresses(), session.hooks(quiet=True), read_only=True)
    try:
        yield SignIns(session, gateway, reads)
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
