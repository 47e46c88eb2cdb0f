"""A journal → the runs that it tells of: what was sent, and what became of it.

A journal that stops in the middle is readable up to there: what was sent and not ended is
what a kill left open.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from xerosync.apply.outcome import Result
from xerosync.errors import UsageError, XerosyncError
from xerosync.history.journal import reason_of
from xerosync.model import Account, DesiredChart, Organisation, Source, Value
from xerosync.plan.plan import Action
from xerosync.plan.serialize import (
    FORMAT_VERSION,
    account_from_json,
    desired_from_json,
    organisation_from_json,
    source_from_json,
)

NEWEST = 200
"""So many journals, from the newest on, are looked through for the last apply."""

_BEGINS = '{"event": "begin"'
_AT = re.compile(rb'\{"event": "begin", "at": "([0-9TZ:.-]+)"')
_NO_JOURNAL = "~"
"""Sorts before every moment, the newest first: what is no journal is told of."""
_NOBODY = Organisation("", "")


@dataclass(slots=True)
class Call:
    """One call of a run as the journal has it; `result` is None when a kill left it open.

    `code` and `name` are those that the account was to have in the end. A step that was
    skipped has no `sent_at`: it was not sent.
    """

    step: int
    operation: Action
    account_id: str
    values: Mapping[str, Value]
    code: str
    name: str
    key: str = ""
    before: Account | None = None
    result: Result | None = None
    after: Account | None = None
    sent_at: datetime | None = None
    ended_at: datetime | None = None
    messages: tuple[str, ...] = ()
    correlation_id: str = ""
    settled: bool = False
    purpose: str = ""
    source: Source = Source()

    @property
    def label(self) -> str:
        """The account as people point to it."""
        return f"{self.code} {self.name}".strip()

    @property
    def open(self) -> bool:
        """Whether nobody knows if it took effect."""
        return self.result is None or self.result is Result.UNKNOWN

    @property
    def acted(self) -> bool:
        """Whether it changed the books, or may have."""
        return self.open or self.result in (Result.DONE, Result.FELL_BACK)

    @property
    def subject(self) -> str:
        """The id of the account it was about, "" for a create whose answer is not known."""
        known = self.after or self.before
        return self.account_id or (known.account_id if known else "")


@dataclass(slots=True)
class Run:
    """One run of one plan; `ended_at` is None, and `accounts` empty, when it was killed.

    `accounts` are the chart as it was read back at the end, () when it was not.
    `desired` is what the plan was made from, None in a journal of an older version.
    `steps` is how many calls were planned, `skipped` says why each of the others was not made.
    """

    file: str
    tenant_id: str
    digest: str
    at: datetime
    calls: list[Call] = field(default_factory=list)
    ended_at: datetime | None = None
    proof: str = ""
    accounts: tuple[Account, ...] = ()
    organisation: Organisation = _NOBODY
    xerosync_version: str = ""
    actor: str = ""
    approver: str = ""
    commit: str = ""
    job: str = ""
    steps: int = 0
    skipped: dict[int, tuple[str, ...]] = field(default_factory=dict)
    desired: DesiredChart | None = None
    created_at: str = ""


def read(path: Path) -> tuple[Run, ...]:
    """Read a journal; a last line that was cut short is passed over.

    Raises `UsageError` for a file that cannot be read, is not a journal, or tells of no run.
    """
    runs = _read(path)
    if not runs:
        raise UsageError(f"{path}: an empty journal: no run was begun.")
    return runs


def is_journal(text: str) -> bool:
    """Tell whether a text is a journal, or what `apply --format json` printed, by its start."""
    return text.startswith(('{"event": ', '{"event":'))


def last_of(directory: Path, tenant_id: str, warn: Callable[[str], None]) -> tuple[Run, ...]:
    """Give the runs of one organisation back to the last whose chart was read, oldest first.

    Files that are no journals are passed over, and `warn` is told of each.
    """
    found: list[Run] = []
    for path in _newest_first(directory):
        try:
            runs = _read(path)
        except XerosyncError as error:
            warn(f"Passed over: {error.message}")
            continue
        for run in reversed(runs):
            if run.tenant_id == tenant_id:
                found.insert(0, run)
                if run.accounts and not (run.desired and run.desired.partial):
                    return tuple(found)
    return tuple(found)


def _newest_first(directory: Path) -> list[Path]:
    """Give the journals of a folder by when each was begun, whatever its name."""

    def began(path: Path) -> tuple[str, str]:
        try:
            with path.open("rb") as file:
                found = _AT.match(file.read(200))
        except OSError:
            found = None
        return (found[1].decode() if found else _NO_JOURNAL, path.name)

    try:
        return sorted(directory.glob("*.jsonl"), key=began, reverse=True)[:NEWEST]
    except OSError:
        return []


def runs_of(directory: Path, digest: str, created_at: str) -> Iterator[tuple[Path, Run]]:
    """Give the journals and runs of one saved document, the last first."""
    for path in _newest_first(directory):
        with suppress(XerosyncError):
            yield from (
                (path, run)
                for run in reversed(_read(path))
                if (run.digest, run.created_at) == (digest, created_at)
            )


def _read(path: Path) -> tuple[Run, ...]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path}: cannot be read ({reason_of(error)}).",
            "Give the file that `xerosync apply` named at its end, from .xerosync/runs/.",
        ) from error
    runs: list[Run] = []
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        try:
            _add(runs, json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as bad:
            cut = number == len(lines)
            if cut and (runs or _BEGINS.startswith(line) or line.startswith(_BEGINS)):
                break
            raise UsageError(
                f"{path}:{number}: not a journal that this xerosync can read.",
                "Give the file that `xerosync apply` named at its end, from .xerosync/runs/.",
            ) from bad
    return tuple(runs)


def _add(runs: list[Run], event: Mapping[str, Any]) -> None:
    match event["event"]:
        case "begin":
            runs.append(_run(event))
        case "sending":
            runs[-1].calls.append(_call(event))
        case "ended":
            call = next((c for c in reversed(runs[-1].calls) if c.step == event["step"]), None)
            said = tuple(str(message) for message in event.get("messages", ()))
            if call is None:
                runs[-1].skipped[event["step"]] = said
                return
            call.result = Result(event["result"])
            call.after = _account(event["after"])
            call.ended_at = datetime.fromisoformat(event["at"])
            call.messages = said
            call.correlation_id = event.get("correlation_id", "")
            call.settled = bool(event.get("settled"))
        case "end":
            runs[-1].proof = str(event["proof"])
            runs[-1].accounts = tuple(account_from_json(data) for data in event["accounts"])
            runs[-1].ended_at = datetime.fromisoformat(event["at"])
        case _:
            pass


def _run(event: Mapping[str, Any]) -> Run:
    if event["format_version"].split(".")[0] != FORMAT_VERSION.split(".", maxsplit=1)[0]:
        raise ValueError(event["format_version"])
    return Run(
        file=event["file"],
        tenant_id=event["organisation"]["tenant_id"],
        digest=event["digest"],
        at=datetime.fromisoformat(event["at"]),
        organisation=organisation_from_json(event["organisation"]),
        xerosync_version=event.get("xerosync_version", ""),
        actor=event.get("actor", ""),
        approver=event.get("approver", ""),
        commit=event.get("commit", ""),
        job=event.get("job", ""),
        steps=event.get("steps", 0),
        created_at=event.get("created_at", ""),
        desired=desired_from_json(event["desired"], event["file"]) if "desired" in event else None,
    )


def _call(event: Mapping[str, Any]) -> Call:
    return Call(
        step=event["step"],
        operation=Action(event["operation"]),
        account_id=event["account_id"],
        values=dict(event["values"]),
        code=event["code"],
        name=event["name"],
        key=event.get("key", ""),
        before=_account(event["before"]),
        sent_at=datetime.fromisoformat(event["at"]) if "at" in event else None,
        purpose=event.get("purpose", ""),
        source=source_from_json(event.get("source") or {}),
    )


def _account(data: Mapping[str, Any] | None) -> Account | None:
    return account_from_json(data) if data else None
