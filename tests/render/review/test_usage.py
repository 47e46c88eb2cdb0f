"""What still uses an account in many organisations: one sentence in the row of its change."""

from __future__ import annotations

import io
import re
from datetime import date
from decimal import Decimal
from functools import cache

import pytest
from organisations.test_group_usage import archiving, blocking
from rich.console import Console

from render.hostile import ATTACKS, Page, assert_quiet
from render.plans import SECRET
from render.practice import hostile_review
from render.test_published_schemas import NOW
from xerosync.cli.options import PlanFormat
from xerosync.cli.report import PlanReport
from xerosync.cli.terminal import Terminal
from xerosync.organisations.group_usage import Balances, GroupUsage
from xerosync.organisations.review import Review
from xerosync.render.markdown_page import size
from xerosync.render.plan.annotations import checked_plans
from xerosync.render.plan.terminal_view import ViewOptions
from xerosync.render.review.html import review_as_html
from xerosync.render.review.markdown import review_as_markdown
from xerosync.render.review.usage import brief_group, group_sentence
from xerosync.text import json_text
from xerosync.usage import NOTHING, Balance, RepeatingInvoice, Unknown, Usage, UsageKind

DAY = date(2026, 11, 24)
KINDS = tuple(UsageKind)
NZD = Balances("NZD", 12, Decimal("31204.50"), NOTHING)


def usage(
    *balances: Balances,
    counts: tuple[int, int, int, int] = (0, 0, 0, 0),
    unknown: tuple[int, int, int, int] = (0, 0, 0, 0),
    partly: int = 0,
) -> GroupUsage:
    return GroupUsage(balances, *counts, dict(zip(KINDS, unknown, strict=True)), partly)


@pytest.mark.parametrize(
    ("found", "said", "brief"),
    [
        (
            usage(NZD, counts=(41, 3, 2, 40), unknown=(5, 5, 5, 5), partly=5),
            ("In 12 of 187 it has a balance, NZD 31,204.50 debit in total. Used by items in 3,"
            " repeating invoices in 2, contacts' defaults in 40; usage not fully known in 5."),
            "balance in 12, in use in 41",
        ),
        (usage(), "Balance 0.00 in all 187; nothing known to use it.", ""),
        (
            usage(unknown=(5, 0, 0, 0), partly=5),
            "Balance 0.00 in 182 of 187; nothing known to use it; usage not fully known in 5.",
            "",
        ),
        (
            usage(
                Balances("NZD", 186, Decimal("7.00"), Decimal("1000.00")),
                Balances("AUD", 1, NOTHING, Decimal("0.50")),
            ),
            ("In all 187 it has a balance: NZD 7.00 debit and 1,000.00 credit in 186;"
            " AUD 0.50 credit in 1; nothing known to use it."),
            "balance in 187",
        ),
        (
            usage(counts=(1_000, 0, 0, 1_000), unknown=(187, 0, 0, 0)),
            "Used by contacts' defaults in 1,000.",
            "in use in 1,000",
        ),
        (usage(NZD, unknown=(0, 187, 187, 187)),
         "In 12 of 187 it has a balance, NZD 31,204.50 debit in total.", "balance in 12"),
        (usage(unknown=(0, 0, 187, 187)), "Balance 0.00 in all 187; no items use it.", ""),
        (usage(unknown=(187, 187, 187, 187)), "", ""),
    ],
)  # fmt: skip
def test_a_sentence_says_in_how_many_organisations_an_account_is_used(
    found: GroupUsage, said: str, brief: str
) -> None:
    assert group_sentence(found, 187) == said
    assert brief_group(found) == brief


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_a_hostile_currency_does_nothing_in_a_terminal(attack: str) -> None:
    assert_quiet(group_sentence(usage(Balances(attack, 1, NOTHING, Decimal("1.00"))), 2))


@cache
def review(number: int = 187) -> Review:
    """Return a review in which an account is retired that twelve books still use."""
    scope = "accounting.contacts.read"
    unread = (Unknown(UsageKind.CONTACTS, f"the sign-in lacks {scope}", scope),)
    plans = []
    for n in range(number):
        balances = {"id-461": Balance(Decimal("2600.375").quantize(NOTHING))} if n < 12 else {}
        items = {"id-461": ("TOOL", f"NAIL{n}")} if n < 3 else {}
        invoices = {"id-461": (RepeatingInvoice("Totara Trust", date(2026, 12, 1)),)}
        plans.append(
            archiving(
                n, Usage(DAY, balances, items, invoices if n < 2 else {}, None, unread)
            )
        )  # fmt: skip
    return Review.of(plans)


SENTENCE = (
    "In 12 of 187 it has a balance, NZD 31,204.56 debit in total. Used by items in 3, repeating"
    " invoices in 2."
)
READ = (
    "Balances are as at 24 November 2026",
    "Contacts not known: the sign-in lacks `accounting.contacts.read`",
)


