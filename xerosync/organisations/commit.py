"""Read the chart files of a Git commit from Git's object database, not from the working copy."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from xerosync.errors import UsageError
from xerosync.organisations.safe_git import TRUST, find_git, run_git
from xerosync.workspace import is_yaml

LARGEST = 4_000_000
"""The size in bytes above which a file is left out."""

LARGEST_TOTAL = 200_000_000
"""The most bytes of all YAML files together. The same limit holds for all reports together.

A commit can list one large object thousands of times.
"""

_LONGEST_NAME = 100
"""How many characters of a file's name a message shows."""
_ENTRY = re.compile(rb"100(?:644|755) blob ([0-9a-f]{40,64}) +([0-9]{1,12})\t(.+)", re.DOTALL)
_REPORT = re.compile(rb"behaviour[\"']?[ \t]*:[ \t]*[\"']?([!-~]{1,200}?\.json)\b")
"""How a chart file names a report on Xero's behaviour."""
_REF = re.compile(r"[^-\x00-\x20\x7f][^\x00-\x20\x7f]{0,250}")


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit whose chart files are in `folder`; `top` is the repository's top folder."""

    top: Path
    folder: Path


@contextmanager
def checked_out(ref: str) -> Iterator[Commit]:
    """Write the YAML files of a commit to a temporary folder, and yield the commit.

    A report on Xero's behaviour is written too if a file names it. Links, unsafe paths, and files
    of more than `LARGEST` bytes are left out. Raises `UsageError` if a step fails.
    """
    outside = UsageError(
        "--select changed: needs a Git repository, and this folder is not in one.",
        "Run it in the repository of the chart files. If that belongs to another user, Git refuses"
        f" to read it; {TRUST}",
    )
    top = Path(_git("rev-parse", "--show-toplevel", wrong=outside).decode().rstrip("\n"))
    unknown = UsageError(
        f"--select changed:{ref}: Git lacks the commit {ref}, or its files, here.",
        "Check its name, or `git fetch` it: shallow clones need --unshallow, partial ones --refetch"
        " --no-filter. In a CI job, set `fetch-depth: 0` on GitHub, `GIT_DEPTH: 0` on GitLab.",
    )
    if not _REF.fullmatch(ref):
        raise unknown
    named = ("--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    commit = _git("rev-parse", *named, wrong=unknown).decode().strip()
    with TemporaryDirectory(prefix="xerosync-") as name:
        folder = Path(name).resolve()
        (folder / ".git").mkdir()
        for path, content in _files(commit, unknown):
            _write(folder, path, content, ref)
        yield Commit(top.resolve(), folder)


def _write(folder: Path, path: PurePosixPath, content: bytes, ref: str) -> None:
    target = folder / path
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    except OSError as error:
        whole = str(path)
        name = whole if len(whole) <= _LONGEST_NAME else f"{whole[:_LONGEST_NAME]}…"
        raise UsageError(
            f"--select changed:{ref}: the file {name} of that commit cannot be written to a"
            f" temporary folder: {error.strerror}.",
            "Name another commit, or leave --select changed out and name the files.",
        ) from error


def _files(commit: str, wrong: UsageError) -> Iterator[tuple[PurePosixPath, bytes]]:
    """Yield the paths and contents of a commit's YAML files, and of the reports that they name."""
    listed = _git("ls-tree", "-r", "-z", "-l", "--full-tree", commit, wrong=wrong).split(b"\0")
    named: set[str] = set()
    for path, content in _contents(listed, is_yaml, wrong):
        named |= {PurePosixPath(name.decode()).name for name in _REPORT.findall(content)}
        yield path, content
    if named:
        yield from _contents(listed, lambda path: path.name in named, wrong)


def _contents(
    listed: Iterable[bytes], wanted_path: Callable[[PurePosixPath], bool], wrong: UsageError
) -> Iterator[tuple[PurePosixPath, bytes]]:
    wanted: list[tuple[bytes, PurePosixPath]] = []
    total = 0
    for entry in listed:
        found = _ENTRY.fullmatch(entry)
        path = _safe(found[3]) if found and int(found[2]) <= LARGEST else None
        if found and path and wanted_path(path):
            wanted.append((found[1], path))
            total += int(found[2])
    if total > LARGEST_TOTAL:
        raise UsageError(
            "--select changed: the chart files of the commit are larger than"
            f" {LARGEST_TOTAL // 1_000_000} MB together.",
            "Leave --select changed out, and name the files.",
        )
    asked = b"".join(name + b"\n" for name, _ in wanted)
    answer = _git("cat-file", "--batch", wrong=wrong, given=asked)
    place = 0
    for _, path in wanted:
        end = answer.index(b"\n", place)
        head = answer[place:end].split()
        if head[1:2] != [b"blob"]:
            raise wrong
        start, size = end + 1, int(head[2])
        yield path, answer[start : start + size]
        place = start + size + 1


def _safe(name: bytes) -> PurePosixPath | None:
    """Return the path of a YAML or JSON file; None for another file or an unsafe path."""
    try:
        path = PurePosixPath(name.decode())
    except UnicodeDecodeError:
        return None
    unsafe = path.is_absolute() or {"..", ".git"} & {part.casefold() for part in path.parts}
    other = not is_yaml(path) and path.suffix.lower() != ".json"
    return None if unsafe or other or re.search(r"[\\:]", str(path)) else path


def _git(*arguments: str, wrong: UsageError, given: bytes = b"") -> bytes:
    """Run Git and return its output. Raises `wrong` if it fails, `UsageError` without Git."""
    program = find_git()
    if program is None:
        raise UsageError("--select changed: needs Git, which is not installed.", "Install Git.")
    try:
        return run_git(program, *arguments, given=given)
    except (OSError, subprocess.SubprocessError) as error:
        raise wrong from error
