"""The chart of accounts that an organisation starts with.

There is one base chart, and for each country the accounts that differ from it. Most codes, names
and types are those of Xero's demo companies; the descriptions are ours.

A line is code | name | type | tax | reporting code | flags | system account | description.
Flags: p takes payments, e shows in expense claims, w is on the watchlist, u has no transactions,
a is archived and has no transactions, x has no SystemAccount key in Xero's JSON (like some
ordinary accounts in Xero).
"""

from __future__ import annotations

from xerosync.sandbox.accounting.account import Account, AccountStatus, account_number
from xerosync.sandbox.books.seed.country import CREATED_MS, Organisation

BASE = """
200|Sales|REVENUE|out|REV.TRA.GOO|w||What customers are charged for goods and services
205|Sales - Market Stall|REVENUE|out|REV|a||Takings of the market stall, closed last year
260|Other Revenue|REVENUE|out|REV.OTH|||Income from outside the usual trade
270|Interest Income|REVENUE|free|REV.INV.INT|||Interest that banks and borrowers pay us
300|Purchases|DIRECTCOSTS|in|EXP|x||Goods bought to be sold again
310|Cost of Goods Sold|DIRECTCOSTS|in|EXP.COS|x||Cost of the goods sold in the period
400|Advertising|EXPENSE|in|EXP|ew||Campaigns, listings and other promotion
404|Bank Fees|EXPENSE|none|EXP|e||What banks charge for accounts and transfers
408|Cleaning|EXPENSE|in|EXP|e||Cleaning of offices and workshops
412|Consulting & Accounting|EXPENSE|in|EXP.LEG|e||Fees of advisers, bookkeepers and auditors
416|Depreciation|EXPENSE|none|EXP.DEP|||Loss in value of the fixed assets
420|Entertainment|EXPENSE|none|EXP.ENT|ew||Meals and events with customers and staff
425|Freight & Courier|EXPENSE|in|EXP|e||Sending and receiving of parcels and pallets
429|General Expenses|EXPENSE|in|EXP|e||Small costs with no account of their own
433|Insurance|EXPENSE|in|EXP.INS|e||Premiums for the cover of the business
437|Interest Expense|EXPENSE|none|EXP.INT|e||Interest on loans and overdrafts
441|Legal expenses|EXPENSE|in|EXP.LEG|e||Fees of lawyers and courts
445|Light, Power, Heating|EXPENSE|in|EXP|e||Electricity, gas and other energy
449|Motor Vehicle Expenses|EXPENSE|in|EXP.VEH|e||Fuel, service and registration of vehicles
453|Office Expenses|EXPENSE|in|EXP|e||Supplies and small items for the office
457|Fax & Telex|EXPENSE|in|EXP|ea||Lines given up long ago
461|Printing & Stationery|EXPENSE|in|EXP|e||Paper, toner and printed matter
469|Rent|EXPENSE|in|EXP.REN|e||Rent of buildings and yards
473|Repairs and Maintenance|EXPENSE|in|EXP.REP|e||Upkeep of buildings and equipment
477|Wages and Salaries|EXPENSE|none|EXP.EMP|||Gross pay of all staff
478|Superannuation|EXPENSE|none|EXP.EMP.SUP|||Employer's share of retirement savings
480|Staff Training|EXPENSE|in|EXP.EMP|eu||Courses and material for staff
485|Subscriptions|EXPENSE|in|EXP|e||Software, magazines and memberships
486|Trade Magazines|EXPENSE|in|EXP|ea||Now booked with the subscriptions
489|Telephone & Internet|EXPENSE|in|EXP|e||Calls, mobile plans and broadband
493|Travel - National|EXPENSE|in|EXP.TRA|e||Trips within the country
494|Travel - International|EXPENSE|none|EXP.TRA|e||Trips abroad
497|Bank Revaluations|EXPENSE|none|EXP.FOR||BANKCURRENCYGAIN|Exchange differences at banks
498|Unrealised Currency Gains|EXPENSE|none|EXP.FOR.UGL||UNREALISEDCURRENCYGAIN|\
Exchange differences on open items
499|Realised Currency Gains|EXPENSE|none|EXP.FOR.RGL||REALISEDCURRENCYGAIN|\
Exchange differences on paid items
505|Income Tax Expense|EXPENSE|none|EXP.INC|||Tax on the profit of the year
610|Accounts Receivable|CURRENT|none|ASS.CUR.REC.TRA||DEBTORS|What customers still owe
620|Prepayments|CURRENT|none|ASS.CUR.REC.PRE|||Costs paid ahead of their period
630|Inventory|INVENTORY|none|ASS.CUR.INY|wx||Value of the tracked stock on hand
710|Office Equipment|FIXED|capital|ASS.NCA.FIX.OWN.PLA|e||Furniture and fittings that we own
711|Less Accumulated Depreciation on Office Equipment|FIXED|none|ASS.NCA.FIX.OWN.PLA.ACC|||\
Depreciation of furniture and fittings to date
715|Leased Copiers|FIXED|capital|ASS.NCA.FIX.OWN.PLA|a||Returned when their lease ran out
720|Computer Equipment|FIXED|capital|ASS.NCA.FIX.OWN.PLA|e||Computers, screens and servers
721|Less Accumulated Depreciation on Computer Equipment|FIXED|none|ASS.NCA.FIX.OWN.PLA.ACC|||\
Depreciation of computers to date
800|Accounts Payable|CURRLIAB|none|LIA.CUR.PAY.TRA||CREDITORS|What we still owe to suppliers
801|Unpaid Expense Claims|CURRLIAB|none|LIA.CUR.PAY.EMP||UNPAIDEXPCLM|Approved claims not yet paid
820|GST|CURRLIAB|none|LIA.CUR.TAX.VAT||GST|Tax collected and paid, until it is settled
825|Employee Tax Payable|CURRLIAB|none|LIA.CUR.PAY.PAY|||Tax held back from pay
826|Superannuation Payable|CURRLIAB|none|LIA.CUR.PAY.EMP|||Retirement savings due to the funds
830|Income Tax Payable|CURRLIAB|none|LIA.CUR.TAX.INC|||Tax on profit due to the revenue
835|Revenue Received in Advance|CURRLIAB|none|LIA|x||Paid by customers, not yet delivered
840|Historical Adjustment|CURRLIAB|none|LIA.CUR||HISTORICAL|Differences in the opening figures
850|Suspense|CURRLIAB|none|LIA.CUR|||Entries that wait for an explanation
855|Clearing Account|CURRLIAB|none|LIA|px||Amounts on their way from one account to another
860|Rounding|CURRLIAB|none|LIA.CUR||ROUNDING|Fractions of a cent from invoices
868|Customer Deposits|CURRLIAB|none|LIA.CUR|pu||Paid by customers to hold an order
877|Tracking Transfers|CURRLIAB|none|LIA.CUR||TRACKINGTRANSFERS|Moves between tracking options
880|Owner A Drawings|CURRLIAB|none|EQU.DRA|p||Taken out of the business by its owner
881|Owner A Funds Introduced|CURRLIAB|none|EQU.ADV|p||Put into the business by its owner
900|Loan|TERMLIAB|none|LIA.NCL.LOA|||Borrowed for longer than a year
960|Retained Earnings|EQUITY|none|EQU.RET||RETAINEDEARNINGS|Profits kept from earlier years
970|Owner A Share Capital|EQUITY|none|EQU.SHA|p||Paid in for shares by the owner
"""

