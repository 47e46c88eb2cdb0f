"""Groups of changes: which changes in many books are one, and the order of the groups."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest
from builders import ARCHIVED, DELETED, account, chart, entry, new, wanted
from hypothesis import given, settings
from hypothesis import strategies as st
from render.practice import STANDARD, inherited, many, practice

from xerosync.desired import DesiredAccount, Source
from xerosync.history.origin import LEFT_STANDARD
from xerosync.model import Organisation
from xerosync.organisations.group import Age, Group, group, left_behind
from xerosync.plan.build import build
from xerosync.plan.plan import Action, Origin, Plan


def of(*plans: Plan) -> list[Group]:
    return list(group(plans))


def renamed(before: str, after: str = "Bank Charges", **fields: object) -> Plan:
    """Return a plan that renames 404, which the file inherits."""
    wants = inherited(10, "a.yaml", code="404", name=after, **fields)
    return build(chart(account("404", before)), wanted(wants))


def find(groups: list[Group], code: str, action: Action | None) -> Group:
    (found,) = [one for one in groups if one.code == code and one.action is action]
    return found


@st.composite
def any_plan(draw: st.DrawFn) -> Plan:
    """Return a plan from a few codes and names, so that many of them have changes in common."""
    numbers = draw(st.lists(st.integers(200, 206), max_size=5, unique=True))
    names = st.sampled_from(["Sales", "Rent", "Bank Fees"])
    held = [account(f"{n}", f"{draw(names)} {n % 3}") for n in numbers]
    asked: list[DesiredAccount] = []
    for number in draw(st.lists(st.integers(200, 208), max_size=6, unique=True)):
        status = draw(st.sampled_from(["ACTIVE", "ACTIVE", ARCHIVED, DELETED]))
        values = {"code": f"{number}", "name": f"{draw(names)} {number % 3}", "type": "EXPENSE"}
        if draw(st.booleans()):
            asked.append(inherited(number, "a.yaml", status=status, **values))
        else:
            asked.append(entry(values["code"], values["name"], type="EXPENSE", status=status))
    try:
        plan = build(chart(*held), wanted(*asked))
    except Exception:  # noqa: BLE001 two entries may mean one account
        plan = build(chart(), wanted())
    origins = [draw(st.sampled_from(list(Origin))) for _ in plan.changes]
    changes = tuple(
        replace(change, origin=origin) for change, origin in zip(plan.changes, origins, strict=True)
    )
    return replace(plan, changes=changes)


@settings(deadline=None, max_examples=200)
@given(st.lists(any_plan(), max_size=6))
def test_each_change_and_each_block_is_in_exactly_one_group(plans: list[Plan]) -> None:
    groups = group(plans)
    changes = Counter((m.plan, m.index) for one in groups if one.change for m in one.members)
    blocks = Counter((m.plan, m.index) for one in groups if one.blocked for m in one.members)
    assert changes == Counter(
        (p, i) for p, plan in enumerate(plans) for i in range(len(plan.changes))
    )
    assert blocks == Counter(
        (p, i) for p, plan in enumerate(plans) for i in range(len(plan.blocked))
    )
    for one in groups:
        assert one.plans == tuple(dict.fromkeys(m.plan for m in one.members))
        for member in one.members if one.change else ():
            change = plans[member.plan].changes[member.index]
            assert one.change
            assert (change.action, change.after()) == (one.action, one.change.after())
            assert (change.code, change.name) in one.labels


@settings(deadline=None, max_examples=50)
@given(st.lists(any_plan(), max_size=6), st.randoms())
def test_the_order_of_the_plans_does_not_change_the_groups(
    plans: list[Plan], chance: random.Random
) -> None:
    mixed = [*plans]
    chance.shuffle(mixed)

    def seen(given: list[Plan]) -> Counter[tuple[object, ...]]:
        return Counter((g.account, g.action, len(g.members), g.age) for g in group(given))

    assert seen(plans) == seen(mixed)


def test_one_change_with_several_names_before_is_one_group() -> None:
    (one,) = of(renamed("Bank Fees"), renamed("Bank fees"), renamed("Bank Fees"))
    assert one.plans == (0, 1, 2)
    assert [(b.value, b.plans) for b in one.befores["name"]] == [
        ("Bank Fees", (0, 2)),
        ("Bank fees", (1,)),
    ]
    assert one.standard == Source(STANDARD, 10, 5)


def test_changes_with_different_values_or_warnings_are_in_different_groups() -> None:
    assert len(of(renamed("Bank Fees"), renamed("Bank Fees", "Bank Costs"))) == 2
    assert len(of(renamed("Bank Fees"), renamed("Bank Fees", tax_type="INPUT2"))) == 2
    plan = renamed("Bank Fees")
    warned = replace(plan, changes=(replace(plan.changes[0], warnings=("Look.",)),))
    assert len(of(plan, warned)) == 2


def test_one_code_of_a_tax_rate_with_two_names_is_two_groups() -> None:
    """TAX001 may be another rate in each organisation."""
    plan = renamed("Bank Charges", tax_type="INPUT2")
    (change,) = plan.changes
    other = replace(change, fields=(replace(change.fields[0], after_label="Zero rated"),))
    assert len(of(plan, replace(plan, changes=(other,)))) == 2


def test_an_account_of_the_standard_is_one_group_whatever_its_name() -> None:
    """An overlay gives it another name; both change its tax rate."""
    plans = [
        build(
            chart(account("404", name)),
            wanted(inherited(10, "a.yaml", code="404", name=name, tax_type="INPUT2")),
        )
        for name in ("Bank Charges", "Merchant Fees", "Bank Charges")
    ]
    (one,) = of(*plans)
    assert one.labels == (("404", "Bank Charges"), ("404", "Merchant Fees"))


def test_own_accounts_of_the_same_code_and_name_are_one_group() -> None:
    plans = [build(chart(), wanted(new("905", name))) for name in ("Grants", "grants ", "Gifts")]
    assert sorted(len(one.plans) for one in of(*plans)) == [1, 1, 1]
    same = [build(chart(), wanted(new("905", "Grants"))) for _ in range(2)]
    assert [len(one.plans) for one in of(*same)] == [2]


def test_an_id_in_a_hint_does_not_make_another_group() -> None:
    groups = of(*practice())
    blocked = find(groups, "480", None)
    assert len(blocked.plans) == 2
    assert blocked.blocked
    assert "account_id: …" in blocked.blocked.hint
    (alone,) = [one for one in group(practice()[7:8]) if one.blocked]
    assert alone.blocked
    assert "account_id: id-480-7" in alone.blocked.hint


def test_a_file_name_in_a_hint_does_not_make_another_group() -> None:
    plans = [
        replace(
            plan,
            desired=replace(plan.desired, file=file),
            blocked=tuple(replace(b, hint=f"See {file}, or my{file}.") for b in plan.blocked),
        )
        for plan, file in zip(practice()[7:9], ("a/b.yaml", "c.yaml"), strict=True)
    ]
    found = [one.blocked for one in group(plans) if one.blocked]
    assert [item.hint for item in found] == [
        "See a/b.yaml, or mya/b.yaml.",
        "See c.yaml, or myc.yaml.",
    ]
    plans = [
        replace(p, blocked=tuple(replace(b, hint=f"See {p.file}.") for b in p.blocked))
        for p in plans
    ]
    (one,) = [one.blocked for one in group(plans) if one.blocked]
    assert one.hint == "See …."


def test_a_block_of_an_inherited_account_has_the_place_of_its_entry() -> None:
    assert find(of(*practice()), "480", None).standard == Source(STANDARD, 12, 5)


def test_a_group_has_only_the_reasons_that_all_its_members_share() -> None:
    plan = renamed("Bank Fees")
    (change,) = plan.changes
    changes = [replace(change, reasons=("Edited on 3 May.", *change.reasons)), change]
    (one,) = of(*(replace(plan, changes=(c,)) for c in changes))
    assert one.change
    assert one.change.reasons == change.reasons


def test_blocks_come_first_then_new_then_destructive_then_rare_changes() -> None:
    groups = of(*practice())
    assert [(one.action, one.code, len(one.plans)) for one in groups] == [
        (None, "480", 2),
        (Action.DELETE, "430", 1),
        (Action.ARCHIVE, "485", 2),
        (Action.UPDATE, "620", 1),
        (Action.UPDATE, "489", 1),
        (Action.UPDATE, "408", 1),
        (Action.CREATE, "905", 1),
        (Action.CREATE, "480", 8),
        (Action.UPDATE, "404", 7),
    ]
    assert [one.age for one in groups] == [Age.UNKNOWN, *[Age.NEW] * 7, Age.PENDING]
    assert [one.destructive for one in groups] == [False, *[True] * 5, False, False, False]


@pytest.mark.parametrize(
    ("origin", "age"),
    [
        (Origin.FILE, Age.NEW),
        (Origin.BOTH, Age.NEW),
        (Origin.XERO, Age.PENDING),
        (Origin.LEFT, Age.PENDING),
        (Origin.UNKNOWN, Age.UNKNOWN),
    ],
)
def test_new_and_pending_changes_are_different_groups(origin: Origin, age: Age) -> None:
    plan = renamed("Bank Fees")
    origins = (origin, Origin.FILE if age is Age.PENDING else Origin.LEFT)
    groups = of(*(replace(plan, changes=(replace(plan.changes[0], origin=o),)) for o in origins))
    assert len(groups) == 2
    assert age in {one.age for one in groups}


def test_an_account_that_left_the_standard_is_reported_once() -> None:
    first, second = (
        replace(
            build(chart(account("449", "Vehicles")), wanted()),
            organisation=Organisation(name, name),
            left_file=(f"449 Vehicles {LEFT_STANDARD} at the apply of {day} May.",),
        )
        for name, day in (("A", 3), ("B", 4))
    )
    other = replace(first, left_file=("449 Vehicles was removed from the file.",))
    found = left_behind([first, other, second])
    assert [(one.label, one.standard, one.plans) for one in found] == [
        ("449 Vehicles", True, (0, 2)),
        ("", False, (1,)),
    ]


def test_a_thousand_organisations_are_a_few_groups() -> None:
    groups = group(many())
    assert sorted(len(one.plans) for one in groups) == [*[1] * 20, *[1000] * 3]
