"""Words that the text, Markdown and HTML of a review share.

All returned text has gone through `visible`. Each output format quotes it in its own way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from xerosync.errors import ChartError
from xerosync.organisations.failed import FailedOrganisation
from xerosync.organisations.group import Age, Group
from xerosync.organisations.review import Review
from xerosync.plan import estimate
from xerosync.plan.blocks import limits
from xerosync.plan.plan import Action, Origin, Plan
from xerosync.render import words
from xerosync.render.account_usage import Quote, brief_usage, usage_facts, usage_sentence
from xerosync.render.review.usage import brief_group, group_sentence
from xerosync.render.words import (
    FieldRow,
    capital,
    counts_of,
    field_rows_of,
    nothing_to_undo,
    temporary_values,
    value_text,
)
from xerosync.text import counted, first_few, full_stop, visible

NAMED = 3
"""Up to this many organisations are named; more are counted."""
VALUES = 3
"""Up to this many different old values are written out; the others are counted."""
_DETAILS = 5
"""Up to this many sentences of one kind are written out; the others are counted."""

AGE = {
    Age.NEW: "New in the files since the last apply",
    Age.PENDING: "Edited in Xero, or left over from an earlier apply",
    Age.UNKNOWN: "Origin unknown",
}

SINCE = {
    Origin.XERO: words.ORIGIN[Origin.XERO],
    Origin.LEFT: words.ORIGIN[Origin.LEFT],
    Origin.BOTH: "edited in Xero too",
}
"""Words for the origins about which the titles in `AGE` do not say enough."""

LEFT_STANDARD = "Left the standard"
ARCHIVE_THEM = (
    "What left the standard is no longer managed. To archive an account, give it an entry with "
    "`status: ARCHIVED`, in the files or in a standard that they extend."
)


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One field of a group, not quoted yet.

    `befores` has each old value and the number of organisations that have it, 0 if not counted.
    """

    label: str
    befores: tuple[tuple[str, int], ...]
    after: str

    def merged(self, most: int) -> FieldRow:
        """Return the row with its old values joined into one text, as `before_text` does."""
        return FieldRow(self.label, before_text(self.befores, most=most), self.after)


@dataclass(frozen=True, slots=True)
class Section:
    """The groups of changes with the same `Age`. `books` is the number of their organisations.

    `title` is the `Age` in words, from `AGE`. If no group of the review has a known age, it is "".
    """

    title: str
    books: int
    groups: tuple[Group, ...]

    @property
    def heading(self) -> str:
        """The title, followed by the number of changes and the number of organisations."""
        numbers = (counted(len(self.groups), "change"), counted(self.books, "organisation"))
        return f"{self.title}{': ' if self.title else ''}{' in '.join(numbers)}"


def title(review: Review) -> str:
    """Return the title of the review, such as "Plan for 200 organisations"."""
    return f"Plan for {counted(review.total, 'organisation')}"


def planned(review: Review) -> str:
    """Return the numbers of organisations: "9 planned, 1 not planned, 5 with changes".

    The last number includes organisations that have only blocked changes.
    """
    failed = f", {len(review.failed):,} not planned" if review.failed else ""
    return f"{len(review.plans):,} planned{failed}, {review.changed:,} with changes"


def blocked_title(blocked: Sequence[Group]) -> str:
    """Return the title of the blocked groups: "2 blocked in 5 organisations, for 3 reasons"."""
    books = len({plan for one in blocked for plan in one.plans})
    accounts = len({one.account for one in blocked})
    return words.blocked_title(accounts, len(blocked), f" in {counted(books, 'organisation')}")


def standards(review: Review, most: int = NAMED) -> str:
    """Return the standards that the files extend, or "several standards" if more than `most`."""
    names = review.standards
    return "several standards" if len(names) > most else "; ".join(map(visible, names))


def todo(review: Review) -> str:
    """Return the counts of all changes as `counts_of` does, or "nothing planned" without plans."""
    return counts_of(review.summary) if review.plans else "nothing planned"


def sections(review: Review, groups: Iterable[Group]) -> tuple[Section, ...]:
    """Return the groups that have a change, in a section for each age."""
    changes = [one for one in groups if one.change]
    known = any(one.age for one in review.groups)
    found = []
    for age in Age:
        of_age = tuple(one for one in changes if one.age is age)
        if of_age:
            books = {plan for one in of_age for plan in one.plans}
            found.append(Section(AGE[age] if known else "", len(books), of_age))
    return tuple(found)


