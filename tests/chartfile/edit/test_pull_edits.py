"""`pull` makes the smallest possible edit of a file."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from chartfile.charts import ANY, BOOKS
from xerosync.chartfile.edit.edited_text import Merged
from xerosync.chartfile.edit.first_file import new_file
from xerosync.chartfile.edit.merge import update_file
from xerosync.chartfile.edit.new_entry import SourceFields
from xerosync.chartfile.load import parse
from xerosync.errors import ChartError, WrongOrganisation
from xerosync.model import Account, Chart, TaxRate
from xerosync.plan.build import build

ID = "00000000-0000-0000-0000-00000000000{}"
SALES = Account(ID.format(1), "200", "Sales", "REVENUE", tax_type="OUT", account_class="REVENUE")
RENT = Account(ID.format(2), "469", "Rent", "EXPENSE", tax_type="IN", account_class="EXPENSE")
BANK = Account(
    ID.format(3), "090", "Bank", "BANK", tax_type="NONE", bank_account_number="12345",
    bank_account_type="BANK", currency_code="NZD", account_class="ASSET",
)  # fmt: skip
RATES = (TaxRate("OUT", "GST on Income", applies_to=ANY), TaxRate("IN", "GST", applies_to=ANY))
HEAD = "version: 1\norganisation: {short_code: '!3T6Q-'}\n"
FILE = (
    HEAD
    + """\
accounts:
  # --- Income
  # what we sell
  - code: '200'   # since 2019
    name: Sales
    type: REVENUE
    tax_type: GST on Income   # by name

  # --- Costs
  - {code: "469", name: Rent, type: EXPENSE}   # short
"""
)


def chart(*accounts: Account) -> Chart:
    return Chart(BOOKS, accounts, RATES)


def pull(text: str, *accounts: Account, every: bool = False) -> Merged:
    """Pull into a text, and check that the next plan is empty."""
    books = chart(*accounts)
    desired = parse(text, "accounts.yaml", lint=False).chart
    pulled = update_file(text.encode(), desired, books, SourceFields(every=every))
    plan = build(books, parse(pulled.text, "accounts.yaml", lint=False).chart)
    assert plan.empty, (pulled.text, plan.changes, plan.blocked)
    assert not plan.unmanaged, pulled.text
    return pulled


def test_a_value_is_replaced_where_it_stands() -> None:
    pulled = pull(FILE, replace(SALES, name="Sales: all"), replace(RENT, name="Rent, paid"))
    assert pulled.text == FILE.replace("name: Sales", 'name: "Sales: all"').replace(
        "name: Rent", 'name: "Rent, paid"'
    )
    assert pulled.edited == [
        '200 Sales: name was "Sales" and is now "Sales: all"',
        '469 Rent: name was "Rent" and is now "Rent, paid"',
    ]


def test_a_tax_rate_written_by_name_stays_a_name() -> None:
    pulled = pull(FILE, replace(SALES, tax_type="IN"), RENT)
    assert pulled.text == FILE.replace("GST on Income ", "GST ")


def test_a_label_with_a_percent_keeps_its_form_and_a_name_of_several_rates_stays() -> None:
    rates = (
        TaxRate("OUT", "Supplies", applies_to=ANY, percent=Decimal(8)),
        TaxRate("IN", "Supplies", applies_to=ANY, percent=Decimal(9)),
    )
    for written, expected in (("Supplies", "Supplies"), ("Supplies (9%)", "Supplies (8%)")):
        text = FILE.replace("GST on Income", written)
        desired = parse(text, "accounts.yaml").chart
        books = replace(chart(SALES, RENT), tax_rates=rates)
        assert update_file(text.encode(), desired, books).text == text.replace(written, expected)


def test_archiving_and_restoring_an_account_edit_its_status() -> None:
    archived = pull(FILE, replace(SALES, status="ARCHIVED"), replace(RENT, status="ARCHIVED"))
    assert "by name\n    status: ARCHIVED\n" in archived.text
    assert '- {status: ARCHIVED, code: "469"' in archived.text
    assert pull(archived.text, SALES, RENT).text == archived.text.replace("ARCHIVED", "ACTIVE")


def test_a_new_account_is_inserted_by_code() -> None:
    shop = replace(SALES, account_id=ID.format(7), code="210", name="Shop")
    first = replace(SALES, account_id=ID.format(8), code="100", name="Early")
    pulled = pull(FILE, SALES, RENT, shop, first)
    entry = '  - code: "{}"\n    name: {}\n    type: REVENUE\n    tax_type: OUT\n'
    assert pulled.text == FILE.replace(
        "   # by name\n", "   # by name\n" + entry.format("210", "Shop")
    ).replace("  # what we sell\n", entry.format("100", "Early") + "  # what we sell\n")


def test_in_a_file_with_sections_a_new_account_is_inserted_into_its_section() -> None:
    text = FILE.replace('"469"', '"100"')
    costs = replace(RENT, account_id=ID.format(7), code="150", name="Power")
    pulled = pull(text, SALES, replace(RENT, code="100"), costs)
    assert pulled.text.endswith(
        'type: EXPENSE}   # short\n  - code: "150"\n    name: Power\n    type: EXPENSE\n'
        "    tax_type: IN\n"
    )


def test_an_account_that_is_not_in_xero_is_commented_out() -> None:
    pulled = pull(FILE, RENT)
    assert pulled.text == FILE.replace(
        "  - code: '200'   # since 2019\n    name: Sales\n    type: REVENUE\n"
        "    tax_type: GST on Income   # by name\n",
        "  # Not in Xero, so commented out. To create it, remove these comment marks:\n"
        "  # - code: '200'   # since 2019\n  #   name: Sales\n  #   type: REVENUE\n"
        "  #   tax_type: GST on Income   # by name\n",
    )
    assert pulled.edited == ["200 Sales: commented out, because it is not in Xero"]


def test_pulling_no_accounts_leaves_an_empty_list_that_a_later_pull_can_fill() -> None:
    emptied = pull(FILE)
    assert "\naccounts: []\n" in emptied.text
    assert '- code: "200"' in pull(emptied.text, SALES).text


@pytest.mark.parametrize("ending", ["accounts: []", "accounts: []\n", "accounts: []   # none\n"])
def test_an_empty_list_is_filled(ending: str) -> None:
    assert '\n  - code: "200"\n' in pull(HEAD + ending, SALES, RENT).text


def test_an_account_renumbered_in_xero_keeps_its_entry() -> None:
    pulled = pull(FILE, replace(SALES, code="202"), RENT)
    assert pulled.text == FILE.replace("'200'", '"202"')


SHIFTED = (
    HEAD
    + """\
