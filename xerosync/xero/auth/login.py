"""A person at a browser → a sign-in that is kept; and its end again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from xerosync.errors import AccessDenied, SignInError, XerosyncError
from xerosync.xero.addresses import Addresses
from xerosync.xero.auth import keyring_vault
from xerosync.xero.auth.authorization_code import CodeFlow
from xerosync.xero.auth.callback_server import Landing, Visit, open_landing
from xerosync.xero.auth.credentials import Credentials
from xerosync.xero.auth.refresh import Refresh
from xerosync.xero.auth.sign_in import SignIn
from xerosync.xero.auth.store import Store
from xerosync.xero.auth.tenants import Connected, list_tenants, pick
from xerosync.xero.auth.token_endpoint import App, Endpoint, Grant
from xerosync.xero.connect import Hooks
from xerosync.xero.http.access_tokens import GivenToken
from xerosync.xero.http.client import READ_SCOPE, WRITE_SCOPE, Api
from xerosync.xero.http.rate_limit import Pace
from xerosync.xero.http.retry import Backoff
from xerosync.xero.http.transport import Sender, Transport

OFFLINE = "offline_access"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: how, for what, for which organisation ("" leaves it to the file)."""

    app: App
    port: int
    timeout: float
    read_only: bool = False
    organisation: str = ""
    keyring: bool = False

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes to ask for."""
        return (OFFLINE, READ_SCOPE if self.read_only else WRITE_SCOPE)


@dataclass(frozen=True, slots=True)
class Login:
    """A sign-in of a person, from the address that is shown to the sign-in that is kept.

    `show` is given the address to open in a browser.
    """

    addresses: Addresses
    store: Store
    show: Callable[[str], None]
    hooks: Hooks

    def run(self, wish: Wish) -> tuple[SignIn, tuple[Connected, ...]]:
        """Sign in, and give what is kept and the organisations that it opens.

        Raises `SignInError` or `AccessDenied`; nothing is kept then.
        """
        if wish.keyring:
            keyring_vault.check()
        with self.store.writing(keyring=wish.keyring), open_landing(wish.port) as landing:
            flow = CodeFlow.begin(wish.app, landing.address, wish.scopes)
            landing.state = flow.state
            self.show(flow.address(self.addresses.authorization))
            return self._finish(wish, flow, landing)

    def _finish(
        self, wish: Wish, flow: CodeFlow, landing: Landing
    ) -> tuple[SignIn, tuple[Connected, ...]]:
        visit = landing.wait(wish.timeout, self.hooks.clock)
        try:
            kept, connected = self._keep(wish, flow, visit)
        except XerosyncError as error:
            visit.show("Not signed in", f"{error.message} {error.hint}")
            raise
        except BaseException:
            visit.show("Not signed in", "See the terminal in which xerosync runs.")
            raise
        name = kept.tenant_name or ", ".join(one.name for one in connected)
        visit.show("Signed in", f"xerosync is signed in to {name}. You can close this page.")
        return kept, connected

    def _keep(
        self, wish: Wish, flow: CodeFlow, visit: Visit
    ) -> tuple[SignIn, tuple[Connected, ...]]:
        code = flow.code(visit.query)
        sender = open_sender(self.addresses, self.hooks)
        try:
            endpoint = Endpoint(sender, self.hooks.clock, Backoff(self.hooks.chance))
            granted = flow.redeem(endpoint, self.addresses.token, code)
            sign_in = self._sign_in(wish, granted)
            api = Api(
                sender,
                GivenToken(granted.access_token),
                Pace(self.hooks.clock, on_wait=self.hooks.on_wait),
                clock=self.hooks.clock,
                backoff=Backoff(self.hooks.chance),
            )
            connected = list_tenants(api, self.addresses.connections)
        finally:
            sender.close()
        if wish.organisation or len(connected) == 1:
            chosen = pick(connected, wish.organisation) if wish.organisation else connected[0]
            sign_in = sign_in.for_organisation(chosen.tenant_id, chosen.name)
        with (
            self.store.locked(self.hooks.clock),
            self.store.writing(keyring=wish.keyring) as write,
        ):
            write(sign_in)
        return sign_in, connected

    def _sign_in(self, wish: Wish, granted: Grant) -> SignIn:
        scopes = granted.scopes or wish.scopes
        if not {wish.scopes[-1], WRITE_SCOPE} & set(scopes):
            raise AccessDenied(
                f"Xero did not grant the scope {wish.scopes[-1]}.",
                "Sign in again and allow it; the app must be set up for it.",
            )
        if granted.refresh_token is None:
            raise SignInError(
                "Xero gave no refresh token, so the sign-in would end in 30 minutes.",
                "The app must be one that may ask for offline_access.",
            )
        now = self.hooks.clock.now()
        return SignIn(
            client_id=wish.app.client_id,
            identity=self.addresses.identity,
            web_app=wish.app.secret is not None,
            scopes=scopes,
            access_token=granted.access_token,
            refresh_token=granted.refresh_token,
            ends=now + timedelta(seconds=granted.lifetime),
            used=now,
        )


def log_out(
    credentials: Credentials, addresses: Addresses, hooks: Hooks, *, revoke: bool
) -> SignIn | None:
    """End the stored sign-in at Xero, unless `revoke` is off, and forget it.

    Gives what was forgotten, None when it was not there or not readable. Raises
    `SignInError` when Xero did not end it; it is still kept then.
    """
    store = credentials.store
    if store is None:
        return None
    with store.locked(hooks.clock):
        sign_in = None
        if revoke:
            sign_in = store.load(exposed=True)
            if sign_in is None:
                return None
            _revoke(sign_in, credentials, addresses, hooks)
        store.delete()
    return sign_in


def _revoke(sign_in: SignIn, credentials: Credentials, addresses: Addresses, hooks: Hooks) -> None:
    if sign_in.identity != addresses.identity:
        raise SignInError(
            f"The stored sign-in was made at {sign_in.identity}, and XEROSYNC_IDENTITY_URL is"
            f" {addresses.identity}: its tokens go nowhere else.",
            "Set XEROSYNC_IDENTITY_URL as it was; or forget the sign-in on this machine alone"
            " with --keep-at-xero.",
        )
    sender = open_sender(addresses, hooks)
    try:
        endpoint = Endpoint(sender, hooks.clock, Backoff(hooks.chance))
        Refresh(endpoint, addresses.token, addresses.revocation, credentials.client_secret).revoke(
            sign_in
        )
    finally:
        sender.close()


def open_sender(addresses: Addresses, hooks: Hooks) -> Sender:
    """Open what sends: sign-in messages and GETs alone."""
    return hooks.sender or Transport(addresses, read_only=True, on_exchange=hooks.on_exchange)
