"""The plans of many organisations as tables for a terminal: a row for each group of changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group as Parts
from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from xerosync.organisations.group import Group
from xerosync.organisations.review import Review
from xerosync.plan.plan import Blocked
from xerosync.render.plan.brief import brief_fields, label_widths, padded
from xerosync.render.plan.footnotes import Footnotes
from xerosync.render.plan.terminal_view import STYLE, ViewOptions, why_blocked
from xerosync.render.plan.text import NARROW, changes_table, notes_table, titled
from xerosync.render.review import phrases
from xerosync.render.review.lines_to_add import lines_to_add
from xerosync.render.words import concerns
from xerosync.text import full_stop, series, visible

_ALL = 1_000_000


class ReviewView:
    """A review, with the options applied: the selected groups, and their texts."""

    def __init__(self, review: Review, options: ViewOptions) -> None:
        self.review = review
        self.options = options
        self.groups = tuple(one for one in review.groups if self._concerns(one))
        self.changes = tuple(one for one in self.groups if one.change)
        self.blocked = tuple(one for one in self.groups if one.blocked)
        self.notes = Footnotes(
            (index, one.change) for index, one in enumerate(self.changes) if one.change
        )
        self._most = _ALL if options.verbose else phrases.NAMED

    def _concerns(self, one: Group) -> bool:
        codes = {code for code, _ in one.labels}
        codes |= {str(before.value) for before in one.befores.get("code", ())}
        return concerns(self.options.only, *codes)

    def heading(self) -> Iterator[Text]:
        """Yield the numbers of organisations, and then the codes that `options` selects, if any."""
        review = self.review
        line = Text(phrases.title(review), "bold")
        known = phrases.standards(review, 1)
        line.append(f" ({known})" if known else "", "dim")
        yield line.append(f": {phrases.planned(review)}", "")
        codes = ", ".join(visible(code) for code in self.options.only)
        if codes and self.groups:
            yield Text(f"Only {codes} shown; the summary below is of all changes.", "bold")
        elif codes:
            either = visible(series(self.options.only, "or"))
            yield Text(f"Nothing in these plans has the code {either}.", "bold")

    def signs(self, one: Group) -> str:
        """Return the signs that refer to a group's notes, such as `!1 3`."""
        return self.notes.signs(one.change) if one.change else ""

    def number(self, one: Group) -> str:
        """Return the number of a group's organisations: "3", or "all 12" if the group is in all."""
        count = f"{len(one.plans):,}"
        return f"all {count}" if len(one.plans) == len(self.review.plans) > 1 else count

    def fields(self, one: Group) -> list[Text]:
        """Return lines on changed fields, usage, notes (only if `verbose`) and organisations."""
        most = _ALL if self.options.verbose else phrases.VALUES
        lines = [self.options.field(row.merged(most)) for row in phrases.rows_of(one)]
        if used := phrases.used(self.review, one, names=self.options.verbose):
            lines.append(Text(used))
        if self.options.verbose and one.change:
            lines += [Text(f"! {visible(said)}", "yellow") for said in one.change.warnings]
            lines += [Text(visible(said), "dim") for said in one.change.reasons]
        return [*lines, *self._where(one)]

    def why(self, one: Group, item: Blocked) -> list[Text]:
        """Return why a group is blocked, what to do, the id of the rule, and the organisations."""
        why = why_blocked(item, phrases.used(self.review, one))
        return [why, *self._pins(one), *self._where(one)]

    def _pins(self, one: Group) -> Iterator[Text]:
        """Yield the line to add to each file. For many files, yield only how to see the lines."""
        found = lines_to_add(self.review, one)
        if len(found) > self._most:
            yield Text("`plan --verbose` or `show --verbose` shows the line for each file.", "cyan")
            return
        for pin in found:
            yield Text(f"{pin.place}: ").append(pin.line, "cyan")

    def books(self, plans: Sequence[int]) -> str:
        """Return these plans' organisations: names if `verbose` or if few, else the number."""
        return phrases.where(self.review, plans, most=self._most)

    def _where(self, one: Group) -> Iterator[Text]:
        for said in (phrases.also_called(one), phrases.since(one)):
            if said:
                yield Text(said, "dim")
        few = len(one.plans) <= self._most or phrases.missing(self.review, one.plans) is not None
        if few or self.options.width < NARROW:
            yield Text(f"in {self.books(one.plans)}", "dim")


def review_view(review: Review, options: ViewOptions | None = None) -> RenderableType:
    """Return the review without its summary: failures, blocks, changes, then other remarks."""
    shown = ReviewView(review, options or ViewOptions())
    parts: list[RenderableType] = [*shown.heading()]
    if review.failed:
        parts.append(_failed(shown))
    if shown.blocked:
        heading = Text(phrases.blocked_title(shown.blocked), "bold red")
        parts.append(_table(heading, shown.blocked, shown))
    parts += (
        _table(Text(section.heading, "bold"), section.groups, shown)
        for section in phrases.sections(review, shown.groups)
    )
    counted_only = any(phrases.only_counted(review, one.plans) for one in shown.groups)
    if counted_only and not shown.options.verbose:
        undoing = review.plans[0].desired.partial
        how = "Once the plans are saved with --out," if undoing else "`plan --verbose` or"
        all_names = f"{how} `show --verbose` names all organisations, and shows each plan."
        parts.append(Text(all_names, "dim"))
    parts += _remarks(shown)
    return Parts(*(line for part in parts for line in (part, Text())))


