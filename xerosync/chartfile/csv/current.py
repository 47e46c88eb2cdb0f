"""Use a chart CSV in place of the chart in Xero.

A CSV has no ids, no bank account numbers, no archived accounts, and tax rates only by name. Values
that it lacks are taken from the chart file, so that a plan finds no difference in these values.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from xerosync.chartfile.csv.read import CsvChart
from xerosync.desired import DesiredAccount, DesiredChart, OrganisationPin
from xerosync.errors import Problem
from xerosync.model import FIELD, Account, Chart, Organisation, code_key, name_key
from xerosync.plan.matching.match import match
from xerosync.plan.tax_rates import split_label
from xerosync.text import counted

_RATE_CODE = re.compile(r"[A-Z0-9]{1,30}")
"""The form of Xero's tax rate codes; names of tax rates usually have spaces or small letters."""


@dataclass(frozen=True, slots=True)
class ComparableCharts:
    """The current chart, from the CSV, and the file's chart; both have the same organisation.

    `unchecked` counts the accounts whose rate is a code in the file and another text in the CSV;
    `warnings` are about codes that seem to have lost their leading zeros.
    """

    chart: Chart
    desired: DesiredChart
    unchecked: int = 0
    warnings: tuple[Problem, ...] = ()

    @property
    def note(self) -> str:
        """A sentence on the tax rates that `unchecked` counts; "" if there are none."""
        if not self.unchecked:
            return ""
        return (
            f"The tax rate was not compared for {counted(self.unchecked, 'account')}: the file "
            "has Xero's codes, and a CSV has names."
        )


def comparable_charts(source: CsvChart, desired: DesiredChart) -> ComparableCharts:
    """Return the charts of a CSV and of a chart file in a form in which they can be compared.

    Their organisation has no tenant id, so a plan made from them can never be applied. Raises
    ChartError if it is ambiguous which account an entry means.
    """
    accounts = list(source.accounts)
    warnings = _restore_zeros(accounts, source, desired)
    _identify(accounts, desired)
    name = f"{desired.organisation.name or desired.file}, as in {source.file}"
    chart = Chart(Organisation("", name), tuple(accounts))
    wanted = {m.account.account_id: m.desired for m in match(chart, desired) if m.account}
    unchecked = 0
    for index, account in enumerate(accounts):
        if account.account_id in wanted:
            entry = wanted[account.account_id]
            accounts[index], compared = _fill_account(account, entry, source.fields)
            unchecked += not compared
    pin = OrganisationPin(name=name, source=desired.organisation.source)
    return ComparableCharts(
        replace(chart, accounts=tuple(accounts)),
        replace(desired, organisation=pin),
        unchecked,
        tuple(warnings),
    )


def without_unknown_pins(charts: ComparableCharts) -> tuple[DesiredChart, tuple[Problem, ...]]:
    """Remove each entry that has an `account_id` but no account in the CSV.

    Return the remaining chart, and a warning for each removed entry: its account may be archived,
    and a CSV has no archived accounts.
    """
    ids = {"", *(account.account_id for account in charts.chart.accounts)}
    desired = charts.desired
    kept = tuple(e for e in desired.accounts if e.account_id in ids)
    warnings = tuple(
        Problem(
            e.source.file, e.source.line, e.source.column, "not-in-csv",
            f"{e.label} is not compared: no account in the CSV clearly matches it.",
            "It may be archived; a plan against Xero finds it by its account_id.", "warning",
        )
        for e in desired.accounts if e.account_id not in ids
    )  # fmt: skip
    return replace(desired, accounts=kept), warnings


