"""The tax rates of each country.

Tax types, rates and their account classes are from Xero's documentation of tax rates, except the
custom rate TAX001. If the documentation has no account classes for a rate, we use the classes of
a similar rate in the same country.
"""

from __future__ import annotations

from xerosync.sandbox.accounting.tax_rate import APPLIES, TaxRate

ALL = frozenset(APPLIES)
KINDS = {
    "all": ALL,
    "income": ALL - {"EXPENSE"},
    "cost": ALL - {"REVENUE"},
    "zero": frozenset({"LIABILITY", "REVENUE"}),
    "imports": frozenset({"LIABILITY"}),
}

RATES = {
    "NZ": """
        OUTPUT2      | 15% GST on Income   | OUTPUT       | 15 | income
        INPUT2       | 15% GST on Expenses | INPUT        | 15 | cost
        GSTONIMPORTS | GST on Imports      | GSTONIMPORTS | 0  | imports
        NONE         | No GST              | NONE         | 0  | all
        ZERORATED    | Zero Rated          | OUTPUT       | 0  | zero
        """,
    "AU": """
        BASEXCLUDED     | BAS Excluded           | BASEXCLUDED     | 0  | all
        OUTPUT          | GST on Income          | OUTPUT          | 10 | income
        INPUT           | GST on Expenses        | INPUT           | 10 | cost
        CAPEXINPUT      | GST on Capital         | CAPITALEXINPUT  | 10 | cost
        EXEMPTOUTPUT    | GST Free Income        | EXEMPTOUTPUT    | 0  | income
        EXEMPTEXPENSES  | GST Free Expenses      | EXEMPTEXPENSES  | 0  | cost
        EXEMPTCAPITAL   | GST Free Capital       | EXEMPTCAPITAL   | 0  | cost
        EXEMPTEXPORT    | GST Free Exports       | EXEMPTEXPORT    | 0  | income
        INPUTTAXED      | Input Taxed            | INPUTTAXED      | 0  | all
        GSTONIMPORTS    | GST on Imports         | GSTONIMPORTS    | 0  | imports
        GSTONCAPIMPORTS | GST on Capital Imports | GSTONCAPIMPORTS | 0  | imports
        """,
    "UK": """
        OUTPUT2         | 20% (VAT on Income)           | OUTPUT          | 20 | income
        INPUT2          | 20% (VAT on Expenses)         | INPUT           | 20 | cost
        RROUTPUT        | 5% (VAT on Income)            | OUTPUT          | 5  | income
        RRINPUT         | 5% (VAT on Expenses)          | INPUT           | 5  | cost
        ZERORATEDOUTPUT | Zero Rated Income             | OUTPUT          | 0  | income
        ZERORATEDINPUT  | Zero Rated Expenses           | INPUT           | 0  | cost
        EXEMPTOUTPUT    | Exempt Income                 | EXEMPTOUTPUT    | 0  | income
        EXEMPTINPUT     | Exempt Expenses               | EXEMPTINPUT     | 0  | cost
        ECZROUTPUT      | Zero Rated EC Goods Income    | ECOUTPUT        | 0  | income
        ECZRINPUT       | Zero Rated EC Expenses        | ECINPUT         | 0  | cost
        NONE            | No VAT                        | NONE            | 0  | all
        """,
    "US": """
        OUTPUT       | Tax on Sales         | OUTPUT       | 0    | all
        INPUT        | Tax on Purchases     | INPUT        | 0    | all
        TAX001       | City Sales Tax       | USSALESTAX   | 8.25 | all
        GSTONIMPORTS | Sales Tax on Imports | GSTONIMPORTS | 0    | imports
        NONE         | Tax Exempt           | NONE         | 0    | all
        """,
}

COMPONENT = {"NZ": "GST", "AU": "GST", "UK": "VAT", "US": "Tax"}


def tax_rates(country: str) -> tuple[TaxRate, ...]:
    """Return the tax rates of a country."""
    rows = [
        [cell.strip() for cell in line.split("|")] for line in RATES[country].strip().splitlines()
    ]
    return tuple(
        TaxRate(tax_type, name, report, float(rate), KINDS[kind], COMPONENT[country])
        for tax_type, name, report, rate, kind in rows
    )
