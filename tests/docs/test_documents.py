"""The documents are true: generated parts are up to date, and every command runs as printed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ci.conftest import warm_program
from test_architecture import HOMES

from xerosync.environment import in_ci, job_from_environment, read_settings
from xerosync.errors import ExitCode, UsageError

__all__ = ["warm_program"]

ROOT = Path(__file__).parent.parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
GENERATORS = [p for p in sorted((ROOT / "docs").glob("make_*.py")) if p.name != "make_faults.py"]
"""All except the table of faults, which takes minutes: `make faults` checks it."""

STAGED = {"adopting.md", "guide.md", "many.md", "recipes.md"}
"""These need files of their own; `tests/cli/test_guides.py`, `test_adopting.py` and
`test_many_organisations.py` run their commands."""

CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
EXIT = re.compile(r"\s+# exits with (\d+)$")


def named(document: Path) -> str:
    """Return a document's path, as two documents are called README.md."""
    return document.relative_to(ROOT).as_posix()


def consoles(document: Path) -> list[list[str]]:
    """Return the lines of each console block of a document."""
    return [found.splitlines() for found in CONSOLE.findall(document.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("script", GENERATORS, ids=lambda path: path.name)
def test_generated_parts_are_up_to_date(script: Path) -> None:
    """If this fails, run `make docs` and read the diff."""
    environment = {**os.environ, "COLUMNS": "80", "TERM": "dumb"}
    done = subprocess.run(
        [sys.executable, str(script), "--check"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "document",
    [d for d in DOCUMENTS if consoles(d) and d.name not in STAGED],
    ids=named,
)
def test_every_command_of_a_document_runs(
    document: Path, tmp_path: Path, warm_program: Path
) -> None:
    """Run the console blocks of a document one after the other, in one folder.

    A command exits with status 0 unless its line ends in `# exits with N`. It must print the
    lines below it, in which `…` matches anything.
    """
    shutil.copy(ROOT / "accounts.yaml", tmp_path)
    shutil.copytree(ROOT / "schema", tmp_path / "schema")
    environment = {
        "PATH": f"{warm_program.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "COLUMNS": "80",
        "LANG": "C.UTF-8",
        "GIT_CONFIG_GLOBAL": os.devnull,
    }
    for lines in consoles(document):
        printed = ""
        for line in lines:
            if not line.startswith("$ "):
                pattern = ".*".join(re.escape(part) for part in line.strip().split("…"))
                assert re.search(pattern, printed), f"{line!r} is not in:\n{printed}"
                continue
            command = line.removeprefix("$ ")
            expected = EXIT.search(command)
            done = subprocess.run(
                ["bash", "-c", EXIT.sub("", command)],
                cwd=tmp_path, env=environment, capture_output=True, text=True,
                stdin=subprocess.DEVNULL, check=False,
            )  # fmt: skip
            printed = done.stdout + done.stderr
            assert done.returncode == int(expected[1] if expected else 0), f"{line}\n{printed}"


def test_every_exit_status_is_in_the_readme_and_in_the_list_of_commands() -> None:
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| (\d+) \| ", page, re.MULTILINE)
    assert sorted(map(int, listed)) == sorted(ExitCode)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (promise,) = re.findall(r"rely on flags, JSON and the exit status:\n(.*)", readme)
    assert sorted(map(int, re.findall(r"\b\d+\b", promise))) == sorted(ExitCode)


def test_every_environment_variable_of_ours_is_in_the_list_of_commands() -> None:
    """Variables of a profile end in its name; only their beginning is listed."""
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    readers = [
        text
        for path in (ROOT / "xerosync").rglob("*.py")
        if "os.environ" in (text := path.read_text(encoding="utf-8"))
    ]
    read = set(re.findall(r'"(XERO(?:SYNC)?_[A-Z_]+)"', "\n".join(readers)))
    assert {"XERO_CLIENT_ID", "XEROSYNC_API_URL"} <= read
    assert read <= set(re.findall(r"`(XERO\w+)`", page))


def test_every_variable_that_is_read_is_in_the_list_of_commands() -> None:
    """Also those that CI jobs, the system and other programs set."""
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    _, _, rest = page.partition("## Environment variables")
    listed = set(re.findall(r"`([A-Z][A-Z0-9_]+)`", rest.partition("\n## ")[0]))
    read = Recorder()
    read_settings(read)
    in_ci(read)
    read.given = {"GITLAB_CI": "true", "CI_PROJECT_ID": "5", "CI_API_V4_URL": "https://a.example"}
    job_from_environment(read)
    read.given = {"GITHUB_REPOSITORY": "acme/books"}
    job_from_environment(read)
    read.given["GITHUB_EVENT_NAME"] = "pull_request"
    with pytest.raises(UsageError, match="GITHUB_EVENT_PATH"):
        job_from_environment(read)
    assert {"CI_JOB_URL", "CI_MERGE_REQUEST_IID", "GITHUB_RUN_ID", "NO_COLOR", "USER"} <= read.names
    assert read.names <= listed


class Recorder(dict[str, str]):
    """An environment that notes which variables are read."""

    def __init__(self) -> None:
        super().__init__()
        self.given: dict[str, str] = {}
        self.names: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.names.add(key)
        return self.given.get(key, default)


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_every_relative_link_leads_to_a_file(document: Path) -> None:
    text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)#\s]+)", text)
    inside = [t for t in targets if not re.match(r"[a-z]+:", t)]
    assert all((document.parent / target).exists() for target in inside), inside


def test_the_decision_on_packages_names_the_home_of_each() -> None:
    text = (ROOT / "docs" / "decisions" / "0004-dependencies.md").read_text(encoding="utf-8")
    homes = {
        name.casefold().replace("-", "_"): set(re.findall(r"`(\w+)[^`]*`", home))
        for names, home in re.findall(r"^\| ([^|]+) \| (`[^|]+) \|", text, re.MULTILINE)
        for name in names.split(", ")
    }
    distribution = {"yaml": "pyyaml", "re2": "google_re2"}
    assert {name: homes.get(distribution.get(name, name)) for name in HOMES} == HOMES
