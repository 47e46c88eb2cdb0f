"""Turns an Idempotency-Key into the answer that was given to it before.

A key has at most 128 characters (Xero's OpenAPI description) and is remembered for 6
minutes from its first use, for each app; errors too. The same key with another request
is refused; GET and DELETE ignore it. (developer.xero.com, "Idempotent requests", as
others retell it.) Kept in the database: a restart of the sandbox forgets nothing.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from xerosync.sandbox.http.messages import Answer, text_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from xerosync.sandbox.books.database import Database
    from xerosync.sandbox.http.messages import Call

REMEMBER_SECONDS = 360
MAX_KEY = 128


class Memory:
    """The answers that were given under a key. Use inside one write transaction."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    def recall(self, app: str, call: Call) -> Answer | None:
        """Return the answer for a call whose key was used before, or ``None`` to go ahead."""
        key = call.headers.get("idempotency-key", "")
        if len(key) > MAX_KEY:
            return text_answer(400, f"Idempotency Key is too long. Maximum of {MAX_KEY} characters")
        self._database.execute(
            "DELETE FROM idempotency WHERE first_used <= ?", [self._clock() - REMEMBER_SECONDS]
        )
        row = self._database.row("SELECT * FROM idempotency WHERE key = ?", [f"{app}/{key}"])
        if not key or row is None:
            return None
        if row["fingerprint"] != _fingerprint(call):
            return text_answer(400, f"Idempotency Key {key} is used with a different request")
        return Answer(status=row["status"], content_type=row["content_type"], body=row["body"])

    def remember(self, app: str, call: Call, answer: Answer) -> None:
        """Keep the answer to a call that carries a key."""
        if key := call.headers.get("idempotency-key", ""):
            self._database.execute(
                "INSERT INTO idempotency VALUES (?, ?, ?, ?, ?, ?)",
                [
                    f"{app}/{key}",
                    _fingerprint(call),
                    answer.status,
                    answer.content_type,
                    answer.body,
                    self._clock(),
                ],
            )


def _fingerprint(call: Call) -> str:
    digest = hashlib.sha256(f"{call.method} {call.path}?{call.query}\n".encode())
    digest.update(call.body)
    return digest.hexdigest()
