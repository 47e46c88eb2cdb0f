"""Merge a chart file with its standards into the chart of one organisation.

`inherited.combine` merges standards, and `overrides.extend` puts a file on top. From the result,
`Merger` makes the desired accounts: it replaces the names of tax types by the codes of the country,
and separates omitted accounts. No file is read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from xerosync.desired import DeleteRefused, DesiredAccount, DesiredChart, Limits, Source, Unmanaged
from xerosync.model import FIELDS, Value, code_key
from xerosync.organisations.standards.documents import ADD_COUNTRY, Document, Entry, Finding, Kind
from xerosync.organisations.standards.inherited import (
    Cell,
    Inherited,
    Standard,
    at,
    quote,
    seen_from,
)
from xerosync.organisations.standards.overrides import clashes, extend
from xerosync.usage import Requirement

LIKE_A_CODE = re.compile(r"[A-Z0-9]+")
"""The form of Xero's codes of tax rates: capitals and digits only."""


@dataclass(frozen=True, slots=True)
class Reason:
    """The reason of an override, the place of the override, and the fields that it sets."""

    text: str
    place: Source
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MergedAccount:
    """One account of a merged chart, with the place of each of its fields.

    `waives` are the lint rules that the account waives. `own` is True for an account that only
    the organisation's file has. `overridable` is True if a file may override the account. `reasons`
    are the reasons of its overrides.
    """

    account: DesiredAccount
    places: Mapping[str, Source]
    waives: Mapping[str, Source] = field(default_factory=dict)
    own: bool = False
    overridable: bool = True
    reasons: tuple[Reason, ...] = ()

    def place(self, field: str) -> Source:
        """Return the place of a field, or of the account if it lacks the field."""
        return self.places.get(field, self.account.source)


@dataclass(frozen=True, slots=True)
class MergedChart:
    """A chart file with everything that it inherits.

    `settings` and `tags` are what the files say outside their accounts, with the places.
    `tax_types` has Xero's code in the organisation's country for each name of a tax type. It is
    None if no file defines tax types.
    """

    chart: DesiredChart
    accounts: tuple[MergedAccount, ...] = ()
    settings: Mapping[str, Cell] = field(default_factory=dict)
    tags: Mapping[str, Source] = field(default_factory=dict)
    tax_types: Mapping[str, str] | None = None


class Merger:
    """Merges files that have the same parents.

    An account is made once for each country, and shared by the files that do not change it.
    """

    def __init__(self, standard: Standard, names: Iterable[str] = ()) -> None:
        self._standard = standard
        self._name = ", ".join(sorted(names))
        self._made: dict[tuple[int, str], tuple[MergedAccount, tuple[Finding, ...]]] = {}

    def merge(self, document: Document) -> tuple[MergedChart, tuple[Finding, ...]]:
        """Return the merged chart of a file, and the problems found on the way."""
        standard, found = extend(self._standard, document)
        findings = list(found)
        if document.kind is Kind.ORGANISATION:
            findings += clashes(standard, document)
        maker = _Maker(standard, document.organisation.country)
        kept = [account for account in standard.accounts if not account.omitted]
        made: list[MergedAccount] = []
        own_codes = _own_codes(document)
        shared = not document.tax_types
        untouched = {id(account) for account in self._standard.accounts} if shared else set()
        for account in kept:
            one, wrong = self._make(account, maker, own_codes, shared=id(account) in untouched)
            made.append(one)
            findings += wrong
        findings += _shared_keys(kept, document)
        made = self._with_standard(kept, made, maker, document)
        own = [] if document.kind is Kind.STANDARD else [maker.own(e) for e in document.entries]
        made += (one for one, _ in own)
        findings += (finding for _, wrong in own for finding in wrong)
        findings += maker.without_country(document)
        findings += _codes_as_names(standard)
        gone = [account for account in standard.accounts if account.omitted]
        omitted = self._with_standard(gone, [maker.make(a)[0] for a in gone], maker, document)
        chart = replace(
            document.chart,
            accounts=tuple(one.account for one in made),
            standard=document.name if document.kind is Kind.STANDARD else self._name,
            tags=tuple(sorted(standard.tags)),
            omitted=tuple(one.account for one in omitted),
        )
        chart = _with_settings(chart, standard.settings)
        names = maker.tax_types if standard.tax_types else None
        merged = MergedChart(chart, tuple(made), standard.settings, standard.tags, names)
        return merged, _each_once(findings)

    def _with_standard(
        self,
        accounts: Sequence[Inherited],
        made: Sequence[MergedAccount],
        maker: _Maker,
        document: Document,
    ) -> list[MergedAccount]:
        """Return the accounts of `made`, with `standard` set in the accounts that the file changes.

        `standard` is the account as the standards have it, without the file's changes.
        """
        if document.kind is Kind.STANDARD or not (document.overrides or document.take):
            return [*made]
        before = {account.source: account for account in self._standard.accounts}

        def with_standard(account: Inherited, one: MergedAccount) -> MergedAccount:
            original = before.get(account.source)
            if original is None or original is account:
                return one
            standard = maker.make(original)[0].account
            return replace(one, account=replace(one.account, standard=standard))

        return [with_standard(*both) for both in zip(accounts, made, strict=True)]

    def _make(
        self, account: Inherited, maker: _Maker, own_codes: frozenset[str], *, shared: bool
    ) -> tuple[MergedAccount, tuple[Finding, ...]]:
        if not {code_key(code) for code in account.previously}.isdisjoint(own_codes):
            left = {c: at for c, at in account.previously.items() if code_key(c) not in own_codes}
            return maker.make(replace(account, previously=left))
        if not shared or maker.lacks_country:  # each file without a country gets its own finding
            return maker.make(account)
        key = id(account), maker.country
        if key not in self._made:
            self._made[key] = maker.make(account)
        return self._made[key]


