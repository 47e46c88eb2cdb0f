"""Write files; a regular file is written completely or not at all."""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

from xerosync.errors import UsageError

_STREAM = re.compile(r"/dev/(std(?:out|err)|fd/([0-9]{1,9}))|/proc/self/fd/([0-9]{1,9})")
"""Paths of streams that this process has open. They are written to, and never replaced."""


def write_whole(path: Path, text: str) -> None:
    """Write a text file, as `write_bytes` does. Line ends are written as they are."""
    write_bytes(path, text.encode("utf-8", "backslashreplace"))


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file atomically. Raises `UsageError` if it cannot be written.

    An existing file keeps its permissions, and a link stays a link. A stream, a FIFO or a character
    device is written to, and never replaced.
    """
    try:
        kind, stream = kind_of_file(path), _STREAM.fullmatch(str(path))
        if stream:
            number = stream[2] or stream[3] or ("1" if stream[1] == "stdout" else "2")
            _write(os.dup(int(number)), data)
        elif kind and not stat.S_ISREG(kind):
            _write(_open_special(path, kind), data)
        else:
            _replace(path.resolve(), kind, data)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}.", "Choose another path."
        ) from error


def temporary_path(target: Path, token: str = "") -> Path:
    """Return a hidden path beside a file, for new contents that will then replace the file."""
    return target.parent / f".{target.name}.{token or secrets.token_hex(4)}"


def stage(temporary: Path, kind: int, data: bytes) -> None:
    """Write a temporary file, and make sure that it is on the disk.

    `kind` is the mode of the file to be replaced, 0 if there is none. Its permissions are kept.
    """
    with temporary.open("xb") as file:
        if kind:
            temporary.chmod(stat.S_IMODE(kind))
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def kind_of_file(path: Path) -> int:
    """Return the mode (type and permissions) of a file, 0 if there is no file. Follow links."""
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return 0


def make_folder_of(path: Path) -> None:
    """Make sure that the folder of a file exists. Raises `UsageError` if that fails."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"Cannot create the folder {path.parent}: {error.strerror}.", "Choose another path."
        ) from error


def refuse_existing(path: Path, why: str) -> None:
    """Raise `UsageError` if a file already exists. The hint of the error begins with `why`."""
    if os.path.lexists(path):
        raise UsageError(f"{path} already exists.", f"{why} Choose another path, or remove it.")


def refuse_to_replace_others(path: Path, is_ours: Callable[[Path], bool], what: str) -> None:
    """Raise `UsageError` if an output file would replace another file, such as the chart file.

    `is_ours` says whether an existing file is an earlier output. Devices and FIFOs always pass.
    """
    try:
        other = stat.S_ISREG(kind_of_file(path)) and not is_ours(path)
    except OSError:
        return
    if other:
        raise UsageError(
            f"{path} already exists and is not {what}, so nothing was written to it.",
            "Move it away, or choose another name.",
        )


def _open_special(path: Path, kind: int) -> int:
    """Open a character device, or a FIFO that a program reads. Raises `OSError` for all else."""
    if not (stat.S_ISCHR(kind) or stat.S_ISFIFO(kind)):
        raise OSError(errno.EINVAL, "it is a folder, a disk or a socket")
    try:
        descriptor = os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise OSError(errno.ENXIO, "it is a FIFO that no program reads") from error
        raise
    os.set_blocking(descriptor, True)
    return descriptor


def _write(descriptor: int, data: bytes) -> None:
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)


def _replace(target: Path, kind: int, data: bytes) -> None:
    temporary = temporary_path(target)
    try:
        stage(temporary, kind, data)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
