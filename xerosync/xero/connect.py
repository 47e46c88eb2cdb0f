"""Sign in and open the ledger of one organisation."""

from __future__ import annotations

from xerosync.model import OrganisationPin
from xerosync.xero.addresses import Addresses
from xerosync.xero.auth.credentials import Credentials, choose, open_tokens
from xerosync.xero.auth.tenants import find_tenant, open_tenants
from xerosync.xero.gateway import Gateway, Hooks
from xerosync.xero.ledger import XeroLedger
from xerosync.xero.naming import naming

__all__ = ["Credentials", "Hooks", "connect"]


def connect(
    credentials: Credentials,
    addresses: Addresses,
    *,
    read_only: bool,
    wanted: OrganisationPin | None = None,
    hooks: Hooks | None = None,
) -> XeroLedger:
    """Sign in if necessary, find the organisation, and return its ledger.

    `read_only` asks for the read scope and sends only GETs. `wanted` is the organisation that
    the file names: its tenant id is used as it is, its name to choose among several. The
    caller must check that the books match.
    Raises `SignInError`, `AccessDenied`, `UsageError`, or as `XeroClient.call`.
    """
    method = choose(credentials, addresses.identity)
    gateway = Gateway(addresses, hooks or Hooks(), read_only=read_only)
    try:
        tokens = open_tokens(method, credentials, gateway.token_endpoint, read_only=read_only)
        chosen = method.sign_in.tenant_id if method.sign_in else ""
        tenant_id = credentials.tenant_id or (wanted.tenant_id.lower() if wanted else "")
        if not tenant_id:
            client = gateway.client(tokens)
            with naming(wanted):
                connected = open_tenants(method.kind, tokens, client, addresses.connections)
                tenant_id = find_tenant(connected, wanted, chosen)
    except BaseException:
        gateway.close()
        raise
    return XeroLedger(gateway.client(tokens, tenant_id), addresses.accounting, wanted)
