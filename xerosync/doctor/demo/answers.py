"""Turn what Xero answered into the answer to a question."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from xerosync.doctor.demo.port import RawAnswer
from xerosync.xero_behaviour import OTHER, XeroAnswer

REFUSED = "refused"


def found(answer: str, raw: RawAnswer) -> XeroAnswer:
    """Return a finding with the status and texts of Xero's answer."""
    return XeroAnswer(answer, raw.status, raw.texts)


def refused(raw: RawAnswer) -> XeroAnswer:
    """Return the finding for a call that failed: refused, or another answer.

    Without a reason, only a bad request is a refusal: another failure, such as 404 or 415, may
    say nothing about the question.
    """
    is_refusal = raw.texts or raw.status == HTTPStatus.BAD_REQUEST
    return found(REFUSED if is_refusal else OTHER, raw)


def judged(raw: RawAnswer, done: str, **expected: Any) -> XeroAnswer:  # noqa: ANN401 JSON
    """Return `done` if Xero did it and its answer shows the expected fields, or `refused`.

    A success that does not show them is another answer.
    """
    if not raw.done:
        return refused(raw)
    return found(done if shows(raw.account, expected) else OTHER, raw)


def deleted(raw: RawAnswer) -> XeroAnswer:
    """Return whether Xero deleted an account; the answer need not contain the account."""
    if raw.done and not raw.account:
        return found("deleted", raw)
    return judged(raw, "deleted", Status="DELETED")


def stored(raw: RawAnswer, field: str, value: object, **words: str) -> XeroAnswer:
    """Return whether Xero stored a field, ignored it, or refused the call.

    `words` replaces the words `stored` and `ignored`.
    """
    if not raw.done:
        return refused(raw)
    yes, no = words.get("yes", "stored"), words.get("no", "ignored")
    return found(yes if shows(raw.account, {field: value}) else no, raw)


def shows(account: Mapping[str, Any], expected: Mapping[str, Any]) -> bool:
    """Whether an account has these values; an absent one is empty."""
    return bool(account) and all(
        (account.get(field) or empty(value)) == value for field, value in expected.items()
    )


def empty(value: object) -> object:
    """Return the empty value of the same kind."""
    return False if isinstance(value, bool) else ""
