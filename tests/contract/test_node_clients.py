"""Xero's SDK for Node and Xero's MCP server against the sandbox, unchanged but for the address."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from contract.installed import CLIENTS, environment, node_packages
from xerosync.sandbox import Limits, Sandbox

NODE = ("node", "--require", str(CLIENTS / "to_sandbox.cjs"))
GENEROUS = Limits(minute=1000)
GRANULAR = (
    "accounting.invoices accounting.payments accounting.banktransactions"
    " accounting.manualjournals accounting.reports.aged.read accounting.reports.balancesheet.read"
    " accounting.reports.profitandloss.read accounting.reports.trialbalance.read"
    " accounting.contacts accounting.settings payroll.settings payroll.employees"
    " payroll.timesheets"
)
"""What Xero's MCP server needs of a connection made since April 2026."""
SECONDS = 60.0


@pytest.fixture
def packages() -> Path:
    return node_packages()


def sdk(packages: Path, sandbox: Sandbox, how: str) -> dict[str, Any]:
    """Run the script that uses the SDK; return what it did."""
    ended = subprocess.run(
        [*NODE, str(CLIENTS / "xero_node.cjs"), how],
        env=environment(sandbox, NODE_PATH=str(packages)),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    done: dict[str, Any] = json.loads(ended.stdout)
    return done


@pytest.mark.parametrize("how", ["person", "custom connection"])
def test_the_sdk_lists_creates_updates_archives_restores_and_deletes(
    packages: Path, how: str
) -> None:
    with Sandbox(limits=GENEROUS) as sandbox:
        done = sdk(packages, sandbox, how)
        accounts = sandbox.store.accounts()

        assert done["tenant"]["orgData"]["organisationID"] == sandbox.tenant_id
        assert {each["accountID"] for each in done["listed"]} == {
            account.account_id for account in accounts
        }
        names = [each["name"] for each in done["banks"]]
        assert names == sorted(account.name for account in accounts if account.type == "BANK")
        assert {"INPUT2", "OUTPUT2"} <= set(done["rates"])
        assert (done["created"]["code"], done["created"]["taxType"]) == ("601", "INPUT2")
        assert done["updated"]["name"] == "Training"
        assert done["archived"]["status"] == "ARCHIVED"
        assert done["restored"]["status"] == "ACTIVE"
        assert done["deleted"]["status"] == "DELETED"
        assert {"Message": "Please enter a unique Name."} in done["duplicate"]


def test_the_sdk_verifies_who_signed_in(packages: Path) -> None:
    """It discovers the endpoints, and verifies the identity token with the published keys."""
    with Sandbox(limits=GENEROUS) as sandbox:
        signed_in = sdk(packages, sandbox, "person")["signedIn"]
        paths = [each.path for each in sandbox.requests]

    assert signed_in["email"] == "demo@example.com"
    assert "openid" in signed_in["scopes"]
    assert signed_in["renewed"]
    assert paths[0] == "/.well-known/openid-configuration"
    assert "/.well-known/openid-configuration/jwks" in paths


class McpServer:
    """Xero's MCP server, spoken to over its standard input and output."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._asked = 0
        client = {"name": "tests", "version": "1"}
        self._ask("initialize", protocolVersion="2024-11-05", capabilities={}, clientInfo=client)
        self._send(method="notifications/initialized")

    def tools(self) -> set[str]:
        """Return the names of its tools."""
        return {tool["name"] for tool in self._ask("tools/list")["tools"]}

    def call(self, tool: str) -> list[str]:
        """Call a tool without arguments; return the texts of its answer."""
        answer = self._ask("tools/call", name=tool, arguments={})
        return [content["text"] for content in answer["content"]]

    def _ask(self, method: str, **params: object) -> Any:
        self._asked += 1
        self._send(id=self._asked, method=method, params=params)
        assert self._process.stdout
        for line in self._process.stdout:
            message = json.loads(line) if line.startswith("{") else {}
            if message.get("id") == self._asked:
                return message["result"]
        raise AssertionError(self._process.stderr and self._process.stderr.read())

    def _send(self, **message: object) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        self._process.stdin.flush()


@contextmanager
def mcp_server(packages: Path, sandbox: Sandbox) -> Iterator[McpServer]:
    """Run the server, for a minute at most."""
    credentials = {"XERO_CLIENT_ID": "sandbox", "XERO_CLIENT_SECRET": "sandbox"}
    with subprocess.Popen(
        [*NODE, str(packages / "@xeroapi" / "xero-mcp-server" / "dist" / "index.js")],
        env=environment(sandbox, **credentials),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        limit = Timer(SECONDS, process.kill)
        limit.start()
        try:
            yield McpServer(process)
        finally:
            limit.cancel()
            process.kill()


@pytest.mark.parametrize("ticked", ["", GRANULAR])
def test_the_mcp_server_signs_in_and_lists(packages: Path, ticked: str) -> None:
    """It asks for broad scopes first, and for granular ones if those are refused."""
    with (
        Sandbox(scopes=ticked, limits=GENEROUS) as sandbox,
        mcp_server(packages, sandbox) as server,
    ):
        listed = server.call("list-accounts")
        rates = server.call("list-tax-rates")
        organisation = server.call("list-organisation-details")
        contacts = server.call("list-contacts")
        balances = server.call("list-trial-balance")
        accounts = sandbox.store.accounts()
        tokens = [each.status for each in sandbox.requests if each.path == "/connect/token"]

    assert listed[0] == f"Found {len(accounts)} accounts:"
    assert all(any(f"ID: {account.account_id}" in each for each in listed) for account in accounts)
    assert any("Tax Type: OUTPUT2" in each for each in rates)
    assert any("Name: Demo Company (NZ)" in each for each in organisation)
    assert contacts[0] == "Found 11 contacts:"
    assert "Trial Balance" in balances[0]
    assert tokens == [*([400] if ticked else []), 200] * 5


def test_the_mcp_server_has_no_tool_that_changes_accounts(packages: Path) -> None:
    """So nothing but its list of accounts can be tested."""
    with Sandbox() as sandbox, mcp_server(packages, sandbox) as server:
        assert [name for name in server.tools() if "account" in name] == ["list-accounts"]
