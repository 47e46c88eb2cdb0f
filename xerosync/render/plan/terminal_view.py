"""The part of a plan that a terminal shows, and texts that the terminal formats share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.style import Style
from rich.text import Text

from xerosync.model import Account
from xerosync.plan.plan import Action, Blocked, Change, Plan
from xerosync.render.account_usage import usage_read, usage_sentence
from xerosync.render.plan.footnotes import Footnotes
from xerosync.render.words import (
    ORIGIN,
    FieldRow,
    chart_address,
    concerns,
    facts,
    field_rows_of,
    temporary_values,
)
from xerosync.text import arrow, series, visible

STYLE = {
    Action.CREATE: "green",
    Action.UPDATE: "yellow",
    Action.RESTORE: "cyan",
    Action.ARCHIVE: "red",
    Action.DELETE: "bold red",
}


@dataclass(frozen=True, slots=True)
class ViewOptions:
    """What to show of a plan, and on what terminal.

    `only` has the codes of the accounts to show; () shows all. `verbose` lists everything, and
    writes warnings and reasons below their change. `width` is in columns. `plain` writes the arrow
    in ASCII. `links` writes links, for terminals that support them.
    """

    verbose: bool = False
    only: tuple[str, ...] = ()
    width: int = 80
    plain: bool = False
    links: bool = False

    @property
    def arrow(self) -> str:
        """The arrow between the values before and after."""
        return arrow(plain=self.plain)

    def field(self, row: FieldRow) -> Text:
        """Return a field with its values in colours."""
        line = Text(f"{row.label}: ")
        if row.before:
            line.append(row.before, "red").append(f" {self.arrow} ")
        return line.append(row.after, "green")


def why_blocked(item: Blocked, used: str = "") -> Text:
    """Return why a change is blocked, what uses the account, the hint, and the id of the rule."""
    why = Text(visible(item.reason))
    if used:
        why.append("\n" + used)
    if item.hint:
        why.append("\n" + visible(item.hint), "cyan")
    return why.append(f"\n[{visible(item.rule)}]", "dim")


class PlanView:
    """One plan, with the options applied: the selected changes, and their texts."""

    def __init__(self, plan: Plan, options: ViewOptions) -> None:
        self.plan = plan
        self.options = options
        self.changes = tuple(
            (index, change)
            for index, change in enumerate(plan.changes)
            if concerns(
                options.only, change.code, change.account.code if change.account else change.code
            )
        )
        self.blocked: tuple[Blocked, ...] = tuple(
            b for b in plan.blocked if concerns(options.only, b.code, *self._former_codes(b))
        )
        self.unmanaged: tuple[Account, ...] = tuple(
            a for a in plan.unmanaged if concerns(options.only, a.code)
        )
        self.notes = Footnotes(self.changes)
        self._link = chart_address(plan.organisation) if options.links else ""

    def of(self, action: Action) -> tuple[Change, ...]:
        """Return the selected changes with this action."""
        return tuple(change for _, change in self.changes if change.action is action)

    def temporary_values(self) -> tuple[str, ...]:
        """Return a sentence for each selected change that needs a temporary code or name."""
        shown = {index for index, _ in self.changes}
        return tuple(text for index, text in temporary_values(self.plan) if index in shown)

    def usage_read(self) -> str:
        """Return the balances' date and the unknown usage; "" if no selected change has `usage`."""
        return usage_read(self.plan, (*(change for _, change in self.changes), *self.blocked))

    def account(self, text: str, *, known: bool, style: str = "") -> Text:
        """Return a code or name. With `links`, it links to the chart if it is `known` to Xero."""
        linked = Style.parse(style or "none")
        if self._link and known:
            linked += Style(link=self._link)
        return Text(visible(text), linked)

    def fields(self, change: Change) -> list[Text]:
        """Return a line for each changed field, then lines on usage and origin.

        If `verbose`, warnings and reasons follow.
        """
        lines = list(map(self.options.field, field_rows_of(change)))
        if change.usage and (used := usage_sentence(change.usage, names=self.options.verbose)):
            lines.append(Text(used))
        if change.origin:
            lines.append(Text(ORIGIN[change.origin], "dim"))
        if self.options.verbose:
            lines += [Text(f"! {visible(warning)}", "yellow") for warning in change.warnings]
            lines += [Text(visible(reason), "dim") for reason in change.reasons]
        return lines

    def heading(self) -> Iterator[Text]:
        """Yield the organisation and the file, and then the selected codes if `only` has any."""
        organisation = self.plan.organisation
        text = self.account(organisation.name, known=True, style="bold")
        known = facts(organisation)
        line = Text().append_text(text).append(f" ({known})" if known else "", "dim")
        yield line.append(visible(f"  from {self.plan.file}"), "dim")
        codes = ", ".join(visible(code) for code in self.options.only)
        if codes and (self.changes or self.blocked or self.unmanaged):
            yield Text(f"Only {codes} shown; the summary below is of the whole plan.", "bold")
        elif codes:
            either = visible(series(self.options.only, "or"))
            yield Text(f"Nothing in this plan has the code {either}.", "bold")

    def _former_codes(self, item: Blocked) -> tuple[str, ...]:
        entry = self.plan.entry_of(item)
        return entry.previously if entry else ()
