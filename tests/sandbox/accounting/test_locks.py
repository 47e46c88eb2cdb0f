"""Locked accounts: they can be edited, but neither archived nor deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.client import messages, only
from xerosync.sandbox import SandboxError
from xerosync.sandbox.accounting.account import LOCKED_BY

if TYPE_CHECKING:
    from sandbox.client import Client
    from xerosync.sandbox import Sandbox


@pytest.mark.parametrize(("use", "name"), LOCKED_BY.items())
def test_a_locked_account_is_edited_but_neither_archived_nor_deleted(
    client: Client, sandbox: Sandbox, use: str, name: str
) -> None:
    sandbox.store.lock("400", use)
    sandbox.store.edit("400", used=False)
    account = client.find("400")["AccountID"]

    archived = messages(client.update(account, Status="ARCHIVED"))
    deleted = messages(client.delete(account))

    assert archived == [f"Cannot archive an account that is used by {name}"]
    assert deleted == [f"Cannot delete an account that is used by {name}"]
    assert client.find("400")["Status"] == "ACTIVE"
    renamed = only(client.update(account, Name="Promotion", Code="401", Type="OVERHEADS"))
    assert (renamed["Name"], renamed["Code"], renamed["Type"]) == ("Promotion", "401", "OVERHEADS")


def test_an_unlocked_account_can_be_archived(client: Client, sandbox: Sandbox) -> None:
    rent = client.find("469")
    assert messages(client.update(rent["AccountID"], Status="ARCHIVED"))

    sandbox.store.lock("469", "")

    assert client.find("469") == rent, "a lock shows nowhere in the account"
    assert only(client.update(rent["AccountID"], Status="ARCHIVED"))["Status"] == "ARCHIVED"


@pytest.mark.parametrize(("code", "use"), [("999", "payroll"), ("400", "vault")])
def test_a_lock_needs_a_known_account_and_a_known_use(
    sandbox: Sandbox, code: str, use: str
) -> None:
    with pytest.raises(SandboxError):
        sandbox.store.lock(code, use)
