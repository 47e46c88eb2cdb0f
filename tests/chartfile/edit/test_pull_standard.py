"""`pull --standard`: a standard made from one organisation, with which its own plan is empty."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from command_line import Xerosync
from hypothesis import HealthCheck, given, settings

from chartfile.charts import BOOKS, RATES, charts
from xerosync.chartfile.edit.new_entry import SourceFields
from xerosync.chartfile.edit.standard_file import standard_of
from xerosync.chartfile.format.canonical import canonical
from xerosync.chartfile.load import check_all, parse
from xerosync.model import Account, Chart, Organisation, TaxRate
from xerosync.organisations.standards.documents import Kind
from xerosync.plan.build import build

LAW = settings(max_examples=60, suppress_health_check=list(HealthCheck))
OVERLAY = 'version: 1\nextends: standard.yaml\norganisation: {short_code: "!3T6Q-", country: NZ}\n'


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory: pytest.TempPathFactory) -> object:
    before = Path.cwd()
    os.chdir(tmp_path_factory.mktemp("practice"))
    yield
    os.chdir(before)


def standard(chart: Chart) -> str:
    return standard_of(chart, SourceFields(), "standard.yaml").text


@LAW
@given(charts(odd=True))
def test_a_file_that_only_extends_the_standard_plans_nothing(chart: Chart) -> None:
    text = standard(chart)
    (checked,) = check_all(
        ["client.yaml"],
        lint=False,
        unsaved={"standard.yaml": text.encode(), "client.yaml": OVERLAY.encode()},
    )
    assert checked.loaded, (checked.problems, checked.inherited)
    plan = build(chart, checked.loaded.chart)
    assert plan.empty
    assert not plan.blocked
    assert parse(text, "standard.yaml", lint=False).kind is Kind.STANDARD


def test_accounts_that_a_standard_may_not_have_are_left_out_with_a_warning() -> None:
    number = "00000000-0000-4000-8000-00000000000"
    accounts = (
        Account(f"{number}1", "090", "Cheque", "BANK", bank_account_number="12-34"),
        Account(f"{number}2", "200", "Sales", "REVENUE", tax_type="OUTPUT2"),
        Account(f"{number}3", "610", "Debtors", "CURRENT", system_account="DEBTORS"),
        Account(f"{number}4", "", "No Code", "EXPENSE", tax_type="NONE"),
        Account(f"{number}5", "205", "Old", "REVENUE", status="ARCHIVED"),
    )
    made = standard_of(Chart(BOOKS, accounts, RATES), SourceFields(), "standard.yaml")
    body = made.text.split("standard:\n")[1]
    assert body == (
        "  name: \"Chart of Yes: Åcme #1 'Ltd'\"\n"
        "tax_types:\n"
        "  gst_on_income: {NZ: OUTPUT2}\n"
        "  no_gst: {NZ: NONE}\n"
        "\naccounts:\n"
        '  # --- Income\n  - code: "200"\n    name: Sales\n    type: REVENUE\n'
        "    tax_type: gst_on_income\n"
        "\n  # --- System accounts: Xero posts to these itself; xerosync finds them by their role\n"
        '  - system_account: DEBTORS\n    code: "610"\n    name: Debtors\n'
    )
    said = "\n".join(made.warnings)
    assert "090 Cheque left out of the file: bank accounts belong to one organisation." in said
    assert "No Code left out" in said
    assert BOOKS.tenant_id not in made.text
    assert number not in made.text
    assert canonical(made.text.encode(), "standard.yaml") == made.text


def test_a_custom_rate_is_written_by_its_name_as_other_organisations_have_other_codes() -> None:
    custom = TaxRate("TAX001", "City Sales Tax", "ACTIVE", frozenset({"REVENUE"}), Decimal("8.25"))
    sales = Account("1", "200", "Sales", "REVENUE", tax_type="TAX001")
    text = standard(Chart(replace(BOOKS, country_code="US"), (sales,), (custom,)))
    assert "  city_sales_tax: {US: City Sales Tax (8.25%)}\n" in text
    assert "TAX001" not in text


def test_without_a_country_xeros_own_codes_are_used() -> None:
    sales = Account("1", "200", "Sales", "REVENUE", tax_type="OUTPUT2")
    text = standard(Chart(replace(BOOKS, country_code=""), (sales,), RATES))
    assert "tax_types" not in text
    assert "tax_type: OUTPUT2" in text


def test_a_hostile_name_of_an_organisation_does_nothing_in_the_file() -> None:
    name = "Acme\x1b[31m\n- evil: true ::error::"
    text = standard(Chart(Organisation("t", name, "!x", "NZ", "NZD"), (), RATES))
    assert "\x1b" not in text
    assert "::error" not in text
    assert parse(text, "standard.yaml").chart.accounts == ()


def test_the_command_makes_a_standard_and_never_writes_over_a_file(
    xerosync: Xerosync, project: Path
) -> None:
    (project / "standard").mkdir()
    file = "standard/chart.yaml"
    checked = xerosync("pull", "--standard", "--sandbox", "-f", file, "--check")
    assert checked.code == 2
    assert not (project / file).exists()
    made = xerosync("pull", "--standard", "--sandbox", "-f", file)
    assert made.code == 0, made.err
    assert "Next: xerosync validate -f standard/chart.yaml" in made.err
    assert "090 Business Bank Account left out" in made.err
    text = (project / file).read_text("utf-8")
    assert not re.search("account_id|tenant_id|BANK\n", text)
    (project / "accounts.yaml").write_text(
        f"version: 1\nextends: {file}\norganisation: {{name: Demo Company (NZ), country: NZ}}\n",
        "utf-8",
    )
    assert xerosync("plan", "--sandbox", "--detailed-exitcode").code == 0
    again = xerosync("pull", "--standard", "--sandbox", "-f", file)
    assert again.code == 64
    assert "already exists" in again.err
    assert (project / file).read_text("utf-8") == text
    assert xerosync("pull", "--standard", "--sandbox", "-f", "STANDARD.YML").code == 0
    for name in ("chart.txt", ".std.yaml"):
        refused = xerosync("pull", "--standard", "--sandbox", "-f", name)
        assert refused.code == 64
        assert "ends in .yaml or .yml and does not begin with a dot" in refused.err
