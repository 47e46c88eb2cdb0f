"""Select the authentication method for the credentials.

The first of these that exists is used:

1. An access token.
2. A command that prints access tokens.
3. A client id and secret, for a custom connection. If they are those of a web app, through which
   somebody signed in, the stored sign-in is used: a web app cannot use client credentials.
4. The stored sign-in of a person.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from xerosync.environment import profile_key, profiles_with_credentials
from xerosync.errors import AccessDenied, SignInError, UsageError
from xerosync.secret import Secret
from xerosync.settings import Settings
from xerosync.text import series
from xerosync.xero.auth.claims import Claims
from xerosync.xero.auth.client_credentials import ClientCredentials
from xerosync.xero.auth.refresh import RefreshFlow
from xerosync.xero.auth.sign_in import LOGIN, SIGN_IN_AGAIN, SignIn
from xerosync.xero.auth.store import TokenStore
from xerosync.xero.auth.token_command import TokenCommand
from xerosync.xero.auth.token_endpoint import App, TokenEndpoint
from xerosync.xero.http.access_tokens import FixedToken, RenewedTokens, TokenSource
from xerosync.xero.http.client import READ_SCOPE, WRITE_SCOPE

_MOST_NAMED = 3
"""The most profiles that a message names."""


class AuthKind(StrEnum):
    """The kinds of authentication, as `auth status` shows them."""

    GIVEN = "access token from the environment"
    COMMAND = "access token from a command"
    CUSTOM = "custom connection"
    PERSON = "sign-in of a person"

    @property
    def asks_identity(self) -> bool:
        """Whether Xero's identity service issues the tokens during the run."""
        return self in {AuthKind.CUSTOM, AuthKind.PERSON}


_VARIABLES = {
    AuthKind.GIVEN: ("XERO_ACCESS_TOKEN",),
    AuthKind.COMMAND: ("XERO_TOKEN_COMMAND",),
    AuthKind.CUSTOM: ("XERO_CLIENT_ID", "XERO_CLIENT_SECRET"),
    AuthKind.PERSON: (),
}


@dataclass(frozen=True, slots=True)
class Credentials:
    """The credentials of one profile.

    `profile` is the profile's name in environment variables, such as `ACME_UK`; it is "" for the
    default profile. `login` is the command that signs a person in with this profile. `tenant_id`
    selects the organisation, unless it is "". `store` may hold a person's sign-in. Messages name
    `other_profiles`, which have credentials too.
    """

    access_token: Secret | None = field(default=None, repr=False)
    client_id: str = ""
    client_secret: Secret | None = field(default=None, repr=False)
    token_command: Secret | None = field(default=None, repr=False)
    tenant_id: str = ""
    profile: str = ""
    login: str = LOGIN
    store: TokenStore | None = field(default=None, repr=False)
    other_profiles: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: Settings, login: str) -> Self:
        """Return the credentials in the settings. A sandbox of this run has no stored sign-in."""
        profile = profile_key(settings.profile)
        return cls(
            access_token=settings.access_token,
            token_command=settings.token_command,
            client_id=settings.client_id,
            client_secret=settings.client_secret,
            tenant_id=settings.tenant_id,
            profile=profile,
            login=login,
            store=None if settings.sandboxed else TokenStore(profile),
            other_profiles=tuple(
                name for name in profiles_with_credentials() if profile_key(name) != profile
            ),
        )

    def variable(self, name: str) -> str:
        """Return a variable's name in this profile: `XERO_TENANT_ID_ACME_UK`."""
        return f"{name}_{self.profile}" if self.profile else name

    def check_every_organisation(self) -> None:
        """Raise `UsageError` for `--all` if XERO_TENANT_ID names one organisation."""
        if self.tenant_id:
            variable = self.variable("XERO_TENANT_ID")
            raise UsageError(
                f"--all reads every organisation of the sign-in, but {variable} names only one.",
                f"Unset {variable}, or leave --all out.",
            )

    def used_by(self, kind: AuthKind) -> tuple[str, ...]:
        """Return the variables that a kind of authentication always uses."""
        return tuple(map(self.variable, _VARIABLES[kind]))

    def ignored_by(self, kind: AuthKind, *, stored: bool) -> tuple[str, ...]:
        """Return the credentials that are set, but that this kind does not use.

        These are variables with a secret and, if `stored`, the stored sign-in.
        """
        if kind is AuthKind.PERSON:  # may need the client secret
            return ()
        given = {
            "XERO_ACCESS_TOKEN": self.access_token,
            "XERO_TOKEN_COMMAND": self.token_command,
            "XERO_CLIENT_SECRET": self.client_secret,
        }
        unused = [name for name, value in given.items() if value and name not in _VARIABLES[kind]]
        return (*map(self.variable, unused), *(["the stored sign-in"] if stored else []))

    @property
    def used_before_sign_in(self) -> tuple[str, ...]:
        """The variables that give tokens, if set: they take precedence over any stored sign-in."""
        given = {"XERO_ACCESS_TOKEN": self.access_token, "XERO_TOKEN_COMMAND": self.token_command}
        return tuple(self.variable(name) for name, value in given.items() if value)


