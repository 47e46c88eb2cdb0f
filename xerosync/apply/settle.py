"""Settle an unknown outcome: read from the chart whether a step took effect."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from xerosync.apply.outcome import Outcome, Result
from xerosync.model import FIELD, Account, Status, code_key, name_key
from xerosync.plan.plan import Action, Step


def settle(outcome: Outcome, accounts: Iterable[Account]) -> Outcome:
    """Return an outcome with its unknown result replaced by what the chart shows."""
    if outcome.result is not Result.UNKNOWN:
        return outcome
    if account := _effect_of(outcome.step, accounts):
        return replace(outcome, result=Result.DONE, account=account, messages=(), settled=True)
    message = "The chart shows that it did not take effect."
    return replace(outcome, result=Result.FAILED, messages=(*outcome.messages, message))


def _effect_of(step: Step, accounts: Iterable[Account]) -> Account | None:
    """Return the account as the step leaves it, if the chart shows exactly that."""
    if step.operation is Action.CREATE:
        wanted = code_key(str(step.values.get("code", ""))), name_key(str(step.values["name"]))
        for account in accounts:
            if (code_key(account.code), name_key(account.name)) == wanted:
                return account if account.status == Status.ACTIVE else None
        return None
    found = {account.account_id: account for account in accounts}.get(step.account_id)
    if step.operation is Action.DELETE:
        return None if found else Account(step.account_id, status=Status.DELETED)
    if found is None:
        return None
    if step.operation is Action.UPDATE:
        as_sent = all(
            FIELD[name].comparable(found.value(name)) == FIELD[name].comparable(value)
            for name, value in step.values.items()
        )
        return found if as_sent else None
    status = Status.ARCHIVED if step.operation is Action.ARCHIVE else Status.ACTIVE
    return found if found.status == status else None
