"""Who has approved a plan on GitHub, by a review, by a comment, or by approving a deployment."""

from __future__ import annotations

from urllib.parse import quote

from xerosync.ci.resource import Resource
from xerosync.ci.rest import RestClient
from xerosync.errors import NotFound
from xerosync.settings import Job

_WRITERS = {"admin", "write"}
"""The permissions that include writing. GitHub reports `maintain` as `write`."""


class Approvers:
    """Finds who approved a plan and was allowed to; the caller leaves out the plan's authors."""

    def __init__(self, client: RestClient, job: Job) -> None:
        self._client = client
        self._job = job
        self._here = f"/repos/{job.repository}"

    def reviewers(self, number: int, head: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return who approves the last commit of a pull request, and who requests changes.

        Only the last review of each person counts. A review that only comments is ignored. As in
        GitHub's own rules, the reviewer must be allowed to write to the repository: everybody who
        can read the repository can review. A review's `author_association` does not say who may
        write, because it does not show private members of an organisation.
        """
        latest: dict[str, Resource] = {}
        for review in self._client.pages(f"{self._here}/pulls/{number}/reviews"):
            if review.text("state") != "COMMENTED" and (user := review.part_or_none("user")):
                latest[user.login("login")] = review
        good, bad = [], []
        for login, last in latest.items():
            state, commit = last.text("state"), last.text_or_empty("commit_id")
            if state == "APPROVED" and commit == head and self._may_write(login):
                good.append(login)
            elif state == "CHANGES_REQUESTED" and self._may_write(login):
                bad.append(login)
        return tuple(good), tuple(bad)

    def _may_write(self, login: str) -> bool:
        try:
            path = f"{self._here}/collaborators/{quote(login, safe='')}/permission"
            return self._client.get(path).text("permission") in _WRITERS
        except NotFound:
            return False

    def commenters(self, line: str) -> tuple[str, ...]:
        """Return those with write access who posted this line as a comment on this job's commit.

        The line must be the whole comment: a longer one may quote it and object. An edited comment
        does not count, because everybody who may write can edit the comments of others.
        """
        path = f"{self._here}/commits/{self._job.commit}/comments"
        found = dict.fromkeys(
            user.login("login")
            for one in self._client.pages(path)
            if (user := one.part_or_none("user"))
            and one.text("created_at") == one.text("updated_at")
            and one.text_or_empty("body").strip().strip("`").strip() == line
        )
        return tuple(login for login in found if self._may_write(login))

    def deployers(self) -> tuple[str, ...]:
        """Return who approved the deployment of this job to its environment.

        GitHub does not say which attempt somebody approved, so the result is () in a re-run.
        """
        if self._job.attempt > 1:
            return ()
        wanted = self._job.environment.casefold()
        return tuple(
            user.login("login")
            for one in self._client.pages(f"{self._here}/actions/runs/{self._job.run}/approvals")
            if one.text("state") == "approved"
            and (user := one.part_or_none("user"))
            and wanted in (e.text("name").casefold() for e in one.parts("environments"))
        )