def rows_of(one: Group) -> tuple[GroupRow, ...]:
    """Return the rows of a group's fields, with all old values; () for a blocked group."""
    if one.change is None:
        return ()
    befores = {
        f.label: tuple(
            (value_text(b.shown, b.label), len(b.plans)) for b in one.befores.get(f.field, ())
        )
        for f in one.change.fields
        if one.change.account
    }
    return tuple(
        GroupRow(row.label, befores.get(row.label) or ((row.before, 0),), row.after)
        for row in field_rows_of(one.change)
    )


def before_text(
    befores: Sequence[tuple[str, int]], quote: Callable[[str], str] = str, most: int = VALUES
) -> str:
    """Return the old values as one text, such as "400 (12), 401 (3), 2 other values (2)".

    The numbers in brackets are of organisations. A single value stands without a number.
    """
    if len(befores) == 1:
        return quote(befores[0][0])
    parts = [f"{quote(value)} ({number:,})" for value, number in befores[:most]]
    rest = befores[most:]
    if rest:
        others = f"{len(rest):,} other {'value' if len(rest) == 1 else 'values'}"
        parts.append(f"{others} ({sum(number for _, number in rest):,})")
    return ", ".join(parts)


def missing(review: Review, plans: Sequence[int], most: int = NAMED) -> list[str] | None:
    """Return the names of the organisations that are not in `plans`.

    Return None if none is missing, if more than `most` are, or if `plans` are not the majority.
    """
    left = len(review.plans) - len(plans)
    if not 0 < left <= most or left >= len(plans):
        return None
    here = set(plans)
    return [visible(name) for plan, name in enumerate(review.names) if plan not in here]


def only_counted(review: Review, plans: Sequence[int]) -> bool:
    """Whether `where` returns a number that does not show which organisations are meant."""
    return NAMED < len(plans) < len(review.plans) and missing(review, plans) is None


def where(
    review: Review, plans: Sequence[int], quote: Callable[[str], str] = str, most: int = NAMED
) -> str:
    """Return the names of these organisations if there are at most `most`, else their number.

    Examples: "A, B", "30 organisations", "all 100" and "97 organisations, all but A, B, C".
    """
    if len(plans) <= most:
        return ", ".join(quote(visible(review.names[plan])) for plan in plans)
    if len(plans) == len(review.plans):
        return f"all {len(plans):,}"
    others = missing(review, plans, most)
    number = counted(len(plans), "organisation")
    return f"{number}, all but {', '.join(map(quote, others))}" if others else number


def where_in_full(review: Review, plans: Sequence[int]) -> str:
    """Return the organisations as `where` does, but "all 12 organisations" instead of "all 12"."""
    every = NAMED < len(plans) == len(review.plans)
    return f"all {counted(len(plans), 'organisation')}" if every else where(review, plans)


def also_called(one: Group) -> str:
    """Return the other codes and names of an account, "" if all organisations have the same."""
    labels = [visible(f"{code} {name}".strip()) for code, name in one.labels[1:]]
    return f"also called {first_few(labels, NAMED)}" if labels else ""


def since(one: Group) -> str:
    """Return the origins of a group's changes that are in `SINCE`, "" if none of them is."""
    return ", ".join(
        f"{number:,} {SINCE[origin]}" if len(one.members) > number else SINCE[origin]
        for origin, number in sorted(one.origins.items())
        if origin in SINCE
    )


def used(review: Review, one: Group, quote: Quote = str, *, names: bool = False) -> str:
    """Return sentences on what still uses the accounts of a group.

    Return "" if the usage is unknown, and for one blocked account: its reason states the usage.
    """
    change = one.change
    if change and change.usage:
        currency = review.plans[one.plans[0]].organisation.base_currency
        return usage_sentence(change.usage, currency=currency, names=names, quote=quote)
    alone = one.blocked is not None and len(one.members) == 1  # The reason states the usage.
    return group_sentence(one.usage, len(one.plans), quote) if one.usage and not alone else ""


def brief_used(review: Review, one: Group) -> str:
    """Return in brief what uses the accounts of a group, "" if no balance or use is known."""
    change = one.change
    if change and change.usage:
        return brief_usage(change.usage, review.plans[one.plans[0]].organisation.base_currency)
    return brief_group(one.usage) if one.usage else ""


def usage_read(review: Review) -> list[tuple[str, list[int]]]:
    """Return pairs: a clause from `usage_facts`, and the indexes of its plans.

    The most frequent clauses come first. After `_DETAILS` clauses, a last pair counts the others.
    """
    found = sorted(
        notes(review, lambda plan: map(capital, usage_facts(plan))), key=lambda note: -len(note[1])
    )
    shown, rest = found[:_DETAILS], found[_DETAILS:]
    if rest:
        plans = sorted({plan for _, several in rest for plan in several})
        shown.append((f"{counted(len(rest), 'more remark')} on usage", plans))
    return shown


