"""Plans ↔ the JSON document that is saved, shown and applied.

`format_version` is a promise: a new minor only adds keys, a new major breaks. A saved
document carries everything that the plan was made of on the file's side, so that an apply
can plan again from it, and a digest, so that a cut or edited one is noticed. The digest
guards against accidents, not against an attacker: whoever can write the file can write
the digest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from xerosync import __version__
from xerosync.errors import InvalidPlan
from xerosync.model import (
    Account,
    DeleteRefused,
    DesiredAccount,
    DesiredChart,
    Limits,
    Organisation,
    OrganisationPin,
    Source,
    Unmanaged,
)
from xerosync.plan import estimate, limits
from xerosync.plan.plan import Action, Blocked, Change, FieldChange, Origin, Plan, Step
from xerosync.text import timestamp, visible_json

FORMAT_VERSION = "1.0"

Json = dict[str, Any]


def to_document(plans: Sequence[Plan], created_at: datetime) -> Json:
    """Give the JSON document of plans, one for each file."""
    body = [_plan_to_json(plan) for plan in plans]
    return {
        "format_version": FORMAT_VERSION,
        "xerosync_version": __version__,
        "created_at": timestamp(created_at),
        "digest": digest(body),
        "plans": body,
    }


def dumps(document: Mapping[str, Any]) -> str:
    """Write a document as text: the same document gives the same bytes."""
    return visible_json(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def digest(plans: Sequence[Mapping[str, Any]]) -> str:
    """Give the digest of plans: equal plans, made at whatever time, have equal digests."""
    canonical = json.dumps(plans, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()


def digest_of(plans: Sequence[Plan]) -> str:
    """Give the digest that the document of these plans carries."""
    return digest([_plan_to_json(plan) for plan in plans])


def loads(text: str, name: str = "the plan") -> tuple[Plan, ...]:
    """Read a saved document. Raises `InvalidPlan` for anything that is not one, whole."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        cut = "it ends in the middle: was it cut short?" if text.lstrip()[:1] == "{" else ""
        raise InvalidPlan(
            f"{name} is not a plan: not JSON{', ' + cut if cut else '.'}",
            "Make it again with `xerosync plan --out PLAN.json`.",
        ) from error
    if not isinstance(document, dict) or "format_version" not in document:
        raise InvalidPlan(
            f"{name} is not a plan: it has no format_version.",
            "Give the file that `xerosync plan --out PLAN.json` wrote.",
        )
    version = str(document["format_version"])
    if version.split(".", maxsplit=1)[0] != FORMAT_VERSION.split(".", maxsplit=1)[0]:
        raise InvalidPlan(
            f"{name} has the plan format {version}; this xerosync reads {FORMAT_VERSION}.",
            f"It was made by xerosync {document.get('xerosync_version', 'of another version')}: "
            "plan and apply with the same version.",
        )
    body = document.get("plans")
    if not isinstance(body, list) or not _untouched(body, document.get("digest")):
        raise InvalidPlan(
            f"{name} is not as it was saved: its digest does not match.",
            "A plan is reviewed as a whole and cannot be edited. Change accounts.yaml and make "
            "it again with `xerosync plan --out PLAN.json`.",
        )
    try:
        return tuple(_plan_from_json(plan) for plan in body)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise InvalidPlan(
            f"{name} is not a plan that this version can read ({type(error).__name__}: {error}).",
            "Make it again with `xerosync plan --out PLAN.json`.",
        ) from error


def created_at(text: str) -> str:
    """Give when a document that `loads` takes was made, as it says."""
    return str(json.loads(text).get("created_at", ""))


def _untouched(body: Sequence[Mapping[str, Any]], promised: object) -> bool:
    """Tell whether the digest matches; what is nested too deep to write was never ours."""
    try:
        return digest(body) == promised
    except RecursionError:
        return False


def _plan_to_json(plan: Plan) -> Json:
    place = {id(entry): index for index, entry in enumerate(plan.desired.accounts)}
    return {
        "file": plan.file,
        "organisation": to_json(plan.organisation),
        "summary": dict(plan.summary),
        "changes": [_change_to_json(c, place.get(id(c.desired))) for c in plan.changes],
        "blocked": [_blocked_to_json(b) for b in plan.blocked],
        "unmanaged": [
            {"code": a.code, "name": a.name, "account_id": a.account_id, "type": a.type}
            for a in plan.unmanaged
        ],
        "limits": [
            {"limit": b.limit, "found": b.found, "allowed": b.allowed, "flag": b.flag}
            for b in limits.check(plan)
        ],
        "calls": _calls_to_json(estimate.measure(plan)),
        "notes": list(plan.desired.notes),
        "steps": [_step_to_json(step) for step in plan.steps],
        "active": plan.active,
        "desired": desired_to_json(plan.desired),
    }


def to_json(value: Account | Organisation | OrganisationPin | Limits | Source) -> Json:
    """Give a flat dataclass of the model as JSON; empty fields are left out of accounts."""
    fields = {name: getattr(value, name) for name in value.__dataclass_fields__}
    if isinstance(value, Account):
        fields["updated_at"] = value.updated_at.isoformat() if value.updated_at else ""
        fields = {name: item for name, item in fields.items() if item not in ("", False)}
    if isinstance(value, OrganisationPin):
        fields["source"] = to_json(value.source)
    return fields


def _known(kind: type, data: Mapping[str, Any]) -> Json:
    """Leave out the keys that a later minor of the format has added."""
    names: Mapping[str, Any] = kind.__dataclass_fields__  # type: ignore[attr-defined]
    return {name: item for name, item in data.items() if name in names}


def account_from_json(data: Mapping[str, Any]) -> Account:
    """Read an account that `to_json` wrote."""
    moment = data.get("updated_at")
    at = datetime.fromisoformat(moment) if moment else None
    return Account(**{**_known(Account, data), "updated_at": at})


def source_from_json(data: Mapping[str, Any]) -> Source:
    """Read a place that `to_json` wrote."""
    return Source(**_known(Source, data))


def organisation_from_json(data: Mapping[str, Any]) -> Organisation:
    """Read an organisation that `to_json` wrote."""
    return Organisation(**{"name": "", **_known(Organisation, data)})


def _calls_to_json(found: estimate.Effort) -> Json:
    return {"count": found.count, "seconds": found.seconds}


def _change_to_json(change: Change, entry: int | None) -> Json:
    return {
        "action": change.action,
        "code": change.code,
        "name": change.name,
        "account_id": change.account_id,
        "source": to_json(change.source),
        "fields": [_field_to_json(changed) for changed in change.fields],
        "reasons": list(change.reasons),
        "warnings": list(change.warnings),
        "origin": change.origin,
        "account": to_json(change.account) if change.account else None,
        "entry": entry,
    }


def _field_to_json(changed: FieldChange) -> Json:
    labels = {"before_label": changed.before_label, "after_label": changed.after_label}
    return {
        "field": changed.field,
        "before": changed.before,
        "after": changed.after,
        **{name: label for name, label in labels.items() if label},
    }


def _blocked_to_json(blocked: Blocked) -> Json:
    return {
        "code": blocked.code,
        "name": blocked.name,
        "account_id": blocked.account_id,
        "source": to_json(blocked.source),
        "rule": blocked.rule,
        "reason": blocked.reason,
        "hint": blocked.hint,
    }


def _step_to_json(step: Step) -> Json:
    return {
        "number": step.number,
        "change": step.change,
        "operation": step.operation,
        "account_id": step.account_id,
        "values": dict(step.values),
        "needs": list(step.needs),
        "purpose": step.purpose,
        "fallback": step.fallback,
    }


def desired_to_json(desired: DesiredChart) -> Json:
    """Give what a file asks for as JSON; the file's name is not part of it."""
    return {
        "organisation": to_json(desired.organisation),
        "unmanaged": desired.unmanaged,
        "on_delete_refused": desired.delete_refused,
        "limits": to_json(desired.limits),
        "partial": desired.partial,
        "notes": list(desired.notes),
        "accounts": [
            {
                "values": dict(entry.values),
                "status": entry.status,
                "account_id": entry.account_id,
                "system_account": entry.system_account,
                "previously": list(entry.previously),
                "protect": entry.protect,
                "source": to_json(entry.source),
            }
            for entry in desired.accounts
        ],
    }


def _plan_from_json(data: Mapping[str, Any]) -> Plan:
    desired = desired_from_json(data["desired"], data["file"])
    return Plan(
        organisation=organisation_from_json(data["organisation"]),
        desired=desired,
        changes=tuple(_change_from_json(change, desired) for change in data["changes"]),
        blocked=tuple(
            Blocked(**{**_known(Blocked, blocked), "source": source_from_json(blocked["source"])})
            for blocked in data["blocked"]
        ),
        unmanaged=tuple(account_from_json(account) for account in data["unmanaged"]),
        unchanged=data["summary"]["unchanged"],
        active=data["active"],
        steps=tuple(_step_from_json(step) for step in data["steps"]),
    )


def _change_from_json(data: Mapping[str, Any], desired: DesiredChart) -> Change:
    entry = data["entry"]
    return Change(
        action=Action(data["action"]),
        account=account_from_json(data["account"]) if data["account"] else None,
        desired=None if entry is None else desired.accounts[entry],
        fields=tuple(FieldChange(**_known(FieldChange, changed)) for changed in data["fields"]),
        reasons=tuple(data["reasons"]),
        warnings=tuple(data["warnings"]),
        origin=Origin(data["origin"]),
    )


def _step_from_json(data: Mapping[str, Any]) -> Step:
    return Step(
        number=data["number"],
        change=data["change"],
        operation=Action(data["operation"]),
        account_id=data["account_id"],
        values=dict(data["values"]),
        needs=tuple(data["needs"]),
        purpose=data["purpose"],
        fallback=Action(data["fallback"]) if data["fallback"] else None,
    )


def desired_from_json(data: Mapping[str, Any], file: str) -> DesiredChart:
    """Read what `desired_to_json` wrote."""
    pin = data["organisation"]
    return DesiredChart(
        file=file,
        organisation=OrganisationPin(
            **{**_known(OrganisationPin, pin), "source": source_from_json(pin["source"])}
        ),
        unmanaged=Unmanaged(data["unmanaged"]),
        delete_refused=DeleteRefused(data["on_delete_refused"]),
        limits=Limits(**_known(Limits, data["limits"])),
        partial=data.get("partial", False),
        notes=tuple(data.get("notes", ())),
        accounts=tuple(
            DesiredAccount(
                values=dict(entry["values"]),
                status=entry["status"],
                account_id=entry["account_id"],
                system_account=entry["system_account"],
                previously=tuple(entry["previously"]),
                protect=entry["protect"],
                source=source_from_json(entry["source"]),
            )
            for entry in data["accounts"]
        ),
    )
