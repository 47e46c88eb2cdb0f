"""A saved plan or journal with a value of a wrong type is refused, wherever the value is."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import Xerosync

from xerosync.model import code_order
from xerosync.plan.saved.digest import digest

CHART = """version: 1
organisation: {name: "Demo Company (NZ)"}
accounts:
- {code: "404", name: Bank Charges, previously: ["4040"]}
- {code: "9999", name: Consignment, type: EXPENSE, tax_type: NONE, description: x}
- {code: "480", status: ARCHIVED}
"""
WRONG: tuple[object, ...] = (
    None, 7, -1, 1.5, True, "x", "\ud800", [], ["x"], [7], {}, {"x": 1}, [[]], "9" * 5000,
)  # fmt: skip
REFUSED = ("not a plan that this version can read", "not a journal that this xerosync can read")


def variants(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to each value inside a document; of long lists, the first two."""
    items = value.items() if isinstance(value, dict) else enumerate(value[:2])
    for key, inner in items:
        yield (*at, key)
        if isinstance(inner, dict | list):
            yield from variants(inner, (*at, key))


def changed(document: Any, at: tuple[Any, ...], value: object) -> Any:
    """Return the document with another value at one place."""
    found = inner = copy.deepcopy(document)
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = value
    return found


@pytest.fixture
def applied(xerosync: Xerosync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Xerosync:
    """Make a folder with a plan and the journal of its apply."""
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text(CHART)
    assert xerosync("plan", "--sandbox", "a.yaml", "--out", "plan.json").code == 0
    assert xerosync("apply", "--sandbox", "plan.json", "--result", "run.jsonl").code == 0
    return xerosync


def assert_no_bug(applied: Xerosync, path: str, change: object) -> None:
    """Check each format, unless the file is refused before it is formatted."""
    for format in ("text", "json", "markdown", "html"):  # noqa: A001 as the option is called
        said = applied("show", "--format", format, path)
        assert "bug" not in said.err, change
        if any(text in said.err for text in REFUSED):
            return


def test_a_plan_with_a_wrong_type_is_not_reported_as_a_bug(applied: Xerosync) -> None:
    plan = json.loads(Path("plan.json").read_text())
    for number, at in enumerate(variants(plan["plans"], ())):
        value = WRONG[number % len(WRONG)]
        body = changed(plan["plans"], at, value)
        Path("bad.json").write_text(json.dumps({**plan, "plans": body, "digest": digest(body)}))
        assert_no_bug(applied, "bad.json", (at, value))


def test_a_journal_with_a_wrong_type_is_not_reported_as_a_bug(applied: Xerosync) -> None:
    lines = [json.loads(line) for line in Path("run.jsonl").read_text().splitlines()]
    for number, at in enumerate(variants([lines[0], lines[1], lines[2], lines[-1]])):
        value = WRONG[number % len(WRONG)]
        events = changed(lines, (at[0], *at[1:]), value)
        Path("bad.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
        assert_no_bug(applied, "bad.jsonl", (at, value))


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (("changes", 0, "reasons"), [7]),
        (("changes", 0, "fields", 0, "field"), "no such field"),
        (("changes", 0, "warnings"), ["\ud800"]),
        (("steps", 0, "change"), 99),
        (("steps", 0, "needs"), [9]),
        (("steps", 1, "needs"), [2]),
        (("desired", "accounts", 0, "values", "name"), True),
        (("active"), "many"),
    ],
)
def test_a_plan_with_a_wrong_value_is_refused(
    applied: Xerosync, at: tuple[Any, ...], value: object
) -> None:
    plan = json.loads(Path("plan.json").read_text())
    where = at if isinstance(at, tuple) else (at,)
    body = [changed(plan["plans"][0], where, value)]
    Path("bad.json").write_text(json.dumps({**plan, "plans": body, "digest": digest(body)}))
    assert REFUSED[0] in applied("show", "bad.json").err


def test_codes_of_many_digits_are_in_order() -> None:
    codes = ["9" * 5000, "10", "0", "9", "00010", "1" * 5001, "B10", "B2"]
    assert sorted(codes, key=code_order) == [
        "0", "9", "10", "00010", "9" * 5000, "1" * 5001, "B2", "B10",
    ]  # fmt: skip
