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


@pytest.mark.parametrize(
    ("file", "changed"),
    [
        ("charts/accounts.yaml", "charts/accounts.yaml"),
        ("./charts/../charts/accounts.yaml", "charts/accounts.yaml"),
        ("{here}/charts/accounts.yaml", "charts/accounts.yaml"),
        ("../checkout/charts/accounts.yaml", "charts/accounts.yaml"),
        ("charts/accounts.yaml", "accounts.yaml"),
        ("charts/accounts.yaml", "charts"),
        ("link.yaml", "charts/accounts.yaml"),
        ("charts", "charts/accounts.yaml"),
    ],
    ids=["same", "dots", "absolute", "parent", "checkout below", "submodule", "link", "folder"],
)
def test_a_chart_counts_as_changed_however_it_is_named(
    github: GitHub,
    xerosync: Xerosync,
    monkeypatch: pytest.MonkeyPatch,
    file: str,
    changed: str,
) -> None:
    Path("charts").mkdir()
    Path("charts/accounts.yaml").touch()
    Path("link.yaml").symlink_to("charts/accounts.yaml")
    for name, value in on_request("a" * 40).items():
        monkeypatch.setenv(name, value)
    asked = ("ci", "source", "--file", file.format(here=Path.cwd()))
    github.changed = [{"filename": changed}]
    assert xerosync(*asked).code == 4
    github.changed = [{"filename": "docs/accounts.yaml"}, {"filename": "other"}]
    assert xerosync(*asked).out == "unchanged\n"