def _each_once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return each finding once, and only one for each tax type without a code for the country."""
    by_tax_type = "tax-type-not-for-country"
    found: dict[object, Finding] = {}
    for finding in findings:
        found.setdefault(finding.place if finding.rule == by_tax_type else finding, finding)
    return tuple(found.values())


def _codes_as_names(standard: Standard) -> Iterator[Finding]:
    """Yield a finding for each tax type whose name is, or looks like, one of Xero's codes."""
    codes = {str(cell.value).casefold() for cell in standard.tax_types.values()}
    reported = set[str]()
    for (name, _), cell in standard.tax_types.items():
        if name not in reported and (LIKE_A_CODE.fullmatch(name) or name.casefold() in codes):
            reported.add(name)
            yield Finding(
                "tax-type-is-a-code", cell.place,
                f"The name {quote(name)} of a tax type is, or looks like, one of Xero's codes.",
                "Choose a name in lower case that is not a code, such as sales or no_tax.",
            )  # fmt: skip


def _own_codes(document: Document) -> frozenset[str]:
    """Return the present and former codes of a file's own accounts; none for a standard.

    If one of these codes is also a former code of an inherited account, the former code is ignored:
    the file knows better which account of its organisation has the code.
    """
    if document.kind is Kind.STANDARD:
        return frozenset()
    accounts = [entry.account for entry in document.entries]
    return frozenset(
        code_key(code) for account in accounts for code in (account.code, *account.previously)
    ) - {""}


class _Maker:
    """Turns what standards say into the desired accounts of one country."""

    def __init__(self, standard: Standard, country: str) -> None:
        self.country = country
        self.tax_types = {
            name: str(cell.value)
            for (name, of_country), cell in standard.tax_types.items()
            if of_country == country
        }
        self._declared: dict[str, list[Cell]] = {}
        for (name, _), cell in standard.tax_types.items():
            self._declared.setdefault(name, []).append(cell)
        self.lacks_country = bool(self._declared) and not country
        self._needs_country: Source | None = None

    def make(self, account: Inherited) -> tuple[MergedAccount, tuple[Finding, ...]]:
        cells = account.cells
        findings = list(_incomplete(account))
        values: dict[str, Value] = {}
        initial: dict[str, Value] = {}
        for known in FIELDS:
            cell = cells.get(known.name)
            if cell is None:
                continue
            value = cell.value if known.flag else str(cell.value)
            if known.name == "tax_type":
                value, wrong = self._tax_type(str(value), cell.place)
                findings += wrong
            is_own = bool(account.edited.file) and cell.entry == account.edited
            managed = cell.managed and (is_own or known.name not in account.initial)
            (values if managed else initial)[known.name] = bool(value) if known.flag else str(value)
        source = account.edited if account.edited.file else account.source
        code = code_key(account.text("code"))
        overridable = account.flag("overridable", default=True)
        reasons = tuple(_reasons(account))
        made = DesiredAccount(
            values=values,
            status=account.text("status") or "ACTIVE",
            account_id=account.text("account_id"),
            system_account=account.text("system_account"),
            previously=tuple(c for c in account.previously if code_key(c) != code),
            protect=account.flag("protect"),
            source=source,
            inherited=account.source,
            origins={
                name: cell.place
                for name, cell in cells.items()
                if cell.entry != source and name not in ("optional", "overridable", "omit")
            },
            reasons=tuple(reason.text for reason in reasons),
            initial=initial,
            optional=account.flag("optional"),
            overridable=overridable,
            overridden=account.overridden,
            archive_waiver=account.archive_waiver,
        )
        places = {name: cell.place for name, cell in cells.items()}
        if made.previously:
            places["previously"] = account.previously[made.previously[0]]
        one = MergedAccount(made, places, account.waives, overridable=overridable, reasons=reasons)
        return one, tuple(findings)

    def own(self, entry: Entry) -> tuple[MergedAccount, tuple[Finding, ...]]:
        """Return an account of the organisation's own file, and its findings."""
        account, wrong = entry.account, tuple[Finding, ...]()
        if "tax_type" in account.values:
            code, wrong = self._tax_type(account.text("tax_type"), entry.places["tax_type"])
            if code != account.text("tax_type"):
                account = replace(account, values={**account.values, "tax_type": code})
        return MergedAccount(account, entry.places, entry.waives, own=True), wrong

    def without_country(self, document: Document) -> Iterator[Finding]:
        """Yield a finding if the file needs the country of its organisation and lacks it."""
        if self._needs_country and document.kind is Kind.ORGANISATION:
            yield Finding(
                "missing-country", document.organisation.source,
                "The file does not say in which country the organisation is. The codes of its tax "
                f"types, for example in {self._needs_country}, depend on the country.",
                ADD_COUNTRY,
            )  # fmt: skip

    def _tax_type(self, name: str, place: Source) -> tuple[str, tuple[Finding, ...]]:
        """Return the code of a tax type (its name if no code is found), and findings."""
        if not self._declared or not name:
            return name, ()
        declared = self._declared.get(name)
        if declared is None:
            known = ", ".join(sorted(self._declared))
            return name, (
                Finding(
                    "undeclared-tax-type", place,
                    f"{quote(name)} is not one of the tax_types.",
                    f"Use one of: {known}. Or define it under tax_types.",
                ),
            )  # fmt: skip
        if self.lacks_country:
            self._needs_country = self._needs_country or place
            return name, ()
        if name in self.tax_types:
            return self.tax_types[name], ()
        return name, (
            Finding(
                "tax-type-not-for-country", min((c.place for c in declared), key=at),
                f"The tax type {quote(name)} has no code for {self.country}; {place} uses it.",
                f"Add `{self.country}:` to the tax type, with Xero's code in that country.",
            ),
        )  # fmt: skip


