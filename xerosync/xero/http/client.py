"""Call Xero's API: signed in, within the rate limit, repeated when that is safe.

Reads are repeated after server errors, broken connections and rate limits, but not after the day's
limit. A write is repeated only if it cannot take effect twice: if it has an idempotency key, is a
delete, or certainly did not take effect. If a write may have taken effect and no repeat succeeds,
the call raises `OutcomeUnknown`, whatever the last error was: only reading the chart shows whether
the write took effect. From its first attempt, a call takes about `CALL_SECONDS` at most, repeats
included, because Xero keeps an idempotency key for only six minutes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlsplit

from xerosync.errors import OutcomeUnknown, RejectedToken, SignInError, Unavailable, XerosyncError
from xerosync.network.exchange import CALL_SECONDS, EXCHANGE_SECONDS
from xerosync.network.no_reply import NoReply
from xerosync.xero.auth.claims import read_claims
from xerosync.xero.clock import Clock
from xerosync.xero.http.access_tokens import SharedTokens, TokenSource
from xerosync.xero.http.limit_headers import LimitHeaders, read_limits
from xerosync.xero.http.rate_limit import CallSlot, RateLimit, TooLate, app_rate_limit
from xerosync.xero.http.responses import Answer, CallFailure, Cause, is_expired, judge, report_this
from xerosync.xero.http.retry import Attempts, Backoff
from xerosync.xero.http.transport import Reply, Request, Sender

_SHORTEST = 0.1
READ_SCOPE = "accounting.settings.read"
WRITE_SCOPE = "accounting.settings"


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One call: an absolute address, and for a write its body and idempotency key.

    `scope` is what the call needs, for messages; "" is the scope of the chart. `paged` is true
    for a read of one page, whose answer may be only a part of the list. `seconds` is how long
    the call may take with its repeats. `headers` are additional headers.
    """

    method: str
    url: str
    body: Mapping[str, object] | None = field(default=None, repr=False)
    key: str = ""
    scope: str = ""
    paged: bool = False
    seconds: float = CALL_SECONDS
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_write(self) -> bool:
        """Whether the call changes anything in Xero."""
        return self.method != "GET"


