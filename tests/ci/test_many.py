"""A folder of charts in CI: plans of what a pull request touches, waves, and nightly jobs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from command_line import Xerosync
from end_to_end.conftest import GENEROUS

from ci.conftest import COMMIT
from ci.forges import GitHub, GitLab, Pull, let_through, review
from ci.jobs import Ended, git, gitlab_job, job, keep_plan, on_main, on_request, programs
from xerosync.sandbox import Sandbox
from xerosync.sandbox.books.store import Store

HEAD = "a" * 40
FOLDER = {"XEROSYNC_FILES": "clients"}
CHANGED = {**FOLDER, "XEROSYNC_ONLY_CHANGED": "yes", "GITHUB_BASE_REF": "main"}
STANDARD = "version: 1\nstandard: {name: Ours}\naccounts:\n"
NEW = "  - {code: '9871', name: Bequests Received, type: EXPENSE, tax_type: NONE}\n"
BLOCKED = "accounts:\n  - {code: '820', status: ARCHIVED}\n"
"""Xero refuses to archive a system account."""


class Practice:
    """Ten clients, of which the first is the canary and the sixth is blocked."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.stores: Sequence[Store] = sandbox.books.stores()
        Path("standard").mkdir()
        Path("clients").mkdir()
        self.write_standard()
        for number in range(len(self.stores)):
            self.write(number, BLOCKED if number == 5 else "")

    def write_standard(self, more: str = "") -> None:
        first = "  - {code: '9870', name: Legacy, type: EXPENSE, tax_type: NONE, optional: true}\n"
        Path("standard/chart.yaml").write_text(STANDARD + first + more, encoding="utf-8")

    def write(self, number: int, more: str = "") -> None:
        store = self.stores[number]
        pin = f"name: {json.dumps(store.organisation.name)}, tenant_id: {store.tenant_id}"
        head = f"version: 1\nextends: ../standard/chart.yaml\norganisation: {{{pin}}}\n"
        tags = "tags: [canary]\n" if number == 0 else ""
        self.file(number).write_text(head + tags + more, encoding="utf-8")

    def file(self, number: int) -> Path:
        return Path("clients", f"client{number:02}.yaml")

    @property
    def done(self) -> list[int]:
        """The clients that have the new account."""
        codes = [[account.code for account in store.accounts()] for store in self.stores]
        assert all(one.count("9871") <= 1 for one in codes)
        return [number for number, one in enumerate(codes) if "9871" in one]


@pytest.fixture
def practice(project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Practice]:
    """Make a repository of the practice, and sign in to its books; Git is there too."""
    folder = project / "repository"
    folder.mkdir()
    monkeypatch.chdir(folder)
    with Sandbox(organisations=10, country="NZ", limits=GENEROUS) as sandbox:
        for name in ("XEROSYNC_API_URL", "XEROSYNC_IDENTITY_URL"):
            monkeypatch.setenv(name, sandbox.url)
        for name in ("CLIENT_ID", "CLIENT_SECRET"):
            monkeypatch.setenv(f"XERO_{name}", "sandbox")
        made = Practice(sandbox)
        git("init", "--quiet", "--initial-branch", "main")
        git("add", ".")
        git("commit", "--quiet", "--message", "As it is")
        git("update-ref", "refs/remotes/origin/main", "HEAD")
        yield made


