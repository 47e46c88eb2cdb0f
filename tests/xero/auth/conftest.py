"""Fixtures for signing in: a sandbox, a browser with a person, and the command."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from command_line import Said, Xerosync
from end_to_end.process import HEARS_SIGNALS, PLAIN

from xerosync.sandbox import Sandbox
from xerosync.sandbox.http.rate_limits import Limits

GENEROUS = Limits(minute=100_000, day=1_000_000)
CHART = """version: 1
organisation: {name: "Demo Company (NZ)"}
accounts:
  - {code: "200", name: Sales of Goods}
  - {code: "210", name: Hire, type: REVENUE}
"""


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@pytest.fixture
def project(project: Path) -> Path:
    """Add a chart file to the project folder."""
    (project / "accounts.yaml").write_text(CHART, encoding="utf-8")
    return project


@pytest.fixture
def books(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Run a sandbox with an app, in which nobody has signed in."""
    with Sandbox(limits=GENEROUS) as sandbox:
        point_at(sandbox.url, monkeypatch)
        monkeypatch.setenv("XERO_CLIENT_ID", "sandbox")
        yield sandbox


def point_at(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("API", "IDENTITY", "LOGIN"):
        monkeypatch.setenv(f"XEROSYNC_{name}_URL", url)


Person = Callable[[str], str]
"""Receives the address of the consent page, and returns the text of the last page shown."""


def consent(address: str, **change: str) -> str:
    """Allow access on the consent page; `change` alters the parameters of the callback."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    page = urlsplit(address)._replace(query="").geturl()
    decision = change.pop("decision", "allow")
    form = asked | {"decision": decision}
    answer = requests.post(page, data=form, allow_redirects=False, timeout=5)
    back = urlsplit(answer.headers["Location"])
    query = {name: values[0] for name, values in parse_qs(back.query).items()} | change
    return fetch(back._replace(query=urlencode(query)).geturl())


def fetch(address: str) -> str:
    """Open an address like a browser, without logging it."""
    parts = urlsplit(address)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    connection.request("GET", f"{parts.path}?{parts.query}")
    page = connection.getresponse().read().decode()
    connection.close()
    return page


def deny(address: str) -> str:
    return consent(address, decision="deny")


@dataclass
class Browser:
    """Replaces the browser that the command opens; a person acts in it at once."""

    person: Person = consent
    opened: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    threads: list[Thread] = field(default_factory=list)

    def open(self, address: str) -> bool:
        self.opened.append(address)

        def act() -> None:
            self.pages.append(self.person(address))

        self.threads.append(Thread(target=act))
        self.threads[-1].start()
        return True

    def wait(self) -> str:
        for thread in self.threads:
            thread.join()
        return self.pages[-1]


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    """Install the browser on this machine."""
    browser = Browser()
    monkeypatch.setattr("webbrowser.get", lambda *_: browser)
    return browser


@pytest.fixture
def login(xerosync: Xerosync, browser: Browser) -> Callable[..., Said]:
    """Return a function that signs in like a person, on a free port."""

    def call(*arguments: str) -> Said:
        return xerosync("auth", "login", "--port", str(free_port()), *arguments)

    return call


class Command:
    """The command as its own process, with its output so far."""

    def __init__(self, *arguments: str, **options: Any) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HEARS_SIGNALS + PLAIN, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )
        self.said = ""

    def until(self, pattern: str) -> str:
        """Read stderr until a line matches, and return what its group holds."""
        assert self.process.stderr
        for line in self.process.stderr:
            self.said += line
            if found := re.search(pattern, line):
                return found[1]
        raise AssertionError(self.said)

    def end(self) -> int:
        out, err = self.process.communicate(timeout=60)
        self.said += out + err
        return self.process.returncode
