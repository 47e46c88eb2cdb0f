"""The demo companies are complete, consistent and reproducible."""

from __future__ import annotations

import pytest

from xerosync.sandbox import Sandbox
from xerosync.sandbox.accounting.account import CLASS_OF, LOCKED_BY, key
from xerosync.sandbox.accounting.reporting import NAMES
from xerosync.sandbox.books import seed

ROLES = {
    "BANKCURRENCYGAIN",
    "CREDITORS",
    "DEBTORS",
    "GST",
    "HISTORICAL",
    "REALISEDCURRENCYGAIN",
    "RETAINEDEARNINGS",
    "ROUNDING",
    "TRACKINGTRANSFERS",
    "UNPAIDEXPCLM",
    "UNREALISEDCURRENCYGAIN",
}
every_country = pytest.mark.parametrize("country", list(seed.COUNTRIES))


@every_country
def test_a_chart_follows_xeros_rules(country: str) -> None:
    accounts = seed.accounts(seed.demo_company(seed.country(country)))
    rates = {rate.tax_type: rate for rate in seed.tax_rates(country)}

    assert 60 <= len(accounts) <= 80
    assert {account.system_account for account in accounts} >= ROLES
    codes = [key(account.code) for account in accounts if account.code]
    assert len(codes) == len(set(codes))
    assert len({key(account.name) for account in accounts}) == len(accounts)
    assert len({account.account_id for account in accounts}) == len(accounts)
    for account in accounts:
        assert account.type in CLASS_OF
        assert account.class_ in rates[account.tax_type].classes, account
        assert account.reporting_code in NAMES, account
        assert len(account.code) <= 10
        assert len(account.name) <= 150
        assert bool(account.description) is not account.is_bank


@every_country
def test_a_chart_has_every_kind_of_account(country: str) -> None:
    accounts = seed.accounts(seed.demo_company(seed.country(country)))
    banks = [account for account in accounts if account.is_bank]

    assert {bank.bank_account_type for bank in banks} == {"BANK", "CREDITCARD"}
    assert [bank.code for bank in banks].count("") == 1
    assert all(bank.bank_account_number.isalnum() for bank in banks)
    assert sum(account.status == "ARCHIVED" for account in accounts) >= 3
    assert any(account.type == "INVENTORY" for account in accounts)
    assert any(not account.used and account.status == "ACTIVE" for account in accounts)
    assert {account.locked_by for account in accounts} == {"", *LOCKED_BY}


@every_country
def test_a_seed_is_reproducible(country: str) -> None:
    with Sandbox(country=country.lower()) as one, Sandbox(country=country) as two:
        assert one.store.accounts() == two.store.accounts()
        assert one.tenant_id == two.tenant_id


def test_every_country_has_its_own_ids() -> None:
    companies = [seed.demo_company(place) for place in seed.COUNTRIES.values()]

    assert len({company.tenant_id for company in companies}) == 4
    ids = {account.account_id for company in companies for account in seed.accounts(company)}
    assert len(ids) == sum(len(seed.accounts(company)) for company in companies)
