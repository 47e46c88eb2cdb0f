"""Markdown fits into a comment, is cut between rows only, and reads well."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from builders import chart, entry, new, wanted
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.console import Console

from render.hostile import assert_tables_are_whole, read
from render.plans import hostile_plan, long_plan, rich_plan
from xerosync.cli.terminal import Terminal
from xerosync.model import Organisation
from xerosync.organisations.review import Review
from xerosync.plan.build import build
from xerosync.render.inline import inline, prose
from xerosync.render.markdown_page import LONGEST, Block, fit, size, value_cells
from xerosync.render.plan.html import plan_as_html
from xerosync.render.plan.markdown import plan_as_markdown, plan_marker
from xerosync.render.review.markdown import review_as_markdown
from xerosync.render.words import FieldRow

GOLDEN = Path(__file__).parent / "rich-plan.md"


def test_a_rich_plan_matches_its_golden_file() -> None:
    """Read the difference as a controller would; to accept it, delete the file and run again."""
    text = plan_as_markdown(rich_plan())
    if not GOLDEN.exists():
        GOLDEN.write_text(text, encoding="utf-8")
        pytest.fail(f"{GOLDEN.name} is new: read it, then run again")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_destructive_changes_come_first() -> None:
    text = plan_as_markdown(rich_plan())
    places = [text.index(f"### {n}") for n in ("1 to delete", "2 to archive", "10 to update")]
    assert places == sorted(places)
    assert text.index("**1 to delete, 2 to archive") < places[0]


def test_a_plan_without_changes_says_so() -> None:
    text = plan_as_markdown(build(chart(), wanted()))
    assert "**No changes.**" in text
    assert "|" not in text


@pytest.mark.parametrize("changes", [100, 500, 2_000])
def test_a_long_plan_is_cut_with_a_note(changes: int) -> None:
    text = plan_as_markdown(long_plan(changes))
    assert size(text) < LONGEST
    assert_tables_are_whole(text)
    assert text.count("<details>") == text.count("</details>")
    assert ("left out for length" in text) == (changes > 200)
    read(MarkdownIt("commonmark", {"html": True}).enable("table").parse(text))


def test_the_rows_left_out_are_counted() -> None:
    """The rows shown and the rows counted as left out add up."""
    text = plan_as_markdown(long_plan(2_000))
    shown = len(re.findall(r"^\| \*\*\d+\*\* .*\| CURRENT|^\| \*\*\d+\*\*", text, re.MULTILINE))
    assert shown
    archives = text[text.index("### 400 to archive") :]
    archives = archives[: archives.index("\n### ")]
    rows = archives.count("\n| **")
    more = re.search(r"And (\d+) more to archive", archives)
    assert rows + int(more[1] if more else 0) == 400


@pytest.mark.parametrize(
    ("noun", "of_one", "of_two"),
    [
        ("warnings", "1 warning", "2 warnings"),
        ("lists of organisations", "1 list of organisations", "2 lists of organisations"),
        ("unmanaged accounts to look at", "1 unmanaged account to look at", ""),
        (
            "accounts that left the standard",
            "1 account that left the standard",
            "2 accounts that left the standard",
        ),
    ],
)
def test_one_row_left_out_is_not_plural(noun: str, of_one: str, of_two: str) -> None:
    row = "- long\n" * 60
    assert fit([Block("", (row,), noun=noun)], 600) == f"_Left out for length: {of_one}._\n\n"
    assert of_two in fit([Block("", (row, row), noun=noun)], 600)
    more = of_one.replace("1 ", "1 more ")
    assert f"_And {more}, left out for length._" in fit([Block("", ("", row), noun=noun)], 700)


def test_the_longest_values_do_not_push_the_rest_out() -> None:
    entries = [new(f"{n}", f"Name {n}", description="`|" * 2000) for n in range(100, 180)]
    text = plan_as_markdown(build(chart(), wanted(*entries)))
    assert size(text) < LONGEST
    assert_tables_are_whole(text)


def test_each_organisation_has_its_own_marker() -> None:
    rich = rich_plan()
    other = replace(rich, organisation=Organisation("tenant-2", "Other"))
    nameless = replace(rich, organisation=Organisation("", "Other"))
    assert plan_marker(rich) == "<!-- xerosync:plan:tenant-1 -->"
    assert plan_marker(other) == "<!-- xerosync:plan:tenant-2 -->"
    assert plan_marker(nameless) == "<!-- xerosync:plan:accounts.yaml -->"
    assert plan_as_markdown(rich).startswith(plan_marker(rich) + "\n")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_shown_and_none_has_an_effect(text: str) -> None:
    written = plan_as_markdown(hostile_plan(text))
    assert size(written) < LONGEST
    assert_tables_are_whole(written)
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(written)
    read(tokens)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Sales - National (15%)", "Sales - National (15%)"),
        ("R&D", "R&#38;D"),
        ("Ventes d'été 売上", "Ventes d'été 売上"),
        ("Costs @bob", "Costs <code>Costs</code>".replace("<code>Costs", "<code>&#64;bob")),
        ("GH-1 and more", "`GH-1` and more"),
        ("inherited (chart.yaml:4): write", "inherited (`chart.yaml:4`): write"),
        ("see https://example.test/a.", "see `https://example.test/a`."),
        ("a|b", "a&#124;b"),
        ("", ""),
    ],
)
def test_ordinary_names_stay_readable(text: str, written: str) -> None:
    assert inline(text) == written


def test_code_in_our_own_sentences_stays_code() -> None:
    said = prose("Renumbered, as `previously` says. It is `unmanaged: archive`.")
    assert said == "Renumbered, as `previously` says. It is `unmanaged: archive`."
    assert prose("`a``b`") == "`a` `b`"


def test_a_new_account_with_many_fields_is_one_row() -> None:
    plan = build(chart(), wanted(entry("200", "Sales", type="REVENUE", tax_type="OUTPUT2")))
    text = plan_as_markdown(plan)
    assert "| **200** Sales | REVENUE | tax rate: 15% GST on Income (OUTPUT2) |  | 10 |" in text


def test_entries_that_left_the_file_are_shown_in_every_format() -> None:
    sentence = "408 Rent left the file <b>since</b> then."
    plan = replace(rich_plan(), left_file=(sentence,))
    assert "### Unmanaged accounts to look at" in plan_as_markdown(plan)
    assert "408 Rent left the file" in plan_as_html(plan, created_at="", digest="")
    for brief in (False, True):
        out = io.StringIO()
        Terminal(Console(file=out, width=200), Console(file=io.StringIO())).show(plan, brief=brief)
        assert sentence in out.getvalue()
    assert "<b>" not in plan_as_markdown(plan)


@pytest.mark.parametrize("place", [0, 60, 150, 290, 560])
def test_two_long_values_show_where_they_begin_to_differ(place: int) -> None:
    """Only 160 characters of each value fit into a comment."""
    text = "Paid by card. " * 42
    before, after = (f"{text[:place]}by {who}{text[place:]}" for who in ("Ann only", "nobody"))
    _, was, becomes = value_cells(FieldRow("description", before, after))
    assert "by Ann only" in was
    assert "by nobody" in becomes
    assert max(len(was), len(becomes)) <= 160


def test_a_value_that_is_only_extended_shows_the_added_text() -> None:
    text = "Paid by card. " * 42
    assert value_cells(FieldRow("description", text, f"{text}Or cash.")).after.endswith("Or cash.")


def test_a_change_that_breaks_two_rules_is_one_blocked_change_everywhere() -> None:
    plan = rich_plan()
    first = plan.blocked[0]
    plan = replace(plan, blocked=(*plan.blocked, replace(first, rule="other", reason="And this.")))
    count = plan.summary["blocked"]
    assert len(plan.blocked) > count
    title = f"{count} blocked, for {len(plan.blocked)} reasons"
    assert f"### {title}\n" in plan_as_markdown(plan)
    page = plan_as_html(plan)
    assert f'Blocked <span class="tally">{count}</span>' in page
    assert page.count('data-action="blocked" data-warns>') == count
    assert "And this." in page
    review = review_as_markdown(Review.of([plan]))
    assert f"### {count} blocked in 1 organisation, for {len(plan.blocked)} reasons\n" in review
