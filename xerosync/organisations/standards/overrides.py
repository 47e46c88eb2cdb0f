"""Put a file on top of its parents: its overrides, the optional accounts it takes, its settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from xerosync.desired import Limits, Source
from xerosync.model import code_key, name_key
from xerosync.organisations.standards.documents import Document, Finding, Kind, Override
from xerosync.organisations.standards.inherited import (
    Cell,
    Inherited,
    Standard,
    account_keys,
    added_to,
    agree,
    combine,
    first_of,
    of_document,
    quote,
    seen_from,
    shown,
    tax_types_of,
)
from xerosync.text import series

_NO_REASON = "override-without-reason"
"""The rule that an override needs a reason.

An override without a reason is applied all the same, so that it causes no other errors.
"""


def extend(standard: Standard, document: Document) -> tuple[Standard, tuple[Finding, ...]]:
    """Return what a file and its parents say together, and the problems.

    The result has the file's own accounts only if the file is a standard.
    """
    findings: list[Finding] = []
    accounts = list(standard.accounts)
    index = _Index(accounts)
    _override(accounts, index, document, findings)
    _take(accounts, index, document, findings)
    _send_first(accounts, document)
    whole = replace(standard, accounts=tuple(accounts))
    if document.kind is Kind.STANDARD:
        own = of_document(document)
        before = standard.tax_types  # the file's own tax types replace these, by name and country
        tax_types = {key: _over(before.get(key), cell) for key, cell in own.tax_types.items()}
        own = replace(own, settings={}, tax_types=tax_types)
        findings += _restated(own.accounts, accounts, index)
        whole, disagreements = combine([whole, own])
        findings += disagreements
    else:
        whole = replace(
            whole,
            tax_types=_with_own_tax_types(whole, document, findings),
            tags=first_of([standard.tags, document.tags]),
        )
    settings = dict(_settings(standard, document, findings))
    return replace(whole, settings=settings), tuple(findings)


class _Index:
    """The accounts of a standard by code, role and name, and by their former codes."""

    def __init__(self, accounts: Sequence[Inherited]) -> None:
        self.accounts = tuple(accounts)
        self.by_key: dict[tuple[str, str], int] = {}
        self.former: dict[str, int] = {}
        self.omitted: dict[tuple[str, str], Inherited] = {}
        for number, account in enumerate(accounts):
            if account.omitted:
                self.omitted |= dict.fromkeys(account.keys, account)
                continue
            for key in account.keys:
                self.by_key.setdefault(key, number)
            for code in (*account.previously, *(code for code, _ in account.overridden)):
                self.former.setdefault(code_key(code), number)

    def find(self, target: str) -> int | None:
        """Return the index of an account, if not omitted, by its code, role or name; or None."""
        return next((self.by_key[key] for key in _named(target) if key in self.by_key), None)


def _named(target: str) -> tuple[tuple[str, str], ...]:
    role = ("system_account", target.strip())
    return ("code", code_key(target)), role, ("name", name_key(target))


def _override(
    accounts: list[Inherited], index: _Index, document: Document, findings: list[Finding]
) -> None:
    first: dict[int, Override] = {}
    for override in document.overrides:
        number = index.find(override.target)
        if number is None:
            findings.append(_unknown("unknown-override", override.target, override.place, index))
            continue
        account = accounts[number]
        earlier = first.setdefault(number, override)
        if earlier is not override:
            findings.append(Finding(
                "duplicate-override", override.place,
                f"{account.label} is already overridden on line {earlier.place.line}.",
                "Put both into one override.",
            ))  # fmt: skip
            continue
        found = list(_wrong(override, account))
        findings += found
        if not any(f.severity == "error" and f.rule != _NO_REASON for f in found):
            accounts[number] = _overridden(
                account, override, own=document.kind is Kind.ORGANISATION
            )


def _unknown(rule: str, target: str, place: Source, index: _Index) -> Finding:
    number = index.former.get(code_key(target))
    if number is not None:
        account = index.accounts[number]
        return Finding(
            "former-code", place,
            f"{quote(target)} is a former code: in the standard this account is now "
            f"{account.label} ({account.source}).",
            f'Write "{account.text("code") or account.text("name")}".',
        )  # fmt: skip
    omitted = next((index.omitted[key] for key in _named(target) if key in index.omitted), None)
    if omitted is not None:
        return Finding(
            rule, place,
            f"{omitted.label} is omitted by a standard ({omitted.cells['omit'].place}).",
            "Remove this item, or extend a standard that has the account.",
        )  # fmt: skip
    return Finding(
        rule, place,
        f"The standard has no account {quote(target)}.",
        "Name it by its code, its system_account or its name. An account of your own belongs "
        "under accounts.",
    )  # fmt: skip


def _wrong(override: Override, account: Inherited) -> Iterator[Finding]:
    changes, entry = _changes(override), override.entry
    deviates = bool(changes or override.omit or override.keep)
    waives = bool(entry.account.archive_waiver)
    if (deviates or waives) and not account.flag("overridable", default=True):
        at = account.cells["overridable"].place
        yield Finding(
            "not-overridable", override.place,
            f"{account.label} cannot be overridden: {at} says `overridable: false`.",
            "Remove the override, or ask the owner of the standard. An account_id, which says "
            "which account it is, may stay.",
        )  # fmt: skip
        return
    if deviates and not override.reason.strip():
        done = {"changes": changes, "keeps": override.keep}
        parts = (f"{verb} {series([*names])}" for verb, names in done.items() if names)
        does = "omits it" if override.omit else ", ".join(parts)
        yield Finding(
            _NO_REASON, entry.places.get("reason", override.place),
            f"The override of {account.label} {does}, and gives no reason.",
            "Write under `reason:` why these books differ from the standard.",
        )  # fmt: skip
    kept = [name for name in override.keep if name in entry.places]
    if override.omit and (changes or override.keep):
        yield Finding(
            "override-conflict", override.source,
            f"{account.label} is omitted, and also changed.",
            "Remove `omit`, or what the override changes or keeps.",
        )  # fmt: skip
    elif kept:
        yield Finding(
            "override-conflict", override.keep[kept[0]],
            f"{kept[0]} is under `keep`, and also given a value.",
            "A kept field stays as it is in Xero: remove one of the two.",
        )  # fmt: skip
    yield from _idle(override, account, changes)


def _idle(override: Override, account: Inherited, changes: Mapping[str, Cell]) -> Iterator[Finding]:
    """Yield a warning for each part of an override that changes nothing."""
    for name, cell in changes.items():
        before = account.cells.get(name)
        if before and agree(name, before, cell):
            yield Finding(
                "idle-override", cell.place,
                f"{name} is {shown(cell)} in the standard too ({before.place}).",
                "Remove it from the override.", "warning",
            )  # fmt: skip
    for name, place in override.keep.items():
        if name not in account.cells:
            yield Finding(
                "idle-override", place, f"The standard does not manage the {name} of this account.",
                "Remove it from `keep`.", "warning",
            )  # fmt: skip


def _changes(override: Override) -> dict[str, Cell]:
    return {
        name: Cell(value, override.entry.places[name], override.source)
        for name, value in override.entry.stated().items()
        if name != "account_id"  # it only says which account is meant, and needs no reason
    }


def _overridden(account: Inherited, override: Override, *, own: bool) -> Inherited:
    """Return an account with an override applied; `own` is true for an organisation's override."""
    entry = override.entry
    cells = dict(account.cells)

    def put(name: str, cell: Cell) -> None:
        cells[name] = _over(account.cells.get(name), cell)

    for name, value in entry.stated().items():
        put(name, Cell(value, entry.places[name], override.source))
    for name, place in override.keep.items():
        if name in cells:
            put(name, Cell(cells[name].value, place, override.source, managed=False))
    if override.omit:
        put("omit", Cell(value=True, place=override.source, entry=override.source))
    former = entry.places.get("previously", override.source)
    needs_reason = bool(_changes(override) or override.omit or override.keep)
    reasons = {override.source: override.reason} if needs_reason else {}
    overridden = account.overridden
    if {"code", "name"} & entry.places.keys():
        overridden = ((account.text("code"), account.text("name")), *overridden)
    return replace(
        account,
        cells=cells,
        overridden=overridden,
        previously={**dict.fromkeys(entry.account.previously, former), **account.previously},
        waives={**account.waives, **entry.waives},
        archive_waiver=entry.account.archive_waiver or account.archive_waiver,
        reasons={**account.reasons, **reasons},
        edited=override.source if own else account.edited,
    )


