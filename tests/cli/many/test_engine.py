"""`--engine`: Dask workers give the same bytes as threads, and no token is left anywhere."""

from __future__ import annotations

import importlib
import json
import pickle
import re
import shutil
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, tzinfo
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event, Lock
from typing import Any, Self

import dask.config
import pytest
from command_line import Xerosync
from network.scripted_server import respond
from xero.auth.conftest import Command
from xero.scripted import Time

from cli.many.cluster import Cluster
from cli.many.practice import Practice, tenant, write_client
from xerosync import __version__
from xerosync.desired import DesiredAccount, DesiredChart, Unmanaged
from xerosync.errors import (
    ChartError,
    Interrupted,
    LedgerError,
    Problem,
    RejectedByXero,
    SomeOrganisationsFailed,
    Unavailable,
    UsageError,
    XerosyncError,
)
from xerosync.history.baseline import Baseline, LastApplied
from xerosync.model import Account
from xerosync.organisations.tasks import plan_one
from xerosync.sandbox import Sandbox
from xerosync.xero import engine as engines
from xerosync.xero.addresses import Addresses
from xerosync.xero.clock import Clock
from xerosync.xero.engine import Engine, parse_engine
from xerosync.xero.http.rate_limit import app_rate_limit
from xerosync.xero.remote import Task, WorkerAccess

MARK = "mArKeD"
CLIENTS = Path("clients")
EXAMPLE = Path(__file__).parents[3] / "examples" / "practice"
RENAMED = 'code: "401", name: Bank Charges'
EXPIRED = respond(401, b'{"Title": "Unauthorized", "Detail": "TokenExpired: token expired"}')
NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)


class Renewing(Practice):
    """A practice whose tokens are marked and numbered; those in `expired` are refused."""

    def __init__(
        self, clients: int, expired: int = 0, faults: dict[int, str] | None = None
    ) -> None:
        super().__init__(clients)
        self.faults |= faults or {}
        self.refused_tokens = expired
        self.tokens_issued = 0
        self.before_answer: Callable[[str], None] = lambda _: None

    def __enter__(self) -> Self:
        super().__enter__()
        # A killed worker does not read its answers.
        self.server.http.handle_error = lambda *_: None  # type: ignore[method-assign]
        return self

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        path = handler.path.rpartition("/")[2]
        self.before_answer(path)
        if path == "token":
            with self._lock:
                self.tokens_issued += 1
                grant = {"access_token": f"{MARK}-{self.tokens_issued}", "token_type": "Bearer"}
            respond(200, json.dumps(grant).encode())(handler)
            return
        token = int(handler.headers["Authorization"].rpartition("-")[2])
        if token <= self.refused_tokens and path != "connections":
            EXPIRED(handler)
        else:
            super()._answer(handler)


Begin = Callable[..., Renewing]


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch, project: object) -> Iterator[Begin]:
    """Serve a practice and sign in to it."""
    with ExitStack() as stack:

        def begin(clients: int, **options: Any) -> Renewing:
            practice = stack.enter_context(Renewing(clients, **options))
            for name in ("XEROSYNC_API_URL", "XEROSYNC_IDENTITY_URL"):
                monkeypatch.setenv(name, practice.url)
            monkeypatch.setenv("XERO_CLIENT_ID", "app")
            monkeypatch.setenv("XERO_CLIENT_SECRET", f"{MARK}-secret")
            for number in range(1, clients + 1):
                write_client(CLIENTS, number, *([RENAMED] if number % 2 else []))
            return practice

        yield begin


@pytest.fixture(scope="module")
def _cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with Cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster


@pytest.fixture
def cluster(_cluster: Cluster) -> Cluster:
    """Return a cluster with two workers."""
    _cluster.start_workers(2)
    return _cluster


