"""Ask Xero what the credentials give access to: organisations, scopes, expiry, calls left."""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from xerosync.desired import OrganisationPin
from xerosync.errors import AccessDenied, SignInError
from xerosync.xero.addresses import Addresses
from xerosync.xero.auth.claims import Claims, read_claims
from xerosync.xero.auth.credentials import AuthKind, Credentials, choose, open_tokens
from xerosync.xero.auth.scopes import ALL_USAGE_SCOPES
from xerosync.xero.auth.tenants import Connection, find_tenant, not_connected, open_tenants
from xerosync.xero.gateway import Gateway, Hooks
from xerosync.xero.http.access_tokens import TokenSource
from xerosync.xero.ledger import XeroLedger


@dataclass(frozen=True, slots=True)
class OrganisationAccess:
    """One organisation: whether it was chosen, and the calls left today, None if unknown."""

    connection: Connection
    chosen: bool
    calls_left_today: int | None


@dataclass(frozen=True, slots=True)
class SignInStatus:
    """What a sign-in gives access to.

    `ends` is when the access token expires, `lapses` when the sign-in ends if it is not used.
    `kept_in` is where a person's sign-in is stored: the path of its file, or `keyring`.
    """

    kind: AuthKind
    client_id: str
    organisations: tuple[OrganisationAccess, ...]
    scopes: tuple[str, ...]
    ends: datetime | None
    lapses: datetime | None = None
    kept_in: str = ""


class SignInReader:
    """Reads step by step what credentials give access to. Close it after use.

    If `every_scope`, a custom connection first requests the scope to write, so that its token shows
    whether this scope is ticked. Raises `SignInError` if there are no credentials that can be used.
    """

    def __init__(
        self, credentials: Credentials, addresses: Addresses, hooks: Hooks, *, every_scope: bool
    ) -> None:
        self.method = choose(credentials, addresses.identity)
        self._credentials = credentials
        self._addresses = addresses
        self._every_scope = every_scope and self.method.kind is AuthKind.CUSTOM
        self._gateway = Gateway(addresses, hooks, read_only=True)

    def close(self) -> None:
        """Close the gateway."""
        self._gateway.close()

    @cached_property
    def tokens(self) -> TokenSource:
        """The source of tokens.

        Raises `AccessDenied` if a person's sign-in lacks the chart's scope, or like `TokenSource`.
        """
        if self._every_scope:
            opened = self._open(read_only=False)
            with suppress(AccessDenied):
                opened.access_token()
                return opened
        return self._open(read_only=True)

    def claims(self) -> Claims:
        """Return the claims of an access token. Raises like `TokenSource`."""
        return read_claims(self.tokens.access_token())

    def connections(self) -> tuple[Connection, ...]:
        """Return the organisations that the sign-in gives access to. Raises like `connect`.

        For a custom connection, a tenant id in the credentials is returned alone and unchecked.
        """
        pinned = self._credentials.tenant_id
        if pinned and self.method.kind is AuthKind.CUSTOM:
            return (Connection(pinned, ""),)
        client = self._gateway.client(self.tokens)
        return open_tenants(
            self.method.kind, self.tokens, client, self._addresses.connections, pinned
        )

    def tenant_id(
        self, pin: OrganisationPin | None, connections: tuple[Connection, ...] | None
    ) -> str | None:
        """Return the tenant id of the organisation to use; None if it is not known.

        `connections` are the result of `connections()`, None if they could not be read. A tenant id
        in the credentials or `pin` is returned unchecked. With a `pin`, raises like `find_tenant`.
        """
        named = self.pinned or (pin.tenant_id.lower() if pin else "")
        if named or connections is None:
            return named or None
        chosen = self.method.sign_in.tenant_id if self.method.sign_in else ""
        try:
            return find_tenant(connections, pin, chosen)
        except SignInError:
            if pin:
                raise
            return None

    @property
    def pinned(self) -> str:
        """The tenant id that the credentials name, "" if they name none."""
        return self._credentials.tenant_id

    def ledger(self, tenant_id: str) -> XeroLedger:
        """Return the ledger of one organisation, for reading. Raises like `tokens`."""
        return XeroLedger(self._gateway.client(self.tokens, tenant_id), self._addresses.accounting)

    def _open(self, *, read_only: bool) -> TokenSource:
        return open_tokens(
            self.method,
            self._credentials,
            self._gateway.token_endpoint,
            read_only=read_only,
            also=ALL_USAGE_SCOPES,
        )


def read_status(credentials: Credentials, addresses: Addresses, hooks: Hooks) -> SignInStatus:
    """Ask Xero what the credentials give access to. Raises like `connect`."""
    with closing(SignInReader(credentials, addresses, hooks, every_scope=False)) as reader:
        method, pinned = reader.method, reader.pinned
        connections = reader.connections()
        chosen = (pinned or (method.sign_in.tenant_id if method.sign_in else "")).casefold()
        unlisted = any(not one.name for one in connections)
        if pinned and not unlisted and chosen not in {c.tenant_id.casefold() for c in connections}:
            raise not_connected(pinned)
        organisations = tuple(
            _access(reader.ledger(one.tenant_id), one, chosen) for one in connections
        )
        claims = reader.claims()
    store = credentials.store
    stored = store.load() if method.sign_in and store else None
    if not store or not stored:
        client_id = credentials.client_id if method.kind is AuthKind.CUSTOM else ""
        return SignInStatus(method.kind, client_id, organisations, claims.scopes, claims.ends)
    return SignInStatus(
        method.kind,
        stored.client_id,
        organisations,
        stored.scopes,
        stored.ends,
        stored.lapses,
        "keyring" if store.in_keyring else str(store.path),
    )


def _access(ledger: XeroLedger, connection: Connection, chosen: str) -> OrganisationAccess:
    """Return the access to an organisation. Reading the organisation shows the calls left.

    Raises `AccessDenied` if Xero refuses access and the connection has no name to show.
    """
    is_chosen = connection.tenant_id.casefold() == chosen
    try:
        found = ledger.organisation()
    except AccessDenied:
        if not connection.name:
            raise
        return OrganisationAccess(connection, is_chosen, None)
    named = Connection(found.tenant_id, connection.name or found.name)
    return OrganisationAccess(named, is_chosen, ledger.calls_left_today)
