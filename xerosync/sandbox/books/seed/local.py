"""Names and accounts that bookkeepers choose, and the changes of twelve example clients."""

from __future__ import annotations

OTHER_NAMES = {
    "200": ("Sales Income", "Revenue", "Trading Income"),
    "260": ("Sundry Income", "Other Income"),
    "270": ("Interest Received", "Bank Interest"),
    "300": ("Materials Purchased", "Stock Purchases"),
    "310": ("COGS", "Cost of Sales"),
    "400": ("Advertising & Marketing", "Marketing", "Promotion"),
    "404": ("Bank Charges", "Bank Charges & Fees", "Bank fees and charges"),
    "408": ("Cleaning & Laundry", "Cleaning Costs"),
    "412": ("Accounting Fees", "Accountancy & Consulting", "Professional Fees"),
    "420": ("Entertainment (50%)", "Client Entertaining", "Meals & Entertainment"),
    "425": ("Freight and Courier", "Freight Outwards", "Couriers"),
    "429": ("General", "Miscellaneous", "Sundry Expenses"),
    "433": ("Insurances", "Business Insurance"),
    "437": ("Interest Paid", "Loan Interest"),
    "441": ("Legal Fees", "Legal and Audit Fees"),
    "445": ("Power", "Electricity & Gas", "Light, Power & Heating"),
    "449": ("Vehicle Costs", "Car Expenses", "Motor vehicle expenses"),
    "453": ("Office Supplies", "Office Costs"),
    "461": ("Printing, Postage & Stationery", "Stationery"),
    "469": ("Rent Paid", "Rent - Premises"),
    "473": ("Repairs & Maintenance", "R&M"),
    "477": ("Wages", "Salaries & Wages", "Payroll"),
    "480": ("Training", "Training and Conferences"),
    "485": ("Subscriptions & Memberships", "Dues and Subscriptions"),
    "489": ("Telephone", "Phone & Internet", "Telecommunications"),
    "493": ("Travel", "Domestic Travel"),
    "494": ("Overseas Travel", "Travel - Overseas"),
    "850": ("Suspense Account", "Unknown - ask client"),
    "855": ("Clearing", "Stripe Clearing"),
    "900": ("Bank Loan", "Term Loan"),
}
"""Names that bookkeepers use in place of an account's standard name, by the account's code."""

NEW_CODE = "487"
"""A code that the standard chart in ``examples/practice/`` gives to a new account.

Coromandel Tours Ltd already uses it for another account.
"""

OWN_ACCOUNTS = {
    "206": ("Sales - Online", "REVENUE", "out"),
    "207": ("Sales - Wholesale", "REVENUE", "out"),
    "261": ("Grant Income", "REVENUE", "none"),
    "262": ("Commission Received", "REVENUE", "out"),
    "305": ("Packaging", "DIRECTCOSTS", "in"),
    "315": ("Subcontractors", "DIRECTCOSTS", "in"),
    "320": ("Laboratory Fees", "DIRECTCOSTS", "in"),
    "401": ("Website", "EXPENSE", "in"),
    "402": ("Sponsorship", "EXPENSE", "in"),
    "405": ("Merchant Fees", "EXPENSE", "none"),
    "409": ("Waste Removal", "EXPENSE", "in"),
    "413": ("Bookkeeping", "EXPENSE", "in"),
    "421": ("Staff Functions", "EXPENSE", "none"),
    "430": ("Donations", "EXPENSE", "none"),
    "434": ("Security", "EXPENSE", "in"),
    "442": ("Audit Fees", "EXPENSE", "in"),
    "450": ("Fuel", "EXPENSE", "in"),
    "451": ("Road User Charges", "EXPENSE", "in"),
    "454": ("Small Tools", "EXPENSE", "in"),
    "470": ("Storage", "EXPENSE", "in"),
    "480": ("Uniforms", "EXPENSE", "in"),
    "485": ("Licences", "EXPENSE", "in"),
    NEW_CODE: ("Drone Hire", "EXPENSE", "in"),
    "495": ("Parking", "EXPENSE", "in"),
    "615": ("Consignment Stock", "CURRENT", "none"),
    "730": ("Plant", "FIXED", "capital"),
    "857": ("Gift Vouchers Outstanding", "CURRLIAB", "none"),
    "910": ("Shareholder Loan", "TERMLIAB", "none"),
}
"""Accounts that a client may add, by code: name, type and tax (a key of ``Country.tax``)."""

UNTAXED = "200 260 300 310 400 412 425 429 433 441 445 449 453 461 469 473 479 480 485 493 710 720"
"""The accounts that Kereru Community Trust changed to no tax, as it is not registered for GST."""

PINNED = {
    "Harbour Cafe Ltd": (),
    "Kowhai Legal Ltd": (("name", "404", "Merchant and Bank Fees"),),
    "Ridgeline Builders Ltd": (("code", "433", "4330"), ("extra", "", "315")),
    "Tui Bookshop Ltd": (("missing", "449", ""), ("extra", "", "206")),
    "Southern Orchard Ltd": (("name", "441", "Legal and Audit Fees"),),
    "Manuka Gifts Ltd": (("extra", "", "857"),),
    "Bright Smiles Dental Ltd": (("extra", "", "261"), ("extra", "", "320")),
    "Kereru Community Trust": (
        *(("tax", code, "NONE") for code in UNTAXED.split()),
        ("extra", "", "430"),
    ),
    "Coromandel Tours Ltd": (("extra", "", NEW_CODE),),
    "Wattle Design Pty Ltd": (("name", "404", "Bank Charges & Fees"),),
    "Thistle Knitwear Ltd": (("tax", "412", "NONE"),),
    "Old Mill Trading Ltd": (
        ("name", "404", "Bank fees and charges"),
        ("name", "449", "Car Expenses"),
        ("name", "485", "Dues and Memberships"),
        ("tax", "420", "INPUT2"),
        ("tax", "494", "INPUT2"),
        ("archived", "408", ""),
        ("missing", "425", ""),
        ("extra", "", "451"),
        ("missing", "480", ""),
        ("extra", "", "480"),
        ("extra", "", "910"),
    ),
}
"""The changes to the charts of the example clients, for any seed: kind, standard code, value."""
