"""Many organisations: time, memory, calls and connections of one run, as a user starts it.

The first rows start the sandbox. The next ones plan 1,000 clients, each call taking 200 ms,
and 4,000 clients against a server that allows 10,000 calls a minute; the server is a process
of its own, and its rows show that it is no bottleneck. Every clock is real, so the 4,000
take over a minute. The 1,000 are planned twice; the second plan also reads what uses the
account that it archives. The last rows apply to the books of a sandbox, and compare the CPU
time of the client.
"""

from __future__ import annotations

import html
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xerosync.sandbox import Sandbox
from xerosync.sandbox.books import seed

ROOT = Path(__file__).parent.parent
SERVER = ROOT / "benchmarks" / "support" / "fast_xero.py"
STANDARD = ROOT / "examples" / "practice" / "standard"
LATENCY = 0.2
UNLIMITED = 1_000_000
A_MINUTE = 10_000
READS = 50
COMMON = ("| update | **404**", "| create | **487**", "| archive | **461**")
"""What the standard of the example changes everywhere: renamed, new, and archived."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command of the client took; ``memory`` is its peak in MB."""

    status: int
    seconds: float
    cpu: float
    memory: float
    said: str


def measure() -> Iterator[tuple[str, ...]]:
    """Yield a row for each figure, with what it should be."""
    yield ("figure", "measured", "wanted")
    for count, wanted in ((1, ""), (200, "2 s"), (1_000, "6 s")):
        yield from _starting(count, wanted)
    yield from _planning(1_000, "--no-usage")
    yield from _planning(1_000)
    yield from _limited(4_000)
    yield from _applying(100, 200)


def _starting(count: int, wanted: str) -> Iterator[tuple[str, ...]]:
    """Start the sandbox twice, and read a chart from its books."""
    with tempfile.TemporaryDirectory() as folder:
        path, took = Path(folder, "books.db"), []
        for _ in range(2):
            begin = time.perf_counter()
            sandbox = Sandbox(path, organisations=count)
            took.append(time.perf_counter() - begin)
            begin = time.perf_counter()
            for _ in range(READS):
                sandbox.store.accounts()
            reading = (time.perf_counter() - begin) / READS
            sandbox.close()
    what = f"sandbox of {count:,}"
    yield (f"{what}: first start, second start", f"{took[0]:.2f} s, {took[1]:.2f} s", wanted)
    yield (f"{what}: read a chart", f"{reading * 1000:.1f} ms", "")


def _planning(count: int, *options: str) -> Iterator[tuple[str, ...]]:
    with tempfile.TemporaryDirectory() as folder, _server(count, UNLIMITED) as url:
        _write(Path(folder), [each.name for each in seed.clients(count, seed.country("NZ"))])
        ran = _run(folder, url, "plan", "-f", "clients", "--markdown-file", "plan.md", *options)
        served = _statistics(url)
        markdown = Path(folder, "plan.md")
        size = markdown.stat().st_size if markdown.exists() else 0
        text = html.unescape(markdown.read_text(encoding="utf-8")) if size else ""
    asked = served["asked"]
    refused = sum(number for name, number in asked.items() if name.startswith("429"))
    usage = "" if options else " with usage"
    what = f"plan {count:,}{usage}, {LATENCY * 1000:.0f} ms a call"
    yield (f"{what}: exit status", str(ran.status) + (f" {ran.said}" if ran.status else ""), "0")
    yield (f"{what}: calls", f"{sum(served['tens']):,}", "")
    yield (f"{what}: time", f"{ran.seconds:.1f} s", "20 s" if options else "")
    yield (f"{what}: CPU time of the client", f"{ran.cpu:.1f} s", "")
    yield (f"{what}: peak memory", f"{ran.memory:.0f} MB", "150 MB")
    yield (f"{what}: GET /connections", str(asked.get("/connections", 0)), "1")
    yield (f"{what}: tokens", str(asked.get("/connect/token", 0)), "1")
    yield (f"{what}: TCP connections", str(served["connections"] - 1), "70")
    yield (f"{what}: refused with 429", str(refused), "0")
    yield from _server_rows(what, ran, served)
    shown = sum(f"{name} (old)" in text for name in _outliers())
    yield (f"{what}: Markdown", f"{size / 1000:.1f} kB", "10 kB")
    yield (f"{what}: outliers named in it", f"{shown} of {len(_outliers())}", "all")
    common = sum(name in text for name in COMMON)
    yield (f"{what}: common changes in it", f"{common} of {len(COMMON)}", "all")


