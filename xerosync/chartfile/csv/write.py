"""Write the CSV that Xero imports, from a chart file.

Xero's import replaces the chart: an account that the CSV lacks is archived (Xero Central,
Import a chart of accounts). So what the file does not say is taken from Xero if its chart
is given; otherwise a row without a value that Xero needs is rejected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from xerosync.chartfile.csv.columns import COLUMNS, label_of
from xerosync.chartfile.csv.current import is_rate_code
from xerosync.chartfile.csv.table import protect, write_table
from xerosync.errors import ChartError, Problem
from xerosync.model import (
    FIELD,
    Account,
    Chart,
    DesiredAccount,
    DesiredChart,
    Source,
    Status,
    Unmanaged,
    Value,
)
from xerosync.plan.matching import match
from xerosync.plan.tax_rates import TaxRates, keep_shared, resolve

_TAX = list(COLUMNS.values()).index("tax_type")


@dataclass(frozen=True, slots=True)
class ExportedCsv:
    """The CSV, and warnings to read before it is imported into Xero."""

    text: str
    rows: int
    warnings: tuple[Problem, ...] = ()


def write_csv(
    desired: DesiredChart, current: Chart | None = None, *, incomplete: bool = False
) -> ExportedCsv:
    """Write a chart file as CSV, with what it does not say taken from the current chart.

    Raises ChartError, naming each account, if a value that Xero needs is not known, unless
    `incomplete` allows such rows.
    """
    rates = TaxRates(current.tax_rates if current else ())
    found: Mapping[int, Account] = {}
    if current:
        desired = resolve(desired, rates)
        matched = [keep_shared(one, rates) for one in match(current, desired)]
        desired = replace(desired, accounts=tuple(one.desired for one in matched))
        found = {n: m.account for n, m in enumerate(matched) if m.account}
    rows: list[list[str]] = []
    problems: list[Problem] = []
    by_code: list[tuple[str, DesiredAccount]] = []
    for number, entry in enumerate(desired.accounts):
        if entry.status == Status.ACTIVE:
            row = _row(entry, found.get(number))
            rows.append(_cells(row, rates))
            problems += _missing(row, rows[-1], entry)
            tax_rate = rows[-1][_TAX]
            if rates.all:
                problems += _unknown_rate(row, entry, rates)
            elif is_rate_code(tax_rate):
                by_code.append((tax_rate, entry))
            problems += _protected(rows[-1], entry.label, entry.source)
    managed = {account.account_id for account in found.values()}
    for account in current.accounts if current else ():
        left_out = account.account_id not in managed and account.status == Status.ACTIVE
        if left_out and (account.system_account or desired.unmanaged is Unmanaged.KEEP):
            rows.append(_cells({**account.values(), "role": account.system_account}, rates))
            problems += _protected(rows[-1], account.label, Source(desired.file))
    problems += _rate_problem(by_code)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors and not incomplete:
        raise ChartError(tuple(errors))
    warnings = tuple(replace(problem, severity="warning") for problem in problems)
    return ExportedCsv(write_table([list(COLUMNS), *rows]), len(rows), warnings)


def _row(entry: DesiredAccount, account: Account | None) -> dict[str, Value]:
    known: dict[str, Value] = dict(account.values()) if account else {}
    role = entry.system_account or (account.system_account if account else "")
    return {**known, **entry.values, "role": role}


def _cells(row: Mapping[str, Value], rates: TaxRates) -> list[str]:
    cells = []
    for name in COLUMNS.values():
        value = row.get(name, FIELD[name].empty)
        if isinstance(value, bool):
            cells.append("Yes" if value else "No")
        elif name == "type":
            cells.append(label_of(str(value), str(row["role"]), str(row.get("name", ""))))
        elif name == "tax_type":
            rate = rates.by_code(str(value))
            cells.append(rates.csv_label(rate) if rate else str(value))
        else:
            cells.append(value)
    return cells


def _missing(
    row: Mapping[str, Value], cells: Sequence[str], entry: DesiredAccount
) -> list[Problem]:
    """Return a problem for each cell that Xero needs and that is not known."""
    needed = {"name", "type"} if row.get("type") == "BANK" else {"code", "name", "type"}
    return [
        _problem(
            entry.source, "missing-field",
            f"{entry.label}: the file does not say its {FIELD[name].label}.",
            "Add it to the file, or take it from Xero with --with-xero. With --incomplete the row "
            "is written as it is.",
        )
        for name, cell in zip(COLUMNS.values(), cells, strict=True)
        if name in needed and not cell.strip()
    ]  # fmt: skip


def _unknown_rate(
    row: Mapping[str, Value], entry: DesiredAccount, rates: TaxRates
) -> list[Problem]:
    """Return a problem for a tax rate that Xero's import would not find."""
    written = str(row.get("tax_type") or "")
    if not written or rates.by_code(written):
        return []
    several = len(rates.by_name(written))
    what = f"{several} tax rates have this name" if several else "the organisation has no such rate"
    return [
        _problem(
            entry.source, "tax-rate-ambiguous" if several else "tax-rate-unknown",
            f"{entry.label}: the tax rate {written} is not clear: {what}.",
            "Xero would silently give the account its no-tax rate. Write the rate's code.",
        )
    ]  # fmt: skip


def _rate_problem(found: Sequence[tuple[str, DesiredAccount]]) -> list[Problem]:
    """Return one problem for all tax rates that are codes."""
    if not found:
        return []
    codes = sorted({code for code, _ in found})
    who = found[0][1].label + (f" and {len(found) - 1} more" if len(found) > 1 else "")
    return [
        _problem(
            found[0][1].source, "tax-rate-code",
            f"Tax rates are given by code ({', '.join(codes)}), but Xero's import needs their "
            f"names: {who}.",
            "Xero would silently give such an account its no-tax rate. Write names, or look them "
            "up with --with-xero. Use --incomplete to write the codes anyway.",
        )
    ]  # fmt: skip


def _protected(cells: Sequence[str], label: str, at: Source) -> list[Problem]:
    """Return a warning for each cell with an apostrophe, which Xero would keep as text."""
    return [
        _problem(
            at, "formula",
            f"{label}: {FIELD[name].label} begins like a formula. It is written with an "
            "apostrophe in front, so that no spreadsheet runs it.",
            "Xero's import would keep the apostrophe. Begin the text with a letter.",
            "warning",
        )
        for name, cell in zip(COLUMNS.values(), cells, strict=True)
        if protect(cell) != cell
    ]  # fmt: skip


def _problem(at: Source, rule: str, message: str, hint: str, severity: str = "error") -> Problem:
    return Problem(at.file, at.line, at.column, rule, message, hint, severity)
