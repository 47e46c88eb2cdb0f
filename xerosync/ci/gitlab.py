"""GitLab: notes on merge requests, issues, approvals, and artifacts of jobs (API v4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from urllib.parse import quote

from xerosync.ci.api import Api, Json, Missing
from xerosync.ci.forge import APPLIES, JOURNALS, LABEL, Kept, Reviewed, under_the_same_lines
from xerosync.errors import LedgerError, Refused, UsageError
from xerosync.settings import Job


class GitLab:
    """One project at GitLab, as a job sees it. `kept` names the job that keeps a file."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._here = f"/projects/{quote(job.repository, safe='')}"
        self._api = Api(
            "GitLab",
            job.api_url,
            {},
            lambda token: ("PRIVATE-TOKEN", token.reveal()),
            job.token,
        )

    def comment(self, marker: str, body: str) -> str:
        """Write a note on the job's merge request, over the earlier one; give its address."""
        if not self._job.request:
            raise UsageError("This job is for no merge request, so there is nothing to comment.")
        request = f"{self._here}/merge_requests/{self._job.request}"
        me = self._me()
        for found in self._api.pages(f"{request}/notes"):
            if _is_ours(found, me, found["body"], marker):
                self._api.send("PUT", f"{request}/notes/{found['id']}", {"body": body})
                break
        else:
            self._api.send("POST", f"{request}/notes", {"body": body})
        return str(self._api.get(request)["web_url"])

    def overwrite(self, second: str, text: str) -> str:
        """Put a text into earlier notes that have this second line; give the address."""
        request = f"{self._here}/merge_requests/{self._job.request}"
        me, changed = self._me(), False
        for found in list(self._api.pages(f"{request}/notes")):
            body = under_the_same_lines(found["body"], second, text)
            if body and _is_ours(found, me, body, ""):
                self._api.send("PUT", f"{request}/notes/{found['id']}", {"body": body})
                changed = True
        return str(self._api.get(request)["web_url"]) if changed else ""

    def report(self, marker: str, title: str, body: str) -> str:
        """Open an issue, or bring the open one up to date; give its address."""
        found = self._issue(marker)
        if found is None:
            new = {"title": title, "description": body, "labels": LABEL}
            return str(self._api.send("POST", f"{self._here}/issues", new)["web_url"])
        if found["description"] != body:
            self._api.send("PUT", f"{self._here}/issues/{found['iid']}", {"description": body})
        return str(found["web_url"])

    def resolve(self, marker: str, body: str) -> str:
        """Close the issue with a last word; give its address, "" where none is open."""
        found = self._issue(marker)
        if found is None:
            return ""
        path = f"{self._here}/issues/{found['iid']}"
        self._api.send("POST", f"{path}/notes", {"body": body})
        self._api.send("PUT", path, {"state_event": "close"})
        return str(found["web_url"])

    def reviewed(self, kept: str) -> Reviewed:
        """Give the plan of the merge request whose merge this commit is. Raises `Refused`."""
        branch = self._default_branch()
        if self._job.branch != branch:
            raise Refused(
                f"This job is for {self._job.branch or 'a merge request'}, not for {branch}: "
                "nothing is applied from an unmerged branch.",
                f"Merge it; the job on {branch} then applies the plan that was reviewed.",
            )
        commit = self._job.commit
        self._refuse_again(branch)
        path = f"{self._here}/repository/commits/{commit}/merge_requests"
        merged = (
            request
            for request in self._api.pages(path)
            if request["state"] == "merged"
            and request["target_branch"] == branch
            and commit
            in (request["merge_commit_sha"], request["squash_commit_sha"], request["sha"])
        )
        found = next(merged, None)
        if found is None:
            raise Refused(
                f"Commit {commit[:12]} is not the merge of a merge request into {branch}, so no "
                "reviewed plan belongs to it.",
                "Change the chart by a merge request.",
            )
        number = int(found["iid"])
        request = self._api.get(f"{self._here}/merge_requests/{number}")
        given = self._api.get(f"{self._here}/merge_requests/{number}/approvals")
        names = (str(one["user"]["username"]) for one in given["approved_by"])
        approvers = tuple(name for name in names if name != request["author"]["username"])
        of = f"commit {str(request['sha'])[:12]} of merge request {number}"
        return Reviewed(of, approvers, self._plan(request, kept))

    def earlier(self, kept: str) -> Reviewed:
        """Refuse: at GitLab the plan of an earlier job is there as a file."""
        raise UsageError(
            "At GitLab, the plan of an earlier job is a file in this one.",
            f"Name {kept} under `needs`, and apply the file.",
        )

    def journals(self, kept: str) -> Iterator[Kept]:
        """Give the journals that the last applies have kept.

        They are found by their deployments: "the artifacts of a branch" are those of its last
        successful pipeline alone, which is a night's by then.
        """
        branch = self._default_branch()
        found = self._api.pages(f"{self._here}/deployments", order_by="id", sort="desc")
        jobs = (
            int(one["deployable"]["id"])
            for one in found
            if one["ref"] == branch and one["deployable"] and one["deployable"]["name"] == kept
        )
        return islice(self._journals(islice(jobs, APPLIES)), JOURNALS)

    def _journals(self, jobs: Iterable[int]) -> Iterator[Kept]:
        """Read the journals; an apply that was refused has kept none."""
        for job in jobs:
            path = f"{self._here}/jobs/{job}/artifacts/result.jsonl"
            try:
                yield Kept(f"00000000T000000Z-{job:020}.jsonl", self._text(path))
            except Missing:
                continue

    def _refuse_again(self, branch: str) -> None:
        """Refuse a job that has run before, where the branch has gone on since.

        GitLab does not tell a job that it is run again, but the earlier one is a deployment.
        """
        path = f"{self._here}/repository/branches/{quote(branch, safe='')}"
        last = str(self._api.get(path)["commit"]["id"])
        if last == self._job.commit:
            return
        path = f"{self._here}/deployments"
        for one in self._api.pages(path, order_by="id", sort="desc"):
            job = one["deployable"] or {}
            ours = one["sha"] == self._job.commit and job.get("name") == self._job.name
            if ours and int(job["id"]) < self._job.number:
                raise Refused(
                    f"This job has run before for commit {self._job.commit[:12]}, and {branch} has "
                    f"gone on to {last[:12]}: what was merged since would be undone.",
                    "Change the chart by a merge request of its own; its plan has what is left.",
                )

    def _plan(self, request: Json, kept: str) -> str:
        pipeline = request.get("head_pipeline") or {}
        ours = pipeline.get("project_id") == request["project_id"]
        if ours and self._is_of(pipeline, str(request["sha"])):
            path = f"{self._here}/pipelines/{pipeline['id']}/jobs"
            for job in self._api.pages(path):
                if job["name"] == kept and job["status"] == "success":
                    return self._text(f"{self._here}/jobs/{job['id']}/artifacts/plan.json")
        raise Refused(
            f"Merge request {request['iid']} has no plan of its last commit that is kept.",
            f"Such a plan is kept by the job {kept} of its pipeline. Make a new merge request.",
        )

    def _is_of(self, pipeline: Json, head: str) -> bool:
        """Tell whether a pipeline ran for a commit, or for one that merges it: merged results."""
        sha = str(pipeline["sha"])
        if sha == head:
            return True
        path = f"{self._here}/repository/commits/{quote(sha, safe='')}"
        try:
            return head in self._api.get(path)["parent_ids"]
        except Missing:
            return False

    def _text(self, path: str) -> str:
        try:
            return self._api.file(path).decode()
        except UnicodeDecodeError as error:
            raise LedgerError("GitLab: a kept file is not text.") from error

    def _default_branch(self) -> str:
        return str(self._api.get(self._here)["default_branch"])

    def _me(self) -> int:
        return int(self._api.get("/user")["id"])

    def _issue(self, marker: str) -> Json | None:
        me = self._me()
        found = self._api.pages(f"{self._here}/issues", state="opened", labels=LABEL)
        return next((i for i in found if _is_ours(i, me, i["description"], marker)), None)


def _is_ours(found: Json, me: int, text: str | None, marker: str) -> bool:
    """Tell whether a page has the marker, and this token's own user has written it."""
    return found["author"]["id"] == me and (text or "").startswith(marker)
