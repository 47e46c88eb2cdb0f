"""The report that a chart file names: found beside it, checked, and inherited."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from behaviours import assumed, opposite
from builders import chart

from xerosync.chartfile.format.canonical import canonical
from xerosync.chartfile.load import Loaded, load, load_all, load_merged, read_for
from xerosync.errors import ChartError, Problem
from xerosync.organisations.commit import checked_out
from xerosync.organisations.standards.documents import ADD_COUNTRY, Kind
from xerosync.plan.build import build
from xerosync.plan.saved import serialize
from xerosync.render.merged import as_json, as_text
from xerosync.xero_behaviour import FROM_SANDBOX, Behaviour

Write = Callable[..., None]
PIN = "organisation: {name: Demo Company (NZ), country: NZ}\n"
WHOLE = f"version: 1\n{PIN}behaviour: xero-behaviour.json\naccounts: []\n"
STANDARD = "version: 1\nstandard: {name: Base}\nbehaviour: reports/nz.json\naccounts: []\n"
OVERLAY = f"version: 1\nextends: standard/base.yaml\n{PIN}"


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write files, in a repository whose only other content is a report of each country."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()

    def files(**contents: str | Behaviour) -> None:
        for name, content in contents.items():
            kind = ".json" if isinstance(content, Behaviour) else ".yaml"
            path = Path(name.replace("__", "/").replace("_", "-") + kind)
            path.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps(content.to_json()) if isinstance(content, Behaviour) else content
            path.write_text(text, "utf-8")

    return files


def problems(file: str) -> tuple[Problem, ...]:
    with pytest.raises(ChartError) as error:
        load(file)
    return error.value.problems


def test_a_file_has_the_report_that_it_names(write: Write) -> None:
    write(xero_behaviour=opposite(), acme=WHOLE)
    loaded = load("acme.yaml")
    assert loaded.chart.behaviour == opposite()
    assert not loaded.warnings


def test_an_overlay_inherits_the_report_of_its_standard_and_may_name_another(write: Write) -> None:
    write(
        standard__reports__nz=assumed(), standard__base=STANDARD, own=opposite(), acme=OVERLAY,
        other=f"{OVERLAY}behaviour: own.json\n",
    )  # fmt: skip
    inherited, other = load_all(["acme.yaml", "other.yaml"])
    assert inherited.chart.behaviour == assumed()
    assert other.chart.behaviour == opposite()
    text = as_text(load_merged("acme.yaml"))
    assert "  behaviour  reports/nz.json    standard/base.yaml:3" in text
    shown = json.loads(as_json(load_merged("other.yaml")))["settings"]["behaviour"]
    assert (shown["value"], shown["source"]["file"]) == ("own.json", "other.yaml")


def test_a_standard_is_valid_with_a_report_of_any_country(write: Write) -> None:
    write(standard__reports__nz=assumed("AU"), standard__base=STANDARD)
    loaded = load("standard/base.yaml")
    assert (loaded.kind, loaded.warnings) == (Kind.STANDARD, ())


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        (opposite("AU"), "is not used for an organisation in NZ: it is about Xero in AU."),
        (replace(opposite(), source=FROM_SANDBOX), "it is about xerosync's sandbox, not about"),
    ],
)
def test_a_report_that_is_not_about_these_books_is_a_warning_and_is_not_used(
    write: Write, behaviour: Behaviour, message: str
) -> None:
    write(xero_behaviour=behaviour, acme=WHOLE)
    loaded = load("acme.yaml")
    assert loaded.chart.behaviour is None
    (warning,) = loaded.warnings
    assert (warning.rule, warning.severity) == ("behaviour-not-used", "warning")
    assert (warning.line, warning.column) == (3, 12)
    assert message in warning.message


def test_a_report_needs_the_country_of_the_organisation(write: Write) -> None:
    write(xero_behaviour=opposite(), acme=WHOLE.replace(", country: NZ", ""))
    (problem,) = problems("acme.yaml")
    assert (problem.rule, problem.line) == ("missing-country", 2)
    assert problem.hint == ADD_COUNTRY


def test_a_missing_report_is_an_error_at_its_line(write: Write) -> None:
    write(acme=WHOLE)
    (problem,) = problems("acme.yaml")
    assert str(problem) == (
        'acme.yaml:3:12: error[unreadable-file]: "xero-behaviour.json" cannot be read: no such '
        "file or directory."
    )
    assert "xerosync doctor --demo-company" in problem.hint


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/etc/report.json", "outside-repository"),
        ("../report.json", "outside-repository"),
        (".git/report.json", "outside-repository"),
        ("C:/report.json", "outside-repository"),
        ("report.yaml", "unreadable-file"),
        (".hidden/report.json", "unreadable-file"),
        ("fifo.json", "unreadable-file"),
        ("link.json", "outside-repository"),
    ],
)
def test_a_report_is_a_regular_json_file_inside_the_repository(
    write: Write, tmp_path: Path, path: str, rule: str
) -> None:
    os.mkfifo(tmp_path / "fifo.json")
    (tmp_path / "link.json").symlink_to("/etc/hostname")
    write(acme=WHOLE.replace("xero-behaviour.json", path))
    (problem,) = problems("acme.yaml")
    assert problem.rule == rule


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "It is not JSON."),
        ("[" * 100_000, "It is not JSON."),
        ("\xff", "It is not text in UTF-8."),
        (
            json.dumps(opposite().to_json() | {"caf\xe9": 1}, ensure_ascii=False),
            "It is not text in UTF-8.",
        ),
        ("[]", "The document is not an object."),
        (" " * 1_000_001, "It is too large to be one."),
        (
            json.dumps(opposite().to_json() | {"date": "\x1b[31m"}),
            "date is not a date such as 2026-11-27.",
        ),
    ],
)
def test_a_file_that_is_not_a_report_is_rejected_with_the_reason(
    write: Write, tmp_path: Path, text: str, message: str
) -> None:
    write(acme=WHOLE)
    (tmp_path / "xero-behaviour.json").write_text(text, "latin-1")
    (problem,) = problems("acme.yaml")
    assert problem.rule == "behaviour-report"
    assert problem.message == (
        f'"xero-behaviour.json" is not a report on Xero\'s behaviour. {message}'
    )


def test_an_invalid_report_of_a_standard_is_reported_once(write: Write) -> None:
    write(standard__base=STANDARD, acme=OVERLAY, other=OVERLAY.replace("Demo", "Other"))
    with pytest.raises(ChartError) as error:
        load_all(["acme.yaml", "other.yaml"])
    (problem,) = error.value.problems
    assert (problem.file, problem.line) == ("standard/base.yaml", 3)
    assert problem.message.endswith("It affects 2 files.")


def test_two_standards_may_not_name_different_reports(write: Write) -> None:
    other = STANDARD.replace("nz", "au").replace("Base", "Other")
    both = OVERLAY.replace("standard/base.yaml", "[standard/base.yaml, standard/other.yaml]")
    write(
        standard__reports__nz=assumed(), standard__reports__au=assumed("AU"),
        standard__base=STANDARD, standard__other=other, acme=both,
    )  # fmt: skip
    assert [one.rule for one in problems("acme.yaml")] == ["standards-disagree"]


@pytest.mark.parametrize(
    ("value", "rule", "message"),
    [
        ("''", "wrong-value", "The path of the report is empty."),
        ("[a.json]", "wrong-type", "behaviour must be the path of a report, not a list."),
        ("null", "wrong-type", "behaviour is empty; it must be the path of a report."),
        ('"7.5"', "unreadable-file", '"7.5" is not a JSON file, or is hidden, so it is not read.'),
    ],
)
def test_behaviour_must_be_the_path_of_a_report(
    write: Write, value: str, rule: str, message: str
) -> None:
    write(acme=WHOLE.replace("xero-behaviour.json", value))
    (problem,) = problems("acme.yaml")
    assert (problem.rule, problem.message) == (rule, message)
    assert "currency" not in problem.hint
    assert "code" not in problem.hint


def test_formatting_keeps_behaviour_in_its_place() -> None:
    assert canonical(WHOLE.encode(), "acme.yaml") == WHOLE


def test_a_saved_plan_carries_the_report_that_it_relies_on(write: Write) -> None:
    write(xero_behaviour=opposite(), acme=WHOLE)
    plan = build(chart(), load("acme.yaml").chart)
    text = serialize.document_text([plan], datetime(2026, 11, 27, tzinfo=UTC))
    (back,) = serialize.loads(text)
    assert back.desired.behaviour == opposite()


def test_whoever_changed_the_report_is_an_author_of_the_plan(write: Write, tmp_path: Path) -> None:
    """`ci reviewed` asks who changed the files that a chart depends on."""
    write(
        standard__reports__nz=assumed(), standard__base=STANDARD, acme=OVERLAY,
        xero_behaviour=opposite(), other=WHOLE,
    )  # fmt: skip
    found = {os.path.relpath(path, tmp_path) for path in read_for(["acme.yaml", "other.yaml"])}
    assert found == {"standard/base.yaml", "standard/reports/nz.json", "xero-behaviour.json"}


def test_checking_out_a_commit_includes_the_reports_that_its_files_name(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GIT_AUTHOR", "GIT_COMMITTER"):
        monkeypatch.setenv(f"{name}_NAME", "A Person")
        monkeypatch.setenv(f"{name}_EMAIL", "a.person@example.org")
    (tmp_path / ".git").rmdir()
    write(xero_behaviour=opposite(), acme=WHOLE, standard__reports__nz=assumed(), other=assumed())
    write(standard__base=STANDARD, client=OVERLAY)
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"]):
        subprocess.run(["git", *arguments], check=True, cwd=tmp_path)
    for report in tmp_path.rglob("*.json"):
        report.unlink()
    with checked_out("HEAD") as commit:
        assert loaded(commit.folder / "acme.yaml").chart.behaviour == opposite()
        assert loaded(commit.folder / "client.yaml").chart.behaviour == assumed()
        assert not (commit.folder / "other.json").exists()


def loaded(path: Path) -> Loaded:
    return load(str(path))
