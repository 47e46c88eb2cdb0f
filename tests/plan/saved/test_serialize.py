"""Plans as JSON: read back whole, or refused with a clear error."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from builders import ARCHIVED, account, chart, entry, new, wanted

from xerosync.errors import InvalidPlan
from xerosync.plan.build import build
from xerosync.plan.plan import Plan
from xerosync.plan.saved import serialize
from xerosync.plan.saved.digest import digest_of_json
from xerosync.text import json_text

AT = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)


def plan() -> Plan:
    accounts = (
        account("200", "Sales", updated_at=AT),
        account("300", "Rent"),
        account("400", "Café"),
        account("900", "Left out"),
    )
    return build(
        chart(*accounts),
        wanted(
            entry("300", "Sales", previously=("200",), description="d"),
            entry("200", "Rent", previously=("300",)),
            entry("400", status=ARCHIVED, protect=True),
            new("500", "New", add_to_watchlist=True),
        ),
    )


def text() -> str:
    return json_text(serialize.to_document([plan()], AT))


def reason(given: str) -> str:
    with pytest.raises(InvalidPlan) as caught:
        serialize.loads(given, "PLAN.json")
    assert caught.value.hint
    assert "PLAN.json" in str(caught.value)
    return str(caught.value)


def resealed(change: dict[str, Any]) -> str:
    """Return a plan with other content and a matching digest, as another version might write."""
    parsed = json.loads(text())
    parsed.update(change)
    parsed["digest"] = digest_of_json(parsed["plans"])
    return json.dumps(parsed)


def test_several_plans_are_read_back_as_they_were() -> None:
    saved = json_text(serialize.to_document([plan(), plan()], AT))
    first, second = serialize.loads(saved)
    assert first == second
    assert (first.changes, first.steps, first.blocked) == (
        plan().changes,
        plan().steps,
        plan().blocked,
    )
    assert first.desired == plan().desired


def test_the_same_plan_is_written_as_the_same_bytes() -> None:
    assert text() == text()


def test_a_plan_with_another_date_has_another_digest() -> None:
    """Otherwise one approval would serve twice, by editing the date."""
    later = serialize.to_document([plan()], AT + timedelta(days=1))
    assert later["digest"] != serialize.to_document([plan()], AT)["digest"]
    assert later["digest"] == serialize.digest_of([plan()], later["created_at"])
    with pytest.raises(InvalidPlan, match="digest does not match"):
        serialize.loads(json.dumps(later | {"created_at": "2030-01-01T00:00:00Z"}))


def test_a_plan_of_an_older_version_whose_digest_leaves_out_the_date_is_read() -> None:
    document = serialize.to_document([plan()], AT)
    document["digest"] = digest_of_json(document["plans"])
    (back,) = serialize.loads(json.dumps(document))
    assert back.steps == plan().steps


def test_names_are_written_as_they_are_spelled() -> None:
    assert "Café" in text()


@pytest.mark.parametrize("share", [0.01, 0.3, 0.5, 0.9, 0.999])
def test_a_truncated_plan_is_refused(share: float) -> None:
    whole = text().rstrip()
    assert "may be truncated" in reason(whole[: int(len(whole) * share)])


@pytest.mark.parametrize(
    "given",
    ["", "null", "[]", "3", '"plan"', "{}", "accounts:\n  - code: 1", "\x00", "PK\x03\x04", "NaN"],
)
def test_a_file_that_is_not_a_plan_is_refused(given: str) -> None:
    assert "is not a plan" in reason(given)


@pytest.mark.parametrize("given", ["[" * 200_000, '{"a":' * 200_000, "[" * 900 + "]" * 900])
def test_deep_nesting_is_refused(given: str) -> None:
    assert "is not a plan" in reason(given)


@pytest.mark.parametrize("depth", [100, 500, 900, 990, 5_000, 100_000])
def test_deep_nesting_in_place_of_plans_is_refused(depth: int) -> None:
    deep = "[" * depth + "]" * depth
    assert reason(f'{{"format_version": "1.0", "digest": "x", "plans": {deep}}}')


@pytest.mark.parametrize(
    ("was", "by"),
    [
        ('"Rent"', '"Rant"'),
        ('"archives": 5', '"archives": 500'),
        ('"protect": true', '"protect": false'),
        ('"needs": [', '"needs":  [1, '),
    ],
)
def test_a_plan_edited_by_hand_is_refused(was: str, by: str) -> None:
    assert was in text()
    try:
        json.loads(text().replace(was, by))
    except ValueError:
        return
    assert "was changed after it was saved" in reason(text().replace(was, by))


def test_a_reformatted_plan_is_the_same_plan() -> None:
    assert serialize.loads(json.dumps(json.loads(text()))) == serialize.loads(text())


@pytest.mark.parametrize("version", ["2.0", "0.9", "10.0", "", "x", None, 2])
def test_another_major_version_of_the_format_is_refused(version: object) -> None:
    said = reason(resealed({"format_version": version}))
    assert f"plan format {version}" in said
    assert "reads 1.0" in said


def test_unknown_keys_of_a_later_minor_version_are_ignored() -> None:
    body = json.loads(text())["plans"]

    def with_more(item: object) -> object:
        if isinstance(item, list):
            return [with_more(part) for part in item]
        if isinstance(item, dict):
            known = {name: with_more(part) for name, part in item.items()}
            free = {"values"} & item.keys()
            return known if not item or ("name" in item and free) else {**known, "later": 1}
        return item

    more = [with_more(one) for one in body]
    for one in more:
        assert isinstance(one, dict)
        for part in [*one["steps"], *one["desired"]["accounts"]]:
            part["values"].pop("later", None)
    (back,) = serialize.loads(resealed({"format_version": "1.7", "plans": more}))
    (expected,) = serialize.loads(text())
    assert back == expected


@pytest.mark.parametrize(
    "body",
    [[3], [{}], [{"desired": 3, "file": "x"}], [[]], ["x"], [None]],
    ids=json.dumps,
)
def test_a_plan_with_another_structure_is_refused(body: list[object]) -> None:
    assert "cannot" in reason(resealed({"plans": body})) or "can read" in reason(
        resealed({"plans": body})
    )


@pytest.mark.parametrize("body", [None, {}, "x", 3])
def test_plans_that_are_not_a_list_are_refused(body: object) -> None:
    assert reason(resealed({"plans": body}))


def test_a_document_without_plans_is_read() -> None:
    assert serialize.loads(resealed({"plans": []})) == ()
