"""Single calls to one organisation, with Xero's answers as they are, for `doctor`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from oauthlib.oauth2 import BackendApplicationClient

from xerosync.doctor.demo.port import Json, RawAnswer
from xerosync.errors import SignInError
from xerosync.xero.auth.token_endpoint import App, TokenEndpoint
from xerosync.xero.http.client import WRITE_SCOPE, ApiCall, XeroClient
from xerosync.xero.http.responses import find_json, plain, what_it_says
from xerosync.xero.http.transport import Reply


class RawCalls:
    """Sends calls as `XeroClient.once` does; `root` is the address of the accounting API."""

    def __init__(self, client: XeroClient, root: str) -> None:
        self._client = client
        self._root = root

    @property
    def calls_left_today(self) -> int | None:
        """The number of calls that Xero still allows today; None until an answer says it."""
        return self._client.rate_limit.day_left

    @property
    def calls_made(self) -> int:
        """The number of calls so far through the client, which the ledger shares."""
        return self._client.rate_limit.calls

    def wait_for(self, calls: int) -> None:
        """Wait until the limit per minute allows this many more calls. Raises `Interrupted`."""
        self._client.rate_limit.wait_for(calls)

    def before_repeat(self, check: Callable[[], None]) -> None:
        """Set a function that the client calls before each further attempt at a write."""
        self._client.before_repeat = check

    def send(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> RawAnswer:
        """Send one call to the accounting API. Raises like `XeroClient.once`."""
        call = ApiCall(method, f"{self._root}{path}", body, headers=headers or {})
        return _raw(self._client.once(call))


class CustomConnectionCalls:
    """Calls that are made only for a custom connection. `url` lists the connections."""

    def __init__(self, client: XeroClient, url: str, endpoint: TokenEndpoint, app: App) -> None:
        self._client = client
        self._url = url
        self._endpoint = endpoint
        self._app = app

    def connections(self) -> RawAnswer:
        """Read the organisations that are connected. Raises like `XeroClient.once`."""
        return _raw(self._client.once(ApiCall("GET", self._url)))

    def token_with_scope(self) -> RawAnswer:
        """Request a token with the scope to write, and return the answer without the token.

        Raises `SignInError` if Xero does not reply, or names an error other than
        `invalid_scope`. Raises `Interrupted` on a signal.
        """
        prepare = BackendApplicationClient(self._app.client_id).prepare_request_body
        reply = self._endpoint.post(
            self._endpoint.addresses.token, self._app, prepare(scope=WRITE_SCOPE), ()
        )
        answer = find_json(reply.text)
        error = answer.get("error") if isinstance(answer, dict) else None
        said = plain(self._endpoint.mask.mask_error(str(error))) if error else ""
        if said not in ("", "invalid_scope"):
            raise SignInError(f"Xero refused the sign-in ({said}).")
        return RawAnswer(reply.status, {}, (said,) if said else ())


def _raw(reply: Reply) -> RawAnswer:
    data, texts = what_it_says(reply)
    return RawAnswer(reply.status, data, texts)
