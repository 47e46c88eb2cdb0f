"""Read one reply of Xero: its JSON, or what went wrong, in plain words.

A final refusal is raised. Any other failure is returned as `CallFailure`, and `client.py`
decides whether to repeat. The formats are from Xero's documentation (Requests and Responses),
except for 401 and 403: other developers recorded them. Xero warns that "even the formatting could
be different", so JSON is never assumed.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from http import HTTPStatus
from xml.etree import ElementTree as ET

from xerosync.errors import AccessDenied, LedgerError, RejectedByXero, RejectedToken, ScopeMissing
from xerosync.network.no_reply import OUTAGE, NoReply
from xerosync.xero.http.limit_headers import LimitHeaders
from xerosync.xero.http.transport import Reply

Json = Mapping[str, object]

CONNECT = "Authorise the custom connection, or sign in again and tick an organisation."
"""What to do about an organisation that is not connected."""

_LONGEST_TEXT = 300
_LONGEST_XML = 200_000
_NEXT = re.compile(r"""\brel\s*=\s*["']?[^"',;]*\bnext\b""", re.IGNORECASE)
_DIGITS = re.compile("[0-9]{1,9}")
_MANY = 999_999_999


class Cause(Enum):
    """Why a call has no usable answer."""

    NO_REPLY = auto()
    """No complete reply arrived."""
    SERVER_ERROR = auto()
    """Xero answered 500."""
    UNAVAILABLE = auto()
    """Xero, or something in front of it, answered 408, or a 5xx other than 500 and 501."""
    UNREADABLE = auto()
    """The answer reported success but could not be read, or was a redirect."""
    RATE_LIMIT = auto()
    """A rate limit was exceeded; nothing was processed."""
    TOKEN_EXPIRED = auto()
    """The access token has expired; nothing was processed."""


@dataclass(frozen=True, slots=True)
class CallFailure:
    """A call without a usable answer.

    If `untouched`, Xero certainly did not act on the call. If `lasting`, a repeat is useless.
    `client.py` fills in `correlation_id` and `limits` from the reply's headers.
    """

    cause: Cause
    message: str
    hint: str = ""
    untouched: bool = False
    lasting: bool = False
    correlation_id: str = ""
    limits: LimitHeaders = field(default_factory=LimitHeaders)


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer. `data` is its JSON; a bare list is put under the key `Connections`.

    `part` is the evidence that the answer is only a part of the list, "" if there is none.
    """

    data: Json = field(repr=False)
    correlation_id: str = ""
    part: str = ""


def judge(reply: Reply | NoReply, *, scope: str, tenant_id: str = "") -> Answer | CallFailure:
    """Read a reply. `scope` and `tenant_id` are what the call needs, for messages.

    Raises `RejectedByXero`, `AccessDenied`, `SignInError` or `LedgerError` if Xero certainly did
    not act and a repeat is useless.
    """
    if isinstance(reply, NoReply):
        return CallFailure(
            Cause.NO_REPLY,
            reply.message,
            reply.hint,
            untouched=reply.untouched,
            lasting=reply.lasting,
        )
    match reply.status // 100:
        case 2:
            return _success(reply)
        case 3:
            return CallFailure(
                Cause.UNREADABLE,
                f"Something other than Xero answered with a redirect ({reply.status}), which"
                " xerosync does not follow.",
                "If XEROSYNC_API_URL is set, check it. This network may ask you to log in first.",
                lasting=True,
            )
        case 4:
            return _client_error(reply, scope, tenant_id)
        case _:
            return _server_error(reply)


def is_expired(reply: Reply) -> bool:
    """Whether a reply says that the access token has expired. Xero then processed nothing."""
    said = _detail(reply).casefold() + reply.headers.get("www-authenticate", "").casefold()
    expired = "tokenexpired" in said or "token expired" in said
    return reply.status == HTTPStatus.UNAUTHORIZED and expired


def what_it_says(reply: Reply) -> tuple[Json, tuple[str, ...]]:
    """Return the JSON of a reply, {} if there is none, and the messages of its errors.

    A reply that reports success may also have messages, if a validation failed.
    """
    body = _body(reply)
    data: Json = {"Connections": body} if isinstance(body, list) else {}
    if isinstance(body, dict):
        data = body
    if reply.status >= HTTPStatus.BAD_REQUEST:
        return data, _own_messages(reply)
    lists = [value for value in data.values() if isinstance(value, list)]
    return data, tuple(dict.fromkeys(text for one in lists for text in validation_messages(one)))


def find_json(text: str) -> object:
    """Parse JSON; return None if it is invalid.

    No exception is raised: an exception would keep the text, which may hold a token.
    """
    try:
        parsed: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return parsed


def plain(text: str) -> str:
    """Return a server's text for use in a message: short, one line, no control characters."""
    shown = "".join(
        " " if c.isspace() else c if unicodedata.category(c)[0] != "C" else "\ufffd" for c in text
    )
    shown = " ".join(shown.split())
    return shown if len(shown) <= _LONGEST_TEXT else shown[: _LONGEST_TEXT - 1] + "…"


def _success(reply: Reply) -> Answer | CallFailure:
    data = find_json(reply.text)
    if isinstance(data, list):
        data = {"Connections": data}
    if isinstance(data, dict):
        return Answer(data, reply.correlation_id, _part(reply, data))
    return CallFailure(
        Cause.UNREADABLE,
        f"Xero's answer could not be read ({_kind(reply)}).",
        "A proxy may have changed it. If XEROSYNC_API_URL is set, check it.",
    )


def _part(reply: Reply, data: Json) -> str:
    """Return the evidence that an answer is only a part of the list, "" if there is none.

    Today, no list that xerosync reads as a whole is divided into pages.
    """
    pages = _get(data, "pagination")
    page, last, items = (_count(pages, name) for name in ("page", "pagecount", "itemcount"))
    read = max((len(value) for value in data.values() if isinstance(value, list)), default=0)
    if reply.status == HTTPStatus.PARTIAL_CONTENT:
        return "status 206"
    if last > 1:
        return f"page {page} of {last}"
    if items > read:
        return f"{read} of {items} entries"
    if _NEXT.search(reply.headers.get("link", "")):
        return "a link to a next page"
    return ""


def _unauthorized(reply: Reply, scope: str) -> CallFailure:
    detail = _detail(reply)
    said = detail.casefold() + reply.headers.get("www-authenticate", "").casefold()
    if is_expired(reply):
        return CallFailure(Cause.TOKEN_EXPIRED, "The access token has expired.", untouched=True)
    if "authorizationunsuccessful" in said or "insufficient_scope" in said:
        raise ScopeMissing(
            f"The sign-in lacks the scope {scope}, which this command needs.",
            "Sign in again, or use a token with this scope; for a custom connection, tick it at"
            " https://developer.xero.com/app/manage.",
        )
    raise RejectedToken(
        f"Xero rejected the access token ({detail or 'unauthorized'}).",
        "If XERO_ACCESS_TOKEN is set, put a new token into it or unset it. If XERO_TOKEN_COMMAND is"
        " set, its command must print a token that Xero accepts. For a custom connection, check it"
        " at https://developer.xero.com/app/manage. Otherwise, sign in again:"
        " `xerosync auth login`.",
    )


def _client_error(reply: Reply, scope: str, tenant_id: str) -> CallFailure:
    """Read a 4xx: Xero did not act on the call, except perhaps after a 408."""
    said, correlation_id = _detail(reply), reply.correlation_id
    match reply.status:
        case HTTPStatus.UNAUTHORIZED:
            return _unauthorized(reply, scope)
        case HTTPStatus.TOO_MANY_REQUESTS:
            return CallFailure(
                Cause.RATE_LIMIT,
                "Xero's rate limit was exceeded.",
                "Another program may be calling the same organisation: stop it, or wait a minute.",
                untouched=True,
            )
        case HTTPStatus.REQUEST_TIMEOUT:
            return _temporary(reply, Cause.UNAVAILABLE, "Xero timed out")
        case HTTPStatus.BAD_REQUEST:
            messages = _own_messages(reply) or (f"Xero refused the call ({_kind(reply)})",)
            raise RejectedByXero(messages, correlation_id=correlation_id)
        case HTTPStatus.FORBIDDEN:
            raise no_access(tenant_id, said or "403")
        case HTTPStatus.NOT_FOUND if not is_page(reply):
            raise RejectedByXero(
                (said or "The resource you're looking for cannot be found",),
                "Xero does not have what was asked for (404). If XEROSYNC_API_URL is set, check it."
                f" If it happens again, {report_this(correlation_id)}",
                correlation_id=correlation_id,
            )
        case HTTPStatus.PRECONDITION_FAILED:
            raise LedgerError(
                "Xero does not accept this kind of connection (412).",
                "Xero requires TLS 1.2 or newer; a proxy may be using an older version.",
                correlation_id=correlation_id,
            )
        case status:
            raise LedgerError(
                f"Xero did not accept the call ({status}, {said or _kind(reply)}).",
                f"If XEROSYNC_API_URL is set, check it. Otherwise, {report_this(correlation_id)}",
                correlation_id=correlation_id,
            )


def report_this(correlation_id: str) -> str:
    """Return the end of a hint that asks for a report, with Xero's correlation id if known."""
    known = f" with Xero's correlation id, {plain(correlation_id)}" if correlation_id else ""
    return f"please report this{known}."


def no_access(tenant_id: str = "", said: str = "") -> AccessDenied:
    """Return the error for an organisation that is not connected.

    Without a tenant id, return the error for a sign-in that has no connected organisation.
    """
    because = f" ({said})" if said else ""
    if not tenant_id:
        return AccessDenied(f"No organisation is connected{because}.", CONNECT, said=said)
    return AccessDenied(
        f"This sign-in has no access to the organisation {plain(tenant_id)}{because}.",
        "If `tenant_id` in the file, or XERO_TENANT_ID, is not the id of the organisation you mean,"
        " correct it: `xerosync auth status` shows what is connected. If the id is right:"
        f" {CONNECT[0].lower()}{CONNECT[1:]}",
        said=said,
    )


def _server_error(reply: Reply) -> CallFailure:
    """Read a 5xx: Xero may have acted on the call, except after a 501."""
    if reply.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return _temporary(reply, Cause.SERVER_ERROR, "Xero had an internal error")
    if reply.status == HTTPStatus.NOT_IMPLEMENTED:
        said = _detail(reply) or "Xero does not offer this call"
        raise RejectedByXero((said,), correlation_id=reply.correlation_id)
    return _temporary(reply, Cause.UNAVAILABLE, "Xero is unavailable")


def _temporary(reply: Reply, cause: Cause, what: str) -> CallFailure:
    said = _detail(reply)
    return CallFailure(cause, f"{what} ({reply.status})" + (f": {said}" if said else "."), OUTAGE)


def _own_messages(reply: Reply) -> tuple[str, ...]:
    """Return each validation message once, in Xero's order; without any, the general message."""
    found = tuple(dict.fromkeys(validation_messages(_list(_body(reply), "elements"))))
    detail = _detail(reply)
    return found or ((detail,) if detail else ())


def validation_messages(elements: object) -> Iterator[str]:
    """Yield each `ValidationErrors[].Message` in a list of elements; ignore everything else."""
    for element in elements if isinstance(elements, list) else ():
        for error in _list(element, "validationerrors"):
            message = plain(_text(error, "message"))
            if message:
                yield message


def _detail(reply: Reply) -> str:
    """Return the message in an error's body: JSON in various spellings, XML or plain text."""
    data = _body(reply)
    if isinstance(data, dict):
        named = (_text(data, name) for name in ("detail", "message", "error_description", "title"))
        return plain(next((text for text in named if text), ""))
    return "" if is_page(reply) else plain(reply.text)


def _kind(reply: Reply) -> str:
    if is_page(reply):
        return "a web page"
    text = reply.text.strip()
    found = find_json(text)
    if isinstance(found, dict):
        return "JSON without a message"
    if text == "null" or found is not None:
        return "JSON, but not an object"
    return "not JSON" if text else "an empty body"


def is_page(reply: Reply) -> bool:
    """Whether a reply is a web page, and not JSON or Xero's own XML."""
    html = "html" in reply.headers.get("content-type", "").casefold()
    return html or (re.match(r"\s*<", reply.text) is not None and _from_xml(reply.text) is None)


def _body(reply: Reply) -> object:
    found = find_json(reply.text)
    return _from_xml(reply.text) if found is None else found


def _from_xml(text: str) -> Json | None:
    """Return the XML of an `ApiException` as JSON; None for anything else or a very long text.

    A document type is not accepted: its entities could become far longer than the text.
    """
    if len(text) > _LONGEST_XML or "<!doctype" in text.casefold():
        return None
    try:
        root = ET.fromstring(text)  # noqa: S314 (short, and without entities)
    except (ET.ParseError, ValueError):
        return None
    if _tag(root) != "ApiException":
        return None
    general = (child for child in root if _tag(child) == "Message")
    errors = (error for error in root.iter() if _tag(error) == "ValidationError")
    return {
        "Message": " ".join("".join(message.itertext()) for message in general),
        "Elements": [{"ValidationErrors": [{"Message": "".join(e.itertext())} for e in errors]}],
    }


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _get(data: object, name: str) -> object:
    """Look up a key, ignoring its case: Xero sends both `Title` and `title`."""
    if not isinstance(data, dict):
        return None
    return next((value for key, value in data.items() if str(key).casefold() == name), None)


def _count(data: object, name: str) -> int:
    value = _get(data, name)
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)
    return min(value, _MANY) if isinstance(value, int) else 0


def _list(data: object, name: str) -> list[object]:
    value = _get(data, name)
    return value if isinstance(value, list) else []


def _text(data: object, name: str) -> str:
    value = _get(data, name)
    return value if isinstance(value, str) else ""