@pytest.fixture
def path(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return a path with Git, which the comparison with another commit needs."""
    return {"PATH": programs(tmp_path_factory.mktemp("programs") / "bin", "git")}


def merge(github: GitHub, practice: Practice, path: dict[str, str]) -> None:
    """Plan the new account on a pull request, and merge it."""
    practice.write_standard(NEW)
    keep_plan(github, job("plan", "plan", on_request(HEAD), CHANGED, path), HEAD)
    github.pulls = [Pull(7, HEAD, COMMIT)]


def planned(ended: Ended) -> list[str]:
    """Return the files of the plans that a job has saved."""
    return [one["file"] for one in json.loads(ended.kept()["plan.json"])["plans"]]


def commented(github: GitHub) -> str:
    (comment,) = github.comments
    return str(comment["body"])


def test_a_pull_request_plans_what_it_touches_in_one_comment(
    github: GitHub, practice: Practice, path: dict[str, str]
) -> None:
    practice.write_standard(NEW)
    everybody = job("plan", "all", on_request(HEAD), CHANGED, path)
    assert everybody.code == 0, everybody.log
    assert len(planned(everybody)) == 10
    assert "## Plan for 10 organisations" in commented(github)
    assert "apply would refuse 1 of 10 organisations:" in everybody.log
    assert "1 change cannot be made (see the blocked one above)" in everybody.log
    assert "::warning title=xerosync::Some organisations cannot be applied" in everybody.log

    practice.write_standard()
    practice.write(3, "accounts:\n" + NEW)
    one = job("plan", "one", on_request("b" * 40), CHANGED, path)
    assert one.code == 0, one.log
    assert planned(one) == ["clients/client03.yaml"]
    assert "Bequests Received" in commented(github)
    assert practice.stores[4].organisation.name not in commented(github)

    practice.write(3)
    none = job("plan", "none", on_request("d" * 40), CHANGED, path)
    assert none.code == 0, none.log
    assert planned(none) == []
    assert "Plan for 0 organisations" in commented(github)
    practice.write(3, "accounts:\n" + NEW)
    assert job("plan", "back", on_request("e" * 40), CHANGED, path).code == 0
    assert "Bequests Received" in commented(github)


def test_a_pull_request_that_touches_no_chart_gets_no_comment(
    github: GitHub, practice: Practice, path: dict[str, str]
) -> None:
    ended = job("plan", "none", on_request(HEAD), CHANGED, path)
    assert ended.code == 0, ended.log
    assert github.comments == []


def test_one_organisation_that_cannot_be_planned_does_not_hold_up_the_others(
    github: GitHub, practice: Practice, path: dict[str, str]
) -> None:
    practice.write_standard(NEW)
    practice.write(5)
    tenant = practice.stores[4].tenant_id
    text = practice.file(4).read_text(encoding="utf-8")
    other = "00000000-0000-4000-8000-000000000000"
    practice.file(4).write_text(text.replace(tenant, other), encoding="utf-8")
    ended = job("plan", "plan", on_request(HEAD), CHANGED, path)
    assert ended.code == 0, ended.log
    assert len(planned(ended)) == 9
    assert "clients/client04.yaml" in commented(github)
    assert "::warning title=xerosync::Some organisations cannot be applied" in ended.log


def test_canaries_come_first_and_one_that_is_blocked_holds_up_no_other(
    github: GitHub, practice: Practice, path: dict[str, str]
) -> None:
    merge(github, practice, path)
    github.deployers = [let_through("lee", wave) for wave in ("canary", "rest")]

    def apply(wave: str, name: str) -> Ended:
        where = {"XEROSYNC_WAVE": wave, "XEROSYNC_ENVIRONMENT": wave}
        return job("apply", name, on_main(COMMIT), FOLDER, where)

    canary = apply("canary", "canary")
    assert canary.code == 0, canary.log
    assert practice.done == [0]
    github.keep("xerosync-result-canary-1", canary.kept(), head=COMMIT)
    rest = apply("rest", "rest")
    assert rest.code == 6, rest.log
    assert practice.done == [0, 1, 2, 3, 4, 6, 7, 8, 9]
    assert practice.stores[5].organisation.name in rest.log
    github.keep("xerosync-result-rest-1", rest.kept(), head=COMMIT)

    again = apply("canary", "again")
    assert (again.code, "every plan to apply" in again.log) == (5, True), again.log
    night = job("drift", "night", on_main(COMMIT), FOLDER)
    assert night.code == 0, night.log
    assert "2 journals of earlier applies fetched" in night.log
    practice.stores[7].edit("9871", name="Bequests and Gifts")
    loud = job("drift", "loud", on_main(COMMIT), FOLDER)
    assert loud.code == 0, loud.log
    assert "Edited in Xero" in github.issues[0]["body"]


def test_the_canary_job_does_nothing_if_only_other_organisations_change(
    github: GitHub, practice: Practice, path: dict[str, str]
) -> None:
    practice.write(3, "accounts:\n" + NEW)
    keep_plan(github, job("plan", "plan", on_request(HEAD), CHANGED, path), HEAD)
    github.pulls = [Pull(7, HEAD, COMMIT)]
    github.deployers = [let_through("lee", wave) for wave in ("canary", "rest")]
    for wave, done in (("canary", []), ("rest", [3])):
        where = {"XEROSYNC_WAVE": wave, "XEROSYNC_ENVIRONMENT": wave}
        applied = job("apply", wave, on_main(COMMIT), FOLDER, where)
        assert (applied.code, practice.done) == (0, done), applied.log


def test_an_unapproved_plan_of_a_folder_is_refused(
    github: GitHub, practice: Practice, path: dict[str, str]
) -> None:
    merge(github, practice, path)
    github.deployers = [let_through("lee", "rest")]
    where = {"XEROSYNC_WAVE": "canary", "XEROSYNC_ENVIRONMENT": "canary"}
    refused = job("apply", "apply", on_main(COMMIT), FOLDER, where)
    assert (refused.code, practice.done) == (5, []), refused.log
    assert "Nobody has approved" in refused.log


def test_changes_that_the_merged_files_no_longer_ask_for_are_not_applied(
    github: GitHub, practice: Practice, path: dict[str, str]
) -> None:
    merge(github, practice, path)
    github.deployers = [let_through("lee")]
    practice.write_standard()
    refused = job("apply", "apply", on_main(COMMIT), FOLDER)
    assert (refused.code, practice.done) == (5, []), refused.log
    assert "no longer" in refused.log


def test_remaining_changes_are_planned_and_applied_in_one_run(
    github: GitHub, practice: Practice
) -> None:
    """As `again.yml` does: the plan of all organisations, then its two waves."""
    practice.write_standard(NEW)
    where = {**on_main(COMMIT), **FOLDER, "XEROSYNC_THIS_RUN": "yes"}
    ended = job("plan", "plan", where)
    assert (ended.code, len(planned(ended))) == (0, 10), ended.log
    github.keep("xerosync-plan", ended.kept(), head=COMMIT, run=11)
    github.deployers = [let_through("lee", "canary")]
    for wave, code in (("canary", 0), ("rest", 5)):
        waves = {"XEROSYNC_WAVE": wave, "XEROSYNC_ENVIRONMENT": wave}
        applied = job("apply", wave, where, waves)
        assert (applied.code, practice.done) == (code, [0]), applied.log
    assert "Nobody has approved" in applied.log
    asked = {call.query.get("path") for call in github.calls}
    assert {"clients", "standard/chart.yaml"} <= asked, "their authors do not approve"


def test_a_re_run_of_the_rest_finds_the_record_of_the_canaries(
    github: GitHub, practice: Practice, path: dict[str, str]
) -> None:
    merge(github, practice, path)
    github.pulls = [Pull(7, HEAD, COMMIT, reviews=[review("kim", "APPROVED", HEAD)])]
    github.permissions = {"kim": "write"}
    where = {"XEROSYNC_WAVE": "rest", "GITHUB_RUN_ATTEMPT": "2"}
    lost = job("apply", "lost", on_main(COMMIT), FOLDER, where)
    assert (lost.code, "there is no record of the first attempt" in lost.log) == (5, True), lost.log
    github.keep("xerosync-result-canary-1", {"started.txt": ""}, head=COMMIT, run=11)
    found = job("apply", "found", on_main(COMMIT), FOLDER, where)
    assert (found.code, len(practice.done)) == (6, 8), found.log


def test_a_change_that_reaches_too_many_organisations_fails_the_pull_request(
    github: GitHub, practice: Practice, path: dict[str, str]
) -> None:
    practice.write_standard(
        "  - {code: '404', name: Bank Fees, type: EXPENSE, status: ARCHIVED}\n"
        "limits: {organisations: 3, archives: 5}\n"
    )
    far = job("plan", "far", on_request(HEAD), CHANGED, path)
    assert far.code == 5, far.log
    assert "limits.organisations allows 3." in far.log
    allowed = {"XEROSYNC_ALLOW": "organisations=10"}
    assert job("plan", "allowed", on_request(HEAD), CHANGED, path, allowed).code == 0


def test_nightly_jobs_share_the_organisations_and_have_an_issue_each(
    github: GitHub, practice: Practice
) -> None:
    practice.write_standard(NEW)
    checked = 0
    for index in "012":
        part = {"XEROSYNC_SHARD_INDEX": index, "XEROSYNC_SHARD_COUNT": "3"}
        night = job("drift", f"part-{index}", on_main(COMMIT), FOLDER, part)
        assert night.code == 0, night.log
        checked += len(json.loads(night.kept()["drift.json"])["charts"])
        assert "<!doctype html>" in night.kept()["compare.html"].lower()
    assert checked == 10
    assert [issue["title"][-13:] for issue in github.issues] == [
        f"(part {number} of 3)" for number in (1, 2, 3)
    ]
    again = {"XEROSYNC_SHARD_INDEX": "1", "XEROSYNC_SHARD_COUNT": "3"}
    practice.file(1).unlink()
    assert job("drift", "again", on_main(COMMIT), FOLDER, again).code == 0
    assert len(github.issues) == 3, "found again, although the organisations are others"


def test_a_nightly_job_may_have_no_organisation(github: GitHub, practice: Practice) -> None:
    for index in range(100, 104):
        part = {"XEROSYNC_SHARD_INDEX": str(index), "XEROSYNC_SHARD_COUNT": "1000"}
        night = job("drift", f"part-{index}", on_main(COMMIT), FOLDER, part)
        assert night.code == 0, night.log
    assert github.issues == []


def test_a_nightly_job_that_cannot_check_one_organisation_reports_the_others_and_fails(
    github: GitHub, practice: Practice
) -> None:
    practice.write_standard(NEW)
    practice.file(2).write_text("version: 1\nnonsense: 1\n", encoding="utf-8")
    night = job("drift", "night", on_main(COMMIT), FOLDER)
    assert night.code == 6, night.log
    assert "clients/client02.yaml" in night.log
    assert "Bequests Received" in github.issues[0]["body"]


def test_gitlab_plans_applies_in_two_jobs_and_checks_in_four(
    gitlab: GitLab, practice: Practice, path: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here profiles sign in: their variables are the project's, with a value for each job."""
    for name in ("XERO_CLIENT_ID", "XERO_CLIENT_SECRET"):
        monkeypatch.delenv(name)
        for number in range(10):
            monkeypatch.setenv(f"{name}_C{number}", "sandbox")
    for number in range(10):
        text = practice.file(number).read_text(encoding="utf-8")
        practice.file(number).write_text(f"{text.rstrip()}\nprofile: c{number}\n", "utf-8")
    git("commit", "--quiet", "--all", "--message", "Profiles")
    base = git("rev-parse", "HEAD")
    practice.write_standard(NEW)
    request = {
        "CI_PIPELINE_SOURCE": "merge_request_event", "CI_COMMIT_BRANCH": "",
        "CI_COMMIT_SHA": HEAD, "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "5", "CI_MERGE_REQUEST_PROJECT_ID": "5",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": base,
    }  # fmt: skip
    ended = gitlab_job("xerosync-plan", "plan", request, path, file="gitlab-many.yml")
    assert ended.code == 0, ended.log
    (note,) = gitlab.notes
    assert "## Plan for 10 organisations" in note["body"]
    gitlab.files["/jobs/3/artifacts/plan.json"] = ended.kept()["plan.json"]
    gitlab.approved_by = ["kim"]
    merged = {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_SHA": COMMIT, "CI_COMMIT_BRANCH": "main"}
    for wave, code, done in (("canary", 0, 1), ("rest", 6, 9)):
        name = f"xerosync-apply-{wave}"
        applied = gitlab_job(name, wave, merged, file="gitlab-many.yml")
        assert (applied.code, len(practice.done)) == (code, done), applied.log
        assert "kim" in applied.kept()["result.html"]
        gitlab.deploy(applied.kept()["result.jsonl"], job=name)
    for part_number in "1234":
        part = {"CI_PIPELINE_SOURCE": "schedule", "CI_COMMIT_BRANCH": "main"}
        part |= {"CI_NODE_INDEX": part_number, "CI_NODE_TOTAL": "4"}
        night = gitlab_job("xerosync-drift", f"night-{part_number}", part, file="gitlab-many.yml")
        assert night.code == 0, night.log
        assert "2 journals of earlier applies fetched" in night.log
    (issue,) = gitlab.issues
    assert practice.stores[5].organisation.name in issue["description"], "it is blocked"


@pytest.mark.parametrize("brought", ["clients/client99.yaml", "clients/more/x.yaml", "clients"])
def test_no_link_in_a_folder_leads_out_of_the_repository(
    github: GitHub, practice: Practice, tmp_path: Path, brought: str
) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text("basic c2VjcmV0\n", encoding="utf-8")
    link = Path(brought)
    if brought == "clients":
        link.rename("elsewhere")
        link.symlink_to(tmp_path)
    else:
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(secret)
    for files in ("clients", "clients/**/*.yaml"):
        ended = job("plan", files.replace("/", "-"), on_request(HEAD), {"XEROSYNC_FILES": files})
        assert ended.code == 5, ended.log
        assert "is a link that leads out of the repository" in ended.log
        assert "c2VjcmV0" not in ended.log


def test_no_chart_extends_a_file_of_git(practice: Practice, xerosync: Xerosync) -> None:
    """A checkout can have a token in `.git/config`, and a message quotes the line it is about."""
    Path(".git/config").write_text("basic: [c2VjcmV0\n", encoding="utf-8")
    text = practice.file(1).read_text(encoding="utf-8")
    practice.file(1).write_text(text.replace("standard/chart.yaml", ".git/config"), "utf-8")
    said = xerosync("validate", "clients")
    assert said.code == 3
    assert "not a file of the repository" in said.out + said.err
    assert "c2VjcmV0" not in said.out + said.err


def test_a_changed_standard_without_credentials_fails(github: GitHub, practice: Practice) -> None:
    """The check would otherwise be green, although every client's chart may change."""
    pattern = {"XEROSYNC_FILES": "clients/*.yaml"}
    for name, files in (("folder", FOLDER), ("pattern", pattern)):
        for number, path in enumerate(("standard/chart.yaml", "clients/removed.yaml")):
            github.changed = [{"filename": path}]
            failed = job("plan", f"{name}-{number}", on_request(HEAD), files, secrets=False)
            assert failed.code == 4, failed.log
        github.changed = [{"filename": "README.md"}]
        passed = job("plan", name, on_request(HEAD), files, secrets=False)
        assert passed.code == 0, passed.log
