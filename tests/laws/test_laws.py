"""The laws of a plan, tested with random charts and files."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from random import Random

from behaviours import opposite
from hypothesis import event, given
from hypothesis import strategies as st

from laws.charts import Scenario, careless_files, careless_scenarios, charts, scenarios
from laws.simulate import Books, run, run_what_is_accepted
from xerosync.desired import DeleteRefused, DesiredAccount, DesiredChart, Source, Unmanaged
from xerosync.errors import ChartError
from xerosync.model import FIELD, Account, Chart, Status, class_of, code_key, name_key
from xerosync.plan.build import build
from xerosync.plan.matching.match import Match, MatchedBy, match
from xerosync.plan.matching.shared_words import share_a_word
from xerosync.plan.plan import Action, Change, Plan
from xerosync.plan.saved import serialize
from xerosync.plan.tax_rates import TaxRates, resolve
from xerosync.text import json_text

BY_CODE = (MatchedBy.CODE, MatchedBy.PREVIOUSLY)
SEEDS = st.integers(0, 2**16)


def planned(current: Chart, desired: DesiredChart) -> Plan | None:
    """Return the plan, None if it is ambiguous which account an entry means."""
    try:
        return build(current, desired)
    except ChartError as error:
        event(f"ambiguous: {error.problems[0].rule}")
        return None


def pairs(plan: Plan, current: Chart) -> list[Match]:
    """Return the entries that the plan is to satisfy, with their accounts."""
    stopped = {block.source for block in plan.blocked}
    found = match(current, plan.desired)
    return [m for m in found if m.desired.source not in stopped]


def as_wanted(desired: DesiredAccount, account: Account) -> bool:
    """Whether every managed field of an account is as the file asks."""
    return account.status == desired.status and all(
        FIELD[name].comparable(account.value(name)) == FIELD[name].comparable(value)
        for name, value in desired.values.items()
    )


def untouched(desired: DesiredAccount, before: Account, after: Account) -> bool:
    """Whether every unmanaged field is as before."""
    left = [name for name in FIELD if name not in desired.values]
    return all(before.value(name) == after.value(name) for name in left)


def may_mean(entry: DesiredAccount, account: Account) -> bool:
    """Whether an entry without an account may mean this one."""
    wants_one = entry.status == Status.ACTIVE or entry.account_id or entry.system_account
    number = FIELD["bank_account_number"].comparable(account.bank_account_number)
    return bool(wants_one) and (
        (
            bool(account.code)
            and code_key(account.code) in map(code_key, (entry.code, *entry.previously))
        )
        or name_key(entry.name) == name_key(account.name)
        or (
            bool(number)
            and FIELD["bank_account_number"].comparable(entry.text("bank_account_number")) == number
        )
    )


def other_name(m: Match) -> bool:
    """Whether the file gives the account another name than it has."""
    name = m.desired.name
    return bool(m.account and name) and name_key(name) != name_key(
        m.account.name if m.account else ""
    )


def replaced(m: Match, other: DesiredAccount) -> bool:
    """Whether a new account is to have the code and name of one that is archived."""
    account = m.account
    return (
        account is not None
        and m.desired.status == Status.ARCHIVED
        and (code_key(other.code), name_key(other.name))
        == (code_key(account.code), name_key(account.name))
        and share_a_word(account.name, m.desired.name)
    )


def assert_reached(plan: Plan, current: Chart, after: Chart) -> None:
    """Assert that the chart is as the file asks, and all else is as before."""
    accounts = {a.account_id: a for a in after.accounts}
    stopped = {block.source for block in plan.blocked}
    mentioned: set[str] = set()
    made = 0
    without = [m.desired for m in match(current, plan.desired) if m.account is None]
    by_code = [m for m in match(current, plan.desired) if m.account and m.by in BY_CODE]
    doubted = {name_key(m.desired.name) for m in by_code if other_name(m)}
    for m in match(current, plan.desired):
        if m.account:
            mentioned.add(m.account.account_id)
        if m.desired.source in stopped:
            assert not m.account or accounts[m.account.account_id] == m.account
        elif m.account is None:
            fresh = [a for a in after.accounts if a.account_id.startswith("new-")]
            made += m.desired.status == Status.ACTIVE
            ours = any(as_wanted(m.desired, a) for a in fresh)
            assert ours or m.desired.status != Status.ACTIVE
        elif m.desired.status == Status.DELETED:
            gone = m.account.account_id not in accounts
            resting = plan.desired.delete_refused is DeleteRefused.ARCHIVE
            assert gone or (resting and accounts[m.account.account_id].status == Status.ARCHIVED)
        else:
            assert as_wanted(m.desired, accounts[m.account.account_id])
            assert untouched(m.desired, m.account, accounts[m.account.account_id])
    assert made == sum(a.account_id.startswith("new-") for a in after.accounts)
    for account in current.accounts:
        if account.account_id in mentioned:
            continue
        given_up = (
            plan.desired.unmanaged is Unmanaged.ARCHIVE
            and not any(may_mean(entry, account) for entry in without)
            and name_key(account.name) not in doubted
            and account.status == Status.ACTIVE
            and not account.system_account
        )
        expected = replace(account, status=Status.ARCHIVED) if given_up else account
        assert accounts[account.account_id] == expected


@given(scenarios() | scenarios(mostly_moves=True), SEEDS)
def test_applying_a_plan_in_any_allowed_order_gives_the_desired_chart(
    scenario: Scenario, seed: int
) -> None:
    plan = planned(scenario.current, scenario.desired)
    if plan is None:
        return
    event(f"steps: {min(len(plan.steps), 9)}")
    event(f"temporary: {sum(bool(step.purpose) for step in plan.steps)}")
    for dice in (None, seed, seed + 1):
        books = Books(scenario.current, scenario.desired.behaviour)
        run(books, plan.steps, dice)
        assert_reached(plan, scenario.current, books.chart)
        again = build(books.chart, scenario.desired)
        if not plan.blocked:
            assert again.empty, again
        elif plan.desired.unmanaged is Unmanaged.KEEP:
            assert not again.changes, again.changes


@given(scenarios(most=6, mostly_moves=True), SEEDS)
def test_a_run_killed_at_any_step_is_finished_by_the_next_without_duplicates(
    scenario: Scenario, seed: int
) -> None:
    plan = planned(scenario.current, scenario.desired)
    if plan is None or plan.blocked:
        return
    if any(m.by is MatchedBy.ARCHIVED_NAME for m in pairs(plan, scenario.current)):
        return  # see test_an_interrupted_restore_by_name_is_blocked_with_a_way_out
    for died_at in range(1, len(plan.steps)):
        books = Books(scenario.current, scenario.desired.behaviour)
        run(books, plan.steps, seed, upto=died_at)
        second = build(books.chart, scenario.desired)
        assert not second.blocked, (died_at, second.blocked)
        for died_again in range(1, len(second.steps)):
            once_more = books.copy()
            run(once_more, second.steps, seed + died_again, upto=died_again)
            third = build(once_more.chart, scenario.desired)
            assert not third.blocked, (died_at, died_again, third.blocked)
            run(once_more, third.steps, seed)
            assert_reached(plan, scenario.current, once_more.chart)
        run(books, second.steps, seed + 1)
        assert_reached(plan, scenario.current, books.chart)
        assert build(books.chart, scenario.desired).empty


@given(scenarios() | scenarios(mostly_moves=True), SEEDS, st.sampled_from((0, 9)))
def test_a_change_that_xero_unexpectedly_refuses_had_a_warning_and_harms_no_other_account(
    scenario: Scenario, seed: int, place: int
) -> None:
    """Without a report, in a Xero that answers every open question otherwise."""
    desired = replace(scenario.desired, behaviour=None)
    plan = planned(scenario.current, desired)
    if plan is None:
        return
    books = Books(scenario.current, opposite(place=place))
    refused = run_what_is_accepted(books, plan.steps, seed)
    event(f"refused: {min(len(refused), 3)}")
    for step in refused:
        assert plan.changes[step.change].warnings, step
    changed = {change.account_id: change for change in plan.changes}
    for account in scenario.current.accounts:
        change = changed.get(account.account_id)
        if change is None:
            assert books.accounts[account.account_id] == account
        elif change.action is not Action.DELETE:
            assert account.account_id in books.accounts


def without_lines(plan: Plan) -> serialize.Json:
    """Return a plan's document without what depends on the order of the file."""
    text = serialize.to_document([plan], datetime(2026, 1, 1, tzinfo=UTC))["plans"][0]
    del text["desired"]
    for item in [*text["changes"], *text["blocked"]]:
        item["source"] = item["entry"] = None
        item["hint"] = re.sub(r"accounts\.yaml:\d+", "its line", item.get("hint", ""))
    return text  # type: ignore[no-any-return]