class XeroClient:
    """Makes calls for one tenant ("" for calls that need none), from any number of threads.

    `rate_limit` is the tenant's; `app_limit` is the app's, which all clients of the app share.
    `before_repeat` is called before each repeat of a write; it may raise a `XerosyncError`.
    """

    def __init__(
        self,
        sender: Sender,
        tokens: TokenSource,
        rate_limit: RateLimit,
        *,
        clock: Clock,
        backoff: Backoff,
        tenant_id: str = "",
        app_limit: RateLimit | None = None,
    ) -> None:
        self.sender = sender
        self.rate_limit = rate_limit
        self._app_limit = app_limit or app_rate_limit(clock)
        self.tenant_id = tenant_id
        self._tokens = tokens
        self._clock = clock
        self._backoff = backoff
        self.before_repeat: Callable[[], None] = lambda: None

    def granted_scopes(self) -> tuple[str, ...]:
        """Return the scopes of the access token; () if unknown. Raises like `TokenSource`."""
        return read_claims(self._tokens.access_token()).scopes

    def now(self) -> datetime:
        """Return the current time."""
        return self._clock.now()

    def call(self, call: ApiCall) -> Answer:
        """Make a call and return its answer.

        Raises a `LedgerError`, a `SignInError`, or what `TokenSource` raises. For a write that may
        have taken effect, the error is always `OutcomeUnknown`.
        """
        attempts = Attempts(call.is_write, call.key, idempotent=call.method == "DELETE")
        ends = math.inf
        last: CallFailure | None = None
        while True:
            try:
                outcome, began = self._attempt(call, attempts, ends)
                ends = min(ends, began + call.seconds)
                if isinstance(outcome, Answer):
                    return outcome if call.is_write or call.paged else _whole(call, outcome)
                attempts, last = attempts.after(outcome), outcome
                if outcome.cause in {Cause.RATE_LIMIT, Cause.UNAVAILABLE}:
                    self.rate_limit.obey(outcome.limits.of_organisation())
                    self._app_limit.obey(outcome.limits.of_app())
            except TooLate:
                raise _given_up(call, attempts, last) from None
            except XerosyncError as error:
                if attempts.in_doubt:
                    raise _unknown(call, error.message, error) from error
                raise
            if not attempts.may_repeat(outcome):
                raise _given_up(call, attempts, outcome)

    def once(self, call: ApiCall) -> Reply:
        """Send a call once, and return Xero's reply, whatever its status.

        The call is sent again only if the access token has expired. Raises `DayLimitReached`, or
        like `TokenSource`. If no reply comes, raises `Unavailable`, or `OutcomeUnknown` for a write
        that may have taken effect.
        """
        with self._slots(before=math.inf) as slots:
            ends = self._clock.monotonic() + CALL_SECONDS
            token = self._tokens.access_token(ends)
            reply, limits = self._reply(call, token, slots, ends)
            if isinstance(reply, Reply) and is_expired(reply):
                token = self._tokens.renew(token, ends)
                reply, limits = self._reply(call, token, slots, ends)
        if isinstance(reply, NoReply):
            if call.is_write and not reply.untouched:
                raise _unknown(call, reply.message, reply)
            raise Unavailable(reply.message, reply.hint)
        if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
            self.rate_limit.obey(limits.of_organisation())
            self._app_limit.obey(limits.of_app())
        return reply

    def _attempt(
        self, call: ApiCall, attempts: Attempts, ends: float
    ) -> tuple[Answer | CallFailure, float]:
        """Make one attempt, after its backoff. Return the outcome, and when the attempt began.

        Raises `TooLate` if it could not begin before `ends`.
        """
        if attempts.count:
            wait = self._backoff.seconds(attempts.count)
            if self._clock.monotonic() + wait >= ends:
                raise TooLate
            self.rate_limit.wait(wait)
            if call.is_write:
                self.before_repeat()
        with self._slots(before=ends) as slots:
            began = self._clock.monotonic()
            ends = min(ends, began + call.seconds)
            token = self._tokens.access_token(ends)
            try:
                outcome = self._exchange(call, token, slots, ends)
            except RejectedToken:
                rejected, token = token, self._instead_of(token, ends)
                if token == rejected:
                    raise
                outcome = self._exchange(call, token, slots, ends)
            if _is_expired(outcome):
                outcome = self._exchange(call, self._tokens.renew(token, ends), slots, ends)
                if _is_expired(outcome):
                    raise expired_at_once()
        return outcome, began

    def _instead_of(self, rejected: str, ends: float) -> str:
        if isinstance(self._tokens, SharedTokens):
            return self._tokens.instead_of(rejected, ends)
        return rejected

    @contextmanager
    def _slots(self, before: float) -> Iterator[tuple[CallSlot, CallSlot]]:
        """Wait until the organisation's and the app's limits allow a call; yield a slot of each.

        While a call waits for its organisation's limit, it does not count towards the app's limit.
        """
        with (
            self.rate_limit.slot(before=before) as slot,
            self._app_limit.slot(before=before, clock=self._clock) as app_slot,
        ):
            yield slot, app_slot

    def _exchange(
        self, call: ApiCall, token: str, slots: tuple[CallSlot, CallSlot], ends: float
    ) -> Answer | CallFailure:
        reply, limits = self._reply(call, token, slots, ends)
        scope = call.scope or (WRITE_SCOPE if call.is_write else READ_SCOPE)
        outcome = judge(reply, scope=scope, tenant_id=self.tenant_id)
        if isinstance(outcome, CallFailure) and isinstance(reply, Reply):
            return replace(outcome, limits=limits, correlation_id=reply.correlation_id)
        return outcome

    def _reply(
        self, call: ApiCall, token: str, slots: tuple[CallSlot, CallSlot], ends: float
    ) -> tuple[Reply | NoReply, LimitHeaders]:
        """Send a call once, and read the rate-limit headers of the reply."""
        seconds = min(EXCHANGE_SECONDS, max(_SHORTEST, ends - self._clock.monotonic()))
        reply = self._send(call, token, seconds)
        limits = LimitHeaders()
        if isinstance(reply, Reply):
            limits = read_limits(reply.headers, self._clock.now())
            slot, app_slot = slots
            slot.limits, app_slot.limits = limits.of_organisation(), limits.of_app()
        return reply, limits

    def _send(self, call: ApiCall, token: str, seconds: float) -> Reply | NoReply:
        headers = dict(call.headers)
        if self.tenant_id:
            headers["Xero-Tenant-Id"] = self.tenant_id
        body = None
        if call.body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(call.body).encode()
        if call.key:
            headers["Idempotency-Key"] = call.key
        bearer = f"Bearer {token}"
        return self.sender.send(
            Request(call.method, call.url, headers, bearer, body, (token,), seconds)
        )


def expired_at_once() -> SignInError:
    """Return the error for a token that Xero rejects as expired, as it did the one before."""
    return SignInError(
        "Xero says that both the access token and its replacement have expired.",
        "If XERO_TOKEN_COMMAND is set, its command must print a token that has not expired. "
        "Otherwise, if it happens again, see https://status.xero.com.",
    )


def _is_expired(outcome: Answer | CallFailure) -> bool:
    return isinstance(outcome, CallFailure) and outcome.cause is Cause.TOKEN_EXPIRED


def _whole(call: ApiCall, answer: Answer) -> Answer:
    """Return the answer to a read. Raises `Unavailable` if it is only a part of the list."""
    if not answer.part:
        return answer
    raise Unavailable(
        f"Xero's answer to {urlsplit(call.url).path} is only a part of the list ({answer.part}).",
        "xerosync works with whole lists only, so it did not use this answer;"
        f" {report_this(answer.correlation_id)}",
        correlation_id=answer.correlation_id,
    )


def _given_up(call: ApiCall, attempts: Attempts, last: CallFailure | None) -> XerosyncError:
    """Return the error to raise for a call that is given up; `last` is its last failure, if any."""
    last = last or CallFailure(Cause.NO_REPLY, "Xero took too long to answer.")
    if attempts.in_doubt:
        return _unknown(call, last.message, last)
    return Unavailable(last.message, last.hint, correlation_id=last.correlation_id)


def _unknown(call: ApiCall, why: str, source: object) -> OutcomeUnknown:
    what = {"PUT": "create", "DELETE": "delete"}.get(call.method, "update")
    return OutcomeUnknown(
        f"The {what} call got no clear answer. {why}",
        "Look at the account in Xero to find out.",
        correlation_id=str(getattr(source, "correlation_id", "")),
    )
