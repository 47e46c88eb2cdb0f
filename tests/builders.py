"""Small charts for tests: what Xero has and what a file asks for, in one line each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from xerosync.desired import (
    DeleteRefused,
    DesiredAccount,
    DesiredChart,
    Limits,
    OrganisationPin,
    Source,
    Unmanaged,
)
from xerosync.model import FIELD, Account, Chart, Organisation, Status, TaxRate, Value, class_of

ORGANISATION = Organisation("tenant-1", "Demo Company (NZ)", "!demo", "NZ", "NZD", True)  # noqa: FBT003

EVERY_CLASS = frozenset({"ASSET", "EQUITY", "EXPENSE", "LIABILITY", "REVENUE"})

RATES = (
    TaxRate("OUTPUT2", "15% GST on Income", applies_to=frozenset({"REVENUE", "EQUITY"})),
    TaxRate("INPUT2", "15% GST on Expenses", applies_to=EVERY_CLASS - {"REVENUE"}),
    TaxRate("NONE", "No GST", applies_to=EVERY_CLASS),
    TaxRate("TAX001", "Old Rate", status="ARCHIVED", applies_to=EVERY_CLASS),
)


def account(code: str = "200", name: str = "", /, **fields: object) -> Account:
    """Return an account as Xero would have it: an expense, unless the fields say otherwise."""
    kind = str(fields.pop("type", "EXPENSE"))
    given: dict[str, object] = {
        "account_id": f"id-{code or name}",
        "name": name or f"Account {code}",
        "tax_type": "NONE",
        "account_class": class_of(kind),
        **(
            {"bank_account_number": "0102030456789", "currency_code": "NZD"}
            if kind == "BANK"
            else {}
        ),
        **fields,
    }
    return Account(code=code, type=kind, **given)  # type: ignore[arg-type]


def entry(code: str | None = None, name: str | None = None, /, **fields: object) -> DesiredAccount:
    """Return an entry of the file; fields of the chart become its values."""
    values: dict[str, Value] = {}
    if code is not None:
        values["code"] = code
    if name is not None:
        values["name"] = name
    for field in [key for key in fields if key in FIELD]:
        values[field] = fields.pop(field)  # type: ignore[assignment]
    line = fields.pop("line", 0)
    source = Source("accounts.yaml", int(str(line)), 5 if line else 0)
    return DesiredAccount(values=values, source=source, **fields)  # type: ignore[arg-type]


def new(code: str, name: str = "", /, **fields: object) -> DesiredAccount:
    """Return an entry that can create an account: an expense, unless the fields say otherwise."""
    return entry(code, name or f"Account {code}", **{"type": "EXPENSE", **fields})


def chart(*accounts: Account, rates: Sequence[TaxRate] = RATES) -> Chart:
    """Return the current chart of the one organisation of these tests."""
    return Chart(ORGANISATION, accounts, tuple(rates))


def wanted(
    *entries: DesiredAccount,
    pin: OrganisationPin = OrganisationPin(),
    unmanaged: Unmanaged = Unmanaged.KEEP,
    delete_refused: DeleteRefused = DeleteRefused.FAIL,
    limits: Limits | None = None,
) -> DesiredChart:
    """Return a file; entries without a line get one each, in order."""
    return DesiredChart(
        file="accounts.yaml",
        accounts=tuple(_on_a_line(e, place) for place, e in enumerate(entries, start=1)),
        organisation=pin,
        unmanaged=unmanaged,
        delete_refused=delete_refused,
        limits=limits or Limits(),
    )


def _on_a_line(one: DesiredAccount, place: int) -> DesiredAccount:
    if one.source.line:
        return one
    return replace(one, source=Source("accounts.yaml", place * 10, 5))


ARCHIVED = Status.ARCHIVED
DELETED = Status.DELETED
