"""The worksheet of `adopt`: rows of accounts in the books, and of those that the books lack.

Accounts of many books share a row if they are alike (`_pair_key`). Books that lack an account share
a row, too (`_lack_key`). A row is open if a person has to decide. Open rows come first: those of
accounts in the books, then those of accounts that books lack. XLSX and CSV have the same cells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from xerosync.desired import DesiredAccount
from xerosync.model import Account, Status, code_key, code_order, name_key
from xerosync.organisations.adopt.adoption import (
    KEPT_FIELDS,
    SAFE,
    Grounds,
    Joining,
    Verdict,
    class_of_account,
    differing,
    is_archived,
    standard_label,
    target,
)
from xerosync.organisations.adopt.suggested import Suggestion
from xerosync.plan.tax_rates import TaxRates
from xerosync.text import counted, first_few, visible

_T = TypeVar("_T")

NAME, CODE, TYPE = "Existing name", "Existing code", "Type"
COUNT, WHICH, SUGGESTION, GROUNDS = "Organisations", "Which", "Suggestion", "Grounds"
SAME_CODE, CHANGES = "This code in the standard", "Changes"
DECISION, KEEP, NEW_CODE, REASON = "Decision", "Keep", "New code", "Reason"
ALL, MARKS = "All organisations", "Marks (do not edit)"

COLUMNS = (
    NAME, CODE, TYPE, COUNT, WHICH, SUGGESTION, GROUNDS, SAME_CODE, CHANGES,
    DECISION, KEEP, NEW_CODE, REASON, ALL, MARKS,
)  # fmt: skip
FILLED_IN = (DECISION, KEEP, NEW_CODE, REASON)
"""The columns that a person fills in."""

MISSING = "(missing)"
"""What the column Existing name says if books lack the account."""

YES = "yes"
"""The decision that accepts the suggestion."""

_MOST_IN_ROW = 2_000
"""The most accounts that share a row: a cell of Excel holds 32,767 characters."""
_LONGEST_CELL = 30_000
_FIELD_NAMES = {"name": "name", "code": "code", "type": "type", "tax_type": "tax rate"}


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row of a worksheet; `missing` is whether the organisations lack or omit the account."""

    cells: Mapping[str, str | int]
    missing: bool = False
    grounds: Grounds = Grounds.OPEN

    @property
    def is_open(self) -> bool:
        """Whether the decision is left to a person."""
        return not self.cells[DECISION]


@dataclass(frozen=True, slots=True)
class Worksheet:
    """The rows of a worksheet, open ones first.

    `targets` has the label of each account of the standard, by what a person writes to choose it.
    """

    rows: tuple[SheetRow, ...]
    targets: Mapping[str, str]
    organisations: int


@dataclass(frozen=True, slots=True)
class _Member:
    """A suggestion in one organisation; `by_code` has the standard's accounts by code."""

    joining: Joining
    suggestion: Suggestion
    by_code: Mapping[str, DesiredAccount]

    @property
    def account(self) -> Account:
        return self.suggestion.account

    @property
    def decision(self) -> str:
        """The decision that `adopt` fills in, "" if a person has to decide."""
        found, entry = self.suggestion, self.suggestion.entry
        if found.grounds is Grounds.DECIDED and entry is None:
            return str(self.joining.settled[found.account.account_id].verdict)
        retired = entry is not None and entry.status != Status.ACTIVE
        waits = is_archived(found.account) and not retired and found.grounds is not Grounds.DECIDED
        return target(entry) if entry and found.grounds in SAFE and not waits else ""


@dataclass(frozen=True, slots=True)
class MissingAccount:
    """An account of the standard that an organisation lacks or omits.

    `holder` is the name of the organisation's account that has this code but another name, or "".
    """

    joining: Joining
    entry: DesiredAccount
    holder: str = ""


def lack_marks(joining: Joining, entry: DesiredAccount) -> tuple[str, ...]:
    """Return the marks of an account of the standard that an organisation lacks."""
    return joining.marks_of(f"lacks {target(entry)}")