def failure(one: FailedOrganisation) -> tuple[str, ...]:
    """Return sentences on why an organisation failed, and then the hint, if any."""
    error = one.error
    details = list(error.details)
    if isinstance(error, ChartError):
        reported = {error.message, *details}
        details += [text for text in map(str, error.problems) if text not in reported]
    more = len(details) - _DETAILS
    rest = [f"and {more:,} more"] if more > 0 else []
    said = (error.message, *details[:_DETAILS], *rest, error.hint)
    return tuple(visible(sentence) for sentence in said if sentence)


def not_applied(review: Review) -> str:
    """Return the start of a sentence on what is not applied while safety limits are exceeded."""
    return f"Nothing is applied{'' if review.too_far else ' to an organisation that exceeds one'}"


def exceeded(review: Review) -> tuple[tuple[str, str], ...]:
    """Return pairs: a sentence on an exceeded safety limit, and the flag that permits it.

    Changes in too many organisations come first. Up to `_DETAILS` have a sentence each, and a
    further sentence counts the others. Then each limit for single organisations has one sentence.
    """
    found: dict[str, list[tuple[int, limits.Breach]]] = {}
    for number, plan in enumerate(review.plans):
        for breach in limits.check(plan):
            found.setdefault(breach.limit, []).append((number, breach))
    said = []
    if reaches := review.too_far:
        flag = reaches[0].breach.flag
        said = [(visible(reach.breach.message), flag) for reach in reaches[:_DETAILS]]
        if (more := len(reaches) - _DETAILS) > 0:
            others = counted(more, "other change")
            said.append((f"{others} would be made in too many organisations.", flag))
    for name, breaches in found.items():
        number, worst = max(breaches, key=lambda item: item[1].found)
        text = f"{review.names[number]}: {worst.message}"
        if len(breaches) > 1:
            books = full_stop(where_in_full(review, [plan for plan, _ in breaches]))
            text = f"limits.{name} is exceeded in {books} The highest number is in {text}"
        said.append((visible(text), worst.flag))
    return tuple(said)


def notes(review: Review, of: Callable[[Plan], Iterable[str]]) -> Iterator[tuple[str, list[int]]]:
    """Yield each sentence that `of` returns, once, with the indexes of the plans that have it."""
    found: dict[str, list[int]] = {}
    for number, plan in enumerate(review.plans):
        for sentence in of(plan):
            found.setdefault(visible(sentence), []).append(number)
    yield from ((text, list(dict.fromkeys(plans))) for text, plans in found.items())


def temporary(plan: Plan) -> list[str]:
    """Return a sentence for each temporary code or name of a plan."""
    return [f"Account {sentence}" for _, sentence in temporary_values(plan)]


def estimate_of(review: Review) -> str:
    """Return a sentence on how many calls an apply takes at most, "" if there is nothing to do."""
    calls = sum(estimate.measure(plan).count for plan in review.plans)
    return f"Applying all of it takes up to {calls:,} calls to Xero." if calls else ""


def summary_sentence(review: Review) -> str:
    """Return the summary of all plans in up to three sentences."""
    count = review.summary
    left = f" {counted(len(review.failed), 'organisation')} not planned." if review.failed else ""
    if not review.changed:
        return f"{_no_changes(review)}{left}"
    actions = ", ".join(f"{count[action]} to {action}" for action in Action)
    rest = f"{count['unchanged']} unchanged, {count['unmanaged']} unmanaged"
    rest += f", {count['blocked']} blocked" if count["blocked"] else ""
    what = "changes or blocks" if count["blocked"] else "changes"
    books = f"{review.changed} of {counted(len(review.plans), 'organisation')}"
    return f"Plan: {actions}; {rest}; {what} in {books}.{left}"


def _no_changes(review: Review) -> str:
    """Return one or two sentences on why there is nothing to do."""
    books = counted(len(review.plans), "organisation")
    if not review.plans:
        return "Nothing was planned."
    if all(plan.desired.partial for plan in review.plans):
        left = sum(bool(plan.desired.notes) for plan in review.plans)
        where = counted(left, "organisation") if left else books
        return f"No changes: {nothing_to_undo(review.plans)} in {where}."
    current = "Xero" if any(plan.organisation.tenant_id for plan in review.plans) else "The CSV"
    files = "file" if len(review.plans) == 1 else "files"
    return f"No changes. {current} matches the {files} of {books}."
