"""Read files that a stranger may have made, but only if they are regular files."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from xerosync.errors import UsageError

MAX_BYTES = 100_000_000
"""The size in bytes of the largest file that `read_regular` accepts."""

_TOO_LARGE = (
    "If it is a plan of many organisations, save one for each of them instead: `xerosync plan "
    "--out FOLDER/`, and `xerosync apply FOLDER/`."
)


def open_regular(path: str | Path, *, follow: bool = True) -> BinaryIO:
    """Open a regular file for reading.

    If `follow` is false, a symbolic link is rejected, except on Windows. Raises `OSError`, also for
    an invalid path. Devices and FIFOs are rejected, as reading from them might never end.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if not follow:
        flags |= getattr(os, "O_NOFOLLOW", 0)
    try:
        descriptor = os.open(path, flags)
    except ValueError as error:
        raise OSError(errno.EINVAL, "the path is not valid", str(path)) from error
    kind = os.fstat(descriptor).st_mode
    if stat.S_ISREG(kind):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    if stat.S_ISDIR(kind):
        raise IsADirectoryError(errno.EISDIR, "it is a folder", str(path))
    raise OSError(errno.EINVAL, "it is not a regular file", str(path))


def leads_out(path: str) -> bool:
    """Whether a path in the current repository leads into `.git`, or through links to outside.

    Return False for a path that is outside even without links, such as `/tmp/chart.yaml`. If the
    current folder is in no repository, the folder itself counts as the repository.
    """
    here = Path.cwd()
    root = next((one for one in (here, *here.parents) if (one / ".git").exists()), here)
    if "\0" in path or not Path(os.path.abspath(path)).is_relative_to(root):  # noqa: PTH100 no links
        return False
    real, inside = Path(os.path.realpath(path)), root.resolve()
    return not real.is_relative_to(inside) or ".git" in real.relative_to(inside).parts


def read_regular(path: Path) -> str:
    """Return the text of a regular file that is no larger than `MAX_BYTES`.

    Raises `OSError`, or `UnicodeDecodeError` if the text is not UTF-8.
    """
    with open_regular(path) as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise OSError(errno.EFBIG, f"it is larger than {MAX_BYTES // 1_000_000} MB", str(path))
    return data.decode("utf-8")


def read_text(path: Path) -> str:
    """Read a regular file as UTF-8. Raises `UsageError` if it cannot be read."""
    try:
        return read_regular(path)
    except OSError as error:
        hint = _TOO_LARGE if error.errno == errno.EFBIG else "Check the path."
        raise UsageError(f"{path} cannot be read: {error.strerror}.", hint) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text.") from error
