"""GitLab: notes on merge requests, issues, approvals, and artifacts of jobs (API v4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice
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
from xerosync.ci.rest import Json, NotFound, RestClient
from xerosync.errors import LedgerError, Refused, UsageError
from xerosync.settings import Job

_SOURCE = "merge_request_event"


class GitLab(Forge):
    """One project on GitLab. Plans and journals are stored as artifacts of jobs."""

    spelling = Spelling(
        request="merge request", text="description", number="iid", address="web_url", edit="PUT",
        comments="notes", opened="opened", closed={"state_event": "close"},
        labels=LABEL,
    )  # fmt: skip
    result_name = "xerosync-apply"

    def __init__(self, job: Job) -> None:
        client = RestClient("GitLab", job.api_url, {}, ("PRIVATE-TOKEN", "", job.token))
        notes = f"/merge_requests/{job.request}/notes"
        super().__init__(job, client, f"/projects/{quote(job.repository, safe='')}", (notes, notes))

    def changed_files(self) -> Iterator[str]:
        """Return the paths that the job's merge request changes, before and after a move."""
        for one in self._client.pages(f"{self._here}/merge_requests/{self._job.request}/diffs"):
            yield from (str(one["old_path"]), str(one["new_path"]))

    def reviewed(self, name: str, workflows: tuple[str, ...] = ()) -> ReviewedPlan:  # noqa: ARG002
        """Return the plan of the merge request that this commit merges."""
        branch = self._applied_branch()
        commit = self._job.commit
        self._refuse_rerun(branch)
        path = f"{self._here}/repository/commits/{commit}/merge_requests"
        merged = (
            request
            for request in self._client.pages(path)
            if request["state"] == "merged"
            and request["target_branch"] == branch
            and commit
            in (request["merge_commit_sha"], request["squash_commit_sha"], request["sha"])
        )
        found = next(merged, None)
        if found is None:
            raise self._not_a_merge(branch)
        number = int(found["iid"])
        path = f"{self._here}/merge_requests/{number}"
        request = self._client.get(path)
        plan = self._plan(request, name)
        approvals = self._client.get(f"{path}/approvals")["approved_by"]
        names = (str(one["user"]["username"]) for one in approvals)
        people = (request["author"], request["head_pipeline"].get("user"))
        authors = other_than((), (str(one["username"]) for one in people if one))
        of = f"commit {str(request['sha'])[:12]} of merge request {number}"
        return ReviewedPlan(of, other_than(authors, names), plan, authors=authors)

    def earlier(self, name: str) -> ReviewedPlan:
        """Raise `UsageError`: on GitLab, an earlier job passes its plan to this one as a file."""
        raise UsageError(
            "On GitLab, an earlier job passes its plan to this one as a file.",
            f"Name {name} under `needs`, and apply the file.",
        )

    def journals(self, name: str) -> Iterator[SavedJournal]:
        """Return the journals of the last applies, found by the deployments of the job.

        "The artifacts of a branch" are those of its last successful pipeline, which may be a
        nightly one.
        """
        branch = self._default_branch()
        found = self._client.pages(f"{self._here}/deployments", order_by="id", sort="desc")
        jobs = (
            int(one["deployable"]["id"])
            for one in found
            if one["ref"] == branch and one["deployable"] and one["deployable"]["name"] == name
        )
        return islice(self._journals(islice(jobs, APPLIES)), JOURNALS)

    def _journals(self, jobs: Iterable[int]) -> Iterator[SavedJournal]:
        """Read the journals; a refused apply has none."""
        for job in jobs:
            path = f"{self._here}/jobs/{job}/artifacts/result.jsonl"
            try:
                yield SavedJournal(f"00000000T000000Z-{job:020}.jsonl", self._text(path))
            except NotFound:
                continue

    def _refuse_rerun(self, branch: str) -> None:
        """Raise `Refused` if this job is a re-run and the branch has newer commits.

        GitLab does not tell a job that it is a re-run; an earlier deployment by the job shows it.
        """
        path = f"{self._here}/repository/branches/{quote(branch, safe='')}"
        last = str(self._client.get(path)["commit"]["id"])
        if last == self._job.commit:
            return
        path = f"{self._here}/deployments"
        for one in self._client.pages(path, order_by="id", sort="desc"):
            job = one["deployable"] or {}
            ours = one["sha"] == self._job.commit and job.get("name") == self._job.name
            if ours and int(job["id"]) < self._job.number:
                raise Refused(
                    f"This job has run before for commit {self._job.commit[:12]}, and {branch} has "
                    f"since moved to {last[:12]}: applying this would undo later merges.",
                    "Open a new merge request; its plan shows what is left.",
                )

    def _plan(self, request: Json, name: str) -> str:
        pipeline = request.get("head_pipeline") or {}
        ours = (
            pipeline.get("project_id") == request["project_id"]
            and pipeline.get("source", _SOURCE) == _SOURCE
        )
        if ours and self._is_of(pipeline, str(request["sha"])):
            for job in self._client.pages(f"{self._here}/pipelines/{pipeline['id']}/jobs"):
                if job["name"] == name and job["status"] == "success":
                    return self._text(f"{self._here}/jobs/{job['id']}/artifacts/plan.json")
        raise Refused(
            f"There is no saved plan for the last commit of merge request {request['iid']}.",
            f"The job {name} of its pipeline saves one. Open a new merge request.",
        )

    def _is_of(self, pipeline: Json, head: str) -> bool:
        """Whether a pipeline ran for a commit, or for one that merges it (merged results)."""
        sha = str(pipeline["sha"])
        if sha == head:
            return True
        path = f"{self._here}/repository/commits/{quote(sha, safe='')}"
        try:
            return head in self._client.get(path)["parent_ids"]
        except NotFound:
            return False

    def _text(self, path: str) -> str:
        try:
            return self._client.file(path).decode()
        except UnicodeDecodeError as error:
            raise LedgerError("GitLab: an artifact is not text.") from error

    @cached_property
    def _me(self) -> int:
        return int(self._client.get("/user")["id"])

    def _address_of(self, comment: Json) -> str:  # noqa: ARG002 a note has no address of its own
        path = f"{self._here}/merge_requests/{self._job.request}"
        return str(self._client.get(path)["web_url"])

    def _is_ours(self, found: Json, text: str | None, marker: str) -> bool:
        return found["author"]["id"] == self._me and (text or "").startswith(marker)
