"""Laws of renumbering: it can be undone, its order does not matter, and a plan only renumbers."""

from __future__ import annotations

import pytest
from builders import account, chart
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from laws.simulate import Books, run

from xerosync.chartfile.load import check_all, parse
from xerosync.chartfile.renumber.code_map import CodeMap, CodeRow
from xerosync.chartfile.renumber.renumber import Renumbered, renumber
from xerosync.desired import DesiredChart, Source
from xerosync.errors import ChartError, Problem
from xerosync.model import Chart
from xerosync.plan.build import build
from xerosync.plan.plan import Action

LAW = settings(max_examples=60)
FILE = "accounts.yaml"
CODES = st.lists(st.integers(100, 112).map(str), min_size=1, max_size=8, unique=True)


def text_of(codes: list[str]) -> str:
    lines = [
        f'  - {{code: "{code}", name: Account {code}, type: EXPENSE}}  # was {code}'
        if number % 2
        else f"  # about {code}\n  - code: {code}\n    name: Account {code}\n    type: EXPENSE"
        for number, code in enumerate(codes)
    ]
    return "version: 1\norganisation: {name: Demo Company (NZ)}\naccounts:\n" + "\n".join(lines)


@st.composite
def maps(draw: st.DrawFn) -> tuple[list[str], dict[str, str]]:
    """Draw the codes of a file, and new ones for some of them that no other account keeps."""
    codes = draw(CODES)
    moving = draw(st.lists(st.sampled_from(codes), min_size=1, unique=True))
    kept = set(codes) - set(moving)
    free = [str(code) for code in range(100, 120) if str(code) not in kept]
    new = draw(st.permutations(free))[: len(moving)]
    found = {old: now for old, now in zip(moving, new, strict=True) if old != now}
    assume(found)
    return codes, found


def code_map(codes: dict[str, str]) -> CodeMap:
    return CodeMap.of(
        CodeRow(old, new, "", Source("map.csv", line))
        for line, (old, new) in enumerate(codes.items(), 1)
    )


def renumbered(text: str, codes: dict[str, str]) -> str:
    (one,) = renumber({FILE: text.encode()}, code_map(codes)).files
    return one.after


def accounts_of(text: str) -> list[tuple[object, ...]]:
    """Return the accounts of a file without their former codes."""
    return [(a.values, a.status, a.account_id) for a in loaded(text).accounts]


def loaded(text: str) -> DesiredChart:
    return parse(text, FILE).chart


def books(codes: list[str]) -> Chart:
    return chart(*(account(code) for code in codes))


@LAW
@given(maps())
def test_a_map_and_then_its_inverse_give_the_accounts_back(
    drawn: tuple[list[str], dict[str, str]],
) -> None:
    """Except for a map that is its own inverse: a second run of a map finds nothing to do."""
    codes, found = drawn
    text = text_of(codes)
    inverse = {new: old for old, new in found.items()}
    once = renumbered(text, found)
    if inverse == found:
        assert renumber({FILE: once.encode()}, code_map(inverse)).files == ()
        return
    back = renumbered(once, inverse)
    assert accounts_of(back) == accounts_of(text)
    comments = [line.split("#")[1] for line in text.splitlines() if "#" in line]
    assert [line.split("#")[1] for line in back.splitlines() if "#" in line] == comments