def _reasons(account: Inherited) -> Iterator[Reason]:
    for place in sorted(account.reasons, key=at):
        fields = (name for name, cell in account.cells.items() if cell.entry == place)
        yield Reason(account.reasons[place], place, tuple(fields))


def _incomplete(account: Inherited) -> Iterator[Finding]:
    """Yield a finding if an account lacks a code or a name, unless it has a role or an id."""
    if account.text("system_account") or account.text("account_id"):
        return
    missing = [name for name in ("code", "name") if not account.text(name)]
    if missing:
        yield Finding(
            "incomplete-standard-account", account.source,
            f"{account.label or 'This account'} has no {' and no '.join(missing)}: a code alone, "
            "or a name alone, may belong to another account in some of the books.",
            f"Give it a {' and a '.join(missing)}, or a system_account.",
        )  # fmt: skip


def _shared_keys(accounts: Sequence[Inherited], document: Document) -> Iterator[Finding]:
    """Yield a finding for each code, name, role, id or former code that two accounts share."""
    first: dict[tuple[str, str], Inherited] = {}
    for account in accounts:
        keys = list(account.keys)
        if account.text("account_id"):
            keys.append(("account_id", account.text("account_id")))
        keys += (("previously", code_key(code)) for code in account.previously)
        for key in keys:
            other = first.setdefault(key, account)
            if other is not account:
                yield _shared(key, account, other, document)


def _shared(
    key: tuple[str, str], account: Inherited, other: Inherited, document: Document
) -> Finding:
    field, value = key
    here, there = (
        next(place for code, place in one.previously.items() if code_key(code) == value)
        if field == "previously"
        else one.cells[field].place
        for one in (account, other)
    )
    if there.file == document.file and here.file != document.file:
        here, there = there, here
    rule, noun = f"duplicate-{field.replace('_', '-')}", field
    hint = f"Give one of them another {noun}"
    if field == "previously":
        rule, noun = "previously-conflict", "former code"
        hint = "Remove the former code from `previously` of the account that did not have it"
    return Finding(
        rule, here,
        f"{account.label} and {other.label} have the same {noun}; the other is "
        f"{seen_from(here, there)}.",
        f"{hint}, or omit one of the two accounts.",
    )  # fmt: skip


def _with_settings(chart: DesiredChart, settings: Mapping[str, Cell]) -> DesiredChart:
    limits = {
        name.removeprefix("limits."): int(cell.value)
        for name, cell in settings.items()
        if name.startswith("limits.")
    }
    unmanaged, refused = settings.get("unmanaged"), settings.get("on_delete_refused")
    return replace(
        chart,
        unmanaged=Unmanaged(str(unmanaged.value)) if unmanaged else Unmanaged.KEEP,
        delete_refused=DeleteRefused(str(refused.value)) if refused else DeleteRefused.FAIL,
        limits=Limits(**limits),
        archive_requires=tuple(r for r in Requirement if f"archive_requires.{r}" in settings),
    )
