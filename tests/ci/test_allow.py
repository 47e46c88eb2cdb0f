"""The options that a plan's comment suggests, `--allow` and `--skip-blocked`, in CI jobs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Xerosync
from end_to_end.conftest import writes

from ci.forges import GitHub, GitLab, let_through
from ci.jobs import commit, edit, git, gitlab_job, job, on_main
from ci.test_gitlab_jobs import MERGED, keep, on_request
from xerosync.sandbox import Sandbox

ALLOW = {"XEROSYNC_ALLOW": "archives=1  deletes=7\n"}
SKIP = {"XEROSYNC_SKIP_BLOCKED": "yes"}


@pytest.fixture
def chart(
    books: Sandbox, xerosync: Xerosync, project: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Make a checkout whose chart exceeds a limit, and has a blocked change."""
    folder = project / "repository"
    folder.mkdir()
    monkeypatch.chdir(folder)
    git("init", "--quiet", "--initial-branch", "main")
    assert xerosync("pull").code == 0
    edit("version: 1\n", "version: 1\nlimits: {archives: 0}\n")
    edit("name: Cleaning\n", "name: Cleaning\n    status: ARCHIVED\n")
    before = "name: Bank Fees\n    type: EXPENSE\n    tax_type: NONE\n"
    edit(before, before.replace("NONE", "OUTPUT2"))
    edit("name: Insurance\n", "name: Insurances\n")
    books.clear_log()
    for name in ("CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.setenv(f"XERO_READ_{name}", "sandbox")
    return folder


def test_at_github_a_manual_run_applies_what_is_allowed_and_shows_it_to_reviewers(
    chart: Path, github: GitHub, books: Sandbox
) -> None:
    head = commit("Too much")
    where = {"XEROSYNC_THIS_RUN": "yes", **on_main(head)}
    github.deployers = [let_through("lee")]
    for name, more in {"none": {}, "allow": ALLOW, "skip": SKIP}.items():
        planned = job("plan", f"plan-{name}", where, more)
        assert planned.code == 5, planned.log
        assert "is to be applied" not in planned.summary
    planned = job("plan", "plan", where, ALLOW, SKIP)
    assert planned.code == 0, planned.log
    said = (
        "**This plan is to be applied with `--allow=archives=1 --allow=deletes=7 --skip-blocked`.**"
    )
    assert said in planned.summary
    github.keep("xerosync-plan", planned.kept(), head=head, run=11)
    for name, more in {"none": {}, "allow": ALLOW, "skip": SKIP}.items():
        assert job("apply", f"apply-{name}", where, more).code == 5
    assert writes(books) == []
    applied = job("apply", "apply", where, ALLOW, SKIP)
    assert applied.code == 0, applied.log
    assert len(writes(books)) == 2


@pytest.mark.parametrize("hostile", ["*", "archives=1;id", "$(id)", "--yes", "`id`", "archives=x"])
def test_an_invalid_limit_is_refused_and_never_shown_to_reviewers(
    chart: Path, github: GitHub, hostile: str
) -> None:
    where = {"XEROSYNC_THIS_RUN": "yes", "XEROSYNC_ALLOW": hostile, **on_main(commit("x"))}
    planned = job("plan", "plan", where, SKIP)
    assert planned.code == 64, planned.log
    assert "is to be applied" not in planned.summary
    github.keep("xerosync-plan", planned.kept(), head="c" * 40, run=11)
    github.deployers = [let_through("lee")]
    assert job("apply", "apply", where, SKIP).code == 64


def test_at_gitlab_project_variables_allow_what_exceeds_the_limits(
    chart: Path, gitlab: GitLab, books: Sandbox
) -> None:
    commit("Too much")
    assert gitlab_job("xerosync-plan", "refused", on_request(), ALLOW).code == 5
    planned = gitlab_job("xerosync-plan", "plan", on_request(), ALLOW, SKIP)
    assert planned.code == 0, planned.log
    assert json.loads(planned.kept()["gl-code-quality-report.json"])
    keep(gitlab, planned)
    assert gitlab_job("xerosync-apply", "limit", MERGED, SKIP).code == 5
    assert gitlab_job("xerosync-apply", "odd", MERGED, SKIP, {"XEROSYNC_ALLOW": "*"}).code == 64
    assert writes(books) == []
    applied = gitlab_job("xerosync-apply", "apply", MERGED, ALLOW, SKIP)
    assert applied.code == 0, applied.log
    assert len(writes(books)) == 2
