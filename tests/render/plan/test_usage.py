"""What still uses an account, in each view of a plan: in its change, and names only on request."""

from __future__ import annotations

import io
import re
from datetime import date
from decimal import Decimal
from functools import cache

import pytest
from builders import ARCHIVED, account, chart, entry, wanted
from rich.console import Console

from render.hostile import Page
from render.plans import SECRET, hostile_plan
from render.test_published_schemas import NOW
from xerosync.cli.terminal import Terminal
from xerosync.plan.build import build
from xerosync.plan.plan import Plan
from xerosync.plan.saved.serialize import document_text
from xerosync.plan.usage import ReadNow
from xerosync.render.plan.annotations import checked_plans
from xerosync.render.plan.html import plan_as_html
from xerosync.render.plan.markdown import plan_as_markdown
from xerosync.render.plan.terminal_view import ViewOptions
from xerosync.usage import Balance, RepeatingInvoice, Unknown, Usage, UsageKind

READ = date(2026, 11, 24)
USED = Usage(
    READ,
    {"id-461": Balance(Decimal("1204.50"), moved=True)},
    {"id-461": ("TOOL", "NAIL")},
    {"id-461": (RepeatingInvoice("Totara Trust", date(2026, 12, 1)),)},
    {"id-461": tuple(f"Contact {n}" for n in range(12))},
)
SENTENCE = (
    "Balance 1,204.50 debit (with transactions since the year end). Used by items TOOL, NAIL; 1"
    " repeating invoice (next on 1 December 2026); default account of 12 contacts."
)
UNREAD = Usage(READ, unknown=tuple(Unknown(kind, "Xero answered 500") for kind in UsageKind))


@cache
def plan(usage: Usage | None = USED) -> Plan:
    return build(
        chart(account("461", "Printing"), account("463", "Software"), account("200")),
        wanted(
            entry("461", "Printing", status=ARCHIVED),
            entry("463", "Software", status=ARCHIVED),
            entry("200", name="Sales"),
        ),
        ReadNow(usage, names=True) if usage else None,
    )


def shown(
    made: Plan, view: ViewOptions | None = None, *, width: int = 80, brief: bool = False
) -> str:
    file = io.StringIO()
    console = Console(file=file, width=width, markup=False, emoji=False, highlight=False)
    Terminal(console, console).show(made, view, brief=brief)
    return file.getvalue()


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("width", [40, 80, 120])
def test_each_change_says_what_uses_its_account(width: int) -> None:
    text = squeezed(shown(plan(), width=width))
    assert text.count(squeezed(SENTENCE)) == 1
    assert text.count(squeezed("Balance 0.00; nothing known to use it.")) == 1
    assert text.count(squeezed("Balances are as at 24 November 2026.")) == 1


def test_a_brief_plan_says_in_a_few_words_what_uses_an_account() -> None:
    lines = shown(plan(), brief=True).splitlines()
    assert "- 461 Printing  archive, balance 1,204.50 debit, in use !" in lines
    assert "- 463 Software  archive !" in lines
    assert "Balances are as at 24 November 2026." in lines


def test_names_of_contacts_are_shown_with_verbose_only() -> None:
    assert not re.search("Totara|Contact 1", shown(plan()))
    verbose = squeezed(shown(plan(), ViewOptions(verbose=True)))
    assert squeezed("(next on 1 December 2026; Totara Trust)") in verbose
    assert squeezed("12 contacts (Contact 0, Contact 1,") in verbose


def test_unknown_usage_is_reported_once_in_a_plan_and_not_in_each_change() -> None:
    said = (
        "Balances, items, repeating invoices and contacts not known: Xero answered 500."
    )  # fmt: skip
    for text in (
        shown(plan(UNREAD), width=120),
        shown(plan(UNREAD), brief=True),
        plan_as_markdown(plan(UNREAD)),
        plan_as_html(plan(UNREAD)),
    ):
        assert text.count("not known") == text.count(said) == 1
        assert not re.search("nothing known|as at|Still used|class=.used", text)


def test_a_plan_whose_usage_was_not_read_does_not_mention_usage() -> None:
    for text in (shown(plan(None)), plan_as_markdown(plan(None)), plan_as_html(plan(None))):
        assert not re.search("Balances? (are|0)|known to use|Still used|class=.used", text)


def test_the_usage_of_accounts_left_out_by_only_is_not_shown() -> None:
    text = shown(plan(), ViewOptions(only=("200",)))
    assert "1,204.50" not in text
    assert "as at" not in text


def test_markdown_has_a_usage_column_only_in_tables_that_need_one() -> None:
    text = plan_as_markdown(plan())
    assert "| Account | Type | Also | Still used | Notes | Line |" in text
    assert f"| **461** Printing | EXPENSE |  | {SENTENCE} | " in text
    assert "| Account | Field | Before | After | Notes | Line |" in text
    assert text.count("\nBalances are as at 24 November 2026.\n") == 1


def test_the_page_says_in_the_change_what_uses_the_account() -> None:
    text = " ".join("".join(Page(plan_as_html(plan())).texts).split())
    assert text.count(SENTENCE) == 1
    assert text.count("Balances are as at 24 November 2026.") == 1


def test_an_annotation_says_what_uses_the_account_after_its_warning() -> None:
    (file,) = checked_plans([plan()])
    messages = [one.message for one in file.problems if one.message.startswith("46")]
    assert messages[0].startswith("461 Printing: First bring its balance to zero, and move ")
    assert messages[0].endswith(f" {SENTENCE}")
    assert not [said for said in messages[1:] if "Balance" in said or "Contact 1" in said]


def test_no_document_has_the_names_of_contacts() -> None:
    made = hostile_plan("EVIL")
    assert SECRET in "".join(shown(made, ViewOptions(verbose=True), width=1_000))
    for text in (
        plan_as_markdown(made), plan_as_html(made), document_text([made], NOW), shown(made),
        shown(made, brief=True),
    ):  # fmt: skip
        assert squeezed("EVIL item") in squeezed(text) or "in use" in text
        assert SECRET not in text
