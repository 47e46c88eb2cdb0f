"""GitHub: comments, issues, merged pull requests with their approvals, and artifacts.

REST API 2022-11-28. What each method asks for stands in docs/ci.md as permissions.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from itertools import count, islice
from urllib.parse import quote

from xerosync.ci.api import BIGGEST, Api, Json, Missing
from xerosync.ci.forge import APPLIES, JOURNALS, LABEL, Kept, Reviewed, under_the_same_lines
from xerosync.errors import LedgerError, Refused, UsageError
from xerosync.settings import Job

_NO_STRANGERS = {"OWNER", "MEMBER", "COLLABORATOR"}
_WRITERS = {"admin", "write"}
"""What GitHub says of who may write; `maintain` is told as `write`, `triage` as `read`."""
_GAP = 3
"""After so many attempts in a row that have kept nothing, no later one is looked for."""


class GitHub:
    """One repository at GitHub, as a job sees it."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._here = f"/repos/{job.repository}"
        self._api = Api(
            "GitHub",
            job.api_url,
            {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"},
            lambda token: ("Authorization", f"Bearer {token.reveal()}"),
            job.token,
        )

    def comment(self, marker: str, body: str) -> str:
        """Write a comment on the job's pull request, over the earlier one; give its address."""
        if not self._job.request:
            raise UsageError("This job is for no pull request, so there is nothing to comment.")
        path = f"{self._here}/issues/{self._job.request}/comments"
        for found in self._api.pages(path):
            if _is_ours(found, marker):
                path = f"{self._here}/issues/comments/{found['id']}"
                return str(self._api.send("PATCH", path, {"body": body})["html_url"])
        return str(self._api.send("POST", path, {"body": body})["html_url"])

    def overwrite(self, second: str, text: str) -> str:
        """Put a text into earlier comments that have this second line; give the address."""
        address = ""
        for found in list(self._api.pages(f"{self._here}/issues/{self._job.request}/comments")):
            body = under_the_same_lines(found["body"], second, text)
            if body and _is_ours(found, ""):
                path = f"{self._here}/issues/comments/{found['id']}"
                address = str(self._api.send("PATCH", path, {"body": body})["html_url"])
        return address

    def report(self, marker: str, title: str, body: str) -> str:
        """Open an issue, or bring the open one up to date; give its address."""
        found = self._issue(marker)
        if found is None:
            new = {"title": title, "body": body, "labels": [LABEL]}
            return str(self._api.send("POST", f"{self._here}/issues", new)["html_url"])
        if found["body"] != body:
            self._api.send("PATCH", f"{self._here}/issues/{found['number']}", {"body": body})
        return str(found["html_url"])

    def resolve(self, marker: str, body: str) -> str:
        """Close the issue with a last word; give its address, "" where none is open."""
        found = self._issue(marker)
        if found is None:
            return ""
        path = f"{self._here}/issues/{found['number']}"
        self._api.send("POST", f"{path}/comments", {"body": body})
        self._api.send("PATCH", path, {"state": "closed", "state_reason": "completed"})
        return str(found["html_url"])

    def reviewed(self, kept: str) -> Reviewed:
        """Give the plan of the pull request whose merge this commit is. Raises `Refused`."""
        branch = self._merged_branch()
        commit = self._job.commit
        merged = (
            pull
            for pull in self._api.pages(f"{self._here}/commits/{commit}/pulls")
            if pull["merged_at"]
            and pull["merge_commit_sha"] == commit
            and pull["base"]["ref"] == branch
        )
        pull = next(merged, None)
        if pull is None:
            raise Refused(
                f"Commit {commit[:12]} is not the merge of a pull request into {branch}, so no "
                "reviewed plan belongs to it.",
                "Change the chart by a pull request.",
            )
        number, head = int(pull["number"]), str(pull["head"]["sha"])
        for artifact in self._artifacts(kept):
            if artifact["workflow_run"]["head_sha"] == head and self._succeeded(artifact):
                plan = self._open(artifact, "plan.json")
                reviewers, objectors = self._reviewers(number, head)
                approvers = dict.fromkeys((*reviewers, *self._deployers()))
                author = str((pull["user"] or {}).get("login", ""))
                of = f"commit {head[:12]} of pull request {number}"
                others = tuple(one for one in approvers if one != author)
                return Reviewed(of, others, plan, objectors)
        raise Refused(
            f"Pull request {number} has no plan of its last commit, {head[:12]}, that is kept.",
            "Such a plan is kept by a run on the pull request that succeeded, for as long as its "
            "artifacts. Plan and apply it with a run of its own: see again.yml in docs/ci.md.",
        )

    def earlier(self, kept: str) -> Reviewed:
        """Give the plan that an earlier job of this run has kept. Raises `Refused`."""
        branch = self._merged_branch()
        for artifact in self._artifacts(kept):
            if str(artifact["workflow_run"]["id"]) == self._job.run:
                plan = self._open(artifact, "plan.json")
                return Reviewed(f"this run on {branch}", self._deployers(), plan)
        raise Refused(
            "No earlier job of this run has kept a plan.",
            "Plan in a job before this one, with mode: plan.",
        )

    def journals(self, kept: str) -> Iterator[Kept]:
        """Give the journals that the last applies have kept, each under a name and its attempt."""
        branch = self._default_branch()
        ours = [a for a in self._attempts(kept) if a["workflow_run"]["head_branch"] == branch]
        return islice(self._journals(islice(_newest_first(ours), APPLIES)), JOURNALS)

    def _journals(self, artifacts: Iterable[Json]) -> Iterator[Kept]:
        """Read the journals; an apply that was refused has kept none."""
        for artifact in artifacts:
            text = self._member(artifact, "result.jsonl")
            if text is not None:
                moment = "".join(c for c in artifact["created_at"] if c.isalnum())
                yield Kept(f"{moment}-{int(artifact['id'])}.jsonl", text)

    def _attempts(self, kept: str) -> Iterator[Json]:
        """Give what the attempts of runs have kept: GitHub finds artifacts by their whole name."""
        without = 0
        for attempt in count(1):
            found = self._artifacts(f"{kept}-{attempt}")
            yield from found
            without = 0 if found else without + 1
            if without == _GAP:
                return

    def _default_branch(self) -> str:
        return str(self._api.get(self._here)["default_branch"])

    def _merged_branch(self) -> str:
        """Give the branch that is applied, where this job is for it. Raises `Refused`."""
        branch = self._default_branch()
        if self._job.branch != branch:
            raise Refused(
                f"This job is for {self._job.branch or 'a pull request'}, not for {branch}: "
                "nothing is applied from an unmerged branch.",
                f"Merge it; the job on {branch} then applies the plan that was reviewed.",
            )
        if self._job.attempt > 1:
            last = self._api.get(f"{self._here}/commits/{quote(branch, safe='')}")["sha"]
            if last != self._job.commit:
                raise Refused(
                    f"This is attempt {self._job.attempt} for commit {self._job.commit[:12]}, and "
                    f"{branch} has gone on to {str(last)[:12]}: what was merged since would be "
                    "undone.",
                    "Plan and apply what is left with a run of its own: see again.yml in "
                    "docs/ci.md.",
                )
        return branch

    def _issue(self, marker: str) -> Json | None:
        path = f"{self._here}/issues"
        found = self._api.pages(path, state="open", labels=LABEL)
        return next((i for i in found if "pull_request" not in i and _is_ours(i, marker)), None)

    def _reviewers(self, number: int, head: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Give whose last word on the pull request approves its last commit, and who objects.

        Whoever can read a repository can write a review: as for GitHub's own rules, only those
        count who may write. (A review's `author_association` does not tell: a member whom the
        organisation conceals looks like a stranger.)
        """
        latest: dict[str, Json] = {}
        for review in self._api.pages(f"{self._here}/pulls/{number}/reviews"):
            if review["state"] == "COMMENTED" or not review["user"]:
                continue
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
            return self._api.get(path)["permission"] in _WRITERS
        except Missing:
            return False

    def _succeeded(self, artifact: Json) -> bool:
        """Tell whether the run that kept it went well: the plan of another may be unseen."""
        run = int(artifact["workflow_run"]["id"])
        return bool(self._api.get(f"{self._here}/actions/runs/{run}")["conclusion"] == "success")

    def _deployers(self) -> tuple[str, ...]:
        """Give who has let this job go on, as reviewers of its environment, and of no other."""
        wanted = self._job.environment.casefold()
        given = self._api.get(f"{self._here}/actions/runs/{self._job.run}/approvals")
        return tuple(
            str(one["user"]["login"])
            for one in given
            if one["state"] == "approved"
            and one["user"]
            and wanted in (str(e["name"]).casefold() for e in one["environments"])
        )

    def _artifacts(self, name: str) -> list[Json]:
        """Give what runs of this repository's own branches have kept, the newest first."""
        found = [
            artifact
            for artifact in self._api.pages(f"{self._here}/actions/artifacts", name=name)
            if artifact["name"] == name
            and not artifact["expired"]
            and (run := artifact["workflow_run"])
            and run["head_repository_id"] == run["repository_id"]
        ]
        return _newest_first(found)

    def _open(self, artifact: Json, member: str) -> str:
        """Read one file of an artifact, which has to be there."""
        text = self._member(artifact, member)
        if text is None:
            raise LedgerError(f"GitHub: the artifact {artifact['name']} holds no {member}.")
        return text

    def _member(self, artifact: Json, member: str) -> str | None:
        """Read one file of an artifact, which comes as a zip; None where it is not in it."""
        data = self._api.file(f"{self._here}/actions/artifacts/{int(artifact['id'])}/zip")
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                if member not in archive.namelist():
                    return None
                if archive.getinfo(member).file_size > BIGGEST:
                    raise LedgerError(f"GitHub: {member} is larger than {BIGGEST} bytes.")
                return archive.read(member).decode()
        except (zipfile.BadZipFile, UnicodeDecodeError) as error:
            raise LedgerError(
                f"GitHub: the artifact {artifact['name']} cannot be read, or its {member} is no "
                "text."
            ) from error


def _newest_first(artifacts: Iterable[Json]) -> list[Json]:
    return sorted(artifacts, key=lambda artifact: str(artifact["created_at"]), reverse=True)


def _is_ours(found: Json, marker: str) -> bool:
    """Tell whether a page has the marker, and nobody from outside has written it."""
    known = found["author_association"] in _NO_STRANGERS
    bot = bool(found["user"]) and found["user"]["type"] == "Bot"
    return (known or bot) and (found["body"] or "").startswith(marker)
