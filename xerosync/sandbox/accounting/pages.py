"""Query parameters of contacts (pages, search, summary) and of items (decimal places)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xerosync.sandbox.accounting.where import Element, QueryError
from xerosync.sandbox.http.messages import Request

PAGE_SIZE = 100
LARGEST_PAGE = 1000
BAD_NUMBER = "{name} must be a number from 1 to {most}"
"""Our wording. Xero's own message is not documented."""
LAST_PAGE = 1_000_000
SEARCHED = ("Name", "FirstName", "LastName", "ContactNumber", "EmailAddress")
WITH_PAGES = ("SalesDefaultLineAmountType", "PurchasesDefaultLineAmountType")
"""Contact fields sent only in a page, in a summary, or for a contact read by its id."""
WITH_PAGES_ONLY = ("SalesDefaultAccountCode", "PurchasesDefaultAccountCode", "ContactPersons")
"""Contact fields sent only in a page without ``summaryOnly``, or for a contact read by its id.

This limit is not in Xero's OpenAPI description. The sandbox has it so that no client relies on
the fields in other responses.
"""


@dataclass(frozen=True, slots=True)
class Page:
    """The elements in a response. ``pagination`` is ``None`` for a response without pages."""

    elements: Sequence[Element]
    pagination: Mapping[str, int] | None = None


def whole(found: Sequence[Element], _: Request) -> Page:
    """Return all selected elements, for a collection that has no pages."""
    return Page(found)


def contacts(found: Sequence[Element], request: Request) -> Page:
    """Return the selected contacts: one page if the request asks for pages, else all of them."""
    parameters = request.parameters()
    ids = {one.strip().lower() for one in parameters.get("IDs", "").split(",") if one.strip()}
    term = parameters.get("searchTerm", "").strip().casefold()
    with_archived = parameters.get("includeArchived", "").lower() == "true"
    chosen = [
        each
        for each in found
        if (with_archived or each["ContactStatus"] != "ARCHIVED")
        and (not ids or each["ContactID"] in ids)
        and (not term or any(term in each.get(name, "").casefold() for name in SEARCHED))
    ]
    is_summary = parameters.get("summaryOnly", "").lower() == "true"
    if "page" not in parameters and "pageSize" not in parameters:
        hidden = WITH_PAGES_ONLY if is_summary else WITH_PAGES + WITH_PAGES_ONLY
        return Page(_without(chosen, hidden))
    number = _number(parameters, "page", 1, LAST_PAGE)
    size = _number(parameters, "pageSize", PAGE_SIZE, LARGEST_PAGE)
    shown = chosen[(number - 1) * size : number * size]
    if is_summary:
        shown = _without(shown, WITH_PAGES_ONLY)
    pages = -(-len(chosen) // size)
    counts = {"page": number, "pageSize": size, "pageCount": pages, "itemCount": len(chosen)}
    return Page(shown, counts)


def _without(elements: Sequence[Element], names: Sequence[str]) -> list[Element]:
    return [{n: value for n, value in each.items() if n not in names} for each in elements]


def _number(parameters: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = parameters.get(name, "").strip()
    if not text:
        return default
    if not (re.fullmatch(r"[0-9]{1,9}", text) and 1 <= int(text) <= most):
        raise QueryError(BAD_NUMBER.format(name=name, most=f"{most:,}"))
    return int(text)


def unit_prices(items: Sequence[Element], request: Request) -> Page:
    """Return the items, with prices rounded to two decimals, or to four with ``unitdp=4``."""
    digits = 4 if request.parameters().get("unitdp", "").strip() == "4" else 2
    return Page([_rounded(item, digits) for item in items])


def _rounded(item: Element, digits: int) -> Element:
    details = {
        name: item[name] | {"UnitPrice": round(item[name]["UnitPrice"], digits)}
        for name in ("SalesDetails", "PurchaseDetails")
        if "UnitPrice" in item[name]
    }
    return {**item, **details}
