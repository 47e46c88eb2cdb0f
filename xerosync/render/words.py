"""Words that text, Markdown and HTML share: counts, values, fields and organisations.

All returned text has gone through `visible`, except text that is only cut or capitalised. Each
output format quotes it in its own way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote

from xerosync.desired import Source
from xerosync.model import Organisation, Value, code_key, display
from xerosync.plan.plan import Action, Change, FieldChange, Origin, Plan
from xerosync.text import visible

DESTRUCTIVE_FIRST = (
    Action.DELETE, Action.ARCHIVE, Action.UPDATE, Action.RESTORE, Action.CREATE,
)  # fmt: skip
"""The order of actions on pages for approvers: destructive ones first."""

ORIGIN: Mapping[Origin, str] = {
    Origin.UNKNOWN: "",
    Origin.FILE: "changed in the file",
    Origin.XERO: "edited in Xero since the last apply",
    Origin.BOTH: "changed in the file and in Xero",
    Origin.LEFT: "left over from an earlier apply",
}

TYPE: Mapping[str, str] = {
    "BANK": "bank account",
    "CURRENT": "current asset",
    "CURRLIAB": "current liability",
    "DEPRECIATN": "depreciation",
    "DIRECTCOSTS": "direct costs",
    "EQUITY": "equity",
    "EXPENSE": "expense",
    "FIXED": "fixed asset",
    "INVENTORY": "inventory",
    "LIABILITY": "liability",
    "NONCURRENT": "non-current asset",
    "OTHERINCOME": "other income",
    "OVERHEADS": "overhead",
    "PAYG": "PAYG liability",
    "PREPAYMENT": "prepayment",
    "REVENUE": "revenue",
    "SALES": "sales",
    "TERMLIAB": "non-current liability",
}
"""Xero's account types, in the words of Xero's screens."""

_STATUS = {
    Action.ARCHIVE: ("ACTIVE", "ARCHIVED"),
    Action.RESTORE: ("ARCHIVED", "ACTIVE"),
    Action.DELETE: ("in the chart", "deleted for good"),
}


class FieldRow(NamedTuple):
    """One field of an account, not quoted yet. `before` is "" if the account is new."""

    label: str
    before: str
    after: str

    def line(self, arrow: str = "→") -> str:
        """Return the field with its values, such as "name: Sales → Revenue"."""
        return f"{self.label}: {self.before}{f' {arrow} ' if self.before else ''}{self.after}"


def field_rows_of(change: Change) -> tuple[FieldRow, ...]:
    """Return a row for each field that a change sets, after a row for the status if it changes.

    A new account has no rows for its code and name, because the heading shows them.
    """
    is_new = change.account is None
    in_heading = ("code", "name") if is_new else ()
    fields = (changed for changed in change.fields if changed.field not in in_heading)
    return action_rows(change.action, fields, is_new=is_new)


def action_rows(
    action: Action, fields: Iterable[FieldChange], *, is_new: bool
) -> tuple[FieldRow, ...]:
    """Return a row for the status, if the action changes it, and for each field."""
    status = [FieldRow("status", *_STATUS[action])] if action in _STATUS else []
    rows = map(field_row, fields)
    return (*status, *(row._replace(before="") if is_new else row for row in rows))


def field_row(changed: FieldChange) -> FieldRow:
    """Return the row of a field that changes."""
    was, becomes = changed.shown
    before, after = changed.before_label, changed.after_label
    return FieldRow(changed.label, value_text(was, before), value_text(becomes, after))


def value_text(value: Value, label: str = "") -> str:
    """Return a field's value as people read it. `label` is the value's name in Xero, if any."""
    return visible(display(value, label, empty="(none)"))


def capital(text: str) -> str:
    """Return text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def shorten(text: str, most: int) -> str:
    """Return text cut to at most this many characters, with an ellipsis if it is cut."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def shorten_both(before: str, after: str, most: int) -> tuple[str, str]:
    """Return two texts cut to at most this many characters, so that a reader sees a difference.

    If the first difference is too far from the start, both texts start a little before it.
    """
    shorter = min(len(before), len(after))
    first = next((at for at in range(shorter) if before[at] != after[at]), shorter)
    start = first - most // 4
    if max(len(before), len(after)) <= most or before == after or first < most // 2:
        start = 0
    if start:
        before, after = f"…{before[start:]}", f"…{after[start:]}"
    return shorten(before, most), shorten(after, most)


def counts_of(count: Mapping[str, int]) -> str:
    """Return the numbers of changes in words: "2 to archive, 1 blocked", or "no changes"."""
    parts = [f"{count[action]} to {action}" for action in DESTRUCTIVE_FIRST if count[action]]
    parts += [f"{count['blocked']} blocked"] if count["blocked"] else []
    return ", ".join(parts) or "no changes"


def blocked_title(changes: int, reasons: int, where: str = "") -> str:
    """Return the title of a list of blocked changes, such as "2 blocked, for 3 reasons"."""
    more = f", for {reasons:,} reasons" if reasons > changes else ""
    return f"{changes:,} blocked{where}{more}"


def no_changes(plan: Plan) -> str:
    """Return one or two sentences on why there is nothing to do."""
    if not plan.desired.partial:
        current = "Xero" if plan.organisation.tenant_id else "The CSV"
        return f"No changes. {current} matches {visible(plan.file)}."
    return f"No changes: {nothing_to_undo([plan])}."


def nothing_to_undo(plans: Iterable[Plan]) -> str:
    """Return a clause on why rollbacks with these empty plans change nothing."""
    notes = any(plan.desired.notes for plan in plans)
    return "what is left of the run cannot be undone" if notes else "nothing is left to undo"


def untouched(plan: Plan) -> str:
    """Return the counts of unchanged entries and unmanaged accounts: "3 unchanged, …"."""
    count = plan.summary
    return f"{count['unchanged']} unchanged, {count['unmanaged']} unmanaged"


def facts(organisation: Organisation) -> str:
    """Return an organisation's short code, country, currency, and "demo company" if it is one."""
    known = [organisation.short_code, organisation.country_code, organisation.base_currency]
    known += ["demo company"] if organisation.is_demo_company else []
    return visible(", ".join(fact for fact in known if fact))