def make_worksheet(
    found: Sequence[tuple[Joining, Sequence[Suggestion]]], *, by_organisation: bool = False
) -> Worksheet:
    """Return the worksheet of many books; with `by_organisation`, no organisations share a row."""
    own = (lambda joining: joining.key) if by_organisation else (lambda _: "")
    members = [
        _Member(joining, one, by_code)
        for joining, its in found
        for by_code in [{code_key(entry.code): entry for entry in joining.standard}]
        for one in its
    ]
    lacks = [lack for joining, its in found for lack in lacking(joining, its)]
    rows = [*map(_pair, _grouped(members, lambda one: (_pair_key(one), own(one.joining))))]
    rows += map(_lack, _grouped(lacks, lambda one: (_lack_key(one), own(one.joining))))
    targets = {
        target(entry): standard_label(entry) for joining, _ in found for entry in joining.standard
    }
    by_code = sorted(targets, key=code_order)
    return Worksheet(
        tuple(sorted(rows, key=_order)), {one: visible(targets[one]) for one in by_code}, len(found)
    )


def lacking(joining: Joining, suggestions: Iterable[Suggestion]) -> Iterator[MissingAccount]:
    """Yield the accounts of the standard that an organisation lacks, or omits by an override.

    Optional accounts, system accounts, and accounts that are not active in the standard, count
    only if an override omits them.
    """
    there = {one.entry.inherited for one in suggestions if one.entry}
    holders = {code_key(a.code): a for a in joining.accounts if a.code}
    for entry in joining.standard:
        may_lack = entry.optional or entry.system_account or entry.status != Status.ACTIVE
        if entry.inherited not in joining.omitted and (may_lack or entry.inherited in there):
            continue
        holder = holders.get(code_key(entry.code))
        other = holder is not None and name_key(holder.name) != name_key(entry.known_name)
        yield MissingAccount(joining, entry, holder.name if holder and other else "")


def summary(sheet: Worksheet) -> Iterator[str]:
    """Yield sentences that count the rows of a worksheet."""
    pairs = [row for row in sheet.rows if not row.missing]
    counts = Counter(row.grounds for row in pairs if row.is_open)
    is_open = sum(counts.values())
    yield (
        f"{counted(sheet.organisations, 'organisation')}, {counted(len(pairs), 'row')} of "
        f"existing accounts: {len(pairs) - is_open:,} filled in, "
        f"{is_open:,} to decide ({counts[Grounds.NEAR]:,} with a similar name)."
    )
    missing = [row for row in sheet.rows if row.missing and row.is_open]
    if missing:
        yield (
            f"{counted(len(missing), 'row')} of the standard's accounts that some books lack: "
            "write create, or omit with a reason."
        )


def _grouped(ones: Iterable[_T], key: Callable[[_T], object]) -> Iterator[list[_T]]:
    """Yield lists of items with the same key, each of at most `_MOST_IN_ROW` items."""
    groups: dict[object, list[_T]] = {}
    for one in ones:
        groups.setdefault(key(one), []).append(one)
    for group in groups.values():
        for start in range(0, len(group), _MOST_IN_ROW):
            yield group[start : start + _MOST_IN_ROW]


def _pair_key(member: _Member) -> tuple[object, ...]:
    account, entry = member.account, member.suggestion.entry
    suggested = standard_label(entry) if entry else ""
    return (
        name_key(account.name), class_of_account(account), is_archived(account),
        suggested, member.decision, member.suggestion.grounds is Grounds.DECIDED,
    )  # fmt: skip


def _lack_key(lack: MissingAccount) -> tuple[object, ...]:
    return (
        standard_label(lack.entry),
        lack.joining.organisation.country_code,
        name_key(lack.holder),
        lack.joining.omitted.get(lack.entry.inherited),
    )


def _pair(members: Sequence[_Member]) -> SheetRow:
    first = members[0]
    entry = first.suggestion.entry
    grounds = Counter(one.suggestion.grounds for one in members)
    worst = max(grounds, key=[*Grounds].index)
    types = Counter(one.account.type for one in members)
    archived = ", archived" if is_archived(first.account) else ""
    cells: dict[str, str | int] = {
        NAME: visible(first.account.name),
        CODE: _counted(Counter(one.account.code for one in members)),
        TYPE: _counted(types) + archived,
        SUGGESTION: visible(standard_label(entry)) if entry else "",
        GROUNDS: _counted(grounds),
        SAME_CODE: _counted(Counter(filter(None, map(_same_code, members)))),
        CHANGES: _changes(members),
        DECISION: visible(first.decision),
    }
    return _row(cells, [(m.joining, m.joining.marks(m.account)[0]) for m in members], worst)


