"""A worksheet of `adopt` is written only if `adopt` can read it again."""

from __future__ import annotations

from pathlib import Path

import pytest

from xerosync.chartfile.filled_worksheet import read_worksheet
from xerosync.cli.many.adopt_books import write_worksheet
from xerosync.errors import ChartError, UsageError
from xerosync.organisations.adopt.worksheet import ALL, COLUMNS, SheetRow, Worksheet

ROW = SheetRow(dict.fromkeys(COLUMNS, "x"))
LONG = SheetRow({**ROW.cells, ALL: "x" * 30_000})


def test_the_longest_worksheet_can_be_read_again(tmp_path: Path) -> None:
    path = tmp_path / "w.csv"
    write_worksheet(path, Worksheet((ROW,) * 19_999, {}, 1))
    assert len(read_worksheet(path)) == 19_999
    with path.open("a") as file:
        file.write("one,more\n")
    with pytest.raises(ChartError) as told:
        read_worksheet(path)
    (problem,) = told.value.problems
    assert problem.message == "The file has more than 20,000 rows."
    assert "--shard 1/2" in problem.hint


@pytest.mark.parametrize(
    ("rows", "name"),
    [((ROW,) * 20_000, "w.csv"), ((ROW,) * 20_000, "w.xlsx"), ((LONG,) * 334, "w.csv")],
    ids=["rows of CSV", "rows of XLSX", "bytes of CSV"],
)
def test_a_worksheet_that_could_not_be_read_again_is_not_written(
    tmp_path: Path, rows: tuple[SheetRow, ...], name: str
) -> None:
    with pytest.raises(UsageError, match="too large to read again") as told:
        write_worksheet(tmp_path / name, Worksheet(rows, {}, 1))
    assert "--shard 1/2" in told.value.hint
    assert not (tmp_path / name).exists()
