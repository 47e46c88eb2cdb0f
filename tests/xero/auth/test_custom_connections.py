"""Custom connections as Xero has them, end to end: their scopes, and how they find their books."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from command_line import Xerosync

from xero.auth.conftest import CHART, GENEROUS, point_at
from xerosync.sandbox import Sandbox
from xerosync.sandbox.identity.tokens import AppType

NAMED = "accounts.yaml (Demo Company (NZ)): "
"""What the message of a file begins with: its organisation, as the file names it."""

ELSEWHERE = "00000000-0000-4000-8000-000000000001"
COMMANDS = [
    ("plan",), ("pull", "--check"), ("drift",), ("auth", "status"), ("apply", "--yes"),
]  # fmt: skip
LISTS = ["400-header", "401", "403", "empty", "twice"]

Start = Callable[..., Sandbox]


@pytest.fixture
def start(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Return a function that starts a sandbox, whose custom connection the command uses."""
    with ExitStack() as stack:

        def call(*faults: str, **options: Any) -> Sandbox:
            server = stack.enter_context(Sandbox(faults=faults, limits=GENEROUS, **options))
            point_at(server.url, monkeypatch)
            monkeypatch.setenv("XERO_CLIENT_ID", "sandbox")
            monkeypatch.setenv("XERO_CLIENT_SECRET", "sandbox")
            return server

        yield call


def pin(tenant_id: str) -> None:
    """Write the tenant id into the file."""
    text = CHART.replace("{name:", f"{{tenant_id: {tenant_id}, name:")
    Path("accounts.yaml").write_text(text, encoding="utf-8")


def asked(server: Sandbox) -> list[tuple[str, int]]:
    """Return the calls of the sign-in, with their statuses."""
    wanted = ("/connect/token", "/connections")
    return [(each.path, each.status) for each in server.requests if each.path in wanted]


def tenants(server: Sandbox) -> set[str]:
    """Return the tenant ids that the accounting calls named, "" for none."""
    return {
        each.headers.get("xero-tenant-id", "")
        for each in server.requests
        if "/api.xro/" in each.path
    }


@pytest.mark.parametrize("command", COMMANDS)
def test_a_connection_that_ticks_only_the_write_scope_serves_every_command(
    start: Start, xerosync: Xerosync, command: tuple[str, ...]
) -> None:
    server = start(scopes="accounting.settings")
    said = xerosync(*command)
    assert said.code == (2 if "pull" in command else 0), said.err
    refusals = [("/connect/token", 400)]
    assert asked(server) == [*refusals, ("/connect/token", 200), ("/connections", 200)]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_connection_that_refuses_every_scope_serves_every_command(
    start: Start, xerosync: Xerosync, command: tuple[str, ...]
) -> None:
    server = start("POST /connect/token=scope-refused", scopes="accounting.settings")
    said = xerosync(*command)
    assert said.code == (2 if "pull" in command else 0), said.err
    assert asked(server)[:2] == [("/connect/token", 400), ("/connect/token", 200)]


def test_a_connection_that_ticks_only_the_read_scope_plans_but_does_not_apply(
    start: Start, xerosync: Xerosync
) -> None:
    server = start(scopes="accounting.settings.read")
    assert xerosync("plan").code == 0
    said = xerosync("apply", "--yes")
    assert said.code == 4
    assert (
        "is not allowed to use the scope accounting.settings; it has accounting.settings.read"
        in said.err
    )
    assert "Tick accounting.settings for the custom connection" in said.err
    assert not any(each.is_write for each in server.requests)


@pytest.mark.parametrize("command", COMMANDS)
def test_without_either_scope_the_error_names_those_of_the_connection(
    start: Start, xerosync: Xerosync, command: tuple[str, ...]
) -> None:
    start(scopes="accounting.contacts files.read")
    said = xerosync(*command)
    assert said.code == 4
    assert "it has accounting.contacts files.read" in said.err


def test_the_status_shows_the_scopes_that_the_token_has(start: Start, xerosync: Xerosync) -> None:
    start(scopes="accounting.settings files.read")
    shown = json.loads(xerosync("auth", "status", "--format", "json").out)
    assert shown["scopes"] == ["accounting.settings", "files.read"]
    assert shown["access_token_ends"]


