"""Find the organisation to use among those of a sign-in: never simply the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xerosync.desired import OrganisationPin
from xerosync.errors import AccessDenied, RejectedByXero, SignInError, Unavailable
from xerosync.model import name_key
from xerosync.text import first_few
from xerosync.xero import wire
from xerosync.xero.auth.claims import read_claims
from xerosync.xero.auth.credentials import AuthKind
from xerosync.xero.http.access_tokens import TokenSource
from xerosync.xero.http.client import ApiCall, XeroClient
from xerosync.xero.http.responses import CONNECT, no_access, plain


@dataclass(frozen=True, slots=True)
class Connection:
    """One organisation that a sign-in gives access to."""

    tenant_id: str
    name: str

    @property
    def shown(self) -> str:
        """The name and the tenant id, as messages show them."""
        return f"{plain(self.name)} ({plain(self.tenant_id)})"


def list_tenants(client: XeroClient, url: str) -> tuple[Connection, ...]:
    """Return the organisations that Xero lists as connected, without duplicates.

    Raises like `XeroClient.call`, `AccessDenied` if none is listed, `Unavailable` if unreadable.
    """
    answer = client.call(ApiCall("GET", url))
    try:
        listed = [Connection(*one) for one in wire.connections(answer.data)]
    except wire.Malformed as error:
        raise Unavailable(
            f"Xero's list of connected organisations could not be read: {error}.",
            "Run again later. A command for one organisation does not need the list if its file has"
            " `tenant_id` under `organisation:`, or XERO_TENANT_ID is set.",
            correlation_id=answer.correlation_id,
        ) from error
    if not listed:
        raise no_access()
    return tuple({one.tenant_id.casefold(): one for one in reversed(listed)}.values())[::-1]


def open_tenants(
    kind: AuthKind, tokens: TokenSource, client: XeroClient, url: str, pinned: str = ""
) -> tuple[Connection, ...]:
    """Return the organisations that the credentials give access to.

    Xero may refuse the list or leave it empty, as for some custom connections. Unless a person
    signed in, the result is then one organisation without a name. Its tenant id is `pinned` or,
    if `pinned` is "", the one in the token's claims. If both are "", only a custom connection can
    be used: it needs no tenant id. Raises like `list_tenants`.
    """
    if kind is AuthKind.PERSON:
        return list_tenants(client, url)
    tenant_id = pinned or read_claims(tokens.access_token()).tenant_id
    try:
        return list_tenants(client, url)
    except (SignInError, RejectedByXero):
        if kind is not AuthKind.CUSTOM and not tenant_id:
            raise
    return (Connection(tenant_id, ""),)


class Connected:
    """The organisations of one sign-in, indexed by name so that many files find theirs quickly."""

    def __init__(self, connections: tuple[Connection, ...]) -> None:
        self.all = connections
        self._by_name: dict[str, tuple[Connection, ...]] = {}
        for one in connections:
            key = name_key(one.name)
            self._by_name[key] = (*self._by_name.get(key, ()), one)

    def find(self, wanted: OrganisationPin | None, chosen: str = "") -> str:
        """Return the tenant id of the organisation to use. Raises like `find_tenant`."""
        named = self._by_name.get(name_key(wanted.name)) if wanted and wanted.name else None
        return find_tenant(named or self.all, wanted, chosen)


def find_tenant(
    connected: tuple[Connection, ...], wanted: OrganisationPin | None, chosen: str = ""
) -> str:
    """Return the tenant id of the organisation to use, among those connected.

    `wanted` is the organisation that the file names by tenant id or by name. If the file names
    none, `chosen` is used: the tenant id that was chosen at sign-in. If neither decides, and only
    one organisation is connected, that organisation is used, even if the file names another: the
    caller must check this. Raises `AccessDenied` if no organisation fits, if several fit, or if
    the chosen organisation is no longer connected.
    """
    named = [one for one in connected if wanted and _matches(one, wanted)]
    if len(named) == 1:
        return named[0].tenant_id
    if chosen and not (wanted and (wanted.tenant_id or wanted.name)):
        if any(one.tenant_id.casefold() == chosen.casefold() for one in connected):
            return chosen
        raise AccessDenied(
            "The organisation chosen at sign-in is no longer connected.", CONNECT, naming_helps=True
        )
    if len(connected) == 1:
        return connected[0].tenant_id
    if wanted and wanted.name and not named:
        raise not_connected(wanted.name)
    unclear = named or connected
    hint = (
        "Name it under `organisation:` in the file, or with --organisation if the command has that"
        " option; choose it with `xerosync auth login --organisation NAME`; or set XERO_TENANT_ID"
        " to its tenant id."
    )
    if wanted and wanted.short_code and not (wanted.tenant_id or wanted.name):
        hint = (
            "Xero's list of connections has no short codes. Add the tenant_id or the name under"
            " `organisation:` in the file; `xerosync auth status` shows both."
        )
    if named:
        hint = "They have the same name: give the tenant id in the file, or with --organisation if"
        hint += " the command has that option."
    raise AccessDenied(
        f"It is not clear which of these {len(unclear)} organisations to use: {_listed(unclear)}.",
        hint,
        naming_helps=True,
    )


def not_connected(organisation: str) -> AccessDenied:
    """Return the error for a name or tenant id that is not among the sign-in's organisations."""
    return AccessDenied(
        f"{plain(organisation)} is not among the organisations of this sign-in.",
        f"{CONNECT} `xerosync auth status` lists those that are connected.",
    )


def pick(connected: tuple[Connection, ...], text: str) -> Connection:
    """Return the organisation with this name or id. Raises `AccessDenied` if none or many fit."""
    found = [
        one
        for one in connected
        if name_key(one.name) == name_key(text) or one.tenant_id.casefold() == text.casefold()
    ]
    if len(found) == 1:
        return found[0]
    how = "is not among" if not found else "matches more than one of"
    raise AccessDenied(
        f"{plain(text)} {how} the organisations of this sign-in: {_listed(found or connected)}.",
        "Use the name as it is in Xero, or the tenant id; or tick the organisation in the browser.",
    )


def _listed(connections: Sequence[Connection]) -> str:
    return first_few([one.shown for one in connections], 10)


def _matches(connection: Connection, wanted: OrganisationPin) -> bool:
    if wanted.tenant_id:
        return connection.tenant_id.casefold() == wanted.tenant_id.casefold()
    return bool(wanted.name) and name_key(connection.name) == name_key(wanted.name)