@pytest.mark.parametrize("folder", [".", "..", "{here}"])
def test_a_chart_counts_as_changed_if_the_folder_of_the_job_or_one_above_is_named(
    github: GitHub, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    Path("accounts.yaml").touch()
    for name, value in on_request("a" * 40).items():
        monkeypatch.setenv(name, value)
    github.changed = [{"filename": "accounts.yaml"}]
    assert xerosync("ci", "source", "--file", folder.format(here=Path.cwd())).code == 4


def test_a_pull_request_that_changes_hundreds_of_other_files_leaves_the_chart_unchanged(
    github: GitHub, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ci.forges.PAGE", 100)
    Path("accounts.yaml").touch()
    for name, value in on_request("a" * 40).items():
        monkeypatch.setenv(name, value)
    github.changed = [{"filename": f"{n}.txt"} for n in range(999)]
    assert xerosync("ci", "source", "--file", "accounts.yaml").out == "unchanged\n"
    github.changed.append({"filename": "999.txt"})
    assert xerosync("ci", "source", "--file", "accounts.yaml").code == 4, "there may be more"


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
    assert "XEROSYNC_SKIP_BLOCKED must be yes or no, not true." in ended.log


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


def test_a_journal_in_a_pull_request_does_not_reach_the_plan_or_its_comment(
    chart: GitHub, books: Sandbox, xerosync: Xerosync
) -> None:
    words = forged(xerosync, books)
    planned = job("plan", "plan", on_request("a" * 40))
    assert planned.code == 0, planned.log
    assert all(words not in text for text in planned.kept().values())
    assert words not in chart.comments[0]["body"]


def test_the_nightly_job_ignores_a_journal_in_the_repository(
    chart: GitHub, books: Sandbox, xerosync: Xerosync
) -> None:
    words = forged(xerosync, books)
    night = job("drift", "night", on_main(COMMIT))
    assert night.code == 0, night.log
    assert words not in night.log
    assert "0 journals of earlier applies fetched" in night.log


BROUGHT = (
    "plan.json", "plan.md", "plan.html", "gl-code-quality-report.json",
    "result.jsonl", "result.html", "drift.md", "compare.html", "compare.txt",
)  # fmt: skip
"""What the jobs of GitLab write into the checkout, for one chart or for a folder."""


def test_every_artifact_of_gitlab_is_removed_from_the_checkout_before_anything_can_fail() -> None:
    document: dict[str, Any] = yaml.safe_load((ROOT / "ci" / "gitlab.yml").read_text("utf-8"))
    first = document[".xerosync"]["before_script"][0].split()
    assert first[:2] == ["rm", "-rf"]
    for name in ("xerosync-plan", "xerosync-apply", "xerosync-drift"):
        artifacts = document[name]["artifacts"]
        kept = {*artifacts["paths"], *artifacts.get("reports", {}).values()}
        assert kept <= set(first[2:]) == set(BROUGHT)
        assert "before_script" not in document[name]


@pytest.fixture
def at_gitlab(
    gitlab: GitLab, books: Sandbox, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> GitLab:
    """Make a checkout with the chart of Xero, for jobs of GitLab."""
    assert xerosync("pull").code == 0
    for key in ("CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.setenv(f"XERO_READ_{key}", "sandbox")
    return gitlab


JOBS = {
    "xerosync-plan": {
        "CI_PIPELINE_SOURCE": "merge_request_event",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_COMMIT_BRANCH": "",
    },
    "xerosync-apply": {"CI_COMMIT_BRANCH": "topic"},
    "xerosync-drift": {"CI_PIPELINE_SOURCE": "schedule"},
}


@pytest.mark.parametrize("name", JOBS)
def test_a_gitlab_job_keeps_no_file_of_the_checkout(at_gitlab: GitLab, name: str) -> None:
    """A journal that a merge request brings would be fetched as that of an apply."""
    for brought in BROUGHT:
        Path(brought).write_text("brought", encoding="utf-8")
    ended = gitlab_job(name, name, JOBS[name])
    assert ended.code == (5 if name == "xerosync-apply" else 0), ended.log
    assert "brought" not in ended.kept().values()


@pytest.mark.parametrize("name", JOBS)
def test_a_gitlab_job_writes_through_no_link_of_the_checkout(
    at_gitlab: GitLab, tmp_path: Path, name: str
) -> None:
    """The image runs as root: a link to `xerosync` would make a plan the next program."""
    program = tmp_path / "program"
    program.write_text("as it was", encoding="utf-8")
    for brought in BROUGHT:
        Path(brought).symlink_to(program)
    gitlab_job(name, name, JOBS[name])
    assert program.read_text(encoding="utf-8") == "as it was"


def test_an_approved_plan_is_not_written_through_a_link_at_gitlab(
    at_gitlab: GitLab, tmp_path: Path
) -> None:
    edit("name: Bank Fees", "name: Bank Charges")
    merge_request = JOBS["xerosync-plan"] | {"CI_COMMIT_SHA": "a" * 40}
    planned = gitlab_job("xerosync-plan", "planned", merge_request)
    at_gitlab.files["/jobs/3/artifacts/plan.json"] = planned.kept()["plan.json"]
    at_gitlab.approved_by = ["kim"]
    program = tmp_path / "program"
    program.write_text("as it was", encoding="utf-8")
    for brought in BROUGHT:
        Path(brought).symlink_to(program)
    applied = gitlab_job("xerosync-apply", "applied", {"CI_COMMIT_BRANCH": "main"})
    assert applied.code == 0, applied.log
    assert '"event": "begin"' in applied.kept()["result.jsonl"]
    assert program.read_text(encoding="utf-8") == "as it was"


def test_a_plan_in_the_checkout_does_not_keep_an_outdated_note(at_gitlab: GitLab) -> None:
    where = JOBS["xerosync-plan"] | {"CI_COMMIT_SHA": "a" * 40}
    assert gitlab_job("xerosync-plan", "good", where).code == 0
    Path("plan.json").write_text("{}", encoding="utf-8")
    with Path("accounts.yaml").open("a", encoding="utf-8") as chart:
        chart.write("  nonsense: 1\n")
    bad = gitlab_job("xerosync-plan", "bad", where)
    assert bad.code == 3, bad.log
    assert "There is no plan for commit" in at_gitlab.notes[0]["body"]
    assert "accounts.yaml" in bad.kept()["gl-code-quality-report.json"]


@pytest.mark.parametrize("mode", ["plan", "apply", "drift"])
@pytest.mark.parametrize("link", [False, True])
def test_a_job_refuses_to_write_into_a_link_or_a_folder_that_is_not_empty(
    chart: GitHub, tmp_path: Path, mode: str, link: bool
) -> None:
    """A committed journal in it would be shown, and kept, as that of this job."""
    out = Path("out")
    if link:
        (tmp_path / "elsewhere").mkdir()
        out.symlink_to(tmp_path / "elsewhere")
    else:
        out.mkdir()
        (out / "result.jsonl").write_text("brought", encoding="utf-8")
    ended = job(mode, mode, on_main(COMMIT), {"XEROSYNC_OUT": "out//" if link else "out"})
    assert ended.code == 64, ended.log
    assert "XEROSYNC_OUT (out) is a link, or is not empty." in ended.log
    assert chart.calls == []


def test_a_refused_apply_leaves_a_record_that_its_re_run_finds(chart: GitHub) -> None:
    ended = job("apply", "apply", {"GITHUB_REF": "refs/heads/topic"})
    assert ended.code == 5, ended.log
    assert set(ended.kept()) == {"started.txt"}


def test_by_default_a_job_writes_outside_the_checkout(
    chart: GitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary, victim = tmp_path / "temporary", tmp_path / "victim"
    temporary.mkdir()
    victim.write_text("as it was", encoding="utf-8")
    Path("xerosync-out").mkdir()
    Path("xerosync-out/plan.json").symlink_to(victim)
    monkeypatch.setenv("TMPDIR", str(temporary))
    ended = job("plan", "plan", on_request("a" * 40), {"XEROSYNC_OUT": ""})
    assert ended.code == 0, ended.log
    assert victim.read_text(encoding="utf-8") == "as it was"
    (folder,) = temporary.glob("tmp.*")
    assert f"This job writes its files to {folder}." in ended.log
    assert {path.name for path in folder.iterdir()} == {"plan.json", "plan.md", "plan.html"}


def test_outside_a_forge_only_the_journals_of_a_folder_outside_the_checkout_count(
    chart: GitHub, books: Sandbox, xerosync: Xerosync, tmp_path: Path
) -> None:
    words = forged(xerosync, books)
    refused = job("drift", "refused", NO_FORGE)
    assert refused.code == 5, refused.log
    assert "name its new place in XEROSYNC_STATE" in refused.log
    state = tmp_path / "state"
    told = {"XEROSYNC_STATE": str(state)}
    assert job("drift", "still", NO_FORGE, told).code == 5, "no journal is deleted"
    Path(".xerosync").rename("brought")
    inside = job("drift", "inside", NO_FORGE, {"XEROSYNC_STATE": "brought"})
    assert (inside.code, "is in the checkout" in inside.log) == (64, True), inside.log
    Path("brought").rename(".xerosync")
    Path(".xerosync").rename(state)
    for name in ("first", "second"):
        night = job("drift", name, NO_FORGE, told)
        assert night.code == 0, night.log
        assert words in night.log, "these are the operator's own"
    Path(".xerosync").unlink()
    bare = job("drift", "bare", NO_FORGE)
    assert (bare.code, words in bare.log) == (0, False), bare.log


@pytest.mark.parametrize("target", ["outside", ".git/config"])
def test_a_chart_that_is_a_link_out_of_the_repository_is_not_quoted(
    chart: GitHub, tmp_path: Path, target: str
) -> None:
    """A checkout can have a token in `.git/config`, and a message quotes the line it is about."""
    Path(".git").mkdir()
    secret = tmp_path / "outside" if target == "outside" else Path.cwd() / target
    secret.write_text("basic c2VjcmV0", encoding="utf-8")
    Path("accounts.yaml").unlink()
    Path("accounts.yaml").symlink_to(secret)
    ended = job("plan", "plan", on_request("a" * 40))
    assert ended.code == 5, ended.log
    assert "accounts.yaml is a link that leads out of the repository" in ended.log
    assert "c2VjcmV0" not in ended.log
    Path("accounts.yaml").unlink()
    Path("charts").mkdir()
    Path("charts/uk.yaml").write_text("version: 2\n", encoding="utf-8")
    Path("accounts.yaml").symlink_to("charts/uk.yaml")
    assert job("plan", "inside", on_request("a" * 40)).code == 3


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
    assert "apply would refuse this plan:" in ended.log
    assert ("::error" in ended.log) == (where == {})
    assert json.loads(ended.kept()["plan.json"])["plans"]
