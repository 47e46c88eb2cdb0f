"""What an apply does to one organisation is planned and journalled in the same way for all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest
from builders import account, chart, entry, wanted
from fakes import FakeLedger

from xerosync.apply.journal_writer import Provenance
from xerosync.apply.outcome import Outcome
from xerosync.desired import OrganisationPin
from xerosync.errors import StalePlan, UsageError, WrongOrganisation
from xerosync.history.applied_once import Approval
from xerosync.history.folder import JournalIndex
from xerosync.history.target import Runners, Target
from xerosync.plan.plan import Plan
from xerosync.plan.saved.serialize import digest_of
from xerosync.workspace import APPLIED, RUNS

MADE_AT = datetime(2026, 11, 3, tzinfo=UTC)
CHART = chart(account("200"))
SHOES = wanted(entry("200", "Shoes"))


CLOSED: list[Path] = []
"""The journals that the last apply closed."""


class Nothing:
    """A display that shows nothing."""

    @contextmanager
    def running(self, plan: Plan) -> Iterator[Callable[[Outcome], None]]:
        yield lambda _: None

    def finished(self, plan: Plan, outcomes: Sequence[Outcome], *, proved: bool) -> None:
        """Show nothing."""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def silent(_: str) -> None:
    pass


def apply(target: Target, ledger: FakeLedger, journal: Path) -> None:
    target, prepared = target.prepare(ledger, JournalIndex(RUNS), silent, usage=False)
    runners = Runners(Provenance("", actor="kim"), MADE_AT, "Run again.", silent)
    plan, closed = prepared.plan, list[Path]()
    try:
        with runners.open(
            target, plan, journal, Nothing(), Event(), closed=closed.append
        ) as runner:
            runner.run(prepared)
    finally:
        CLOSED[:] = closed


def first_line(journal: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads(journal.read_text().splitlines()[0])
    return found


def test_the_journal_names_who_applied_and_the_digest_of_the_plan() -> None:
    journal, ledger = RUNS / "one.jsonl", FakeLedger(CHART)
    _, prepared = Target(SHOES).prepare(ledger, JournalIndex(RUNS), silent, usage=False)
    apply(Target(SHOES), ledger, journal)
    line = first_line(journal)
    assert list(CLOSED) == [journal]
    assert line["actor"] == "kim"
    assert line["created_at"] == "2026-11-03T00:00:00Z"
    assert line["digest"] == digest_of([prepared.plan], "2026-11-03T00:00:00Z")


def test_a_file_that_was_there_before_is_not_taken_for_the_journal() -> None:
    journal, ledger = Path("ours.jsonl"), FakeLedger(CHART)
    journal.write_text("not ours")
    with pytest.raises(UsageError, match="already exists"):
        apply(Target(SHOES), ledger, journal)
    assert (CLOSED, ledger.writes) == ([], ())


def test_a_saved_plan_is_journalled_with_its_own_digest_and_recorded_as_applied() -> None:
    ledger = FakeLedger(CHART)
    _, prepared = Target(SHOES).prepare(ledger, JournalIndex(RUNS), silent, usage=False)
    approval = Approval(Path("plan.json"), "sha256:1", "2026-11-01T00:00:00Z")
    saved = Target(SHOES, lambda: prepared.plan, approval)
    apply(saved, ledger, RUNS / "one.jsonl")
    line = first_line(RUNS / "one.jsonl")
    assert (line["digest"], line["created_at"]) == ("sha256:1", "2026-11-01T00:00:00Z")
    assert [record.name for record in APPLIED.iterdir()] == ["sha2561"]
    again = replace(saved, approval=replace(approval, used=False))
    ledger.calls.clear()
    with pytest.raises(StalePlan, match=r"plan\.json\) was already applied"):
        again.prepare(ledger, JournalIndex(RUNS), silent, usage=False)
    assert [call.method for call in ledger.calls] == ["organisation"]


def test_an_apply_to_the_wrong_organisation_is_refused_before_its_chart_is_read() -> None:
    ledger = FakeLedger(CHART)
    other = replace(SHOES, organisation=OrganisationPin("Another Ltd"))
    with pytest.raises(WrongOrganisation):
        Target(other).prepare(ledger, JournalIndex(RUNS), silent, usage=False)
    assert [call.method for call in ledger.calls] == ["organisation"]


def test_a_plan_without_steps_is_recorded_once() -> None:
    ledger = FakeLedger(CHART)
    same = wanted(entry("200", "Account 200"))
    _, prepared = Target(same).prepare(ledger, JournalIndex(RUNS), silent, usage=False)
    assert (prepared.plan.steps, prepared.to_record) == ((), True)
    apply(Target(same), ledger, RUNS / "one.jsonl")
    _, prepared = Target(same).prepare(ledger, JournalIndex(RUNS), silent, usage=False)
    assert not prepared.to_record
