"""A report on Xero's behaviour in each format: what differs comes first, and nothing acts."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from rich.text import Text

from render.doctor.behaviours_of_xero import hostile, report
from render.hostile import (
    ATTACKS,
    Page,
    assert_quiet,
    assert_tame_markdown,
    printed,
    squeezed,
)
from xerosync.render.doctor.behaviour_html import report_as_html
from xerosync.render.doctor.behaviour_markdown import report_as_markdown
from xerosync.render.doctor.behaviour_text import report_table
from xerosync.render.doctor.behaviour_view import view_of
from xerosync.text import json_text, visible
from xerosync.xero_behaviour import QUESTIONS, Behaviour, Question

LAST_TWO = (Question.MODIFIED_SINCE, Question.SCOPE_REQUESTED)


def as_text(found: Behaviour, width: int = 100) -> str:
    return printed(report_table(view_of(found)), width, terminal=False)


def formats(found: Behaviour) -> dict[str, str]:
    view = view_of(found)
    return {
        "text": as_text(found, 300),
        "markdown": report_as_markdown(view),
        "html": " ".join(Page(report_as_html(view)).texts),
    }


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_what_differs_comes_first_with_both_answers_and_xeros_words(form: str) -> None:
    shown = formats(report(*LAST_TWO, text="Not in this century."))[form].replace("`", "")
    places = [squeezed(shown).find(squeezed(QUESTIONS[q].asked)) for q in LAST_TWO]
    other = squeezed(shown).find(squeezed(QUESTIONS[Question.POST_WITHOUT_ID].asked))
    assert all(0 <= place < other for place in places)
    assert "not modified" in shown
    assert "empty" in shown
    assert "Not in this century." in shown


@pytest.mark.parametrize(
    ("differing", "said"),
    [
        ((), "33 questions answered, none differs from the sandbox."),
        ((Question.BANK_TAX,), "33 questions answered, 1 differs from the sandbox."),
        (LAST_TWO, "33 questions answered, 2 differ from the sandbox."),
    ],
)
def test_the_summary_counts_the_differences(differing: tuple[Question, ...], said: str) -> None:
    assert view_of(report(*differing)).summary == said


def test_the_title_names_the_source_the_country_and_the_date() -> None:
    assert view_of(report()).title == "A demo company of Xero (NZ), asked on 2026-11-27"
    assert view_of(report(source="sandbox")).title == "A sandbox (NZ), asked on 2026-11-27"


def test_a_main_job_that_was_not_done_is_not_a_success() -> None:
    found = replace(report(), main_job={})
    assert not view_of(found).works
    assert "The main job was not done." in report_as_html(view_of(found))


def test_a_main_job_that_failed_is_not_a_success() -> None:
    found = hostile("the journal cannot be written")
    assert not view_of(found).works
    assert view_of(report()).works
    for shown in formats(found).values():
        assert "the journal cannot be written" in shown


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_hostile_texts_are_shown_and_not_obeyed(attack: str) -> None:
    found = hostile(attack)
    for width in (40, 80, 250):
        for terminal in (False, True):
            assert_quiet(printed(report_table(view_of(found)), width, terminal=terminal))
    cut = attack if len(attack) <= 400 else attack[:399]
    assert squeezed(visible(cut)) in squeezed(as_text(found, 10_000))
    assert_tame_markdown(report_as_markdown(view_of(found)), visible(cut))
    page = Page(report_as_html(view_of(found)))
    assert squeezed(visible(cut)) in squeezed("".join(page.texts))
    assert not page.comments
    assert {"script", "img", "b"}.isdisjoint(page.tags)
    assert not any(name.startswith("on") for name, _ in page.attributes)
    text = json_text(found.to_json())
    assert_quiet(text)
    assert json.loads(text)["left_behind"] == [attack]


def test_the_table_is_no_wider_than_the_terminal() -> None:
    for width in (40, 60, 80):
        lines = printed(report_table(view_of(report(*LAST_TWO))), width, terminal=True)
        assert all(Text.from_ansi(line).cell_len <= width for line in lines.splitlines())


def test_the_page_stands_alone() -> None:
    html = report_as_html(view_of(report(*LAST_TWO)))
    assert "default-src &#39;none&#39;" in html
    assert not re.search(r"(?:src|href)=\"(?!data:)", html)
    assert "<script" not in html
