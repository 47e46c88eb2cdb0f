"""Start-up time: `xerosync --help` compared with a Python that does nothing (median of 15)."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

ROUNDS = 15
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "import typer": ["-c", "import typer"],
    "xerosync --version": ["-m", "xerosync", "--version"],
    "xerosync --help": ["-m", "xerosync", "--help"],
    "xerosync plan --help": ["-m", "xerosync", "plan", "--help"],
}


def measure() -> Iterator[tuple[str, ...]]:
    """Time each command in a new process; rounds alternate, so that load affects all alike."""
    rounds = [[_time(arguments) for arguments in COMMANDS.values()] for _ in range(ROUNDS)]
    medians = [statistics.median(times) for times in zip(*rounds, strict=True)]
    yield ("command", "ms", "ratio")
    for label, took in zip(COMMANDS, medians, strict=True):
        yield (label, f"{took * 1000:.0f}", f"{took / medians[0]:.1f}")


def _time(arguments: list[str]) -> float:
    begin = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    return time.perf_counter() - begin
