"""The wheel and the sdist hold exactly what an installation and a packager need.

`make dist` tests the same archives on every Python of the machine; see `prove.py`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import prove
import pytest
from archives import ROOT, Archives, build, claimed, faults, in_sdist, in_wheel, kept

from xerosync import __version__

pytestmark = pytest.mark.skipif(
    not (ROOT / ".git").exists(), reason="an sdist has no git to compare with"
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Archives:
    """Build both archives from this tree."""
    return build(tmp_path_factory.mktemp("dist"))


def test_the_archives_hold_exactly_the_files_they_should(built: Archives) -> None:
    assert not faults(built)


def test_the_archives_hold_what_packagers_and_installations_need(built: Archives) -> None:
    """These names are relied on elsewhere, whatever git holds."""
    assert in_sdist(built.sdist) > {
        "LICENSE", "PKG-INFO", "SECURITY.md", "constraints.txt", "docs/README.md",
        "schema/accounts.schema.json", "tests/conftest.py", "tests/golden/test_golden.py",
    }  # fmt: skip
    assert in_wheel(built.wheel) > {
        "xerosync/py.typed", "xerosync/render/templates/plan.html.j2",
        "xerosync/schema/accounts.schema.json", "xerosync/schema/plan.schema.json",
        "xerosync/schema/auth-status.schema.json",
        "xerosync/schema/doctor.schema.json",
    }  # fmt: skip


def test_a_missing_file_and_an_extra_file_are_reported(built: Archives, tmp_path: Path) -> None:
    wheel, sdist = (Path(shutil.copy(path, tmp_path)) for path in built)
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("xerosync/.xerosync/sandbox.db", b"")
    with tarfile.open(built.sdist) as old, tarfile.open(sdist, "w:gz") as new:
        for member in old.getmembers():
            if not member.name.endswith("/LICENSE"):
                new.addfile(member, old.extractfile(member))
        new.addfile(tarfile.TarInfo(f"xerosync-{__version__}/.venv/bin/python"))
    assert faults(Archives(wheel, sdist)) == [
        "The sdist lacks LICENSE.",
        "The sdist holds .venv/bin/python, which does not belong in it.",
        "The wheel holds xerosync/.xerosync/sandbox.db, which does not belong in it.",
    ]


def test_the_classifiers_name_the_supported_pythons(built: Archives) -> None:
    assert claimed(built.wheel) == [(3, 11), (3, 12), (3, 13)]


def test_the_version_is_written_in_one_place() -> None:
    """A release changes that line, and otherwise only the changelog."""
    holders = [
        name
        for name in kept()
        if name.startswith(("xerosync/", "schema/")) or name in {"pyproject.toml", "Makefile"}
        if f'"{__version__}"' in (ROOT / name).read_text(encoding="utf-8")
    ]
    assert holders == ["xerosync/__init__.py"]


def test_a_working_python_is_found_and_a_broken_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pyenv has a broken shim for each version that is not selected."""
    broken = tmp_path / "python3.29"
    broken.write_text("#!/bin/sh\nexit 127\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "none"))
    assert str(broken) in list(prove.candidates())
    assert list(prove.pythons()) == [(sys.version_info.major, sys.version_info.minor)]


def test_a_missing_python_is_reported_and_is_an_error_for_a_release() -> None:
    """CI must pass on a machine with one Python; a release needs all of them."""
    supported = [(3, 11), (3, 12)]
    said = ["Tested: 3.12, 3.13.", "Supported, but not on this machine: 3.11."]
    more = "Tested, but not among the classifiers: 3.13."
    here = [(3, 12), (3, 13)]
    assert prove.verdict(supported, here, every=False) == ([*said, more], [])
    assert prove.verdict(supported, here, every=True)[1] == [
        "The classifiers must name exactly the Pythons that were tested."
    ]
    assert prove.verdict(supported, supported, every=True)[1] == []
    assert prove.verdict(supported, [], every=False)[1] == ["Found no Python to test on."]


def test_once_the_tests_have_passed_on_one_python_only_the_oldest_and_the_newest_run_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else they run on all at once, which share the processors. One alone runs them again."""
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    here = [(3, 11), (3, 12), (3, 13)]
    assert prove.shares(here, None) == {(3, 11): 1, (3, 12): 1, (3, 13): 1}
    assert prove.shares(here, (3, 11)) == {(3, 11): 0, (3, 12): 0, (3, 13): 4}
    assert prove.shares(here, (3, 12)) == {(3, 11): 2, (3, 12): 0, (3, 13): 2}
    assert prove.shares(here, (3, 13)) == {(3, 11): 4, (3, 12): 0, (3, 13): 0}
    assert prove.shares(here[:2], (3, 13)) == {(3, 11): 2, (3, 12): 2}
    assert prove.shares(here[:1], (3, 11)) == {(3, 11): 4}
    assert prove.shares([], (3, 11)) == {}


def test_the_wheel_finds_its_schema(built: Archives, tmp_path: Path) -> None:
    """An invalid file makes sure that the schema is read."""
    site = tmp_path / "site"
    shutil.unpack_archive(built.wheel, site, "zip")
    bad = "version: 1\norganisation: {name: Demo}\naccounts:\n  - {code: '1', tpye: BANK}\n"
    (tmp_path / "accounts.yaml").write_text(bad)
    code = (
        "import sys, xerosync; from xerosync.cli.app import run; "
        f"assert xerosync.__file__.startswith({str(site)!r}), xerosync.__file__; "
        "sys.exit(run(['plan', '--sandbox']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 3
    assert "accounts.yaml:4:17: error[unknown-field]" in done.stderr
