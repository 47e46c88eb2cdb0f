"""Read a journal: its runs, their calls, and the outcome of each call.

If a journal ends in the middle of a line, that line is ignored. A call that was sent but has no
result was in flight when the run was killed, or its result could not be written.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from xerosync.apply.outcome import Result
from xerosync.apply.verify import AS_PLANNED
from xerosync.desired import DesiredChart, Source
from xerosync.errors import UsageError
from xerosync.history.journal import reason_of
from xerosync.model import Account, Organisation, Value
from xerosync.plan.plan import Action
from xerosync.plan.saved.checked import checked
from xerosync.plan.saved.serialize import (
    FORMAT_VERSION,
    account_from_json,
    desired_from_json,
    organisation_from_json,
    source_from_json,
)
from xerosync.regular_file import read_regular
from xerosync.text import read_timestamp

_BEGINS = '{"event": "begin"'
_NOBODY = Organisation("", "")
_USE_A_JOURNAL = "Use a journal from .xerosync/runs/; `xerosync apply` prints its path at the end."


@dataclass(slots=True)
class RunCall:
    """One call of a run, as recorded in the journal.

    `result` is None if none was recorded. `code` and `name` are those that the account should have
    at the end of the run. `settled` is that of `Outcome`, and has nothing to do with `Run.settled`.
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
        """The account's code and name."""
        return f"{self.code} {self.name}".strip()

    @property
    def open(self) -> bool:
        """Whether it is unknown if the call took effect."""
        return self.result is None or self.result is Result.UNKNOWN

    @property
    def acted(self) -> bool:
        """Whether the call changed the books, or may have."""
        return self.open or self.result is Result.DONE

    @property
    def subject(self) -> str:
        """The id of the account, "" for a create that returned no account."""
        known = self.after or self.before
        return self.account_id or (known.account_id if known else "")


@dataclass(slots=True)
class Run:
    """One run of one plan. A run that was killed has no `ended_at` and no `accounts`.

    `found` are the accounts just before the first write; `accounts` are the accounts that were
    read back at the end. Each is () if it is not known. `desired` is the chart that the plan was
    made from, None in a journal of an older version. `steps` is the number of planned calls.

    `skipped` has the reasons why a step was not sent, by the step's number. For a delete that Xero
    refused, they say why no archive was sent instead. `labels` has the code and name of the account
    of each skipped step, unless an older version wrote the journal. `left` is the number of changes
    that the file asked for and the plan did not make, None if unknown. `journal` is the path read.
    """

    file: str
    tenant_id: str
    digest: str
    at: datetime
    calls: list[RunCall] = field(default_factory=list)
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
    labels: dict[int, str] = field(default_factory=dict)
    desired: DesiredChart | None = None
    created_at: str = ""
    left: int | None = None
    found: tuple[Account, ...] = ()
    journal: str = ""

    @property
    def profile(self) -> str:
        """The profile of the chart file, "" if it named none or is not known."""
        return self.desired.profile if self.desired else ""

    @property
    def whole(self) -> bool:
        """Whether every step was done, and the chart read back at the end was as planned."""
        last_calls = {call.step: call for call in self.calls}.values()  # a fallback comes last
        good = all(call.result is Result.DONE for call in last_calls)
        return self.proof == AS_PLANNED and not self.skipped and good

    @property
    def settled(self) -> bool:
        """Whether the run is known to have done everything that a file asked for."""
        partial = self.desired is None or self.desired.partial
        return self.whole and self.left == 0 and not partial


def is_journal(text: str) -> bool:
    """Whether text starts like a journal, or like the output of `apply --format json`."""
    return text.startswith(('{"event": ', '{"event":'))


