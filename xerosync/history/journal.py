"""Write the journal of a run: a JSON line before each write to Xero, and one after it.

The first line of a run says who runs which plan, and when. The last line has the accounts that
were read back at the end. A journal has account data, but no credentials. `runs` reads journals.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

from xerosync import __version__
from xerosync.apply.journal_writer import Provenance
from xerosync.apply.outcome import Outcome
from xerosync.errors import UsageError, XerosyncError
from xerosync.model import Account
from xerosync.plan.plan import Plan, Step
from xerosync.plan.saved.serialize import FORMAT_VERSION, desired_to_json, to_json
from xerosync.text import timestamp


class Journal:
    """A journal file that implements `JournalWriter`; safe to use from several threads.

    A method that writes a line returns once the line is on the disk. `also` is called with each
    line. The constructor raises `UsageError` if the file exists. If the file cannot be written,
    `XerosyncError` is raised. `copy` is a second file for the same lines; if the copy cannot be
    written, `warn` is called and the run goes on.
    """

    def __init__(
        self,
        path: Path,
        now: Callable[[], datetime],
        also: Callable[[str], None] | None = None,
        *,
        copy: Path | None = None,
        warn: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.path = path
        self._now = now
        self._also = also
        self._warn = warn
        self._lock = Lock()
        self._plan: Plan | None = None
        self._file = _File(path)
        self._copy: _File | None = None
        if copy:
            try:
                self._copy = _File(copy)
            except XerosyncError as error:
                self._without_copy(copy, error.__cause__ or error)

    @property
    def begun(self) -> bool:
        """Whether anything was written to the journal."""
        return self._file.size > 0

    def begin(self, plan: Plan, provenance: Provenance, accounts: Iterable[Account] = ()) -> None:
        """Record that the run of a plan begins; `accounts` are the accounts just before it."""
        self._plan = plan
        self._write(
            "begin",
            format_version=FORMAT_VERSION,
            xerosync_version=__version__,
            file=plan.file,
            organisation=to_json(plan.organisation),
            **asdict(provenance),
            steps=len(plan.steps),
            left=plan.left,
            desired=desired_to_json(plan.desired),
            accounts=[to_json(account) for account in accounts],
        )

    def sending(self, step: Step, before: Account | None, key: str) -> None:
        """Record that a step is about to be sent; `key` is its idempotency key."""
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
        """Record the outcome of a call, or of a step not sent. The last record of a call counts."""
        change = self._plan.changes[outcome.step.change] if self._plan else None
        self._write(
            "ended",
            step=outcome.step.number,
            operation=outcome.step.operation,
            code=change.code if change else "",
            name=change.name if change else "",
            result=outcome.result,
            after=to_json(outcome.account) if outcome.account else None,
            messages=list(outcome.messages),
            correlation_id=outcome.correlation_id,
            settled=outcome.settled,
        )

    def end(self, proof: str, accounts: Iterable[Account]) -> None:
        """Record the end: `proof` is "as planned", or what differs or why nothing was proved."""
        self._write("end", proof=proof, accounts=[to_json(account) for account in accounts])

    def close(self) -> None:
        """Close the journal and its copy. If nothing was written, remove them."""
        for file in (self._file, self._copy):
            if file:
                file.close()

    def _write(self, event: str, **data: Any) -> None:  # noqa: ANN401 JSON is what it is
        with self._lock:
            at = timestamp(self._now(), "milliseconds")
            line = json.dumps({"event": event, "at": at, **data}) + "\n"
            self._append(line.encode(), first=event == "begin")
            if self._also:
                self._also(line)

    def _append(self, data: bytes, *, first: bool) -> None:
        try:
            self._file.append(data)
        except OSError as error:
            raise XerosyncError(
                f"The journal {self.path} cannot be written: {reason_of(error)}.",
                f"{'Nothing was sent to this organisation. ' if first else ''}If the disk is full, "
                "free some space.",
            ) from error
        if self._copy:
            try:
                self._copy.append(data)
            except OSError as error:
                copy, self._copy = self._copy, None
                copy.remove()
                self._without_copy(copy.path, error)

    def _without_copy(self, copy: Path, error: BaseException) -> None:
        self._warn(
            f"This apply cannot be recorded in {copy.parent} ({reason_of(error)}): a later plan "
            "may show its changes as edits in Xero."
        )


class _File:
    """A new file; each line that is appended is forced to the disk at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self._descriptor = _create(path)

    def append(self, data: bytes) -> None:
        """Append a line; if that fails, remove the part that was written and raise `OSError`."""
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
            os.fsync(self._descriptor)
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._descriptor, self.size)
            raise
        self.size += len(data)

    def close(self) -> None:
        if self.size:
            os.close(self._descriptor)
        else:
            self.remove()

    def remove(self) -> None:
        os.close(self._descriptor)
        with suppress(OSError):
            self.path.unlink()


def probe(path: Path) -> None:
    """Check that a journal can be created at a path. Raises like the constructor of `Journal`."""
    os.close(_create(path))
    path.unlink()


def reason_of(error: BaseException) -> str:
    """Return the text of an error about a file, without the file's path."""
    return getattr(error, "strerror", None) or str(error)


def _create(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
    except OSError as error:
        if isinstance(error, FileExistsError) and os.path.lexists(path):
            raise UsageError(
                f"{path} already exists, and a journal is never overwritten.",
                "Choose another path for --result.",
            ) from error
        raise XerosyncError(
            f"The journal {path} cannot be written: {reason_of(error)}. Nothing was sent.",
            "Make its folder writable, or give a new folder with `--result FOLDER/`.",
        ) from error
    with suppress(OSError):
        # The name of the file is on the disk too, so that the file survives a power cut.
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    return descriptor
