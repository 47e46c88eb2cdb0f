"""A Dask scheduler and its workers, each a process of its own on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

DASK = [sys.executable, "-m", "dask"]
QUIET = {
    "DASK_DISTRIBUTED__WORKER__MULTIPROCESSING_METHOD": "spawn",
    "DASK_LOGGING__DISTRIBUTED": "debug",
    "DASK_DISTRIBUTED__DIAGNOSTICS__NVML": "False",
    "DASK_DISTRIBUTED__COMM__ZSTD__THREADS": "0",
}


class Cluster:
    """A scheduler at `address`, and the workers that `start_workers` has started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = ""
        self.workers: list[subprocess.Popen[bytes]] = []
        self._started = 0
        self.scheduler: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.scheduler = self._start("scheduler", "scheduler", "--port", "0")
        self.address = self._line("scheduler", "Scheduler at: ").split()[-1]
        return self

    def __exit__(self, *_: object) -> None:
        for process in (*self.workers, self.scheduler):
            if process:
                process.kill()
                process.wait()

    def start_workers(self, count: int) -> None:
        """Start workers until `count` of them run."""
        self.workers = [one for one in self.workers if one.poll() is None]
        names = []
        while len(self.workers) < count:
            self._started += 1
            names.append(f"worker-{self._started}")
            options = ("--no-nanny", "--nthreads", "2", "--local-directory", str(self.folder))
            self.workers.append(self._start(names[-1], "worker", self.address, *options))
        for name in names:
            self._line(name, "Registered to: ")

    def logged(self) -> str:
        """Return what all processes have logged, with debug messages."""
        return "\n".join(path.read_text("utf-8", "replace") for path in self.folder.glob("*.log"))

    def _start(self, name: str, kind: str, *options: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("wb") as log:
            return subprocess.Popen(
                [*DASK, kind, *options, "--host", "127.0.0.1", "--no-dashboard"],
                stdout=log,
                stderr=log,
                env=os.environ | QUIET,
                cwd=self.folder,
            )

    def _line(self, name: str, text: str) -> str:
        """Wait for a line of a log that contains this text, and return it."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            for line in (self.folder / f"{name}.log").read_text("utf-8", "replace").splitlines():
                if text in " ".join(line.split()) + " ":
                    return line
            time.sleep(0.05)
        raise AssertionError(self.logged())
