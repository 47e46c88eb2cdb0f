"""Tokens, authorization codes and connections, kept in the database.

An access token is a signed JWT. Its scopes and expiry are in the database: it can be revoked.

Lifetimes are as in developer.xero.com, "OAuth 2.0 FAQ". An access token lasts 30 minutes. An
authorization code lasts 5 minutes and works once. An unused refresh token lasts 60 days. Each use
of a refresh token replaces it; the old one still works for 30 minutes.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from uuid import uuid4

from xerosync.sandbox.books.database import Database
from xerosync.sandbox.identity.claims import ACCESS_SECONDS, Issuer
from xerosync.sandbox.identity.scopes import OFFLINE
from xerosync.sandbox.identity.web_tokens import encode

CODE_SECONDS = 300
REFRESH_SECONDS = 60 * 86_400
GRACE_SECONDS = 1800


class AppType(StrEnum):
    """The type of an app: one that a person signs in with, or a custom connection."""

    USER = "user"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """An access token's app, its scopes, and its expiry in seconds since 1970."""

    app: str
    scopes: frozenset[str]
    expires: float

    @property
    def is_custom(self) -> bool:
        """Whether the app is a custom connection."""
        return self.app != AppType.USER


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """New tokens, and their scopes.

    ``refresh_token`` is ``""`` without the scope ``offline_access``, and ``id_token`` is ``""``
    without ``openid``. Both are ``""`` for a custom connection.
    """

    access_token: str
    refresh_token: str
    id_token: str
    scopes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """An app's connection to an organisation; ``organisation`` is the organisation's number."""

    id: str
    organisation: int
    event: str
    created: float


