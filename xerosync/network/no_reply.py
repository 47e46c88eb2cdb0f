"""Turn a network exception into `NoReply`: what happened, and whether anything was sent."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from enum import StrEnum
from traceback import walk_tb


class Stage(StrEnum):
    """The stages at which an exchange can fail."""

    DNS = "dns"
    TCP = "tcp"
    PROXY = "proxy"
    TLS = "tls"
    HTTP = "http"


class NoReply(Exception):
    """No complete reply was read. The client that sent the request handles it.

    `untouched` means that the request was certainly not sent. `lasting` means that another attempt
    is useless, as for a certificate that is not trusted. `stage` is where the exchange failed,
    HTTP if that is not known. `detail` is OpenSSL's reason for not trusting a certificate.
    """

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        untouched: bool,
        lasting: bool = False,
        stage: Stage = Stage.HTTP,
        detail: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.untouched = untouched
        self.lasting = lasting
        self.stage = stage
        self.detail = detail


OUTAGE = "Wait a minute, and see https://status.xero.com."
_TRUST_PROXY = "If a proxy inspects your traffic, set REQUESTS_CA_BUNDLE to its CA file."
_UNTRUSTED = "SSLCertVerificationError"
_NO_CA_FILE = "Could not find a suitable TLS CA certificate bundle"
_UNUSABLE_PROXY = {"InvalidSchema", "InvalidURL"}
"""What requests raises for an invalid address.

It can only be the proxy's address: that of the service was checked before the call.
"""
_PROXY_STATUS = re.compile(r"Tunnel connection failed: ([0-9]{3})\b")
_KINDS = (
    ({_UNTRUSTED}, Stage.TLS, "This machine does not trust the certificate of {host}."),
    ({"NameResolutionError", "gaierror"}, Stage.DNS, "The host name {host} could not be resolved."),
    ({"NewConnectionError", "ConnectionRefusedError"}, Stage.TCP, "Could not connect to {host}."),
    ({"ConnectTimeout", "ConnectTimeoutError"}, Stage.TCP, "{host} does not respond."),
    ({"Timeout", "TimeoutError"}, Stage.HTTP, "{host} took too long to answer."),
    ({"ChunkedEncodingError", "IncompleteRead"}, Stage.HTTP, "The answer from {host} was cut off."),
)
"""Each row: names of exception classes, then the stage and the message for them.

Classes are compared by name because requests wraps urllib3's exceptions in its own. The first row
that fits counts, so special cases come first: in urllib3, the exception for a refused connection
is a subclass of the exception for a connect time-out.
"""


def explain(error: BaseException, host: str, hint: str = "Check your network.") -> NoReply:
    """Return why no reply came, without the exception's text, which may quote a secret.

    `hint` says what to do if the network is at fault.
    """
    causes = tuple(_causes(error))
    names = {kind.__name__ for cause in causes for kind in type(cause).__mro__}
    if _UNTRUSTED not in names and names & {"ProxyError", *_UNUSABLE_PROXY}:
        return _proxy_failure(causes, names, host)
    # Whether an exception is from the TLS handshake, which comes before the request.
    frames = (frame for one in causes for frame, _ in walk_tb(one.__traceback__))
    in_handshake = any(frame.f_code.co_name == "do_handshake" for frame in frames)
    for kinds, usual_stage, message in _KINDS:
        if kinds & names:
            stage = Stage.TLS if in_handshake else usual_stage
            return NoReply(
                message.format(host=host),
                _TRUST_PROXY if _UNTRUSTED in kinds else hint,
                untouched=stage is not Stage.HTTP,
                lasting=_UNTRUSTED in kinds,
                stage=stage,
                detail=_certificate_problem(causes),
            )
    if any(str(cause).startswith(_NO_CA_FILE) for cause in causes):
        return NoReply(
            f"The file of certificates to trust is missing, so {host} was not called.",
            "Correct REQUESTS_CA_BUNDLE (or CURL_CA_BUNDLE), or unset it.",
            untouched=True,
            lasting=True,
            stage=Stage.TLS,
        )
    stage = Stage.TLS if in_handshake or "SSLError" in names else Stage.HTTP
    message = f"The connection to {host} was lost."
    return NoReply(message, hint, untouched=in_handshake, stage=stage)


def _proxy_failure(causes: tuple[BaseException, ...], names: set[str], host: str) -> NoReply:
    """Return why the proxy made no connection, for example because it asks for a password."""
    if names & _UNUSABLE_PROXY:
        return NoReply(
            f"The address of the proxy on the way to {host} cannot be used.",
            "Write HTTPS_PROXY (or ALL_PROXY) like http://HOST:PORT. SOCKS is not supported.",
            untouched=True,
            lasting=True,
            stage=Stage.PROXY,
        )
    said = next((found for cause in causes if (found := _PROXY_STATUS.search(str(cause)))), None)
    message = f"The proxy refused the connection to {host}."
    hint = "Check HTTPS_PROXY and NO_PROXY."
    if said and said[1] == "407":
        message = f"The proxy asks for a user name and password to connect to {host} (407)."
        hint = "Put them into HTTPS_PROXY: http://USER:PASSWORD@HOST:PORT."
    elif said:
        message = f"The proxy refused the connection to {host} ({said[1]})."
    elif names & {"NameResolutionError", "NewConnectionError", "ConnectTimeoutError"}:
        message = f"The proxy on the way to {host} cannot be reached."
    return NoReply(message, hint, untouched=True, stage=Stage.PROXY)


def _certificate_problem(causes: tuple[BaseException, ...]) -> str:
    """Return why OpenSSL does not trust a certificate, "" if the exceptions do not say why."""
    found = (one for one in causes if isinstance(one, ssl.SSLCertVerificationError))
    texts = (getattr(one, "verify_message", "") for one in found)
    return next((str(text).rstrip(".") for text in texts if text), "")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and all that it wraps: its causes, `reason` and arguments."""
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
