"""Whether somebody is signed in, what the sign-in allows, and which organisations it reaches."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from xerosync.desired import OrganisationPin
from xerosync.doctor.diagnosis import Check, Fact, Facts, Subject
from xerosync.errors import WrongOrganisation
from xerosync.model import Organisation
from xerosync.plan.organisation import check_organisation
from xerosync.text import counted, day, day_and_time, first_few, series, visible
from xerosync.usage import UsageKind

CREDENTIALS = Subject("credentials", "Credentials")
TOKEN_FILE = Subject("token_file", "Stored sign-in")
SIGN_IN = Subject("sign_in", "Sign-in")
SCOPES = Subject("scopes", "Scopes")
CONNECTED = Subject("organisations", "Organisations")
BOOKS = Subject("books", "Organisation")
CALLS = Subject("calls_left", "Calls left today")
SUBJECTS = (CREDENTIALS, TOKEN_FILE, SIGN_IN, SCOPES, CONNECTED, BOOKS, CALLS)

FEW_CALLS = 100
"""With fewer calls left than this, `check_calls` warns, and with none it fails.

A plan takes a few calls, and an apply at least one more for each change.
"""
_ID = re.compile("[0-9a-fA-F-]{36}")
_COUNTRY = re.compile("[A-Z]{2}")
_SCOPE = re.compile(r"[a-z]{1,20}(?:[._][a-z]{1,20}){0,5}")
"""The form of Xero's scopes. The facts leave out scopes of another form."""
_WORDS = {
    UsageKind.BALANCE: "balances",
    UsageKind.REPEATING_INVOICES: "repeating invoices",
    UsageKind.CONTACTS: "contacts",
}


