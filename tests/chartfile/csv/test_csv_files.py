"""CSV files as Xero and spreadsheets write them: read, or rejected with the line and a hint."""

from __future__ import annotations

from decimal import Decimal

import pytest
from builders import account, chart

from chartfile.charts import ANY
from xerosync.chartfile.csv.columns import ROLES
from xerosync.chartfile.csv.current import comparable_charts
from xerosync.chartfile.csv.import_chart import import_chart
from xerosync.chartfile.csv.read import CsvChart, parse_csv
from xerosync.chartfile.csv.write import write_csv
from xerosync.chartfile.edit.edited_text import Merged
from xerosync.chartfile.edit.merge import update_file
from xerosync.chartfile.edit.new_entry import SourceFields
from xerosync.chartfile.load import parse
from xerosync.desired import DesiredChart, OrganisationPin
from xerosync.errors import ChartError, Problem
from xerosync.model import SYSTEM_ACCOUNTS, Account, Chart, Organisation, TaxRate
from xerosync.plan.build import build

HEADER = "*Code,*Name,*Type,*Tax Code,Description,Dashboard,Expense Claims,Enable Payments,Balance"
NZ = f"""{HEADER}
090,Business Bank Account,Bank,No GST,,No,No,No,
200,Sales,Revenue,15% GST on Income,"Goods, and services",Yes,No,No,-12.50
610,Accounts Receivable,Accounts Receivable,No GST,,No,No,No,
710,Office Equipment,Fixed Asset,15% GST on Expenses,,No,Yes,No,
820,GST,GST,No GST,,No,No,No,
877,Tracking Transfers,Tracking,No GST,,No,No,No,
900,Loan,Non-current Liability,No GST,,No,No,Yes,
"""
HEAD = "version: 1\norganisation: {name: Acme}\naccounts:\n"


def read(text: str | bytes) -> CsvChart:
    return parse_csv(text if isinstance(text, bytes) else text.encode(), "chart.csv")


def problems(text: str | bytes) -> list[str]:
    with pytest.raises(ChartError) as caught:
        read(text)
    return [str(problem) for problem in caught.value.problems]


def rules(found: tuple[Problem, ...]) -> list[tuple[str, int]]:
    return [(problem.rule, problem.line) for problem in found]


def test_an_export_of_xero_is_read() -> None:
    source = read(NZ)
    assert source.warnings == ()
    by_code = {account.code: account for account in source.accounts}
    assert by_code["090"].type == "BANK"
    sales = by_code["200"]
    assert (sales.type, sales.tax_type) == ("REVENUE", "15% GST on Income")
    assert (sales.description, sales.add_to_watchlist) == ("Goods, and services", True)
    assert by_code["710"].show_in_expense_claims
    assert by_code["900"].enable_payments_to_account
    assert by_code["610"].system_account == "DEBTORS"
    assert by_code["820"].system_account == "GST"
    assert by_code["877"].system_account == "TRACKINGTRANSFERS"


@pytest.mark.parametrize(
    "data",
    [
        NZ.encode("utf-8-sig"),
        NZ.encode("utf-16"),
        NZ.replace("\n", "\r\n").encode(),
        NZ.replace("\n", "\r").encode(),
        NZ.replace(",", ";").replace("Goods; and", "Goods, and").encode(),
        NZ.replace(",", "\t").replace("Goods\t and", "Goods, and").encode("utf-16"),
        b"sep=,\n" + NZ.encode(),
        NZ.replace("Revenue", "REVENUE").replace("Fixed Asset", "fixed  asset").encode(),
        NZ.replace("Yes", "yes").encode(),
        (NZ + "\n\n,,,,,,,,\n").encode(),
        NZ.replace("GST,GST,", "GST,Sales Tax,").encode(),
    ],
)
def test_the_form_of_the_csv_does_not_change_the_chart(data: bytes) -> None:
    assert read(data).accounts == read(NZ).accounts


