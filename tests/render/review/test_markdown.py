"""The review as Markdown: everything in one comment, however many organisations."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from builders import ARCHIVED, account, chart, entry, new, wanted
from markdown_it import MarkdownIt

from render.hostile import assert_tables_are_whole, read
from render.plans import rich_plan
from render.practice import FAILED, many, practice, practice_review
from xerosync.errors import Unavailable
from xerosync.model import Organisation
from xerosync.organisations.failed import FailedOrganisation
from xerosync.organisations.review import Review
from xerosync.plan.build import build
from xerosync.render.markdown_page import BODY, size
from xerosync.render.review.markdown import review_as_markdown, review_marker

GOLDEN = Path(__file__).parent / "review.md"


def assert_a_comment(text: str) -> None:
    """Check that it fits into a comment and has only our own markup."""
    assert size(text) <= BODY
    assert_tables_are_whole(text)
    assert text.count("<details>") == text.count("</details>")
    read(MarkdownIt("commonmark", {"html": True}).enable("table").parse(text))


def test_the_review_of_a_practice_matches_its_golden_file() -> None:
    """Read the difference as an approver would; to accept it, delete the file and run again."""
    text = review_as_markdown(practice_review())
    if not GOLDEN.exists():
        GOLDEN.write_text(text, encoding="utf-8")
        pytest.fail(f"{GOLDEN.name} is new: read it, then run again")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_a_thousand_organisations_are_at_most_10_kb_with_each_change() -> None:
    plans = many(1_000)
    text = review_as_markdown(Review.of(plans))
    assert_a_comment(text)
    assert size(text) <= 10_000
    for number in range(0, 1_000, 50):
        assert f"| description: Old → Of site {number} | Company {number} Limited |" in text
    for common in ("tax rate: No GST (NONE) → 15%", "Bank Fees → Bank Charges", "Staff Welfare"):
        assert re.search(rf"{re.escape(common)}.*\| all 1,000 \|", text)
    assert "left out" not in text


def test_markdown_has_each_group_of_two_rich_plans() -> None:
    rich = rich_plan()
    plans = [replace(rich, organisation=Organisation(f"t{n}", f"Company {n}")) for n in range(400)]
    review = Review.of(plans)
    text = review_as_markdown(review)
    assert_a_comment(text)
    moves = 2
    assert text.count("| all 400 |") == len(review.groups) + moves


def test_failed_organisations_are_named_and_leave_room_for_the_changes() -> None:
    failed = [
        FailedOrganisation(f"clients/{n}.yaml", f"Company {n}", Unavailable("Xero is down. " * 9))
        for n in range(1_000)
    ]
    text = review_as_markdown(Review.of(practice(), failed))
    assert_a_comment(text)
    assert "1,000 not planned" in text
    assert re.search(r"And \d+ more not planned, left out for length", text)
    assert "**404** Bank Charges" in text
    none = review_as_markdown(Review.of((), FAILED))
    assert "**Nothing planned.** 0 planned" in none
    few = review_as_markdown(Review.of(practice(), FAILED))
    assert "| Kea Tours | `clients/kea.yaml` | Kea Tours is not connected" in few


def differing(organisations: int, accounts: int) -> Review:
    """Return a review of many different new descriptions, and of three changes common to all."""
    plans = []
    for number in range(organisations):
        held = [account("404", "Fees"), account("405", "Costs"), account("449", "Vehicles")]
        asked = [
            entry("404", "Bank Fees"),
            entry("405", "Other Costs"),
            entry("449", status=ARCHIVED),
        ]
        for code in range(500, 500 + accounts):
            held.append(account(f"{code}", f"Account {code}"))
            asked.append(entry(f"{code}", description=f"{'Long text. ' * 9}{number % 50}"))
        plan = build(chart(*held), wanted(*asked))
        plans.append(replace(plan, organisation=Organisation(f"t{number}", f"Company {number}")))
    return Review.of(plans)


def test_changes_without_room_for_their_own_row_are_summed_by_account() -> None:
    """The destructive and the common changes keep theirs."""
    review = differing(100, 20)
    text = review_as_markdown(review)
    assert_a_comment(text)
    for kept in ("| archive | **449** Vehicles |", "Fees → Bank Fees", "Costs → Other Costs"):
        assert kept in text
    rows = len(re.findall(r"^\| update \| .*: .* → ", text, re.MULTILINE))
    found = re.search(r"### ([\d,]+) more changes, summed by account", text)
    assert found
    assert 1 + rows + int(found[1].replace(",", "")) == len(review.groups) == 1_003
    assert re.search(r"\| update \| \*\*519\*\* Account 519 \| \d+ different changes \|", text)
    assert "left out for length" not in text.partition("summed by account")[2].partition("<")[0]


def test_a_comment_without_room_for_any_change_says_that_some_are_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("xerosync.render.review.markdown.BODY", 2_000)
    assert "left out for length" in review_as_markdown(differing(100, 20))


def test_too_many_accounts_are_cut_with_a_count() -> None:
    plans = []
    for number in range(150):
        wants = (new(f"{n}", f"Account of {number} and {n}") for n in range(100, 110))
        plan = build(chart(), wanted(*wants))
        plans.append(replace(plan, organisation=Organisation(f"t{number}", f"Company {number}")))
    text = review_as_markdown(Review.of(plans))
    assert_a_comment(text)
    rows = text.count("\n| create |")
    more = re.search(r"And (\d+) more accounts, left out for length", text)
    assert more
    assert rows + int(more[1]) == 1_500


@pytest.mark.parametrize("having", [40, 41])
def test_organisations_are_listed_below_if_a_cell_has_no_room(having: int) -> None:
    plans = []
    for number in range(80):
        wants = [new("200", "Sales")] if number < 20 else []
        wants += [new("210", "Hire")] if number < having else []
        plan = build(chart(account("310", f"Costs {number}")), wanted(*wants))
        plans.append(replace(plan, organisation=Organisation(f"t{number}", f"Company {number}")))
    text = review_as_markdown(Review.of(plans))
    assert "| 20 organisations |" in text
    assert "- create **200** Sales: Company 0, Company 1, " in text
    assert ("- create **210** Hire: " in text) == (having == 40)
    assert ("name the organisations of every change" in text) == (having == 41)


def test_the_marker_is_the_same_whether_an_organisation_fails_or_not() -> None:
    plans = practice()
    lost = FailedOrganisation(plans[0].file, "Aroha Dental", Unavailable("Xero is down."))
    assert review_marker(Review.of(plans)) == review_marker(Review.of(plans[1:], [lost]))
    assert review_marker(Review.of(plans)) != review_marker(Review.of(plans[1:]))


def test_moves_between_statements_are_listed_above_the_changes() -> None:
    text = review_as_markdown(practice_review())
    row = "| **620** Prepayments | profit and loss, expenses | balance sheet, assets |"
    assert (
        0
        < text.index(f"{row} Fern Gardens |")
        < text.index("### New in the files since the last apply")
    )