accounts:
  - code: "200"
    name: Sales   # c-sales
    type: REVENUE
    protect: true
  - code: "201"
    name: Other Sales   # c-other
    type: REVENUE
  - code: "202"
    name: Shop Sales   # c-shop
    type: REVENUE
"""
)


def test_codes_shifted_in_xero_change_in_place() -> None:
    now = [
        replace(SALES, account_id=ID.format(n), code=code, name=name)
        for n, (code, name) in enumerate(
            (("201", "Sales"), ("202", "Other Sales"), ("203", "Shop Sales"))
        )
    ]
    pulled = pull(SHIFTED, *now)
    assert pulled.text == SHIFTED.replace("202", "203").replace("201", "202").replace("200", "201")


def test_an_account_recreated_in_xero_gets_its_new_id() -> None:
    text = FILE.replace("    name: Sales\n", f"    name: Sales\n    account_id: {ID.format(9)}\n")
    pulled = pull(text, SALES, RENT)
    assert ID.format(1) in pulled.text
    said = f"200 Sales: account_id was {ID.format(9)} and is now {ID.format(1)}"
    assert said in pulled.edited


def test_former_codes_stay_except_the_one_that_xero_still_has() -> None:
    text = FILE.replace("    name: Sales\n", '    name: Sales\n    previously: ["180", "200"]\n')
    text = text.replace("'200'", "'210'")
    pulled = pull(text, SALES, RENT)
    assert '- code: "200"   # since 2019' in pulled.text
    assert '    previously: ["180"]\n' in pulled.text
    renumbered = pull(text, replace(SALES, code="210"), RENT)
    assert renumbered.text == text


def test_former_codes_in_a_block_list_are_updated_too() -> None:
    text = FILE.replace("'200'", "'210'").replace(
        "    name: Sales\n", '    previously:\n      - "200"\n      - "180"\n    name: Sales\n'
    )
    assert pull(text, SALES, RENT).text == text.replace("'210'", '"200"').replace(
        '      - "200"\n', ""
    )
    commented = text.replace('- "200"\n', '- "200"   # until 2020\n')
    assert pull(commented, SALES, RENT).text == commented.replace("'210'", '"200"').replace(
        '- "200"   #', "   #"
    )
    alone = pull(commented.replace('      - "180"\n', ""), SALES, RENT).text
    assert "    previously: []\n         # until 2020\n" in alone


def test_a_comment_on_the_header_of_a_block_scalar_is_kept() -> None:
    text = FILE.replace(
        "    type: REVENUE\n",
        "    description: >-   # why\n      old\n      text\n    type: REVENUE\n",
    )
    one = pull(text, replace(SALES, description="new"), RENT).text
    assert "    description: new   # why\n    type" in one
    two = pull(text, replace(SALES, description="one\ntwo"), RENT).text
    assert "    description: |-   # why\n      one\n      two\n    type" in two
    bank = replace(SALES, type="BANK", bank_account_number="12345", tax_type="NONE")
    assert "\n    # why\n    type: BANK\n" in pull(text, bank, RENT).text


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_file_without_a_final_line_end_gets_no_empty_line(line_end: str) -> None:
    text = (HEAD + 'accounts:\n  - code: "200"\n    name: Sales').replace("\n", line_end)
    shop = replace(SALES, account_id=ID.format(7), code="210", name="Shop")
    pulled = pull(text, replace(SALES, status="ARCHIVED"), shop).text
    assert pulled.startswith(
        text + line_end + "    status: ARCHIVED" + line_end + '  - code: "210"' + line_end
    )


@pytest.mark.parametrize("indent", ["", "  "])
def test_a_new_account_is_inserted_above_one_that_is_commented_out(indent: str) -> None:
    text = (
        HEAD
        + f"""\
