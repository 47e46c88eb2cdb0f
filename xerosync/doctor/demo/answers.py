"""Turn what Xero answered into the answer to a question."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from xerosync.doctor.demo.port import RawAnswer
from xerosync.xero_behaviour import OTHER, XeroAnswer

REFUSED = "refused"


def found(answer: str, raw: RawAnswer) -> XeroAnswer:
    """Return the finding `answer`, with the status and texts of Xero's response `raw`."""
    return XeroAnswer(answer, raw.status, raw.texts)


def refused(raw: RawAnswer) -> XeroAnswer:
    """Return the finding for a call that failed: `refused` or `other`.

    The finding is `refused` if Xero gives a reason or the status is 400. Another failure, such as
    404 or 415, may say nothing about the question.
    """
    return found(REFUSED if raw.texts or raw.status == HTTPStatus.BAD_REQUEST else OTHER, raw)


def judged(raw: RawAnswer, done: str, **expected: Any) -> XeroAnswer:  # noqa: ANN401 JSON
    """Return the finding for a call: `done` if it succeeded and shows the expected fields.

    A success that does not show them is `other`. For a failed call, return what `refused` returns.
    """
    if not raw.done:
        return refused(raw)
    return found(done if shows(raw.account, expected) else OTHER, raw)


def deleted(raw: RawAnswer) -> XeroAnswer:
    """Return the finding for a call that deletes; the answer need not contain the account."""
    if raw.done and not raw.account:
        return found("deleted", raw)
    return judged(raw, "deleted", Status="DELETED")


def stored(raw: RawAnswer, field: str, value: object, *, yes: str = "stored") -> XeroAnswer:
    """Return the finding for setting a field: `yes`, `ignored`, or what `refused` returns."""
    if not raw.done:
        return refused(raw)
    return found(yes if shows(raw.account, {field: value}) else "ignored", raw)


def shows(account: Mapping[str, Any], expected: Mapping[str, Any]) -> bool:
    """Whether there is an account with these values. An absent field counts as "" or False."""
    return bool(account) and all(
        (account.get(field) or type(value)()) == value for field, value in expected.items()
    )
