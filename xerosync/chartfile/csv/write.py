"""What a chart file wants → the CSV that Xero's screen imports.

Xero's import replaces: an account that the CSV lacks is archived (Xero Central, Import a
chart of accounts). So what the file does not say is taken from the books where there are
any, and without them a row that would be half empty is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from xerosync.chartfile.csv.current import is_rate_code
from xerosync.chartfile.csv.labels import COLUMNS, label_of
from xerosync.chartfile.csv.text import protect, write_table
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
from xerosync.plan.tax_rates import TaxRates

_TAX = list(COLUMNS.values()).index("tax_type")


@dataclass(frozen=True, slots=True)
class Exported:
    """The CSV, and what to know before it goes to Xero."""

    text: str
    rows: int
    warnings: tuple[Problem, ...] = ()


def write_csv(
    desired: DesiredChart, current: Chart | None = None, *, incomplete: bool = False
) -> Exported:
    """Write the CSV of what a file wants, filled up from the books where they are given.

    Raises ChartError, naming each account, where a cell that Xero needs is not known,
    unless `incomplete` lets such rows through.
    """
    rates = TaxRates(current.tax_rates if current else ())
    found: Mapping[int, Account] = {}
    if current:
        matched = match(current, desired)
        found = {n: m.account for n, m in enumerate(matched) if m.account}
    rows: list[list[str]] = []
    problems: list[Problem] = []
    by_code: list[tuple[str, DesiredAccount]] = []
    for number, entry in enumerate(desired.accounts):
        if entry.status == Status.ACTIVE:
            row = _row(entry, found.get(number))
            rows.append(_cells(row, rates))
            problems += _missing(row, rows[-1], entry)
            if _is_unknown_rate(rows[-1], rates):
                by_code.append((rows[-1][_TAX], entry))
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
    return Exported(write_table([list(COLUMNS), *rows]), len(rows), warnings)


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
            cells.append(rate.name if rate else str(value))
        else:
            cells.append(value)
    return cells


def _missing(
    row: Mapping[str, Value], cells: Sequence[str], entry: DesiredAccount
) -> list[Problem]:
    """Find the cells that Xero needs and that nobody knows."""
    at, needed = entry.source, {"code", "name", "type"}
    if row.get("type") == "BANK":
        needed.discard("code")
    return [
        Problem(
            at.file, at.line, at.column, "missing-field",
            f"{entry.label}: the file does not say its {FIELD[name].label}.",
            "Add it to the file, or let --with-xero take it from Xero. --incomplete writes the "
            "row as it is.",
        )
        for name, cell in zip(COLUMNS.values(), cells, strict=True)
        if name in needed and not cell.strip()
    ]  # fmt: skip


def _is_unknown_rate(cells: Sequence[str], rates: TaxRates) -> bool:
    """Tell whether a tax rate is a code, which Xero's screen would not know."""
    return is_rate_code(cells[_TAX]) and not rates.by_name(cells[_TAX])


def _rate_problem(found: Sequence[tuple[str, DesiredAccount]]) -> list[Problem]:
    """Make one problem of all tax rates that are codes."""
    if not found:
        return []
    at, codes = found[0][1].source, sorted({code for code, _ in found})
    who = found[0][1].label + (f" and {len(found) - 1} more" if len(found) > 1 else "")
    return [
        Problem(
            at.file, at.line, at.column, "tax-rate-code",
            f"Tax rates are given by code ({', '.join(codes)}), and Xero's screen knows them by "
            f"name: {who}.",
            "Xero would give such an account its no-tax rate and say nothing. Write names, or let "
            "--with-xero look them up. --incomplete writes the codes all the same.",
        )
    ]  # fmt: skip


def _protected(cells: Sequence[str], label: str, at: Source) -> list[Problem]:
    """Warn of cells that carry an apostrophe, which Xero would take for a part of the text."""
    return [
        Problem(
            at.file, at.line, at.column, "formula",
            f"{label}: {FIELD[name].label} begins like a formula, and is written with an "
            "apostrophe before it, so that no spreadsheet runs it.",
            "Xero's import would keep the apostrophe: begin the text with a letter.",
            "warning",
        )
        for name, cell in zip(COLUMNS.values(), cells, strict=True)
        if protect(cell) != cell
    ]  # fmt: skip
