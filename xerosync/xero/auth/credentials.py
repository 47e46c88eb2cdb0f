"""Credentials → the way to sign in that is taken: the one place that chooses.

1. An access token, as it is.
2. A client id and secret: a custom connection, by client credentials; unless a person
   has signed in through that very app as a web app, which cannot do those.
3. A person's stored sign-in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from xerosync.errors import AccessDenied, SignInError
from xerosync.secret import Secret
from xerosync.xero.addresses import Addresses
from xerosync.xero.auth.client_credentials import ClientCredentials
from xerosync.xero.auth.refresh import Refresh, StoredTokens
from xerosync.xero.auth.sign_in import SignIn
from xerosync.xero.auth.store import Store
from xerosync.xero.auth.token_endpoint import App, Endpoint
from xerosync.xero.http.access_tokens import FetchedTokens, GivenToken, Tokens
from xerosync.xero.http.client import READ_SCOPE, WRITE_SCOPE


class Kind(StrEnum):
    """The ways to sign in."""

    GIVEN = "access token from the environment"
    CUSTOM = "custom connection"
    PERSON = "sign-in of a person"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who signs in. `profile` is its key as it stands in variables, "" the plain one.

    `tenant_id` chooses the organisation; "" asks Xero which ones are open. `store` is
    where a person's sign-in may be; None looks nowhere.
    """

    access_token: Secret | None = field(default=None, repr=False)
    client_id: str = ""
    client_secret: Secret | None = field(default=None, repr=False)
    tenant_id: str = ""
    profile: str = ""
    store: Store | None = field(default=None, repr=False)

    def variable(self, name: str) -> str:
        """Give the name of a variable as this profile has it."""
        return f"{name}_{self.profile}" if self.profile else name


@dataclass(frozen=True, slots=True)
class Way:
    """The way that is taken; `sign_in` is the stored one of a person."""

    kind: Kind
    sign_in: SignIn | None = None


def choose(credentials: Credentials, identity: str) -> Way:
    """Choose the way to sign in. Raises `SignInError` when there is none, or none that fits.

    `identity` is the address of the service that signs in: a stored sign-in goes to the
    one that it came from alone.
    """
    if credentials.access_token:
        return Way(Kind.GIVEN)
    stored = credentials.store.load() if credentials.store else None
    if credentials.client_secret:
        through = credentials.client_id or (stored.client_id if stored else "")
        if not (stored and stored.web_app and stored.client_id == through):
            if not credentials.client_id:
                raise _nobody(credentials)
            return Way(Kind.CUSTOM)
    if not stored:
        raise _nobody(credentials)
    if credentials.client_id not in {"", stored.client_id}:
        raise SignInError(
            f"{credentials.variable('XERO_CLIENT_ID')} names another app than the one that"
            " you signed in through.",
            "Sign in again: `xerosync auth login`.",
        )
    if stored.identity != identity:
        raise SignInError(
            f"The stored sign-in was made at {stored.identity}, and XEROSYNC_IDENTITY_URL is"
            f" {identity}: its tokens go nowhere else.",
            "Sign in again, or give another --profile.",
        )
    return Way(Kind.PERSON, stored)


def open_tokens(
    way: Way,
    credentials: Credentials,
    addresses: Addresses,
    endpoint: Endpoint,
    *,
    read_only: bool,
) -> Tokens:
    """Make the source of access tokens. Raises `AccessDenied` for a sign-in that only reads."""
    scope = READ_SCOPE if read_only else WRITE_SCOPE
    if way.kind is Kind.GIVEN and credentials.access_token:
        return GivenToken(credentials.access_token)
    if way.sign_in and credentials.store:
        if scope not in way.sign_in.scopes and WRITE_SCOPE not in way.sign_in.scopes:
            raise AccessDenied(
                "You are signed in for reading alone, and this changes Xero.",
                "Sign in again without --read-only: `xerosync auth login`.",
            )
        refresh = Refresh(
            endpoint, addresses.token, addresses.revocation, credentials.client_secret
        )
        return StoredTokens(credentials.store, refresh)
    app = App(credentials.client_id, credentials.client_secret)
    sign_in = ClientCredentials(endpoint, addresses.token, app, scope)
    return FetchedTokens(sign_in.fetch, endpoint.clock)


def _nobody(credentials: Credentials) -> SignInError:
    """Say which variables are missing to sign in with."""
    token, client_id, secret, tenant = map(
        credentials.variable,
        ("XERO_ACCESS_TOKEN", "XERO_CLIENT_ID", "XERO_CLIENT_SECRET", "XERO_TENANT_ID"),
    )
    ways = (
        f"A person: `xerosync auth login`. A job: set {client_id} and {secret} (a custom"
        f" connection), or {token} and {tenant}. To try without an account at Xero, add"
        " --sandbox: it needs none."
    )
    if credentials.client_id and not credentials.client_secret:
        return SignInError(f"Nobody is signed in to Xero; for a job, {secret} is not set.", ways)
    if credentials.client_secret:
        return SignInError(f"{client_id} is not set.", ways)
    whose = f" for the profile {credentials.profile}" if credentials.profile else ""
    return SignInError(f"Nobody is signed in to Xero{whose}.", ways)
