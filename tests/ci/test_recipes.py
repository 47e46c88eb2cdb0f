"""The recipes in `docs/ci.md` for cron and for notifications, run as they are printed there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from command_line import Xerosync

from ci.forges import Call, Forge, GitHub
from ci.jobs import ROOT, commit, git, job, on_main
from ci.test_files import tool
from xerosync.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("installed")

HIDDEN = ("XERO_CLIENT_SECRET", "APPRISE_URLS")


class Service(Forge):
    """A notification service: it takes whatever is posted to it."""

    def page(self, call: Call) -> tuple[int, Any, str]:
        """Accept any call, whoever makes it."""
        return 200, {}, ""

    @property
    def address(self) -> str:
        """The address as Apprise spells it. Its path is a secret, as a webhook's is."""
        return f"{self.url.replace('http', 'json')}/secret?format=markdown"


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as service:
        yield service


@pytest.fixture
def programs(project: Path) -> Path:
    """Make a folder with xerosync, Apprise, and a `python` that installs nothing."""
    folder = project / "bin"
    folder.mkdir()
    for name in ("xerosync", "apprise"):
        (folder / name).symlink_to(tool(name))
    python = folder / "python"
    python.write_text(f'#!/bin/sh\necho "$@" > {project}/installed\n', encoding="utf-8")
    python.chmod(0o755)
    return folder


