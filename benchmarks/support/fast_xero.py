"""A Xero that only answers reads, quickly, for as many organisations as a benchmark needs.

The sandbox checks every rule and would be slower than what is measured. This server renders
each answer once and waits on an event loop, in a process of its own. It enforces the limits
of each tenant (5 calls at once, 60 a minute) and of the app, and counts what it was asked:
GET /statistics. Every client has the chart of New Zealand's demo company; each of the first
twenty has another name for another account. What uses the accounts is that of a sandbox.

Run: python fast_xero.py ORGANISATIONS LATENCY CALLS_A_MINUTE. It prints its address.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import resource
import sys
import time
import urllib.request
from collections import Counter
from dataclasses import replace
from http import HTTPStatus

from xerosync.sandbox import Limits, Sandbox
from xerosync.sandbox.accounting import account, organisation, tax_rate
from xerosync.sandbox.books import seed
from xerosync.sandbox.http.messages import ACCOUNTING, envelope
from xerosync.sandbox.http.rate_limits import RateLimiter

OUTLIERS = 20
NOW_MS = 1_780_272_000_000
COUNTRY = seed.country("NZ")
USAGE = ("Contacts", "Items", "RepeatingInvoices", "Reports/TrialBalance")
SCOPES = (
    "accounting.settings.read accounting.contacts.read accounting.invoices.read "
    "accounting.reports.trialbalance.read"
)


class FastXero:
    """Answers requests, and counts them."""

    def __init__(self, count: int, latency: float, app_minute: int) -> None:
        self.limits = Limits(app_minute=app_minute)
        self.latency = latency
        self.began = 0.0
        self.tens: Counter[int] = Counter()
        self.span = 0.0
        self.asked: Counter[str] = Counter()
        self.connections = 0
        self.latest = 0.0
        clients = [*seed.clients(count, COUNTRY)]
        self.numbers = {each.tenant_id: number for number, each in enumerate(clients, start=1)}
        self.organisations = [
            _packed(envelope("Organisations", [organisation.render(each)], NOW_MS).body)
            for each in clients
        ]
        charts = [_packed(_chart(number)) for number in range(OUTLIERS)] + [_packed(_chart(None))]
        self.charts = charts
        rates = [tax_rate.render(tax) for tax in seed.tax_rates(COUNTRY.name)]
        self.rates = _packed(envelope("TaxRates", rates, NOW_MS).body)
        self.usage = _usage()
        self.listed = _packed(
            json.dumps(
                [
                    {
                        "id": each.id_of("connection"),
                        "authEventId": each.id_of("event"),
                        "tenantId": each.tenant_id,
                        "tenantType": "ORGANISATION",
                        "tenantName": each.name,
                    }
                    for each in clients
                ]
            ).encode()
        )

    def begin(self) -> None:
        """Start the app's minute with the first call, so that no run is lucky or unlucky."""
        self.began = time.time()
        limits = replace(self.limits, offset=self.began % 60)
        self.limiter = RateLimiter(limits, time.time)

    def answer(self, path: str, tenant: str) -> tuple[int, bytes, dict[str, str], int]:
        """Return status, body, headers, and the number of the tenant whose call it is."""
        if not path.startswith(ACCOUNTING):
            self.asked[path] += 1
            return (200, self._other(path), {}, 0)
        if not self.began:
            self.begin()
        number = self.numbers[tenant]
        refusal = self.limiter.enter(number)
        entered = 0 if refusal else number
        refusal = refusal or self.limiter.count(number)
        headers = self.limiter.headers(number)
        if refusal:
            self.asked[f"429 {refusal.headers['X-Rate-Limit-Problem']}"] += 1
            return (429, b"", {**headers, **refusal.headers}, entered)
        resource_name = path.removeprefix(f"{ACCOUNTING}/")
        self.asked[resource_name] += 1
        self.span = time.time() - self.began
        self.tens[int(self.span // 10)] += 1
        body = {
            "Organisation": self.organisations[number - 1],
            "Accounts": self.charts[min(number - 1, OUTLIERS)],
            "TaxRates": self.rates,
            **self.usage,
        }[resource_name]
        return (200, body, headers, entered)

    def _other(self, path: str) -> bytes:
        if path == "/connections":
            return self.listed
        if path == "/connect/token":
            token = {
                "access_token": "token-of-the-benchmark",
                "expires_in": 1800,
                "token_type": "Bearer",
            }
            return json.dumps(token | {"scope": "accounting.settings.read"}).encode()
        used = resource.getrusage(resource.RUSAGE_SELF)
        return json.dumps(
            {
                "asked": self.asked,
                "span": self.span,
                "tens": [self.tens[number] for number in range(max(self.tens, default=0) + 1)],
                "connections": self.connections,
                "latest": self.latest,
                "cpu": used.ru_utime + used.ru_stime,
            }
        ).encode()


class _Exchange(asyncio.Protocol):
    """One connection: requests one after the other, each answered after the latency."""

    transport: asyncio.Transport

    def __init__(self, xero: FastXero) -> None:
        self.xero = xero
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.xero.connections += 1

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, found, rest = self.received.partition(b"\r\n\r\n")
        if not found:
            return
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): text for name, _, text in (line.partition(": ") for line in lines)}
        if len(rest) < int(headers.get("content-length", "0")):
            return
        self.received = b""
        path = first.split(" ")[1].partition("?")[0]
        status, body, more, number = self.xero.answer(path, headers.get("xero-tenant-id", ""))
        delay = self.xero.latency if path != "/statistics" else 0.0
        loop = asyncio.get_running_loop()
        loop.call_later(delay, self._send, status, body, more, number, loop.time() + delay)

    def _send(
        self, status: int, body: bytes, more: dict[str, str], number: int, due: float
    ) -> None:
        self.xero.latest = max(self.xero.latest, asyncio.get_running_loop().time() - due)
        if number:
            self.xero.limiter.leave(number)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Content-Length": str(len(body)),
            **({"Content-Encoding": "gzip"} if body[:2] == b"\x1f\x8b" else {}),
            **more,
        }
        lines = "".join(f"{name}: {text}\r\n" for name, text in headers.items())
        head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n{lines}\r\n"
        self.transport.write(head.encode() + body)


