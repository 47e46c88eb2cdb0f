"""Whether Xero can be reached: proxy, certificates, each address, and the clock."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from xerosync.doctor.diagnosis import Check, Fact, Level, Subject
from xerosync.network.no_reply import OUTAGE, NoReply, Stage
from xerosync.text import counted, series
from xerosync.urls import is_loopback

LARGE_SKEW = timedelta(minutes=1)
"""A clock may be wrong by less: access tokens are renewed a minute before they expire."""
LARGEST_SKEW = timedelta(minutes=5)

_PROXY = Subject("proxy", "Proxy")
_CERTIFICATES = Subject("certificates", "Certificates")
CLOCK = Subject("clock", "Clock")

_IN_PLACE = {"SSL_CERT_FILE": "file", "SSL_CERT_DIR": "folder"}
"""OpenSSL's variables, and what each replaces: the system's file or folder of certificates."""


class Service(StrEnum):
    """Xero's services, each with an address of its own."""

    IDENTITY = "identity"
    API = "api"
    LOGIN = "login"

    @property
    def subject(self) -> Subject:
        """The subject of the check of this service."""
        return Subject(f"reach_{self}", f"Xero {_LABELS[self]}")

    @property
    def variable(self) -> str:
        """The environment variable that can set another address."""
        return f"XEROSYNC_{self.upper()}_URL"


_LABELS = {Service.IDENTITY: "identity", Service.API: "API", Service.LOGIN: "login"}


class AnsweredBy(StrEnum):
    """The kind of answer from an address."""

    XERO = "xero"
    PAGE = "page"
    REDIRECT = "redirect"
    DOWN = "down"
    BUSY = "busy"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer from an address; `skew` is how far this clock is ahead of the answer's `Date`."""

    kind: AnsweredBy
    status: int
    seconds: float
    skew: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Reached:
    """One address of Xero, and the result of a request without credentials.

    `usual` is whether the address is Xero's own, and not one that a variable sets.
    """

    service: Service
    host: str
    usual: bool
    proxied: bool
    result: Answered | NoReply


@dataclass(frozen=True, slots=True)
class CaFile:
    """A variable that names certificates to trust (a file or a folder), and any problem with them.

    If `needed`, every call needs these certificates, so any problem makes every call fail.
    """

    variable: str
    problem: str = ""
    needed: bool = False


def check_proxy(variables: Sequence[str], *, proxied: Sequence[Service] | None) -> Check:
    """Check the proxy; `proxied` are the services called through one, None if unknown."""
    names = series(variables)
    facts: dict[str, Fact] = {
        "variables": tuple(variables),
        "proxied": None if proxied is None else tuple(map(str, proxied)),
    }
    if proxied:
        source = f"a proxy ({names})" if names else "the proxy of the system's settings"
        return _PROXY.ok(f"calls go through {source}", facts)
    verb = "is" if len(variables) == 1 else "are"
    if proxied is None:
        known = f"; {names} {verb} set" if names else ""
        return _PROXY.ok(f"it is not known whether calls go through one{known}", facts)
    return _PROXY.ok(f"none for Xero, although {names} {verb} set" if names else "none", facts)


def check_certificates(files: Iterable[CaFile]) -> Check:
    """Check whether the files and folders of certificates in environment variables are usable."""
    found = tuple(files)
    facts: dict[str, Fact] = {"variables": tuple(one.variable for one in found)}
    wrong = [one for one in found if one.problem]
    if wrong:
        judge = _CERTIFICATES.fail if any(one.needed for one in wrong) else _CERTIFICATES.warn
        return judge(
            "; ".join(f"{one.variable} names {one.problem}" for one in wrong) + ".",
            "Name a file (for SSL_CERT_DIR, a folder) of certificates in PEM format, or unset the"
            " variable.",
            facts,
        )
    return _CERTIFICATES.ok(_trusted(found), facts)


def _trusted(found: Sequence[CaFile]) -> str:
    """Return which certificates are trusted, and which variables are ignored."""
    system = [one.variable for one in found if one.variable in _IN_PLACE]
    trusted = ["the system's"]
    if len(system) == len(_IN_PLACE):
        trusted = [f"those in {series(system)} in place of the system's"]
    elif system:
        replaced = _IN_PLACE[system[0]]
        trusted = [f"those in {system[0]} in place of the system's {replaced}"]
        trusted += [f"those in the system's {kept}" for kept in {*_IN_PLACE.values()} - {replaced}]
    trusted += [f"those in {one.variable}" for one in found if one.needed] or ["those of certifi"]
    unused = [one.variable for one in found if not one.needed and one.variable not in _IN_PLACE]
    ignored = f"; {series(unused)} is ignored" if unused else ""
    return ", and ".join(trusted) + ignored