LOCKED = {
    "469": "repeating-invoice",
    "489": "bank-rule",
    "630": "inventory-item",
    **dict.fromkeys(("710", "711", "720", "721"), "fixed-asset"),
    **dict.fromkeys(("477", "478", "825", "826"), "payroll"),
}
"""What locks an account in every country, by the account's code."""

EXCHANGE_DIFFERENCES = frozenset({
    "BANKCURRENCYGAIN", "REALISEDCURRENCYGAIN", "UNREALISEDCURRENCYGAIN",
})  # fmt: skip
"""The system accounts that are archived in an organisation with only one currency."""

OWN = {
    "NZ": """
478|KiwiSaver Employer Contributions|EXPENSE|none|EXP.EMP.SUP|||Employer's share of KiwiSaver
479|ACC Levies|EXPENSE|in|EXP.INS|||Levies for accident cover of owners and staff
825|PAYE Payable|CURRLIAB|none|LIA.CUR.PAY.PAY|||Tax held back from pay
826|KiwiSaver Payable|CURRLIAB|none|LIA.CUR.PAY.EMP|||KiwiSaver savings due to Inland Revenue
""",
    "AU": """
479|Workers Compensation|EXPENSE|in|EXP.INS|||Premiums for injuries of staff at work
803|Wages Payable - Payroll|CURRLIAB|none|LIA.CUR.PAY.EMP||WAGEPAYABLES|Net pay not yet paid out
825|PAYG Withholdings Payable|CURRLIAB|none|LIA.CUR.PAY.PAY|||Tax held back from pay
""",
    "UK": """
478|Pensions Costs|EXPENSE|none|EXP.EMP.SUP|||Employer's share of pension savings
479|Employers National Insurance|EXPENSE|none|EXP.EMP|||National insurance that the employer bears
505|Corporation Tax|EXPENSE|none|EXP.INC|||Tax on the profit of the year
820|VAT|CURRLIAB|none|LIA.CUR.TAX.VAT||GST|Tax collected and paid, until it is settled
825|PAYE Payable|CURRLIAB|none|LIA.CUR.PAY.PAY|||Tax held back from pay
826|NIC Payable|CURRLIAB|none|LIA.CUR.PAY.EMP|||National insurance due to the revenue
830|Corporation Tax Payable|CURRLIAB|none|LIA.CUR.TAX.INC|||Tax on profit due to the revenue
868|Pensions Payable|CURRLIAB|none|LIA.CUR.PAY.EMP|||Pension savings due to the provider
""",
    "US": """
478|Payroll Tax Expense|EXPENSE|none|EXP.EMP|||Payroll taxes that the employer bears
479|Employee Benefits|EXPENSE|none|EXP.EMP|||Health cover and retirement plans for staff
820|Sales Tax|CURRLIAB|none|LIA.CUR.TAX.VAT||GST|Tax collected and paid, until it is settled
826|Retirement Plan Payable|CURRLIAB|none|LIA.CUR.PAY.EMP|||Retirement savings due to the plan
""",
}

