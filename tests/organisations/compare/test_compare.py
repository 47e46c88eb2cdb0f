"""A comparison finds what was done to the charts of a practice, and nothing else."""

from __future__ import annotations

import pickle
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from xerosync.desired import DesiredAccount, DesiredChart, OrganisationPin, Source
from xerosync.errors import ChartError, Problem, UsageError
from xerosync.model import Account, Chart, Organisation, Status, TaxRate
from xerosync.organisations.book import Book, OfBook
from xerosync.organisations.compare.cells import (
    ARCHIVED,
    GENERAL_WORD,
    NOT_YET,
    OMITTED,
    RETIRED,
    TO_KEEP,
    compare_book,
)
from xerosync.organisations.compare.grid import CellState, Grid, GridCell, Key
from xerosync.organisations.compare.side_by_side import NOT_IN_STANDARD, find_book, grid_of
from xerosync.organisations.distinct import distinct_books
from xerosync.organisations.failed import FailedOrganisation
from xerosync.organisations.run import failed
from xerosync.organisations.standards.countries import StandardCharts
from xerosync.sandbox.accounting import account as sandbox_account
from xerosync.sandbox.books import seed
from xerosync.sandbox.books.seed import DeviationKind

S = CellState
FIELDS = ("account_id", "code", "name", "type", "status", "tax_type", "system_account")
UNLIKE = {
    ("200", "Revenue"), ("200", "Trading Income"), ("260", "Sundry Income"), ("310", "COGS"),
    ("310", "Cost of Sales"), ("400", "Marketing"), ("400", "Promotion"),
    ("412", "Professional Fees"), ("420", "Client Entertaining"), ("429", "Miscellaneous"),
    ("445", "Electricity & Gas"), ("449", "Car Expenses"), ("473", "R&M"),
    ("477", "Payroll"), ("485", "Dues and Memberships"),
    ("489", "Telecommunications"), ("850", "Unknown - ask client"),
}  # fmt: skip
"""Other names that share no word with the account's own, so no account is found by its code."""

IN_CAPITALS = "Motor vehicle expenses"
"""Another name that differs from the account's own only in its capitals."""


def ours(account: sandbox_account.Account) -> Account:
    values = {name: getattr(account, name) or "" for name in FIELDS}
    return Account(**values)  # type: ignore[arg-type]


def standard_of(organisation: seed.Organisation) -> DesiredChart:
    """Return the chart that all clients of a country started with."""
    entries = [
        DesiredAccount(
            {n: v for n in ("code", "name", "type", "tax_type") if (v := getattr(one, n))},
            status=one.status,
            system_account=one.system_account or "",
            inherited=Source("standard.yaml", 1 + int(one.code or 0)),
        )
        for one in seed.accounts(organisation)
        if not one.is_bank
    ]
    return DesiredChart("standard.yaml", tuple(entries))


def expected(
    organisation: seed.Organisation, done: Sequence[seed.Deviation]
) -> Counter[tuple[str, S]]:
    """Return the cells that the changes of a chart should give, by code."""
    kinds: dict[str, dict[DeviationKind, str]] = defaultdict(dict)
    cells: Counter[tuple[str, S]] = Counter()
    codes = {one.account_id: one.code for one in seed.drifted(organisation, 1)[0]}
    for one in done:
        if one.kind is DeviationKind.EXTRA:
            cells[one.value, S.EXTRA] += 1
        else:
            kinds[one.standard][one.kind] = one.value
    ids = {one.standard: one.account_id for one in done}
    for code, what in kinds.items():
        name = what.get(DeviationKind.NAME)
        moved = DeviationKind.CODE in what
        if {DeviationKind.MISSING, DeviationKind.ARCHIVED} & what.keys():
            cells[code, S.MISSING] += 1
        elif name and ((moved and name != IN_CAPITALS) or (code, name) in UNLIKE):
            cells[code, S.MISSING] += 1
            cells[codes[ids[code]], S.EXTRA] += 1
        elif name and not moved:
            cells[code, S.NAME] += 1
        elif moved:
            cells[code, S.CODE] += 1
        elif DeviationKind.TAX in what:
            cells[code, S.TAX] += 1
    return cells


