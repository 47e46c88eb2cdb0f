"""One reply of Xero → its JSON, or what went wrong, in plain words.

Final refusals are raised; what may be worth repeating comes back as `Trouble`, and
`api.py` decides. Formats: Xero docs, Requests and Responses; the shapes of 401 and 403
as recorded by others; "even the formatting could be different", so never only JSON.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from http import HTTPStatus

from xerosync.errors import AccessDenied, LedgerError, RejectedByXero, SignInError
from xerosync.xero.http.allowance import SILENT, Allowance
from xerosync.xero.http.failure import NoReply
from xerosync.xero.http.transport import Reply

Json = Mapping[str, object]

_LONGEST_TEXT = 300
_NOT_FOUND = "The resource you're looking for cannot be found"


class Cause(Enum):
    """Why a call has no usable answer."""

    LOST = auto()
    """No whole reply came."""
    BROKEN = auto()
    """Xero answered 500."""
    DOWN = auto()
    """Xero, or something before it, answered 503 or another 5xx."""
    UNREADABLE = auto()
    """Xero said yes, in a way that cannot be read."""
    LIMIT = auto()
    """A limit of calls was hit; nothing was processed."""
    EXPIRED = auto()
    """The access token is over; nothing was processed."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A call without a usable answer. `untouched`: Xero certainly did not act on it."""

    cause: Cause
    message: str
    hint: str = ""
    untouched: bool = False
    lasting: bool = False
    correlation_id: str = ""
    allowance: Allowance = SILENT


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer: its JSON (a connection list comes under `Connections`), and its id."""

    data: Json = field(repr=False)
    correlation_id: str = ""


def judge(reply: Reply | NoReply, *, scope: str) -> Answer | Trouble:
    """Read a reply. `scope` is what the call needs, for the message when it is missing.

    Raises `RejectedByXero`, `AccessDenied`, `SignInError` or `LedgerError` where Xero
    certainly did not act and repeating the same call cannot help.
    """
    if isinstance(reply, NoReply):
        return Trouble(
            Cause.LOST, reply.message, reply.hint, untouched=reply.untouched, lasting=reply.lasting
        )
    match reply.status // 100:
        case 2:
            return _answer(reply)
        case 3:
            return Trouble(
                Cause.UNREADABLE,
                f"Something answered for Xero with a redirect ({reply.status}), which is not"
                " followed.",
                "Check XEROSYNC_API_URL, and whether this network asks for a sign-in of its own.",
                lasting=True,
            )
        case 4:
            return _refused(reply, scope)
        case _:
            return _failed(reply)


def find_json(text: str) -> object:
    """Parse JSON; None when it is none. No exception keeps the text, which may hold a token."""
    try:
        parsed: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return parsed


def plain(text: str) -> str:
    """Make a server's text fit for a message: one line, no control characters, bounded."""
    shown = "".join(
        " " if c.isspace() else c if unicodedata.category(c)[0] != "C" else "\ufffd" for c in text
    )
    shown = " ".join(shown.split())
    return shown if len(shown) <= _LONGEST_TEXT else shown[: _LONGEST_TEXT - 1] + "…"


def _answer(reply: Reply) -> Answer | Trouble:
    data = find_json(reply.text)
    if isinstance(data, list):
        data = {"Connections": data}
    if isinstance(data, dict):
        return Answer(data, reply.correlation_id)
    return Trouble(
        Cause.UNREADABLE,
        f"Xero's answer cannot be read ({_kind(reply)}).",
        "A proxy between here and Xero may have changed it; check XEROSYNC_API_URL.",
        correlation_id=reply.correlation_id,
    )


def _unauthorized(reply: Reply, scope: str) -> Trouble:
    detail = _detail(reply)
    said = detail.casefold() + reply.headers.get("www-authenticate", "").casefold()
    if "tokenexpired" in said or "token expired" in said:
        return Trouble(
            Cause.EXPIRED,
            "The access token has expired.",
            untouched=True,
            correlation_id=reply.correlation_id,
        )
    if "authorizationunsuccessful" in said or "insufficient_scope" in said:
        raise AccessDenied(
            f"Signed in, but not with the scope {scope} that this needs.",
            f"Give the app the scope {scope} at https://developer.xero.com/app/manage,"
            " and sign in or connect again.",
        )
    raise SignInError(
        f"Xero does not accept the access token ({detail or 'unauthorized'}).",
        "Sign in again; where XERO_ACCESS_TOKEN is set, put a new token there or unset it.",
    )


