"""An exception from below HTTP → `NoReply`: plain words, and whether anything got out."""

from __future__ import annotations

from collections.abc import Iterator

from xerosync.urls import is_loopback


class NoReply(Exception):
    """No whole reply came. `untouched` says that the request certainly never got out.

    Lives inside `xero/` only: `api.py` turns it into an error of the tree.
    """

    def __init__(
        self, message: str, hint: str = "", *, untouched: bool, lasting: bool = False
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.untouched = untouched
        self.lasting = lasting
        """Whether trying again is useless, as for a certificate that nobody trusts."""


_NETWORK = "Check the network, and https://status.xero.com."
_NOT_XERO = (
    "That is this machine, not Xero: start `xerosync sandbox`, or unset XEROSYNC_API_URL and "
    "XEROSYNC_IDENTITY_URL."
)

_KINDS: tuple[tuple[frozenset[str], str, str, bool], ...] = (
    (
        frozenset({"SSLCertVerificationError"}),
        "The certificate of {host} is not trusted on this machine.",
        "Behind a proxy that inspects traffic, point REQUESTS_CA_BUNDLE at its CA file.",
        True,
    ),
    (
        frozenset({"ProxyError"}),
        "The proxy does not let us through to {host}.",
        "Check HTTPS_PROXY and NO_PROXY.",
        True,
    ),
    (
        frozenset({"NameResolutionError", "gaierror"}),
        "The name {host} cannot be found.",
        _NETWORK,
        True,
    ),
    (
        frozenset({"NewConnectionError", "ConnectionRefusedError"}),
        "No connection to {host} can be made.",
        _NETWORK,
        True,
    ),
    (
        frozenset({"ConnectTimeout", "ConnectTimeoutError"}),
        "{host} does not answer.",
        _NETWORK,
        True,
    ),
    (
        frozenset({"Timeout", "TimeoutError"}),
        "{host} took too long to answer.",
        _NETWORK,
        False,
    ),
    (
        frozenset({"ChunkedEncodingError", "IncompleteRead"}),
        "The answer of {host} broke off.",
        _NETWORK,
        False,
    ),
)
"""What happened, by the first class name found among the causes; True: it never got out.

By name, since requests hides urllib3's classes in its own. Special kinds go first: to
urllib3 a refused connection is a connect time-out too.
"""

_UNTRUSTED = "SSLCertVerificationError"


def explain(error: BaseException, host: str) -> NoReply:
    """Say what kept the reply from coming.

    Nothing of the exception's own text is kept: it may quote the request.
    """
    ours = is_loopback(host)
    names = {kind.__name__ for cause in _causes(error) for kind in type(cause).__mro__}
    for kinds, message, hint, untouched in _KINDS:
        if kinds & names:
            lasting = _UNTRUSTED in kinds
            said = _NOT_XERO if hint is _NETWORK and ours else hint
            return NoReply(message.format(host=host), said, untouched=untouched, lasting=lasting)
    said = _NOT_XERO if ours else _NETWORK
    return NoReply(f"The connection to {host} broke.", said, untouched=False)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Walk what an exception wraps: its causes, and urllib3's `reason` and arguments."""
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
