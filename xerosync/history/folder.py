"""The folder of a project's journals: find runs in it, and move outdated journals away."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from threading import Lock

from xerosync.errors import XerosyncError
from xerosync.history.runs import Run, parse
from xerosync.history.settled import is_settled
from xerosync.regular_file import MAX_BYTES, open_regular
from xerosync.text import sortable

_NEWEST = 200
"""`last_runs`, `settled_commit` and by default `recent_runs` read at most this many journals."""

_DEEPEST = 20
"""`last_runs` looks back over at most this many applies that read the chart back at their end."""

_BEGIN = re.compile(rb'^\{"event": "begin"', re.MULTILINE)
_TENANT = re.compile(
    rb'^\{"event": "begin"[^\n]{0,4000}?"organisation": \{"tenant_id": ("(?:[^"\\\n]|\\.){0,200}")',
    re.MULTILINE,
)
_AT = re.compile(rb'\{"event": "begin", "at": "([0-9TZ:.-]+)"')
_COMMIT = re.compile("[0-9a-f]{40,64}")
_NO_JOURNAL = "~"
"""Sorts a file that is not a journal as the newest, so that it is read and a warning names it."""


class JournalIndex:
    """The journals of a folder by organisation; safe to use from several threads.

    The folder is read only once, when journals are first asked for.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = Lock()
        self._journals: list[tuple[Path, frozenset[str]]] | None = None

    def of(self, tenant_id: str) -> list[Path]:
        """Return the journals about an organisation, the newest first.

        A file whose organisations cannot be read is returned for every organisation.
        """
        with self._lock:
            if self._journals is None:
                self._journals = [(p, _tenants(p)) for p in _newest_first(self._directory)]
        return [path for path, tenants in self._journals if not tenants or tenant_id in tenants]


def _tenants(path: Path) -> frozenset[str]:
    """Return the tenant ids in a journal, an empty set if one of them cannot be read."""
    try:
        with open_regular(path) as file:
            data = file.read(MAX_BYTES)
        found = [json.loads(text) for text in _TENANT.findall(data)]
    except (OSError, ValueError):
        return frozenset()
    return frozenset(found) if len(found) == len(_BEGIN.findall(data)) else frozenset()


def journals(
    directory: Path, warn: Callable[[str], None] = lambda _: None
) -> Iterator[tuple[Path, tuple[Run, ...]]]:
    """Yield the journals of a folder with their runs, the newest first; skip unreadable files."""
    return _parsed(_newest_first(directory), warn)


def unfinished_in(found: Iterable[tuple[Path, tuple[Run, ...]]]) -> tuple[Path, ...]:
    """Return, newest first as `found` is, journals where an organisation's last run has no end."""
    seen: set[str] = set()
    unfinished: list[Path] = []
    for path, runs in found:
        for run in reversed(runs):
            if run.ended_at is None and run.tenant_id not in seen:
                unfinished.append(path)
            seen.add(run.tenant_id)
    return tuple(dict.fromkeys(unfinished))


def _parsed(
    paths: Iterable[Path], warn: Callable[[str], None]
) -> Iterator[tuple[Path, tuple[Run, ...]]]:
    for path in paths:
        try:
            yield path, parse(path)
        except XerosyncError as error:
            warn(f"Skipped: {error.message}")


def last_runs(
    directory: Path | JournalIndex, tenant_id: str, warn: Callable[[str], None]
) -> tuple[Run, ...]:
    """Return an organisation's runs since the last apply that left nothing to do, oldest first.

    That apply is included; it must have read the chart back, and must not be a rollback. If the
    last `_DEEPEST` such applies all left something to do, return the runs since the oldest of them.
    """
    found: list[Run] = []
    complete = 0
    for _, runs in islice(runs_about(directory, tenant_id, warn), _NEWEST):
        for run in reversed(runs):
            if run.tenant_id == tenant_id:
                found.insert(0, run)
                if run.accounts and not (run.desired and run.desired.partial):
                    complete += 1
                    if complete == _DEEPEST or is_settled(run):
                        return tuple(found)
    return tuple(found)


def recent_runs(
    directory: Path | JournalIndex,
    tenant_id: str,
    warn: Callable[[str], None],
    *,
    newest: int = _NEWEST,
) -> tuple[Run, ...]:
    """Return one organisation's runs from at most `newest` journals, the latest journal first."""
    return tuple(
        run
        for _, runs in islice(runs_about(directory, tenant_id, warn), newest)
        for run in runs
        if run.tenant_id == tenant_id
    )


def last_was_proved(index: JournalIndex, tenant_id: str) -> bool:
    """Whether an organisation's last run was complete and verified; True if there was no run."""
    found = runs_about(index, tenant_id, lambda _: None)
    last = (run for _, runs in found for run in reversed(runs) if run.tenant_id == tenant_id)
    return next((run.whole for run in last), True)


def runs_about(
    directory: Path | JournalIndex, tenant_id: str, warn: Callable[[str], None]
) -> Iterator[tuple[Path, tuple[Run, ...]]]:
    """Yield journals that may be about an organisation, newest first, with every run in each."""
    index = JournalIndex(directory) if isinstance(directory, Path) else directory
    return _parsed(index.of(tenant_id), warn)


def settled_commit(directory: Path, warn: Callable[[str], None]) -> str:
    """Return the last Git commit that was applied with nothing left to do, "" if there is none."""
    for _, runs in islice(journals(directory, warn), _NEWEST):
        if runs and all(run.settled and _COMMIT.fullmatch(run.commit) for run in runs):
            return runs[-1].commit
    return ""


def set_aside(directory: Path, tenants: Collection[str]) -> int:
    """Move away the journals of sandbox organisations that were reset; return how many were moved.

    So no later plan mistakes them for the last apply. Journals about other organisations stay.
    """
    ours = [
        path
        for path, runs in journals(directory)
        if runs and all(run.tenant_id in tenants for run in runs)
    ]
    aside = directory / f"before-reset-{sortable(datetime.now(UTC))}"
    for path in ours:
        aside.mkdir(exist_ok=True)
        path.rename(aside / path.name)
    return len(ours)


def _newest_first(directory: Path) -> list[Path]:
    """Return the journals of a folder, newest first by the time in their first line."""

    def begun(path: Path) -> tuple[str, str]:
        found = None
        with suppress(OSError), open_regular(path) as file:
            found = _AT.match(file.read(200))
        return (found[1].decode() if found else _NO_JOURNAL, path.name)

    try:
        return sorted(directory.glob("*.jsonl"), key=begun, reverse=True)
    except OSError:
        return []
