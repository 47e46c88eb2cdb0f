"""Start-up time: `xerosync --help` compared with a Python that does nothing (median of 15)."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

ROUNDS = 15


def measure() -> Iterator[tuple[str, ...]]:
    """Time each command in a new process."""
    yield ("command", "ms", "ratio")
    bare = _median([sys.executable, "-c", "pass"])
    for label, command in (
        ("python -c pass", [sys.executable, "-c", "pass"]),
        ("import typer", [sys.executable, "-c", "import typer"]),
        ("xerosync --version", [sys.executable, "-m", "xerosync", "--version"]),
        ("xerosync --help", [sys.executable, "-m", "xerosync", "--help"]),
        ("xerosync plan --help", [sys.executable, "-m", "xerosync", "plan", "--help"]),
    ):
        took = _median(command)
        yield (label, f"{took * 1000:.0f}", f"{took / bare:.1f}")


def _median(command: list[str]) -> float:
    def once() -> float:
        begin = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        return time.perf_counter() - begin

    return statistics.median(once() for _ in range(ROUNDS))
