"""The plans of many organisations as one HTML page, to read, filter and print."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from xerosync.organisations.group import Group
from xerosync.organisations.review import Review
from xerosync.plan.plan import Blocked
from xerosync.render import words
from xerosync.render.account_usage import brief_usage, usage_sentence
from xerosync.render.html_page import asset, isolated, render
from xerosync.render.review import phrases
from xerosync.render.review.lines_to_add import lines_to_add
from xerosync.text import counted

_LONGEST = 120
"""Values beside the name of an organisation are cut to this many characters."""

Sentences = list[tuple[str, str]]


def review_as_html(review: Review, *, created_at: str = "", digest: str = "") -> str:
    """Return the page. `created_at` and `digest` are from the JSON document of the plans."""
    tags = sorted({tag for plan in review.plans for tag in plan.desired.tags})
    numbers = {id(one): number for number, one in enumerate(review.groups, start=1)}
    return render(
        "review.html.j2",
        asset("plan.css") + asset("review.css"),
        asset("filter.js") + asset("review.js"),
        title=phrases.title(review),
        planned=phrases.planned(review),
        standards=phrases.standards(review),
        summary=review.summary,
        counts=[
            (name, review.summary[name])
            for name in ("blocked", *map(str, words.DESTRUCTIVE_FIRST))
            if review.summary[name]
        ],
        no_changes=phrases.summary_sentence(review),
        estimate=phrases.estimate_of(review),
        breaches=phrases.exceeded(review),
        not_applied=phrases.not_applied(review),
        failed=[
            {"name": one.name, "file": one.file, "why": phrases.failure(one)}
            for one in review.failed
        ],
        blocked=[_group(review, numbers[id(one)], one) for one in review.groups if one.blocked],
        sections=[
            {
                "title": section.title or "Changes",
                "books": counted(section.books, "organisation"),
                "groups": [_group(review, numbers[id(one)], one) for one in section.groups],
            }
            for section in phrases.sections(review, review.groups)
        ],
        names=review.names,
        tags=tags,
        organisations=list(_organisations(review, tags)),
        created_at=created_at,
        digest=digest,
        **_sentences(review),
    )


def _group(review: Review, number: int, one: Group) -> dict[str, Any]:
    """Return the values of one group for the template. The first group has the `number` 1."""
    change = one.change
    short = phrases.where(review, one.plans) if len(one.plans) <= phrases.NAMED else ""
    return {
        "number": number,
        "verb": one.action.value if one.action else "",
        "code": one.code,
        "name": one.name,
        "also": phrases.also_called(one),
        "type": change.account_type if change else "",
        "standard": str(one.standard),
        "created": change is not None and change.account is None,
        "rows": phrases.rows_of(one),
        "warnings": change.warnings if change else (),
        "reasons": change.reasons if change else (),
        "since": phrases.since(one),
        "used": phrases.used(review, one, isolated),
        "blocked": one.blocked,
        "short": short,
        "members": sorted(_members(review, one), key=lambda member: not member[1]),
    }


def _members(review: Review, one: Group) -> Iterator[tuple[int, str]]:
    """Yield a pair for each member of a group: its plan's index, and its remarks (maybe "")."""
    advised = {pin.plan: f"{pin.place}: {pin.line}" for pin in lines_to_add(review, one)}
    differs = {name for name, values in one.befores.items() if len(values) > 1}
    for member in one.members:
        plan = review.plans[member.plan]
        item = plan.blocked[member.index] if one.blocked else plan.changes[member.index]
        if isinstance(item, Blocked):
            remarks = [advised[member.plan]] if member.plan in advised else []
        else:
            fields = (f for f in item.fields if f.field in differs)
            remarks = [words.shorten(words.field_row(f).before, _LONGEST) for f in fields]
        if len(one.members) > 1 and item.usage and brief_usage(item.usage):
            remarks.append(usage_sentence(item.usage, currency=plan.organisation.base_currency))
        yield member.plan, "; ".join(remarks)


def _organisations(review: Review, tags: Sequence[str]) -> Iterator[dict[str, Any]]:
    number = {tag: str(index) for index, tag in enumerate(tags)}
    for name, plan in zip(review.names, review.plans, strict=True):
        yield {
            "name": name,
            "file": plan.file,
            "facts": words.facts(plan.organisation),
            "tags": " ".join(number[tag] for tag in plan.desired.tags),
            "tag_names": ", ".join(plan.desired.tags),
            "address": words.chart_address(plan.organisation),
            "counts": words.counts_of(plan.summary),
        }


def _sentences(review: Review) -> dict[str, Sentences]:
    """Return lists of pairs: a sentence and its organisations ("" for the hint `ARCHIVE_THEM`)."""

    def placed(found: Iterable[tuple[str, Sequence[int]]]) -> Sentences:
        return [(text, phrases.where(review, plans)) for text, plans in found]

    gone = [one for one in review.left_behind if one.standard]
    left = [(f"{one.label}: unmanaged", phrases.where(review, one.plans)) for one in gone]
    return {
        "usage_read": placed(phrases.usage_read(review)),
        "impossible": placed(phrases.notes(review, lambda plan: plan.desired.notes)),
        "left": [*left, *([(phrases.ARCHIVE_THEM, "")] if gone else [])],
        "look": placed((o.sentence, o.plans) for o in review.left_behind if not o.standard),
        "temporary": placed(phrases.notes(review, phrases.temporary)),
    }