@LAW
@given(maps(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(
    drawn: tuple[list[str], dict[str, str]], random: object
) -> None:
    codes, found = drawn
    rows = list(found.items())
    random.shuffle(rows)  # type: ignore[attr-defined]
    assert renumbered(text_of(codes), dict(rows)) == renumbered(text_of(codes), found)


@LAW
@given(maps())
def test_a_plan_only_renumbers_and_a_second_plan_is_empty(
    drawn: tuple[list[str], dict[str, str]],
) -> None:
    codes, found = drawn
    assert build(books(codes), loaded(text_of(codes))).empty
    wanted = loaded(renumbered(text_of(codes), found))
    plan = build(books(codes), wanted)
    assert not plan.blocked
    assert {change.action for change in plan.changes} == {Action.UPDATE}
    assert {(change.account.code, change.code) for change in plan.changes if change.account} == set(
        found.items()
    )
    assert all(change.after().keys() == {"code"} for change in plan.changes)
    now = Books(books(codes))
    run(now, plan.steps)
    assert build(now.chart, wanted).empty


WORDS = ("Alder", "Birch", "Cedar", "Daphne", "Elder", "Fern", "Gorse", "Hazel")
"""Names of which no two share a word."""


@st.composite
def practices(draw: st.DrawFn) -> tuple[dict[str, str], Chart, dict[str, str]]:
    """Draw a standard with an overlay, books that match both, and a map."""
    codes = list(draw(st.permutations([str(code) for code in range(100, 114)])))
    standard = "version: 1\nstandard: {name: Rimu}\naccounts:\n"
    overrides, take, own, accounts = "", [], "", []
    for name in WORDS[: draw(st.integers(1, 4))]:
        code = now = codes.pop()
        kind = draw(st.sampled_from(("as it is", "code", "name", "described", "omit", "optional")))
        optional = ", optional: true" if kind == "optional" else ""
        standard += f'  - {{code: "{code}", name: {name}, type: EXPENSE{optional}}}\n'
        fields = {"name": f"name: {name} tree", "described": "description: x", "omit": "omit: true"}
        if kind == "optional":
            take.append(draw(st.sampled_from((code, name))))
        elif kind == "code":
            now = codes.pop()
            fields["code"] = f'code: "{now}"'
        if kind in fields:
            target = draw(st.sampled_from((f'"{code}"', name)))
            overrides += f"  - {{standard: {target}, {fields[kind]}, reason: Ours}}\n"
        if kind != "omit":
            named = f"{name} tree" if kind == "name" else name
            accounts.append(account(now, named, description="x" * (kind == "described")))
    for name in WORDS[4 : 4 + draw(st.integers(0, 2))]:
        code = codes.pop()
        own += f'  - {{code: "{code}", name: {name}, type: EXPENSE}}\n'
        accounts.append(account(code, name))
    overlay = "version: 1\nextends: standard.yaml\norganisation: {name: Demo Company (NZ)}\n"
    overlay += f"overrides:\n{overrides}" if overrides else ""
    overlay += f"take: [{', '.join(map(repr, take))}]\n" if take else ""
    overlay += f"accounts:\n{own}" if own else ""
    used = [str(code) for code in range(100, 114) if str(code) not in codes]
    moving = draw(st.lists(st.sampled_from(used), min_size=1, unique=True))
    free = [str(code) for code in range(100, 120) if str(code) not in set(used) - set(moving)]
    new = draw(st.permutations(free))[: len(moving)]
    found = {old: now for old, now in zip(moving, new, strict=True) if old != now}
    assume(found)
    return {"standard.yaml": standard, "client.yaml": overlay}, chart(*accounts), found


def merged(files: dict[str, str]) -> DesiredChart:
    unsaved = {name: text.encode() for name, text in files.items()}
    (checked,) = check_all(["client.yaml"], unsaved=unsaved)
    assert checked.loaded, (checked.problems, checked.inherited)
    return checked.loaded.chart


@LAW
@given(practices())
def test_a_standard_and_its_overlay_plan_nothing_but_new_codes(
    drawn: tuple[dict[str, str], Chart, dict[str, str]],
) -> None:
    """Unless an own account takes a code that the standard's gives up, which is refused."""
    files, current, found = drawn
    assert build(current, merged(files)).empty
    refused: tuple[Problem, ...] = ()
    result = Renumbered()
    try:
        result = renumber({n: text.encode() for n, text in files.items()}, code_map(found))
    except ChartError as error:
        refused = error.problems
    assert all("in this file" in problem.message.lower() for problem in refused)
    if refused:
        return
    wanted = merged(files | {one.file: one.after for one in result.files})
    plan = build(current, wanted)
    assert not plan.blocked
    assert {change.action for change in plan.changes} <= {Action.UPDATE}
    assert all(change.after().keys() == {"code"} for change in plan.changes)
    now = Books(current)
    run(now, plan.steps)
    assert build(now.chart, wanted).empty


@LAW
@given(maps(), st.data())
def test_a_collision_is_refused(
    drawn: tuple[list[str], dict[str, str]], data: st.DataObject
) -> None:
    codes, found = drawn
    staying = sorted({found.get(code, code) for code in codes})
    assume(len(staying) > 1)
    mover = data.draw(st.sampled_from(sorted(found)))
    taken = data.draw(st.sampled_from([code for code in staying if code != found[mover]]))
    assume(taken != mover)
    with pytest.raises(ChartError) as error:
        renumbered(text_of(codes), found | {mover: taken})
    assert {problem.rule for problem in error.value.problems} == {"duplicate-code"}
