"""The engine of `--engine`: Dask workers that read the organisations of a run from Xero."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from xerosync import __version__
from xerosync.errors import Interrupted, Unavailable, UsageError, XerosyncError
from xerosync.organisations.failed import FailedOrganisation
from xerosync.text import first_few
from xerosync.urls import is_host, is_loopback
from xerosync.xero.clock import Clock
from xerosync.xero.remote import Task, TokenExpired, run_task

T = TypeVar("T")

CONNECT_SECONDS = 20.0
"""How long to wait for the scheduler to answer, and then for its first worker."""
_POLL = 0.2
"""Seconds between checks for Ctrl-C."""
_CHECK_SECONDS = 15.0
"""Seconds between checks that there are still workers."""
_MOST_NAMED = 3
_THEIRS = {"distributed", "tornado", "asyncio"}
"""Packages whose loggers would print to stderr."""
_TLS = (
    "For tls://, Dask needs certificates: set DASK_DISTRIBUTED__COMM__TLS__CA_FILE,"
    " DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT and DASK_DISTRIBUTED__COMM__TLS__CLIENT__KEY, or"
    " the same in Dask's configuration file."
)


def parse_engine(text: str) -> str:
    """Return the address of a scheduler.

    Raises `UsageError` if `text` is not such an address, and if tokens would go unencrypted.
    """
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    if (
        parts.scheme not in {"tls", "tcp"}
        or not is_host(host)
        or not port
        or parts.username is not None
        or parts.path.strip("/")
        or parts.query
        or parts.fragment
    ):
        raise UsageError(
            "--engine is not the address of a Dask scheduler.",
            "Write it like tls://scheduler.example:8786, or tcp://127.0.0.1:8786 for one on this"
            " machine.",
        )
    if parts.scheme == "tcp" and not is_loopback(host):
        raise UsageError(
            f"--engine is plain tcp to {host}: access tokens would be sent unencrypted.",
            "Use tls://; tcp:// is only allowed on this machine (127.0.0.1, ::1, localhost).",
        )
    return text.rstrip("/")


def installed_version() -> str:
    """Return the version of xerosync. Each worker runs this function."""
    return __version__


@dataclass(frozen=True, slots=True)
class Engine:
    """Runs tasks on the workers of a scheduler, from any number of threads.

    `processes` is the number of workers at the start.
    """

    processes: int
    executor: Executor
    clock: Clock
    workers_left: Callable[[], bool]

    def run(self, task: Task[T]) -> T | FailedOrganisation | TokenExpired:
        """Run a task on a worker; if that worker is killed, the scheduler tries another one.

        Raises `Unavailable` if no worker could finish it, and `Interrupted` if the run is stopped.
        """
        try:
            future: Future[Any] = self.executor.submit(run_task, task)
            self._wait(future)
            result: T | FailedOrganisation | TokenExpired = future.result()
        except XerosyncError:
            raise
        except BaseException as error:  # noqa: BLE001 (Dask has no common base; may hold anything)
            reason = type(error).__name__
        else:
            return result
        raise Unavailable(
            f"The engine could not finish this organisation ({reason}).",
            "A worker was killed several times, or the scheduler was lost: see their logs, then"
            " run again.",
        )

    def _wait(self, future: Future[Any]) -> None:
        """Wait for a task to end. Raises `Interrupted`, and `Unavailable` if no worker is left."""
        check = self.clock.monotonic() + _CHECK_SECONDS
        while not wait([future], _POLL).done:
            if self.clock.stop.is_set():
                future.cancel()
                raise Interrupted("Stopped while the engine was working.")
            if self.clock.monotonic() < check:
                continue
            if not self.workers_left():
                future.cancel()
                raise Unavailable("The engine has no workers left.", "Start some, then run again.")
            check = self.clock.monotonic() + _CHECK_SECONDS


@contextmanager
def open_engine(address: str, clock: Clock) -> Iterator[Engine]:
    """Yield a scheduler's engine. Raises `Unavailable` or `UsageError` if it cannot be used."""
    client = _connect(address)
    try:
        with _explained(address, "has no workers that answer"):
            client.wait_for_workers(1, timeout=CONNECT_SECONDS)
            versions = client.run(installed_version, on_error="return")
        _check_workers(address, versions)
        executor = client.get_executor(pure=False)
        try:
            yield Engine(len(versions), executor, clock, lambda: bool(client.nthreads()))
        finally:
            with suppress(Exception):
                executor.shutdown(wait=False)
    finally:
        with suppress(Exception):
            client.close(timeout=2)


def _connect(address: str) -> Any:  # noqa: ANN401 (distributed is only partly typed)
    """Return a client of a scheduler. Dask's logs are silenced: errors say what happened.

    Likely mistakes are checked before the client is created, because a client that could not
    connect may hang when Python deletes it.
    """
    try:
        from distributed import Client, Security  # noqa: PLC0415 (an extra, for those who asked for it)
    except ImportError as error:
        raise UsageError(
            "--engine needs Dask, which is not installed.",
            "Install xerosync with the extra [dask], here and on the workers: see docs/cli.md.",
        ) from error
    for logger in list(logging.root.manager.loggerDict):
        if logger.split(".")[0] in _THEIRS:
            logging.getLogger(logger).setLevel(logging.CRITICAL)
    parts = urlsplit(address)
    security = Security()  # type: ignore[no-untyped-call]
    if parts.scheme == "tls" and not _has_certificates(security):
        raise UsageError(f"Cannot connect to {address} without certificates.", _TLS)
    with _explained(address, "cannot be reached"):
        socket.create_connection((parts.hostname or "", parts.port or 0), CONNECT_SECONDS).close()
        return Client(  # type: ignore[no-untyped-call]
            address,
            timeout=CONNECT_SECONDS,
            security=security,
            set_as_default=False,
            name="xerosync",
        )


def _has_certificates(security: Any) -> bool:  # noqa: ANN401 (as above)
    try:
        return security.get_connection_args("client").get("ssl_context") is not None
    except (OSError, ValueError):  # the file is missing, or is not a certificate
        return False


@contextmanager
def _explained(address: str, what: str) -> Iterator[None]:
    try:
        yield
    except (OSError, RuntimeError, ValueError) as error:
        hint = "Check the address, and that `dask scheduler` and `dask worker` are running."
        if address.startswith("tls:"):
            hint = f"{hint} {_TLS}"
        raise Unavailable(f"The scheduler at {address} {what}.", hint) from error


def _check_workers(address: str, versions: Mapping[str, object]) -> None:
    """Raise `UsageError` if a worker has another version, or would get tokens unencrypted."""
    exposed = [worker for worker in versions if not _is_safe(worker, address)]
    if exposed:
        raise UsageError(
            f"Access tokens would be sent unencrypted to {first_few(exposed, _MOST_NAMED)}.",
            "Start the scheduler and its workers with tls://, or all of them on 127.0.0.1.",
        )
    others = [worker for worker, version in versions.items() if version != __version__]
    if others:
        raise UsageError(
            f"xerosync {__version__} is not installed on {first_few(others, _MOST_NAMED)}.",
            "Install the same version of xerosync, with the extra [dask], on every worker.",
        )


def _is_safe(worker: str, address: str) -> bool:
    parts = urlsplit(worker)
    if urlsplit(address).scheme == "tls":
        return parts.scheme == "tls"
    return is_loopback(parts.hostname or "")
