"""Whether the chart file is in a Git repository, and committed."""

from __future__ import annotations

from xerosync.doctor.diagnosis import Check, Fact, Subject
from xerosync.doctor.tracked import Tracking
from xerosync.organisations.safe_git import TRUST

GIT = Subject("git", "Git")


def check_git(found: Tracking, file: str) -> Check:
    """Check whether a chart file ("" if there is none) is under version control and committed."""
    facts: dict[str, Fact] = {
        "installed": found.installed,
        "repository": found.repository,
        "tracked": found.tracked,
        "committed": found.committed,
    }
    if not found.installed or not found.repository:
        return GIT.warn(*_without_repository(found), facts, private=bool(found.refused))
    if not file:
        return GIT.ok("this folder is in a repository", facts)
    if not found.tracked:
        return GIT.warn(
            f"{file} is not tracked.", "Add it with `git add`, and commit it.", facts, private=True
        )
    if not found.committed:
        return GIT.warn(
            f"{file} has changes that are not committed.",
            "Commit them before you apply: the journal names the commit.",
            facts,
            private=True,
        )
    return GIT.ok(f"{file} is tracked and committed", facts, private=True)


def _without_repository(found: Tracking) -> tuple[str, str]:
    """Return why no repository can be used, and what to do."""
    if not found.installed:
        return (
            "Git is not installed.",
            "Install it, to review changes of the file and for `--select changed:…`.",
        )
    if found.refused:
        return (
            f"Git does not read the repository of this folder: {found.refused}",
            f"It belongs to another user; {TRUST}"
            if "dubious ownership" in found.refused
            else "Run `git status` here, and fix what it reports.",
        )
    return (
        "This folder is not in a Git repository.",
        "`git init` makes it one: each change of the file can then be reviewed and undone.",
    )
