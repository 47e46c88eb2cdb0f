"""The books of one organisation: accounts, tax rates, items, repeating invoices, contacts.

The store does not check Xero's rules (see ``accounting``), so tests can put books into any state.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any
from uuid import uuid4

from xerosync.sandbox.accounting import reporting
from xerosync.sandbox.accounting.account import CLASS_OF, LOCKED_BY, Account, AccountStatus, key
from xerosync.sandbox.accounting.assumptions import Assumptions
from xerosync.sandbox.accounting.tax_rate import TaxRate
from xerosync.sandbox.books import seed
from xerosync.sandbox.books.database import Database
from xerosync.sandbox.books.seed import Balance, Country, Organisation
from xerosync.sandbox.books.stored_items import StoredItems
from xerosync.sandbox.errors import SandboxError, WrongOption

COLUMNS = tuple(field.name for field in fields(Account))
VALUES = attrgetter(*COLUMNS)
FLAGS = frozenset(field.name for field in fields(Account) if field.type in {"bool", bool})
ACCOUNTS = f"SELECT {', '.join(COLUMNS)} FROM accounts"
STORED = ("organisation", *COLUMNS, "code_key", "name_key")
PUT_ACCOUNT = (
    f"INSERT INTO accounts ({', '.join(STORED)}) VALUES ({', '.join('?' * len(STORED))})"
    " ON CONFLICT (organisation, account_id) DO UPDATE SET "
    + ", ".join(f"{column} = excluded.{column}" for column in STORED)
)

TAKE_OUT = "INSERT OR IGNORE INTO taken_out VALUES (?, ?, ?)"
FEWEST_CONTACTS, MOST_CONTACTS = seed.NAMED, 100_000

TAX_COLUMNS = tuple(field.name for field in fields(TaxRate))
PUT_TAX_RATE = f"INSERT OR REPLACE INTO tax_rates VALUES (?{', ?' * len(TAX_COLUMNS)})"


def _account(row: sqlite3.Row) -> Account:
    return Account(**dict(row) | {flag: bool(row[flag]) for flag in FLAGS})


def _tax_rate(row: sqlite3.Row) -> TaxRate:
    values = {name: row[name] for name in TAX_COLUMNS}
    return TaxRate(**values | {"classes": frozenset(values["classes"].split())})


def account_row(number: int, account: Account) -> tuple[Any, ...]:
    """Return the values for ``PUT_ACCOUNT``; ``number`` is the organisation's number."""
    return (number, *VALUES(account), key(account.code), key(account.name))


def tax_rate_row(number: int, tax: TaxRate) -> tuple[Any, ...]:
    """Return the values for ``PUT_TAX_RATE``; ``number`` is the organisation's number."""
    values = {name: getattr(tax, name) for name in TAX_COLUMNS}
    return (number, *(values | {"classes": " ".join(sorted(tax.classes))}).values())


