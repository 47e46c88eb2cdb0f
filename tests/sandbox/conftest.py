"""A sandbox and a client for each test, with a clock that stands still."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.client import Client, Clock
from xerosync.sandbox import Limits, Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(clock=clock, limits=Limits(minute=1000)) as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    client = Client(sandbox)
    with client.session:
        yield client
