"""The sandbox answers each open question as it is told to, and by default as it assumes.

Each probe asks one question through the API, and returns the answer that it sees.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from behaviours import answers_of, opposite

from sandbox.client import Client, Clock, only
from xerosync.sandbox import Limits, Sandbox
from xerosync.sandbox.accounting.assumptions import Assumptions
from xerosync.xero_behaviour import QUESTIONS, Question, assumption

Probe = Callable[[Client], str]
SPARE = {"Code": "901", "Name": "Spare", "Type": "EXPENSE", "TaxType": "NONE"}
NEVER = "Wed, 01 Jan 2100 00:00:00 GMT"


def made(client: Client, **fields: Any) -> str:
    """Create an account, and return its id."""
    account_id = only(client.create(**SPARE | fields))["AccountID"]
    assert isinstance(account_id, str)
    return account_id


def taken(answer: requests.Response, yes: str = "accepted") -> str:
    return yes if answer.status_code == 200 else "refused"


def after(client: Client, account_id: str) -> dict[str, Any]:
    return only(client.call("GET", f"/Accounts/{account_id}"))


def post_without_id(client: Client) -> str:
    return taken(client.call("POST", "/Accounts", json=SPARE), "created")


def post_code_without_id(client: Client) -> str:
    account_id = made(client)
    answer = client.call("POST", "/Accounts", json={"Code": "901", "Name": "Renamed"})
    assert (answer.status_code == 200) == (after(client, account_id)["Name"] == "Renamed")
    return taken(answer, "updated")


def clear_description(client: Client) -> str:
    account_id = made(client, Description="For later")
    answer = client.update(account_id, Description="")
    left = after(client, account_id).get("Description")
    return "refused" if answer.status_code == 400 else "kept" if left else "cleared"


def clear_reporting_code(client: Client) -> str:
    account_id = made(client, ReportingCode="EXP.TRA")
    answer = client.update(account_id, ReportingCode="")
    left = after(client, account_id)["ReportingCode"]
    if answer.status_code == 400:
        return "refused"
    return {"EXP.TRA": "kept", "EXP": "default", "": "cleared"}[left]


def reporting_code(code: str) -> Probe:
    def probe(client: Client) -> str:
        account_id = made(client)
        answer = client.update(account_id, ReportingCode=code)
        if answer.status_code == 400:
            return "refused"
        left = after(client, account_id)["ReportingCode"]
        return {code: "stored", "EXP": "ignored"}[left]

    return probe


def retype(before: str, to: str, **sent: str) -> Probe:
    def probe(client: Client) -> str:
        account_id = made(client, Type=before)
        answer = client.update(account_id, Type=to, **sent)
        expected = to if answer.status_code == 200 else before
        assert after(client, account_id)["Type"] == expected
        return taken(answer)

    return probe


def held_by_archived(**other: str) -> Probe:
    def probe(client: Client) -> str:
        account_id = made(client)
        only(client.update(account_id, Status="ARCHIVED"))
        return taken(client.create(**SPARE | other))

    return probe


def in_another_case(**other: str) -> Probe:
    def probe(client: Client) -> str:
        made(client, Code="SP1")
        return taken(client.create(**SPARE | {"Code": "SP1"} | other))

    return probe


def symbol_first(client: Client) -> str:
    return taken(client.create(**SPARE | {"Name": "*Spare"}))


def status_with_details(client: Client) -> str:
    account_id = made(client)
    answer = client.update(account_id, Status="ARCHIVED", Name="Renamed")
    now = after(client, account_id)
    expected = ("ARCHIVED", "Renamed") if answer.status_code == 200 else ("ACTIVE", "Spare")
    assert (now["Status"], now["Name"]) == expected
    return taken(answer)


def archived(client: Client) -> str:
    account_id = made(client)
    only(client.update(account_id, Status="ARCHIVED"))
    return account_id


def locked(client: Client) -> str:
    account_id = made(client, Type="INVENTORY")
    costs = {"PurchaseDetails": {"COGSAccountCode": "310"}}
    item = {"Code": "SPARE", "InventoryAssetAccountCode": "901"} | costs
    assert client.call("PUT", "/Items", json=item).status_code == 200
    return account_id


def tax_mismatch(client: Client) -> str:
    return taken(client.create(**SPARE | {"TaxType": "OUTPUT2"}))


def payments_on_expense(client: Client) -> str:
    answer = client.create(**SPARE, EnablePaymentsToAccount=True)
    if answer.status_code == 400:
        return "refused"
    return "accepted" if only(answer)["EnablePaymentsToAccount"] else "ignored"


def watchlist_on_put(client: Client) -> str:
    answer = client.create(**SPARE, AddToWatchlist=True)
    if answer.status_code == 400:
        return "refused"
    return "stored" if only(answer)["AddToWatchlist"] else "ignored"


def bank(field: str, value: str) -> Probe:
    def probe(client: Client) -> str:
        account_id = client.find("090")["AccountID"]
        answer = client.update(account_id, **{field: value})
        if answer.status_code == 400:
            return "refused"
        return "accepted" if after(client, account_id)[field] == value else "ignored"

    return probe


def credit_card(client: Client) -> str:
    card = {"BankAccountNumber": "5299" * 4, "BankAccountType": "CREDITCARD"}
    return taken(client.create(Code="099", Name="Card", Type="BANK", **card))


def system_rename(client: Client) -> str:
    account_id = client.find("610")["AccountID"]
    return taken(client.update(account_id, Name="Debtors"))


def idempotency_same(client: Client) -> str:
    first = client.create({"Idempotency-Key": "k"}, **SPARE)
    second = client.create({"Idempotency-Key": "k"}, **SPARE)
    assert second.status_code == 400 or second.json() == first.json()
    assert len([a for a in client.accounts() if a.get("Code") == "901"]) == 1
    return taken(second, "replayed")


def idempotency_other(client: Client) -> str:
    only(client.create({"Idempotency-Key": "k"}, **SPARE))
    other = SPARE | {"Code": "902", "Name": "Another"}
    return taken(client.create({"Idempotency-Key": "k"}, **other), "done")


def modified_since(client: Client) -> str:
    answer = client.call("GET", "/Accounts", headers={"If-Modified-Since": NEVER})
    if answer.status_code == 304:
        assert not answer.content
        return "not_modified"
    return "everything" if answer.json()["Accounts"] else "empty"


def connections_listed(client: Client) -> str:
    answer = client.session.get(f"{client.sandbox.url}/connections", timeout=10)
    return "listed" if answer.json() else "not_listed"


def scope_requested(client: Client) -> str:
    form = {"grant_type": "client_credentials", "scope": "accounting.settings"}
    sandbox = ("sandbox", "sandbox")
    url = f"{client.sandbox.url}/connect/token"
    return taken(requests.post(url, data=form, auth=sandbox, timeout=10))


PROBES: dict[Question, Probe] = {
    Question.POST_WITHOUT_ID: post_without_id,
    Question.POST_CODE_WITHOUT_ID: post_code_without_id,
    Question.CLEAR_DESCRIPTION: clear_description,
    Question.CLEAR_REPORTING_CODE: clear_reporting_code,
    Question.KNOWN_REPORTING_CODE: reporting_code("EXP.VEH"),
    Question.UNKNOWN_REPORTING_CODE: reporting_code("ZZZ.999"),
    Question.RETYPE_IN_CLASS: retype("EXPENSE", "OVERHEADS"),
    Question.RETYPE_ACROSS_CLASSES: retype("EXPENSE", "CURRENT"),
    Question.RETYPE_TO_BANK: retype("CURRENT", "BANK", BankAccountNumber="0209087654321050"),
    Question.ARCHIVED_CODE: held_by_archived(Name="Another"),
    Question.ARCHIVED_NAME: held_by_archived(Code="902"),
    Question.CODE_CASE: in_another_case(Code="sp1", Name="Another"),
    Question.NAME_CASE: in_another_case(Code="902", Name="SPARE"),
    Question.SYMBOL_FIRST: symbol_first,
    Question.STATUS_WITH_DETAILS: status_with_details,
    Question.UPDATE_ARCHIVED: lambda client: taken(client.update(archived(client), Name="Late")),
    Question.DELETE_UNUSED: lambda client: taken(client.delete(made(client)), "deleted"),
    Question.DELETE_ARCHIVED: lambda client: taken(client.delete(archived(client)), "deleted"),
    Question.DELETE_LOCKED: lambda client: taken(client.delete(locked(client)), "deleted"),
    Question.ARCHIVE_LOCKED: lambda client: taken(client.update(locked(client), Status="ARCHIVED")),
    Question.TAX_MISMATCH: tax_mismatch,
    Question.PAYMENTS_ON_EXPENSE: payments_on_expense,
    Question.WATCHLIST_ON_PUT: watchlist_on_put,
    Question.BANK_RENAME: bank("Name", "Main Bank"),
    Question.BANK_NUMBER: bank("BankAccountNumber", "0209087654321099"),
    Question.BANK_TAX: bank("TaxType", "INPUT2"),
    Question.CREDIT_CARD: credit_card,
    Question.SYSTEM_RENAME: system_rename,
    Question.IDEMPOTENCY_SAME: idempotency_same,
    Question.IDEMPOTENCY_OTHER: idempotency_other,
    Question.MODIFIED_SINCE: modified_since,
    Question.CONNECTIONS_LISTED: connections_listed,
    Question.SCOPE_REQUESTED: scope_requested,
}
ANSWERS = [(question, answer) for question in Question for answer in QUESTIONS[question].answers]


def asked(question: Question, answers: dict[str, str], country: str = "NZ") -> str:
    """Ask a new sandbox, with its answers and its country, one question."""
    limits = Limits(minute=1000)
    with Sandbox(country=country, behaviour=answers, clock=Clock(), limits=limits) as sandbox:
        client = Client(sandbox)
        with client.session:
            return PROBES[question](client)


@pytest.mark.parametrize(("question", "answer"), ANSWERS)
def test_a_client_sees_each_answer_that_is_set(question: Question, answer: str) -> None:
    assert asked(question, {str(question): answer}) == answer


def test_unknown_questions_and_answers_do_not_change_the_assumptions() -> None:
    unknown = {str(question): "other" for question in Question}
    assert Assumptions.of(unknown | {"weather": "fine"}, {}) == Assumptions()


def test_an_account_of_a_type_that_the_sandbox_does_not_know_can_be_edited(
    client: Client, sandbox: Sandbox
) -> None:
    account = sandbox.store.insert(code="950", name="Payroll", type="WAGESEXPENSE")
    answer = client.update(account.account_id, EnablePaymentsToAccount=True)
    assert only(answer)["EnablePaymentsToAccount"]


def test_a_card_is_refused_only_in_australia_unless_a_report_says_otherwise() -> None:
    card = Question.CREDIT_CARD
    assert asked(card, {}, "AU") == assumption(card, "AU") == "refused"
    assert asked(card, answers_of(opposite("AU")), "AU") == "accepted"
    assert asked(card, answers_of(opposite("NZ")), "NZ") == "refused"


def test_refusals_have_the_messages_of_the_report(clock: Clock) -> None:
    answers = {str(question): "refused" for question in Question}
    texts = {name: [f"Told by {name}.", "And so on."] for name in answers}
    with Sandbox(clock=clock, behaviour=answers, texts=texts) as sandbox:
        client = Client(sandbox)
        with client.session:
            sales = client.find("200")["AccountID"]
            refused = client.update(sales, Name="*Sales", ReportingCode="ZZZ.999", Type="SALES")
            said = [e["Message"] for e in refused.json()["Elements"][0]["ValidationErrors"]]
    assert said == ["Told by symbol_first.", "And so on.", "Told by retype_in_class.", "And so on."]


def test_the_table_and_the_sandbox_have_the_same_questions_and_assumptions() -> None:
    """The sandbox imports nothing of ours, so only a test keeps the two the same."""
    fields = {name: getattr(Assumptions(), name) for name in Assumptions.__slots__}
    del fields["texts"]
    assert fields.pop("credit_card") == ""
    assert fields == {str(q): assumption(q) for q in Question if q is not Question.CREDIT_CARD}
