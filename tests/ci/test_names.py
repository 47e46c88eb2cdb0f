"""Two organisations in one repository: a job for each, with its name in its artifacts."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Xerosync

from ci.forges import GitHub, let_through
from ci.jobs import commit, edit, git, job, on_main
from xerosync.sandbox import Sandbox


def test_a_job_uses_only_the_plan_and_the_journals_of_its_own_name(
    github: GitHub,
    books: Sandbox,
    xerosync: Xerosync,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = project / "repository"
    folder.mkdir()
    monkeypatch.chdir(folder)
    git("init", "--quiet", "--initial-branch", "main")
    assert xerosync("pull").code == 0
    edit("name: Bank Fees", "name: Bank Charges")
    head = commit("UK")
    uk = {"XEROSYNC_NAME": "uk", "XEROSYNC_FILES": "  accounts.yaml  \n\n", **on_main(head)}
    planned = job("plan", "plan", uk)
    assert planned.code == 0, planned.log
    github.keep("xerosync-plan-uk", planned.kept(), head=head, run=11)
    github.keep("xerosync-plan", {"plan.json": "of another organisation"}, head=head, run=11)
    github.deployers = [let_through("lee")]
    applied = job("apply", "apply", uk, {"XEROSYNC_THIS_RUN": "yes"})
    assert applied.code == 0, applied.log
    github.keep("xerosync-result-uk-1", applied.kept(), head=head)
    github.keep("xerosync-result-1", {"result.jsonl": "of another organisation"}, head=head)
    night = job("drift", "drift", uk)
    assert night.code == 0, night.log
    assert "1 journal of earlier applies fetched" in night.log
    assert "No drift since the last apply" in night.log