def _packed(body: bytes) -> bytes:
    return gzip.compress(body)


def outliers() -> list[tuple[str, int]]:
    """Return the accounts that one client each has renamed: name and place in the chart."""
    ordinary = [
        (each.name, place)
        for place, each in enumerate(seed.accounts(seed.demo_company(COUNTRY)))
        if each.code not in {"404", "461"}
        and each.type == "EXPENSE"
        and each.status == "ACTIVE"
        and not each.is_system
    ]
    return ordinary[:OUTLIERS]


def _chart(outlier: int | None) -> bytes:
    """Return the chart of every client, or that of an outlier: another account is renamed."""
    accounts = list(seed.accounts(seed.demo_company(COUNTRY)))
    if outlier is not None:
        name, place = outliers()[outlier]
        accounts[place] = replace(accounts[place], name=f"{name} (old)")
    return envelope("Accounts", [account.render(each) for each in accounts], NOW_MS).body


def _usage() -> dict[str, bytes]:
    """Return a sandbox's answers about what uses the accounts of New Zealand's demo company."""
    with Sandbox(country=COUNTRY.name) as sandbox:
        headers = {
            "Authorization": f"Bearer {sandbox.access_token(SCOPES)}",
            "xero-tenant-id": sandbox.tenant_id,
            "Accept": "application/json",
        }
        return {
            name: _packed(_read(f"{sandbox.url}{ACCOUNTING}/{name}", headers)) for name in USAGE
        }


def _read(url: str, headers: dict[str, str]) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:  # noqa: S310
        body: bytes = answer.read()
    return body


async def _serve(xero: FastXero) -> None:
    server = await asyncio.get_running_loop().create_server(
        lambda: _Exchange(xero), "127.0.0.1", 0, backlog=1024
    )
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    organisations, seconds, calls = sys.argv[1:]
    asyncio.run(_serve(FastXero(int(organisations), float(seconds), int(calls))))
