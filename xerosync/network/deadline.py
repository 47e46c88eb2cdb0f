"""Connections with one time-out for connecting, and one for the whole answer.

By themselves, `requests` and urllib3 start the time-out again with each IP address and each read,
so an answer of one byte a second would never time out. They do not limit the lookup of a host name.
"""

from __future__ import annotations

import io
import socket
import time
from concurrent.futures import Future
from http.client import HTTPResponse
from threading import Thread
from typing import TYPE_CHECKING, Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class _InTime(io.RawIOBase):
    """The bytes that a socket receives; after the deadline, reading raises `TimeoutError`."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self._raw = raw
        self._sock = sock
        self._seconds = sock.gettimeout()
        self._ends = time.monotonic() + (self._seconds or 0.0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        if self._seconds is not None:
            left = self._ends - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _Response(HTTPResponse):
    """An answer that must be complete within its socket's time-out, headers included."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 (as its base)
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_InTime(self.fp.detach(), sock))


class _Connection(HTTPConnection):
    response_class = _Response

    def _new_conn(self) -> socket.socket:
        """Resolve the host name and connect, in a thread that is abandoned if it takes too long."""
        connected: Future[socket.socket] = Future()

        def connect() -> None:
            try:
                connected.set_result(HTTPConnection._new_conn(self))  # noqa: SLF001 (its base)
            except Exception as error:  # noqa: BLE001 (raised below)
                connected.set_exception(error)

        Thread(target=connect, daemon=True).start()
        try:
            return connected.result(self.timeout)
        except TimeoutError as error:
            connected.add_done_callback(_close)
            raise ConnectTimeoutError(self, "The connection timed out.") from error


class _SecureConnection(_Connection, HTTPSConnection):
    pass


def _close(connected: Future[socket.socket]) -> None:
    """Close a connection that was made after its time-out."""
    if not connected.exception():
        connected.result().close()


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


def limit_answers(manager: PoolManager) -> None:
    """Set a deadline for every answer on the connections of a pool manager."""
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
