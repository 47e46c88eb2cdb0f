"""GitHub and GitLab on loopback: the few calls that a job makes, over real HTTP.

Shapes and status codes follow their public API references; whatever is not known here is a 404.
"""

from __future__ import annotations

import io
import json
import os
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

Json = dict[str, Any]
PAGE = 2
TOKEN = "forge-token-marker"
REPOSITORY = "acme/books"
RUN = 11
"""The run of the job."""
PUSHED: list[str] = []
"""The commits pushed to pull request 7; without any, its last one is the job's."""
NO_ACCESS = {"message": "Resource not accessible by integration"}


@dataclass
class Call:
    """One call as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    body: Json
    token: str
    headers: dict[str, str]


class Forge:
    """Serves `answer(call)`, a status with JSON or bytes, and records the calls."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.broken: list[int] = []
        self.moved: dict[str, tuple[int, str]] = {}
        self.spoil: Callable[[Call, Any], Any] = lambda _, answer: answer
        outer = self

        class Handler(BaseHTTPRequestHandler):
            disable_nagle_algorithm = True

            def handle_call(self) -> None:
                parts = urlsplit(self.path)
                data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                token = self.headers.get("Authorization", "") or self.headers.get(
                    "PRIVATE-TOKEN", ""
                )
                call = Call(
                    self.command,
                    parts.path,
                    {name: values[-1] for name, values in parse_qs(parts.query).items()},
                    json.loads(data or b"{}"),
                    token.removeprefix("Bearer "),
                    {name.lower(): value for name, value in self.headers.items()},
                )
                outer.calls.append(call)
                status, location = outer.moved.get(f"{call.method} {call.path}", (0, ""))
                answer, more = b"", ""
                if not status:
                    status, answer, more = outer.page(call)
                answer = outer.spoil(call, answer)
                body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                if location:
                    self.send_header("Location", location)
                if more:
                    self.send_header("Link", f'<{outer.url}{more}>; rel="next"')
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PATCH = do_PUT = handle_call  # noqa: N815 http.server calls them so

            def log_message(self, *_: object) -> None:
                """Stay quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def page(self, call: Call) -> tuple[int, Any, str]:
        """Answer a call; a list is cut into pages of two, as lists are cut anywhere."""
        if self.broken:
            return self.broken.pop(0), {"message": "Bad day"}, ""
        if call.token != TOKEN:
            return 401, {"message": "Bad credentials"}, ""
        status, answer = self.answer(call)
        if not isinstance(answer, list) or "actions/runs" in call.path:
            return status, answer, ""
        at = int(call.query.get("page", "1"))
        asked = urlencode({**call.query, "page": at + 1})
        more = f"{call.path}?{asked}" if len(answer) > PAGE * at else ""
        return status, answer[PAGE * (at - 1) : PAGE * at], more

    def answer(self, call: Call) -> tuple[int, Any]:
        """Answer one call."""
        raise NotImplementedError

    @property
    def writes(self) -> list[str]:
        """Return what was written, as METHOD and path. GraphQL only reads, by POST."""
        calls = (c for c in self.calls if c.method != "GET" and not c.path.endswith("/graphql"))
        return [f"{c.method} {c.path}" for c in calls]

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class Store(Forge):
    """Where a forge stores its files: another host, which must not get the token."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.data = data

    def page(self, call: Call) -> tuple[int, Any, str]:
        """Answer anybody."""
        return 200, self.data, ""


def page_of(number: int, body: str, association: str = "NONE", kind: str = "Bot") -> Json:
    """Return a comment or an issue as GitHub does, by default by its own bot."""
    return {
        "id": number,
        "number": number,
        "body": body,
        "html_url": f"https://forge.example/{number}",
        "author_association": association,
        "user": {"login": "github-actions[bot]" if kind == "Bot" else "somebody", "type": kind},
        "state": "open",
    }


