"""Hostile names in a review: every format shows them, and none obeys them."""

from __future__ import annotations

import json

import pytest
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
from render.practice import hostile_review, practice
from render.test_hostile_names import assert_one_command_a_line
from xerosync.organisations.review import Review
from xerosync.render import problems
from xerosync.render.plan.annotations import checked_plans
from xerosync.render.plan.terminal_view import ViewOptions
from xerosync.render.review import phrases
from xerosync.render.review.html import review_as_html
from xerosync.render.review.markdown import review_as_markdown
from xerosync.render.review.text import brief_review, review_view
from xerosync.text import json_text, visible

hostile = pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)


def views(review: Review, view: ViewOptions) -> list[RenderableType]:
    return [
        review_view(review, view),
        *brief_review(review, view),
        phrases.summary_sentence(review),
    ]


@hostile
@pytest.mark.parametrize(
    ("width", "verbose", "terminal"),
    [(40, False, True), (40, True, False), (80, False, False), (80, True, True)],
)
def test_a_hostile_name_does_nothing_on_a_terminal(
    attack: str, width: int, verbose: bool, terminal: bool
) -> None:
    """Every two options occur together with each of their values."""
    for one in views(hostile_review(attack), ViewOptions(width=width, verbose=verbose)):
        assert_quiet(printed(one, width, terminal=terminal))


@hostile
def test_a_name_is_shown_whole_on_a_terminal(attack: str) -> None:
    view = review_view(hostile_review(attack), ViewOptions(width=40))
    assert squeezed(visible(attack)) in squeezed(printed(view, 10_000, terminal=False))


@hostile
def test_a_hostile_name_does_nothing_in_markdown(attack: str) -> None:
    assert_tame_markdown(review_as_markdown(hostile_review(attack)), attack)


TAME = Page(review_as_html(hostile_review("Tame"), created_at="Tame", digest="Tame"))


@hostile
def test_a_hostile_name_does_nothing_on_a_page(attack: str) -> None:
    text = review_as_html(hostile_review(attack), created_at=attack, digest=attack)
    page = Page(text)
    assert set(page.tags) <= set(TAME.tags)
    assert {name for name, _ in page.attributes} <= {name for name, _ in TAME.attributes}
    assert not page.comments
    assert not COMMAND.search(text)
    links = [value for name, value in page.attributes if name == "href"]
    assert all(value.startswith(("#", "data:,", "https://go.xero.com/")) for value in links)
    assert squeezed(visible(attack)) in squeezed("".join(page.texts))


@hostile
def test_a_hostile_name_is_data_in_json(attack: str) -> None:
    document = hostile_review(attack).to_json()
    text = json_text(document)
    assert not COMMAND.search(text)
    assert json.loads(text) == json.loads(json.dumps(document))


@hostile
def test_a_hostile_name_does_nothing_in_annotations(attack: str) -> None:
    checked = checked_plans(hostile_review(attack).plans)
    count = sum(len(file.problems) for file in checked)
    assert count
    assert_one_command_a_line(problems.as_github(checked), count)
    text = problems.as_gitlab(checked)
    assert not COMMAND.search(text)
    assert all("%{" not in one["description"] for one in json.loads(text))


def test_one_problem_in_many_organisations_is_one_annotation() -> None:
    found = [problem for file in checked_plans(practice()) for problem in file.problems]
    assert [(p.rule, p.file, p.message.rpartition(" (in ")[2]) for p in found] == [
        ("look-first", "clients/aroha.yaml", "Aroha Dental, Birch & Sons)"),
        ("limit", "clients/birch.yaml", found[1].message),
        ("look-first", "standard/chart.yaml", "Fern Gardens)"),
        ("limit", "clients/gull.yaml", found[3].message),
        ("look-first", "clients/gull.yaml", "Gull Boats)"),
        ("another-account", "standard/chart.yaml", "Hill Orchard, Inlet Motors)"),
    ]
    alone = [problem for file in checked_plans(practice()[:1]) for problem in file.problems]
    assert [p.message for p in alone if "(in " in p.message] == []
