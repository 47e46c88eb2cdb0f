"""What still uses the accounts of a plan: in its changes and its JSON, and not in what it does."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from builders import ARCHIVED, DELETED, account, chart, entry, new, wanted
from render.test_published_schemas import check, load

from xerosync.errors import InvalidPlan
from xerosync.plan.build import build
from xerosync.plan.plan import Plan
from xerosync.plan.saved import serialize, stale
from xerosync.plan.saved.digest import digest
from xerosync.plan.usage import ReadNow
from xerosync.text import json_text
from xerosync.usage import (
    NOTHING,
    Balance,
    ContactNames,
    RepeatingInvoice,
    RepeatingInvoices,
    Unknown,
    Usage,
    UsageKind,
)

AT = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)
SCOPE = "accounting.contacts.read"
USED = Usage(
    date(2026, 11, 3),
    {"id-461": Balance(Decimal("-1204.50"), moved=True)},
    {"id-461": ("TOOL", "NAIL")},
    {"id-461": (RepeatingInvoice("Kauri Joinery", date(2026, 12, 1), is_bill=True),)},
    {"id-461": ("Rata Roofing",)},
)
UNREAD = Usage(
    date(2026, 11, 3), {}, {}, {}, unknown=(Unknown(UsageKind.CONTACTS, f"lacks {SCOPE}", SCOPE),)
)
CURRENT = chart(
    account("200"), account("300"), account("400"), account("450"), account("461"), account("470")
)


DESIRED = wanted(
    entry("200", name="Renamed"),
    entry("300", type="OVERHEADS"),
    entry("400", tax_type="INPUT2"),
    entry("455", previously=("450",)),
    entry("461", status=ARCHIVED),
    entry("470", status=DELETED),
    new("500", "New"),
)


def plan(usage: Usage | None = None, *, names: bool = False) -> Plan:
    return build(CURRENT, DESIRED, ReadNow(usage, names) if usage else None)


def saved(made: Plan) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json_text(serialize.to_document([made], AT)))
    return document


def test_only_changes_that_affect_what_uses_an_account_have_its_usage() -> None:
    found = {change.code: change.usage for change in plan(USED).changes}
    assert {code for code, usage in found.items() if usage} == {"300", "400", "455", "461", "470"}
    used = found["461"]
    assert used is not None
    assert used.repeating_invoices == RepeatingInvoices(1, 1, date(2026, 12, 1))
    assert (used.items, used.contacts, used.unknown) == (("TOOL", "NAIL"), 1, ())
    assert found["470"] is not None
    assert found["470"].balance == Balance(NOTHING)


@pytest.mark.parametrize("usage", [USED, UNREAD], ids=["known", "unknown"])
def test_a_saved_plan_has_what_uses_its_accounts(usage: Usage) -> None:
    made = plan(usage)
    document = saved(made)
    check(load("plan.schema.json"), document)
    (back,) = serialize.loads(json.dumps(document))
    assert [change.usage for change in back.changes] == [change.usage for change in made.changes]
    assert back.usage == made.usage
    assert saved(back) == document


def test_no_name_of_a_contact_is_saved_or_sent_unless_asked_for() -> None:
    named = plan(USED, names=True)
    names = next(change.usage.names for change in named.changes if change.usage)
    assert names == ContactNames((), ())
    assert b"Kauri" in pickle.dumps(named)
    for written in (
        json_text(serialize.to_document([named], AT)),
        serialize.document_text([named], AT),
        repr(named),
    ):
        assert "TOOL" in written
        assert "Kauri" not in written
        assert "Rata" not in written
    assert b"Kauri" not in pickle.dumps(plan(USED))


def test_a_plan_without_usage_is_written_as_before() -> None:
    document = saved(plan())
    assert "usage" not in document["plans"][0]
    assert not any("usage" in change for change in document["plans"][0]["changes"])


def test_a_changed_balance_does_not_make_a_plan_stale() -> None:
    then = plan(USED)
    now = plan(UNREAD)
    assert stale.differences(then, now, CURRENT) == ()
    assert stale.again(then, CURRENT) == then
    stale.check(then, CURRENT)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("balance", "1e9999"), ("balance", "NaN"), ("balance", 7), ("contacts", -1),
        ("contacts", True), ("items", [7]), ("repeating_invoices", "1"),
        ("repeating_bills", None), ("next_repeating_invoice", "soon"),
        ("moved_since_year_end", "no"),
    ],
)  # fmt: skip
def test_an_invalid_usage_in_a_saved_plan_is_refused(key: str, value: object) -> None:
    document = saved(plan(USED))
    change = next(one for one in document["plans"][0]["changes"] if one["code"] == "461")
    change["usage"][key] = value
    document["digest"] = digest(document["plans"], document["created_at"])
    with pytest.raises(InvalidPlan):
        serialize.loads(json.dumps(document))
