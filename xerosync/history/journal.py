"""A run → its journal: one JSON line before and after each call, durable when it returns.

A run begins with who, when and which plan, and ends with the chart as it was read back.
It holds account data and no credentials; only its owner can read it. `runs` reads it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from xerosync import __version__
from xerosync.apply.outcome import Outcome
from xerosync.errors import UsageError, XerosyncError
from xerosync.model import Account
from xerosync.plan.plan import Plan, Step
from xerosync.plan.serialize import FORMAT_VERSION, desired_to_json, to_json


class Journal:
    """Writes one file of runs; every method returns once the line is on the disk.

    `also` is given each line once it is durable. Safe to use from several threads.
    Raises `UsageError` when the file exists already: a journal is never written over;
    and `XerosyncError` when it cannot be written, then or later. A line that could not be
    written whole is taken back, so that what is there stays readable.
    """

    def __init__(
        self,
        path: Path,
        now: Callable[[], datetime],
        also: Callable[[str], None] | None = None,
    ) -> None:
        self.path = path
        self._now = now
        self._also = also
        self._lock = Lock()
        self._plan: Plan | None = None
        self._descriptor = _create(path)
        self._size = 0

    def begin(
        self,
        plan: Plan,
        *,
        digest: str,
        actor: str,
        commit: str,
        approver: str = "",
        job: str = "",
        created_at: str = "",
    ) -> None:
        """Record that a run of this plan begins; `digest` is the approved document's.

        `created_at` is the saved document's own, by which it is told from another of like content.

        `approver` is who has approved it and `job` the address of the CI job, where known.
        """
        self._plan = plan
        self._write(
            "begin",
            format_version=FORMAT_VERSION,
            xerosync_version=__version__,
            file=plan.file,
            organisation=to_json(plan.organisation),
            digest=digest,
            created_at=created_at,
            actor=actor,
            approver=approver,
            commit=commit,
            job=job,
            steps=len(plan.steps),
            desired=desired_to_json(plan.desired),
        )

    def sending(self, step: Step, before: Account | None, key: str) -> None:
        """Record that a step is about to be sent, under this idempotency key."""
        change = self._plan.changes[step.change] if self._plan else None
        self._write(
            "sending",
            step=step.number,
            operation=step.operation,
            account_id=step.account_id,
            key=key,
            values=dict(step.values),
            purpose=step.purpose,
            action=change.action if change else "",
            code=change.code if change else "",
            name=change.name if change else "",
            source=to_json(change.source) if change else {},
            before=to_json(before) if before else None,
        )

    def ended(self, outcome: Outcome) -> None:
        """Record what became of a step; what is said last of a step counts."""
        self._write(
            "ended",
            step=outcome.step.number,
            operation=outcome.step.operation,
            result=outcome.result,
            after=to_json(outcome.account) if outcome.account else None,
            messages=list(outcome.messages),
            correlation_id=outcome.correlation_id,
            settled=outcome.settled,
        )

    def end(self, proof: str, accounts: Iterable[Account]) -> None:
        """Record that the run is over: what the proof says, and the chart it was read from."""
        self._write("end", proof=proof, accounts=[to_json(account) for account in accounts])

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def _write(self, event: str, **data: Any) -> None:  # noqa: ANN401 JSON is what it is
        with self._lock:
            at = self._now().astimezone(UTC).isoformat(timespec="milliseconds")
            line = json.dumps({"event": event, "at": at.replace("+00:00", "Z"), **data}) + "\n"
            self._append(line.encode())
            if self._also:
                self._also(line)

    def _append(self, data: bytes) -> None:
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
            os.fsync(self._descriptor)
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._descriptor, self._size)
            raise XerosyncError(
                f"The journal {self.path} cannot be written ({reason_of(error)}).",
                "Nothing is sent without a journal. Make room, then run again.",
            ) from error
        self._size += len(data)


def probe(path: Path) -> None:
    """Let pass a path where a journal can be written; leaves no file. Raises as `Journal`."""
    os.close(_create(path))
    path.unlink()


def reason_of(error: Exception) -> str:
    """Say why a file could not be used, without its path."""
    return getattr(error, "strerror", None) or str(error)


def _create(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
    except FileExistsError as error:
        raise UsageError(
            f"{path} exists already: a journal is never written over.",
            "Give --result another path.",
        ) from error
    except OSError as error:
        raise _unwritable(path, error) from error
    with suppress(OSError):
        _settle_entry(path.parent)
    return descriptor


def _settle_entry(directory: Path) -> None:
    """Make the file's name durable too: after a power cut it must be found."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unwritable(path: Path, error: OSError) -> XerosyncError:
    return XerosyncError(
        f"{path}: the journal cannot be written ({reason_of(error)}). Nothing was sent.",
        "Give --result a path that can be written.",
    )
