"""What a project keeps beside its chart, in `.xerosync`: journals of runs, and locks."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from xerosync.cli.session import STATE
from xerosync.errors import Refused, StalePlan, XerosyncError
from xerosync.history.origin import Baseline, baseline
from xerosync.history.runs import last_of, read, runs_of
from xerosync.model import Organisation
from xerosync.plan.plan import Plan
from xerosync.plan.serialize import digest_of
from xerosync.text import day_and_time

RUNS = STATE / "runs"
LOCKS = STATE / "locks"


def new_run() -> Path:
    """Give the path of a new journal; later ones sort behind earlier ones."""
    now = datetime.now(UTC)
    moment = f"{now:%Y%m%dT%H%M%S}.{now.microsecond // 1000:03}Z"
    return RUNS / f"{moment}-{secrets.token_hex(4)}.jsonl"


def last_apply(tenant_id: str, say: Callable[[str], None]) -> Baseline | None:
    """Give the chart as the last apply of this project left it, where its journal is at hand."""
    return baseline(last_of(RUNS, tenant_id, say), tenant_id)


def refuse_twice(saved: Sequence[Plan], created_at: str) -> None:
    """Let pass a plan that no journal tells of: an approval is for once. Raises `StalePlan`.

    One of like content that was made later has an approval of its own.
    """
    for path, run in runs_of(RUNS, digest_of(saved), created_at) if saved else ():
        if any(call.acted for call in run.calls):
            raise StalePlan(
                f"This plan of {run.file} was applied already, on {day_and_time(run.at)} "
                f"(journal: {path}).",
                "Nothing was sent. Plan again: the new plan holds what is left, if anything.",
            )


def set_aside(directory: Path, tenant_id: str) -> int:
    """Put away the journals of books that are no more, and give how many there were.

    They are kept, in a folder of their own, where no plan takes them for the last apply.
    """
    ours = [path for path in directory.glob("*.jsonl") if _is_of(path, tenant_id)]
    aside = directory / f"before-reset-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    for path in ours:
        aside.mkdir(exist_ok=True)
        path.rename(aside / path.name)
    return len(ours)


def _is_of(path: Path, tenant_id: str) -> bool:
    try:
        return all(run.tenant_id == tenant_id for run in read(path))
    except XerosyncError:
        return False


@contextmanager
def alone(organisation: Organisation, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the books of one organisation against other applies of this project.

    The lock ends with the process, however it ends. Raises `Refused` when another apply
    has it; where no lock can be made, it is said and the run goes on.
    """
    from filelock import FileLock, Timeout

    name = "".join(c for c in organisation.tenant_id if c.isalnum() or c == "-")
    lock = FileLock(LOCKS / f"{name}.lock", timeout=0)
    try:
        LOCKS.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise Refused(
            f"Another apply is at work on {organisation.name}, from this directory.",
            "Nothing was sent. Run again when it has ended.",
        ) from error
    except (OSError, NotImplementedError):
        say(f"No lock can be kept in {LOCKS}: make sure that no other apply runs.")
        yield
        return
    try:
        yield
    finally:
        lock.release()