@given(scenarios(), st.randoms(use_true_random=False))
def test_the_order_of_the_file_and_of_xeros_answer_does_not_matter(
    scenario: Scenario, random: Random
) -> None:
    entries, accounts = list(scenario.desired.accounts), list(scenario.current.accounts)
    random.shuffle(entries)
    random.shuffle(accounts)
    lines = [e.source for e in scenario.desired.accounts]
    moved = [replace(e, source=line) for e, line in zip(entries, lines, strict=True)]
    first = planned(scenario.current, scenario.desired)
    shuffled_file = planned(scenario.current, replace(scenario.desired, accounts=tuple(moved)))
    shuffled_xero = planned(replace(scenario.current, accounts=tuple(accounts)), scenario.desired)
    if first is None:
        assert shuffled_file is None
        assert shuffled_xero is None
        return
    assert shuffled_file is not None
    assert without_lines(shuffled_file) == without_lines(first)
    assert shuffled_xero == first


def mirrored(current: Chart, *, pinned: bool) -> DesiredChart:
    """Return the file that matches a chart."""
    return DesiredChart(
        "accounts.yaml",
        tuple(
            DesiredAccount(
                {name: value for name, value in a.values().items() if value or name != "code"},
                a.status,
                account_id=a.account_id if pinned else "",
                source=Source("accounts.yaml", line, 1),
            )
            for line, a in enumerate(current.accounts, start=1)
        ),
    )