def shown(
    found: Review, view: ViewOptions | None = None, *, width: int = 80, brief: bool = False
) -> str:
    file = io.StringIO()
    console = Console(file=file, width=width, markup=False, emoji=False, highlight=False)
    Terminal(console, console).show_review(found, view, brief=brief)
    return file.getvalue()


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_row_says_in_text_what_uses_the_account(width: int) -> None:
    text = squeezed(shown(review(), width=width))
    for said in (SENTENCE, *READ):
        assert text.count(squeezed(said)) == 1


def test_a_brief_review_says_in_a_few_words_what_uses_an_account() -> None:
    text = shown(review(), brief=True)
    assert "- 461 Printing  archive in all 187; balance in 12, in use in 3 !\n" in text
    assert f"{READ[0]} (in all 187).\n" in text


def test_the_row_says_in_markdown_what_uses_the_account_in_10_kb_at_most() -> None:
    text = review_as_markdown(review())
    assert f"| archive | **461** Printing | {SENTENCE} | all 187 |" in text
    assert f"\n{READ[0]} (in all 187).\n" in text
    assert size(review_as_markdown(review(1_000))) <= 10_000


def test_the_page_says_what_uses_the_account_in_the_row_and_for_each_organisation() -> None:
    text = " ".join("".join(Page(review_as_html(review())).texts).split())
    assert text.count(SENTENCE) == 1
    assert text.count("Balance NZD 2,600.38 debit") == 12
    assert "Company 2: Balance NZD 2,600.38 debit. Used by items TOOL, NAIL2." in text
    assert "Company 12:" not in text
    assert f"{READ[0]} (in all 187)." in text


def test_a_thousand_different_reasons_are_counted() -> None:
    """One that many organisations share comes first."""
    plans = []
    for n in range(1_000):
        reason = "Xero is down" if n % 2 else f"Xero answered {'so ' * 99}{n}"
        plans.append(archiving(n, Usage(DAY, {}, {}, {}, None, (Unknown(KINDS[3], reason),))))
    found = Review.of(plans)
    text = review_as_markdown(found)
    assert size(text) <= 10_000
    assert "\nContacts not known: Xero is down (in 500 organisations).\n" in text
    assert "\n497 more remarks on usage (in 497 organisations).\n" in text
    for shown_as in (shown(found), shown(found, brief=True), review_as_html(found)):
        assert shown_as.count("Xero answered") == 3


def test_an_annotation_says_once_what_uses_the_account() -> None:
    found = [one for file in checked_plans(review().plans) for one in file.problems]
    messages = [one.message for one in found if one.rule == "look-first"]
    said_first = "move whatever uses it to another account."
    assert messages[0].endswith(f" {said_first} {SENTENCE} (in all 187 organisations)")
    assert [said for said in messages if "Balance" in said or "balance," in said] == messages[:1]


def test_saved_plans_are_shown_as_they_were_made() -> None:
    made = PlanReport(review().plans[:30], NOW)
    text = made.text(PlanFormat.JSON)
    saved = PlanReport.of_saved(text, "plan.json")
    assert "it has a balance" in made.text(PlanFormat.MARKDOWN)
    for one in (PlanFormat.MARKDOWN, PlanFormat.HTML, PlanFormat.JSON):
        assert saved.text(one) == made.text(one)
    assert shown(saved.review) == shown(made.review)


def test_a_row_of_blocks_says_in_how_many_books_the_account_is_used() -> None:
    found = Review.of(blocking())
    balance = "In 2 of 3 it has a balance, NZD 1,204.50 debit and 7.00 credit in total."
    said = f"{balance} Used by items in 2."
    assert squeezed(said) in squeezed(shown(found))
    assert f"and this account … {said} | Bring its balance" in review_as_markdown(found)
    page = " ".join("".join(Page(review_as_html(found)).texts).split())
    assert said in page
    for one in ("Company 0: Balance NZD 1,204.50 debit", "Company 2: Balance NZD 0.00. Used by"):
        assert one in page
    assert page.count("Company 4:") == 0


def test_the_usage_in_one_organisation_is_said_as_in_its_plan_with_the_currency() -> None:
    alone = Review.of(review().plans[1:2])
    said = (
        "Balance NZD 2,600.38 debit. Used by items TOOL, NAIL1; 1 repeating invoice"
        " (next on 1 December 2026)."
    )
    assert squeezed(said) in squeezed(shown(alone))
    assert said in review_as_markdown(alone)
    assert said in " ".join("".join(Page(review_as_html(alone)).texts).split())
    assert "archive in Company 1; balance NZD 2,600.38 debit, in use" in shown(alone, brief=True)


def test_plans_whose_usage_was_not_read_do_not_mention_usage() -> None:
    found = Review.of([archiving(number, None) for number in range(3)])
    for text in (
        shown(found), shown(found, brief=True), review_as_markdown(found), review_as_html(found)
    ):  # fmt: skip
        assert not re.search("as at|not known|nothing known|Balance 0", text)


def test_no_document_has_the_names_of_contacts() -> None:
    found = hostile_review("EVIL")
    texts = (review_as_markdown(found), review_as_html(found), json_text(found.to_json()))
    for text in (*texts, shown(found), shown(found, brief=True)):
        assert SECRET not in text
    assert "EVIL item" in "".join(texts[1])
