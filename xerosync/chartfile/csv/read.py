"""Read Xero's chart CSV: its accounts, or the problems in it, by line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xerosync.chartfile.csv.columns import COLUMNS, IGNORED, KNOWN_LABELS, REQUIRED, TYPES, fold
from xerosync.chartfile.csv.table import Row, Table, read_table
from xerosync.chartfile.problems import Report, quoted
from xerosync.chartfile.syntax.source import MAX_BYTES, NOWHERE, Spot, read_bounded
from xerosync.errors import Problem, UsageError
from xerosync.model import FIELD, Account, Value, class_of, code_key, name_key
from xerosync.plan.matching.pins import NOT_IN_XERO
from xerosync.suggestions import nearest
from xerosync.text import counted

_TRUE, _FALSE = frozenset({"yes", "y", "true", "1"}), frozenset({"no", "n", "false", "0", ""})
_ALSO = {"accountcode": "code", "accountname": "name", "accounttype": "type", "taxrate": "tax_type",
         "taxtype": "tax_type", "showonwatchlist": "add_to_watchlist",
         "reportcode": "reporting_code", "reportingcode": "reporting_code"}  # fmt: skip
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_IF_NOT = "If that is not the code you mean, correct it."
_DAMAGED = (
    (r"[0-9](?:[.,][0-9]+)?[eE][+-]?[0-9]{2,3}", "error",
     "is how a spreadsheet writes a long number, or a code such as 1E3.",
     "Type the code again in a column formatted as Text."),
    (r"#+|#(?:NAME|REF|VALUE|N/A|NUM|DIV/0|NULL)[!?]?", "error",
     "is a spreadsheet's error, not a code.",
     "Widen the column or correct the formula, and save again."),
    (r"[0-9]+[.,]0+", "warning", "looks like a number that a spreadsheet made.", _IF_NOT),
    (rf"(?:[0-9]{{1,2}}-)?{_MONTH}(?:-[0-9]{{1,4}})?|[0-9]{{1,2}}/[0-9]{{1,2}}/[0-9]{{2,4}}",
     "warning", "looks like a date made by a spreadsheet.", _IF_NOT),
)  # fmt: skip
"""Forms that spreadsheets give to codes: the pattern, the severity, the message and the hint."""

_FEW = 2
"""How many codes of one length are few: at most this many, or a tenth of those of usual length."""


@dataclass(frozen=True, slots=True)
class CsvChart:
    """The accounts of a CSV, with ids that xerosync makes up, and the fields that the CSV has.

    `lines` gives each account's line by id; `warnings` is what was accepted but looks wrong.
    """

    file: str
    accounts: tuple[Account, ...]
    fields: frozenset[str]
    lines: Mapping[str, int]
    warnings: tuple[Problem, ...] = ()


def load_csv(path: str) -> CsvChart:
    """Read a CSV file. Raises as `read_bytes` and `parse_csv` do."""
    hint = "Name the CSV that Xero exports: Accounting, Chart of accounts, Export."
    return parse_csv(read_bytes(path, hint), path)


def read_bytes(path: str, hint: str, most: int = MAX_BYTES) -> bytes:
    """Read a file as `read_bounded` does. Raises `UsageError` with `hint` if it cannot be read."""
    try:
        return read_bounded(path, most)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", hint) from error


def parse_csv(data: bytes, file: str) -> CsvChart:
    """Read a CSV from memory. If it has errors, raises ChartError with all problems, by line."""
    table = read_table(data, file)
    report = Report(file, table.text)
    if table.encoding == "Windows-1252":
        report.warn(
            "encoding", NOWHERE, "The file is not UTF-8; it was read as Windows-1252.",
            "Check names with accents, or save the file as CSV UTF-8.",
        )  # fmt: skip
    places = _columns(table, report)
    accounts: list[Account] = []
    lines: dict[str, int] = {}
    roles: dict[str, Row] = {}
    if places:
        header, *rows = table.rows
        for row in rows:
            found = _account(row, f"{NOT_IN_XERO}{len(accounts) + 1}", places, header, report)
            if found:
                accounts.append(found)
                lines[found.account_id] = row.line
                first = roles.setdefault(found.system_account, row)
                if found.system_account and first is not row:
                    _report_role(row, first, places["type"], report)
        _check_unique(accounts, lines, report)
        _check_lengths(accounts, lines, report)
    return CsvChart(file, tuple(accounts), frozenset(places), lines, report.close())


def _columns(table: Table, report: Report) -> dict[str, int]:
    """Return each field's column index; {} if the file is empty or a required column is missing."""
    if not table.rows:
        report.error(
            "empty-file", NOWHERE, "The file is empty.",
            "Export the chart from Xero again: Accounting, Chart of accounts, Export.",
        )  # fmt: skip
        return {}
    names = {fold(label): name for label, name in COLUMNS.items()} | _ALSO
    ignored = {fold(label) for label in IGNORED}
    places: dict[str, int] = {}
    header = table.rows[0]
    for index, label in enumerate(header.cells):
        name = names.get(fold(label))
        if name and name in places:
            first = header.cells[places[name]]
            twice = f"The column {quoted(label)} occurs twice."
            both = f"The columns {quoted(first)} and {quoted(label)} mean the same field."
            report.error(
                "duplicate-column", Spot(header.line, 1),
                twice if first == label else both, "Keep one of the two.",
            )  # fmt: skip
        elif name:
            places[name] = index
        elif label.strip() and fold(label) not in ignored:
            report.warn(
                "unknown-column", Spot(header.line, 1), f"The column {quoted(label)} is ignored."
            )
    missing = [name for name in REQUIRED if name not in places]
    if missing:
        wanted = ", ".join(label for label, name in COLUMNS.items() if name in missing)
        report.error(
            "missing-column", Spot(header.line, 1),
            f"The first row must name the columns, but it lacks {wanted}.",
            "Use the file that Xero exports, with its first row: " + ",".join(COLUMNS),
        )  # fmt: skip
        return {}
    return places