class Store:
    """The books of one organisation.

    ``number`` is the organisation's number in the database. ``clock`` returns seconds since 1970.
    ``assumed`` are the assumptions about Xero that the rules follow.
    """

    def __init__(
        self,
        database: Database,
        number: int,
        organisation: Organisation,
        clock: Callable[[], float],
        assumed: Assumptions,
    ) -> None:
        self.database = database
        self.number = number
        self.organisation = organisation
        self._clock = clock
        self.assumed = assumed
        self._items = StoredItems(database, number)

    @property
    def country(self) -> Country:
        """The organisation's country."""
        return self.organisation.country

    @property
    def tenant_id(self) -> str:
        """The organisation's tenant id."""
        return self.organisation.tenant_id

    def check(self) -> None:
        """Raise ``SandboxError`` unless all of the books can be read."""
        self.accounts(deleted=True)
        self.tax_rates()
        self._posted()
        self._taken_out()
        self._number_of_contacts()
        self.items()

    def now_ms(self) -> int:
        """Return the time of the sandbox's clock, in milliseconds since 1970."""
        return int(self._clock() * 1000)

    def accounts(self, *, deleted: bool = False) -> tuple[Account, ...]:
        """Return the accounts sorted by code, including deleted accounts if ``deleted``."""
        status = "" if deleted else "AND status <> 'DELETED'"
        query = f"{ACCOUNTS} WHERE organisation = ? {status} ORDER BY code, name"
        return tuple(_account(row) for row in self.database.rows(query, [self.number]))

    def account(self, account_id: str) -> Account | None:
        """Return the account with an id, or ``None`` if it does not exist or is deleted."""
        return next(iter(self._find("account_id", account_id.lower())), None)

    def by_code(self, code: str) -> Account | None:
        """Return an account that has this code, or ``None``. Prefer an active account."""
        return next(iter(self.with_code(code)), None)

    def with_code(self, code: str) -> tuple[Account, ...]:
        """Return the active and archived accounts that have this code, ignoring case."""
        return self._find("code_key", key(code)) if key(code) else ()

    def with_name(self, name: str) -> tuple[Account, ...]:
        """Return the active and archived accounts that have this name, ignoring case."""
        return self._find("name_key", key(name)) if key(name) else ()

    def _find(self, column: str, value: str) -> tuple[Account, ...]:
        rows = self.database.rows(
            f"{ACCOUNTS} WHERE organisation = ? AND {column} = ? AND status <> 'DELETED'"
            " ORDER BY status, code, name, account_id",
            [self.number, value],
        )
        return tuple(map(_account, rows))

    def put(self, account: Account) -> None:
        """Add an account, or overwrite the account that has the same id. Nothing is checked.

        An account that is not active stops being the default account of any contact.
        """
        with self.database.write():
            self.database.execute(PUT_ACCOUNT, account_row(self.number, account))
            if account.status != AccountStatus.ACTIVE:
                row = [self.number, account.account_id, self.now_ms()]
                self.database.execute(TAKE_OUT, row)

    def change(self, account: Account) -> None:
        """Write an account that a request has changed or created.

        A new type or reporting code does not change the account's balance.
        """
        with self.database.write():
            before = self.account(account.account_id)
            old = before and (before.type, before.reporting_code)
            if not before or old == (account.type, account.reporting_code):
                self.put(account)
                return
            balance = self._balance(account.account_id)
            self.put(account)
            self._post(account, balance - self._balance(account.account_id))

    def insert(self, **values: Any) -> Account:  # noqa: ANN401
        """Add an account without checking any rule; every field except ``name`` has a default."""
        type_ = values.get("type", "EXPENSE")
        account = Account(
            **{
                "account_id": str(uuid4()),
                "code": "",
                "type": type_,
                "tax_type": self.country.tax["none"],
                "reporting_code": reporting.DEFAULTS[CLASS_OF.get(type_, "EXPENSE")],
                "updated_ms": self.now_ms(),
            }
            | values
        )
        self.put(account)
        return account

    def edit(self, code: str, /, **values: Any) -> Account:  # noqa: ANN401
        """Change the account with this code, unchecked. Raise ``KeyError`` for an unknown code."""
        account = self.by_code(code)
        if account is None:
            raise KeyError(code)
        account = replace(account, **{"updated_ms": self.now_ms()} | values)
        self.put(account)
        return account

    def lock(self, code: str, use: str) -> None:
        """Lock the account that has this code, or unlock it if ``use`` is ``""``.

        ``use`` is a key of ``LOCKED_BY``. Raise ``WrongOption`` if ``code`` or ``use`` is unknown,
        and ``SandboxError`` if an item prevents unlocking.
        """
        if use and use not in LOCKED_BY:
            raise WrongOption(
                f"{use!r} does not lock an account.", f"Use one of {', '.join(LOCKED_BY)}."
            )
        account = self._known(code)
        with self.database.write():
            self.put(locked := replace(account, locked_by=use))
            if not use and account.account_id in self._items.locked():
                raise SandboxError(
                    f"{code} stays locked: a tracked inventory item uses it.",
                    "Delete the item with DELETE /Items/{ItemID}: that unlocks its accounts.",
                )
            if not use and self.lock_of(locked):
                raise SandboxError(
                    f"{code} stays locked: a tracked inventory item uses it for its cost of sales.",
                    "Unlock the item's inventory account first: that removes the item.",
                )

    def lock_of(self, account: Account) -> str:
        """Return what locks an account, as a key of ``LOCKED_BY``; ``""`` if nothing does."""
        if account.locked_by or not account.code:
            return account.locked_by
        costs = {item["PurchaseDetails"].get("COGSAccountCode") for item in self._implied_items()}
        by_item = account.code in costs or account.account_id in self._items.locked()
        return "inventory-item" if by_item else ""

    def _known(self, code: str) -> Account:
        account = self.by_code(code)
        if account is None:
            raise WrongOption(
                f"The books have no account with the code {code!r}.",
                "Use the code of an account that GET /Accounts lists.",
            )
        return account

    def balances(self) -> tuple[Balance, ...]:
        """Return the balance of each account: the result of ``seed.balances`` plus the postings."""
        posted = self._posted()
        return tuple(
            replace(each, month=each.month + posted.get(each.account.account_id, 0))
            for each in seed.balances(self.organisation, self.accounts())
        )

    def set_balance(self, code: str, amount: int) -> None:
        """Post to the account that has this code, so that its balance becomes ``amount``.

        The amount is in hundredths of the currency; a debit is positive. The other side is
        posted to the historical adjustment account. If ``code`` is that account, the other side
        is posted to a bank account. Raise ``WrongOption`` if no account has the code.
        """
        with self.database.write():
            account = self._known(code)
            if amount:
                account = replace(account, used=True)
                self.put(account)
            self._post(account, amount - self._balance(account.account_id))

    def _balance(self, account_id: str) -> int:
        return sum(each.now for each in self.balances() if each.account.account_id == account_id)

    def _post(self, account: Account, difference: int) -> None:
        """Post an amount to an account, with the other side as in ``set_balance``."""
        if not difference:
            return
        others = [each for each in self.accounts() if each.account_id != account.account_id]
        other = min(others, key=lambda e: (e.system_account != "HISTORICAL", not e.is_bank))
        sides = [(account.account_id, difference), (other.account_id, -difference)]
        self.database.execute_many(
            "INSERT INTO postings VALUES (?, ?, ?)", ([self.number, *side] for side in sides)
        )

    def items(self) -> list[dict[str, Any]]:
        """Return the items, as Xero's JSON."""
        codes = {account.account_id: account.code for account in self.accounts()}
        return self._items.beside(self._implied_items(), lambda each: codes.get(each, ""))

    def put_item(self, item: dict[str, Any]) -> None:
        """Write an item that a request has created or changed."""
        ids = {a.code: a.account_id for a in reversed(self.accounts()) if a.code}
        ids |= {a.code: a.account_id for a in self.accounts() if a.status == AccountStatus.ACTIVE}
        self._items.put(item, lambda code: ids.get(code, ""))

    def delete_item(self, item_id: str) -> None:
        """Delete an item."""
        self._items.delete(item_id)

    def _implied_items(self) -> list[dict[str, Any]]:
        return seed.items(self._present())

    def repeating_invoices(self) -> list[dict[str, Any]]:
        """Return the repeating invoices, as Xero's JSON."""
        today = datetime.fromtimestamp(self._clock(), UTC).date()
        return seed.repeating_invoices(self._present(), today)

    def contacts(self) -> list[dict[str, Any]]:
        """Return the contacts sorted by name, as Xero's JSON."""
        return seed.contacts(self._present(), self._number_of_contacts(), self._taken_out())

    def _number_of_contacts(self) -> int:
        row = self.database.row("SELECT value FROM meta WHERE key = 'contacts'")
        count = str(row["value"]) if row else str(FEWEST_CONTACTS)
        if not re.fullmatch(r"[0-9]{1,9}", count) or int(count) > MOST_CONTACTS:
            raise self.database.damaged("it does not say how many contacts there are")
        return int(count)

    def _posted(self) -> dict[str, int]:
        return self._numbers("SELECT account_id, amount FROM postings WHERE organisation = ?")

    def _taken_out(self) -> dict[str, int]:
        return self._numbers("SELECT account_id, at_ms FROM taken_out WHERE organisation = ?")

    def _numbers(self, query: str) -> dict[str, int]:
        """Return the sum for each account id, from a query for rows (account id, number)."""
        found: Counter[str] = Counter()
        for account_id, number in self.database.rows(query, [self.number]):
            if not isinstance(number, int):
                raise self.database.damaged("a table of amounts or dates holds something else")
            found[account_id] += number
        return found

    def _present(self) -> seed.Accounts:
        return seed.Accounts(self.organisation, self.accounts())

    def tax_rates(self) -> tuple[TaxRate, ...]:
        """Return all tax rates, sorted by name."""
        query = "SELECT * FROM tax_rates WHERE organisation = ? ORDER BY name"
        return tuple(_tax_rate(row) for row in self.database.rows(query, [self.number]))

    def tax_rate(self, tax_type: str) -> TaxRate | None:
        """Return the tax rate that has a tax type, or ``None``."""
        row = self.database.row(
            "SELECT * FROM tax_rates WHERE organisation = ? AND tax_type = ?",
            [self.number, tax_type],
        )
        return _tax_rate(row) if row else None
