"""A practice that is signed in to, and a clock that never waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from threading import Event
from typing import Any

import pytest

from cli.many.practice import Practice
from xerosync.xero.clock import Clock


@pytest.fixture
def practice(monkeypatch: pytest.MonkeyPatch, project: object) -> Iterator[Callable[..., Practice]]:
    """Serve a practice and sign in to it."""

    def clock(stop: Event) -> Clock:
        return Clock(sleep=lambda _: None, stop=stop)

    monkeypatch.setattr("xerosync.cli.session.new_clock", clock)
    with ExitStack() as stack:

        def begin(clients: int, **options: Any) -> Practice:
            served = stack.enter_context(Practice(clients, **options))
            for name in ("XEROSYNC_API_URL", "XEROSYNC_IDENTITY_URL"):
                monkeypatch.setenv(name, served.url)
            monkeypatch.setenv("XERO_CLIENT_ID", "app")
            monkeypatch.setenv("XERO_CLIENT_SECRET", "secret")
            return served

        yield begin
