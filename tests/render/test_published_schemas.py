"""The published schemas describe what is written, with every key."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from builders import chart, wanted
from ci.pages import drift_of, hostile_run, whole_run
from fakes import FakeLedger
from jsonschema import Draft202012Validator, FormatChecker

from render.plans import hostile_plan, long_plan, rich_plan
from xerosync import model
from xerosync.apply import outcome
from xerosync.apply.execute import execute_steps
from xerosync.apply.journal_writer import Provenance
from xerosync.history.journal import Journal
from xerosync.history.runs import Run
from xerosync.plan.build import build
from xerosync.plan.plan import Action, Origin, Plan
from xerosync.plan.saved.serialize import to_document
from xerosync.render.drift import report
from xerosync.render.journal import record
from xerosync.text import json_text

SCHEMAS = Path(__file__).parent.parent.parent / "schema"
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((SCHEMAS / name).read_text(encoding="utf-8"))
    return loaded


PLAN, EVENTS = load("plan.schema.json"), load("events.schema.json")
DRIFT, RESULT = load("drift.schema.json"), load("result.schema.json")
STATUS = load("auth-status.schema.json")


def strict(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema without additional keys: new keys must be published."""
    closed = copy.deepcopy(schema)

    def close(node: object) -> None:
        if isinstance(node, dict):
            if node.get("type") == "object" and "properties" in node and "$id" not in node:
                node.setdefault("unevaluatedProperties", False)
            for child in node.values():
                close(child)
        elif isinstance(node, list):
            for child in node:
                close(child)

    close(closed)
    return closed


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    """Return a validator that knows only this schema: it refers to no other."""
    return Draft202012Validator(strict(schema), format_checker=FormatChecker())


def check(schema: dict[str, Any], instance: object) -> None:
    errors = [f"{e.json_path}: {e.message}" for e in validator(schema).iter_errors(instance)]
    assert not errors, errors[:3]


PLANS = {
    "rich": rich_plan(),
    "long": long_plan(60),
    "empty": build(chart(), wanted()),
    "hostile": hostile_plan("<b>\x1b[31m\n@x"),
    "nameless": hostile_plan(""),
}


@pytest.mark.parametrize(
    "schema", [PLAN, EVENTS, DRIFT, RESULT, STATUS], ids=lambda each: each["$id"]
)
def test_each_schema_is_a_valid_schema(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)
    assert schema["$id"].startswith("urn:xerosync:schema:")


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_a_plan_matches_its_schema(plan: Plan) -> None:
    document = json.loads(json_text(to_document([plan, plan], NOW)))
    errors = [
        f"{e.json_path}: {e.message}"
        for e in Draft202012Validator(strict_root(PLAN)).iter_errors(document)
    ]
    assert not errors, errors[:3]


def strict_root(schema: dict[str, Any]) -> dict[str, Any]:
    return {**strict(schema), "unevaluatedProperties": False}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("format_version",), "2.0"),
        (("digest",), "md5:1"),
        (("plans", 0, "changes", 0, "action"), "destroy"),
        (("plans", 0, "steps", 0, "number"), 0),
        (("plans", 0, "summary", "create"), -1),
        (("plans", 0, "blocked", 0, "rule"), "Not A Rule"),
        (("plans", 0, "changes", 0, "fields", 0, "field"), "TaxType"),
    ],
)
def test_a_wrong_document_does_not_match(path: tuple[str | int, ...], value: object) -> None:
    document = json.loads(json_text(to_document([rich_plan()], NOW)))
    node = document
    for part in path[:-1]:
        node = node[part]
    node[path[-1]] = value
    assert not validator(PLAN).is_valid(document)


def test_every_event_of_an_apply_matches_its_schema(tmp_path: Path) -> None:
    plan = rich_plan()
    lines: list[str] = []
    journal = Journal(tmp_path / "run.jsonl", lambda: NOW, lines.append)
    journal.begin(plan, Provenance("sha256:" + "0" * 64, actor="me"), chart().accounts)
    for step in plan.steps:
        journal.sending(step, plan.changes[step.change].account, "key")
        for result in outcome.Result:
            account = plan.changes[step.change].account
            journal.ended(outcome.Outcome(step, result, account, ("Said.",), "id"))
    journal.end("as planned", chart().accounts)
    journal.close()
    document = json.loads(json_text(to_document([plan], NOW)))
    check(EVENTS, {"event": "plan", **document})
    for line in lines:
        check(EVENTS, json.loads(line))
    assert {json.loads(line)["event"] for line in lines} == {"begin", "sending", "ended", "end"}


def test_the_events_of_a_real_run_match_their_schema(tmp_path: Path) -> None:
    books = chart(*(a for a in chart().accounts))
    ledger = FakeLedger(books)
    plan = build(ledger.chart(), rich_plan().desired.__class__("a.yaml", ()))
    journal = Journal(tmp_path / "run.jsonl", lambda: NOW)
    journal.begin(plan, Provenance("sha256:" + "0" * 64))
    for _ in execute_steps(plan, ledger, journal):
        pass
    journal.end("as planned", ledger.accounts())
    journal.close()
    for line in (tmp_path / "run.jsonl").read_text(encoding="utf-8").splitlines():
        check(EVENTS, json.loads(line))


def test_the_enums_of_the_schema_are_those_of_the_code() -> None:
    definitions = PLAN["$defs"]
    assert definitions["action"]["enum"] == list(Action)
    assert set(definitions["operation"]["enum"]) == set(Action)
    assert definitions["field"]["enum"] == list(model.FIELD)
    assert definitions["change"]["properties"]["origin"]["enum"] == list(Origin)
    account = set(definitions["account"]["properties"])
    assert account == set(model.Account.__dataclass_fields__)
    events = EVENTS["$defs"]
    assert set(events["ended"]["properties"]["result"]["enum"]) == set(outcome.Result)
    shared = set(definitions) & set(events)
    assert all(definitions[name] == events[name] for name in shared)


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_a_drift_report_matches_its_schema(plan: Plan) -> None:
    check(DRIFT, json.loads(report.as_json([drift_of(plan)], NOW)))


@pytest.mark.parametrize("found", [whole_run(), hostile_run("<b>")], ids=["whole", "hostile"])
def test_a_record_of_an_apply_matches_its_schema(found: Run) -> None:
    document = json.loads(record.as_json([found]))
    if found.digest.startswith("sha256:"):
        check(RESULT, document)
    else:
        validator(RESULT).is_valid(document)
