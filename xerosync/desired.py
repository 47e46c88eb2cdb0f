"""What a chart file asks for: the desired accounts, with where each value stands in the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from xerosync.model import Status, Value
from xerosync.usage import Requirement
from xerosync.xero_behaviour import Behaviour


@dataclass(frozen=True, slots=True)
class Source:
    """A place in a chart file; `line` and `column` count from 1, 0 is unknown."""

    file: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class DesiredAccount:
    """One account as the file asks for it.

    `values` has the managed fields only: a field that the file clears is "" (or False), and one
    that it does not mention is absent. `previously` are codes that the account had before.
    `known_as` is the name that the last apply knew for an account that is archived or deleted by
    its code alone: "" if there was none, None if that is not known. Of an inherited entry,
    `inherited` is the place of the standard's, `origins` that of each value not written at
    `source`, `reasons` are those of its overrides, `overridden` its codes and names before them,
    and `standard` the entry without those of the organisation's file. `initial` values are sent
    when the account is created, and not managed afterwards. An `optional` entry is never created;
    one not `overridable` takes only a pin. `archive_waiver` says why `archive_requires` is waived.
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
        """The desired code, "" if the file has none."""
        return self.text("code")

    @property
    def name(self) -> str:
        """The desired name, "" if the file has none."""
        return self.text("name")

    @property
    def known_name(self) -> str:
        """The name that tells which account is meant: also one that is not managed."""
        return self.name or str(self.initial.get("name", ""))

    @property
    def label(self) -> str:
        """The account as people refer to it."""
        named = f"{self.code} {self.name}".strip() or self.system_account or self.account_id
        return named or self.text("bank_account_number")


@dataclass(frozen=True, slots=True)
class OrganisationPin:
    """The organisation that the file is for; each given part must match, such as the country NZ."""

    name: str = ""
    tenant_id: str = ""
    short_code: str = ""
    country: str = ""
    source: Source = Source()


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

    `archives` counts archives and deletes, `deletes` only deletes (opt-in). `change_percent` is the
    share of active accounts to update, archive or delete, if there are 10 or more; `organisations`
    is in how many books one destructive change may be made.
    """

    archives: int = 5
    deletes: int = 0
    change_percent: int = 30
    organisations: int = 25


@dataclass(frozen=True, slots=True)
class DesiredChart:
    """A whole chart file, or the chart that undoes a run.

    With `partial`, accounts left out are not listed as unmanaged. `notes` are sentences about what
    cannot be done. `standard` names the standard that the file extends, `omitted` are accounts of
    it to leave alone. `tags` choose organisations, `profile` their sign-in. `archive_requires` is
    what an account must meet before it is archived or deleted, `behaviour` the report on Xero.
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
