"""`pull` into an overlay whose overrides move codes loses no override and no comment."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chartfile.charts import ANY, BOOKS
from xerosync.chartfile.edit.new_entry import SourceFields
from xerosync.chartfile.edit.pull import pull
from xerosync.chartfile.load import parse
from xerosync.model import Account, Chart, TaxRate
from xerosync.plan.build import build

FILE = "client.yaml"
RATES = (TaxRate("NONE", "No GST", applies_to=ANY),)
STANDARD = """\
version: 1
standard: {name: Totara}
accounts:
  - {code: "410", name: Cleaning, type: EXPENSE, tax_type: NONE}
  - {code: "420", name: Couriers, type: EXPENSE, tax_type: NONE, previously: ["421"]}
  - {code: "430", name: Insurance, type: EXPENSE, tax_type: NONE}
  - {code: "440", name: Printing, type: EXPENSE, tax_type: NONE, optional: true}
"""
HEAD = """\
version: 1
extends: standard.yaml
organisation: {short_code: "!3T6Q-", country: NZ}
# moved in 2019
overrides:
"""
MOVED = (
    HEAD
    + """\
  # the auditors
  - standard: "410"   # was 409
    code: "4100"
    reason: Statutory numbering   # paragraph 3
  # the bank
  - {standard: "420", code: "4200", reason: The bank reads it}   # yearly
accounts:   # own ones
  - {code: "901", name: Grants, type: EXPENSE}
