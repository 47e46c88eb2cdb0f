"""The review of many organisations: their plans, grouped changes, and organisations that failed.

In the JSON document of several plans, the review is under `groups` and `failed`, and under `limits`
if `limits.organisations` is exceeded. `groups` and `limits` are computed from the plans, and never
read back, since the document's digest does not cover them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from xerosync.errors import ChartError, ExitCode, InvalidPlan, XerosyncError
from xerosync.history.runs import is_journal
from xerosync.organisations.failed import FailedOrganisation
from xerosync.organisations.group import Before, Group, LeftBehind, group, left_behind
from xerosync.organisations.reach_limit import Reach, too_far
from xerosync.plan.plan import Plan
from xerosync.plan.saved.serialize import loads, text_with, to_json
from xerosync.workspace import command_on

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Review:
    """The plans of several organisations, the organisations that failed, and the groups.

    `names` are the names of the organisations, or else their files, in the order of the plans.
    Names that occur more than once are followed by their files in brackets.
    """

    plans: tuple[Plan, ...]
    failed: tuple[FailedOrganisation, ...]
    groups: tuple[Group, ...]
    left_behind: tuple[LeftBehind, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, plans: Sequence[Plan], failed: Sequence[FailedOrganisation] = ()) -> Self:
        """Return the review of these plans."""
        return cls(tuple(plans), tuple(failed), group(plans), left_behind(plans), _names(plans))

    @property
    def total(self) -> int:
        """The number of organisations, planned or failed."""
        return len(self.plans) + len(self.failed)

    @property
    def changed(self) -> int:
        """The number of organisations with a change or a block."""
        return sum(not plan.empty for plan in self.plans)

    @property
    def summary(self) -> Mapping[str, int]:
        """The sums of the plans' summaries."""
        counts: Counter[str] = Counter()
        for plan in self.plans:
            counts.update(plan.summary)
        return counts

    @property
    def standards(self) -> tuple[str, ...]:
        """The standards that files extend: for each combination of standards, "name, name, …"."""
        names = (plan.desired.standard for plan in self.plans)
        return tuple(dict.fromkeys(name for name in names if name))

    @property
    def too_far(self) -> tuple[Reach, ...]:
        """The destructive changes to be made in more books than `limits.organisations` allows."""
        return too_far(self.groups, self.plans)

    def to_json(self) -> Json:
        """Return what the review adds to the JSON document of the plans."""
        place = {id(one): index for index, one in enumerate(self.groups)}
        limits = [
            {
                "limit": reach.breach.limit,
                "found": reach.breach.found,
                "allowed": reach.breach.allowed,
                "flag": reach.breach.flag,
                "group": place[id(reach.group)],
            }
            for reach in self.too_far
        ]
        return {
            "failed": [failed_to_json(one) for one in self.failed],
            "groups": [_group_to_json(one) for one in self.groups],
            **({"limits": limits} if limits else {}),
        }

    def made_again(self, document: str) -> str:
        """Return a JSON document of plans with this review instead of its own.

        The digest of a document does not cover all of its review.
        """
        kept = json.loads(document)
        for name in ("failed", "groups", "limits"):
            kept.pop(name, None)
        plans = kept.pop("plans")
        return text_with({**kept, **self.to_json()}, plans)


def failed_to_json(one: FailedOrganisation) -> Json:
    """Return a failed organisation as JSON, with `problems` only if its error is a `ChartError`."""
    problems = one.error.problems if isinstance(one.error, ChartError) else ()
    return {
        "file": one.file,
        "organisation": one.name,
        "exit_code": int(one.error.exit_code),
        "message": one.error.message,
        "hint": one.error.hint,
        "tags": list(one.tags),
        **({"problems": [*map(str, problems)]} if problems else {}),
    }


def read_saved(text: str, name: str) -> tuple[tuple[Plan, ...], tuple[FailedOrganisation, ...]]:
    """Return the plans and failures of a saved document. Raises `InvalidPlan` if it is invalid."""
    if is_journal(text):
        raise InvalidPlan(
            f"{name} is not a plan: it is the journal of an apply.",
            f"Read it with `{command_on('show', name)}`, or undo it with "
            f"`{command_on('rollback', name)}`.",
        )
    return loads(text, name), failed_of(json.loads(text))


def failed_of(document: Mapping[str, Any]) -> tuple[FailedOrganisation, ...]:
    """Return the failed organisations in a plan document. Raises `InvalidPlan` if it is invalid."""
    try:
        return tuple(map(_failed_from_json, document.get("failed", ())))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidPlan(
            f"`failed` in the plan is not what xerosync writes ({type(error).__name__}).",
            "Create the plan again with `xerosync plan --out PLAN.json`.",
        ) from error


def _failed_from_json(data: Mapping[str, Any]) -> FailedOrganisation:
    texts = [data[name] for name in ("file", "organisation", "message", "hint")]
    tags = tuple(data.get("tags", ()))
    if not all(isinstance(text, str) for text in (*texts, *tags)):
        raise TypeError("text")
    file, name, message, hint = texts
    error = XerosyncError(message, hint)
    error.exit_code = ExitCode(data["exit_code"])
    return FailedOrganisation(file, name, error, tags)


def _names(plans: Sequence[Plan]) -> tuple[str, ...]:
    given = [plan.organisation.name or plan.file for plan in plans]
    count = Counter(given)
    return tuple(
        f"{name} ({plan.file})" if count[name] > 1 and plan.file != name else name
        for name, plan in zip(given, plans, strict=True)
    )


def _group_to_json(one: Group) -> Json:
    change, blocked = one.change, one.blocked
    return {
        "action": one.action,
        "code": one.code,
        "name": one.name,
        "standard": to_json(one.standard) if one.standard.file else None,
        "age": one.age,
        "destructive": one.destructive,
        "fields": [
            {
                "field": f.field,
                "after": f.after,
                **({"after_label": f.after_label} if f.after_label else {}),
                "before": [_before_to_json(before) for before in one.befores.get(f.field, ())],
            }
            for f in (change.fields if change else ())
        ],
        "reasons": list(change.reasons) if change else [],
        "warnings": list(change.warnings) if change else [],
        "rule": blocked.rule if blocked else "",
        "reason": blocked.reason if blocked else "",
        "hint": blocked.hint if blocked else "",
        **({"usage": one.usage.to_json()} if one.usage else {}),
        "organisations": len(one.plans),
        "members": [{"plan": m.plan, "index": m.index} for m in one.members],
    }


def _before_to_json(before: Before) -> Json:
    label = {"label": before.label} if before.label else {}
    return {"value": before.value, **label, "plans": list(before.plans)}
