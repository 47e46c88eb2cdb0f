"""Turns what was asked over HTTP into values, and values into what is answered.

``Call`` is what came in, ``Answer`` what goes out, ``Request`` the line in the log.
The bodies of errors are Xero's: developer.xero.com, "Response codes"; the 401 and 403
shapes as answered by the live API in tests of the Ruby SDKs; the validation exception
as in XeroAPI/Xero-OpenAPI#535. Their wording "could differ in formatting", says Xero.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

JSON = "application/json; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"
ACCOUNTING = "/api.xro/2.0"
PROVIDER = "xerosync sandbox"
NO_ID = "00000000-0000-0000-0000-000000000000"
NOT_FOUND = "The resource you're looking for cannot be found"
WRITES = frozenset({"PUT", "POST", "DELETE", "PATCH"})


class Delivery(Enum):
    """How much of an answer reaches the client."""

    WHOLE = "whole"
    TRUNCATED = "truncated"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request as it came in; header names in lower case, ``query`` undecoded."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def is_accounting(self) -> bool:
        """Whether it is for the accounting API, the one with limits."""
        return self.path.lower().startswith(f"{ACCOUNTING}/")

    def parameter(self, name: str) -> str:
        """Return a parameter of the query, decoded; ``""`` where it is missing."""
        return parse_qs(self.query, keep_blank_values=True).get(name, [""])[0]

    def form(self) -> dict[str, str]:
        """Return the fields of a form in the body; the first of each name counts."""
        fields = parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True)
        return {name: values[0] for name, values in fields.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One response as it goes out. ``fault`` names the fault that made or broke it."""

    status: int
    content_type: str = JSON
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delivery: Delivery = Delivery.WHOLE
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One line of the log: what was asked and what came of it.

    ``status`` is the one answered, or the one that a dropped answer would have had; 0
    where the call was dropped before anything was done. ``headers`` are the harmless
    ones, names in lower case; ``body`` is kept for accounting calls alone, so that the
    log holds no secret.
    """

    method: str
    path: str
    query: str
    status: int
    headers: Mapping[str, str]
    body: str
    at: float
    fault: str = ""

    @property
    def is_write(self) -> bool:
        """Whether it asked the accounting API to change something."""
        return self.method in WRITES and self.path.lower().startswith(f"{ACCOUNTING}/")


def json_answer(body: object, status: int = 200) -> Answer:
    """Return an answer in JSON."""
    return Answer(status=status, body=json.dumps(body, ensure_ascii=False).encode())


def text_answer(status: int, text: str) -> Answer:
    """Return an answer in plain text."""
    return Answer(status=status, content_type=TEXT, body=text.encode())


def envelope(name: str, elements: Sequence[Mapping[str, Any]], now_ms: int) -> Answer:
    """Return a 200 answer of the accounting API, its elements under their collection's name."""
    return json_answer(
        {
            "Id": str(uuid4()),
            "Status": "OK",
            "ProviderName": PROVIDER,
            "DateTimeUTC": f"/Date({now_ms})/",
            name: list(elements),
        }
    )


def problem(number: int, type_: str, message: str) -> Answer:
    """Return a 400 answer for a request that cannot be understood."""
    return json_answer({"ErrorNumber": number, "Type": type_, "Message": message}, 400)


def invalid(echo: Mapping[str, Any], messages: Sequence[str]) -> Answer:
    """Return a 400 answer for an account that breaks rules: the account as sent, all messages."""
    element = {**echo, "ValidationErrors": [{"Message": message} for message in messages]}
    return json_answer(
        {
            "ErrorNumber": 10,
            "Type": "ValidationException",
            "Message": "A validation exception occurred",
            "Elements": [{"AccountID": NO_ID} | element | {"AccountID": NO_ID}],
        },
        400,
    )


def unauthorized(detail: str) -> Answer:
    """Return a 401 answer: the token is bad, expired, or lacks a scope."""
    return json_answer(
        {
            "Type": None,
            "Title": "Unauthorized",
            "Status": 401,
            "Detail": detail,
            "Instance": str(uuid4()),
        },
        401,
    )


def forbidden() -> Answer:
    """Return a 403 answer: the tenant is missing, wrong, or no longer connected."""
    return json_answer(
        {
            "Type": None,
            "Title": "Forbidden",
            "Status": 403,
            "Detail": "AuthenticationUnsuccessful",
            "Instance": str(uuid4()),
        },
        403,
    )


def not_found() -> Answer:
    """Return a 404 answer, in plain text as Xero's."""
    return text_answer(404, NOT_FOUND)


def not_allowed(allowed: Sequence[str]) -> Answer:
    """Return a 405 answer naming what the path does allow."""
    answer = text_answer(405, "The HTTP method is not allowed for this resource.")
    return Answer(
        status=405,
        content_type=TEXT,
        body=answer.body,
        headers={"Allow": ", ".join(allowed)},
    )
