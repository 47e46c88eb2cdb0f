"""Combine the standards that a file extends, its parents. Their order does not matter.

A field of an account is a `Cell`. The cell of an override hides the cells that it replaces
(`over`). So if an account is inherited by two paths, the path with the override wins. The cells
that are not hidden must have the same value. If they differ, a finding names both places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from xerosync.desired import Source
from xerosync.model import FIELD, Value, code_key, name_key
from xerosync.organisations.standards.documents import Document, Entry, Finding

T = TypeVar("T")
Place = tuple[str, int, int]
_LONGEST_VALUE = 60
"""How many characters of a value a message shows."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One value, its place, and the beginning of the entry or override that states it.

    `over` are the places of the values that it replaces. If `managed` is False, the value is only
    sent when the account is created, and not managed afterwards.
    """

    value: Value | int
    place: Source
    entry: Source = Source()
    over: frozenset[Source] = frozenset()
    managed: bool = True


@dataclass(frozen=True, slots=True)
class Inherited:
    """One account of a standard.

    `entries` has the place of each entry for the account, with the number of fields in the entry.
    `reasons` are the reasons of its overrides, by place. `edited` is the place of the override in
    the organisation's own file. `overridden` are its codes and names before overrides changed them.
    `initial` are fields that are not managed once the account exists. `archive_waiver` is why the
    account need not meet `archive_requires`.
    """

    entries: Mapping[Source, int]
    cells: Mapping[str, Cell]
    previously: Mapping[str, Source] = field(default_factory=dict)
    waives: Mapping[str, Source] = field(default_factory=dict)
    reasons: Mapping[Source, str] = field(default_factory=dict)
    edited: Source = Source()
    overridden: tuple[tuple[str, str], ...] = ()
    initial: frozenset[str] = frozenset()
    archive_waiver: str = ""
    keys: tuple[tuple[str, str], ...] = field(init=False, default=())
    """Its role, code and name, which no two accounts of one chart may share."""

    def __post_init__(self) -> None:
        """Make the keys once: they are compared with those of every overlay."""
        object.__setattr__(self, "keys", tuple(account_keys(self.text)))

    @property
    def source(self) -> Source:
        """The place of the entry that states the most fields of this account."""
        return min(self.entries, key=lambda place: (-self.entries[place], at(place)))

    def text(self, name: str) -> str:
        """Return the text of a field, "" if no standard states it."""
        cell = self.cells.get(name)
        return str(cell.value) if cell else ""

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a flag, such as `optional`, or the default if no standard states it."""
        cell = self.cells.get(name)
        return bool(cell.value) if cell else default

    @property
    def omitted(self) -> bool:
        """Whether an override omits the account."""
        return "omit" in self.cells

    @property
    def label(self) -> str:
        """The code and name of the account, or else its role."""
        return f"{self.text('code')} {self.text('name')}".strip() or self.text("system_account")


@dataclass(frozen=True, slots=True)
class Standard:
    """What one or more standards say together."""

    accounts: tuple[Inherited, ...] = ()
    tax_types: Mapping[tuple[str, str], Cell] = field(default_factory=dict)
    tags: Mapping[str, Source] = field(default_factory=dict)
    settings: Mapping[str, Cell] = field(default_factory=dict)


