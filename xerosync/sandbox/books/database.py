"""The sandbox's SQLite database, which several threads and processes may share.

All threads use one connection, with a lock. Between processes, ``BEGIN IMMEDIATE`` lets only
one transaction write at a time. SQLite's application id distinguishes our files from others.
"""

from __future__ import annotations

import shlex
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from xerosync.sandbox.errors import SandboxError

APPLICATION_ID = 0x58534258  # "XSBX"
VERSION = 5
BUSY_SECONDS = 30.0
SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE organisations (
    number INTEGER PRIMARY KEY, tenant_id TEXT NOT NULL UNIQUE, key TEXT NOT NULL,
    name TEXT NOT NULL, country TEXT NOT NULL);
CREATE TABLE accounts (
    organisation INTEGER NOT NULL, account_id TEXT NOT NULL, code TEXT NOT NULL,
    name TEXT NOT NULL, type TEXT NOT NULL, tax_type TEXT NOT NULL,
    reporting_code TEXT NOT NULL, updated_ms INTEGER NOT NULL, status TEXT NOT NULL,
    description TEXT NOT NULL, system_account TEXT,
    enable_payments_to_account INTEGER NOT NULL, show_in_expense_claims INTEGER NOT NULL,
    add_to_watchlist INTEGER NOT NULL, bank_account_number TEXT NOT NULL,
    bank_account_type TEXT NOT NULL, currency_code TEXT NOT NULL,
    has_attachments INTEGER NOT NULL, used INTEGER NOT NULL,
    locked_by TEXT NOT NULL, code_key TEXT NOT NULL,
    name_key TEXT NOT NULL, PRIMARY KEY (organisation, account_id)) WITHOUT ROWID;
CREATE UNIQUE INDEX accounts_code ON accounts (organisation, code_key)
    WHERE status <> 'DELETED' AND code_key <> '';
CREATE UNIQUE INDEX accounts_name ON accounts (organisation, name_key)
    WHERE status <> 'DELETED';
CREATE TABLE tax_rates (
    organisation INTEGER NOT NULL, tax_type TEXT NOT NULL, name TEXT NOT NULL,
    report_tax_type TEXT NOT NULL, rate REAL NOT NULL, classes TEXT NOT NULL,
    component TEXT NOT NULL, status TEXT NOT NULL,
    PRIMARY KEY (organisation, tax_type)) WITHOUT ROWID;
CREATE TABLE deviations (
    organisation INTEGER NOT NULL, kind TEXT NOT NULL, standard TEXT NOT NULL,
    account_id TEXT NOT NULL, value TEXT NOT NULL);
CREATE TABLE connections (
    id TEXT NOT NULL UNIQUE, app TEXT NOT NULL, organisation INTEGER NOT NULL,
    event TEXT NOT NULL, created REAL NOT NULL, PRIMARY KEY (app, organisation)) WITHOUT ROWID;
CREATE TABLE access_tokens (
    token TEXT PRIMARY KEY, app TEXT NOT NULL, event TEXT NOT NULL, scopes TEXT NOT NULL,
    expires REAL NOT NULL);
CREATE TABLE refresh_tokens (
    token TEXT PRIMARY KEY, app TEXT NOT NULL, event TEXT NOT NULL, scopes TEXT NOT NULL,
    public INTEGER NOT NULL, expires REAL NOT NULL, replaced REAL);
CREATE TABLE codes (
    code TEXT PRIMARY KEY, scopes TEXT NOT NULL, redirect_uri TEXT NOT NULL,
    challenge TEXT NOT NULL, nonce TEXT NOT NULL, expires REAL NOT NULL);
CREATE TABLE idempotency (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, status INTEGER NOT NULL,
    content_type TEXT NOT NULL, body BLOB NOT NULL, first_used REAL NOT NULL);
"""
ADDED = {
    3: """
