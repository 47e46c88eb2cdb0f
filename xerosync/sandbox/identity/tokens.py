"""Turns sign-ins into tokens and tokens into who is calling, kept in the database.

Lifetimes are those of developer.xero.com, "OAuth 2.0 FAQ": an access token lives 30
minutes, an authorization code 5 minutes and once, a refresh token 60 days unused. It
is replaced at each use; the replaced one may be tried again for 30 minutes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Callable

    from xerosync.sandbox.books.database import Database

ACCESS_SECONDS = 1800
CODE_SECONDS = 300
REFRESH_SECONDS = 60 * 86_400
GRACE_SECONDS = 1800


class App(StrEnum):
    """The sort of app that signed in: of a person, or a custom connection."""

    USER = "user"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who is calling: what an access token stands for."""

    token: str
    app: App
    event: str
    scopes: frozenset[str]
    expires: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A fresh pair of tokens; ``refresh_token`` is empty without ``offline_access``."""

    access_token: str
    refresh_token: str
    scopes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """An app's connection to the organisation."""

    id: str
    event: str
    created: float


class Tokens:
    """All tokens of a sandbox. Every method is one transaction, safe between processes."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    def issue(
        self, app: App, scopes: str, *, event: str = "", public: bool = False, connect: bool = True
    ) -> Issued:
        """Issue new tokens for an app, which is connected to the organisation by it."""
        event = event or str(uuid4())
        access = secrets.token_urlsafe(32)
        refresh = ""
        now = self._clock()
        with self._database.write():
            self._database.execute(
                "INSERT INTO access_tokens VALUES (?, ?, ?, ?, ?)",
                [access, app, event, scopes, now + ACCESS_SECONDS],
            )
            if app is App.USER and "offline_access" in scopes.split():
                refresh = secrets.token_urlsafe(32)
                self._database.execute(
                    "INSERT INTO refresh_tokens VALUES (?, ?, ?, ?, ?, ?, NULL)",
                    [refresh, app, event, scopes, public, now + REFRESH_SECONDS],
                )
            if connect:
                self._database.execute(
                    "INSERT INTO connections VALUES (?, ?, ?, ?)"
                    " ON CONFLICT (app) DO UPDATE SET event = excluded.event",
                    [str(uuid4()), app, event, now],
                )
        return Issued(access_token=access, refresh_token=refresh, scopes=scopes)

    def access(self, token: str) -> Access | None:
        """Say what an access token stands for, expired or not; ``None`` if it was never issued."""
        row = self._database.row("SELECT * FROM access_tokens WHERE token = ?", [token])
        if row is None:
            return None
        return Access(
            token=token,
            app=App(row["app"]),
            event=row["event"],
            scopes=frozenset(row["scopes"].split()),
            expires=row["expires"],
        )

    def expire(self, token: str) -> None:
        """Let an access token end now."""
        self._database.execute(
            "UPDATE access_tokens SET expires = ? WHERE token = ? AND expires > ?",
            [self._clock(), token, self._clock()],
        )

    def refresh(self, token: str, *, with_secret: bool) -> Issued | None:
        """Return a new pair for a refresh token; ``None`` if it is unknown or past its time.

        A token of a public client (PKCE) needs no secret, another's does.
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
                App(row["app"]),
                row["scopes"],
                event=row["event"],
                public=bool(row["public"]),
                connect=False,
            )

    def revoke(self, token: str) -> None:
        """End a refresh token, what was issued with it, and its app's connection.

        Xero drops all connections of the person who revokes (developer.xero.com, token types).
        """
        with self._database.write():
            row = self._database.row("SELECT * FROM refresh_tokens WHERE token = ?", [token])
            if row is None:
                return
            for table in ("access_tokens", "refresh_tokens"):
                self._database.execute(f"DELETE FROM {table} WHERE app = ?", [row["app"]])
            self._database.execute("DELETE FROM connections WHERE app = ?", [row["app"]])

    def issue_code(self, scopes: str, redirect_uri: str, challenge: str) -> str:
        """Return a code for a person who allowed the app."""
        code = secrets.token_urlsafe(32)
        self._database.execute(
            "INSERT INTO codes VALUES (?, ?, ?, ?, ?)",
            [code, scopes, redirect_uri, challenge, self._clock() + CODE_SECONDS],
        )
        return code

    def redeem_code(
        self, code: str, redirect_uri: str, verifier: str, *, with_secret: bool
    ) -> Issued | None:
        """Tokens for a code, which is spent by the attempt; ``None`` if anything is amiss."""
        with self._database.write():
            row = self._database.row("SELECT * FROM codes WHERE code = ?", [code])
            self._database.execute("DELETE FROM codes WHERE code = ?", [code])
            if row is None or self._clock() >= row["expires"]:
                return None
            proven = hmac.compare_digest(challenge_of(verifier), row["challenge"])
            if row["redirect_uri"] != redirect_uri or not (proven or not row["challenge"]):
                return None
            if not row["challenge"] and not with_secret:
                return None
            return self.issue(App.USER, row["scopes"], public=bool(row["challenge"]))

    def connection(self, app: App) -> Connection | None:
        """Return an app's connection, or ``None`` when it was removed."""
        row = self._database.row("SELECT * FROM connections WHERE app = ?", [app])
        if row is None:
            return None
        return Connection(id=row["id"], event=row["event"], created=row["created"])

    def disconnect(self, app: App, connection_id: str) -> bool:
        """Remove an app's connection; whether there was one."""
        return bool(
            self._database.execute(
                "DELETE FROM connections WHERE app = ? AND id = ?", [app, connection_id]
            )
        )


def challenge_of(verifier: str) -> str:
    """Return the S256 code challenge of a verifier (RFC 7636, section 4.2)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