@pytest.mark.parametrize("count", [12, 200])
def test_each_deviation_of_a_practice_has_a_cell_and_nothing_else_has(count: int) -> None:
    clients = list(seed.clients(count))
    charts = {one.country.name: standard_of(one) for one in clients}
    country = {"UK": "GB"}
    standard = StandardCharts(
        "standard.yaml", "All", {country.get(name, name): chart for name, chart in charts.items()}
    )
    wrong, total = [], 0
    for client in clients:
        accounts, done = seed.drifted(client, 1)
        at = Organisation(client.tenant_id, client.name, country_code=country.get(
            client.country.name, client.country.name))  # fmt: skip
        found = compare_book(Book(Chart(at, tuple(map(ours, accounts)))), standard)
        cells = Counter(
            (row.line.code, found.cells[row.place].state)
            for row in found.rows
            if row.place in found.cells
        )
        cells += Counter((one.found.code, one.state) for one in found.extras if one.found)
        wanted = expected(client, done)
        total += wanted.total()
        wrong += [(client.name, cells - wanted, wanted - cells)] if cells != wanted else []
    assert not wrong
    assert total > 4 * count // 2


RATES = (TaxRate("INPUT2", "15% GST on Expenses"), TaxRate("NONE", "No GST"))
ORG = Organisation("t-1", "Acme Ltd", country_code="NZ")


def entry(code: str, name: str, line: int = 0, **more: object) -> DesiredAccount:
    values = {"code": code, "name": name, "type": "EXPENSE", "tax_type": "INPUT2"}
    place = Source("chart.yaml", line or int(code or 0))
    return replace(DesiredAccount(values, source=place, inherited=place), **more)  # type: ignore[arg-type]


def account(code: str, name: str, **more: str) -> Account:
    values = {"type": "EXPENSE", "tax_type": "INPUT2", **more}
    return Account(f"id-{code}-{name}", code, name, **values)  # type: ignore[arg-type]


def compared(
    accounts: Sequence[Account], entries: Sequence[DesiredAccount], **more: object
) -> tuple[dict[str, GridCell], list[GridCell]]:
    desired = DesiredChart("acme.yaml", tuple(entries), standard="Chart", **more)  # type: ignore[arg-type]
    found = compare_book(Book(Chart(ORG, tuple(accounts), RATES), desired, "acme.yaml"))
    lines = {row.place: row.line.code for row in found.rows}
    return {lines[place]: cell for place, cell in found.cells.items()}, list(found.extras)


def one(found: Account | None, wanted: DesiredAccount) -> GridCell | None:
    return compared([found] if found else [], [wanted])[0].get(wanted.code)


BANK = entry("404", "Bank Charges")
PURCHASES = {"tax_type": "purchases"}


@pytest.mark.parametrize(
    ("found", "state", "differs", "splits"),
    [
        (account("404", "Bank Charges"), None, (), ()),
        (account("404", "Bank Charges and Fees"), S.NAME, ("name",), (Key.NAME,)),
        (account("405", "Bank Charges"), S.CODE, ("code",), (Key.CODE,)),
        (account("", "Bank Charges"), S.CODE, ("code",), (Key.CODE,)),
        (account("404", "Bank Charges", tax_type="NONE"), S.TAX, ("tax",), ()),
        (account("404", "Bank Charges", type="OVERHEADS"), S.TYPE, ("type",), ()),
        (account("404", "Bank Charges", type="REVENUE"), S.TYPE, ("type",), (Key.CLASS,)),
        (
            account("404", "Bank Charge", type="OVERHEADS", tax_type="NONE"),
            S.TYPE, ("type", "name", "tax"), (Key.NAME,),
        ),
        (None, S.MISSING, (), ()),
    ],
)  # fmt: skip
def test_a_difference_has_its_state_and_the_keys_that_split_the_line(
    found: Account | None, state: S | None, differs: tuple[str, ...], splits: tuple[Key, ...]
) -> None:
    cell = one(found, BANK)
    assert (cell.state if cell else None) == state
    assert (cell.differs if cell else ()) == differs
    assert (cell.splits if cell else ()) == splits


def test_an_account_with_another_name_is_not_found_by_its_code() -> None:
    cells, extras = compared([account("404", "Drone Hire")], [BANK])
    assert cells["404"].state is S.MISSING
    assert "Drone Hire" in cells["404"].note
    assert [cell.found.name for cell in extras if cell.found] == ["Drone Hire"]
    assert "Bank Charges" in extras[0].note


