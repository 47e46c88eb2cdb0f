"""The job that xerosync runs in: where its chart comes from, and where its repository is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from glob import has_magic
from os.path import normpath
from pathlib import Path

from xerosync.ci.forge import Forge
from xerosync.ci.github import GitHub
from xerosync.ci.gitlab import GitLab
from xerosync.errors import Refused, SignInError, UsageError
from xerosync.history.folder import settled_commit
from xerosync.settings import Host, Job
from xerosync.workspace import RUNS

_FORGES: Mapping[Host, Callable[[Job], Forge]] = {Host.GITHUB: GitHub, Host.GITLAB: GitLab}
_MOST_FILES = 1_000
"""If a pull request changes this many files, GitHub or GitLab may not list all of them."""


class JobSource(StrEnum):
    """Where the chart of a job comes from."""

    FORK = "fork"
    REQUEST = "request"
    BRANCH = "branch"
    UNCHANGED = "unchanged"
    """A pull request that changes no chart file, in a job without credentials.

    An example is a pull request of Dependabot.
    """


def require_job(job: Job) -> Job:
    """Return the job. Raises `UsageError` outside a job of GitHub or GitLab."""
    if job.host is Host.NONE:
        raise UsageError(
            "This is not a job of GitHub or GitLab.",
            "Elsewhere, use `plan`, `apply` or `drift` instead: see docs/ci.md.",
        )
    return job


def source_of(job: Job, files: Sequence[Path] = ()) -> JobSource:
    """Return where the chart comes from; `files` are the job's chart files, if it names them.

    Raises `Refused` if a job for a fork has Xero secrets. Raises `SignInError` if a job that is not
    for a fork has none, except for a pull request that certainly changes none of the `files`.
    Raises `LedgerError` or `AccessDenied` if the list of changed files cannot be read.
    """
    if job.fork and job.holds:
        raise Refused(
            f"This job is for a fork's pull request, and it holds {', '.join(job.holds)}: the "
            "author of that pull request could read your accounts.",
            "Xero was not contacted. Use the trigger `pull_request`, not `pull_request_target`; on "
            "GitLab, do not run the job in the parent project. See Forks in docs/ci.md.",
        )
    if job.fork:
        return JobSource.FORK
    if job.holds:
        return JobSource.REQUEST if job.proposal else JobSource.BRANCH
    if job.proposal and _unchanged(job, files):
        return JobSource.UNCHANGED
    raise SignInError(
        "This job has no credentials for Xero, and it is not for a fork: none of "
        "XERO_CLIENT_SECRET, XERO_ACCESS_TOKEN and XERO_TOKEN_COMMAND is set.",
        "Check that the secrets exist, and are spelt as in the workflow: XERO_READ_CLIENT_ID and "
        "XERO_READ_CLIENT_SECRET, or, for a folder of charts, XERO_READ_TOKEN_COMMAND or the "
        "secrets of the profiles. On GitLab, these variables must not be protected.",
    )


def forge_of(job: Job) -> Forge:
    """Return the job's repository on GitHub or GitLab.

    Raises `UsageError` outside a job of GitHub or GitLab, or if the job has no token.
    """
    if require_job(job).token is None:
        raise UsageError(
            "The job has no token.",
            "Set GITHUB_TOKEN on GitHub, or GITLAB_TOKEN on GitLab: see docs/ci.md.",
        )
    return _FORGES[job.host](job)


def changes_to_approve(
    files: Sequence[Path], read_for: Callable[[list[Path]], list[Path]], warn: Callable[[str], None]
) -> tuple[str, list[str]]:
    """Return the arguments `since` and `paths` of `Forge.earlier` for these chart files.

    `read_for` returns the files that charts depend on.
    """
    # A pattern is not a path, so "" makes every commit count as one that changes the charts.
    real = [path for path in files if path.exists() or not has_magic(str(path))]
    paths = [_path_in_repository(path) for path in (*real, *read_for(real))]
    paths = [*paths, ""] if len(real) < len(files) or not paths else paths
    # With several files, or a pattern, a journal may lack those for which nothing was applied.
    one = len(paths) == 1 and real == [*files] and not any(path.is_dir() for path in files)
    return settled_commit(RUNS, warn) if one else "", paths


def _path_in_repository(path: Path) -> str:
    """Return a path from the repository's top (the working directory), "" if outside or linked."""
    here, absolute = Path.cwd(), Path(normpath(Path.cwd() / path))
    known = absolute.is_relative_to(here) and absolute.resolve() == here.resolve() / (
        absolute.relative_to(here)
    )
    return absolute.relative_to(here).as_posix() if known else ""


def _unchanged(job: Job, files: Sequence[Path]) -> bool:
    """Whether it is certain that the job's pull request changes none of the files.

    A changed symbolic link or submodule above a file counts as a change. Only the ends of paths are
    compared, because the top of the repository can be any folder above the file.
    """
    if not files or not job.request or job.token is None:
        return False
    given = [Path(normpath(Path.cwd() / path)) for path in files]
    paths = [*given, *(path.resolve() for path in given)]
    watched = {part for path in paths for part in (path, *path.parents)}
    changed = {Path(normpath(name)) for name in forge_of(job).changed_files()}
    return len(changed) < _MOST_FILES and not any(
        _ends_with(part, path) or (part.is_dir() and part in paths and _holds(part, path))
        for path in changed
        for part in watched
    )


def _ends_with(path: Path, end: Path) -> bool:
    return path.parts[-len(end.parts) :] == end.parts


def _holds(folder: Path, path: Path) -> bool:
    """Whether a path, given from the top of the repository, may be in a folder."""
    return Path.cwd().is_relative_to(folder) or any(
        parent.name and _ends_with(folder, parent) for parent in path.parents
    )
