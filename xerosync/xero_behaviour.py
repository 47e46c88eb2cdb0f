"""How Xero answers where its documentation does not say: the open questions, and a report.

`QUESTIONS` is the one table of open questions. `xerosync doctor --demo-company` asks a demo
company these questions and writes a report, `Behaviour`; a plan and the sandbox can follow it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from xerosync.text import whole

FORMAT_VERSION = "1.0"
OTHER = "other"
"""A possible answer to any question: what Xero did is none of the known answers."""

FROM_DEMO_COMPANY, FROM_SANDBOX = "demo company", "sandbox"
"""Who answered the questions of a report."""

MOST_TEXTS, LONGEST_TEXT = 20, 1000
"""A report keeps at most this many texts of a list, and this many characters of each text."""

_DATE = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
_COUNTRY = re.compile("[A-Z]{2}")
_VERSION = re.compile(r"1\.[0-9]{1,6}")


class Question(StrEnum):
    """An open question about Xero; the value is its name in a report."""

    POST_WITHOUT_ID = "post_without_id"
    POST_CODE_WITHOUT_ID = "post_code_without_id"
    CLEAR_DESCRIPTION = "clear_description"
    CLEAR_REPORTING_CODE = "clear_reporting_code"
    KNOWN_REPORTING_CODE = "known_reporting_code"
    UNKNOWN_REPORTING_CODE = "unknown_reporting_code"
    RETYPE_IN_CLASS = "retype_in_class"
    RETYPE_ACROSS_CLASSES = "retype_across_classes"
    RETYPE_TO_BANK = "retype_to_bank"
    ARCHIVED_CODE = "archived_code"
    ARCHIVED_NAME = "archived_name"
    CODE_CASE = "code_case"
    NAME_CASE = "name_case"
    SYMBOL_FIRST = "symbol_first"
    STATUS_WITH_DETAILS = "status_with_details"
    UPDATE_ARCHIVED = "update_archived"
    DELETE_UNUSED = "delete_unused"
    DELETE_ARCHIVED = "delete_archived"
    DELETE_LOCKED = "delete_locked"
    ARCHIVE_LOCKED = "archive_locked"
    TAX_MISMATCH = "tax_mismatch"
    PAYMENTS_ON_EXPENSE = "payments_on_expense"
    WATCHLIST_ON_PUT = "watchlist_on_put"
    BANK_RENAME = "bank_rename"
    BANK_NUMBER = "bank_number"
    BANK_TAX = "bank_tax"
    CREDIT_CARD = "credit_card"
    SYSTEM_RENAME = "system_rename"
    IDEMPOTENCY_SAME = "idempotency_same"
    IDEMPOTENCY_OTHER = "idempotency_other"
    MODIFIED_SINCE = "modified_since"
    CONNECTIONS_LISTED = "connections_listed"
    SCOPE_REQUESTED = "scope_requested"


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """What a question asks, and its answers; the first is what the sandbox assumes.

    `assumed_in` maps a country to the answer that the sandbox assumes there instead of the first.
    """

    asked: str
    answers: tuple[str, ...]
    assumed_in: Mapping[str, str] = field(default_factory=dict)


_TAKEN = ("accepted", "refused")
_REFUSED = ("refused", "accepted")

QUESTIONS: Mapping[Question, OpenQuestion] = MappingProxyType({
    Question.POST_WITHOUT_ID: OpenQuestion(
        "POST /Accounts with a new code and name, and no AccountID.", ("refused", "created")
    ),
    Question.POST_CODE_WITHOUT_ID: OpenQuestion(
        "POST /Accounts with the code of an existing account, and no AccountID.",
        ("refused", "updated"),
    ),
    Question.CLEAR_DESCRIPTION: OpenQuestion(
        "Update an account to have an empty Description.", ("cleared", "kept", "refused")
    ),
    Question.CLEAR_REPORTING_CODE: OpenQuestion(
        "Update an account to have an empty ReportingCode.",
        ("default", "cleared", "kept", "refused"),
    ),
    Question.KNOWN_REPORTING_CODE: OpenQuestion(
        "Update an account with a ReportingCode that another account of its class has.",
        ("stored", "ignored", "refused"),
    ),
    Question.UNKNOWN_REPORTING_CODE: OpenQuestion(
        "Update an account with a ReportingCode that does not exist, ZZZ.999.",
        ("stored", "ignored", "refused"),
    ),
    Question.RETYPE_IN_CLASS: OpenQuestion(
        "Change the Type of an account from EXPENSE to OVERHEADS, in the same class.", _TAKEN
    ),
    Question.RETYPE_ACROSS_CLASSES: OpenQuestion(
        "Change the Type of an account from EXPENSE to CURRENT, in another class.", _TAKEN
    ),
    Question.RETYPE_TO_BANK: OpenQuestion(
        "Change the Type of an account from CURRENT to BANK.", _REFUSED
    ),
    Question.ARCHIVED_CODE: OpenQuestion(
        "Create an account with a code that an archived account has.", _REFUSED
    ),
    Question.ARCHIVED_NAME: OpenQuestion(
        "Create an account with a name that an archived account has.", _REFUSED
    ),
    Question.CODE_CASE: OpenQuestion(
        "Create an account whose code differs from another's only in capital letters.", _REFUSED
    ),
    Question.NAME_CASE: OpenQuestion(
        "Create an account whose name differs from another's only in capital letters.", _REFUSED
    ),
    Question.SYMBOL_FIRST: OpenQuestion(
        "Create an account with a name that starts with a symbol.", _TAKEN
    ),
    Question.STATUS_WITH_DETAILS: OpenQuestion(
        "Update an account with the Status ARCHIVED and a new Name at once.", _REFUSED
    ),
    Question.UPDATE_ARCHIVED: OpenQuestion("Update the Name of an archived account.", _REFUSED),
    Question.DELETE_UNUSED: OpenQuestion(
        "Delete an account that nothing uses.", ("deleted", "refused")
    ),
    Question.DELETE_ARCHIVED: OpenQuestion(
        "Delete an archived account that nothing uses.", ("deleted", "refused")
    ),
    Question.DELETE_LOCKED: OpenQuestion(
        "Delete an account that a tracked inventory item uses.", ("refused", "deleted")
    ),
    Question.ARCHIVE_LOCKED: OpenQuestion(
        "Archive an account that a tracked inventory item uses.", _REFUSED
    ),
    Question.TAX_MISMATCH: OpenQuestion(
        "Create an EXPENSE account with a tax rate that does not apply to expenses.", _REFUSED
    ),
    Question.PAYMENTS_ON_EXPENSE: OpenQuestion(
        "Create an EXPENSE account with EnablePaymentsToAccount.",
        ("accepted", "refused", "ignored"),
    ),
    Question.WATCHLIST_ON_PUT: OpenQuestion(
        "Create an account with AddToWatchlist.", ("ignored", "stored", "refused")
    ),
    Question.BANK_RENAME: OpenQuestion("Update the Name of a bank account.", _TAKEN),
    Question.BANK_NUMBER: OpenQuestion("Update the BankAccountNumber of a bank account.", _TAKEN),
    Question.BANK_TAX: OpenQuestion(
        "Update the TaxType of a bank account.", ("refused", "accepted", "ignored")
    ),
    Question.CREDIT_CARD: OpenQuestion(
        "Create a credit card account with a card's last 4 digits.", _TAKEN, {"AU": "refused"}
    ),
    Question.SYSTEM_RENAME: OpenQuestion("Update the Name of a system account.", _TAKEN),
    Question.IDEMPOTENCY_SAME: OpenQuestion(
        "Send the same create twice with one Idempotency-Key.", ("replayed", "refused")
    ),
    Question.IDEMPOTENCY_OTHER: OpenQuestion(
        "Send another create with an Idempotency-Key that was used.", ("refused", "done")
    ),
    Question.MODIFIED_SINCE: OpenQuestion(
        "Read the accounts with an If-Modified-Since in the future.",
        ("empty", "not_modified", "everything"),
    ),
    Question.CONNECTIONS_LISTED: OpenQuestion(
        "Read /connections with a custom connection.", ("listed", "not_listed")
    ),
    Question.SCOPE_REQUESTED: OpenQuestion(
        "Request a custom connection's token with a scope.", _TAKEN
    ),
})  # fmt: skip
"""Each question: what is asked, and what may be answered."""


def assumption(question: Question, country: str = "") -> str:
    """Return the answer that the sandbox assumes in a country (two letters, or "")."""
    asked = QUESTIONS[question]
    return asked.assumed_in.get(country, asked.answers[0])


class BehaviourError(ValueError):
    """A document is not a valid report; the message says what is wrong, and where."""


@dataclass(frozen=True, slots=True)
class XeroAnswer:
    """What Xero answered to one question: the answer, the HTTP status, and its messages."""

    answer: str
    status: int = 0
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Behaviour:
    """A report on how Xero, or a sandbox, answered: when, in which country, and what.

    `source` says who answered, and `xerosync` which version asked. `main_job` has the outcome of
    each step from pull to rollback. `not_asked` has the reason for each question that was left out.
    `left_behind` are throw-away accounts that are archived, as Xero did not delete them.
    """

    date: str
    country: str
    source: str
    findings: Mapping[Question, XeroAnswer]
    xerosync: str = ""
    main_job: Mapping[str, str] = field(default_factory=dict)
    not_asked: Mapping[Question, str] = field(default_factory=dict)
    left_behind: tuple[str, ...] = ()

    def answer(self, question: Question) -> str | None:
        """Return the answer to a question, None if it was not asked or the answer is `other`."""
        finding = self.findings.get(question)
        return finding.answer if finding and finding.answer != OTHER else None

    def texts(self, question: Question) -> tuple[str, ...]:
        """Return the messages that Xero sent with its answer to a question."""
        finding = self.findings.get(question)
        return finding.texts if finding else ()

    def differs(self, question: Question) -> bool:
        """Whether Xero answered the question otherwise than the sandbox assumes."""
        finding = self.findings.get(question)
        return finding is not None and finding.answer != assumption(question, self.country)

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON, with the questions in the order of `QUESTIONS`."""
        return {
            "format_version": FORMAT_VERSION,
            "xerosync_version": self.xerosync,
            "date": self.date,
            "country": self.country,
            "source": self.source,
            "questions": {
                str(question): {
                    "asked": asked.asked,
                    "sandbox": assumption(question, self.country),
                    "xero": self.findings[question].answer,
                    "status": self.findings[question].status,
                    "texts": list(self.findings[question].texts),
                    "differs": self.differs(question),
                }
                for question, asked in QUESTIONS.items()
                if question in self.findings
            },
            "main_job": dict(self.main_job),
            "not_asked": {str(question): why for question, why in self.not_asked.items()},
            "left_behind": list(self.left_behind),
        }


