"""No answer of a forge ends a job as a bug: wrong types, other pages, damaged and hostile files."""

from __future__ import annotations

import bz2
import copy
import io
import json
import struct
import zipfile
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from command_line import Said, Xerosync

from ci.conftest import COMMIT
from ci.forges import TOKEN, Call, Forge, GitHub, GitLab, Pull, let_through, page_of, review
from ci.jobs import on_request
from xerosync.plan.saved.digest import digest
from xerosync.plan.saved.serialize import FORMAT_VERSION

HEAD = "a" * 40
PLAN = json.dumps({"format_version": FORMAT_VERSION, "plans": [], "digest": digest([])})
MARKER = "<!-- xerosync:plan:tenant-1 -->"
FETCH = ("ci", "reviewed", "--out", "plan.json", "--require-approval")
HUGE = int("9" * 4_000)
WRONG: tuple[Any, ...] = (
    None, "", "\ud800", "x\x1b[31m\u202e", -1, True, HUGE, 1.5, float("inf"), [], {}, [[]],
    [None], {"a": None}, "../../../etc", "9" * 5_000,
)  # fmt: skip
"""Values of every type that are wrong everywhere."""


def commented(login: str) -> dict[str, Any]:
    at = "2026-11-26T10:00:00Z"
    line = f"approve {digest([])}"
    return {"user": {"login": login}, "body": line, "created_at": at, "updated_at": at}


@pytest.fixture
def at_github(github: GitHub, project: Path) -> GitHub:
    """Return a forge where every command has something to read."""
    github.pulls = [Pull(7, HEAD, COMMIT, reviews=[review("kim", "APPROVED", HEAD)])]
    github.keep("xerosync-plan", {"plan.json": PLAN}, head=HEAD, branch="topic", run=2)
    github.keep("xerosync-plan", {"plan.json": PLAN}, head=COMMIT, run=11)
    github.keep("xerosync-result-1", {"result.jsonl": "one\n"}, head=COMMIT)
    github.commit_comments = [commented("lee")]
    github.deployers = [let_through("lee")]
    github.messages = {HEAD: "Two\n\nCo-authored-by: Bob <bob@example.com>"}
    github.accounts = [{"login": "ann"}, {"login": "bob"}]
    github.comments = [page_of(1, f"{MARKER}\nold", "MEMBER")]
    github.issues = [page_of(2, f"{MARKER}\nold", "MEMBER")]
    return github


@pytest.fixture
def at_gitlab(gitlab: GitLab, project: Path) -> GitLab:
    """Return a forge where every command has something to read."""
    gitlab.files["/jobs/3/artifacts/plan.json"] = PLAN
    gitlab.approved_by = ["kim"]
    gitlab.request["head_pipeline"] |= {"sha": "e" * 40, "source": "merge_request_event"}
    gitlab.last = "d" * 40
    gitlab.deploy("one\n", sha="b" * 40)
    gitlab.notes = [{"id": 0, "author": {"id": 42}, "body": f"{MARKER}\nold"}]
    issue = {"iid": 1, "author": {"id": 42}, "state": "opened", "web_url": "u"}
    gitlab.issues = [issue | {"description": f"{MARKER}\nold"}]
    return gitlab


@pytest.fixture(params=["at_github", "at_gitlab"])
def forge(request: pytest.FixtureRequest) -> Forge:
    """Run the test at both forges."""
    found: Forge = request.getfixturevalue(request.param)
    return found


