"""Jobs without credentials, switches, journals of a pull request, and jobs outside GitHub."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from command_line import Xerosync

from ci.conftest import COMMIT
from ci.forges import GitHub, GitLab
from ci.jobs import ROOT, edit, gitlab_job, job, on_main, on_request
from xerosync.sandbox import Sandbox

WORKFLOW = {"filename": ".github/workflows/plan.yml"}
NO_FORGE = dict.fromkeys(("GITHUB_ACTIONS", "GITHUB_REPOSITORY", "GITHUB_STEP_SUMMARY"), "")


@pytest.fixture(autouse=True)
def checkout(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder of its own: jobs leave theirs beside it."""
    (project / "checkout").mkdir()
    monkeypatch.chdir(project / "checkout")


@pytest.fixture
def chart(github: GitHub, books: Sandbox, xerosync: Xerosync, project: Path) -> GitHub:
    """Make a checkout with the chart of Xero."""
    assert xerosync("pull").code == 0
    books.clear_log()
    return github


def test_a_pull_request_without_secrets_that_changes_no_chart_passes(
    chart: GitHub, books: Sandbox
) -> None:
    """Dependabot's jobs have no secrets, and the check may be required."""
    chart.changed = [WORKFLOW, {"filename": "docs/accounts.yaml"}]
    passed = job("plan", "bump", on_request("a" * 40), secrets=False)
    assert passed.code == 0, passed.log
    assert "Not planned: no credentials for Xero, and no chart file changed." in passed.log
    assert "Not planned" in passed.summary
    assert passed.kept() == {}
    assert (books.requests, chart.writes) == ((), [])


