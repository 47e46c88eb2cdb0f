"""Hostile names in each output: every renderer shows them, and none obeys them.

What is written is parsed again, as its reader would, wherever that can be done here.
"""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ci.forges import TOKEN, GitHub, GitLab
from ci.pages import AT, hostile_drift, hostile_run, whole_run
from rich.console import RenderableType

from render.hostile import (
    ATTACKS,
    COMMAND,
    Page,
    assert_quiet,
    assert_tame_markdown,
    printed,
    squeezed,
)
from render.plans import hostile_plan
from xerosync.apply.journal_writer import Provenance
from xerosync.apply.outcome import Outcome, Result
from xerosync.chartfile.csv.write import write_csv
from xerosync.chartfile.problems import describe
from xerosync.ci import github, gitlab
from xerosync.errors import InvalidPlan, Problem, UsageError
from xerosync.history.journal import Journal
from xerosync.history.runs import read as read_journal
from xerosync.plan.plan import Plan
from xerosync.plan.saved.serialize import loads, to_document
from xerosync.render import problems
from xerosync.render.drift import report
from xerosync.render.journal import record
from xerosync.render.journal.html import as_html
from xerosync.render.outcome import applied_line, outcome_line
from xerosync.render.plan import annotations as marks
from xerosync.render.plan.brief import brief_lines
from xerosync.render.plan.html import plan_as_html
from xerosync.render.plan.markdown import plan_as_markdown, plan_marker
from xerosync.render.plan.terminal_view import ViewOptions
from xerosync.render.plan.text import plan_view, summary_line
from xerosync.secret import Secret
from xerosync.settings import Host, Job
from xerosync.text import json_text, visible, visible_json

hostile = pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)


def views(plan: Plan, view: ViewOptions) -> list[RenderableType]:
    return [plan_view(plan, view), *brief_lines(plan, view), summary_line(plan)]


@hostile
@pytest.mark.parametrize(
    ("width", "verbose", "terminal"),
    [
        (40, False, True),
        (40, True, False),
        (80, False, False),
        (80, True, True),
        (250, False, True),
        (250, True, False),
    ],
)
def test_a_hostile_name_does_nothing_on_a_terminal(
    attack: str, width: int, verbose: bool, terminal: bool
) -> None:
    """Every two options occur together with each of their values."""
    plan = hostile_plan(attack)
    view = ViewOptions(width=width, verbose=verbose, links=True, only=())
    for one in views(plan, view):
        assert_quiet(printed(one, width, terminal=terminal))


@hostile
def test_a_name_is_shown_whole_on_a_terminal(attack: str) -> None:
    shown = printed(plan_view(hostile_plan(attack), ViewOptions(width=40)), 10_000, terminal=False)
    assert squeezed(visible(attack)) in squeezed(shown)


@hostile
def test_a_plan_can_be_limited_to_a_hostile_code(attack: str) -> None:
    view = ViewOptions(only=(attack,))
    for one in views(hostile_plan(attack), view):
        assert_quiet(printed(one, 80, terminal=True))


@hostile
def test_a_hostile_name_does_nothing_in_the_outcome_of_a_step(attack: str) -> None:
    plan = hostile_plan(attack)
    outcomes = [
        Outcome(step, result, messages=(attack, f"{attack}{attack}"), correlation_id=attack)
        for step, result in zip(plan.steps, list(Result) * 9, strict=False)
    ]
    for outcome in outcomes:
        line = outcome_line(plan, outcome)
        assert_quiet(printed(line, 80, terminal=True))
        assert squeezed(visible(attack)) in squeezed(line.plain)
    assert_quiet(applied_line(plan, outcomes))


def found_in(attack: str, severity: str = "error") -> problems.CheckedFile:
    """Return a file with two problems in which every text is an attack."""
    problem = Problem(
        file=attack, line=3, column=2, rule=attack, message=attack, hint=attack,
        severity=severity, source_line=attack,
    )  # fmt: skip
    return problems.CheckedFile(attack, 1, (problem, problem))


@hostile
@pytest.mark.parametrize("severity", ["error", "warning"])
def test_a_hostile_name_is_escaped_in_a_problem(attack: str, severity: str) -> None:
    checked = found_in(attack, severity)
    assert_quiet(describe(checked.problems[0]))
    assert_quiet(problems.summary([checked]))


def assert_one_command_a_line(text: str, count: int) -> None:
    """Check that a runner finds only our commands, each whole on its line."""
    lines = text.splitlines()
    assert text == "".join(f"{line}\n" for line in lines), "a name ended a line"
    assert len(lines) == count
    for line in lines:
        found = re.fullmatch(r"::(?:error|warning) ([^:]*)::(.*)", line)
        assert found
        names = [part.partition("=")[0] for part in found[1].split(",")]
        assert names in (["file", "title"], ["file", "title", "line", "col"])
        assert not COMMAND.search(found[2])
        assert not re.search(r"%(?!25|0A)", found[2])


