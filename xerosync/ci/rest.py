"""Client of the JSON API of GitHub or GitLab."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

from xerosync.errors import AccessDenied, LedgerError, Unavailable
from xerosync.secret import Secret, SecretMask
from xerosync.text import visible
from xerosync.urls import is_loopback

PAGES = 20
"""The most pages of a list to read."""
BIGGEST = 64 * 1024 * 1024
"""The largest file that is read, in bytes."""
_TRIES, _TIMEOUT, _REDIRECTS = 3, 30, 3
_PORTS = {"https": 443, "http": 80}
_BROKEN, _UNAUTHORISED, _FORBIDDEN, _NOT_FOUND = 500, 401, 403, 404

Json = dict[str, Any]


class NotFound(LedgerError):
    """The forge has no such thing, or the token may not see it."""


class RestClient:
    """Calls one forge with one token; `headers` go with each call.

    `token` is written into the header `token_header` after `scheme`. Only reads are retried or
    follow a redirect. The token is sent only to the scheme, host and port of the forge; a file
    stored elsewhere is fetched without it.
    """

    def __init__(
        self, name: str, url: str, headers: Mapping[str, str], token: tuple[str, str, Secret | None]
    ) -> None:
        self.name = name
        self._url = url.rstrip("/")
        self._session = requests.Session()
        self._session.headers.update(headers)
        header, scheme, secret = token
        self._mask = SecretMask()
        self._mask.add(secret)
        self._session.auth = _Auth(header, f"{scheme}{secret.reveal()}") if secret else _no_auth

    def get(self, path: str, **params: str | int) -> Any:  # noqa: ANN401 JSON has any type
        """Return the JSON of one resource."""
        return self._read(path, params).json()

    def pages(self, path: str, **params: str | int) -> Iterator[Json]:
        """Return the items of a list, page by page; of an object, those of the list in it."""
        answer = self._read(path, {"per_page": 100, **params})
        for _ in range(PAGES):
            yield from _items(answer.json())
            following = answer.links.get("next", {}).get("url", "")
            if not following or _origin(following := _normalised(following)) != _origin(self._url):
                return
            answer = self._read(following, {})

    def send(self, method: str, path: str, body: Json) -> Json:
        """Write once, and return the answer."""
        answer: Json = self._call(method, path, json=body).json()
        return answer

    def file(self, path: str) -> bytes:
        """Return a stored file, from wherever the forge stores it."""
        answer = self._read(path, {}, file=True)
        data = bytearray()
        try:
            for piece in answer.iter_content(65_536):
                data += piece
                if len(data) > BIGGEST:
                    raise LedgerError(f"{self.name}: a file is larger than {BIGGEST} bytes.")
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
        message = (
            f"{self.name} answered {answer.status_code} to {method} {urlsplit(url).path}: "
            f"{visible(self._mask.mask_error(_message(answer)))}"
        )
        if answer.status_code in (_UNAUTHORISED, _FORBIDDEN):
            raise AccessDenied(
                message, "Grant the job's token the permissions listed in docs/ci.md."
            )
        if answer.status_code >= _BROKEN:
            raise Unavailable(message, "Run the job again.")
        raise (NotFound if answer.status_code == _NOT_FOUND else LedgerError)(message)

    def _follow(self, request: requests.Request, *, file: bool) -> requests.Response:
        """Send a request, and follow the redirects of a read; outside the forge without the token.

        Raises `LedgerError` for a redirect that must not be followed.
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
                    f"{what}, a redirect. Writes do not follow redirects: nothing was written.",
                    "Check whether the repository was moved or renamed since the job started.",
                )
            target = _normalised(urljoin(answer.url, answer.headers["Location"]))
            if _origin(target) != _origin(self._url):
                if not file or not _is_safe(target):
                    raise LedgerError(
                        f"{what}, a redirect to {self._host(target)}, which "
                        "is not followed: the token is only for the forge.",
                        "Check whether the address of the API is still right.",
                    )
                session = requests.Session()
                session.auth = _no_auth
            request = requests.Request("GET", target)
        raise LedgerError(f"{self.name} redirects again and again.")

    def _host(self, url: str) -> str:
        return visible(self._mask.mask_error(urlsplit(url).netloc))[:200]

    def _unreachable(self, error: requests.RequestException) -> Unavailable:
        return Unavailable(
            f"{self.name} cannot be reached ({type(error).__name__}).", "Run the job again."
        )


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Leave a request as it is; without this, requests would read `.netrc`."""
    return request


class _Auth(requests.auth.AuthBase):
    """Writes the token into its header, and ignores `.netrc`."""

    def __init__(self, header: str, value: str) -> None:
        self._header = header
        self._value = value

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers[self._header] = self._value
        return request


def _items(answer: Any) -> list[Json]:  # noqa: ANN401 JSON has any type
    if isinstance(answer, dict):
        return next((value for value in answer.values() if isinstance(value, list)), [])
    return list(answer)


def _message(answer: requests.Response) -> str:
    try:
        found = answer.json()
    except ValueError:
        return answer.reason or "no reason"
    message = found.get("message") or found.get("error") if isinstance(found, dict) else ""
    return str(message or answer.reason)[:200]


def _normalised(url: str) -> str:
    """Return an address as it will be called, so that the host compared is the host called.

    Raises `requests.RequestException` for an invalid address.
    """
    return str(requests.Request("GET", url).prepare().url)


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)


def _is_safe(url: str) -> bool:
    """Whether a file may be read from there: by https, or from this machine."""
    scheme, host, _ = _origin(url)
    return scheme == "https" or (scheme == "http" and is_loopback(host))
