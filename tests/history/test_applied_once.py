"""The approval of a saved plan, used from several threads and by several processes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from xerosync.errors import StalePlan
from xerosync.history.applied_once import Approval
from xerosync.workspace import APPLIED

JOURNAL = Path("run.jsonl")


def silent(_: str) -> None:
    """Warn nobody."""


def test_the_organisations_of_one_document_use_its_approval_once(project: Path) -> None:
    approval = Approval(Path("plan.json"), "sha256:1")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: approval.use(JOURNAL, silent), range(50)))
    assert [path.name for path in (project / APPLIED).iterdir()] == ["sha2561"]


def test_a_plan_applied_by_another_process_is_refused_for_each_organisation(project: Path) -> None:
    Approval(Path("plan.json"), "sha256:1").use(JOURNAL, silent)
    ours = Approval(Path("plan.json"), "sha256:1")
    for _ in range(2):
        with pytest.raises(StalePlan, match="already applied"):
            ours.use(JOURNAL, silent)
