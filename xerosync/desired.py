"""What a chart file asks for: the desired accounts, and the place of each value in the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from xerosync.model import Status, Value
from xerosync.usage import Requirement
from xerosync.xero_behaviour import Behaviour


@dataclass(frozen=True, slots=True)
class Source:
    """A place in a chart file; `line` and `column` count from 1, and 0 means unknown."""

    file: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class DesiredAccount:
    """One account as the file asks for it.

    `values` has only the managed fields. A field that the file clears is "" (or False), and a field
    that the file does not mention is absent. `initial` has values that are sent when the account is
    created, and not managed afterwards. `previously` has former codes of the account.
    `archive_waiver` is the reason for waiving the chart's `archive_requires`, "" if there is none.
    If an entry archives or deletes an account by its code alone, `known_as` is the name of what had
    the code at the last apply: "" if there was no such account, None if the name is not known.

    An entry may come from a standard: a chart file that the files of several organisations extend.
    Then `inherited` is the entry's place in the standard. `origins` has the place of each value
    that is not written at `source`. `overridden` has the entry's codes and names before overrides
    changed them, and `reasons` has the reasons given for the overrides. `standard`, if set, is the
    entry without the changes of the organisation's own file. An `optional` entry never creates an
    account. If an entry is not `overridable`, an organisation's file may say which account in Xero
    the entry means, but not change its values.
    """

    values: Mapping[str, Value]
    status: str = Status.ACTIVE
    account_id: str = ""
    system_account: str = ""
    previously: tuple[str, ...] = ()
    protect: bool = False
    source: Source = Source()
    inherited: Source = Source()
    origins: Mapping[str, Source] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    initial: Mapping[str, Value] = field(default_factory=dict)
    optional: bool = False
    overridable: bool = True
    known_as: str | None = None
    overridden: tuple[tuple[str, str], ...] = ()
    archive_waiver: str = ""
    standard: DesiredAccount | None = field(default=None, compare=False, repr=False)

    def text(self, name: str) -> str:
        """Return a text field's desired value, "" if it is not managed."""
        return str(self.values.get(name, ""))

    @property
    def code(self) -> str:
        """The managed code, "" if there is none."""
        return self.text("code")

    @property
    def name(self) -> str:
        """The managed name, "" if there is none."""
        return self.text("name")

    @property
    def known_name(self) -> str:
        """The name that identifies the account: the managed name, or else the initial one."""
        return self.name or str(self.initial.get("name", ""))

    @property
    def label(self) -> str:
        """The account in messages: code and name, or else its system role, id or bank number."""
        named = f"{self.code} {self.name}".strip() or self.system_account or self.account_id
        return named or self.text("bank_account_number")


@dataclass(frozen=True, slots=True)
class OrganisationPin:
    """The organisation that a file or an option names; every part that is given must match."""

    name: str = ""
    tenant_id: str = ""
    short_code: str = ""
    country: str = ""
    source: Source = Source()

    @property
    def label(self) -> str:
        """The name, or else the tenant id, or else the short code; "" if none of them is given."""
        return self.name or self.tenant_id or self.short_code

    def parts(self) -> dict[str, str]:
        """Return the parts by their names in a file, including those that are not given."""
        return {
            "name": self.name,
            "tenant_id": self.tenant_id,
            "short_code": self.short_code,
            "country": self.country,
        }


class Unmanaged(StrEnum):
    """What to do with active accounts that the file leaves out."""

    KEEP = "keep"
    ARCHIVE = "archive"


class DeleteRefused(StrEnum):
    """What to do if Xero refuses to delete an account, such as one with transactions."""

    FAIL = "fail"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class Limits:
    """Safety limits of one apply.

    `archives` limits archives and deletes together. `deletes` limits deletes; by default, none are
    allowed. `change_percent` is the percentage of the active accounts that may be updated, archived
    or deleted; it does not apply to charts with fewer than 10 active accounts. `organisations` is
    the number of organisations in which the same destructive change may be made.
    """

    archives: int = 5
    deletes: int = 0
    change_percent: int = 30
    organisations: int = 25


@dataclass(frozen=True, slots=True)
class DesiredChart:
    """The content of a chart file, or a chart that undoes a run.

    If a chart is `partial`, accounts that it leaves out do not count as unmanaged. A chart that
    undoes a run is partial. `notes` are sentences about what cannot be undone. `standard` has the
    names of the standards that the file extends, or a standard's own name. `omitted` has the
    standards' entries that an override omits. `--select` finds the file by its `tags`, and
    `profile` names the sign-in to use. `archive_requires` lists the conditions for archiving or
    deleting an account. `behaviour` is the report of `doctor --demo-company`, None without one.
    """

    file: str
    accounts: tuple[DesiredAccount, ...]
    organisation: OrganisationPin = OrganisationPin()
    unmanaged: Unmanaged = Unmanaged.KEEP
    delete_refused: DeleteRefused = DeleteRefused.FAIL
    limits: Limits = field(default_factory=Limits)
    partial: bool = False
    notes: tuple[str, ...] = ()
    standard: str = ""
    tags: tuple[str, ...] = ()
    profile: str = ""
    behaviour: Behaviour | None = None
    omitted: tuple[DesiredAccount, ...] = ()
    archive_requires: tuple[Requirement, ...] = ()