@hostile
def test_a_hostile_name_does_nothing_in_github_annotations(attack: str) -> None:
    assert_one_command_a_line(problems.as_github([found_in(attack)]), 2)
    plan = hostile_plan(attack)
    count = len(list(marks.problems(plan)))
    assert_one_command_a_line(problems.as_github(marks.checked_plans([plan])), count)


@hostile
def test_a_hostile_name_does_nothing_in_a_gitlab_report(attack: str) -> None:
    """GitLab renders a description as a template, `%{…}`, and as HTML with a few tags."""
    for text in (
        problems.as_gitlab([found_in(attack)]),
        problems.as_gitlab(marks.checked_plans([hostile_plan(attack)])),
    ):
        assert not COMMAND.search(text)
        found = json.loads(text)
        assert len({one["fingerprint"] for one in found}) == len(found) > 1
        for one in found:
            assert set(one["location"]) == {"path", "lines"}
            assert one["severity"] in {"major", "minor"}
            for said in (one["description"], one["check_name"], one["location"]["path"]):
                assert "<" not in said
                assert "%{" not in said
                assert said == visible(said)
        said = squeezed(" ".join(one["description"] for one in found))
        shown = visible(attack).replace("<", "\u2039").replace("%{", "% {")
        assert squeezed(shown) in said


@hostile
def test_a_hostile_name_is_escaped_in_sarif_and_junit(attack: str) -> None:
    checked = [found_in(attack)]
    sarif = problems.as_sarif(checked, {})
    assert not COMMAND.search(sarif)
    (run,) = json.loads(sarif)["runs"]
    assert run["results"][0]["message"]["text"] == visible(f"{attack} {attack}".strip())
    junit = problems.as_junit(checked, strict=True)
    assert not COMMAND.search(junit)
    found = ET.fromstring(junit)  # noqa: S314 ours
    assert {node.tag for node in found.iter()} == {
        "testsuites",
        "testsuite",
        "testcase",
        "failure",
    }


@hostile
def test_a_hostile_name_does_nothing_in_an_exported_csv(attack: str) -> None:
    """No spreadsheet runs a cell, and a cell of several lines stays one cell."""
    text = write_csv(hostile_plan(attack).desired, incomplete=True).text
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))
    assert {len(row) for row in rows} == {len(rows[0])}
    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if re.match(r"'*[=+\-@\t\r\n]", cell) and cell[0] != "'"]
    assert any(attack in cell for cell in cells)


def is_text(attack: str) -> bool:
    """Whether this is Unicode text; a lone surrogate is not, and is refused when read again."""
    return attack.encode("utf-8", "replace").decode() == attack


@hostile
def test_a_hostile_name_is_data_in_json(attack: str) -> None:
    plan = hostile_plan(attack)
    text = json_text(to_document([plan], datetime(2026, 11, 24, tzinfo=UTC)))
    assert not COMMAND.search(text)
    document = json.loads(text)["plans"][0]
    assert document["organisation"]["name"] == attack
    assert document["changes"][0]["warnings"][-1] == attack
    if is_text(attack):
        assert loads(text)[0].changes == plan.changes
    else:
        with pytest.raises(InvalidPlan):
            loads(text)


@hostile
def test_a_hostile_name_leaves_only_our_marks_and_tags_in_markdown(attack: str) -> None:
    assert_tame_markdown(plan_as_markdown(hostile_plan(attack)), attack)


@hostile
def test_a_hostile_name_does_not_end_the_hidden_marker(attack: str) -> None:
    line = plan_marker(hostile_plan(attack))
    assert re.fullmatch(r"<!-- xerosync:plan:[\w%./~-]+ -->", line)
    assert "--" not in line[4:-3]


TAME = Page(plan_as_html(hostile_plan("Tame"), created_at="Tame", digest="Tame"))
TAGS = {*TAME.tags, "code"}
ATTRIBUTES = {name for name, _ in TAME.attributes}


@hostile
def test_a_hostile_name_is_text_in_html(attack: str) -> None:
    text = plan_as_html(hostile_plan(attack), created_at=attack, digest=attack)
    assert not COMMAND.search(text)
    page = Page(text)
    assert set(page.tags) <= TAGS
    assert page.tags.count("script") == page.tags.count("style") == 1
    assert not page.comments
    names = {name for name, _ in page.attributes}
    assert names <= ATTRIBUTES
    assert not [name for name in names if name.startswith("on") or name == "style"]
    for name, value in page.attributes:
        if name == "href":
            assert re.match(r"#|https://go\.xero\.com/|data:,$", value), value
    assert squeezed(visible(attack)) in squeezed("".join(page.texts))