@given(charts(), st.booleans())
def test_a_file_that_matches_xero_has_an_empty_plan(current: Chart, pinned: bool) -> None:
    plan = build(current, mirrored(current, pinned=pinned))
    assert plan.empty
    assert plan.steps == ()
    assert plan.unmanaged == ()
    assert plan.unchanged == len(current.accounts)


@given(st.data(), charts(), st.booleans())
def test_archived_accounts_with_the_codes_and_names_of_active_ones_change_no_plan(
    data: st.DataObject, current: Chart, pinned: bool
) -> None:
    """Xero may reuse the code and name of an archived account."""
    twins = tuple(
        replace(
            account, account_id=f"{account.account_id}-before", status=Status.ARCHIVED,
            system_account="", bank_account_number="", description="",
        )
        for account in current.accounts
        if account.status == Status.ACTIVE and data.draw(st.booleans())
    )  # fmt: skip
    event(f"twins: {min(len(twins), 3)}")
    now = replace(current, accounts=(*twins, *current.accounts))
    assert build(now, mirrored(current, pinned=pinned)).empty


def as_shown(plan: Plan) -> Plan:
    """Return a plan as its document keeps it, with less of its unmanaged accounts."""
    shown = (Account(a.account_id, a.code, a.name, a.type) for a in plan.unmanaged)
    return replace(plan, unmanaged=tuple(shown))


@given(scenarios())
def test_a_saved_plan_is_read_back_unchanged_and_written_as_the_same_bytes(
    scenario: Scenario,
) -> None:
    plan = planned(scenario.current, scenario.desired)
    if plan is None:
        return
    at = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)
    text = json_text(serialize.to_document([plan], at))
    (back,) = serialize.loads(text)
    assert back == as_shown(plan)
    assert json_text(serialize.to_document([back], at)) == text
    assert serialize.digest_of([back]) == serialize.digest_of([plan])
    again = build(scenario.current, back.desired)
    assert again == plan


@given(scenarios())
def test_no_account_matches_two_entries_and_a_pin_is_always_respected(
    scenario: Scenario,
) -> None:
    rates = TaxRates(scenario.current.tax_rates)
    try:
        found = match(scenario.current, resolve(scenario.desired, rates))
    except ChartError:
        return
    ids = [m.account.account_id for m in found if m.account]
    assert len(ids) == len(set(ids))
    for m, truth in zip(found, scenario.truth, strict=True):
        if m.desired.account_id or m.desired.system_account:
            assert m.account
            assert m.account.account_id == truth


