"""The command without its start-up: a process that has imported it, and forks for each call.

`xerosync` starts in half a second, and the jobs of the tests call it hundreds of times. Here it
is a small program that hands its arguments, folder, environment and standard streams to the
process, and exits as the fork does. Tests of what the start-up reads, and of signals, use the
installed command: the fixture `installed`.
"""

from __future__ import annotations

import gc
import marshal
import os
import pkgutil
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

CLIENT = """\
#!{python} -IS
import _socket, marshal, os, signal, struct, sys
with_stop = signal.getsignal(signal.SIGINT) is not signal.SIG_IGN
call = marshal.dumps((sys.argv, os.getcwd(), dict(os.environ), with_stop))
warm = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
warm.connect({address!r})
streams = (_socket.SOL_SOCKET, _socket.SCM_RIGHTS, struct.pack("3i", 0, 1, 2))
warm.sendmsg([struct.pack("q", len(call))], [streams])
warm.sendall(call)
code = warm.recv(4, _socket.MSG_WAITALL)
os._exit(struct.unpack("i", code)[0] if code else 70)
"""


@contextmanager
def started(folder: Path) -> Iterator[Path]:
    """Start the process; yield the program that calls it."""
    address, program = folder / "socket", folder / "xerosync"
    program.write_text(CLIENT.format(python=sys.executable, address=str(address)), "utf-8")
    program.chmod(0o755)
    with subprocess.Popen(
        [sys.executable, "-I", __file__, str(address)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        try:
            yield program
        finally:
            process.kill()


def serve(address: str) -> None:
    """Fork for each call, and return in that process once it is as the caller's."""
    for module in pkgutil.walk_packages(import_module("xerosync").__path__, "xerosync."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        os.write(1, b"ready\n")
        gc.freeze()
        while True:
            connection, _ = listener.accept()
            with connection:
                if os.fork() == 0:
                    listener.close()
                    _attend(connection)
                    return


def _attend(connection: socket.socket) -> None:
    """Return in a process like the caller's; in the present one, send its exit code."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    head, streams, _, _ = socket.recv_fds(connection, 8, 3)
    (length,) = struct.unpack("q", head)
    call = connection.recv(length, socket.MSG_WAITALL)
    child = os.fork()
    if child:
        for stream in streams:
            os.close(stream)
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        connection.sendall(struct.pack("i", code if code >= 0 else 128 - code))
        os._exit(0)
    sys.argv, folder, environment, with_stop = marshal.loads(call)  # noqa: S302 from CLIENT
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    if not with_stop:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


if __name__ == "__main__":
    serve(sys.argv[1])
    import_module("xerosync.cli").main()
