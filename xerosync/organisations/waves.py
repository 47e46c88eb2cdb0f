"""Apply in waves: a few organisations first, then the others unless an error stops the run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass, field
from threading import Event

from xerosync.errors import (
    AppliedInPart,
    Interrupted,
    JournalIncomplete,
    ProofFailed,
    UsageError,
    XerosyncError,
)
from xerosync.organisations.failed import FailedOrganisation
from xerosync.organisations.run import failed_in, failure_of, interrupted_in
from xerosync.plan.plan import Plan

DEFAULT = "1,10,rest"
CANARY = "canary"
"""The tag of organisations that come before others in a wave given by its size."""
REST = "rest"
ALL = "all"

_SIZE = re.compile(r"[0-9]{1,9}")
_WRITE = "Write sizes or tags separated by commas, with rest at the end: 1,10,rest or canary,rest."
_STOPPING = (AppliedInPart, ProofFailed, JournalIncomplete)
"""The errors after which no later wave begins: calls may have been sent."""

Part = int | str
"""A wave as `--waves` names it: its size, the tag of its organisations, or `rest`."""


def parse_waves(text: str) -> tuple[Part, ...]:
    """Return the waves that `--waves` names. Raises `UsageError` if the value is invalid."""
    if text.strip() == ALL:
        return (REST,)
    names = [part.strip() for part in text.split(",")]
    parts = tuple(int(name) if _SIZE.fullmatch(name) else name for name in names)
    tags = [part for part in parts if isinstance(part, str)]
    invalid = ALL in tags or any(tag.isdecimal() for tag in tags) or len(set(tags)) < len(tags)
    if parts[-1] != REST or not all(parts) or invalid:
        raise UsageError(f"--waves {text} cannot be understood.", f"{_WRITE} Or write only `all`.")
    return parts


@dataclass(frozen=True, slots=True)
class Candidate:
    """An organisation with changes: its tags, and whether its last run was left unproved."""

    tags: Sequence[str] = ()
    unproved: bool = False


def arrange(candidates: Sequence[Candidate], parts: Sequence[Part]) -> tuple[tuple[int, ...], ...]:
    """Return the waves, each with the indexes of its candidates. No wave is empty.

    A wave that is given by its size takes first the organisations whose last apply was not proved,
    then those with the tag `canary`, then others. If the first wave is given by a tag, it also has
    all organisations whose last apply was not proved.
    """
    precedence = [(not one.unproved, CANARY not in one.tags) for one in candidates]
    left = sorted(range(len(candidates)), key=lambda index: precedence[index])
    waves = []
    for number, part in enumerate(parts):
        if isinstance(part, int):
            wave = left[:part]
        elif part == REST:
            wave = left
        else:
            wave = [
                one
                for one in left
                if part in candidates[one].tags or (number == 0 and candidates[one].unproved)
            ]
        left = [one for one in left if one not in set(wave)]
        if wave:
            waves.append(tuple(wave))
    return tuple(waves)


def check_tags(parts: Sequence[Part], tags: Iterable[str], *, saved: bool = False) -> None:
    """Raise `UsageError` if the tag of a wave is not in `tags`: it may be misspelt.

    With `saved`, `tags` has only the tags in the saved file or folder. An organisation that was not
    planned may have others, so the error speaks only of organisations with a saved plan.
    """
    for part in absent_tags(parts, tags):
        others = ",".join(str(one) for one in parts if one != part)
        raise UsageError(
            f"--waves: no saved plan is for an organisation with the tag {part}."
            if saved
            else f"--waves: no organisation has the tag {part}.",
            f"Correct the tag, or leave that wave out: `--waves {others}`."
            if saved
            else f"Add it to `tags` in a chart file, or choose other waves. {_WRITE}",
        )


def absent_tags(parts: Sequence[Part], tags: Iterable[str]) -> tuple[str, ...]:
    """Return the tags of waves that are not among these tags."""
    return tuple(part for part in parts if isinstance(part, str) and part not in {REST, *tags})


@dataclass(slots=True)
class Ended:
    """How the organisations of all waves ended, by index.

    `stopped` were interrupted in the middle of their apply. `not_begun` had not begun when an error
    (see `stops`) or an interrupt ended the run.
    """

    applied: list[int] = field(default_factory=list)
    failed: dict[int, XerosyncError] = field(default_factory=dict)
    stopped: dict[int, XerosyncError] = field(default_factory=dict)
    not_begun: list[int] = field(default_factory=list)

    @property
    def stops(self) -> bool:
        """Whether an error in `failed` stops the later waves."""
        return any(isinstance(error, _STOPPING) for error in self.failed.values())


def error_of(
    ended: Ended,
    plans: Sequence[Plan],
    failures: Sequence[FailedOrganisation],
    *,
    interrupted: bool,
    go_on: str,
    again: str,
) -> XerosyncError | None:
    """Return the error that an apply of these plans ends with, None if all were applied.

    `failures` are organisations that failed before the waves. `go_on` says how to continue if the
    run was interrupted before its end, `again` how to continue after a failure.
    """
    failed = [*failures, *(failed_in(plans[n], ended.failed[n]) for n in sorted(ended.failed))]
    not_begun = [failed_in(plans[n], XerosyncError("")) for n in ended.not_begun]
    stopped = [failed_in(plans[n], error) for n, error in ended.stopped.items()]
    if interrupted and (stopped or not_begun):
        return interrupted_in(len(ended.applied), stopped, not_begun, failed, go_on)
    if failed or not_begun:
        done = len(plans) - len(ended.failed) - len(not_begun)
        return failure_of(failed, done, not_begun, again)
    return None


def run_waves(
    waves: Sequence[Sequence[int]],
    apply: Callable[[int], None],
    executor: Executor,
    stop: Event,
    begun: Callable[[int], None] = lambda _: None,
) -> Ended:
    """Apply the waves one after another, and return how the organisations ended.

    The organisations of a wave are applied side by side. `apply` raises an error if an organisation
    is not complete, proved and journalled. If calls may have been sent before the error, or if
    `stop` is set, no later wave begins. If nothing was sent, the error stops no other organisation.
    `begun` is called with the number of each wave that begins, from 0.
    """
    ended = Ended()
    for number, wave in enumerate(waves):
        if ended.stops or stop.is_set():
            ended.not_begun += wave
            continue
        begun(number)
        futures = [executor.submit(_apply_one, ended, apply, one, stop) for one in wave]
        for future in as_completed(futures):
            future.result()
    place = {one: number for number, one in enumerate(one for wave in waves for one in wave)}
    for found in (ended.applied, ended.not_begun):
        found.sort(key=lambda one: place[one])
    return ended


def _apply_one(ended: Ended, apply: Callable[[int], None], one: int, stop: Event) -> None:
    """Apply one organisation, and add its outcome to `ended`: not begun if `stop` is set."""
    if stop.is_set():
        ended.not_begun.append(one)
        return
    try:
        apply(one)
    except XerosyncError as error:
        error.__traceback__ = error.__cause__ = error.__context__ = None
        found = ended.stopped if isinstance(error, Interrupted) else ended.failed
        found[one] = error
    except Exception as error:  # noqa: BLE001 a bug in one organisation stops no other in its wave
        ended.failed[one] = ProofFailed(
            f"This is a bug in xerosync: {type(error).__name__}. If anything was sent, the journal"
            " shows it.",
            "Apply this file alone with --debug, and report the output.",
        )
    else:
        ended.applied.append(one)