def test_other_columns_and_orders_are_read() -> None:
    text = (
        "Name,Report Code,*Type,Code,Reporting Name,Mood\nSales,REV.TRA,Revenue,200,Trading,happy\n"
    )
    source = read(text)
    assert (source.accounts[0].code, source.accounts[0].name) == ("200", "Sales")
    assert source.accounts[0].reporting_code == "REV.TRA"
    assert source.fields == {"name", "type", "code", "reporting_code"}
    assert rules(source.warnings) == [("unknown-column", 1)]


def test_a_row_may_be_as_long_as_a_header_of_many_other_columns() -> None:
    moods = [f"Mood {number}" for number in range(20)]
    row = ",".join(["200", "Sales", "Revenue", *moods])
    source = read(f"{','.join(['*Code', '*Name', '*Type', *moods])}\n{row}\n")
    assert source.accounts[0].code == "200"
    assert set(rules(source.warnings)) == {("unknown-column", 1)}


def test_a_cell_may_have_several_lines_and_problems_name_the_first() -> None:
    text = f'{HEADER}\n200,Sales,Revenue,,"one\ntwo ""quoted""\n",No,No,No,\n300,X,Nonsense,,,,,,\n'
    assert problems(text) == [
        'chart.csv:5:1: error[unknown-type]: "Nonsense" is not an account type.'
    ]
    assert read(text.replace("Nonsense", "Expense")).accounts[0].description == (
        'one\ntwo "quoted"\n'
    )


def test_windows_1252_is_read_with_a_warning() -> None:
    source = read(NZ.replace("Loan", "Prêt été €").encode("cp1252"))
    assert source.accounts[-1].name == "Prêt été €"
    assert rules(source.warnings) == [("encoding", 0)]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "empty-file"),
        (b"\r\n\r\n", "empty-file"),
        (b"PK\x03\x04rest", "binary"),
        (b"\xd0\xcf\x11\xe0", "binary"),
        (b"a\0b", "binary"),
        (b"\xff\xfea", "encoding"),
        (NZ.replace("Loan", "Źródło przychodów łącznie").encode("cp1250"), "encoding"),
        (b"x" * 10_000_001, "too-large"),
        (b"just text", "missing-column"),
        (b"*Code,*Name\n200,Sales\n", "lacks *Type"),
        (f'{HEADER}\n200,"Sales,Revenue\n'.encode(), "chart.csv:2:1: error[csv-syntax]"),
        (f'{HEADER}\n200,"Sa"les,Revenue\n'.encode(), "write it twice"),
        (f"{HEADER}\n200,{'x' * 100_001},Revenue\n".encode(), "longer than"),
        (f"{HEADER},Name\n".encode(), "duplicate-column"),
        (f"{HEADER}\n1E+03,Sales,Revenue,,,,,,\n".encode(), "damaged-code"),
        (f"{HEADER}\n#NAME?,Sales,Revenue,,,,,,\n".encode(), "damaged-code"),
        (f"{HEADER}\n####,Sales,Revenue,,,,,,\n".encode(), "damaged-code"),
        (f"{HEADER}\n200,Sales,Revenue,,,Maybe,,,\n".encode(), "wrong-value"),
        (f"{HEADER}\n,Sales,Revenue,,,,,,\n".encode(), '"Sales" has no code.'),
        (f"{HEADER}\n,,Revenue,,,,,,\n".encode(), "The row has no code."),
        (f"{HEADER}\n200,,Revenue,,,,,,\n".encode(), "has no name"),
        (f"{HEADER}\n200,Sales,,,,,,,\n".encode(), "The type is empty"),
        (f"{HEADER}\n820,A,VAT,,,,,,\n821,B,vat,,,,,,\n".encode(), 'type "vat" is already used on'),
        (f"{HEADER}\n200,A,Revenue,,,,,,\n 200,B,Revenue,,,,,,\n".encode(), "on line 2"),
        (f"{HEADER}\n200,Sales,Revenue,,,,,,\n201,SALES ,Revenue,,,,,,\n".encode(), "on line 2"),
        ((HEADER + "\n" + "1,a,Bank,,,,,,\n" * 20_001).encode(), "too-large"),
    ],
    ids=lambda value: str(value)[:80],  # a name of 10 MB goes to every worker
)
def test_a_csv_that_cannot_be_read_is_rejected_with_the_reason(data: bytes, expected: str) -> None:
    assert any(expected in problem for problem in problems(data))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("inside", ["a", "a\x0cb", "a\x85b", "a\u2028b"])
