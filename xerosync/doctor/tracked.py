"""Whether Git tracks a chart file and ignores the journals.

Git never runs a filter that the repository configures.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from xerosync.environment import environment_for_git
from xerosync.organisations.safe_git import find_git, run_git
from xerosync.regular_file import MAX_BYTES, open_regular
from xerosync.workspace import RUNS

_LITERALLY = "--literal-pathspecs"
"""Makes Git take a star or a bracket in a name literally. `check-ignore` rejects this option."""
_OBJECT = re.compile(rb"100(?:644|755) (?:blob )?([0-9a-f]{40,64})[ \t]")


@dataclass(frozen=True, slots=True)
class Tracking:
    """Whether Git is installed, and what it says about the chart file and the journals.

    `refused` is why Git does not read a repository that exists, else "". `committed` is whether the
    file is as in the last commit. `ignores_runs` is whether Git ignores the journals. A field is
    None if Git was not asked.
    """

    installed: bool
    refused: str = ""
    repository: bool = False
    tracked: bool | None = None
    committed: bool | None = None
    ignores_runs: bool | None = None


def read_tracking(file: str) -> Tracking:
    """Return what Git says about a chart file, and about the journals in the current folder.

    `file` is "" if there is no chart file.
    """
    program = find_git()
    if program is None:
        return Tracking(installed=False)
    try:
        run_git(program, "rev-parse", "--show-toplevel")
    except (OSError, subprocess.SubprocessError) as error:
        return Tracking(installed=True, refused=_why_refused(error))
    ignores = _ask(program, Path(), "check-ignore", "-q", "--", str(RUNS)) is not None
    if not file:
        return Tracking(installed=True, repository=True, ignores_runs=ignores)
    path = Path(file).resolve()
    folder = path.parent
    staged = _object(_ask(program, folder, _LITERALLY, "ls-files", "-s", "-z", "--", path.name))
    last = _object(_ask(program, folder, _LITERALLY, "ls-tree", "-z", "HEAD", "--", path.name))
    return Tracking(
        installed=True,
        repository=True,
        tracked=bool(staged),
        committed=bool(staged) and staged == last and staged in _names_of(path, len(staged)),
        ignores_runs=ignores,
    )


def _why_refused(error: Exception) -> str:
    """Return why Git does not read a repository, "" if there is no repository."""
    here = Path.cwd()
    named = "GIT_DIR" in environment_for_git()
    if not named and not any((folder / ".git").exists() for folder in (here, *here.parents)):
        return ""
    if isinstance(error, subprocess.TimeoutExpired):
        return f"no answer within {error.timeout:.0f} s"
    said = error.stderr if isinstance(error, subprocess.CalledProcessError) else str(error).encode()
    lines = (said or b"").decode("utf-8", "replace").splitlines()
    return lines[0] if lines else "it gave no reason"


def _ask(program: str, folder: Path, *arguments: str) -> bytes | None:
    """Return the output of Git in a folder, None if Git fails."""
    try:
        return run_git(program, "-C", str(folder), *arguments)
    except (OSError, subprocess.SubprocessError):
        return None


def _object(listed: bytes | None) -> str:
    found = _OBJECT.match(listed or b"")
    return found[1].decode() if found else ""


def _names_of(path: Path, length: int) -> set[str]:
    """Return the object names of a file's content: as it is, and with Unix line ends.

    The line ends of a working copy may differ from the repository's.
    """
    try:
        with open_regular(path) as file:
            data = file.read(MAX_BYTES)
    except OSError:
        return set()
    algorithm = "sha1" if length == 40 else "sha256"  # noqa: PLR2004 hexadecimal digits
    return {
        hashlib.new(algorithm, b"blob %d\0" % len(one) + one, usedforsecurity=False).hexdigest()
        for one in (data, data.replace(b"\r\n", b"\n"))
    }