def check_reach(one: Reached) -> Check:
    """Check whether an address was reached, and whether it is Xero that answered."""
    subject, host, result = one.service.subject, one.host, one.result
    private = not one.usual
    facts: dict[str, Fact] = {"usual_address": one.usual, "proxied": one.proxied}
    if isinstance(result, NoReply):
        return _unanswered(one, result, facts)
    facts |= {
        "stage": str(Stage.HTTP),
        "status": result.status,
        "milliseconds": round(1000 * result.seconds),
    }
    match result.kind:
        case AnsweredBy.XERO:
            through = " through the proxy" if one.proxied else ""
            said = f"{host} answers{through} in {1000 * result.seconds:.0f} ms"
            return subject.ok(said, facts, private=private)
        case AnsweredBy.DOWN:
            judge, said = subject.fail, f"{host} is not available ({result.status})."
            hint = OUTAGE
        case AnsweredBy.BUSY:
            judge, said = subject.warn, f"{host} limits calls at the moment ({result.status})."
            hint = (
                "Wait a minute, then run again. Others who share this network's address may be"
                " calling it, too."
            )
        case AnsweredBy.OTHER:
            judge = subject.warn
            said = f"{host} gives an answer that is not usual for Xero ({result.status})."
            hint = (
                "If the sign-in fails too, a proxy or a firewall may be answering instead of Xero:"
                " ask your network's administrator for direct access."
            )
        case AnsweredBy.PAGE | AnsweredBy.REDIRECT:
            what = "a web page" if result.kind is AnsweredBy.PAGE else "a redirect"
            judge = subject.fail
            said = f"something other than Xero answers at {host} with {what}."
            hint = (
                "Open any page in a browser: this network may ask you to log in first. Otherwise"
                " a proxy is answering instead of Xero: ask your network's administrator for"
                " direct access."
            )
            if not one.usual:
                hint += f" {one.service.variable} is set: is it right?"
    return judge(f"HTTP: {said}", hint, facts, private=private)


def _unanswered(one: Reached, result: NoReply, facts: dict[str, Fact]) -> Check:
    """Return the check of an address where nothing answered."""
    said = f" ({result.detail})" if result.detail else ""
    message = result.message.rstrip(".") + said
    hint = result.hint
    if one.usual and not one.proxied and result.stage in {Stage.DNS, Stage.TCP}:
        hint = (
            f"{hint} If this network has a proxy, set HTTPS_PROXY, and leave xero.com out of"
            " NO_PROXY."
        )
    if one.proxied and result.stage in {Stage.TCP, Stage.TLS, Stage.HTTP}:
        hint = f"{hint} The call goes through a proxy, which may be the cause."
    if not one.usual and not is_loopback(one.host):
        hint = f"{hint} {one.service.variable} is set: is it right?"
    if "not yet valid" in result.detail or "expired" in result.detail:
        hint = f"Check this machine's date and time first. {hint}"
    facts |= {"stage": str(result.stage), "tls": result.detail if one.usual else ""}
    stage = "Proxy" if result.stage is Stage.PROXY else result.stage.upper()
    return one.service.subject.fail(f"{stage}: {message}.", hint, facts, private=not one.usual)


def check_clock(asked: Iterable[Reached]) -> Check:
    """Check how far this clock is from Xero's, by the `Date` headers of Xero's answers.

    Answers of the login service do not count: a network's own log-in page looks the same.
    """
    skews = [
        one.result.skew.total_seconds()
        for one in asked
        if isinstance(one.result, Answered)
        and one.result.kind is AnsweredBy.XERO
        and one.service is not Service.LOGIN
        and one.result.skew is not None
    ]
    if not skews:
        return CLOCK.not_checked("no answer from Xero gave the time.")
    seconds = round(statistics.median(skews))
    skew = timedelta(seconds=abs(seconds))
    if skew < LARGE_SKEW:
        return CLOCK.ok("agrees with Xero's", {"skew_seconds": seconds})
    message = f"{_duration(skew)} {'ahead of' if seconds > 0 else 'behind'} Xero's"
    hint = (
        "Let the system set its time from the network. Tokens, certificates and the order of"
        " journals depend on it."
    )
    judge = CLOCK.warn if skew < LARGEST_SKEW else CLOCK.fail
    return judge(f"{message}.", hint, {"skew_seconds": seconds})


def reached(checks: Iterable[Check]) -> frozenset[Service]:
    """Return the services where Xero may have answered: their checks are ok or a warning."""
    found = {one.id for one in checks if one.level in {Level.OK, Level.WARN}}
    return frozenset(service for service in Service if service.subject.id in found)


def _duration(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    if minutes < 120:  # noqa: PLR2004 two hours
        return counted(minutes, "minute")
    hours = round(minutes / 60)
    return counted(hours, "hour") if hours < 48 else counted(round(hours / 24), "day")  # noqa: PLR2004