def test_an_extra_says_which_tools_put_it_into_a_line_of_the_standard() -> None:
    _, extras = compared([account("999", "Bank charges", type="REVENUE")], [BANK])
    assert [cell.state for cell in extras] == [S.EXTRA]
    assert extras[0].note.startswith("In the standard, 404 has the name Bank Charges: tools that")


def test_two_accounts_that_traded_codes_are_found_by_their_names() -> None:
    cells, extras = compared(
        [account("404", "Bank Interest"), account("437", "Bank Charges")],
        [BANK, entry("437", "Bank Interest")],
    )
    assert {code: cell.state for code, cell in cells.items()} == {"404": S.CODE, "437": S.CODE}
    assert not extras


def test_a_former_code_finds_an_account_with_a_similar_name() -> None:
    assert (cell := one(account("402", "Bank fee charges"), replace(BANK, previously=("402",))))
    assert (cell.state, cell.differs) == (S.CODE, ("code", "name"))


@pytest.mark.parametrize(
    ("found", "wanted", "note"),
    [
        ("General Expenses", "Other Expenses", GENERAL_WORD),
        ("Bank Fees", "Bank Charges", GENERAL_WORD),
        ("Bank Fees", "Bank Fees & Charges", ""),
        ("Bank Chargs", "Bank Charges", ""),
        ("Rent Expense", "Rental Expense", ""),
    ],
)
def test_names_that_share_only_a_general_word_may_be_two_accounts(
    found: str, wanted: str, note: str
) -> None:
    assert (cell := one(account("404", found), entry("404", wanted)))
    assert (cell.state, cell.note) == (S.NAME, note)
    book = account("404", found)
    assert (cell := one(book, replace(entry("404", wanted), account_id=book.account_id)))
    assert (cell.state, cell.note) == (S.NAME, ""), "a pin is sure"


@pytest.mark.parametrize(("found", "wanted"), [("Clearing", "Cleaning"), ("Printers", "Painters")])
def test_names_with_similar_letters_and_no_shared_word_are_two_accounts(
    found: str, wanted: str
) -> None:
    """A plan does not find one of them by the code of the other, either."""
    cells, extras = compared([account("408", found)], [entry("408", wanted)])
    assert [cell.state for cell in cells.values()] == [S.MISSING]
    assert [cell.state for cell in extras] == [S.EXTRA]


def test_a_pin_counts_more_than_code_and_name() -> None:
    odd = account("999", "Fees of the bank")
    pinned = replace(BANK, account_id=odd.account_id, standard=BANK, source=Source("acme.yaml", 4))
    cells, extras = compared([odd, account("404", "Bank Charges")], [pinned])
    assert cells["404"].found
    assert cells["404"].found.code == "999"
    assert [cell.found.code for cell in extras if cell.found] == ["404"]


def test_an_archived_account_is_missing_and_a_retired_one_is_extra() -> None:
    archived = account("404", "Bank Charges", status=Status.ARCHIVED)
    retired = replace(BANK, status=Status.ARCHIVED)
    assert (cell := one(archived, BANK))
    assert (cell.state, cell.note) == (S.MISSING, ARCHIVED)
    assert one(archived, retired) is None
    assert one(None, retired) is None
    assert (cell := one(account("404", "Bank Charges"), retired))
    assert (cell.state, cell.note) == (S.EXTRA, RETIRED)


def test_optional_accounts_and_absent_roles_may_be_missing() -> None:
    assert (cell := one(None, replace(BANK, optional=True)))
    assert cell.state is S.OPTIONAL
    assert (cell := one(None, replace(BANK, system_account="GST")))
    assert cell.state is S.OPTIONAL


def overridden(reason: str = "So the covenant names it", **values: str) -> DesiredAccount:
    return replace(
        BANK, values={**BANK.values, **values}, standard=BANK, reasons=(reason,),
        source=Source("acme.yaml", 7), overridden=(("404", "Bank Charges"),),
    )  # fmt: skip