@pytest.mark.parametrize("faults", LISTS)
@pytest.mark.parametrize("claim", [True, False])
@pytest.mark.parametrize("command", [("plan",), ("auth", "status")])
def test_the_tenant_id_comes_from_the_list_or_else_from_the_token(
    start: Start, xerosync: Xerosync, faults: str, command: tuple[str, ...], *, claim: bool
) -> None:
    server = start(
        f"GET /connections={faults}", *([] if claim else ["POST /connect/token=no-claim"])
    )
    said = xerosync(*command)
    assert said.code == 0, said.err
    assert "Demo Company (NZ)" in said.out
    assert len(asked(server)) == 2
    known = claim or faults == "twice"
    assert tenants(server) == {server.tenant_id if known else ""}


@pytest.mark.parametrize("faults", LISTS)
def test_a_pinned_tenant_needs_no_list(start: Start, xerosync: Xerosync, faults: str) -> None:
    server = start(f"GET /connections={faults}", "POST /connect/token=no-claim")
    pin(server.tenant_id)
    said = xerosync("plan")
    assert said.code == 0, said.err
    assert asked(server) == [("/connect/token", 200)]
    assert tenants(server) == {server.tenant_id}


@pytest.mark.parametrize("faults", LISTS)
@pytest.mark.parametrize("given", [True, False])
def test_the_status_of_a_pinned_tenant_needs_no_list(
    start: Start,
    xerosync: Xerosync,
    monkeypatch: pytest.MonkeyPatch,
    faults: str,
    *,
    given: bool,
) -> None:
    """Also for a token from elsewhere that does not name its organisation."""
    server = start(f"GET /connections={faults}", "POST /connect/token=no-claim")
    monkeypatch.setenv("XERO_TENANT_ID", server.tenant_id)
    if given:
        token = server.tokens.issue(AppType.CUSTOM, "accounting.settings", names_tenant=False)
        monkeypatch.setenv("XERO_ACCESS_TOKEN", token.access_token)
    said = xerosync("auth", "status", "--format", "json")
    assert said.code == 0, said.err
    (organisation,) = json.loads(said.out)["organisations"]
    assert organisation["tenant_id"] == server.tenant_id
    assert organisation["name"] == "Demo Company (NZ)"
    assert organisation["chosen"]


@pytest.mark.parametrize(
    ("by", "command"),
    [
        *(("file", command) for command in COMMANDS if "status" not in command),
        *(("variable", command) for command in COMMANDS),
    ],
)
def test_a_pinned_tenant_that_is_not_connected_is_reported_in_one_line(
    start: Start,
    xerosync: Xerosync,
    monkeypatch: pytest.MonkeyPatch,
    by: str,
    command: tuple[str, ...],
) -> None:
    server = start()
    if by == "variable":
        monkeypatch.setenv("XERO_TENANT_ID", ELSEWHERE)
    else:
        pin(ELSEWHERE)
    said = xerosync(*command)
    assert said.code == 4
    first, hint, *more = said.err.splitlines()
    assert f"This sign-in has no access to the organisation {ELSEWHERE} (Auth" in first
    assert "`tenant_id`" in hint
    assert "XERO_TENANT_ID" in hint
    assert not more
    assert "Demo Company" not in said.err.replace(NAMED, "")
    assert not any(each.is_write for each in server.requests)


@pytest.mark.parametrize("list_", ["403", "empty"])
def test_an_unauthorised_connection_is_reported(
    start: Start, xerosync: Xerosync, list_: str
) -> None:
    """It gets a token that names no organisation, and every call is forbidden."""
    start(f"GET /connections={list_}", "POST /connect/token=no-claim", "* /Organisation=403",
          "* /Accounts=403", "* /TaxRates=403")  # fmt: skip
    for command in (("plan",), ("auth", "status")):
        said = xerosync(*command)
        assert said.code == 4
        first, hint = said.err.splitlines()
        named = NAMED if command == ("plan",) else ""
        assert first == f"Error: {named}No organisation is connected (AuthenticationUnsuccessful)."
        assert "Authorise the custom connection" in hint
