"""The HTTP server on loopback: threaded, with keep-alive.

The body of a request is read even if nothing uses it, so that the next request on the connection
starts at the right place. If the body cannot be read, the connection is closed.
"""

from __future__ import annotations

import gzip
import logging
import socket
import socketserver
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

from xerosync.sandbox.http.messages import Delivery, Request, Response, text_response

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
MAX_BODY = 10 * 1024 * 1024
GZIP_FROM = 1024
POLL_SECONDS = 0.02
DRAIN_SECONDS = 5.0


class Listener(ThreadingHTTPServer):
    """An HTTP server. ``exchange`` gets each request, and a function that sends the response."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self, port: int, exchange: Callable[[Request, Callable[[Response], None]], None]
    ) -> None:
        self.exchange = exchange
        self._open: set[Any] = set()
        self._changed = threading.Condition()
        super().__init__((HOST, port), _Handler)

    def server_bind(self) -> None:
        """Bind the port without the DNS lookup that HTTPServer makes."""
        socketserver.TCPServer.server_bind(self)
        self.server_name = HOST
        self.server_port = int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Record a connection as open, and serve it in a thread."""
        with self._changed:
            self._open.add(request)
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Serve a connection until it ends, then record it as closed."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._changed:
                self._open.discard(request)
                self._changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401, ARG002
        """Only log an error: clients may disconnect at any time."""
        log.debug("A connection of the sandbox ended early.", exc_info=sys.exception())

    def drain(self) -> None:
        """Stop listening, close idle connections, and wait up to 5 seconds for open requests."""
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
        body = self._body(headers)
        if isinstance(body, Response):
            self.close_connection = True
            self._send(body)
            return
        request = Request(method=self.command, path=path, query=query, headers=headers, body=body)
        self.server.exchange(request, self._send)

    do_GET = do_PUT = do_POST = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = _respond  # noqa: N815

    def _body(self, headers: dict[str, str]) -> bytes | Response:
        """Return the body, or an error response if its length is unknown or too large.

        Raise ``ConnectionAbortedError`` if the client disconnects before the body ends.
        """
        if "transfer-encoding" in headers:
            return text_response(411, "A body needs a Content-Length.")
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()):
            return text_response(400, "The Content-Length is not a number.")
        if len(length) > len(str(MAX_BODY)) or int(length) > MAX_BODY:
            return text_response(413, "The body is too large.")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise ConnectionAbortedError("The client disconnected during its request.")
        return body

    def _send(self, response: Response) -> None:
        if response.delivery is Delivery.NOTHING:
            self.close_connection = True
            return
        body = response.body
        headers = {
            "Date": self.date_time_string(),
            "Server": self.server_version,
            "Xero-Correlation-Id": str(uuid4()),
            **response.headers,
        }
        if body:
            headers["Content-Type"] = response.content_type
        if len(body) >= GZIP_FROM and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, 1)
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        if response.status != HTTPStatus.NO_CONTENT:
            headers["Content-Length"] = str(len(body))
        if response.delivery is Delivery.TRUNCATED:
            self.close_connection = True
            body = body[: len(body) // 2]
        if self.close_connection:
            headers["Connection"] = "close"
        self.send_response_only(response.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