def test_an_applied_override_has_its_reason_and_place() -> None:
    wanted = overridden(name="Merchant Fees")
    cells, _ = compared([account("404", "Merchant Fees")], [wanted])
    cell = cells["404"]
    assert (cell.state, cell.differs, cell.splits) == (S.OVERRIDE, ("name",), (Key.NAME,))
    assert (cell.reasons, str(cell.source)) == (("So the covenant names it",), "acme.yaml:7")
    assert cell.wanted
    assert cell.wanted.name == "Bank Charges"


def test_a_name_found_in_neither_the_file_nor_the_standard_differs_and_keeps_the_reason() -> None:
    cells, _ = compared([account("404", "Bank Charges & Co")], [overridden(name="Merchant Fees")])
    assert (cells["404"].state, cells["404"].reasons) == (S.NAME, ("So the covenant names it",))


def test_an_account_whose_override_is_not_applied_yet_is_the_same_with_a_note() -> None:
    cells, _ = compared([account("404", "Bank Charges")], [overridden(name="Merchant Fees")])
    assert (cells["404"].state, cells["404"].note) == (S.SAME, NOT_YET)


def test_an_account_that_the_file_archives_is_not_called_retired_by_the_standard() -> None:
    archives = replace(overridden(), status=Status.ARCHIVED)
    cells, _ = compared([account("404", "Bank Charges")], [archives])
    assert (cells["404"].state, cells["404"].note) == (S.SAME, NOT_YET)
    cells, _ = compared([account("404", "Bank Charges", tax_type="NONE")], [archives])
    assert (cells["404"].state, cells["404"].note) == (S.TAX, "")


def test_an_active_account_that_the_file_archives_is_not_an_override_yet() -> None:
    """The file also gives it the name that it has in Xero."""
    archives = replace(overridden(name="Merchant Fees"), status=Status.ARCHIVED)
    cells, _ = compared([account("404", "Merchant Fees")], [archives])
    assert (cells["404"].state, cells["404"].note) == (S.NAME, NOT_YET)


def test_an_override_of_the_status_says_whether_it_archives_or_keeps_the_account() -> None:
    archives = replace(overridden(), status=Status.ARCHIVED)
    for accounts in ([], [account("404", "Bank Charges", status=Status.ARCHIVED)]):
        cells, _ = compared(accounts, [archives])
        assert (cells["404"].state, cells["404"].note) == (
            S.OVERRIDE,
            "The organisation's file archives it.",
        )
    deletes = replace(archives, status=Status.DELETED)
    retired = replace(deletes, standard=replace(BANK, status=Status.ARCHIVED))
    for accounts in ([], [account("404", "Bank Charges", status=Status.ARCHIVED)]):
        cells, _ = compared(accounts, [deletes])
        assert (cells["404"].state, cells["404"].note) == (
            S.OVERRIDE,
            "The organisation's file deletes it.",
        )
        assert one(accounts[0] if accounts else None, retired) is None
    for entry, state, note in ((deletes, S.SAME, NOT_YET), (retired, S.EXTRA, RETIRED)):
        cells, _ = compared([account("404", "Bank Charges")], [entry])
        assert (cells["404"].state, cells["404"].note) == (state, note)
    kept = replace(overridden(), standard=replace(BANK, status=Status.ARCHIVED))
    cells, _ = compared([account("404", "Bank Charges")], [kept])
    assert (cells["404"].state, cells["404"].note) == (S.OVERRIDE, TO_KEEP)


def test_an_omitted_account_is_an_override_and_never_an_extra() -> None:
    omitted = replace(BANK, standard=BANK, reasons=("No bank",), source=Source("acme.yaml", 9))
    for accounts in ([], [account("404", "Bank Charges")]):
        cells, extras = compared(accounts, [], omitted=(omitted,))
        assert (cells["404"].state, cells["404"].note) == (S.OVERRIDE, OMITTED)
        assert not extras


def test_an_own_account_of_the_file_is_an_extra_marked_as_own() -> None:
    own = DesiredAccount({"code": "905", "name": "Grants", "type": "REVENUE"})
    _, extras = compared([account("905", "Grants", type="REVENUE"), account("906", "Old")], [own])
    assert [(c.found.code, c.own) for c in extras if c.found] == [("905", True), ("906", False)]


def test_bank_accounts_have_no_rows_and_deleted_accounts_are_missing() -> None:
    bank, gone = (
        account("090", "Bank", type="BANK"),
        account("404", "Bank Charges", status="DELETED"),
    )
    cells, extras = compared([bank, gone], [BANK, entry("090", "Bank", 3, values={"type": "BANK"})])
    assert {code: cell.state for code, cell in cells.items()} == {"404": S.MISSING}
    assert not extras


