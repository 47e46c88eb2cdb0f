"""Names for tax rates that have another code in each country, such as `gst_on_expenses`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, count

from xerosync.model import Organisation

RateOf = Mapping[str, str]
"""The tax rate of one account by country: Xero's code, or its display name."""

_COUNTRY = re.compile(r"[A-Z]{2}")
_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"[0-9]+")


def country_of(organisation: Organisation) -> str:
    """Return an organisation's country as a file can name it, "" if it is not known."""
    code = organisation.country_code
    return code if _COUNTRY.fullmatch(code) else ""


def tax_types_of(
    accounts: Iterable[RateOf], labels: Mapping[tuple[str, str], str], countries: Sequence[str]
) -> dict[str, dict[str, str]]:
    """Return the tax types that accounts need, by name, each with its code by country.

    An account without a rate in some country joins another one that has all of its rates.
    A tax type is named after its rate in one of its countries: the first of `countries` whose name
    no other tax type has. `labels` are the display names by country and code.
    """
    counted = Counter(tuple(sorted(rates.items())) for rates in accounts if rates)
    order = sorted(counted, key=lambda pairs: (-len(pairs), -counted[pairs], pairs))
    groups: list[dict[str, str]] = []
    for pairs in order:
        joined = next((group for group in groups if _fits(dict(pairs), group)), None)
        if joined is None:
            groups.append(dict(pairs))
        else:
            joined |= dict(pairs)
    codes = {code.casefold() for group in groups for code in group.values()}
    found: dict[str, dict[str, str]] = {}
    for group in groups:
        of = [one for one in countries if one in group] or sorted(group)
        named = [labels.get((country, group[country]), group[country]) for country in of]
        found[_name(named, {*found, *codes})] = dict(sorted(group.items()))
    return dict(sorted(found.items()))


def tax_type_for(rates: RateOf, tax_types: Mapping[str, RateOf]) -> str:
    """Return the name of the tax type that has all rates of an account; "" if it has no rate."""
    fitting = (name for name, group in tax_types.items() if rates.items() <= group.items())
    return next(fitting, "") if rates else ""


def _fits(rates: RateOf, group: RateOf) -> bool:
    """Whether two agree in a country, and differ in none."""
    shared = rates.keys() & group.keys()
    return bool(shared) and all(rates[one] == group[one] for one in shared)


def _name(labels: Sequence[str], taken: set[str]) -> str:
    """Return a name in small letters that is not taken, with a percent only where it must be."""
    words = ["_".join(_WORD.findall(label.casefold())) or "tax" for label in labels]
    percents = ["_".join(_NUMBER.findall(label)) for label in labels]
    longer = [f"{name}_{percent}" for name, percent in zip(words, percents, strict=True) if percent]
    numbered = (f"{words[0]}_{number}" for number in count(2))
    return next(name for name in chain(words, longer, numbered) if name not in taken)
