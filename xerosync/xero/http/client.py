"""One call of Xero's API → its answer: signed in, in its turn, repeated where that is safe.

Reads are repeated after limits, errors of Xero's side, and broken connections. Writes
only where repeating cannot act twice: under their idempotency key while it lives, a delete,
or when Xero certainly did not act. A write that may have acted ends in `OutcomeUnknown`, whatever
went wrong later: only reading the chart can tell then.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from xerosync.errors import (
    LedgerError,
    OutcomeUnknown,
    SignInError,
    Unavailable,
    XerosyncError,
)
from xerosync.xero.clock import Clock
from xerosync.xero.http.access_tokens import Tokens
from xerosync.xero.http.allowance import read_allowance
from xerosync.xero.http.failure import NoReply
from xerosync.xero.http.rate_limit import Pace, Turn
from xerosync.xero.http.responses import Answer, Cause, Trouble, judge
from xerosync.xero.http.retry import Backoff, History
from xerosync.xero.http.transport import Reply, Request, Sender

READ_SCOPE = "accounting.settings.read"
WRITE_SCOPE = "accounting.settings"


@dataclass(frozen=True, slots=True)
class Call:
    """One call: an absolute address, and for a write its body and idempotency key."""

    method: str
    url: str
    body: Mapping[str, object] | None = field(default=None, repr=False)
    key: str = ""

    @property
    def is_write(self) -> bool:
        """Whether Xero changes anything on it."""
        return self.method != "GET"


class Api:
    """Calls for one tenant ("" for those that need none), from any number of threads."""

    def __init__(
        self,
        sender: Sender,
        tokens: Tokens,
        pace: Pace,
        *,
        clock: Clock,
        backoff: Backoff,
        tenant_id: str = "",
    ) -> None:
        self.sender = sender
        self.pace = pace
        self.tenant_id = tenant_id
        self._tokens = tokens
        self._clock = clock
        self._backoff = backoff

    def call(self, call: Call) -> Answer:
        """Make a call, and give its answer.

        Raises `RejectedByXero`, `AccessDenied`, `SignInError`, `DayLimitReached`,
        `Unavailable`, `Interrupted`; for a write that may have acted, `OutcomeUnknown`.
        """
        history = History(call.is_write, call.key, idempotent=call.method == "DELETE")
        while True:
            try:
                outcome, began = self._attempt(call, history)
                if isinstance(outcome, Answer):
                    return outcome
                history = history.after(outcome, began)
                self._obey(outcome)
            except XerosyncError as error:
                if history.in_doubt:
                    raise _unknown(call, error.message, error) from error
                raise
            if not history.may_repeat(outcome, self._clock.monotonic()):
                raise _end(call, outcome, history)

    def _attempt(self, call: Call, history: History) -> tuple[Answer | Trouble, float]:
        """Make one attempt, after the wait that the attempts before it ask for.

        Gives what came of it, and when it began.
        """
        if history.attempts:
            self.pace.wait(self._backoff.seconds(history.attempts))
        with self.pace.turn() as turn:
            began = self._clock.monotonic()
            if not history.key_lives(began):
                raise LedgerError("The wait outlived the call's idempotency key.")
            token = self._tokens.access_token()
            outcome = self._exchange(call, token, turn)
            if isinstance(outcome, Trouble) and outcome.cause is Cause.EXPIRED:
                outcome = self._exchange(call, self._tokens.renew(token), turn)
                if isinstance(outcome, Trouble) and outcome.cause is Cause.EXPIRED:
                    raise SignInError(
                        "Xero calls an access token expired that it has just given out.",
                        "Run again; if it stays so, see https://status.xero.com.",
                    )
        return outcome, began

    def _obey(self, trouble: Trouble) -> None:
        if trouble.cause is Cause.LIMIT:
            self.pace.obey(trouble.allowance, limit=True)
        elif trouble.cause is Cause.DOWN:
            self.pace.obey(trouble.allowance, limit=False)

    def _exchange(self, call: Call, token: str, turn: Turn) -> Answer | Trouble:
        """Send once, and read the reply and what it says of the limits."""
        reply = self._send(call, token)
        if isinstance(reply, Reply):
            turn.allowance = read_allowance(reply.headers, self._clock.now())
        scope = WRITE_SCOPE if call.is_write else READ_SCOPE
        outcome = judge(reply, scope=scope)
        if isinstance(outcome, Trouble):
            return replace(outcome, allowance=turn.allowance)
        return outcome

    def _send(self, call: Call, token: str) -> Reply | NoReply:
        headers = {"Xero-Tenant-Id": self.tenant_id} if self.tenant_id else {}
        body = None
        if call.body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(call.body, ensure_ascii=False).encode()
        if call.key:
            headers["Idempotency-Key"] = call.key
        request = Request(
            call.method, call.url, headers, f"Bearer {token}", body=body, secrets=(token,)
        )
        try:
            return self.sender.send(request)
        except NoReply as no_reply:
            return no_reply


def _end(call: Call, last: Trouble, history: History) -> LedgerError:
    """Say how a call ended that is not repeated any more."""
    if history.in_doubt:
        return _unknown(call, last.message, last)
    return Unavailable(last.message, last.hint, correlation_id=last.correlation_id)


def _unknown(call: Call, why: str, source: object) -> OutcomeUnknown:
    what = {"PUT": "create", "DELETE": "delete"}.get(call.method, "update")
    return OutcomeUnknown(
        f"Whether Xero took the {what} is not known. {why}",
        "Read the chart again: it tells.",
        correlation_id=str(getattr(source, "correlation_id", "")),
    )
