"""Run Git so that it only reads, whatever the repository configures.

No hook, filter, pager, file monitor or download runs, as long as the command only reads the
object database, the index and the ignore files.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from xerosync.environment import environment_for_git

TRUST = "if you trust it, run `git config --global --add safe.directory FOLDER`."
"""The way to let Git read a repository that belongs to another user."""

_SAFELY = (
    *("--no-pager", "--no-replace-objects"),
    *("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"),
    *("-c", "safe.bareRepository=explicit"),
)


def find_git() -> str | None:
    """Return the path of the first Git on PATH, None if there is none.

    Also None if it is in the current folder or below: a stranger may have put it there. If the
    current folder is the root folder, any Git is accepted.
    """
    program, here = shutil.which("git"), Path.cwd()
    if program is None or (here.name and Path(program).resolve().is_relative_to(here)):
        return None
    return program


def run_git(program: str, *arguments: str, given: bytes = b"") -> bytes:
    """Run Git and return its output. Raises `OSError` or `SubprocessError` if it fails."""
    done = subprocess.run(  # noqa: S603 (Git, with fixed arguments)
        [program, *_SAFELY, *arguments],
        input=given,
        capture_output=True,
        check=True,
        timeout=120,
        env=environment_for_git(),
    )
    return done.stdout
