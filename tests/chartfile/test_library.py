"""Standards are read once, only inside the repository, and their problems are reported once."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from xerosync.chartfile import library
from xerosync.chartfile.chart_file import ChartFile
from xerosync.chartfile.load import check_all, kind_of, load, load_all, pin_of, place_problems
from xerosync.desired import Source
from xerosync.errors import ChartError
from xerosync.organisations.standards.documents import Kind

CHART = """\
version: 1
standard: {name: Rimu}
accounts:
  - {code: "200", name: Sales, type: REVENUE}
  - {code: "404", name: Bank Charges, type: EXPENSE}
"""


def overlay(name: str, extends: str = "../standard/chart.yaml", more: str = "") -> str:
    return f"version: 1\nextends: {extends}\norganisation: {{name: {name}}}\n{more}"


@pytest.fixture
def practice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a standard and three overlays, and work in it."""
    (tmp_path / "standard").mkdir()
    (tmp_path / "clients").mkdir()
    (tmp_path / "standard/chart.yaml").write_text(CHART)
    for name in ("a", "b", "c"):
        (tmp_path / f"clients/{name}.yaml").write_text(overlay(name))
    monkeypatch.chdir(tmp_path)
    return tmp_path


FILES = ["clients/a.yaml", "clients/b.yaml", "clients/c.yaml"]


def test_a_standard_may_have_a_name_in_capitals(practice: Path) -> None:
    (practice / "standard/CHART.YAML").write_text(CHART)
    Path("clients/a.yaml").write_text(overlay("a", "../standard/CHART.YAML"))
    assert len(load("clients/a.yaml").chart.accounts) == 2


@pytest.mark.usefixtures("practice")
def test_a_standard_is_read_once_and_its_accounts_are_shared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[str] = []

    class Counted(ChartFile):
        def __init__(self, data: bytes, file: str) -> None:
            read.append(file)
            super().__init__(data, file)

    monkeypatch.setattr(library, "ChartFile", Counted)
    loaded = load_all(FILES)
    assert read == ["standard/chart.yaml"]
    assert len({id(entry) for one in loaded for entry in one.chart.accounts}) == 2
    assert [one.chart.file for one in loaded] == FILES
    assert {one.chart.standard for one in loaded} == {"Rimu"}


def test_a_problem_of_a_standard_is_reported_once(practice: Path) -> None:
    (practice / "standard/chart.yaml").write_text(CHART.replace("REVENUE", "INCOME"))
    (practice / "clients/b.yaml").write_text(overlay("b", more="typo: 1\n"))
    with pytest.raises(ChartError) as error:
        load_all(FILES)
    assert [(p.file, p.line, p.rule) for p in error.value.problems] == [
        ("standard/chart.yaml", 4, "wrong-value"),
        ("clients/b.yaml", 4, "unknown-field"),
    ]
    assert error.value.problems[0].message.endswith(". It affects 2 files.")
    with pytest.raises(ChartError) as error:
        load_all([*FILES, "standard/chart.yaml"])
    assert len(error.value.problems) == 2


def test_a_problem_of_a_standard_is_placed_at_the_standard(practice: Path) -> None:
    """It comes first, unless the standard is also one of the files that are checked."""
    (practice / "standard/chart.yaml").write_text(CHART.replace("REVENUE", "INCOME"))
    (practice / "clients/b.yaml").write_text(overlay("b", more="typo: 1\n"))

    def placed(*files: str) -> list[tuple[str, list[str], int, bool]]:
        return [
            (one.file, [p.rule for p in one.problems], one.accounts, one.invalid_standard)
            for one in place_problems(list(check_all(files)))
        ]

    standard = ("standard/chart.yaml", ["wrong-value"], 0, False)
    a: tuple[str, list[str], int, bool] = ("clients/a.yaml", [], 0, True)
    b = ("clients/b.yaml", ["unknown-field"], 0, False)
    assert placed("clients/a.yaml", "clients/b.yaml") == [standard, a, b]
    assert placed("clients/a.yaml", "standard/chart.yaml") == [a, standard]
    found = place_problems(list(check_all(["clients/a.yaml", "clients/c.yaml"])))
    assert found[0].problems[0].message.endswith(". It affects 2 files.")


@pytest.mark.usefixtures("practice")
def test_a_tenant_id_that_two_files_have_is_a_problem_of_both() -> None:
    for name in ("a", "b"):
        pin = f'{{name: {name}, tenant_id: "70784a63-d24b-46a9-a4db-0e70a274b056"}}'
        text = f"version: 1\nextends: ../standard/chart.yaml\norganisation: {pin}\n"
        Path(f"clients/{name}.yaml").write_text(text)
    found = place_problems(list(check_all(FILES)))
    assert [[(p.rule, p.line) for p in one.problems] for one in found] == [
        [("organisation-twice", 3)], [("organisation-twice", 3)], [],
    ]  # fmt: skip
    assert [one.accounts for one in found] == [2, 2, 2]


def test_a_warning_in_a_standard_is_a_warning_of_its_overlay(practice: Path) -> None:
    (practice / "standard/chart.yaml").write_text(CHART.replace('"404"', "404"))
    assert [str(w)[:42] for w in load("clients/a.yaml").warnings] == [
        "standard/chart.yaml:5:12: warning[unquoted"
    ]


