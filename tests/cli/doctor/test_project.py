"""The doctor says whether the file, the journals, Git and the CI job are as they should be."""

from __future__ import annotations

import errno
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from command_line import Xerosync
from xero.auth.conftest import CHART

from cli.doctor.conftest import Doctor

STANDARD = """version: 1
standard: {name: Ours}
accounts:
  - {code: "200", name: Sales, type: REVENUE}
"""


def forbid(monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    """Let nobody look into a folder, not even root, who runs the tests in a container."""
    forbidden = Path(folder).absolute()
    for name in ("stat", "lstat", "open", "access"):
        real = getattr(os, name)

        def refuse(
            path: Any, *more: Any, real: Any = real, name: str = name, **options: Any
        ) -> Any:
            is_path = isinstance(path, (str, Path))
            if is_path and forbidden in Path(path).absolute().parents:
                raise PermissionError(errno.EACCES, "Permission denied", str(path))
            if name == "access" and is_path and Path(path).absolute() == forbidden:
                return False
            return real(path, *more, **options)

        monkeypatch.setattr(f"os.{name}", refuse)


def git(*arguments: str) -> None:
    who = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com")
    subprocess.run(["git", *who, *arguments], check=True, capture_output=True)


class TestFile:
    """The chart file."""

    def test_a_valid_file_is_reported_as_valid(self, doctor: Doctor) -> None:
        found = doctor("--offline")
        assert found.message("file") == "accounts.yaml is valid, with 2 accounts"
        assert found.facts("pin") == {"given": ["name"]}

    def test_a_missing_file_is_a_warning_that_says_how_to_make_one(self, doctor: Doctor) -> None:
        Path("accounts.yaml").unlink()
        found = doctor("--offline")
        assert found.level("file") == "warn"
        assert "xerosync pull" in found.hint("file")
        assert found.message("pin") == "not checked: there is no chart file."

    def test_a_file_that_is_named_and_missing_fails(self, doctor: Doctor) -> None:
        found = doctor("--offline", "-f", "gone.yaml")
        assert "file" in found.failed
        assert found.message("file") == "There is no file gone.yaml."

    def test_an_invalid_file_fails_with_its_first_error_and_is_still_read(
        self, doctor: Doctor
    ) -> None:
        twice = CHART + '  - {code: "200", name: Again}\n  - {code: "200", name: More}\n'
        Path("accounts.yaml").write_text(twice, encoding="utf-8")
        found = doctor("--offline")
        assert "file" in found.failed
        assert "[duplicate-code]" in found.message("file")
        assert found.hint("file") == (
            "`xerosync validate accounts.yaml` shows each of them, and what to do."
        )
        assert found.facts("file")["errors"] > 1
        assert "errors. The first, in line " in found.message("file")
        assert found.facts("pin") == {"given": ["name"]}

    def test_a_file_that_cannot_be_read_fails_with_the_reason(self, doctor: Doctor) -> None:
        Path("accounts.yaml").unlink()
        Path("accounts.yaml").symlink_to("gone.yaml")
        found = doctor("--offline")
        assert "file" in found.failed
        assert found.message("file") == (
            "accounts.yaml has 1 error, in accounts.yaml: There is no such file. [unreadable-file]"
        )
        assert found.hint("file").endswith("shows it, and what to do.")
        assert found.message("pin") == "not checked: the file cannot be read."

    def test_a_file_in_a_folder_without_read_permission_fails(
        self, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        forbid(monkeypatch, "locked")
        found = doctor("--offline", "-f", "locked/accounts.yaml")
        assert "file" in found.failed
        assert "Permission denied" in found.message("file")

    def test_a_file_with_warnings_is_a_warning(self, doctor: Doctor) -> None:
        text = CHART.replace(
            "accounts:",
            "lint: {severity: {required-field: warn}, required_fields: [tax_type]}\naccounts:",
        )
        Path("accounts.yaml").write_text(text, encoding="utf-8")
        found = doctor("--offline")
        assert found.level("file") == "warn"
        assert found.facts("file")["warnings"] == 2

    def test_a_file_that_is_a_standard_is_a_warning(self, doctor: Doctor) -> None:
        Path("standard.yaml").write_text(STANDARD, encoding="utf-8")
        found = doctor("--offline", "-f", "standard.yaml")
        assert found.level("file") == "warn"
        assert "is a standard" in found.message("file")
        assert found.message("pin") == "not checked: a standard names no organisation."

    def test_a_file_that_extends_an_invalid_standard_fails(self, doctor: Doctor) -> None:
        Path("standard.yaml").write_text(STANDARD + "  - {code: 7}\n", encoding="utf-8")
        Path("accounts.yaml").write_text(
            "version: 1\nextends: standard.yaml\norganisation: {name: Acme}\n", encoding="utf-8"
        )
        found = doctor("--offline")
        assert "file" in found.failed
        assert "of standard.yaml" in found.message("file")


class TestJournals:
    """The folder of journals."""

    def test_a_folder_of_journals_that_does_not_exist_yet_is_not_created(
        self, doctor: Doctor
    ) -> None:
        found = doctor("--offline")
        assert found.message("journals") == "none yet; the first apply makes .xerosync/runs"
        assert not Path(".xerosync").exists()

    def test_the_journal_of_an_apply_is_counted(self, doctor: Doctor, xerosync: Xerosync) -> None:
        assert xerosync("apply", "--sandbox", "--yes").code == 0
        found = doctor("--offline")
        assert found.message("journals") == "1 journal in .xerosync/runs"

    def test_the_journal_of_a_killed_run_is_a_warning(
        self, doctor: Doctor, xerosync: Xerosync
    ) -> None:
        assert xerosync("apply", "--sandbox", "--yes").code == 0
        (journal,) = Path(".xerosync/runs").glob("*.jsonl")
        lines = journal.read_text("utf-8").splitlines(keepends=True)
        journal.write_text("".join(lines[:-1]), encoding="utf-8")
        found = doctor("--offline")
        assert found.level("journals") == "warn"
        assert found.message("journals") == f"1 run did not end: {journal.name}."
        assert "`xerosync plan -f FILE`, then `xerosync apply -f FILE`" in found.hint("journals")
        assert "xerosync show .xerosync/runs/NAME" in found.hint("journals")
        assert "`xerosync rollback FILE --out PLAN.json`" in found.hint("journals")
        assert found.facts("journals")["unfinished"] == 1

    def test_a_file_that_is_not_a_journal_is_a_warning(self, doctor: Doctor) -> None:
        Path(".xerosync/runs").mkdir(parents=True)
        Path(".xerosync/runs/holiday.jsonl").write_text("photos", encoding="utf-8")
        found = doctor("--offline")
        assert found.level("journals") == "warn"
        assert found.facts("journals")["unreadable"] == 1

    @pytest.mark.parametrize("name", [".xerosync", ".xerosync/runs"])
    def test_a_file_in_place_of_the_folder_fails(self, doctor: Doctor, name: str) -> None:
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text("", encoding="utf-8")
        found = doctor("--offline")
        assert "journals" in found.failed
        assert f"{name} is not a folder" in found.message("journals")

    def test_a_folder_without_write_permission_fails(
        self, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = os.access
        monkeypatch.setattr("os.access", lambda p, m: Path(p) != Path() and real(p, m))
        found = doctor("--offline")
        assert "journals" in found.failed
        assert "you are not allowed to write in this folder" in found.message("journals")
        assert found.facts("journals")["writable"] is False

    def test_a_folder_of_journals_without_read_permission_fails(
        self, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Path(".xerosync").mkdir()
        forbid(monkeypatch, ".xerosync")
        found = doctor("--offline")
        assert "journals" in found.failed
        assert "bug_project" not in found.checks


class TestGit:
    """Version control."""

    def test_a_missing_repository_is_a_warning(self, doctor: Doctor) -> None:
        found = doctor("--offline")
        assert found.level("git") == "warn"
        assert "`git init`" in found.hint("git")

    def test_each_git_state_of_the_file_is_reported(self, doctor: Doctor) -> None:
        git("init", "-q")
        found = doctor("--offline")
        assert found.message("git") == "accounts.yaml is not tracked."
        assert found.message("journals") == (
            "Git does not ignore the journals, and they name your accounts."
        )
        Path(".gitignore").write_text(".xerosync/\n", encoding="utf-8")
        git("add", ".")
        assert "not committed" in doctor("--offline").message("git")
        git("commit", "-q", "-m", "begin")
        found = doctor("--offline")
        assert (found.level("git"), found.level("journals")) == ("ok", "ok")
        with Path("accounts.yaml").open("a", encoding="utf-8") as file:
            file.write("# more\n")
        found = doctor("--offline")
        assert found.facts("git") == {
            "installed": True, "repository": True, "tracked": True, "committed": False,
        }  # fmt: skip

    def test_the_error_of_git_for_an_unreadable_repository_is_quoted(self, doctor: Doctor) -> None:
        git("init", "-q")
        Path(".git/config").write_text("[core\n", encoding="utf-8")
        found = doctor("--offline")
        assert "bad config line 1 in file" in found.message("git")
        assert "git status" in found.hint("git")
        assert "safe.directory" not in found.hint("git")

    def test_a_repository_that_is_named_and_missing_is_reported(
        self, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GIT_DIR", "nowhere.git")
        assert "nowhere.git" in doctor("--offline").message("git")

    def test_line_ends_of_windows_are_not_a_change(self, doctor: Doctor) -> None:
        git("init", "-q")
        git("add", "accounts.yaml")
        git("commit", "-q", "-m", "begin")
        path = Path("accounts.yaml")
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
        assert doctor("--offline").facts("git")["committed"] is True

    def test_no_program_that_a_repository_configures_is_run(self, doctor: Doctor) -> None:
        git("init", "-q")
        git("add", "accounts.yaml")
        git("commit", "-q", "-m", "begin")
        Path(".gitattributes").write_text("* filter=x diff=x\n", encoding="utf-8")
        for name in ("filter.x.clean", "filter.x.smudge", "core.fsmonitor", "diff.x.textconv"):
            git("config", name, "touch ran; cat")
        with Path("accounts.yaml").open("a", encoding="utf-8") as file:
            file.write("# more\n")
        assert doctor("--offline").facts("git")["committed"] is False
        assert not Path("ran").exists()

    def test_a_machine_without_git_is_a_warning(
        self, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("shutil.which", lambda _: None)
        found = doctor("--offline")
        assert (found.level("git"), found.message("git")) == ("warn", "Git is not installed.")


class TestCi:
    """The CI job."""

    @pytest.fixture(autouse=True)
    def in_ci(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CI", "true")

    def pull_request(self, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
        head = '{"sha": "' + "a" * 40 + '", "repo": {"full_name": "' + source + '"}}'
        Path("event.json").write_text('{"pull_request": {"head": ' + head + "}}", encoding="utf-8")
        for name, value in {
            "GITHUB_ACTIONS": "true",
            "GITHUB_REPOSITORY": "acme/books",
            "GITHUB_EVENT_NAME": "pull_request",
            "GITHUB_EVENT_PATH": "event.json",
            "GITHUB_REF": "refs/pull/7/merge",
        }.items():
            monkeypatch.setenv(name, value)

    def test_a_job_without_secrets_is_a_warning_that_names_them(self, doctor: Doctor) -> None:
        found = doctor("--offline")
        assert found.level("ci") == "warn"
        assert found.message("ci") == (
            "a job of a CI system other than GitHub and GitLab; it has no Xero secret."
        )
        assert "XERO_CLIENT_SECRET" in found.hint("ci")

    def test_a_job_of_a_fork_with_secrets_fails(
        self, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.pull_request(monkeypatch, "stranger/books")
        assert doctor("--offline").level("ci") == "warn"
        monkeypatch.setenv("XERO_CLIENT_SECRET_ACME", "pl4nted")
        found = doctor("--offline")
        assert "ci" in found.failed
        assert found.message("ci").endswith("from a fork; it has XERO_CLIENT_SECRET_ACME.")
        assert "pl4nted" not in str(found.checks)

    def test_a_job_of_a_pull_request_needs_a_token_to_comment(
        self, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.pull_request(monkeypatch, "acme/books")
        monkeypatch.setenv("XERO_CLIENT_ID", "id")
        monkeypatch.setenv("XERO_CLIENT_SECRET", "pl4nted")
        found = doctor("--offline")
        assert "GITHUB_TOKEN is not set" in found.message("ci")
        monkeypatch.setenv("GITHUB_TOKEN", "pl4nted-too")
        found = doctor("--offline")
        assert found.level("ci") == "ok"
        assert "pl4nted" not in str(found.checks)

    def test_a_job_whose_event_cannot_be_read_fails_and_hides_nothing(
        self, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.pull_request(monkeypatch, "acme/books")
        Path("event.json").unlink()
        found = doctor("--offline")
        assert "ci" in found.failed
        assert found.level("file") == "ok"

    def test_a_job_of_gitlab_is_recognised(
        self, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GITLAB_CI", "true")
        monkeypatch.setenv("CI_PROJECT_ID", "7")
        monkeypatch.setenv("CI_API_V4_URL", "https://gitlab.example/api/v4")
        assert doctor("--offline").message("ci") == "a GitLab job; it has no Xero secret."


@pytest.mark.parametrize(
    ("variables", "says", "like"),
    [
        ({"GITHUB_ACTIONS": "true"}, "GITHUB_REPOSITORY is not set.", "acme/books"),
        ({"GITHUB_REPOSITORY": "../x"}, "GITHUB_REPOSITORY is not the name", "acme/books"),
        ({"GITHUB_REPOSITORY": "a/b", "GITHUB_API_URL": "github"}, "GITHUB_API_URL is not a valid",
         "https://api.github.com"),
        ({"CI_PROJECT_ID": "7"}, "CI_API_V4_URL is not set", "https://gitlab.com/api/v4"),
    ],
)  # fmt: skip
def test_a_wrong_variable_of_a_job_is_reported_with_a_suitable_example(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str], says: str, like: str,
) -> None:  # fmt: skip
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = doctor("--offline")
    assert found.message("ci").startswith(says)
    assert f"like {like}" in found.hint("ci")
    assert "xero.com" not in found.hint("ci")


def test_on_a_workstation_there_is_no_job(doctor: Doctor) -> None:
    assert doctor("--offline").message("ci") == "this is not a CI job"
