"""A create never sends what Xero sets by itself; the plan shows it all the same."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import chart, wanted
from command_line import Xerosync

from xerosync.desired import DesiredAccount
from xerosync.model import Value
from xerosync.plan.build import build

BANK: dict[str, Value] = {
    "name": "Till", "type": "BANK", "bank_account_number": "12-3141-0654321-00",
}  # fmt: skip
COSTS: dict[str, Value] = {"code": "999", "name": "Costs", "type": "EXPENSE"}


@pytest.mark.parametrize(
    ("given", "default"),
    [
        (BANK, {"tax_type": "NONE"}),
        (BANK, {"reporting_code": "ASS"}),
        (BANK, {"currency_code": "NZD"}),
        (COSTS, {"reporting_code": "EXP"}),
        (COSTS | {"type": "REVENUE"}, {"reporting_code": "REV"}),
        (COSTS, {"show_in_expense_claims": False}),
    ],
)
def test_a_default_is_shown_and_not_sent(
    given: dict[str, Value], default: dict[str, Value]
) -> None:
    current = chart()
    current = replace(current, organisation=replace(current.organisation, base_currency="NZD"))
    plan = build(current, wanted(DesiredAccount(given | default)))
    (step,), (change,) = plan.steps, plan.changes
    assert step.values == given
    assert {f.field for f in change.fields} >= {n for n, value in default.items() if value}


@pytest.mark.parametrize(
    "other",
    [
        BANK | {"reporting_code": "ASS.CUR"},
        BANK | {"currency_code": "USD"},
        BANK | {"bank_account_type": "BANK"},
        COSTS | {"reporting_code": "EXP.LEG"},
        COSTS | {"tax_type": "INPUT2"},
        COSTS | {"type": "CURRENT", "reporting_code": "EXP"},
    ],
)
def test_any_other_value_is_sent(other: dict[str, Value]) -> None:
    current = chart()
    current = replace(current, organisation=replace(current.organisation, base_currency="NZD"))
    (step,) = build(current, wanted(DesiredAccount(other))).steps
    assert step.values == other


def test_the_sandbox_sets_what_is_not_sent(xerosync: Xerosync) -> None:
    """The second plan compares with the defaults, and finds nothing to do."""
    entry = "name: Till, type: BANK, bank_account_number: 12-3141-0654321-00, tax_type: NONE"
    with open("accounts.yaml", "w", encoding="utf-8") as file:  # noqa: PTH123 (short)
        file.write(
            'version: 1\norganisation: {name: "Demo Company (NZ)"}\naccounts:\n'
            f"- {{{entry}, reporting_code: ASS, currency_code: NZD, bank_account_type: BANK}}\n"
            '- {code: "699", name: Costs, type: EXPENSE, reporting_code: EXP}\n'
        )
    assert xerosync("apply", "--sandbox", "--yes").code == 0
    assert xerosync("plan", "--sandbox", "--detailed-exitcode").code == 0
