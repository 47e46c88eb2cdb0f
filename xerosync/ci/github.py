"""GitHub: comments, issues, merged pull requests with their approvals, and artifacts.

REST API 2022-11-28. docs/ci.md lists the permissions that these calls need.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from itertools import count, islice
from urllib.parse import quote

from xerosync.ci.forge import (
    APPLIES,
    JOURNALS,
    LABEL,
    Forge,
    ReviewedPlan,
    SavedJournal,
    Spelling,
    other_than,
)
from xerosync.ci.rest import BIGGEST, Json, NotFound, RestClient
from xerosync.errors import LedgerError, Refused
from xerosync.plan.serialize import digest_of, loads
from xerosync.settings import Job

_MEMBERS = {"OWNER", "MEMBER", "COLLABORATOR"}
_WRITERS = {"admin", "write"}
"""The permissions of those who may write; GitHub reports `maintain` as `write`."""
_WORKFLOWS = ".github/workflows/{}"
_PLAN_WORKFLOWS = ("plan.yml", "xerosync-plan.yml")
"""What the workflow that plans pull requests is called in ci/github/, and by `xerosync init`."""
_FAILED = ("xerosync-plan", "xerosync-failed-plan")
"""How the action renames the artifact of a plan job that fails."""
_GAP = 3
"""The search stops after this many attempts in a row without an artifact."""


class GitHub(Forge):
    """One repository on GitHub. Plans and journals are stored as artifacts."""

    spelling = Spelling(
        request="pull request", text="body", number="number", address="html_url", edit="PATCH",
        comments="comments", opened="open",
        closed={"state": "closed", "state_reason": "completed"}, labels=[LABEL],
    )  # fmt: skip
    result_name = "xerosync-result"

    def __init__(self, job: Job) -> None:
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        token = ("Authorization", "Bearer ", job.token)
        client = RestClient("GitHub", job.api_url, headers, token)
        comments = (f"/issues/{job.request}/comments", "/issues/comments")
        super().__init__(job, client, f"/repos/{job.repository}", comments)

    def changed_files(self) -> Iterator[str]:
        """Return the paths that the job's pull request changes, before and after a move."""
        for one in self._client.pages(f"{self._here}/pulls/{self._job.request}/files"):
            yield str(one["filename"])
            yield str(one.get("previous_filename") or one["filename"])

    def reviewed(self, name: str, workflows: tuple[str, ...] = ()) -> ReviewedPlan:
        """Return the plan of the pull request that this commit merges."""
        branch = self._applied_branch()
        pull = self._merged(branch)
        if pull is None:
            raise self._not_a_merge(branch)
        number, head = int(pull["number"]), str(pull["head"]["sha"])
        found = self._planned(name, head, workflows or _PLAN_WORKFLOWS)
        if found:
            artifact, run = found
            reviewers, objectors = self._reviewers(number, head)
            authors = self._authors(pull, str((run["actor"] or {}).get("login", "")))
            return ReviewedPlan(
                f"commit {head[:12]} of pull request {number}",
                other_than(authors, (*reviewers, *self._deployers())),
                self._open(artifact, "plan.json"),
                objectors,
                authors,
            )
        raise Refused(
            f"There is no saved plan for the last commit of pull request {number}, {head[:12]}.",
            "A successful run on the pull request saves one, for as long as artifacts are kept. "
            "Plan and apply it in a separate run: see again.yml in docs/ci.md.",
        )

    def earlier(self, name: str) -> ReviewedPlan:
        """Return the plan of an earlier job of this run, approved as a deployment."""
        branch = self._applied_branch()
        for artifact in self._artifacts(name):
            if str(artifact["workflow_run"]["id"]) == self._job.run:
                plan = self._open(artifact, "plan.json")
                line = f"approve {digest_of(loads(plan, 'The plan of this run'))}"
                authors = self._authors(self._merged(branch))
                approvers = (*self._deployers(), *self._commenters(line))
                return ReviewedPlan(
                    f"this run on {branch}",
                    other_than(authors, approvers),
                    plan,
                    authors=authors,
                    how="A reviewer of the environment approves it, or somebody who may write to "
                    f"the repository comments `{line}` on commit {self._job.commit[:12]}. Then "
                    "run the failed job again.",
                )
        raise Refused(
            "No earlier job of this run has saved a plan.",
            "Plan in a job before this one, with mode: plan.",
        )

    def journals(self, name: str) -> Iterator[SavedJournal]:
        """Return the journals of the last applies; the attempt ends each artifact's name."""
        branch = self._default_branch()
        ours = [a for a in self._attempts(name) if a["workflow_run"]["head_branch"] == branch]
        return islice(self._journals(islice(_newest_first(ours), APPLIES)), JOURNALS)

    def _journals(self, artifacts: Iterable[Json]) -> Iterator[SavedJournal]:
        """Read the journals; a refused apply has none."""
        for artifact in artifacts:
            text = self._member(artifact, "result.jsonl")
            if text is not None:
                moment = "".join(c for c in artifact["created_at"] if c.isalnum())
                yield SavedJournal(f"{moment}-{int(artifact['id'])}.jsonl", text)

    def _attempts(self, name: str) -> Iterator[Json]:
        """Return the artifacts of all attempts: GitHub finds artifacts only by their whole name."""
        without = 0
        for attempt in count(1):
            found = self._artifacts(f"{name}-{attempt}")
            yield from found
            without = 0 if found else without + 1
            if without == _GAP:
                return

    def _applied_branch(self) -> str:
        """Return the default branch. Raises `Refused` for a re-run after later merges too."""
        branch = super()._applied_branch()
        if self._job.attempt > 1:
            path = f"{self._here}/commits/{quote(branch, safe='')}"
            last = str(self._client.get(path)["sha"])
            if last != self._job.commit:
                raise Refused(
                    f"This is attempt {self._job.attempt} for commit {self._job.commit[:12]}, and "
                    f"{branch} has since moved to {last[:12]}: applying this would undo later "
                    "merges.",
                    "Plan and apply what is left in a separate run: see again.yml in docs/ci.md.",
                )
        return branch

    def _reviewers(self, number: int, head: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return who approves the last commit of a pull request, and who requests changes.

        Only the last review of each person counts, and only of those who may write, as in
        GitHub's own rules: anybody who can read a repository can review. (A review's
        `author_association` is not enough: it does not show private members of an organisation.)
        """
        latest: dict[str, Json] = {}
        for review in self._client.pages(f"{self._here}/pulls/{number}/reviews"):
            if review["state"] != "COMMENTED" and review["user"]:
                latest[str(review["user"]["login"])] = review
        good, bad = [], []
        for login, last in latest.items():
            if last["state"] == "APPROVED" and last["commit_id"] == head and self._may_write(login):
                good.append(login)
            elif last["state"] == "CHANGES_REQUESTED" and self._may_write(login):
                bad.append(login)
        return tuple(good), tuple(bad)

    def _may_write(self, login: str) -> bool:
        try:
            path = f"{self._here}/collaborators/{quote(login, safe='')}/permission"
            return self._client.get(path)["permission"] in _WRITERS
        except NotFound:
            return False

    def _merged(self, branch: str) -> Json | None:
        """Return the pull request that this job's commit merges into the branch, if any."""
        commit = self._job.commit
        for pull in self._client.pages(f"{self._here}/commits/{commit}/pulls"):
            ours = pull["merge_commit_sha"] == commit and pull["base"]["ref"] == branch
            if pull["merged_at"] and ours:
                return pull
        return None

    def _authors(self, pull: Json | None, pusher: str = "") -> tuple[str, ...]:
        """Return who opened a pull request, and who wrote, committed or pushed its last commit.

        Without one, return the author and committer of this job's commit. Whoever merges a
        pull request is not its author.
        """
        head = str(pull["head"]["sha"]) if pull else self._job.commit
        commit = self._client.get(f"{self._here}/commits/{head}")
        people = (pull["user"] if pull else None, commit["author"], commit["committer"])
        logins = (str(one.get("login", "")) for one in people if one)
        return other_than(("", "web-flow"), (*logins, pusher))

    def _planned(
        self, name: str, head: str, workflows: tuple[str, ...]
    ) -> tuple[Json, Json] | None:
        """Return the artifact of the last plan of a commit, with the run that made it.

        None if a later job failed: its comment says that there is no plan. Other jobs of the run,
        such as those of other organisations, may fail.
        """
        failed = self._artifacts(name.replace(*_FAILED, 1))
        for artifact in _newest_first([*self._artifacts(name), *failed]):
            if artifact["workflow_run"]["head_sha"] != head:
                continue
            run = self._client.get(
                f"{self._here}/actions/runs/{int(artifact['workflow_run']['id'])}"
            )
            file = str(run["path"]).partition("@")[0]
            if run["event"] == "pull_request" and file in map(_WORKFLOWS.format, workflows):
                return (artifact, run) if artifact["name"] == name else None
        return None

    def _commenters(self, line: str) -> tuple[str, ...]:
        """Return who may write and has commented a line on this job's commit.

        A comment that was edited does not count: others who may write can edit it.
        """
        path = f"{self._here}/commits/{self._job.commit}/comments"
        found = dict.fromkeys(
            str(one["user"]["login"])
            for one in self._client.pages(path)
            if one["user"]
            and one["created_at"] == one["updated_at"]
            and line in map(str.strip, (one["body"] or "").splitlines())
        )
        return tuple(login for login in found if self._may_write(login))

    def _deployers(self) -> tuple[str, ...]:
        """Return who approved the deployment of this job to its environment."""
        wanted = self._job.environment.casefold()
        return tuple(
            str(one["user"]["login"])
            for one in self._client.get(f"{self._here}/actions/runs/{self._job.run}/approvals")
            if one["state"] == "approved"
            and one["user"]
            and wanted in (str(e["name"]).casefold() for e in one["environments"])
        )

    def _artifacts(self, name: str) -> list[Json]:
        """Return the artifacts of runs on the repository's own branches, newest first."""
        return _newest_first(
            artifact
            for artifact in self._client.pages(f"{self._here}/actions/artifacts", name=name)
            if artifact["name"] == name
            and not artifact["expired"]
            and (run := artifact["workflow_run"])
            and run["head_repository_id"] == run["repository_id"]
        )

    def _open(self, artifact: Json, member: str) -> str:
        """Return the text of a file that must be in an artifact."""
        text = self._member(artifact, member)
        if text is None:
            raise LedgerError(f"GitHub: the artifact {artifact['name']} has no {member}.")
        return text

    def _member(self, artifact: Json, member: str) -> str | None:
        """Return the text of a file in an artifact, which is a zip; None if it is not there."""
        data = self._client.file(f"{self._here}/actions/artifacts/{int(artifact['id'])}/zip")
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                if member not in archive.namelist():
                    return None
                if archive.getinfo(member).file_size > BIGGEST:
                    raise LedgerError(f"GitHub: {member} is larger than {BIGGEST} bytes.")
                return archive.read(member).decode()
        except (zipfile.BadZipFile, UnicodeDecodeError) as error:
            raise LedgerError(
                f"GitHub: cannot read the artifact {artifact['name']}, or its {member} is not text."
            ) from error

    def _is_ours(self, found: Json, text: str | None, marker: str) -> bool:
        member = found["author_association"] in _MEMBERS
        bot = bool(found["user"]) and found["user"]["type"] == "Bot"
        return (member or bot) and (text or "").startswith(marker)


def _newest_first(artifacts: Iterable[Json]) -> list[Json]:
    return sorted(artifacts, key=lambda artifact: str(artifact["created_at"]), reverse=True)
