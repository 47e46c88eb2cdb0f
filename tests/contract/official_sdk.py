"""Xero's own Python SDK, signed in at the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xero_python.accounting import Account, AccountingApi, Accounts
from xero_python.api_client import ApiClient
from xero_python.api_client.configuration import Configuration
from xero_python.api_client.oauth2 import OAuth2Token
from xero_python.identity import IdentityApi

if TYPE_CHECKING:
    from xerosync.sandbox import Sandbox


class Sdk:
    """The SDK's clients, signed in with its own client credentials.

    Accounting calls go to ``url``, to the sandbox itself unless it is given.
    """

    def __init__(self, sandbox: Sandbox, url: str = "") -> None:
        self.token: dict[str, Any] = {}
        credentials = OAuth2Token(client_id="sandbox", client_secret="sandbox")
        client = ApiClient(
            Configuration(oauth2_token=credentials),
            oauth2_token_getter=lambda: self.token,
            oauth2_token_saver=self.save,
        )
        self.client = client
        credentials.get_client_credentials_access_token(client, app_store_billing=False)
        self.accounting = AccountingApi(client, base_url=f"{url or sandbox.url}/api.xro/2.0")
        self.identity = IdentityApi(client, base_url=sandbox.url)
        self.tenants = [each.tenant_id for each in self.identity.get_connections()]
        self.tenant_id = self.tenants[0]

    def save(self, token: dict[str, Any]) -> None:
        self.token = token

    def update(self, account_id: str, **fields: Any) -> Any:
        accounts = Accounts(accounts=[Account(**fields)])
        return self.accounting.update_account(self.tenant_id, account_id, accounts).accounts[0]

    def create(self, **fields: Any) -> Any:
        return self.accounting.create_account(self.tenant_id, Account(**fields)).accounts[0]

    def codes(self, **query: str) -> set[str]:
        answer = self.accounting.get_accounts(self.tenant_id, **query)
        return {account.code for account in answer.accounts}

    def close(self) -> None:
        self.client.rest_client.pool_manager.clear()