@given(st.data(), charts())
def test_a_careless_file_is_never_half_applied_without_an_error_or_warning(
    data: st.DataObject, current: Chart
) -> None:
    desired = data.draw(careless_files(current))
    try:
        found = match(current, desired)
    except ChartError as error:
        event(f"refused: {error.problems[0].rule}")
        return
    owners = {m.account.account_id: m for m in found if m.account}
    codes = {code_key(account.code) for account in current.accounts if account.code}
    assert len(owners) == sum(m.account is not None for m in found)
    for m in found:
        for account in current.accounts:
            if not account.code or account.code not in m.desired.previously:
                continue
            other = owners.get(account.account_id)
            if other is None:  # the code is in use again: code and name found another account
                assert m.account is not None
                assert name_key(m.account.name) == name_key(m.desired.name)
                assert m.former == account
            elif m.account is None:
                new = m.desired.status == Status.ACTIVE and code_key(m.desired.code) not in codes
                pinned = other.by in (MatchedBy.ACCOUNT_ID, MatchedBy.SYSTEM_ACCOUNT)
                assert not (new and pinned)
            elif other is not m and m.by is MatchedBy.CODE:
                assert m.former == account
                assert m.desired.name != account.name or m.account.name == account.name


@given(careless_scenarios(), SEEDS)
def test_a_careless_file_asks_for_nothing_more_once_it_is_applied(
    scenario: Scenario, seed: int
) -> None:
    """With former codes, archived entries and pins that contradict each other."""
    plan = planned(scenario.current, scenario.desired)
    if plan is None:
        return
    event(f"steps: {min(len(plan.steps), 5)}")
    event(f"blocked: {bool(plan.blocked)}")
    books = Books(scenario.current, scenario.desired.behaviour)
    run(books, plan.steps, seed)
    again = build(books.chart, plan.desired)
    assert not again.changes
    if not plan.blocked:
        assert again.empty


@given(scenarios() | careless_scenarios())
def test_no_account_is_taken_for_another_by_its_code_alone(scenario: Scenario) -> None:
    current = scenario.current
    plan = planned(current, scenario.desired)
    if plan is None:
        return
    event(
        f"found by a former code: {any(c.desired and c.desired.previously for c in plan.changes)}"
    )
    names = {name_key(e.name): e for e in plan.desired.accounts if e.name}
    by_code = {
        m.account.account_id: m
        for m in match(current, plan.desired)
        if m.account and m.by in BY_CODE and other_name(m)
    }
    event(f"found by code, with another name: {min(len(by_code), 3)}")
    for change in plan.changes:
        account, m = change.account, by_code.get(change.account_id)
        if not account or not m:
            continue
        other = names.get(name_key(account.name), m.desired)
        assert other is m.desired or replaced(m, other)
        assert change.action in (Action.UPDATE, Action.ARCHIVE)
        assert account.status == Status.ACTIVE
        retyped = change.field("type")
        before = class_of(account.type, account.account_class)
        assert not retyped or class_of(str(retyped.after), before) == before


@given(scenarios(mostly_moves=True))
def test_accounts_that_keep_their_names_are_matched_whatever_happens_to_their_codes(
    scenario: Scenario,
) -> None:
    names = {a.account_id: a.name for a in scenario.current.accounts}
    entries = tuple(
        replace(e, values={**e.values, "name": names[truth]})
        for e, truth in zip(scenario.desired.accounts, scenario.truth, strict=True)
        if truth
    )
    truths = [truth for truth in scenario.truth if truth]
    try:
        found = match(scenario.current, replace(scenario.desired, accounts=entries))
    except ChartError as error:
        rules = {problem.rule for problem in error.problems}
        assert rules <= {"both-codes-present", "one-account-twice"}
        return
    for m, truth in zip(found, truths, strict=True):
        assert m.account
        assert m.account.account_id == truth


@given(scenarios())
def test_no_more_steps_are_planned_than_the_changes_and_their_cycles_need(
    scenario: Scenario,
) -> None:
    plan = planned(scenario.current, scenario.desired)
    if plan is None:
        return
    plain = [step for step in plan.steps if not step.purpose]
    assert len(plain) == sum(_calls(change) for change in plan.changes)
    assert len(plan.steps) - len(plain) <= len(plan.changes) / 2
    assert [step.number for step in plan.steps] == list(range(1, len(plan.steps) + 1))
    assert all(need < step.number for step in plan.steps for need in step.needs)


def _calls(change: Change) -> int:
    """Return the number of calls that a change needs by itself."""
    if change.action is Action.CREATE:
        return 2 if change.field("add_to_watchlist") else 1
    if change.action is Action.DELETE:
        return 1
    if change.action is Action.UPDATE:
        return 3 if change.account and change.account.status == Status.ARCHIVED else 1
    return 2 if change.fields else 1
