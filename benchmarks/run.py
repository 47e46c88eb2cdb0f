"""Measure speed: `make bench`. Each figure stands beside a baseline or limit; no test checks it."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main(wanted: list[str]) -> None:
    """Run each benchmark of this folder, or those named, each in a process of its own.

    In one process, a benchmark's peak memory would include that of the benchmarks before it,
    also in the processes that it starts.
    """
    names = wanted or sorted(m.name for m in pkgutil.iter_modules([str(HERE)]) if m.name != "run")
    if len(names) == 1:
        _measure(names[0])
        return
    for name in names:
        subprocess.run([sys.executable, __file__, name], check=True)


def _measure(name: str) -> None:
    """Run one benchmark, and print its rows as a table."""
    sys.path.insert(0, str(HERE))
    module = importlib.import_module(name)
    print(f"\n{(module.__doc__ or name).splitlines()[0]}")
    rows: list[tuple[str, ...]] = [tuple(map(str, row)) for row in module.measure()]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  " + "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)))


if __name__ == "__main__":
    main(sys.argv[1:])
