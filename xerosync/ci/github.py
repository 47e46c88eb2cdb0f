"""GitHub: comments, issues, merged pull requests with their approvals, and artifacts.

REST API 2022-11-28. docs/ci.md lists the permissions that these calls need.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import count, islice
from pathlib import PurePosixPath
from urllib.parse import quote

from xerosync.ci.archive import read_member
from xerosync.ci.forge import (
    APPLIES,
    LABEL,
    Forge,
    ReviewedPlan,
    SavedJournal,
    Spelling,
    in_waves,
    other_than,
)
from xerosync.ci.github_approvers import Approvers
from xerosync.ci.github_authors import WORKFLOWS, Authors, graphql, login_of
from xerosync.ci.resource import Resource
from xerosync.ci.rest import RestClient
from xerosync.errors import AccessDenied, LedgerError, NotFound, Refused
from xerosync.plan.saved.serialize import digest_and_date, loads
from xerosync.settings import Job

_PLAN_WORKFLOWS = ("plan.yml", "xerosync-plan.yml")
"""The names of the plan workflow's file: in ci/github/, and as `xerosync init` writes it."""
_APPLY_WORKFLOWS = ("apply.yml", "xerosync-apply.yml", "again.yml", "xerosync-again.yml")
_APPLIED_BY = ("push", "workflow_dispatch")
"""The events that may start a workflow that applies."""
_BOT = "github-actions[bot]"
"""The user to whom a job's `GITHUB_TOKEN` belongs."""
_RESULT = ("xerosync-plan", "xerosync-result")
"""A journal's artifact is named like the plan's, but with the second text, not the first."""
_FAILED = ("xerosync-plan", "xerosync-failed-plan")
"""If planning fails, the artifact's name has the second text instead of the first."""
_AGAIN = "Plan and apply what is left in a separate run: see again.yml in docs/ci.md."
_REVIEW = f"A review of an earlier commit does not count. {_AGAIN}"
_REVIEWED_AGAIN = (
    "In a re-run only reviews of the pull request count: GitHub does not say for which attempt a "
    f"reviewer of the environment approved. {_AGAIN}"
)
_FILES = 300
"""GitHub lists at most this many files when it compares two commits."""
_GAP = 3
"""The search for journals stops after this many attempt numbers in a row without an artifact."""


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
        client = RestClient("GitHub", job.api_url, headers, token, variable="GITHUB_API_URL")
        comments = (f"/issues/{job.request}/comments", "/issues/comments")
        super().__init__(job, client, f"/repos/{job.repository}", comments)
        self._authors = Authors(client, job)
        self._approvers = Approvers(client, job)

    def changed_files(self) -> Iterator[str]:
        """Yield the paths that the job's pull request changes; for a moved file, both paths."""
        for one in self._client.pages(f"{self._here}/pulls/{self._job.request}/files"):
            yield one.text("filename")
            yield one.text_or_empty("previous_filename") or one.text("filename")

    def is_current(self) -> bool:
        """Whether no later commit was pushed to the job's pull request."""
        pull = self._client.get(f"{self._here}/pulls/{self._job.request}")
        return pull.part("head").commit("sha") == self._job.head

    def reviewed(self, name: str, workflows: tuple[str, ...] = ()) -> ReviewedPlan:
        """Return the plan of the pull request that this commit merges."""
        branch = self._applied_branch()
        self._check_moved(branch)
        pull = self._merged(branch)
        if pull is None:
            raise self._not_a_merge(branch)
        number, head = pull.number("number"), pull.part("head").commit("sha")
        workflows = workflows or _PLAN_WORKFLOWS
        self._check_attempts(name)
        self._check_only_pull(pull)
        found = self._planned(name, pull, workflows)
        if found:
            artifact, run = found
            reviewers, objectors = self._approvers.reviewers(number, head)
            authors = self._authors.of_pull(pull, workflows)
            authors = other_than((), filter(None, (*authors, login_of(run.part_or_none("actor")))))
            return ReviewedPlan(
                f"commit {head[:12]} of pull request {number}",
                other_than(authors, (*reviewers, *self._approvers.deployers())),
                self._open(artifact, "plan.json"),
                _REVIEW if self._job.attempt == 1 else _REVIEWED_AGAIN,
                objectors,
                authors,
            )
        raise Refused(
            f"There is no saved plan for the last commit of pull request {number}, {head[:12]}.",
            "A successful run on the pull request saves one, for as long as artifacts are kept. "
            + _AGAIN,
        )

    def earlier(
        self,
        name: str,
        workflows: tuple[str, ...] = (),
        since: str = "",
        paths: Sequence[str] = ("",),
    ) -> ReviewedPlan:
        """Return the plan of an earlier job of this run, with its approvers.

        People approve it as reviewers of this job's environment, or by a comment on the commit.
        """
        branch = self._applied_branch()
        self._check_moved(branch, paths)
        for artifact in self._artifacts(name):
            if str(artifact.part("workflow_run").number("id")) == self._job.run:
                plan = self._open(artifact, "plan.json")
                loads(plan, "The plan of this run")
                line = f"approve {digest_and_date(plan)[0]}"
                run = self._client.get(f"{self._here}/actions/runs/{self._job.run}")
                starter = login_of(run.part_or_none("actor"))
                planned = workflows or _PLAN_WORKFLOWS
                authors = self._authors.of_changes(since, paths, branch, planned)
                authors = other_than((), filter(None, (*authors, starter)))
                return ReviewedPlan(
                    f"this run on {branch}",
                    other_than(
                        authors, (*self._approvers.deployers(), *self._approvers.commenters(line))
                    ),
                    plan,
                    "Somebody with write access to the repository must add the comment "
                    f"`{line}` to commit {self._job.commit[:12]}; then run the failed job again. "
                    "An approval by a reviewer of the environment counts only in the first "
                    "attempt of a run.",
                    authors=authors,
                )
        raise Refused(
            "No earlier job of this run has saved a plan.",
            "Plan in a job before this one, with mode: plan.",
        )

    def _journals(
        self, branch: str, names: tuple[str, ...], workflows: tuple[str, ...]
    ) -> Iterator[SavedJournal]:
        """Yield the journals in the artifacts of applies.

        An artifact's name is one of `names`, a hyphen and the number of the run's attempt.
        """
        tip = self._tip(branch)
        ours = (
            artifact
            for artifact in _newest_first(one for each in names for one in self._attempts(each))
            if _branch_of(artifact) == branch
            and self._is_of_apply(artifact, tip, workflows or _APPLY_WORKFLOWS)
        )
        for artifact in islice(ours, APPLIES):
            text = self._member(artifact, "result.jsonl")
            if text is not None:
                moment = re.sub("[-:.]", "", _moment(artifact))
                yield SavedJournal(f"{moment}-{artifact.number('id')}.jsonl", text)

    def _is_of_apply(self, artifact: Resource, tip: str, workflows: tuple[str, ...]) -> bool:
        """Whether an artifact was made, for the default branch, by a workflow that applies.

        Its name and branch do not prove that: another workflow can use the same artifact name, and
        a tag can have the name of the branch.
        """
        made_by = artifact.part("workflow_run")
        run = self._client.get(f"{self._here}/actions/runs/{made_by.number('id')}")
        file, commit = run.text("path").partition("@")[0], made_by.commit("head_sha")
        if run.text("event") not in _APPLIED_BY or file not in map(WORKFLOWS.format, workflows):
            return False
        try:
            between = self._client.get(f"{self._here}/compare/{commit}...{tip}", per_page=1)
        except NotFound:
            return False
        return between.text("status") in ("ahead", "identical")

    def _tip(self, branch: str) -> str:
        """Return the last commit of a branch, even if a tag has the same name."""
        path = f"{self._here}/branches/{quote(branch, safe='')}"
        return self._client.get(path).part("commit").commit("sha")

    def _check_attempts(self, name: str) -> None:
        """Raise `Refused` in a re-run if the artifact for the first attempt's journal is gone.

        Then it is unknown what the first attempt sent to Xero. GitHub may delete the artifacts of
        earlier attempts if somebody re-runs all jobs.
        """
        if self._job.attempt == 1:
            return
        firsts = (f"{one}-1" for one in in_waves(name.replace(*_RESULT, 1)))
        runs = (
            artifact.part("workflow_run") for one in firsts for artifact in self._artifacts(one)
        )
        if not any(str(run.number("id")) == self._job.run for run in runs):
            raise Refused(
                f"This is attempt {self._job.attempt}, and there is no record of the first attempt:"
                " that attempt may have applied this plan.",
                f'{_AGAIN} Next time, choose "Re-run failed jobs": re-running all jobs may delete'
                " the record.",
            )

    def _check_only_pull(self, pull: Resource) -> None:
        """Raise `Refused` if another pull request has the same last commit and branch.

        GitHub does not say for which of the two a plan was made. The other pull request may have
        another base branch, with another workflow.
        """
        head, owner = pull.part("head"), self._job.repository.partition("/")[0]
        branch = f"{owner}:{head.text('ref')}"
        for other in self._client.pages(f"{self._here}/pulls", state="all", head=branch):
            same = other.part("head").commit("sha") == head.commit("sha")
            if same and other.number("number") != pull.number("number"):
                raise Refused(
                    f"Pull request {other.number('number')} has the same last commit as pull "
                    f"request {pull.number('number')}: the workflow of either may have made the "
                    "plan.",
                    _AGAIN,
                )

    def _attempts(self, name: str) -> Iterator[Resource]:
        """Yield the artifacts of the attempts: `name` with "-1", "-2" and so on.

        Stop after `_GAP` attempts in a row without an artifact. GitHub cannot search by prefix.
        """
        without = 0
        for attempt in count(1):
            found = self._artifacts(f"{name}-{attempt}")
            yield from found
            without = 0 if found else without + 1
            if without == _GAP:
                return

    def _check_moved(self, branch: str, paths: Sequence[str] = ("",)) -> None:
        """Raise `Refused` in a re-run if the branch has newer commits.

        Newer commits that change none of the `paths` do not count, unless a path is "" (unknown).
        """
        if self._job.attempt == 1:
            return
        last = self._tip(branch)
        if last != self._job.commit and not self._is_untouched(last, paths):
            raise Refused(
                f"This is attempt {self._job.attempt} for commit {self._job.commit[:12]}, and "
                f"{branch} has since moved to {last[:12]}: applying this could undo later merges.",
                _AGAIN,
            )

    def _is_untouched(self, last: str, paths: Sequence[str]) -> bool:
        """Whether it is certain that these files are the same at `last` as at this job's commit."""
        if not all(paths):
            return False
        between = self._client.get(f"{self._here}/compare/{self._job.commit}...{last}")
        files = between.parts("files")
        changed = {
            name
            for one in files
            for name in (one.text("filename"), one.text_or_empty("previous_filename"))
        }
        watched = {str(part) for path in paths for part in (path, *PurePosixPath(path).parents)}
        folders = {str(folder) for name in changed for folder in PurePosixPath(name).parents}
        touched = watched & changed or set(paths) & folders
        return between.text("status") == "ahead" and len(files) < _FILES and not touched

    def _merged(self, branch: str) -> Resource | None:
        """Return the pull request that this job's commit merges into the branch, or None."""
        commit = self._job.commit
        for pull in self._client.pages(f"{self._here}/commits/{commit}/pulls"):
            merge, base = pull.text_or_empty("merge_commit_sha"), pull.part("base").text("ref")
            if pull.text_or_empty("merged_at") and merge == commit and base == branch:
                return pull
        return None

    def _planned(
        self, name: str, pull: Resource, workflows: tuple[str, ...]
    ) -> tuple[Resource, Resource] | None:
        """Return the newest plan for a pull request's last commit: its artifact and its run.

        Return None if there is no plan, or if the newest job that planned under this name failed.
        After such a failure, the comment on the pull request says that there is no plan.
        """
        head = pull.part("head")
        failed = self._artifacts(name.replace(*_FAILED, 1))
        for artifact in _newest_first([*self._artifacts(name), *failed]):
            made_by = artifact.part("workflow_run")
            if made_by.commit("head_sha") != head.commit("sha"):
                continue
            if _branch_of(artifact) != head.text("ref"):
                continue
            run = self._client.get(f"{self._here}/actions/runs/{made_by.number('id')}")
            file = run.text("path").partition("@")[0]
            if file in map(WORKFLOWS.format, workflows) and run.text("event") == "pull_request":
                return (artifact, run) if artifact.text("name") == name else None
        return None

    def _artifacts(self, name: str) -> list[Resource]:
        """Return the unexpired artifacts with this name, newest first, except those of forks."""
        path = f"{self._here}/actions/artifacts"
        return _newest_first(
            artifact
            for artifact in self._client.pages(path, within="artifacts", name=name)
            if artifact.text("name") == name
            and not artifact.flag("expired")
            and (run := artifact.part_or_none("workflow_run"))
            and run.number_or_none("head_repository_id") == run.number("repository_id")
        )

    def _open(self, artifact: Resource, member: str) -> str:
        """Return the text of a file in an artifact. Raises `LedgerError` if it is not there."""
        text = self._member(artifact, member)
        if text is None:
            raise LedgerError(
                f"GitHub: the artifact {artifact.text('name')} has no {member}.", "Plan again."
            )
        return text

    def _member(self, artifact: Resource, member: str) -> str | None:
        """Return the text of a file in an artifact, which is a zip; None if it is not there."""
        data = self._client.file(f"{self._here}/actions/artifacts/{artifact.number('id')}/zip")
        name = f"{artifact.text('name')} of run {artifact.part('workflow_run').number('id')}"
        found = read_member(data, member, f"GitHub: the artifact {name}")
        return None if found is None else self._client.text(found, f"{member} of {name}")

    @cached_property
    def _me(self) -> tuple[str, ...]:
        """The names that the user of the job's token may have.

        Only GitHub's GraphQL API tells a job its own name. It may leave out an app's `[bot]`.
        """
        try:
            data = graphql(self._client, self._job, "{ viewer { login } }").part("data")
            login = data.part("viewer").login("login")
        except (LedgerError, AccessDenied):
            login = _BOT
        return (login, f"{login}[bot]") if f"{login}[bot]" != _BOT else (_BOT,)

    def _is_ours(self, found: Resource, text: str, marker: str) -> bool:
        return text.startswith(marker) and login_of(found.part_or_none("user")) in self._me


def _branch_of(artifact: Resource) -> str:
    return artifact.part("workflow_run").text_or_empty("head_branch")


def _moment(artifact: Resource) -> str:
    """Return the time when an artifact was made, as a text that sorts by time."""
    text = artifact.text("created_at")
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z", text, re.ASCII):
        raise artifact.unexpected("created_at", "a time")
    return text


def _newest_first(artifacts: Iterable[Resource]) -> list[Resource]:
    return sorted(artifacts, key=_moment, reverse=True)
