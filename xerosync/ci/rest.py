"""Client of the JSON API of GitHub or GitLab."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from xerosync.ci.resource import Resource, resources, unexpected
from xerosync.errors import AccessDenied, LedgerError, NotFound, Unavailable
from xerosync.network.exchange import (
    CALL_SECONDS,
    EXCHANGE_SECONDS,
    LARGEST_ANSWER,
    Connections,
    RawReply,
)
from xerosync.network.no_reply import NoReply
from xerosync.secret import Secret, SecretMask
from xerosync.text import visible
from xerosync.urls import is_loopback

PAGES = 20
"""The most pages of a list to read."""
BIGGEST = 64 * 1024 * 1024
"""The largest file that is read from GitHub or GitLab, in bytes."""
DAMAGED = "For a plan: plan again. For a journal: delete it there, and run again without it."
_TRIES, _REDIRECTS = 3, 3
_SHORTEST = 0.1
_PORTS = {"https": 443, "http": 80}
_BROKEN, _UNAUTHORISED, _FORBIDDEN, _NOT_FOUND, _TOO_MANY = 500, 401, 403, 404, 429
_MOVED = (301, 302, 303, 307, 308)
_ADDRESS = re.compile(
    r"(https?)://([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?(?:/[!-~]*)?",
    re.IGNORECASE | re.ASCII,
)
"""A simple address, in which every parser finds the same host."""
_NEXT = re.compile(r'<([^<>]*)>\s*;\s*rel="?next\b')

Json = dict[str, Any]


class RestClient:
    """Calls the API at `url`, with `headers` and a token.

    `token` has the name of a header, the prefix of its value, and the token. `variable` is the
    environment variable that has the address; messages name it. Only GET requests are retried or
    follow redirects. A call with its retries and redirects takes about `CALL_SECONDS` at most, and
    raises `LedgerError` or `AccessDenied` if it fails. The token is masked in JSON answers. It is
    sent only to the scheme, host and port of the API. A file on another host is read without it.
    """

    def __init__(
        self,
        name: str,
        url: str,
        headers: Mapping[str, str],
        token: tuple[str, str, Secret | None],
        *,
        variable: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.mask = SecretMask()
        self._url = url.rstrip("/")
        self._monotonic = monotonic
        self._connections = Connections(
            {}, variable=variable, hint=lambda _: f"Check {variable}, and run the job again."
        )
        header, scheme, secret = token
        self.mask.add(secret)
        own = {header: f"{scheme}{secret.reveal()}"} if secret else {}
        self._headers = {"Accept": "application/json", **headers, **own}

    def get(self, path: str, **params: str | int) -> Resource:
        """Return the object at a path."""
        return self._one(path, self._read(path, params))

    def pages(self, path: str, /, *, within: str = "", **params: str | int) -> Iterator[Resource]:
        """Yield the items of a list, page by page.

        If the list is in an object, `within` is the name of the object's field. Raises
        `LedgerError` for a list with more than `PAGES` pages.
        """
        asked: Mapping[str, str | int] = {"per_page": 100, **params}
        for _ in range(PAGES):
            answer = self._read(path, asked)
            if within:
                yield from self._one(path, answer).parts(within)
            else:
                yield from resources(self._source(path), self._json(path, answer))
            following = _NEXT.search(answer.headers.get("link", ""))
            if not following:
                return
            asked = dict(parse_qsl(following[1].partition("?")[2].partition("#")[0]))
        raise LedgerError(
            f"{self.name}: {path} has more than {PAGES} pages of 100, and xerosync reads no more.",
            "Delete what is old from this list. If it belongs to a pull or merge request, open a"
            " new one instead.",
        )

    def send(self, method: str, path: str, body: Json) -> Resource:
        """Send a JSON body, without retries, and return the object in the answer."""
        return self._one(path, self._call(method, path, self._ends(), body=body))

    def file(self, path: str) -> bytes:
        """Return a stored file. A redirect to another host is followed without the token."""
        return self._read(path, {}, file=True).content

    def text(self, data: bytes, name: str) -> str:
        """Return the text of a file, with the token masked.

        Raises `LedgerError` if the file is not UTF-8. Its `name` is for the message.
        """
        try:
            return self.mask.mask(data.decode())
        except UnicodeDecodeError as error:
            raise LedgerError(f"{self.name}: {name} is not text.", DAMAGED) from error

    def _ends(self) -> float:
        return self._monotonic() + CALL_SECONDS

    def _read(self, path: str, params: Mapping[str, str | int], *, file: bool = False) -> RawReply:
        ends = self._ends()
        asked = f"{path}?{urlencode(params)}" if params else path
        for attempt in range(1, _TRIES):
            try:
                return self._call("GET", asked, ends, file=file)
            except Unavailable:
                if self._monotonic() + attempt >= ends:
                    raise
                time.sleep(attempt)
        return self._call("GET", asked, ends, file=file)

    def _call(
        self, method: str, path: str, ends: float, *, body: Json | None = None, file: bool = False
    ) -> RawReply:
        url = f"{self._url}{path}" if path.startswith("/") else path
        answer = self._follow(method, url, ends, body, file=file)
        if answer.status in range(200, 300):
            return answer
        message = (
            f"{self.name} answered {answer.status} to {method} {path.partition('?')[0]}: "
            f"{self._message(answer)}"
        )
        left = answer.headers.get("x-ratelimit-remaining")
        limited = "retry-after" in answer.headers or left == "0"
        if answer.status == _TOO_MANY or (answer.status == _FORBIDDEN and limited):
            raise LedgerError(
                message, f"The rate limit of {self.name} is reached: run the job again later."
            )
        if answer.status == _UNAUTHORISED:
            raise AccessDenied(message, "Run the job again. If it fails again, replace its token.")
        if answer.status == _FORBIDDEN:
            raise AccessDenied(message, "Grant the job's token the permissions in docs/ci.md.")
        if answer.status >= _BROKEN:
            raise Unavailable(message, "Run the job again.")
        if answer.status == _NOT_FOUND:
            raise NotFound(
                message,
                "If that path exists, the job's token is not allowed to see it: grant the token the"
                " permissions listed in docs/ci.md.",
            )
        raise LedgerError(
            message, "Run the job again; if the answer stays the same, please report it."
        )

    def _follow(
        self, method: str, url: str, ends: float, body: Json | None, *, file: bool
    ) -> RawReply:
        """Send a call and return the answer. Follow the redirects of a GET request.

        After a redirect to another host, the token is not sent any more. Raises `LedgerError` for a
        redirect that must not be followed, and for too many redirects.
        """
        headers = self._headers
        for _ in range(_REDIRECTS + 1):
            answer = self._exchange(method, url, headers, body, ends, file=file)
            location = answer.headers.get("location", "")
            if answer.status not in _MOVED or not location:
                return answer
            what = f"{self.name} answered {answer.status} to {method} {urlsplit(url).path}"
            if method != "GET":
                raise LedgerError(
                    f"{what}, a redirect. Writes do not follow redirects: nothing was written.",
                    "Check whether the repository was moved or renamed after the job started.",
                )
            target = _joined(url, location)
            origin = _origin(target)
            if origin != _origin(self._url):
                if not origin or not file or not _is_safe(origin):
                    where = urlsplit(target).netloc if origin else "an invalid address"
                    raise LedgerError(
                        f"{what}, a redirect to {self._shown(where)}, which is not followed: the "
                        f"token is only for {self.name}.",
                        "Check whether the address of the API is still right.",
                    )
                headers = {}
            url = target
        raise LedgerError(
            f"{self.name} redirects again and again.",
            "Check whether the address of the API is still right.",
        )

    def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: Json | None, ends: float,
        *, file: bool,
    ) -> RawReply:  # fmt: skip
        data = None
        if body is not None:
            headers = {**headers, "Content-Type": "application/json"}
            data = json.dumps(body).encode()
        answer = self._connections.exchange(
            method, url, headers, data,
            seconds=min(EXCHANGE_SECONDS, max(_SHORTEST, ends - self._monotonic())),
            largest=BIGGEST if file else LARGEST_ANSWER,
        )  # fmt: skip
        if isinstance(answer, NoReply):
            message = f"The call to {self.name} failed. {answer.message}"
            raise (LedgerError if answer.lasting else Unavailable)(message, answer.hint)
        return answer

    def _json(self, path: str, answer: RawReply) -> object:
        """Return the JSON value of an answer, with the token masked.

        Raises `LedgerError` if the answer is not JSON, or the value is null.
        """
        try:
            value: object = json.loads(self.mask.mask(answer.content.decode("utf-8", "replace")))
        except (ValueError, RecursionError) as error:
            raise unexpected(f"{self._source(path)} is not JSON") from error
        if value is None:
            raise unexpected(f"{self._source(path)} is null")
        return value

    def _one(self, path: str, answer: RawReply) -> Resource:
        value = self._json(path, answer)
        if not isinstance(value, dict):
            raise unexpected(f"{self._source(path)} is not an object")
        return Resource(self._source(path), value)

    def _source(self, path: str) -> str:
        return f"{self.name} {path.partition('?')[0]}"

    def _message(self, answer: RawReply) -> str:
        """Return the message in a failed answer. If it has none, return the HTTP reason."""
        text = self.mask.mask_error(answer.content.decode("utf-8", "replace"))
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        message = found.get("message") or found.get("error") if isinstance(found, dict) else ""
        return self._shown(str(message or answer.reason or "no reason"))

    def _shown(self, text: str) -> str:
        return visible(self.mask.mask_error(text)[:200])


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        return ""


def _origin(url: str) -> tuple[str, str, int] | None:
    """Return the scheme, host and port of an address; None if it is not simple (`_ADDRESS`)."""
    found = _ADDRESS.fullmatch(url)
    if not found:
        return None
    scheme, host = found[1].lower(), found[2].lower()
    return scheme, host, int(found[3]) if found[3] else _PORTS[scheme]


def _is_safe(origin: tuple[str, str, int]) -> bool:
    scheme, host, _ = origin
    return scheme == "https" or is_loopback(host.strip("[]"))
