"""The words that every renderer has in common: of counts, values, changes and organisations.

All that is given here has been through `visible`; how to quote it is the renderer's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from xerosync.model import Organisation, Value, code_key, display
from xerosync.plan.plan import Action, Change, Origin, Plan
from xerosync.text import visible

DESTRUCTIVE_FIRST = (
    Action.DELETE, Action.ARCHIVE, Action.UPDATE, Action.RESTORE, Action.CREATE,
)  # fmt: skip
"""The order in which somebody who approves reads a plan."""

ORIGIN: Mapping[Origin, str] = {
    Origin.UNKNOWN: "",
    Origin.FILE: "changed in the file",
    Origin.XERO: "edited in Xero since the last apply",
    Origin.BOTH: "changed in the file and in Xero",
    Origin.LEFT: "left over from before",
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
"""Xero's account types as its screens call them."""

_STATUS = {
    Action.ARCHIVE: ("ACTIVE", "ARCHIVED"),
    Action.RESTORE: ("ARCHIVED", "ACTIVE"),
    Action.DELETE: ("in the chart", "deleted for good"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a change: what it is, before and after, ready to be quoted."""

    label: str
    before: str
    after: str


def rows(change: Change) -> tuple[Row, ...]:
    """Give the lines of a change; a create leaves out the code and name that head it."""
    lines = []
    if change.action in _STATUS:
        lines.append(Row("status", *_STATUS[change.action]))
    for changed in change.fields:
        if change.account is not None or changed.field not in ("code", "name"):
            before = spoken(changed.before, changed.before_label)
            after = spoken(changed.after, changed.after_label)
            lines.append(Row(changed.label, before, after))
    return tuple(lines)


def spoken(value: Value, label: str = "") -> str:
    """Give a field's value as people read it; `label` is its name, where it has one."""
    return visible(display(value, label, empty="(none)"))


def shorten(text: str, most: int) -> str:
    """Cut a text to so many characters, with a sign that there was more."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def headline(plan: Plan) -> str:
    """Say what is to be done, the destructive first, and nothing of what is not."""
    count = plan.summary
    parts = [f"{count[action]} to {action}" for action in DESTRUCTIVE_FIRST if count[action]]
    parts += [f"{count['blocked']} blocked"] if count["blocked"] else []
    return ", ".join(parts) or "no changes"


def nothing(plan: Plan) -> str:
    """Say that nothing is to be done, and why."""
    desired = plan.desired
    if not desired.partial:
        return f"No changes. Xero matches {visible(plan.file)}."
    why = "what the run did cannot be undone" if desired.notes else "nothing is left to undo"
    return f"No changes: {why}."


def rest(plan: Plan) -> str:
    """Say how many accounts the plan leaves alone."""
    count = plan.summary
    return f"{count['unchanged']} unchanged, {count['unmanaged']} unmanaged"


def facts(organisation: Organisation) -> str:
    """Give what tells these books from others, in a line."""
    known = [organisation.short_code, organisation.country_code, organisation.base_currency]
    known += ["demo company"] if organisation.is_demo_company else []
    return visible(", ".join(fact for fact in known if fact))


def detours(plan: Plan) -> tuple[tuple[int, str], ...]:
    """Give each account that goes through a temporary code: its change, and a sentence."""
    return tuple(
        (
            step.change,
            visible(
                f"{plan.changes[step.change].label} goes through "
                f"{' and '.join(str(value) for value in step.values.values())}: {step.purpose}."
            ),
        )
        for step in plan.steps
        if step.purpose
    )


def of_action(plan: Plan, action: Action) -> tuple[Change, ...]:
    """Give the changes of one kind."""
    return tuple(change for change in plan.changes if change.action is action)


def in_reading_order(plan: Plan) -> tuple[tuple[int, Change], ...]:
    """Give the changes with their indexes, the destructive kinds first."""
    order = DESTRUCTIVE_FIRST.index
    return tuple(sorted(enumerate(plan.changes), key=lambda item: order(item[1].action)))


def concerns(codes: Sequence[str], *held: str) -> bool:
    """Tell whether an account with these codes is among those asked for; () asks for all."""
    wanted = {code_key(code) for code in codes}
    return not wanted or not wanted.isdisjoint(code_key(code) for code in held)


def codes_of(change: Change) -> tuple[str, ...]:
    """Give the codes that people may know the account by: the new one and the present."""
    return (change.code, change.account.code if change.account else change.code)


def chart_address(organisation: Organisation) -> str:
    """Give the page of these books' chart in Xero; "" where the short code is not known.

    The form with `shortcode` and `redirecturl` is Xero's (API guides, Deep link to Xero),
    and signs in to the right organisation first. A page of one account is not documented.
    """
    code = organisation.short_code
    if not code:
        return ""
    page = quote("/GeneralLedger/ChartOfAccounts.aspx", safe="/")
    start = "https://go.xero.com/organisationlogin/default.aspx"
    return (
        f"{start}?shortcode={quote(code, safe='!-', errors='backslashreplace')}&redirecturl={page}"
    )
