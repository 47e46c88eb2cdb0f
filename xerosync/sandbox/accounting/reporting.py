"""Reporting codes: their names, and the default code of each account class.

Codes and names follow Xero's demo companies. Xero does not document whether PUT and POST accept
ReportingCode. The sandbox stores the code that it receives, and replaces an empty code by the
default code of the account's class. ``Assumptions`` can change both.
"""

NAMES = {
    "ASS": "Asset",
    "ASS.CUR": "Current assets",
    "ASS.CUR.INY": "Inventories",
    "ASS.CUR.REC.PRE": "Prepayments",
    "ASS.CUR.REC.TRA": "Trade receivables",
    "ASS.NCA": "Non current assets",
    "ASS.NCA.FIX.OWN.PLA": "Plant and Machinery owned",
    "ASS.NCA.FIX.OWN.PLA.ACC": "Accumulated depreciation - plant and machinery owned",
    "EQU": "Equity",
    "EQU.ADV": "Owners/partners funds introduced",
    "EQU.DRA": "Owners/partners drawings",
    "EQU.RET": "Retained earnings",
    "EQU.SHA": "Share capital",
    "EXP": "Expense",
    "EXP.COS": "Cost of goods sold",
    "EXP.DEP": "Depreciation",
    "EXP.EMP": "Employment costs",
    "EXP.EMP.SUP": "Superannuation expenses",
    "EXP.ENT": "Entertainment",
    "EXP.FOR": "Foreign currency gains and losses",
    "EXP.FOR.RGL": "Realised foreign currency gains and losses",
    "EXP.FOR.UGL": "Unrealised foreign currency gains and losses",
    "EXP.INC": "Income tax expense",
    "EXP.INS": "Insurance",
    "EXP.INT": "Interest and finance charges",
    "EXP.LEG": "Professional and consulting fees",
    "EXP.REN": "Rental and lease payments",
    "EXP.REP": "Repairs and maintenance",
    "EXP.TRA": "Travel and accommodation",
    "EXP.VEH": "Vehicle expenses",
    "LIA": "Liability",
    "LIA.CUR": "Current liabilities",
    "LIA.CUR.PAY.EMP": "Employee entitlements (wages, annual leave, etc)",
    "LIA.CUR.PAY.PAY": "PAYE",
    "LIA.CUR.PAY.TRA": "Trade payables",
    "LIA.CUR.TAX.INC": "Income tax",
    "LIA.CUR.TAX.VAT": "Value added tax",
    "LIA.NCL.LOA": "Loans (non current)",
    "REV": "Revenue",
    "REV.INV.INT": "Interest",
    "REV.OTH": "Other Revenue",
    "REV.TRA.GOO": "Sale of goods",
    "REV.TRA.SER": "Rendering of services",
}

DEFAULTS = {"ASSET": "ASS", "EQUITY": "EQU", "EXPENSE": "EXP", "LIABILITY": "LIA", "REVENUE": "REV"}


def name(code: str) -> str:
    """Return the name of a reporting code, or ``""`` if no name is known.

    An unknown code has the name of its nearest known parent: EXP.ENT.XYZ → ``Entertainment``.
    """
    while code:
        if code in NAMES:
            return NAMES[code]
        code = code.rpartition(".")[0]
    return ""


def question(code: str) -> str:
    """Return the name of the field of ``Assumptions`` that applies to a reporting code."""
    if not code:
        return "clear_reporting_code"
    return "known_reporting_code" if code in NAMES else "unknown_reporting_code"
