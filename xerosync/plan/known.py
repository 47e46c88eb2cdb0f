"""What is known of an organisation's Xero: its tax rates, its report codes, and its behaviour."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from xerosync.model import CLASS_OF_TYPE, Chart
from xerosync.plan.tax_rates import TaxRates
from xerosync.xero_behaviour import Behaviour, Question

_MOST_TEXT = 200
"""The most characters of Xero's own messages in a sentence."""

_CLASS_CODES = frozenset(str(one)[:3] for one in CLASS_OF_TYPE.values())


@dataclass(frozen=True, slots=True)
class Known:
    """What the rules and warnings of a plan rely on.

    `reporting_codes` are those that some account has. Without `behaviour`, no open question about
    Xero is settled.
    """

    rates: TaxRates
    reporting_codes: frozenset[str] = _CLASS_CODES
    behaviour: Behaviour | None = None

    def answer(self, question: Question) -> str:
        """Return Xero's answer to an open question, "" if it is not known."""
        return (self.behaviour and self.behaviour.answer(question)) or ""

    def is_known(self, question: Question, *answers: str) -> bool:
        """Whether one of these is Xero's answer to an open question."""
        return self.answer(question) in answers

    def evidence(self, question: Question) -> str:
        """Return when and where Xero gave its answer, and its words, as a clause."""
        behaviour = self.behaviour
        if behaviour is None:
            return ""
        said = _shortened(behaviour.texts(question))
        quoted = f", saying “{said}”" if said else ""
        return f"in {behaviour.country} on {behaviour.date}{quoted}"


def known_of(current: Chart, behaviour: Behaviour | None) -> Known:
    """Return what is known; a report on another country's Xero is not used."""
    country = current.organisation.country_code
    in_use = {account.reporting_code for account in current.accounts} - {""}
    if behaviour and behaviour.country != country:
        behaviour = None
    return Known(TaxRates(current.tax_rates), _CLASS_CODES | in_use, behaviour)


def _shortened(texts: Iterable[str]) -> str:
    text = " ".join(" ".join(texts).split()).removesuffix(".")
    return text if len(text) <= _MOST_TEXT else f"{text[: _MOST_TEXT - 1].rstrip()}…"