def places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the place of everything in a JSON value, itself included."""
    yield path
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for name, one in inner:
        yield from places(one, (*path, name))


def replaced(value: Any, path: tuple[str | int, ...], wrong: object) -> Any:
    """Return a JSON value with something else at a place."""
    if not path:
        return wrong
    changed = copy.deepcopy(value)
    inner = changed
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = wrong
    return changed


def on_request_7(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_REF", "refs/pull/7/merge")
    monkeypatch.setenv("CI_MERGE_REQUEST_IID", "7")
    monkeypatch.setenv("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", HEAD)


AT_GITLAB = {
    "CI_PIPELINE_SOURCE": "merge_request_event",
    "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "5",
    "CI_MERGE_REQUEST_PROJECT_ID": "5",
}
OUTPUTS = {"kim", "lee", "unchanged"}
COMMANDS: dict[str, tuple[str, ...]] = {
    "reviewed": FETCH,
    "this run": (*FETCH, "--this-run"),
    "journals": ("ci", "journals"),
    "comment": ("ci", "comment", "page.md"),
    "failed": ("ci", "comment", "--failed"),
    "issue": ("ci", "issue", "page.md"),
    "resolved": ("ci", "issue", "page.md", "--resolved"),
    "source": ("ci", "source", "--file", "accounts.yaml"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_no_wrong_type_in_an_answer_causes_a_crash_or_approves_a_plan(
    forge: Forge, name: str, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each value of each answer is replaced once, by each wrong value in turn."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    Path("page.md").write_text(f"{MARKER}\n\nA plan\n", encoding="utf-8")
    if name in ("comment", "failed", "source"):
        on_request_7(monkeypatch)
    if name == "source":
        for variable, text in {**on_request(HEAD), **AT_GITLAB}.items():
            monkeypatch.setenv(variable, text)
    state = copy.deepcopy(
        {k: v for k, v in vars(forge).items() if k in ("comments", "issues", "notes")}
    )

    def attempt(spoil: Callable[[Call, Any], Any]) -> Said:
        vars(forge).update(copy.deepcopy(state))
        forge.calls.clear()
        forge.spoil = spoil
        Path("plan.json").unlink(missing_ok=True)
        return xerosync(*COMMANDS[name])

    answers: list[Any] = []

    def record(_: Call, answer: Any) -> Any:
        answers.append(copy.deepcopy(answer))
        return answer

    good = attempt(record)
    wrong = cycle(WRONG)
    for number, answer in enumerate(answers):
        if isinstance(answer, bytes):
            continue
        for place in places(answer):
            value = next(wrong)

            def spoil(
                call: Call, found: Any, at: int = number, where: Any = place, bad: Any = value
            ) -> Any:
                return replaced(found, where, bad) if len(forge.calls) == at + 1 else found

            said = attempt(spoil)
            shown = (name, number, place, str(value)[:20], said)
            assert "bug" not in said.err, shown
            assert said.code in {0, 1, 4, 5, 64}, shown
            assert said.out in {good.out, "", "\n"} or said.out.strip() in OUTPUTS, shown
            assert "\x1b" not in said.out + said.err, shown


PAGES: dict[str, Any] = {
    "a web page": b"<html><body>Sign in to the wifi</body></html>",
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "a text": b'"\\ud800"',
    "a number": b"9" * 5_000,
    "nested": b"[" * 100_000,
    "not UTF-8": b"\xff\xfe\x00",
    "NaN": b"NaN",
}


@pytest.mark.parametrize("answer", PAGES.values(), ids=PAGES)
def test_an_answer_that_is_not_the_expected_json_is_an_error_that_names_the_call(
    forge: Forge, answer: bytes, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    forge.spoil = lambda _, __: answer
    said = xerosync("ci", "journals")
    assert said.code == 1
    assert "Unexpected answer: Git" in said.err
    path = "/repos/acme/books" if isinstance(forge, GitHub) else "/projects/5"
    assert f"{path} is {'null.' if answer == b'null' else 'not'}" in said.err


def zipped(text: bytes, how: int = zipfile.ZIP_DEFLATED, name: str = "plan.json") -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", how) as archive:
        archive.writestr(name, text)
    return data.getvalue()


def understated(data: bytes, size: int) -> bytes:
    """Return a zip that says its file is smaller than it is."""
    at = data.rindex(b"PK\x01\x02")
    return data[: at + 24] + struct.pack("<I", size) + data[at + 28 :]


WHOLE = zipped(PLAN.encode() * 50, zipfile.ZIP_STORED)
ZIPS: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "cut short": lambda: WHOLE[:-40],
    "damaged": lambda: WHOLE[:60] + b"!" + WHOLE[61:],
    "not a zip": lambda: b"<html>",
    "bomb": lambda: zipped(bytes(200 << 20)),
    "understated bomb": lambda: understated(zipped(bytes(200 << 20)), 100),
    "bzip2 bomb": lambda: zipped(bytes(200 << 20), zipfile.ZIP_BZIP2),
    "lzma bomb": lambda: zipped(bytes(80 << 20), zipfile.ZIP_LZMA),
    "outside": lambda: zipped(PLAN.encode(), name="../../plan.json"),
    "absolute": lambda: zipped(PLAN.encode(), name="/plan.json"),
    "not text": lambda: zipped(b"\xff\xfe"),
}
"""Each is made where it is needed: bombs take seconds."""


@pytest.mark.parametrize("name", ZIPS)
def test_a_damaged_or_hostile_artifact_is_an_error(
    at_github: GitHub, name: str, xerosync: Xerosync
) -> None:
    at_github.zips[1] = ZIPS[name]()
    said = xerosync(*FETCH)
    assert said.code == 1, said
    assert "xerosync-plan" in said.err
    assert not Path("plan.json").exists()


def test_a_file_that_python_can_only_unpack_whole_is_never_unpacked(
    at_github: GitHub, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python unpacks bzip2 whole, whatever size is asked for."""

    def fail(*_: object) -> bytes:
        raise AssertionError

    at_github.zips[1] = ZIPS["bzip2 bomb"]()
    monkeypatch.setattr(bz2, "BZ2Decompressor", fail)
    assert xerosync(*FETCH).code == 1


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 500])
def test_the_token_is_masked_wherever_an_answer_quotes_it(
    forge: Forge, status: int, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    Path("page.md").write_text(f"{MARKER}\n\nA plan\n", encoding="utf-8")
    on_request_7(monkeypatch)
    quoted = f"https://x/{TOKEN}"

    def page(call: Call) -> tuple[int, Any, str]:
        if status != 200:
            return status, {"message": f"No: {TOKEN}, Bearer other-secret"}, ""
        answer: Any = {"html_url": quoted, "web_url": quoted, "id": 42, "default_branch": TOKEN}
        answer |= {"head": {"sha": COMMIT}, "sha": HEAD}
        return (
            status,
            answer
            if not call.path.endswith(("comments", "notes")) or call.method == "POST"
            else [],
            "",
        )

    monkeypatch.setattr(forge, "page", page)
    said = [xerosync("ci", "comment", "page.md"), xerosync(*FETCH)]
    hints = {401: "If it fails again, replace its token", 403: "Grant the job's token"}
    assert all((hint in said[0].err) == (status == of) for of, hint in hints.items())
    for one in said:
        assert TOKEN not in one.out + one.err
        assert "other-secret" not in one.out + one.err
    assert all("***" in one.err for one in said)
    forge.moved = {f"GET {call.path}": (302, f"https://{TOKEN}.example/x") for call in forge.calls}
    moved = xerosync(*FETCH)
    assert "redirect" in moved.err
    assert TOKEN not in moved.err


def test_a_token_in_a_fetched_file_is_masked(at_gitlab: GitLab, xerosync: Xerosync) -> None:
    at_gitlab.files["/jobs/100/artifacts/result.jsonl"] = f"{TOKEN}\n"
    assert xerosync("ci", "journals").code == 0
    (path,) = Path(".xerosync/runs").iterdir()
    assert path.read_text(encoding="utf-8") == "***\n"
