"""What the sandbox assumes where Xero's documentation does not say.

Each field is one open question, and its default is today's assumption. The answers and
messages of a report on a real Xero replace the defaults. The rule that reads a field
implements its other answers too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """The answers to the open questions; ``texts`` are the messages of a report, by question.

    If ``credit_card`` is ``""``, only Australia refuses new credit cards (see ``checks.BSB``).
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

        Unknown questions are ignored, and so is the answer ``other``, which no rule implements.
        """
        known = {each.name for each in fields(cls)} - {"texts"}
        given = {name: answer for name, answer in behaviour.items() if answer != "other"}
        return cls(texts=texts, **{name: given[name] for name in known & given.keys()})

    def refusal(self, question: str, *ours: str) -> tuple[str, ...]:
        """Return the messages of a refusal: those of the report if it has any, else ``ours``."""
        return tuple(self.texts.get(question, ())) or ours
