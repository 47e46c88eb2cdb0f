"""The values that Xero sets by itself on a new account. A create omits them: Xero may refuse them.

A new account has the report code of its class. A new bank account also has the tax type NONE, and
the organisation's currency unless another is sent. The report codes and NONE are known from answers
of Xero's demo company that another project published. Only the report code of equity is a guess.
"""

from __future__ import annotations

from collections.abc import Mapping

from xerosync.model import Value, class_of


def default_reporting_code(account_class: str) -> str:
    """Return the report code, such as EXP, of a new account of a class; "" without a class."""
    return account_class[:3]


def without_defaults(values: Mapping[str, Value], base_currency: str) -> dict[str, Value]:
    """Return the values of a new account without those that Xero sets by itself."""
    account_type = str(values.get("type", ""))
    defaults: dict[str, Value] = {"reporting_code": default_reporting_code(class_of(account_type))}
    if account_type == "BANK":
        defaults["currency_code"] = base_currency
        defaults["tax_type"] = values.get("tax_type", "")  # `rules` blocks rates with tax
    return {name: value for name, value in values.items() if value != defaults.get(name)}
