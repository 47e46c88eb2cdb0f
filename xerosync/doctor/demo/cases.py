"""The table of cases: each open question with its function, in the order of asking.

Cases share accounts if one case cannot spoil the next: the archived account, for example, is
deleted only by the last question about it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from xerosync.doctor.demo import cases_of_creates as creates
from xerosync.doctor.demo import cases_of_endings as endings
from xerosync.doctor.demo import cases_of_updates as updates
from xerosync.doctor.demo.demo_books import DemoBooks
from xerosync.xero_behaviour import Question, XeroAnswer

Case = Callable[[DemoBooks], XeroAnswer]
"""A function that asks one question, or raises `NotAsked` with the reason why it cannot."""

CASES: Mapping[Question, Case] = MappingProxyType({
    Question.POST_WITHOUT_ID: creates.post_without_id,
    Question.POST_CODE_WITHOUT_ID: creates.post_code_without_id,
    Question.CODE_CASE: creates.code_case,
    Question.NAME_CASE: creates.name_case,
    Question.SYMBOL_FIRST: creates.symbol_first,
    Question.TAX_MISMATCH: creates.tax_mismatch,
    Question.PAYMENTS_ON_EXPENSE: creates.payments_on_expense,
    Question.WATCHLIST_ON_PUT: creates.watchlist_on_put,
    Question.CLEAR_DESCRIPTION: updates.clear_description,
    Question.KNOWN_REPORTING_CODE: updates.known_reporting_code,
    Question.CLEAR_REPORTING_CODE: updates.clear_reporting_code,
    Question.UNKNOWN_REPORTING_CODE: updates.unknown_reporting_code,
    Question.RETYPE_IN_CLASS: updates.retype_in_class,
    Question.RETYPE_ACROSS_CLASSES: updates.retype_across_classes,
    Question.RETYPE_TO_BANK: updates.retype_to_bank,
    Question.BANK_RENAME: updates.bank_rename,
    Question.BANK_NUMBER: updates.bank_number_changed,
    Question.BANK_TAX: updates.bank_tax,
    Question.CREDIT_CARD: updates.credit_card,
    Question.SYSTEM_RENAME: updates.system_rename,
    Question.ARCHIVED_CODE: creates.archived_code,
    Question.ARCHIVED_NAME: creates.archived_name,
    Question.STATUS_WITH_DETAILS: endings.status_with_details,
    Question.UPDATE_ARCHIVED: endings.update_archived,
    Question.DELETE_ARCHIVED: endings.delete_archived,
    Question.DELETE_UNUSED: endings.delete_unused,
    Question.ARCHIVE_LOCKED: endings.archive_locked,
    Question.DELETE_LOCKED: endings.delete_locked,
    Question.IDEMPOTENCY_SAME: endings.idempotency_same,
    Question.IDEMPOTENCY_OTHER: endings.idempotency_other,
    Question.MODIFIED_SINCE: endings.modified_since,
    Question.CONNECTIONS_LISTED: endings.connections_listed,
    Question.SCOPE_REQUESTED: endings.scope_requested,
})  # fmt: skip
