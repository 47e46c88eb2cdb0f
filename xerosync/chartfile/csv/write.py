"""Write the CSV that Xero imports, from a chart file.

Xero's import replaces the chart: it archives each account that the CSV lacks (Xero Central, Import
a chart of accounts). So if Xero's chart is given, the CSV also has the accounts in Xero that must
stay, and values that the file lacks. A row that still lacks a value that Xero needs is a problem.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from xerosync.chartfile.csv.columns import columns, label_of, tax_word
from xerosync.chartfile.csv.current import is_rate_code
from xerosync.chartfile.csv.table import protect, write_table
from xerosync.desired import DesiredAccount, DesiredChart, Source, Unmanaged
from xerosync.errors import ChartError, Problem
from xerosync.model import FIELD, Account, Chart, Status, Value
from xerosync.organisations.standards.inherited import account_keys
from xerosync.plan.matching.match import match
from xerosync.plan.tax_rates import TaxRates, keep_shared, resolve, split_label
from xerosync.text import first_few

MAX_ROWS = 695
"""The most rows, with the header, that Xero's import is said to accept."""

_INCOMPLETE = " With --incomplete, the CSV is written anyway."


@dataclass(frozen=True, slots=True)
class ExportedCsv:
    """The CSV, the number of its accounts, and warnings to read before Xero imports it."""

    text: str
    rows: int
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Row:
    """One account of the CSV; `managed` is whether the chart file has the account.

    `rate` is the file's tax rate if it is written with a percent, otherwise "". The CSV gets this
    text unchanged, whether or not Xero's chart is given.
    """

    values: Mapping[str, Value]
    role: str
    label: str
    at: Source
    managed: bool
    rate: str = ""

    def text(self, name: str) -> str:
        return str(self.values.get(name) or "")

    @property
    def bank(self) -> bool:
        """Whether the account is a bank account, which may lack a code and a tax rate."""
        return self.text("type") == "BANK"


def write_csv(
    desired: DesiredChart, current: Chart | None = None, *, incomplete: bool = False
) -> ExportedCsv:
    """Return a chart file as CSV; values that the file lacks are taken from the current chart.

    Raises ChartError if a row still lacks a value that Xero needs, or has a tax rate that Xero's
    import would not find. With `incomplete`, these problems are only warnings. Also raises
    ChartError if it is ambiguous which account an entry means.
    """
    rates = TaxRates(current.tax_rates if current else ())
    rows = list(_rows(desired, current, rates))
    named = any("reporting_code" in entry.values for entry in desired.accounts)
    header = columns(report_code=named)
    cells = list(_table(rows, header.values(), rates))
    ask_xero = "" if current else ", or use Xero's with --with-xero"
    problems = [
        *_missing(rows, ask_xero),
        *_missing_rates(rows, ask_xero),
        *(_unknown_rates(rows, rates) if rates.all else _rate_codes(rows, ask_xero)),
    ]
    if problems and not incomplete:
        raise ChartError(tuple(replace(p, hint=p.hint + _INCOMPLETE) for p in problems))
    problems += [
        p for row, by_field in zip(rows, cells, strict=True) for p in _protected(row, by_field)
    ]
    problems += _too_many(len(rows) + 1, desired.file)
    warnings = tuple(replace(problem, severity="warning") for problem in problems)
    return ExportedCsv(
        write_table([list(header), *(list(c.values()) for c in cells)]), len(rows), warnings
    )


def _rows(desired: DesiredChart, current: Chart | None, rates: TaxRates) -> Iterator[_Row]:
    """Yield the file's active accounts, then Xero's accounts that the import must not archive.

    An optional account of the file is left out if Xero lacks it or Xero's chart is not given.
    """
    if current is None:
        for entry in desired.accounts:
            if entry.status == Status.ACTIVE and not entry.optional:
                yield _managed(entry, None, entry.text("tax_type"))
        return
    resolved = resolve(desired, rates)
    pairs = zip(resolved.accounts, desired.accounts, strict=True)
    written = {id(one): entry.text("tax_type") for one, entry in pairs}
    managed: set[str] = set()
    for found in match(current, resolved):
        if found.account:
            managed.add(found.account.account_id)
        if found.desired.status == Status.ACTIVE:
            entry = keep_shared(found, rates).desired
            yield _managed(entry, found.account, written[id(found.desired)])
    omitted = {key for entry in desired.omitted for key in account_keys(entry.text)}
    for account in current.accounts:
        if account.account_id in managed or account.status != Status.ACTIVE:
            continue
        keys = account_keys(lambda name, its=account: str(its.value(name)))  # type: ignore[misc]
        left_alone = desired.unmanaged is Unmanaged.KEEP or not omitted.isdisjoint(keys)
        if account.system_account or left_alone:
            role, at = account.system_account, Source(desired.file)
            yield _Row(account.values(), role, account.label, at, managed=False)