def account_keys(text: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """Yield an account's role, code and name, without empty ones, each as (field, key).

    Two accounts of one chart may not share a key. `text` returns the text of a field by its name.
    """
    found = (
        ("system_account", text("system_account")),
        ("code", code_key(text("code"))),
        ("name", name_key(text("name"))),
    )
    yield from (key for key in found if key[1])


def at(place: Source) -> Place:
    """Return a key that sorts places."""
    return place.file, place.line, place.column


def seen_from(place: Source, other: Source) -> str:
    """Return how a message at a place names another place: "on line 4", or "in FILE:4"."""
    return f"on line {other.line}" if place.file == other.file else f"in {other}"


def combine(parents: Sequence[Standard]) -> tuple[Standard, tuple[Finding, ...]]:
    """Return what the parents say together, and where they disagree."""
    if len(parents) == 1:
        return parents[0], ()
    findings: list[Finding] = []
    accounts = [_united(group, findings) for group in _groups(parents)]
    tax_types = _united_cells(
        [parent.tax_types for parent in parents],
        lambda key: f'The tax type "{key[0]}" of {key[1]}',
        "Remove one of the two codes. Or keep each in a standard of its own, and let one of these"
        " two standards extend the other: its code then replaces the code that it inherits.",
        findings,
    )
    settings = _united_cells(
        [parent.settings for parent in parents], str, "Remove one of the two values.", findings
    )
    standard = Standard(
        accounts=tuple(sorted(accounts, key=lambda account: at(account.source))),
        tax_types=tax_types,
        tags=first_of(parent.tags for parent in parents),
        settings=settings,
    )
    return standard, tuple(findings)


def first_of(parts: Iterable[Mapping[str, Source]]) -> dict[str, Source]:
    """Return each name that is in any part, with its first place."""
    found: dict[str, Source] = {}
    for part in parts:
        for name, place in part.items():
            found[name] = min(found.get(name, place), place, key=at)
    return dict(sorted(found.items(), key=lambda item: at(item[1])))


def of_entry(entry: Entry) -> Inherited:
    """Return an entry of a standard as an account that others inherit."""
    stated, source = entry.stated(), entry.account.source
    return Inherited(
        entries={source: len(stated)},
        cells={name: Cell(value, entry.places[name], source) for name, value in stated.items()},
        previously=dict.fromkeys(entry.account.previously, entry.places.get("previously", source)),
        waives=entry.waives,
        archive_waiver=entry.account.archive_waiver,
    )


def of_document(document: Document) -> Standard:
    """Return what one file says by itself, without its parents and overrides."""
    return Standard(
        accounts=tuple(
            replace(of_entry(entry), initial=frozenset(document.initial))
            for entry in document.entries
        ),
        tax_types=tax_types_of(document),
        tags=document.tags,
        settings={name: Cell(s.value, s.place) for name, s in document.settings.items()},
    )


def tax_types_of(document: Document) -> dict[tuple[str, str], Cell]:
    """Return the tax types that a file defines, by name and country."""
    return {
        (name, country): Cell(setting.value, setting.place)
        for name, codes in document.tax_types.items()
        for country, setting in codes.items()
    }


def _groups(parents: Sequence[Standard]) -> Iterator[list[Inherited]]:
    """Yield the accounts of the parents in groups. All accounts in a group are the same account.

    Accounts with the same entry, role, code or name are joined. A role, code or name that one of
    the parents overrides joins no accounts. An omitted account is joined by its entry alone.
    """
    accounts = [account for parent in parents for account in parent.accounts]
    hidden = {place for a in accounts for cell in a.cells.values() for place in cell.over}
    omitted = {place for account in accounts if account.omitted for place in account.entries}
    group_of: dict[object, list[Inherited]] = {}
    for account in accounts:
        keys: list[object] = [*account.entries]
        if omitted.isdisjoint(account.entries):
            shown = {n: c.value for n, c in account.cells.items() if c.place not in hidden}
            keys += account_keys(lambda name, shown=shown: str(shown.get(name, "")))  # type: ignore[misc]
        joined = {id(group_of[key]): group_of[key] for key in keys if key in group_of}
        group, *others = [*joined.values()] or [[]]
        for other in others:
            group += other
            group_of |= {key: group for key, its in group_of.items() if its is other}
        group.append(account)
        group_of |= dict.fromkeys(keys, group)
    yield from {id(group): group for group in group_of.values()}.values()


def _united(group: list[Inherited], findings: list[Finding]) -> Inherited:
    """Return what several parents say of one account."""
    first, *others = group
    if not others:
        return first
    in_order = sorted(group, key=lambda account: at(account.source))
    label = next((account.label for account in in_order if account.label), "")
    cells = _united_cells(
        [account.cells for account in group],
        lambda name: f"{label}: {name}",
        "Two standards that set the same field of one account must agree on it. Remove"
        " one of the two values. Or let one standard extend the other, and set or keep the field"
        " there under overrides, with a reason.",
        findings,
    )
    _check_omitted(group, label, findings)
    _check_overridable(group, label, findings)
    managed = _managed(group)
    cells |= {name: replace(cell, over=cells[name].over) for name, cell in managed.items()}
    initial = frozenset[str]().union(*(account.initial for account in group))
    return Inherited(
        entries={place: n for account in group for place, n in account.entries.items()},
        cells=cells,
        previously=first_of(account.previously for account in group),
        waives=first_of(account.waives for account in group),
        reasons={place: text for account in group for place, text in account.reasons.items()},
        overridden=tuple(sorted({pair for account in group for pair in account.overridden})),
        initial=initial - managed.keys(),
        archive_waiver=next((a.archive_waiver for a in in_order if a.archive_waiver), ""),
    )


def _managed(group: Sequence[Inherited]) -> dict[str, Cell]:
    """Return, by field, the values that stay managed although a parent has the field in `initial`.

    A parent's `initial` covers only values that this parent itself states or inherits.
    """
    hidden = {place for account in group for cell in account.cells.values() for place in cell.over}
    sent = {(n, a.cells[n].place) for a in group for n in a.initial if n in a.cells}
    initial = {name for account in group for name in account.initial}
    found: dict[str, Cell] = {}
    for account in group:
        for name in initial & account.cells.keys() - account.initial:
            cell = account.cells[name]
            if (name, cell.place) not in sent and cell.place not in hidden:
                found[name] = min(found.get(name, cell), cell, key=lambda c: at(c.place))
    return found


def added_to(account: Inherited, other: Inherited) -> list[str]:
    """Return the fields, and `previously`, that `other` adds to `account`; each in backticks."""
    fields = [f"`{name}`" for name in other.cells if name not in account.cells]
    return fields + ["`previously`"] * bool(other.previously.keys() - account.previously.keys())


def _check_overridable(group: Sequence[Inherited], label: str, findings: list[Finding]) -> None:
    """Report additions to an account for which another standard says `overridable: false`."""
    for account in group:
        for other in () if account.flag("overridable", default=True) else group:
            added = added_to(account, other)
            added += ["`waive`"] * bool(other.archive_waiver and not account.archive_waiver)
            if added and account.entries.keys().isdisjoint(other.entries):
                findings.append(Finding(
                    "not-overridable", other.source,
                    f"{label} cannot be overridden: {account.cells['overridable'].place} says "
                    f"`overridable: false`, and this entry adds to it: {', '.join(added)}.",
                    "Remove the entry, or ask the owner of the standard.",
                ))  # fmt: skip


def _check_omitted(group: Sequence[Inherited], label: str, findings: list[Finding]) -> None:
    """Report an account that has `omit: true` in one parent and other overrides in another."""
    omit = next((account for account in group if account.omitted), None)
    if omit is None:
        return
    for account in group:
        changed = sorted(account.reasons.keys() - omit.reasons.keys(), key=at)
        if not account.omitted and changed:
            omits = omit.cells["omit"].place
            one, two = sorted((omits, changed[0]), key=at)
            does, other = ("omitted", "changed") if two == omits else ("changed", "omitted")
            findings.append(Finding(
                "standards-disagree", two,
                f"{label} is {does} here, and {other} {seen_from(two, one)}.",
                "Extend only one of the two standards, or make them say the same.",
            ))  # fmt: skip


_Key = TypeVar("_Key", str, tuple[str, str])


def _united_cells(
    parts: Sequence[Mapping[_Key, Cell]],
    named: Callable[[_Key], str],
    hint: str,
    findings: list[Finding],
) -> dict[_Key, Cell]:
    """Return one cell for each key in `parts`.

    Values that disagree are a finding. Its message takes the name of the key from `named`.
    """
    names = {name: None for part in parts for name in part}
    found: dict[_Key, Cell] = {}
    for name in names:
        cells = [part[name] for part in parts if name in part]
        over = frozenset().union(*(cell.over for cell in cells))
        left = sorted((c for c in cells if c.place not in over), key=lambda c: at(c.place))
        if not left:  # each replaces the other: only files that extend each other can do that
            left = cells
        one, *others = left
        found[name] = replace(one, over=over)
        two = next((other for other in others if not agree(name, one, other)), None)
        if two:
            findings.append(Finding(
                "standards-disagree", two.place,
                f"{named(name)} is {shown(two)} here, but {shown(one)} "
                f"{seen_from(two.place, one.place)}.",
                hint,
            ))  # fmt: skip
    return found


def agree(name: object, one: Cell, two: Cell) -> bool:
    """Whether two cells of a field have the same value, and are both managed or both not."""
    if one.managed != two.managed:
        return False
    if isinstance(name, str) and name in FIELD and not isinstance(one.value, int):
        known = FIELD[name]
        return known.comparable(one.value) == known.comparable(str(two.value))
    return one.value == two.value


def shown(cell: Cell) -> str:
    """Return the value of a cell as a message names it."""
    if not cell.managed:
        return "left as in Xero (`keep`)"
    if isinstance(cell.value, bool):
        return "true" if cell.value else "false"
    return quote(cell.value) if isinstance(cell.value, str) else str(cell.value)


def quote(text: str) -> str:
    """Return a value in quotation marks for a message, cut if it is long."""
    return f'"{text}"' if len(text) <= _LONGEST_VALUE else f'"{text[:_LONGEST_VALUE]}…"'