def _account(
    row: Row, account_id: str, places: Mapping[str, int], header: Row, report: Report
) -> Account | None:
    at = Spot(row.line, 1)
    if any(cell.strip() for cell in row.cells[len(header.cells) + 10 :]):
        report.error(
            "too-many-cells", at, f"The row has {len(row.cells)} cells, far more than the header.",
            "Put text that contains the separator in double quotes.",
        )  # fmt: skip
        return None

    def cell(name: str) -> str:
        index = places.get(name, -1)
        return row.cells[index] if 0 <= index < len(row.cells) else ""

    values: dict[str, Value] = {}
    for name in places:
        field, written = FIELD[name], cell(name)
        if field.flag:
            values[name] = _flag(name, written, at, report)
        elif name != "type":
            values[name] = written if written.strip() or name == "description" else ""
    kind, role = _kind(cell("type"), at, report)
    code, label = str(values["code"]), f"{values['code']} {values['name']}".strip()
    check_code(code, at, report)
    if not str(values["name"]).strip():
        report.error("missing-field", at, "The row has no name.", "Add a name.")
    if not code.strip() and kind != "BANK":
        report.error(
            "missing-field", at, f"{quoted(label) if label else 'The row'} has no code.",
            "Add one; only bank accounts may have none.",
        )  # fmt: skip
    return Account(
        account_id=account_id, type=kind, system_account=role,
        account_class=class_of(kind),
        **values,  # type: ignore[arg-type]
    )  # fmt: skip


def _kind(label: str, at: Spot, report: Report) -> tuple[str, str]:
    """Return the type and the role for a label; report an unknown label, and return ("", "")."""
    found = TYPES.get(fold(label))
    if found is None:
        near = nearest(label, KNOWN_LABELS)
        report.error(
            "unknown-type", at,
            f"{quoted(label)} is not an account type." if label.strip() else "The type is empty.",
            f"Did you mean {near}?" if near else "Use Xero's words: Bank, Current Asset, Expense …",
        )  # fmt: skip
        return "", ""
    if found == ("", ""):
        report.warn(
            "payroll-type", at,
            f"Only Xero assigns the type {label.strip()}, so the account is read without a type.",
        )  # fmt: skip
    return found


def _flag(name: str, written: str, at: Spot, report: Report) -> bool:
    word = written.strip().casefold()
    if word not in _TRUE | _FALSE:
        column = next(label for label, field in COLUMNS.items() if field == name)
        report.error(
            "wrong-value", at, f"{column} is {quoted(written)}; it must be Yes or No.",
            "Write Yes or No.",
        )  # fmt: skip
    return word in _TRUE


def check_code(code: str, at: Spot, report: Report) -> None:
    """Report a code that a spreadsheet seems to have changed."""
    for pattern, severity, message, hint in _DAMAGED:
        if re.fullmatch(pattern, code.strip()):
            note = report.error if severity == "error" else report.warn
            note("damaged-code", at, f"The code {code.strip()} {message}", hint)
            return


def _check_unique(accounts: Sequence[Account], lines: Mapping[str, int], report: Report) -> None:
    for field, key_of in (("code", code_key), ("name", name_key)):
        first: dict[str, int] = {}
        for account in accounts:
            value, line = str(account.value(field)), lines[account.account_id]
            key = key_of(value)
            if key and first.setdefault(key, line) != line:
                report.error(
                    f"duplicate-{field}", Spot(line, 1),
                    f"The {field} {quoted(value)} is already used on line {first[key]}.",
                    f"Give one of the two another {field}.",
                )  # fmt: skip


def _report_role(row: Row, first: Row, type_index: int, report: Report) -> None:
    label, earlier = row.cells[type_index], first.cells[type_index]
    same = fold(label) == fold(earlier)
    means = "is already used" if same else f"means the same system account as {quoted(earlier)}"
    report.error(
        "duplicate-system-account", Spot(row.line, 1),
        f"The type {quoted(label)} {means} on line {first.line}: an organisation has one such "
        "account.",
        "Give one of the two another type.",
    )  # fmt: skip


def _check_lengths(accounts: Sequence[Account], lines: Mapping[str, int], report: Report) -> None:
    """Warn of the few codes that are shorter than usual: they may have lost leading zeros."""
    digits = [one for one in accounts if one.code.isdecimal() and one.code.isascii()]
    counts = Counter(len(account.code) for account in digits)
    if len(counts) <= 1:
        return
    usual, many = counts.most_common(1)[0]
    for account in digits:
        length = len(account.code)
        if length < usual and counts[length] <= max(_FEW, many // 10) < many:
            report.warn(
                "short-code", Spot(lines[account.account_id], 1),
                f"The code {account.code} has {counted(length, 'digit')} where most have {usual}: "
                "a spreadsheet may have removed leading zeros.",
                f"If it was {account.code.zfill(usual)}, write that.",
            )  # fmt: skip
