"""The wheel holds all that an installation needs, and works from anywhere."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from this tree, and unpack it alone into a folder."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(folder)]
    subprocess.run([*build, str(ROOT)], check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    site = folder / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return site


def run(installed: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the installed package, and no other, from a folder that knows nothing of it."""
    code = (
        "import sys, xerosync; from xerosync.cli.app import run; "
        f"assert xerosync.__file__.startswith({str(installed)!r}), xerosync.__file__; "
        "sys.exit(run(sys.argv[1:]))"
    )
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=cwd, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_wheel_holds_the_schema_and_the_types_marker(installed: Path) -> None:
    ours = (ROOT / "schema" / "accounts.schema.json").read_bytes()
    assert (installed / "xerosync" / "schema" / "accounts.schema.json").read_bytes() == ours
    assert (installed / "xerosync" / "py.typed").exists()
    assert not (installed / "tests").exists()


def test_the_wheel_plans_and_applies_on_the_sandbox(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "accounts.yaml").write_bytes((ROOT / "accounts.yaml").read_bytes())
    changes = run(installed, tmp_path, "plan", "--sandbox", "--detailed-exitcode")
    assert changes.returncode == 2, changes.stderr
    applied = run(installed, tmp_path, "apply", "--sandbox", "--yes")
    assert applied.returncode == 0, applied.stderr
    again = run(installed, tmp_path, "plan", "--sandbox", "--detailed-exitcode")
    assert again.returncode == 0, again.stdout + again.stderr


def test_the_wheel_finds_its_schema_for_a_bad_file(installed: Path, tmp_path: Path) -> None:
    """The schema is read only when the quick check suspects something: this makes it."""
    bad = "version: 1\norganisation: {name: Demo}\naccounts:\n  - {code: '1', tpye: BANK}\n"
    (tmp_path / "accounts.yaml").write_text(bad)
    done = run(installed, tmp_path, "plan", "--sandbox")
    assert done.returncode == 3
    assert "accounts.yaml:4:17: error[unknown-field]" in done.stderr
