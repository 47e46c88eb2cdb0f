"""Drift and runs to look at: made of hostile names, and of many accounts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

from builders import account
from render.plans import hostile_plan, long_plan

from xerosync.apply.outcome import Result
from xerosync.apply.verify import AS_PLANNED
from xerosync.desired import Source
from xerosync.history.drift import Drift
from xerosync.history.runs import Run, RunCall
from xerosync.plan.plan import Action, Origin, Plan

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)


def drift_of(plan: Plan) -> Drift:
    """Return everything that a plan would do as drift."""
    changes = tuple(replace(change, origin=Origin.XERO) for change in plan.changes)
    return Drift(plan, AT, changes, plan.blocked, plan.unmanaged, pending=1)


@cache
def hostile_drift(attack: str) -> Drift:
    return drift_of(hostile_plan(attack))


@cache
def long_drift() -> Drift:
    return drift_of(long_plan(500))


@cache
def hostile_run(attack: str) -> Run:
    """Return a run in which every text is an attack."""
    before = account("200", attack, description=attack)
    call = RunCall(
        step=1, operation=Action.UPDATE, account_id=attack,
        values={"name": attack, "description": attack, "add_to_watchlist": True}, code=attack,
        name=attack, key=attack, before=before, result=Result.FAILED, after=before, sent_at=AT,
        ended_at=AT, messages=(attack, attack), correlation_id=attack, purpose=attack,
        source=Source(attack, 3, 1),
    )  # fmt: skip
    others = [
        replace(call, step=2, operation=Action.ARCHIVE, values={}, result=Result.DONE),
        replace(call, step=3, operation=Action.DELETE, values={}, result=None),
    ]
    plan = hostile_plan(attack)
    return Run(
        file=attack, tenant_id=attack, digest=attack, at=AT, calls=[call, *others], ended_at=AT,
        proof=attack, accounts=(before,), organisation=plan.organisation, xerosync_version=attack,
        actor=attack, approver=attack, commit=attack, job=attack, steps=4,
        skipped={4: (attack, attack)}, labels={4: attack},
    )  # fmt: skip


def whole_run() -> Run:
    """Return an ordinary run: two calls, both done and verified."""
    before = account("404", "Bank Fees")
    after = account("404", "Bank Charges")
    call = RunCall(
        step=1, operation=Action.UPDATE, account_id="id-404", values={"name": "Bank Charges"},
        code="404", name="Bank Charges", before=before, result=Result.DONE, after=after,
        sent_at=AT, ended_at=AT, correlation_id="c0ffee", source=Source("accounts.yaml", 12, 5),
    )  # fmt: skip
    plan = long_plan(1)
    return Run(
        file="accounts.yaml", tenant_id="tenant-1", digest="sha256:" + "0" * 64, at=AT,
        calls=[call, replace(call, step=2, operation=Action.ARCHIVE, values={})], ended_at=AT,
        proof=AS_PLANNED, accounts=(after,), organisation=plan.organisation,
        xerosync_version="0.1.0", actor="merger", approver="kim", commit="a" * 40,
        job="https://github.example/acme/books/actions/runs/11", steps=2,
    )  # fmt: skip
