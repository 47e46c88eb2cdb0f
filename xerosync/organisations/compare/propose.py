"""Make a standard of what most books agree on: each account that at least half of them have.

Accounts of two books are one if they have the same role or, without a role, the same name and
class, or the same code and class and a similar name. A code alone says nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from xerosync.model import Status, class_of, code_key, code_order, name_key
from xerosync.organisations.book import Book
from xerosync.organisations.compare.grid import Line
from xerosync.organisations.standards.tax_names import country_of, tax_names
from xerosync.plan.matching.shared_words import share_a_word
from xerosync.plan.tax_rates import TaxRates
from xerosync.text import counted


@dataclass(frozen=True, slots=True)
class BookAccount:
    """One account of one organisation."""

    line: Line
    account_class: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class BookLines:
    """What a proposal needs of one organisation's books.

    The tax rate of an account is Xero's code. If the organisation itself made the rate, it is the
    name in Xero's CSV, since the code means another rate in other organisations. `labels` has the
    display name of every rate that the accounts use, by that code or name.
    """

    country: str
    accounts: tuple[BookAccount, ...]
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProposedAccount:
    """An account that at least half of the books have.

    `line.tax` is a name in `Proposal.tax_types`, "" if the account gets no tax rate. `books` is how
    many books have the account, `named` how many have it with this name, `coded` with this code.
    The code or name of a system account is "" if it differs by country, or if another account has
    it. `notes` reports this, and values that are as frequent as the chosen value.
    """

    line: Line
    role: str
    books: int
    named: int
    coded: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """The accounts that at least half of the books have, and the tax types that they use.

    `books` is the number of books. `left_out` has a sentence for each account that at least half
    of the books have, but that has no code or no name of its own.
    """

    books: int
    accounts: tuple[ProposedAccount, ...]
    tax_types: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


def lines_of(book: Book) -> BookLines:
    """Return what a proposal needs of a book: its active accounts, without bank accounts."""
    rates = TaxRates(book.chart.tax_rates)
    accounts = tuple(
        BookAccount(
            Line(one.code.strip(), one.name.strip(), one.type, rates.portable(one.tax_type)),
            class_of(one.type, one.account_class),
            one.system_account,
        )
        for one in book.chart.accounts
        if one.status == Status.ACTIVE and one.type != "BANK"
    )
    labels = {one.line.tax: rates.name_of(one.line.tax) or one.line.tax for one in accounts}
    return BookLines(country_of(book.chart.organisation), accounts, labels)


def propose(books: Sequence[BookLines]) -> Proposal:
    """Return each account that at least half of the books have: proposed, or else in `left_out`."""
    countries = Counter(book.country for book in books if book.country)
    order = [country for country, _ in _ranked(countries, str)]
    clusters = [one for one in _clusters(books) if 2 * len(one.members) >= len(books)]
    clusters.sort(key=lambda one: (-len(one.members), one.order))
    used, left_out = _Used(), list[str]()
    chosen = [(one, found) for one in clusters if (found := _choose(one, used, left_out))]
    labels = _labels(books)
    taxed = tax_names([{} if one.role else _rates(one) for one, _ in chosen], labels, order)
    accounts = [
        replace(
            account,
            line=replace(account.line, tax=tax_type),
            notes=(*account.notes, *(() if one.role else _tax_ties(one, labels))),
        )
        for (one, account), tax_type in zip(chosen, taxed.accounts, strict=True)
    ]
    accounts.sort(key=lambda one: (code_order(one.line.code), one.line.name, one.role))
    return Proposal(len(books), tuple(accounts), taxed.tax_types, tuple(left_out))


def _labels(books: Sequence[BookLines]) -> dict[tuple[str, str], str]:
    """Return the most frequent display name of each tax rate, by country and rate."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for book in books:
        for tax, label in book.labels.items():
            found.setdefault((book.country, tax), Counter())[label] += 1
    return {key: _ranked(labels, str)[0][0] for key, labels in found.items()}


@dataclass(slots=True)
class _Cluster:
    """One account in several books; `members` maps a book's index to its country and the line."""

    role: str
    account_class: str
    members: dict[int, tuple[str, Line]] = field(default_factory=dict)

    def values(self, value: Callable[[Line], str], country: str | None = None) -> Counter[str]:
        return Counter(value(line) for of, line in self.members.values() if country in (None, of))

    @property
    def code(self) -> str:
        return _ranked(self.values(lambda line: line.code), code_order)[0][0]

    @property
    def name(self) -> str:
        return _ranked(self.values(lambda line: line.name), str)[0][0]

    @property
    def countries(self) -> list[str]:
        return sorted({country for country, _ in self.members.values()})

    @property
    def order(self) -> tuple[object, ...]:
        return code_order(self.code), self.name, self.account_class, self.role


