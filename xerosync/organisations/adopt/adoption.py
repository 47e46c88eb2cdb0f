"""Values about existing books that join a standard.

`suggested` finds the account of the standard for each existing one, `worksheet` makes rows of the
suggestions for a person, and `decisions` checks what the person filled in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from xerosync.desired import DesiredAccount, Source
from xerosync.model import (
    FIELD,
    Account,
    Organisation,
    Status,
    TaxRate,
    class_of,
    code_key,
    name_key,
)
from xerosync.plan.tax_rates import TaxRates


class Grounds(StrEnum):
    """What a suggestion is based on, the surest first. A code alone is not enough."""

    DECIDED = "decided in its file"
    ROLE = "system role"
    CODE_AND_NAME = "code and name"
    NAME = "name and class"
    SPELLING = "name in another spelling, and class"
    NEAR = "near name and class"
    OPEN = "open"


SAFE = frozenset(Grounds) - {Grounds.NEAR, Grounds.OPEN}
"""The grounds that fill in the decision on an active account (see benchmarks/adopting.py)."""


class Verdict(StrEnum):
    """The decision on an account that books have, or on one of the standard that they lack."""

    STANDARD = "standard"
    OWN = "own"
    ARCHIVE = "archive"
    CREATE = "create"
    OMIT = "omit"


KEPT_FIELDS = ("name", "code", "type", "tax_type")
"""The fields that books may keep as they have them."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What a chart file already says of an account; `entry` is None if the account is its own."""

    verdict: Verdict
    entry: DesiredAccount | None = None


@dataclass(frozen=True, slots=True)
class Joining:
    """The books of one organisation, and the accounts of the standard for its country.

    `fixed` are the places of those accounts that no file may override. `file` is the chart file,
    "" if there is none. `settled` is what the file says of accounts, by their ids, `overridden` are
    accounts of the standard with the file's overrides, and `omitted` the file's reasons for
    omitting others. `own` are the file's own entries, by the ids of their accounts: all entries if
    the file extends nothing yet.
    """

    organisation: Organisation
    accounts: tuple[Account, ...]
    standard: tuple[DesiredAccount, ...]
    tax_rates: tuple[TaxRate, ...] = ()
    file: str = ""
    fixed: frozenset[Source] = frozenset()
    settled: Mapping[str, Settled] = field(default_factory=dict)
    overridden: Mapping[Source, DesiredAccount] = field(default_factory=dict)
    omitted: Mapping[Source, str] = field(default_factory=dict)
    own: Mapping[str, DesiredAccount] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The key of the organisation: its tenant id, or its name for a CSV."""
        return self.organisation.tenant_id.casefold() or name_key(self.organisation.name)

    def marks_of(self, thing: str, named: str = "") -> tuple[str, ...]:
        """Return the marks of something in the organisation: by tenant id, and by name for a CSV.

        `thing` identifies it, and `named` does so in a CSV, which has no ids.
        """
        by_name = _mark(name_key(self.organisation.name), named or thing)
        return (_mark(self.key, thing), by_name) if self.organisation.tenant_id else (by_name,)

    def marks(self, account: Account) -> tuple[str, ...]:
        """Return the marks of an account; a worksheet has the first."""
        named = f"{code_key(account.code)}\0{name_key(account.name)}"
        return self.marks_of(account.account_id, named)


_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")


def _mark(organisation: str, thing: str) -> str:
    """Return a mark of letters only: a spreadsheet would read 1234567e8901 as a number."""
    digest = hashlib.sha256(f"{organisation}\0{thing}".encode("utf-8", "replace")).hexdigest()
    return digest[:12].translate(_LETTERS)


def target(entry: DesiredAccount) -> str:
    """Return how a file, and a person, names an account of the standard."""
    return entry.code or entry.system_account or entry.known_name


def standard_label(entry: DesiredAccount) -> str:
    """Return the code and name of an account of the standard, or else its role."""
    return f"{entry.code} {entry.known_name}".strip() or entry.system_account


def class_of_account(account: Account) -> str:
    """Return the class of an account, also of a type that xerosync does not know."""
    return class_of(account.type, account.account_class)


def class_of_entry(entry: DesiredAccount) -> str:
    """Return the class of an account of the standard, "" if the standard does not say its type."""
    return class_of(entry.text("type") or str(entry.initial.get("type", "")))


def differing(account: Account, entry: DesiredAccount, rates: TaxRates) -> Iterator[str]:
    """Yield the fields of `KEPT_FIELDS` in which an account differs from the standard.

    The tax rates of a CSV are only names, so they are not compared.
    """
    for name in KEPT_FIELDS:
        wanted = entry.values.get(name)
        if wanted is None or (name == "tax_type" and not rates.all):
            continue
        if name == "tax_type":
            wanted = rates.code_for(str(wanted))
        if FIELD[name].comparable(wanted) != FIELD[name].comparable(account.value(name)):
            yield name


def is_archived(account: Account) -> bool:
    """Whether an account is archived."""
    return account.status == Status.ARCHIVED