accounts:
{indent}- {{code: "200", name: Sales}}
{indent}- code: "400"
{indent}  name: Gone
"""
    )
    shop = replace(SALES, account_id=ID.format(7), code="210", name="Shop")
    assert (
        pull(text, SALES, shop).text
        == HEAD
        + f"""\
accounts:
{indent}- {{code: "200", name: Sales}}
{indent}- code: "210"
{indent}  name: Shop
{indent}  type: REVENUE
{indent}  tax_type: OUT
{indent}# Not in Xero, so commented out. To create it, remove these comment marks:
{indent}# - code: "400"
{indent}#   name: Gone
"""
    )


def test_a_list_in_brackets_keeps_its_brackets() -> None:
    text = HEAD + 'accounts: [{code: "200", name: Sales}, {code: "469", name: Rent}]  # all\n'
    shop = replace(SALES, account_id=ID.format(7), code="210", name="Shop, the")
    pulled = pull(text, SALES, shop)
    assert pulled.text == HEAD + (
        'accounts: [{code: "200", name: Sales}, {code: "210", name: "Shop, the", '
        "type: REVENUE, tax_type: OUT}, ]  # all\n"
    )
    assert "469 Rent: removed, because it is not in Xero" in pulled.edited


def test_a_block_scalar_that_keeps_its_empty_lines_is_not_shortened() -> None:
    text = FILE.replace("    name: Sales\n", "    name: Sales\n    note: |+\n      kept\n\n\n")
    text = text.replace("    type: REVENUE\n    tax_type: GST on Income   # by name\n\n", "")
    pulled = pull(text, replace(SALES, status="ARCHIVED"), RENT)
    assert "    note: |+\n      kept\n\n\n    status: ARCHIVED\n" in pulled.text


def test_text_of_several_lines_becomes_a_block_or_a_quoted_line() -> None:
    text = FILE.replace("    type: REVENUE\n", "    type: REVENUE\n    description: old\n")
    lines = replace(SALES, description="one\ntwo: #2")
    assert "    description: |-\n      one\n      two: #2\n" in pull(text, lines, RENT).text
    commented = text.replace("description: old", "description: old   # said")
    assert 'description: "one\\ntwo: #2"   # said\n' in pull(commented, lines, RENT).text


def test_crlf_and_a_byte_order_mark_are_kept() -> None:
    text = "\ufeff" + FILE.replace("\n", "\r\n")
    shop = replace(SALES, account_id=ID.format(7), code="210", name="Shop")
    pulled = pull(text, SALES, RENT, shop).text
    assert pulled.startswith("\ufeffversion")
    assert pulled.count("\n") == pulled.count("\r\n")


def test_a_field_that_the_file_does_not_manage_is_not_added() -> None:
    assert pull(FILE, replace(SALES, description="new in Xero"), RENT).text == FILE


def test_a_system_account_that_the_file_lacks_is_not_added() -> None:
    gst = replace(RENT, account_id=ID.format(5), code="820", name="GST", system_account="GST")
    assert pull(FILE, SALES, RENT, gst).text == FILE


def test_another_organisation_is_refused() -> None:
    desired = parse(FILE.replace("!3T6Q-", "!other"), "accounts.yaml").chart
    with pytest.raises(WrongOrganisation):
        update_file(FILE.encode(), desired, chart(SALES, RENT))


def test_an_ambiguous_file_is_rejected_as_in_a_plan() -> None:
    text = FILE.replace("    name: Sales\n", '    name: Sales\n    previously: ["210"]\n')
    with pytest.raises(ChartError, match="1 problem"):
        pull(
            text,
            replace(SALES, name="Old"),
            RENT,
            replace(SALES, account_id=ID.format(7), code="210", name="Other"),
        )


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (replace(RENT, type="PAYGLIABILITY"), "type left out"),
        (replace(RENT, code="12345678901"), "code left out"),
        (replace(RENT, name="bell\x07"), "name left out"),
        (replace(RENT, name="turned\u202earound"), "name left out"),
        (replace(RENT, name="x" * 151), "name left out"),
        (replace(RENT, description="a\x00b"), "description left out"),
        (replace(BANK, bank_account_type="LOAN"), "bank_account_type left out"),
        (replace(BANK, currency_code="Kč"), "currency_code left out"),
        (replace(RENT, system_account="NEWROLE"), "system_account left out"),
    ],
)
def test_a_value_that_a_file_cannot_hold_is_left_out_with_a_warning(
    account: Account, expected: str
) -> None:
    made = new_file(chart(account))
    assert any(expected in warning for warning in made.warnings)
    assert f"# {expected}" in made.text
    plan = build(chart(account), parse(made.text, "accounts.yaml").chart)
    assert plan.empty
    assert not plan.unmanaged
    changed = replace(account, system_account="")
    assert pull(FILE.replace("469", account.code[:10]), SALES, changed).text


def test_an_account_of_unknown_status_is_left_out_with_a_warning() -> None:
    pending = replace(RENT, status="PENDING")
    made = new_file(chart(SALES, pending))
    assert "Rent" not in made.text
    assert made.warnings == ["469 Rent left out of the file: its status in Xero is PENDING."]
    pulled = pull(FILE, SALES, replace(RENT, status="PENDING\nlint: {}"))
    why = "  # Commented out, because its status in Xero is PENDING\\nlint: {}:\n"
    assert why + '  # - {code: "469"' in pulled.text
    assert "To create it" not in pulled.text


def test_a_new_file_has_default_values_only_on_request() -> None:
    bare = new_file(chart(BANK, SALES)).text
    for word in ("false", "currency_code", "bank_account_type", "description", "status"):
        assert word not in bare
    full = new_file(
        chart(BANK, replace(SALES, reporting_code="REV")), SourceFields(every=True)
    ).text
    for word in ("add_to_watchlist: false", "currency_code: NZD", 'reporting_code: "REV"'):
        assert word in full


def test_a_new_file_finds_system_accounts_by_their_role() -> None:
    gst = replace(RENT, account_id=ID.format(5), code="820", name="GST", system_account="GST")
    assert new_file(chart(gst)).text.endswith(
        '  - system_account: GST\n    code: "820"\n    name: GST\n'
    )
