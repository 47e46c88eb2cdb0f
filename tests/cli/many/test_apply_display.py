"""What a person sees of the runs of many organisations, and how all of them are stopped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import StringIO
from threading import Event

import pytest
from builders import account, chart, entry, wanted
from rich.console import Console

from xerosync.apply.outcome import Outcome, Result
from xerosync.cli.many.apply_display import ManyRuns
from xerosync.cli.signals import StopEach
from xerosync.cli.terminal import Terminal
from xerosync.cli.waiting import Wait
from xerosync.plan.build import build
from xerosync.plan.plan import Plan


def plan_of(name: str) -> Plan:
    current = chart(account("200"), account("201"))
    current = replace(current, organisation=replace(current.organisation, name=name))
    return build(current, wanted(entry("200", "Shoes"), entry("201", "Boots")))


def outcomes(plan: Plan, result: Result) -> list[Outcome]:
    first, second = plan.steps
    return [Outcome(first, Result.DONE), Outcome(second, result, messages=("Xero said no\x1b.",))]


@contextmanager
def shown(*, screen: bool, as_json: bool = False) -> Iterator[tuple[ManyRuns, Terminal]]:
    out = Console(file=StringIO(), width=100, force_terminal=False)
    err = Console(file=StringIO(), width=100, force_terminal=screen)
    terminal = Terminal(out, err)
    with ManyRuns(terminal, Wait(), as_json=as_json) as runs:
        yield runs, terminal


def text(console: Console) -> str:
    file = console.file
    assert isinstance(file, StringIO)
    return file.getvalue()


def test_each_organisation_is_shown_with_its_totals_and_failures() -> None:
    plan = plan_of("Acme\x1b[31m")
    with shown(screen=False) as (runs, terminal):
        runs.begin_wave("Wave 1 of 2: Acme.", 1)
        with runs.running(plan) as show:
            show(Outcome(plan.steps[0], Result.DONE))
        assert text(terminal.out) == "", "steps of several organisations would be mixed"
        runs.finished(plan, outcomes(plan, Result.FAILED), proved=False)
    said = text(terminal.out)
    assert "FAILED update 201 Boots" in said
    assert "Xero said no\\x1b." in said
    assert "Applied: 0 created, 1 updated" in said
    assert "in Acme\\x1b[31m; 1 change not done." in said
    assert "\x1b[31m" not in said
    assert "Wave 1 of 2: Acme." in text(terminal.err)


def test_on_a_terminal_totals_are_shown_after_the_bar() -> None:
    plan = plan_of("Acme")
    with shown(screen=True) as (runs, terminal):
        runs.begin_wave("", 2)
        runs.finished(plan, outcomes(plan, Result.DONE), proved=True)
        runs.ended(failed=False)
        assert text(terminal.out) == ""
        runs.begin_wave("", 1)
        assert text(terminal.out).count("Applied: 0 created, 2 updated") == 1
    assert "Applied" in text(terminal.err), "the bar"


def test_with_json_only_failures_are_shown_and_not_on_stdout() -> None:
    plan = plan_of("Acme")
    with shown(screen=False, as_json=True) as (runs, terminal):
        runs.finished(plan, outcomes(plan, Result.FAILED), proved=False)
    assert text(terminal.out) == ""
    assert "FAILED update 201 Boots" in text(terminal.err)


def test_a_closed_pipe_stops_no_run() -> None:
    with shown(screen=False) as (runs, terminal):
        terminal.out.file.close()
        terminal.err.file.close()
        runs.begin_wave("Wave 1 of 1.", 1)
        runs.finished(plan_of("Acme"), (), proved=True)
        runs.ended(failed=True)


def test_a_request_to_stop_reaches_each_run_and_those_that_begin_later() -> None:
    shared = Event()
    stop = StopEach(shared)
    with stop.one() as one, stop.one() as other:
        assert not one.is_set()
        stop.set()
        assert one.is_set()
        assert shared.is_set(), "or else a wait for a token would go on"
        other.clear()
        assert stop.is_set(), "a run that reads once more at its end lets no other go on"
        assert one.is_set()
        with stop.one() as late:
            assert late.is_set()


@pytest.mark.parametrize("number", [1, 3])
def test_a_run_that_is_over_is_not_kept(number: int) -> None:
    stop = StopEach(Event())
    for _ in range(number):
        with stop.one():
            pass
    assert stop._each == set()


def test_a_step_without_an_answer_is_not_said_to_have_failed() -> None:
    plan = plan_of("Acme")
    with shown(screen=False) as (runs, terminal):
        runs.begin_wave("", 1)
        runs.finished(plan, outcomes(plan, Result.UNKNOWN), proved=False)
    said = text(terminal.out)
    assert "unknown update 201 Boots" in said
    assert "; the result of 1 change is unknown." in said
    assert "not done" not in said
    assert "FAILED" not in said