BANKS = {
    "NZ": ("12-3141-0123456-00", "12-3141-0123456-25", "12-3141-0654321-00", "5412-0000-0000-0009"),
    "AU": ("062-999 10203040", "062-999 10203059", "062-999 50607080", "062-999 90909090"),
    "UK": ("20-99-98 10203040", "20-99-98 10203059", "20-99-98 50607080", "5412-0000-0000-0009"),
    "US": ("0908 0070 1234", "0908 0070 1259", "0908 0070 5678", "5412-0000-0000-0009"),
}
"""The bank account numbers, in the order of ``BANK_NAMES``; none of them is real."""

BANK_NAMES = (
    ("090", "Business Bank Account", "BANK"),
    ("091", "Business Savings Account", "BANK"),
    ("", "Term Deposit", "BANK"),
    ("092", "Business Credit Card", "CREDITCARD"),
)


def _ordinary(organisation: Organisation, line: str) -> Account:
    place = organisation.country
    code, name, type_, tax, reporting_code, flags, system, description = line.split("|")
    is_archived = "a" in flags or (system in EXCHANGE_DIFFERENCES and not place.multi_currency)
    return Account(
        account_id=organisation.id_of(code),
        code=code,
        name=name,
        type=type_,
        tax_type=place.tax[tax],
        reporting_code=reporting_code,
        updated_ms=CREATED_MS,
        status=AccountStatus.ARCHIVED if is_archived else AccountStatus.ACTIVE,
        description=description,
        system_account=None if "x" in flags else system,
        enable_payments_to_account="p" in flags,
        show_in_expense_claims="e" in flags,
        add_to_watchlist="w" in flags,
        used=not set("au") & set(flags),
        locked_by=LOCKED.get(code, ""),
    )


def _banks(organisation: Organisation) -> list[Account]:
    place = organisation.country
    return [
        Account(
            account_id=organisation.id_of(code or name),
            code=code,
            name=name,
            type="BANK",
            tax_type=place.tax["none"],
            reporting_code="ASS",
            updated_ms=CREATED_MS,
            bank_account_number=account_number(number),
            bank_account_type=type_,
            currency_code=place.currency,
            used=True,
        )
        for (code, name, type_), number in zip(BANK_NAMES, BANKS[place.name], strict=True)
    ]


def accounts(organisation: Organisation) -> tuple[Account, ...]:
    """Return the chart that an organisation starts with, bank accounts first."""
    place = organisation.country
    lines = {line.split("|", 1)[0]: line for line in BASE.strip().splitlines()}
    lines |= {line.split("|", 1)[0]: line for line in OWN[place.name].strip().splitlines()}
    return (
        *_banks(organisation),
        *(_ordinary(organisation, lines[code]) for code in sorted(lines)),
    )
