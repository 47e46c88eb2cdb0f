"""`export-csv` writes the merged chart of an overlay, and `plan --current` compares with one."""

from __future__ import annotations

from pathlib import Path

import pytest
from chartfile.charts import ANY, BOOKS
from command_line import Xerosync

from xerosync.chartfile.csv.write import write_csv
from xerosync.chartfile.load import load
from xerosync.model import Account, Chart, TaxRate

STANDARD = """\
version: 1
standard: {name: Rimu}
tax_types: {sales: {NZ: 15% GST on Income}, no_tax: {NZ: No GST}}
accounts:
  - {code: "200", name: Sales, type: REVENUE, tax_type: sales}
  - {code: "404", name: Bank Charges, type: EXPENSE, tax_type: no_tax}
  - {code: "408", name: Cleaning, type: EXPENSE, tax_type: no_tax}
  - {code: "615", name: Consignment Stock, type: CURRENT, tax_type: no_tax, optional: true}
"""
OVERLAY = """\
version: 1
extends: standard.yaml
organisation: {name: "Yes: Åcme #1 'Ltd'", country: NZ}
unmanaged: archive
overrides:
  - {standard: "404", name: Bank Fees, reason: Covenant}
  - {standard: "408", omit: true, reason: In the rent}
accounts:
  - {code: "905", name: Grants, type: REVENUE, tax_type: sales}
"""
RATES = (
    TaxRate("OUTPUT2", "15% GST on Income", applies_to=ANY),
    TaxRate("NONE", "No GST", applies_to=ANY),
)


@pytest.fixture
def xerosync(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Xerosync:
    monkeypatch.chdir(tmp_path)
    Path("standard.yaml").write_text(STANDARD, "utf-8")
    Path("client.yaml").write_text(OVERLAY, "utf-8")
    return Xerosync(capsys, monkeypatch)


def rows(text: str) -> list[str]:
    return [",".join(line.split(",")[:4]) for line in text.splitlines()[1:]]


def test_the_merged_chart_is_exported_without_optional_accounts_that_are_not_taken(
    xerosync: Xerosync,
) -> None:
    exported = xerosync("export-csv", "-f", "client.yaml")
    assert exported.code == 0
    assert rows(exported.out) == [
        "200,Sales,Revenue,15% GST on Income",
        "404,Bank Fees,Expense,No GST",
        "905,Grants,Revenue,15% GST on Income",
    ]


def test_with_xeros_chart_each_row_has_its_own_rate_and_omitted_accounts_stay(
    xerosync: Xerosync,
) -> None:
    """An optional account that Xero lacks is left out; the rates of the rows below do not shift."""
    assert xerosync is not None
    books = Chart(
        BOOKS,
        tuple(
            Account(f"id-{code}", code, name, "EXPENSE", tax_type="NONE", account_class="EXPENSE")
            for code, name in (("408", "Cleaning"), ("999", "Old Project"))
        ),
        RATES,
    )
    text = write_csv(load("client.yaml").chart, books).text
    assert rows(text) == [
        "200,Sales,Revenue,15% GST on Income",
        "404,Bank Fees,Expense,No GST",
        "905,Grants,Revenue,15% GST on Income",
        "408,Cleaning,Expense,No GST",
    ]


def test_a_plan_against_the_exported_csv_is_empty_and_an_import_changes_nothing(
    xerosync: Xerosync,
) -> None:
    xerosync("export-csv", "-f", "client.yaml", "-o", "chart.csv")
    planned = xerosync("plan", "client.yaml", "--current", "chart.csv", "--detailed-exitcode")
    assert (planned.code, "No changes" in planned.out) == (0, True)
    imported = xerosync("import-csv", "chart.csv", "-f", "client.yaml")
    assert (imported.code, Path("client.yaml").read_text("utf-8")) == (0, OVERLAY)
    edited = Path("chart.csv").read_text("utf-8").replace("Bank Fees", "Bank Costs")
    Path("chart.csv").write_text(edited, "utf-8")
    assert xerosync("import-csv", "chart.csv", "-f", "client.yaml").code == 0
    after = OVERLAY.replace("name: Bank Fees", "name: Bank Costs")
    assert Path("client.yaml").read_text("utf-8") == after


def test_export_import_pull_and_init_refuse_a_standard(xerosync: Xerosync) -> None:
    xerosync("export-csv", "-f", "client.yaml", "-o", "chart.csv")
    for command in (
        ("export-csv", "-f", "standard.yaml"),
        ("import-csv", "chart.csv", "-f", "standard.yaml"),
        ("pull", "--sandbox", "standard.yaml"),
        ("init", "--from", "sandbox", "-f", "standard.yaml", "--no-gitignore", "--ci", "none"),
    ):
        refused = xerosync(*command)
        assert refused.code == 64, (command, refused.err)
        assert "standard.yaml is a standard; name the files that extend it." in refused.err
    assert Path("standard.yaml").read_text("utf-8") == STANDARD
