"""Turn an exception below HTTP into `NoReply`: what happened, and whether anything was sent."""

from __future__ import annotations

from collections.abc import Iterator


class NoReply(Exception):
    """No complete reply arrived. The client that sent the request handles it.

    `untouched` means that the request was certainly not sent, `lasting` that another attempt
    is useless, as for a certificate that is not trusted.
    """

    def __init__(
        self, message: str, hint: str = "", *, untouched: bool, lasting: bool = False
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.untouched = untouched
        self.lasting = lasting


_NETWORK = "Check your network."
_UNTRUSTED = "SSLCertVerificationError"
_KINDS = (
    (
        {_UNTRUSTED},
        "This machine does not trust the certificate of {host}.",
        "If a proxy inspects your traffic, set REQUESTS_CA_BUNDLE to its CA file.",
        True,
    ),
    (
        {"ProxyError"},
        "The proxy refused the connection to {host}.",
        "Check HTTPS_PROXY and NO_PROXY.",
        True,
    ),
    (
        {"NameResolutionError", "gaierror"},
        "The host name {host} could not be resolved.",
        _NETWORK,
        True,
    ),
    (
        {"NewConnectionError", "ConnectionRefusedError"},
        "Could not connect to {host}.",
        _NETWORK,
        True,
    ),
    ({"ConnectTimeout", "ConnectTimeoutError"}, "{host} does not respond.", _NETWORK, True),
    ({"Timeout", "TimeoutError"}, "{host} took too long to answer.", _NETWORK, False),
    (
        {"ChunkedEncodingError", "IncompleteRead"},
        "The answer from {host} was cut off.",
        _NETWORK,
        False,
    ),
)
"""Message, hint and `untouched` for the first class name found among an exception's causes.

Classes go by name because requests hides urllib3's classes in its own. Special cases come
first: to urllib3, a refused connection is a connect time-out too.
"""


def explain(error: BaseException, host: str, hint: str = _NETWORK) -> NoReply:
    """Return the reason why no reply came, without the exception's text: it may quote a secret.

    `hint` says what to do if the network is at fault.
    """
    names = {kind.__name__ for cause in _causes(error) for kind in type(cause).__mro__}
    for kinds, message, cure, untouched in _KINDS:
        if kinds & names:
            said = hint if cure is _NETWORK else cure
            lasting = _UNTRUSTED in kinds
            return NoReply(message.format(host=host), said, untouched=untouched, lasting=lasting)
    return NoReply(f"The connection to {host} was lost.", hint, untouched=False)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield what an exception wraps: its causes, and urllib3's `reason` and arguments."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop()
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [cause.__cause__, cause.__context__, getattr(cause, "reason", None)]
        waiting += cause.args