def test_a_row_that_is_not_csv_is_shown_whatever_characters_earlier_rows_contain(
    end: str, inside: str
) -> None:
    with pytest.raises(ChartError) as caught:
        read(f'*Code,*Name,*Type{end}1,{inside},Expense{end}2,"x"y,Expense{end}')
    (problem,) = caught.value.problems
    assert (problem.line, problem.source_line) == (3, '2,"x"y,Expense')


def test_two_types_that_mean_one_system_account_are_both_named() -> None:
    (told,) = problems(f"{HEADER}\n820,VAT,VAT,,,,,,\n821,Owed,Sales Tax,,,,,,\n")
    assert told.endswith(
        'The type "Sales Tax" means the same system account as "VAT" on line 2: an organisation has'
        " one such account."
    )


def test_the_nearest_type_is_suggested() -> None:
    with pytest.raises(ChartError) as caught:
        read(f"{HEADER}\n200,Sales,Revenues,,,,,,\n")
    assert caught.value.problems[0].hint == "Did you mean Revenue?"


def test_a_payroll_account_is_read_without_its_type() -> None:
    source = read(f"{HEADER}\n478,Super,Superannuation Expense,,,,,,\n")
    assert source.accounts[0].type == ""
    assert rules(source.warnings) == [("payroll-type", 2)]


def test_codes_that_a_spreadsheet_may_have_shortened_get_a_warning() -> None:
    rows = "".join(f"{n},Account {n},Expense,,,,,,\n" for n in range(400, 420))
    text = (
        f"{HEADER}\n90,Bank,Bank,,,,,,\n{rows}2-Jan,Odd,Expense,,,,,,\n500.0,Half,Expense,,,,,,\n"
    )
    assert rules(read(text).warnings) == [
        ("short-code", 2), ("damaged-code", 23), ("damaged-code", 24),
    ]  # fmt: skip


def merged(yaml: str, csv: str, missing: str = "keep") -> tuple[Merged, tuple[Problem, ...]]:
    """Import a CSV into a file, as the command does."""
    desired = parse(HEAD + yaml, "accounts.yaml").chart
    source = read(csv)
    comparable = comparable_charts(source, desired)
    known = SourceFields(fields=source.fields, ids=False)
    result = update_file(
        (HEAD + yaml).encode(), comparable.desired, comparable.chart, known, missing=missing
    )
    parse(result.text, "accounts.yaml")
    return result, comparable.warnings


def imported(csv: str) -> DesiredChart:
    """Import a CSV into a new file."""
    pin = OrganisationPin(name="Acme")
    result = import_chart(read(csv), b"", None, "accounts.yaml", pin).result
    return parse(result.text, "accounts.yaml").chart


def test_zeros_that_a_spreadsheet_removed_are_restored() -> None:
    yaml = '  - code: "090"\n    name: Business Bank\n    type: BANK\n'
    result, warnings = merged(yaml, f"{HEADER}\n90,Business Bank,Bank,,,,,,\n")
    assert result.text == HEAD + yaml
    assert rules(warnings) == [("zeros-lost", 2)]
    result, warnings = merged(yaml, f"{HEADER}\n90,Another,Bank,,,,,,\n")
    assert '"90"' in result.text
    assert "the names differ" in warnings[0].message
    nameless = '  - code: "090"\n    type: BANK\n'
    _, warnings = merged(nameless, f"{HEADER}\n90,Another,Bank,,,,,,\n")
    assert "has 090. They are treated as two accounts: that entry has no name." in (
        warnings[0].message
    )