@dataclass
class Pull:
    """A pull request at the fake GitHub; `earlier` are its commits before the last one."""

    number: int
    head: str
    merge: str = ""
    base: str = "main"
    reviews: list[Json] = field(default_factory=list)
    author: str = "ann"
    branch: str = "topic"
    earlier: tuple[str, ...] = ()


def review(login: str, state: str, commit: str) -> Json:
    """Return a review; a concealed member of the organisation looks like a stranger."""
    user = {"login": login}
    return {"user": user, "state": state, "commit_id": commit, "author_association": "NONE"}


def let_through(login: str, environment: str = "xero", state: str = "approved") -> Json:
    """Return an environment reviewer's decision on a run."""
    return {"state": state, "user": {"login": login}, "environments": [{"name": environment}]}


class GitHub(Forge):
    """One repository; the token may do everything but what `forbidden` matches."""

    def __init__(self) -> None:
        super().__init__()
        self.comments: list[Json] = []
        self.issues: list[Json] = []
        self.said: list[str] = []
        self.pulls: list[Pull] = []
        self.artifacts: list[Json] = []
        self.zips: dict[int, bytes] = {}
        self.deployers: list[Json] = []
        self.forbidden = ""
        self.last = "c" * 40
        self.permissions: dict[str, str] = {}
        self.runs: dict[int, Json] = {}
        self.viewer = "github-actions[bot]"
        self.history: list[str] = []
        self.strays: set[str] = set()
        self.later: list[Json] = [{"filename": "accounts.yaml"}]
        self.committers: dict[str, tuple[str, str]] = {}
        self.messages: dict[str, str] = {}
        self.accounts: list[Json | None] = []
        self.commit_comments: list[Json] = []
        self.changed: list[Json] = [{"filename": "accounts.yaml"}]

    def keep(
        self, name: str, files: dict[str, str], *, head: str = "0" * 40, branch: str = "",
        fork: bool = False, expired: bool = False, run: int = 0, at: str = "",
    ) -> None:  # fmt: skip
        """Keep files as an artifact of a run, by default a plan's or an apply's, as it is named."""
        number = len(self.artifacts) + 1
        planned = "plan" in name
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as archive:
            for path, text in files.items():
                archive.writestr(path, text)
        self.zips[number] = data.getvalue()
        self.artifacts.append(
            {
                "id": number,
                "name": name,
                "expired": expired,
                "created_at": at or f"2026-11-24T10:00:{number:02}Z",
                "workflow_run": {
                    "id": run or (1 if planned else 1000 + number),
                    "head_sha": head,
                    "head_branch": branch or ("topic" if planned else "main"),
                    "repository_id": 1,
                    "head_repository_id": 2 if fork else 1,
                },
            }
        )

    def answer(self, call: Call) -> tuple[int, Any]:
        """Answer one call."""
        here = f"/repos/{REPOSITORY}"
        if f"{call.method} {call.path}" == "POST /graphql":
            if "viewer" in call.body["query"]:
                return 200, {"data": {"viewer": {"login": self.viewer}}}
            return self._authors(call)
        if not call.path.startswith(here):
            return 404, {"message": "Not Found"}
        path = call.path.removeprefix(here)
        if self.forbidden and re.search(self.forbidden, f"{call.method} {path}"):
            return 403, NO_ACCESS
        routes: list[tuple[str, Callable[..., tuple[int, Any]]]] = [
            ("GET ", lambda _: (200, {"default_branch": "main"})),
            (r"GET /issues/\d+/comments", lambda _: (200, self.comments)),
            (r"POST /issues/7/comments", self._new_comment),
            (r"POST /issues/(\d+)/comments", self._say),
            (r"PATCH /issues/comments/(\d+)", self._edit_comment),
            ("GET /issues", lambda _: (200, [i for i in self.issues if i["state"] == "open"])),
            ("POST /issues", self._new_issue),
            (r"PATCH /issues/(\d+)", self._edit_issue),
            (r"GET /collaborators/([\w-]+)/permission", self._permission),
            ("GET /branches/main", lambda _: (200, {"commit": {"sha": self.last}})),
            (r"GET /commits/([0-9a-f]{40})", self._commit),
            ("GET /commits", self._log),
            (r"GET /compare/(\w+)\.\.\.(\w+)", self._compare),
            (r"GET /pulls/(\d+)", self._pull),
            (r"GET /pulls/(\d+)/commits", self._commits),
            ("GET /pulls", self._of_branch),
            (r"GET /commits/\w+/comments", lambda _: (200, self.commit_comments)),
            (r"GET /pulls/7/files", lambda _: (200, self.changed)),
            (r"GET /commits/(\w+)/pulls", self._containing),
            (r"GET /pulls/(\d+)/reviews", self._reviews),
            ("GET /actions/artifacts", self._kept),
            (r"GET /actions/artifacts/(\d+)/zip", self._zip),
            (r"GET /actions/runs/(\d+)", self._run),
            ("GET /actions/runs", self._runs),
            (r"GET /actions/runs/\d+/approvals", lambda _: (200, self.deployers)),
        ]
        for pattern, act in routes:
            found = re.fullmatch(pattern, f"{call.method} {path}")
            if found:
                return act(call, *found.groups())
        return 404, {"message": "Not Found"}

    def _new_comment(self, call: Call) -> tuple[int, Any]:
        self.comments.append(page_of(100 + len(self.comments), call.body["body"]))
        return 201, self.comments[-1]

    def _say(self, call: Call, _: str) -> tuple[int, Any]:
        self.said.append(call.body["body"])
        return 201, page_of(1, call.body["body"])

    def _edit_comment(self, call: Call, number: str) -> tuple[int, Any]:
        comment = next(c for c in self.comments if c["id"] == int(number))
        comment["body"] = call.body["body"]
        return 200, comment

    def _new_issue(self, call: Call) -> tuple[int, Any]:
        self.issues.append(page_of(200 + len(self.issues), "") | call.body)
        return 201, self.issues[-1]

    def _edit_issue(self, call: Call, number: str) -> tuple[int, Any]:
        issue = next(i for i in self.issues if i["number"] == int(number))
        issue.update(call.body)
        return 200, issue

    def _reviews(self, _: Call, number: str) -> tuple[int, Any]:
        return 200, next(p.reviews for p in self.pulls if p.number == int(number))

    def _permission(self, _: Call, login: str) -> tuple[int, Any]:
        permission = self.permissions.get(login, "write")
        return (200, {"permission": permission}) if permission else (404, {"message": "Not Found"})

    def _run(self, _: Call, number: str) -> tuple[int, Any]:
        return 200, self._run_of(int(number))

    def _run_of(self, number: int) -> Json:
        """Return a run: by default the one that has made an artifact, as its name says."""
        artifacts = [a for a in self.artifacts if a["workflow_run"]["id"] == number]
        applied = number == RUN or any(a["name"].startswith("xerosync-result") for a in artifacts)
        made_by = artifacts[0]["workflow_run"] if artifacts else {}
        run = {
            "id": number,
            "path": f".github/workflows/{'apply' if applied else 'plan'}.yml",
            "event": "push" if applied else "pull_request",
            "actor": None,
            "head_sha": made_by.get("head_sha", "0" * 40),
            "head_branch": made_by.get("head_branch", "main"),
        }
        return run | self.runs.get(number, {})

    def _runs(self, call: Call) -> tuple[int, Any]:
        numbers = {*self.runs, *(a["workflow_run"]["id"] for a in self.artifacts)}
        found = [
            run
            for run in map(self._run_of, sorted(numbers))
            if run["head_branch"] == call.query["branch"] and run["event"] == call.query["event"]
        ]
        return 200, {"total_count": len(found), "workflow_runs": found}

    def _log(self, call: Call) -> tuple[int, Any]:
        """Return the commits that changed a file, or all."""
        return 200, [self._commit_of(sha) for sha in self.history or [call.query["sha"]]]

    def _compare(self, _: Call, since: str, to: str) -> tuple[int, Any]:
        """Return what a commit has that another one has not: all of the history after it."""
        at = self.history.index(since) if since in self.history else len(self.history)
        status = "diverged" if since in self.strays else "identical" if since == to else "ahead"
        commits = [self._commit_of(c) for c in self.history[:at]]
        return 200, {"status": status, "commits": commits, "files": self.later}

    def _pull(self, _: Call, number: str) -> tuple[int, Any]:
        return 200, _as_json(Pull(int(number), PUSHED[-1] if PUSHED else os.environ["GITHUB_SHA"]))

    def _commits(self, _: Call, number: str) -> tuple[int, Any]:
        pull = next(p for p in self.pulls if p.number == int(number))
        return 200, [self._commit_of(sha) for sha in (*pull.earlier, pull.head)]

    def _containing(self, _: Call, sha: str) -> tuple[int, Any]:
        found = [p for p in self.pulls if sha in (p.merge, p.head, *p.earlier) or not p.merge]
        return 200, [_as_json(pull) for pull in found]

    def _of_branch(self, call: Call) -> tuple[int, Any]:
        assert call.query["state"] == "all"
        found = [p for p in self.pulls if f"acme:{p.branch}" == call.query["head"]]
        return 200, [_as_json(pull) for pull in found]

    def _commit(self, _: Call, sha: str) -> tuple[int, Any]:
        return 200, self._commit_of(sha)

    def _commit_of(self, sha: str) -> Json:
        people = ({"login": login} for login in self.committers.get(sha, ("ann", "web-flow")))
        author, committer = people
        commit = {"message": self.messages.get(sha, "Rename an account")}
        return {"sha": sha, "author": author, "committer": committer, "commit": commit}

    def _authors(self, call: Call) -> tuple[int, Any]:
        """Answer GitHub's GraphQL API: the accounts of a commit's authors, null for no account."""
        asked = call.body["variables"]
        if (
            f"{asked['owner']}/{asked['name']}" != REPOSITORY
            or asked["commit"] not in self.messages
        ):
            return 200, {"data": None, "errors": [{"message": "Could not resolve"}]}
        found = {"pageInfo": {"hasNextPage": False}, "nodes": [{"user": a} for a in self.accounts]}
        return 200, {"data": {"repository": {"object": {"authors": found}}}}

    def _kept(self, call: Call) -> tuple[int, Any]:
        found = [a for a in self.artifacts if a["name"] == call.query["name"]]
        return 200, {"total_count": len(found), "artifacts": found}

    def _zip(self, _: Call, number: str) -> tuple[int, Any]:
        return 200, self.zips[int(number)]


