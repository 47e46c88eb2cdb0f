"""Successive clients of one tenant share the count of its calls."""

from __future__ import annotations

from threading import Event

import pytest

from xero.scripted import FixedTokens
from xerosync.errors import Interrupted
from xerosync.xero.addresses import Addresses
from xerosync.xero.connect import Gateway, Hooks


def gateway() -> Gateway:
    return Gateway(Addresses("http://127.0.0.1:1", "http://127.0.0.1:1"), Hooks(), read_only=False)


def test_a_later_client_of_a_tenant_counts_the_earlier_calls() -> None:
    shared = gateway()
    first = shared.client(FixedTokens(), "tenant").rate_limit
    for _ in range(60):
        with first.slot():
            pass
    assert shared.client(FixedTokens(), "tenant").rate_limit._window.delay_for(1, 0.0) != 0
    assert shared.client(FixedTokens(), "other").rate_limit._window.delay_for(1, 0.0) == 0


def test_stop_ends_the_waits_of_one_client_alone() -> None:
    shared, stop = gateway(), Event()
    one = shared.client(FixedTokens(), "one", None, stop).rate_limit
    other = shared.client(FixedTokens(), "other").rate_limit
    stop.set()
    with pytest.raises(Interrupted):
        one.wait(0)
    other.wait(0)
