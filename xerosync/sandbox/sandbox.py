"""The sandbox: a local Xero on loopback, with its books in a database."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Self

from xerosync.sandbox.accounting.assumptions import Assumptions
from xerosync.sandbox.books.organisations import Books, Contents
from xerosync.sandbox.books.store import Store
from xerosync.sandbox.errors import SandboxError, WrongOption
from xerosync.sandbox.http.faults import Faults
from xerosync.sandbox.http.idempotency import IdempotencyKeys
from xerosync.sandbox.http.listener import HOST, POLL_SECONDS, Listener
from xerosync.sandbox.http.messages import LogEntry, Request, Response, json_response
from xerosync.sandbox.http.rate_limits import Limits, RateLimiter
from xerosync.sandbox.http.router import Router
from xerosync.sandbox.identity.claims import Issuer
from xerosync.sandbox.identity.oauth import CustomConnection
from xerosync.sandbox.identity.scopes import API, WRITE
from xerosync.sandbox.identity.tokens import AppType, Tokens

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
    """A local Xero: a demo company or many clients, kept in a database, served over HTTP.

    The constructor opens the database, or creates and fills a new database. It binds the port; 0
    chooses a free port. It raises ``SandboxError`` if an option is wrong, or if the database or
    the port cannot be used. As a context manager, it serves in a thread until the block ends.

    If ``organisations`` is more than 1, they are the clients of an accounting practice. ``seed``
    decides how their charts have drifted, but does not affect the twelve example clients. If
    ``organisations`` is ``None``, the sandbox has those in the database; a new database gets one.

    ``faults`` makes listed calls fail (see ``http.faults``). ``fault_rate``, from 0 to 1, makes
    other calls fail at random; the same ``fault_seed`` gives the same failures. ``latency`` is the
    delay of each call in seconds, and ``delay`` is the function that waits. ``clock`` returns
    seconds since 1970, for rate limits, lifetimes and timestamps. ``scopes`` has the scopes ticked
    for the custom connection, separated by spaces; ``""`` means all.

    ``behaviour`` maps open questions about Xero to answers. ``texts`` maps questions to messages
    of Xero's refusals. Both replace what the sandbox assumes (see ``accounting.assumptions``).

    For each accounting call, ``before_answer`` runs after its writes are committed and before
    its response is sent. ``on_request`` runs after the response was sent, or failed to be sent.
    Both run in the thread that serves the call.
    """

    def __init__(
        self,
        db: Path | str = ":memory:",
        *,
        port: int = 0,
        country: str = "",
        organisations: int | None = None,
        seed: int | None = None,
        scopes: str = "",
        behaviour: Mapping[str, str] | None = None,
        texts: Mapping[str, Sequence[str]] | None = None,
        limits: Limits = DEFAULT_LIMITS,
        faults: Sequence[str] = (),
        fault_rate: float = 0.0,
        fault_seed: int | None = None,
        latency: float = 0.0,
        clock: Callable[[], float] = time.time,
        delay: Callable[[float], None] = time.sleep,
        on_request: Callable[[LogEntry], None] | None = None,
        before_answer: Callable[[LogEntry], None] | None = None,
    ) -> None:
        if not 0 <= latency < math.inf:
            raise WrongOption(
                f"{latency} is not a latency.", "Use a number of seconds, for example 0.2."
            )
        injected = Faults(faults, fault_rate, fault_seed)
        assumed = Assumptions.of(behaviour or {}, texts or {})
        takes_scope = assumed.scope_requested != "refused"
        connection = CustomConnection(ticked=_ticked(scopes), takes_scope=takes_scope)
        self._clock = clock
        self._on_request = on_request
        self._before_answer = before_answer
        self._log: deque[LogEntry] = deque(maxlen=LOG_LENGTH)
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()
        contents = Contents(organisations=organisations, country=country, seed=seed)
        self.books = Books(db, contents, clock, assumed=assumed)
        try:
            for name in injected.organisations:
                self.books.find(name)
            self._listener = Listener(port, self._exchange)
        except SandboxError:
            self.books.database.close()
            raise
        except (OSError, OverflowError) as error:
            self.books.database.close()
            raise SandboxError(
                f"The sandbox cannot listen on port {port} of {HOST}: {error}.",
                "Choose another port with --port, or 0 for a free one.",
            ) from error
        self.tokens = Tokens(self.books.database, clock, Issuer(self.url))
        self._router = Router(
            books=self.books,
            tokens=self.tokens,
            connection=connection,
            issuer=self.url,
            keys=IdempotencyKeys(self.books.database, clock, assumed),
            limiter=RateLimiter(limits, clock),
            assumed=assumed,
            faults=injected,
            clock=clock,
            delay=delay,
            latency=latency,
        )

    @classmethod
    def reset(
        cls,
        db: Path | str,
        country: str = "",
        organisations: int | None = None,
        seed: int | None = None,
    ) -> None:
        """Replace the books in a database by new books, or raise ``SandboxError``."""
        contents = Contents(organisations=organisations, country=country, seed=seed)
        with closing(Books(db, contents, time.time, fresh=True).database):
            log.info("Created new books in %s.", db)

    @property
    def url(self) -> str:
        """The address of the sandbox, without a path."""
        return f"http://{HOST}:{self._listener.server_port}"

    @property
    def store(self) -> Store:
        """The books of the first organisation; most sandboxes have only one."""
        return self.books.first()

    @property
    def tenant_id(self) -> str:
        """The tenant id of the first organisation."""
        return self.store.tenant_id

    @property
    def requests(self) -> tuple[LogEntry, ...]:
        """The last 10,000 calls, oldest first."""
        return tuple(self._log)

    def clear_log(self) -> None:
        """Clear the log."""
        self._log.clear()

    def access_token(self, scopes: str = WRITE) -> str:
        """Return a new access token for a custom connection to all organisations."""
        return self.tokens.issue(AppType.CUSTOM, scopes).access_token

    def start(self) -> None:
        """Serve in a separate thread."""
        if self._thread is None or self._thread.ident is None:
            self._thread = threading.Thread(
                target=self._serve, name="xerosync-sandbox", daemon=True
            )
            self._thread.start()

    def serve_forever(self) -> None:
        """Serve until Ctrl-C, or until another thread calls ``close``."""
        try:
            self.start()
            self._closed.wait()
        except KeyboardInterrupt:
            log.info("Interrupted.")
        finally:
            self.close()

    def close(self) -> None:
        """Stop: wait up to 5 seconds for the calls in flight, then close the database."""
        if self._closed.is_set():
            return
        self._closed.set()
        if self._thread is not None and self._thread.ident is not None:
            self._listener.shutdown()
            self._thread.join()
        self._listener.drain()
        self.books.database.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _serve(self) -> None:
        with suppress(ValueError):  # if `close` was faster than the thread
            self._listener.serve_forever(POLL_SECONDS)

    def _exchange(self, request: Request, send: Callable[[Response], None]) -> None:
        """Respond to a request, log it, and call the hooks before and after sending."""
        try:
            response = self._router.respond(request)
        except SandboxError as error:
            log.error("%s %s", error.message, error.hint)  # noqa: TRY400 it is no bug
            response = json_response({"Message": f"{error.message} {error.hint}"}, 500)
        except Exception:
            log.exception("The sandbox failed on %s %s.", request.method, request.path)
            way_out = self.books.database.way_out
            text = f"The sandbox failed. If its books were damaged or edited by hand: {way_out}"
            text = f"{text} If not, this is a bug in the sandbox."
            response = json_response({"Message": text}, 500)
        entry = LogEntry(
            method=request.method,
            path=request.path,
            query=request.query,
            status=response.status,
            headers={n: request.headers[n] for n in KEPT_HEADERS if n in request.headers},
            body=request.body.decode("utf-8", "replace") if request.is_accounting else "",
            at=self._clock(),
            fault=response.fault,
        )
        self._log.append(entry)
        if request.is_accounting and self._before_answer:
            self._before_answer(entry)
        try:
            send(response)
        finally:
            if request.is_accounting and self._on_request:
                self._on_request(entry)


def _ticked(scopes: str) -> frozenset[str]:
    """Return the custom connection's scopes, all for "". Raise ``WrongOption`` for a wrong one."""
    ticked = frozenset(scopes.split())
    if wrong := sorted(ticked - API):
        raise WrongOption(
            f"A custom connection cannot have the scope {wrong[0]!r}.",
            f"Separate scopes by spaces, for example '{WRITE}'. Known: {', '.join(sorted(API))}",
        )
    return ticked or API
