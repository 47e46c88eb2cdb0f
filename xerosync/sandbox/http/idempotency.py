"""Idempotency keys: a repeated request gets the response that was given before.

A key has at most 128 characters (Xero's OpenAPI description). It is remembered for 6 minutes
from its first use, even if the request broke a rule. Each app has its own keys. By default,
the same key with a different request is refused. GET and DELETE ignore keys. The source is
developer.xero.com, "Idempotent requests", as others quote it.

We assume that a request to another organisation counts as a different request. The keys are in
the database, so that they survive a restart of the sandbox.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from xerosync.sandbox.accounting.assumptions import Assumptions
from xerosync.sandbox.books.database import Database
from xerosync.sandbox.http.messages import Request, Response, text_response

REMEMBER_SECONDS = 360
MAX_KEY = 128
OTHER_REQUEST = "Idempotency Key {key} is used with a different request"
SAME_REQUEST = "Idempotency Key {key} was used before"
"""Our wording. Sent only if a repeat is refused and ``Assumptions.texts`` has no message."""


class IdempotencyKeys:
    """Responses by idempotency key. Call ``recall`` and ``remember`` in one write transaction."""

    def __init__(
        self, database: Database, clock: Callable[[], float], assumed: Assumptions
    ) -> None:
        self._database = database
        self._clock = clock
        self._assumed = assumed

    def recall(self, app: str, request: Request) -> Response | None:
        """Return the stored response or an error, ``None`` if the request must be processed."""
        key = request.headers.get("idempotency-key", "")
        if len(key) > MAX_KEY:
            text = f"Idempotency Key is too long. Maximum of {MAX_KEY} characters"
            return text_response(400, text)
        self._database.execute(
            "DELETE FROM idempotency WHERE first_used <= ?", [self._clock() - REMEMBER_SECONDS]
        )
        row = self._database.row("SELECT * FROM idempotency WHERE key = ?", [f"{app}/{key}"])
        if not key or row is None:
            return None
        if row["fingerprint"] != _fingerprint(request):
            if self._assumed.idempotency_other == "done":
                return None
            return self._refused("idempotency_other", OTHER_REQUEST.format(key=key))
        if self._assumed.idempotency_same == "refused":
            return self._refused("idempotency_same", SAME_REQUEST.format(key=key))
        return Response(status=row["status"], content_type=row["content_type"], body=row["body"])

    def _refused(self, question: str, ours: str) -> Response:
        return text_response(400, "\n".join(self._assumed.refusal(question, ours)))

    def remember(self, app: str, request: Request, response: Response) -> None:
        """Store the response if the request has a key."""
        if key := request.headers.get("idempotency-key", ""):
            self._database.execute(
                "INSERT OR REPLACE INTO idempotency VALUES (?, ?, ?, ?, ?, ?)",
                [
                    f"{app}/{key}",
                    _fingerprint(request),
                    response.status,
                    response.content_type,
                    response.body,
                    self._clock(),
                ],
            )


def _fingerprint(request: Request) -> str:
    tenant = request.headers.get("xero-tenant-id", "").strip().lower()
    head = f"{request.method} {request.path}?{request.query} {tenant}\n".encode()
    return hashlib.sha256(head + request.body).hexdigest()
