"""A standard proposed from many books: what most of them have, and how many agree."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from xerosync.chartfile.edit.standard_file import proposed_standard
from xerosync.chartfile.format.canonical import canonical
from xerosync.chartfile.load import check_all, parse
from xerosync.model import Account, Chart, Organisation, TaxRate
from xerosync.organisations.book import Book
from xerosync.organisations.compare.propose import BookLines, Proposal, lines_of, propose
from xerosync.organisations.standards.tax_names import tax_names
from xerosync.sandbox.accounting.account import Account as SandboxAccount
from xerosync.sandbox.books import seed

RATES = (
    TaxRate("INPUT2", "15% GST on Expenses"),
    TaxRate("NONE", "No GST"),
)


def account(code: str, name: str, kind: str = "EXPENSE", **fields: str) -> Account:
    return Account("", code, name, kind, **{"tax_type": "NONE", **fields})  # type: ignore[arg-type]


def book(*accounts: Account, country: str = "NZ", rates: tuple[TaxRate, ...] = RATES) -> BookLines:
    organisation = Organisation("t", "Acme", country_code=country)
    return lines_of(Book(Chart(organisation, accounts, rates)))


def client(organisation: seed.Organisation, accounts: Iterable[SandboxAccount]) -> BookLines:
    """Return the books of a client of the sandbox's practice."""
    country = organisation.country.name
    code = {"UK": "GB"}.get(country, country)
    charted = tuple(
        Account(
            one.account_id, one.code, one.name, one.type, str(one.status), one.tax_type,
            system_account=one.system_account or "", account_class=one.class_,
        )
        for one in accounts
    )  # fmt: skip
    rates = tuple(TaxRate(one.tax_type, one.name) for one in seed.tax_rates(country))
    books = Organisation(organisation.tenant_id, organisation.name, country_code=code)
    return lines_of(Book(Chart(books, charted, rates)))


def content(proposal: Proposal) -> set[tuple[object, ...]]:
    return {
        (one.role, one.line.code, one.line.name, one.line.type,
         tuple(proposal.tax_types.get(one.line.tax, {}).items()))
        for one in proposal.accounts
    }  # fmt: skip


@pytest.mark.parametrize(("clients", "number"), [(50, 1), (50, 7), (200, 3)])
def test_the_chart_that_drifted_books_started_from_is_proposed(clients: int, number: int) -> None:
    organisations = tuple(seed.clients(clients))
    now = propose([client(one, seed.drifted(one, number)[0]) for one in organisations])
    start = propose([client(one, seed.accounts(one)) for one in organisations])
    assert len(start.accounts) == 59
    assert content(now) == content(start)
    assert not now.left_out
    assert all(2 * one.books >= clients for one in now.accounts)
    assert any(one.named < one.books < clients for one in now.accounts)


def test_the_order_of_the_books_does_not_matter() -> None:
    books = [client(one, seed.drifted(one, 1)[0]) for one in seed.clients(40)]
    text = proposed_standard(propose(books)).text
    for number in range(5):
        Random(number).shuffle(books)  # noqa: S311 no secret
        assert proposed_standard(propose(books)).text == text


