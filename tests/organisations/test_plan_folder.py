"""A folder of saved plans: its index, the names of its files, and the chart files they match."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from builders import account, chart, new, wanted

from xerosync.errors import InvalidPlan, UsageError
from xerosync.organisations.plan_folder import FolderWriter, by_name, read_folder, safe_names
from xerosync.plan.build import build

MADE_AT = datetime(2026, 11, 26, 9, tzinfo=UTC)
PLAN = build(chart(account("200")), wanted(new("400", "Rent")))


def save(folder: Path) -> None:
    writer = FolderWriter.begin(folder, [PLAN.file], MADE_AT)
    writer.add(PLAN)
    writer.end([PLAN], (), ["retail"])


def test_a_folder_is_read_as_it_was_written(tmp_path: Path) -> None:
    save(tmp_path)
    found = read_folder(tmp_path)
    assert found.tags == {"retail"}
    (saved,) = found.plans
    assert (saved.path, saved.file) == (tmp_path / "accounts.json", "accounts.yaml")
    assert saved.read().steps == PLAN.steps


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("retail", "canary", "its digest does not match"),
        ('"kind"', '"kinds"', "is not an index of saved plans"),
        ("{", "", "is not an index of saved plans"),
    ],
)
def test_a_changed_index_is_not_read_and_may_be_replaced(
    tmp_path: Path, before: str, after: str, says: str
) -> None:
    save(tmp_path)
    index = tmp_path / "index.json"
    index.write_text(index.read_text().replace(before, after, 1))
    with pytest.raises(InvalidPlan, match=says):
        read_folder(tmp_path)
    save(tmp_path)
    assert read_folder(tmp_path).tags == {"retail"}


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"has other files, such as notes\.txt"):
        save(tmp_path)


@pytest.mark.parametrize(
    ("plans", "files", "found"),
    [
        (["c/a.yaml", "c/b.yaml"], ["./c/a.yaml"], {"c/a.yaml": "./c/a.yaml"}),
        (["c/a.yaml"], ["new/a.yaml"], {"c/a.yaml": "new/a.yaml"}),
        (["c/a.yaml", "d/a.yaml"], ["new/a.yaml"], {}),
        (["c/a.yaml"], ["new/a.yaml", "old/a.yaml"], {}),
        (["c/a.yaml", "d/a.yaml"], ["d/a.yaml"], {"d/a.yaml": "d/a.yaml"}),
        (["c/a.yaml"], ["d/a.yaml", "c/a.yaml"], {"c/a.yaml": "c/a.yaml"}),
        (["c/a.yaml"], ["c/b.yaml"], {}),
    ],
)
def test_a_plan_matches_the_file_at_its_path_or_else_the_only_one_of_its_name(
    plans: Sequence[str], files: Sequence[str], found: dict[str, str]
) -> None:
    assert by_name(plans, files) == found


def test_file_names_are_safe_and_unique() -> None:
    files = ["a/Acme Ltd.yaml", "b/acme ltd.yaml", "../..yaml", "c/index.yaml", "d/" + "x" * 300]
    names = safe_names([*files, "e/-rf.yaml", "f/naïve\x1b.yaml"])
    assert names[:4] == ("Acme-Ltd.json", "acme-ltd-2.json", "plan.json", "index-2.json")
    assert len({name.casefold() for name in names}) == len(names)
    assert all(name.isascii() and "/" not in name and name[0] not in ".-" for name in names)
    assert max(map(len, names)) < 100
