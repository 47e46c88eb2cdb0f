"""The draft of an overlay: the file of an organisation that joins a standard.

An overlay is a chart file that extends standards. The draft is the organisation's present chart
file, or the beginning of a new one. If the file does not extend standards yet, `extends` is added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xerosync.chartfile.chart_file import ChartFile
from xerosync.chartfile.edit.first_file import extends_line, new_overlay, relative_paths
from xerosync.chartfile.edit.layout import Layout
from xerosync.chartfile.edit.overrides import Inheritance
from xerosync.chartfile.edit.representable import organisation_field
from xerosync.chartfile.edit.text_edits import TextEdits
from xerosync.chartfile.library import Library
from xerosync.chartfile.near_names import near_names
from xerosync.chartfile.syntax import nodes
from xerosync.chartfile.syntax.source import decode, read
from xerosync.desired import DesiredAccount, DesiredChart, Source
from xerosync.model import Chart, Organisation, name_key
from xerosync.organisations.adopt.adoption import FileDecision, Joining, Verdict
from xerosync.organisations.adopt.suggested import Suggestion, suggest
from xerosync.organisations.book import Book
from xerosync.plan.matching.match import Match, MatchedBy, match
from xerosync.plan.organisation import check_organisation

_SAYS_WHICH = (MatchedBy.ACCOUNT_ID, MatchedBy.PREVIOUSLY, MatchedBy.OVERRIDDEN)


@dataclass(frozen=True, slots=True)
class OverlayDraft:
    """The overlay of one organisation, to be edited in `text`.

    `before` are the bytes of its file, empty if there is none, and `desired` is its content.
    """

    path: str
    before: bytes
    text: str
    inheritance: Inheritance
    desired: DesiredChart | None
    joins: bool
    """Whether the file extended nothing before."""

    def joining(self, chart: Chart) -> Joining:
        """Return the accounts of organisation and standard, and the decisions already in the file.

        Raises `ChartError` if it is ambiguous which account an entry means.
        """
        before = self.inheritance.before
        found = match(chart, self.desired) if self.desired else ()
        matches = () if self.joins else found
        standard = {one.account.inherited: one.account for one in before.accounts}
        omitted = self.desired.omitted if self.desired else ()
        return Joining(
            chart.organisation,
            chart.accounts,
            tuple(standard.values()),
            chart.tax_rates,
            self.path if self.desired else "",
            frozenset(a.account.inherited for a in before.accounts if not a.overridable),
            dict(filter(None, (_settled(one, standard, self.path) for one in matches))),
            {
                one.inherited: one
                for one in (self.desired.accounts if self.desired else ())
                if one.inherited in standard and one.source.file == self.path
            },
            {one.inherited: "; ".join(one.reasons) for one in omitted if one.inherited in standard},
            {
                one.account.account_id: one.desired
                for one in found
                if one.account and not one.desired.inherited.file
            },
        )


def _settled(
    found: Match, standard: dict[Source, DesiredAccount], file: str
) -> tuple[str, FileDecision] | None:
    """Return an account's id and the file's decision about it; None if there is no decision."""
    entry, account = found.desired, found.account
    if account is None:
        return None
    if not entry.inherited.file:
        verdict = Verdict.OWN if entry.status == "ACTIVE" else Verdict.ARCHIVE
        return account.account_id, FileDecision(verdict)
    named = "name" not in entry.values or name_key(account.name) == name_key(entry.name)
    if entry.source.file == file and (named or found.by in _SAYS_WHICH):
        return account.account_id, FileDecision(Verdict.STANDARD, standard.get(entry.inherited))
    return None


@dataclass(frozen=True, slots=True)
class Adoptee:
    """An organisation that joins the standard: its overlay, its chart, and suggested matches."""

    draft: OverlayDraft
    chart: Chart
    joining: Joining
    suggestions: tuple[Suggestion, ...]

    @classmethod
    def of(cls, book: Book, path: str, standards: Sequence[str], library: Library) -> Adoptee:
        """Return the organisation of a book; `path` is that of its overlay, new or not.

        Raises `WrongOrganisation` if the overlay names another organisation. Raises `ChartError` if
        it is invalid or ambiguous, or if these `standards` are invalid.
        """
        if book.desired:
            check_organisation(book.desired.organisation, book.chart.organisation)
        draft = _draft(book, path, standards, library)
        joining = draft.joining(book.chart)
        return cls(draft, book.chart, joining, suggest(joining, near_names))


def _draft(book: Book, path: str, standards: Sequence[str], library: Library) -> OverlayDraft:
    """Return an overlay's draft, whose text extends `standards` if its file has no `extends`."""
    organisation, desired = book.chart.organisation, book.desired
    before = read(path) if desired else b""
    extends = relative_paths(standards, path)
    new = new_overlay(organisation, extends)
    if before.strip():
        text = decode(before, path)
        joins = "extends" not in Layout(text).root.pairs
    else:
        before, text, desired, joins = b"", new, None, True
    if joins:
        library.require(ChartFile(new.encode(), path))
        text = _with_standards(text, organisation, extends) if before else new
    chart_file = ChartFile(text.encode(), path)
    chart_file.report.close()
    inheritance = Inheritance(chart_file, library)
    return OverlayDraft(chart_file.file, before, text, inheritance, desired, joins)


def _with_standards(text: str, organisation: Organisation, extends: Sequence[str]) -> str:
    """Return the text of a file with `extends` added, and `country` if that is missing."""
    edits = TextEdits(Layout(text))
    layout = edits.layout
    key, node = layout.root.pairs["organisation"]
    line = extends_line(extends)
    if layout.root.flow:
        edits.insert(key.offset, f"{line}, ")
    else:
        edits.insert_lines(layout.line_start(key.offset), line + layout.line_end)
    country = organisation_field(organisation.country_code)
    if country and isinstance(node, nodes.Mapping) and "country" not in node.pairs:
        edits.set_value(node, "country", country)
    return edits.apply()