class Tokens:
    """All tokens of a sandbox, in its database. Several threads and processes may use them."""

    def __init__(self, database: Database, clock: Callable[[], float], issuer: Issuer) -> None:
        self._database = database
        self._clock = clock
        self._issuer = issuer

    def issue(
        self,
        app: AppType,
        scopes: str,
        *,
        event: str = "",
        public: bool = False,
        connect: bool = True,
        nonce: str = "",
        names_tenant: bool = True,
        only: int = 0,
    ) -> Issued:
        """Return new tokens for an app. If ``connect``, also connect the app to organisations.

        An app has all organisations in the database, unless ``only`` is the number of its only
        organisation. As at Xero, a custom connection to one organisation is an app of its own.
        If a custom connection has only one organisation, its access token names the
        organisation; ``names_tenant=False`` prevents this.
        """
        event = event or str(uuid4())
        now = self._clock()
        person = app is AppType.USER
        name = f"{app}-{only}" if only else str(app)
        tenant_id = self._tenant_id(only) if names_tenant else ""
        access = self._issuer.access_token(event, scopes, now, person=person, tenant_id=tenant_id)
        identity = ""
        if person:
            identity = self._issuer.id_token(event, scopes, now, access_token=access, nonce=nonce)
        refresh = ""
        with self._database.write():
            self._database.execute(
                "INSERT INTO access_tokens VALUES (?, ?, ?, ?, ?)",
                [access, name, event, scopes, now + ACCESS_SECONDS],
            )
            if person and OFFLINE in scopes.split():
                refresh = secrets.token_urlsafe(32)
                self._database.execute(
                    "INSERT INTO refresh_tokens VALUES (?, ?, ?, ?, ?, ?, NULL)",
                    [refresh, app, event, scopes, public, now + REFRESH_SECONDS],
                )
            if connect:
                self._connect(name, event, now, only)
        return Issued(access_token=access, refresh_token=refresh, id_token=identity, scopes=scopes)

    def _tenant_id(self, only: int) -> str:
        rows = self._database.rows(
            "SELECT tenant_id FROM organisations WHERE ? IN (0, number) LIMIT 2", [only]
        )
        return str(rows[0]["tenant_id"]) if len(rows) == 1 else ""

    def _connect(self, app: str, event: str, now: float, only: int) -> None:
        """Connect an app to one organisation, or to all; existing connections keep their ids."""
        self._database.execute("UPDATE connections SET event = ? WHERE app = ?", [event, app])
        missing = self._database.rows(
            "SELECT number FROM organisations WHERE number NOT IN"
            " (SELECT organisation FROM connections WHERE app = ?) AND ? IN (0, number)",
            [app, only],
        )
        self._database.execute_many(
            "INSERT INTO connections VALUES (?, ?, ?, ?, ?)",
            [(str(uuid4()), app, row["number"], event, now) for row in missing],
        )

    def access(self, token: str) -> Access | None:
        """Return the ``Access`` of a token, even if expired, or ``None`` if unknown or revoked."""
        row = self._database.row("SELECT * FROM access_tokens WHERE token = ?", [token])
        if row is None:
            return None
        return Access(
            app=row["app"], scopes=frozenset(row["scopes"].split()), expires=row["expires"]
        )

    def expire(self, token: str) -> None:
        """Make an access token expire now."""
        self._database.execute(
            "UPDATE access_tokens SET expires = ? WHERE token = ? AND expires > ?",
            [self._clock(), token, self._clock()],
        )

    def refresh(self, token: str, *, with_secret: bool) -> Issued | None:
        """Return new tokens for a refresh token, or ``None`` if the request is refused.

        The token is refused if it is unknown, has expired, or was replaced at least 30 minutes
        ago. Only a public client (PKCE) may omit the client secret.
        """
        now = self._clock()
        with self._database.write():
            row = self._database.row("SELECT * FROM refresh_tokens WHERE token = ?", [token])
            if row is None or now >= row["expires"] or not (with_secret or row["public"]):
                return None
            if row["replaced"] is not None and now >= row["replaced"] + GRACE_SECONDS:
                return None
            self._database.execute(
                "UPDATE refresh_tokens SET replaced = coalesce(replaced, ?) WHERE token = ?",
                [now, token],
            )
            return self.issue(
                AppType(row["app"]),
                row["scopes"],
                event=row["event"],
                public=bool(row["public"]),
                connect=False,
            )

    def revoke(self, token: str) -> None:
        """Revoke a refresh token, with all tokens and connections of its app.

        Xero, too, removes all connections of the token's user (developer.xero.com, "Token types").
        """
        with self._database.write():
            row = self._database.row("SELECT * FROM refresh_tokens WHERE token = ?", [token])
            if row is None:
                return
            for table in ("access_tokens", "refresh_tokens", "connections"):
                self._database.execute(f"DELETE FROM {table} WHERE app = ?", [row["app"]])

    def issue_code(self, scopes: str, redirect_uri: str, challenge: str, nonce: str) -> str:
        """Return a new authorization code, after a person has allowed access."""
        code = secrets.token_urlsafe(32)
        self._database.execute(
            "INSERT INTO codes VALUES (?, ?, ?, ?, ?, ?)",
            [code, scopes, redirect_uri, challenge, nonce, self._clock() + CODE_SECONDS],
        )
        return code

    def redeem_code(
        self, code: str, redirect_uri: str, verifier: str, *, with_secret: bool
    ) -> Issued | None:
        """Return tokens for an authorization code, or ``None`` if anything is wrong.

        The code is used up in either case. A code that was issued with a PKCE challenge needs
        the verifier; any other code needs the client secret.
        """
        with self._database.write():
            row = self._database.row("SELECT * FROM codes WHERE code = ?", [code])
            self._database.execute("DELETE FROM codes WHERE code = ?", [code])
            if row is None or self._clock() >= row["expires"]:
                return None
            proven = with_secret
            if row["challenge"]:
                challenge = encode(hashlib.sha256(verifier.encode()).digest())  # RFC 7636, 4.2
                proven = hmac.compare_digest(challenge, row["challenge"])
            if row["redirect_uri"] != redirect_uri or not proven:
                return None
            return self.issue(
                AppType.USER, row["scopes"], public=bool(row["challenge"]), nonce=row["nonce"]
            )

    def connections(self, app: str) -> tuple[Connection, ...]:
        """Return an app's connections, sorted by the number of the organisation."""
        rows = self._database.rows(
            "SELECT id, organisation, event, created FROM connections WHERE app = ?"
            " ORDER BY organisation",
            [app],
        )
        return tuple(Connection(**row) for row in rows)

    def is_connected(self, app: str, organisation: int) -> bool:
        """Whether an app is connected to the organisation with this number."""
        query = "SELECT 1 FROM connections WHERE app = ? AND organisation = ?"
        return self._database.row(query, [app, organisation]) is not None

    def disconnect(self, app: str, connection_id: str) -> bool:
        """Remove an app's connection by its id, and return whether there was such a connection."""
        query = "DELETE FROM connections WHERE app = ? AND id = ?"
        return bool(self._database.execute(query, [app, connection_id]))
