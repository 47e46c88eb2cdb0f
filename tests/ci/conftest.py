"""Jobs of GitHub and GitLab, on this machine: the environment that they would have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from end_to_end.conftest import books, start

from ci import warm
from ci.forges import PUSHED, REPOSITORY, TOKEN, GitHub, GitLab

__all__ = ["books", "start"]

COMMIT = "c" * 40


@pytest.fixture(scope="session")
def warm_program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Start the process that saves the jobs the start-up of each command."""
    with warm.started(tmp_path_factory.mktemp("warm")) as program:
        yield program


@pytest.fixture
def installed() -> None:
    """Let the jobs of this test call the installed command, as a runner does."""


@pytest.fixture(autouse=True)
def command(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Choose the `xerosync` that the jobs call."""
    if "installed" not in request.fixturenames:
        monkeypatch.setattr("ci.jobs.COMMAND", request.getfixturevalue("warm_program"))


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove what a real CI job running this test would have set."""
    for name in (
        "GITHUB_ACTIONS", "GITHUB_REPOSITORY", "GITHUB_TOKEN", "GITHUB_STEP_SUMMARY",
        "GITHUB_SERVER_URL", "GITLAB_CI", "CI_PROJECT_ID", "XEROSYNC_APPROVER",
        "GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH", "GITHUB_RUN_ATTEMPT",
        "CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "CI_MERGE_REQUEST_PROJECT_ID",
        "CI_JOB_NAME", "CI_JOB_ID", "XEROSYNC_ENVIRONMENT",
        "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "GITHUB_TRIGGERING_ACTOR", "XEROSYNC_STATE",
    ):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    PUSHED.clear()


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    """Set the environment of a GitHub job on the main branch."""
    forget(monkeypatch)
    with GitHub() as forge:
        for name, value in {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": forge.url,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_SHA": COMMIT,
            "GITHUB_REF": "refs/heads/main",
            "GITHUB_RUN_ID": "11",
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_ACTOR": "merger",
        }.items():
            monkeypatch.setenv(name, value)
        yield forge


@pytest.fixture
def gitlab(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitLab]:
    """Set the environment of a GitLab job on the main branch."""
    forget(monkeypatch)
    with GitLab() as forge:
        for name, value in {
            "GITLAB_CI": "true",
            "CI_API_V4_URL": forge.url,
            "CI_PROJECT_ID": "5",
            "GITLAB_TOKEN": TOKEN,
            "CI_COMMIT_SHA": COMMIT,
            "CI_COMMIT_BRANCH": "main",
        }.items():
            monkeypatch.setenv(name, value)
        yield forge