@dataclass(frozen=True, slots=True)
class Method:
    """How this run signs in: the variables or the store that it uses, and those that it ignores.

    `sort` names the kind of sign-in in JSON, `shown` names it in messages.
    """

    sort: str
    shown: str
    profile: str = ""
    variables: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredFile:
    """The file of a stored sign-in.

    `path` is "" if the user has no home folder. `mode` has the permissions of the file. It is None
    if there is no file, or if permissions do not say who may read it, as on Windows. `writable` is
    whether a renewed sign-in can be written there. `lapses` is when Xero ends an unused sign-in.
    """

    path: str
    exists: bool
    keyring: bool = False
    mode: int | None = None
    writable: bool = True
    lapses: datetime | None = None


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the scopes of a token allow.

    `usage` are the kinds of usage that it can read, without `ITEMS`, which needs no extra scope.
    """

    plan: bool
    apply: bool
    usage: tuple[UsageKind, ...]


def check_method(method: Method) -> Check:
    """Check which credentials are used."""
    whose = f" of the profile {method.profile}" if method.profile else ""
    source = f" ({', '.join(method.variables)})" if method.variables else ""
    facts: dict[str, Fact] = {"method": method.sort, "profile": bool(method.profile)}
    said = f"{method.shown}{whose}{source}"
    if method.ignored:
        return CREDENTIALS.warn(
            f"{said}; it takes precedence over {series(method.ignored)}.",
            "Unset any of these variables that you do not mean to use.",
            facts,
            private=bool(method.profile),
        )
    return CREDENTIALS.ok(said, facts, private=bool(method.profile))


def check_stored(found: StoredFile, now: datetime, login: str, *, used: bool) -> Check:
    """Check where a stored sign-in is, and whether it can be renewed there.

    A file that other users can read is not reported here: the store refuses to load it. `login` is
    the command that signs in. If `used`, this run needs the stored sign-in, so a place that
    cannot be written is a graver problem.
    """
    facts: dict[str, Fact] = {
        "exists": found.exists,
        "kept_in": ("keyring" if found.keyring else "file") if found.exists else None,
        "mode": None if found.mode is None else f"{found.mode:04o}",
        "writable": found.writable,
    }
    if not found.exists:
        return _not_stored(found, facts, used=used)
    if not found.writable:
        judge = TOKEN_FILE.fail if used else TOKEN_FILE.warn
        return judge(
            f"{found.path} is in a folder where you cannot write, so it cannot be renewed.",
            "Make the folder writable: Xero replaces the tokens at every renewal.",
            facts,
            private=True,
        )
    if found.lapses and found.lapses <= now:
        return TOKEN_FILE.warn(
            f"{found.path} was left unused for too long: the sign-in ended on {day(found.lapses)}.",
            f"Sign in again: `{login}`.",
            facts,
            private=True,
        )
    where = "in the system's keyring" if found.keyring else found.path
    who = "" if found.keyring or found.mode is None else ", which only you can read"
    until = f"; it ends on {day(found.lapses)} if not used before" if found.lapses else ""
    return TOKEN_FILE.ok(f"{where}{who}{until}", facts, private=True)


def _not_stored(found: StoredFile, facts: Facts, *, used: bool) -> Check:
    """No sign-in is stored: check whether one could be. If not, warn only if this run needs it."""
    if not found.path:
        message = "none: this user has no home folder to store one in"
        hint = "To sign in as a person, set HOME. A CI job needs no stored sign-in."
    elif not found.writable:
        message = f"none, and {found.path} cannot be written"
        hint = "Before you sign in, make the folder writable. A CI job needs no stored sign-in."
    else:
        return TOKEN_FILE.ok(f"none; it would be in {found.path}", facts, private=True)
    if used:
        return TOKEN_FILE.warn(f"{message}.", hint, facts, private=True)
    return TOKEN_FILE.ok(message, facts, private=True)


def check_sign_in(ends: datetime | None, now: datetime) -> Check:
    """Check until when the access token is valid; `ends` is None if the token does not say."""
    if ends is None:
        return SIGN_IN.ok("there is an access token", {"expired": None})
    if ends <= now:
        return SIGN_IN.warn(
            f"The access token says that it expired on {day_and_time(ends)}.",
            "If it is in a variable, set a new one there; or unset that variable, and let xerosync"
            " get one: with a custom connection, a sign-in or a token command. If the token is new,"
            " check this machine's clock.",
            {"expired": True},
        )
    until = day_and_time(ends, None)
    return SIGN_IN.ok(f"there is an access token, valid until {until}", {"expired": False})


def check_scopes(scopes: Sequence[str], allowed: Allowed) -> Check:
    """Check which commands the scopes of a token allow."""
    facts: dict[str, Fact] = {
        "scopes": tuple(filter(_SCOPE.fullmatch, scopes)),
        "plan": allowed.plan,
        "apply": allowed.apply,
        "usage": tuple(str(kind) for kind in allowed.usage),
    }
    if not scopes:
        return SCOPES.warn(
            "The token does not say which scopes it has.",
            "Run the command that you want: Xero says if a scope is missing.",
            facts | {"plan": None, "apply": None},
        )
    if not allowed.plan:
        return SCOPES.fail(
            "They allow no command: accounting.settings.read is missing.",
            "The access token, from its variable or the token command, must be requested with"
            " accounting.settings (to apply) or accounting.settings.read (to plan).",
            facts,
        )
    can = ["plan", "drift", "compare", "pull", *(["apply"] if allowed.apply else [])]
    read = ["items", *(word for kind, word in _WORDS.items() if kind in allowed.usage)]
    lacks = [word for kind, word in _WORDS.items() if kind not in allowed.usage]
    said = f"they allow {series(can)}, and `usage` can read {series(read)}"
    said += "" if allowed.apply else "; not allowed: apply (needs accounting.settings)"
    said += f"; `usage` cannot read {series(lacks)}" if lacks else ""
    return SCOPES.ok(said, facts)


def check_connected(organisations: Sequence[Organisation]) -> Check:
    """Check which organisations a sign-in reaches."""
    named = [one.name or one.tenant_id or "one without a name" for one in organisations]
    said = f"{counted(len(named), 'organisation')}: "
    said += first_few([visible(name) for name in named], 10)
    return CONNECTED.ok(said, {"count": len(named)}, private=True)


def check_books(pin: OrganisationPin | None, found: Organisation) -> Check:
    """Check whether the organisation that answers is the one named by the file (`pin`), if any."""
    facts: dict[str, Fact] = {
        "tenant_id": shortened(found.tenant_id),
        "country": found.country_code if _COUNTRY.fullmatch(found.country_code) else "",
        "demo_company": found.is_demo_company,
    }
    named = f"{visible(found.name)}, country {visible(found.country_code) or 'unknown'},"
    if pin is None:
        return BOOKS.ok(f"{named} answers; nothing to compare it with", facts, private=True)
    try:
        check_organisation(pin, found)
    except WrongOrganisation as error:
        return BOOKS.fail(error.message, error.hint, facts, private=True)
    if not pin.label:
        return BOOKS.ok(f"{named} answers; the file names none", facts, private=True)
    return BOOKS.ok(f"{named} answers, as the file says", facts, private=True)


def check_calls(left: int | None) -> Check:
    """Check how many calls Xero still allows today; `left` is None if Xero does not say."""
    if left is None:
        return CALLS.warn("Xero's answer does not say.", facts={"calls_left": None})
    said = f"{left:,}"
    hint = (
        "Xero counts them over a day, for each organisation and app. Wait until tomorrow, or find"
        " the program that uses them up."
    )
    if left == 0:
        return CALLS.fail("none.", hint, {"calls_left": left})
    if left < FEW_CALLS:
        return CALLS.warn(f"{said}, which may be too few for an apply.", hint, {"calls_left": left})
    return CALLS.ok(said, {"calls_left": left})


def shortened(tenant_id: str) -> str:
    """Return the beginning of a tenant id, "" if it is not in the form of Xero's ids.

    It is enough to tell two organisations apart, but too little to call Xero with.
    """
    return f"{tenant_id[:8]}…" if _ID.fullmatch(tenant_id) else ""
