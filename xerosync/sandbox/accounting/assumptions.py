"""The open questions about Xero, as the sandbox answers them.

Each field of ``Assumptions`` except ``texts`` is one open question, and its default is the
answer that we assume. `xerosync doctor --demo-company` reports how a real Xero answered. A
sandbox with such a report uses the report's answers and messages instead of the defaults.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """The answers to the open questions.

    ``texts`` has the messages that a real Xero sent, by question. If ``credit_card`` is ``""``,
    only an Australian organisation refuses new credit card accounts (see ``checks.BSB``).
    """

    post_without_id: str = "refused"
    post_code_without_id: str = "refused"
    clear_description: str = "cleared"
    clear_reporting_code: str = "default"
    known_reporting_code: str = "stored"
    unknown_reporting_code: str = "stored"
    retype_in_class: str = "accepted"
    retype_across_classes: str = "accepted"
    retype_to_bank: str = "refused"
    archived_code: str = "refused"
    archived_name: str = "refused"
    code_case: str = "refused"
    name_case: str = "refused"
    symbol_first: str = "accepted"
    status_with_details: str = "refused"
    update_archived: str = "refused"
    delete_unused: str = "deleted"
    delete_archived: str = "deleted"
    delete_locked: str = "refused"
    archive_locked: str = "refused"
    tax_mismatch: str = "refused"
    payments_on_expense: str = "accepted"
    watchlist_on_put: str = "ignored"
    bank_rename: str = "accepted"
    bank_number: str = "accepted"
    bank_tax: str = "refused"
    credit_card: str = ""
    system_rename: str = "accepted"
    idempotency_same: str = "replayed"
    idempotency_other: str = "refused"
    modified_since: str = "empty"
    connections_listed: str = "listed"
    scope_requested: str = "accepted"
    texts: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, behaviour: Mapping[str, str], texts: Mapping[str, Sequence[str]]) -> Self:
        """Return the assumptions with the answers in ``behaviour`` in place of the defaults.

        Unknown questions are ignored. The answer ``other`` is ignored too, because it means that
        Xero did something which the sandbox does not support.
        """
        known = {each.name for each in fields(cls)} - {"texts"}
        given = {name: answer for name, answer in behaviour.items() if answer != "other"}
        return cls(texts=texts, **{name: given[name] for name in known & given.keys()})

    def refusal(self, question: str, *ours: str) -> tuple[str, ...]:
        """Return the messages of a refusal: Xero's own if ``texts`` has them, else ``ours``."""
        return tuple(self.texts.get(question, ())) or ours

    def refused(self, question: str, *ours: str) -> tuple[str, ...]:
        """Return the messages of a refusal if the answer is ``refused``, else ``()``."""
        return self.refusal(question, *ours) if getattr(self, question) == "refused" else ()
