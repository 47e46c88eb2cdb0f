"""Drift of many organisations: what failed is named first, and what is clean is only counted."""

from __future__ import annotations

import json
from dataclasses import replace
from html import unescape

import pytest
from ci.pages import AT, drift_of, hostile_drift

from render.hostile import ATTACKS, assert_quiet, assert_tame_markdown
from render.plans import rich_plan
from render.test_published_schemas import DRIFT, check
from xerosync.desired import Source
from xerosync.errors import AccessDenied, ChartError, Problem, Unavailable
from xerosync.history.drift import Drift
from xerosync.organisations.failed import FailedOrganisation
from xerosync.organisations.run import failed_at
from xerosync.plan.plan import Blocked
from xerosync.render.drift import report
from xerosync.render.markdown_page import BODY, size

FAILED = (
    FailedOrganisation("clients/a.yaml", "Acme", AccessDenied("Not connected.", "Connect it.")),
    FailedOrganisation("clients/b.yaml", "", Unavailable("Xero is unavailable (503).")),
)


def drifted(name: str) -> Drift:
    plan = rich_plan()
    plan = replace(plan, organisation=replace(plan.organisation, name=name))
    return drift_of(replace(plan, desired=replace(plan.desired, file=f"clients/{name}.yaml")))


def clean(name: str) -> Drift:
    return replace(drifted(name), drifted=(), blocked=(), added=(), pending=0)


FOUND = (drifted("North"), *(clean(f"Quiet {n}") for n in range(997)))


def test_text_names_what_failed_and_counts_all() -> None:
    lines = report.as_text(FOUND, FAILED).splitlines()
    assert lines[:3] == [
        "Acme (clients/a.yaml): not compared: Not connected.",
        "      Connect it.",
        "clients/b.yaml: not compared: Xero is unavailable (503).",
    ]
    assert lines[-1] == "Drift in 1 of 1,000 organisations, 2 not compared."


def test_text_counts_those_without_drift_in_one_line() -> None:
    text = report.as_text(FOUND, FAILED)
    assert "Quiet" not in text
    assert text.splitlines()[-2] == "No drift in 997 organisations."
    waiting = report.as_text([drifted("North"), replace(clean("Quiet"), pending=2), clean("Calm")])
    assert (
        "No drift in 2 organisations. 1 of them has changes in the file that are not applied yet."
    ) in waiting.splitlines()
    waiting = report.as_text([drifted("North"), replace(clean("Quiet"), pending=2)])
    assert "No drift in 1 organisation. It has changes in the file that are not applied yet." in (
        waiting.splitlines()
    )
    alone = report.as_text([clean("Quiet")])
    assert alone.startswith("Quiet (clients/Quiet.yaml): No drift")
    assert alone.count("\n") == 1


def renamed(name: str, *more: Blocked) -> Drift:
    pin = f"Pin id-{name} in clients/{name}.yaml."
    block = Blocked(
        "404", "Bank Fees", f"id-{name}", Source(), "another-account", "It was renamed.", pin
    )
    blocked = (block, *more)
    return replace(drifted(name), drifted=(), added=(), blocked=blocked, renamed=blocked)


def test_text_lists_equal_edits_of_several_organisations_once() -> None:
    lines = report.as_text([renamed("North"), clean("Quiet"), renamed("South")]).splitlines()
    assert [line.split(" (")[0] for line in lines[:2]] == ["North", "South"]
    assert lines[2:] == [
        "  404 Bank Fees: It was renamed.",
        "      Pin … in ….",
        report.ELLIPSIS,
        "No drift in 1 organisation.",
        "Drift in 2 of 3 organisations.",
    ]


def test_an_ellipsis_of_a_name_is_not_explained() -> None:
    same = Blocked("469", "Fees…", "", Source(), "another-account", "Renamed.", "Pin 469 Fees….")
    found = [
        replace(drifted(name), drifted=(), added=(), blocked=(same,), renamed=(same,))
        for name in ("North", "South")
    ]
    lines = report.as_text(found).splitlines()
    assert "      Pin 469 Fees…." in lines
    assert report.ELLIPSIS not in lines


def test_text_gives_a_hint_once_where_edits_differ() -> None:
    other = Blocked("433", "Insurance", "", Source(), "another-account", "It was renamed.", "Look.")
    lines = report.as_text([renamed("North"), renamed("South", other)]).splitlines()
    assert lines.count("  404 Bank Fees: It was renamed.") == 2
    assert lines.count("      Pin … in ….") == 1
    assert lines.count("      Look.") == 1
    alone = report.as_text([renamed("North"), clean("Quiet")])
    assert "      Pin id-North in clients/North.yaml.\n" in alone
    assert "…" not in alone


