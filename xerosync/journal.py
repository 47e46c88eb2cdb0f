"""Runs ↔ a journal: one JSON line before and after each call, durable when it returns.

A run begins with who, when and which plan, and ends with the chart as it was read back.
A journal that stops in the middle is readable up to there: what was sent and not ended is
what a kill left open. It holds account data and no credentials; only its owner can read it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any, TextIO

from xerosync import __version__
from xerosync.change import Step
from xerosync.document import FORMAT_VERSION, account_from_json, digest_of, timestamp, to_json
from xerosync.errors import UsageError, XerosyncError
from xerosync.model import Account
from xerosync.outcome import Outcome
from xerosync.plan import Plan

Event = dict[str, Any]


class Journal:
    """Writes one file of runs; every method returns once the line is on the disk.

    `also` is given each line once it is durable.
    Raises `UsageError` when the file exists already: a journal is never written over.
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
        self._file = _create(path)

    def begin(self, plan: Plan, *, actor: str, commit: str) -> None:
        """Record that a run of this plan begins."""
        self._plan = plan
        self._write(
            "begin",
            format_version=FORMAT_VERSION,
            xerosync_version=__version__,
            file=plan.file,
            organisation=to_json(plan.organisation),
            digest=digest_of([plan]),
            actor=actor,
            commit=commit,
            steps=len(plan.steps),
        )

    def sending(self, step: Step, before: Account | None) -> None:
        """Record that a step is about to be sent."""
        change = self._plan.changes[step.change] if self._plan else None
        self._write(
            "sending",
            step=step.number,
            operation=step.operation,
            account_id=step.account_id,
            values=dict(step.values),
            purpose=step.purpose,
            action=change.action if change else "",
            code=change.code if change else "",
            name=change.name if change else "",
            source=to_json(change.source) if change else {},
            before=to_json(before) if before else None,
        )

    def ended(self, outcome: Outcome) -> None:
        """Record what became of a step."""
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
        self._file.close()

    def _write(self, event: str, **data: Any) -> None:  # noqa: ANN401 JSON is what it is
        line = json.dumps({"event": event, "at": timestamp(self._now()), **data})
        with self._lock:
            self._file.write(line + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())
            if self._also:
                self._also(line + "\n")


@dataclass(slots=True)
class Call:
    """One step of a run as the journal has it; `ended` is empty when a kill left it open."""

    sending: Event
    ended: Event = field(default_factory=dict)

    @property
    def before(self) -> Account | None:
        """The account before the call, None for a create."""
        data = self.sending.get("before")
        return account_from_json(data) if data else None

    @property
    def after(self) -> Account | None:
        """The account after the call, where its answer is known."""
        data = self.ended.get("after")
        return account_from_json(data) if data else None


@dataclass(slots=True)
class Run:
    """One run of one plan. `end` is empty when the run was killed."""

    begin: Event
    calls: list[Call] = field(default_factory=list)
    end: Event = field(default_factory=dict)

    @property
    def tenant_id(self) -> str:
        """The organisation that the run was for."""
        return str(self.begin["organisation"]["tenant_id"])

    @property
    def at(self) -> datetime:
        """When the run began."""
        return datetime.fromisoformat(self.begin["at"])

    @property
    def ended_at(self) -> datetime:
        """When the run ended; when it began, for one that was killed."""
        return datetime.fromisoformat((self.end or self.begin)["at"])

    def chart_at_end(self) -> tuple[Account, ...]:
        """Give the accounts as they were read back, () when they were not."""
        return tuple(account_from_json(data) for data in self.end.get("accounts", ()))


def read(path: Path) -> tuple[Run, ...]:
    """Read a journal; a last line that was cut short is passed over.

    Raises `UsageError` for a file that cannot be read or is not a journal.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read ({_reason(error)}).") from error
    runs: list[Run] = []
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        try:
            event = json.loads(line)
            _add(runs, event)
        except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
            if number == len(lines) and runs:
                break
            raise UsageError(
                f"{path}:{number}: not a journal of xerosync.",
                "Give the file that `xerosync apply` named at its end, from .xerosync/runs/.",
            ) from error
    if not runs:
        raise UsageError(f"{path}: an empty journal: no run was begun.")
    return tuple(runs)


def _add(runs: list[Run], event: Mapping[str, Any]) -> None:
    match event["event"]:
        case "begin":
            runs.append(Run(dict(event)))
        case "sending":
            runs[-1].calls.append(Call(dict(event)))
        case "ended":
            for call in runs[-1].calls:
                if call.sending["step"] == event["step"]:
                    call.ended = dict(event)
        case "end":
            runs[-1].end = dict(event)
        case _:
            pass


def _create(path: Path) -> TextIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise UsageError(
            f"{path} exists already: a journal is never written over.",
            "Give --result another path.",
        ) from error
    except OSError as error:
        raise XerosyncError(
            f"{path}: the journal cannot be written ({_reason(error)}). Nothing was sent.",
            "Give --result a path that can be written.",
        ) from error
    return os.fdopen(descriptor, "w", encoding="utf-8")


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
