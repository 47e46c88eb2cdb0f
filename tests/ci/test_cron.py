"""The script for cron in `docs/ci.md`, run as it stands there but for its paths."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import Xerosync

from ci.jobs import ROOT, commit, git
from ci.test_notify import Chats, chats
from xerosync.sandbox import Sandbox

__all__ = ["chats"]


@pytest.fixture
def cron(
    chats: Chats,
    books: Sandbox,
    project: Path,
    xerosync: Xerosync,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """Make what the script needs: a repository, its clone, the secrets, and a mailer."""
    (project / "origin").mkdir()
    monkeypatch.chdir(project / "origin")
    git("init", "--quiet", "--initial-branch", "main")
    assert xerosync("pull").code == 0
    commit("The chart as it is")
    git("clone", "--quiet", str(project / "origin"), str(project / "chart"))
    names = ("XERO_CLIENT_ID", "XERO_CLIENT_SECRET", "XEROSYNC_SLACK_URL")
    lines = [f"{name}={os.environ[name]}\n" for name in names]
    (project / "xerosync.env").write_text("".join(lines), encoding="utf-8")
    programs = project / "bin"
    programs.mkdir()
    (programs / "xerosync").symlink_to(Path(sys.executable).parent / "xerosync")
    mail = programs / "mail"
    mail.write_text(f'#!/bin/sh\n(echo "$@"; cat) > "{project}/mailed"\n', encoding="utf-8")
    mail.chmod(0o755)
    document = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```sh\n(.*?)^```$", document, re.DOTALL | re.MULTILINE)
    assert block.count("/etc/xerosync.env") == block.count("cd /srv/chart ") == 1
    script = project / "script"
    script.write_text(
        block.replace("/etc/xerosync.env", str(project / "xerosync.env")).replace(
            "cd /srv/chart ", f"cd {project / 'chart'} "
        ),
        encoding="utf-8",
    )
    return script


def run(script: Path) -> subprocess.CompletedProcess[str]:
    """Run it with no secret but those of its file."""
    secrets = ("XERO_CLIENT_SECRET", "XEROSYNC_SLACK_URL", "XEROSYNC_TEAMS_URL")
    environment = {name: value for name, value in os.environ.items() if name not in secrets}
    environment["PATH"] = f"{script.parent / 'bin'}:{os.environ['PATH']}"
    return subprocess.run(
        [shutil.which("sh") or "sh", str(script)], env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def test_a_night_without_drift_is_quiet(cron: Path, chats: Chats) -> None:
    done = run(cron)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert not (cron.parent / "mailed").exists()
    assert chats.calls == []


def test_drift_is_mailed_and_told(cron: Path, chats: Chats, books: Sandbox) -> None:
    books.store.edit("404", name="Fees of Banks")
    done = run(cron)
    assert done.returncode == 0, done.stderr
    mailed = (cron.parent / "mailed").read_text(encoding="utf-8")
    assert mailed.startswith("-s Xero is not as the chart says finance@example.com\n")
    assert "Fees of Banks" in mailed
    assert [call.path for call in chats.calls] == ["/slack-secret"]
    assert "secret" not in done.stdout + done.stderr


def test_what_could_not_be_told_is_an_error(cron: Path) -> None:
    (cron.parent / "xerosync.env").write_text("XERO_CLIENT_ID=sandbox\n", encoding="utf-8")
    done = run(cron)
    assert done.returncode == 1
    assert "could not be told" in done.stderr
    assert not (cron.parent / "mailed").exists()
