"""What is edited in Xero during an apply is not overwritten, as far as a reading can tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from builders import ARCHIVED, account, chart, entry, new, wanted
from fakes import FakeCall, FakeLedger

from apply.recording import Recorded, done, failing, reads, results
from xerosync.apply.execute import FRESH_SECONDS, execute_steps
from xerosync.apply.outcome import Result
from xerosync.desired import DesiredAccount, Limits
from xerosync.errors import Unavailable
from xerosync.model import Chart
from xerosync.plan.build import build
from xerosync.plan.plan import Action, Plan
from xerosync.xero_limits import AT_ONCE


def planned(current: Chart, *entries: DesiredAccount) -> Plan:
    return build(current, wanted(*entries, limits=Limits(deletes=9)))


def edit_at(
    ledger_box: list[FakeLedger], write: int, account_id: str, **fields: object
) -> Callable[[FakeCall], None]:
    """Return a hook that edits an account in Xero right after a write, the first being 1."""

    def hook(call: FakeCall) -> None:
        ledger = ledger_box[0]
        if call.is_write and len(ledger.writes) == write:
            ledger._accounts[account_id] = replace(ledger._accounts[account_id], **fields)  # type: ignore[arg-type]

    return hook


def renames(count: int) -> tuple[Chart, Plan]:
    codes = [str(200 + n) for n in range(count)]
    current = chart(*(account(code, description="old") for code in codes))
    return current, planned(current, *(entry(code, f"New {code}") for code in codes))


def edited_ledger(current: Chart, write: int, account_id: str, **fields: object) -> FakeLedger:
    box: list[FakeLedger] = []
    box.append(FakeLedger(current, after=edit_at(box, write, account_id, **fields)))
    return box[0]


def test_an_edit_during_an_apply_is_not_overwritten() -> None:
    """The accounts are read again after five steps: the sixth and later ones are safe."""
    current, plan = renames(12)
    record, ledger = Recorded(), edited_ledger(current, 2, "id-211", name="Somebody's name")
    outcomes = results(plan, ledger, record)
    assert done(outcomes) == set(range(1, 12))
    assert outcomes[12].edited
    assert outcomes[12].messages == (
        'Edited in Xero in the meantime: name was "Account 211" and is now "Somebody\'s name".',
    )
    assert "Somebody's name" in {account.name for account in ledger.accounts()}
    assert sum(call.method == "accounts" for call in ledger.calls) == 3, "one is this test's"


def test_an_account_deleted_during_an_apply_is_not_called_edited() -> None:
    current, plan = renames(12)
    box: list[FakeLedger] = []

    def delete(call: FakeCall) -> None:
        if call.is_write:
            box[0]._accounts.pop("id-211", None)

    box.append(FakeLedger(current, after=delete))
    assert results(plan, box[0])[12].messages == ("It is no longer in Xero.",)


def test_an_edit_of_a_field_that_the_file_does_not_manage_is_journalled_as_it_was() -> None:
    current, plan = renames(12)
    record, ledger = Recorded(), edited_ledger(current, 2, "id-211", description="new")
    assert done(results(plan, ledger, record)) == set(range(1, 13))
    (before,) = [before for step, before, _ in record.sent if step.account_id == "id-211"]
    assert before is not None
    assert before.description == "new"


@pytest.mark.parametrize("fields", [{"name": "In Use Again"}, {"status": ARCHIVED}])
def test_an_account_that_was_edited_is_not_archived(fields: dict[str, object]) -> None:
    codes = [str(200 + n) for n in range(11)]
    current = chart(*(account(code) for code in codes))
    entries = [entry(code, status=ARCHIVED) for code in codes]
    plan = build(current, wanted(*entries, limits=Limits(archives=99)))
    outcomes = results(plan, edited_ledger(current, 1, "id-210", **fields))
    assert outcomes[11].edited


def test_the_steps_of_the_apply_itself_are_not_mistaken_for_edits() -> None:
    """A cycle of twelve codes takes thirteen steps, two of them for one account."""
    codes = [str(200 + n) for n in range(12)]
    current = chart(*(account(code) for code in codes))
    moved = [
        entry(code, f"Account {old}", account_id=f"id-{old}")
        for code, old in zip(codes, codes[1:] + codes[:1], strict=True)
    ]
    plan = planned(current, *moved)
    assert len(plan.steps) == 13
    assert done(results(plan, FakeLedger(current))) == set(range(1, 14))


def test_a_reading_that_fails_stops_the_run() -> None:
    current, plan = renames(12)
    ledger = FakeLedger(current, before=failing(Unavailable("Xero is down."), reads))
    outcomes = results(plan, ledger)
    assert done(outcomes) == set(range(1, 6))
    assert "Xero is down." in outcomes[6].messages[0]
    assert outcomes[12].result is Result.SKIPPED


def relied_on(ledger: FakeLedger) -> list[int]:
    """Return how many writes relied on each reading, the one before the run included."""
    counts = [0]
    for call in ledger.calls:
        if call.is_write:
            counts[-1] += 1
        else:
            counts.append(0)
    return counts


def test_each_reading_serves_at_most_as_many_writes_as_are_sent_at_once() -> None:
    current, plan = renames(12)
    ledger = FakeLedger(current)
    assert done(results(plan, ledger)) == set(range(1, 13))
    assert relied_on(ledger) == [AT_ONCE, AT_ONCE, 2]


@pytest.mark.parametrize(
    ("seconds", "readings"), [(FRESH_SECONDS - 0.1, 0), (FRESH_SECONDS + 0.1, 1)]
)
def test_the_accounts_are_read_again_if_the_last_reading_is_too_old(
    seconds: float, readings: int
) -> None:
    """Two steps of one account come one after the other, and Xero may be slow."""
    current = chart(account("200", status=ARCHIVED))
    plan = planned(current, entry("200", "New 200", account_id="id-200"))
    assert [step.operation for step in plan.steps] == [Action.RESTORE, Action.UPDATE]
    past = [0.0]

    def take(call: FakeCall) -> None:
        past.append(past[-1] + (seconds if call.is_write else 0.0))

    ledger = FakeLedger(current, after=take)
    outcomes = list(execute_steps(plan, ledger, Recorded(), monotonic=lambda: past[-1]))
    assert all(outcome.succeeded for outcome in outcomes)
    assert sum(call.method == "accounts" for call in ledger.calls) == readings


def test_creates_need_no_reading_of_the_accounts() -> None:
    ledger = FakeLedger(chart())
    results(planned(chart(), *(new(str(1000 + n)) for n in range(20))), ledger)
    assert relied_on(ledger) == [20]


def test_an_edit_seen_in_the_answer_to_an_earlier_step_is_not_overwritten() -> None:
    """Made after the reading, in a field that a later step of the same account writes."""
    current = chart(account("200"), account("201", description="old"))
    plan = planned(
        current,
        entry("201", "Account 200", account_id="id-200"),
        entry("200", "Account 201", account_id="id-201", description="new"),
    )
    box: list[FakeLedger] = []

    def edit(call: FakeCall) -> None:
        if (call.values or {}).get("code") == "XSTMP1":
            held = box[0]._accounts["id-201"]
            box[0]._accounts["id-201"] = replace(held, description="by hand")

    box.append(FakeLedger(current, before=edit))
    outcomes = results(plan, box[0])
    assert box[0]._accounts["id-201"].description == "by hand"
    assert outcomes[3].edited
