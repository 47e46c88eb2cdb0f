"""What still uses an account is warned of, and blocks where the file or Xero asks for none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from builders import ARCHIVED, DELETED, account, chart, entry, wanted

from xerosync.apply.verify import prove
from xerosync.desired import DeleteRefused, DesiredChart, Source, Unmanaged
from xerosync.plan.build import build, build_reading
from xerosync.plan.explain import about_usage
from xerosync.plan.plan import Action, Blocked, Plan
from xerosync.plan.saved import stale
from xerosync.plan.usage import LeftOut, ReadNow
from xerosync.usage import (
    Balance,
    RepeatingInvoice,
    Requirement,
    Unknown,
    Usage,
    UsageKind,
    UsageRead,
)

DAY = date(2026, 11, 3)
BOTH = (Requirement.ZERO_BALANCE, Requirement.UNUSED)
CURRENT = chart(account("200"), account("461"))
UNUSED = Usage(DAY, {}, {}, {}, {})
IN_USE = Usage(
    DAY,
    {"id-461": Balance(Decimal("-1204.50"))},
    {"id-461": tuple(f"ITEM-{n}" for n in range(12))},
    {"id-461": (RepeatingInvoice("Kauri Joinery"),)},
    {"id-461": ("Rata Roofing", "Totara Trust")},
)
LACKING = Usage(
    DAY, None, {}, {}, None,
    (
        Unknown(UsageKind.BALANCE, "the sign-in lacks the scope a.b", "a.b", "Sign in."),
        Unknown(UsageKind.CONTACTS, "Xero is down"),
    ),
)  # fmt: skip


def asking(status: str = ARCHIVED, *requires: Requirement, **fields: object) -> DesiredChart:
    return replace(wanted(entry("461", status=status, **fields)), archive_requires=requires)


def plan(desired: DesiredChart, usage: Usage) -> Plan:
    return build(CURRENT, desired, ReadNow(usage))


def blocked(desired: DesiredChart, usage: Usage) -> Blocked:
    (found,) = plan(desired, usage).blocked
    return found


def test_an_account_in_use_is_archived_with_a_warning_that_names_no_amount() -> None:
    """Amounts differ between organisations; the change is the same in all of them."""
    (change,) = plan(asking(), IN_USE).changes
    assert "First bring its balance to zero, and move whatever uses it to another account." in (
        change.warnings
    )
    (unused,) = plan(asking(), UNUSED).changes
    assert not any(warning.startswith("First") for warning in unused.warnings)
    different = {*change.warnings} ^ {*unused.warnings}
    assert different
    assert all(map(about_usage, different))


@pytest.mark.parametrize(
    ("requires", "reason"),
    [
        (
            (Requirement.ZERO_BALANCE,),
            (
                "The file says `archive_requires: [zero_balance]`, and this account has a balance"
                " of NZD 1,204.50 credit."
            ),
        ),
        (
            (Requirement.UNUSED,),
            (
                "The file says `archive_requires: [unused]`, and this account is used by the items"
                " ITEM-0, ITEM-1, ITEM-2, ITEM-3, ITEM-4, ITEM-5, ITEM-6, ITEM-7, ITEM-8, ITEM-9"
                " and 2 more, is used by 1 repeating invoice and is the default account of"
                " 2 contacts."
            ),
        ),
    ],
)
def test_an_unmet_requirement_blocks_and_says_what_still_uses_the_account(
    requires: tuple[Requirement, ...], reason: str
) -> None:
    one = blocked(asking(ARCHIVED, *requires), IN_USE)
    assert (one.rule, one.reason) == ("archive-requires", reason)


def test_the_way_out_says_what_to_do_and_how_to_waive_it() -> None:
    assert blocked(asking(ARCHIVED, *BOTH), IN_USE).hint == (
        "Bring its balance to zero and give the items, repeating invoice and contacts another"
        " account in Xero, and plan again; or waive `archive_requires` in the account's"
        " entry, with the reason: `waive: {archive-requires: …}`."
    )


@pytest.mark.parametrize(
    ("items", "invoices", "contacts", "using"),
    [
        (1, 0, 0, "the item"),
        (0, 1, 0, "the repeating invoice"),
        (0, 0, 1, "the contact"),
        (2, 1, 1, "the items, repeating invoice and contact"),
        (0, 2, 2, "the repeating invoices and contacts"),
    ],
)
def test_the_way_out_uses_the_singular_for_a_single_item(
    items: int, invoices: int, contacts: int, using: str
) -> None:
    usage = Usage(
        DAY,
        {},
        {"id-461": ("TOOL",) * items},
        {"id-461": (RepeatingInvoice("Kauri Joinery"),) * invoices},
        {"id-461": ("Rata Roofing",) * contacts},
    )
    hint = blocked(asking(ARCHIVED, *BOTH), usage).hint
    assert hint.startswith(f"Give {using} another account in Xero, and plan again; or ")


def test_an_unmanaged_account_that_is_archived_needs_an_entry_to_waive_it() -> None:
    desired = replace(wanted(entry("200")), unmanaged=Unmanaged.ARCHIVE, archive_requires=BOTH)
    assert "give the account an entry" in blocked(desired, IN_USE).hint


@pytest.mark.parametrize("status", [ARCHIVED, DELETED])
def test_an_unknown_usage_blocks_with_the_reason(status: str) -> None:
    one = blocked(asking(status, *BOTH), LACKING)
    assert one.rule == "archive-requires"
    assert one.reason.endswith(
        "which cannot be checked: balance not known (the sign-in lacks the scope a.b); contacts"
        " not known (Xero is down)."
    )
    assert one.hint.startswith("Sign in. Or waive `archive_requires`")
    assert not plan(asking(status), LACKING).blocked


def test_a_block_that_cannot_be_checked_says_what_is_known() -> None:
    known = replace(LACKING, items={"id-461": ("TOOL",)})
    one = blocked(asking(ARCHIVED, Requirement.ZERO_BALANCE), known)
    assert one.usage == known.of("id-461")
    assert one.usage.items == ("TOOL",)
    assert one.reason.endswith(
        "balance not known (the sign-in lacks the scope a.b). This account is used by the item"
        " TOOL."
    )
    left_out = build(CURRENT, asking(ARCHIVED, *BOTH), LeftOut()).blocked[0]
    assert left_out.usage is None


def test_only_the_usage_that_is_required_must_be_known() -> None:
    known = Usage(DAY, {}, unknown=(Unknown(UsageKind.ITEMS, "Xero is down"),))
    assert not plan(asking(ARCHIVED, Requirement.ZERO_BALANCE), known).blocked
    assert "Plan again when Xero answers." in blocked(asking(ARCHIVED, *BOTH), known).hint


def test_the_hint_for_an_unknown_usage_comes_from_the_failed_read() -> None:
    denied = Unknown(UsageKind.BALANCE, "Xero said no", hint="Tick the scopes.")
    usage = Usage(DAY, unknown=(denied, replace(denied, kind=UsageKind.ITEMS)))
    one = blocked(asking(ARCHIVED, *BOTH), usage)
    assert one.hint.startswith("Tick the scopes. Or waive `archive_requires`")
    assert UsageRead.from_json(UsageRead(DAY, usage.unknown).to_json()).unknown == usage.unknown


def test_a_waiver_allows_the_archive() -> None:
    made = plan(asking(ARCHIVED, *BOTH, archive_waiver="Until the liquidation ends"), IN_USE)
    assert not made.blocked
    (change,) = made.changes
    assert "`archive_requires` is waived: Until the liquidation ends" in change.reasons


@pytest.mark.parametrize(
    ("usage", "why"),
    [
        (Usage(DAY, {"id-461": Balance(Decimal("12.00"))}), "has a balance of NZD 12.00 debit"),
        (Usage(DAY, {"id-461": Balance(Decimal(0), moved=True)}), "transactions since the year"),
        (Usage(DAY, items={"id-461": ("TOOL",)}), "is used by the item TOOL"),
        (
            Usage(DAY, repeating_invoices={"id-461": (RepeatingInvoice("A"),)}),
            "is used by 1 repeating invoice",
        ),
    ],
)
def test_an_account_with_history_is_not_deleted_whatever_the_file_asks_for(
    usage: Usage, why: str
) -> None:
    one = blocked(asking(DELETED), usage)
    assert one.rule == "delete-in-use"
    assert why in one.reason
    assert "status: ARCHIVED" in one.hint
    assert ("another account in Xero first" in one.hint) == ("is used by" in why)


def test_a_delete_that_may_become_an_archive_is_checked_as_an_archive() -> None:
    desired = replace(asking(DELETED), delete_refused=DeleteRefused.ARCHIVE)
    assert [change.action for change in plan(desired, IN_USE).changes] == [Action.DELETE]
    asks = replace(desired, archive_requires=BOTH)
    assert blocked(asks, IN_USE).rule == "archive-requires"


def test_usage_is_read_only_for_a_plan_that_needs_it() -> None:
    reads: list[int] = []

    def read() -> Usage:
        reads.append(1)
        return IN_USE

    assert build_reading(CURRENT, wanted(entry("200", name="Other")), read).usage is None
    assert not reads
    made = build_reading(CURRENT, asking(), read)
    assert made.changes[0].usage == IN_USE.of("id-461")
    assert len(reads) == 1


def test_only_an_archive_with_requirements_is_blocked_if_usage_is_not_read() -> None:
    assert build_reading(CURRENT, asking(), None) == build(CURRENT, asking())
    (one,) = build_reading(CURRENT, asking(ARCHIVED, *BOTH), None).blocked
    assert "not read because of --no-usage" in one.reason
    assert one.hint.startswith("Leave out --no-usage.")


BALANCES: Mapping[str, Usage] = {"then in use": IN_USE, "then unused": UNUSED}


@pytest.mark.parametrize("usage", BALANCES.values(), ids=BALANCES)
def test_a_changed_balance_does_not_make_a_blocked_plan_stale(usage: Usage) -> None:
    """A blocked change stays blocked, even if it could be made now."""
    saved = plan(asking(ARCHIVED, *BOTH), usage)
    stale.check(saved, CURRENT)
    again = stale.again(saved, CURRENT)
    assert again == saved
    assert again.changes == saved.changes
    assert stale.as_in_file(saved, CURRENT, asking(ARCHIVED, *BOTH)).blocked == saved.blocked


def test_an_apply_that_left_out_blocked_changes_is_proved() -> None:
    made = plan(asking(ARCHIVED, *BOTH), IN_USE)
    assert prove(made, (), CURRENT) == ()


def inherited(**fields: object) -> DesiredChart:
    desired = asking(ARCHIVED, *BOTH, **fields)
    place = Source("standard.yaml", 7, 5)
    accounts = (replace(one, source=place, inherited=place) for one in desired.accounts)
    return replace(desired, accounts=tuple(accounts))


def test_the_hint_for_an_account_that_is_not_overridable_names_the_owner_of_its_standard() -> None:
    assert blocked(inherited(overridable=False), IN_USE).hint.endswith(
        "ask the owner of the standard to waive `archive_requires`: no file may override this"
        " account."
    )
    assert "under overrides" in blocked(inherited(), IN_USE).hint
