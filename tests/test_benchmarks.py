"""What the benchmarks stand on; they measure themselves when `make bench` runs them."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from xerosync.sandbox.http.messages import ACCOUNTING

SERVER = Path(__file__).parent.parent / "benchmarks" / "support" / "fast_xero.py"
READS = (
    "Organisation",
    "Accounts",
    "TaxRates",
    "Reports/TrialBalance",
    "Items",
    "RepeatingInvoices",
    "Contacts",
)


@pytest.fixture(scope="module")
def fast_xero() -> Any:
    """Return the server of the benchmark of many organisations, for two of them."""
    spec = importlib.util.spec_from_file_location("fast_xero", SERVER)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.FastXero(2, 0.0, 1_000)


@pytest.mark.parametrize("name", READS)
def test_the_fast_server_answers_every_read_of_a_plan(fast_xero: Any, name: str) -> None:
    tenant = next(iter(fast_xero.numbers))
    status, body, _, number = fast_xero.answer(f"{ACCOUNTING}/{name}", tenant)
    fast_xero.limiter.leave(number)
    assert status == 200
    assert body
