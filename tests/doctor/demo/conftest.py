"""Demo companies, closed after the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from doctor.demo.demo_company import DemoCompany, opened


class OpenCompany(Protocol):
    """Opens new books of a demo company, with options of the sandbox."""

    def __call__(self, **options: Any) -> DemoCompany: ...


@pytest.fixture
def open_company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenCompany]:
    """Open companies; no power fails here, so nothing waits for the disk."""
    monkeypatch.setattr("os.fsync", lambda _: None)
    companies: list[DemoCompany] = []

    def open_(**options: Any) -> DemoCompany:
        folder = tmp_path / str(len(companies))
        folder.mkdir()
        companies.append(opened(folder, **options))
        return companies[-1]

    yield open_
    for company in companies:
        company.sandbox.close()


@pytest.fixture
def company(open_company: OpenCompany) -> DemoCompany:
    return open_company()