def test_a_tax_code_of_the_standard_is_not_compared_with_a_name_in_a_csv() -> None:
    exported = Chart(Organisation("", "Acme"), (account("404", "Bank Charges", tax_type="No GST"),))
    named = StandardCharts("c.yaml", "C", {"": DesiredChart("c.yaml", (BANK,))})
    found = compare_book(Book(exported, file="Acme.csv"), named)
    (cell,) = found.cells.values()
    assert (cell.state, cell.not_compared, found.taxes_not_in_csv) == (S.SAME, ("tax",), 1)
    assert (found.organisation.counts, found.organisation.not_compared) == ({S.SAME: 1}, 1)
    assert "tax rate was not compared for 1 account" in grid_of([found]).notes[0]
    with_name = replace(BANK, values={**BANK.values, "tax_type": "15% GST on Expenses"})
    named = StandardCharts("c.yaml", "C", {"": DesiredChart("c.yaml", (with_name,))})
    found = compare_book(Book(exported, file="Acme.csv"), named)
    assert [(c.state, c.not_compared) for c in found.cells.values()] == [(S.TAX, ())]


def test_a_cell_that_differs_also_says_that_its_tax_rate_was_not_compared() -> None:
    exported = Chart(Organisation("", "Acme"), (account("404", "Bank Fees", tax_type="No GST"),))
    standard = StandardCharts("c.yaml", "C", {"": DesiredChart("c.yaml", (BANK,))})
    (cell,) = compare_book(Book(exported, file="Acme.csv"), standard).cells.values()
    assert (cell.state, cell.not_compared) == (S.NAME, ("tax",))


def test_the_tax_rates_of_organisations_in_two_countries_are_not_compared() -> None:
    here = Book(Chart(ORG, (account("404", "Bank Charges"), account("408", "Cleaning")), RATES))
    abroad = replace(here.chart, organisation=replace(ORG, name="Sydney", country_code="AU"))
    found = compare_book(Book(abroad), against=here)
    assert {c.state for c in found.cells.values()} == {S.SAME}
    assert [c.not_compared for c in found.cells.values()] == [("tax",)] * 2
    assert grid_of([found], "Acme").notes == (
        "The tax rate was not compared for 2 accounts: Acme is in another country.",
    )
    assert compare_book(here, against=here).cells == {}


def test_custom_rates_of_two_organisations_are_compared_by_name_and_not_by_code() -> None:
    def book(code: str, name: str) -> Book:
        sales = account("404", "Bank Charges", tax_type=code)
        return Book(Chart(ORG, (sales,), (TaxRate(code, name, percent=Decimal("8.25")),)))

    here = book("TAX001", "City Tax")
    assert compare_book(book("TAX002", "City Tax"), against=here).cells == {}
    other = compare_book(book("TAX001", "County Tax"), against=here)
    assert [cell.not_compared for cell in other.cells.values()] == [("tax",)]
    (note,) = grid_of([other], "Acme").notes
    assert note.endswith("no tax rate there, or more than one, is called City Tax (8.25%).")


def test_tax_types_without_a_code_are_counted_and_not_compared() -> None:
    """`tax_type: purchases` gets its code in another file, which is not given."""

    def left_open(code: str, name: str) -> DesiredAccount:
        return entry(code, name, values={**BANK.values, "code": code, "name": name, **PURCHASES})

    entries = (left_open("404", "Bank Charges"), left_open("408", "Cleaning"))
    standard = StandardCharts("c.yaml", "C", {"": DesiredChart("c.yaml", entries)})
    accounts = [account("404", "Bank Charges"), account("408", "Cleaning")]
    in_xero = Chart(ORG, tuple(accounts), RATES)
    labels = [replace(one, tax_type="15% GST on Expenses") for one in accounts]
    exported = Chart(Organisation("", "Birch"), tuple(labels))
    found = [compare_book(Book(in_xero), standard), compare_book(Book(exported), standard)]
    assert [len(one.unknown_taxes) for one in found] == [2, 2]
    for one in found:
        told = [(cell.state, cell.not_compared) for cell in one.cells.values()]
        assert told == [(S.SAME, ("tax",))] * 2
    (note,) = grid_of(found, standard="C").notes
    assert note == (
        "The tax rate was not compared for 2 accounts in 2 organisations: no tax rate there, or"
        " more than one, is called purchases. If the standard has tax_types, give the file"
        " that defines them to --standard too. If several tax rates share a name, write Xero's"
        " code in place of the name."
    )
    (extended,) = grid_of(found).notes
    assert extended.endswith(
        "purchases. If several tax rates share a name, write Xero's code in place of the name."
    )
    used = replace(exported, accounts=(labels[0], replace(labels[1], tax_type="Purchases")))
    found = [compare_book(Book(used), standard)]
    assert [(place.line, cell.state) for place, cell in found[0].cells.items()] == [(404, S.TAX)]
    assert not grid_of(found).notes