@pytest.fixture
def cron(
    service: Service,
    books: Sandbox,
    project: Path,
    programs: Path,
    xerosync: Xerosync,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """Make what the script for cron needs: a repository, its clone, and the secrets."""
    (project / "origin").mkdir()
    monkeypatch.chdir(project / "origin")
    git("init", "--quiet", "--initial-branch", "main")
    assert xerosync("pull").code == 0
    commit("The chart as it is")
    git("clone", "--quiet", str(project / "origin"), str(project / "chart"))
    names = ("XERO_CLIENT_ID", "XERO_CLIENT_SECRET")
    lines = [*(f"{name}={os.environ[name]}" for name in names), f"APPRISE_URLS='{service.address}'"]
    (project / "xerosync.env").write_text("\n".join(lines), encoding="utf-8")
    block = printed("sh")
    assert block.count(". /etc/xerosync.env") == block.count("cd /srv/chart ") == 1
    script = project / "script"
    script.write_text(
        block.replace(". /etc/xerosync.env", f". {project / 'xerosync.env'}").replace(
            "cd /srv/chart ", f"cd {project / 'chart'} "
        ),
        encoding="utf-8",
    )
    return script


def printed(language: str) -> str:
    """Return the one block in a language that `docs/ci.md` prints."""
    document = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    (block,) = re.findall(rf"^```{language}\n(.*?)^```$", document, re.DOTALL | re.MULTILINE)
    return str(block)


def run(programs: Path, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command without the secrets of this test's environment."""
    known = {name: value for name, value in os.environ.items() if name not in HIDDEN}
    environment = known | {"PATH": f"{programs}:{os.environ['PATH']}"} | more
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def run_cron(script: Path) -> subprocess.CompletedProcess[str]:
    return run(script.parent / "bin", shutil.which("sh") or "sh", str(script))


def test_a_night_without_drift_is_quiet(cron: Path, service: Service) -> None:
    done = run_cron(cron)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert service.calls == []


def test_drift_is_sent_and_the_address_is_not_printed(
    cron: Path, service: Service, books: Sandbox
) -> None:
    books.store.edit("404", name="Fees of Banks")
    done = run_cron(cron)
    assert done.returncode == 0, done.stderr
    (call,) = service.calls
    assert call.path == "/secret"
    assert call.body["title"] == "Xero differs from accounts.yaml"
    assert "| **404** Bank Fees | name | Fees of Banks | Bank Fees |" in call.body["message"]
    assert "secret" not in done.stdout + done.stderr


def test_a_service_that_refuses_the_report_fails_the_script(
    cron: Path, service: Service, books: Sandbox
) -> None:
    books.store.edit("404", name="Fees of Banks")
    service.moved = {"POST /secret": (500, "")}
    assert run_cron(cron).returncode == 1


def test_files_of_the_repository_are_neither_written_through_nor_read_as_journals(
    cron: Path, service: Service, books: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim, origin = cron.parent / "victim", cron.parent / "origin"
    victim.write_text("as it was", encoding="utf-8")
    monkeypatch.chdir(origin)
    Path("drift.md").symlink_to(victim)
    git("add", "drift.md")
    git("commit", "--quiet", "--message", "A link")
    books.store.edit("404", name="Fees of Banks")
    assert run_cron(cron).returncode == 0
    assert victim.read_text(encoding="utf-8") == "as it was"
    assert len(service.calls) == 1
    Path(".xerosync/runs").mkdir(parents=True)
    Path(".xerosync/runs/x.jsonl").touch()
    git("add", "--force", ".xerosync")
    git("commit", "--quiet", "--message", "A journal")
    done = run_cron(cron)
    assert done.returncode == 1
    assert "The repository has a folder .xerosync." in done.stderr
    assert len(service.calls) == 1


def test_a_failed_check_is_an_error_and_sends_nothing(cron: Path, service: Service) -> None:
    (cron.parent / "xerosync.env").write_text("XERO_CLIENT_ID=sandbox\n", encoding="utf-8")
    done = run_cron(cron)
    assert done.returncode == 1
    assert "could not check for drift" in done.stderr
    assert service.calls == []


def test_the_step_for_github_sends_the_report_of_the_action(
    service: Service,
    github: GitHub,
    books: Sandbox,
    project: Path,
    programs: Path,
    xerosync: Xerosync,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The action's output `drift` says whether there is drift; the step's condition reads it."""
    (step,) = yaml.safe_load(printed("yaml"))
    assert step["if"] == "${{ !cancelled() && steps.xerosync.outputs.drift == 'true' }}"
    assert step["env"] == {"APPRISE_URLS": "${{ secrets.APPRISE_URLS }}"}
    output = project / "output"
    monkeypatch.setenv("GITHUB_OUTPUT", str(output))
    assert xerosync("pull").code == 0
    assert job("drift", "quiet", on_main("a" * 40)).code == 0
    books.store.edit("404", name="Fees of Banks")
    found = job("drift", "loud", on_main("a" * 40))
    assert found.code == 0, found.log
    assert output.read_text(encoding="utf-8") == "drift=false\ndrift=true\n"
    (project / "temp").mkdir()
    (project / "temp" / "xerosync-drift").symlink_to(found.out)
    more = {"APPRISE_URLS": service.address, "RUNNER_TEMP": str(project / "temp")}
    done = run(programs, "bash", "-e", "-c", step["run"], **more)
    assert done.returncode == 0, done.stderr
    assert "Fees of Banks" in service.calls[0].body["message"]
    assert 'name: "Fees of Banks" in Xero' in found.kept()["drift.txt"]
    (install,) = (project / "installed").read_text(encoding="utf-8").split()[-1:]
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert install in pins, "the version that was tested"


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # Apprise imports it
def test_in_a_text_report_to_slack_no_name_mentions_anybody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    apprise = import_module("apprise")
    sent: list[str] = []

    def request(*_: object, data: str, **__: object) -> requests.Response:
        sent.append(data)
        answer = requests.Response()
        answer.status_code, answer._content = 200, b"ok"
        return answer

    monkeypatch.setattr("apprise.plugins.slack.requests.request", request)
    service = apprise.Apprise()
    assert service.add("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/")
    assert service.notify(body="404 <!channel> <@U1>: new in Xero", body_format="text")
    (message,) = sent
    assert "404 &lt;!channel&gt; &lt;@U1&gt;: new in Xero" in message
    assert json.loads(message)["mrkdwn"] is False
