"""A saved plan is applied only once: the first run that begins to send uses up the approval.

`.xerosync/applied` has a file for each use, named after the plan's digest, wherever the journal is.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from xerosync.errors import StalePlan
from xerosync.history.runs import Run
from xerosync.regular_file import open_regular
from xerosync.text import day_and_time, read_timestamp, timestamp
from xerosync.workspace import APPLIED

_PLAN_AGAIN = "A plan can be applied only once. Plan again: the new plan has the rest."


@dataclass(slots=True)
class Approval:
    """The approval of one saved plan.

    `file` is the saved plan; `digest` and `created_at` are from it. The use is recorded in the
    `.xerosync` of the current folder, and in the `.xerosync` beside the plan if there is one.
    """

    file: Path
    digest: str
    created_at: str = ""
    used: bool = False
    _lock: Lock = field(default_factory=Lock, repr=False, compare=False)

    def is_done(self, known: Iterable[tuple[Path, tuple[Run, ...]]]) -> bool:
        """Whether `known` has runs of this plan, and each of them is complete and verified."""
        runs = [run for _, found in known for run in found if run.digest == self.digest]
        return bool(runs) and all(run.whole for run in runs)

    def check(self, known: Iterable[tuple[Path, tuple[Run, ...]]]) -> None:
        """Raise `StalePlan` if a record or a journal of `known` shows an apply of this plan."""
        for record in self._records():
            if os.path.lexists(record):
                raise self._recorded(record)
        for path, runs in known:
            for run in runs:
                if run.digest == self.digest and any(call.acted for call in run.calls):
                    raise self._already(run.at, path)

    def use(self, journal: Path, warn: Callable[[str], None]) -> None:
        """Record that this plan is being applied.

        Only the first call writes the record, which counts for all organisations of the plan.
        Raise `StalePlan` if another run has written it. If a record cannot be written, only warn.
        """
        with self._lock:
            if not self.used:
                self._record_use(journal, warn)
                self.used = True

    def _record_use(self, journal: Path, warn: Callable[[str], None]) -> None:
        line = json.dumps({"at": timestamp(datetime.now(UTC)), "journal": str(journal)})
        for record in self._records():
            try:
                record.parent.mkdir(parents=True, exist_ok=True)
                with record.open("x", encoding="utf-8") as file:
                    file.write(line + "\n")
                    file.flush()
                    os.fsync(file.fileno())
            except FileExistsError as error:
                raise self._recorded(record) from error
            except OSError:
                warn(
                    f"Cannot record in {record.parent} that this plan is being applied: make sure "
                    "that nobody applies it again."
                )

    def _records(self) -> list[Path]:
        name = "".join(c for c in self.digest if c.isalnum())
        beside = self.file.resolve().parent / APPLIED
        folders = [APPLIED]
        if beside.parent.is_dir() and beside.resolve() != APPLIED.resolve():
            folders.append(beside)
        return [folder / name for folder in folders]

    def _recorded(self, record: Path) -> StalePlan:
        try:
            with open_regular(record) as file:
                data = json.loads(file.read(10_000))
            return self._already(read_timestamp(data["at"]), data["journal"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return StalePlan(f"{self.file} was already applied (see {record}).", _PLAN_AGAIN)

    def _already(self, at: datetime, journal: object) -> StalePlan:
        return StalePlan(
            f"This plan ({self.file}) was already applied on {day_and_time(at)} "
            f"(journal: {journal}).",
            _PLAN_AGAIN,
        )
