"""A chart file as it was written, before `merge` combines it with its standards.

Values have their places: the file, line and column where each is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from xerosync.desired import DesiredAccount, DesiredChart, OrganisationPin, Source
from xerosync.model import Value

T_co = TypeVar("T_co", bound=str | int, covariant=True)


class Kind(StrEnum):
    """What a chart file is for: one organisation, or a standard that others extend."""

    ORGANISATION = "organisation"
    STANDARD = "standard"


@dataclass(frozen=True, slots=True)
class Entry:
    """One account of a file.

    `places` has the place of each field that the file states. `flags` are `optional` and
    `overridable`, if the file states them; `waives` are the lint rules that the account waives.
    """

    account: DesiredAccount
    places: Mapping[str, Source]
    flags: Mapping[str, bool] = field(default_factory=dict)
    waives: Mapping[str, Source] = field(default_factory=dict)

    def stated(self) -> dict[str, Value]:
        """Return what the file states: the account's values, its flags, and fields of `_OWN`."""
        account = self.account
        found: dict[str, Value] = {**account.values, **self.flags}
        found |= {name: getattr(account, name) for name in _OWN if name in self.places}
        return found


ADD_COUNTRY = "Add `country:`, such as NZ, under organisation. For `adopt --current` use --country."
_OWN = ("status", "account_id", "system_account", "protect")
"""Fields of an entry that `stated` returns, though they are not in `account.values`."""


@dataclass(frozen=True, slots=True)
class Override:
    """What a file changes in an account of its standard.

    `target` (at `place`) names the account by code, role or name. `entry` has the fields that
    change, `keep` the fields that stay as they are in Xero.
    """

    target: str
    place: Source
    entry: Entry
    omit: bool = False
    keep: Mapping[str, Source] = field(default_factory=dict)
    reason: str = ""

    @property
    def source(self) -> Source:
        """Where the override begins."""
        return self.entry.account.source


@dataclass(frozen=True, slots=True)
class Setting(Generic[T_co]):
    """A value outside the accounts of a file, with its place."""

    value: T_co
    place: Source


@dataclass(frozen=True, slots=True)
class Document:
    """One chart file as it was written.

    `chart` is what the file says by itself. `tax_types` are Xero's codes by name and country.
    `settings` are the single values outside the accounts, such as `limits.archives`.
    `limits_reason` says why the limits may be wider than those of the standard.
    """

    file: str
    kind: Kind
    chart: DesiredChart
    name: str = ""
    entries: tuple[Entry, ...] = ()
    overrides: tuple[Override, ...] = ()
    take: tuple[Setting[str], ...] = ()
    extends: tuple[Setting[str], ...] = ()
    tax_types: Mapping[str, Mapping[str, Setting[str]]] = field(default_factory=dict)
    initial: Mapping[str, Source] = field(default_factory=dict)
    tags: Mapping[str, Source] = field(default_factory=dict)
    settings: Mapping[str, Setting[str | int]] = field(default_factory=dict)
    limits_reason: str = ""

    @property
    def organisation(self) -> OrganisationPin:
        """The organisation that the file is for."""
        return self.chart.organisation


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem in a file: its rule, its place, what is wrong, and what to do."""

    rule: str
    place: Source
    message: str
    hint: str = ""
    severity: str = "error"
