"""The review as JSON: `groups` and `failed` beside plans whose digest stays what it was."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from render.plans import rich_plan
from render.practice import FAILED, NAMES, hostile_review, practice, practice_review
from render.test_published_schemas import PLAN, check, strict_root
from rich.console import Console

from xerosync.cli.options import PlanFormat
from xerosync.cli.report import PlanReport
from xerosync.cli.terminal import Terminal
from xerosync.errors import ExitCode, InvalidPlan
from xerosync.organisations.review import Review, failed_of
from xerosync.plan.saved import serialize
from xerosync.plan.saved.digest import digest
from xerosync.render.plan.terminal_view import ViewOptions
from xerosync.text import json_text

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def document(report: PlanReport) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(report.text(PlanFormat.JSON))
    return loaded


@pytest.mark.parametrize("review", [practice_review(), hostile_review("<b>\x1b[31m\n@x")])
def test_the_document_matches_its_schema(review: Review) -> None:
    found = document(PlanReport(review.plans, NOW, review.failed))
    check(strict_root(PLAN), found)
    assert list(found)[-3:] == ["failed", "groups", "plans"]


def test_the_document_of_one_plan_has_no_keys_of_a_review() -> None:
    """The text that is written plan by plan is the same as that of the whole document."""
    plan = rich_plan()
    text = PlanReport([plan], NOW).text(PlanFormat.JSON)
    assert text == json_text(serialize.to_document([plan], NOW))
    assert list(json.loads(text))[-2:] == ["digest", "plans"]


@pytest.mark.parametrize("number", [0, 1, 2, 10])
def test_the_text_written_plan_by_plan_equals_the_document(number: int) -> None:
    plans = [*practice(), rich_plan()][:number]
    text = serialize.document_text(plans, NOW)
    assert json.loads(text) == serialize.to_document(plans, NOW)
    body = json.loads(text)["plans"]
    for made_at in ("", "2026-11-24T09:00:00Z"):
        assert serialize.digest_of(plans, made_at) == digest(body, made_at)


def test_the_digest_covers_failures_and_an_older_digest_is_accepted() -> None:
    plans = practice()
    alone = serialize.to_document(plans, NOW)
    whole = document(PlanReport(plans, NOW, FAILED))
    assert whole["digest"] != alone["digest"]
    older = whole | {"digest": alone["digest"]}
    for one in (whole, older):
        assert serialize.loads(json.dumps(one)) == serialize.loads(json.dumps(alone))


def test_each_failure_is_named_with_its_own_exit_code() -> None:
    assert document(PlanReport(practice(), NOW, FAILED))["failed"] == [
        {
            "file": "clients/kea.yaml",
            "organisation": "Kea Tours",
            "exit_code": 4,
            "message": "Kea Tours is not connected to this app.",
            "hint": "Connect it in Xero.",
            "tags": [],
        },
        {
            "file": "clients/lake.yaml",
            "organisation": "",
            "exit_code": 1,
            "message": "Xero answers 500.",
            "hint": "Try again later.",
            "tags": [],
        },
    ]


def test_the_members_of_a_group_are_found_in_the_plans() -> None:
    found = document(PlanReport(practice(), NOW, FAILED))
    seen = 0
    for group in found["groups"]:
        where = "changes" if group["action"] else "blocked"
        for member in group["members"]:
            one = found["plans"][member["plan"]][where][member["index"]]
            assert one["code"] == group["code"]
            assert one.get("action") == group["action"]
            seen += 1
    assert seen == sum(len(p["changes"]) + len(p["blocked"]) for p in found["plans"])
    (rename,) = [g for g in found["groups"] if g["code"] == "404"]
    assert rename["fields"] == [
        {
            "field": "name",
            "after": "Bank Charges",
            "before": [
                {"value": "Bank Fees", "plans": [0, 3, 6, 9]},
                {"value": "Bank fees", "plans": [1, 4, 7]},
            ],
        }
    ]
    assert (rename["age"], rename["organisations"], rename["standard"]["line"]) == (
        "pending", 7, 10,
    )  # fmt: skip


@pytest.mark.parametrize("format", [f for f in PlanFormat if f is not PlanFormat.TEXT])
def test_a_saved_review_is_shown_as_it_was_made(format: PlanFormat) -> None:  # noqa: A002
    made = PlanReport(practice(), NOW, FAILED)
    text = made.text(PlanFormat.JSON)
    saved = PlanReport.of_saved(text, "plan.json")
    assert saved.text(format) == made.text(format)
    assert [one.error.exit_code for one in saved.failed] == [ExitCode.SIGN_IN, ExitCode.ERROR]


def test_one_plan_beside_a_failure_is_a_review() -> None:
    report = PlanReport(practice()[:1], NOW, FAILED)
    assert "Plan for 3 organisations" in report.text(PlanFormat.MARKDOWN)
    assert "Kea Tours" in report.text(PlanFormat.HTML)
    assert "Plan for Aroha Dental" in PlanReport(practice()[:1], NOW).text(PlanFormat.MARKDOWN)


WRONG: tuple[object, ...] = (None, [], {}, 1.5, -1)
GOOD = {"file": "a.yaml", "organisation": "", "exit_code": 1, "message": "No.", "hint": ""}


@pytest.mark.parametrize(
    "failed",
    [
        5, "text", [5], [None], {"a": 1}, [[]], [{}],
        *([{**GOOD, name: value}] for name in GOOD for value in WRONG),
    ],
)  # fmt: skip
def test_a_damaged_list_of_failures_is_refused(failed: object) -> None:
    with pytest.raises(InvalidPlan, match="`failed` in the plan"):
        failed_of({"failed": failed})
    assert failed_of({"failed": [GOOD]})[0].error.message == "No."


def shown(report: PlanReport, view: ViewOptions, *, brief: bool = False) -> str:
    console = Console(file=io.StringIO(), width=80)
    report.show(Terminal(console, console), PlanFormat.TEXT, view, brief=brief)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_verbose_shows_the_single_plans_after_the_review() -> None:
    report = PlanReport(practice(), NOW, FAILED)
    assert "Aroha Dental (!0, NZ, NZD)" not in shown(report, ViewOptions())
    text = shown(report, ViewOptions(verbose=True))
    places = [text.index(f"{name} (!{n}, NZ, NZD)") for n, name in enumerate(NAMES)]
    assert [text.index("Plan for 12 organisations"), *places] == [0, *sorted(places)]
    assert text.count("\nPlan: ") == 1 + len(NAMES)


def test_one_plan_is_shown_without_a_review() -> None:
    plan = practice()[4]
    console = Console(file=io.StringIO(), width=80)
    for brief in (False, True):
        Terminal(console, console).show(plan, ViewOptions(), brief=brief)
    assert isinstance(console.file, io.StringIO)
    report = PlanReport([plan], NOW)
    both = (shown(report, ViewOptions(), brief=brief) for brief in (False, True))
    assert "".join(both) == console.file.getvalue()


def test_the_json_document_is_made_only_for_json(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has all charts, and is large; the other formats have only the changes."""
    monkeypatch.setattr(serialize, "document_text", lambda *_: pytest.fail("made"))
    report = PlanReport(practice(), NOW, FAILED)
    for format in (PlanFormat.MARKDOWN, PlanFormat.HTML):  # noqa: A001
        assert report.text(format)
    assert shown(report, ViewOptions())
