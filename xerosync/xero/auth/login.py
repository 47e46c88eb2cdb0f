"""Sign a person in through the browser and store the sign-in; sign them out again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta

from xerosync.errors import AccessDenied, SignInError, UsageError, XerosyncError
from xerosync.text import first_few, full_stop
from xerosync.xero.addresses import Addresses
from xerosync.xero.auth import system_keyring
from xerosync.xero.auth.authorization_code import CodeFlow
from xerosync.xero.auth.callback_server import Callback, callback_server
from xerosync.xero.auth.credentials import Credentials
from xerosync.xero.auth.refresh import RefreshFlow
from xerosync.xero.auth.sign_in import SignIn
from xerosync.xero.auth.store import TokenStore
from xerosync.xero.auth.tenants import Connection, list_tenants, pick
from xerosync.xero.auth.token_endpoint import App, Grant
from xerosync.xero.gateway import Gateway, Hooks
from xerosync.xero.http.access_tokens import FixedToken
from xerosync.xero.http.client import READ_SCOPE, WRITE_SCOPE

OFFLINE = "offline_access"


@dataclass(frozen=True, slots=True)
class LoginRequest:
    """The options of a sign-in.

    The callback server listens on `port` and waits `timeout` seconds. If `organisation` is "", an
    organisation is chosen only if just one is connected. If `keyring`, the sign-in is stored in
    the system's keyring. `also` are further scopes to request.
    """

    app: App
    port: int
    timeout: float
    read_only: bool = False
    organisation: str = ""
    keyring: bool = False
    also: tuple[str, ...] = ()

    @property
    def scope(self) -> str:
        """The necessary scope: to read the chart, or to write it."""
        return READ_SCOPE if self.read_only else WRITE_SCOPE

    @property
    def scopes(self) -> tuple[str, ...]:
        """All scopes to request."""
        return (OFFLINE, self.scope, *self.also)


@dataclass(frozen=True, slots=True)
class Login:
    """Signs a person in. `show` receives the address to open in a browser."""

    addresses: Addresses
    store: TokenStore
    show: Callable[[str], None]
    hooks: Hooks

    def run(self, request: LoginRequest) -> tuple[SignIn, tuple[Connection, ...]]:
        """Sign in; return the stored sign-in and the organisations that it gives access to.

        Raises `SignInError` if the sign-in fails or cannot be stored, or like `XeroClient.call`.
        """
        if request.keyring:
            system_keyring.check()
        with (
            self.store.writing(keyring=request.keyring),  # fails early if nothing can be stored
            callback_server(request.port) as server,
        ):
            flow = CodeFlow.begin(request.app, server.address, request.scopes)
            server.state = flow.state
            self.show(flow.address(self.addresses.authorization))
            callback = server.wait(request.timeout, self.hooks.clock)
            try:
                sign_in, connections = self._sign_in(request, flow, callback)
            except BaseException as error:
                said = f"{error.message} " if isinstance(error, XerosyncError) else ""
                callback.respond("Not signed in", f"{said}See the terminal in which xerosync runs.")
                raise
            given = [sign_in.tenant_name] if sign_in.tenant_id else [c.name for c in connections]
            names = [name for name in given if name]
            where = f" to {full_stop(first_few(names, 3))}" if names else "."
            callback.respond("Signed in", f"You are signed in{where} You can close this page.")
            return sign_in, connections

    def _sign_in(
        self, request: LoginRequest, flow: CodeFlow, callback: Callback
    ) -> tuple[SignIn, tuple[Connection, ...]]:
        code = flow.code(callback.query)
        with closing(Gateway(self.addresses, self.hooks, read_only=True)) as gateway:
            grant = flow.redeem(gateway.token_endpoint, code)
            sign_in = self._checked(request, grant)
            client = gateway.client(FixedToken(grant.access_token))
            connections = list_tenants(client, self.addresses.connections)
        if request.organisation or len(connections) == 1:
            one = (
                pick(connections, request.organisation) if request.organisation else connections[0]
            )
            sign_in = replace(sign_in, tenant_id=one.tenant_id, tenant_name=one.name)
        with (
            self.store.locked(self.hooks.clock),
            self.store.writing(keyring=request.keyring) as write,
        ):
            write(sign_in)
        return sign_in, connections

    def _checked(self, request: LoginRequest, grant: Grant) -> SignIn:
        """Check a grant, and return it as a sign-in that can be stored.

        Raises `AccessDenied` without the necessary scope, `SignInError` without a refresh token.
        """
        scopes = grant.scopes or request.scopes
        if not {request.scope, WRITE_SCOPE} & set(scopes):
            raise AccessDenied(
                f"Xero did not grant the scope {request.scope}.",
                "Sign in again and allow it in the browser; the app must have this scope.",
            )
        if grant.refresh_token is None:
            raise SignInError(
                "Xero issued no refresh token, so the sign-in would end in 30 minutes.",
                "The app must be allowed to request offline_access.",
            )
        now = self.hooks.clock.now()
        return SignIn(
            client_id=request.app.client_id,
            identity=self.addresses.identity,
            web_app=request.app.secret is not None,
            scopes=scopes,
            access_token=grant.access_token,
            refresh_token=grant.refresh_token,
            ends=now + timedelta(seconds=grant.lifetime),
            used=now,
        )


def log_out(credentials: Credentials, addresses: Addresses, hooks: Hooks, *, revoke: bool) -> bool:
    """Delete the stored sign-in. If `revoke`, end it at Xero first.

    Return whether a sign-in was stored. Raises `SignInError` if the sign-in cannot be ended or
    deleted. A sign-in that cannot be ended stays stored.
    """
    store = credentials.store
    if store is None:
        return False
    with store.locked(hooks.clock):
        sign_in = store.load(exposed=True) if revoke else None
        if sign_in:
            sign_in.check_identity(
                addresses.identity,
                "Set XEROSYNC_IDENTITY_URL to the first address; or delete the sign-in only on this"
                " machine: `xerosync auth logout --keep-at-xero`.",
            )
            with closing(Gateway(addresses, hooks, read_only=True)) as gateway:
                flow = RefreshFlow(gateway.token_endpoint, store, credentials.client_secret)
                flow.revoke(sign_in)
        return store.delete()


def app_of(credentials: Credentials, store: TokenStore, port: int, *, web_app: bool) -> App:
    """Return the app to sign in with; its id is from the environment, else the stored sign-in.

    Raises `UsageError` or `SignInError` if the credentials do not fit this kind of app.
    """
    secret, name_of_secret = credentials.client_secret, credentials.variable("XERO_CLIENT_SECRET")
    if secret and not web_app:
        raise UsageError(
            f"{name_of_secret} is set, which only a web app needs to sign in.",
            "For a web app, add --web-app. A custom connection needs no login. To sign in through"
            " an app with PKCE, which has no secret, unset the variable or use another --profile.",
        )
    if web_app and not secret:
        raise SignInError(
            f"A web app needs its secret to sign in, and {name_of_secret} is not set.",
            f"Set {name_of_secret} to the app's secret, which xerosync never stores.",
        )
    client_id = credentials.client_id
    if not client_id:
        previous = store.load()
        client_id = previous.client_id if previous and previous.web_app is web_app else ""
    if not client_id:
        name_of_id = credentials.variable("XERO_CLIENT_ID")
        kind = "Web app" if web_app else "Mobile or desktop app"
        raise SignInError(
            f"{name_of_id} is not set.",
            f"Create an app at https://developer.xero.com/app/manage ({kind}, with the redirect"
            f" address http://localhost:{port}/callback), and set {name_of_id} to its client id,"
            " which is not a secret.",
        )
    return App(client_id, secret if web_app else None)
