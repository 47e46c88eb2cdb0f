"""A project's chart file, and its folder `.xerosync`, in which commands keep their data."""

from __future__ import annotations

import getpass
import os
import re
import secrets
import shlex
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path, PurePath

from xerosync.errors import Refused, UsageError
from xerosync.model import Organisation
from xerosync.regular_file import read_regular
from xerosync.text import full_stop, sortable, whole

DEFAULT_FILE = "accounts.yaml"
"""The chart file if a command names none."""
STDIN = "<stdin>"
"""The name of standard input in messages; commands take it as "-"."""

YAML_SUFFIXES = (".yaml", ".yml")
"""How the names of chart files and standards end; upper and lower case count as the same."""
WORKSHEET_SUFFIXES = (".xlsx", ".csv")
"""How the names of the worksheets of `adopt` end."""

PLAN_INDEX = "index.json"
"""The name of the index in a folder of saved plans."""

STATE = Path(".xerosync")
RUNS = STATE / "runs"
LOCKS = STATE / "locks"
APPLIED = STATE / "applied"
"""Which saved plans were applied: one file for each plan, named by the plan's digest."""
RENUMBERING = STATE / "renumber.json"
"""Lists the files that `renumber` is replacing. It exists only until all of them are replaced."""


def is_yaml(path: PurePath) -> bool:
    """Whether a file's name ends like that of a chart file."""
    return path.suffix.lower() in YAML_SUFFIXES


def refuse_empty(paths: Sequence[str]) -> None:
    """Raise `UsageError` if a path is "": as a `Path`, it would mean the current folder."""
    if "" in paths:
        raise UsageError("A path is empty.", "Give the path, or set its shell variable.")


def is_plan_folder(path: Path) -> bool:
    """Whether a path is a folder with the index of saved plans."""
    return os.path.isfile(path / PLAN_INDEX)  # noqa: PTH113 (false for a path that is too long)


def command_line(command: str, file: str | Path, *options: str) -> str:
    """Return a command line for a chart file, quoted for the shell."""
    name = {STDIN: "FILE" if command == "pull" else "-"}.get(str(file), str(file))
    named = () if name == DEFAULT_FILE else ("-f", name)
    return shlex.join(("xerosync", command, *named, *options))


def command_on(command: str, *paths: str | Path) -> str:
    """Return a command line with paths as arguments, none of which is taken for an option."""
    return shlex.join(("xerosync", *command.split(), *map(as_argument, paths)))


def as_argument(path: str | Path) -> str:
    """Return a path that no command takes for an option."""
    return f"./{path}" if re.match("-.", str(path)) else str(path)


def new_journal_path() -> Path:
    """Return the path of a new journal; later journals sort after earlier ones."""
    return RUNS / f"{sortable(datetime.now(UTC))}-{secrets.token_hex(4)}.jsonl"


def copy_of_journal(path: Path) -> Path | None:
    """Return where to copy a journal so that plans find it, None if it is in `RUNS` already."""
    found = path.suffix == ".jsonl" and path.parent.resolve() == RUNS.resolve()
    return None if found else new_journal_path()


def lock(organisation: Organisation, warn: Callable[[str], None]) -> AbstractContextManager[object]:
    """Lock one organisation against other processes that change it from this folder.

    The lock ends with the process at the latest, even if the process is killed. Raises
    `Refused` if another process holds it. If no lock is possible, warns, and locks nothing.
    """
    busy = Refused(
        f"An apply to {organisation.name}, or `doctor --demo-company`, is already running in this"
        " folder.",
        f"Nothing was sent to {full_stop(organisation.name)} Run again when it has finished.",
    )
    name = "".join(c for c in organisation.tenant_id if c.isalnum() or c == "-")
    try:
        return _acquire(name, busy)
    except (OSError, NotImplementedError):
        warn(f"Cannot create a lock in {LOCKS}: make sure that no other apply is running.")
        return nullcontext()


def lock_renumbering() -> AbstractContextManager[object]:
    """Lock this folder against other renumberings. Raises `Refused` if that is not possible."""
    busy = Refused(
        "Another `xerosync renumber` is already running in this folder.",
        "Nothing was written. Run again when it has finished.",
    )
    try:
        return _acquire("renumber", busy)
    except (OSError, NotImplementedError) as error:
        raise Refused(
            f"Cannot create a lock in {LOCKS}, so several files cannot be renumbered together.",
            "Nothing was written. Run in a folder where you can write.",
        ) from error


def _acquire(name: str, busy: Refused) -> AbstractContextManager[object]:
    from filelock import FileLock, Timeout  # noqa: PLC0415 (slow to import, and rarely used)

    LOCKS.mkdir(parents=True, exist_ok=True)
    try:
        return FileLock(LOCKS / f"{name}.lock", timeout=0).acquire()
    except Timeout as error:
        raise busy from error


def local_user() -> str:
    """Return the name of the user who runs this process, "" if it is unknown."""
    try:
        return whole(getpass.getuser())
    except (OSError, KeyError, ImportError):
        return ""


def local_commit() -> str:
    """Return the commit that is checked out here, "" if none is found.

    This reads Git's files and does not run Git, whose configuration can name programs to run.
    """
    here = Path.cwd()
    git = next((one / ".git" for one in (here, *here.parents) if (one / ".git").exists()), None)
    try:
        return _head(git) if git else ""
    except (OSError, ValueError):
        return ""


def _head(git: Path) -> str:
    """Return the commit of HEAD, "" if HEAD has none.

    Raises `OSError` or `ValueError` if a file of Git cannot be read. In a linked worktree, `git` is
    a file that contains the path of the worktree's Git folder.
    """
    if git.is_file():
        git = git.parent / read_regular(git).removeprefix("gitdir:").strip()
    shared = git / "commondir"
    common = git / read_regular(shared).strip() if shared.is_file() else git
    head = read_regular(git / "HEAD").strip()
    name = head.removeprefix("ref:").strip()
    if name != head:
        head = ""
        if re.fullmatch(r"refs/[\w./-]+", name) and ".." not in name:
            head = _ref(common, name)
    return head if re.fullmatch("[0-9a-f]{40,64}", head) else ""


def _ref(git: Path, name: str) -> str:
    if (git / name).is_file():
        return read_regular(git / name).strip()
    for line in read_regular(git / "packed-refs").splitlines():
        commit, _, ref = line.partition(" ")
        if ref == name:
            return commit
    return ""
