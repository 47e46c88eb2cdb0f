"""`--select`: tags, and charts that differ from those of a commit."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from xerosync.desired import DesiredAccount, DesiredChart, OrganisationPin, Source
from xerosync.errors import UsageError
from xerosync.organisations.select import Selection, changed, parse_select


def chart(
    name: str, *accounts: DesiredAccount, tags: tuple[str, ...] = (), file: str = ""
) -> DesiredChart:
    return DesiredChart(file, accounts, OrganisationPin(name), tags=tags)


@pytest.mark.parametrize(
    ("texts", "tags", "selected"),
    [
        ([], (), True),
        (["tag:retail"], ("retail", "canary"), True),
        (["tag:retail"], ("canary",), False),
        (["!tag:retail"], ("canary",), True),
        (["!tag:retail"], ("retail",), False),
        (["tag:retail", "!tag:canary"], ("retail",), True),
        (["tag:retail", "!tag:canary"], ("retail", "canary"), False),
        (["tag:retail", "tag:north"], ("retail",), False),
    ],
)
def test_every_selector_must_hold(texts: list[str], tags: tuple[str, ...], selected: bool) -> None:
    assert parse_select(texts).has_tags(tags) is selected


@pytest.mark.parametrize("text", ["retail", "tag:", "!tag: ", "!changed:HEAD", "changed:", ""])
def test_a_selector_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="cannot be understood"):
        parse_select([text])


def test_commits_are_kept_in_order() -> None:
    assert parse_select(["changed:a", "changed:b"]) == Selection(changed_since=("a", "b"))


RENT = DesiredAccount({"code": "400", "name": "Rent"}, source=Source("a.yaml", 4, 5))
MOVED = DesiredAccount(
    {"code": "400", "name": "Rent"},
    source=Source("a.yaml", 9, 5),
    origins={"name": Source("std.yaml", 3)},
)
LEASES = DesiredAccount({"code": "400", "name": "Leases"})


def test_a_chart_is_changed_only_if_its_content_is() -> None:
    now = {"same": chart("A", MOVED), "other": chart("B", LEASES), "new": chart("C", RENT)}
    before = {"same": chart("A", RENT), "other": chart("B", RENT)}
    assert changed(now, before) == (frozenset({"other", "new"}), ())


@pytest.mark.parametrize("part", ["accounts", "omitted"])
def test_a_chart_in_another_order_is_not_changed(part: str) -> None:
    """No plan would change."""
    fees = DesiredAccount({"code": "404", "name": "Fees"})
    now = {"a": replace(chart("A"), **{part: (fees, MOVED)})}  # type: ignore[arg-type]
    before = {"a": replace(chart("A"), **{part: (RENT, fees)})}  # type: ignore[arg-type]
    assert changed(now, before) == (frozenset(), ())
    before = {"a": replace(chart("A"), **{part: (LEASES, fees)})}  # type: ignore[arg-type]
    assert changed(now, before) == (frozenset({"a"}), ())


def test_a_removed_file_is_reported_and_a_moved_one_is_new() -> None:
    before = {"gone": chart("A", RENT), "from": chart("B", RENT)}
    assert changed({"to": chart("B", RENT)}, before) == (frozenset({"to"}), ("gone",))


def test_a_selection_needs_the_tags_and_a_change_since_every_commit() -> None:
    was, now = chart("A", RENT, tags=("x",), file="a"), chart("A", LEASES, tags=("x",), file="a")
    new, plain = chart("B", RENT, tags=("x",), file="b"), chart("C", RENT, file="c")
    gone = chart("Gone", RENT, file="d")
    commits = {
        ref: {os.path.realpath(one.file): one for one in charts}
        for ref, charts in {"old": [was, gone], "last": [now, plain]}.items()
    }

    def chosen(*texts: str) -> tuple[object, object]:
        return parse_select(texts).choose([now, new, plain], commits.__getitem__, dict)

    assert chosen("tag:x") == ((now, new), ())
    removed = ("old", os.path.realpath("d"), gone.organisation)
    assert chosen("tag:x", "changed:old") == ((now, new), (removed,))
    assert chosen("changed:old", "changed:last") == ((new,), (removed,))
