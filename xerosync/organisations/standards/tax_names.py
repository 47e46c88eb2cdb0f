"""Make names, such as `gst_on_expenses`, for tax types whose codes differ by country."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count

from xerosync.model import Organisation

RateOf = Mapping[str, str]
"""The tax rate of one account by country: Xero's code, or its name in Xero's CSV."""

_COUNTRY = re.compile(r"[A-Z]{2}")
_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"[0-9]+")


def country_of(organisation: Organisation) -> str:
    """Return an organisation's country as a file can name it, "" if it is unknown."""
    code = organisation.country_code
    return code if _COUNTRY.fullmatch(code) else ""


@dataclass(frozen=True, slots=True)
class TaxNames:
    """Tax types by name, each with its rate by country.

    `accounts` has the name of each account's tax type, "" if the account has no rate.
    """

    tax_types: Mapping[str, RateOf]
    accounts: tuple[str, ...]


def tax_names(
    accounts: Sequence[RateOf], labels: Mapping[tuple[str, str], str], countries: Sequence[str]
) -> TaxNames:
    """Return the tax types that accounts need, and the tax type of each account.

    An account gets a tax type that shares a country with it, and has the same rate as the account
    in every country that they share. If several fit, it gets the most frequent. A tax type is named
    after its rate in one country, if possible the first of `countries`. `labels` are the display
    names of rates by country and code.
    """
    counted = Counter(_pairs(rates) for rates in accounts if rates)
    groups: list[_Group] = []
    group_of: dict[_Pairs, _Group] = {}
    for pairs in sorted(counted, key=lambda pairs: (-len(pairs), -counted[pairs], pairs)):
        fitting = [group for group in groups if _fits(dict(pairs), group.rates)]
        if not fitting:
            groups.append(_Group({}))
        group = max(fitting, key=lambda one: one.count) if fitting else groups[-1]
        group.rates |= dict(pairs)
        group.count += counted[pairs]
        group_of[pairs] = group
    taken = {code.casefold() for group in groups for code in group.rates.values()}
    for group in sorted(groups, key=lambda one: -one.count):
        of = [one for one in countries if one in group.rates] or sorted(group.rates)
        rates = group.rates
        named = [labels.get((country, rates[country]), rates[country]) for country in of]
        group.name = _name(named, taken)
        taken.add(group.name)
    return TaxNames(
        {one.name: dict(sorted(one.rates.items())) for one in sorted(groups, key=lambda g: g.name)},
        tuple(group_of[_pairs(rates)].name if rates else "" for rates in accounts),
    )


_Pairs = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Group:
    """A tax type: its rates by country, the number of its accounts, and its name."""

    rates: dict[str, str]
    count: int = 0
    name: str = ""


def _pairs(rates: RateOf) -> _Pairs:
    return tuple(sorted(rates.items()))


def _fits(rates: RateOf, group: RateOf) -> bool:
    shared = rates.keys() & group.keys()
    return bool(shared) and all(rates[one] == group[one] for one in shared)


def _name(labels: Sequence[str], taken: set[str]) -> str:
    """Return a free name in lower case, with a percentage or a number only if it needs one."""
    words = ["_".join(_WORD.findall(label.casefold())) or "tax" for label in labels]
    percents = ["_".join(_NUMBER.findall(label)) for label in labels]
    longer = [f"{name}_{percent}" for name, percent in zip(words, percents, strict=True) if percent]
    numbered = (f"{words[0]}_{number}" for number in count(2))
    return next(name for name in chain(words, longer, numbered) if name not in taken)
