"""The books of many clients over HTTP, each with a fault of its own if a test asks for one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event, Lock
from threading import enumerate as enumerate_threads
from typing import Self

from network.scripted_server import Server, respond

ACCOUNTS = [
    {"AccountID": f"0000000{n}-aaaa-4000-8000-000000000000", "Code": f"40{n}", "Name": name,
     "Type": "EXPENSE", "Status": "ACTIVE", "TaxType": "NONE", "Class": "EXPENSE"}
    for n, name in enumerate(["Rent", "Bank Fees", "Cleaning"])
]  # fmt: skip
RATES = [{"Name": "No GST", "TaxType": "NONE", "Status": "ACTIVE", "CanApplyToExpenses": True}]
REFUSED: Mapping[str, Callable[[BaseHTTPRequestHandler], None]] = {
    "403": respond(403, b'{"Title": "Forbidden"}', {"Content-Type": "application/json"}),
    "401": respond(401, b'{"Title": "Unauthorized", "Detail": "AuthenticationUnsuccessful"}'),
    "expired": respond(401, b'{"Detail": "TokenExpired: token expired"}'),
    "500": respond(500, b"{}"),
    "day": respond(429, b"{}", {"X-Rate-Limit-Problem": "day", "Retry-After": "40000"}),
    "page": respond(200, b"<html>down</html>", {"Content-Type": "text/html"}),
}
"""Answers to every call about one organisation."""


def tenant(number: int) -> str:
    """Return a client's tenant id."""
    return f"{number:08}-0000-4000-8000-000000000000"


@dataclass
class Practice:
    """Serves clients from 1 to `clients`; `faults` are by client's number.

    A `token_status` other than 200 refuses every sign-in. Each sign-in gets another token, and
    `rejected` returns whether a token is refused. A client with the fault "held" gets no answer
    until the end.
    """

    clients: int
    faults: dict[int, str] = field(default_factory=dict)
    token_status: int = 200
    rejected: Callable[[str], bool] = lambda _: False
    connected: set[int] = field(default_factory=set)
    calls: Counter[str] = field(default_factory=Counter)
    ports: set[int] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)
    most_threads: int = 0
    release: Event = field(default_factory=Event)
    _lock: Lock = field(default_factory=Lock)

    def __enter__(self) -> Self:
        self.connected |= set(range(1, self.clients + 1))
        self.server = Server(self._answer)
        self.server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.release.set()
        self.server.__exit__()

    @property
    def url(self) -> str:
        return self.server.url

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        path = handler.path.rpartition("/")[2]
        with self._lock:
            self.calls[path] += 1
            self.ports.add(handler.client_address[1])
            self.tokens.add(handler.headers.get("Authorization", ""))
            ours = [
                one for one in enumerate_threads() if one.name.startswith(("organisation", "read"))
            ]
            self.most_threads = max(self.most_threads, len(ours))
        if path == "token":
            token = f"tok{self.calls[path]}"
            body = {"access_token": token, "expires_in": 1800, "token_type": "Bearer"}
            respond(self.token_status, _json(body if self.token_status == 200 else {}))(handler)
            return
        if self.rejected(handler.headers.get("Authorization", "").removeprefix("Bearer ")):
            REFUSED["401"](handler)
            return
        if path == "connections":
            listed = [{"tenantId": tenant(n), "tenantName": f"Client {n}"} for n in self.connected]
            respond(200, _json(listed))(handler)
            return
        number = int(handler.headers["Xero-Tenant-Id"][:8])
        fault = self.faults.get(number, "")
        if fault == "held":
            self.release.wait(60)
            handler.close_connection = True
            return
        answers = {
            "Organisation": {"Organisations": [{"OrganisationID": tenant(number),
                             "Name": f"Client {number}", "CountryCode": "NZ"}]},
            "Accounts": {"Accounts": ACCOUNTS},
            "TaxRates": {"TaxRates": RATES},
        }  # fmt: skip
        (REFUSED.get(fault) or respond(200, _json(answers[path])))(handler)


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def write_client(
    folder: Path, number: int, *accounts: str, head: str = "", pinned: bool = True
) -> Path:
    """Write a client's chart file: what Xero has, unless other accounts are given."""
    path = folder / f"client{number:03}.yaml"
    pin = f', tenant_id: "{tenant(number)}"' if pinned else ""
    lines = ["version: 1", f'organisation: {{name: "Client {number}"{pin}}}', *head.splitlines()]
    lines += ["accounts:", *(f"  - {{{one}}}" for one in accounts or ['code: "400", name: Rent'])]
    folder.mkdir(exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
