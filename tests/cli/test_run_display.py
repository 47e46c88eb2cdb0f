"""What a person sees of a run: each outcome once, the totals, and every failure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from builders import DELETED, account, chart, entry, wanted
from fakes import FakeCall, FakeLedger

from xerosync.apply.journal_writer import Provenance
from xerosync.apply.preflight import Prepared
from xerosync.cli.progress import RunDisplay
from xerosync.cli.session import Session, open_session
from xerosync.desired import DeleteRefused, DesiredChart
from xerosync.errors import Interrupted
from xerosync.history.target import Runners, Target
from xerosync.model import Chart
from xerosync.plan.build import build

JOURNAL = Path("run.jsonl")


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.chdir(tmp_path)
    with open_session(sandbox=False, no_color=True, debug=False) as opened:
        yield opened


def books(name: str) -> Chart:
    current = chart(account("200"), account("201"))
    return replace(current, organisation=replace(current.organisation, tenant_id=name, name=name))


def prepared(ledger: FakeLedger, desired: DesiredChart) -> Prepared:
    current = ledger.chart()
    named = replace(desired, file=f"{current.organisation.name}.yaml")
    return Prepared(build(current, named), ledger, current)


def run(session: Session, work: Prepared) -> None:
    display = RunDisplay(session.terminal, session.wait, as_json=False)
    made_at = datetime(2026, 11, 3, tzinfo=UTC)
    runners = Runners(Provenance(""), made_at, "Run again.", display.say)
    target = Target(wanted())
    with runners.open(target, work.plan, JOURNAL, display, session.stop, closed=print) as runner:
        runner.run(work)


RENAMES = wanted(entry("200", "Shoes"), entry("201", "Boots"))


def test_a_delete_that_became_an_archive_is_shown_and_counted_as_one(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger = FakeLedger(books("one"), used=frozenset({"id-200"}))
    desired = wanted(
        entry("200", status=DELETED),
        entry("201", status=DELETED),
        delete_refused=DeleteRefused.ARCHIVE,
    )
    run(session, prepared(ledger, desired))
    said = capsys.readouterr()
    assert "delete 200 Account 200: archived instead" in said.err
    assert (
        "Applied: 0 created, 0 updated, 0 restored, 1 archived, 1 deleted "
        "(1 archived instead of deleted)."
    ) in said.out


def test_the_reason_why_the_rest_was_not_sent_is_shown_once(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(call: FakeCall) -> None:
        if call.is_write:
            session.stop.set()

    current = chart(*(account(str(number)) for number in range(300, 320)))
    names = wanted(*(entry(str(number), f"Shoes {number}") for number in range(300, 320)))
    with pytest.raises(Interrupted, match=r"of 20 steps were not sent"):
        run(session, prepared(FakeLedger(current, before=stop), names))
    said = capsys.readouterr().err
    assert said.count("The run was stopped before this step.") == 1
    assert said.count("   -- update") + said.count("   ok update") == 20


def test_the_totals_of_each_of_several_organisations_name_it(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    work = [prepared(FakeLedger(books(name)), RENAMES) for name in ("one\x1b[31m", "two")]
    display = RunDisplay(session.terminal, session.wait, as_json=False)
    display.plans([one.plan for one in work], datetime(2026, 11, 3, tzinfo=UTC))
    said = capsys.readouterr().out
    assert "Plan for 2 organisations" in said
    assert said.count("Account 200 → Shoes") == 1
    for one in work:
        display.finished(one.plan, (), proved=True)
    assert capsys.readouterr().out.splitlines() == [
        "Applied: 0 created, 2 updated, 0 restored, 0 archived, 0 deleted in one\\x1b[31m.",
        "Applied: 0 created, 2 updated, 0 restored, 0 archived, 0 deleted in two.",
    ]
    display.plans([work[1].plan], datetime(2026, 11, 3, tzinfo=UTC))
    assert "organisations" not in capsys.readouterr().out
    display.finished(work[1].plan, (), proved=True)
    assert capsys.readouterr().out.endswith("0 deleted.\n")


def test_the_first_event_of_several_plans_has_their_groups(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    work = [prepared(FakeLedger(books(name)), RENAMES) for name in ("one", "two")]
    display = RunDisplay(session.terminal, session.wait, as_json=True)
    display.plans([one.plan for one in work], datetime(2026, 11, 3, tzinfo=UTC))
    event = json.loads(capsys.readouterr().out)
    assert [(one["code"], one["organisations"]) for one in event["groups"]] == [
        ("200", 2), ("201", 2),
    ]  # fmt: skip