def read(path: Path) -> tuple[Run, ...]:
    """Return the runs of a journal, or of all journals in a folder, oldest first.

    Raise `UsageError` if there is no run, or if a file is not a journal that can be read.
    """
    if os.path.isdir(path):  # noqa: PTH112 (false for a path that is too long)
        found = [run for one in path.glob("*.jsonl") for run in parse(one)]
        if not found:
            raise UsageError(f"{path} is a folder without journals.", _USE_A_JOURNAL)
        return tuple(sorted(found, key=lambda run: (run.at, run.file)))
    runs = parse(path)
    if not runs:
        raise UsageError(f"{path} is an empty journal: no run was started.", _USE_A_JOURNAL)
    return runs


def parse(path: Path) -> tuple[Run, ...]:
    """Return the runs of a journal; ignore its last line if that was cut short.

    Raise `UsageError` for a file that cannot be read or is not a journal.
    """
    try:
        text = read_regular(path)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {reason_of(error)}.", _USE_A_JOURNAL) from error
    runs: list[Run] = []
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        try:
            _add(runs, json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as bad:
            last = number == len(lines)
            if last and (runs or _BEGINS.startswith(line) or line.startswith(_BEGINS)):
                break
            raise UsageError(
                f"{path}:{number}: not a journal that this xerosync can read.", _USE_A_JOURNAL
            ) from bad
    try:
        return tuple(replace(checked(run), journal=str(path)) for run in runs)
    except ValueError as bad:
        raise UsageError(
            f"{path}: not a journal that this xerosync can read ({bad}).", _USE_A_JOURNAL
        ) from bad


def _add(runs: list[Run], event: Mapping[str, Any]) -> None:
    match event["event"]:
        case "begin":
            runs.append(_run(event))
        case "sending":
            runs[-1].calls.append(_call(event))
        case "ended":
            call = next((c for c in reversed(runs[-1].calls) if c.step == event["step"]), None)
            messages = tuple(str(message) for message in event.get("messages", ()))
            result = Result(event["result"])
            if call is None or (result is Result.SKIPPED and call.result):
                runs[-1].skipped[event["step"]] = messages
                label = f"{event.get('code', '')} {event.get('name', '')}".strip()
                runs[-1].labels |= {event["step"]: label} if label else {}
                return
            call.result = result
            call.after = _account(event["after"])
            call.ended_at = read_timestamp(event["at"])
            call.messages = messages
            call.correlation_id = event.get("correlation_id", "")
            call.settled = bool(event.get("settled"))
        case "end":
            runs[-1].proof = str(event["proof"])
            runs[-1].accounts = tuple(account_from_json(data) for data in event["accounts"])
            runs[-1].ended_at = read_timestamp(event["at"])
        case _:
            pass


def _run(event: Mapping[str, Any]) -> Run:
    if event["format_version"].split(".")[0] != FORMAT_VERSION.split(".", maxsplit=1)[0]:
        raise ValueError(event["format_version"])
    optional = ("xerosync_version", "actor", "approver", "commit", "job", "created_at")
    return Run(
        file=event["file"],
        tenant_id=event["organisation"]["tenant_id"],
        digest=event["digest"],
        at=read_timestamp(event["at"]),
        organisation=organisation_from_json(event["organisation"]),
        steps=event.get("steps", 0),
        left=event.get("left"),
        found=tuple(account_from_json(data) for data in event.get("accounts", ())),
        desired=desired_from_json(event["desired"], event["file"]) if "desired" in event else None,
        **{name: event.get(name, "") for name in optional},
    )


def _call(event: Mapping[str, Any]) -> RunCall:
    return RunCall(
        step=event["step"],
        operation=Action(event["operation"]),
        account_id=event["account_id"],
        values=dict(event["values"]),
        code=event["code"],
        name=event["name"],
        key=event.get("key", ""),
        before=_account(event["before"]),
        sent_at=read_timestamp(event["at"]) if "at" in event else None,
        purpose=event.get("purpose", ""),
        source=source_from_json(event.get("source") or {}),
    )


def _account(data: Mapping[str, Any] | None) -> Account | None:
    return account_from_json(data) if data else None
