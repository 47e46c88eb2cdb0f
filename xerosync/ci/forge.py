"""GitHub and GitLab are forges: they host repositories. This module has what both share."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from xerosync.ci.resource import Resource
from xerosync.ci.rest import RestClient
from xerosync.errors import NotConfirmed, Refused, UsageError
from xerosync.settings import Job
from xerosync.text import visible

LABEL = "xerosync-drift"
"""The label of the drift issue."""
JOURNALS = 5
"""The most journals to fetch for a single chart.

If none of these journals has a complete run, the last apply is unknown.
"""
APPLIES = 20
"""At most this many applies are searched for journals. A refused apply has no journal."""
_WAVES = ("", "-canary", "-rest")
"""The suffixes of the names under which an apply stores its journal.

For a folder of charts, the jobs `canary` and `rest` (docs/ci.md) each store a journal.
"""
_CO_AUTHOR = re.compile(
    r"^[ \t]*co-authored-by:([^<>\n]*)<([^<>\n]*)>", re.IGNORECASE | re.MULTILINE
)
_NOREPLY = re.compile(r"(?:[0-9]+-)?([^@\s]+)@users\.noreply\.[^@\s]+")
_PLANNED = re.compile(r"<!-- xerosync:plan:[^\s>]+ -->")
"""The first line of a plan's comment."""


@dataclass(frozen=True, slots=True)
class ReviewedPlan:
    """The plan of a merged pull request, or of an earlier job of this run.

    `of` says what was planned, as in "the plan of …". `approvers` approved the plan in a review or
    comment, or approved the deployment of this job. `authors` took part in the changes or started a
    run, and are never among the approvers. `objectors` requested changes, and have neither approved
    since nor had their review dismissed. `how` says what to do if nobody has approved the plan.
    """

    of: str
    approvers: tuple[str, ...]
    plan: str
    how: str
    objectors: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()

    def check_approval(self) -> None:
        """Raise `NotConfirmed` if nobody has approved the plan, or somebody objects to it."""
        if not self.approvers:
            names = _names(self.authors)
            took_part = "Whoever took part in the changes or started a run cannot approve"
            authors = f"{took_part}: {names}. " if names else ""
            raise NotConfirmed(
                f"Nobody has approved {self.of}.", f"Nothing was sent. {authors}{self.how}"
            )
        if self.objectors:
            raise NotConfirmed(
                f"{_names(self.objectors)} requested changes, but {self.of} was merged anyway.",
                "Nothing was sent. The objection counts until they approve, or their review is "
                "dismissed.",
            )

    @property
    def approved_by(self) -> str:
        """The names of the approvers, separated by commas."""
        return _names(self.approvers)


