"""Questions → calls to the JSON API of a forge, and its refusals → our errors."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests

from xerosync.errors import AccessDenied, LedgerError, Unavailable
from xerosync.secret import Secret
from xerosync.visible import visible

PAGES = 20
"""So many pages of a list are read."""
BIGGEST = 64 * 1024 * 1024
"""A kept file is no larger than this, in bytes."""
_TRIES, _TIMEOUT = 3, 30
_BROKEN, _UNAUTHORISED, _FORBIDDEN, _NOT_FOUND = 500, 401, 403, 404

Json = dict[str, Any]


class Missing(LedgerError):
    """There is no such thing at the forge, or the token may not see it."""


class Api:
    """Speaks to one forge with one token; `headers` go with each call.

    Only what reads is tried again. The token goes to this host alone.
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
        self._session.auth = _Auth(*authorise(token)) if token else None

    def get(self, path: str, **params: str | int) -> Any:  # noqa: ANN401 JSON is what it is
        """Read one thing."""
        return self._read(path, params).json()

    def pages(self, path: str, **params: str | int) -> Iterator[Json]:
        """Read a list, page by page; of a list in an object, give its items."""
        answer = self._read(path, {"per_page": 100, **params})
        for _ in range(PAGES):
            yield from _items(answer.json())
            following = answer.links.get("next", {}).get("url", "")
            if not following or urlsplit(following).netloc != urlsplit(self._url).netloc:
                return
            answer = self._read(following, {})

    def send(self, method: str, path: str, body: Json) -> Json:
        """Write one thing, once."""
        answer: Json = self._call(method, path, json=body).json()
        return answer

    def file(self, path: str, **params: str | int) -> bytes:
        """Read a kept file."""
        answer = self._read(path, params, stream=True)
        data = bytearray()
        for piece in answer.iter_content(65_536):
            data += piece
            if len(data) > BIGGEST:
                raise LedgerError(f"{self.name}: a kept file is larger than {BIGGEST} bytes.")
        return bytes(data)

    def _read(self, path: str, params: Mapping[str, Any], **how: Any) -> requests.Response:  # noqa: ANN401
        for attempt in range(1, _TRIES):
            try:
                return self._call("GET", path, params=params, **how)
            except Unavailable:
                time.sleep(attempt)
        return self._call("GET", path, params=params, **how)

    def _call(self, method: str, path: str, **how: Any) -> requests.Response:  # noqa: ANN401
        url = path if path.startswith(self._url + "/") else f"{self._url}{path}"
        try:
            answer = self._session.request(method, url, timeout=_TIMEOUT, **how)
        except requests.RequestException as error:
            raise Unavailable(
                f"{self.name} cannot be reached ({type(error).__name__}).", "Run the job again."
            ) from error
        if answer.ok:
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
