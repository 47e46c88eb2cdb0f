"""What every ledger promises: the fake and the client of Xero's API pass the same tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count

import pytest
from fakes import FakeLedger

from xerosync.apply.ledger import Ledger
from xerosync.errors import RejectedByXero
from xerosync.model import Account, Status, Value
from xerosync.sandbox import Sandbox
from xerosync.secret import Secret
from xerosync.xero.addresses import Addresses
from xerosync.xero.auth.scopes import ALL_USAGE_SCOPES
from xerosync.xero.connect import Credentials, connect

KEYS = (f"contract-{number}" for number in count())
NEW = {"code": "777", "name": "Contract Work", "type": "REVENUE"}


@pytest.fixture(params=["fake", "xero"])
def ledger(request: pytest.FixtureRequest) -> Iterator[Ledger]:
    if request.param == "fake":
        yield FakeLedger()
        return
    with (
        Sandbox() as sandbox,
        connect(
            Credentials(client_id="sandbox", client_secret=Secret("sandbox")),
            Addresses(sandbox.url, sandbox.url),
            read_only=False,
            also=ALL_USAGE_SCOPES,
        ) as books,
    ):
        yield books


def key() -> str:
    return next(KEYS)


def pick(ledger: Ledger, matches: Callable[[Account], bool]) -> Account:
    return next(account for account in ledger.accounts() if matches(account))


def ordinary(account: Account) -> bool:
    return (
        account.status == Status.ACTIVE and account.type == "EXPENSE" and not account.system_account
    )


def archived(account: Account) -> bool:
    return account.status == Status.ARCHIVED


def system(account: Account) -> bool:
    return account.system_account == "GST"


def bank(account: Account) -> bool:
    return account.type == "BANK" and account.status == Status.ACTIVE


def now(ledger: Ledger, account: Account) -> Account:
    return pick(ledger, lambda found: found.account_id == account.account_id)


def same(one: Account, two: Account) -> bool:
    """Whether two accounts are the same, apart from the update time and the bank account type."""
    return {**one.values(), "status": one.status, "bank_account_type": ""} == {
        **two.values(),
        "status": two.status,
        "bank_account_type": "",
    }


def test_the_chart_has_the_organisation_the_accounts_and_the_tax_rates(ledger: Ledger) -> None:
    chart = ledger.chart()
    assert chart.organisation == ledger.organisation()
    assert chart.organisation.tenant_id
    assert chart.organisation.name.startswith("Demo Company")
    assert chart.organisation.country_code == "NZ"
    assert chart.organisation.base_currency == "NZD"
    assert chart.organisation.is_demo_company
    assert {account.account_id for account in chart.accounts} == {
        account.account_id for account in ledger.accounts()
    }
    assert any(rate.tax_type == "OUTPUT2" for rate in chart.tax_rates)


def test_archived_accounts_are_in_the_chart(ledger: Ledger) -> None:
    assert pick(ledger, archived)


def test_every_account_has_its_class(ledger: Ledger) -> None:
    assert all(account.account_class for account in ledger.accounts())


def test_a_create_returns_the_whole_account(ledger: Ledger) -> None:
    written = ledger.create(NEW | {"description": "Text"}, key=key())
    assert written.account.account_id
    assert written.account.status == Status.ACTIVE
    assert written.account.description == "Text"
    assert same(now(ledger, written.account), written.account)


def test_a_create_gets_the_tax_type_of_its_class(ledger: Ledger) -> None:
    assert ledger.create(NEW, key=key()).account.tax_type == "OUTPUT2"


def test_the_watchlist_is_set_by_an_update_but_not_by_a_create(ledger: Ledger) -> None:
    account = ledger.create(NEW | {"add_to_watchlist": True}, key=key()).account
    assert not account.add_to_watchlist
    account = ledger.update(account.account_id, {"add_to_watchlist": True}, key=key()).account
    assert now(ledger, account).add_to_watchlist


def test_a_bank_account_number_is_stored_without_punctuation(ledger: Ledger) -> None:
    account = ledger.create(
        {"name": "Savings", "type": "BANK", "bank_account_number": "12-3456-7890123-01"}, key=key()
    ).account
    assert account.bank_account_number == "123456789012301"
    assert account.bank_account_type == "BANK"
    assert account.currency_code == "NZD"


def test_an_update_changes_only_the_given_fields(ledger: Ledger) -> None:
    before = pick(ledger, ordinary)
    values: dict[str, Value] = {
        "name": "Renamed",
        "description": "New text",
        "show_in_expense_claims": True,
    }
    written = ledger.update(before.account_id, values, key=key())
    after = now(ledger, before)
    assert same(written.account, after)
    assert same(after, replace(before, **values))  # type: ignore[arg-type]


def test_a_text_can_be_cleared(ledger: Ledger) -> None:
    account = ledger.create(NEW | {"description": "Text"}, key=key()).account
    ledger.update(account.account_id, {"description": ""}, key=key())
    assert now(ledger, account).description == ""


def test_the_old_code_of_a_renumbered_account_is_free(ledger: Ledger) -> None:
    before = pick(ledger, ordinary)
    ledger.update(before.account_id, {"code": "778"}, key=key())
    created = ledger.create(NEW | {"code": before.code}, key=key()).account
    assert created.code == before.code


@pytest.mark.parametrize("holder", [ordinary, archived])
def test_codes_and_names_are_unique_even_among_archived_accounts(
    ledger: Ledger, holder: Callable[[Account], bool]
) -> None:
    held = pick(ledger, holder)
    with pytest.raises(RejectedByXero) as caught:
        ledger.create(NEW | {"code": held.code, "name": held.name.upper()}, key=key())
    assert caught.value.messages == ("Please enter a unique Code.", "Please enter a unique Name.")
    account = ledger.create(NEW, key=key()).account
    with pytest.raises(RejectedByXero, match="unique Name"):
        ledger.update(account.account_id, {"name": held.name}, key=key())


def test_an_account_may_keep_its_own_code_and_name(ledger: Ledger) -> None:
    account = pick(ledger, ordinary)
    values = {"code": account.code, "name": account.name}
    assert ledger.update(account.account_id, values, key=key()).account.code == account.code


def test_a_code_of_11_characters_is_rejected(ledger: Ledger) -> None:
    with pytest.raises(RejectedByXero, match="Maximum of 10 characters") as caught:
        ledger.create(NEW | {"code": "12345678901"}, key=key())
    assert caught.value.correlation_id


def test_every_reason_is_reported_at_once(ledger: Ledger) -> None:
    held = pick(ledger, ordinary)
    with pytest.raises(RejectedByXero) as caught:
        ledger.create(NEW | {"code": "12345678901", "name": held.name}, key=key())
    assert len(caught.value.messages) == 2


@pytest.mark.parametrize("tax_type", ["NO-SUCH", "INPUT2"])
def test_the_tax_type_must_exist_and_apply(ledger: Ledger, tax_type: str) -> None:
    with pytest.raises(RejectedByXero, match=tax_type):
        ledger.create(NEW | {"tax_type": tax_type}, key=key())


def test_an_account_can_be_archived_and_restored(ledger: Ledger) -> None:
    account = pick(ledger, ordinary)
    written = ledger.set_status(account.account_id, Status.ARCHIVED, key=key())
    assert written.account.status == now(ledger, account).status == Status.ARCHIVED
    ledger.set_status(account.account_id, Status.ACTIVE, key=key())
    assert same(now(ledger, account), account)


def test_an_archived_account_cannot_be_edited(ledger: Ledger) -> None:
    account = pick(ledger, archived)
    with pytest.raises(RejectedByXero, match="Can only update STATUS on Archived accounts"):
        ledger.update(account.account_id, {"description": "x"}, key=key())


def test_system_accounts_are_renamed_but_not_archived_deleted_or_retyped(ledger: Ledger) -> None:
    account = pick(ledger, system)
    ledger.update(account.account_id, {"name": "GST renamed"}, key=key())
    with pytest.raises(RejectedByXero):
        ledger.set_status(account.account_id, Status.ARCHIVED, key=key())
    with pytest.raises(RejectedByXero):
        ledger.delete(account.account_id)
    with pytest.raises(RejectedByXero):
        ledger.update(account.account_id, {"type": "EXPENSE"}, key=key())


def test_the_type_and_tax_of_a_bank_account_cannot_change(ledger: Ledger) -> None:
    account = pick(ledger, bank)
    with pytest.raises(RejectedByXero):
        ledger.update(account.account_id, {"tax_type": "INPUT2"}, key=key())
    with pytest.raises(RejectedByXero):
        ledger.update(account.account_id, {"type": "CURRENT"}, key=key())
    ledger.update(account.account_id, {"name": "Main Bank"}, key=key())


def test_a_deleted_account_is_gone_and_its_code_is_free(ledger: Ledger) -> None:
    account = ledger.create(NEW, key=key()).account
    assert ledger.delete(account.account_id).account.status == Status.DELETED
    assert account.account_id not in {found.account_id for found in ledger.accounts()}
    assert ledger.create(NEW, key=key()).account.account_id != account.account_id


def test_changes_to_an_unknown_account_are_rejected(ledger: Ledger) -> None:
    nowhere = "7f1d0c52-0000-4000-8000-000000000000"
    with pytest.raises(RejectedByXero):
        ledger.update(nowhere, {"name": "x"}, key=key())
    with pytest.raises(RejectedByXero):
        ledger.set_status(nowhere, Status.ARCHIVED, key=key())
    with pytest.raises(RejectedByXero):
        ledger.delete(nowhere)


def test_a_write_repeated_under_its_key_takes_effect_once(ledger: Ledger) -> None:
    once = key()
    first = ledger.create(NEW, key=once)
    again = ledger.create(NEW, key=once)
    assert again.account.account_id == first.account.account_id
    assert [a.code for a in ledger.accounts()].count("777") == 1


def test_the_usage_of_the_accounts_is_read_completely(ledger: Ledger) -> None:
    accounts = ledger.accounts()
    usage = ledger.usage(accounts)
    assert usage.unknown == ()
    assert usage.of(accounts[0].account_id).unknown == ()
    assert usage.of("no-such-id").balance is not None
