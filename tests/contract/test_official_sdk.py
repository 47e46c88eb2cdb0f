"""Xero's own Python SDK works with the sandbox; only its base addresses are changed.

The SDK sends and reads what Xero expects, so this shows that the sandbox is like Xero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from xero_python.accounting import Account, AccountType
from xero_python.api_client.oauth2 import TokenApi
from xero_python.exceptions import AccountingBadRequestException, NotFoundException
from xero_python.exceptions.http_status_exceptions import RateLimitException

from contract.official_sdk import Sdk
from xerosync.sandbox import Limits, Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with Sandbox(limits=Limits(minute=1000)) as sandbox:
        token_url = f"{sandbox.url}/connect/token"
        monkeypatch.setattr(TokenApi, "client_credentials_token_url", token_url)
        monkeypatch.setattr(TokenApi, "refresh_token_url", token_url)
        yield sandbox


@pytest.fixture
def sdk(sandbox: Sandbox) -> Iterator[Sdk]:
    sdk = Sdk(sandbox)
    yield sdk
    sdk.close()


def test_the_sdk_finds_the_organisation(sdk: Sdk, sandbox: Sandbox) -> None:
    (organisation,) = sdk.accounting.get_organisations(sdk.tenant_id).organisations

    assert organisation.organisation_id == sdk.tenant_id == sandbox.tenant_id
    assert organisation.name == "Demo Company (NZ)"
    assert organisation.is_demo_company is True


def test_the_sdk_lists_accounts_and_tax_rates(sdk: Sdk) -> None:
    answer = sdk.accounting.get_accounts(sdk.tenant_id)
    rates = sdk.accounting.get_tax_rates(sdk.tenant_id).tax_rates

    sales = next(account for account in answer.accounts if account.code == "200")
    assert sales.name == "Sales"
    assert sales.type is AccountType.REVENUE
    assert sales.updated_date_utc.year == 2026
    assert {rate.tax_type for rate in rates} >= {"INPUT2", "OUTPUT2"}


def test_the_sdk_reads_currencies_users_and_tracking_categories(sdk: Sdk) -> None:
    currencies = sdk.accounting.get_currencies(sdk.tenant_id, order="Code").currencies
    users = sdk.accounting.get_users(sdk.tenant_id, where="IsSubscriber==true").users
    (category,) = sdk.accounting.get_tracking_categories(sdk.tenant_id).tracking_categories

    assert "NZD" in {currency.code.value for currency in currencies}
    assert [user.organisation_role for user in users] == ["STANDARD"]
    (user,) = sdk.accounting.get_user(sdk.tenant_id, users[0].user_id).users
    assert user.email_address == "kim@demo.example"
    assert category.name == "Region"
    assert len(category.options) == 4


def test_the_sdk_filters_and_orders(sdk: Sdk) -> None:
    where = 'Status=="ACTIVE" AND Type=="BANK" AND Code!=null'

    assert sdk.codes(where=where) == {"090", "091", "092"}
    answer = sdk.accounting.get_accounts(sdk.tenant_id, order="Name DESC")
    names = [account.name for account in answer.accounts]
    assert names == sorted(names, reverse=True)


@pytest.mark.parametrize("country", ["AU", "UK", "US"])
def test_the_sdk_reads_every_demo_company(monkeypatch: pytest.MonkeyPatch, country: str) -> None:
    with Sandbox(country=country) as sandbox:
        url = f"{sandbox.url}/connect/token"
        monkeypatch.setattr(TokenApi, "client_credentials_token_url", url)
        sdk = Sdk(sandbox)
        assert len(sdk.codes()) > 60
        assert sdk.accounting.get_tax_rates(sdk.tenant_id).tax_rates
        assert sdk.accounting.get_organisations(sdk.tenant_id).organisations
        sdk.close()


def test_the_sdk_creates_updates_archives_restores_and_deletes(sdk: Sdk) -> None:
    created = sdk.create(
        code="601", name="Workshops", type=AccountType.EXPENSE, description="Days of teaching"
    )
    assert UUID(created.account_id)
    assert created.tax_type == "INPUT2"
    assert str(created.status) in {"ACTIVE", "AccountStatus.ACTIVE"}

    updated = sdk.update(created.account_id, name="Training", add_to_watchlist=True)
    assert (updated.name, updated.description) == ("Training", "Days of teaching")
    assert updated.add_to_watchlist is True

    assert sdk.update(created.account_id, status="ARCHIVED").status == "ARCHIVED"
    assert sdk.update(created.account_id, status="ACTIVE").status == "ACTIVE"

    deleted = sdk.accounting.delete_account(sdk.tenant_id, created.account_id).accounts[0]
    assert deleted.status == "DELETED"
    assert "601" not in sdk.codes()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"code": "601", "name": "Sales"}, "Please enter a unique Name."),
        ({"code": "200", "name": "Other"}, "Please enter a unique Code."),
        (
            {"code": "12345678901", "name": "Other"},
            "Account Code is too long. Maximum of 10 characters allowed",
        ),
    ],
)
def test_the_sdk_reads_why_xero_refused(sdk: Sdk, fields: dict[str, str], message: str) -> None:
    with pytest.raises(AccountingBadRequestException) as caught:
        sdk.create(**fields, type=AccountType.REVENUE)

    assert caught.value.status == 400
    assert caught.value.reason == message
    assert caught.value.error_data["Type"] == "ValidationException"


def test_the_sdk_cannot_send_status_with_details(sdk: Sdk) -> None:
    sales = next(a for a in sdk.accounting.get_accounts(sdk.tenant_id).accounts if a.code == "200")

    with pytest.raises(AccountingBadRequestException) as caught:
        sdk.update(sales.account_id, name="Turnover", status="ACTIVE")

    assert caught.value.reason == "Cannot update account details and STATUS on the same request"


def test_the_sdk_reports_an_unknown_account(sdk: Sdk) -> None:
    with pytest.raises(NotFoundException):
        sdk.accounting.get_account(sdk.tenant_id, "00000000-0000-0000-0000-000000000000")


def test_the_sdk_reports_the_rate_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit of calls at once: with a Retry-After, urllib3 would wait and hide the 429."""
    with Sandbox(limits=Limits(concurrent=0)) as sandbox:
        url = f"{sandbox.url}/connect/token"
        monkeypatch.setattr(TokenApi, "client_credentials_token_url", url)
        sdk = Sdk(sandbox)
        with pytest.raises(RateLimitException) as caught:
            sdk.codes()
        sdk.close()

    assert caught.value.rate_limit == "concurrent"


def test_the_sdk_can_repeat_a_create_with_an_idempotency_key(sdk: Sdk) -> None:
    account = Account(code="601", name="Workshops", type=AccountType.EXPENSE)

    ids = {
        sdk.accounting.create_account(sdk.tenant_id, account, idempotency_key="abc")
        .accounts[0]
        .account_id
        for _ in range(2)
    }

    assert len(ids) == 1
