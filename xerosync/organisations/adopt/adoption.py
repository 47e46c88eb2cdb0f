"""Data about existing books that are to adopt a standard.

`suggested` suggests an account of the standard for each existing account, `worksheet` lists the
suggestions for a person to decide, and `decisions` checks what the person filled in.
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
    NEAR = "similar name, same class"
    OPEN = "open"


SAFE = frozenset(Grounds) - {Grounds.NEAR, Grounds.OPEN}
"""The grounds on which the worksheet fills in the decision for an active account.

benchmarks/adopting.py measures how often such a decision is right.
"""


class Verdict(StrEnum):
    """A decision on an existing account, or on a missing account of the standard."""

    STANDARD = "standard"
    OWN = "own"
    ARCHIVE = "archive"
    CREATE = "create"
    OMIT = "omit"


KEPT_FIELDS = ("name", "code", "type", "tax_type")
"""The fields in which an account may stay different from the standard."""


@dataclass(frozen=True, slots=True)
class FileDecision:
    """What a chart file already decides about an account.

    `entry` is the matching account of the standard; None if the file's entry is not inherited.
    """

    verdict: Verdict
    entry: DesiredAccount | None = None


@dataclass(frozen=True, slots=True)
class Joining:
    """The books of one organisation, and the accounts of the standard for its country.

    `file` is the chart file, "" if there is none. `own` maps the id of an account to its entry,
    if the file does not inherit this entry. If the file extends a standard, `settled` maps the id
    of an account to what the file already decides about it.

    Three fields refer to an account of the standard by its `Source`, the place where it is written.
    `fixed` has the accounts that no file may override. `overridden` has each account that the file
    overrides, as overridden. `omitted` has the reason for each account that the file omits.
    """

    organisation: Organisation
    accounts: tuple[Account, ...]
    standard: tuple[DesiredAccount, ...]
    tax_rates: tuple[TaxRate, ...] = ()
    file: str = ""
    fixed: frozenset[Source] = frozenset()
    settled: Mapping[str, FileDecision] = field(default_factory=dict)
    overridden: Mapping[Source, DesiredAccount] = field(default_factory=dict)
    omitted: Mapping[Source, str] = field(default_factory=dict)
    own: Mapping[str, DesiredAccount] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The key of the organisation: its tenant id, or its name for a CSV."""
        return self.organisation.tenant_id.casefold() or name_key(self.organisation.name)

    def marks_of(self, thing: str, named: str = "") -> tuple[str, ...]:
        """Return the marks of an account: short hashes that identify it in a worksheet.

        `thing` identifies the account, for example by its id. If there is a tenant id, the first
        mark is made of the tenant id and `thing`. The last mark is made of the organisation's name
        and `named`, or `thing` if `named` is "". It suits a CSV, which has no ids.
        """
        by_name = _mark(name_key(self.organisation.name), named or thing)
        return (_mark(self.key, thing), by_name) if self.organisation.tenant_id else (by_name,)

    def marks(self, account: Account) -> tuple[str, ...]:
        """Return the marks of an account. A worksheet contains the first one."""
        named = f"{code_key(account.code)}\0{name_key(account.name)}"
        return self.marks_of(account.account_id, named)


_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")


def _mark(organisation: str, thing: str) -> str:
    """Return a mark of letters only: a spreadsheet would read 1234567e8901 as a number."""
    digest = hashlib.sha256(f"{organisation}\0{thing}".encode("utf-8", "replace")).hexdigest()
    return digest[:12].translate(_LETTERS)


def target(entry: DesiredAccount) -> str:
    """Return the code of an account of the standard, or else its role, or else its name."""
    return entry.code or entry.system_account or entry.known_name


def standard_label(entry: DesiredAccount) -> str:
    """Return the code and name of an account of the standard, or else its role."""
    return f"{entry.code} {entry.known_name}".strip() or entry.system_account


def class_of_account(account: Account) -> str:
    """Return the class of an account, even if xerosync does not know its type."""
    return class_of(account.type, account.account_class)


def class_of_entry(entry: DesiredAccount) -> str:
    """Return the class of an account of the standard, "" if the standard does not say its type."""
    return class_of(entry.text("type") or str(entry.initial.get("type", "")))


def differing(account: Account, entry: DesiredAccount, rates: TaxRates) -> Iterator[str]:
    """Yield the fields of `KEPT_FIELDS` in which an account differs from the standard.

    Without `rates`, as for a chart from a CSV export, tax rates are not compared: they are names.
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
