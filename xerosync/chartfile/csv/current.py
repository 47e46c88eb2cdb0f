"""(a chart CSV, what the file wants) → the current chart, as far as the CSV tells it.

A CSV has no ids, no bank account numbers, no archived accounts, and tax rates by name
alone. What it cannot tell is taken from the file, so that it makes no difference.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from xerosync.chartfile.csv.read import CsvChart
from xerosync.chartfile.syntax.source import Spot
from xerosync.errors import Problem
from xerosync.model import (
    FIELD,
    Account,
    Chart,
    DesiredAccount,
    DesiredChart,
    Organisation,
    OrganisationPin,
    code_key,
    name_key,
)
from xerosync.plan.matching import match

_CODE = re.compile(r"[A-Z0-9]{1,30}")
"""What Xero's codes of tax rates look like; names have spaces or small letters."""

_PERCENT = re.compile(r"\s*\([0-9]+(?:[.,][0-9]+)?\s*%\)$")
"""What the CSV appends to the name of some rates: `Tax Exempt (0%)`."""


@dataclass(frozen=True, slots=True)
class Filled:
    """The current chart, and the file's chart with a pin that fits it.

    `unchecked` counts accounts whose tax rate could not be compared; `warnings` are codes
    that seem to have lost their zeros.
    """

    chart: Chart
    desired: DesiredChart
    unchecked: int = 0
    warnings: tuple[Problem, ...] = ()


def fill(source: CsvChart, desired: DesiredChart) -> Filled:
    """Make the CSV's accounts comparable with what the file wants.

    The organisation has no tenant id: a plan against it can never be applied. Raises
    ChartError where it is ambiguous which account an entry speaks of.
    """
    accounts = list(source.accounts)
    warnings = _restore_zeros(accounts, source, desired)
    _identify(accounts, desired)
    name = f"{desired.organisation.name or desired.file}, as in {source.file}"
    organisation = Organisation("", name)
    chart = Chart(organisation, tuple(accounts))
    matched = match(chart, desired)
    wanted = {m.account.account_id: m.desired for m in matched if m.account}
    unchecked = 0
    for index, account in enumerate(accounts):
        entry = wanted.get(account.account_id)
        if entry is not None:
            accounts[index], compared = _fill(account, entry, source.fields)
            unchecked += not compared
    pin = OrganisationPin(name=name, source=desired.organisation.source)
    return Filled(
        replace(chart, accounts=tuple(accounts)),
        replace(desired, organisation=pin),
        unchecked,
        tuple(warnings),
    )


def _restore_zeros(
    accounts: list[Account], source: CsvChart, desired: DesiredChart
) -> list[Problem]:
    """Give codes back the zeros that a spreadsheet took, where the file and the name say so."""
    known = {entry.code: entry for entry in desired.accounts if entry.code}
    bare: dict[str, list[DesiredAccount]] = {}
    for entry in known.values():
        if entry.code.isdecimal() and entry.code.startswith("0"):
            bare.setdefault(entry.code.lstrip("0"), []).append(entry)
    present = {account.code for account in accounts}
    warnings = []
    for index, account in enumerate(accounts):
        if account.code in known or not account.code:
            continue
        lost = [e for e in bare.get(account.code, []) if e.code not in present]
        if not lost:
            continue
        line = source.lines.get(account.account_id, 0)
        same = [e for e in lost if name_key(e.name) == name_key(account.name)]
        entry = (same or lost)[0]
        what = f"The code {account.code} seems to have lost its zeros: the file has {entry.code}"
        if len(same) == 1:
            accounts[index] = replace(account, code=entry.code)
            message, hint = f"{what}, of the same name. {entry.code} is kept.", ""
        else:
            message = f"{what} {entry.name}. They are taken for two accounts, as the names differ."
            hint = f"If it is the same account, write {entry.code} in the CSV."
        spot = Spot(line, 1)
        warnings.append(
            Problem(source.file, spot.line, spot.column, "zeros-lost", message, hint, "warning")
        )
    return warnings


def _identify(accounts: list[Account], desired: DesiredChart) -> None:
    """Give accounts the ids, roles, codes and numbers that the file finds them by.

    An entry with an id or a role has its account under its code or else its name; a bank
    account without a code in the CSV is the file's of that name.
    """
    for entry in desired.accounts:
        bank = entry.text("type") == "BANK"
        if entry.account_id or entry.system_account:
            index = _find(accounts, _has_role(entry))
            if index is None:
                index = _find(accounts, _has_code(entry))
            if index is None:
                index = _find(accounts, _has_name(entry))
            if index is not None:
                accounts[index] = replace(
                    accounts[index],
                    account_id=entry.account_id or accounts[index].account_id,
                    system_account=entry.system_account or accounts[index].system_account,
                )
        elif bank and entry.name and _find(accounts, _has_code(entry)) is None:
            index = _find(accounts, _has_name(entry))
            if index is not None and accounts[index].type == "BANK" and not accounts[index].code:
                accounts[index] = replace(accounts[index], code=entry.code)


def _find(accounts: list[Account], test: Callable[[Account], bool]) -> int | None:
    found = [index for index, account in enumerate(accounts) if test(account)]
    return found[0] if len(found) == 1 else None


def _has_role(entry: DesiredAccount) -> Callable[[Account], bool]:
    role = entry.system_account
    return lambda account: bool(role) and account.system_account == role


def _has_code(entry: DesiredAccount) -> Callable[[Account], bool]:
    keys = {code_key(code) for code in (entry.code, *entry.previously)} - {""}
    return lambda account: code_key(account.code) in keys


def _has_name(entry: DesiredAccount) -> Callable[[Account], bool]:
    key = name_key(entry.name)
    return lambda account: bool(key) and name_key(account.name) == key


def _fill(account: Account, entry: DesiredAccount, told: frozenset[str]) -> tuple[Account, bool]:
    """Take from the file what the CSV cannot tell; tell whether the tax rates were compared."""
    values = {}
    compared = True
    for name, wanted in entry.values.items():
        unknown = name not in told or (name == "type" and not account.type)
        if account.system_account and name == "type":
            unknown = True
        if name == "tax_type" and not unknown and wanted:
            same = same_rate(str(wanted), account.tax_type)
            compared = same or not _CODE.fullmatch(str(wanted))
            unknown = same or not compared
        if unknown and FIELD[name].applies(account.type or str(entry.values.get("type", ""))):
            values[name] = wanted
    return replace(account, **values), compared  # type: ignore[arg-type]


def same_rate(written: str, label: str) -> bool:
    """Tell whether a file's tax rate is the one that a CSV names, with or without its percent."""
    key = name_key(written)
    return key in {name_key(label), name_key(_PERCENT.sub("", label))}


def is_rate_code(text: str) -> bool:
    """Tell whether a tax rate looks like Xero's code for one, and not like a name."""
    return bool(_CODE.fullmatch(text))
