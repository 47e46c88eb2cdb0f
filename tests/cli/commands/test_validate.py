"""`xerosync validate` reports all problems in every format, and no name can inject a command."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path, PureWindowsPath
from urllib.parse import unquote

import pytest
from command_line import Xerosync
from hypothesis import given
from hypothesis import strategies as st

from xerosync.chartfile.load import parse
from xerosync.chartfile.problems import describe
from xerosync.chartfile.rule_ids import PROBLEMS
from xerosync.errors import ChartError, Problem
from xerosync.render.problems import CheckedFile, as_github, as_json, as_junit, as_sarif, summary

GOOD = 'version: 1\norganisation: {name: Demo}\naccounts:\n  - {code: "200", name: Sales}\n'
WARNED = GOOD.replace('"200"', "200")
BAD = GOOD + '  - {code: "200", name: Other, typ: x}\n'


@pytest.fixture
def xerosync(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Xerosync:
    monkeypatch.chdir(tmp_path)
    for name, text in (("accounts.yaml", GOOD), ("warned.yaml", WARNED), ("bad.yaml", BAD)):
        (tmp_path / name).write_text(text, "utf-8")
    return Xerosync(capsys, monkeypatch)


def test_a_valid_file_is_reported_as_valid(xerosync: Xerosync) -> None:
    said = xerosync("validate")
    assert (said.code, said.out, said.err) == (0, "", "accounts.yaml: 1 account, no problems.\n")


def test_every_problem_of_every_file_is_reported(xerosync: Xerosync) -> None:
    said = xerosync("validate", "bad.yaml", "-f", "accounts.yaml", "missing.yaml")
    assert said.code == 3
    firsts = re.findall(r"^\S+: (?:error|warning)\[.*\]", said.out, re.MULTILINE)
    assert firsts == [
        "bad.yaml:5:12: error[duplicate-code]",
        "bad.yaml:5:32: error[unknown-field]",
        "missing.yaml: error[unreadable-file]",
    ]
    assert "  hint: Did you mean type?" in said.out
    assert said.err == "3 errors, 0 warnings in 2 of 3 files.\n"


@pytest.mark.parametrize("form", ["text", "json", "github", "gitlab", "sarif", "junit"])
def test_warnings_fail_only_when_strict(xerosync: Xerosync, form: str) -> None:
    assert xerosync("validate", "warned.yaml", "--format", form).code == 0
    assert xerosync("validate", "warned.yaml", "--format", form, "--strict").code == 3
    assert xerosync("validate", "bad.yaml", "--format", form).code == 3
    assert xerosync("validate", "--format", form, "--strict").code == 0


def test_a_dash_reads_standard_input(xerosync: Xerosync) -> None:
    said = xerosync("validate", "-", stdin=BAD.encode())
    assert said.code == 3
    assert said.out.startswith("<stdin>:5:12: error[duplicate-code]")


def test_in_ci_no_line_of_a_file_outside_the_repository_is_shown(
    xerosync: Xerosync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever opens a pull request chooses the links of the checkout."""
    monkeypatch.delenv("CI", raising=False)
    checkout = tmp_path / "checkout"
    for name in (".git/config", "sub/accounts.yaml", "../secret"):
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_text("extraheader: basic-secret\n")
    monkeypatch.chdir(checkout / "sub")
    for name, target in (
        ("out", "../../secret"),
        ("git", "../.git/config"),
        ("in", "accounts.yaml"),
    ):
        Path(f"{name}.yaml").symlink_to(target)
        Path(f"{name}.csv").symlink_to(target)
    Path("folder").symlink_to("../..")
    linked = ("out.yaml", "git.yaml", "folder/secret", str(checkout / "sub" / "out.yaml"))
    for name in linked:
        assert "basic-secret" in xerosync("validate", name).out
    monkeypatch.setenv("CI", "true")
    for name in linked:
        for form in ("text", "json", "github", "gitlab", "sarif", "junit"):
            said = xerosync("validate", name, "--format", form)
            assert said.code == 3, said.out
            assert "basic-secret" not in said.out + said.err
            assert "leads out of the repository" in said.out
    for command in (("import-csv", "git.csv"), ("plan", "git.yaml"), ("fmt", "git.yaml")):
        said = xerosync(*command)
        assert "leads out of the repository" in said.out + said.err
    for inside in ("in.yaml", "accounts.yaml", str(tmp_path / "secret")):
        assert "basic-secret" in xerosync("validate", inside).out


