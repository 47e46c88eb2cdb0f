"""A folder of saved plans: one for each organisation, and an index with the digest of each.

An index or a plan that was changed after it was saved is not used.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

from xerosync import __version__
from xerosync.desired import DesiredChart
from xerosync.errors import InvalidPlan, StalePlan, UsageError
from xerosync.files import write_whole
from xerosync.history.applied_once import Approval
from xerosync.history.folder import JournalIndex, runs_about
from xerosync.history.target import Target
from xerosync.organisations.failed import FailedOrganisation
from xerosync.organisations.review import failed_of, failed_to_json
from xerosync.organisations.run import failed_in
from xerosync.plan.plan import Plan
from xerosync.plan.saved import stale
from xerosync.plan.saved.digest import digest_of_json
from xerosync.plan.saved.serialize import FORMAT_VERSION, digest_and_date, document_text, loads
from xerosync.regular_file import read_text
from xerosync.text import full_stop, json_text, read_timestamp, timestamp
from xerosync.workspace import PLAN_INDEX

_KIND = "folder of plans"
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_AGAIN = "again with `xerosync plan --out FOLDER/`."


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """One plan of a folder: where it is, its digest, and the chart file that it was made from."""

    path: Path
    digest: str
    created_at: str
    file: str

    def read(self) -> Plan:
        """Read the plan. Raises `InvalidPlan` if the file's plan is not the one in the index."""
        text = read_text(self.path)
        plans = loads(text, str(self.path))
        if len(plans) != 1 or digest_and_date(text) != (self.digest, self.created_at):
            raise _changed(self.path, "it is not the plan that the index names")
        return plans[0]

    def outline(self) -> Plan:
        """Read the plan, and return it without accounts and changes, to save memory."""
        plan = self.read()
        return replace(
            plan,
            desired=replace(plan.desired, accounts=(), omitted=()),
            changes=(), blocked=(), unmanaged=(), steps=(), left_file=(),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ApprovedPlan:
    """A saved plan to apply. `outline` is the plan, perhaps without its accounts and changes."""

    outline: Plan
    approval: Approval
    read: Callable[[], Plan]

    def target(self, chart: DesiredChart | None = None) -> Target:
        """Return what to apply. With a chart, it must still ask for all that the plan does."""
        desired = chart or self.outline.desired
        return Target(desired, self.read, self.approval, is_file=chart is not None)


@dataclass(frozen=True, slots=True)
class ChosenPlans:
    """The chosen plans of a folder that are not applied yet; `done` counts those that are.

    `left_out` are the chosen organisations that could not be planned. `tags` are those of the
    `PlanFolder` and of all organisations in it.
    """

    plans: tuple[ApprovedPlan, ...]
    left_out: tuple[FailedOrganisation, ...]
    done: int
    tags: frozenset[str]


@dataclass(frozen=True, slots=True)
class PlanFolder:
    """The plans that the index of a folder names, and the organisations that could not be planned.

    `tags` include the tags of charts that `--select` left out.
    """

    path: Path
    created_at: str
    plans: tuple[SavedPlan, ...]
    failed: tuple[FailedOrganisation, ...] = ()
    tags: frozenset[str] = frozenset()

    def choose(
        self, chooses: Callable[[Sequence[str], str], bool], index: JournalIndex
    ) -> ChosenPlans:
        """Return the plans for which `chooses` is true. Its arguments are the tags and the file.

        Raises `StalePlan` if all chosen plans were already applied.
        """
        kept, done = [], 0
        tags = {*self.tags, *(tag for one in self.failed for tag in one.tags)}
        for saved in self.plans:
            plan = saved.outline()
            stale.check_made_for_xero(plan)
            tags.update(plan.desired.tags)
            if not chooses(plan.desired.tags, saved.file):
                continue
            approval = Approval(saved.path, saved.digest, saved.created_at)
            if approval.is_done(runs_about(index, plan.organisation.tenant_id, lambda _: None)):
                done += 1
            else:
                kept.append(ApprovedPlan(plan, approval, saved.read))
        if done and not kept:
            raise StalePlan(
                f"{self.path}: every plan to apply was already applied.",
                "Nothing was sent. Plan again: the new plans hold what is left, if anything.",
            )
        left_out = tuple(one for one in self.failed if chooses(one.tags, one.file))
        return ChosenPlans(tuple(kept), left_out, done, frozenset(tags))


def read_folder(path: Path) -> PlanFolder:
    """Read a folder's index. Raises `InvalidPlan` if the index was changed or a plan is missing."""
    folder = _indexed(path)
    for one in folder.plans:
        if not one.path.is_file():
            raise InvalidPlan(
                f"{one.path} is missing: the folder lacks a plan that was saved into it.",
                f"Nothing was sent. Create the folder {_AGAIN}",
            )
    return folder


def _indexed(path: Path) -> PlanFolder:
    """Return a folder as its index describes it. Raises `InvalidPlan` if the index is invalid."""
    index = path / PLAN_INDEX
    try:
        document = json.loads(read_text(index))
        digest = document.pop("digest")
        if document["kind"] != _KIND or digest != digest_of_json(document):
            raise _changed(index, "its digest does not match")
        created_at = document["created_at"]
        read_timestamp(created_at)
        plans = tuple(_entry(path, one, created_at) for one in document["plans"])
        tags = frozenset(map(str, document.get("tags", ())))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise InvalidPlan(
            f"{index} is not an index of saved plans.",
            f"Nothing was sent. If {path} has chart files, move {PLAN_INDEX} out of it, or name the"
            f" chart files; if it had plans, create it {_AGAIN}",
        ) from error
    return PlanFolder(path, created_at, plans, failed_of(document), tags)


def _entry(path: Path, entry: dict[str, Any], created_at: str) -> SavedPlan:
    name, digest, file = entry["name"], entry["digest"], entry["file"]
    texts = all(isinstance(text, str) for text in (name, digest, file))
    if not texts or (path / name).parent != path:
        raise ValueError(name)
    return SavedPlan(path / name, digest, created_at, file)


@dataclass(slots=True)
class FolderWriter:
    """Writes each plan when it is added, by any thread, and the index last.

    Until the index is written, the folder cannot be applied.
    """

    path: Path
    made_at: datetime
    _names: dict[str, str] = field(default_factory=dict)
    _digests: dict[str, str] = field(default_factory=dict)
    _old: frozenset[str] = frozenset()
    _lock: Lock = field(default_factory=Lock)

    @classmethod
    def begin(cls, path: Path, files: Sequence[str], made_at: datetime) -> FolderWriter:
        """Prepare a folder for the plans of these chart files; earlier plans are replaced.

        Raises `UsageError` if the folder has other files, or cannot be written.
        """
        names = dict(zip(files, safe_names(files), strict=True))
        try:
            path.mkdir(parents=True, exist_ok=True)
            found, old = {one.name for one in path.iterdir()}, frozenset[str]()
            if PLAN_INDEX in found:
                with suppress(InvalidPlan):
                    old = frozenset(one.path.name for one in _indexed(path).plans)
            if others := found - old - set(names.values()) - {PLAN_INDEX}:
                raise UsageError(
                    f"{path} has other files, such as {min(others)}.",
                    "Plans need a folder of their own: choose another one.",
                )
            (path / PLAN_INDEX).unlink(missing_ok=True)
        except OSError as error:
            raise UsageError(
                f"{path} cannot be written: {error.strerror}.", "Choose another folder."
            ) from error
        return cls(path, made_at, names, _old=old)

    def add(self, plan: Plan) -> None:
        """Save the plan of one organisation."""
        text = document_text([plan], self.made_at)
        write_whole(self.path / self._names[plan.file], text)
        with self._lock:
            self._digests[plan.file] = digest_and_date(text)[0]

    def end(
        self, plans: Iterable[Plan], failed: Iterable[FailedOrganisation], tags: Iterable[str] = ()
    ) -> None:
        """Write the index, and remove the plans that it does not name."""
        entries = [
            {
                "name": self._names[plan.file],
                "file": plan.file,
                "organisation": plan.organisation.name,
                "tenant_id": plan.organisation.tenant_id,
                "changes": len(plan.changes),
                "blocked": len(plan.blocked),
                "digest": self._digests[plan.file],
            }
            for plan in plans
        ]
        document: dict[str, Any] = {
            "kind": _KIND,
            "format_version": FORMAT_VERSION,
            "xerosync_version": __version__,
            "created_at": timestamp(self.made_at),
            "failed": [failed_to_json(one) for one in failed],
            "tags": sorted(tags),
            "plans": entries,
        }
        written = {self._names[file] for file in self._digests}
        for name in (self._old | written) - {entry["name"] for entry in entries}:
            (self.path / name).unlink(missing_ok=True)
        document["digest"] = digest_of_json(document)
        write_whole(self.path / PLAN_INDEX, json_text(document))


def safe_names(files: Sequence[str], suffix: str = ".json") -> tuple[str, ...]:
    """Return a file name for each chart file: readable, unique, and without special characters."""
    taken = {PLAN_INDEX.removesuffix(".json")}
    names = []
    for file in files:
        base = _UNSAFE.sub("-", Path(file).stem).strip("-.")[:80] or "plan"
        name, number = base, 1
        while name.casefold() in taken:
            number += 1
            name = f"{base}-{number}"
        taken.add(name.casefold())
        names.append(name + suffix)
    return tuple(names)


def by_name(wanted: Sequence[str], files: Sequence[str]) -> dict[str, str]:
    """Match each plan's chart file with a file of `--same-as`, by path if possible, else by name.

    The keys are the plans' chart files. A chart file without a match is left out. A name counts as
    a match only if no other plan and no other file of `--same-as` has that name.
    """
    paths = {os.path.normpath(file): file for file in files}
    times = Counter(Path(file).name for file in files)
    plans = Counter(Path(name).name for name in set(wanted))
    names = {name: file for file in files if times[name := Path(file).name] == plans[name] == 1}
    found = {one: paths.get(os.path.normpath(one)) or names.get(Path(one).name) for one in wanted}
    return {name: file for name, file in found.items() if file}


def check_against(
    plans: Iterable[ApprovedPlan],
    files: Mapping[str, str],
    charts: Mapping[str, DesiredChart],
    invalid: Sequence[FailedOrganisation],
) -> tuple[tuple[Target, ...], tuple[FailedOrganisation, ...]]:
    """Return a target for each plan with a chart file to check it against; refuse other plans.

    `files` are the result of `by_name`. `charts` are the valid ones of these files, `invalid` the
    others. The second result is `invalid`, then the refused plans.
    """
    known = {one.file for one in invalid}
    targets, refused = [], [*invalid]
    for plan in plans:
        file, outline = files.get(plan.outline.file, ""), plan.outline
        if file in charts:
            targets.append(plan.target(charts[file]))
        elif file not in known:
            error = StalePlan(
                f"{outline.file} is not among the files of --same-as, so this plan cannot be"
                " checked.",
                f"Nothing was sent to {full_stop(outline.organisation.name)} Name that file with"
                " --same-as too, or plan again without this organisation.",
            )
            refused.append(failed_in(outline, error))
    return tuple(targets), tuple(refused)


def _changed(path: Path, why: str) -> InvalidPlan:
    return InvalidPlan(
        f"{path} was changed after it was saved: {why}.",
        f"Nothing was sent. Create the folder {_AGAIN}",
    )
