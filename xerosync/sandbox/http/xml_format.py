"""XML, Xero's default format for requests and responses.

A request is XML unless its Content-Type is JSON. Data in a response is XML unless the request's
Accept header prefers JSON (developer.xero.com, "Requests and responses"). The elements are as in
recorded responses in the tests of pyxero and of the Ruby SDKs. The errors 401 and 403 are always
JSON, as in the tests of the Ruby SDKs. XML with a document type is refused: it may have entities.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn
from xml.etree.ElementTree import Element, SubElement, TreeBuilder, tostring
from xml.parsers import expat

from xerosync.sandbox.http.messages import DATE, Request, Response

XML = "text/xml; charset=utf-8"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
MEDIA_TYPES = {"application/json": "json", "text/json": "json"} | {
    "application/xml": "xml", "text/xml": "xml",
}  # fmt: skip
MAX_DEPTH = 10
SINGULARS = {"Addresses": "Address", "Elements": "DataContractBase"}
"""The lists whose elements do not have the name that ``_add`` would make, and their name."""
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""The characters that XML does not allow."""


def is_json(request: Request) -> bool:
    """Whether the Content-Type of a request is JSON."""
    return MEDIA_TYPES.get(_media_type(request.headers.get("content-type", ""))) == "json"


def is_wanted(request: Request) -> bool:
    """Whether a request wants an XML response. It does unless its Accept header prefers JSON."""
    accepted = []
    for term in request.headers.get("accept", "").split(","):
        quality = re.search(r";\s*q\s*=\s*([01](?:\.\d*)?)\s*(?:;|$)", term)
        accepted.append((-float(quality[1]) if quality else -1.0, _media_type(term)))
    # The sort is stable: of media types with the same quality, the first counts.
    accepted.sort(key=lambda pair: pair[0])
    return [MEDIA_TYPES[media] for _, media in accepted if media in MEDIA_TYPES][:1] != ["json"]


def _media_type(header: str) -> str:
    return header.partition(";")[0].strip().lower()


def converted(response: Response) -> Response:
    """Return the response as XML if it is JSON with a body; otherwise return it unchanged."""
    if not (response.body and response.content_type.startswith("application/json")):
        return response
    data = json.loads(response.body)
    root = Element("ApiException" if "ErrorNumber" in data else "Response", {"xmlns:xsi": XSI})
    _add(root, data)
    return replace(response, content_type=XML, body=tostring(root, encoding="utf-8"))


def _add(parent: Element, value: object) -> None:
    """Add a JSON value to an XML element."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            _add(SubElement(parent, name), inner)
    elif isinstance(value, list):
        name = SINGULARS.get(parent.tag) or re.sub("ies$", "ys", parent.tag).removesuffix("s")
        kind = {"xsi:type": "Account"} if name == "DataContractBase" else {}
        for inner in value:
            _add(SubElement(parent, name, kind), inner)
    elif value is not None:
        parent.text = _text(parent.tag, value)


def _text(name: str, value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    if "Date" in name and (match := DATE.fullmatch(text)):
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(match[1]))
        return moment.replace(tzinfo=None).isoformat(timespec="milliseconds")
    return FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)


def parsed(body: bytes) -> Element:
    """Return the root element of a body; raise ``ValueError`` if it is invalid or unsafe XML."""
    builder = TreeBuilder()
    parser = expat.ParserCreate()
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise ValueError("it is nested too deeply")
        builder.start(name, attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(name)

    def refuse(*_: object) -> NoReturn:
        raise ValueError("a document type is prohibited")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(body, True)  # noqa: FBT003 it takes no keywords
    except (expat.ExpatError, LookupError) as error:
        raise ValueError(str(error)) from error
    return builder.close()


def fields(element: Element) -> dict[str, Any]:
    """Return the child elements of an element as the fields of a JSON object.

    A child that has children becomes an object, any other becomes text. Nil elements are left out.
    """
    return {
        child.tag: fields(child) if len(child) else child.text or ""
        for child in element
        if child.get("xsi:nil") != "true"
    }
