"""Plans to look at: a rich one with every kind of change, a long one, and a hostile one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache

from builders import ARCHIVED, DELETED, account, chart, entry, new, wanted

from xerosync.desired import DesiredAccount, DesiredChart, Limits, Source
from xerosync.model import Account, Chart, Organisation
from xerosync.plan.build import build
from xerosync.plan.plan import Origin, Plan
from xerosync.plan.usage import ReadNow
from xerosync.usage import Balance, RepeatingInvoice, Unknown, Usage, UsageKind

SECRET = "Private Person "
"""How the name of each contact in the hostile plan begins: no document may have it."""

LONG_TEXT = "Rent of the premises, parking and storage. " * 12


@cache
def rich_plan() -> Plan:
    """Return a plan with every kind of change."""
    current = chart(
        account("090", "Business Bank Account", type="BANK"),
        account("200", "Sales", type="REVENUE", tax_type="OUTPUT2"),
        account("201", "Sale of Goods", type="REVENUE", tax_type="OUTPUT2"),
        account("260", "Other Revenue", type="REVENUE", tax_type="OUTPUT2"),
        account("310", "Cost of Goods Sold", type="DIRECTCOSTS", tax_type="INPUT2"),
        account("400", "Advertising", tax_type="INPUT2", description="Adverts"),
        account("404", "Bank Fees"),
        account("408", "Cleaning", tax_type="INPUT2"),
        account("412", "Consulting & Accounting", tax_type="INPUT2"),
        account("416", "Depreciation", type="DEPRECIATN"),
        account("420", "Entertainment", tax_type="INPUT2"),
        account("425", "Freight & Courier", tax_type="INPUT2"),
        account("429", "General Expenses", tax_type="INPUT2"),
        account("433", "Insurance", tax_type="INPUT2"),
        account("437", "Interest Expense"),
        account("441", "Legal expenses", tax_type="INPUT2", status=ARCHIVED),
        account("469", "Rent", tax_type="INPUT2", description="Rent of the office"),
        account("485", "Subscriptions", tax_type="INPUT2"),
        account("489", "Telephone & Internet", tax_type="INPUT2"),
        account("493", "Travel - National", tax_type="INPUT2"),
        account("610", "Accounts Receivable", type="CURRENT", system_account="DEBTORS"),
        account("620", "Prepayments", type="CURRENT"),
        account("710", "Office Equipment", type="FIXED", tax_type="INPUT2"),
        account("820", "GST", type="CURRLIAB", system_account="GST"),
        account("835", "Revenue Received in Advance", type="CURRLIAB"),
        account("850", "Suspense", type="CURRLIAB"),
        account("980", "Owner A Share Capital", type="EQUITY"),
        account("990", "Old Clearing", type="CURRLIAB"),
    )
    desired = wanted(
        entry("090", "Business Cheque Account"),
        entry("200", tax_type="OUTPUT2"),
        entry("205", "Sales of Goods", previously=("201",)),
        entry("310", type="OVERHEADS"),
        entry("400", description="", tax_type="NONE"),
        entry("412", "Consulting"),
        # two accounts that swap their codes
        entry("429", account_id="id-433"),
        entry("433", account_id="id-429"),
        entry("441", tax_type="INPUT2"),
        entry("469", description=LONG_TEXT.strip(), show_in_expense_claims=True),
        entry("485", status=ARCHIVED),
        entry("489", status=ARCHIVED),
        entry("620", type="EXPENSE", tax_type="INPUT2"),
        entry("710", tax_type="NOSUCH"),
        entry("820", status=ARCHIVED),
        entry("835", type="REVENUE", tax_type="OUTPUT2"),
        entry("990", status=DELETED),
        new("470", "Rent of Vehicles", tax_type="INPUT2", description="Vans & cars | leased"),
        new("265", "Grants", type="OTHERINCOME", tax_type="OUTPUT2", add_to_watchlist=True),
        new("631", "Goods on the Way", type="CURRENT", enable_payments_to_account=True),
        limits=Limits(archives=2, deletes=0, change_percent=30),
    )
    plan = build(current, desired)
    return _with_origins(plan)


@cache
def long_plan(changes: int = 500) -> Plan:
    """Return a plan with so many changes: updates, creates and some archives, all with notes."""
    kinds = ("EXPENSE", "REVENUE", "CURRENT", "CURRLIAB")
    held: list[Account] = []
    asked: list[DesiredAccount] = []
    for number in range(changes):
        code, kind = f"{1000 + number}", kinds[number % len(kinds)]
        name = f"Account of the {number}th Department"
        if number % 5 == 4:
            asked.append(new(code, name, type=kind, tax_type="NONE", description=f"For {name}"))
            continue
        held.append(account(code, name, type=kind, description="As it was"))
        match number % 5:
            case 0:
                asked.append(entry(code, f"{name}, renamed", description="As it will be"))
            case 1:
                asked.append(entry(code, status=ARCHIVED))
            case 2:
                asked.append(entry(code, type=kinds[(number + 1) % 4]))
            case _:
                asked.append(entry(f"7{code}", previously=(code,)))
    held += [account(f"9{number:03}", f"Left Alone {number}") for number in range(40)]
    return build(chart(*held), wanted(*asked, limits=Limits(5, 0, 30)))


@cache
def hostile_plan(text: str) -> Plan:
    """Return a plan in which every text from the file or from Xero is this one."""
    current = chart(
        account("1", text, description=text, tax_type=text),
        account("2", f"{text} archived", type="CURRENT"),
        account("3", f"{text} left alone", type=text),
        account("4", f"{text} system", type="CURRLIAB", system_account=text or "GST"),
        account("6", f"{text} swap", type="EXPENSE"),
        account("7", f"{text} other", type="EXPENSE"),
    )
    books = Organisation(text, text, text, text, text, is_demo_company=True)
    current = replace(current, organisation=books)
    desired = wanted(
        entry("1", f"{text} renamed", description=f"{text}{text}", type="CURRENT", tax_type="NONE"),
        entry("2", status=ARCHIVED),
        entry("4", f"{text} renamed system", line=40),
        entry("5" + text, f"{text} too long a code", type="EXPENSE"),
        entry("7", account_id="id-6"),
        entry("6", account_id="id-7"),
        new("8", f"{text} new", tax_type=text),
        new("9", f"{text} made", description=text, reporting_code=text, tax_type="NONE"),
    )
    known = ReadNow(hostile_usage(current, text), names=True)
    plan = build(current, _in_file(desired, text), known)
    changes = tuple(
        replace(change, reasons=(*change.reasons, text), warnings=(*change.warnings, text))
        for change in plan.changes
    )
    return replace(plan, changes=changes)


def hostile_usage(books: Chart, text: str) -> Usage:
    """Return a usage whose items and contacts have this name, as have the reasons."""
    ids = [one.account_id for one in books.accounts]
    return Usage(
        date(2026, 11, 24),
        dict.fromkeys(ids, Balance(Decimal("-1204.50"), moved=True)),
        dict.fromkeys(ids, (text, f"{text} item")),
        dict.fromkeys(ids, (RepeatingInvoice(f"{SECRET}{text}", date(2026, 12, 1)),)),
        dict.fromkeys(ids, (f"{SECRET}{text}", f"{SECRET}{text} two")),
        (Unknown(UsageKind.CONTACTS, text), Unknown(UsageKind.BALANCE, text, text)),
    )


def _in_file(desired: DesiredChart, file: str) -> DesiredChart:
    accounts = tuple(
        replace(one, source=Source(file, one.source.line, one.source.column))
        for one in desired.accounts
    )
    limits = Limits(archives=0, deletes=0, change_percent=0)
    return replace(desired, file=file, accounts=accounts, limits=limits)


def _with_origins(plan: Plan) -> Plan:
    """Return one change an origin in Xero, as `drift` does."""
    origins = {"400": Origin.XERO, "412": Origin.FILE, "469": Origin.BOTH}
    changes = tuple(replace(c, origin=origins.get(c.code, c.origin)) for c in plan.changes)
    return replace(plan, changes=changes)
