"""Questions → calls to the JSON API of a forge, and its refusals → our errors."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

from xerosync.errors import AccessDenied, LedgerError, Unavailable
from xerosync.secret import Secret
from xerosync.text import visible
from xerosync.urls import is_loopback

PAGES = 20
"""So many pages of a list are read."""
BIGGEST = 64 * 1024 * 1024
"""A kept file is no larger than this, in bytes."""
_TRIES, _TIMEOUT, _REDIRECTS = 3, 30, 3
_PORTS = {"https": 443, "http": 80}
_BROKEN, _UNAUTHORISED, _FORBIDDEN, _NOT_FOUND = 500, 401, 403, 404

Json = dict[str, Any]


class Missing(LedgerError):
    """There is no such thing at the forge, or the token may not see it."""


class Api:
    """Speaks to one forge with one token; `headers` go with each call.

    Only what reads is tried again, or follows a redirect. The token goes to the forge's own
    scheme, host and port alone; kept files may lie elsewhere, and are asked for without it.
    """

    def __init__(
        self,
        name: str,
        url: str,
        headers: Mapping[str, str],
        authorise: Callable[[Secret], tuple[str, str]],
        token: Secret | None,
    ) -> None:
        self.name = name
        self._url = url.rstrip("/")
        self._session = requests.Session()
        self._session.headers.update(headers)
        self._session.auth = _Auth(*authorise(token)) if token else as_it_is

    def get(self, path: str, **params: str | int) -> Any:  # noqa: ANN401 JSON is what it is
        """Read one thing."""
        return self._read(path, params).json()

    def pages(self, path: str, **params: str | int) -> Iterator[Json]:
        """Read a list, page by page; of a list in an object, give its items."""
        answer = self._read(path, {"per_page": 100, **params})
        for _ in range(PAGES):
            yield from _items(answer.json())
            following = answer.links.get("next", {}).get("url", "")
            if not following or _origin(following := _spelt(following)) != _origin(self._url):
                return
            answer = self._read(following, {})

    def send(self, method: str, path: str, body: Json) -> Json:
        """Write one thing, once."""
        answer: Json = self._call(method, path, json=body).json()
        return answer

    def file(self, path: str, **params: str | int) -> bytes:
        """Read a kept file, from where the forge keeps it."""
        answer = self._read(path, params, file=True)
        data = bytearray()
        try:
            for piece in answer.iter_content(65_536):
                data += piece
                if len(data) > BIGGEST:
                    raise LedgerError(f"{self.name}: a kept file is larger than {BIGGEST} bytes.")
        except requests.RequestException as error:
            raise self._unreachable(error) from error
        return bytes(data)

    def _read(
        self, path: str, params: Mapping[str, Any], *, file: bool = False
    ) -> requests.Response:
        for attempt in range(1, _TRIES):
            try:
                return self._call("GET", path, params=params, file=file)
            except Unavailable:
                time.sleep(attempt)
        return self._call("GET", path, params=params, file=file)

    def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Json | None = None,
        file: bool = False,
    ) -> requests.Response:
        url = f"{self._url}{path}" if path.startswith("/") else path
        request = requests.Request(method, url, params=params, json=json)
        try:
            answer = self._follow(request, file=file)
        except requests.RequestException as error:
            raise self._unreachable(error) from error
        if answer.status_code in range(200, 300):
            return answer
        said = visible(_message(answer))
        where = (
            f"{self.name} answered {answer.status_code} to {method} {urlsplit(url).path}: {said}"
        )
        if answer.status_code in (_UNAUTHORISED, _FORBIDDEN):
            raise AccessDenied(
                where, "Give the job's token the permissions that docs/ci.md names for it."
            )
        if answer.status_code >= _BROKEN:
            raise Unavailable(where, "Run the job again.")
        raise (Missing if answer.status_code == _NOT_FOUND else LedgerError)(where)

    def _follow(self, request: requests.Request, *, file: bool) -> requests.Response:
        """Send, and go on to where a reading is sent: once away from the forge, without the token.

        Raises `LedgerError` for a redirect that is not followed.
        """
        session = self._session
        for _ in range(_REDIRECTS + 1):
            answer = session.request(
                request.method, request.url, params=request.params, json=request.json,
                timeout=_TIMEOUT, allow_redirects=False, stream=file,
            )  # fmt: skip
            if not answer.is_redirect:
                return answer
            path = urlsplit(str(request.url)).path
            what = f"{self.name} answered {answer.status_code} to {request.method} {path}"
            if request.method != "GET":
                raise LedgerError(
                    f"{what}, a redirect: what writes is not sent on, and nothing was written.",
                    "Look whether the repository was moved or renamed since the job began.",
                )
            target = _spelt(urljoin(answer.url, answer.headers["Location"]))
            if _origin(target) != _origin(self._url):
                if not file or not _is_safe(target):
                    raise LedgerError(
                        f"{what}, a redirect to {visible(urlsplit(target).netloc)[:200]}: it is "
                        "not followed, as the token is for the forge alone.",
                        "Look whether the address of the API is the one that the forge has now.",
                    )
                session = requests.Session()
                session.auth = as_it_is
            request = requests.Request("GET", target)
        raise LedgerError(f"{self.name} sends from one address to the next, and gives no answer.")

    def _unreachable(self, error: requests.RequestException) -> Unavailable:
        return Unavailable(
            f"{self.name} cannot be reached ({type(error).__name__}).", "Run the job again."
        )


def as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Leave a request alone, so that no `.netrc` has a part in it."""
    return request


class _Auth(requests.auth.AuthBase):
    """Puts the token into its header; no `.netrc` goes before it."""

    def __init__(self, header: str, value: str) -> None:
        self._header = header
        self._value = value

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers[self._header] = self._value
        return request


def _items(answer: Any) -> list[Json]:  # noqa: ANN401 JSON is what it is
    if isinstance(answer, dict):
        return next((value for value in answer.values() if isinstance(value, list)), [])
    return list(answer)


def _message(answer: requests.Response) -> str:
    try:
        found = answer.json()
    except ValueError:
        return answer.reason or "no reason"
    said = found.get("message") or found.get("error") if isinstance(found, dict) else ""
    return str(said or answer.reason)[:200]


def _spelt(url: str) -> str:
    """Spell an address as it will be called: no other reading of it finds another host there.

    Raises `requests.RequestException` for what is no address.
    """
    return str(requests.Request("GET", url).prepare().url)


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)


def _is_safe(url: str) -> bool:
    """Tell whether a file may be read from there: by https, or from this machine."""
    scheme, host, _ = _origin(url)
    return scheme == "https" or (scheme == "http" and is_loopback(host))