def _managed(entry: DesiredAccount, account: Account | None, written: str) -> _Row:
    known: dict[str, Value] = dict(account.values() if account else entry.initial)
    role = entry.system_account or (account.system_account if account else "")
    rate = written if split_label(written)[1] is not None else ""
    return _Row({**known, **entry.values}, role, entry.label, entry.source, managed=True, rate=rate)


def _table(rows: Sequence[_Row], names: Iterable[str], rates: TaxRates) -> Iterator[dict[str, str]]:
    labels = [row.rate or _rate_label(row.text("tax_type"), rates) for row in rows]
    for row, label in zip(rows, labels, strict=True):
        word = tax_word(row.text("name"), labels) if row.role == "GST" else ""
        special = {"type": label_of(row.text("type"), row.role, word), "tax_type": label}
        yield {
            name: special.get(name, _cell(row.values.get(name, FIELD[name].empty)))
            for name in names
        }


def _cell(value: Value) -> str:
    return ("Yes" if value else "No") if isinstance(value, bool) else value


def _rate_label(written: str, rates: TaxRates) -> str:
    rate = rates.by_code(written)
    return rates.csv_label(rate) if rate else written


def _missing(rows: Sequence[_Row], ask_xero: str) -> Iterator[Problem]:
    for row in rows:
        needed = {} if row.bank else {"code": row.text("code")}
        needed |= {"name": row.text("name"), "type": label_of(row.text("type"), row.role)}
        for name, cell in needed.items():
            if row.managed and not cell.strip():
                why = f"the file does not say its {FIELD[name].label}"
                hint = f"Add it to the file{ask_xero}."
                if unknown := row.text(name).strip():
                    why = f"xerosync cannot write its type, {unknown}, into a CSV"
                    hint = "Xero alone sets such a type."
                yield _problem(row.at, "missing-field", f"{row.label}: {why}.", hint)


def _missing_rates(rows: Sequence[_Row], ask_xero: str) -> Iterator[Problem]:
    """If accounts of the file lack a tax rate that they need, yield one problem about them all."""
    found = [row for row in rows if row.managed and not (row.bank or row.text("tax_type").strip())]
    if found:
        yield _problem(
            found[0].at, "missing-field",
            f"The file does not say the tax rate of {_and_more(found)}.",
            "Xero's import would give such an account the no-tax rate, and clear its description "
            f"if the file has none. Add the tax rate and any description to the file{ask_xero}.",
        )  # fmt: skip


def _unknown_rates(rows: Sequence[_Row], rates: TaxRates) -> Iterator[Problem]:
    """Yield a problem for each account of the file whose tax rate the import would not find."""
    for row in rows:
        written = row.text("tax_type")
        if not row.managed or not written or rates.by_code(written):
            continue
        several = len(rates.by_name(written))
        what = (
            f"{several} tax rates have this name"
            if several
            else "the organisation has no such rate"
        )
        yield _problem(
            row.at, "tax-rate-ambiguous" if several else "tax-rate-unknown",
            f"{row.label}: the tax rate {written} cannot be used: {what}.",
            "Xero would silently give the account its no-tax rate. "
            + ("Write the rate's code." if several else "Write a rate that the organisation has."),
        )  # fmt: skip


def _rate_codes(rows: Sequence[_Row], ask_xero: str) -> Iterator[Problem]:
    """If tax rates are codes instead of names, yield one problem about all of them."""
    found = [row for row in rows if is_rate_code(row.text("tax_type"))]
    if found:
        codes = sorted({row.text("tax_type") for row in found})
        rates, names = f"The tax rates of {_and_more(found)} are", "their names"
        if len(found) == 1:
            rates, names = f"The tax rate of {found[0].label} is", "its name"
        yield _problem(
            found[0].at, "tax-rate-code",
            f"{rates} given by code ({', '.join(codes)}), but Xero's import needs {names}.",
            "Xero would silently give such an account its no-tax rate. Write each name in the "
            f"file{ask_xero}.",
        )  # fmt: skip


def _and_more(rows: Sequence[_Row]) -> str:
    return first_few([row.label for row in rows], 1)


def _protected(row: _Row, cells: Mapping[str, str]) -> Iterator[Problem]:
    """Yield a problem for each cell that gets an apostrophe: Xero would keep the apostrophe."""
    for name, cell in cells.items():
        if protect(cell) != cell:
            yield _problem(
                row.at, "formula",
                f"{row.label}: {FIELD[name].label} begins like a formula. It is written with an "
                "apostrophe in front, so that no spreadsheet runs it.",
                "Xero's import would keep the apostrophe. Begin the text with a letter.",
            )  # fmt: skip


def _too_many(rows: int, file: str) -> Iterator[Problem]:
    if rows > MAX_ROWS:
        yield _problem(
            Source(file), "too-many-rows",
            f"The CSV has {rows} rows with its header; Xero's import is said to take at most "
            f"{MAX_ROWS}.",
            "Do not divide the CSV: each import would archive the accounts of the other part. "
            "`xerosync apply` has no such limit.",
        )  # fmt: skip


def _problem(at: Source, rule: str, message: str, hint: str) -> Problem:
    return Problem(at.file, at.line, at.column, rule, message, hint)
