"""Read the claims of an access token that is a JWT, without verifying it.

The claims are only hints: Xero's answers decide what the token allows.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from xerosync.secret import is_credential
from xerosync.xero.http.responses import find_json

_TENANT = re.compile(r"[0-9A-Fa-f-]{36}")


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of an access token, all empty if it is not a JWT.

    `ends` is when the token expires; `tenant_id` is the organisation of a custom connection.
    """

    scopes: tuple[str, ...] = ()
    ends: datetime | None = None
    tenant_id: str = ""


def read_claims(token: str) -> Claims:
    """Return the claims of an access token. Never raises."""
    try:
        _, payload, _ = token.split(".")
        text = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()
    except (binascii.Error, ValueError):
        return Claims()
    claims = find_json(text)
    if not isinstance(claims, dict):
        return Claims()
    scope, exp, tenant = (claims.get(name) for name in ("scope", "exp", "xero_tenant_id"))
    scopes = scope.split() if isinstance(scope, str) else scope if isinstance(scope, list) else ()
    return Claims(
        tuple(filter(is_credential, scopes)),
        datetime.fromtimestamp(exp, UTC) if isinstance(exp, int) and 0 < exp < 2**33 else None,
        tenant if isinstance(tenant, str) and _TENANT.fullmatch(tenant) else "",
    )
