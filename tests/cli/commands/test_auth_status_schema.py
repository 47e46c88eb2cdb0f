"""`auth status --format json` prints what its published schema describes, with every key."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from command_line import Xerosync
from render.test_published_schemas import STATUS, check
from xero.auth.conftest import Browser, books, browser, login
from xero.auth.test_store import Login

from xerosync.cli.commands.auth import _as_json
from xerosync.sandbox import Sandbox
from xerosync.xero.auth.credentials import AuthKind
from xerosync.xero.auth.status import OrganisationAccess, SignInStatus
from xerosync.xero.auth.tenants import Connection

__all__ = ["books", "browser", "login"]

WHEN = datetime(2026, 11, 24, 9, tzinfo=UTC)
ACCESS = (
    OrganisationAccess(Connection("t-1", "Acme"), chosen=True, calls_left_today=4999),
    OrganisationAccess(Connection("", "<b>\x1b[31m\u202e"), chosen=False, calls_left_today=None),
)


@pytest.mark.parametrize("kind", AuthKind, ids=lambda kind: kind.name)
@pytest.mark.parametrize("ends", [WHEN, None])
def test_each_status_matches_the_schema(kind: AuthKind, ends: datetime | None) -> None:
    found = SignInStatus(kind, "app", ACCESS, ("a", "b"), ends, ends, "keyring")
    check(STATUS, _as_json(found, "acme-uk"))
    check(STATUS, _as_json(SignInStatus(kind, "", (), (), ends), ""))


def test_the_status_of_a_person_matches_the_schema(
    books: Sandbox, login: Login, browser: Browser, xerosync: Xerosync
) -> None:
    assert login().code == 0
    said = xerosync("auth", "status", "--format", "json")
    document = json.loads(said.out)
    check(STATUS, document)
    assert list(document) == STATUS["required"]
    assert document["signed_in_by"] == "person"


def test_the_status_of_a_custom_connection_matches_the_schema(
    books: Sandbox, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XERO_CLIENT_SECRET", "sandbox")
    check(STATUS, json.loads(xerosync("auth", "status", "--format", "json").out))