@hostile
def test_a_hostile_name_does_nothing_in_drift_as_markdown(attack: str) -> None:
    assert_tame_markdown(report.as_markdown([hostile_drift(attack)]), attack)


@hostile
def test_a_hostile_name_does_nothing_in_drift_as_text_and_json(attack: str) -> None:
    found = [hostile_drift(attack)]
    assert_quiet(report.as_text(found))
    text = report.as_json(found, AT)
    assert not COMMAND.search(text)
    assert json.loads(text)["charts"][0]["organisation"]["name"] == attack


@hostile
def test_a_hostile_name_is_escaped_in_a_markdown_journal(attack: str) -> None:
    assert_tame_markdown(record.as_markdown([hostile_run(attack)]), attack)


@hostile
def test_a_hostile_name_does_nothing_in_a_record_as_text_and_json(attack: str) -> None:
    assert_quiet(record.as_text([hostile_run(attack)]))
    text = record.as_json([hostile_run(attack)])
    assert not COMMAND.search(text)
    assert json.loads(text)["runs"][0]["calls"][0]["correlation_id"] == attack


TAME_RECORD = Page(as_html([hostile_run("Tame"), whole_run()]))


@hostile
def test_a_hostile_name_does_nothing_in_a_record_as_html(attack: str) -> None:
    text = as_html([hostile_run(attack)])
    assert not COMMAND.search(text)
    page = Page(text)
    assert set(page.tags) <= set(TAME_RECORD.tags)
    assert "script" not in page.tags
    assert page.tags.count("style") == 1
    assert not page.comments
    assert {name for name, _ in page.attributes} <= {name for name, _ in TAME_RECORD.attributes}
    assert all(value == "data:," for name, value in page.attributes if name == "href")
    assert squeezed(visible(attack)) in squeezed("".join(page.texts))


def test_hostile_names_do_nothing_in_comments_and_issues_of_a_forge() -> None:
    """Every page arrives as it was written, and the title and label of an issue are ours."""
    job = Job(Host.GITHUB, repository="acme/books", token=Secret(TOKEN), request=7)
    for attack in ATTACKS.values():
        plan, night = hostile_plan(attack), hostile_drift(attack)
        comment, issue = plan_as_markdown(plan), report.as_markdown([night])
        with GitHub() as hub, GitLab() as lab:
            at_hub = github.GitHub(replace(job, api_url=hub.url))
            at_lab = gitlab.GitLab(replace(job, host=Host.GITLAB, repository="5", api_url=lab.url))
            for forge in (at_hub, at_lab):
                forge.comment(comment.partition("\n")[0], comment)
                forge.report(issue.partition("\n")[0], "Drift", issue)
            sent = [call.body for call in (*hub.calls, *lab.calls) if call.method == "POST"]
        texts = [body.get("body") or body["description"] for body in sent]
        assert texts == [comment, issue] * 2
        assert [body["title"] for body in sent if "title" in body] == ["Drift"] * 2
        for text in texts:
            assert not re.search(r"^/\w", text, re.MULTILINE), "no line is a quick action"
            assert_tame_markdown(text, attack)


@hostile
def test_a_hostile_name_does_nothing_in_a_journal_and_printed_events(
    attack: str, tmp_path: Path
) -> None:
    plan = hostile_plan(attack)
    lines: list[str] = []
    journal = Journal(tmp_path / "run.jsonl", lambda: AT, lines.append)
    journal.begin(plan, Provenance(attack, attack, attack, attack, attack, attack))
    (step, *_) = plan.steps
    journal.sending(step, None, attack)
    journal.ended(Outcome(step, Result.FAILED, messages=(attack,), correlation_id=attack))
    journal.end(attack, hostile_run(attack).accounts)
    journal.close()
    assert (tmp_path / "run.jsonl").read_bytes() == "".join(lines).encode("ascii")
    assert all(line.endswith("}\n") and line.count("\n") == 1 for line in lines)
    for line in lines:
        assert_quiet(visible_json(line))
        assert json.loads(visible_json(line)) == json.loads(line)
    if not is_text(attack):
        with pytest.raises(UsageError):
            read_journal(tmp_path / "run.jsonl")
        return
    (run,) = read_journal(tmp_path / "run.jsonl")
    assert (run.approver, run.calls[0].messages) == (attack, (attack,))
    assert_quiet(record.as_text([run]))
