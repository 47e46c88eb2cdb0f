"""How a plan is to be shown on a terminal, and the pieces of text that all its views share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.style import Style
from rich.text import Text

from xerosync.model import Account
from xerosync.plan.plan import Action, Blocked, Change, Plan
from xerosync.render.plan.footnotes import Note, Notes
from xerosync.render.words import (
    ORIGIN,
    Row,
    chart_address,
    codes_of,
    concerns,
    detours,
    facts,
    rows,
)
from xerosync.text import visible

STYLE = {
    Action.CREATE: "green",
    Action.UPDATE: "yellow",
    Action.RESTORE: "cyan",
    Action.ARCHIVE: "red",
    Action.DELETE: "bold red",
}


@dataclass(frozen=True, slots=True)
class View:
    """What to show of a plan, and on what.

    `only` are the codes to show, () for all. `verbose` puts notes in their place and lists
    everything. `width` is in columns, `plain` is for a terminal that shows ASCII alone, and
    `links` is for one that can follow a link.
    """

    verbose: bool = False
    only: tuple[str, ...] = ()
    width: int = 80
    plain: bool = False
    links: bool = False

    @property
    def arrow(self) -> str:
        """What stands between before and after."""
        return "->" if self.plain else "→"


class Shown:
    """One plan as a view shows it: what is left of it, and how each piece is written."""

    def __init__(self, plan: Plan, view: View) -> None:
        self.plan = plan
        self.view = view
        self.changes = tuple(
            (index, change)
            for index, change in enumerate(plan.changes)
            if concerns(view.only, *codes_of(change))
        )
        self.blocked: tuple[Blocked, ...] = tuple(
            b for b in plan.blocked if concerns(view.only, b.code, *self._present(b))
        )
        self.unmanaged: tuple[Account, ...] = tuple(
            a for a in plan.unmanaged if concerns(view.only, a.code)
        )
        self._notes = Notes(self.changes)
        self._link = chart_address(plan.organisation) if view.links else ""

    def of(self, action: Action) -> tuple[Change, ...]:
        """Give the changes of one kind."""
        return tuple(change for _, change in self.changes if change.action is action)

    def detours(self) -> tuple[str, ...]:
        """Give the sentences about temporary codes, for what is shown."""
        shown = {index for index, _ in self.changes}
        return tuple(sentence for index, sentence in detours(self.plan) if index in shown)

    def notes(self) -> tuple[tuple[str, Note], ...]:
        """Give every note with its sign, what to look at first before the rest."""
        return tuple((self._sign(n), n) for n in (*self._notes.warnings, *self._notes.reasons))

    def signs(self, change: Change) -> str:
        """Give the signs of a change's notes."""
        return " ".join(self._sign(note) for note in self._notes.of(change))

    def account(self, text: str, *, known: bool, style: str = "") -> Text:
        """Write a code or name, linked to the chart in Xero where it is there already."""
        linked = Style.parse(style or "none")
        if self._link and known:
            linked += Style(link=self._link)
        return Text(visible(text), linked)

    def fields(self, change: Change) -> list[Text]:
        """Write a line for each thing that a change does."""
        lines = [self._field(change, row) for row in rows(change) if row.label != "status"]
        status = next((row for row in rows(change) if row.label == "status"), None)
        if status:
            lines.insert(0, Text(f"status: {status.before} {self.view.arrow} {status.after}"))
        if change.origin:
            lines.append(Text(ORIGIN[change.origin], "dim"))
        if self.view.verbose:
            lines += [Text(f"! {visible(warning)}", "yellow") for warning in change.warnings]
            lines += [Text(visible(reason), "dim") for reason in change.reasons]
        return lines

    def why(self, item: Blocked) -> Text:
        """Write why something is blocked, the way out, and the rule."""
        why = Text(visible(item.reason))
        if item.hint:
            why.append("\n" + visible(item.hint), "cyan")
        return why.append(f"\n[{visible(item.rule)}]", "dim")

    def _field(self, change: Change, row: Row) -> Text:
        line = Text(f"{row.label}: ")
        if change.account is not None:
            line.append(row.before, "red").append(f" {self.view.arrow} ")
        return line.append(row.after, "green")

    def _sign(self, note: Note) -> str:
        if note.warning:
            return f"!{note.number}"
        return str(len(self._notes.warnings) + note.number)

    def _present(self, item: Blocked) -> tuple[str, ...]:
        """Give the codes that the file says a blocked account had before."""
        for entry in self.plan.desired.accounts:
            if entry.source == item.source and entry.source.line:
                return entry.previously
        return ()


def heading(shown: Shown) -> Text:
    """Write whose books these are, and which file the plan is from."""
    plan, organisation = shown.plan, shown.plan.organisation
    text = shown.account(organisation.name, known=True, style="bold")
    known = facts(organisation)
    line = Text().append_text(text).append(f" ({known})" if known else "", "dim")
    return line.append(visible(f"  from {plan.file}"), "dim")


def shown_part(shown: Shown) -> Iterator[Text]:
    """Say that a part is shown, and of what: nobody may take it for the whole."""
    if not shown.view.only:
        return
    codes = ", ".join(visible(code) for code in shown.view.only)
    if shown.changes or shown.blocked or shown.unmanaged:
        yield Text(f"Only {codes} shown; the sum below is of the whole plan.", "bold")
    else:
        yield Text(f"Nothing in this plan has the code {codes}.", "bold")
