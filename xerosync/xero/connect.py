"""Sign in and open the ledgers of organisations."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from threading import Event

from xerosync.desired import OrganisationPin
from xerosync.doctor.demo.port import Xero
from xerosync.errors import AccessDenied, SignInError, XerosyncError
from xerosync.model import Organisation
from xerosync.xero.addresses import Addresses
from xerosync.xero.auth.credentials import AuthKind, Credentials, choose, open_tokens
from xerosync.xero.auth.sign_in import LOGIN
from xerosync.xero.auth.tenants import Connected, Connection, list_tenants, open_tenants
from xerosync.xero.auth.token_endpoint import App
from xerosync.xero.gateway import Gateway, Hooks
from xerosync.xero.http.access_tokens import Once, SharedTokens
from xerosync.xero.ledger import XeroLedger, naming
from xerosync.xero.raw_calls import CustomConnectionCalls, RawCalls

__all__ = ["Credentials", "Gateway", "Hooks", "OpenSignIn", "connect", "connect_raw"]


def connect(
    credentials: Credentials,
    addresses: Addresses,
    *,
    read_only: bool,
    wanted: OrganisationPin | None = None,
    hooks: Hooks | None = None,
    also: tuple[str, ...] = (),
) -> XeroLedger:
    """Find the organisation, and return its ledger.

    `wanted` is the organisation that the file names. The tenant id is that of the credentials, or
    else that of `wanted`, or else it is looked up. The caller must check that the ledger's
    organisation is the wanted one. If `read_only`, the scope to write is not requested, and nothing
    can be written. `also` are optional scopes to request.

    Raises `SignInError` if no credentials can be used, `AccessDenied` without access to the
    organisation, `UsageError` for an invalid token command, or like `XeroClient.call`.
    """
    gateway = Gateway(addresses, hooks or Hooks(), read_only=read_only)
    try:
        sign_in = OpenSignIn(gateway, credentials, also=also)
        with naming(wanted):
            return sign_in.ledger(wanted)
    except BaseException:
        gateway.close()
        raise


@contextmanager
def connect_raw(
    credentials: Credentials, addresses: Addresses, wanted: OrganisationPin, hooks: Hooks
) -> Iterator[Xero]:
    """Find the organisation, and yield its ledger and its raw calls. Raises like `connect`."""
    gateway = Gateway(addresses, hooks, read_only=False)
    try:
        yield OpenSignIn(gateway, credentials).xero(wanted)
    finally:
        gateway.close()


class OpenSignIn:
    """Opens the ledgers of any number of organisations with one sign-in. Usable from any thread.

    The organisations share the tokens and the list of connected organisations. `reads` is an
    executor for the reads of all ledgers; without it, each ledger has threads of its own. `also`
    are optional scopes to request. `app` is the client id of the app, or the profile if the client
    id is unknown. `login` is the command that signs in, for hints. With `reads`, it names the
    placeholder PROFILE for any profile but the default, so that plans of several profiles have the
    same hints and can be grouped. Raises like `connect`.
    """

    def __init__(
        self,
        gateway: Gateway,
        credentials: Credentials,
        *,
        reads: Executor | None = None,
        also: tuple[str, ...] = (),
    ) -> None:
        method = choose(credentials, gateway.addresses.identity)
        tokens = open_tokens(
            method, credentials, gateway.token_endpoint, read_only=gateway.read_only, also=also
        )
        app = method.sign_in.client_id if method.sign_in else credentials.client_id
        self.tokens = SharedTokens(tokens, replace=reads is not None)
        self._gateway = gateway
        self._chosen = method.sign_in.tenant_id if method.sign_in else ""
        self._tenant_id = credentials.tenant_id
        self.app = app or credentials.profile
        self.login = credentials.login
        if reads and credentials.profile:
            self.login = f"{LOGIN} --profile PROFILE"
        self._app = (
            App(credentials.client_id, credentials.client_secret)
            if method.kind is AuthKind.CUSTOM
            else None
        )
        self._app_limit = gateway.app_limit(app)
        self._reads = reads
        client = gateway.client(self.tokens, app_limit=self._app_limit)
        url = gateway.addresses.connections
        self._connected = Once(
            lambda: Connected(open_tenants(method.kind, self.tokens, client, url))
        )
        self._rejecting: set[str] = set()
        self._accepts = Once(lambda: list_tenants(client, url))

    def suspect(self, organisation: str, failure: SignInError) -> None:
        """Note that signing in failed for an organisation, and give up a useless sign-in.

        The sign-in is given up only if Xero also rejects its token for a second organisation and
        for the list of connections. Otherwise the token may still work for other organisations.
        `AccessDenied` does not count: the sign-in itself works.
        """
        if isinstance(failure, AccessDenied):
            return
        self._rejecting.add(organisation)
        if len(self._rejecting) > 1:
            try:
                self._accepts.get()
            except XerosyncError as error:
                if isinstance(error, SignInError) and not isinstance(error, AccessDenied):
                    self.tokens.give_up(failure)

    def connections(self) -> tuple[Connection, ...]:
        """Return the organisations of this sign-in. Raises like `connect`."""
        return self._connected.get().all

    def tenant_id(self, wanted: OrganisationPin | None) -> str:
        """Return the tenant id in the credentials or file, or look it up. Raises like `connect`."""
        named = self._tenant_id or (wanted.tenant_id.lower() if wanted else "")
        return named or self._connected.get().find(wanted, self._chosen)

    def ledger(
        self,
        wanted: OrganisationPin | None,
        known: Organisation | None = None,
        stop: Event | None = None,
    ) -> XeroLedger:
        """Find an organisation and return its ledger. Raises like `connect`.

        An organisation that is `known` is not looked up or read again. `stop` ends the ledger's
        waits for rate limits and before repeats.
        """
        tenant_id = known.tenant_id if known else self.tenant_id(wanted)
        client = self._gateway.client(self.tokens, tenant_id, self._app_limit, stop)
        named = None if self._reads else wanted
        root = self._gateway.addresses.accounting
        return XeroLedger(client, root, named, self._reads, known, login=self.login)

    def xero(self, wanted: OrganisationPin) -> Xero:
        """Find an organisation; return its ledger and its raw calls. Raises like `connect`."""
        gateway = self._gateway
        client = gateway.client(self.tokens, self.tenant_id(wanted), self._app_limit)
        root, url = gateway.addresses.accounting, gateway.addresses.connections
        custom = None
        if self._app:
            custom = CustomConnectionCalls(client, url, gateway.token_endpoint, self._app)
        return Xero(RawCalls(client, root), XeroLedger(client, root, wanted), custom)
