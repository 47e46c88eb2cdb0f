"""New books: each country's chart, tax rates and other facts, and the drift of clients' charts."""

from xerosync.sandbox.books.seed.balances import Balance, balances
from xerosync.sandbox.books.seed.chart import accounts
from xerosync.sandbox.books.seed.company import currencies, tracking_categories, users
from xerosync.sandbox.books.seed.country import (
    COUNTRIES,
    Country,
    Organisation,
    country,
    demo_company,
)
from xerosync.sandbox.books.seed.deviations import Deviation, DeviationKind, drifted
from xerosync.sandbox.books.seed.practice import clients
from xerosync.sandbox.books.seed.tax import tax_rates
from xerosync.sandbox.books.seed.uses import NAMED, Accounts, contacts, items, repeating_invoices

__all__ = [
    "COUNTRIES",
    "NAMED",
    "Accounts",
    "Balance",
    "Country",
    "Deviation",
    "DeviationKind",
    "Organisation",
    "accounts",
    "balances",
    "clients",
    "contacts",
    "country",
    "currencies",
    "demo_company",
    "drifted",
    "items",
    "repeating_invoices",
    "tax_rates",
    "tracking_categories",
    "users",
]
