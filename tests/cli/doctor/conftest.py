"""A sandbox, a project, and the doctor, who finds nothing of the machine that runs the tests."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from command_line import Xerosync
from render.test_published_schemas import check, load
from xero.auth.conftest import CHART, GENEROUS, books, browser, login, point_at

from xerosync.sandbox import Sandbox
from xerosync.xero.clock import Clock

__all__ = ["books", "browser", "login"]

SCHEMA = load("doctor.schema.json")
_OF_MACHINE = ("GITHUB_", "GITLAB_", "CI_", "SSL_CERT_")
_NAMES = {"HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}


@dataclass(frozen=True)
class Found:
    """What the doctor found: the exit status, each check by its id, and stderr."""

    code: int
    checks: dict[str, dict[str, Any]]
    err: str

    def level(self, name: str) -> str:
        return str(self.checks[name]["level"])

    def message(self, name: str) -> str:
        return str(self.checks[name]["message"])

    def hint(self, name: str) -> str:
        return str(self.checks[name]["hint"])

    def facts(self, name: str) -> dict[str, Any]:
        facts: dict[str, Any] = self.checks[name]["facts"]
        return facts

    @property
    def failed(self) -> set[str]:
        return {name for name, check in self.checks.items() if check["level"] == "fail"}


Doctor = Callable[..., Found]


@pytest.fixture
def project(project: Path) -> Path:
    """Leave only a chart file in the project folder: no sandbox."""
    shutil.rmtree(project / ".xerosync")
    (project / "accounts.yaml").write_text(CHART, encoding="utf-8")
    return project


@pytest.fixture(autouse=True)
def quiet_machine(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget CI, proxies, certificates and repositories around the project; never wait."""
    for name in os.environ:
        if name.startswith(_OF_MACHINE) or name.upper() in _NAMES:
            monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(project.parent))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setattr("xerosync.cli.session.new_clock", lambda _: Clock(sleep=lambda _: None))


@pytest.fixture
def doctor(xerosync: Xerosync) -> Doctor:
    """Return a function that asks the doctor for JSON, which must match the published schema."""

    def call(*arguments: str) -> Found:
        said = xerosync("doctor", "--format", "json", *arguments)
        document = json.loads(said.out)
        check(SCHEMA, document)
        checks = [one for section in document["sections"] for one in section["checks"]]
        by_id = {one["id"]: one for one in checks}
        assert len(by_id) == len(checks)
        return Found(said.code, by_id, said.err)

    return call


@pytest.fixture
def connection(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Sandbox]]:
    """Return a function that starts a sandbox, whose custom connection the doctor uses."""
    open_ones: list[Sandbox] = []

    def start(*faults: str, **options: Any) -> Sandbox:
        server = Sandbox(faults=faults, limits=options.pop("limits", GENEROUS), **options)
        open_ones.append(server)
        server.start()
        point_at(server.url, monkeypatch)
        monkeypatch.setenv("XERO_CLIENT_ID", "sandbox")
        monkeypatch.setenv("XERO_CLIENT_SECRET", "sandbox")
        return server

    yield start
    for server in open_ones:
        server.close()
