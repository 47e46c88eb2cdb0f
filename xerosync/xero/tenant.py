"""The organisations that a sign-in opens → the one meant: named, never the first by chance."""

from __future__ import annotations

from xerosync.errors import AccessDenied, Unavailable
from xerosync.model import OrganisationPin, name_key
from xerosync.xero import wire
from xerosync.xero.answers import plain
from xerosync.xero.api import Api, Call

_CONNECT = (
    "Connect one: authorise the custom connection, or sign in again and tick the organisation."
)


def find_tenant(api: Api, url: str, wanted: OrganisationPin | None) -> str:
    """Ask Xero which organisations are connected, and give the tenant id of the one meant.

    One connected organisation is the one; of several, the one that the file's pin names.
    Raises `AccessDenied` when there is none, or when it cannot be told which.
    """
    answer = api.call(Call("GET", url))
    problem = ""
    try:
        connected = wire.connections(answer.data)
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
    if len(connected) == 1:
        return connected[0][0]
    meant = [one for one in connected if wanted and _matches(one, wanted)]
    if len(meant) == 1:
        return meant[0][0]
    listed = ", ".join(f"{plain(name)} ({plain(tenant_id)})" for tenant_id, name in connected)
    raise AccessDenied(
        f"This sign-in opens {len(connected)} organisations, and nothing says which one is"
        f" meant: {listed}.",
        "Set XERO_TENANT_ID to the id of one, or name it under `organisation:` in the file.",
    )


def _matches(connection: tuple[str, str], wanted: OrganisationPin) -> bool:
    tenant_id, name = connection
    if wanted.tenant_id:
        return tenant_id.casefold() == wanted.tenant_id.casefold()
    return bool(wanted.name) and name_key(name) == name_key(wanted.name)
