"""The books of all organisations in one database.

A single organisation is the demo company of a country. Several organisations are the clients
of an accounting practice. Their charts have drifted since they were set up (``seed.deviations``);
the table ``deviations`` records each change.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from xerosync.sandbox.accounting.account import Account
from xerosync.sandbox.accounting.assumptions import Assumptions
from xerosync.sandbox.books import seed
from xerosync.sandbox.books.database import Database
from xerosync.sandbox.books.seed import Deviation, DeviationKind, Organisation
from xerosync.sandbox.books.store import (
    FEWEST_CONTACTS,
    MOST_CONTACTS,
    PUT_ACCOUNT,
    PUT_TAX_RATE,
    Store,
    account_row,
    tax_rate_row,
)
from xerosync.sandbox.errors import SandboxError, WrongOption

MOST = 10_000
"""The most organisations that an app may connect to in Xero's Advanced pricing tier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """The books that the caller wants. ``None`` and ``""`` accept whatever the database holds.

    By default, a new database gets the demo company of New Zealand. If it gets several
    organisations, they are by default from a mix of countries, and the seed of their drift is 1.
    A wrong value raises ``WrongOption``.
    """

    organisations: int | None = None
    country: str = ""
    seed: int | None = None

    def __post_init__(self) -> None:
        if self.country:
            seed.country(self.country)
        if self.organisations is not None and not 1 <= self.organisations <= MOST:
            raise WrongOption(
                f"The sandbox cannot hold {self.organisations:,} organisations.",
                f"Use a number from 1 to {MOST:,}.",
            )

    @property
    def place(self) -> str:
        """The name of the wanted country, such as ``NZ``; ``""`` if any country is accepted."""
        return seed.country(self.country).name if self.country else ""


class Books:
    """The books of all organisations in a database. Unusable books raise ``SandboxError``."""

    def __init__(
        self,
        path: Path | str,
        contents: Contents,
        clock: Callable[[], float],
        *,
        fresh: bool = False,
        assumed: Assumptions | None = None,
    ) -> None:
        self._clock = clock
        self._assumed = assumed or Assumptions()
        self.database = Database(path, lambda database: _fill(database, contents), fresh=fresh)
        try:
            self._require(contents)
        except SandboxError:
            self.database.close()
            raise

    def _require(self, wanted: Contents) -> None:
        """Raise ``SandboxError`` unless the books can be read and are as ``wanted``."""
        stores = self.stores()
        if not self.database.is_new:
            for store in stores:
                store.check()
            self.deviations()
        ways_out = "or add --reset to start with new books."
        count, names = len(stores), {store.country.name for store in stores}
        found = names.pop() if len(names) == 1 else ""
        path = self.database.path
        if wanted.organisations not in {None, count}:
            raise SandboxError(
                f"The books in {path} hold {count} organisation{'s' * (count > 1)}, not "
                f"{wanted.organisations}.",
                f"Use --organisations {count}, {ways_out}",
            )
        if wanted.place and found != wanted.place:
            which = f"are for {found}" if found else "are for several countries"
            use = f"Use --country {found}" if found else "Leave out --country"
            raise SandboxError(
                f"The books in {path} {which}, not for {wanted.place}.", f"{use}, {ways_out}"
            )
        if count > 1 and wanted.seed not in {None, self.seed}:
            raise SandboxError(
                f"The books in {path} were made with the seed {self.seed}, not {wanted.seed}.",
                f"Use --seed {self.seed}, {ways_out}",
            )

    @property
    def seed(self) -> int:
        """The seed that decided how the charts drifted."""
        row = self.database.row("SELECT value FROM meta WHERE key = 'seed'")
        if row is None or not str(row["value"]).lstrip("-").isdecimal():
            raise self.database.damaged("it does not say with which seed it was made")
        return int(row["value"])

    def stores(self) -> tuple[Store, ...]:
        """Return the books of each organisation, in the order of their numbers."""
        return tuple(map(self._store, self._rows()))

    def first(self) -> Store:
        """Return the books of the first organisation."""
        return self._store(self._rows(1)[0])

    def store(self, tenant_id: str) -> Store | None:
        """Return the books of the organisation with this tenant id, or ``None``."""
        query = "SELECT * FROM organisations WHERE tenant_id = ?"
        row = self.database.row(query, [tenant_id.lower()])
        if row is None:
            self._rows(1)  # raises if there is no organisation at all
            return None
        return self._store(row)

    def only(self) -> Store | None:
        """Return the books of the only organisation, or ``None`` if there are several."""
        rows = self._rows(2)
        return self._store(rows[0]) if len(rows) == 1 else None

    def find(self, organisation: str) -> Store:
        """Return the books of the organisation with this name or tenant id.

        ``""`` means the only organisation. Raise ``WrongOption`` unless exactly one is found.
        """
        wanted = organisation.strip().casefold()
        found = [
            store
            for store in self.stores()
            if wanted in {"", store.organisation.name.casefold(), store.tenant_id}
        ]
        if len(found) == 1:
            return found[0]
        if wanted:
            names = [store.organisation.name for store in self.stores()]
            near = get_close_matches(organisation, names, 3, 0.5) or names[:3]
            raise WrongOption(
                f"The books have no organisation {organisation!r}.",
                "Use a name or tenant id that GET /connections lists, for example"
                f" {' or '.join(map(repr, near))}.",
            )
        raise WrongOption(
            f"The books hold {len(found)} organisations, and it is not clear which one is meant.",
            "Add @ and its name or tenant id, for example '404@Harbour Cafe Ltd'.",
        )

    def set_contacts(self, count: int) -> None:
        """Set how many contacts each organisation has; raise ``WrongOption`` for a wrong number."""
        if not FEWEST_CONTACTS <= count <= MOST_CONTACTS:
            raise WrongOption(
                f"The number of contacts of an organisation cannot be {count}.",
                f"Use a number from {FEWEST_CONTACTS} to {MOST_CONTACTS:,}.",
            )
        self.database.execute("INSERT OR REPLACE INTO meta VALUES ('contacts', ?)", [str(count)])

    def deviations(self) -> tuple[tuple[Organisation, Deviation], ...]:
        """Return pairs of an organisation and a change to its chart, each chart's oldest first."""
        stores = {store.number: store.organisation for store in self.stores()}
        rows = self.database.rows("SELECT * FROM deviations ORDER BY organisation, rowid")
        try:
            return tuple(
                (stores[number], Deviation(DeviationKind(kind), standard, account_id, value))
                for number, kind, standard, account_id, value in rows
            )
        except (KeyError, ValueError) as error:
            raise self.database.damaged("its table of deviations cannot be read") from error

    def _rows(self, most: int = MOST) -> list[sqlite3.Row]:
        rows = self.database.rows("SELECT * FROM organisations ORDER BY number LIMIT ?", [most])
        if not rows:
            raise self.database.damaged("it holds no organisation")
        return rows

    def _store(self, row: sqlite3.Row) -> Store:
        place = seed.COUNTRIES.get(row["country"])
        if place is None:
            raise self.database.damaged("an organisation has an unknown country")
        organisation = Organisation(key=row["key"], name=row["name"], country=place)
        if organisation.tenant_id != row["tenant_id"]:
            raise self.database.damaged("an organisation has the id of another one")
        return Store(self.database, row["number"], organisation, self._clock, self._assumed)