def _clusters(books: Sequence[BookLines]) -> list[_Cluster]:
    """Return the accounts of all books, each once.

    Accounts are joined by role or name, then by code and similar name.
    """
    groups: dict[tuple[str, ...], _Cluster] = {}
    for number, book in enumerate(books):
        for one in book.accounts:
            key = (one.role,) if one.role else (name_key(one.line.name), one.account_class)
            group = groups.setdefault(key, _Cluster(one.role, one.account_class))
            group.members.setdefault(number, (book.country, one.line))
    order = sorted(groups.values(), key=lambda one: (-len(one.members), one.order))
    found: list[_Cluster] = []
    by_code: dict[tuple[str, str], list[_Cluster]] = {}
    for group in order:
        at = (code_key(group.code), group.account_class)
        same = None
        if not group.role and at[0]:
            near = (one for one in by_code.get(at, ()) if share_a_word(one.name, group.name))
            same = next((one for one in near if one.members.keys().isdisjoint(group.members)), None)
        if same:
            same.members |= group.members
            continue
        found.append(group)
        if not group.role:
            by_code.setdefault(at, []).append(group)
    return found


_KEYS: Mapping[str, Callable[[str], str]] = {"code": code_key, "name": name_key}


@dataclass(slots=True)
class _Used:
    """The codes and names of the accounts that were chosen, each with its account's label."""

    by_key: dict[tuple[str, str], str] = field(default_factory=dict)

    def free(self, key: str, ranked: Iterable[tuple[str, int]]) -> str:
        return next((v for v, _ in ranked if v and not self.holder(key, v)), "")

    def holder(self, key: str, value: str) -> str:
        return self.by_key.get((key, _KEYS[key](value)), "")

    def add(self, code: str, name: str, role: str) -> None:
        label = f"{code} {name}".strip() or role
        for key, value in (("code", code), ("name", name)):
            if value:
                self.by_key[key, _KEYS[key](value)] = label


def _choose(one: _Cluster, used: _Used, left_out: list[str]) -> ProposedAccount | None:
    """Return an account with the most frequent type, and the most frequent free code and name.

    If no code or no name is free, add a sentence to `left_out` and return None. An account with a
    role is always returned. Its code is "" if another account has it, or if the most frequent code
    differs by country. The same is true of its name.
    """
    notes: list[str] = []
    codes, names = one.values(lambda line: line.code), one.values(lambda line: line.name)
    if one.role:
        code = _unused("code", _agreed(one, "code", lambda line: line.code, notes), used, notes)
        name = _unused("name", _agreed(one, "named", lambda line: line.name, notes), used, notes)
    else:
        code = used.free("code", _ranked(codes, code_order))
        name = used.free("name", _ranked(names, str))
    if not one.role and not (code and name):
        key, value = ("name", one.name) if code else ("code", one.code)
        why = f"{used.holder(key, value)} has its {key}" if value else f"it has no {key}"
        where = counted(len(one.members), "chart")
        left_out.append(f"{one.code} {one.name}, in {where}, left out: {why}.".lstrip())
        return None
    used.add(code, name, one.role)
    types = one.values(lambda line: line.type)
    kind = _ranked(types, str)[0][0]
    notes += _ties("code", codes, code, code_order)
    notes += _ties("name", names, name, str)
    notes += _ties("type", types, kind, str)
    return ProposedAccount(
        Line(code, name, kind),
        one.role,
        books=len(one.members),
        named=_count(names, name),
        coded=_count(codes, code),
        notes=tuple(notes),
    )


def _count(counts: Counter[str], value: str) -> int:
    return sum(n for text, n in counts.items() if name_key(text) == name_key(value))


def _agreed(one: _Cluster, what: str, value: Callable[[Line], str], notes: list[str]) -> str:
    """Return the most frequent value. If it differs by country, add a note and return ""."""
    found = {
        country: _ranked(one.values(value, country), code_order)[0][0] for country in one.countries
    }
    if len(set(found.values())) == 1:
        return next(iter(found.values()))
    each = {
        country or "an unknown country": f"{what} {text}" if text else f"no {what}"
        for country, text in found.items()
    }
    notes.append(", ".join(f"{text} in {country}" for country, text in each.items()))
    return ""


def _unused(key: str, value: str, used: _Used, notes: list[str]) -> str:
    """Return the code or name `value`. If another account has it, add a note and return ""."""
    holder = used.holder(key, value)
    if value and holder:
        notes.append(f"{holder} has the {key} {value}")
        return ""
    return value


def _rates(one: _Cluster) -> dict[str, str]:
    """Return an account's most frequent tax rate in each country, without empty ones."""
    found = {
        country: _ranked(one.values(lambda line: line.tax, country), str)[0][0]
        for country in one.countries
        if country
    }
    return {country: tax for country, tax in found.items() if tax}


def _tax_ties(one: _Cluster, labels: Mapping[tuple[str, str], str]) -> Iterator[str]:
    for country, tax in _rates(one).items():
        counts = one.values(lambda line: line.tax, country)
        for other in _as_frequent(counts, tax, str):
            yield f"the tax rate {labels.get((country, other)) or other} is as frequent"


def _ties(
    what: str, counts: Counter[str], chosen: str, order: Callable[[str], object]
) -> Iterator[str]:
    for other in _as_frequent(counts, chosen, order) if chosen else ():
        yield f"the {what} {other} is as frequent"


def _as_frequent(
    counts: Counter[str], chosen: str, order: Callable[[str], object]
) -> Iterator[str]:
    for text, count in _ranked(counts, order):
        if text and text != chosen and count == counts[chosen]:
            yield text


def _ranked(counts: Counter[str], order: Callable[[str], object]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], order(pair[0]), pair[0]))
