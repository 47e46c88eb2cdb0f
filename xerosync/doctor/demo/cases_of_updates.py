"""What Xero accepts when an account is changed."""

from __future__ import annotations

from xerosync.doctor.demo.answers import found, judged, refused, stored
from xerosync.doctor.demo.cases_of_creates import plain, tax_for_all
from xerosync.doctor.demo.demo_books import DemoBooks
from xerosync.doctor.demo.made import Renamed
from xerosync.doctor.demo.port import Json, NotAsked, id_of, text
from xerosync.xero_behaviour import OTHER, XeroAnswer

NO_SUCH_CODE = "ZZZ.999"
SYSTEM_ACCOUNTS = (
    "ROUNDING", "TRACKINGTRANSFERS", "HISTORICAL", "REALISEDCURRENCYGAIN",
    "UNREALISEDCURRENCYGAIN", "BANKCURRENCYGAIN", "UNPAIDEXPCLM",
)  # fmt: skip
"""The system accounts that may be renamed, the least used first.

Only one is renamed: the first that is active and whose temporary name fits.
"""


def clear_description(books: DemoBooks) -> XeroAnswer:
    """Update with an empty description, and read the account again."""
    account = plain(books)
    if not text(account, "Description"):
        raise NotAsked("Xero did not store the description that was to be cleared.")
    answer = books.update(account, Description="")
    if not answer.done:
        return refused(answer)
    return found("kept" if text(books.get(account), "Description") else "cleared", answer)


def known_reporting_code(books: DemoBooks) -> XeroAnswer:
    """Update with a report code that another expense account has."""
    wanted = _other_code(books)
    return stored(books.update(plain(books), ReportingCode=wanted), "ReportingCode", wanted)


def clear_reporting_code(books: DemoBooks) -> XeroAnswer:
    """Clear a report code, if possible one that is not the default."""
    default = text(plain(books), "ReportingCode")
    account, before = _with_code(books, _other_code(books))
    answer = books.update(account, ReportingCode="")
    if not answer.done:
        return refused(answer)
    now = text(books.get(account), "ReportingCode")
    if now == before == default and now:
        raise NotAsked("Xero stored no report code that could have been cleared.")
    return found({"": "cleared", default: "default", before: "kept"}.get(now, OTHER), answer)


def unknown_reporting_code(books: DemoBooks) -> XeroAnswer:
    """Update with a report code that does not exist."""
    answer = books.update(plain(books), ReportingCode=NO_SUCH_CODE)
    return stored(answer, "ReportingCode", NO_SUCH_CODE)


def retype_in_class(books: DemoBooks) -> XeroAnswer:
    """Update the type to another one of the same class."""
    return judged(books.update(plain(books), Type="OVERHEADS"), "accepted", Type="OVERHEADS")


def retype_across_classes(books: DemoBooks) -> XeroAnswer:
    """Update the type to one of another class; if possible, the tax rate applies to both."""
    answer = books.update(_retyped(books), Type="CURRENT")
    if answer.done:
        books.keep("retyped", answer.account)
    return judged(answer, "accepted", Type="CURRENT")


def retype_to_bank(books: DemoBooks) -> XeroAnswer:
    """Update the type to BANK, with a bank account number."""
    account = _retyped(books)
    if account.get("Type") != "CURRENT":
        account = books.fresh("CURRENT", **tax_for_all(books))
    answer = books.update(account, Type="BANK", BankAccountNumber=bank_number(books, 0))
    return judged(answer, "accepted", Type="BANK")


def bank_rename(books: DemoBooks) -> XeroAnswer:
    """Update the name of a bank account."""
    _, name = books.names.new()
    return judged(books.update(_bank(books), Name=name), "accepted", Name=name)


def bank_number_changed(books: DemoBooks) -> XeroAnswer:
    """Update the number of a bank account."""
    wanted = bank_number(books, 1)
    answer = books.update(_bank(books), BankAccountNumber=wanted)
    if not answer.done:
        return refused(answer)
    now = text(answer.account, "BankAccountNumber")
    return found("accepted" if _letters(now) == _letters(wanted) else OTHER, answer)


def bank_tax(books: DemoBooks) -> XeroAnswer:
    """Update the tax type of a bank account."""
    account = _bank(books)
    others = sorted(
        text(rate, "TaxType")
        for rate in books.tax_rates
        if rate.get("Status") == "ACTIVE"
        and rate.get("CanApplyToAssets") is True
        and text(rate, "TaxType") not in {"", text(account, "TaxType")}
    )
    if not others:
        raise NotAsked("The organisation has no other tax rate for a bank account.")
    answer = books.update(account, TaxType=others[0])
    return stored(answer, "TaxType", others[0], yes="accepted")


def credit_card(books: DemoBooks) -> XeroAnswer:
    """Create a credit card with the last four digits of a card, as Xero's own form asks for."""
    answer = books.create(
        books.draft("BANK", BankAccountType="CREDITCARD", BankAccountNumber="4242")
    )
    return judged(answer, "accepted", BankAccountType="CREDITCARD")


def system_rename(books: DemoBooks) -> XeroAnswer:
    """Rename a system account, and rename it back."""
    active = [one for one in books.accounts if one.get("Status") == "ACTIVE"]
    ranked = [one for role in SYSTEM_ACCOUNTS for one in active if one.get("SystemAccount") == role]
    account = next((one for one in ranked if books.names.renamed(text(one, "Name"))), None)
    if account is None:
        raise NotAsked("The organisation has no system account that can be renamed safely.")
    system = Renamed(id_of(account), text(account, "Name"))
    wanted = books.names.renamed(system.name)
    answer = books.rename_system(system, wanted)
    if answer.done:
        books.rename_system(system, system.name)
    return judged(answer, "accepted", Name=wanted)


def bank_number(books: DemoBooks, number: int) -> str:
    """Return an example (`number` 0 or 1) of a bank account number, in the form of the country."""
    return {
        "NZ": ("01-0902-0068389-00", "08-6523-1954512-001"),
        "AU": ("000000 12345678", "000000 87654321"),
        "GB": ("000000 12345678", "000000 87654321"),
    }.get(books.organisation.country_code, ("000012345678", "000087654321"))[number]


def _retyped(books: DemoBooks) -> Json:
    return books.shared("retyped", lambda: books.fresh(**tax_for_all(books)))


def _bank(books: DemoBooks) -> Json:
    number = bank_number(books, 0)
    return books.shared("bank", lambda: books.fresh("BANK", BankAccountNumber=number))


def _other_code(books: DemoBooks) -> str:
    """Return an expense account's non-default report code. Raises `NotAsked` if there is none."""
    default = text(plain(books), "ReportingCode")
    codes = {text(one, "ReportingCode") for one in books.accounts if one.get("Class") == "EXPENSE"}
    if not codes - {"", default}:
        raise NotAsked("No expense account of the organisation has a report code of its own.")
    return min(codes - {"", default})


def _with_code(books: DemoBooks, wanted: str) -> tuple[Json, str]:
    """Try to give an account the wanted report code; return the account and the code it has."""
    account = plain(books)
    now = text(books.get(account), "ReportingCode")
    if now == wanted:
        return account, now
    if text(books.update(account, ReportingCode=wanted).account, "ReportingCode") == wanted:
        return account, wanted
    created = books.create(books.draft(ReportingCode=wanted, **tax_for_all(books)))
    if created.done and books.made.is_ours(created.account):
        return created.account, text(created.account, "ReportingCode")
    return account, now


def _letters(number: str) -> str:
    return "".join(c for c in number if c.isalnum()).casefold()
