"""The jobs of CI, run as they are: bash, the scripts in `ci/`, and the installed command."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ci.forges import GitHub

ROOT = Path(__file__).parent.parent.parent
SECRETS = ("XERO_CLIENT_ID", "XERO_CLIENT_SECRET")


@dataclass(frozen=True)
class Ended:
    """A job that is over: its exit code, its log, its summary, and the folder that it keeps."""

    code: int
    log: str
    summary: str
    out: Path

    def kept(self) -> dict[str, str]:
        """Give the files that it keeps, as an artifact holds them."""
        return {path.name: path.read_text(encoding="utf-8") for path in self.out.iterdir()}


def job(mode: str, name: str, *where: Mapping[str, str], secrets: bool = True) -> Ended:
    """Run one job's script in the present folder; `name` tells its runs apart.

    `where` are the variables that make it the job of a pull request, or of a branch.
    """
    folder = Path.cwd().parent / f"runner-{name}"
    folder.mkdir()
    environment = {k: v for k, v in os.environ.items() if secrets or k not in SECRETS}
    environment |= {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "XEROSYNC_OUT": str(folder / "out"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
    }
    for variables in where:
        environment |= variables
    done = subprocess.run(
        ["bash", str(ROOT / "ci" / f"{mode}.sh")], env=environment, capture_output=True, text=True,
        stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    summary = folder / "summary.md"
    return Ended(
        done.returncode,
        done.stdout + done.stderr,
        summary.read_text(encoding="utf-8") if summary.exists() else "",
        folder / "out",
    )


def git(*arguments: str) -> str:
    """Run git in the present folder, with nobody's own settings; give what it printed."""
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


def commit(message: str) -> str:
    """Commit all that was changed, and give the commit."""
    git("add", "accounts.yaml")
    git("commit", "--quiet", "--message", message)
    return git("rev-parse", "HEAD")


def edit(before: str, after: str) -> None:
    """Edit the chart file at one place."""
    path = Path("accounts.yaml")
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1, before
    path.write_text(text.replace(before, after), encoding="utf-8")


def on_request(commit: str) -> dict[str, str]:
    """Give what makes a job that of pull request 7."""
    return {"GITHUB_REF": "refs/pull/7/merge", "GITHUB_SHA": commit, "XEROSYNC_COMMENT": "yes"}


def on_main(commit: str) -> dict[str, str]:
    """Give what makes a job that of the main branch."""
    return {"GITHUB_REF": "refs/heads/main", "GITHUB_SHA": commit}


def keep_plan(github: GitHub, ended: Ended, head: str) -> None:
    """Keep what a plan job has written, as the action does."""
    github.keep("xerosync-plan", ended.kept(), head=head, branch="topic")