def test_a_name_that_several_tax_rates_have_is_not_compared() -> None:
    """The note does not say that there is no such tax rate."""
    rates = tuple(TaxRate(code, "City Tax") for code in ("TAX001", "TAX002"))
    shared = replace(BANK, values={**BANK.values, "tax_type": "City Tax"})
    standard = StandardCharts("c.yaml", "C", {"": DesiredChart("c.yaml", (shared,))})
    books = Chart(ORG, (account("404", "Bank Charges", tax_type="TAX001"),), rates)
    (note,) = grid_of([compare_book(Book(books), standard)]).notes
    assert "in 1 organisation: no tax rate there, or more than one, is called City Tax." in note


def test_a_csv_without_tax_rates_is_not_compared_by_tax_rate() -> None:
    exported = Chart(Organisation("", "Acme"), (account("404", "Bank Charges", tax_type=""),))
    with_name = replace(BANK, values={**BANK.values, "tax_type": "15% GST on Expenses"})
    named = StandardCharts("c.yaml", "C", {"": DesiredChart("c.yaml", (with_name,))})
    found = compare_book(Book(exported, file="Acme.csv"), named)
    (cell,) = found.cells.values()
    assert (cell.state, cell.not_compared, found.taxes_not_in_csv) == (S.SAME, ("tax",), 1)


def test_a_standard_without_a_chart_in_the_country_fails() -> None:
    standard = StandardCharts("c.yaml", "C", {"AU": DesiredChart("c.yaml", (BANK,))})
    with pytest.raises(ChartError) as error:
        compare_book(Book(Chart(ORG, ())), standard)
    assert "NZ" in str(error.value.problems[0])


def test_a_standard_without_a_chart_in_any_country_says_why() -> None:
    why = Problem("c.yaml", 5, 3, "tax-type-not-for-country", 'The tax type "b" has no code for NZ')
    standard = StandardCharts("c.yaml", "C", {}, {"NZ": why})
    with pytest.raises(ChartError) as error:
        standard.chart("", any_country=True)
    assert error.value.problems == (why,)
    with pytest.raises(ChartError) as error:
        standard.chart("GB")
    assert "are for NZ; this organisation is in GB." in error.value.problems[0].message
    with pytest.raises(ChartError) as error:
        standard.chart("")
    assert "; Xero states no country for this organisation." in error.value.problems[0].message
    assert "use --current FOLDER and --country XX." in error.value.problems[0].hint