def _fill(database: Database, contents: Contents) -> None:
    number = 1 if contents.seed is None else contents.seed
    database.execute("INSERT INTO meta VALUES ('seed', ?)", [str(number)])
    if (contents.organisations or 1) == 1:
        organisation = seed.demo_company(seed.country(contents.country or "NZ"))
        _insert(database, 1, organisation, seed.accounts(organisation), ())
        return
    place = seed.country(contents.country) if contents.country else None
    for index, organisation in enumerate(seed.clients(contents.organisations or 1, place), start=1):
        accounts, deviations = seed.drifted(organisation, number)
        _insert(database, index, organisation, accounts, deviations)


def _insert(
    database: Database,
    number: int,
    organisation: Organisation,
    accounts: Sequence[Account],
    deviations: Sequence[Deviation],
) -> None:
    """Add an organisation with its accounts, tax rates and deviations to the database."""
    place = organisation.country
    database.execute(
        "INSERT INTO organisations VALUES (?, ?, ?, ?, ?)",
        [number, organisation.tenant_id, organisation.key, organisation.name, place.name],
    )
    database.execute_many(PUT_ACCOUNT, (account_row(number, account) for account in accounts))
    rates = seed.tax_rates(place.name)
    database.execute_many(PUT_TAX_RATE, (tax_rate_row(number, tax) for tax in rates))
    database.execute_many(
        "INSERT INTO deviations VALUES (?, ?, ?, ?, ?)",
        ((number, each.kind, each.standard, each.account_id, each.value) for each in deviations),
    )
