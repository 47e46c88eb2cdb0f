"""A browser that comes back from signing in → what it brought, and the page it is shown.

Listens on loopback alone, on both its addresses: `localhost` may be either. It knows one
path, waits for one visit that carries an answer, and passes over all others.
"""

from __future__ import annotations

import queue
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from hmac import compare_digest
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from urllib.parse import parse_qs

from xerosync.errors import SignInError
from xerosync.secret import Secret
from xerosync.xero.clock import Clock

PATH = "/callback"
_HOSTS = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
_PAGE_SECONDS = 300.0
"""How long a visitor waits for the page at most: longer than any exchange of a code."""
_SEND_SECONDS = 5.0
_POLL = 0.1
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} - xerosync</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 15vh auto;
  padding: 0 1rem; }}
h1 {{ font-size: 1.5rem; }}
</style>
</head>
<body><main>
<h1>{title}</h1>
<p>{text}</p>
</main></body>
</html>
"""
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Connection": "close",
}


@dataclass(slots=True)
class Visit:
    """One visit that carries an answer: its query, and the page that it waits for."""

    query: str = field(repr=False)
    title: str = ""
    text: str = ""
    answered: Event = field(default_factory=Event)
    sent: Event = field(default_factory=Event)

    def show(self, title: str, text: str) -> None:
        """Show the visitor a page, and wait until it is on its way."""
        self.title, self.text = title, text
        self.answered.set()
        self.sent.wait(_SEND_SECONDS)


class Landing:
    """The address that a sign-in comes back to, while it is open."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.state: Secret | None = None
        """What the answer to this sign-in carries; a visit with another is passed over."""
        self._visits: queue.SimpleQueue[Visit] = queue.SimpleQueue()

    @property
    def address(self) -> str:
        """The address to register at Xero, which takes `localhost` and no number."""
        return f"http://localhost:{self.port}{PATH}"

    def wait(self, seconds: float, clock: Clock) -> Visit:
        """Wait for the visit. Raises `SignInError` when none comes, `Interrupted` on a stop."""
        for _ in range(max(1, round(seconds / _POLL))):
            clock.check()
            try:
                return self._visits.get(timeout=_POLL)
            except queue.Empty:
                continue
        raise SignInError(
            f"Nobody signed in within {seconds:.0f} seconds.",
            "Run `xerosync auth login` again; --timeout gives more time.",
        )

    def visited(self, query: str) -> Visit | None:
        """Take a visit in, and wait for its page; None when it carries no answer to ours."""
        brought = parse_qs(query, keep_blank_values=True)
        if not {"code", "error"} & brought.keys() or not self._is_ours(brought.get("state", [])):
            return None
        visit = Visit(query)
        self._visits.put(visit)
        visit.answered.wait(_PAGE_SECONDS)
        return visit

    def _is_ours(self, states: list[str]) -> bool:
        ours = self.state.reveal().encode() if self.state else b""
        return len(states) == 1 and compare_digest(states[0].encode(), ours)


@contextmanager
def open_landing(port: int) -> Iterator[Landing]:
    """Listen on a port of loopback for as long as the block lasts.

    Raises `SignInError` when another program has the port.
    """
    landing = Landing(port)
    with ExitStack() as stack:
        listening = 0
        for family, host in _HOSTS:
            listening += _listen(stack, landing, family, host)
        if not listening:
            raise SignInError(
                "This machine has no loopback address to listen on.",
                "Sign in on another machine, or use a custom connection.",
            )
        yield landing


def _listen(stack: ExitStack, landing: Landing, family: socket.AddressFamily, host: str) -> bool:
    """Listen on one address; False when the machine does not have it."""

    class Server(ThreadingHTTPServer):
        address_family = family
        allow_reuse_address = sys.platform != "win32"
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Say nothing: a browser that leaves is no news."""

    try:
        with socket.socket(family) as trial:
            trial.bind((host, 0))
    except OSError:
        return False
    try:
        server = Server((host, landing.port), _handler(landing))
    except (OSError, OverflowError) as error:
        raise SignInError(
            f"Port {landing.port} cannot be listened on: another program has it.",
            "End that program (an earlier `auth login`?), or give another --port and add"
            " http://localhost:PORT/callback to the app's redirect addresses at Xero.",
        ) from error
    thread = Thread(target=server.serve_forever, args=(_POLL,), daemon=True)
    thread.start()

    def close() -> None:
        server.shutdown()
        thread.join()
        server.server_close()

    stack.callback(close)
    return True


def _handler(landing: Landing) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _PAGE_SECONDS
        server_version, sys_version = "xerosync", ""

        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            visit = landing.visited(query) if path == PATH else None
            if visit is None:
                self._page(404, "Not this sign-in", "Go on in the window that was opened last.")
            elif not visit.answered.is_set():
                self._page(500, "No answer", "See the terminal in which xerosync runs.")
            else:
                self._page(200, visit.title, visit.text)
                visit.sent.set()

        def _page(self, status: int, title: str, text: str) -> None:
            body = _PAGE.format(title=escape(title), text=escape(text)).encode()
            self.send_response(status)
            for name, value in _HEADERS.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: the address carries the code."""

    return Handler
