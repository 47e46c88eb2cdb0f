"""Call each service of Xero without a sign-in, through a `Transport` like all other calls."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

from xerosync.doctor.connections_to_xero import Answered, AnsweredBy, Reached, Service
from xerosync.network.exchange import CONNECT_SECONDS, is_proxied
from xerosync.network.no_reply import NoReply
from xerosync.xero.addresses import Addresses
from xerosync.xero.http.limit_headers import since
from xerosync.xero.http.responses import find_json, is_page
from xerosync.xero.http.transport import Exchange, Reply, Request, Transport

ANSWER_SECONDS = 15.0
LONGEST_SECONDS = CONNECT_SECONDS + ANSWER_SECONDS
"""The longest that all services together take to answer: they are called at the same time."""


def urls(addresses: Addresses) -> dict[Service, str]:
    """Return the address that is called at each service."""
    return {
        Service.IDENTITY: addresses.discovery,
        Service.API: addresses.connections,
        Service.LOGIN: addresses.authorization,
    }


def reach(
    addresses: Addresses,
    now: Callable[[], datetime],
    on_exchange: Callable[[Exchange], None] | None = None,
) -> tuple[Reached, ...]:
    """Send one GET without credentials to each service, all at once, and return the results.

    Ctrl-C does not wait for the answers.
    """
    transports = {
        service: Transport(
            addresses,
            read_only=True,
            on_exchange=on_exchange,
            timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
            variables=(service.variable,),
        )
        for service in Service
    }
    usual = urls(Addresses())

    def one(service: Service, url: str) -> Reached:
        host = urlsplit(url).hostname or ""
        result = _ask(transports[service], service, url, now)
        return Reached(service, host, url == usual[service], is_proxied(url), result)

    pool = ThreadPoolExecutor(len(Service), "xero-probe")
    try:
        asked = [pool.submit(one, *each) for each in urls(addresses).items()]
        return tuple(each.result() for each in asked)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for transport in transports.values():
            transport.close()


def _ask(
    transport: Transport, service: Service, url: str, now: Callable[[], datetime]
) -> Answered | NoReply:
    began = time.monotonic()
    reply = transport.send(Request("GET", url, seconds=LONGEST_SECONDS))
    if isinstance(reply, NoReply):
        return reply
    seconds = time.monotonic() - began
    return Answered(_kind(service, url, reply), reply.status, seconds, _skew(reply, now(), seconds))


def _kind(service: Service, url: str, reply: Reply) -> AnsweredBy:
    """Return what answered. Each service of Xero has its own answer to a call without a sign-in.

    The login service expects a browser: it answers with a page, or a redirect to another page.
    """
    redirected = HTTPStatus.MULTIPLE_CHOICES <= reply.status < HTTPStatus.BAD_REQUEST
    within = service is Service.LOGIN and _same_site(url, reply.headers.get("location", ""))
    if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return AnsweredBy.DOWN
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        return AnsweredBy.BUSY
    if redirected and not within:
        return AnsweredBy.REDIRECT
    if is_page(reply) and service is not Service.LOGIN:
        return AnsweredBy.PAGE
    return AnsweredBy.XERO if _is_usual(service, reply) else AnsweredBy.OTHER


def _is_usual(service: Service, reply: Reply) -> bool:
    """Whether an answer is like Xero's; true for any answer of the login service."""
    match service:
        case Service.LOGIN:
            return True
        case Service.API:
            return reply.status == HTTPStatus.UNAUTHORIZED
        case Service.IDENTITY:
            said = find_json(reply.text)
            return isinstance(said, dict) and "issuer" in said


def _same_site(url: str, location: str) -> bool:
    """Whether a redirect stays at Xero: on the same host or in the same domain."""
    try:
        here, there = urlsplit(url).hostname or "", urlsplit(urljoin(url, location)).hostname or ""
    except ValueError:
        return False
    domain = here.partition(".")[2]
    is_address = domain.rpartition(".")[2].isdigit()
    is_within = domain.count(".") > 0 and not is_address and there.endswith(f".{domain}")
    return there == here or is_within


def _skew(reply: Reply, now: datetime, seconds: float) -> timedelta | None:
    """Return how far `now` is ahead of the answer's `Date`; None if it has no valid `Date`.

    `Date` omits fractions of a second, and was written during the call. So half a second and half
    of the call's `seconds` are added to `Date`.
    """
    ahead = since(reply.headers.get("date", ""), now)
    return None if ahead is None else ahead - timedelta(seconds=(1 + seconds) / 2)
