"""What Xero sets by itself on a new account. It is never sent: Xero may refuse even its default.

Recorded with a demo company: the report code is the class's (`EXP`, `REV`, `ASS`), and a bank
account has no tax. A bank account's currency is the organisation's unless another is sent.
"""

from __future__ import annotations

from collections.abc import Mapping

from xerosync.model import Value, class_of

_CLASS_CODE = 3


def without_defaults(values: Mapping[str, Value], base_currency: str) -> dict[str, Value]:
    """Return the values of a new account, less those that Xero sets by itself."""
    account_type = str(values.get("type", ""))
    defaults: dict[str, Value] = {"reporting_code": class_of(account_type)[:_CLASS_CODE]}
    if account_type == "BANK":
        defaults["currency_code"] = base_currency
        defaults["tax_type"] = values.get("tax_type", "")  # `rules` allows none but "no tax"
    return {name: value for name, value in values.items() if value != defaults.get(name)}