def test_markdown_shows_every_drift_among_a_thousand_organisations() -> None:
    """Pages of organisations without drift left no room for those with it."""
    text = report.as_markdown(FOUND, FAILED)
    assert "# Drift in 1 of 1,000 organisations, 2 not compared." in text
    assert "- Acme (`clients/a.yaml`): Not connected. Connect it." in text
    assert "## Drift in North" in text
    assert "Quiet" not in text
    assert len(text) < 10_000


def test_markdown_names_the_file_in_the_commands_to_accept_and_undo_an_edit() -> None:
    """Without a name, they would use accounts.yaml."""
    text = unescape(report.as_markdown([drifted("Two Words"), clean("Quiet")]))
    for command in ("pull", "plan", "apply"):
        assert f"<code>xerosync {command} -f 'clients/Two Words.yaml'</code>" in text
    default = drifted("North")
    desired = replace(default.plan.desired, file="accounts.yaml")
    assert "run `xerosync pull` and commit the file." in report.as_markdown(
        [replace(default, plan=replace(default.plan, desired=desired))]
    )


def test_markdown_of_several_files_says_that_each_needs_its_own_command() -> None:
    text = report.as_markdown([drifted("North"), drifted("South")])
    assert "run `xerosync plan -f FILE` and `xerosync apply -f FILE`. FILE stands for each" in text


def test_markdown_of_a_file_with_a_very_long_name_fits_into_a_comment() -> None:
    text = report.as_markdown([drifted("&" * 4_000)])
    assert size(text) <= BODY
    assert "run `xerosync pull -f FILE` and commit the file." in text


def test_markdown_of_many_drifted_organisations_fits_into_a_comment() -> None:
    text = report.as_markdown([drifted(f"Client {number}") for number in range(600)])
    assert size(text) <= BODY
    assert " more charts, left out for length._" in text


def test_markdown_gives_a_hint_once_and_each_organisation_its_own_id() -> None:
    other = Blocked("433", "Insurance", "", Source(), "another-account", "It was renamed.", "Look.")
    text = report.as_markdown([renamed("North"), renamed("South", other), clean("Quiet")])
    assert text.count("Pin … in …") == 1
    explained = "Here, … stands for a chart file or an account's id: see each organisation below."
    assert f"\n## What to do\n\n1. Pin … in ….\n\n{explained}\n\n## Drift in North\n" in text
    for name in ("North", "South"):
        hint = f"What to do: see 1 above; the account_id is `id-{name}`."
        assert f"- **404** Bank Fees: It was renamed. {hint}\n" in text
    assert "- **433** Insurance: It was renamed. Look.\n" in text
    alone = report.as_markdown([renamed("North"), clean("Quiet")])
    assert "What to do" not in alone
    assert "It was renamed. Pin id-North in " in alone


def test_a_hint_with_the_id_of_another_account_is_given_whole() -> None:
    def named(name: str, number: int) -> Drift:
        other = f"00000000-0000-4000-8000-00000000000{number}"
        block = replace(renamed(name).blocked[0], account_id="", hint=f"Add account_id: {other}.")
        return replace(renamed(name), blocked=(block,), renamed=(block,))

    found = [named("North", 1), named("South", 2)]
    for text in (report.as_markdown(found), report.as_text(found)):
        assert "-8000-000000000001" in text
        assert "-8000-000000000002" in text


