"""The image, and what GitLab jobs install. Their steps are run on a copy of the tree."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from ci.jobs import ROOT, programs

pytestmark = pytest.mark.usefixtures("installed")

DOCKERFILE = (ROOT / "ci" / "Dockerfile").read_text(encoding="utf-8")


def wheel(source: Path, out: Path) -> dict[str, bytes]:
    """Build the wheel of a tree, and return its files."""
    build = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(out)]
    subprocess.run([*build, str(source)], check=True, capture_output=True)
    (made,) = out.glob("*.whl")
    with zipfile.ZipFile(made) as archive:
        return {name: archive.read(name) for name in archive.namelist() if "RECORD" not in name}


@pytest.fixture
def context(tmp_path: Path) -> Path:
    """Copy what `.dockerignore` lets into the image."""
    first, *others = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert first == "*"
    assert others.pop() == "**/__pycache__"
    folder = tmp_path / "context"
    folder.mkdir()
    for line in others:
        assert line.startswith("!")
        source = ROOT / line.removeprefix("!")
        if source.is_dir():
            left_out = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, folder / source.name, ignore=left_out)
        else:
            shutil.copy(source, folder)
    return folder


def test_the_build_context_has_everything_that_the_package_needs(
    context: Path, tmp_path: Path
) -> None:
    assert wheel(context, tmp_path / "image") == wheel(ROOT, tmp_path / "whole")


def test_every_file_that_the_image_copies_exists(context: Path) -> None:
    copied = [
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    ]
    assert copied == [".", "ci/*.sh"]
    assert list(context.glob(copied[1]))
    assert (context / "constraints.txt").exists()


def test_a_gitlab_job_installs_the_commit_of_its_variable(tmp_path: Path) -> None:
    """A branch goes on, and a tag may move."""
    document = yaml.safe_load((ROOT / "ci" / "gitlab.yml").read_text(encoding="utf-8"))
    assert document[".xerosync"]["image"] == "python:3.12", "the slim one has no git"
    source, folder = tmp_path / "source", tmp_path / "bin"
    source.mkdir()
    mine = ["git", "-C", str(source), "-c", "user.name=Ann", "-c", "user.email=ann@acme.example"]
    subprocess.run([*mine, "init", "--quiet", "--initial-branch", "main"], check=True)
    commits = []
    for text in ("good", "later"):
        (source / "constraints.txt").write_text(text, encoding="utf-8")
        subprocess.run([*mine, "add", "."], check=True)
        subprocess.run([*mine, "commit", "--quiet", "--message", text], check=True)
        head = subprocess.run([*mine, "rev-parse", "HEAD"], check=True, capture_output=True)
        commits.append(head.stdout.decode().strip())
    path = programs(folder, "git")
    python = folder / "python"
    python.write_text('#!/bin/bash\necho "$@"; cat "$PIP_CONSTRAINT" "$PIP_BUILD_CONSTRAINT"\n')
    python.chmod(0o755)

    def install(commit: str) -> subprocess.CompletedProcess[str]:
        script = "\n".join(document[".xerosync"]["before_script"])
        return subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script], capture_output=True, text=True, check=False,
            env={
                "PATH": path, "TMPDIR": str(tmp_path), "XEROSYNC": str(source),
                "XEROSYNC_COMMIT": commit,
            },
        )  # fmt: skip

    done = install(commits[0])
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"-I -m pip install --quiet \S+/tmp\.\w+\ngoodgood", done.stdout)
    for other in (document["variables"]["XEROSYNC_COMMIT"], "main"):
        refused = install(other)
        assert refused.returncode != 0
        assert refused.stdout == ""


def test_the_image_runs_as_an_ordinary_user_without_an_entrypoint() -> None:
    lines = DOCKERFILE.splitlines()
    assert "USER 10001" in lines
    assert 'CMD ["xerosync", "--help"]' in lines
    assert not [line for line in lines if line.startswith("ENTRYPOINT")]


def test_the_image_is_based_on_debian_and_installs_no_debian_packages() -> None:
    """`ci/jobs.py` runs the scripts with only that on their path."""
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert bases == ["python:3.12-slim"] * 2
    assert "apt-get" not in DOCKERFILE