@pytest.mark.parametrize("code", ["00", "000"])
def test_a_code_of_zeros_alone_is_restored(code: str) -> None:
    yaml = f'  - code: "{code}"\n    name: Suspense\n    type: CURRLIAB\n'
    result, warnings = merged(yaml, f"{HEADER}\n0,Suspense,Current Liability,,,,,,\n")
    assert result.text == HEAD + yaml
    assert rules(warnings) == [("zeros-lost", 2)]


def test_a_bank_account_without_a_code_in_the_csv_is_found_by_name() -> None:
    yaml = '  - code: "090"\n    name: Bank\n    type: BANK\n    bank_account_number: "123"\n'
    result, _ = merged(yaml, f"{HEADER}\n,Bank,Bank,No GST,,Yes,,,\n")
    assert result.text == HEAD + yaml


def test_tax_rates_are_compared_by_name_and_codes_in_the_file_stay() -> None:
    yaml = (
        '  - code: "200"\n    name: Sales\n    type: REVENUE\n    tax_type: OUTPUT2\n'
        '  - code: "300"\n    name: Other\n    type: REVENUE\n    tax_type: No GST\n'
    )
    csv = f"{HEADER}\n200,Sales,Revenue,15% GST,,,,,\n300,Other,Revenue,15% GST,,,,,\n"
    result, _ = merged(yaml, csv)
    assert result.text == HEAD + yaml.replace("No GST", "15% GST")
    same, _ = merged(yaml, csv.replace("Other,Revenue,15% GST", "Other,Revenue,No GST (0%)"))
    assert same.text == HEAD + yaml


def test_accounts_that_the_csv_lacks_stay_or_are_archived() -> None:
    yaml = '  - code: "200"\n    name: Sales\n    type: REVENUE\n'
    assert merged(yaml, HEADER + "\n")[0].text == HEAD + yaml
    archived, _ = merged(yaml, HEADER + "\n", missing="archive")
    assert archived.text == HEAD + yaml + "    status: ARCHIVED\n"


def test_an_export_needs_names_of_tax_rates_and_every_required_field() -> None:
    yaml = '  - code: "200"\n    name: Sales\n    type: REVENUE\n    tax_type: OUTPUT2\n'
    yaml += "  - system_account: GST\n"
    desired = parse(HEAD + yaml, "accounts.yaml").chart
    with pytest.raises(ChartError) as caught:
        write_csv(desired)
    assert [(p.rule, p.line) for p in caught.value.problems] == [
        ("missing-field", 8), ("missing-field", 8), ("missing-field", 8), ("tax-rate-code", 4),
    ]  # fmt: skip
    exported = write_csv(desired, incomplete=True)
    assert exported.rows == 2
    assert not any("--incomplete" in problem.hint for problem in exported.warnings)


def test_an_export_says_that_it_cannot_write_a_type_that_only_xero_sets() -> None:
    yaml = '  - {code: "477", name: Wages, tax_type: No GST}\n'
    desired = parse(HEAD + yaml, "accounts.yaml").chart
    with pytest.raises(ChartError) as caught:
        write_csv(desired, chart(account("477", "Wages", type="WAGESEXPENSE")))
    (problem,) = (p for p in caught.value.problems if p.rule == "missing-field")
    assert problem.message == "477 Wages: xerosync cannot write its type, WAGESEXPENSE, into a CSV."
    assert problem.hint.startswith("Xero alone sets such a type. With --incomplete, ")


def test_an_export_without_xero_needs_the_tax_rate_of_system_accounts() -> None:
    """Xero's import would give them its no-tax rate, and remove their descriptions."""
    yaml = '  - {system_account: GST, code: "820", name: VAT}\n'
    yaml += '  - {system_account: DEBTORS, code: "610", name: Receivable}\n'
    yaml += '  - {code: "090", name: Bank, type: BANK}\n'
    desired = parse(HEAD + yaml, "accounts.yaml").chart
    with pytest.raises(ChartError) as caught:
        write_csv(desired)
    (problem,) = caught.value.problems
    assert problem.message == "The file does not say the tax rate of 820 VAT and 1 more."
    assert "--with-xero" in problem.hint
    with pytest.raises(ChartError) as caught:
        write_csv(desired, Chart(Organisation("", "Acme"), ()))
    assert "--with-xero" not in caught.value.problems[0].hint