CREATE TABLE postings (
    organisation INTEGER NOT NULL, account_id TEXT NOT NULL, amount INTEGER NOT NULL);
CREATE TABLE taken_out (
    organisation INTEGER NOT NULL, account_id TEXT NOT NULL, at_ms INTEGER NOT NULL,
    PRIMARY KEY (organisation, account_id)) WITHOUT ROWID;
INSERT INTO taken_out
    SELECT organisation, account_id, updated_ms FROM accounts WHERE status <> 'ACTIVE';
""",
    4: """
DROP INDEX accounts_code;
DROP INDEX accounts_name;
CREATE INDEX accounts_code ON accounts (organisation, code_key);
CREATE INDEX accounts_name ON accounts (organisation, name_key);
CREATE TABLE items (
    organisation INTEGER NOT NULL, item_id TEXT NOT NULL, code_key TEXT NOT NULL,
    body TEXT NOT NULL, PRIMARY KEY (organisation, item_id)) WITHOUT ROWID;
""",
}
"""The statements that upgrade a database from each version to the next. ``SCHEMA`` is version 3."""

MARK_AT = 68
"""The offset of the application id in a SQLite file."""
OUR_BUGS = (sqlite3.IntegrityError, sqlite3.ProgrammingError)
UNUSABLE = frozenset({
    sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
})  # fmt: skip
"""SQLite's error codes for a file that cannot be opened, read or written."""


def _has_our_mark(path: Path | str) -> bool:
    """Whether a file has our application id. SQLite itself cannot read it in a damaged file."""
    try:
        with Path(path).open("rb") as file:
            header = file.read(MARK_AT + 4)
    except OSError:
        return False
    return header[MARK_AT:] == APPLICATION_ID.to_bytes(4)


class DamagedError(SandboxError):
    """The database is one of the sandbox's, but its contents are damaged."""


