"""The clients of an accounting practice.

Unless a country is chosen, the first twelve are ``EXAMPLES``.
"""

from __future__ import annotations

from collections.abc import Iterator

from xerosync.sandbox.books.seed.country import COUNTRIES, Country, Organisation

EXAMPLES = {
    "Harbour Cafe Ltd": "NZ",
    "Kowhai Legal Ltd": "NZ",
    "Ridgeline Builders Ltd": "NZ",
    "Tui Bookshop Ltd": "NZ",
    "Southern Orchard Ltd": "NZ",
    "Manuka Gifts Ltd": "NZ",
    "Bright Smiles Dental Ltd": "NZ",
    "Kereru Community Trust": "NZ",
    "Coromandel Tours Ltd": "NZ",
    "Wattle Design Pty Ltd": "AU",
    "Thistle Knitwear Ltd": "UK",
    "Old Mill Trading Ltd": "NZ",
}
"""The clients in ``examples/practice/clients/``, and the country of each."""

PLACES = (
    "Akaroa", "Bluff", "Cambridge", "Dunedin", "Eastbourne", "Fairlie", "Gisborne", "Hawera",
    "Island Bay", "Jackson", "Kaikoura", "Lyttelton", "Masterton", "Nelson", "Oamaru", "Picton",
    "Queenstown", "Rotorua", "Sumner", "Taupo", "Upper Hutt", "Vogeltown", "Wanaka", "Yaldhurst",
    "Ashburton", "Blenheim", "Cromwell", "Devonport", "Epsom", "Featherston", "Geraldine",
    "Havelock", "Invercargill", "Karori", "Levin", "Motueka", "Napier", "Otaki", "Petone",
    "Russell",
)  # fmt: skip
TRADES = (
    "Bakery", "Builders", "Cafe", "Cycles", "Dairy", "Dental", "Electrical", "Engineering",
    "Fencing", "Florist", "Freight", "Gardens", "Glass", "Hardware", "Joinery", "Kitchens",
    "Landscapes", "Motors", "Nursery", "Orchards", "Painters", "Pharmacy", "Physio", "Plumbing",
    "Printers", "Roofing", "Surf", "Tours", "Vets", "Wines",
)  # fmt: skip
ENDINGS = {"NZ": "Ltd", "AU": "Pty Ltd", "UK": "Limited", "US": "Inc"}
MIX = ("NZ", "AU", "NZ", "UK", "NZ", "AU", "NZ", "US", "NZ", "UK")
"""The countries of the other clients, repeated every ten clients."""


def clients(count: int, place: Country | None = None) -> Iterator[Organisation]:
    """Yield ``count`` clients, all in the country ``place`` if it is given."""
    if place is None:
        examples = [*EXAMPLES.items()][:count]
        yield from (_client(name, COUNTRIES[country]) for name, country in examples)
        count -= len(examples)
    for number in range(count):
        country = place or COUNTRIES[MIX[number % len(MIX)]]
        yield _client(f"{_trade(number)} {ENDINGS[country.name]}", country)


def _trade(number: int) -> str:
    """Return a place and a trade: 0 → "Akaroa Bakery". Repeated pairs end in a number from 2."""
    again, pair = divmod(number, len(PLACES) * len(TRADES))
    shift, place = divmod(pair, len(PLACES))
    name = f"{PLACES[place]} {TRADES[(place + shift) % len(TRADES)]}"
    return f"{name} {again + 1}" if again else name


def _client(name: str, country: Country) -> Organisation:
    return Organisation(key=f"practice/{name}", name=name, country=country)