def brief_review(review: Review, options: ViewOptions) -> Iterator[Text]:
    """Yield a heading, a line for each failed organisation, and a line for each selected group.

    Then yield sentences on usage, on what cannot be undone, on unmanaged accounts and on limits.
    """
    shown = ReviewView(review, options)
    yield from shown.heading()
    for one in review.failed:
        yield Text("! ", "red").append(
            f"{visible(one.label)}: not planned: {phrases.failure(one)[0]}"
        )
    codes, names = label_widths((group.code, group.name) for group in shown.groups)
    for group in shown.groups:
        line = _glyph(group)
        for text, width in ((group.code, codes), (group.name, names)):
            line.append(" ").append_text(padded(Text(visible(text)), width))
        line.append(f"  {_brief(group, shown)}")
        line.append(" !" if group.change and group.change.warnings else "")
        yield line
    for sentence, plans in phrases.usage_read(review):
        yield Text(f"{sentence} (in {shown.books(plans)}).", "dim")
    for sentence, plans in phrases.notes(review, lambda plan: plan.desired.notes):
        yield Text(f"! cannot be undone: {sentence} (in {shown.books(plans)})", "yellow")
    for sentence in _left(review, shown):
        yield Text(f"! {sentence}", "yellow")
    for sentence, flag in phrases.exceeded(review):
        yield Text(f"! {sentence} An apply needs {flag}.", "red")


def _brief(group: Group, shown: ReviewView) -> str:
    books = shown.books(group.plans)
    if group.blocked:
        return f"blocked in {books}: {visible(group.blocked.reason)}"
    rows = (row.merged(phrases.VALUES) for row in phrases.rows_of(group))
    said = brief_fields(group.action, rows, shown.options.arrow) or group.action
    used = phrases.brief_used(shown.review, group)
    return f"{said} in {books}{'; ' if used else ''}{used}"


def _glyph(group: Group) -> Text:
    return Text(group.action.glyph, STYLE[group.action]) if group.action else Text("!", "red")


def _failed(shown: ReviewView) -> RenderableType:
    """Return the organisations that were not planned, with their file and the reason."""
    parts: list[RenderableType] = []
    for one in shown.review.failed:
        head = Text("! ", "red").append(visible(one.label), "bold")
        head.append(f"  {visible(one.file)}" if one.name else "", "dim")
        *why, last = phrases.failure(one)
        lines = [Text(sentence) for sentence in why]
        lines.append(Text(last, "cyan" if one.error.hint else ""))
        parts += [head, *(Padding(line, (0, 0, 0, 4)) for line in lines)]
    return Parts(Text(f"{len(shown.review.failed):,} not planned", "bold red"), *parts)


def _table(title: Text, groups: Sequence[Group], shown: ReviewView) -> RenderableType:
    """Return a table with a row for each group, or paragraphs on a narrow terminal."""
    if shown.options.width < NARROW:
        return Parts(title, *(part for one in groups for part in _paragraph(one, shown)))
    noted = not shown.options.verbose and any(shown.signs(one) for one in groups)
    what = "Why, and what to do" if groups[0].blocked else "Change"
    table = changes_table(title, ["", "Code", "Account", what, *(["Notes"] if noted else []), "In"])
    for one in groups:
        table.add_row(
            _glyph(one),
            Text(visible(one.code)),
            Text(visible(one.name)),
            Text("\n").join(_said(one, shown)),
            *([Text(shown.signs(one), "dim")] if noted else []),
            Text(shown.number(one)),
        )
    return table


def _paragraph(one: Group, shown: ReviewView) -> Iterator[RenderableType]:
    signs = "" if shown.options.verbose else shown.signs(one)
    head = _glyph(one).append(f" {visible(f'{one.code} {one.name}'.strip())}", "")
    yield head.append(f" {signs}" if signs else "", "dim")
    for line in _said(one, shown):
        yield Padding(line, (0, 0, 0, 4))


def _said(one: Group, shown: ReviewView) -> list[Text]:
    return shown.why(one, one.blocked) if one.blocked else shown.fields(one)


def _remarks(shown: ReviewView) -> Iterator[RenderableType]:
    """Yield the parts that are about more than one change, such as usage, notes and limits."""
    review = shown.review

    def lines(found: Iterable[tuple[str, list[int]]], style: str = "") -> list[RenderableType]:
        return [Text(f"{said} (in {shown.books(plans)})", style) for said, plans in found]

    if read := lines(phrases.usage_read(review), "dim"):
        yield Parts(*read)
    impossible = phrases.notes(review, lambda plan: plan.desired.notes)
    yield from titled("Cannot be undone", lines(impossible, "yellow"))
    yield from titled("Temporary codes and names", lines(phrases.notes(review, phrases.temporary)))
    if not shown.options.verbose:
        yield from titled("Notes (! look first)", notes_table(shown.notes))
    left = [Text(f"! {sentence}", "yellow") for sentence in _left(review, shown)]
    yield from titled("Unmanaged accounts to look at", left)
    breaches = phrases.exceeded(review)
    said = [Text(f"{sentence} An apply needs {flag}.", "red") for sentence, flag in breaches]
    yield from titled("Safety limits exceeded", said)


def _left(review: Review, shown: ReviewView) -> Iterator[str]:
    """Yield the accounts that left the standard, and other unmanaged accounts to look at."""
    for one in review.left_behind:
        books = shown.books(one.plans)
        if one.standard:
            label = visible(one.label)
            yield f"{phrases.LEFT_STANDARD}: {label}, unmanaged in {full_stop(books)}"
        else:
            yield f"{visible(one.sentence)} (in {books})"
    if any(one.standard for one in review.left_behind):
        yield phrases.ARCHIVE_THEM
