"""PUT, POST and DELETE: what Xero's rules allow, and its error messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.client import Client, messages, only
from xerosync.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

NO_ID = "00000000-0000-0000-0000-000000000000"
BOTH = "Cannot update account details and STATUS on the same request"
LONG = "Account Code is too long. Maximum of 10 characters allowed"
NAME = "Please enter a unique Name."
CODE = "Please enter a unique Code."


@pytest.fixture
def spare(client: Client) -> dict[str, Any]:
    """Create an ordinary account that nothing uses."""
    return only(client.create(Code="601", Name="Spare", Type="EXPENSE"))


@pytest.fixture
def australia() -> Iterator[Client]:
    with Sandbox(country="AU") as sandbox:
        client = Client(sandbox)
        with client.session:
            yield client


@pytest.mark.parametrize(
    ("type_", "tax_type", "class_", "reporting_code"),
    [
        ("REVENUE", "OUTPUT2", "REVENUE", "REV"),
        ("EXPENSE", "INPUT2", "EXPENSE", "EXP"),
        ("DIRECTCOSTS", "INPUT2", "EXPENSE", "EXP"),
        ("CURRENT", "NONE", "ASSET", "ASS"),
        ("TERMLIAB", "NONE", "LIABILITY", "LIA"),
        ("EQUITY", "NONE", "EQUITY", "EQU"),
    ],
)
def test_a_create_fills_in_xeros_defaults(
    client: Client, type_: str, tax_type: str, class_: str, reporting_code: str
) -> None:
    account = only(client.create(Code="602", Name="New", Type=type_))

    assert account["TaxType"] == tax_type
    assert account["Class"] == class_
    assert account["ReportingCode"] == reporting_code
    assert account["Status"] == "ACTIVE"
    assert account["BankAccountType"] == ""
    assert account["AccountID"] != NO_ID
    assert "SystemAccount" not in account
    assert "Description" not in account
    assert client.find("602") == account


def test_a_create_takes_every_field_but_the_watchlist(client: Client) -> None:
    account = only(
        client.create(
            Code="603",
            Name="Workshops",
            Type="REVENUE",
            TaxType="NONE",
            Description="Days of teaching",
            ReportingCode="REV.TRA.SER",
            EnablePaymentsToAccount=True,
            ShowInExpenseClaims=True,
            AddToWatchlist=True,
        )
    )

    assert account["TaxType"] == "NONE"
    assert account["Description"] == "Days of teaching"
    assert account["ReportingCodeName"] == "Rendering of services"
    assert account["EnablePaymentsToAccount"] is True
    assert account["ShowInExpenseClaims"] is True
    assert account["AddToWatchlist"] is False
    assert only(client.update(account["AccountID"], AddToWatchlist=True))["AddToWatchlist"] is True


@pytest.mark.parametrize(
    ("code", "name"),
    [("REV.TRA.XYZ", "Revenue"), ("ABC", ""), ("EXP.INS", "Insurance")],
)
def test_a_reporting_code_is_stored_and_named_by_its_nearest_ancestor(
    client: Client, code: str, name: str
) -> None:
    account = only(client.create(Code="603", Name="New", Type="EXPENSE", ReportingCode=code))

    assert (account["ReportingCode"], account["ReportingCodeName"]) == (code, name)


def test_only_the_first_account_of_a_list_is_written(client: Client) -> None:
    answer = client.call(
        "PUT",
        "/Accounts",
        json={
            "Accounts": [
                {"Code": "604", "Name": "First", "Type": "EXPENSE"},
                {"Code": "605", "Name": "Second", "Type": "EXPENSE"},
            ]
        },
    )

    assert only(answer)["Code"] == "604"
    assert "605" not in {account.get("Code") for account in client.accounts()}


def test_an_error_repeats_the_account_and_has_every_message(client: Client) -> None:
    answer = client.create(Code="12345678901", Name="sALES ", Type="EXPENSE", Description=None)

    assert messages(answer) == [LONG, NAME]
    body = answer.json()
    assert (body["ErrorNumber"], body["Type"]) == (10, "ValidationException")
    assert body["Message"] == "A validation exception occurred"
    (element,) = body["Elements"]
    assert element["AccountID"] == NO_ID
    assert element["Code"] == "12345678901"
    assert "Description" not in element


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"Code": "200", "Name": "Other"}, [CODE]),
        ({"Code": "205", "Name": "Held by an archived account"}, [CODE]),
        ({"Code": "606", "Name": "Fax & Telex"}, [NAME]),
        ({"Name": "No code"}, ["Account Code is required"]),
        ({"Code": "606"}, ["Account Name is required"]),
        ({"Code": "606", "Name": "x" * 151}, ["Account Name is too long"]),
        ({"Code": "606", "Name": "x", "Description": "x" * 4001}, ["Description is too long"]),
        ({"Code": "606", "Name": "x", "Type": "NONSENSE"}, ["The Type 'NONSENSE' is not valid"]),
        ({"Code": "606", "Name": "x", "TaxType": "NOPE"}, ["TaxType code 'NOPE' does not exist"]),
        ({"Code": "606", "Name": "x", "TaxType": "OUTPUT2"}, ["TaxType code 'OUTPUT2'"]),
        ({"Code": "606", "Name": "x", "Status": "ARCHIVED"}, [BOTH]),
    ],
)
def test_a_create_that_breaks_a_rule_is_refused(
    client: Client, fields: dict[str, str], expected: list[str]
) -> None:
    found = messages(client.create(**{"Type": "EXPENSE"} | fields))

    assert len(found) == len(expected)
    for message, part in zip(found, expected, strict=True):
        assert part in message


def test_a_code_may_have_ten_characters(client: Client) -> None:
    assert only(client.create(Code="1234567890", Name="Ten", Type="EXPENSE"))


def test_a_tax_rate_must_be_active(client: Client, sandbox: Sandbox) -> None:
    delete = "UPDATE tax_rates SET status = 'DELETED' WHERE tax_type = 'INPUT2'"
    sandbox.store.database.execute(delete, [])

    found = messages(client.create(Code="606", Name="x", Type="EXPENSE", TaxType="INPUT2"))

    assert "INPUT2" in found[0]


def test_an_update_changes_only_the_given_fields(client: Client) -> None:
    before = client.find("400")

    after = only(client.update(before["AccountID"], Name="Marketing"))

    changed = {key for key in before if before[key] != after[key]}
    assert changed == {"Name", "BankAccountType", "UpdatedDateUTC"}
    assert after["BankAccountType"] == "NONE"


def test_an_empty_description_clears_it_and_a_null_does_not(client: Client) -> None:
    before = client.find("400")

    assert only(client.update(before["AccountID"], Description=None))["Description"]
    assert "Description" not in only(client.update(before["AccountID"], Description=""))


def test_a_post_without_an_id_in_the_path_uses_the_one_in_the_body(client: Client) -> None:
    sales = client.find("200")

    answer = client.call(
        "POST", "/Accounts", json={"AccountID": sales["AccountID"], "Name": "Turnover"}
    )

    assert only(answer)["Name"] == "Turnover"


def test_a_post_without_any_id_is_refused_with_a_reason(client: Client) -> None:
    answer = client.call("POST", "/Accounts", json={"Code": "200", "Name": "Turnover"})

    assert "AccountID is required" in messages(answer)[0]
    assert client.find("200")["Name"] == "Sales"


def test_an_update_of_an_unknown_account_is_refused(client: Client) -> None:
    assert messages(client.update(NO_ID, Name="x")) == ["Account is not found"]


@pytest.mark.parametrize("status", ["ACTIVE", "ARCHIVED"])
def test_a_status_cannot_be_sent_with_details(
    client: Client, spare: dict[str, Any], status: str
) -> None:
    assert messages(client.update(spare["AccountID"], Name="x", Status=status)) == [BOTH]


def test_archive_and_restore_are_separate_calls(client: Client, spare: dict[str, Any]) -> None:
    account_id = spare["AccountID"]

    assert only(client.update(account_id, Status="ARCHIVED"))["Status"] == "ARCHIVED"
    assert messages(client.update(account_id, Name="x")) == [
        "Can only update STATUS on Archived accounts"
    ]
    assert messages(client.create(Code="601", Name="spare", Type="EXPENSE")) == [CODE, NAME]
    assert only(client.update(account_id, Status="ACTIVE"))["Status"] == "ACTIVE"
    assert only(client.update(account_id, Name="x"))["Name"] == "x"


@pytest.mark.parametrize("status", ["DELETED", "GONE"])
def test_a_status_can_be_set_only_to_active_or_archived(
    client: Client, spare: dict[str, Any], status: str
) -> None:
    assert len(messages(client.update(spare["AccountID"], Status=status))) == 1


def test_an_update_keeps_codes_and_names_unique(client: Client, spare: dict[str, Any]) -> None:
    answer = client.update(spare["AccountID"], Code="200", Name="Rent")

    assert messages(answer) == [CODE, NAME]
    assert only(client.update(spare["AccountID"], Code="601", Name="SPARE"))["Name"] == "SPARE"


def test_required_fields_cannot_be_emptied(client: Client, spare: dict[str, Any]) -> None:
    assert len(messages(client.update(spare["AccountID"], Code="", Name=""))) == 2


def test_a_system_account_is_renamed_and_recoded_but_keeps_its_type(client: Client) -> None:
    gst = client.find("820")["AccountID"]

    renamed = only(client.update(gst, Name="GST Control", Code="821"))

    assert (renamed["Name"], renamed["Code"]) == ("GST Control", "821")
    assert renamed["SystemAccount"] == "GST"
    assert "System" in messages(client.update(gst, Type="EXPENSE"))[0]
    assert messages(client.update(gst, Status="ARCHIVED")) == ["Cannot archive System accounts"]
    assert "System" in messages(client.delete(gst))[0]


@pytest.mark.parametrize(
    ("code", "type_", "part"),
    [
        ("400", "INVENTORY", "Account cannot be updated to Inventory"),
        ("400", "BANK", "to or from Bank"),
        ("090", "CURRENT", "to or from Bank"),
        ("400", "NONSENSE", "is not valid"),
        ("200", "EXPENSE", "OUTPUT2"),
    ],
)
def test_some_changes_of_type_are_refused(client: Client, code: str, type_: str, part: str) -> None:
    assert part in messages(client.update(client.find(code)["AccountID"], Type=type_))[0]


def test_a_change_of_type_changes_the_class_and_a_default_reporting_code(
    client: Client, spare: dict[str, Any]
) -> None:
    account = only(client.update(spare["AccountID"], Type="EQUITY", TaxType="NONE"))

    assert (account["Class"], account["ReportingCode"]) == ("EQUITY", "EQU")


def test_a_delete_returns_the_account_and_frees_its_code_and_name(
    client: Client, spare: dict[str, Any]
) -> None:
    deleted = only(client.delete(spare["AccountID"]))

    assert deleted == spare | {"Status": "DELETED"}
    assert spare["AccountID"] not in {account["AccountID"] for account in client.accounts()}
    assert client.call("GET", f"/Accounts/{spare['AccountID']}").status_code == 404
    assert client.delete(spare["AccountID"]).status_code == 404
    assert only(client.create(Code="601", Name="Spare", Type="EXPENSE"))


def test_an_account_in_use_cannot_be_deleted(
    client: Client, sandbox: Sandbox, spare: dict[str, Any]
) -> None:
    sandbox.store.edit("601", used=True)

    assert "used" in messages(client.delete(spare["AccountID"]))[0]
    assert client.find("601")


def test_a_bank_account_needs_a_number_and_no_code(client: Client) -> None:
    assert messages(client.create(Name="Till", Type="BANK")) == [
        "Account BankAccountNumber is required"
    ]

    account = only(client.create(Name="Till", Type="BANK", BankAccountNumber="12-3141 0123456.77"))

    assert account["BankAccountNumber"] == "123141012345677"
    assert account["BankAccountType"] == "BANK"
    assert account["CurrencyCode"] == "NZD"
    assert account["TaxType"] == "NONE"
    assert "Code" not in account


@pytest.mark.parametrize(
    ("fields", "part"),
    [
        ({"BankAccountType": "PAYPAL"}, "Paypal"),
        ({"BankAccountType": "VAULT"}, "VAULT"),
        ({"Description": "A till"}, "Description"),
        ({"CurrencyCode": "dollars"}, "dollars"),
        ({"EnablePaymentsToAccount": True}, "EnablePaymentsToAccount"),
        ({"TaxType": "INPUT2"}, "INPUT2"),
    ],
)
def test_a_new_bank_account_has_its_own_rules(
    client: Client, fields: dict[str, Any], part: str
) -> None:
    answer = client.create(Name="Till", Type="BANK", BankAccountNumber="12-3141-1", **fields)

    (message,) = messages(answer)
    assert part in message


def test_a_bank_account_number_in_australia_begins_with_a_bsb(australia: Client) -> None:
    (message,) = messages(australia.create(Name="Card", Type="BANK", BankAccountNumber="1234"))

    assert message == "The Bank Account Number must contain a 6-digit BSB code and account number"
    assert only(australia.create(Name="Till", Type="BANK", BankAccountNumber="062-999 1234"))


@pytest.mark.parametrize(
    "fields",
    [
        {"TaxType": "NONE"},
        {"EnablePaymentsToAccount": False},
        {"ShowInExpenseClaims": True},
        {"BankAccountType": "CREDITCARD"},
        {"CurrencyCode": "USD"},
    ],
)
def test_a_bank_accounts_tax_type_and_currency_are_fixed(
    client: Client, fields: dict[str, Any]
) -> None:
    bank = client.find("090")["AccountID"]

    assert messages(client.update(bank, **fields)) == ["Cannot update Bank Accounts"]


def test_a_bank_accounts_name_code_and_number_can_change(client: Client) -> None:
    bank = client.find("090")

    account = only(
        client.update(
            bank["AccountID"],
            Name="Main",
            Code="095",
            Type="BANK",
            BankAccountType="BANK",
            CurrencyCode="NZD",
            BankAccountNumber="12-3141-1",
            AddToWatchlist=True,
        )
    )

    assert (account["Name"], account["Code"]) == ("Main", "095")
    assert account["BankAccountNumber"] == "1231411"
    assert account["BankAccountType"] == "BANK"
    assert account["CurrencyCode"] == "NZD"


def test_longer_codes_from_older_books_can_be_read(client: Client, sandbox: Sandbox) -> None:
    sandbox.store.insert(code="12345-67890-A", name="Older", type="OVERHEADS")

    account = client.find("12345-67890-A")

    assert account["ReportingCode"] == "EXP"
    assert only(client.update(account["AccountID"], Name="Old"))["Code"] == "12345-67890-A"
