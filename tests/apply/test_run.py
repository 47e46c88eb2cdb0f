"""Several organisations in one command: one after the other, each with its own verdict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from builders import DELETED, account, chart, entry, wanted
from fakes import FakeCall, FakeLedger

from apply.recording import failing
from xerosync.cli.execute import Execution
from xerosync.cli.session import Session, open_session
from xerosync.errors import AppliedInPart, Interrupted, ProofFailed, RejectedByXero
from xerosync.history import runs
from xerosync.model import Chart, DeleteRefused
from xerosync.plan.build import build
from xerosync.plan.plan import Plan


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.chdir(tmp_path)
    with open_session(sandbox=False, no_color=True, debug=False) as opened:
        yield opened


def books(name: str) -> Chart:
    current = chart(account("200"), account("201"))
    return replace(current, organisation=replace(current.organisation, tenant_id=name, name=name))


def plan_of(current: Chart) -> Plan:
    desired = wanted(entry("200", "Shoes"), entry("201", "Boots"))
    return build(current, replace(desired, file=f"{current.organisation.name}.yaml"))


def refuse(call: FakeCall) -> None:
    failing(RejectedByXero(("No.",)), lambda c: (c.values or {}).get("name") == "Boots")(call)


def execution(session: Session, *ledgers: FakeLedger) -> Execution:
    work = Execution(session, Path("run.jsonl"), as_json=False)
    for ledger in ledgers:
        work.add(plan_of(ledger.chart()), ledger)
    return work


def test_all_are_done_and_in_one_journal(session: Session) -> None:
    one, two = FakeLedger(books("one")), FakeLedger(books("two"))
    assert execution(session, one, two).run() == 0
    assert [run.tenant_id for run in runs.read(Path("run.jsonl"))] == ["one", "two"]
    assert len({run.digest for run in runs.read(Path("run.jsonl"))}) == 1


def test_what_goes_wrong_in_one_does_not_stop_the_next_and_all_is_said(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    one = FakeLedger(books("one"), before=refuse)
    two = FakeLedger(books("two"))
    three = FakeLedger(books("three"))
    with pytest.raises(AppliedInPart, match=r"one\.yaml"):
        execution(session, one, two, three).run()
    assert [len(ledger.writes) for ledger in (one, two, three)] == [2, 2, 2]
    assert capsys.readouterr().out.count("Applied: ") == 3


def test_of_several_failures_all_are_said(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    one = FakeLedger(books("one"), before=refuse)
    two = FakeLedger(books("two"), before=refuse)
    with pytest.raises(AppliedInPart, match=r"one\.yaml"):
        execution(session, one, two).run()
    assert "Error: two.yaml: applied in part" in capsys.readouterr().err


def test_a_wish_to_stop_reaches_the_next_organisation_too(session: Session) -> None:
    def stop(call: FakeCall) -> None:
        if call.is_write:
            session.stop.set()

    one, two = FakeLedger(books("one"), before=stop), FakeLedger(books("two"))
    with pytest.raises(Interrupted):
        execution(session, one, two).run()
    assert two.writes == ()
    assert [run.tenant_id for run in runs.read(Path("run.jsonl"))] == ["one"]


def test_a_chart_that_is_not_as_planned_is_an_error(session: Session) -> None:
    class Deaf(FakeLedger):
        """Says yes, and forgets it."""

        def chart(self) -> Chart:
            return books("one")

    with pytest.raises(ProofFailed) as failed:
        execution(session, Deaf(books("one"))).run()
    assert any("name is Account 200 and not Shoes" in line for line in failed.value.details)


def test_nothing_to_do_leaves_no_journal(session: Session) -> None:
    current = books("one")
    work = Execution(session, Path("run.jsonl"), as_json=False)
    work.add(build(current, wanted()), FakeLedger(current))
    assert work.run() == 0
    assert not Path("run.jsonl").exists()


def test_a_delete_that_became_an_archive_is_told_and_counted_as_one(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    current = books("one")
    ledger = FakeLedger(current, used=frozenset({"id-200"}))
    desired = wanted(
        entry("200", status=DELETED),
        entry("201", status=DELETED),
        delete_refused=DeleteRefused.ARCHIVE,
    )
    work = Execution(session, Path("run.jsonl"), as_json=False)
    work.add(build(current, desired), ledger)
    assert work.run() == 0
    said = capsys.readouterr()
    assert "delete 200 Account 200: archived instead" in said.err
    assert (
        "Applied: 0 created, 0 updated, 0 restored, 1 archived, 1 deleted "
        "(1 archived because Xero refused to delete)."
    ) in said.out


def test_why_the_rest_was_not_sent_is_said_once(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    current = chart(*(account(str(number)) for number in range(300, 320)))

    def stop(call: FakeCall) -> None:
        if call.is_write:
            session.stop.set()

    work = Execution(session, Path("run.jsonl"), as_json=False)
    names = wanted(*(entry(str(number), f"Shoes {number}") for number in range(300, 320)))
    work.add(build(current, names), FakeLedger(current, before=stop))
    with pytest.raises(Interrupted, match=r"of 20 steps were not sent"):
        work.run()
    said = capsys.readouterr().err
    assert said.count("The run was stopped before this step.") == 1
    assert said.count("   -- update") + said.count("   ok update") == 20