@pytest.mark.parametrize(
    ("book", "why"),
    [
        (Book(Chart(ORG, ()), DesiredChart("a.yaml", ()), "a.yaml"), "chart file extends none"),
        (Book(Chart(ORG, ())), "no chart file is read"),
    ],
)
def test_books_without_a_standard_cannot_be_compared(book: Book, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        compare_book(book)


def grid(*books: tuple[str, Sequence[Account], Sequence[DesiredAccount]]) -> Grid:
    found = []
    for name, accounts, entries in books:
        chart = Chart(Organisation(f"id-{name}", name, country_code="NZ"), tuple(accounts), RATES)
        desired = DesiredChart(f"{name}.yaml", tuple(entries), standard="Chart")
        found.append(compare_book(Book(chart, desired, f"{name}.yaml")))
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301 our own
    return grid_of(found)


def test_rows_are_in_the_order_of_codes_and_the_most_common_extras_come_first() -> None:
    books = [account("90", "Rare"), account("700", "Common")]
    entries = [entry("1000", "Last"), entry("200", "First")]
    made = grid(("A", books, entries), ("B", books[1:], entries))
    assert [(r.line.code, r.standard) for r in made.accounts] == [
        ("200", True), ("1000", True), ("700", False), ("90", False),
    ]  # fmt: skip
    assert set(made.accounts[2].cells) == {"id-A", "id-B"}


def test_more_standards_than_are_named_are_not_counted() -> None:
    """A file may extend several: two combinations of standards may be three standards."""
    entries, names = [entry("200", "Sales")], ("Retail", "Retail, Wages", "Wages")
    charts = [DesiredChart(name, tuple(entries), standard=name) for name in names]
    found = [compare_book(Book(Chart(replace(ORG, tenant_id=c.file), ()), c)) for c in charts]
    assert grid_of(found[:2]).against == "Retail; Retail, Wages"
    assert grid_of(found).against == "several standards"


def test_an_account_of_another_standard_is_optional_or_extra_in_its_row() -> None:
    special = entry("478", "Superannuation", 90)
    made = grid(
        ("AU", [account("478", "Superannuation")], [special]),
        ("NZ", [], []),
        ("Odd", [account("478", "Superannuation")], []),
    )
    (row,) = made.accounts
    assert (row.cells["id-NZ"].state, row.cells["id-NZ"].note) == (S.OPTIONAL, NOT_IN_STANDARD)
    assert row.cells["id-Odd"].state is S.EXTRA
    assert made.organisations[1].counts == {}


def test_another_organisation_is_the_standard_without_its_archived_accounts() -> None:
    base = Book(
        Chart(ORG, (account("404", "Bank Charges"), account("1", "Old", status="ARCHIVED")))
    )
    other = Chart(
        Organisation("t-2", "Beta", country_code="AU"), (account("404", "Bank Fees", tax_type="X"),)
    )
    found = compare_book(Book(other), against=base)
    assert [row.line.code for row in found.rows] == ["404"]
    assert [(c.state, c.differs) for c in found.cells.values()] == [(S.NAME, ("name",))]


def test_a_code_that_the_other_organisation_lacks_is_a_difference() -> None:
    base = Book(Chart(ORG, (account("", "Bank Charges"), account("", "Rounding"))))
    other = Chart(ORG, (account("404", "Bank Charges"), account("", "Rounding")))
    found = compare_book(Book(other), against=base)
    assert [(cell.state, cell.differs) for cell in found.cells.values()] == [(S.CODE, ("code",))]


def test_the_organisation_to_compare_with_is_found_or_the_error_says_why_not() -> None:
    book = Book(Chart(ORG, ()), file="acme.yaml")
    assert find_book([book], "acme ltd") is find_book([book], "T-1") is book
    with pytest.raises(UsageError) as error:
        find_book([book], "Acme Limited")
    assert "Acme Ltd" in error.value.hint
    with pytest.raises(ChartError):
        find_book([book], "Beta", [FailedOrganisation("b.yaml", "Beta", ChartError(()))])


@pytest.mark.parametrize("named", ["beta  LTD", "T-2", "B.yaml"])
def test_a_failed_organisation_is_found_by_its_name_its_tenant_id_or_its_file(named: str) -> None:
    chart = DesiredChart("b.yaml", (), OrganisationPin("Beta Ltd", "t-2"))
    with pytest.raises(ChartError):
        find_book([], named, [failed(chart, ChartError(()))])
    twice = [OfBook(Organisation("t-2", "Beta Ltd"), file, None) for file in ("b.yaml", "c.yaml")]
    _, failures = distinct_books(twice, lambda one: (one.organisation, one.file, ()), alone=False)
    with pytest.raises(UsageError, match="are both for Beta Ltd"):
        find_book([], named, failures)


def test_a_cell_of_another_country_shows_what_the_standard_says_there() -> None:
    taxed = replace(BANK, values={**BANK.values, "tax_type": "BASEXCLUDED"})
    made = grid(("A", [], [BANK]), ("B", [], [BANK]), ("C", [], [taxed]))
    (row,) = made.accounts
    assert row.line.tax == "INPUT2"
    assert row.cells["id-A"].wanted is None
    assert (wanted := row.cells["id-C"].wanted)
    assert wanted.tax == "BASEXCLUDED"
