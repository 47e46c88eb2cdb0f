"""The image: built nowhere here, so what its steps would do is done to a copy."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ci.jobs import ROOT

DOCKERFILE = (ROOT / "ci" / "Dockerfile").read_text(encoding="utf-8")


def wheel(source: Path, out: Path) -> dict[str, bytes]:
    """Build the wheel of a tree, and give its files."""
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


def test_what_it_is_built_from_is_all_that_the_package_needs(context: Path, tmp_path: Path) -> None:
    assert wheel(context, tmp_path / "image") == wheel(ROOT, tmp_path / "whole")


def test_every_file_that_it_copies_is_there(context: Path) -> None:
    copied = [
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    ]
    assert copied == [".", "ci/*.sh"]
    assert list(context.glob(copied[1]))
    assert (context / "constraints.txt").exists()


def test_it_runs_as_nobody_special_and_keeps_no_shell_out() -> None:
    lines = DOCKERFILE.splitlines()
    assert "USER 10001" in lines
    assert 'CMD ["xerosync", "--help"]' in lines
    assert not [line for line in lines if line.startswith("ENTRYPOINT")]


def test_it_is_a_debian_which_has_what_the_scripts_call() -> None:
    """`ci/jobs.py` runs the scripts with nothing but that on their path."""
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert bases == ["python:3.12-slim"] * 2
    assert "apt-get" not in DOCKERFILE
