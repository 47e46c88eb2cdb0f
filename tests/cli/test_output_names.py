"""No option for an output file takes a name of a chart file, so no chart is overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Xerosync

OUTPUTS = (
    "plan --out", "plan --json-file", "plan --markdown-file", "plan --html-file",
    "rollback run.jsonl --out", "drift --json-file", "drift --markdown-file",
    "compare --html-file", "compare --xlsx-file", "compare --csv-file", "compare --json-file",
    "export-csv --output", "export-csv -o", "ci reviewed --out",
)  # fmt: skip


@pytest.mark.parametrize("command", OUTPUTS)
@pytest.mark.parametrize("name", ["accounts.yaml", "clients/NEW.YML"])
def test_an_output_file_never_has_the_name_of_a_chart_file(
    xerosync: Xerosync, tmp_path: Path, command: str, name: str
) -> None:
    (tmp_path / "accounts.yaml").write_text("version: 1\naccounts: []\n", encoding="utf-8")
    said = xerosync(*command.split(), name)
    assert said.code == 64
    assert f"{name} is a name for a chart file, so nothing was written" in said.err
    assert "as in PLAN.json" in said.err
    assert not (tmp_path / "clients").exists()
    assert (tmp_path / "accounts.yaml").read_text(encoding="utf-8").startswith("version: 1")


@pytest.mark.parametrize("command", [
    "plan --sandbox --out", "plan --sandbox", "plan --sandbox -f",
    "apply --sandbox --yes --result", "apply --sandbox", "apply --sandbox -f",
])  # fmt: skip
def test_an_empty_path_is_refused(xerosync: Xerosync, tmp_path: Path, command: str) -> None:
    """A shell makes it of a variable that is not set: it never means this folder."""
    assert xerosync("pull", "--sandbox").code == 0
    before = sorted(tmp_path.rglob("*"))
    said = xerosync(*command.split(), "")
    assert (said.code, said.out) == (64, "")
    assert "A path is empty." in said.err
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_of_plans_may_have_any_name(xerosync: Xerosync) -> None:
    said = xerosync("plan", "--sandbox", "--out", "plans.yaml/", "none.yaml")
    assert "is a name for a chart file" not in said.err
