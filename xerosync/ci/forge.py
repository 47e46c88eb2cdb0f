"""The port: what a CI job needs of the place where its repository is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

PLANNED = re.compile(r"<!-- xerosync:plan:[^\s>]+ -->")
"""The first line of a plan's comment."""
LABEL = "xerosync-drift"
"""The issue on drift has it, and is looked for among those that do."""
JOURNALS = 5
"""So many journals are fetched: the last whole run is among them, or it is too long ago."""
APPLIES = 20
"""So many applies are looked through for them: those that were refused have kept none."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A plan as it was reviewed: that of a merged pull request, or of a job of this run.

    `of` says which; `approvers` have approved its last commit, or let this job go on. Who wrote
    the pull request is none of them. `objectors` have asked for changes, as their last word.
    """

    of: str
    approvers: tuple[str, ...]
    plan: str
    objectors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """The journal of an earlier apply; later ones have names that sort behind."""

    name: str
    text: str


def under_the_same_lines(body: str | None, second: str, text: str) -> str:
    """Give a plan's comment with another text, "" where it is none or of other chart files."""
    lines = (body or "").splitlines()[:2]
    ours = len(lines) > 1 and PLANNED.fullmatch(lines[0]) and lines[1] == second
    return f"{lines[0]}\n{second}\n\n{text}" if ours else ""


class Forge(Protocol):
    """One repository. Every method may raise an `AccessDenied` or a `LedgerError`.

    A page is found again by its hidden first line, and only where the one who wrote it is no
    stranger to the repository.
    """

    def comment(self, marker: str, body: str) -> str:
        """Write a comment on the job's pull request, over the earlier one; give its address."""
        ...

    def overwrite(self, second: str, text: str) -> str:
        """Put a text under the two hidden lines of earlier comments on the job's pull request.

        They are those of a plan whose second line is `second`. Gives the address of the last
        one, "" where there is none.
        """
        ...

    def report(self, marker: str, title: str, body: str) -> str:
        """Open an issue, or bring the open one up to date; give its address."""
        ...

    def resolve(self, marker: str, body: str) -> str:
        """Close the issue with a last word; give its address, "" where none is open."""
        ...

    def reviewed(self, kept: str) -> Reviewed:
        """Give the plan, kept under a name, of the pull request whose merge this commit is.

        Raises `Refused` for a commit that is on another branch, or is no merge.
        """
        ...

    def earlier(self, kept: str) -> Reviewed:
        """Give the plan that an earlier job of this run has kept.

        Raises `Refused` where this run is for another branch than the one that is applied.
        """
        ...

    def journals(self, kept: str) -> Iterator[Kept]:
        """Give the journals that the last applies of the default branch have kept under a name."""
        ...