@pytest.mark.parametrize("column", ["Report Code", "Reporting Code"])
def test_report_codes_are_read_and_written_again(column: str) -> None:
    header = HEADER.replace("Description", f"{column},Description").removesuffix(",Balance")
    text = f"{header}\n200,Sales,Revenue,No GST,REV.TRA,,No,No,No\n"
    text += "820,GST,GST,No GST,LIA.CUR,,No,No,No\n"
    source = read(text)
    assert [account.reporting_code for account in source.accounts] == ["REV.TRA", "LIA.CUR"]
    assert write_csv(imported(text)).text.splitlines() == [
        line.replace("Reporting Code", "Report Code") for line in text.splitlines()
    ]


def test_two_columns_of_one_field_are_named() -> None:
    text = "*Code,Report Code,*Name,Reporting Code,*Type\n200,A,Sales,B,Revenue\n"
    (problem,) = problems(text)
    assert problem.endswith('The columns "Report Code" and "Reporting Code" mean the same field.')


def test_every_role_has_a_label_and_both_are_read() -> None:
    assert set(ROLES) == set(SYSTEM_ACCOUNTS)
    for role, (label, _) in ROLES.items():
        for written in (label, role):
            source = read(f"{HEADER}\n900,One,{written},No VAT,,,,,\n")
            assert source.accounts[0].system_account == role
            assert source.warnings == ()


@pytest.mark.parametrize("label", ["GST", "VAT", "Sales Tax"])
def test_the_tax_account_keeps_its_label_under_another_name(label: str) -> None:
    text = f"{HEADER.removesuffix(',Balance')}\n"
    text += f"200,Sales,Revenue,20% ({label} on Income),,No,No,No\n"
    text += f"820,Owed to the state,{label},No {label},,No,No,No\n"
    assert write_csv(imported(text)).text.splitlines() == text.splitlines()


def test_more_rows_than_xeros_import_takes_are_a_warning() -> None:
    row = '  - {{code: "{0}", name: Account {0}, type: EXPENSE, tax_type: No GST}}\n'
    for accounts, expected in ((694, []), (695, ["too-many-rows"])):
        yaml = "".join(row.format(1000 + n) for n in range(accounts))
        exported = write_csv(parse(HEAD + yaml, "accounts.yaml").chart)
        assert [problem.rule for problem in exported.warnings] == expected


def test_an_export_protects_cells_that_a_spreadsheet_would_run_as_formulas() -> None:
    yaml = '  - code: "200"\n    name: "=cmd|\'/c calc\'!A1"\n    type: REVENUE\n'
    yaml += "    tax_type: No GST\n"
    exported = write_csv(parse(HEAD + yaml, "accounts.yaml").chart)
    assert "200,'=cmd|'/c calc'!A1,Revenue,No GST," in exported.text
    assert [problem.rule for problem in exported.warnings] == ["formula"]
    assert read(exported.text).accounts[0].name == "=cmd|'/c calc'!A1"


def test_an_archived_account_is_not_exported() -> None:
    yaml = '  - code: "200"\n    name: Sales\n    type: REVENUE\n    status: ARCHIVED\n'
    assert write_csv(parse(HEAD + yaml, "accounts.yaml").chart).rows == 0


