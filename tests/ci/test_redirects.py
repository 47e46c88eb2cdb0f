"""Redirects of a forge: the token is sent only to the forge itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import Xerosync

from ci.conftest import COMMIT
from ci.forges import TOKEN, Forge, GitHub, GitLab, Pull, Store, review

HEAD = "a" * 40
PAGE = "<!-- xerosync:plan:tenant-1 -->\n\nA plan\n"
ZIP = "/repos/acme/books/actions/artifacts/1/zip"
FILE = "/projects/5/jobs/3/artifacts/plan.json"
FETCH = ("ci", "reviewed", "--out", "plan.json")


@pytest.fixture
def store() -> Iterator[Store]:
    """Serve another host: another port of this machine."""
    with Store(b"the plan") as elsewhere:
        yield elsewhere


@pytest.fixture
def at_github(github: GitHub, store: Store, project: Path) -> GitHub:
    """Return a forge with a merged pull request whose plan is in the store."""
    github.pulls = [Pull(7, HEAD, COMMIT, reviews=[review("kim", "APPROVED", HEAD)])]
    github.keep("xerosync-plan", {"plan.json": "the plan"}, head=HEAD)
    store.data = github.zips[1]
    github.moved[f"GET {ZIP}"] = (302, f"{store.url}/blob?signature=s")
    return github


@pytest.fixture
def at_gitlab(gitlab: GitLab, store: Store, project: Path) -> GitLab:
    """Return a forge with a merged merge request whose plan is in the store."""
    gitlab.moved[f"GET {FILE}"] = (302, f"{store.url}/blob?signature=s")
    return gitlab


@pytest.fixture(params=["at_github", "at_gitlab"])
def forge(request: pytest.FixtureRequest) -> Forge:
    """Run the test at both forges."""
    found: Forge = request.getfixturevalue(request.param)
    return found


def assert_no_token(store: Store) -> None:
    for call in store.calls:
        assert TOKEN not in str(call)
        assert not {"authorization", "private-token", "x-github-api-version"} & set(call.headers)


def kept_at(forge: Forge) -> str:
    return ZIP if isinstance(forge, GitHub) else FILE


def test_an_artifact_is_fetched_from_its_store_without_token_or_netrc(
    forge: Forge, store: Store, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch, project: Path
) -> None:
    netrc = project / "netrc"
    netrc.write_text("machine 127.0.0.1 login evil password evil\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    said = xerosync(*FETCH)
    assert said.code == 0, said.err
    assert Path("plan.json").read_text(encoding="utf-8") == "the plan"
    assert [call.query for call in store.calls] == [{"signature": "s"}]
    assert_no_token(store)


def test_a_redirect_back_to_the_forge_is_followed_without_the_token(
    forge: Forge, store: Store, xerosync: Xerosync
) -> None:
    store.moved["GET /blob"] = (302, f"{forge.url}/user")
    assert xerosync(*FETCH).code == 4
    assert (forge.calls[-1].path, forge.calls[-1].token) == ("/user", "")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_only_an_artifact_is_read_from_another_host(
    forge: Forge, store: Store, xerosync: Xerosync, status: int
) -> None:
    here = "/repos/acme/books" if isinstance(forge, GitHub) else "/projects/5"
    forge.moved[f"GET {here}"] = (status, f"{store.url}{here}")
    said = xerosync(*FETCH)
    assert said.code == 1
    told = " ".join(said.err.split())
    assert f"a redirect to {store.url.removeprefix('http://')}, which is not followed: " in told
    assert f"the token is only for {type(forge).__name__}." in told
    assert store.calls == []


@pytest.mark.parametrize(
    "place",
    ["http://forge.example/x", "ftp://127.0.0.1/x", "https://[x/", "{store}\\@{forge}/x"],
)
def test_an_unsafe_or_ambiguous_address_is_not_called(
    forge: Forge, store: Store, xerosync: Xerosync, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    here = place.format(store=store.url, forge=forge.url.removeprefix("http://"))
    forge.moved[f"GET {kept_at(forge)}"] = (302, here)
    xerosync(*FETCH)
    assert_no_token(store)
    assert not Path("plan.json").exists() or store.calls


def test_a_read_follows_at_most_three_redirects_within_the_forge(
    forge: Forge, xerosync: Xerosync, store: Store
) -> None:
    """A renamed repository is a redirect to its number."""
    path = kept_at(forge)
    del forge.moved[f"GET {path}"]
    here = path.rpartition("/")[0]
    assert xerosync(*FETCH).code in (0, 1)
    forge.moved |= {
        f"GET {path}": (301, f"{here}/1"),
        f"GET {here}/1": (307, f"{forge.url}{here}/2"),
        f"GET {here}/2": (302, f"{store.url}/blob"),
    }
    store.calls.clear()
    assert xerosync(*FETCH).code == 0
    assert len(store.calls) == 1
    forge.moved[f"GET {here}/2"] = (302, path)
    said = xerosync(*FETCH)
    assert said.code == 1
    assert "redirects again and again" in " ".join(said.err.split())


def test_a_write_follows_no_redirect(
    forge: Forge, store: Store, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_REF", "refs/pull/7/merge")
    monkeypatch.setenv("CI_MERGE_REQUEST_IID", "7")
    monkeypatch.setenv("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", HEAD)
    github = isinstance(forge, GitHub)
    notes = "repos/acme/books/issues/7/comments" if github else "projects/5/merge_requests/7/notes"
    Path("page.md").write_text(PAGE, encoding="utf-8")
    for place in (store.url, forge.url):
        forge.moved[f"POST /{notes}"] = (307, f"{place}/x")
        said = xerosync("ci", "comment", "page.md")
        assert said.code == 1
        assert "Writes do not follow redirects: nothing was written" in " ".join(said.err.split())
    assert store.calls == []


def test_a_next_page_at_another_host_is_not_requested(
    forge: Forge, store: Store, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    if isinstance(forge, GitHub):
        forge.pulls = [Pull(number, HEAD) for number in range(3)]
    else:
        forge.jobs = [{"id": n, "name": "other", "status": "success"} for n in range(3)]  # type: ignore[attr-defined]
    monkeypatch.setattr(forge, "url", f"{store.url}\\@{forge.url.removeprefix('http://')}")
    assert xerosync(*FETCH).code == 5
    assert store.calls == []