def test_problems_name_a_standard_as_the_command_line_does(practice: Path) -> None:
    (practice / "standard/chart.yaml").write_text(CHART.replace("REVENUE", "INCOME"))
    first, second = check_all(["clients/a.yaml", "./standard/chart.yaml"])
    assert {p.file for p in (*first.inherited, *second.problems)} == {"./standard/chart.yaml"}


def test_a_link_that_leads_out_of_the_repository_is_refused(practice: Path) -> None:
    outside = practice / "outside"
    outside.mkdir()
    (outside / "chart.yaml").write_text(CHART)
    inside = practice / "inside"
    (inside / ".git").mkdir(parents=True)
    (inside / "chart.yaml").symlink_to(outside / "chart.yaml")
    (inside / "acme.yaml").write_text(overlay("acme", "chart.yaml"))
    with pytest.raises(ChartError) as error:
        load("inside/acme.yaml")
    (problem,) = error.value.problems
    assert (problem.rule, problem.line) == ("outside-repository", 2)


def test_without_git_standards_must_be_in_the_working_directory(
    practice: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load("clients/a.yaml").chart.accounts
    monkeypatch.chdir(practice / "clients")
    with pytest.raises(ChartError, match=r"a\.yaml has 1 problem"):
        load("a.yaml")
    monkeypatch.chdir(practice / "standard")
    with pytest.raises(ChartError):
        load("../clients/a.yaml")


@pytest.mark.usefixtures("practice")
def test_standard_input_extends_standards_relative_to_the_working_directory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = overlay("a", "standard/chart.yaml").encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))
    assert len(load("-").chart.accounts) == 2


def test_a_fifo_is_not_read_as_a_standard(practice: Path) -> None:
    os.mkfifo(practice / "standard/pipe.yaml")
    (practice / "clients/a.yaml").write_text(overlay("a", "../standard/pipe.yaml"))
    with pytest.raises(ChartError) as error:
        load("clients/a.yaml")
    assert [p.rule for p in error.value.problems] == ["unreadable-file"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (CHART, Kind.STANDARD),
        ("\ufeffstandard: {name: x}\n", Kind.STANDARD),
        ('"standard" : {name: x}\n', Kind.STANDARD),
        ("# a comment\n{version: 1, standard: {name: x}}\n", Kind.STANDARD),
        ("\ufeff{version: 1, standard: {name: x}}\n", Kind.STANDARD),
        ("\ufeff# a comment\n--- {standard: {name: x}}\n", Kind.STANDARD),
        (overlay("a", more="overrides:\n  - standard: x\n"), Kind.ORGANISATION),
        ("{version: 1, organisation: {name: x}, note: 'standard: x'}\n", Kind.ORGANISATION),
        ("", Kind.ORGANISATION),
        ("[", Kind.ORGANISATION),
    ],
)
def test_the_kind_of_a_file_is_known_without_checking_it(
    text: str, kind: Kind, tmp_path: Path
) -> None:
    path = tmp_path / "file.yaml"
    path.write_text(text)
    assert kind_of(str(path)) is kind


@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("text", ["organisation: {name: x}\n", "{organisation: {name: x}}\n"])
def test_the_organisation_of_a_file_is_known_without_checking_it(
    bom: str, text: str, tmp_path: Path
) -> None:
    path = tmp_path / "file.yaml"
    path.write_text(bom + text, "utf-8")
    assert pin_of(str(path)).name == "x"


def test_a_file_that_cannot_be_read_counts_as_a_chart_of_an_organisation(tmp_path: Path) -> None:
    assert kind_of(str(tmp_path / "none.yaml")) is Kind.ORGANISATION


@pytest.mark.usefixtures("practice")
def test_a_standard_can_be_loaded_by_itself() -> None:
    loaded = load("standard/chart.yaml")
    assert (loaded.kind, loaded.chart.standard) == (Kind.STANDARD, "Rimu")
    assert [entry.source for entry in loaded.chart.accounts] == [
        Source("standard/chart.yaml", 4, 6), Source("standard/chart.yaml", 5, 6),
    ]  # fmt: skip


def test_four_levels_of_standards_may_stand_above_an_organisation(practice: Path) -> None:
    for level in range(1, 6):
        above = f"extends: level-{level + 1}.yaml\n" if level < 5 else ""
        account = f'accounts:\n  - {{code: "{level}", name: Level {level}, type: EXPENSE}}\n'
        text = f"version: 1\nstandard: {{name: Level {level}}}\n{above}{account}"
        (practice / f"standard/level-{level}.yaml").write_text(text)
    (practice / "clients/a.yaml").write_text(overlay("a", "../standard/level-2.yaml"))
    assert {entry.code for entry in load("clients/a.yaml").chart.accounts} == {"2", "3", "4", "5"}
    (practice / "clients/a.yaml").write_text(overlay("a", "../standard/level-1.yaml"))
    for file in ("clients/a.yaml", "standard/level-1.yaml"):
        with pytest.raises(ChartError) as error:
            load(file)
        assert [problem.rule for problem in error.value.problems] == ["extends-too-deep"]


def test_a_very_long_chain_of_standards_is_not_read_to_its_end(practice: Path) -> None:
    for level in range(60):
        text = f"version: 1\nstandard: {{name: x}}\nextends: chain-{level + 1}.yaml\n"
        (practice / f"standard/chain-{level}.yaml").write_text(text)
    (practice / "clients/a.yaml").write_text(overlay("a", "../standard/chain-0.yaml"))
    with pytest.raises(ChartError) as error:
        load("clients/a.yaml")
    assert {problem.rule for problem in error.value.problems} == {"extends-too-deep"}
