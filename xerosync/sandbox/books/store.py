"""The books of one organisation in a database: accounts and tax rates.

The store has no rules; they are in ``accounting.rules``. Tests use it to put the books in
any state.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import asdict, astuple, fields, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from xerosync.sandbox.accounting import reporting
from xerosync.sandbox.accounting.account import CLASS_OF, LOCKED_BY, Account, key
from xerosync.sandbox.accounting.tax_rate import TaxRate
from xerosync.sandbox.books import seed
from xerosync.sandbox.books.database import Database
from xerosync.sandbox.books.seed import Country
from xerosync.sandbox.errors import SandboxError

COLUMNS = tuple(field.name for field in fields(Account))
FLAGS = frozenset(field.name for field in fields(Account) if field.type in {"bool", bool})
STORED = (*COLUMNS, "code_key", "name_key")
PUT_ACCOUNT = (
    f"INSERT INTO accounts ({', '.join(STORED)}) VALUES ({', '.join('?' * len(STORED))})"
    " ON CONFLICT (account_id) DO UPDATE SET "
    + ", ".join(f"{column} = excluded.{column}" for column in STORED)
)


def _account(row: sqlite3.Row) -> Account:
    values = {column: row[column] for column in COLUMNS}
    return Account(**values | {flag: bool(values[flag]) for flag in FLAGS})


def _tax_rate(row: sqlite3.Row) -> TaxRate:
    return TaxRate(**dict(row) | {"classes": frozenset(row["classes"].split())})


def _put_account(database: Database, account: Account) -> None:
    keys = [key(account.code), key(account.name)]
    database.execute(PUT_ACCOUNT, [*astuple(account), *keys])


def _put_tax_rate(database: Database, tax: TaxRate) -> None:
    values = asdict(tax) | {"classes": " ".join(sorted(tax.classes))}
    marks = ", ".join("?" * len(values))
    database.execute(f"INSERT OR REPLACE INTO tax_rates VALUES ({marks})", [*values.values()])


class Store:
    """The books of one organisation. ``clock`` returns seconds since 1970."""

    def __init__(
        self, path: Path | str, country: str, clock: Callable[[], float], *, fresh: bool = False
    ) -> None:
        place = seed.country(country or "NZ")
        self._clock = clock
        self.database = Database(path, lambda database: _fill(database, place), fresh=fresh)
        try:
            self._require(place.name if country else "")
        except SandboxError:
            self.database.close()
            raise

    def _require(self, name: str) -> None:
        """Raise ``SandboxError`` unless these are readable books, of a country if it is named."""
        self.accounts(deleted=True)
        self.tax_rates()
        found = self.country.name
        if name and found != name:
            raise SandboxError(
                f"The books in {self.database.path} are for {found}, not for {name}.",
                f"Use --country {found}, or add --reset to start with new books.",
            )

    @property
    def country(self) -> Country:
        """The organisation's country."""
        row = self.database.row("SELECT value FROM meta WHERE key = 'country'")
        place = seed.COUNTRIES.get(row["value"]) if row else None
        if place is None:
            raise self.database.damaged("it does not say which country it is for")
        return place

    def now_ms(self) -> int:
        """Return the time of the sandbox's clock, in milliseconds since 1970."""
        return int(self._clock() * 1000)

    def accounts(self, *, deleted: bool = False) -> tuple[Account, ...]:
        """Return all accounts by code: active, archived and, if asked for, deleted ones."""
        where = "" if deleted else "WHERE status <> 'DELETED'"
        return tuple(
            _account(row)
            for row in self.database.rows(f"SELECT * FROM accounts {where} ORDER BY code, name")
        )

    def account(self, account_id: str) -> Account | None:
        """Return the account with an id, or ``None`` if there is none or it is deleted."""
        return self._find("account_id", account_id.lower())

    def by_code(self, code: str) -> Account | None:
        """Return the active or archived account that has a code."""
        return self._find("code_key", key(code)) if key(code) else None

    def by_name(self, name: str) -> Account | None:
        """Return the active or archived account that has a name."""
        return self._find("name_key", key(name))

    def _find(self, column: str, value: str) -> Account | None:
        row = self.database.row(
            f"SELECT * FROM accounts WHERE {column} = ? AND status <> 'DELETED'", [value]
        )
        return _account(row) if row else None

    def put(self, account: Account) -> None:
        """Write an account as it is: replace the one with its id, or add it."""
        _put_account(self.database, account)

    def insert(self, **values: Any) -> Account:  # noqa: ANN401
        """Add an account without checking any rule; fields not given have Xero's defaults."""
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
        """Change the account that has a code without checking any rule, as if edited in Xero."""
        account = self.by_code(code)
        if account is None:
            raise KeyError(code)
        account = replace(account, **{"updated_ms": self.now_ms()} | values)
        self.put(account)
        return account

    def lock(self, code: str, use: str) -> None:
        """Lock the account that has a code, as ``use`` would; unlock it if that is ``""``."""
        if use and use not in LOCKED_BY:
            raise SandboxError(
                f"{use!r} does not lock an account.", f"Use one of {', '.join(LOCKED_BY)}."
            )
        account = self.by_code(code)
        if account is None:
            raise SandboxError(f"The books have no account with the code {code!r}.")
        self.put(replace(account, locked_by=use))

    def tax_rates(self) -> tuple[TaxRate, ...]:
        """Return all tax rates by name."""
        return tuple(
            _tax_rate(row) for row in self.database.rows("SELECT * FROM tax_rates ORDER BY name")
        )

    def tax_rate(self, tax_type: str) -> TaxRate | None:
        """Return the tax rate with a tax type, or ``None``."""
        row = self.database.row("SELECT * FROM tax_rates WHERE tax_type = ?", [tax_type])
        return _tax_rate(row) if row else None

    def put_tax_rate(self, tax: TaxRate) -> None:
        """Write a tax rate as it is: replace the one with its type, or add it."""
        _put_tax_rate(self.database, tax)


def _fill(database: Database, place: Country) -> None:
    database.execute("INSERT INTO meta VALUES ('country', ?)", [place.name])
    for account in seed.accounts(place.name):
        _put_account(database, account)
    for tax in seed.tax_rates(place.name):
        _put_tax_rate(database, tax)
