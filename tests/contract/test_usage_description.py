"""The sandbox's responses about the use of accounts conform to Xero's own description.

Xero's SDK reads it through Prism, which answers 500 for each breach of the description.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from xero_python.api_client.oauth2 import TokenApi
from xero_python.exceptions import HTTPStatusException

from contract.official_sdk import Sdk
from contract.prism import prism
from xerosync.sandbox import Limits, Sandbox
from xerosync.sandbox.books.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator


class Through(NamedTuple):
    """The SDK, which reads a sandbox through Prism."""

    sdk: Sdk
    sandbox: Sandbox


@pytest.fixture(scope="module")
def through() -> Iterator[Through]:
    """Twenty clients, of every country."""
    with (
        Sandbox(organisations=20, limits=Limits(minute=1000)) as sandbox,
        prism(sandbox, "usage.json") as url,
        pytest.MonkeyPatch.context() as monkeypatch,
    ):
        token_url = f"{sandbox.url}/connect/token"
        monkeypatch.setattr(TokenApi, "client_credentials_token_url", token_url)
        sdk = Sdk(sandbox, url)
        yield Through(sdk, sandbox)
        sdk.close()


def one_of_each_country(sandbox: Sandbox) -> dict[str, Store]:
    stores = {store.country.name: store for store in sandbox.books.stores()}
    assert len(stores) == 4
    return stores


def amounts(cells: Any) -> list[str]:
    return [cell.value for cell in cells]


def test_the_trial_balance_balances(through: Through) -> None:
    for store in one_of_each_country(through.sandbox).values():
        answer = through.sdk.accounting.get_report_trial_balance(store.tenant_id)
        (report,) = answer.reports
        header, *sections, total = report.rows
        rows = [row for section in sections for row in section.rows]

        assert report.report_titles[:2] == ["Trial Balance", store.organisation.name]
        assert amounts(header.cells) == ["Account", "Debit", "Credit", "YTD Debit", "YTD Credit"]
        ids = {account.account_id for account in store.accounts()}
        assert {cell.attributes[0].value for row in rows for cell in row.cells} <= ids
        (_, debit, credit, ytd_debit, ytd_credit) = amounts(total.rows[0].cells)
        assert debit == credit
        assert ytd_debit == ytd_credit != "0.00"


def test_the_trial_balance_of_another_day_has_its_date(through: Through) -> None:
    read = through.sdk.accounting.get_report_trial_balance
    (report,) = read(through.sdk.tenant_id, date=date(2025, 3, 31)).reports

    assert report.report_date == "31 March 2025"


def test_items_repeating_invoices_and_contacts_are_read(through: Through) -> None:
    api = through.sdk.accounting
    for store in one_of_each_country(through.sandbox).values():
        items = api.get_items(store.tenant_id, unitdp=4).items
        invoices = api.get_repeating_invoices(store.tenant_id).repeating_invoices
        # The SDK would write True, which Prism does not take for a Boolean.
        answer = api.get_contacts(store.tenant_id, page=1, page_size=5, include_archived="true")

        codes = {account.code for account in store.accounts()}
        tracked = next(item for item in items if item.is_tracked_as_inventory)
        assert tracked.inventory_asset_account_code in codes
        assert tracked.purchase_details.cogs_account_code in codes
        assert api.get_item(store.tenant_id, tracked.item_id).items[0].code == tracked.code
        rent = next(each for each in invoices if each.contact.name == "Marlow Property Trust")
        assert rent.line_items[0].account_code in codes
        assert rent.schedule.next_scheduled_date.day == 1
        assert answer.pagination.item_count == 12
        assert len(answer.contacts) == 5
        defaults = {each.purchases_default_account_code for each in answer.contacts}
        assert defaults & codes


def test_prism_refuses_what_breaks_the_description(
    through: Through, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So the tests above would fail if the sandbox broke it."""
    monkeypatch.setattr(Store, "items", lambda _: [{"ItemID": "no uuid", "Code": "x" * 31}])

    with pytest.raises(HTTPStatusException) as caught:
        through.sdk.accounting.get_items(through.sdk.tenant_id)

    assert caught.value.status == 500