def test_a_plan_against_a_csv_takes_from_the_file_what_the_csv_lacks() -> None:
    yaml = """\
  - {code: "090", name: Bank, type: BANK, bank_account_number: "123", currency_code: NZD}
  - {code: "200", name: Sales all, type: REVENUE, tax_type: OUTPUT2, reporting_code: REV}
  - {account_id: 3f0c2f0e-0000-4000-8000-000000000001, code: "300", name: Pinned}
  - {system_account: GST, name: GST}
  - {code: "410", previously: ["400"], name: Ads, type: EXPENSE}
  - {code: "999", name: New, type: EXPENSE, tax_type: WHATEVER}
"""
    csv = f"""{HEADER}
,Bank,Bank,No GST,,,,,
200,Sales,Revenue,15% GST,,,,,
300,Pinned,Expense,,,,,,
400,Ads,Expense,,,,,,
500,Unlisted,Expense,,,,,,
820,GST,GST,,,,,,
"""
    comparable = comparable_charts(read(csv), parse(HEAD + yaml, "accounts.yaml").chart)
    plan = build(comparable.chart, comparable.desired)
    assert [(c.action.value, c.label) for c in plan.changes] == [
        ("create", "999 New"), ("update", "200 Sales all"), ("update", "410 Ads"),
    ]  # fmt: skip
    assert plan.blocked == ()
    assert [account.code for account in plan.unmanaged] == ["500"]
    assert "The tax rate was not compared for 1 account: " in comparable.note
    assert plan.organisation.tenant_id == ""


CITY = (
    TaxRate("TAX001", "City Tax", applies_to=ANY, percent=Decimal("8.2500")),
    TaxRate("TAX002", "Sales Tax (5%)", applies_to=ANY, percent=Decimal(5)),
    TaxRate("OUTPUT2", "15% GST on Income", applies_to=ANY, percent=Decimal(15)),
    TaxRate("OLD", "Supplies", applies_to=ANY, percent=Decimal(8)),
    TaxRate("NEW", "Supplies", applies_to=ANY, percent=Decimal(9)),
)


def with_rate(rate: str, written: str = "") -> tuple[Chart, DesiredChart]:
    sales = Account("a-1", "200", "Sales", "REVENUE", tax_type=rate, account_class="REVENUE")
    yaml = "  - {code: '200', name: Sales, type: REVENUE"
    yaml += f", tax_type: {written}}}\n" if written else "}\n"
    books = Chart(Organisation("", "Acme"), (sales,), CITY)
    return books, parse(HEAD + yaml, "accounts.yaml").chart


@pytest.mark.parametrize(
    ("rate", "label"),
    [
        ("TAX001", "City Tax (8.25%)"),
        ("TAX002", "Sales Tax (5%)"),
        ("OUTPUT2", "15% GST on Income"),
        ("OLD", "Supplies (8%)"),
    ],
)
def test_an_exported_label_has_its_percent_and_is_the_same_rate_when_read_again(
    rate: str, label: str
) -> None:
    for written in ("", rate, label):
        current, desired = with_rate(rate, written)
        exported = write_csv(desired, current)
        assert [a.tax_type for a in read(exported.text).accounts] == [label]
    assert build(*with_rate(rate, label)).empty


def test_a_label_that_xeros_import_would_not_find_is_rejected() -> None:
    for written, rule in (
        ("Supplies (7%)", "tax-rate-unknown"),
        ("Supplies", "tax-rate-ambiguous"),
    ):
        current, desired = with_rate("TAX001", written)
        with pytest.raises(ChartError) as caught:
            write_csv(desired, current)
        assert [problem.rule for problem in caught.value.problems] == [rule]


def test_another_percent_in_the_csv_is_another_tax_rate() -> None:
    yaml = '  - code: "200"\n    name: Sales\n    type: REVENUE\n    tax_type: Supplies (8%)\n'
    row = f"{HEADER}\n200,Sales,Revenue,Supplies{{}},,,,,\n"
    assert "tax_type: Supplies (9%)\n" in merged(yaml, row.format(" (9%)"))[0].text
    for same in ("", " (8.0%)"):
        assert merged(yaml, row.format(same))[0].text == HEAD + yaml


@pytest.mark.parametrize(
    ("rate", "written"), [("OUTPUT2", "15% GST on Income (15%)"), ("TAX001", "City Tax (8.25%)")]
)
def test_a_label_with_a_percent_is_the_same_with_and_without_xero(rate: str, written: str) -> None:
    current, desired = with_rate(rate, written)
    for xero in (None, current):
        (row,) = read(write_csv(desired, xero).text).accounts
        assert row.tax_type == written
