"""`.ci/run`: the archives and the faults are checked side by side, and neither is hidden."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
MAKE = """\
#!/bin/sh
echo "$*" >>asked
printf '%s begins\\n' "$1"
case $1 in
  dist) until [ -e faults ]; do sleep 0.01; done ;;
  faults) touch faults ;;
esac
printf '%s ends\\n' "$1" >&2
case " $FAILING " in *" $1 "*) exit 2 ;; esac
"""
"""Stands for make. `dist` ends only once `faults` runs."""


def ci_run(folder: Path, failing: str) -> subprocess.CompletedProcess[str]:
    """Run a copy of the script, in which these targets of make fail."""
    (folder / ".ci").mkdir()
    (folder / "bin").mkdir()
    shutil.copy(ROOT / ".ci" / "run", folder / ".ci")
    for name in ("make", "chromium", "npm"):
        (folder / "bin" / name).write_text(MAKE, encoding="utf-8")
        (folder / "bin" / name).chmod(0o755)
    path = f"{folder / 'bin'}:{os.environ['PATH']}"
    return subprocess.run(
        [folder / ".ci" / "run"],
        env=os.environ | {"PATH": path, "FAILING": failing},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("failing", ["", "dist", "faults", "dist faults"])
def test_either_failure_fails_and_the_output_of_each_is_whole(tmp_path: Path, failing: str) -> None:
    done = ci_run(tmp_path, failing)
    assert bool(done.returncode) == bool(failing)
    assert "dist begins\ndist ends\nfaults begins\nfaults ends\n" in done.stdout
    asked = (tmp_path / "asked").read_text(encoding="utf-8").splitlines()
    assert asked[:2] == ["lint", "test"]
    assert sorted(asked[2:]) == ["dist TESTED=yes", "faults"]


@pytest.mark.parametrize("failing", ["lint", "test"])
def test_nothing_is_built_if_a_check_fails(tmp_path: Path, failing: str) -> None:
    assert ci_run(tmp_path, failing).returncode == 2
    asked = (tmp_path / "asked").read_text(encoding="utf-8").splitlines()
    assert asked[-1] == failing
