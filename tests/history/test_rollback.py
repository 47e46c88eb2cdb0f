"""Rollback: the chart that undoes a run, and what cannot be undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from apply.recording import Recorded, results
from behaviours import report
from builders import ARCHIVED, DELETED, account, chart, entry, new, wanted
from fakes import FakeLedger

from xerosync.apply.outcome import Result
from xerosync.desired import DeleteRefused, DesiredAccount, DesiredChart, Limits
from xerosync.errors import UsageError
from xerosync.history.rollback import add_later_edits, to_undo, undo
from xerosync.history.runs import Run, RunCall
from xerosync.model import Account, Chart
from xerosync.plan.build import build, build_reading
from xerosync.plan.plan import Action, Plan
from xerosync.usage import Balance, Requirement, Unknown, Usage, UsageKind
from xerosync.xero_behaviour import Question

AT = datetime(2026, 11, 3, tzinfo=UTC)
DOWN = Unknown(UsageKind.BALANCE, "Xero is down")
CURRENT = chart(
    account("200", "Sales"), account("201", "Hire"), account("202", "Fees"),
    account("203", "Old", status=ARCHIVED), account("204", "Rent", description="Of the yard"),
)  # fmt: skip


def run_of(plan: Plan, record: Recorded) -> Run:
    """Return the run that a journal of these records holds."""
    run = Run(plan.file, plan.organisation.tenant_id, "d", AT, journal="run.jsonl")
    for step, before, key in record.sent:
        change = plan.changes[step.change]
        run.calls.append(
            RunCall(step.number, step.operation, step.account_id, step.values, change.code,
                 change.name, key, before)
        )  # fmt: skip
    for outcome in record.outcomes:
        for call in reversed(run.calls):
            if call.step == outcome.step.number and call.operation == outcome.step.operation:
                call.result, call.after = outcome.result, outcome.account
                break
    return run


def applied(current: Chart, desired: DesiredChart) -> tuple[FakeLedger, Run]:
    plan, record, ledger = build(current, desired), Recorded(), FakeLedger(current)
    assert {o.result for o in results(plan, ledger, record).values()} <= {Result.DONE}
    return ledger, run_of(plan, record)


def undone(ledger: FakeLedger, run: Run) -> tuple[dict[str, Account], Run, Sequence[str]]:
    """Roll a run back; return the accounts by id, the run that did it, and the notes."""
    undoing = undo(run, ledger.accounts())
    plan, record = build(ledger.chart(), undoing), Recorded()
    assert plan.blocked == ()
    assert {o.result for o in results(plan, ledger, record).values()} <= {Result.DONE}
    return by_id(ledger), run_of(plan, record), undoing.notes


def by_id(ledger: FakeLedger) -> dict[str, Account]:
    return {a.account_id: a for a in ledger.accounts()}


EVERYTHING = wanted(
    entry("300", "Sales of Shoes", account_id="id-200", description="Shoes", tax_type="INPUT2"),
    entry("202", "Fees", account_id="id-201"),
    entry("201", "Hire", account_id="id-202"),
    entry("203", "Older"),
    entry("204", status=ARCHIVED, description="Of the barn"),
    new("200", "Sales", add_to_watchlist=True),
    new("400", "Boots"),
)


def test_every_operation_is_undone() -> None:
    before = {a.account_id: a for a in CURRENT.accounts}
    ledger, run = applied(CURRENT, EVERYTHING)
    now, _, impossible = undone(ledger, run)
    assert impossible == ()
    assert {i: a for i, a in now.items() if i in before} == before
    created = {(a.code, a.name, a.status) for i, a in now.items() if i not in before}
    assert created == {
        ("UNDONE1", "Sales (undone 1)", "ARCHIVED"),
        ("400", "Boots", "ARCHIVED"),
    }


def test_a_folder_with_two_runs_of_one_organisation_is_refused() -> None:
    """Each run would be undone as if the other had not been made."""
    _, run = applied(CURRENT, EVERYTHING)
    run.steps = len(run.calls)
    other = replace(run, tenant_id="other")
    assert to_undo([run, other], Path("runs")) == (other, run)
    with pytest.raises(UsageError, match="runs has several runs of ") as refused:
        to_undo([run, other, replace(run, at=datetime.now(UTC))], Path("runs"))
    assert "To undo several runs, begin with the newest" in refused.value.hint
    nothing_sent = replace(run, at=datetime.now(UTC), calls=[])
    assert to_undo([run, other, nothing_sent], Path("runs")) == (other, run)
    elsewhere = replace(nothing_sent, tenant_id="other")
    assert to_undo([nothing_sent, elsewhere, nothing_sent], Path("runs")) == (
        nothing_sent,
        elsewhere,
    )


def test_a_rollback_of_a_rollback_restores_the_run() -> None:
    ledger, run = applied(CURRENT, EVERYTHING)
    after = by_id(ledger)
    states = []
    for _ in range(4):
        state, run, _ = undone(ledger, run)
        states.append(state)
    assert states[1] == states[3] == after
    assert states[0] == states[2]


def test_codes_and_names_of_earlier_rollbacks_are_not_reused() -> None:
    taken = (account("UNDONE1", "Sales (undone 1)", status=ARCHIVED),)
    current = replace(CURRENT, accounts=(*CURRENT.accounts, *taken))
    ledger, run = applied(current, EVERYTHING)
    now, _, _ = undone(ledger, run)
    assert ("UNDONE2", "Sales (undone 2)") in {(a.code, a.name) for a in now.values()}


def test_a_long_name_stays_within_its_length() -> None:
    long = "S" * 150
    current = chart(account("200", long))
    ledger, run = applied(current, wanted(entry("200", "Short"), new("300", long)))
    now, _, _ = undone(ledger, run)
    assert now["id-200"].name == long
    assert all(len(a.name) <= 150 for a in now.values())


def test_only_what_the_run_changed_is_put_back() -> None:
    ledger, run = applied(CURRENT, wanted(entry("200", "Shoes")))
    ledger.update("id-200", {"description": "By hand"}, key="k")
    ledger.set_status("id-200", "ARCHIVED", key="l")
    now, _, _ = undone(ledger, run)
    assert now["id-200"] == account("200", "Sales", description="By hand", status=ARCHIVED)


def test_a_delete_cannot_be_undone_and_is_noted() -> None:
    limits = Limits(deletes=1)
    ledger, run = applied(
        CURRENT, wanted(entry("202", status=DELETED), entry("200", "Shoes"), limits=limits)
    )
    now, _, impossible = undone(ledger, run)
    assert now["id-200"].name == "Sales"
    assert len(impossible) == 1
    assert "202 Fees: it was deleted" in impossible[0]


def test_a_delete_that_became_an_archive_is_undone() -> None:
    desired = wanted(entry("202", status=DELETED), delete_refused=DeleteRefused.ARCHIVE)
    plan, record = build(CURRENT, desired), Recorded()
    ledger = FakeLedger(CURRENT, used=frozenset({"id-202"}))
    results(plan, ledger, record)
    now, _, impossible = undone(ledger, run_of(plan, record))
    assert now["id-202"] == account("202", "Fees")
    assert impossible == ()


def test_an_account_deleted_since_is_noted() -> None:
    ledger, run = applied(CURRENT, wanted(entry("200", "Shoes")))
    ledger.delete("id-200")
    _, _, impossible = undone(ledger, run)
    assert "200 Sales: it is no longer in Xero" in impossible[0]


def test_a_created_account_deleted_since_needs_no_note() -> None:
    ledger, run = applied(CURRENT, wanted(new("400", "Boots")))
    boots = next(a for a in ledger.accounts() if a.code == "400")
    ledger.delete(boots.account_id)
    _, again, impossible = undone(ledger, run)
    assert impossible == ()
    assert again.calls == []


def killed(*entries: DesiredAccount, after_effect: bool) -> tuple[FakeLedger, Run]:
    """Run a plan of one step and lose its answer, as a kill does."""
    plan, record, ledger = build(CURRENT, wanted(*entries)), Recorded(), FakeLedger(CURRENT)
    results(plan, ledger if after_effect else FakeLedger(CURRENT), record)
    record.outcomes.clear()
    return ledger, run_of(plan, record)


def test_a_call_left_open_by_a_kill_is_undone_if_it_took_effect() -> None:
    for after_effect in (True, False):
        ledger, run = killed(entry("200", "Shoes"), after_effect=after_effect)
        now, _, impossible = undone(ledger, run)
        assert now["id-200"] == account("200", "Sales")
        assert impossible == ()


def test_a_create_left_open_by_a_kill_is_noted_only_if_the_account_exists() -> None:
    ledger, run = killed(new("400", "Boots"), after_effect=True)
    undoing = undo(run, ledger.accounts())
    assert undoing.accounts == ()
    assert "400 Boots: the run ended while it was being created" in undoing.notes[0]
    assert "give it another code and name there, then archive it" in undoing.notes[0]
    ledger, run = killed(new("400", "Boots"), after_effect=False)
    assert undo(run, ledger.accounts()).notes == ()


def test_failed_and_skipped_steps_are_left_alone() -> None:
    ledger, run = applied(CURRENT, wanted(entry("200", "Shoes"), entry("201", "Boots")))
    for call, result in zip(run.calls, (Result.FAILED, Result.SKIPPED), strict=True):
        call.result = result
    assert undo(run, ledger.accounts()).accounts == ()


def test_an_account_with_a_temporary_code_gets_its_first_code_back() -> None:
    """The run is killed in a swap: only the first of three calls was answered."""
    plan = build(
        CURRENT, wanted(entry("202", account_id="id-201"), entry("201", account_id="id-202"))
    )
    record, ledger = Recorded(), FakeLedger(CURRENT)
    first = replace(plan, steps=plan.steps[:1])
    assert first.steps[0].purpose
    assert first.steps[0].operation is Action.UPDATE
    results(first, ledger, record)
    assert by_id(ledger) != {a.account_id: a for a in CURRENT.accounts}
    now, _, _ = undone(ledger, run_of(plan, record))
    assert now == {a.account_id: a for a in CURRENT.accounts}


def test_a_field_that_cannot_be_emptied_again_is_noted_and_stays() -> None:
    desired = wanted(entry("200", "Shop", reporting_code="EXP.ADM"))
    ledger, run = applied(chart(account("200", "Sales")), desired)
    now, _, impossible = undone(ledger, run)
    assert now["id-200"].name == "Sales"
    assert now["id-200"].reporting_code == "EXP.ADM"
    (sentence,) = impossible
    assert sentence == (
        "200 Shop: its report code was empty before the run, but might not stay empty in Xero if"
        " cleared; it stays EXP.ADM."
    )


@pytest.mark.parametrize(("country", "left"), [("NZ", ""), ("AU", "EXP.ADM")])
def test_a_report_code_is_emptied_again_if_a_report_for_the_country_says_that_xero_clears_it(
    country: str, left: str
) -> None:
    ledger, run = applied(
        chart(account("200", "Sales")), wanted(entry("200", reporting_code="EXP.ADM"))
    )
    run.organisation = ledger.organisation()
    behaviour = report({Question.CLEAR_REPORTING_CODE: "cleared"}, country)
    run.desired = replace(wanted(), behaviour=behaviour)
    now, _, impossible = undone(ledger, run)
    assert now["id-200"].reporting_code == left
    assert bool(impossible) is bool(left)


def test_a_status_that_the_rollback_leaves_is_not_said_to_be_overwritten() -> None:
    ledger, run = applied(CURRENT, wanted(entry("200", "Shop")))
    archived = replace(by_id(ledger)["id-200"], status=ARCHIVED)
    current = chart(archived)
    undoing = undo(run, current.accounts)
    (change,) = add_later_edits(build(current, undoing), run).changes
    assert [changed.field for changed in change.fields] == ["name"]
    assert not any("overwrites" in warning for warning in change.warnings)


def test_an_edit_after_a_call_with_a_lost_answer_has_a_warning_too() -> None:
    before = account("200", "Sales")
    lost = RunCall(1, Action.UPDATE, "id-200", {"name": "Shop"}, "200", "Shop", "k", before)
    run = Run("accounts.yaml", "tenant-1", "d", AT, [lost], journal="run.jsonl")
    for name, told in (("Shop", False), ("Takings", True)):
        current = chart(replace(before, name=name))
        undoing = undo(run, current.accounts)
        (change,) = add_later_edits(build(current, undoing), run).changes
        assert any("Edited after the run" in w for w in change.warnings) is told


def test_an_edit_between_the_write_and_the_proof_has_a_warning_too() -> None:
    """The chart that the run read at its end has the edit already."""
    ledger, run = applied(CURRENT, wanted(entry("200", "Shop")))
    ledger._accounts["id-200"] = replace(ledger._accounts["id-200"], name="By hand")
    run.accounts = ledger.accounts()
    undoing = undo(run, ledger.accounts())
    (change,) = add_later_edits(build(ledger.chart(), undoing), run).changes
    assert change.warnings[0].startswith("Edited after the run")
    assert 'name was "Shop" and is now "By hand"' in change.warnings[0]


def test_a_rollback_keeps_the_limits_and_protected_accounts_of_the_file() -> None:
    desired = wanted(
        entry("200", "Shop"),
        new("400", "Boots", protect=True),
        limits=Limits(archives=0),
    )
    ledger, run = applied(CURRENT, desired)
    run.desired = desired
    undoing = undo(run, ledger.accounts())
    plan = add_later_edits(build(ledger.chart(), undoing), run)
    assert plan.desired.limits.archives == 0
    assert [block.rule for block in plan.blocked] == ["protected"]
    assert plan.blocked[0].hint.startswith(
        "It was protected in that run. To undo this all the same, do"
    )
    assert "--skip-blocked" in plan.blocked[0].hint
    assert "file" not in plan.blocked[0].hint, "a rollback is made from a journal"


def test_the_hint_of_a_fully_blocked_rollback_does_not_offer_to_undo_the_rest() -> None:
    desired = wanted(new("400", "Boots", protect=True))
    ledger, run = applied(CURRENT, desired)
    run.desired = desired
    undoing = undo(run, ledger.accounts())
    (blocked,) = add_later_edits(build(ledger.chart(), undoing), run).blocked
    assert blocked.hint.endswith("To undo this all the same, do it in Xero.")


@pytest.mark.parametrize(
    ("usage", "hint"),
    [
        (None, "Leave out --no-usage."),
        (Usage(AT.date(), unknown=(DOWN,)), "Plan again when Xero answers."),
        (Usage(AT.date(), unknown=(replace(DOWN, hint="Tick the scopes."),)), "Tick the scopes."),
        (Usage(AT.date()), "Resolve it in Xero."),
    ],
)
def test_a_rollback_blocked_by_unknown_usage_says_how_to_read_it(
    usage: Usage | None, hint: str
) -> None:
    desired = replace(wanted(new("400", "Boots")), archive_requires=(Requirement.ZERO_BALANCE,))
    ledger, run = applied(CURRENT, desired)
    run.desired = desired
    undoing = undo(run, ledger.accounts())
    if usage and not usage.unknown:
        usage = replace(usage, balances={run.calls[0].subject: Balance(Decimal(9))})
    read = (lambda: usage) if usage else None
    (blocked,) = add_later_edits(build_reading(ledger.chart(), undoing, read), run).blocked
    assert blocked.hint == hint


def test_an_unknown_status_is_blocked_and_does_not_fail() -> None:
    before = account("200", "Sales", status="PENDING")
    lost = RunCall(1, Action.UPDATE, "id-200", {"name": "Shop"}, "200", "Shop", "k", before)
    run = Run("accounts.yaml", "tenant-1", "d", AT, [lost], journal="run.jsonl")
    current = chart(replace(before, name="Shop"))
    undoing = undo(run, current.accounts)
    assert add_later_edits(build(current, undoing), run).blocked[0].rule == "unknown-status"