def temporary_values(plan: Plan) -> tuple[tuple[int, str], ...]:
    """Return the index of a change, and a sentence, for each step that sets temporary values."""
    return tuple(
        (
            step.change,
            visible(
                f"{plan.changes[step.change].label} temporarily becomes "
                f"{' and '.join(str(value) for value in step.values.values())}: {step.purpose}."
            ),
        )
        for step in plan.steps
        if step.purpose
    )


def in_reading_order(plan: Plan) -> tuple[tuple[int, Change], ...]:
    """Return pairs of an index in the plan and a change, with destructive actions first."""
    order = DESTRUCTIVE_FIRST.index
    return tuple(sorted(enumerate(plan.changes), key=lambda item: order(item[1].action)))


def concerns(codes: Sequence[str], *held: str) -> bool:
    """Whether `codes` is empty, or selects an account that has or had the codes `held`."""
    wanted = {code_key(code) for code in codes}
    return not wanted or not wanted.isdisjoint(code_key(code) for code in held)


def line_of(source: Source, file: str) -> str:
    """Return a place as "12", or as "standard.yaml:12" if it is not in `file`; "" if unknown."""
    elsewhere = source.line and source.file != file
    return visible(str(source)) if elsewhere else str(source.line or "")


def chart_address(organisation: Organisation) -> str:
    """Return the address of the organisation's chart in Xero; "" if its short code is unknown.

    The form with `shortcode` and `redirecturl` is documented by Xero (API guides, Deep link to
    Xero). It opens the right organisation. Xero documents no address for a single account.
    """
    code = organisation.short_code
    if not code:
        return ""
    quoted = quote(code, safe="!-", errors="backslashreplace")
    return (
        f"https://go.xero.com/organisationlogin/default.aspx?shortcode={quoted}"
        "&redirecturl=/GeneralLedger/ChartOfAccounts.aspx"
    )
