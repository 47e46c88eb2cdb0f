"""Turns a database into an organisation's books: accounts and tax rates, without rules.

What may be written is for ``rules``; tests use the store to put the books in any state.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from xerosync.sandbox.accounting import reporting
from xerosync.sandbox.accounting.account import CLASS_OF, Account, key
from xerosync.sandbox.accounting.tax_rate import TaxRate
from xerosync.sandbox.books import seed
from xerosync.sandbox.books.database import Database
from xerosync.sandbox.errors import SandboxError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path

    from xerosync.sandbox.books.seed import Country

COLUMNS = tuple(field.name for field in fields(Account))
FLAGS = frozenset(field.name for field in fields(Account) if field.type in {"bool", bool})
INSERT = (
    f"INSERT INTO accounts ({', '.join(COLUMNS)}, code_key, name_key)"
    f" VALUES ({', '.join('?' * (len(COLUMNS) + 2))})"
)
UPDATE = (
    f"UPDATE accounts SET {', '.join(f'{column} = ?' for column in COLUMNS)},"
    " code_key = ?, name_key = ? WHERE account_id = ?"
)
INSERT_TAX_RATE = (
    "INSERT OR REPLACE INTO tax_rates"
    " (tax_type, name, report_tax_type, rate, classes, component, status)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)


def _account(row: sqlite3.Row) -> Account:
    values = {column: row[column] for column in COLUMNS}
    return Account(**values | {flag: bool(values[flag]) for flag in FLAGS})


def _values(account: Account) -> list[Any]:
    values = [getattr(account, column) for column in COLUMNS]
    return [*values, key(account.code), key(account.name)]


def _tax_values(tax: TaxRate) -> list[Any]:
    return [
        tax.tax_type,
        tax.name,
        tax.report_tax_type,
        tax.rate,
        " ".join(sorted(tax.classes)),
        tax.component,
        tax.status,
    ]


def _tax_rate(row: sqlite3.Row) -> TaxRate:
    return TaxRate(**dict(row) | {"classes": frozenset(row["classes"].split())})


class Store:
    """The books of one organisation. ``clock`` gives seconds since 1970."""

    def __init__(
        self, path: Path | str, country: str, clock: Callable[[], float], *, fresh: bool = False
    ) -> None:
        place = seed.country(country)
        self._clock = clock
        self.database = Database(path, lambda database: _fill(database, place), fresh=fresh)
        if self.country.name != place.name:
            found = self.country.name
            self.database.close()
            raise SandboxError(
                f"The books in {path} are those of {found}, not of {place.name}.",
                f"Start it with the country {found},"
                " or start the books afresh with `xerosync sandbox --reset`.",
            )

    @property
    def country(self) -> Country:
        """The facts of the organisation's country."""
        row = self.database.row("SELECT value FROM meta WHERE key = 'country'")
        return seed.COUNTRIES[row["value"] if row else "NZ"]

    def now_ms(self) -> int:
        """Return the time by the sandbox's clock, in milliseconds since 1970."""
        return int(self._clock() * 1000)

    def accounts(self, *, deleted: bool = False) -> tuple[Account, ...]:
        """All accounts by code, archived ones among them, deleted ones only if asked."""
        where = "" if deleted else "WHERE status <> 'DELETED'"
        return tuple(
            _account(row)
            for row in self.database.rows(f"SELECT * FROM accounts {where} ORDER BY code, name")
        )

    def account(self, account_id: str) -> Account | None:
        """Return the account of that id, unless it is deleted or there is none."""
        return self._find("account_id", account_id.lower())

    def by_code(self, code: str) -> Account | None:
        """Return the active or archived account that holds a code."""
        return self._find("code_key", key(code)) if key(code) else None

    def by_name(self, name: str) -> Account | None:
        """Return the active or archived account that holds a name."""
        return self._find("name_key", key(name))

    def _find(self, column: str, value: str) -> Account | None:
        row = self.database.row(
            f"SELECT * FROM accounts WHERE {column} = ? AND status <> 'DELETED'", [value]
        )
        return _account(row) if row else None

    def put(self, account: Account) -> None:
        """Write an account as it is: replaces the one of its id, or adds it."""
        with self.database.write():
            values = _values(account)
            if not self.database.execute(UPDATE, [*values, account.account_id]):
                self.database.execute(INSERT, values)

    def insert(self, **values: Any) -> Account:  # noqa: ANN401
        """Add an account past all rules; what is left out has Xero's usual value."""
        type_ = values.get("type", "EXPENSE")
        class_ = CLASS_OF.get(type_, "EXPENSE")
        account = Account(
            **{
                "account_id": str(uuid4()),
                "code": "",
                "type": type_,
                "tax_type": self.country.tax["none"],
                "reporting_code": reporting.DEFAULTS[class_],
                "updated_ms": self.now_ms(),
            }
            | values
        )
        self.put(account)
        return account

    def edit(self, code: str, /, **values: Any) -> Account:  # noqa: ANN401
        """Change the account that holds a code, past all rules, as a person in Xero might."""
        account = self.by_code(code)
        if account is None:
            raise KeyError(code)
        account = replace(account, **{"updated_ms": self.now_ms()} | values)
        self.put(account)
        return account

    def mark_used(self, account_id: str, *, used: bool = True) -> None:
        """Say whether transactions use an account: a used one cannot be deleted."""
        self.database.execute(
            "UPDATE accounts SET used = ? WHERE account_id = ?", [used, account_id]
        )

    def tax_rates(self) -> tuple[TaxRate, ...]:
        """All tax rates by name."""
        return tuple(
            _tax_rate(row) for row in self.database.rows("SELECT * FROM tax_rates ORDER BY name")
        )

    def tax_rate(self, tax_type: str) -> TaxRate | None:
        """Return the tax rate of that type, or ``None``."""
        row = self.database.row("SELECT * FROM tax_rates WHERE tax_type = ?", [tax_type])
        return _tax_rate(row) if row else None

    def put_tax_rate(self, tax: TaxRate) -> None:
        """Write a tax rate as it is: replaces the one of its type, or adds it."""
        self.database.execute(INSERT_TAX_RATE, _tax_values(tax))


def _fill(database: Database, place: Country) -> None:
    database.execute("INSERT INTO meta VALUES ('country', ?)", [place.name])
    for account in seed.accounts(place.name):
        database.execute(INSERT, _values(account))
    for tax in seed.tax_rates(place.name):
        database.execute(INSERT_TAX_RATE, _tax_values(tax))
