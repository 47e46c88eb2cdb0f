"""A chart exported as CSV and imported again is the same, in all that a CSV can hold."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chartfile.charts import charts
from xerosync.chartfile.csv.columns import COLUMNS, ROLES, columns
from xerosync.chartfile.csv.current import comparable_charts
from xerosync.chartfile.csv.read import parse_csv
from xerosync.chartfile.csv.table import protect, read_table, unprotect, write_table
from xerosync.chartfile.csv.write import write_csv
from xerosync.chartfile.edit.first_file import new_file
from xerosync.chartfile.edit.merge import update_file
from xerosync.chartfile.edit.new_entry import SourceFields
from xerosync.chartfile.load import parse
from xerosync.desired import DesiredChart
from xerosync.errors import ChartError
from xerosync.model import FIELD, Chart, Organisation, Value
from xerosync.plan.build import build
from xerosync.plan.matching.pins import NOT_IN_XERO
from xerosync.plan.saved.serialize import to_document

LAW = settings(deadline=None, suppress_health_check=list(HealthCheck))
CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
HEADER = ",".join(COLUMNS)


def held_by_csv(desired: DesiredChart) -> set[tuple[tuple[str, object], ...]]:
    """Return what a CSV can hold of a chart: the type of a system account is its role."""
    held = set()
    for entry in desired.accounts:
        values: dict[str, object] = {
            name: FIELD[name].comparable(entry.values.get(name)) for name in COLUMNS.values()
        }
        if entry.system_account:
            values["type"] = entry.system_account
        held.add(tuple(sorted(values.items())))
    return held


def writable(chart: Chart) -> Chart:
    """Leave out accounts without a name that a file can hold, and roles without a label."""
    kept = [
        account
        for account in chart.accounts
        if "\t" not in account.name
        and account.name.strip()
        and account.system_account in {"", *ROLES}
        and not account.code.upper().startswith(("1E", "#"))
    ]
    return replace(chart, accounts=tuple(kept))


@LAW
@given(charts().map(writable))
def test_a_chart_survives_export_and_import(chart: Chart) -> None:
    text = new_file(chart).text
    desired = parse(text, "accounts.yaml", lint=False).chart
    exported = write_csv(desired, incomplete=True)
    source = parse_csv(exported.text.encode(), "chart.csv")
    known = SourceFields(fields=source.fields, ids=False)

    books = Chart(Organisation("", desired.organisation.name), source.accounts)
    made = parse(new_file(books, known).text, "made.yaml", lint=False).chart
    assert held_by_csv(made) == held_by_csv(desired)

    comparable = comparable_charts(source, desired)
    updated = update_file(
        text.encode(), comparable.desired, comparable.chart, known, missing="keep"
    )  # fmt: skip
    assert updated.text == text
    plan = build(comparable.chart, comparable.desired)
    assert plan.empty
    assert not plan.unmanaged


def cells(text: str) -> list[list[Value]]:
    """Return the header and the rows of a CSV, with cells that are equal to Xero made equal."""
    header, *rows = [row.cells for row in read_table(text.encode(), "chart.csv").rows]
    fields = [FIELD[columns(report_code=True)[label]] for label in header]
    compared = [
        [field.comparable(cell) for field, cell in zip(fields, row, strict=True)] for row in rows
    ]
    return [list(header), *sorted(compared, key=repr)]


@LAW
@given(charts().map(writable), st.booleans())
def test_a_csv_of_xero_is_the_same_after_an_import_and_an_export_or_the_export_is_refused(
    chart: Chart, every: bool
) -> None:
    known = SourceFields(every=every)
    desired = parse(new_file(chart, known).text, "accounts.yaml", lint=False).chart
    text = write_csv(desired, chart, incomplete=True).text

    source = parse_csv(text.encode(), "chart.csv")
    books = Chart(Organisation("", "Acme"), source.accounts)
    made = new_file(books, SourceFields(fields=source.fields, ids=False))
    assert not made.warnings
    again = parse(made.text, "made.yaml", lint=False).chart
    with suppress(ChartError):
        assert cells(write_csv(again).text) == cells(text)


@LAW
@given(charts().map(writable), charts().map(writable))
def test_no_message_of_a_plan_against_a_csv_has_an_id_that_xero_does_not_know(
    before: Chart, after: Chart
) -> None:
    def texts(value: object) -> list[str]:
        if isinstance(value, Mapping):
            return [t for key, v in value.items() if key != "account_id" for t in texts(v)]
        if isinstance(value, list):
            return [t for v in value for t in texts(v)]
        return [str(value)]

    source = parse_csv(write_csv(_read(before), incomplete=True).text.encode(), "chart.csv")
    said = ""
    try:
        comparable = comparable_charts(source, _read(after))
        plan = build(comparable.chart, comparable.desired)
        said = "\n".join(texts(to_document([plan], datetime.now(UTC))["plans"]))
    except ChartError as error:
        said = "\n".join(f"{p.message} {p.hint}" for p in error.problems)
    assert NOT_IN_XERO not in said


def _read(chart: Chart) -> DesiredChart:
    return parse(new_file(chart).text, "accounts.yaml", lint=False).chart


@LAW
@given(st.lists(st.lists(CELLS, min_size=1, max_size=4).filter(lambda r: any(map(str.strip, r)))))
def test_cells_survive_writing_and_reading(rows: list[list[str]]) -> None:
    written = write_table([["*Code", "x", "y", "z"], *rows])
    assert [list(row.cells) for row in read_table(written.encode(), "f").rows[1:]] == rows


@given(CELLS)
def test_no_written_cell_begins_a_formula(cell: str) -> None:
    assert protect(cell)[:1] not in tuple("=+-@\t\r\n")
    assert unprotect(protect(cell)) == cell


@LAW
@given(
    st.one_of(
        st.binary(max_size=200),
        st.text(max_size=200).map(lambda t: t.encode("utf-8", "surrogatepass")),
    )
)
def test_any_bytes_give_a_chart_or_a_chart_error(data: bytes) -> None:
    for file in (data, HEADER.encode() + b"\r\n" + data):
        with suppress(ChartError):
            parse_csv(file, "f.csv")
