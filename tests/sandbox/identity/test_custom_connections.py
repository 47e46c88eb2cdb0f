"""Custom connections: the scopes that are ticked, and the ways in which Xero's differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from sandbox.client import Client
from sandbox.json_tokens import claims_of
from xerosync.sandbox import Sandbox, SandboxError
from xerosync.sandbox.identity.scopes import API

if TYPE_CHECKING:
    from collections.abc import Iterator

REFUSED = {
    "error": "invalid_scope",
    "error_description": "Client credentials scope validation failed",
}
MCP_SERVER = (
    "accounting.invoices accounting.payments accounting.banktransactions"
    " accounting.manualjournals accounting.reports.aged.read accounting.reports.balancesheet.read"
    " accounting.reports.profitandloss.read accounting.reports.trialbalance.read"
    " accounting.contacts accounting.settings payroll.settings payroll.employees"
    " payroll.timesheets"
)
"""What Xero's MCP server asks for."""
REPORTS = (
    "accounting.invoices.read accounting.attachments accounting.budgets.read"
    " accounting.reports.banksummary.read accounting.reports.budgetsummary.read"
    " accounting.reports.executivesummary.read accounting.reports.taxreports.read"
)


@pytest.fixture
def narrow() -> Iterator[Sandbox]:
    with Sandbox(scopes="accounting.settings") as sandbox:
        yield sandbox


def ask(sandbox: Sandbox, scope: str | None = None) -> requests.Response:
    form = {"grant_type": "client_credentials"} | ({} if scope is None else {"scope": scope})
    return requests.post(
        f"{sandbox.url}/connect/token", data=form, auth=("sandbox", "sandbox"), timeout=10
    )


def listed(sandbox: Sandbox) -> Any:
    client = Client(sandbox)
    with client.session:
        return client.session.get(f"{sandbox.url}/connections", timeout=10)


@pytest.mark.parametrize(
    "scope", ["accounting.settings.read", "accounting.settings accounting.contacts", "nonsense"]
)
def test_a_scope_that_is_not_ticked_is_refused(narrow: Sandbox, scope: str) -> None:
    answer = ask(narrow, scope)

    assert (answer.status_code, answer.json()) == (400, REFUSED)


def test_a_ticked_scope_is_granted_alone(narrow: Sandbox) -> None:
    assert ask(narrow, "accounting.settings").json()["scope"] == "accounting.settings"


@pytest.mark.parametrize("none", [None, ""])
def test_without_a_scope_everything_that_is_ticked_is_granted(none: str | None) -> None:
    with Sandbox(scopes="files accounting.settings") as sandbox:
        answer = ask(sandbox, none).json()

    assert answer["scope"] == "accounting.settings files"
    assert claims_of(answer["access_token"])["scope"] == ["accounting.settings", "files"]


@pytest.mark.parametrize(
    "scope",
    [
        MCP_SERVER,
        "accounting.transactions accounting.contacts accounting.reports.read payroll.settings",
        "payroll.payruns payroll.payslip.read files assets.read projects",
        REPORTS,
    ],
)
def test_the_default_scopes_of_real_clients_are_granted(sandbox: Sandbox, scope: str) -> None:
    assert ask(sandbox, scope).json()["scope"] == scope


def test_a_connection_can_refuse_every_scope() -> None:
    with Sandbox(faults=["POST /connect/token=scope-refused"]) as sandbox:
        assert ask(sandbox, "accounting.settings").json() == REFUSED
        assert ask(sandbox).json()["scope"] == " ".join(sorted(API))


def test_only_scopes_of_xero_can_be_ticked() -> None:
    with pytest.raises(SandboxError, match=r"'openid'") as caught:
        Sandbox(scopes="accounting.settings openid")
    assert "accounting.settings" in caught.value.hint


@pytest.mark.parametrize(
    ("kind", "status"), [("400-header", 400), ("401", 401), ("403", 403), ("empty", 200)]
)
def test_the_list_of_connections_can_be_refused_or_empty(kind: str, status: int) -> None:
    with Sandbox(faults=[f"GET /connections={kind}"]) as sandbox:
        answer = listed(sandbox)

    assert answer.status_code == status
    says = {400: "Xero-User-Id and/or Xero-Tenant-Id header must be supplied"}
    assert answer.json() == [] if status == 200 else says.get(status, "") in answer.text


def test_one_organisation_can_be_listed_twice() -> None:
    with Sandbox(faults=["GET /connections=twice"]) as sandbox:
        first, second = listed(sandbox).json()

        assert first == second
        assert first["tenantId"] == sandbox.tenant_id


def test_a_fault_leaves_the_organisation_out_of_a_token() -> None:
    with Sandbox(faults=["POST /connect/token#2=no-claim"]) as sandbox:
        with_claim, without = (ask(sandbox).json()["access_token"] for _ in range(2))
        tenant_id = sandbox.tenant_id

    assert claims_of(with_claim)["xero_tenant_id"] == tenant_id
    assert "xero_tenant_id" not in claims_of(without)


@pytest.mark.parametrize(
    "spec", ["GET /Accounts=twice", "* *=empty", "GET /connections=no-claim", "* /=scope-refused"]
)
def test_a_fault_of_connections_is_refused_for_other_paths(spec: str) -> None:
    with pytest.raises(SandboxError, match=r"only for /conn") as caught:
        Sandbox(faults=[spec])
    assert spec in caught.value.message