@pytest.mark.parametrize("arguments", [("a", "a"), ("a", "-f", "a"), ("--format", "xml")])
def test_a_wrong_command_line_is_rejected(xerosync: Xerosync, arguments: tuple[str, ...]) -> None:
    assert xerosync("validate", *arguments).code == 64


def test_it_needs_no_network_and_no_sign_in() -> None:
    code = (
        "import sys; from xerosync.cli.app import run; code = run(['validate']); "
        "sys.exit(code or bool({'requests', 'oauthlib'} & sys.modules.keys()))"
    )
    root = Path(__file__).parents[3]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


def test_json_has_every_detail(xerosync: Xerosync) -> None:
    document = json.loads(xerosync("validate", "bad.yaml", "accounts.yaml", "--format", "json").out)
    assert document["format_version"] == "1.0"
    assert document["summary"] == {"errors": 2, "warnings": 0}
    bad, good = document["files"]
    assert good == {"file": "accounts.yaml", "valid": True, "accounts": 1, "problems": []}
    assert bad["valid"] is False
    assert bad["problems"][0] == {
        "line": 5, "column": 12, "severity": "error", "rule": "duplicate-code",
        "message": 'The code "200" is already used on line 4.',
        "hint": "Change one of the two codes.",
        "source_line": '  - {code: "200", name: Other, typ: x}',
    }  # fmt: skip


def test_github_gets_a_command_for_each_problem(xerosync: Xerosync) -> None:
    said = xerosync("validate", "bad.yaml", "--format", "github")
    assert said.out.splitlines()[1] == (
        "::error file=bad.yaml,title=unknown-field,line=5,col=32::"
        'An account has no field "typ".%0ADid you mean type?'
    )


def test_github_text_is_escaped() -> None:
    problem = Problem("a,b%0A:c", 1, 1, "r", "50 %0A off", "Do %25.")
    assert as_github([CheckedFile("f", 0, (problem,))]) == (
        "::error file=a%2Cb%250A%3Ac,title=r,line=1,col=1::50 %250A off%0ADo %2525.\n"
    )


