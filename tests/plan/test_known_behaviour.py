"""What a report on Xero's behaviour settles: warnings go, changes are blocked, facts are said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from behaviours import assumed, opposite, report
from builders import ARCHIVED, DELETED, account, chart, entry, new, wanted

from xerosync.desired import DeleteRefused, DesiredAccount
from xerosync.plan.build import build
from xerosync.plan.plan import Plan
from xerosync.xero_behaviour import Behaviour, Question

BANK = account("090", "Main Bank", type="BANK")
FEES = account("404", "Fees", description="Old", reporting_code="EXP")
OTHER = account("405", "Travel", reporting_code="EXP.TRA")
STOCK = account("630", "Stock", type="CURRENT")
DEBTORS = account("610", "Debtors", type="CURRENT", system_account="DEBTORS")
OLD = account("499", "Old Fees", status=ARCHIVED)
CARD = new(
    "091", "Card", type="BANK", bank_account_number="5299123412341234",
    bank_account_type="CREDITCARD",
)  # fmt: skip

Case = tuple[DesiredAccount, str, str, str]
CASES: dict[Question, Case] = {
    Question.CLEAR_DESCRIPTION: (entry("404", description=""), "cleared", "kept", "Clearing the"),
    Question.KNOWN_REPORTING_CODE: (
        entry("404", reporting_code="EXP.TRA"), "stored", "ignored", "Report code EXP.TRA",
    ),
    Question.RETYPE_IN_CLASS: (
        entry("404", type="OVERHEADS"), "accepted", "refused",
        "Changing the type from EXPENSE to OVERHEADS",
    ),
    Question.RETYPE_ACROSS_CLASSES: (
        entry("404", type="CURRENT"), "accepted", "refused",
        "Changing the type from EXPENSE to CURRENT",
    ),
    Question.SYMBOL_FIRST: (new("406", "*Bar"), "accepted", "refused", "The name *Bar starts"),
    Question.PAYMENTS_ON_EXPENSE: (
        entry("404", enable_payments_to_account=True), "accepted", "ignored", "Payments to an",
    ),
    Question.BANK_RENAME: (
        entry("090", "Savings", account_id=BANK.account_id),
        "accepted", "refused", "Changing the name of",
    ),
    Question.BANK_NUMBER: (
        entry("090", account_id=BANK.account_id, bank_account_number="0102030456780"),
        "accepted", "refused", "Changing the bank account number of",
    ),
    Question.CREDIT_CARD: (CARD, "accepted", "refused", "credit card"),
    Question.SYSTEM_RENAME: (
        entry(None, "Receivables", system_account="DEBTORS"),
        "accepted", "refused", "system account DEBTORS",
    ),
}  # fmt: skip
"""For each question: an entry that raises it, the answer that settles it, one that blocks it."""


def planned(
    *entries: DesiredAccount, behaviour: Behaviour | None = None, **options: object
) -> Plan:
    file = wanted(*entries, **options)  # type: ignore[arg-type]
    current = chart(BANK, FEES, OTHER, STOCK, DEBTORS, OLD)
    return build(current, replace(file, behaviour=behaviour))


def warnings(plan: Plan) -> str:
    assert not plan.blocked, plan.blocked
    return " ".join(warning for change in plan.changes for warning in change.warnings)


@pytest.mark.parametrize(("question", "case"), CASES.items())
def test_there_is_no_warning_where_a_report_says_that_xero_accepts_the_change(
    question: Question, case: Case
) -> None:
    desired, taken, _, subject = case
    assert subject in warnings(planned(desired))
    settled = planned(desired, behaviour=report({question: taken}))
    assert subject not in warnings(settled)
    assert settled.steps == planned(desired).steps


@pytest.mark.parametrize(("question", "case"), CASES.items())
def test_a_change_is_blocked_where_the_report_says_that_xero_does_not_make_it(
    question: Question, case: Case
) -> None:
    desired, _, never, subject = case
    plan = planned(desired, behaviour=report({question: never}, text="Not so."))
    assert not plan.steps
    (blocked,) = plan.blocked
    assert blocked.rule == f"xero-{question.replace('_', '-')}"
    assert subject in blocked.reason
    assert "in a test with a demo company in NZ on 2026-11-27" in blocked.reason
    assert ("“Not so”" in blocked.reason) is (never == "refused")
    assert blocked.hint


@pytest.mark.parametrize(("question", "case"), CASES.items())
def test_behaviour_that_the_report_could_not_classify_stays_a_warning(
    question: Question, case: Case
) -> None:
    desired, *_, subject = case
    assert subject in warnings(planned(desired, behaviour=report({question: "other"})))


@pytest.mark.parametrize("desired", [case[0] for case in CASES.values()])
def test_a_report_of_another_country_changes_nothing(desired: DesiredAccount) -> None:
    elsewhere = replace(opposite("AU"), country="AU")
    found = planned(desired, behaviour=elsewhere)
    expected = planned(desired)
    assert (found.changes, found.blocked) == (expected.changes, expected.blocked)


def test_a_system_account_is_not_renamed_while_it_is_restored() -> None:
    archived = replace(DEBTORS, status=ARCHIVED)
    file = wanted(entry(None, "Receivables", system_account="DEBTORS"))
    assert build(chart(archived), file).steps
    refused = report({Question.SYSTEM_RENAME: "refused"})
    (blocked,) = build(chart(archived), replace(file, behaviour=refused)).blocked
    assert blocked.rule == "xero-system-rename"


def test_a_report_code_that_no_account_has_is_in_doubt_unless_xero_stores_any() -> None:
    desired = entry("404", reporting_code="EXP.ZZZ")
    unknown = Question.UNKNOWN_REPORTING_CODE
    assert "Report code EXP.ZZZ" not in warnings(
        planned(desired, behaviour=report({unknown: "stored"}))
    )
    refused = report({unknown: "refused", Question.KNOWN_REPORTING_CODE: "stored"}, text="Bad.")
    assert "in a test with a demo company in NZ on 2026-11-27, saying “Bad”" in warnings(
        planned(desired, behaviour=refused)
    )
    (blocked,) = planned(
        desired, behaviour=report({Question.KNOWN_REPORTING_CODE: "refused"})
    ).blocked
    assert blocked.rule == "xero-known-reporting-code"


def test_a_cleared_report_code_is_sent_where_xero_clears_it() -> None:
    desired = entry("405", reporting_code="")
    assert planned(desired).blocked[0].rule == "never-empty"
    plan = planned(desired, behaviour=report({Question.CLEAR_REPORTING_CODE: "cleared"}))
    assert warnings(plan) == ""
    assert [dict(step.values) for step in plan.steps] == [{"reporting_code": ""}]
    created = new("407", "New", reporting_code="")
    again = planned(created, behaviour=report({Question.CLEAR_REPORTING_CODE: "cleared"}))
    assert again.blocked[0].rule == "never-empty"


@pytest.mark.parametrize(
    ("desired", "question", "answer", "rule"),
    [
        (entry("404", "Fees", status=DELETED), Question.DELETE_UNUSED, "refused", "delete-unused"),
        (
            entry("499", "Old Fees", status=DELETED),
            Question.DELETE_ARCHIVED,
            "refused",
            "delete-archived",
        ),
    ],
)
def test_a_delete_that_xero_never_makes_is_blocked_unless_it_is_archived_instead(
    desired: DesiredAccount, question: Question, answer: str, rule: str
) -> None:
    behaviour = report({question: answer})
    (blocked,) = planned(desired, behaviour=behaviour).blocked
    assert blocked.rule == f"xero-{rule}"
    archived = planned(desired, behaviour=behaviour, delete_refused=DeleteRefused.ARCHIVE)
    assert not archived.blocked
    assert not planned(desired).blocked


def test_an_account_that_xero_never_deletes_keeps_its_code_and_name() -> None:
    """It is archived instead. If the apply was killed then, the next plan was blocked."""
    gone = entry("404", "Fees", status=DELETED, account_id=FEES.account_id)
    refused = report({Question.DELETE_UNUSED: "refused", Question.ARCHIVED_CODE: "accepted"})
    for taker, rule in (
        (entry("404", "Travel", account_id=OTHER.account_id), "code-held"),
        (entry("405", "Fees", account_id=OTHER.account_id), "name-held"),
    ):
        archives = planned(gone, taker, behaviour=refused, delete_refused=DeleteRefused.ARCHIVE)
        (blocked,) = archives.blocked
        assert blocked.rule == rule
        assert "404 Fees has the" in blocked.reason
        assert [step.operation for step in archives.steps] == ["delete"]
        assert not planned(gone, taker, delete_refused=DeleteRefused.ARCHIVE).blocked


def test_a_delete_and_an_archive_say_what_xero_does_with_locked_accounts() -> None:
    gone, kept = entry("404", "Fees", status=DELETED), entry("404", "Fees", status=ARCHIVED)
    assert "or is used by a repeating invoice" in warnings(planned(gone))
    deleted = report({Question.DELETE_LOCKED: "deleted"})
    assert "use by a tracked inventory item does not prevent it" in warnings(
        planned(gone, behaviour=deleted)
    )
    assert "Xero does not archive an account that is used by" in warnings(planned(kept))
    archives = report({Question.ARCHIVE_LOCKED: "accepted"})
    assert "Xero would archive the account even if a tracked inventory item" in warnings(
        planned(kept, behaviour=archives)
    )


def test_a_tax_rate_of_another_class_is_a_warning_where_xero_accepts_it() -> None:
    desired = entry("404", tax_type="OUTPUT2")
    assert planned(desired).blocked[0].rule == "tax-rate-class"
    plan = planned(desired, behaviour=report({Question.TAX_MISMATCH: "accepted"}))
    assert "According to Xero's list of tax rates, the tax rate OUTPUT2 (15% GST" in warnings(plan)


def test_a_bank_accounts_tax_rate_changes_where_xero_changes_it() -> None:
    desired = entry("090", account_id=BANK.account_id, tax_type="INPUT2")
    assert planned(desired).blocked[0].rule == "bank-field-fixed"
    assert planned(desired, behaviour=report({Question.BANK_TAX: "accepted"})).steps
    ignored = planned(desired, behaviour=report({Question.BANK_TAX: "ignored"}))
    assert ignored.blocked[0].rule == "bank-field-fixed"


def test_an_account_never_becomes_a_bank_account_even_if_xero_accepts_it() -> None:
    desired = entry("630", type="BANK", account_id=STOCK.account_id)
    (blocked,) = planned(desired, behaviour=report({Question.RETYPE_TO_BANK: "accepted"})).blocked
    assert "xerosync never converts" in blocked.reason
    assert "Xero never converts" in planned(desired).blocked[0].reason


@pytest.mark.parametrize("answer", ["refused", "accepted"])
def test_the_code_and_name_of_an_archived_account_are_free_where_xero_reuses_them(
    answer: str,
) -> None:
    """An account in use moves to them: the archived one has its own entry, or none."""
    answers = {Question.ARCHIVED_CODE: answer, Question.ARCHIVED_NAME: answer}
    for pinned in (
        entry("499", account_id=FEES.account_id),
        entry(None, "Old Fees", account_id=FEES.account_id),
    ):
        plan = planned(pinned, behaviour=report(answers))
        if answer == "accepted":
            assert [step.operation for step in plan.steps] == ["update"]
        else:
            assert [b.rule for b in plan.blocked] in (["code-held"], ["name-held"])


def test_an_entry_finds_the_active_one_of_two_accounts_with_its_code() -> None:
    """Xero may reuse the code of an archived account; no report is needed to see it."""
    current = chart(
        account("400", "Old Rent", account_id="id-old", status=ARCHIVED),
        account("400", "Rent", account_id="id-new"),
    )
    (change,) = build(current, wanted(entry("400", description="Monthly"))).changes
    assert change.account_id == "id-new"
    assert build(current, wanted(entry("400", "Rent"))).empty
    assert build(current, wanted(entry("400", "Old Rent", status=ARCHIVED))).empty


def test_an_archived_account_is_not_restored_beside_an_active_one_of_its_name() -> None:
    current = chart(
        account("400", "Rent", account_id="id-old", status=ARCHIVED),
        account("401", "Rent", account_id="id-new"),
    )
    (blocked,) = build(current, wanted(new("402", "Rent"))).blocked
    assert blocked.rule == "name-held"
    assert "401 Rent" in blocked.reason
    pinned = entry("403", "Rent", account_id="id-old")
    (blocked,) = build(current, wanted(pinned)).blocked
    assert blocked.rule == "name-held"
    assert "401 Rent has the name Rent too" in blocked.reason


def test_a_restore_by_name_does_not_say_that_xero_would_refuse_a_new_account() -> None:
    desired = new("407", "Old Fees")
    (change,) = planned(desired).changes
    assert "Xero may refuse a new account of that name" in " ".join(change.reasons)
    again = planned(desired, behaviour=report({Question.ARCHIVED_NAME: "accepted"}))
    assert "The archived account 499 Old Fees has this name, so it is restored." in " ".join(
        again.changes[0].reasons
    )


def test_a_report_that_agrees_with_every_assumption_blocks_nothing() -> None:
    for desired, *_ in CASES.values():
        assert warnings(planned(desired, behaviour=assumed())) == ""


def test_hostile_and_endless_messages_are_cut_to_one_line() -> None:
    text = "no\n\nway " * 200
    desired = CASES[Question.RETYPE_IN_CLASS][0]
    behaviour = report({Question.RETYPE_IN_CLASS: "refused"}, text=text)
    (blocked,) = planned(desired, behaviour=behaviour).blocked
    assert "\n" not in blocked.reason
    assert len(blocked.reason) < 400
