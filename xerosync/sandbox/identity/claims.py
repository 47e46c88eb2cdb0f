"""The claims of access tokens and identity tokens.

The names of the claims are Xero's (developer.xero.com, "Token types", and tokens in public
projects). The claim ``xero_tenant_id`` names a custom connection's organisation; only a third
party mentions this claim.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

from xerosync.sandbox.identity.scopes import OPENID
from xerosync.sandbox.identity.web_tokens import encode, sign

CLIENT = "sandbox"
ACCESS_SECONDS = 1800
IDENTITY_SECONDS = 300
USER_ID = "6f1d0c52-3a54-4b7b-9b2e-8f6f1f3f0d11"
"""Whoever presses "Allow access" signs in as the user with this id."""
PERSON: Mapping[str, Mapping[str, str]] = {
    "profile": {
        "preferred_username": "demo@example.com",
        "given_name": "Demo",
        "family_name": "User",
        "name": "Demo User",
    },
    "email": {"email": "demo@example.com"},
}
"""The claims about the user that a scope adds to the identity token."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Issues signed tokens; ``url`` is the address of the sandbox."""

    url: str

    def access_token(
        self, event: str, scopes: str, now: float, *, person: bool, tenant_id: str
    ) -> str:
        """Return an access token for a person, or for a custom connection.

        A custom connection's token has a claim with ``tenant_id``; ``""`` omits the claim.
        """
        connection: dict[str, object] = {"xero_tenant_id": tenant_id} if tenant_id else {}
        return sign(
            self._claims(f"{self.url}/resources", now, ACCESS_SECONDS)
            | {"client_id": CLIENT, "scope": scopes.split(), "authentication_event_id": event}
            | (self._person(event, now) if person else connection)
        )

    def id_token(
        self, event: str, scopes: str, now: float, *, access_token: str, nonce: str
    ) -> str:
        """Return the identity token for an access token; ``""`` without the scope ``openid``."""
        granted = scopes.split()
        if OPENID not in granted:
            return ""
        half = hashlib.sha256(access_token.encode()).digest()[:16]
        claims = self._claims(CLIENT, now, IDENTITY_SECONDS) | self._person(event, now)
        claims |= {"at_hash": encode(half)} | ({"nonce": nonce} if nonce else {})
        for scope in granted:
            claims |= PERSON.get(scope, {})
        return sign(claims)

    def _claims(self, audience: str, now: float, seconds: int) -> dict[str, object]:
        moment = int(now)
        return {
            "iss": self.url,
            "aud": audience,
            "iat": moment,
            "nbf": moment,
            "exp": moment + seconds,
            "jti": uuid4().hex,
        }

    def _person(self, event: str, now: float) -> dict[str, object]:
        return {
            "sub": hashlib.sha256(USER_ID.encode()).hexdigest()[:32],
            "xero_userid": USER_ID,
            "auth_time": int(now),
            "global_session_id": hashlib.sha256(event.encode()).hexdigest()[:32],
        }