"""
)


def account(number: int, code: str, name: str, **fields: str) -> Account:
    made = Account(f"00000000-0000-4000-8000-{number:012}", code, name, "EXPENSE",
                   tax_type="NONE", account_class="EXPENSE")  # fmt: skip
    return replace(made, **fields)  # type: ignore[arg-type]


CLEANING, COURIERS = account(1, "4100", "Cleaning"), account(2, "4200", "Couriers")
INSURANCE, GRANTS = account(3, "430", "Insurance"), account(4, "901", "Grants")


@pytest.fixture(autouse=True)
def practice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "standard.yaml").write_text(STANDARD, "utf-8")


def round_trip(text: str, *accounts: Account) -> str:
    """Pull and fill in the reasons; check that a plan is empty and a second pull edits nothing."""
    books = Chart(BOOKS, accounts, RATES)
    after = pull(text.encode(), parse(text, FILE).chart, books, SourceFields(), FILE).text
    explained = after.replace('reason: ""', "reason: Found in Xero")
    desired = parse(explained, FILE).chart
    plan = build(books, desired)
    assert plan.empty, plan.changes
    assert not plan.blocked
    again = pull(explained.encode(), desired, books, SourceFields(), FILE)
    assert again.text == explained
    for line in text.splitlines():
        _, mark, comment = line.partition("# ")
        assert mark + comment in after
    return after


def test_overrides_that_xero_has_stay_byte_for_byte() -> None:
    assert round_trip(MOVED, CLEANING, COURIERS, INSURANCE, GRANTS) == MOVED


def test_a_moved_account_gets_another_name_and_keeps_its_code() -> None:
    renamed = replace(COURIERS, name="Couriers and Post")
    assert round_trip(MOVED, CLEANING, renamed, INSURANCE, GRANTS) == MOVED.replace(
        'code: "4200"', 'name: Couriers and Post, code: "4200"'
    )


def test_a_code_that_moved_once_more_is_updated_in_its_override() -> None:
    moved = replace(CLEANING, code="4110")
    assert round_trip(MOVED, moved, COURIERS, INSURANCE, GRANTS) == MOVED.replace("4100", "4110")


def test_only_an_override_that_matches_the_standard_again_is_commented_out() -> None:
    back = replace(COURIERS, code="420")
    after = round_trip(MOVED, CLEANING, back, INSURANCE, GRANTS)
    line = '- {standard: "420", code: "4200", reason: The bank reads it}   # yearly\n'
    assert after == MOVED.replace(
        f"  {line}", f"  # The same as in the standard again, so commented out:\n  # {line}"
    )


def test_overrides_that_swap_two_codes_stay() -> None:
    text = HEAD + (
        '  - {standard: "410", code: "420", reason: Swapped}   # with 420\n'
        '  - {standard: "420", code: "410", reason: Swapped}   # with 410\n'
    )
    swapped = (replace(CLEANING, code="420"), replace(COURIERS, code="410"), INSURANCE)
    assert round_trip(text, *swapped) == text
    described = (swapped[0], replace(swapped[1], description="By road"), INSURANCE)
    assert round_trip(text, *described) == text
    renamed = (swapped[0], replace(swapped[1], name="Courier Services"), INSURANCE)
    assert round_trip(text, *renamed) == text.replace(
        'code: "410", reason', 'name: Courier Services, code: "410", reason'
    )


def test_an_own_account_under_the_freed_code_stays_an_own_account() -> None:
    text = MOVED + '  - {code: "410", name: Uniforms, type: EXPENSE}   # since 2020\n'
    uniforms = account(5, "410", "Uniforms")
    assert round_trip(text, CLEANING, COURIERS, INSURANCE, GRANTS, uniforms) == text
    renamed = replace(uniforms, name="Work Uniforms")
    assert round_trip(text, CLEANING, COURIERS, INSURANCE, GRANTS, renamed) == text.replace(
        "name: Uniforms", "name: Work Uniforms"
    )


def test_overrides_that_move_codes_in_a_chain_are_kept_and_updated() -> None:
    """A chain: 410 is at 420, 420 at 430, and 430 at 4300."""
    text = HEAD + (
        '  - {standard: "410", code: "420", reason: First}   # one\n'
        '  - {standard: "420", code: "430", reason: Second}   # two\n'
        '  - {standard: "430", code: "4300", reason: Third}   # three\n'
    )
    chain = [
        replace(one, code=code)
        for one, code in ((CLEANING, "420"), (COURIERS, "430"), (INSURANCE, "4300"))
    ]
    assert round_trip(text, *chain) == text
    chain[2] = replace(chain[2], code="4301")
    assert round_trip(text, *chain) == text.replace("4300", "4301")


def test_a_moved_account_that_is_gone_is_omitted_and_the_other_override_stays() -> None:
    after = round_trip(MOVED, COURIERS, INSURANCE, GRANTS)
    assert "omit: true" in after
    assert '- {standard: "420", code: "4200", reason: The bank reads it}   # yearly\n' in after


def test_codes_that_were_never_moved_in_xero_are_commented_out_and_not_lost() -> None:
    """Nothing was applied, so what Xero has wins, and the file still says what was wanted."""
    before = (replace(CLEANING, code="410"), COURIERS, INSURANCE, GRANTS)
    after = round_trip(MOVED, *before)
    assert '#   code: "4100"' in after
    assert '- {standard: "420", code: "4200", reason: The bank reads it}   # yearly\n' in after


def test_an_optional_account_under_another_code_keeps_its_override() -> None:
    text = MOVED.replace(
        "accounts:   # own",
        '  - {standard: "440", code: "4400", reason: Old}   # ink\naccounts:   # own',
    )
    printing = account(6, "4400", "Printing")
    assert round_trip(text, CLEANING, COURIERS, INSURANCE, GRANTS, printing) == text
    later = replace(printing, name="Printing and Ink")
    assert round_trip(text, CLEANING, COURIERS, INSURANCE, GRANTS, later) == text.replace(
        'code: "4400"', 'name: Printing and Ink, code: "4400"'
    )
    other = replace(printing, name="Postage")
    assert 'standard: "440", omit: true' in round_trip(
        text, CLEANING, COURIERS, INSURANCE, GRANTS, other
    )


def test_an_own_account_with_the_name_of_an_omitted_standard_account_is_added() -> None:
    """The books lack the role and have another account of that name: the standard's is omitted."""
    role = '  - {code: "296", name: Stock on Site, system_account: CISASSETS}\n'
    Path("standard.yaml").write_text(STANDARD + role, "utf-8")
    text = MOVED.replace(
        "accounts:", '  - {standard: "296", keep: [name], reason: Site}   # crane\naccounts:'
    )
    site = account(7, "5", "Stock on Site")
    after = round_trip(text, CLEANING, COURIERS, INSURANCE, GRANTS, site)
    assert '- {standard: "296", omit: true, reason: ""}   # crane' in after
    assert "name: Stock on Site" in after
