"""The folder `.xerosync`, where a project keeps journals, locks and the sandbox's database."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from xerosync.errors import Refused
from xerosync.model import Organisation

STATE = Path(".xerosync")
RUNS = STATE / "runs"
LOCKS = STATE / "locks"


def new_journal_path() -> Path:
    """Return the path of a new journal; later journals sort after earlier ones."""
    now = datetime.now(UTC)
    moment = f"{now:%Y%m%dT%H%M%S}.{now.microsecond // 1000:03}Z"
    return RUNS / f"{moment}-{secrets.token_hex(4)}.jsonl"


@contextmanager
def lock(organisation: Organisation, warn: Callable[[str], None]) -> Iterator[None]:
    """Keep other applies of this project away from one organisation.

    The lock is released when the process ends, in any way. Raises `Refused` if another
    apply holds it; if no lock is possible, warns and continues.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 (slow to import, and rarely used)

    name = "".join(c for c in organisation.tenant_id if c.isalnum() or c == "-")
    held = FileLock(LOCKS / f"{name}.lock", timeout=0)
    try:
        LOCKS.mkdir(parents=True, exist_ok=True)
        held.acquire()
    except Timeout as error:
        raise Refused(
            f"Another apply to {organisation.name} is already running in this directory.",
            "Nothing was sent. Run again when it has finished.",
        ) from error
    except (OSError, NotImplementedError):
        warn(f"No lock can be kept in {LOCKS}: make sure that no other apply is running.")
        yield
        return
    try:
        yield
    finally:
        held.release()
