"""Local callback server for the OAuth redirect.

It listens on the IPv4 and the IPv6 loopback address only: `localhost` may be either. It waits
for a callback with the sign-in's state.
"""

from __future__ import annotations

import queue
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from urllib.parse import parse_qs

from xerosync.errors import SignInError
from xerosync.secret import Secret
from xerosync.text import counted
from xerosync.xero.clock import Clock

PATH = "/callback"
_HOSTS = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
_PAGE_SECONDS = 300.0
"""The longest that a browser waits for its page: enough time to redeem the code."""
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
class Callback:
    """One callback: its query, and the page that the browser waits for."""

    query: str = field(repr=False)
    title: str = ""
    text: str = ""
    answered: Event = field(default_factory=Event)
    sent: Event = field(default_factory=Event)

    def respond(self, title: str, text: str) -> None:
        """Show a page in the browser, and wait a few seconds at most until it is sent."""
        self.title, self.text = title, text
        self.answered.set()
        self.sent.wait(5.0)


class CallbackServer:
    """Receives the callback of one sign-in; `state` is the sign-in's OAuth state."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.state: Secret | None = None
        self._callbacks: queue.SimpleQueue[Callback] = queue.SimpleQueue()

    @property
    def address(self) -> str:
        """The redirect address to register at Xero, which accepts `localhost` but not 127.0.0.1."""
        return f"http://localhost:{self.port}{PATH}"

    def wait(self, seconds: float, clock: Clock) -> Callback:
        """Wait for the callback. Raises `SignInError` if none comes, `Interrupted` on a signal."""
        for _ in range(max(1, round(seconds / _POLL))):
            clock.check()
            try:
                return self._callbacks.get(timeout=_POLL)
            except queue.Empty:
                continue
        raise SignInError(
            f"Nobody signed in within {counted(round(seconds), 'second')}.",
            "Run `xerosync auth login` again; --timeout allows more time.",
        )

    def receive(self, query: str) -> Callback | None:
        """Pass a callback on to `wait`, and return it when its page is set.

        After `_PAGE_SECONDS`, return the callback without a page. Return None at once if it has
        another state, or neither a code nor an error.
        """
        values = parse_qs(query, keep_blank_values=True)
        states = [Secret(state) for state in values.get("state", [])]
        if states != [self.state] or not {"code", "error"} & values.keys():
            return None
        callback = Callback(query)
        self._callbacks.put(callback)
        callback.answered.wait(_PAGE_SECONDS)
        return callback


@contextmanager
def callback_server(port: int) -> Iterator[CallbackServer]:
    """Yield a server that listens on a loopback port. Raises `SignInError` if it cannot listen."""
    callbacks = CallbackServer(port)
    with ExitStack() as stack:
        if not sum(_listen(stack, callbacks, family, host) for family, host in _HOSTS):
            raise SignInError(
                "This machine has no loopback address to listen on.",
                "Sign in on another machine, or use a custom connection.",
            )
        yield callbacks


def _listen(
    stack: ExitStack, callbacks: CallbackServer, family: socket.AddressFamily, host: str
) -> bool:
    """Listen on one address; return False if the machine does not have it."""

    class Server(ThreadingHTTPServer):
        address_family = family
        allow_reuse_address = sys.platform != "win32"
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Stay silent: a browser may close the connection."""

    try:
        with socket.socket(family) as trial:
            trial.bind((host, 0))
    except OSError:
        return False
    try:
        server = Server((host, callbacks.port), _handler(callbacks))
    except OSError as error:
        raise SignInError(
            f"Port {callbacks.port} cannot be used ({error.strerror}).",
            "If another program uses it (an earlier `auth login`?), stop that program. Or choose"
            " another --port and add http://localhost:PORT/callback to the app's redirect addresses"
            " at Xero.",
        ) from error
    thread = Thread(target=server.serve_forever, args=(_POLL,), daemon=True)
    thread.start()
    for close in (server.server_close, thread.join, server.shutdown):  # called in reverse order
        stack.callback(close)
    return True


def _handler(callbacks: CallbackServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _PAGE_SECONDS
        server_version, sys_version = "xerosync", ""

        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            callback = callbacks.receive(query) if path == PATH else None
            if callback is None:
                self._page(404, "Not this sign-in", "Continue in the window that opened last.")
            elif not callback.answered.is_set():
                self._page(500, "No answer", "See the terminal in which xerosync runs.")
            else:
                self._page(200, callback.title, callback.text)
                callback.sent.set()

        def _page(self, status: int, title: str, text: str) -> None:
            body = _PAGE.format(title=escape(title), text=escape(text)).encode()
            self.send_response(status)
            for name, value in _HEADERS.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Stay silent: the address contains the code."""

    return Handler
