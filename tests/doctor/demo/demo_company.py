"""A demo company in this process: the sandbox without a network, and a run of the questions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import urlsplit

from xerosync.cli.doctor.demo_company import FolderFiles
from xerosync.desired import OrganisationPin
from xerosync.doctor.demo.ask_all import DemoRun
from xerosync.doctor.demo.cases import CASES, Case
from xerosync.doctor.demo.demo_books import DemoBooks
from xerosync.doctor.demo.made import RecordFile
from xerosync.doctor.demo.main_job import MainJob
from xerosync.doctor.demo.port import Xero
from xerosync.doctor.demo.watched_ledger import WatchedLedger
from xerosync.network.no_reply import NoReply
from xerosync.sandbox import Sandbox
from xerosync.sandbox.http.messages import Delivery
from xerosync.sandbox.http.messages import Request as SandboxRequest
from xerosync.secret import Secret
from xerosync.xero.addresses import Addresses
from xerosync.xero.clock import Clock
from xerosync.xero.connect import Credentials, Hooks, connect_raw
from xerosync.xero.http.transport import Reply, Request
from xerosync.xero_behaviour import Behaviour, Question, XeroAnswer

TODAY = date(2026, 11, 27)
NOW = datetime(2026, 11, 27, tzinfo=UTC)


class Killed(BaseException):
    """The process ends at once: no code of ours runs any more."""


@dataclass
class Ticking:
    """A clock that moves with each call, by `a_call`, and with each wait."""

    now: float = 0.0
    a_call: float = 1.0
    stop: Event = field(default_factory=Event)

    def __call__(self) -> float:
        return 1_780_272_000.0 + self.now

    @property
    def clock(self) -> Clock:
        def sleep(seconds: float) -> None:
            self.now += seconds

        return Clock(
            monotonic=lambda: self.now,
            now=lambda: NOW + timedelta(seconds=self.now),
            sleep=sleep,
            stop=self.stop,
        )


@dataclass
class InProcess:
    """Sends requests to a sandbox in this process; each takes a second of its clock.

    `before` and `after` are called with the number of the accounting call, from 1, before it
    is made and once it is done. A reply of `instead` replaces the sandbox's.
    """

    sandbox: Sandbox
    clock: Ticking
    before: Callable[[int, Request], None] = lambda _number, _request: None
    after: Callable[[int, Request], None] = lambda _number, _request: None
    instead: Callable[[int, Request], Reply | None] = lambda _number, _request: None
    sent: list[Request] = field(default_factory=list)
    at: list[float] = field(default_factory=list)

    def send(self, request: Request) -> Reply | NoReply:
        try:
            return self._answer(request)
        except NoReply as no_reply:
            return no_reply

    def _answer(self, request: Request) -> Reply:
        parts = urlsplit(request.url)
        is_accounting = "/api.xro/" in parts.path
        if is_accounting:
            self.sent.append(request)
            self.at.append(self.clock.now)
        number = len(self.sent)
        self.clock.now += self.clock.a_call
        if is_accounting:
            self.before(number, request)
            if reply := self.instead(number, request):
                return reply
        headers = {"accept": "application/json"}
        headers |= {name.lower(): value for name, value in request.headers.items()}
        if request.authorization:
            headers["authorization"] = request.authorization
        answer = self.sandbox._router.respond(
            SandboxRequest(
                method=request.method, path=parts.path, query=parts.query, headers=headers,
                body=request.body or b"",
            )
        )  # fmt: skip
        if is_accounting:
            self.after(number, request)
        if answer.delivery is not Delivery.WHOLE:
            raise NoReply("The connection was lost.", untouched=False)
        named = {name.lower(): value for name, value in answer.headers.items()}
        return Reply(
            answer.status, {"content-type": answer.content_type} | named, answer.body.decode()
        )

    def close(self) -> None:
        """Nothing is open."""

    @property
    def writes(self) -> list[Request]:
        """The accounting calls that write."""
        return [request for request in self.sent if request.method != "GET"]


@dataclass
class Shown:
    """What a run showed of its progress."""

    lines: list[tuple[int, int, str]] = field(default_factory=list)

    def doing(self, number: int, total: int, what: str) -> None:
        self.lines.append((number, total, what))


def no_main_job(_: Mapping[Question, XeroAnswer]) -> Mapping[str, str]:
    return {}


@dataclass
class DemoCompany:
    """The books of a demo company, and runs of the questions in them."""

    folder: Path
    sandbox: Sandbox
    ticking: Ticking
    shown: Shown = field(default_factory=Shown)
    ledgers: dict[int, WatchedLedger] = field(default_factory=dict)

    @contextmanager
    def run(
        self,
        cases: Mapping[Question, Case] = CASES,
        *,
        main_job: bool = True,
        custom: bool = True,
        **hooks: Any,
    ) -> Iterator[tuple[DemoRun, InProcess]]:
        """Open the books; yield a run that has not begun, and what sends its calls.

        It is signed in by a custom connection, or else by a token, which is quicker.
        """
        sender = InProcess(self.sandbox, self.ticking, **hooks)
        clock = self.ticking.clock
        credentials = Credentials(client_id="sandbox", client_secret=Secret("sandbox"))
        if not custom:
            token = Secret(self.sandbox.access_token())
            credentials = Credentials(access_token=token, tenant_id=self.sandbox.tenant_id)
        addresses = Addresses(self.sandbox.url, self.sandbox.url)
        calls = Hooks(clock=clock, chance=lambda: 0.0, sender=sender)
        with connect_raw(credentials, addresses, OrganisationPin(), calls) as xero:
            yield self.demo_run(xero, clock, cases, main_job=main_job), sender

    def demo_run(
        self, xero: Xero, clock: Clock, cases: Mapping[Question, Case], *, main_job: bool
    ) -> DemoRun:
        organisation = xero.port.send("GET", "/Organisation").organisation
        file = RecordFile(organisation.tenant_id, self.folder / "record")
        books = DemoBooks(xero, file, organisation, monotonic=clock.monotonic, stop=clock.stop)

        self.ledgers[id(books)] = WatchedLedger(xero.ledger, books)

        def job(findings: Mapping[Question, XeroAnswer]) -> Mapping[str, str]:
            number = len(list(self.folder.glob("job-*")))
            work = self.folder / f"job-{number}"
            work.mkdir()
            ledger = self.ledgers[id(books)]
            return MainJob(books, ledger, FolderFiles(work), work, clock.now, findings).run()

        return DemoRun(books, self.shown, clock.wait, job if main_job else no_main_job, cases)

    def ledger(self, run: DemoRun) -> WatchedLedger:
        """Return the ledger of the main job of a run."""
        return self.ledgers[id(run.books)]

    def ask(
        self, cases: Mapping[Question, Case] = CASES, *, main_job: bool = False, **hooks: Any
    ) -> Behaviour:
        """Run, and return the report."""
        with self.run(cases, main_job=main_job, **hooks) as (run, _):
            return run.run(TODAY, local=True)

    def clean_up(self) -> None:
        """Run without a question: what an earlier run left is cleaned up."""
        self.ticking.stop.clear()
        with self.run({}, main_job=False, custom=False) as (run, _):
            run.run(TODAY, local=True)

    def chart(self) -> list[tuple[Any, ...]]:
        """Return the accounts of the books, without when they changed."""
        return [
            (a.account_id, a.code, a.name, a.status, a.type, a.tax_type, a.description,
             a.reporting_code, a.add_to_watchlist, a.bank_account_number)
            for a in self.sandbox.store.accounts()
        ]  # fmt: skip

    def left(self) -> list[str]:
        """Return the names of the throw-away accounts in the books, whatever their status."""
        return [a.name for a in self.sandbox.store.accounts() if "xerosync test" in a.name.lower()]


def opened(folder: Path, **options: Any) -> DemoCompany:
    """Open new books."""
    ticking = Ticking()
    return DemoCompany(folder, Sandbox(clock=ticking, **options), ticking)


def snapshot(company: DemoCompany) -> tuple[bytes, str | None]:
    """Return the books and the record, as a process that is killed now leaves them."""
    database = company.sandbox.books.database
    with database._lock:
        files = list((company.folder / "record").glob("*.json"))
        record = files[0].read_text("utf-8") if files else None
        return database._connection.serialize(), record


def restore(company: DemoCompany, state: tuple[bytes, str | None]) -> None:
    """Bring the books and the record back to a snapshot."""
    books, record = state
    company.sandbox.books.database._connection.deserialize(books)
    folder = company.folder / "record"
    path = folder / f"{company.sandbox.tenant_id}.json"
    path.unlink(missing_ok=True)
    if record is not None:
        path.write_text(record, "utf-8")


def only(*questions: Question) -> Mapping[Question, Case]:
    """Return a table with these questions alone."""
    return {question: CASES[question] for question in questions}