def _restore_zeros(
    accounts: list[Account], source: CsvChart, desired: DesiredChart
) -> list[Problem]:
    """Restore leading zeros that the file's codes have and the CSV's codes have lost.

    A code stays if the names differ. Return a warning for each code that seems to have lost zeros.
    """
    known = {entry.code for entry in desired.accounts}
    present = {account.code for account in accounts}
    without_zeros: dict[str, list[DesiredAccount]] = {}
    for entry in desired.accounts:
        if entry.code.isdecimal() and entry.code.startswith("0") and entry.code not in present:
            without_zeros.setdefault(entry.code.lstrip("0") or "0", []).append(entry)
    warnings = []
    for index, account in enumerate(accounts):
        lost = without_zeros.get(account.code, []) if account.code not in known else []
        if not account.code or not lost:
            continue
        same = [e for e in lost if name_key(e.name) == name_key(account.name)]
        entry = (same or lost)[0]
        message = f"The code {account.code} seems to have lost its zeros: {entry.source} has "
        if len(same) == 1:
            accounts[index] = replace(account, code=entry.code)
            message += f"{entry.code} with the same name, so the account is read as {entry.code}."
            hint = ""
        else:
            differ = "the names differ" if entry.name else "that entry has no name"
            message += f"{entry.code} {entry.name}".rstrip()
            message += f". They are treated as two accounts: {differ}."
            hint = f"If it is the same account, write {entry.code} in the CSV."
        line = source.lines.get(account.account_id, 0)
        warnings.append(Problem(source.file, line, 1, "zeros-lost", message, hint, "warning"))
    return warnings


def _identify(accounts: list[Account], desired: DesiredChart) -> None:
    """Copy ids, roles and codes from the file's entries to the CSV accounts that they mean."""
    for entry in desired.accounts:
        pinned = bool(entry.account_id or entry.system_account)
        if not pinned and entry.text("type") != "BANK":
            continue
        codes = {code_key(code) for code in (entry.code, *entry.previously)} - {""}
        names = {name_key(entry.name)} - {""}
        by_role = _only(accounts, lambda a: a.system_account, {entry.system_account} - {""})
        by_code = _only(accounts, lambda a: code_key(a.code), codes)
        by_name = _only(accounts, lambda a: name_key(a.name), names)
        if pinned:
            found = next((i for i in (by_role, by_code, by_name) if i is not None), None)
            if found is not None:
                account = accounts[found]
                accounts[found] = replace(
                    account,
                    account_id=entry.account_id or account.account_id,
                    system_account=entry.system_account or account.system_account,
                )
        elif by_code is None and by_name is not None:
            account = accounts[by_name]
            if account.type == "BANK" and not account.code:
                accounts[by_name] = replace(account, code=entry.code)


def _only(accounts: list[Account], key_of: Callable[[Account], str], keys: set[str]) -> int | None:
    found = [index for index, account in enumerate(accounts) if keys and key_of(account) in keys]
    return found[0] if len(found) == 1 else None


def _fill_account(
    account: Account, entry: DesiredAccount, known: frozenset[str]
) -> tuple[Account, bool]:
    """Return the account with the values of `entry` that the CSV lacks.

    The second part is False if the tax rate of `entry` is a code, and the CSV has another text.
    """
    values = {}
    compared = True
    for name, wanted in entry.values.items():
        unknown = name not in known or (
            name == "type" and bool(account.system_account or not account.type)
        )
        if name == "tax_type" and not unknown and wanted:
            same = _same_rate(str(wanted), account.tax_type)
            compared = same or not is_rate_code(str(wanted))
            unknown = same or not compared
        if unknown and FIELD[name].applies(account.type or str(entry.values.get("type", ""))):
            values[name] = wanted
    return replace(account, **values), compared  # type: ignore[arg-type]


def _same_rate(written: str, label: str) -> bool:
    """Whether a file and a CSV name the same tax rate, with equal percents if both give one."""
    if name_key(written) == name_key(label):
        return True
    (name, percent), (other, its_percent) = split_label(written), split_label(label)
    return name_key(name) == name_key(other) and (
        percent is None or its_percent is None or percent == its_percent
    )


def is_rate_code(text: str) -> bool:
    """Whether a tax rate looks like one of Xero's codes, and not like a name."""
    return bool(_RATE_CODE.fullmatch(text))
