"""The authors of the changes that a job on GitHub would apply. They must not approve the plan."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from xerosync.ci.forge import other_than
from xerosync.ci.resource import Resource
from xerosync.ci.rest import RestClient
from xerosync.errors import LedgerError, Refused
from xerosync.settings import Job

WORKFLOWS = ".github/workflows/{}"
_LISTED = 250
"""GitHub lists at most this many commits of a pull request."""
_MOST = 300
"""Authors are looked up for at most this many commits on the branch.

Each commit may take three calls, and GitHub allows a repository's jobs 1,000 calls an hour.
"""
_GITHUB = "web-flow"
"""The committer of commits that people make on GitHub's web pages, by a merge or an edit."""
_NOBODY = ("", _GITHUB)
_ANOTHER = (
    "In another pull request, change every chart that is not yet applied in full: the new plan has "
    "what is left. In a folder of charts, change a tag or an account's value, not just a comment."
)
_AUTHORS = (
    "query($owner: String!, $name: String!, $commit: GitObjectID!) "
    "{ repository(owner: $owner, name: $name) { object(oid: $commit) { ... on Commit "
    "{ authors(first: 100) { pageInfo { hasNextPage } nodes { user { login } } } } } } }"
)


class Authors:
    """Finds the GitHub accounts of the people who wrote, committed, pushed or proposed commits."""

    def __init__(self, client: RestClient, job: Job) -> None:
        self._client = client
        self._job = job
        self._here = f"/repos/{job.repository}"

    def of_pull(self, pull: Resource, workflows: Collection[str]) -> tuple[str, ...]:
        """Return who opened a pull request, or wrote, committed or pushed any of its commits.

        Raises `Refused` if the pull request may have more commits than GitHub lists.
        """
        number = pull.number("number")
        commits = list(self._client.pages(f"{self._here}/pulls/{number}/commits"))
        if len(commits) >= _LISTED:
            raise Refused(
                f"Pull request {number} has {_LISTED} commits or more: GitHub does not list the "
                "authors of all of them.",
                _ANOTHER,
            )
        opened = login_of(pull.part_or_none("user"))
        pushed = self._pushers(pull, {one.commit("sha") for one in commits}, workflows)
        return other_than(_NOBODY, (opened, *self.of_commits(commits), *pushed))

    def of_commits(self, commits: Iterable[Resource]) -> tuple[str, ...]:
        """Return who wrote or committed these commits; co-authors count as authors."""
        people: list[str] = []
        for one in commits:
            people += (
                login_of(one.part_or_none("author")),
                login_of(one.part_or_none("committer")),
            )
            people += self._co_authors(one.commit("sha"), one.part("commit").text("message"))
        return other_than(_NOBODY, people)

    def of_changes(
        self, since: str, paths: Sequence[str], branch: str, workflows: Collection[str]
    ) -> tuple[str, ...]:
        """Return the authors of the commits after the commit `since`, and of their pull requests.

        If `since` is "", take all commits that change one of the paths. If one of the paths is also
        "", take all commits. Raises `Refused` for more than `_MOST` commits.
        """
        commits: dict[str, Resource] = {}
        for one in self._commits(since, paths):
            commits[one.commit("sha")] = one
            if len(commits) > _MOST:
                raise Refused(
                    f"More than {_MOST} commits may have changes that were not applied yet: "
                    "xerosync does not look up the authors of so many.",
                    _ANOTHER,
                )
        pulls: dict[int, Resource] = {}
        for sha in commits:
            for pull in self._client.pages(f"{self._here}/commits/{sha}/pulls"):
                if pull.text_or_empty("merged_at") and pull.part("base").text("ref") == branch:
                    pulls[pull.number("number")] = pull
        merges = {pull.text_or_empty("merge_commit_sha") for pull in pulls.values()}
        own = [
            one
            for sha, one in commits.items()
            # Leave out merges made on GitHub's web pages: their author only pressed "Merge".
            if sha not in merges or login_of(one.part_or_none("committer")) != _GITHUB
        ]
        people = [person for pull in pulls.values() for person in self.of_pull(pull, workflows)]
        return other_than((), (*people, *self.of_commits(own)))

    def _commits(self, since: str, paths: Sequence[str]) -> Iterator[Resource]:
        """Yield the commits for `of_changes`; a commit that changes several paths may recur."""
        commit = self._job.commit
        if since:
            path = f"{self._here}/compare/{since}...{commit}"
            yield from self._client.pages(path, within="commits")
            return
        for path in (paths if all(paths) else ()) or ("",):
            only = {"path": path} if path else {}
            yield from self._client.pages(f"{self._here}/commits", sha=commit, **only)

    def _pushers(
        self, pull: Resource, commits: Collection[str], workflows: Collection[str]
    ) -> list[str]:
        """Return who pushed any of the commits: each push starts a run, which names the pusher.

        Only runs of `workflows`, which plan pull requests, count. The commits do not say who
        pushed them: their names and addresses need not belong to a GitHub account.
        """
        known = set(map(WORKFLOWS.format, workflows))
        runs = self._client.pages(
            f"{self._here}/actions/runs",
            within="workflow_runs",
            branch=pull.part("head").text("ref"),
            event="pull_request",
            created=f">={pull.text('created_at')}",
        )
        return [
            login_of(run.part_or_none("actor"))
            for run in runs
            if run.commit("head_sha") in commits and run.text("path").partition("@")[0] in known
        ]

    def _co_authors(self, commit: str, message: str) -> tuple[str, ...]:
        """Return the accounts of a commit's authors if its message names co-authors, otherwise ().

        The message names a co-author only by name and address. Only GitHub's GraphQL API says which
        account has the address. An author without an account cannot approve, and is returned as "".
        """
        if "co-authored-by:" not in message.casefold():
            return ()
        owner, _, name = self._job.repository.partition("/")
        answer = graphql(
            self._client, self._job, _AUTHORS, {"owner": owner, "name": name, "commit": commit}
        )
        if answer.fields.get("errors"):
            raise LedgerError(
                f"GitHub did not say who the co-authors of commit {commit[:12]} are.",
                "The job's token needs `contents: read`.",
            )
        authors = answer.part("data").part("repository").part("object").part("authors")
        if authors.part("pageInfo").flag("hasNextPage"):
            raise LedgerError(
                f"Commit {commit[:12]} has more than 100 authors, and xerosync reads no more.",
                _ANOTHER,
            )
        return tuple(login_of(one.part_or_none("user")) for one in authors.parts("nodes"))


def graphql(
    client: RestClient, job: Job, query: str, variables: dict[str, str] | None = None
) -> Resource:
    """Send a query to GitHub's GraphQL API, and return the answer."""
    url = f"{job.api_url.removesuffix('/v3')}/graphql"
    return client.send("POST", url, {"query": query, "variables": variables or {}})


def login_of(person: Resource | None) -> str:
    """Return the username of a person, "" for None."""
    return person.login("login") if person else ""
