"""The organisations that a sign-in opens → the one meant: named, never the first by chance."""

from __future__ import annotations

from dataclasses import dataclass

from xerosync.errors import AccessDenied, Unavailable
from xerosync.model import OrganisationPin, name_key
from xerosync.xero import wire
from xerosync.xero.http.client import Api, Call
from xerosync.xero.http.responses import plain

_CONNECT = (
    "Connect one: authorise the custom connection, or sign in again and tick the organisation."
)


@dataclass(frozen=True, slots=True)
class Connected:
    """One organisation that a sign-in opens."""

    tenant_id: str
    name: str

    @property
    def shown(self) -> str:
        """It, as people tell it from others."""
        return f"{plain(self.name)} ({plain(self.tenant_id)})"


def list_tenants(api: Api, url: str) -> tuple[Connected, ...]:
    """Ask Xero which organisations are connected. Raises `AccessDenied` when none is."""
    answer = api.call(Call("GET", url))
    problem = ""
    try:
        connected = tuple(Connected(*one) for one in wire.connections(answer.data))
    except wire.Malformed as error:
        problem = str(error)
    if problem:
        raise Unavailable(
            f"The list of connected organisations cannot be read: {problem}.",
            "Set XERO_TENANT_ID to do without it.",
            correlation_id=answer.correlation_id,
        )
    if not connected:
        raise AccessDenied("This sign-in opens no organisation.", _CONNECT)
    return connected


def find_tenant(api: Api, url: str, wanted: OrganisationPin | None, chosen: str = "") -> str:
    """Give the tenant id of the organisation that is meant.

    The one that the file's pin names; else the one chosen at sign-in (`chosen`, its
    tenant id); else the only one. Raises `AccessDenied` when there is none, or when it
    cannot be told which.
    """
    connected = list_tenants(api, url)
    named = [one for one in connected if wanted and _matches(one, wanted)]
    if len(named) == 1:
        return named[0].tenant_id
    unnamed = not (wanted and (wanted.tenant_id or wanted.name))
    if chosen and unnamed:
        if any(one.tenant_id == chosen for one in connected):
            return chosen
        raise AccessDenied(
            "The organisation chosen at sign-in is not connected any more.", _CONNECT
        )
    if len(connected) == 1:
        return connected[0].tenant_id
    listed = ", ".join(one.shown for one in connected)
    raise AccessDenied(
        f"This sign-in opens {len(connected)} organisations, and nothing says which one is"
        f" meant: {listed}.",
        "Name it under `organisation:` in the file, choose it once with `xerosync auth login"
        " --organisation NAME`, or set XERO_TENANT_ID to the id of one.",
    )


def pick(connected: tuple[Connected, ...], text: str) -> Connected:
    """Give the organisation with that name or tenant id. Raises `AccessDenied`."""
    found = [
        one
        for one in connected
        if name_key(one.name) == name_key(text) or one.tenant_id.casefold() == text.casefold()
    ]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(one.shown for one in connected)
    how = "is not among" if not found else "names more than one of"
    raise AccessDenied(
        f"{plain(text)} {how} the organisations of this sign-in: {listed}.",
        "Give the name as Xero has it, or the tenant id; or tick the organisation in the browser.",
    )


def _matches(connection: Connected, wanted: OrganisationPin) -> bool:
    if wanted.tenant_id:
        return connection.tenant_id.casefold() == wanted.tenant_id.casefold()
    return bool(wanted.name) and name_key(connection.name) == name_key(wanted.name)