def from_text(text: str) -> Behaviour:
    """Return the report that a text contains as JSON. Raises `BehaviourError` if it is invalid."""
    try:
        document = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise BehaviourError("It is not JSON.") from error
    return from_json(document)


def from_json(document: object) -> Behaviour:
    """Return the report that a JSON document contains. Raises `BehaviourError` if it is invalid.

    Values that `to_json` derives are not read. Questions that this version of xerosync does
    not know are ignored: a new minor `format_version` may add some.
    """
    report = _mapping(document, "The document")
    if not _VERSION.fullmatch(_text(report, "format_version")):
        raise BehaviourError(f"format_version is not {FORMAT_VERSION}, nor a later 1.x.")
    source = _text(report, "source")
    if source not in (FROM_DEMO_COMPANY, FROM_SANDBOX):
        raise BehaviourError(f"source is neither {FROM_DEMO_COMPANY!r} nor {FROM_SANDBOX!r}.")
    date, country = _text(report, "date"), _text(report, "country")
    if not _DATE.fullmatch(date):
        raise BehaviourError("date is not a date such as 2026-11-27.")
    if not _COUNTRY.fullmatch(country):
        raise BehaviourError("country is not a code of two capital letters, such as NZ.")
    asked = _mapping(report.get("questions"), "questions")
    not_asked = _mapping(report.get("not_asked", {}), "not_asked")
    main_job = _mapping(report.get("main_job", {}), "main_job")
    return Behaviour(
        date=date,
        country=country,
        source=source,
        findings={one: _finding(one, asked[one]) for one in Question if one in asked},
        xerosync=_text(report, "xerosync_version", ""),
        main_job={part: _text(main_job, part, where="main_job.") for part in main_job},
        not_asked={
            one: _text(not_asked, one, where="not_asked.") for one in Question if one in not_asked
        },
        left_behind=_texts(report.get("left_behind", []), "left_behind"),
    )


def _finding(question: Question, value: object) -> XeroAnswer:
    where = f"questions.{question}"
    found = _mapping(value, where)
    answer = _text(found, "xero", where=f"{where}.")
    known = (*QUESTIONS[question].answers, OTHER)
    if answer not in known:
        raise BehaviourError(f"{where}.xero is not one of {', '.join(known)}.")
    status = found.get("status", 0)
    if isinstance(status, bool) or not isinstance(status, int) or not 0 <= status <= 999:  # noqa: PLR2004 any status of HTTP
        raise BehaviourError(f"{where}.status is not an HTTP status.")
    return XeroAnswer(answer, status, _texts(found.get("texts", []), f"{where}.texts"))


def _mapping(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BehaviourError(f"{where} is not an object.")
    return value


def _text(found: Mapping[str, Any], key: str, default: str | None = None, where: str = "") -> str:
    value = found.get(key, default)
    if not isinstance(value, str):
        raise BehaviourError(f"{where}{key} is {'missing' if value is None else 'not text'}.")
    return whole(value[:LONGEST_TEXT])


def _texts(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise BehaviourError(f"{where} is not a list of strings.")
    return tuple(whole(text[:LONGEST_TEXT]) for text in value[:MOST_TEXTS])