def test_blocks_without_a_hint_take_no_place_among_the_shared_hints(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(report, "_HINTS", 1)
    blocks = tuple(
        Blocked(f"43{n}", "Insurance", "", Source(), "another-account", "It was renamed.", hint)
        for n, hint in enumerate(["", "Restore."])
    )
    both = [
        replace(drifted(name), drifted=(), added=(), blocked=blocks, renamed=blocks)
        for name in ("North", "South")
    ]
    assert "## What to do\n\n1. Restore.\n" in report.as_markdown(both)


def test_markdown_numbers_equally_frequent_hints_in_the_order_of_the_report() -> None:
    hints = ["Restore.", "Rename.", "Pin it.", "Look.", "Ask.", "Undo.", "Wait."]
    blocks = tuple(
        Blocked(f"43{n}", "Insurance", "", Source(), "another-account", "It was renamed.", hint)
        for n, hint in enumerate(hints)
    )
    both = [
        replace(drifted(name), drifted=(), added=(), blocked=blocks, renamed=blocks)
        for name in ("North", "South")
    ]
    numbered = "\n".join(f"{number}. {hint}" for number, hint in enumerate(hints, start=1))
    assert f"## What to do\n\n{numbered}\n" in report.as_markdown(both)


def test_markdown_reports_one_cause_of_many_failures_once() -> None:
    failed = [
        FailedOrganisation(f"clients/{n}.yaml", "", Unavailable("Xero is down.", "Try later."))
        for n in range(200)
    ]
    text = report.as_markdown([clean("Quiet")], [*failed, FAILED[0]])
    assert text.count("Xero is down. Try later.") == 1
    assert "\n## Not compared\n\nXero is down. Try later. In 200 files:\n\n" in text
    assert all(f"- `clients/{n}.yaml`\n" in text for n in range(200))
    assert "- Acme (`clients/a.yaml`): Not connected. Connect it.\n" in text


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_hostile_text_in_shared_hints_does_nothing(attack: str) -> None:
    block = Blocked(attack, attack, attack, Source(), "another-account", attack, f"{attack} pin")
    both = [
        replace(drifted(name), drifted=(), added=(), blocked=(block,), renamed=(block,))
        for name in ("North", "South")
    ]
    failed = [FailedOrganisation(f"{n}{attack}", attack, Unavailable(attack)) for n in "ab"]
    assert_tame_markdown(report.as_markdown(both, failed), attack)


def test_markdown_begins_with_the_same_line_whichever_organisations_fail() -> None:
    """The first line finds the issue of the night before."""
    tonight = report.as_markdown([drifted("a"), drifted("b")])
    tomorrow = report.as_markdown(
        [drifted("b")],
        [FailedOrganisation("clients/a.yaml", "a", Unavailable("Down."))],
    )
    assert tonight.splitlines()[0] == tomorrow.splitlines()[0]


def test_json_has_what_failed_and_matches_the_schema() -> None:
    document = json.loads(report.as_json(FOUND[:3], AT, FAILED))
    check(DRIFT, document)
    assert document["failed"][0] == {
        "file": "clients/a.yaml",
        "organisation": "Acme",
        "exit_code": 4,
        "message": "Not connected.",
        "hint": "Connect it.",
        "tags": [],
    }


def test_a_broken_standard_is_reported_once_and_json_has_all_problems() -> None:
    problems = tuple(Problem("standard.yaml", n, 1, "rule", f"Wrong {n}.", "") for n in (3, 4))
    failed = [failed_at(f"clients/{name}.yaml", "", ChartError(problems)) for name in "ab"]
    text = report.as_text([drifted("North")], failed)
    assert text.count("Wrong 3.") == 1
    assert text.startswith("clients/a.yaml, clients/b.yaml: not compared: standard.yaml:3:1: ")
    assert " (in 2 files)\n" in text
    document = json.loads(report.as_json([drifted("North")], AT, failed))
    check(DRIFT, document)
    for one in document["failed"]:
        assert [said.split(":")[1] for said in one["problems"]] == ["3", "4"]


def test_a_failure_is_reported_if_no_other_organisation_was_compared() -> None:
    """A selection may leave only a file that is invalid."""
    assert "Not connected. Connect it." in report.as_markdown((), FAILED[:1])
    assert (
        json.loads(report.as_json((), AT, FAILED[:1]))["failed"][0]["message"] == "Not connected."
    )
    assert report.as_text((), FAILED[:1]).splitlines() == [
        "Acme (clients/a.yaml): not compared: Not connected.",
        "      Connect it.",
        "Drift in 0 of 1 organisation, 1 not compared.",
    ]


def test_a_report_on_one_organisation_has_neither_failures_nor_counts() -> None:
    one = [drifted("North")]
    assert "failed" not in json.loads(report.as_json(one, AT))
    assert "organisation" not in report.as_text(one).splitlines()[-1]
    assert report.as_markdown(one).splitlines()[2] == "## Drift in North"


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_hostile_names_of_what_failed_do_nothing(attack: str) -> None:
    failed = [FailedOrganisation(attack, attack, Unavailable(attack, attack))]
    assert_tame_markdown(report.as_markdown([hostile_drift(attack)], failed), attack)
    assert_quiet(report.as_text([hostile_drift(attack)], failed))


def test_an_account_that_the_file_deletes_is_said_to_be_in_xero() -> None:
    assert "  990 Old Clearing: in Xero, but the file deletes it\n" in report.as_text(
        [drifted("N")]
    )
    text = report.as_markdown([drifted("North")])
    assert "| **990** Old Clearing | status | in Xero | DELETED |" in text


def test_a_page_that_is_cut_says_which_lists_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "BODY", 700)
    one = renamed("North")
    stays = replace(one.blocked[0], code="433", name="Insurance")
    moved = replace(one.blocked[0], code="469", name="Rent")
    blocked = (*one.blocked, moved, stays)
    text = report.as_markdown([replace(one, blocked=blocked, moved=(moved,))])
    left_out = "1 account renamed in Xero, 1 account to look at, 1 difference that cannot be undone"
    assert f"_Left out for length: {left_out}" in text