def _over(before: Cell | None, cell: Cell) -> Cell:
    return replace(cell, over=before.over | {before.place}) if before else cell


def _restated(
    own: Sequence[Inherited], accounts: Sequence[Inherited], index: _Index
) -> Iterator[Finding]:
    """Yield a finding for each entry in which a standard adds fields to an inherited account.

    `combine` reports fields with two values, and additions to an account that is not overridable.
    """
    for account in own:
        number = next((index.by_key[key] for key in account.keys if key in index.by_key), None)
        if number is None or not accounts[number].flag("overridable", default=True):
            continue
        inherited = accounts[number]
        added = added_to(inherited, account)
        if added and not inherited.omitted:
            target = inherited.text("code") or inherited.label
            yield Finding(
                "account-in-standard", account.source,
                f"{inherited.label} is an account of a standard that this one extends "
                f"({inherited.source}), and this entry adds to it: {', '.join(added)}.",
                f'Write `- {{standard: "{target}", …, reason: …}}` under overrides instead.',
            )  # fmt: skip


def _send_first(accounts: list[Inherited], document: Document) -> None:
    """Apply the `initial` of a file to the accounts that it inherits and may override."""
    initial = frozenset(document.initial)
    for number, account in enumerate(accounts) if initial else ():
        if account.flag("overridable", default=True) and not initial <= account.initial:
            accounts[number] = replace(account, initial=account.initial | initial)


