"""What the rules of a plan need to know: tax rates, report codes, and how Xero behaves."""

from __future__ import annotations

from dataclasses import dataclass

from xerosync.model import AccountClass, Chart
from xerosync.plan.defaults import default_reporting_code
from xerosync.plan.tax_rates import TaxRates
from xerosync.xero_behaviour import Behaviour, Question

_MOST_TEXT = 200
"""The maximum number of characters that a sentence quotes from Xero's messages."""

_CLASS_CODES = frozenset(map(default_reporting_code, AccountClass))


@dataclass(frozen=True, slots=True)
class Known:
    """What the rules and warnings of a plan rely on.

    `reporting_codes` are Xero's defaults and the codes that accounts of the organisation have.
    `behaviour` is a report on Xero's behaviour; without it, no open question has an answer.
    """

    rates: TaxRates
    reporting_codes: frozenset[str] = _CLASS_CODES
    behaviour: Behaviour | None = None

    def answer(self, question: Question) -> str:
        """Return Xero's answer to an open question, "" if it is not known."""
        return (self.behaviour and self.behaviour.answer(question)) or ""

    def is_known(self, question: Question, *answers: str) -> bool:
        """Whether one of `answers` is Xero's answer to an open question."""
        return self.answer(question) in answers

    def evidence(self, question: Question) -> str:
        """Return a clause with the country, date and messages of an answer, "" without a report."""
        behaviour = self.behaviour
        if behaviour is None:
            return ""
        said = " ".join(" ".join(behaviour.texts(question)).split()).removesuffix(".")
        if len(said) > _MOST_TEXT:
            said = f"{said[: _MOST_TEXT - 1].rstrip()}…"
        quoted = f", saying “{said}”" if said else ""
        return f"in a test with a demo company in {behaviour.country} on {behaviour.date}{quoted}"


def known_of(current: Chart, behaviour: Behaviour | None) -> Known:
    """Return what is known for the chart; a report made in another country is not used."""
    country = current.organisation.country_code
    in_use = {account.reporting_code for account in current.accounts} - {""}
    if behaviour and behaviour.country != country:
        behaviour = None
    return Known(TaxRates(current.tax_rates), _CLASS_CODES | in_use, behaviour)