@dataclass(frozen=True, slots=True)
class SavedJournal:
    """The journal of an earlier apply. Journals sorted by name are in the order of time."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Spelling:
    """The names that GitHub or GitLab uses in its API and on its pages.

    `request` is its name for a pull request. `text`, `number` and `address` are names of fields of
    an issue. `labels` is the value of an issue's field `labels`. `edit` is the HTTP method that
    changes an issue or a comment. `comments` is the last part of the path of an issue's comments.
    `opened` is the state of an open issue. `closed` are the fields that close an issue.
    """

    request: str
    text: str
    number: str
    address: str
    edit: str
    comments: str
    opened: str
    closed: Mapping[str, str]
    labels: str | list[str]


class Forge(ABC):
    """The repository of a job. Every method may raise `AccessDenied` or `LedgerError`.

    The methods find a comment or an issue by its hidden first lines. They look only at comments and
    issues by the user of the job's token.
    """

    spelling: Spelling
    result_name: str
    """The default name of what holds the journals: the artifact on GitHub, the job on GitLab."""

    def __init__(
        self, job: Job, client: RestClient, repository: str, comments: tuple[str, str]
    ) -> None:
        self._job = job
        self._client = client
        self._here = repository
        self._comments, self._comment = (f"{repository}{path}" for path in comments)

    def comment(self, marker: str, body: str, second: str = "") -> str:
        """Write the comment with this marker on the job's pull request; return its address.

        Overwrite an earlier comment that has this marker or, if `second` is given, an earlier plan
        that has this second line. On GitLab, the address is that of the merge request. Raises
        `UsageError` if the job is not for a pull request.
        """
        if not self._job.request:
            raise UsageError(
                f"This job is not for a {self.spelling.request}: there is nothing to comment on.",
                f"Run `xerosync ci comment` only in jobs for a {self.spelling.request}.",
            )
        for found in self._client.pages(self._comments):
            text = found.text_or_empty("body")
            if self._is_ours(found, text, marker) or self._is_plan_of(found, text, second):
                return self._edit_comment(found, body)
        return self._address_of(self._client.send("POST", self._comments, {"body": body}))

    def overwrite(self, second: str, text: str) -> str:
        """Replace the text of all earlier plan comments that have this second line.

        Return the address of the last of these comments, "" if there is none.
        """
        address = ""
        for found in list(self._client.pages(self._comments)):
            before = found.text_or_empty("body")
            if self._is_plan_of(found, before, second):
                first = before.splitlines()[0]
                address = self._edit_comment(found, f"{first}\n{second}\n\n{text}")
        return address

    def report(self, marker: str, title: str, body: str) -> str:
        """Open an issue, or update the open issue with this marker; return its address."""
        spelling, path = self.spelling, f"{self._here}/issues"
        found = self._issue(marker)
        if found is None:
            new = {"title": title, spelling.text: body, "labels": spelling.labels}
            found = self._client.send("POST", path, new)
        elif found.text_or_empty(spelling.text) != body:
            path = f"{path}/{found.number(spelling.number)}"
            self._client.send(spelling.edit, path, {spelling.text: body})
        return found.text(spelling.address)

    def resolve(self, marker: str, body: str) -> str:
        """Comment on and close the issue with this marker; return its address, "" if none."""
        found, spelling = self._issue(marker), self.spelling
        if found is None:
            return ""
        path = f"{self._here}/issues/{found.number(spelling.number)}"
        self._client.send("POST", f"{path}/{spelling.comments}", {"body": body})
        self._client.send(spelling.edit, path, dict(spelling.closed))
        return found.text(spelling.address)

    @abstractmethod
    def changed_files(self) -> Iterator[str]:
        """Yield the paths that the job's pull request changes; for a moved file, both paths."""

    @abstractmethod
    def is_current(self) -> bool:
        """Whether the job's `head` is still the last commit of its pull request."""

    @abstractmethod
    def reviewed(self, name: str, workflows: tuple[str, ...] = ()) -> ReviewedPlan:
        """Return the plan of the pull request that this commit merges.

        `name` is the name of the stored plan. `workflows` are the files of the workflows that may
        have made it; GitLab ignores them. Raises `Refused` without a plan that is safe to apply.
        """

    @abstractmethod
    def earlier(
        self,
        name: str,
        workflows: tuple[str, ...] = (),
        since: str = "",
        paths: Sequence[str] = ("",),
    ) -> ReviewedPlan:
        """Return the plan that an earlier job of this run stored under a name.

        `workflows` are the files of the workflows that plan pull requests. `since` is the commit of
        the last apply that left nothing to do, "" if it is unknown. Whoever wrote a commit after
        `since` is an author of the plan. If `since` is "", whoever wrote a commit that changes one
        of the `paths` is an author; a path of "" means all commits.

        Raises `Refused` without a plan that is safe to apply. On GitLab, raises `UsageError`.
        """

    def journals(
        self, name: str, workflows: tuple[str, ...] = (), *, many: bool = False
    ) -> Iterator[SavedJournal]:
        """Yield the journals that the last applies of the default branch stored under a name.

        `workflows` are the files of the workflows that may have made them; GitLab ignores them. Set
        `many` for a folder of charts, because one apply may cover only some of them. The result
        then has more journals, including those of the jobs `canary` and `rest` (`in_waves`).
        """
        names = in_waves(name) if many else (name,)
        found = self._journals(self._default_branch(), names, workflows)
        return islice(found, APPLIES if many else JOURNALS)

    @abstractmethod
    def _journals(
        self, branch: str, names: tuple[str, ...], workflows: tuple[str, ...]
    ) -> Iterator[SavedJournal]:
        """Yield the journals of the last `APPLIES` applies; a refused apply has none."""

    @abstractmethod
    def _is_ours(self, found: Resource, text: str, marker: str) -> bool:
        """Whether a comment or issue has the marker and is by the user of this job's token."""

    def _is_plan_of(self, found: Resource, text: str, second: str) -> bool:
        """Whether a comment was written for a plan, has this second line and is by this job's user.

        The first line may name any organisations: the plan of another commit may be for others.
        """
        first, *others = text.splitlines()[:2] or [""]
        planned = _PLANNED.fullmatch(first) and second and others == [second]
        return bool(planned) and self._is_ours(found, first, "")

    def _edit_comment(self, found: Resource, body: str) -> str:
        path = f"{self._comment}/{found.number('id')}"
        return self._address_of(self._client.send(self.spelling.edit, path, {"body": body}))

    def _address_of(self, comment: Resource) -> str:
        return comment.text(self.spelling.address)

    def _issue(self, marker: str) -> Resource | None:
        found = self._client.pages(f"{self._here}/issues", state=self.spelling.opened, labels=LABEL)
        for issue in found:
            text = issue.text_or_empty(self.spelling.text)
            # GitHub lists pull requests as issues.
            if "pull_request" not in issue.fields and self._is_ours(issue, text, marker):
                return issue
        return None

    def _default_branch(self) -> str:
        return self._client.get(self._here).text("default_branch")

    def _applied_branch(self) -> str:
        """Return the default branch. Raises `Refused` if the job is not for it."""
        branch = self._default_branch()
        if self._job.branch != branch:
            if not (self._job.branch or self._job.proposal or self._job.request):
                raise Refused(
                    f"This job is for a tag, not for {branch}: nothing is applied from a tag.",
                    f"Let only jobs on {branch} apply: the one after the merge of a "
                    f"{self.spelling.request} applies the reviewed plan.",
                )
            raise Refused(
                f"This job is for {self._job.branch or f'a {self.spelling.request}'}, not for "
                f"{branch}: nothing is applied from an unmerged branch.",
                f"Merge the {self.spelling.request}; the job on {branch} then applies the reviewed "
                "plan.",
            )
        return branch

    def _not_a_merge(self, branch: str) -> Refused:
        return Refused(
            f"Commit {self._job.commit[:12]} is not the merge of a {self.spelling.request} into "
            f"{branch}, so it has no reviewed plan.",
            f"Change the chart through a {self.spelling.request}.",
        )


def in_waves(name: str) -> tuple[str, ...]:
    """Return the names under which an apply and the jobs `canary` and `rest` store journals."""
    return tuple(f"{name}{wave}" for wave in _WAVES)


def other_than(authors: Iterable[str], logins: Iterable[str]) -> tuple[str, ...]:
    """Return the `logins` that are not among the authors, without duplicates."""
    left_out = {author.casefold() for author in authors}
    return tuple(one for one in dict.fromkeys(logins) if one.casefold() not in left_out)


def co_authors(message: str) -> tuple[tuple[str, str], ...]:
    """Return the name and the mail address of each co-author in a commit's message."""
    return tuple((name.strip(), address.strip()) for name, address in _CO_AUTHOR.findall(message))


def username_of(address: str) -> str:
    """Return the username in a `users.noreply` address, in lower case; "" for another address."""
    found = _NOREPLY.fullmatch(address.casefold())
    return found[1] if found else ""


def _names(logins: tuple[str, ...]) -> str:
    return ", ".join(visible(login) for login in logins)
