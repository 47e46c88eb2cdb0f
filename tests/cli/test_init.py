"""`xerosync init` ends in a plan, asks for what no option gives, and overwrites nothing."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import Xerosync

from xerosync.cli.terminal import Terminal
from xerosync.cli.workflow import PATH, workflow

ANSWERED = ("--gitignore", "--ci", "github")


def test_with_every_option_given_it_ends_in_a_plan(xerosync: Xerosync, project: Path) -> None:
    done = xerosync("init", "--from", "sandbox", *ANSWERED)
    assert done.code == 0
    assert "No changes" in done.out
    assert (project / ".gitignore").read_text() == ".xerosync/\n"
    assert (project / PATH).exists()


def test_a_second_run_overwrites_nothing(xerosync: Xerosync, project: Path) -> None:
    xerosync("init", "--from", "sandbox", *ANSWERED)
    before = {}
    for name in ("accounts.yaml", ".gitignore", PATH):
        path = project / name
        path.write_text(path.read_text() + "# mine\n")
        before[path] = path.read_text()
    done = xerosync("init", "--from", "sandbox", *ANSWERED)
    assert done.code == 0
    assert done.err.count("is there already and stays as it is") == 2
    assert {path: path.read_text() for path in before} == before


def test_without_a_terminal_each_missing_option_is_named(xerosync: Xerosync) -> None:
    refused = xerosync("init")
    assert refused.code == 64
    for option in ("--from xero|sandbox|csv", "--gitignore or --no-gitignore", "--ci github|none"):
        assert option in refused.err
    refused = xerosync("init", "--from", "csv", *ANSWERED)
    assert "--csv" in refused.err
    assert "--organisation" in refused.err
    assert xerosync("init", "--from", "sandbox", "--csv", "x.csv", *ANSWERED).code == 64


def test_a_csv_is_enough_and_its_workflow_needs_no_secrets(
    xerosync: Xerosync, project: Path
) -> None:
    (project / "chart.csv").write_text("*Code,*Name,*Type\n200,Sales,Revenue\n")
    (project / ".gitignore").write_text("build/")
    options = ("--csv", "chart.csv", "--organisation", "Acme", *ANSWERED)
    done = xerosync("init", "--from", "csv", *options)
    assert done.code == 0
    assert "No changes" in done.out
    assert (project / ".gitignore").read_text() == "build/\n.xerosync/\n"
    assert "secrets." not in (project / PATH).read_text()


def test_without_ci_and_gitignore_only_the_chart_file_is_created(
    xerosync: Xerosync, project: Path
) -> None:
    xerosync("init", "--from", "sandbox", "--no-gitignore", "--ci", "none")
    assert sorted(path.name for path in project.iterdir()) == [".xerosync", "accounts.yaml"]


def test_a_question_is_repeated_until_the_answer_is_valid(
    xerosync: Xerosync, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: Iterator[str] = iter(["mars", "sandbox", "perhaps", "yes", "github"])
    monkeypatch.setattr(Terminal, "interactive", property(lambda _: True))
    monkeypatch.setattr("builtins.input", lambda *_: next(answers))
    done = xerosync("init")
    assert done.code == 0
    assert next(answers, None) is None
    assert (project / PATH).exists()


def test_the_end_of_input_is_a_usage_error(
    xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> str:
        raise EOFError

    monkeypatch.setattr(Terminal, "interactive", property(lambda _: True))
    monkeypatch.setattr("builtins.input", gone)
    assert xerosync("init").code == 64


@pytest.mark.parametrize("csv", ["", "chart.csv"])
def test_the_workflow_may_read_and_no_more(csv: str) -> None:
    import yaml  # noqa: PLC0415

    text = workflow('odd "name".yaml', csv)
    document: dict[str, Any] = yaml.safe_load(text)
    assert document["permissions"] == {"contents": "read"}
    assert document["env"]["CHART"] == 'odd "name".yaml'
    assert "pull_request_target" not in text
    assert "apply" not in text.split("jobs:")[1]


@pytest.mark.parametrize("csv", ["", "chart.csv"])
def test_the_summary_of_the_workflow_is_written_also_after_a_step_that_failed(
    csv: str, tmp_path: Path
) -> None:
    import yaml  # noqa: PLC0415

    jobs: dict[str, Any] = yaml.safe_load(workflow("accounts.yaml", csv))["jobs"]
    pages = {"plan": "plan.md", **({} if csv else {"drift": "drift.md"})}
    for name, page in pages.items():
        *_, makes, last = jobs[name]["steps"]
        assert f"--markdown-file {page}" in makes["run"]
        assert last["if"] == "!cancelled()"
        summary = tmp_path / f"{name}-summary"
        environment = {"PATH": os.environ["PATH"], "GITHUB_STEP_SUMMARY": str(summary)}
        run = ["bash", "-e", "-c", last["run"]]
        subprocess.run(run, cwd=tmp_path, env=environment, check=True)
        assert not summary.exists(), "a step that wrote nothing has no summary, and no second error"
        (tmp_path / page).write_text("the page\n")
        subprocess.run(run, cwd=tmp_path, env=environment, check=True)
        assert summary.read_text() == "the page\n"


@pytest.mark.parametrize("csv", ["", "chart.csv"])
def test_a_pull_request_of_a_fork_is_checked_without_any_secret(csv: str) -> None:
    import yaml  # noqa: PLC0415

    text = workflow("accounts.yaml", csv)
    assert "\n  pull_request:\n" in text
    document: dict[str, Any] = yaml.safe_load(text)
    validate = document["jobs"]["validate"]
    assert "if" not in validate
    assert "secrets." not in str(validate)
    holding = [job for job in document["jobs"].values() if "secrets." in str(job)]
    own = "github.event.pull_request.head.repo.full_name == github.repository"
    assert all(own in job["if"] or job["if"].endswith("'schedule'") for job in holding)
