"""Names that are not UTF-8 leave a plan and a journal that can be read again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from command_line import Xerosync

CHART = """version: 1
organisation: {name: "Demo Company (NZ)"}
accounts:
- {code: "404", name: Bank Charges}
"""


def test_a_file_whose_name_is_not_utf8_is_planned_applied_and_rolled_back(
    xerosync: Xerosync,
) -> None:
    file = os.fsdecode(b"b\xff.yaml")
    Path(file).write_text(CHART)
    assert xerosync("plan", "--sandbox", file, "--out", "plan.json").code == 0
    assert "b\ufffd.yaml" in xerosync("show", "plan.json").out
    assert xerosync("apply", "--sandbox", "plan.json", "--result", "run.jsonl").code == 0
    assert "b\ufffd.yaml" in xerosync("show", "run.jsonl").out
    assert xerosync("rollback", "--sandbox", "run.jsonl").code == 0


@pytest.mark.parametrize("name", ["GITHUB_ACTOR", "USER", "XEROSYNC_APPROVER", "CI_JOB_URL"])
def test_a_journal_of_a_user_whose_name_is_not_utf8_can_be_read(
    xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.delenv("GITHUB_ACTOR", raising=False)
    monkeypatch.setenv(name, os.fsdecode(b"k\xff"))
    Path("accounts.yaml").write_text(CHART)
    assert xerosync("apply", "--sandbox", "--yes", "--result", "run.jsonl").code == 0
    assert "k\ufffd" in xerosync("show", "run.jsonl").out
