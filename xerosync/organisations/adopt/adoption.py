"""Existing books that join a standard: what they have, and which account of the standard it is.

Only values and small questions about them. `suggested` finds the account of the standard,
`worksheet` lays the suggestions out for a person, and `decisions` checks what the person filled in.
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
    """What a suggestion rests on, the surest first. A code alone is none."""

    DECIDED = "decided in its file"
    ROLE = "system role"
    CODE_AND_NAME = "code and name"
    NAME = "name and class"
    SPELLING = "name in another spelling, and class"
    NEAR = "near name and class"
    OPEN = "open"


SAFE = frozenset(Grounds) - {Grounds.NEAR, Grounds.OPEN}
"""The grounds that fill in the decision of an active account (see benchmarks/adopting.py)."""


class Verdict(StrEnum):
    """What becomes of an account that books have, or of one of the standard that they lack."""

    STANDARD = "standard"
    OWN = "own"
    ARCHIVE = "archive"
    CREATE = "create"
    OMIT = "omit"


KEPT_FIELDS = ("name", "code", "type", "tax_type")
"""The fields that books may keep as they have them."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What a chart file already says of an account: `entry` is the standard's, None for its own."""

    verdict: Verdict
    entry: DesiredAccount | None = None


@dataclass(frozen=True, slots=True)
class Joining:
    """The books of one organisation, beside what the standard says for its country.

    `standard` are the accounts as the standard has them, and `fixed` those of them that no file
    may override. `file` is the chart file, "" if there is none. `settled` is what it says of
    accounts, by their ids, `overridden` are accounts of the standard as the file overrides
    them, and `omitted` its reasons for omitting others. `own` are the file's own entries, by the
    ids of their accounts: all of them if it is a whole chart that extends nothing yet.
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
        """What tells the organisation from others: its tenant id, or its name in a CSV."""
        return self.organisation.tenant_id.casefold() or name_key(self.organisation.name)

    def marks_of(self, thing: str, named: str = "") -> tuple[str, ...]:
        """Return the marks of something of the organisation: by its tenant id, and by its name.

        A CSV has no ids. `named` is what the thing is called without them.
        """
        by_name = _mark(name_key(self.organisation.name), named or thing)
        return (_mark(self.key, thing), by_name) if self.organisation.tenant_id else (by_name,)

    def marks(self, account: Account) -> tuple[str, ...]:
        """Return the marks of an account; the first is the one that a worksheet has."""
        named = f"{code_key(account.code)}\0{name_key(account.name)}"
        return self.marks_of(account.account_id, named)


_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")


def _mark(organisation: str, thing: str) -> str:
    """Return a mark of letters: a spreadsheet reads 123456789012 and 1234567e8901 as numbers."""
    digest = hashlib.sha256(f"{organisation}\0{thing}".encode("utf-8", "replace")).hexdigest()
    return digest[:12].translate(_LETTERS)


def target(entry: DesiredAccount) -> str:
    """Return how a file, and a person, names an account of the standard."""
    return entry.code or entry.system_account or entry.known_name


def standard_label(entry: DesiredAccount) -> str:
    """Return an account of the standard as the worksheet shows it."""
    return f"{entry.code} {entry.known_name}".strip() or entry.system_account


def class_of_account(account: Account) -> str:
    """Return the class of an account, also of a type that Xero has added."""
    return class_of(account.type, account.account_class)


def class_of_entry(entry: DesiredAccount) -> str:
    """Return the class of an account of the standard, "" if it does not say its type."""
    return class_of(entry.text("type") or str(entry.initial.get("type", "")))


def differing(account: Account, entry: DesiredAccount, rates: TaxRates) -> Iterator[str]:
    """Yield the fields of `KEPT_FIELDS` in which an account is not as the standard says.

    The tax rate of a CSV is a name, and is not compared.
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