def _refused(reply: Reply, scope: str) -> Trouble:
    """Read a 4xx: Xero did not act on the call."""
    said, correlation_id = _detail(reply), reply.correlation_id
    match reply.status:
        case HTTPStatus.UNAUTHORIZED:
            return _unauthorized(reply, scope)
        case HTTPStatus.TOO_MANY_REQUESTS:
            return Trouble(
                Cause.LIMIT,
                "Xero's limit of calls was hit.",
                "Another program may be calling the same organisation; run again later.",
                untouched=True,
                correlation_id=correlation_id,
            )
        case HTTPStatus.REQUEST_TIMEOUT:
            return _trouble(reply, Cause.DOWN, "Xero gave up waiting")
        case HTTPStatus.BAD_REQUEST:
            raise RejectedByXero(_messages(reply), correlation_id=correlation_id)
        case HTTPStatus.FORBIDDEN:
            raise AccessDenied(
                f"Xero does not let us at this organisation ({said or 'forbidden'}).",
                "The connection may be gone: look under Settings, Connected apps, in Xero,"
                " and check XERO_TENANT_ID.",
            )
        case HTTPStatus.NOT_FOUND if not _is_page(reply):
            raise RejectedByXero((said or _NOT_FOUND,), correlation_id=correlation_id)
        case HTTPStatus.PRECONDITION_FAILED:
            raise LedgerError(
                "Xero does not accept this kind of connection (412).",
                "It needs TLS 1.2 or newer; a proxy may be in the way.",
                correlation_id=correlation_id,
            )
        case status:
            raise LedgerError(
                f"Xero did not accept the call ({status}, {said or _kind(reply)}).",
                "Check XEROSYNC_API_URL; if it is right, please report this with the"
                " correlation id.",
                correlation_id=correlation_id,
            )


def _failed(reply: Reply) -> Trouble:
    """Read a 5xx: Xero may have acted, or not."""
    match reply.status:
        case HTTPStatus.INTERNAL_SERVER_ERROR:
            return _trouble(reply, Cause.BROKEN, "Xero failed on its side")
        case HTTPStatus.NOT_IMPLEMENTED:
            raise RejectedByXero(
                (_detail(reply) or "Xero does not offer this call",),
                correlation_id=reply.correlation_id,
            )
        case _:
            return _trouble(reply, Cause.DOWN, "Xero is not available")


def _trouble(reply: Reply, cause: Cause, what: str) -> Trouble:
    said = _detail(reply)
    return Trouble(
        cause,
        f"{what} ({reply.status})" + (f": {said}" if said else "."),
        "See https://status.xero.com, then run again.",
        correlation_id=reply.correlation_id,
    )


def _messages(reply: Reply) -> tuple[str, ...]:
    """Give every validation message once, in Xero's order; else the message of the whole."""
    data = find_json(reply.text)
    found = tuple(dict.fromkeys(validation_messages(_list(data, "elements"))))
    return found or (_detail(reply) or f"Xero refused the call ({_kind(reply)})",)


def validation_messages(elements: object) -> Iterator[str]:
    """Yield each `ValidationErrors[].Message` of a list of elements, whatever else it holds."""
    for element in elements if isinstance(elements, list) else ():
        for error in _list(element, "validationerrors"):
            message = plain(_text(error, "message"))
            if message:
                yield message


def _detail(reply: Reply) -> str:
    """Find what the body of an error says, as JSON of several spellings or as plain text."""
    data = find_json(reply.text)
    if isinstance(data, dict):
        named = (_text(data, name) for name in ("detail", "message", "error_description", "title"))
        return plain(next((text for text in named if text), ""))
    return "" if _is_page(reply) else plain(reply.text)


def _kind(reply: Reply) -> str:
    if _is_page(reply):
        return "a web page"
    return "an empty body" if not reply.text.strip() else "not JSON"


def _is_page(reply: Reply) -> bool:
    return "html" in reply.headers.get("content-type", "").casefold() or bool(
        re.match(r"\s*<", reply.text)
    )


def _get(data: object, name: str) -> object:
    """Look a key up whatever its case: Xero sends both `Title` and `title`."""
    if not isinstance(data, dict):
        return None
    return next((value for key, value in data.items() if str(key).casefold() == name), None)


def _list(data: object, name: str) -> list[object]:
    value = _get(data, name)
    return value if isinstance(value, list) else []


def _text(data: object, name: str) -> str:
    value = _get(data, name)
    return value if isinstance(value, str) else ""
