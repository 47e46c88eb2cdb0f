"""Write plans as the JSON document that is saved, shown and applied, and read them back.

`format_version` is a promise: 1.1 would only add keys to 1.0, and 2.0 may break readers. A saved
document has the desired accounts, so that an apply can plan again from it. By its digest, an
edited document is noticed. The digest does not stop attackers, who can write another one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from textwrap import indent
from typing import Any, ClassVar, Protocol, TypeVar

from xerosync import __version__
from xerosync.desired import (
    DeleteRefused,
    DesiredAccount,
    DesiredChart,
    Limits,
    OrganisationPin,
    Source,
    Unmanaged,
)
from xerosync.errors import InvalidPlan
from xerosync.model import Account, Organisation
from xerosync.plan import estimate
from xerosync.plan.blocks import limits
from xerosync.plan.plan import Action, Blocked, Change, FieldChange, Origin, Plan, Step
from xerosync.plan.saved.checked import checked
from xerosync.plan.saved.digest import DigestOfPlans, digest
from xerosync.text import json_line, json_text, read_timestamp, timestamp
from xerosync.usage import AccountUsage, Requirement, UsageRead
from xerosync.xero_behaviour import from_json as behaviour_from_json

T = TypeVar("T")


class _Dataclass(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Any]]


FORMAT_VERSION = "1.0"
_GIVE_A_PLAN = "Give a file that `xerosync plan` or `xerosync rollback` wrote with --out."
_FOLDER = "Give one of the plans in the folder; `apply` and `show` also take the folder itself."
_SAVE_AGAIN = (
    "Save a new plan with the command that made this one: `xerosync plan --out …` or "
    "`xerosync rollback … --out …`."
)

Json = dict[str, Any]


def to_document(plans: Sequence[Plan], created_at: datetime, more: Json | None = None) -> Json:
    """Return the JSON document of these plans, with the further keys of `more`."""
    body = [_plan_to_json(plan) for plan in plans]
    of_all = digest(body, timestamp(created_at), (more or {}).get("failed", ()))
    return {**_head(created_at, of_all, more), "plans": body}


def _head(created_at: datetime, digest_of_all: str, more: Json | None) -> Json:
    return {
        "format_version": FORMAT_VERSION,
        "xerosync_version": __version__,
        "created_at": timestamp(created_at),
        "digest": digest_of_all,
        **(more or {}),
    }


def document_text(plans: Sequence[Plan], created_at: datetime, more: Json | None = None) -> str:
    """Return the document of these plans as text, with the further keys of `more`.

    The text is made one plan at a time, to save memory. Of several plans, each is on one line.
    """
    of_all = DigestOfPlans(timestamp(created_at), (more or {}).get("failed", ()))
    write = _plan_writer(plans)
    parts = []
    for plan in plans:
        body = _plan_to_json(plan)
        of_all.add(body)
        parts.append(write(body))
    return _with_plans(_head(created_at, of_all.end(), more), parts)


def text_with(head: Json, plans: Sequence[Json]) -> str:
    """Return the same text as `document_text`, from plans that are already JSON."""
    return _with_plans(head, [*map(_plan_writer(plans), plans)])


def _plan_writer(plans: Sequence[object]) -> Callable[[Json], str]:
    write = json_line if len(plans) > 1 else json_text
    return lambda body: indent(write(body).rstrip("\n"), "    ")


def _with_plans(head: Json, parts: Sequence[str]) -> str:
    text = json_text({**head, "plans": []})
    if not parts:
        return text
    return "".join((text.removesuffix("]\n}\n"), "\n", ",\n".join(parts), "\n  ]\n}\n"))


def digest_of(plans: Sequence[Plan], created_at: str = "", failed: Sequence[object] = ()) -> str:
    """Return the `digest` of these plans."""
    return digest(map(_plan_to_json, plans), created_at, failed)


def loads(text: str, name: str = "the plan") -> tuple[Plan, ...]:
    """Return the plans of a saved document. Raises `InvalidPlan` if it is invalid or was edited."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        if text.lstrip()[:1] != "{":
            raise InvalidPlan(f"{name} is not a plan: it is not JSON.", _GIVE_A_PLAN) from error
        raise InvalidPlan(
            f"{name} is not a plan: its JSON cannot be read. The file may be truncated.",
            _SAVE_AGAIN,
        ) from error
    if not isinstance(document, dict) or not {"format_version", "plans"} <= document.keys():
        raise InvalidPlan(
            f"{name} is not a plan: it has no format_version or no plans.", _GIVE_A_PLAN
        )
    if "kind" in document:
        raise InvalidPlan(f"{name} is the index of a folder of plans.", _FOLDER)
    version = str(document["format_version"])
    if version.split(".", maxsplit=1)[0] != FORMAT_VERSION.split(".", maxsplit=1)[0]:
        raise InvalidPlan(
            f"{name} has the plan format {version}; this xerosync reads {FORMAT_VERSION}.",
            f"It was made by xerosync {document.get('xerosync_version', 'of another version')}: "
            "make and apply a plan with the same version.",
        )
    body = document.get("plans")
    if not isinstance(body, list) or not _digest_matches(document):
        raise InvalidPlan(
            f"{name} was changed after it was saved: its digest does not match.",
            f"A plan is reviewed as a whole and cannot be edited. {_SAVE_AGAIN}",
        )
    try:
        return tuple(_plan_from_json(plan) for plan in body)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        raise InvalidPlan(
            f"{name} is not a plan that this version can read ({type(error).__name__}: {error}).",
            _SAVE_AGAIN,
        ) from error


def digest_and_date(text: str) -> tuple[str, str]:
    """Return the digest and the time of creation of a document that `loads` accepts."""
    document = json.loads(text)
    return str(document["digest"]), str(document.get("created_at", ""))


def _digest_matches(document: Mapping[str, Any]) -> bool:
    """Whether the digest matches. An older digest may not cover `failed` or `created_at`."""
    plans, promised = document["plans"], document.get("digest")
    created_at, failed = str(document.get("created_at", "")), document.get("failed", ())
    try:
        covered = (created_at, failed), (created_at,), ()
        return promised in [digest(plans, *one) for one in covered]
    except RecursionError:
        return False


def _plan_to_json(plan: Plan) -> Json:
    entry_of = {id(entry): index for index, entry in enumerate(plan.desired.accounts)}
    calls = estimate.measure(plan)
    return {
        "file": plan.file,
        "organisation": to_json(plan.organisation),
        "summary": dict(plan.summary),
        "changes": [_change_to_json(c, entry_of.get(id(c.desired))) for c in plan.changes],
        "blocked": [to_json(blocked) for blocked in plan.blocked],
        "unmanaged": [
            {"code": a.code, "name": a.name, "account_id": a.account_id, "type": a.type}
            for a in plan.unmanaged
        ],
        **({"left_file": list(plan.left_file)} if plan.left_file else {}),
        **({"usage": plan.usage.to_json()} if plan.usage else {}),
        "limits": [
            {"limit": b.limit, "found": b.found, "allowed": b.allowed, "flag": b.flag}
            for b in limits.check(plan)
        ],
        "calls": {"count": calls.count, "seconds": calls.seconds},
        "notes": list(plan.desired.notes),
        "steps": [to_json(step) for step in plan.steps],
        "active": plan.active,
        "desired": desired_to_json(plan.desired),
    }


def to_json(value: _Dataclass) -> Json:
    """Return the fields of a dataclass as JSON.

    Empty fields of an account are left out, and so are rarely used fields with their default
    value, and what a saved plan does not need: `DesiredAccount.standard`, `Organisation.timezone`.
    """
    fields = value.__dataclass_fields__
    given = {n: getattr(value, n) for n in fields if n not in {"standard", "timezone"}}
    if isinstance(value, Account):
        given = {name: item for name, item in given.items() if item not in ("", False, None)}
    rare = _RARE.get(type(value), {})
    return {
        name: _to_json(item)
        for name, item in given.items()
        if name not in rare or item != rare[name]
    }


_RARE: Mapping[type, Json] = {
    DesiredAccount: {
        "inherited": Source(), "origins": {}, "reasons": (), "initial": {}, "optional": False,
        "known_as": None, "overridden": (), "overridable": True, "archive_waiver": "",
    },
    OrganisationPin: {"country": ""},
    Limits: {"organisations": Limits().organisations},
    Blocked: {"usage": None},
    FieldChange: {"before_label": "", "after_label": ""},
}  # fmt: skip
"""Rarely used fields, with their default values."""


def _to_json(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Mapping):
        return {name: _to_json(item) for name, item in value.items()}
    if isinstance(value, AccountUsage):
        return value.to_json()
    return to_json(value) if isinstance(value, Source) else value


def _change_to_json(change: Change, entry: int | None) -> Json:
    return {
        "action": change.action,
        "code": change.code,
        "name": change.name,
        "account_id": change.account_id,
        "source": to_json(change.source),
        "fields": [to_json(changed) for changed in change.fields],
        "reasons": list(change.reasons),
        "warnings": list(change.warnings),
        "origin": change.origin,
        "account": to_json(change.account) if change.account else None,
        "entry": entry,
        **({"usage": change.usage.to_json()} if change.usage else {}),
    }


def desired_to_json(desired: DesiredChart) -> Json:
    """Return a desired chart as JSON, without its `file`."""
    return {
        "organisation": to_json(desired.organisation),
        "unmanaged": desired.unmanaged,
        "on_delete_refused": desired.delete_refused,
        "limits": to_json(desired.limits),
        "partial": desired.partial,
        "notes": list(desired.notes),
        **({"standard": desired.standard} if desired.standard else {}),
        **({"tags": list(desired.tags)} if desired.tags else {}),
        **({"profile": desired.profile} if desired.profile else {}),
        **({"behaviour": desired.behaviour.to_json()} if desired.behaviour else {}),
        **({"omitted": [to_json(entry) for entry in desired.omitted]} if desired.omitted else {}),
        **(
            {"archive_requires": list(desired.archive_requires)} if desired.archive_requires else {}
        ),
        "accounts": [to_json(entry) for entry in desired.accounts],
    }


def account_from_json(data: Mapping[str, Any]) -> Account:
    """Return the account that `to_json` wrote."""
    moment = data.get("updated_at")
    return _read(Account, data, updated_at=read_timestamp(moment) if moment else None)


def organisation_from_json(data: Mapping[str, Any]) -> Organisation:
    """Return the organisation that `to_json` wrote."""
    return _read(Organisation, {"name": "", **data})


def source_from_json(data: Mapping[str, Any]) -> Source:
    """Return the source that `to_json` wrote."""
    return _read(Source, data)


def desired_from_json(data: Mapping[str, Any], file: str) -> DesiredChart:
    """Return the chart that `desired_to_json` wrote."""
    return DesiredChart(
        file=file,
        organisation=_read_with_source(OrganisationPin, data["organisation"]),
        unmanaged=Unmanaged(data["unmanaged"]),
        delete_refused=DeleteRefused(data["on_delete_refused"]),
        limits=_read(Limits, data["limits"]),
        partial=data.get("partial", False),
        notes=tuple(data.get("notes", ())),
        standard=data.get("standard", ""),
        tags=tuple(data.get("tags", ())),
        profile=data.get("profile", ""),
        behaviour=behaviour_from_json(data["behaviour"]) if "behaviour" in data else None,
        omitted=tuple(map(_entry_from_json, data.get("omitted", ()))),
        archive_requires=tuple(map(Requirement, data.get("archive_requires", ()))),
        accounts=tuple(map(_entry_from_json, data["accounts"])),
    )


def _entry_from_json(data: Mapping[str, Any]) -> DesiredAccount:
    return _read_with_source(
        DesiredAccount,
        data,
        previously=tuple(data["previously"]),
        inherited=source_from_json(data.get("inherited", {})),
        origins={name: source_from_json(at) for name, at in data.get("origins", {}).items()},
        reasons=tuple(data.get("reasons", ())),
        overridden=tuple((code, name) for code, name in data.get("overridden", ())),
    )


def _read(kind: type[T], data: Mapping[str, Any], **given: object) -> T:
    """Return a dataclass from JSON. Ignore unknown keys: a later minor format may add keys."""
    names: Mapping[str, Any] = kind.__dataclass_fields__  # type: ignore[attr-defined]
    return kind(**{name: item for name, item in data.items() if name in names} | given)


def _read_with_source(kind: type[T], data: Mapping[str, Any], **given: object) -> T:
    return _read(kind, data, source=source_from_json(data["source"]), **given)


def _plan_from_json(data: Mapping[str, Any]) -> Plan:
    desired = desired_from_json(data["desired"], data["file"])
    plan = Plan(
        organisation=organisation_from_json(data["organisation"]),
        desired=desired,
        changes=tuple(_change_from_json(change, desired) for change in data["changes"]),
        blocked=tuple(
            _read_with_source(Blocked, blocked, usage=_usage_from_json(blocked))
            for blocked in data["blocked"]
        ),
        unmanaged=tuple(account_from_json(account) for account in data["unmanaged"]),
        unchanged=data["summary"]["unchanged"],
        active=data["active"],
        steps=tuple(_step_from_json(step) for step in data["steps"]),
        left_file=tuple(data.get("left_file", ())),
        usage=UsageRead.from_json(data["usage"]) if data.get("usage") else None,
    )
    _check_steps(plan)
    return checked(plan)


def _check_steps(plan: Plan) -> None:
    """Raise `ValueError` if a step has a number, a change or needs that do not fit the plan."""
    if [step.number for step in plan.steps] != [*range(1, len(plan.steps) + 1)]:
        raise ValueError("steps")
    for step in plan.steps:
        earlier = range(1, step.number)
        if step.change not in range(len(plan.changes)) or not set(step.needs) <= {*earlier}:
            raise ValueError(f"step {step.number}")


def _change_from_json(data: Mapping[str, Any], desired: DesiredChart) -> Change:
    entry = data["entry"]
    return Change(
        action=Action(data["action"]),
        account=account_from_json(data["account"]) if data["account"] else None,
        desired=None if entry is None else desired.accounts[entry],
        fields=tuple(_read(FieldChange, changed) for changed in data["fields"]),
        reasons=tuple(data["reasons"]),
        warnings=tuple(data["warnings"]),
        origin=Origin(data["origin"]),
        usage=_usage_from_json(data),
    )


def _usage_from_json(data: Mapping[str, Any]) -> AccountUsage | None:
    return AccountUsage.from_json(data["usage"]) if data.get("usage") else None


def _step_from_json(data: Mapping[str, Any]) -> Step:
    return _read(
        Step,
        data,
        operation=Action(data["operation"]),
        needs=tuple(data["needs"]),
        fallback=Action(data["fallback"]) if data["fallback"] else None,
    )
