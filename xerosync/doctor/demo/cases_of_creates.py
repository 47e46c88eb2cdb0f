"""What Xero accepts when an account is created."""

from __future__ import annotations

from xerosync.doctor.demo.answers import found, judged, refused, stored
from xerosync.doctor.demo.demo_books import DemoBooks
from xerosync.doctor.demo.port import Json, NotAsked, text
from xerosync.xero_behaviour import OTHER, XeroAnswer

APPLIES = (
    "CanApplyToAssets", "CanApplyToEquity", "CanApplyToExpenses", "CanApplyToLiabilities",
    "CanApplyToRevenue",
)  # fmt: skip


def tax_for_all(books: DemoBooks) -> dict[str, str]:
    """Return the field TaxType with a tax rate that applies to every class of account.

    NONE is preferred. If no rate applies to every class, return {}.
    """
    rates = [
        rate
        for rate in books.tax_rates
        if rate.get("Status") == "ACTIVE" and all(rate.get(flag) is True for flag in APPLIES)
    ]
    rates.sort(key=lambda rate: (text(rate, "TaxType") != "NONE", text(rate, "TaxType")))
    return {"TaxType": text(rates[0], "TaxType")} if rates else {}


def plain(books: DemoBooks) -> Json:
    """Return the expense account that many questions share; make it if needed."""
    return books.shared(
        "plain", lambda: books.fresh(Description="Made by xerosync doctor.", **tax_for_all(books))
    )


def archived(books: DemoBooks) -> Json:
    """Return the archived account that some questions share; make it if needed.

    Raises `NotAsked` if Xero refuses to create or archive it.
    """

    def make() -> Json:
        answer = books.update(books.fresh(), Status="ARCHIVED")
        if not answer.done:
            raise NotAsked(f"Xero did not archive the account: {answer.why}")
        return answer.account

    return books.shared("archived", make)


def post_without_id(books: DemoBooks) -> XeroAnswer:
    """POST a new account without an AccountID."""
    values = books.draft()
    return judged(books.create(values, method="POST"), "created", Name=values["Name"])


def post_code_without_id(books: DemoBooks) -> XeroAnswer:
    """POST another description for an account, with its code and name but without its AccountID."""
    account = plain(books)
    named = {key: account[key] for key in ("Code", "Name", "Type")}
    wanted = "Written by its code."
    answer = books.create({**named, "Description": wanted}, method="POST")
    if not answer.done:
        return refused(answer)
    now = books.get(account)
    return found("updated" if text(now, "Description") == wanted else OTHER, answer)


def archived_code(books: DemoBooks) -> XeroAnswer:
    """PUT an account with the code of an archived account."""
    return _taken(books, Code=text(archived(books), "Code"))


def archived_name(books: DemoBooks) -> XeroAnswer:
    """PUT an account with the name of an archived account."""
    return _taken(books, Name=text(archived(books), "Name"))


def code_case(books: DemoBooks) -> XeroAnswer:
    """PUT an account with another account's code in lower case."""
    return _taken(books, Code=text(plain(books), "Code").lower())


def name_case(books: DemoBooks) -> XeroAnswer:
    """PUT an account with another account's name in upper case."""
    return _taken(books, Name=text(plain(books), "Name").upper())


def symbol_first(books: DemoBooks) -> XeroAnswer:
    """PUT an account whose name starts with a symbol."""
    values = books.draft()
    values["Name"] = f"#{values['Name']}"
    return judged(books.create(values), "accepted", Name=values["Name"])


def tax_mismatch(books: DemoBooks) -> XeroAnswer:
    """PUT an expense account with a tax rate that does not apply to expenses."""
    rates = [
        rate
        for rate in books.tax_rates
        if rate.get("Status") == "ACTIVE" and rate.get("CanApplyToExpenses") is False
    ]
    if not rates:
        raise NotAsked("Every tax rate of this organisation applies to expenses.")
    rates.sort(key=lambda rate: (rate.get("CanApplyToRevenue") is not True, text(rate, "TaxType")))
    wanted = text(rates[0], "TaxType")
    return judged(books.create(books.draft(TaxType=wanted)), "accepted", TaxType=wanted)


def payments_on_expense(books: DemoBooks) -> XeroAnswer:
    """PUT an expense account with EnablePaymentsToAccount."""
    answer = books.create(books.draft(EnablePaymentsToAccount=True))
    return stored(answer, "EnablePaymentsToAccount", value=True, yes="accepted")


def watchlist_on_put(books: DemoBooks) -> XeroAnswer:
    """PUT an account with AddToWatchlist."""
    return stored(books.create(books.draft(AddToWatchlist=True)), "AddToWatchlist", value=True)


def _taken(books: DemoBooks, **taken: str) -> XeroAnswer:
    return judged(books.create(books.draft() | taken), "accepted", **taken)
