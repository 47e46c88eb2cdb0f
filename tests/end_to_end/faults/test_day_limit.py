"""An apply that today's quota cannot finish is not begun, unless told to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from end_to_end.faults.lab import lab
from xerosync.cli.app import run
from xerosync.sandbox import Sandbox
from xerosync.sandbox.http.rate_limits import Limits


@pytest.fixture
def folder() -> Iterator[Path]:
    with lab() as folder:
        yield folder


@pytest.fixture
def apply(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, Sandbox]]:
    """Apply with this many calls left today."""

    def call(day: int, *arguments: str) -> tuple[int, Sandbox]:
        limits = Limits(minute=1000, day=day)
        with Sandbox(folder / "seeded.db", limits=limits) as sandbox:
            for name in ("API", "IDENTITY"):
                monkeypatch.setenv(f"XEROSYNC_{name}_URL", sandbox.url)
            return int(run(["apply", "--yes", *arguments])), sandbox

    return call


def writes(sandbox: Sandbox) -> int:
    return sum(request.is_write for request in sandbox.requests)


def test_an_apply_that_today_s_quota_cannot_finish_is_refused(
    apply: Callable[..., tuple[int, Sandbox]], capsys: pytest.CaptureFixture[str]
) -> None:
    """An apply takes 8 reads, 20 writes with 3 reads between, and 2 reads: 33 calls are enough."""
    code, sandbox = apply(32)
    said = capsys.readouterr().err
    assert code == 5
    assert (
        "this needs 26 more calls, but Xero allows only 25 more for Demo Company (NZ) today" in said
    )
    assert "--start-anyway" in said
    assert writes(sandbox) == 0
    code, sandbox = apply(33)
    assert code == 0
    assert writes(sandbox) == 20


def test_start_anyway_begins_today_and_the_next_day_finishes(
    apply: Callable[..., tuple[int, Sandbox]], capsys: pytest.CaptureFixture[str]
) -> None:
    code, sandbox = apply(19, "--start-anyway")
    assert code == 6
    assert "no more calls to this organisation today" in capsys.readouterr().err
    done = sum(request.is_write and request.status == 200 for request in sandbox.requests)
    assert done == 10
    assert not [request for request in sandbox.requests if request.status == 429]
    code, sandbox = apply(1000)
    assert code == 0
    assert writes(sandbox) == 20 - done


def test_a_plan_says_how_many_calls_its_apply_takes(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Sandbox(folder / "seeded.db") as sandbox:
        for name in ("API", "IDENTITY"):
            monkeypatch.setenv(f"XEROSYNC_{name}_URL", sandbox.url)
        assert run(["plan"]) == 0
        assert "Applying it takes up to 33 calls to Xero" in capsys.readouterr().out
        assert run(["plan", "--format", "json"]) == 0
        document = json.loads(capsys.readouterr().out)
        assert document["plans"][0]["calls"] == {"count": 33, "seconds": 7}
