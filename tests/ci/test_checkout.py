"""Nothing in the checkout is run as code: a job there has credentials for Xero."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from command_line import Xerosync

from ci.conftest import COMMIT
from ci.forges import GitHub, GitLab
from ci.jobs import ROOT, gitlab_job, job, on_main
from xerosync.ci.workflows import github_workflows
from xerosync.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("installed")

PLANTED = ("venv", "pip", "ensurepip", "sitecustomize", "usercustomize", "yaml", "xerosync")
"""The modules that a checkout brings. Each leaves a mark if it is imported."""
FILES = [
    ROOT / "action.yml",
    *sorted((ROOT / "ci").glob("*.*")),
    ROOT / "ci" / "Dockerfile",
    ROOT / "docs" / "ci.md",
]


@pytest.fixture
def marks(project: Path) -> Path:
    """Plant the modules at the top of the checkout; return where they leave their marks."""
    folder = project / "marks"
    folder.mkdir()
    for name in PLANTED:
        mark = folder / name
        Path(f"{name}.py").write_text(f"open({str(mark)!r}, 'w').close()\n", encoding="utf-8")
    return folder


@pytest.fixture
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a package that installs offline as xerosync, and builds itself."""
    folder = tmp_path_factory.mktemp("action")
    (folder / "constraints.txt").touch()
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "build"\nbackend-path = ["."]\n',
        encoding="utf-8",
    )
    (folder / "build.py").write_text(
        "import zipfile\n"
        "INFO = 'xerosync-1.dist-info/'\n"
        "FILES = {\n"
        "    'it.py': 'import sys\\ndef main(): print(sys.argv[1:])\\n',\n"
        "    INFO + 'METADATA': 'Metadata-Version: 2.1\\nName: xerosync\\nVersion: 1\\n',\n"
        "    INFO + 'WHEEL': 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n',\n"
        "    INFO + 'entry_points.txt': '[console_scripts]\\nxerosync = it:main\\n',\n"
        "    INFO + 'RECORD': '',\n"
        "}\n"
        "def build_wheel(folder, *_):\n"
        "    with zipfile.ZipFile(folder + '/xerosync-1-py3-none-any.whl', 'w') as archive:\n"
        "        for name, text in FILES.items():\n"
        "            archive.writestr(name, text)\n"
        "    return 'xerosync-1-py3-none-any.whl'\n",
        encoding="utf-8",
    )
    for name in ("plan", "apply", "drift"):
        (folder / "ci").mkdir(exist_ok=True)
        (folder / "ci" / f"{name}.sh").write_text(
            "unset PYTHONPATH; xerosync plan\n", encoding="utf-8"
        )
    return folder


def run(script: str, python: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a step in the checkout with a Python on the path; it may ask no package index."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PIP_")}
    environment |= {"PATH": f"{python}:{os.environ['PATH']}", "PIP_NO_INDEX": "1"} | more
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script], env=environment, capture_output=True,
        text=True, check=False,
    )  # fmt: skip


def python_of(folder: Path) -> Path:
    """Make a Python of its own with pip, as a runner's image has; return its folder."""
    made = folder / "python"
    subprocess.run([sys.executable, "-I", "-m", "venv", str(made)], check=True)
    return made / "bin"


def test_the_action_installs_and_runs_nothing_of_the_checkout(
    project: Path, marks: Path, source: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    document = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    elsewhere = tmp_path_factory.mktemp("runner")
    python = python_of(elsewhere)
    variables = {"RUNNER_TEMP": str(elsewhere), "ACTION": str(source), "MODE": "plan"}
    said = ""
    for step in document["runs"]["steps"]:
        if "run" in step:
            done = run(step["run"], python, **variables, PYTHONPATH=str(project))
            assert done.returncode == 0, done.stdout + done.stderr
            said = done.stdout
    assert said == "['plan']\n"
    assert list(marks.iterdir()) == []


def test_a_gitlab_job_installs_and_runs_nothing_of_the_checkout(
    project: Path, marks: Path, source: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    mine = ["git", "-C", str(source), "-c", "user.name=Ann", "-c", "user.email=ann@acme.example"]
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "x"]):
        subprocess.run([*mine, *command], check=True)
    head = subprocess.run([*mine, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    common = hidden(yaml.safe_load((ROOT / "ci" / "gitlab.yml").read_text(encoding="utf-8")))
    script = "\n".join([*common["before_script"], "xerosync plan"])
    done = run(
        script, python_of(tmp_path_factory.mktemp("image")),
        **{"PYTHONPATH": str(project)} | common["variables"],
        XEROSYNC=str(source), XEROSYNC_COMMIT=head.stdout.strip(),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("['plan']\n")
    assert list(marks.iterdir()) == []


def hidden(document: dict[str, Any]) -> dict[str, Any]:
    """Return what every job of the file for GitLab extends."""
    found: dict[str, Any] = document[".xerosync"]
    return found


@pytest.mark.parametrize("mode", ["plan", "drift", "apply"])
def test_the_scripts_run_nothing_of_the_checkout(
    github: GitHub, books: Sandbox, xerosync: Xerosync, marks: Path, project: Path, mode: str
) -> None:
    """The image runs them in the checkout too."""
    assert xerosync("pull").code == 0
    ended = job(mode, mode, on_main(COMMIT), {"PYTHONPATH": str(project)})
    assert ended.code == (5 if mode == "apply" else 0), ended.log
    assert list(marks.iterdir()) == []


@pytest.mark.parametrize("name", ["xerosync-plan", "xerosync-apply", "xerosync-drift"])
def test_the_gitlab_jobs_run_nothing_of_the_checkout(
    gitlab: GitLab,
    books: Sandbox,
    xerosync: Xerosync,
    marks: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    assert xerosync("pull").code == 0
    for key in ("CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.setenv(f"XERO_READ_{key}", "sandbox")
    ended = gitlab_job(name, name, {"CI_MERGE_REQUEST_IID": "7"})
    assert ended.code in (0, 1, 5), ended.log
    assert list(marks.iterdir()) == []


def test_a_workflow_that_init_writes_runs_only_pinned_actions() -> None:
    written = (github_workflows(), github_workflows(csv="chart.csv"), github_workflows(folder=True))
    for text in (text for one in written for text in one.values()):
        for document in yaml.safe_load(text)["jobs"].values():
            assert all("uses" in step and "run" not in step for step in document["steps"])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_python_is_never_run_with_the_folder_as_its_path(path: Path) -> None:
    """`python -m x` runs x.py of the present folder; with -I it does not."""
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"python[\w.]*\"? -(?!I ).*", text) == []