def _take(
    accounts: list[Inherited], index: _Index, document: Document, findings: list[Finding]
) -> None:
    for taken in document.take:
        number = index.find(str(taken.value))
        if number is None:
            findings.append(_unknown("unknown-take", str(taken.value), taken.place, index))
            continue
        account = accounts[number]
        if account.omitted:
            findings.append(Finding(
                "override-conflict", taken.place,
                f"{account.label} is under `take`, and also omitted.", "Remove one of the two.",
            ))  # fmt: skip
            continue
        if not account.flag("optional"):
            findings.append(Finding(
                "idle-take", taken.place,
                f"{account.label} is not optional in the standard ({account.source}), or is taken "
                "already.", "Remove this item.", "warning",
            ))  # fmt: skip
            continue
        cell = Cell(value=False, place=taken.place, entry=taken.place)
        cells = {**account.cells, "optional": _over(account.cells["optional"], cell)}
        accounts[number] = replace(account, cells=cells)


def _with_own_tax_types(
    standard: Standard, document: Document, findings: list[Finding]
) -> Mapping[tuple[str, str], Cell]:
    if not document.tax_types:
        return standard.tax_types
    own = Standard(tax_types=tax_types_of(document))
    both, disagreements = combine([replace(standard, accounts=()), own])
    findings += disagreements
    return both.tax_types


def _settings(
    standard: Standard, document: Document, findings: list[Finding]
) -> Iterator[tuple[str, Cell]]:
    """Yield the settings of the parents, then those of the file, which replace them.

    Report a limit of the file that is wider than its parents' limit or, if they set none, than the
    default, unless the file gives a reason.
    """
    yield from standard.settings.items()
    for name, setting in document.settings.items():
        before = standard.settings.get(name)
        yield name, _over(before, Cell(setting.value, setting.place))
        if not document.extends or not name.startswith("limits.") or document.limits_reason:
            continue
        limit = name.removeprefix("limits.")
        most = before.value if before else getattr(Limits(), limit)
        if isinstance(setting.value, int) and setting.value > int(most):
            where = seen_from(setting.place, before.place) if before else "by default"
            findings.append(Finding(
                "wider-limit", setting.place,
                f"limits.{limit} is {setting.value} here and {most} {where}: a wider limit "
                "needs a reason.",
                "Add `reason:` under limits, or remove the line.",
            ))  # fmt: skip


def clashes(standard: Standard, document: Document) -> Iterator[Finding]:
    """Yield a finding for each of the file's own accounts that the standard has too."""
    taken: dict[tuple[str, str], Inherited] = {}
    pinned = {account.text("account_id"): account for account in standard.accounts}
    for account in standard.accounts:
        if not account.omitted:
            taken |= dict.fromkeys(account.keys, account)
    for entry in document.entries:
        stated = entry.stated()
        account_id = entry.account.account_id
        if account_id and account_id in pinned:
            account, place = pinned[account_id], entry.places["account_id"]
            yield Finding(
                "duplicate-account-id", place,
                f"{entry.account.label} and {account.label} have the same account_id; the other "
                f"is {seen_from(place, account.cells['account_id'].place)}.",
                "Keep one of the two.",
            )  # fmt: skip
        for field, key in account_keys(lambda name, its=stated: str(its.get(name, ""))):  # type: ignore[misc]
            if (field, key) in taken:
                yield _clash(field, str(stated[field]), entry.places[field], taken[field, key])
                break


def _clash(field: str, value: str, place: Source, account: Inherited) -> Finding:
    target = account.text("code") or account.text("system_account") or account.text("name")
    same = f', and override what differs: `- {{standard: "{target}", …, reason: …}}`'
    other = f"override the standard's account: omit it or set its {field}"
    if not account.flag("overridable", default=True):
        same, other = "", "ask the standard's owner to change theirs, which no file may override"
    if account.flag("optional"):
        same = f', and write `take: ["{target}"]`'
    return Finding(
        "account-in-standard", place,
        f"The standard has an account with the {field} {quote(value)} too: {account.label} "
        f"({account.cells[field].place}).",
        f"Remove this entry{same}." if field == "system_account" else
        f"If it is the same account, remove this entry{same}. If it is another account, give it "
        f"another {field}, or {other}.",
    )  # fmt: skip
