"""Read and write text files; a file is written completely or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from xerosync.errors import UsageError


def write_whole(path: Path, text: str) -> None:
    """Write a file atomically. Raises `UsageError`.

    Line ends are written as they are. An existing file keeps its permissions, and a link
    stays a link.
    """
    try:
        target = path.resolve()
        temporary = target.parent / f".{target.name}.{secrets.token_hex(4)}"
        try:
            with temporary.open(
                "x", encoding="utf-8", errors="backslashreplace", newline=""
            ) as file:
                if target.exists():
                    temporary.chmod(target.stat().st_mode & 0o7777)
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}.", "Choose another path."
        ) from error


def read_text(path: Path) -> str:
    """Read a file as UTF-8. Raises `UsageError`."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", "Check the path.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not a text file.") from error