def test_sarif_has_the_essentials(xerosync: Xerosync) -> None:
    """The properties that SARIF 2.1.0 (OASIS, 2020) and GitHub's code scanning require."""
    said = xerosync("validate", "bad.yaml", "warned.yaml", "missing.yaml", "--format", "sarif")
    log = json.loads(said.out)
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-2.1.0.json")
    [run] = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "xerosync"
    assert re.fullmatch(r"\d+\.\d+\.\d+", driver["semanticVersion"])
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(set(ids)) == len(ids)
    assert all(rule["shortDescription"]["text"] for rule in driver["rules"])
    assert len(run["results"]) == 4
    for result in run["results"]:
        assert ids[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in {"error", "warning"}
        assert result["message"]["text"]
        [location] = result["locations"]
        place = location["physicalLocation"]
        assert not place["artifactLocation"]["uri"].startswith(("/", "file:"))
        if result["ruleId"] != "unreadable-file":
            assert place["region"]["startLine"] >= 1
            assert place["region"]["startColumn"] >= 1
        else:
            assert "region" not in place


def test_uris_are_relative_inside_the_folder_and_absolute_outside(
    xerosync: Xerosync, tmp_path: Path
) -> None:
    named = tmp_path / "a b#ü%.yaml"
    named.write_text(BAD, "utf-8")
    said = xerosync("validate", str(named), str(tmp_path.parent / "x.yaml"), "--format", "sarif")
    results = json.loads(said.out)["runs"][0]["results"]
    uris = [r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in results]
    assert uris[0] == "a%20b%23%C3%BC%25.yaml"
    assert uris[-1] == (tmp_path.parent / "x.yaml").as_uri()


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        (r"D:\books\a ü.yaml", "file:///D:/books/a%20%C3%BC.yaml"),
        (r"\\server\share\a.yaml", "file://server/share/a.yaml"),
        (r"books\a.yaml", "books/a.yaml"),
    ],
)
def test_paths_of_windows_become_valid_uris(
    monkeypatch: pytest.MonkeyPatch, path: str, uri: str
) -> None:
    monkeypatch.setattr("xerosync.render.problems.PurePath", PureWindowsPath)
    problem = Problem(path, 1, 1, "code", "Wrong.")
    (run,) = json.loads(as_sarif([CheckedFile(path, 1, (problem,))], {}))["runs"]
    (place,) = run["results"][0]["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_junit_has_a_case_for_each_problem(xerosync: Xerosync) -> None:
    def cases(*arguments: str) -> list[tuple[str, str, str, int]]:
        out = xerosync("validate", *arguments, "--format", "junit").out
        return [
            (suite.get("name", ""), suite.get("tests", ""), suite.get("failures", ""),
             len(suite.findall("testcase/failure")))
            for suite in ET.fromstring(out)  # noqa: S314 ours
        ]  # fmt: skip

    assert cases("bad.yaml", "warned.yaml", "accounts.yaml") == [
        ("bad.yaml", "2", "2", 2), ("warned.yaml", "1", "0", 0), ("accounts.yaml", "1", "0", 0),
    ]  # fmt: skip
    assert cases("warned.yaml", "--strict") == [("warned.yaml", "1", "1", 1)]


TEXTS = st.one_of(
    st.text(),
    st.lists(
        st.sampled_from(
            ["::error::x", "##[add-path]", "\n", "\r", "%0A", "%", "::", ",", ":", "]]>", "<!--",
             "&", '"', "\x1b[31m", "\u202e", "\ud800", "\ufffe", "\x00", "name", "##vso[task]", "'"]
        )
    ).map("".join),
)  # fmt: skip
PROBLEM = st.builds(
    Problem, TEXTS, st.integers(0, 3), st.integers(0, 3), TEXTS, TEXTS, TEXTS,
    st.sampled_from(["error", "warning"]), TEXTS,
)  # fmt: skip


@given(st.lists(PROBLEM, max_size=3), TEXTS)
def test_no_text_of_a_file_acts_in_any_format(problems: list[Problem], file: str) -> None:
    checked = [CheckedFile(file, 1, tuple(problems))]
    lines = as_github(checked).split("\n")[:-1]
    assert len(lines) == len(problems)
    for line, problem in zip(lines, problems, strict=True):
        found = re.fullmatch(r"::(\w+) ([^:]*)::([^\r\n]*)", line)
        assert found
        assert found[1] == problem.severity
        names = [part.split("=", 1)[0] for part in found[2].split(",")]
        assert names == ["file", "title", "line", "col"][: len(names)]
    report = ET.fromstring(as_junit(checked, strict=False))  # noqa: S314 ours
    assert len(list(report.iter("testcase"))) == max(len(problems), 1)
    assert json.loads(as_json(checked))["files"][0]["file"] == file
    log = json.loads(as_sarif(checked, PROBLEMS))
    assert len(log["runs"][0]["results"]) == len(problems)
    for result in log["runs"][0]["results"]:
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"[\w%/.~:-]*", uri)
        assert unquote(uri) is not None
    for text in (*lines, as_json(checked), as_sarif(checked, {}), as_junit(checked, strict=True)):
        assert not re.search(r"##\w*\[", text)
    assert "\n" not in summary(checked)


def test_every_rule_id_has_a_meaning() -> None:
    """Each rule has a line that explains it, which `docs/reference.md` shows."""
    package = Path(__file__).parents[3] / "xerosync"
    sources = [*(package / "chartfile").rglob("*.py"), package / "plan/matching/ambiguities.py"]
    sources += (package / "organisations").rglob("*.py")
    texts = [
        path.read_text("utf-8")
        for path in sources
        if path.stem != "rule_ids" and path.parent.name != "csv"  # a CSV is not ours to keep
    ]
    said = set(re.findall(r'(?:error|warn)\(\s*"([a-z-]+)"', "\n".join(texts)))
    bad = Path(__file__).parents[2] / "chartfile" / "bad"
    for case in bad.glob("*.txt"):
        said |= set(re.findall(r"(?:error|warning)\[([a-z-]+)\]", case.read_text("utf-8")))
    assert said <= set(PROBLEMS)
    known = "\n".join(texts)
    assert all(f'"{rule}"' in known for rule in PROBLEMS)


