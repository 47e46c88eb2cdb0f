"""`pull` and `import-csv` into an overlay: what becomes an override, and what an own account."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chartfile.charts import ANY, BOOKS
from xerosync.chartfile.csv.import_chart import import_chart
from xerosync.chartfile.csv.read import load_csv
from xerosync.chartfile.edit.edited_text import Merged
from xerosync.chartfile.edit.new_entry import SourceFields
from xerosync.chartfile.edit.pull import pull
from xerosync.chartfile.load import parse
from xerosync.desired import Unmanaged
from xerosync.errors import ChartError
from xerosync.history.baseline import Baseline, LastApplied
from xerosync.model import Account, Chart, TaxRate
from xerosync.plan.matching.match import match

STANDARD = """\
version: 1
standard: {name: Rimu}
tax_types:
  sales: {NZ: OUTPUT2}
  no_tax: {NZ: NONE}
accounts:
  - {code: "200", name: Sales, type: REVENUE, tax_type: sales}
  - {code: "404", name: Bank Charges, type: EXPENSE, tax_type: no_tax, description: Fees}
  - {code: "615", name: Consignment Stock, type: CURRENT, optional: true}
  - {code: "825", name: PAYE Payable, type: CURRLIAB, overridable: false}
"""
HEAD = """\
version: 1
extends: standard.yaml
organisation: {short_code: "!3T6Q-", country: NZ}
"""
FILE = "client.yaml"
AT = datetime(2026, 11, 1, tzinfo=UTC)
RATES = (
    TaxRate("OUTPUT2", "15% GST on Income", applies_to=ANY),
    TaxRate("NONE", "No GST", applies_to=ANY),
    TaxRate("TAX001", "Levy", applies_to=ANY),
)


def account(number: int, code: str, name: str, kind: str = "EXPENSE", **fields: str) -> Account:
    classes = {"REVENUE": "REVENUE", "EXPENSE": "EXPENSE", "CURRENT": "ASSET"}
    made = Account(f"00000000-0000-4000-8000-{number:012}", code, name, kind, tax_type="NONE",
                   account_class=classes.get(kind, "LIABILITY"))  # fmt: skip
    return replace(made, **fields)  # type: ignore[arg-type]


SALES = account(1, "200", "Sales", "REVENUE", tax_type="OUTPUT2")
BANK = account(2, "404", "Bank Charges", description="Fees")
PAYE = account(3, "825", "PAYE Payable", "CURRLIAB")


@pytest.fixture(autouse=True)
def practice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "standard.yaml").write_text(STANDARD, "utf-8")
    return tmp_path


def pulled(text: str, *accounts: Account, baseline: Baseline | None = None) -> Merged:
    """Pull into an overlay, which proves that the next plan is empty."""
    desired = parse(text, FILE, lint=False).chart
    books = Chart(BOOKS, accounts, RATES)
    result = pull(text.encode(), desired, books, SourceFields(), FILE, baseline=baseline)
    assert Path("standard.yaml").read_text("utf-8") == STANDARD
    return result


def added(text: str, *accounts: Account) -> str:
    """Return the lines that a pull adds to an overlay."""
    after = pulled(text, *accounts).text
    assert after.startswith(text)
    return after.removeprefix(text)


def test_a_difference_becomes_an_override_with_an_empty_reason_to_be_filled_in() -> None:
    fees = replace(BANK, name="Bank Fees")
    result = pulled(HEAD, SALES, fees, PAYE)
    assert result.text == HEAD + (
        'overrides:\n  - {standard: "404", name: Bank Fees, reason: ""}\n'
    )
    assert result.edited == ['404 Bank Charges: name was "Bank Charges" and is now "Bank Fees"']
    with pytest.raises(ChartError) as asked:
        parse(result.text, FILE)
    (problem,) = asked.value.problems
    assert (problem.rule, problem.line, problem.column) == ("override-without-reason", 5, 48)
    explained = result.text.replace('""', "So in the covenant")
    assert pulled(explained, SALES, fees, PAYE).text == explained


def test_an_account_that_is_not_in_xero_is_omitted() -> None:
    assert added(HEAD, SALES, PAYE) == (
        'overrides:\n  - {standard: "404", omit: true, reason: ""}\n'
    )


def test_an_account_with_another_name_is_added_and_that_of_the_standard_is_omitted() -> None:
    other = account(9, "404", "Uniforms")
    assert added(HEAD, SALES, other, PAYE) == (
        'overrides:\n  - {standard: "404", omit: true, reason: ""}\n'
        'accounts:\n  - code: "404"\n    name: Uniforms\n    type: EXPENSE\n    tax_type: no_tax\n'
    )


def test_other_codes_tax_rates_statuses_and_empty_fields_become_overrides() -> None:
    moved = replace(BANK, code="4040", tax_type="OUTPUT2", description="", status="ARCHIVED")
    assert added(HEAD, SALES, moved, PAYE) == (
        'overrides:\n  - standard: "404"\n    code: "4040"\n    tax_type: sales\n'
        '    description: null\n    status: ARCHIVED\n    reason: ""\n'
    )


def test_a_tax_rate_without_a_name_is_left_to_the_organisation() -> None:
    levied = replace(BANK, tax_type="TAX001")
    own = account(9, "905", "Levies", tax_type="TAX001")
    result = pulled(HEAD, SALES, levied, PAYE, own)
    assert '{standard: "404", keep: [tax_type], reason: ""}' in result.text
    assert "# tax_type left out: tax_types has no name for TAX001\n" in result.text
    assert "tax_type: TAX001" not in result.text


def test_an_optional_account_under_another_code_is_found_by_its_name() -> None:
    stock = account(8, "616", "Consignment Stock", "CURRENT")
    assert added(HEAD, SALES, BANK, PAYE, stock) == (
        'overrides:\n  - {standard: "615", code: "616", reason: ""}\n'
    )
    assert added(HEAD, SALES, BANK, PAYE, replace(stock, code="615")) == ""


def test_an_account_that_is_not_in_xero_is_removed_from_take() -> None:
    text = HEAD + 'take: ["615"]   # soon\n'
    assert pulled(text, SALES, BANK, PAYE).text == HEAD + "take: []   # soon\n"


def test_an_account_is_also_removed_from_take_where_take_has_its_role(practice: Path) -> None:
    gst = "  - {system_account: GST, name: GST Owed, optional: true}\n"
    (practice / "standard.yaml").write_text(STANDARD + gst, "utf-8")
    override = "overrides:\n  - {standard: GST, account_id: 00000000-0000-4000-8000-000000000009}\n"
    text = HEAD + override + "take: [GST]\n"
    desired = parse(text, FILE).chart
    result = pull(
        text.encode(), desired, Chart(BOOKS, (SALES, BANK, PAYE), RATES), SourceFields(), FILE
    )
    assert result.text == HEAD + override + "take: []\n"


@pytest.mark.parametrize(
    ("stock", "why"),
    [
        ({"name": "Loan to Owner"}, "another account has its (former) code or name"),
        ({"status": "FROZEN"}, "its status in Xero is FROZEN"),
        ({"code": ""}, "it has no code in Xero that the file can contain"),
    ],
)
def test_an_account_that_is_omitted_is_no_longer_under_take(
    stock: dict[str, str], why: str
) -> None:
    other = replace(account(8, "615", "Consignment Stock", "CURRENT"), **stock)  # type: ignore[arg-type]
    result = pulled(HEAD + 'take: ["615"]\n', SALES, BANK, PAYE, other)
    assert '{standard: "615", omit: true, reason: ""}\ntake: []\n' in result.text
    assert result.edited[:2] == [
        f"615 Consignment Stock: removed from `take`, because {why}",
        f"615 Consignment Stock: omitted, because {why}",
    ]


def test_an_override_gets_the_new_value_and_keeps_its_reason_and_comments() -> None:
    text = HEAD + (
        "overrides:\n"
        "  # agreed in May\n"
        "  - standard: '404'   # the covenant\n"
        "    name: Merchant Fees\n"
        "    reason: Named so there\n"
    )
    result = pulled(text, SALES, replace(BANK, name="Merchant Card Fees", description="New"), PAYE)
    assert (
        result.text
        == text.replace("Merchant Fees", "Merchant Card Fees") + "    description: New\n"
    )
    assert not result.unexplained
    assert "the override now changes description too" in result.warnings[0]


@pytest.mark.parametrize(
    "fields",
    [
        "    description: # one\n      Charges\n",
        "    description: # one\n      | # two\n      Charges\n",
        "    keep: # one\n      # two\n      - tax_type  # three\n",
        "    keep: # one\n      - tax_type\n      # two\n      - description # three\n    # four\n",
        "    keep: [ # one\n      tax_type, # two\n      description # three\n    ] # four\n",
        "    keep: [tax_type]\n    name: Fees # one\n    # two\n",
        "    waive: # one\n      code-range: A # two\n      # three\n      archive-requires: B\n",
    ],
)
def test_an_override_that_becomes_an_omit_keeps_the_comments_inside_its_fields(fields: str) -> None:
    text = HEAD + f'overrides:\n  - standard: "404"\n{fields}    reason: Said so\n'
    result = pulled(text, SALES, PAYE)
    assert re.findall("# [a-z]+", result.text) == re.findall("# [a-z]+", text)
    assert "keep" not in result.text
    assert "description" not in result.text


@pytest.mark.parametrize(
    ("take", "left"),
    [
        ('take: ["615", "616"]\n', "take: []\n"),
        ('take:\n  - "615"\n  - "616"\n', "take: []\n"),
        ('take: [ # one\n  "615", # two\n] # three\n', "take: [] # one # two # three\n"),
        ('take: ["615", # one\n  "616" # two\n]\n', "take: [] # one # two\n"),
        ('take: ["615", # one\n  "617"] # two\n', 'take: [ # one\n  "617"] # two\n'),
        ('take: [\n  "617", # one\n  "615" ] # two\n', 'take: [\n  "617", # one\n   ] # two\n'),
        ('take: ["615", "617"] # one\n', 'take: ["617"] # one\n'),
        ('take: [\n  "617", # one\n  "615",\n  "616",\n]\n', 'take: [\n  "617", # one\n]\n'),
        (
            'take: [\n  "617",\n  "615" # one, two\n  # three, four\n]\n',
            'take: [\n  "617",\n   # one, two\n  # three, four\n]\n',
        ),
    ],
)
def test_accounts_that_are_gone_leave_take_and_its_comments_stay(take: str, left: str) -> None:
    more = "  - {{code: {}, name: Stock {}, type: CURRENT, optional: true}}\n"
    Path("standard.yaml").write_text(STANDARD + more.format("'616'", 2) + more.format("'617'", 3))
    desired = parse(HEAD + take, FILE, lint=False).chart
    there = [account(17, "617", "Stock 3", "CURRENT")] if "617" in take else []
    books = Chart(BOOKS, (SALES, BANK, PAYE, *there), RATES)
    assert pull((HEAD + take).encode(), desired, books, SourceFields(), FILE).text == HEAD + left


def test_a_field_with_an_explicit_key_is_removed_whole() -> None:
    fields = "    ? keep # one\n    : - tax_type\n"
    text = HEAD + f'overrides:\n  - standard: "404"\n{fields}    reason: Said so\n'
    assert "omit: true" in pulled(text, SALES, PAYE).text


def test_an_override_that_says_what_the_standard_says_is_commented_out() -> None:
    text = HEAD + (
        "overrides:\n"
        '  - {standard: "404", name: Merchant Fees, reason: Once}   # kept\n'
        'take: ["615"]\n'
    )
    stock = account(8, "615", "Consignment Stock", "CURRENT")
    after = pulled(text, SALES, BANK, PAYE, stock).text
    assert after == HEAD + (
        "overrides: []\n"
        "  # The same as in the standard again, so commented out:\n"
        '  # - {standard: "404", name: Merchant Fees, reason: Once}   # kept\n'
        'take: ["615"]\n'
    )


def test_an_override_of_a_missing_account_becomes_an_omission_with_an_empty_reason() -> None:
    text = HEAD + 'overrides:\n  - {standard: "404", name: Fees, reason: Covenant}\n'
    assert pulled(text, SALES, PAYE).text == (
        HEAD + 'overrides:\n  - {standard: "404", omit: true, reason: ""}\n'
    )


def test_an_account_that_is_not_overridable_stays_and_is_reported() -> None:
    result = pulled(HEAD, SALES, BANK, replace(PAYE, name="Wages Tax Payable"))
    assert (result.text, result.unexplained) == (HEAD, [])
    assert "standard.yaml:10 says `overridable: false`" in result.kept[0]


def test_new_overrides_stand_by_code_and_own_accounts_in_their_list() -> None:
    text = HEAD + (
        'overrides:\n  - {standard: "200", name: Income, reason: Old}\n'
        "  # the last one\n"
        '  - {standard: "825", account_id: 00000000-0000-4000-8000-000000000003}\n'
        "# own ones\n"
        "accounts:\n"
        '  - {code: "900", name: Nine Hundred, type: EXPENSE}\n'
    )
    own = account(7, "900", "Nine Hundred")
    new = account(8, "901", "Grants", "REVENUE", tax_type="OUTPUT2")
    books = (replace(SALES, name="Income"), PAYE, own, new)
    assert pulled(text, *books).text == text.replace(
        "  # the last one\n", '  - {standard: "404", omit: true, reason: ""}\n  # the last one\n'
    ) + (
        '  - code: "901"\n    name: Grants\n    type: REVENUE\n    tax_type: sales\n'
    )  # fmt: skip


def test_a_file_in_braces_stays_in_braces() -> None:
    text = (
        "{version: 1, extends: standard.yaml, organisation: {short_code: '!3T6Q-', country: NZ}}\n"
    )
    fees, own = replace(BANK, name="Bank Fees"), account(9, "9", "X")
    assert pulled(text, SALES, fees, PAYE, own).text == (
        text.removesuffix("}\n")
        + ', overrides: [{standard: "404", name: Bank Fees, reason: ""}],'
        ' accounts: [{code: "9", name: X, type: EXPENSE, tax_type: no_tax}]}\n'
    )  # fmt: skip


def test_windows_line_ends_are_kept_and_a_missing_last_one_is_added() -> None:
    text = HEAD.replace("\n", "\r\n").removesuffix("\r\n")
    after = pulled(text, SALES, PAYE).text
    assert after == text + '\r\noverrides:\r\n  - {standard: "404", omit: true, reason: ""}\r\n'


def applied(standard: str, *accounts: Account) -> Baseline:
    """Return the baseline of an apply that was made with this standard."""
    Path("before.yaml").write_text(standard, "utf-8")
    then = parse(HEAD.replace("standard.yaml", "before.yaml"), FILE).chart
    matches = match(Chart(BOOKS, accounts, RATES), then)
    entries = {m.account.account_id: m.desired for m in matches if m.account}
    last = LastApplied(entries, {}, frozenset(), Unmanaged.KEEP, FILE)
    return Baseline({a.account_id: a for a in accounts}, AT, last_applied=last)


def test_a_change_of_the_standard_that_was_never_applied_stays() -> None:
    """The last apply is the common ancestor: only what changed in Xero since is pulled."""
    before = STANDARD.replace("Bank Charges", "Bank Fees")
    base = applied(before, SALES, replace(BANK, name="Bank Fees"), PAYE)
    now = (SALES, replace(BANK, name="Bank Fees", description="Edited in Xero"), PAYE)
    result = pulled(HEAD, *now, baseline=base)
    assert "description: Edited in Xero" in result.text
    assert "name:" not in result.text
    assert "name stays" in result.kept[0]


def test_a_new_code_of_the_standard_that_a_plan_would_block_stays() -> None:
    """The standard has no `previously`, so the account of the old code holds the name."""
    old = replace(BANK, code="402")
    base = applied(STANDARD.replace('"404"', '"402"'), SALES, old, PAYE)
    result = pulled(HEAD, SALES, old, PAYE, baseline=base)
    assert result.text == HEAD
    assert "code stays 404" in result.kept[0]


def test_an_override_that_was_never_applied_is_not_lost_if_its_account_is_omitted() -> None:
    """Somebody gave the account, in Xero, the code that a new entry of the file has."""
    base = applied(STANDARD, SALES, BANK, PAYE)
    override = '- {standard: "404", name: Merchant Fees, reason: So the bank calls them}\n'
    own = "accounts:\n  - {code: '820', name: Grants, type: REVENUE}\n"
    text = f"{HEAD}overrides:\n  {override}{own}"
    result = pulled(text, SALES, replace(BANK, code="820"), PAYE, baseline=base)
    assert f'  # {override}  - {{standard: "404", omit: true, reason: ""}}\n' in result.text
    assert result.edited == [
        "404 Merchant Fees: omitted, because it has no code in Xero that the file can contain"
    ]
    assert result.kept == [
        "820 Grants: stays, because it was added here and has not been applied yet"
    ]


def test_a_csv_is_imported_into_an_overlay(practice: Path) -> None:
    (practice / "chart.csv").write_text(
        "*Code,*Name,*Type,*Tax Code,Description,Dashboard,Expense Claims,Enable Payments,Balance\n"
        "200,Sales,Revenue,15% GST on Income,,No,No,No,\n"
        "404,Bank Fees,Expense,No GST,Fees,No,No,No,\n"
        "905,Grants,Revenue,15% GST on Income,,No,No,No,\n",
        "utf-8",
    )
    desired = parse(HEAD, FILE).chart
    source = load_csv("chart.csv")
    result = import_chart(source, HEAD.encode(), desired, FILE).result
    assert '{standard: "404", name: Bank Fees, reason: ""}' in result.text
    assert 'code: "905"' in result.text
    assert "omit" not in result.text
    missing = import_chart(source, HEAD.encode(), desired, FILE, archive_missing=True).result
    assert '{standard: "825", status: ARCHIVED, reason: ""}' not in missing.text
    assert "825 PAYE Payable: stays as in the standard" in " ".join(missing.kept)