class Database:
    """An open database of the sandbox.

    ``fill`` inserts the first rows into a new database. It runs in the transaction that creates
    the tables: two processes that start together fill the database only once. ``fresh`` deletes
    the old contents first. ``is_new`` says whether ``fill`` ran. Raise ``SandboxError`` if the file
    cannot be used. A file that is not the sandbox's is left unchanged, even with ``fresh``.
    """

    def __init__(
        self, path: Path | str, fill: Callable[[Database], None], *, fresh: bool = False
    ) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._is_known = False
        self.is_new = False
        try:
            self._open(fill, fresh=fresh)
        except DamagedError:
            if not fresh:
                raise
            with self._errors():
                for ending in ("", "-wal", "-shm"):
                    Path(f"{path}{ending}").unlink(missing_ok=True)
            self._open(fill, fresh=False)

    def _open(self, fill: Callable[[Database], None], *, fresh: bool) -> None:
        with self._errors():
            if str(self.path) != ":memory:":
                Path(self.path).parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._connection.row_factory = sqlite3.Row
            try:
                self._prepare(fill, fresh=fresh)
            except BaseException:
                self._connection.close()
                raise

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn errors of SQLite and the file system into ``SandboxError``, except ``OUR_BUGS``."""
        try:
            yield
        except OUR_BUGS:
            raise
        except (sqlite3.Error, UnicodeDecodeError, OSError) as error:
            # UnicodeDecodeError: SQLite's message repeats bytes of a damaged file.
            raise self._explained(error) from error

    def _explained(self, error: Exception) -> SandboxError:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
        unusable = f"The sandbox's database {self.path} cannot be used: {error}."
        if code == sqlite3.SQLITE_BUSY:
            return SandboxError(
                unusable, "Another process is writing to it: run again when that has finished."
            )
        if code in UNUSABLE or isinstance(error, OSError):
            return SandboxError(
                unusable,
                "It must be a file that you can write to, in a folder that you can write to, on a"
                " disk with free space. Or move it away: a new one will be created.",
            )
        if not (self._is_known or _has_our_mark(self.path)):
            return self._foreign()
        missing = str(error).startswith("no such")
        return self.damaged("a table or column is missing" if missing else "SQLite cannot read it")

    def damaged(self, problem: str) -> DamagedError:
        """Return the error for a damaged database, with ``problem`` as the reason."""
        return DamagedError(
            f"The sandbox's database {self.path} is damaged: {problem}.", self.way_out
        )

    def _foreign(self) -> SandboxError:
        return SandboxError(
            f"{self.path} is not a database of the sandbox; it was left untouched.",
            "Move it away. Or, if it is a damaged database of the sandbox, delete it: a new one"
            " will be created.",
        )

    @property
    def way_out(self) -> str:
        """The hint for a damaged database or a database of another version."""
        path = shlex.quote(str(self.path))
        return f"Run `xerosync sandbox --reset --db {path}` to start with new books."

    def _prepare(self, fill: Callable[[Database], None], *, fresh: bool) -> None:
        # In this order, as another process may fill a new file between the two queries.
        is_empty = self._is_empty()
        self._is_known = self._is_ours()
        if self._is_known:
            (problem,) = self._connection.execute("PRAGMA integrity_check(1)").fetchone()
            if problem != "ok":
                raise self.damaged("its tables and indexes do not agree")
        elif not is_empty:
            raise self._foreign()
        self._use_write_ahead_log()
        with self.write():
            if self._is_ours() and fresh:
                self._drop()
            if self._is_empty():
                self._run(SCHEMA)
                self.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                fill(self)
                self._run(*ADDED.values())
                self.is_new = True
            else:
                self._bring_up_to_date()
            self._is_known = True
            # Even if the version is set already: this shows whether the file can be written to.
            self.execute(f"PRAGMA user_version = {VERSION}")

    def _run(self, *scripts: str) -> None:
        for script in scripts:
            for statement in script.strip().split(";\n"):
                self.execute(statement.rstrip(";"))

    def _bring_up_to_date(self) -> None:
        version = self._pragma("user_version")
        if version != VERSION and version not in ADDED:
            raise SandboxError(
                f"{self.path} was created by another version of the sandbox.", self.way_out
            )
        self._run(*(script for since, script in ADDED.items() if since >= version))

    def _use_write_ahead_log(self) -> None:
        """Turn on the write-ahead log. Retry while the file is locked, as SQLite does not wait."""
        deadline = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL").fetchall()
                break
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
        self._connection.execute("PRAGMA synchronous = NORMAL").fetchall()

    def _pragma(self, name: str) -> int:
        return int(self._connection.execute(f"PRAGMA {name}").fetchone()[0])

    def _is_ours(self) -> bool:
        return self._pragma("application_id") == APPLICATION_ID

    def _is_empty(self) -> bool:
        return not self._connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()

    def _drop(self) -> None:
        tables = self._connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        for (table,) in tables:
            self.execute(f'DROP TABLE "{table}"')

    @contextmanager
    def write(self) -> Iterator[None]:
        """Hold the write lock; commit at the end, or roll back after an exception.

        A nested call joins the outer transaction.
        """
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            with self._errors():
                self._connection.execute("BEGIN IMMEDIATE")
                with self._connection:
                    yield

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Return the rows of a query."""
        with self._lock, self._errors():
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Row | None:
        """Return the first row of a query, or ``None`` if there are no rows."""
        rows = self.rows(sql, values)
        return rows[0] if rows else None

    def execute(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Run one statement. Return how many rows it wrote or deleted, -1 for other statements."""
        with self._lock, self._errors():
            return self._connection.execute(sql, values).rowcount

    def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each row."""
        with self._lock, self._errors():
            self._connection.executemany(sql, rows)

    def close(self) -> None:
        """Close the connection; ignore an error in SQLite's last write."""
        with self._lock, suppress(sqlite3.Error):
            self._connection.close()
