"""OpenID Connect Discovery: the addresses of the identity service, and its public keys."""

from __future__ import annotations

from xerosync.sandbox.http.messages import (
    Request,
    Response,
    json_response,
    method_not_allowed,
    not_found,
)
from xerosync.sandbox.identity.scopes import API, PERSONAL
from xerosync.sandbox.identity.web_tokens import ALGORITHM, public_keys

CONFIGURATION = "openid-configuration"
KEYS = "openid-configuration/jwks"


def respond(request: Request, item: str, issuer: str) -> Response:
    """Respond to GET /.well-known/openid-configuration, and to its ``jwks`` (the public keys)."""
    documents = {CONFIGURATION: lambda: configuration(issuer), KEYS: public_keys}
    if item not in documents:
        return not_found()
    if request.method != "GET":
        return method_not_allowed("GET")
    return json_response(documents[item]())


def configuration(issuer: str) -> dict[str, object]:
    """Return an issuer's endpoints and features (OpenID Connect Discovery, section 3)."""
    return {
        "issuer": issuer,
        "jwks_uri": f"{issuer}/.well-known/{KEYS}",
        "authorization_endpoint": f"{issuer}/identity/connect/authorize",
        "token_endpoint": f"{issuer}/connect/token",
        "revocation_endpoint": f"{issuer}/connect/revocation",
        "scopes_supported": sorted(PERSONAL | API),
        "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
    }
