"""The trial balance: debits equal credits on every day, and it shows each change of an account."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from sandbox.client import Client, Clock, messages, only
from xerosync.sandbox import Sandbox, SandboxError
from xerosync.sandbox.accounting.trial_balance import year_start

if TYPE_CHECKING:
    from collections.abc import Iterator

    import requests

SCOPES = "accounting.settings accounting.reports.trialbalance.read"
COLUMNS = ("Debit", "Credit", "YTD Debit", "YTD Credit")


@pytest.fixture
def reader(sandbox: Sandbox) -> Iterator[Client]:
    client = Client(sandbox, sandbox.access_token(SCOPES))
    with client.session:
        yield client


def ask(client: Client, date: str = "", **query: str) -> requests.Response:
    parameters = {"date": date, **query} if date else query
    return client.call("GET", "/Reports/TrialBalance", params=parameters)


def report(client: Client, date: str = "") -> dict[str, Any]:
    answer = ask(client, date)
    assert answer.status_code == 200, answer.text
    (found,) = answer.json()["Reports"]
    assert isinstance(found, dict)
    return found


def lines(client: Client, date: str = "") -> dict[str, list[str]]:
    """Return the four amounts of each account, by its id; check what holds of every report."""
    rows = report(client, date)["Rows"]
    assert [cell["Value"] for cell in rows[0]["Cells"]] == ["Account", *COLUMNS]
    found = {}
    sums = [Decimal(0)] * 4
    for row in (row for section in rows[1:-1] for row in section["Rows"]):
        (account_id,) = {cell["Attributes"][0]["Value"] for cell in row["Cells"]}
        amounts = [cell["Value"] for cell in row["Cells"][1:]]
        assert sum(text == "" for text in amounts) == 2, "each amount is on one side"
        sums = [total + Decimal(text or 0) for total, text in zip(sums, amounts, strict=True)]
        found[account_id] = amounts
    total = [cell["Value"] for cell in rows[-1]["Rows"][0]["Cells"]]
    assert total == ["Total", *(f"{amount:.2f}" for amount in sums)]
    assert sums[0] == sums[1]
    assert sums[2] == sums[3]
    return found


def amounts(client: Client, code: str, date: str = "") -> list[str] | None:
    """Return the four amounts of an account, or ``None`` if the report leaves it out."""
    return lines(client, date).get(client.find(code)["AccountID"])


@pytest.mark.parametrize("date", ["", "2026-06-30", "2026-04-01", "2026-03-31", "2019-02-28",
                                  "2027-05-01", "9999-12-31", "1900-01-01"])  # fmt: skip
@pytest.mark.parametrize("country", ["NZ", "AU", "UK", "US"])
def test_debits_equal_credits_on_every_day(clock: Clock, country: str, date: str) -> None:
    with Sandbox(country=country, clock=clock) as sandbox:
        client = Client(sandbox, sandbox.access_token(SCOPES))
        with client.session:
            assert lines(client, date)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("461", ["120.00", "", "1204.50", ""]),
        ("429", ["", "0.00", "", "45.10"]),
        ("453", ["85.00", "", "0.00", ""]),
        ("850", ["0.00", "", "310.00", ""]),
        ("900", ["", "0.00", "", "25000.00"]),
        ("408", None),
        ("855", None),
        ("480", None),
    ],
)
def test_the_demo_company_has_every_kind_of_balance(
    reader: Client, code: str, expected: list[str] | None
) -> None:
    """The report leaves out an account with no balance and no movement."""
    assert amounts(reader, code) == expected


def test_the_report_of_the_last_year_end_shows_what_has_moved_since(reader: Client) -> None:
    end = "2026-03-31"

    assert amounts(reader, "850", end) == ["0.00", "", "310.00", ""], "it has not moved"
    assert amounts(reader, "855", end) == ["", "0.00", "", "500.00"], "it was brought to zero"
    assert amounts(reader, "461", end) is None, "a year of costs starts at zero"


def test_a_new_year_moves_the_profit_to_retained_earnings(reader: Client) -> None:
    now, then = amounts(reader, "960"), amounts(reader, "960", "2027-04-01")

    assert now != then
    assert amounts(reader, "461", "2027-04-01") is None
    assert amounts(reader, "850", "2027-04-01") == ["0.00", "", "310.00", ""]


@pytest.mark.parametrize(
    ("today", "ends", "starts"),
    [
        ("2026-03-31", (31, 3), "2025-04-01"),
        ("2026-04-01", (31, 3), "2026-04-01"),
        ("2026-12-31", (31, 12), "2026-01-01"),
        ("2024-02-29", (30, 6), "2023-07-01"),
    ],
)
def test_a_financial_year_starts_the_day_after_the_last_one_ends(
    today: str, ends: tuple[int, int], starts: str
) -> None:
    assert year_start(date.fromisoformat(today), ends) == date.fromisoformat(starts)


def test_the_report_is_titled_as_xero_titles_it(reader: Client) -> None:
    found = report(reader, "2026-05-07")

    assert found["ReportTitles"] == ["Trial Balance", "Demo Company (NZ)", "As at 7 May 2026"]
    assert found["ReportDate"] == "7 May 2026"
    assert [row.get("Title") for row in found["Rows"]] == [
        None, "Revenue", "Expenses", "Assets", "Liabilities", "Equity", "",
    ]  # fmt: skip


def test_the_report_in_xml_has_rows_of_cells(reader: Client) -> None:
    answer = reader.call("GET", "/Reports/TrialBalance", headers={"Accept": "text/xml"})
    root = ET.fromstring(answer.content)  # noqa: S314 it comes from the sandbox

    path = "Reports/Report/Rows/Row/Rows/Row/Cells/Cell"
    cell = root.find(path)
    assert cell is not None
    assert cell.findtext("Value") == "Sales (200)"
    assert cell.findtext("Attributes/Attribute/Id") == "account"
    titles = [title.text for title in root.findall("Reports/Report/ReportTitles/ReportTitle")]
    assert titles[0] == "Trial Balance"


@pytest.mark.parametrize(
    "date", ["yesterday", "2026-02-30", "31/03/2026", "1899-12-31", "0001-01-01"]
)
def test_an_invalid_date_is_refused(reader: Client, date: str) -> None:
    answer = ask(reader, date)

    assert answer.status_code == 400
    assert "is not a date" in answer.json()["Message"]


def test_a_cash_basis_is_refused_and_another_report_not_found(reader: Client) -> None:
    assert ask(reader, paymentsOnly="true").status_code == 400
    assert ask(reader, paymentsOnly="false").status_code == 200
    assert reader.call("GET", "/Reports/BalanceSheet").status_code == 404
    assert reader.call("PUT", "/Reports/TrialBalance", json={}).status_code == 405


@pytest.mark.parametrize(
    ("hundredths", "expected"),
    [
        (0, ["", "1084.50", "", "0.00"]),
        (204_50, ["", "880.00", "204.50", ""]),
        (-5, ["", "1084.55", "", "0.05"]),
        (1_300_00, ["215.50", "", "1300.00", ""]),
    ],
)
def test_the_balance_of_an_account_can_be_set(
    reader: Client, sandbox: Sandbox, hundredths: int, expected: list[str]
) -> None:
    sandbox.store.set_balance("461", hundredths)

    assert amounts(reader, "461") == expected


@pytest.mark.parametrize("code", ["840", "090", "960"])
def test_the_balance_of_the_accounts_that_balance_the_books_can_be_set(
    reader: Client, sandbox: Sandbox, code: str
) -> None:
    sandbox.store.set_balance(code, 77_00)

    found = amounts(reader, code)
    assert found
    assert found[2:] == ["77.00", ""]


def test_a_balance_follows_its_account(reader: Client) -> None:
    """It stays with a new code, type or class, and if the account is archived or restored."""
    account = reader.find("461")["AccountID"]
    changes: list[dict[str, str]] = [
        {"Code": "462"}, {"Type": "CURRENT"}, {"Type": "CURRLIAB"},
        {"Type": "REVENUE", "TaxType": "NONE"}, {"Type": "OVERHEADS"},
        {"Status": "ARCHIVED"}, {"Status": "ACTIVE"},
    ]  # fmt: skip
    for change in changes:
        only(reader.update(account, **change))
        assert lines(reader)[account][2:] == ["1204.50", ""], change


def test_a_balance_stays_with_another_type_of_the_same_class(reader: Client) -> None:
    sales = reader.find("200")["AccountID"]
    before = lines(reader)[sales]

    only(reader.update(sales, Type="SALES"))

    assert lines(reader)[sales][2:] == before[2:]


def test_the_first_bank_account_keeps_its_balance_under_another_code(reader: Client) -> None:
    bank = reader.find("090")["AccountID"]
    before = lines(reader)[bank]

    only(reader.update(bank, Code="099"))

    assert lines(reader)[bank] == before


def test_an_account_of_an_unknown_type_does_not_unbalance_the_books(
    reader: Client, sandbox: Sandbox
) -> None:
    added = sandbox.store.insert(code="999", name="Odd", type="WAGESEXPENSE", used=True)

    assert added.account_id not in lines(reader)


def test_an_account_with_a_balance_is_not_deleted(reader: Client, sandbox: Sandbox) -> None:
    course = reader.find("480")["AccountID"]
    sandbox.store.set_balance("480", 10_00)

    assert messages(reader.delete(course)) == [
        "Cannot delete an account that is used on transactions"
    ]


def test_an_unknown_account_has_no_balance_to_set(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match="no account with the code '999'") as refused:
        sandbox.store.set_balance("999", 1)
    assert "GET /Accounts" in refused.value.hint


def test_every_client_has_its_own_balances(clock: Clock) -> None:
    with Sandbox(organisations=20, clock=clock) as sandbox:
        client = Client(sandbox, sandbox.access_token(SCOPES))
        found = set()
        with client.session:
            for store in sandbox.books.stores():
                client.session.headers["xero-tenant-id"] = store.tenant_id
                bank = store.organisation.id_of("090")
                found.add(tuple(lines(client)[bank]))

    assert len(found) == 20