@pytest.mark.parametrize(
    "changed",
    [
        [WORKFLOW, {"filename": "accounts.yaml"}],
        [{"filename": "old.yaml", "previous_filename": "accounts.yaml"}],
        [{"filename": f"{n}.txt"} for n in range(1_100)],
    ],
    ids=["changed", "moved", "too many to list"],
)
def test_a_pull_request_without_secrets_that_may_change_the_chart_fails(
    chart: GitHub, changed: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ci.forges.PAGE", 100)
    chart.changed = changed
    failed = job("plan", "failed", on_request("a" * 40), secrets=False)
    assert failed.code == 4, failed.log
    assert "This job has no credentials for Xero" in failed.log


@pytest.mark.parametrize("value", ["true", "YES", "::error::x"])
@pytest.mark.parametrize(
    ("mode", "name"),
    [
        ("plan", "XEROSYNC_CSV_ONLY"),
        ("plan", "XEROSYNC_SKIP_BLOCKED"),
        ("apply", "XEROSYNC_SKIP_BLOCKED"),
        ("apply", "XEROSYNC_THIS_RUN"),
        ("apply", "XEROSYNC_REQUIRE_APPROVAL"),
    ],
)
def test_a_switch_takes_only_yes_or_no(
    github: GitHub, project: Path, mode: str, name: str, value: str
) -> None:
    ended = job(mode, "x", on_main(COMMIT), {name: value})
    assert ended.code == 64, ended.log
    assert f"Error: {name} must be yes or no, not {value}." in ended.log
    assert github.calls == []


@pytest.mark.parametrize("name", ["xerosync-plan", "xerosync-apply"])
def test_a_switch_takes_only_yes_or_no_at_gitlab(
    gitlab: GitLab,
    books: Sandbox,
    xerosync: Xerosync,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    assert xerosync("pull").code == 0
    for key in ("CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.setenv(f"XERO_READ_{key}", "sandbox")
    gitlab.files["/jobs/3/artifacts/plan.json"] = "{}"
    gitlab.approved_by = ["kim"]
    where = {"CI_MERGE_REQUEST_IID": "7", "XEROSYNC_SKIP_BLOCKED": "true"}
    ended = gitlab_job(name, name, where)
    assert ended.code == 64, ended.log
    assert "XEROSYNC_SKIP_BLOCKED must be yes or no." in ended.log


def forged(xerosync: Xerosync, books: Sandbox) -> str:
    """Bring a journal by which the name in Xero is somebody's edit; return that origin's words."""
    books.store.edit("404", name="Bank Costs")
    assert xerosync("pull").code == 0
    assert xerosync("apply", "--yes").code == 0
    edit("name: Bank Costs", "name: Bank Charges")
    assert xerosync("apply", "--yes").code == 0
    books.store.edit("404", name="Bank Fees")
    edit("name: Bank Charges", "name: Bank Fees of Ours")
    assert any(Path(".xerosync/runs").iterdir())
    said = xerosync("plan")
    assert "Edited in Xero" in said.out + said.err
    return "Edited in Xero"


def test_a_journal_that_a_pull_request_brings_tells_reviewers_nothing(
    chart: GitHub, books: Sandbox, xerosync: Xerosync
) -> None:
    words = forged(xerosync, books)
    planned = job("plan", "plan", on_request("a" * 40))
    assert planned.code == 0, planned.log
    assert all(words not in text for text in planned.kept().values())
    assert words not in chart.comments[0]["body"]


def test_a_journal_in_the_repository_does_not_count_at_night(
    chart: GitHub, books: Sandbox, xerosync: Xerosync
) -> None:
    words = forged(xerosync, books)
    night = job("drift", "night", on_main(COMMIT))
    assert night.code == 0, night.log
    assert words not in night.log
    assert "0 journals of earlier applies fetched" in night.log


def test_gitlab_jobs_start_without_the_journals_of_the_checkout() -> None:
    document: dict[str, Any] = yaml.safe_load((ROOT / "ci" / "gitlab.yml").read_text("utf-8"))
    for name in ("xerosync-plan", "xerosync-apply", "xerosync-drift"):
        script = document[name]["script"]
        assert script[0].startswith("rm -rf .xerosync ")


BROUGHT = ("plan.json", "plan.md", "plan.html", "result.jsonl", "result.html", "drift.md")
"""What the jobs keep, as files in the checkout."""


@pytest.mark.parametrize("name", ["xerosync-plan", "xerosync-apply", "xerosync-drift"])
def test_a_gitlab_job_keeps_no_file_of_the_checkout(
    gitlab: GitLab,
    books: Sandbox,
    xerosync: Xerosync,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    """A journal that a merge request brings would be fetched as that of an apply."""
    assert xerosync("pull").code == 0
    for key in ("CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.setenv(f"XERO_READ_{key}", "sandbox")
    for brought in (*BROUGHT, "gl-code-quality-report.json"):
        Path(brought).write_text("brought", encoding="utf-8")
    ended = gitlab_job(name, name, {"CI_MERGE_REQUEST_IID": "7"}, {"CI_COMMIT_BRANCH": "topic"})
    assert ended.code == (5 if name == "xerosync-apply" else 0), ended.log
    assert "brought" not in ended.kept().values()
    fork = {"CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_PROJECT_ID": "6"}
    checked = gitlab_job("xerosync-plan", f"{name}-fork", fork, {"CURRENT": ""}, secrets=False)
    assert "there is no plan" in checked.log
    assert checked.kept() == {}


@pytest.mark.parametrize("mode", ["plan", "apply", "drift"])
def test_a_job_keeps_no_file_of_the_checkout(
    chart: GitHub, books: Sandbox, project: Path, mode: str
) -> None:
    """With the image, the folder of what is kept is in the checkout."""
    out = Path("xerosync-out")
    out.mkdir()
    for brought in (*BROUGHT, "failed.txt", "drift.txt", "drift.json", "result.md"):
        (out / brought).write_text("brought", encoding="utf-8")
    topic = {"GITHUB_REF": "refs/heads/topic", "XEROSYNC_OUT": str(out)}
    assert job(mode, mode, on_main(COMMIT), topic).code == (5 if mode == "apply" else 0)
    kept = {path.name: path.read_text(encoding="utf-8") for path in out.iterdir()}
    written = (
        name for name in kept if name.startswith(f"{'result' if mode == 'apply' else mode}.")
    )
    assert "brought" not in map(kept.get, written)
    if mode == "apply":
        (earlier,) = out.glob("earlier-*.jsonl")
        assert earlier.read_text(encoding="utf-8") == "brought", "no journal is deleted"


def test_outside_ci_a_journal_is_never_deleted(chart: GitHub, project: Path) -> None:
    out = Path("xerosync-out")
    out.mkdir()
    (out / "result.jsonl").write_text("mine", encoding="utf-8")
    job("apply", "apply", on_main(COMMIT), NO_FORGE, {"XEROSYNC_OUT": str(out)})
    assert (out / "result.jsonl").read_text(encoding="utf-8") == "mine"


def test_a_job_with_a_wrong_switch_does_not_leave_an_old_plan_in_the_comment(
    chart: GitHub, books: Sandbox
) -> None:
    edit("name: Bank Fees", "name: Bank Charges")
    assert job("plan", "good", on_request("a" * 40)).code == 0
    assert "Bank Charges" in chart.comments[0]["body"]
    wrong = job("plan", "wrong", on_request("b" * 40), {"XEROSYNC_CSV_ONLY": "true"})
    assert wrong.code == 64
    assert "There is no plan for commit bbb" in chart.comments[0]["body"]


@pytest.mark.parametrize("where", [NO_FORGE, {}], ids=["elsewhere", "github"])
def test_a_plan_that_apply_would_refuse_fails_its_job_anywhere(
    chart: GitHub, where: dict[str, str]
) -> None:
    before = "name: Bank Fees\n    type: EXPENSE\n    tax_type: NONE\n"
    edit(before, before.replace("NONE", "OUTPUT2"))
    ended = job("plan", "blocked", on_main(COMMIT), where)
    assert ended.code == 5, ended.log
    assert "apply would refuse this plan: 1 blocked" in ended.log
    assert ("::error" in ended.log) == (where == {})
    assert json.loads(ended.kept()["plan.json"])["plans"]