@dataclass(frozen=True, slots=True)
class AuthMethod:
    """The authentication to use; `sign_in` is the stored sign-in, None for other kinds."""

    kind: AuthKind
    sign_in: SignIn | None = None

    def scopes(self, claims: Claims) -> tuple[str, ...]:
        """Return the scopes of the stored sign-in, or else those of an access token's claims."""
        return self.sign_in.scopes if self.sign_in else claims.scopes


def choose(credentials: Credentials, identity: str) -> AuthMethod:
    """Select the authentication method. Raises `SignInError` if there is none that can be used.

    `identity` is the address of the identity service: a stored sign-in is only used with the
    service that issued its tokens.
    """
    if credentials.access_token:
        return AuthMethod(AuthKind.GIVEN)
    if credentials.token_command:
        return AuthMethod(AuthKind.COMMAND)
    stored = credentials.store.load() if credentials.store else None
    if credentials.client_secret:
        client_id = credentials.client_id or (stored.client_id if stored else "")
        if not (stored and stored.web_app and stored.client_id == client_id):
            if not credentials.client_id:
                raise _not_signed_in(credentials)
            return AuthMethod(AuthKind.CUSTOM)
    if not stored:
        raise _not_signed_in(credentials)
    if credentials.client_id not in {"", stored.client_id}:
        raise SignInError(
            "The client id in the environment is not that of the app that you signed in with.",
            SIGN_IN_AGAIN,
        )
    stored.check_identity(identity, "Sign in again, or choose another --profile.")
    return AuthMethod(AuthKind.PERSON, stored)


def open_tokens(
    method: AuthMethod,
    credentials: Credentials,
    endpoint: TokenEndpoint,
    *,
    read_only: bool,
    also: tuple[str, ...] = (),
) -> TokenSource:
    """Return the source of access tokens.

    `also` are optional scopes for the tokens of a custom connection. Raises `AccessDenied` if
    the stored sign-in lacks the necessary scope.
    """
    scope = READ_SCOPE if read_only else WRITE_SCOPE
    app = App(credentials.client_id, credentials.client_secret)
    endpoint.mask.add(credentials.access_token, *app.secrets)
    if method.kind is AuthKind.GIVEN and credentials.access_token:
        return FixedToken(credentials.access_token, credentials.variable)
    if method.kind is AuthKind.COMMAND and credentials.token_command:
        variable = credentials.variable("XERO_TOKEN_COMMAND")
        command = TokenCommand(credentials.token_command, variable, endpoint.clock, endpoint.mask)
        return RenewedTokens(command.fetch, endpoint.clock)
    if method.sign_in and credentials.store:
        if not {scope, WRITE_SCOPE} & set(method.sign_in.scopes):
            raise AccessDenied(
                "Your sign-in is read-only, and this command changes Xero.",
                "Sign in again without --read-only: `xerosync auth login`.",
            )
        flow = RefreshFlow(endpoint, credentials.store, credentials.client_secret)
        return RenewedTokens(flow.fetch, endpoint.clock)
    return RenewedTokens(ClientCredentials(endpoint, app, scope, also).fetch, endpoint.clock)


def _not_signed_in(credentials: Credentials) -> SignInError:
    """Return the error for missing credentials; it names the variables to set."""
    token, client_id, secret, tenant = map(
        credentials.variable,
        ("XERO_ACCESS_TOKEN", "XERO_CLIENT_ID", "XERO_CLIENT_SECRET", "XERO_TENANT_ID"),
    )
    hint = (
        f"A person: run `xerosync auth login`. A CI job: set {client_id} and {secret} (a custom"
        f" connection), or {token} and {tenant}. To try xerosync without a Xero account, run"
        " `xerosync pull --sandbox` in an empty folder."
    )
    if others := credentials.other_profiles[:_MOST_NAMED]:
        named = series([f"`--profile {other}`" for other in others], "or")
        hint = f"There are credentials for another profile: use {named}. {hint}"
    if credentials.client_secret:
        return SignInError(f"{client_id} is not set.", hint)
    whose = f" for the profile {credentials.profile}" if credentials.profile else ""
    missing = f", and {secret} is not set" if credentials.client_id else ""
    return SignInError(f"Nobody is signed in to Xero{whose}{missing}.", hint)
