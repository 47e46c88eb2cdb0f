"""A standard stream that is closed (`>&-`) ends no command: it is as good as /dev/null."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

import pytest
from command_line import forget_environment

from xerosync.cli.app import run

CHART = """version: 1
organisation: {name: Kea Books}
accounts:
  - {code: "404", name: Bank Fees}
"""
EVERY = ("stdin", "stdout", "stderr")


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forget_environment(monkeypatch)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    Path("accounts.yaml").write_text(CHART, encoding="utf-8")


def run_without(streams: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    with monkeypatch.context() as patched:
        for name in streams:
            patched.setattr(sys, name, None)
        try:
            return int(run(arguments))
        finally:
            for name in streams:
                with suppress(AttributeError):
                    getattr(sys, name).close()


@pytest.mark.parametrize("streams", [*((one,) for one in EVERY), EVERY], ids="+".join)
@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("--version", 0),
        ("--help", 0),
        ("validate", 0),
        ("schema", 0),
        ("show --merged accounts.yaml", 0),
        ("doctor --offline", 1),
        ("plan", 4),
        ("plan --no-such-option", 64),
    ],
)
def test_a_closed_stream_changes_no_exit_status(
    monkeypatch: pytest.MonkeyPatch, streams: tuple[str, ...], line: str, code: int
) -> None:
    assert run_without(streams, monkeypatch, *line.split()) == code


def test_a_closed_stdin_has_nothing_to_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an invalid chart file, as an empty one is."""
    assert run_without(("stdin",), monkeypatch, "validate", "-") == 3