def test_the_proposed_file_is_valid_and_formatted_in_every_country(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    books = [client(one, seed.drifted(one, 1)[0]) for one in seed.clients(50)]
    text = proposed_standard(propose(books)).text
    assert canonical(text.encode(), "standard.yaml") == text
    unsaved = {"standard.yaml": text.encode()}
    for country in ("NZ", "AU", "GB", "US"):
        unsaved[f"{country}.yaml"] = (
            f"version: 1\nextends: standard.yaml\norganisation: {{name: X, country: {country}}}\n"
        ).encode()
    for one in check_all(list(unsaved), unsaved=unsaved):
        assert one.loaded, (one.problems, one.inherited)


def lines(*books: BookLines) -> list[str]:
    """Return the lines of the accounts that are proposed."""
    text = proposed_standard(propose(books)).text
    assert parse(text, "standard.yaml")
    return [line.strip() for line in text.splitlines() if line.startswith("  - ")]


def test_each_account_says_how_many_books_agree() -> None:
    fees, charges = account("404", "Bank Fees"), account("404", "Bank Charges")
    moved = account("405", "Bank Fees")
    rare = account("499", "Drone Hire")
    (line,) = lines(book(fees), book(fees, rare), book(charges), book(moved), book())
    assert line == (
        '- {code: "404", name: Bank Fees, type: EXPENSE, tax_type: no_gst}'
        "  # in 4 of 5; named so in 3; with this code in 3"
    )


def test_half_of_the_books_is_enough() -> None:
    assert lines(book(account("400", "Rent")), book()) == [
        '- {code: "400", name: Rent, type: EXPENSE, tax_type: no_gst}  # in 1 of 2'
    ]
    assert lines(book(account("400", "Rent")), book(), book()) == []


def test_a_code_alone_never_makes_two_accounts_one() -> None:
    training, uniforms = account("480", "Staff Training"), account("480", "Uniforms")
    assert lines(book(training), book(training), book(uniforms), book(uniforms), book()) == []
    found = lines(book(training), book(training), book(uniforms))
    assert found == [
        '- {code: "480", name: Staff Training, type: EXPENSE, tax_type: no_gst}  # in 2 of 3'
    ]


def test_the_same_name_in_another_class_is_another_account() -> None:
    cost = account("449", "Motor Vehicles")
    asset = account("760", "Motor Vehicles", "FIXED")
    assert lines(book(cost), book(asset), book(asset), book(), book()) == []


def test_two_accounts_of_one_book_are_never_merged() -> None:
    both = book(account("404", "Bank Fees"), account("405", "Bank Fees and Charges"))
    odd = book(account("404", "Bank Fees and Charges"))
    assert len(lines(both, both, odd)) == 2


def test_a_tie_is_noted_and_always_decided_the_same_way() -> None:
    one, two = book(account("404", "Rates")), book(account("405", "Rates"))
    expected = (
        '- {code: "404", name: Rates, type: EXPENSE, tax_type: no_gst}'
        "  # in 2 of 2; with this code in 1; the code 405 is as frequent"
    )
    assert lines(one, two) == lines(two, one) == [expected]
    taxed = book(account("404", "Rates", tax_type="INPUT2"))
    assert "the tax rate No GST is as frequent" in lines(one, taxed)[0]


def test_a_code_that_two_accounts_would_get_goes_to_the_more_frequent_one() -> None:
    rent, rates = account("460", "Rent"), account("460", "Council")
    books = [book(rent, account("461", "Council"))] * 3 + [book(rates)] * 4
    proposal = propose(books)
    assert [(one.line.code, one.line.name) for one in proposal.accounts] == [("460", "Council")]
    crowded = [book(rent), book(rent), book(rates), book(rates)]
    proposal = propose(crowded)
    assert [one.line.name for one in proposal.accounts] == ["Council"]
    assert proposal.left_out == ("460 Rent, in 2 charts, left out: 460 Council has its code.",)
    (told,) = propose([book(rent), book(rates)]).left_out
    assert told.startswith("460 Rent, in 1 chart, ")
    nameless = propose([book(account("", "Rent"))])
    assert nameless.left_out == ("Rent, in 1 chart, left out: it has no code.",)


def test_bank_archived_and_deleted_accounts_are_left_out() -> None:
    accounts = (
        account("090", "Cheque", "BANK"),
        account("401", "Fax", status="ARCHIVED"),
        account("402", "Telex", status="DELETED"),
    )
    assert lines(book(*accounts), book(*accounts)) == []


def test_a_system_account_is_found_by_its_role_and_named_only_where_countries_agree() -> None:
    debtors = account("610", "Debtors", "CURRENT", system_account="DEBTORS")
    gst = account("820", "GST", "CURRLIAB", system_account="GST")
    vat = account("820", "VAT", "CURRLIAB", system_account="GST")
    found = lines(book(debtors, gst), book(debtors, vat, country="GB"))
    assert found == [
        '- {system_account: DEBTORS, code: "610", name: Debtors}  # in 2 of 2',
        '- {system_account: GST, code: "820"}  # in 2 of 2; named VAT in GB, named GST in NZ',
    ]


def test_a_note_on_countries_names_what_one_of_them_lacks() -> None:
    coded = account("820", "GST", "CURRLIAB", system_account="GST")
    bare = account("", "GST", "CURRLIAB", system_account="GST")
    (line,) = lines(book(coded), book(bare, country="AU"))
    assert line.endswith("; no code in AU, code 820 in NZ")
    (line,) = lines(book(coded), book(bare, country=""))
    assert line.endswith("; no code in an unknown country, code 820 in NZ")


@pytest.mark.parametrize(("code", "name"), [("610", "Owed to Us"), ("611", "Debtors")])
def test_a_system_account_leaves_out_a_code_or_name_that_another_account_has(
    code: str, name: str
) -> None:
    role = {"kind": "CURRENT", "system_account": "DEBTORS"}
    debtors, other = account("610", "Debtors", **role), account(code, name)
    both = book(account("612", "Trade Debtors", **role), other)
    found = lines(book(debtors), book(debtors), both, book(other), book(other), book(other))
    assert any(f'code: "{code}", name: {name}, ' in line for line in found)
    assert any("DEBTORS" in line and f"; {code} {name} has the " in line for line in found)


def test_hostile_names_cannot_change_the_proposed_file() -> None:
    name = "Rent\n- evil: true\x1b[31m ::error:: \u202e # x"
    text = proposed_standard(
        propose([book(account("400", name)), book(account("400", "Rent"))])
    ).text
    assert not {"\x1b", "\u202e"} & set(text)
    assert "::error" not in text
    assert len(parse(text, "standard.yaml").chart.accounts) <= 1
    long = propose([book(account("12345678901", "Rent"))])
    made = proposed_standard(long)
    assert parse(made.text, "standard.yaml").chart.accounts == ()
    assert "at most 10" in made.warnings[0]


def test_books_without_a_country_have_no_tax_types() -> None:
    made = propose([book(account("400", "Rent"), country="")])
    assert made.tax_types == {}
    assert lines(book(account("400", "Rent"), country="")) == [
        '- {code: "400", name: Rent, type: EXPENSE}  # in 1 of 1'
    ]


def test_rates_that_agree_share_a_tax_type_and_those_that_differ_do_not() -> None:
    both, capital = {"NZ": "I", "AU": "I"}, {"NZ": "I", "AU": "C"}
    other = {"AU": "Z", "GB": "Y"}
    found = tax_names(
        [both, capital, {"NZ": "I"}, other, both, {}],
        {("NZ", "I"): "15% GST on Expenses", ("AU", "C"): "GST on Capital", ("AU", "Z"): "yes"},
        ["NZ", "AU"],
    )
    assert found.tax_types == {
        "gst_on_capital": {"AU": "C", "NZ": "I"},
        "gst_on_expenses": {"AU": "I", "NZ": "I"},
        "yes": {"AU": "Z", "GB": "Y"},
    }
    expenses = "gst_on_expenses"
    assert found.accounts == (expenses, "gst_on_capital", expenses, "yes", expenses, "")


def test_a_tax_type_never_has_the_name_of_a_code() -> None:
    labels = {("NZ", "NONE"): "None", ("NZ", "A"): "5%", ("NZ", "B"): "9%"}
    found = tax_names([{"NZ": "NONE"}, {"NZ": "A"}, {"NZ": "B"}], labels, ["NZ"])
    assert found.accounts == ("none_2", "tax", "tax_9")


def test_the_most_frequent_name_of_a_rate_counts_whatever_the_order_of_the_books() -> None:
    rent = account("400", "Rent", tax_type="INPUT2")
    old, new = (book(rent, rates=(TaxRate("INPUT2", one),)) for one in ("GST", "15% GST on Costs"))
    for books in ([old, new, new], [new, old, new], [new, new, old]):
        assert propose(books).tax_types == {"gst_on_costs": {"NZ": "INPUT2"}}
    assert propose([old, new]) == propose([new, old])


def test_the_custom_rates_of_two_organisations_are_one_only_if_their_names_agree() -> None:
    """Both may have the code TAX001."""

    def custom(code: str, name: str, percent: str) -> BookLines:
        rate = TaxRate(code, name, percent=Decimal(percent))
        return book(account("400", "Rent", tax_type=code), country="US", rates=(rate,))

    austin, dallas = custom("TAX001", "Austin", "8.25"), custom("TAX001", "Dallas", "8")
    moved = custom("TAX002", "Austin", "8.25")
    for books in ([austin, dallas, moved], [dallas, austin, moved]):
        found = propose(books)
        assert found.tax_types == {"austin": {"US": "Austin (8.25%)"}}
        assert not found.accounts[0].notes
    (tied,) = propose([austin, dallas]).accounts
    assert tied.notes == ("the tax rate Dallas (8%) is as frequent",)


def test_an_account_of_one_country_is_taxed_as_most_accounts_there_are() -> None:
    books = [client(one, seed.drifted(one, 1)[0]) for one in seed.clients(50)]
    taxed = {one.line.name: one.line.tax for one in propose(books).accounts}
    assert taxed["ACC Levies"] == taxed["Advertising"] == "gst_on_expenses"
    assert taxed["KiwiSaver Employer Contributions"] == taxed["Bank Fees"] == "no_gst"


def test_the_work_on_each_book_can_run_on_an_engine() -> None:
    lines = book(account("404", "Bank Fees"))
    assert pickle.loads(pickle.dumps(lines)) == lines  # noqa: S301 our own
    assert pickle.loads(pickle.dumps(lines_of)) is lines_of  # noqa: S301 our own
