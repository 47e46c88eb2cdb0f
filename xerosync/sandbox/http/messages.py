"""Requests, responses and the log of the sandbox, and the bodies of Xero's errors.

The bodies of errors follow developer.xero.com, "Response codes". The bodies of 401 and 403 follow
responses recorded in the tests of the Ruby SDKs. The validation exception follows the issue
XeroAPI/Xero-OpenAPI#535. Xero says that error bodies "could differ in formatting".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

JSON = "application/json; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"
ACCOUNTING = "/api.xro/2.0"
PROVIDER = "xerosync sandbox"
NO_ID = "00000000-0000-0000-0000-000000000000"
DATE = re.compile(r"/Date\((-?\d+)(?:\+0000)?\)/")
"""A date in Xero's JSON, in milliseconds since 1970."""
WRITES = frozenset({"PUT", "POST", "DELETE", "PATCH"})


class BadRequest(ValueError):
    """The request cannot be understood: the text says why.

    ``number`` and ``type`` are the ErrorNumber and the Type of Xero's response.
    """

    number: int
    type: str


class Delivery(Enum):
    """How much of a response reaches the client."""

    WHOLE = "whole"
    TRUNCATED = "truncated"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request. The names of headers are in lower case. ``query`` is not decoded."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def is_accounting(self) -> bool:
        """Whether the request is for the accounting API."""
        return self.path.lower().startswith(f"{ACCOUNTING}/")

    def parameters(self) -> dict[str, str]:
        """Return the parameters of the query."""
        return _decoded(self.query)

    def form(self) -> dict[str, str]:
        """Return the fields of a form in the body."""
        return _decoded(self.body.decode("utf-8", "replace"))


def _decoded(encoded: str) -> dict[str, str]:
    fields = parse_qs(encoded, keep_blank_values=True)
    return {name: values[0] for name, values in fields.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One response to send. ``fault`` is the kind of the fault that hit the call, if any."""

    status: int
    content_type: str = JSON
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delivery: Delivery = Delivery.WHOLE
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One line of the log: a request and its result.

    ``status`` is the status of the response, even if a fault dropped the response. It is 0 if a
    fault dropped the connection before the request was processed. ``headers`` has a selection
    without secrets, with names in lower case. ``body`` is ``""`` for requests to the identity
    service, because they contain secrets.
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
        """Whether the request asked the accounting API to change something."""
        return self.method in WRITES and self.path.lower().startswith(f"{ACCOUNTING}/")


def json_response(body: object, status: int = 200) -> Response:
    """Return a response with a JSON body."""
    return Response(status=status, body=json.dumps(body, ensure_ascii=False).encode())


def text_response(status: int, text: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return a response with a plain-text body."""
    return Response(status=status, content_type=TEXT, body=text.encode(), headers=headers or {})


def envelope(
    name: str,
    elements: Sequence[Mapping[str, Any]],
    now_ms: int,
    pagination: Mapping[str, int] | None = None,
) -> Response:
    """Return a 200 response of the accounting API, with the elements under ``name``."""
    return json_response(
        {
            "Id": str(uuid4()),
            "Status": "OK",
            "ProviderName": PROVIDER,
            "DateTimeUTC": f"/Date({now_ms})/",
            **({"pagination": pagination} if pagination else {}),
            name: list(elements),
        }
    )


def bad_request(error: BadRequest) -> Response:
    """Return a 400 for a request that cannot be understood."""
    body = {"ErrorNumber": error.number, "Type": error.type, "Message": str(error)}
    return json_response(body, 400)


def validation_exception(
    echo: Mapping[str, Any], messages: Sequence[str], id_name: str = "AccountID"
) -> Response:
    """Return a 400 for an element of a request, such as an account, that breaks rules.

    The response repeats the fields in ``echo``, with an id of zeros, and lists the ``messages``.
    """
    element = {**echo, "ValidationErrors": [{"Message": message} for message in messages]}
    return json_response(
        {
            "ErrorNumber": 10,
            "Type": "ValidationException",
            "Message": "A validation exception occurred",
            "Elements": [{id_name: NO_ID} | element | {id_name: NO_ID}],
        },
        400,
    )


def unauthorized(detail: str) -> Response:
    """Return a 401: the token is invalid, has expired, or lacks a scope."""
    return _denied(401, "Unauthorized", detail)


def forbidden() -> Response:
    """Return a 403: the tenant is missing, wrong, or no longer connected."""
    return _denied(403, "Forbidden", "AuthenticationUnsuccessful")


def _denied(status: int, title: str, detail: str) -> Response:
    body = {"Type": None, "Title": title, "Status": status, "Detail": detail}
    return json_response(body | {"Instance": str(uuid4())}, status)


def no_header() -> Response:
    """Return the 400 that some custom connections get from /connections."""
    text = "Xero-User-Id and/or Xero-Tenant-Id header must be supplied"
    return _denied(400, "Bad Request", text)


def not_found() -> Response:
    """Return a 404, in plain text as Xero does."""
    return text_response(404, "The resource you're looking for cannot be found")


def rate_limited(limit: str, retry_after: int | None) -> Response:
    """Return a 429, with Retry-After unless ``retry_after`` is ``None``.

    The header X-Rate-Limit-Problem names the limit. ``concurrent`` means too many calls at once;
    this name is from the issue XeroAPI/xero-node#634.
    """
    headers = {"X-Rate-Limit-Problem": limit}
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return text_response(429, "Rate limit exceeded", headers)


def method_not_allowed(*allowed: str) -> Response:
    """Return a 405; its Allow header lists the methods that the path allows."""
    text = "The HTTP method is not allowed for this resource."
    return text_response(405, text, {"Allow": ", ".join(allowed)})
