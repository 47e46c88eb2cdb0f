"""The review on a terminal: narrow and wide, brief and verbose, and in a pipe."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from builders import ARCHIVED, account, chart, entry, new, wanted
from rich.cells import cell_len
from rich.console import Console

from render.practice import FAILED, many, practice_review
from xerosync.cli.terminal import Terminal
from xerosync.desired import Limits
from xerosync.model import Organisation
from xerosync.organisations.review import Review
from xerosync.plan.build import build
from xerosync.plan.plan import Origin
from xerosync.render.plan.terminal_view import ViewOptions
from xerosync.render.review.phrases import exceeded

HERE = Path(__file__).parent


def shown(
    review: Review | None = None,
    view: ViewOptions | None = None,
    *,
    width: int = 80,
    brief: bool = False,
    encoding: str = "utf-8",
) -> str:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="backslashreplace")
    console = Console(file=file, width=width, markup=False, emoji=False, highlight=False)
    terminal = Terminal(console, console)
    terminal.show_review(review or practice_review(), view, brief=brief)
    file.seek(0)
    return file.read()


@pytest.mark.parametrize("name", ["80", "120", "40", "brief"])
def test_the_review_of_a_practice_matches_its_golden_file(name: str) -> None:
    """Read the difference as an accountant would; to accept it, delete the file and run again."""
    text = shown(brief=True) if name == "brief" else shown(width=int(name))
    golden = HERE / f"review-{name}.txt"
    if not golden.exists():
        golden.write_text(text, encoding="utf-8")
        pytest.fail(f"{golden.name} is new: read it, then run again")
    assert text == golden.read_text(encoding="utf-8")


def test_the_head_and_the_summary_count_the_organisations() -> None:
    text = shown()
    assert text.startswith("Plan for 12 organisations (Kauri practice chart): 10 planned, 2 not")
    assert re.search(
        r"\nPlan: 9 to create, .*, 2 blocked; changes or blocks in 10 of 10 organisations\. ", text
    )
    assert "2 organisations not planned." in text


def test_what_failed_comes_first_with_file_name_and_reason() -> None:
    text = shown()
    places = [
        text.index(part)
        for part in (
            "Kea Tours  clients/kea.yaml", "Kea Tours is not connected to this app.",
            "Connect it in Xero.", "clients/lake.yaml", "Xero answers 500.", "1 blocked in 2",
            "New in the files since the last apply: 7 changes",
            "Edited in Xero, or left over from an earlier apply: 1",
        )
    ]  # fmt: skip
    assert places == sorted(places)


def test_a_review_without_changes_has_the_promised_sentence() -> None:
    plans = [build(chart(), wanted())]
    text = shown(Review.of([*plans, *plans]))
    assert "No changes. Xero matches the files of 2 organisations." in text
    assert (
        "No changes. Xero matches the file of 1 organisation. 1 organisation not planned."
    ) in shown(Review.of(plans, FAILED[:1]))


@pytest.mark.parametrize(
    ("notes", "why"),
    [
        ((), "nothing is left to undo"),
        (("It was deleted.",), "what is left of the run cannot be undone"),
    ],
)
def test_an_empty_rollback_of_several_organisations_says_why(
    notes: tuple[str, ...], why: str
) -> None:
    plan = build(chart(), replace(wanted(), partial=True, notes=notes))
    assert f"No changes: {why} in 2 organisations." in shown(Review.of([plan, plan]))


def test_only_organisations_of_which_something_is_left_are_counted() -> None:
    done = build(chart(), replace(wanted(), partial=True))
    left = replace(done, desired=replace(done.desired, notes=("It was deleted.",)))
    assert "run cannot be undone in 1 organisation." in shown(Review.of([done, done, left]))


@pytest.mark.parametrize("width", [20, 40, 63, 64, 80, 120, 250])
@pytest.mark.parametrize("brief", [False, True])
def test_a_pipe_gets_no_space_at_the_end_of_a_line(width: int, brief: bool) -> None:
    assert not re.search(r"[ \t]+$", shown(width=width, brief=brief), re.MULTILINE)


@pytest.mark.parametrize("width", [40, 63, 64, 80, 120])
@pytest.mark.parametrize("verbose", [False, True])
def test_no_line_is_wider_than_the_terminal(width: int, verbose: bool) -> None:
    tables, _ = shown(view=ViewOptions(verbose=verbose), width=width).split("\nPlan: ")
    assert max(cell_len(line) for line in tables.splitlines()) <= width


def test_brief_has_one_line_for_each_group_and_each_failure() -> None:
    review = practice_review()
    lines = shown(brief=True).splitlines()
    starts = [line for line in lines if re.match(r"[+~^x-] |! \d", line)]
    assert len(starts) == len(review.groups)
    assert "! Kea Tours: not planned: Kea Tours is not connected to this app." in lines


def test_only_shows_the_groups_of_an_account_by_its_old_code_too() -> None:
    text = shown(view=ViewOptions(only=("490",)))
    assert "Only 490 shown; the summary below is of all changes." in text
    assert "code: 490 → 489" in text
    assert "Subscriptions" not in text
    assert "Plan: 9 to create" in text
    nothing = shown(view=ViewOptions(only=("999",)))
    assert "Nothing in these plans has the code 999." in nothing
    assert "plans has the code 998 or 999." in shown(view=ViewOptions(only=("998", "999")))


def test_an_error_says_that_a_limit_is_exceeded_in_all_organisations() -> None:
    plan = build(
        chart(account("449")), wanted(entry("449", status=ARCHIVED), limits=Limits(archives=0))
    )
    books = [replace(plan, organisation=Organisation(f"t{n}", f"Company {n}")) for n in range(12)]
    ((said, _),) = exceeded(Review.of(books))
    assert said.startswith("limits.archives is exceeded in all 12 organisations. The highest")


def test_verbose_names_every_organisation() -> None:
    """Without `--verbose`, a line says that the option names them all."""
    plans = []
    for number in range(30):
        wants = [new("200", "Sales")] if number < 15 else []
        plan = build(chart(account("310", "Costs")), wanted(*wants))
        plans.append(replace(plan, organisation=Organisation(f"t{number}", f"Company {number}")))
    review = Review.of(plans)
    brief = shown(review)
    assert "in 15 organisations" in brief
    assert "Company 13" not in brief
    assert (
        "`plan --verbose` or `show --verbose` names all organisations, and shows each plan."
    ) in " ".join(brief.split())
    whole = shown(review, ViewOptions(verbose=True), width=120)
    assert "Company 13" in whole
    assert "names all organisations" not in whole
    undoing = Review.of([replace(p, desired=replace(p.desired, partial=True)) for p in plans])
    assert (
        "Once the plans are saved with --out, `show --verbose` names all organisations, and shows"
        " each plan."
    ) in " ".join(shown(undoing).split())
    assert "`plan --verbose`" not in shown(undoing)


def test_an_old_console_gets_ascii() -> None:
    text = shown(encoding="ascii")
    assert text.isascii()
    assert "->" in text


def test_a_thousand_organisations_take_fewer_than_120_lines() -> None:
    assert len(shown(Review.of(many())).splitlines()) < 120


@pytest.mark.parametrize("brief", [False, True])
def test_changes_that_cannot_be_undone_are_listed_once(brief: bool) -> None:
    plan = practice_review().plans[0]
    undoing = replace(plan, desired=replace(plan.desired, notes=("408 is gone.",)))
    text = shown(Review.of([undoing, undoing, plan, plan]), brief=brief)
    assert text.count("408 is gone. (in Aroha Dental (clients/aroha.yaml)") == 1


def test_a_change_of_unknown_origin_is_neither_new_nor_pending() -> None:
    plans = practice_review().plans
    unknown = tuple(replace(c, origin=Origin.UNKNOWN) for c in plans[0].changes)
    text = shown(Review.of([replace(plans[0], changes=unknown), *plans[1:]]))
    titles = re.findall(r"^(New|Edited|Origin unknown)[A-Za-z, ]*: \d", text, re.MULTILINE)
    assert titles == ["New", "Edited", "Origin unknown"]
