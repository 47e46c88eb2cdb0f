"""Turns a database path into a running Xero on loopback: the sandbox itself."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from contextlib import closing
from typing import TYPE_CHECKING, Self

from xerosync.sandbox.books.store import Store
from xerosync.sandbox.errors import SandboxError
from xerosync.sandbox.http.faults import Faults
from xerosync.sandbox.http.listener import HOST, POLL_SECONDS, Listener
from xerosync.sandbox.http.messages import Answer, Call, Request, json_answer
from xerosync.sandbox.http.rate_limits import Limits, Meter
from xerosync.sandbox.http.router import Api
from xerosync.sandbox.identity.oauth import WRITE
from xerosync.sandbox.identity.tokens import App, Tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from types import TracebackType

log = logging.getLogger(__name__)

LOG_LENGTH = 10_000
KEPT_HEADERS = (
    "accept",
    "content-type",
    "idempotency-key",
    "if-modified-since",
    "user-agent",
    "xero-tenant-id",
)
DEFAULT_LIMITS = Limits()


class Sandbox:
    """A local Xero: one demo company, kept in a database, served over HTTP.

    The constructor opens the database, seeding a new one, and binds the port (0 is any
    free one); what keeps it from that is a ``SandboxError``. As a context manager it
    serves from a thread until the end of the block.

    ``faults`` and ``fault_rate`` (0 to 1, reproducible by ``fault_seed``) break calls, as
    ``faults.parse`` tells. ``latency`` is a delay of each call in seconds, by ``delay``.
    ``clock`` gives seconds since 1970; it governs windows, lifetimes and timestamps.
    ``before_answer`` is called for an accounting call once it is done and committed but
    before its answer is sent, ``on_request`` after it was sent; both from the thread that
    serves the call.
    """

    def __init__(
        self,
        db: Path | str = ":memory:",
        *,
        port: int = 0,
        country: str = "NZ",
        limits: Limits = DEFAULT_LIMITS,
        faults: Sequence[str] = (),
        fault_rate: float = 0.0,
        fault_seed: int | None = None,
        latency: float = 0.0,
        clock: Callable[[], float] = time.time,
        delay: Callable[[float], None] = time.sleep,
        on_request: Callable[[Request], None] | None = None,
        before_answer: Callable[[Request], None] | None = None,
    ) -> None:
        parsed = Faults(faults, fault_rate, fault_seed)
        self._clock = clock
        self._on_request = on_request
        self._before_answer = before_answer
        self._log: deque[Request] = deque(maxlen=LOG_LENGTH)
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()
        self.store = Store(db, country, clock)
        self.tokens = Tokens(self.store.database, clock)
        self._api = Api(
            self.store,
            self.tokens,
            Meter(limits, clock),
            parsed,
            clock=clock,
            delay=delay,
            latency=latency,
        )
        try:
            self._listener = Listener(port, self._exchange)
        except (OSError, OverflowError) as error:
            self.store.database.close()
            raise SandboxError(
                f"The sandbox cannot listen on port {port} of {HOST}: {error}.",
                "Choose another port, or 0 for any that is free.",
            ) from error

    @classmethod
    def reset(cls, db: Path | str, country: str = "NZ") -> None:
        """Start the books in a database afresh: all accounts, tokens and keys are lost."""
        with closing(Store(db, country, time.time, fresh=True).database):
            log.info("The books in %s start afresh.", db)

    @property
    def url(self) -> str:
        """The base address, for the accounting API and for signing in."""
        return f"http://{HOST}:{self._listener.server_port}"

    @property
    def tenant_id(self) -> str:
        """The id of the organisation: the same for every sandbox of a country."""
        return self.store.country.tenant_id

    @property
    def requests(self) -> tuple[Request, ...]:
        """The log: what was asked, oldest first (the last 10,000 calls)."""
        return tuple(self._log)

    def clear_log(self) -> None:
        """Forget the log."""
        self._log.clear()

    def access_token(self, scopes: str = WRITE) -> str:
        """Return a valid access token, as of a custom connection."""
        return self.tokens.issue(App.CUSTOM, scopes).access_token

    def start(self) -> None:
        """Serve from a thread of its own."""
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._listener.serve_forever,
                kwargs={"poll_interval": POLL_SECONDS},
                name="xerosync-sandbox",
                daemon=True,
            )
            self._thread.start()

    def serve_forever(self) -> None:
        """Serve until interrupted (Ctrl-C) or closed by another thread."""
        self.start()
        try:
            self._closed.wait()
        except KeyboardInterrupt:
            log.info("Interrupted.")
        finally:
            self.close()

    def close(self) -> None:
        """Stop: calls in flight are finished, then the database is closed."""
        if self._closed.is_set():
            return
        self._closed.set()
        if self._thread is not None:
            self._listener.shutdown()
            self._thread.join()
        self._listener.drain()
        self.store.database.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _exchange(self, call: Call, send: Callable[[Answer], None]) -> None:
        """Answer a call, log it, and call the hooks around the sending."""
        try:
            answer = self._api.answer(call)
        except Exception:
            log.exception("The sandbox failed on %s %s.", call.method, call.path)
            answer = json_answer({"Message": "The sandbox failed; this is a bug in it."}, 500)
        request = Request(
            method=call.method,
            path=call.path,
            query=call.query,
            status=answer.status,
            headers={name: call.headers[name] for name in KEPT_HEADERS if name in call.headers},
            body=call.body.decode("utf-8", "replace") if call.is_accounting else "",
            at=self._clock(),
            fault=answer.fault,
        )
        self._log.append(request)
        if call.is_accounting and self._before_answer:
            self._before_answer(request)
        try:
            send(answer)
        finally:
            if call.is_accounting and self._on_request:
                self._on_request(request)
