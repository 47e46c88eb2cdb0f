"""A plain HTTP client of the sandbox, and a clock that tests move by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xerosync.sandbox import Sandbox

NOON = 1_780_272_000.0
"""2026-06-01 00:00:00 UTC, the start of a minute and of a day."""


class Clock:
    """Seconds since 1970, moved by hand."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Client:
    """Calls to the accounting API of one sandbox, signed in as a custom connection."""

    def __init__(self, sandbox: Sandbox, token: str | None = None) -> None:
        self.sandbox = sandbox
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Authorization"] = f"Bearer {token or sandbox.access_token()}"
        self.session.headers["Accept"] = "application/json"
        self.session.headers["xero-tenant-id"] = sandbox.tenant_id

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        base = f"{self.sandbox.url}/api.xro/2.0"
        return self.session.request(method, f"{base}{path}", timeout=10, **options)

    def accounts(self, **query: str) -> list[dict[str, Any]]:
        answer = self.call("GET", "/Accounts", params=query)
        assert answer.status_code == 200, answer.text
        elements: list[dict[str, Any]] = answer.json()["Accounts"]
        return elements

    def find(self, code: str) -> dict[str, Any]:
        (account,) = [each for each in self.accounts() if each.get("Code") == code]
        return account

    def create(
        self, headers: Mapping[str, str] | None = None, /, **fields: Any
    ) -> requests.Response:
        return self.call("PUT", "/Accounts", json=fields, headers=headers)

    def update(self, account_id: str, **fields: Any) -> requests.Response:
        return self.call("POST", f"/Accounts/{account_id}", json={"Accounts": [fields]})

    def delete(self, account_id: str) -> requests.Response:
        return self.call("DELETE", f"/Accounts/{account_id}")


def only(answer: requests.Response) -> dict[str, Any]:
    """Return the one account of a successful response."""
    assert answer.status_code == 200, answer.text
    (account,) = answer.json()["Accounts"]
    assert isinstance(account, dict)
    return account


def messages(answer: requests.Response) -> list[str]:
    """Return all validation messages of an error response."""
    assert answer.status_code == 400, answer.text
    return [
        error["Message"]
        for element in answer.json()["Elements"]
        for error in element["ValidationErrors"]
    ]