class Stopped(datetime):
    """A clock that always shows the same time, so that two runs may print the same."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return cls.fromtimestamp(NOW.timestamp(), tz)


@pytest.fixture
def same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    for command in ("plan", "drift"):
        monkeypatch.setattr(f"xerosync.cli.commands.{command}.datetime", Stopped)


@pytest.mark.usefixtures("same_time")
@pytest.mark.parametrize("command", ["plan", "drift"])
def test_workers_give_the_same_bytes_as_threads(
    served: Begin, cluster: Cluster, xerosync: Xerosync, command: str
) -> None:
    """With failures: a client without access, and a file that names other books."""
    practice = served(6, faults={2: "403"})
    path = CLIENTS / "client004.yaml"
    path.write_text(path.read_text().replace("Client 4", "Somebody else"))
    write_client(CLIENTS, 5, RENAMED, pinned=False)
    for form in ("text", "json"):
        arguments = (command, "clients", "--format", form)
        by_threads = xerosync(*arguments)
        assert by_threads.code == 6
        assert xerosync(*arguments, "--engine", cluster.address) == by_threads
    assert practice.tokens_issued == 4  # one a run: the workers have not signed in
    assert MARK not in cluster.logged()


@pytest.mark.usefixtures("same_time")
def test_plans_of_workers_are_saved_by_the_starting_process(
    served: Begin, cluster: Cluster, xerosync: Xerosync
) -> None:
    """Each plan is saved whole, although only its changes are kept for the review."""
    served(3)
    assert xerosync("plan", "clients", "--out", "here/").code == 0
    assert xerosync("plan", "clients", "--out", "there/", "--engine", cluster.address).code == 0
    names = sorted(path.name for path in Path("here").iterdir())
    assert len(names) == 4
    for name in names:
        assert Path("there", name).read_bytes() == Path("here", name).read_bytes()


@pytest.mark.usefixtures("same_time")
def test_workers_know_what_the_journals_of_the_starting_process_say(
    cluster: Cluster, xerosync: Xerosync
) -> None:
    """Three clients of the example, of which one was edited in Xero after an apply."""
    for name in ("standard", "clients"):
        shutil.copytree(EXAMPLE / name, name)
    assert xerosync("sandbox", "--reset", "--organisations", "3").code == 0
    for path in sorted(CLIENTS.glob("*.yaml")):
        if path.stem not in {"harbour-cafe", "kowhai-legal", "ridgeline-builders"}:
            path.unlink()
    assert xerosync("apply", "--sandbox", "--yes", *map(str, CLIENTS.iterdir())).code == 0
    with Sandbox(Path(".xerosync/sandbox.db")) as books:
        books.store.edit("404", status="ARCHIVED")
    for command in ("plan", "drift"):
        arguments = (command, "clients", "--sandbox", "--format", "json")
        by_threads = xerosync(*arguments)
        assert '"origin":"xero"' in by_threads.out.replace(": ", ":"), by_threads.err
        assert xerosync(*arguments, "--engine", cluster.address) == by_threads
    for source in (["clients"], ["--all", "--standard", "standard/nz.yaml"]):
        compare = ("compare", *source, "--sandbox", "--format", "csv")
        by_threads = xerosync(*compare)
        assert "Subcontractors" in by_threads.out, by_threads.err
        assert xerosync(*compare, "--engine", cluster.address) == by_threads


@pytest.mark.usefixtures("same_time")
def test_a_killed_worker_changes_nothing(
    served: Begin, cluster: Cluster, xerosync: Xerosync
) -> None:
    practice = served(8)
    expected = xerosync("plan", "clients", "--format", "json")
    practice.calls.clear()
    lock, both_are_busy = Lock(), Event()
    waiting = 0

    def hold(path: str) -> None:
        """Hold back four answers, two for each worker, and kill one of them."""
        nonlocal waiting
        if path != "Accounts":
            return
        with lock:
            waiting += 1
            if waiting == 4:
                cluster.workers[0].send_signal(signal.SIGKILL)
                cluster.workers[0].wait()
                both_are_busy.set()
        assert both_are_busy.wait(60)

    practice.before_answer = hold
    arguments = ("plan", "clients", "--format", "json", "--engine", cluster.address)
    assert xerosync(*arguments) == expected
    assert expected.code == 0
    assert waiting == 10  # two were asked again


def test_an_expired_token_is_renewed_by_the_starting_process(
    served: Begin, cluster: Cluster, xerosync: Xerosync
) -> None:
    practice = served(4, expired=1)
    said = xerosync("plan", "clients", "--engine", cluster.address)
    assert said.code == 0, said.err
    assert practice.tokens_issued == 2
    assert MARK not in said.out + said.err + cluster.logged()


def test_a_run_ends_if_every_new_token_has_expired(
    served: Begin, cluster: Cluster, xerosync: Xerosync
) -> None:
    practice = served(3, expired=99)
    said = xerosync("plan", "clients", "--engine", cluster.address, "--debug")
    assert said.code == 4
    assert "both the access token and its replacement have expired" in said.err
    assert "its command must print a token that has not expired" in said.err
    assert practice.tokens_issued <= 10
    assert MARK not in said.out + said.err + cluster.logged()


def test_ctrl_c_ends_the_run_without_waiting_for_the_workers(
    served: Begin, cluster: Cluster
) -> None:
    practice = served(6)
    asked, ended = Event(), Event()

    def hold(path: str) -> None:
        if path == "Accounts":
            asked.set()
            assert ended.wait(60)

    practice.before_answer = hold
    plan = Command("plan", "clients", "--engine", cluster.address)
    assert asked.wait(60)
    plan.process.send_signal(signal.SIGINT)
    try:
        assert plan.end() == 130, plan.said
    finally:
        ended.set()
    assert "Interrupted: 0 of 6 organisations were planned." in plan.said
    assert "Traceback" not in plan.said


def test_a_lost_scheduler_ends_the_run_with_only_our_own_message(
    served: Begin, tmp_path_factory: pytest.TempPathFactory
) -> None:
    practice = served(3)
    with Cluster(tmp_path_factory.mktemp("lost")) as cluster:
        cluster.start_workers(1)
        lost = Event()

        def lose(path: str) -> None:
            if path == "Accounts" and cluster.scheduler:
                cluster.scheduler.kill()
                assert lost.wait(60)

        practice.before_answer = lose
        plan = Command("plan", "clients", "--engine", cluster.address)
        try:
            assert plan.end() == 1
        finally:
            lost.set()
    assert "The engine could not finish this organisation" in plan.said
    assert "distributed" not in plan.said
    assert "Traceback" not in plan.said


# The rest needs no cluster.


@pytest.mark.parametrize(
    "text",
    [
        "tls://scheduler.example:8786", "tls://10.0.0.5:8786/", "tcp://127.0.0.1:8786",
        "tcp://localhost:1", "tcp://[::1]:8786",
    ],
)  # fmt: skip
def test_a_safe_address_is_accepted(text: str) -> None:
    assert parse_engine(text) == text.rstrip("/")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("tcp://10.0.0.5:8786", "plain tcp to 10.0.0.5: access tokens would be sent unencrypted"),
        ("tcp://127.0.0.1.evil.example:1", "plain tcp to 127.0.0.1.evil.example"),
        ("tcp://0.0.0.0:8786", "plain tcp to 0.0.0.0"),
        ("127.0.0.1:8786", "not the address of a Dask scheduler"),
        ("ucx://127.0.0.1:8786", "not the address"),
        ("ws://127.0.0.1:8786", "not the address"),
        ("inproc://127.0.0.1/1/2", "not the address"),
        ("tls://127.0.0.1", "not the address"),
        ("tls://127.0.0.1:99999", "not the address"),
        ("tls://user:pw@127.0.0.1:1", "not the address"),
        ("tls://127.0.0.1:1/x?y", "not the address"),
        ("tls://[::1:8786", "not the address"),
        ("\x1b]0;x", "not the address"),
    ],
)
def test_an_unsafe_address_is_refused(xerosync: Xerosync, text: str, says: str) -> None:
    with pytest.raises(UsageError, match=re.escape(says)):
        parse_engine(text)
    write_client(CLIENTS, 1)
    said = xerosync("plan", "clients", "--engine", text)
    assert said.code == 64
    assert "pw" not in said.err
    assert "\x1b" not in said.err


def test_apply_has_no_engine(xerosync: Xerosync) -> None:
    """An engine may run a task twice, and only the starting process is signed in."""
    said = xerosync("apply", "clients", "--engine", "tcp://127.0.0.1:8786")
    assert said.code == 64
    assert "No such option: --engine" in said.err


def test_a_plan_against_a_csv_uses_no_engine(xerosync: Xerosync) -> None:
    said = xerosync("plan", "--current", "x.csv", "--engine", "tcp://127.0.0.1:8786")
    assert said.code == 64
    assert "--current and --engine cannot be used together" in said.err


def test_without_dask_the_error_says_how_to_install_it(
    served: Begin, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    served(2)
    monkeypatch.setitem(sys.modules, "distributed", None)
    said = xerosync("plan", "clients", "--engine", "tcp://127.0.0.1:8786")
    assert said.code == 64
    assert "--engine needs Dask, which is not installed." in said.err
    assert (
        "Install xerosync with the extra [dask], here and on the workers: see docs/cli.md"
        in said.err
    )


def test_a_scheduler_that_cannot_be_reached_is_reported_with_its_address(
    served: Begin, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    served(2)
    monkeypatch.setattr(engines, "CONNECT_SECONDS", 0.3)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{unused.getsockname()[1]}"
        said = xerosync("plan", "clients", "--engine", address)
    assert said.code == 1
    assert f"The scheduler at {address} cannot be reached." in " ".join(said.err.split())


@pytest.mark.parametrize("file", ["", "/missing", __file__])
def test_tls_without_certificates_says_which_settings_are_missing(
    served: Begin, xerosync: Xerosync, file: str
) -> None:
    served(2)
    importlib.import_module("distributed")  # its defaults: what `set` adds, it takes away again
    with dask.config.set({"distributed.comm.tls.ca-file": file or None}):
        said = xerosync("plan", "clients", "--engine", "tls://127.0.0.1:8786")
    assert said.code == 64
    assert "without certificates" in said.err
    assert "DASK_DISTRIBUTED__COMM__TLS__CA_FILE" in said.err


class FakeClient:
    """A client of a scheduler, whose workers have these versions of xerosync."""

    def __init__(self, versions: Mapping[str, object], *, late: bool = False) -> None:
        self.versions = versions
        self.late = late
        self.closed = False

    def wait_for_workers(self, count: int, timeout: float) -> None:
        if self.late:
            raise TimeoutError(f"Only 0/{count} workers arrived after {timeout}")

    def run(self, _: object, *, on_error: str) -> Mapping[str, object]:
        return self.versions

    def get_executor(self, *, pure: bool) -> Executor:
        assert not pure  # Dask would take equal tasks for one, and name them by their content
        return ThreadPoolExecutor(1)

    def close(self, timeout: float) -> None:
        self.closed = True


def test_each_worker_gets_its_share_of_the_apps_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    client = FakeClient({f"tls://10.0.0.5:{n}": __version__ for n in range(4)})
    monkeypatch.setattr(engines, "_connect", lambda _: client)
    with engines.open_engine("tls://10.0.0.9:1", Clock()) as engine:
        assert engine.processes == 4
    time = Time()
    limit = app_rate_limit(time.clock, processes=engine.processes)
    for _ in range(2500):
        with limit.slot():
            assert not time.slept
    with limit.slot():
        assert time.slept


@pytest.mark.parametrize(
    ("address", "client", "says"),
    [
        ("tcp://127.0.0.1:1", FakeClient({}, late=True), "has no workers that answer"),
        ("tcp://127.0.0.1:1", FakeClient({"tcp://10.0.0.5:7": __version__}),
         "unencrypted to tcp://10.0.0.5:7"),
        ("tls://10.0.0.9:1", FakeClient({"tls://10.0.0.5:7": __version__,
         "tcp://10.0.0.5:8": __version__}), "unencrypted to tcp://10.0.0.5:8."),
        ("tls://10.0.0.9:1", FakeClient({"tls://10.0.0.5:7": __version__,
         "tls://10.0.0.5:8": "0.0.1"}), "is not installed on tls://10.0.0.5:8."),
        ("tls://10.0.0.9:1", FakeClient({f"tls://10.0.0.5:{n}": ModuleNotFoundError("xerosync")
         for n in range(9)}), "and 6 more."),
    ],
)  # fmt: skip
def test_workers_that_are_missing_exposed_or_different_are_refused(
    monkeypatch: pytest.MonkeyPatch, address: str, client: FakeClient, says: str
) -> None:
    monkeypatch.setattr(engines, "_connect", lambda _: client)
    with (
        pytest.raises(XerosyncError, match=re.escape(says)),
        engines.open_engine(address, Clock()),
    ):
        pass
    assert client.closed


TASK = Task(
    DesiredChart(accounts=(), file="a.yaml"),
    WorkerAccess(Addresses(), tenant(1), f"{MARK}-token", "app", 2, "login"),
    None,
    partial(plan_one, brief=True),
)


class Scripted(ThreadPoolExecutor):
    """An executor whose tasks end with this error, or never; if `closed`, it takes no task."""

    def __init__(self, error: BaseException | None, *, closed: bool = False) -> None:
        super().__init__(1)
        self.error = error
        self.closed = closed

    def submit(self, *_: Any, **__: Any) -> Future[Any]:
        if self.closed:
            raise RuntimeError("closed")
        future: Future[Any] = Future()
        if self.error:
            future.set_exception(self.error)
        return future


def test_a_task_that_dask_gives_up_shows_nothing_of_its_error() -> None:
    engine = Engine(2, Scripted(RuntimeError(MARK)), Clock(), lambda: True)
    with pytest.raises(
        Unavailable, match=r"could not finish this organisation \(RuntimeError\)"
    ) as caught:
        engine.run(TASK)
    assert MARK not in repr(vars(caught.value))
    assert caught.value.__context__ is None


def test_a_lost_scheduler_is_not_reported_as_a_bug() -> None:
    """It may take no more tasks, or not say which workers are left."""

    def lost() -> bool:
        raise OSError(MARK)

    ticks = iter(range(0, 1000, 10))
    clock = Clock(monotonic=lambda: float(next(ticks)))
    for executor in (Scripted(None, closed=True), Scripted(None)):
        with pytest.raises(Unavailable, match="could not finish this organisation"):
            Engine(2, executor, clock, lost).run(TASK)


def test_a_run_ends_when_no_worker_is_left() -> None:
    ticks = iter(range(0, 1000, 10))
    clock = Clock(monotonic=lambda: float(next(ticks)))
    with pytest.raises(Unavailable, match="no workers left"):
        Engine(2, Scripted(None), clock, lambda: False).run(TASK)


def test_stopping_the_run_stops_waiting_for_the_engine() -> None:
    clock = Clock()
    clock.stop.set()
    with pytest.raises(Interrupted):
        Engine(2, Scripted(None), clock, lambda: True).run(TASK)


def test_a_task_can_be_pickled_and_shows_no_token() -> None:
    account = Account("id", "400", "Rent", "EXPENSE")
    base = Baseline(
        {"id": account},
        datetime(2026, 11, 1, tzinfo=UTC),
        last_applied=LastApplied(
            {"id": DesiredAccount({"code": "400"})}, {}, frozenset(), Unmanaged.KEEP, "a.yaml"
        ),
    )
    task = Task(TASK.desired, TASK.access, base, TASK.work)
    again = pickle.loads(pickle.dumps(task))  # noqa: S301 (our own)
    assert (again.desired, again.access, again.base) == (task.desired, task.access, base)
    assert MARK not in f"{task!r} {task.access!r} {again!r}"


@pytest.mark.parametrize(
    "error",
    [
        ChartError((Problem("a.yaml", 1, 2, "rule", "Wrong."),)),
        RejectedByXero(("No.", "Never."), correlation_id="c"),
        LedgerError("Down.", "Later.", correlation_id="c"),
        SomeOrganisationsFailed("2 of 3 failed.", "", ("one", "two")),
        UsageError("Wrong.", "Right."),
    ],
    ids=lambda error: type(error).__name__,
)
def test_every_attribute_of_an_error_survives_pickling(error: XerosyncError) -> None:
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 (our own)
    assert type(again) is type(error)
    assert (str(again), vars(again)) == (str(error), vars(error))