def _limited(count: int) -> Iterator[tuple[str, ...]]:
    with tempfile.TemporaryDirectory() as folder, _server(count, A_MINUTE) as url:
        _write(Path(folder), [each.name for each in seed.clients(count, seed.country("NZ"))])
        ran = _run(folder, url, "plan", "-f", "clients", "--brief", "--no-usage")
        served = _statistics(url)
    asked = served["asked"]
    refused = sum(number for name, number in asked.items() if name.startswith("429"))
    what = f"plan {count:,}, {A_MINUTE:,} calls a minute"
    calls, span = sum(served["tens"]), served["span"]
    first = sum(served["tens"][:6])
    yield (f"{what}: exit status", str(ran.status) + (f" {ran.said}" if ran.status else ""), "0")
    yield (f"{what}: calls, in how long", f"{calls:,} in {span:.0f} s", "")
    yield (f"{what}: in the first minute", f"{first:,} ({first / A_MINUTE:.0%})", "95%")
    yield (f"{what}: calls in each ten seconds", " ".join(map(str, served["tens"])), "")
    yield (f"{what}: time", f"{ran.seconds:.1f} s", "")
    yield (f"{what}: peak memory", f"{ran.memory:.0f} MB", "")
    yield (f"{what}: refused with 429", str(refused), "0")
    yield from _server_rows(what, ran, served)


def _server_rows(what: str, ran: Ran, served: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield how busy the server was, and how late its latest answer."""
    busy = served["cpu"] / ran.seconds
    yield (f"{what}: the server's CPU", f"{busy:.0%} of one core", "under 50%")
    yield (f"{what}: the server's latest answer", f"{served['latest'] * 1000:.0f} ms late", "")


def _applying(few: int, many: int) -> Iterator[tuple[str, ...]]:
    """Apply the standard to the books of a sandbox, which is a process of its own."""
    took = []
    for count in (few, many):
        with tempfile.TemporaryDirectory() as folder, _sandbox(Path(folder), count) as url:
            names = [each.name for each in seed.clients(count, seed.country("AU"))]
            _write(Path(folder), names, country="AU")
            allow = ("--allow", f"organisations={count}")
            ran = _run(folder, url, "apply", "--yes", "--skip-blocked", *allow, "clients")
        took.append(ran.cpu)
        yield (f"apply {count}: exit status", f"{ran.status} {ran.said if ran.status else ''}", "0")
        yield (f"apply {count}: CPU time of the client", f"{ran.cpu:.1f} s", "")
        yield (f"apply {count}: peak memory", f"{ran.memory:.0f} MB", "")
    yield (f"apply: CPU of {many} beside {few}", f"{took[1] / took[0]:.2f}", "2.2")


def _outliers() -> Sequence[str]:
    """Return the names of the accounts that the server has renamed in one client each."""
    sys.path.insert(0, str(SERVER.parent))
    import fast_xero  # noqa: PLC0415 it is a script beside this one

    return [name for name, _ in fast_xero.outliers()]


def _write(folder: Path, names: Sequence[str], country: str = "NZ") -> None:
    """Write the example's standard, and an overlay for each client."""
    subprocess.run(["git", "init", "-q", str(folder)], check=True)  # noqa: S607
    shutil.copytree(STANDARD, folder / "standard")
    chart = folder / "standard" / "chart.yaml"
    text = chart.read_text(encoding="utf-8")
    chart.write_text(text.replace("organisations: 25", "organisations: 100000"), encoding="utf-8")
    (folder / "clients").mkdir()
    for number, name in enumerate(names):
        (folder / "clients" / f"{number:04}.yaml").write_text(
            "version: 1\n"
            f"extends: [../standard/{country.lower()}.yaml, ../standard/gst.yaml]\n"
            f"organisation: {{name: {json.dumps(name)}, country: {country}}}\n",
            encoding="utf-8",
        )


def _run(folder: str, url: str, *arguments: str) -> Ran:
    """Run xerosync as a process, and return what it took."""
    environment = {
        name: text for name, text in os.environ.items() if not name.startswith(("XERO", "GITHUB"))
    } | {
        "XEROSYNC_API_URL": url,
        "XEROSYNC_IDENTITY_URL": url,
        "XERO_CLIENT_ID": "sandbox",
        "XERO_CLIENT_SECRET": "sandbox",
    }
    with tempfile.TemporaryFile() as errors:
        begin = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "xerosync", *arguments],
            cwd=folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        lines = errors.read().decode("utf-8", "replace").strip().splitlines()
    return Ran(
        status=process.returncode,
        seconds=seconds,
        cpu=used.ru_utime + used.ru_stime,
        memory=used.ru_maxrss / (1024 if sys.platform == "linux" else 1024 * 1024),
        said=lines[-1][:100] if lines else "",
    )


@contextmanager
def _server(count: int, a_minute: int) -> Iterator[str]:
    command = [sys.executable, str(SERVER), str(count), str(LATENCY), str(a_minute)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


@contextmanager
def _sandbox(folder: Path, count: int) -> Iterator[str]:
    """Run the sandbox with so many clients in Australia, and yield its address."""
    command = ["sandbox", "--organisations", str(count), "--country", "AU", "--port", "0"]
    with subprocess.Popen(
        [sys.executable, "-m", "xerosync", *command],
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr
            yield process.stderr.readline().split(" at ")[1].split(",")[0]
        finally:
            process.terminate()


def _statistics(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{url}/statistics", timeout=30) as answer:  # noqa: S310 loopback
        found: dict[str, Any] = json.load(answer)
    return found
