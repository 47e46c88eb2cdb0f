"""Select and sort the elements of a collection as a request asks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from xerosync.sandbox.accounting.where import Element, Fields, QueryError
from xerosync.sandbox.http.messages import Request

DIRECTIONS = {"": False, "ASC": False, "ASCENDING": False, "DESC": True, "DESCENDING": True}
UPDATED = Fields("Element", DATE="UpdatedDateUTC").field("UpdatedDateUTC")


def select(elements: Sequence[Element], fields: Fields, request: Request) -> list[Element]:
    """Return the elements that a request selects, in the requested order.

    If-Modified-Since applies only to elements that have an ``UpdatedDateUTC``.
    """
    since = modified_since(request.headers.get("if-modified-since", ""))
    parameters = request.parameters()
    chosen = [each for each in elements if (UPDATED.value(each) or since) >= since]
    if where := parameters.get("where", "").strip():
        test = fields.test(where)
        chosen = [each for each in chosen if test(each)]
    for term in reversed(parameters.get("order", "").split(",")):
        if term.strip():
            _sort(chosen, fields, *term.split())
    return chosen


def _sort(elements: list[Element], fields: Fields, word: str, *directions: str) -> None:
    """Sort by one field. In ascending order, elements without a value come first."""
    field = fields.field(word)
    direction = " ".join(directions).upper()
    if direction not in DIRECTIONS:
        raise QueryError(f"Syntax error near {direction!r}")

    def key(element: Element) -> tuple[bool, object]:
        value = field.value(element)
        return value is not None, value

    elements.sort(key=key, reverse=DIRECTIONS[direction])


def modified_since(text: str) -> float:
    """Return the time in an If-Modified-Since header, in milliseconds since 1970.

    The format is RFC 1123 or ISO 8601. A time without a zone is UTC (Xero docs, Requests and
    responses). Return 0 for an invalid header, as HTTP requires that a server ignores it.
    """
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text.strip())
        except (ValueError, OverflowError):
            continue
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000
    return 0
