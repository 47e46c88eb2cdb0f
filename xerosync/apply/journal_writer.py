"""The interface to the journal, in which a run records each write before and after it.

`history/journal.py` writes it to a file; the tests keep it in memory.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from xerosync.apply.outcome import Outcome
from xerosync.model import Account
from xerosync.plan.plan import Plan, Step


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a run comes from: the plan document that it applies, and who approved and started it.

    `digest` and `created_at` describe the document; `job` is the URL of the CI job.
    """

    digest: str
    created_at: str = ""
    actor: str = ""
    approver: str = ""
    commit: str = ""
    job: str = ""


class JournalWriter(Protocol):
    """The journal of a run. Each method returns once its line is durable.

    All of them raise `XerosyncError` when they cannot write.
    """

    def begin(self, plan: Plan, provenance: Provenance, accounts: Iterable[Account] = ()) -> None:
        """Record that the run of a plan begins, and the accounts as they are just before."""

    def sending(self, step: Step, before: Account | None, key: str) -> None:
        """Record that a step is about to be sent; `key` is its idempotency key, "" for a delete."""

    def ended(self, outcome: Outcome) -> None:
        """Record the outcome of a step."""

    def end(self, proof: str, accounts: Iterable[Account]) -> None:
        """Record the end of the run. `proof` says whether the chart, read back, is as planned."""