def test_text_shows_each_problem_as_it_is_described(xerosync: Xerosync) -> None:
    with pytest.raises(ChartError) as caught:
        parse(BAD, "bad.yaml")
    wanted = "".join(describe(problem) + "\n\n" for problem in caught.value.problems)
    assert xerosync("validate", "bad.yaml").out == wanted


CHART = """\
version: 1
standard: {name: Rimu}
accounts:
  - {code: "200", name: Sales, type: INCOME}
"""
OVERLAY = "version: 1\nextends: ../standard/chart.yaml\norganisation: {name: Acme}\n"


def test_a_problem_of_a_standard_is_reported_once_for_a_folder(xerosync: Xerosync) -> None:
    for folder in ("clients", "standard"):
        Path(folder).mkdir()
    Path("standard/chart.yaml").write_text(CHART, encoding="utf-8")
    for name in ("a", "b", "c"):
        Path(f"clients/{name}.yaml").write_text(OVERLAY, encoding="utf-8")
    Path("clients/d.yaml").write_text(GOOD, encoding="utf-8")
    for arguments in (("clients",), ("clients", "standard")):
        done = xerosync("validate", *arguments)
        assert done.code == 3
        assert done.out.count("wrong-value") == 1
        assert "standard/chart.yaml:4:38: error[wrong-value]" in done.out
        assert "It affects 3 files." in done.out
    told = json.loads(xerosync("validate", "clients", "--format", "json").out)
    assert {one["file"]: one["valid"] for one in told["files"]} == {
        "standard/chart.yaml": False,
        "clients/a.yaml": False,
        "clients/b.yaml": False,
        "clients/c.yaml": False,
        "clients/d.yaml": True,
    }
    Path("standard/chart.yaml").write_text(CHART.replace("INCOME", "REVENUE"), encoding="utf-8")
    assert xerosync("validate", "clients", "standard").code == 0


def test_a_problem_that_an_overlay_causes_in_its_standard_is_reported(xerosync: Xerosync) -> None:
    """The standard is valid by itself, and invalid together with one overlay."""
    chart = CHART.replace("type: INCOME", "tax_type: sales")
    Path("chart.yaml").write_text(f"{chart}tax_types: {{sales: {{AU: OUTPUT}}}}\n", "utf-8")
    Path("acme.yaml").write_text(
        "version: 1\nextends: chart.yaml\norganisation: {name: Acme, country: NZ}\n", "utf-8"
    )
    done = xerosync("validate", "acme.yaml", "chart.yaml")
    assert done.code == 3
    assert done.out.startswith("chart.yaml:5:25: error[tax-type-not-for-country]")


def test_a_lint_finding_of_a_standard_is_reported_once_for_a_folder(xerosync: Xerosync) -> None:
    """An account of the standard that breaks a rule is one problem, not one for each client."""
    Path("standard.yaml").write_text(
        "version: 1\nstandard: {name: Ours}\n"
        'lint: {code_ranges: {EXPENSE: ["400-499"]}}\n'
        'accounts:\n  - {code: "777", name: Travel, type: EXPENSE}\n',
        encoding="utf-8",
    )
    Path("clients").mkdir()
    for name in "abc":
        Path(f"clients/{name}.yaml").write_text(
            f"version: 1\nextends: ../standard.yaml\norganisation: {{name: {name}, country: NZ}}\n",
            encoding="utf-8",
        )
    for files in (["clients"], ["standard.yaml", "clients"]):
        said = xerosync("validate", *files)
        assert said.code == 3
        assert said.out.count("[code-range]") == 1
        assert "standard.yaml:5" in said.out
        assert re.search(r"It affects (3|4) files\.", said.out)
        found = json.loads(xerosync("validate", *files, "--format", "json").out)["files"]
        assert [one["file"] for one in found if one["problems"]] == ["standard.yaml"]
