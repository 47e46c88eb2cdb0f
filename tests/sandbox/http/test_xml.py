"""XML, which Xero reads and writes unless a request says JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from sandbox.client import Client, only
from xerosync.sandbox import Sandbox

if TYPE_CHECKING:
    import requests

XML = {"Content-Type": "application/xml", "Accept": "application/xml"}
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
SPARE = (
    "<Account><Code>601</Code><Name>R &amp; D \u2013 caf\u00e9</Name><Type>EXPENSE</Type></Account>"
)
BILLION_LAUGHS = """<!DOCTYPE Account [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><Account><Code>601</Code><Name>&c;</Name></Account>"""
FILE = """<!DOCTYPE Account [<!ENTITY f SYSTEM "file:///etc/passwd">]>
<Account><Code>601</Code><Name>&f;</Name><Type>EXPENSE</Type></Account>"""


def root(answer: requests.Response, status: int = 200) -> ET.Element:
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    return ET.fromstring(answer.content)  # noqa: S314 it comes from the sandbox


def texts(element: ET.Element | None) -> dict[str, str]:
    assert element is not None
    return {child.tag: child.text or "" for child in element}


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, "text/xml"),
        ("*/*", "text/xml"),
        ("application/xml", "text/xml"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/xml"),
        ("application/xml, application/json", "text/xml"),
        ("application/json;q=0.5, text/xml", "text/xml"),
        ("application/json", "application/json"),
        ("Application/JSON; charset=utf-8", "application/json"),
        ("application/json, text/plain, */*", "application/json"),
        ("text/xml;q=0.5, application/json", "application/json"),
    ],
)
@pytest.mark.parametrize("path", ["/Accounts", "/Accounts?where=Colour==1"])
def test_a_response_is_xml_unless_json_is_preferred(
    client: Client, accept: str | None, kind: str, path: str
) -> None:
    answer = client.call("GET", path, headers={"Accept": accept})

    assert answer.headers["Content-Type"] == f"{kind}; charset=utf-8"


def test_the_chart_in_xml_says_what_it_says_in_json(client: Client) -> None:
    response = root(client.call("GET", "/Accounts", headers={"Accept": "*/*"}))

    assert response.tag == "Response"
    assert texts(response)["Status"] == "OK"
    assert texts(response)["DateTimeUTC"] == "2026-06-01T00:00:00.000"
    accounts = response.findall("Accounts/Account")
    for element, account in zip(accounts, client.accounts(), strict=True):
        found = texts(element)
        assert found.pop("UpdatedDateUTC") == "2026-01-01T00:00:00.000"
        assert found == {
            name: str(value).lower() if isinstance(value, bool) else value
            for name, value in account.items()
            if name != "UpdatedDateUTC"
        }


def test_nested_lists_have_singular_elements(client: Client) -> None:
    def names(path: str, under: str) -> set[str]:
        response = root(client.call("GET", path, headers={"Accept": "text/xml"}))
        return {child.tag for parent in response.iterfind(under) for child in parent}

    assert names("/Currencies", "Currencies") == {"Currency"}
    assert names("/Users", "Users") == {"User"}
    assert names("/TaxRates", "TaxRates/TaxRate/TaxComponents") == {"TaxComponent"}
    assert names("/Organisation", "Organisations/Organisation/Addresses") == {"Address"}
    assert names("/TrackingCategories", "TrackingCategories") == {"TrackingCategory"}
    assert names("/TrackingCategories", "TrackingCategories/*/Options") == {"Option"}


@pytest.mark.parametrize(
    "headers",
    [XML, XML | {"Content-Type": "text/xml"}, XML | {"Content-Type": None},
     XML | {"Content-Type": "application/x-www-form-urlencoded"}],
)  # fmt: skip
def test_an_account_is_created_updated_archived_and_deleted_in_xml(
    client: Client, headers: dict[str, str]
) -> None:
    body = f"<Accounts>{SPARE}<Account><Code>602</Code></Account></Accounts>"
    created = root(client.call("PUT", "/Accounts", data=body.encode(), headers=headers))
    (account,) = created.findall("Accounts/Account")
    assert client.find("601")["Name"] == "R & D \u2013 caf\u00e9"
    assert texts(account)["TaxType"] == "INPUT2"

    path = f"/Accounts/{texts(account)['AccountID']}"
    body = """<?xml version="1.0"?><Account><Name>Research</Name><ShowInExpenseClaims>true
      </ShowInExpenseClaims><Description>Trials</Description></Account>"""
    root(client.call("POST", path, data=body, headers=headers))
    body = """<Account xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
      <Code xsi:nil="true"/><Description/><ValidationErrors><ValidationError/></ValidationErrors>
      </Account>"""
    root(client.call("POST", path, data=body, headers=headers))
    account_now = client.find("601")
    assert (account_now["Name"], account_now["ShowInExpenseClaims"]) == ("Research", True)
    assert "Description" not in account_now

    body = "<Account><Status>ARCHIVED</Status></Account>"
    archived = root(client.call("POST", path, data=body, headers=headers))
    assert archived.findtext("Accounts/Account/Status") == "ARCHIVED"
    deleted = root(client.call("DELETE", path, headers=headers))
    assert deleted.findtext("Accounts/Account/Status") == "DELETED"


def test_a_body_in_xml_can_have_its_answer_in_json(client: Client) -> None:
    """This is how pyxero writes."""
    answer = client.call(
        "PUT", "/Accounts", data=SPARE.encode(), headers={"Content-Type": "application/xml"}
    )

    assert only(answer)["Code"] == "601"


def test_broken_rules_are_an_api_exception_with_every_message(client: Client) -> None:
    body = "<Account><Code>200</Code><Name>Sales</Name><Type>REVENUE</Type></Account>"

    exception = root(client.call("PUT", "/Accounts", data=body, headers=XML), 400)

    assert exception.tag == "ApiException"
    assert texts(exception)["ErrorNumber"] == "10"
    assert texts(exception)["Type"] == "ValidationException"
    (element,) = exception.findall("Elements/DataContractBase")
    assert element.get(f"{XSI}type") == "Account"
    assert texts(element)["Code"] == "200"
    messages = [e.text for e in element.iterfind("ValidationErrors/ValidationError/Message")]
    assert messages == ["Please enter a unique Code.", "Please enter a unique Name."]


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ('{"Code": "601"}', "The Content-Type is not JSON, and the body is not valid XML"),
        ("", "no element"),
        ("<Account>", "no element"),
        ("<Account></Accounts>", "mismatched"),
        ("<Account/><Account/>", "junk"),
        ("<Accounts/>", "holds no account"),
        ("<Invoices><Account/></Invoices>", "holds no account"),
        ("<Account><Code><b/></Code></Account>", "Code"),
        ("<Account><AddToWatchlist>perhaps</AddToWatchlist></Account>", "AddToWatchlist"),
        ("<a>" * 100_000, "deeply"),
        ('<?xml version="1.0" encoding="rot13"?><Account/>', "encoding"),
        ("<Account><Name>&nbsp;</Name></Account>", "undefined entity"),
        (BILLION_LAUGHS, "document type"),
        (FILE, "document type"),
        ("<!DOCTYPE Account><Account/>", "document type"),
    ],
)
def test_a_malformed_body_is_a_post_data_invalid_exception(
    client: Client, body: str, part: str
) -> None:
    exception = root(client.call("PUT", "/Accounts", data=body, headers=XML), 400)

    assert texts(exception)["Type"] == "PostDataInvalidException"
    assert part in texts(exception)["Message"]
    assert not [account for account in client.accounts() if account.get("Code") == "601"]


def test_characters_that_xml_cannot_hold_are_replaced(client: Client) -> None:
    only(client.create(Code="601", Name="A\u0000B\u001bC\uffffD<x>&", Type="EXPENSE"))

    response = root(client.call("GET", '/Accounts?where=Code=="601"', headers=XML))

    assert response.findtext("Accounts/Account/Name") == "A\ufffdB\ufffdC\ufffdD<x>&"


@pytest.mark.parametrize("name", ["/Date(0)/", "/Date(99999999999999999999)/"])
def test_only_dates_are_written_as_dates(client: Client, name: str) -> None:
    only(client.create(Code="601", Name=name, Type="EXPENSE"))

    response = root(client.call("GET", '/Accounts?where=Code=="601"', headers=XML))

    assert response.findtext("Accounts/Account/Name") == name


def test_a_key_repeats_the_answer_in_its_format(client: Client) -> None:
    headers = XML | {"Idempotency-Key": "k1"}
    first, second = (
        client.call("PUT", "/Accounts", data=SPARE.encode(), headers=headers) for _ in range(2)
    )

    assert root(first).findtext("Accounts/Account/Code") == "601"
    assert second.content == first.content


def test_a_refused_token_is_reported_in_json_even_if_xml_is_wanted(client: Client) -> None:
    answer = client.call("GET", "/Accounts", headers=XML | {"Authorization": "Bearer x"})

    assert answer.status_code == 401
    assert answer.json()["Title"] == "Unauthorized"


def test_an_answer_without_a_body_is_sent_as_it_is() -> None:
    with Sandbox(behaviour={"modified_since": "not_modified"}) as sandbox:
        client = Client(sandbox)
        since = {"If-Modified-Since": "Wed, 01 Jan 2100 00:00:00 GMT", "Accept": None}
        with client.session:
            answer = client.call("GET", "/Accounts", headers=since)
    assert (answer.status_code, answer.content) == (304, b"")
