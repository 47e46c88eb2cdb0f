"""A sentence on what still uses an account in many organisations, for all formats of a review."""

from __future__ import annotations

from xerosync.organisations.group_usage import Balances, GroupUsage
from xerosync.render.account_usage import Quote, currency_text, nothing_uses
from xerosync.render.words import capital
from xerosync.usage import UsageKind, amount_text


def group_sentence(usage: GroupUsage, total: int, quote: Quote = str) -> str:
    """Return in words how many of `total` organisations have a balance in an account or use it.

    Kinds of usage unknown in all `total` organisations are left out. Return "" if all are unknown.
    """
    balances, used = _balances(usage, total, quote), _users(usage, total)
    unknown = f"usage not fully known in {usage.partly_known:,}" if usage.partly_known else ""
    if not (balances or used):
        return ""
    if balances and usage.used:
        balances, used = f"{balances}. {capital(used)}", ""
    return f"{capital('; '.join(part for part in (balances, used, unknown) if part))}."


def brief_group(usage: GroupUsage) -> str:
    """Return the usage in brief: "balance in 3, in use in 2". A number of 0 is left out."""
    counts = (("balance", usage.with_balance), ("in use", usage.used))
    return ", ".join(f"{what} in {number:,}" for what, number in counts if number)


def _balances(usage: GroupUsage, total: int, quote: Quote) -> str:
    known = total - usage.unknown[UsageKind.BALANCE]
    if not usage.balances:
        return f"balance 0.00 in {_of(known, total)}" if known else ""
    if len(usage.balances) == 1:
        sums = f", {_sum(usage.balances[0], quote)} in total"
    else:
        each = (f"{_sum(one, quote)} in {one.organisations:,}" for one in usage.balances)
        sums = f": {'; '.join(each)}"
    return f"in {_of(usage.with_balance, total)} it has a balance{sums}"


def _sum(balances: Balances, quote: Quote) -> str:
    amounts = (balances.debits, -balances.credits)
    sides = " and ".join(amount_text(amount) for amount in amounts if amount)
    return f"{currency_text(balances.currency, quote)} {sides}".strip()


def _users(usage: GroupUsage, total: int) -> str:
    if not usage.used:
        return nothing_uses([kind for kind in UsageKind if usage.unknown[kind] < total])
    counts = (
        ("items", usage.items),
        ("repeating invoices", usage.repeating_invoices),
        ("contacts' defaults", usage.contacts),
    )
    return f"used by {', '.join(f'{what} in {number:,}' for what, number in counts if number)}"


def _of(number: int, total: int) -> str:
    return f"all {total:,}" if number == total else f"{number:,} of {total:,}"
