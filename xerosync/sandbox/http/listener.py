"""Turns bytes on a loopback socket into calls, and answers into bytes.

Threaded, with keep-alive. A body is always read, also one that nobody wants, so that the
next request on the connection begins where it should.
"""

from __future__ import annotations

import gzip
import logging
import socket
import socketserver
import sys
import threading
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from xerosync.sandbox.http.messages import Answer, Call, Delivery, text_answer

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
MAX_BODY = 10 * 1024 * 1024
GZIP_FROM = 1024
POLL_SECONDS = 0.02
DRAIN_SECONDS = 5.0


class Listener(ThreadingHTTPServer):
    """A server that hands each call to ``exchange``.

    ``exchange`` takes a call and a function that sends the answer to it.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self, port: int, exchange: Callable[[Call, Callable[[Answer], None]], None]
    ) -> None:
        self.exchange = exchange
        self._open: set[Any] = set()
        self._changed = threading.Condition()
        super().__init__((HOST, port), _Handler)

    def server_bind(self) -> None:
        """Bind without asking a name server who we are, as HTTPServer would."""
        socketserver.TCPServer.server_bind(self)
        self.server_name = HOST
        self.server_port = int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Remember the connection while a thread serves it."""
        with self._changed:
            self._open.add(request)
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Serve a connection until it ends, then forget it."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._changed:
                self._open.discard(request)
                self._changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401, ARG002
        """Log what went wrong with a connection; a client that left is no news."""
        log.debug("A connection of the sandbox ended early.", exc_info=sys.exception())

    def drain(self) -> None:
        """Close the door, let calls in flight end, and end idle connections."""
        self.server_close()
        with self._changed:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RD)
            self._changed.wait_for(lambda: not self._open, DRAIN_SECONDS)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "xerosync-sandbox"
    sys_version = ""
    disable_nagle_algorithm = True
    server: Listener

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401
        log.debug(format, *args)

    def _respond(self) -> None:
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        body, refusal = self._body(headers)
        if refusal is not None:
            self.close_connection = True
            self._send(refusal)
            return
        call = Call(method=self.command, path=path, query=query, headers=headers, body=body)
        self.server.exchange(call, self._send)

    do_GET = do_PUT = do_POST = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = _respond  # noqa: N815

    def _body(self, headers: dict[str, str]) -> tuple[bytes, Answer | None]:
        """Return the body, or why it cannot be read."""
        if "transfer-encoding" in headers:
            return b"", text_answer(411, "A body needs a Content-Length.")
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()):
            return b"", text_answer(400, "The Content-Length is not a number.")
        if int(length) > MAX_BODY:
            return b"", text_answer(413, "The body is too large.")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise ConnectionAbortedError("The client left in the middle of its request.")
        return body, None

    def _send(self, answer: Answer) -> None:
        if answer.delivery is Delivery.NOTHING:
            self.close_connection = True
            return
        body = answer.body
        headers = {
            "Date": self.date_time_string(),
            "Server": self.server_version,
            "Xero-Correlation-Id": str(uuid4()),
            **answer.headers,
        }
        if body:
            headers["Content-Type"] = answer.content_type
        if len(body) >= GZIP_FROM and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, 1)
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        if answer.status != HTTPStatus.NO_CONTENT:
            headers["Content-Length"] = str(len(body))
        if answer.delivery is Delivery.TRUNCATED:
            self.close_connection = True
            body = body[: len(body) // 2]
        if self.close_connection:
            headers["Connection"] = "close"
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        phrase = HTTPStatus(answer.status).phrase
        start = f"HTTP/1.1 {answer.status} {phrase}\r\n{head}\r\n".encode("latin-1")
        self.wfile.write(start if self.command == "HEAD" else start + body)
