"""The demo companies: chart, tax rates and other facts of each country."""

from xerosync.sandbox.books.seed.chart import accounts
from xerosync.sandbox.books.seed.company import currencies, tracking_categories, users
from xerosync.sandbox.books.seed.country import COUNTRIES, Country, country
from xerosync.sandbox.books.seed.tax import tax_rates

__all__ = [
    "COUNTRIES",
    "Country",
    "accounts",
    "country",
    "currencies",
    "tax_rates",
    "tracking_categories",
    "users",
]
