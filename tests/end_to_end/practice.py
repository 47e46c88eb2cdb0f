"""The books of several organisations over HTTP, and a chart file for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from end_to_end.conftest import GENEROUS
from xerosync.sandbox import Sandbox
from xerosync.sandbox.books.store import Store

NEW = 'code: "9871", name: Waves, type: EXPENSE'
BLOCKED = 'code: "820", status: ARCHIVED'
"""Xero refuses to archive a system account."""


class Practice:
    """Organisations whose files ask for one new account each, unless a test writes others."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.stores: Sequence[Store] = sandbox.books.stores()
        for number in range(len(self.stores)):
            self.write(number)

    def name(self, number: int) -> str:
        return self.stores[number].organisation.name

    def file(self, number: int) -> Path:
        return Path("clients", f"client{number:02}.yaml")

    def write(self, number: int, *accounts: str, head: str = "") -> None:
        """Write the file of an organisation."""
        store = self.stores[number]
        pin = f'name: "{store.organisation.name}", tenant_id: "{store.tenant_id}"'
        lines = ["version: 1", f"organisation: {{{pin}}}", *head.splitlines(), "accounts:"]
        lines += [f"  - {{{one}}}" for one in accounts or (NEW,)]
        self.file(number).parent.mkdir(exist_ok=True)
        self.file(number).write_text("\n".join(lines) + "\n", encoding="utf-8")

    @property
    def written(self) -> list[int]:
        """The organisations that were written to, each once, in the order of their first write."""
        found = [
            entry.headers["xero-tenant-id"] for entry in self.sandbox.requests if entry.is_write
        ]
        tenants = [store.tenant_id for store in self.stores]
        return [tenants.index(tenant) for tenant in dict.fromkeys(found)]

    @property
    def done(self) -> list[int]:
        """The organisations that have the new account, each exactly once."""
        counts = [
            sum(account.code == "9871" for account in store.accounts()) for store in self.stores
        ]
        assert max(counts) <= 1, "an account was created twice"
        return [number for number, count in enumerate(counts) if count]


Begin = Callable[..., Practice]


@contextmanager
def practices(monkeypatch: pytest.MonkeyPatch) -> Iterator[Begin]:
    """Yield what serves a practice and signs in to it."""
    with ExitStack() as stack:

        def begin(organisations: int = 4, **options: Any) -> Practice:
            made = Sandbox(
                organisations=organisations, country="NZ", **{"limits": GENEROUS} | options
            )
            sandbox = stack.enter_context(made)
            for name in ("XEROSYNC_API_URL", "XEROSYNC_IDENTITY_URL"):
                monkeypatch.setenv(name, sandbox.url)
            for name in ("XERO_CLIENT_ID", "XERO_CLIENT_SECRET"):
                monkeypatch.setenv(name, "sandbox")
            return Practice(sandbox)

        yield begin
