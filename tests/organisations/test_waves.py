"""Waves: who comes first, and what a failure in one of them stops."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xerosync.errors import (
    AppliedInPart,
    Interrupted,
    JournalIncomplete,
    ProofFailed,
    SignInError,
    StalePlan,
    UsageError,
    XerosyncError,
)
from xerosync.organisations.waves import (
    DEFAULT,
    Candidate,
    Ended,
    arrange,
    check_tags,
    parse_waves,
    run_waves,
)

PLAIN = Candidate()
CANARY = Candidate(("retail", "canary"))
UNPROVED = Candidate(("retail",), unproved=True)


def arranged(waves: str, *candidates: Candidate) -> list[list[int]]:
    return [list(wave) for wave in arrange(candidates, parse_waves(waves))]


def test_the_default_waves_are_one_organisation_then_ten_then_the_rest() -> None:
    assert [len(wave) for wave in arranged(DEFAULT, *[PLAIN] * 50)] == [1, 10, 39]
    assert arranged(DEFAULT, *[PLAIN] * 3) == [[0], [1, 2]]
    assert arranged(DEFAULT, PLAIN) == [[0]]
    assert arranged(DEFAULT) == []


def test_canaries_come_first_whatever_the_waves_are() -> None:
    assert arranged("2,rest", PLAIN, PLAIN, CANARY, CANARY, PLAIN) == [[2, 3], [0, 1, 4]]
    assert arranged("all", PLAIN, CANARY) == [[1, 0]]
    assert arranged("retail,rest", PLAIN, Candidate(("retail",)), CANARY) == [[2, 1], [0]]


def test_a_wave_may_be_chosen_by_a_tag() -> None:
    north = Candidate(("north",))
    assert arranged("canary,north,rest", PLAIN, north, CANARY, north) == [[2], [1, 3], [0]]
    assert arranged("canary,rest", PLAIN, PLAIN) == [[0, 1]], "a wave of none is left out"
    assert arranged("canary,1,rest", PLAIN, PLAIN, CANARY) == [[2], [0], [1]]


def test_an_organisation_whose_last_run_was_not_proved_comes_first() -> None:
    assert arranged(DEFAULT, PLAIN, CANARY, UNPROVED) == [[2], [1, 0]]
    assert arranged("canary,rest", PLAIN, UNPROVED, CANARY) == [[1, 2], [0]]


@pytest.mark.parametrize(
    "text",
    [
        "", "1,10", "rest,1", "0,rest", "1,,rest", "canary,canary,rest", "all,rest", "1,all",
        "1234567890,rest", "1" * 5000 + ",rest",
    ],
    ids=lambda text: text[:20],
)  # fmt: skip
def test_waves_that_make_no_sense_are_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match="--waves"):
        parse_waves(text)


def test_spaces_do_not_matter_and_all_is_one_wave() -> None:
    assert parse_waves(" 1 , canary, rest ") == (1, "canary", "rest")
    assert parse_waves("all") == ("rest",)


def test_a_tag_that_no_organisation_has_is_refused() -> None:
    check_tags(parse_waves("canary,1,rest"), ["canary"])
    with pytest.raises(UsageError, match="no organisation has the tag canarry"):
        check_tags(parse_waves("canarry,rest"), ["canary"])


def test_the_error_on_a_tag_without_a_saved_plan_offers_waves_without_it() -> None:
    with pytest.raises(UsageError, match="no saved plan is for an organisation") as told:
        check_tags(parse_waves("1,canary,rest"), [], saved=True)
    assert "--waves 1,rest" in told.value.hint
    assert "chart file" not in told.value.hint


CANDIDATES = st.builds(
    Candidate, st.lists(st.sampled_from(["canary", "north"]), unique=True), st.booleans()
)
WAVES = st.sampled_from(["1,10,rest", "canary,rest", "all", "north,2,canary,rest", "3,1,rest"])


@given(st.lists(CANDIDATES, max_size=20), WAVES)
def test_each_candidate_is_in_exactly_one_wave(candidates: list[Candidate], text: str) -> None:
    waves = arrange(candidates, parse_waves(text))
    assert sorted(one for wave in waves for one in wave) == [*range(len(candidates))]
    assert all(waves)
    order = [candidates[one] for wave in waves for one in wave]
    if any(one.unproved for one in order):
        assert order[0].unproved
    elif text[0] != "n" and any("canary" in one.tags for one in order):
        assert "canary" in order[0].tags


def applied(
    waves: list[list[int]],
    failures: dict[int, Exception],
    stop: Event | None = None,
    at: Callable[[int], None] = lambda _: None,
) -> tuple[Ended, list[int]]:
    """Run waves in which these organisations fail; return how they ended, and those begun."""
    begun: list[int] = []

    def apply(one: int) -> None:
        begun.append(one)
        at(one)
        if one in failures:
            raise failures[one]

    with ThreadPoolExecutor(4) as pool:
        return run_waves(waves, apply, pool, stop or Event()), sorted(begun)


THREE = [[0], [1, 2], [3, 4]]


@pytest.mark.parametrize("kind", [AppliedInPart, ProofFailed, JournalIncomplete])
def test_a_write_that_failed_or_was_not_proved_stops_the_waves_after_it(
    kind: type[XerosyncError],
) -> None:
    ended, begun = applied(THREE, {1: kind("No.")})
    assert begun == [0, 1, 2], "the others of its wave go on"
    assert (ended.applied, list(ended.failed), ended.not_begun) == ([0, 2], [1], [3, 4])
    ended, begun = applied(THREE, {0: kind("No.")})
    assert begun == [0]
    assert ended.not_begun == [1, 2, 3, 4]


@pytest.mark.parametrize("error", [StalePlan("Edited."), SignInError("Out."), XerosyncError("Off")])
def test_an_apply_refused_before_anything_was_sent_does_not_stop_the_waves(
    error: XerosyncError,
) -> None:
    ended, begun = applied(THREE, {0: error, 2: error})
    assert begun == [0, 1, 2, 3, 4]
    assert (ended.applied, sorted(ended.failed), ended.not_begun) == ([1, 3, 4], [0, 2], [])


def test_a_bug_stops_the_waves_after_it_because_something_may_have_been_sent() -> None:
    ended, begun = applied(THREE, {0: KeyError("x")})
    assert begun == [0]
    message = ended.failed[0].message
    assert message.startswith("This is a bug in xerosync: KeyError. If anything was sent, ")


def test_an_interrupt_ends_the_run_between_and_within_waves() -> None:
    stop = Event()
    ended, _ = applied(THREE, {1: Interrupted("1 of 2 steps was not sent")}, stop,
                       lambda one: stop.set() if one == 1 else None)  # fmt: skip
    assert list(ended.stopped) == [1]
    assert ended.not_begun[-2:] == [3, 4]
    assert not ended.failed


def test_waves_are_begun_one_after_the_other() -> None:
    numbers: list[int] = []
    done: list[int] = []

    def apply(one: int) -> None:
        done.append(one)

    with ThreadPoolExecutor(4) as pool:
        run_waves(THREE, apply, pool, Event(), lambda n: numbers.append(n * 10 + len(done)))
    assert numbers == [0, 11, 23]