def _same_code(member: _Member) -> str:
    """Return the label of the standard's account with the same code, "" if none or suggested."""
    entry = member.by_code.get(code_key(member.account.code)) if member.account.code else None
    return standard_label(entry) if entry and entry is not member.suggestion.entry else ""


def _changes(members: Sequence[_Member]) -> str:
    """Return what an apply would change: "name, code", or "name in all, code in 3"."""
    counts: Counter[str] = Counter()
    for one in members:
        entry = one.suggestion.entry
        if entry is None:
            continue
        if entry.status != Status.ACTIVE and not is_archived(one.account):
            counts["archived"] += 1
            continue
        if entry.status == Status.ACTIVE and is_archived(one.account):
            counts["restored"] += 1
        wanted = one.joining.overridden.get(entry.inherited, entry)
        fields = differing(one.account, wanted, TaxRates(one.joining.tax_rates))
        counts.update(_FIELD_NAMES[name] for name in fields)
    names = [*(_FIELD_NAMES[name] for name in KEPT_FIELDS), "restored", "archived"]
    total = len(members)
    in_all = "" if set(counts.values()) <= {total} else " in all"
    return ", ".join(
        name + (in_all if counts[name] == total else f" in {counts[name]}")
        for name in names
        if name in counts
    )


def _lack(lacks: Sequence[MissingAccount]) -> SheetRow:
    first = lacks[0]
    reason = first.joining.omitted.get(first.entry.inherited)
    country = first.joining.organisation.country_code
    about = [
        *([f"code taken by {visible(first.holder)}"] if first.holder else []),
        *([f"in {visible(country)}"] if country else []),
    ]
    cells: dict[str, str | int] = {
        NAME: MISSING,
        SUGGESTION: visible(standard_label(first.entry)),
        GROUNDS: str(Grounds.DECIDED) if reason is not None else ", ".join(about),
        DECISION: str(Verdict.OMIT) if reason is not None else "",
        REASON: visible(reason or ""),
    }
    marked = [(one.joining, lack_marks(one.joining, one.entry)[0]) for one in lacks]
    grounds = Grounds.OPEN if reason is None else Grounds.DECIDED
    return _row(cells, marked, grounds, missing=True)


def _row(
    cells: Mapping[str, str | int],
    marked: Sequence[tuple[Joining, str]],
    grounds: Grounds,
    *,
    missing: bool = False,
) -> SheetRow:
    """Return a row with these cells and the cells about its organisations."""
    marked = sorted(marked, key=lambda one: (one[0].organisation.name.casefold(), one[1]))
    names = [visible(joining.organisation.name) for joining, _ in marked]
    every = "; ".join(names)
    whole: dict[str, str | int] = {
        COUNT: len(names),
        WHICH: first_few(names, 3),
        ALL: every if len(every) <= _LONGEST_CELL else f"{every[:_LONGEST_CELL]}…",
        MARKS: " ".join(mark for _, mark in marked),
    }
    found: dict[str, str | int] = dict.fromkeys(COLUMNS, "")
    return SheetRow({**found, **cells, **whole}, missing, grounds)


def _counted(counts: Counter[str] | Counter[Grounds]) -> str:
    """Return the values as text, the most frequent first: "200", or "200 (5), 310 (2)"."""
    by_number = sorted(counts.items(), key=lambda one: (-one[1], code_order(str(one[0]))))
    if len(by_number) == 1:
        return visible(str(by_number[0][0]))
    return ", ".join(f"{visible(str(value)) or 'none'} ({count})" for value, count in by_number)


def _order(row: SheetRow) -> tuple[object, ...]:
    """Return a key that sorts rows: open ones first, in the order in which to decide them."""
    kind = 2 if not row.is_open else int(row.missing)
    place = row.cells[SUGGESTION] if row.missing else row.cells[CODE]
    near = [Grounds.NEAR, Grounds.OPEN]
    rank = near.index(row.grounds) if row.grounds in near and row.is_open else 0
    return (
        kind, rank, -int(row.cells[COUNT]) if row.is_open else 0,
        code_order(str(place)), str(row.cells[NAME]).casefold(), str(row.cells[MARKS]),
    )  # fmt: skip
