"""Turns a country's name into the books of its demo company."""

from xerosync.sandbox.books.seed.chart import accounts
from xerosync.sandbox.books.seed.country import COUNTRIES, Country, country
from xerosync.sandbox.books.seed.tax import tax_rates

__all__ = ["COUNTRIES", "Country", "accounts", "country", "tax_rates"]
