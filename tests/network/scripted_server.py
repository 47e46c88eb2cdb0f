"""A small HTTP server that answers by a script, for tests that need a socket."""

from __future__ import annotations

import socket
import time
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Server:
    """Serves what `answer` writes, and records the requests."""

    answer: Callable[[BaseHTTPRequestHandler], None]
    asked: list[Asked] = field(default_factory=list)

    def __enter__(self) -> Self:
        outer = self

        class Answering(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else a body waits 40 ms for the client's ACK

            def handle_one(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                outer.asked.append(Asked(self.command, self.path, dict(self.headers.items()), body))
                outer.answer(self)

            do_GET = do_PUT = do_POST = do_DELETE = do_CONNECT = handle_one  # noqa: N815

            def log_message(self, *_: object) -> None:
                """Log nothing."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self.http.daemon_threads = True
        self.thread = Thread(target=self.http.serve_forever, args=(0.01,))
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_address[1]}"


def respond(
    status: int, body: bytes = b"{}", headers: Mapping[str, str] | None = None, length: int = -1
) -> Callable[[BaseHTTPRequestHandler], None]:
    """Return an answer; a `length` other than the body's cuts the body off."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body) if length < 0 else length))
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)
        handler.close_connection = length >= 0

    return answer


def drop(handler: BaseHTTPRequestHandler) -> None:
    """Close the connection without an answer."""
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def drip(text: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
    """Return an answer that goes on with a byte every 20 ms, for a minute at most."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        with suppress(OSError):
            handler.wfile.write(text)
            for _ in range(3000):
                handler.wfile.write(b" ")
                time.sleep(0.02)
        handler.close_connection = True

    return answer


def deflated(size: int) -> bytes:
    """Return so many zeros as gzip, without holding them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = bytes(1 << 20)
    return b"".join(packer.compress(zeros) for _ in range(size >> 20)) + packer.flush()


def silent(handler: BaseHTTPRequestHandler) -> None:
    """Wait until the client closes the connection."""
    handler.rfile.read(1)
    handler.close_connection = True
