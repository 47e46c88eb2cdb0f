"""GitLab (API v4): merge requests with notes and approvals, issues, and artifacts of jobs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from urllib.parse import quote

from xerosync.ci.forge import (
    APPLIES,
    LABEL,
    Forge,
    ReviewedPlan,
    SavedJournal,
    Spelling,
    co_authors,
    other_than,
    username_of,
)
from xerosync.ci.resource import Resource
from xerosync.ci.rest import RestClient
from xerosync.errors import NotFound, Refused, UsageError
from xerosync.settings import Job

_SOURCE = "merge_request_event"
_AGAIN = (
    "Open a merge request that touches a chart file, even if only by a comment: its plan shows what"
    " is left. (For a folder of charts, first set XEROSYNC_ONLY_CHANGED to `no`: see docs/ci.md.)"
)


class GitLab(Forge):
    """One project on GitLab. Plans and journals are stored as artifacts of jobs."""

    spelling = Spelling(
        request="merge request", text="description", number="iid", address="web_url", edit="PUT",
        comments="notes", opened="opened", closed={"state_event": "close"},
        labels=LABEL,
    )  # fmt: skip
    result_name = "xerosync-apply"

    def __init__(self, job: Job) -> None:
        token = ("PRIVATE-TOKEN", "", job.token)
        client = RestClient("GitLab", job.api_url, {}, token, variable="CI_API_V4_URL")
        notes = f"/merge_requests/{job.request}/notes"
        super().__init__(job, client, f"/projects/{quote(job.repository, safe='')}", (notes, notes))

    def changed_files(self) -> Iterator[str]:
        """Yield the paths that the job's merge request changes; for a moved file, both paths."""
        for one in self._client.pages(f"{self._here}/merge_requests/{self._job.request}/diffs"):
            yield from (one.text("old_path"), one.text("new_path"))

    def is_current(self) -> bool:
        """Whether no later commit was pushed to the job's merge request."""
        request = self._client.get(f"{self._here}/merge_requests/{self._job.request}")
        return request.commit("sha") == self._job.head

    def reviewed(self, name: str, workflows: tuple[str, ...] = ()) -> ReviewedPlan:  # noqa: ARG002
        """Return the plan of the merge request that this commit merges."""
        branch = self._applied_branch()
        commit = self._job.commit
        self._refuse_rerun(branch)
        path = f"{self._here}/repository/commits/{commit}/merge_requests"
        hashes = ("merge_commit_sha", "squash_commit_sha", "sha")
        merged = (
            request
            for request in self._client.pages(path)
            if request.text("state") == "merged"
            and request.text("target_branch") == branch
            and commit in map(request.text_or_empty, hashes)
        )
        found = next(merged, None)
        if found is None:
            raise self._not_a_merge(branch)
        number = found.number("iid")
        path = f"{self._here}/merge_requests/{number}"
        request = self._client.get(path)
        plan = self._plan(request, name)
        head = request.commit("sha")
        approvals = self._client.get(f"{path}/approvals").parts("approved_by")
        people = [approval.part("user") for approval in approvals]
        authors = self._authors(request, path, people)
        of = f"commit {head[:12]} of merge request {number}"
        approvers = other_than(authors, (person.login("username") for person in people))
        how = f"A later commit may have removed an approval. {_AGAIN}"
        return ReviewedPlan(of, approvers, plan, how, authors=authors)

    def _authors(
        self, request: Resource, path: str, approvers: Iterable[Resource]
    ) -> tuple[str, ...]:
        """Return who opened a merge request, started its pipelines or may have written its commits.

        A commit has only names and mail addresses, and GitLab does not match them with its users.
        Therefore an approver counts as an author if the author, committer or co-author of a commit
        has the approver's name or username, or a noreply address with that username.
        """
        pipelines = [
            self._client.get(f"{self._here}/pipelines/{one.number('id')}")
            for one in self._client.pages(f"{path}/pipelines")
            if one.number("project_id") == request.number("project_id")
        ]
        started = [request.part_or_none("head_pipeline"), *pipelines]
        users = [
            person.login("username")
            for person in (request.part("author"), *(p and p.part_or_none("user") for p in started))
            if person
        ]
        known: set[str] = set()
        for commit in self._client.pages(f"{path}/commits"):
            people = (
                (commit.text_or_empty("author_name"), commit.text_or_empty("author_email")),
                (commit.text_or_empty("committer_name"), commit.text_or_empty("committer_email")),
                *co_authors(commit.text_or_empty("message")),
            )
            for name, mail in people:
                known |= {name.casefold(), username_of(mail)} - {""}
        for person in approvers:
            username = person.login("username")
            if known & {username.casefold(), person.text_or_empty("name").casefold()}:
                users.append(username)
        return other_than((), users)

    def earlier(
        self,
        name: str,
        workflows: tuple[str, ...] = (),  # noqa: ARG002
        since: str = "",  # noqa: ARG002
        paths: Sequence[str] = ("",),  # noqa: ARG002
    ) -> ReviewedPlan:
        """Raise `UsageError`: on GitLab, an earlier job passes its plan to this job as a file."""
        raise UsageError(
            "--this-run is only for GitHub. On GitLab, an earlier job passes its plan to this one"
            " as a file.",
            f"Name the job {name} under `needs`, and apply the file that it saves.",
        )

    def _journals(
        self,
        branch: str,
        names: tuple[str, ...],
        workflows: tuple[str, ...],  # noqa: ARG002
    ) -> Iterator[SavedJournal]:
        """Yield the journals of applies, found by the deployments of their jobs.

        Only jobs on the default branch count, not jobs for a tag of that name. GitLab's address
        for the latest artifacts of a branch is no help: the last pipeline may not be an apply.
        """
        found = self._client.pages(f"{self._here}/deployments", order_by="id", sort="desc")
        jobs = (
            job.number("id")
            for one in found
            if one.text("ref") == branch
            and (job := one.part_or_none("deployable"))
            and job.text("name") in names
            and not job.flag("tag")
        )
        for number in islice(jobs, APPLIES):
            path = f"{self._here}/jobs/{number}/artifacts/result.jsonl"
            try:
                yield SavedJournal(f"00000000T000000Z-{number:020}.jsonl", self._text(path))
            except NotFound:
                continue

    def _refuse_rerun(self, branch: str) -> None:
        """Raise `Refused` if this job is a re-run and the branch has newer commits.

        GitLab does not tell a job that it is a re-run. A job counts as a re-run if an earlier job
        with the same name deployed the same commit.
        """
        path = f"{self._here}/repository/branches/{quote(branch, safe='')}"
        last = self._client.get(path).part("commit").commit("id")
        if last == self._job.commit:
            return
        path = f"{self._here}/deployments"
        for one in self._client.pages(path, order_by="id", sort="desc"):
            job = one.part_or_none("deployable")
            if not job or one.text("sha") != self._job.commit:
                continue
            if job.text("name") == self._job.name and job.number("id") < self._job.number:
                raise Refused(
                    f"This job has run before for commit {self._job.commit[:12]}, and {branch} has "
                    f"since moved to {last[:12]}: applying this could undo later merges.",
                    _AGAIN,
                )

    def _plan(self, request: Resource, name: str) -> str:
        pipeline = request.part_or_none("head_pipeline")
        if pipeline and self._is_ours_and_of(pipeline, request):
            for job in self._client.pages(f"{self._here}/pipelines/{pipeline.number('id')}/jobs"):
                if job.text("name") == name and job.text("status") == "success":
                    return self._text(f"{self._here}/jobs/{job.number('id')}/artifacts/plan.json")
        raise Refused(
            f"There is no saved plan for the last commit of merge request {request.number('iid')}.",
            f"If the job {name} succeeds in this project's merge request pipeline for that commit, "
            f"it saves one. {_AGAIN}",
        )

    def _is_ours_and_of(self, pipeline: Resource, request: Resource) -> bool:
        """Whether this is a merge request pipeline of this project for the request's last commit.

        A merged results pipeline also counts: it runs for a commit that merges the last commit.
        """
        here = pipeline.number("project_id") == request.number("project_id")
        if not here or (pipeline.text_or_empty("source") or _SOURCE) != _SOURCE:
            return False
        sha, head = pipeline.commit("sha"), request.commit("sha")
        if sha == head:
            return True
        try:
            commit = self._client.get(f"{self._here}/repository/commits/{sha}")
            return head in commit.texts("parent_ids")
        except NotFound:
            return False

    def _text(self, path: str) -> str:
        return self._client.text(self._client.file(path), path.removeprefix(self._here))

    @cached_property
    def _me(self) -> int:
        return self._client.get("/user").number("id")

    def _address_of(self, comment: Resource) -> str:  # noqa: ARG002 a note has no address of its own
        path = f"{self._here}/merge_requests/{self._job.request}"
        return self._client.get(path).text("web_url")

    def _is_ours(self, found: Resource, text: str, marker: str) -> bool:
        return found.part("author").number("id") == self._me and text.startswith(marker)
