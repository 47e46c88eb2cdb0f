"""What the file's `archive_requires` asks for is checked again before the first write."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from builders import entry, wanted
from fakes import DEMO, FakeLedger

from xerosync.apply.preflight import Prepared, check_usage
from xerosync.desired import DesiredChart
from xerosync.errors import BlockedChanges, ExitCode
from xerosync.plan import estimate
from xerosync.plan.build import build
from xerosync.plan.plan import Plan
from xerosync.plan.usage import ReadNow
from xerosync.usage import Balance, Requirement, Unknown, Usage, UsageKind

DAY = date(2026, 11, 24)
UNUSED = Usage(DAY, {}, {}, {}, {}, calls=6)
MOVED = Usage(DAY, {"id-rent": Balance(Decimal("99.00"))}, {}, {}, {})
UNKNOWN = Usage(DAY, unknown=(Unknown(UsageKind.BALANCE, "Xero is down"),))


def asking(*requires: Requirement, waiver: str = "") -> DesiredChart:
    archived = entry("469", "Rent", status="ARCHIVED", archive_waiver=waiver)
    return replace(wanted(archived), archive_requires=requires)


def planned(*requires: Requirement, waiver: str = "") -> Plan:
    return build(DEMO, asking(*requires, waiver=waiver), ReadNow(UNUSED))


def kinds_read(ledger: FakeLedger) -> list[list[str]]:
    return [[*(call.values or {})] for call in ledger.calls if call.method == "usage"]


@pytest.mark.parametrize(
    ("requires", "kinds"),
    [
        (Requirement.ZERO_BALANCE, ["balance"]),
        (Requirement.UNUSED, ["items", "repeating_invoices", "contacts"]),
    ],
)
def test_only_the_usage_that_is_required_is_read_again(
    requires: Requirement, kinds: list[str]
) -> None:
    ledger = FakeLedger()
    Prepared(planned(requires), ledger, current=DEMO).check_again()
    assert kinds_read(ledger) == [kinds]
    assert not ledger.writes


@pytest.mark.parametrize("plan", [planned(), planned(Requirement.UNUSED, waiver="Agreed")])
def test_nothing_is_read_again_without_archive_requires(plan: Plan) -> None:
    ledger = FakeLedger(usage_now=MOVED)
    Prepared(plan, ledger, current=DEMO).check_again()
    assert kinds_read(ledger) == []


@pytest.mark.parametrize(
    ("usage", "read", "says"),
    [
        (MOVED, True, ("469 Rent: The file says `archive_requires: [zero_balance]`, and this"
                      " account has a balance of NZD 99.00 debit.")),
        (UNKNOWN, True, "cannot be checked: balance not known (Xero is down)"),
        (UNUSED, False, "not read because of --no-usage"),
    ],
)  # fmt: skip
def test_an_account_that_no_longer_meets_the_requirement_is_refused_before_any_write(
    usage: Usage, read: bool, says: str
) -> None:
    ledger = FakeLedger(usage_now=usage)
    plan = planned(Requirement.ZERO_BALANCE)
    with pytest.raises(BlockedChanges) as caught:
        Prepared(plan, ledger, current=DEMO, usage=read).check_again()
    assert says in caught.value.details[0]
    assert caught.value.exit_code == ExitCode.REFUSED
    assert "Nothing was sent" in caught.value.hint
    assert ("Plan again" in caught.value.hint) is read
    assert ("Leave out --no-usage" in caught.value.hint) is not read
    assert not ledger.writes
    assert kinds_read(ledger) == ([["balance"]] if read else [])


def test_accounts_without_any_use_pass() -> None:
    check_usage(planned(*Requirement), FakeLedger(), DEMO.accounts)


def test_the_estimate_counts_the_reads_of_the_plan_and_those_before_the_first_write() -> None:
    """Six calls were three pages of contacts: the second reading has them too."""
    bare = estimate.measure(build(DEMO, asking())).count
    assert estimate.measure(planned()).count == bare + 6
    assert estimate.measure(planned(Requirement.ZERO_BALANCE)).count == bare + 6 + 1
    assert estimate.measure(planned(*Requirement)).count == bare + 6 + 6
