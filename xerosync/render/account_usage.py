"""Sentences on what still uses an account, shared by text, Markdown and HTML.

All returned text has gone through `visible`, which escapes unsafe characters. The argument
`quote` is a function that quotes names for the output format.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from xerosync.plan.plan import Blocked, Change, Plan
from xerosync.render.usage import PLURALS, invoices_text
from xerosync.render.words import capital, shorten
from xerosync.text import counted, day, first_few, full_stop, series, visible
from xerosync.usage import AccountUsage, Balance, ContactNames, Unknown, UsageKind, amount_text

_LISTED = 10
"""Up to this many items or contacts are named."""
_LONGEST = 60
"""Codes of items, names of contacts and currency codes are cut to this many characters."""

_USERS = (UsageKind.ITEMS, UsageKind.REPEATING_INVOICES, UsageKind.CONTACTS)

Quote = Callable[[str], str]


def usage_sentence(
    usage: AccountUsage, *, currency: str = "", names: bool = False, quote: Quote = str
) -> str:
    """Return one or two sentences on what uses an account; "" if its usage is unknown.

    Unknown kinds of usage are left out: `usage_read` lists them once for all accounts. If `names`,
    add the names of contacts, as far as they were read.
    """
    balance = _balance(usage.balance, currency_text(currency, quote)) if usage.balance else ""
    users = _users(usage, (usage.names if names else None) or ContactNames(), quote)
    if users:
        return " ".join(full_stop(part) for part in (balance, capital(users)) if part)
    nothing = nothing_uses(set(UsageKind).difference(usage.unknown))
    said = "; ".join(part for part in (balance, nothing) if part)
    return f"{capital(said)}." if said else ""


def nothing_uses(known: Collection[UsageKind]) -> str:
    """Return a clause which says that nothing uses an account.

    `known` has the kinds of usage that were read. If items, repeating invoices and contacts were
    all read, the clause is "nothing known to use it". If only some were read, the clause names
    them: "no items or contacts use it". If none of the three was read, return "".
    """
    kinds = [PLURALS[kind].lower() for kind in _USERS if kind in known]
    if len(kinds) == len(_USERS):
        return "nothing known to use it"
    return f"no {' or '.join(kinds)} use it" if kinds else ""


def brief_usage(usage: AccountUsage, currency: str = "") -> str:
    """Return the usage in brief, such as "balance NZD 12.00 debit, in use".

    Unknown usage and a balance of zero are left out; "" if nothing remains.
    """
    amount = usage.balance.amount if usage.balance else None
    parts = [f"balance {amount_text(amount, currency_text(currency))}"] if amount else []
    parts += ["in use"] if usage.used else []
    return ", ".join(parts)


def usage_facts(plan: Plan, shown: Iterable[Change | Blocked] | None = None) -> tuple[str, ...]:
    """Return clauses on the date of the balances, and on the kinds of usage that are not known.

    The clauses hold for all accounts. `shown` has the changes on the page, including blocked ones;
    None means all changes. Return () if no usage was read for these changes.
    """
    if shown is None:
        shown = (*plan.changes, *plan.blocked)
    read = plan.usage
    if not read or not any(one.usage for one in shown):
        return ()
    reasons: dict[str, list[Unknown]] = {}
    for one in read.unknown:
        reasons.setdefault("" if one.scope else one.reason, []).append(one)
    balances = not any(one.kind is UsageKind.BALANCE for one in read.unknown)
    return (
        *([f"balances are as at {day(read.as_at)}"] if balances else []),
        *(
            f"{series([PLURALS[one.kind].lower() for one in found])} not known: {_reason(found)}"
            for found in reasons.values()
        ),
    )


def usage_read(plan: Plan, shown: Iterable[Change | Blocked] | None = None) -> str:
    """Return the clauses of `usage_facts` as one sentence, "" if there are none."""
    text = "; ".join(usage_facts(plan, shown))
    return f"{capital(text)}." if text else ""


def _balance(balance: Balance, currency: str) -> str:
    moved = " (with transactions since the year end)" if balance.moved else ""
    return f"Balance {amount_text(balance.amount, currency)}{moved}"


def _users(usage: AccountUsage, names: ContactNames, quote: Quote) -> str:
    """Return a clause on what uses the account, "" if nothing is known to use it."""
    users = []
    if usage.items:
        users.append(f"item{'' if len(usage.items) == 1 else 's'} {_listed(usage.items, quote)}")
    if usage.repeating_invoices and usage.repeating_invoices.count:
        contacts = _listed(names.repeating_invoices or (), quote)
        users.append(invoices_text(usage.repeating_invoices, contacts))
    parts = [f"used by {'; '.join(users)}"] if users else []
    if usage.contacts:
        whose = f" ({_listed(names.contacts, quote)})" if names.contacts else ""
        parts.append(f"default account of {counted(usage.contacts, 'contact')}{whose}")
    return "; ".join(parts)


def _listed(names: Sequence[str], quote: Quote) -> str:
    different = tuple(dict.fromkeys(name or "(no name)" for name in names))
    return first_few([quote(shorten(visible(name), _LONGEST)) for name in different], _LISTED)


def _reason(unknown: Sequence[Unknown]) -> str:
    scopes = [f"`{visible(one.scope)}`" for one in unknown if one.scope]
    if scopes:
        hint = visible(unknown[0].hint).rstrip(".")
        way = f" ({hint[:1].lower()}{hint[1:]})" if hint else ""
        return f"the sign-in lacks {series(scopes)}{way}"
    return visible(unknown[0].reason)


def currency_text(currency: str, quote: Quote = str) -> str:
    """Return the code of a currency, such as NZD, safe to show and quoted by `quote`."""
    return quote(shorten(visible(currency), _LONGEST))
