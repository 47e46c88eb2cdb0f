"""The jobs of CI, run as they are: bash, the scripts in `ci/`, and the command.

Nothing else is on their path but what every Debian has: so is it in `python:3.12-slim`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from ci.forges import PUSHED, REPOSITORY, GitHub

ROOT = Path(__file__).parent.parent.parent
PROGRAMS = ("bash", "cat", "dirname", "ln", "mkdir", "mktemp", "mv", "realpath", "rm")
"""What the jobs may call besides xerosync: essential packages of Debian."""
HEARS_SIGNALS = (
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL);"
    "os.execvp('bash', ['bash', sys.argv[1]])"
)
"""Undoes what a shell does to a test run in the background: its children ignore SIGINT."""
COMMAND = Path(sys.executable).parent / "xerosync"
"""The program that they call: the installed one, unless a test has another (see `warm.py`)."""
SECRETS = ("XERO_CLIENT_ID", "XERO_CLIENT_SECRET")


@dataclass(frozen=True)
class Ended:
    """A finished job: its exit code, its log, its summary, and the folder that it saves."""

    code: int
    log: str
    summary: str
    out: Path

    def kept(self) -> dict[str, str]:
        """Return the files that it keeps, as an artifact holds them."""
        return {
            path.relative_to(self.out).as_posix(): path.read_text(encoding="utf-8")
            for path in self.out.rglob("*")
            if path.is_file()
        }


def job(mode: str, name: str, *where: Mapping[str, str], secrets: bool = True) -> Ended:
    """Run one job's script in the present folder; `name` tells its runs apart.

    `where` are the variables that make it the job of a pull request, or of a branch.
    """
    begun = begin(mode, name, *where, secrets=secrets)
    return begun.ended()


@dataclass(frozen=True)
class Begun:
    """A job that runs."""

    process: subprocess.Popen[str]
    folder: Path

    def ended(self) -> Ended:
        """Wait for its end."""
        out, err = self.process.communicate(timeout=120)
        summary = self.folder / "summary.md"
        text = summary.read_text(encoding="utf-8") if summary.exists() else ""
        return Ended(self.process.returncode, out + err, text, self.folder / "out")


def begin(mode: str, name: str, *where: Mapping[str, str], secrets: bool = True) -> Begun:
    """Start a job that can get signals, as at a runner."""
    folder = Path.cwd().parent / f"runner-{name}"
    folder.mkdir()
    environment = {k: v for k, v in os.environ.items() if secrets or k not in SECRETS}
    environment |= {
        "PATH": programs(folder / "bin"),
        "XEROSYNC_OUT": str(folder / "out"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
    }
    for variables in where:
        environment |= variables
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", HEARS_SIGNALS, str(ROOT / "ci" / f"{mode}.sh")],
        env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return Begun(process, folder)


def gitlab_job(
    name: str,
    number: str,
    *where: Mapping[str, str],
    secrets: bool = True,
    file: str = "gitlab.yml",
) -> Ended:
    """Run a job of a file in `ci/` as GitLab's runner does, in a folder with the checkout.

    It keeps what its artifacts name. Of its `before_script`, only what comes before the
    installation is run: xerosync is installed already.
    """
    document = yaml.safe_load((ROOT / "ci" / file).read_text(encoding="utf-8"))
    folder = Path.cwd().parent / f"runner-{number}"
    folder.mkdir()
    checkout, out = folder / "checkout", folder / "out"
    shutil.copytree(Path.cwd(), checkout, symlinks=True)
    out.mkdir()
    environment = dict(os.environ) | document["variables"] | document[".xerosync"]["variables"]
    if not secrets:
        environment = {k: v for k, v in environment.items() if not k.startswith("XERO_")}
    environment["PATH"] = programs(folder / "bin")
    for variables in where:
        environment |= variables
    job = document[name]
    first = document[".xerosync"]["before_script"][0]
    script = [first, f"SOURCE={ROOT}", *job["script"]]
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", "\n".join(script)], env=environment, cwd=checkout,
        capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    artifacts = job["artifacts"]
    reports = artifacts.get("reports", {}).values()
    for path in (*artifacts["paths"], *reports):
        if (checkout / path).exists():
            shutil.copy(checkout / path, out)
    return Ended(done.returncode, done.stdout + done.stderr, "", out)


def programs(folder: Path, *more: str) -> str:
    """Make a folder of all the programs that a job may call."""
    folder.mkdir()
    (folder / "xerosync").symlink_to(COMMAND)
    for name in (*PROGRAMS, *more):
        (folder / name).symlink_to(shutil.which(name) or pytest.fail(f"{name} is not here"))
    return str(folder)


def git(*arguments: str) -> str:
    """Run git in the current folder, without anybody's settings; return what it printed."""
    environment: Mapping[str, str] = {
        **os.environ,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_AUTHOR_NAME": "Ann", "GIT_AUTHOR_EMAIL": "ann@acme.example",
        "GIT_COMMITTER_NAME": "Ann", "GIT_COMMITTER_EMAIL": "ann@acme.example",
    }  # fmt: skip
    done = subprocess.run(
        ["git", *arguments], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def first_commit(pull: Callable[[], int]) -> None:
    """Create a repository in the current folder, with the chart of Xero on its main branch."""
    git("init", "--quiet", "--initial-branch", "main")
    assert pull() == 0
    commit("The chart as it is")


def commit(message: str) -> str:
    """Commit all changes, and return the commit."""
    git("add", "accounts.yaml")
    git("commit", "--quiet", "--message", message)
    return git("rev-parse", "HEAD")


def edit(before: str, after: str) -> None:
    """Edit the chart file at one place."""
    path = Path("accounts.yaml")
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1, before
    path.write_text(text.replace(before, after), encoding="utf-8")


def on_request(
    commit: str, source: str | None = REPOSITORY, event: str = "pull_request"
) -> dict[str, str]:
    """Push a commit to pull request 7, from a repository (None: deleted).

    Return the variables of its job.
    """
    PUSHED.append(commit)
    path = Path.cwd().parent / f"event-{event}.json"
    repository = {"full_name": source} if source else None
    head = {"repo": repository, "sha": commit}
    path.write_text(json.dumps({"pull_request": {"head": head}}), encoding="utf-8")
    of_base = event == "pull_request_target"
    return {
        "GITHUB_REF": "refs/heads/main" if of_base else "refs/pull/7/merge",
        "GITHUB_SHA": "9" * 40,
        "GITHUB_EVENT_NAME": event,
        "GITHUB_EVENT_PATH": str(path),
    }


def on_main(commit: str) -> dict[str, str]:
    """Return the variables of a job on the main branch."""
    return {"GITHUB_REF": "refs/heads/main", "GITHUB_SHA": commit, "GITHUB_EVENT_NAME": "push"}


def keep_plan(github: GitHub, ended: Ended, head: str) -> None:
    """Save what a plan job has written, as the action does."""
    github.keep("xerosync-plan", ended.kept(), head=head, branch="topic")