def _as_json(pull: Pull) -> Json:
    return {
        "number": pull.number,
        "created_at": "2026-11-24T09:00:00Z",
        "merged_at": "2026-11-24T10:00:00Z" if pull.merge else None,
        "merge_commit_sha": pull.merge or None,
        "head": {"sha": pull.head, "ref": pull.branch},
        "base": {"ref": pull.base},
        "user": {"login": pull.author},
    }


class GitLab(Forge):
    """One project, number 5, with merge request 7."""

    def __init__(self) -> None:
        super().__init__()
        self.notes: list[Json] = []
        self.issues: list[Json] = []
        self.said: list[str] = []
        self.request: Json = {
            "iid": 7, "project_id": 5, "state": "merged", "target_branch": "main",
            "sha": "a" * 40, "merge_commit_sha": "c" * 40, "squash_commit_sha": None,
            "author": {"username": "ann"},
            "web_url": "https://gitlab.example/7",
            "head_pipeline": {"id": 9, "project_id": 5, "sha": "a" * 40},
        }  # fmt: skip
        self.changed: list[Json] = [{"old_path": "accounts.yaml", "new_path": "accounts.yaml"}]
        self.approved_by: list[str] = []
        self.names: dict[str, str] = {}
        self.commit: Json = {
            "id": "a" * 40, "message": "Rename an account", "parent_ids": ["b" * 40],
            "author_name": "Ann", "author_email": "ann@example.com",
            "committer_name": "Ann", "committer_email": "ann@example.com",
        }  # fmt: skip
        self.commits = [self.commit]
        self.pipelines: list[Json] = []
        self.files: dict[str, str] = {}
        self.deployments: list[Json] = []
        self.last = "c" * 40
        self.jobs: list[Json] = [{"id": 3, "name": "xerosync-plan", "status": "success"}]

    def deploy(
        self, journal: str, *, ref: str = "main", job: str = "xerosync-apply",
        sha: str = "c" * 40, tag: bool = False,
    ) -> None:  # fmt: skip
        """Have a job deploy; "" where it was refused and has kept no journal."""
        number = 100 + len(self.deployments)
        deployable = {"id": number, "name": job, "ref": ref, "tag": tag}
        found = {"id": number - 90, "ref": ref, "sha": sha, "deployable": deployable}
        self.deployments.append(found)
        if journal:
            self.files[f"/jobs/{number}/artifacts/result.jsonl"] = journal

    def answer(self, call: Call) -> tuple[int, Any]:
        """Answer one call."""
        path = call.path.removeprefix("/projects/5")
        step = -1 if call.query.get("sort") == "desc" else 1
        approved = [
            {"user": {"username": name, "name": self.names.get(name, f"Name of {name}")}}
            for name in self.approved_by
        ]
        reads = {
            "/user": {"id": 42},
            "": {"default_branch": "main"},
            "/merge_requests/7/notes": self.notes,
            "/merge_requests/7": self.request,
            "/merge_requests/7/diffs": self.changed,
            "/merge_requests/7/commits": self.commits,
            "/merge_requests/7/pipelines": [
                {"id": p["id"], "project_id": 5} for p in self.pipelines
            ],
            **{f"/pipelines/{p['id']}": p for p in self.pipelines},
            "/merge_requests/7/approvals": {"approved_by": approved},
            "/issues": [issue for issue in self.issues if issue["state"] == "opened"],
            "/pipelines/9/jobs": self.jobs,
            "/repository/branches/main": {"commit": {"id": self.last}},
            "/deployments": self.deployments[::step],
            f"/repository/commits/{'c' * 40}/merge_requests": [self.request],
            f"/repository/commits/{'a' * 40}": self.commit,
            f"/repository/commits/{'e' * 40}": {"parent_ids": ["b" * 40, "a" * 40]},
            **{name: text.encode(errors="surrogateescape") for name, text in self.files.items()},
        }
        if call.method == "GET":
            found = reads.get(path)
            return (404, {"message": "404 Not found"}) if found is None else (200, found)
        return self._write(call.method, path, call.body)

    def _write(self, method: str, path: str, body: Json) -> tuple[int, Any]:
        note = re.fullmatch(r"/merge_requests/7/notes/(\d+)", path)
        if note:
            self.notes[int(note[1])].update(body)
        elif (method, path) == ("POST", "/merge_requests/7/notes"):
            self.notes.append({"id": len(self.notes), "author": {"id": 42}} | body)
        elif (method, path) == ("POST", "/issues"):
            new = {"iid": 1, "author": {"id": 42}, "state": "opened", "web_url": "u"}
            self.issues.append(new | body)
        elif (method, path) == ("PUT", "/issues/1"):
            state = "closed" if body.get("state_event") == "close" else "opened"
            self.issues[0].update(body | {"state": state})
        elif (method, path) == ("POST", "/issues/1/notes"):
            self.said.append(body["body"])
        else:
            return 404, {"message": "404 Not found"}
        return 200, {"web_url": "u"}
