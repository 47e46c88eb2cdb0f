"""The stored sign-in is private, complete, refreshed once by many runs, and never lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import types
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from command_line import Said, Xerosync

from ci import warm
from xero.auth.conftest import GENEROUS, Browser, point_at
from xerosync.errors import Interrupted, SignInError
from xerosync.sandbox import Sandbox
from xerosync.secret import Secret
from xerosync.xero.addresses import Addresses
from xerosync.xero.auth import system_keyring
from xerosync.xero.auth.sign_in import SignIn
from xerosync.xero.auth.store import TokenStore
from xerosync.xero.clock import Clock
from xerosync.xero.connect import Credentials, Hooks, connect

Login = Callable[..., Said]
NOW = datetime(2026, 11, 24, tzinfo=UTC)
ONE = SignIn(
    "app",
    "https://identity.xero.com",
    web_app=False,
    scopes=("offline_access", "accounting.settings"),
    access_token=Secret("access"),
    refresh_token=Secret("refresh"),
    ends=NOW,
    used=NOW,
)


def keep(store: TokenStore, sign_in: SignIn, *, keyring: bool = False) -> None:
    with store.locked(Clock()), store.writing(keyring=keyring) as write:
        write(sign_in)


def rotations(sandbox: Sandbox) -> int:
    row = sandbox.store.database.row(
        "SELECT count(*) AS n FROM refresh_tokens WHERE replaced IS NOT NULL", []
    )
    assert row
    return int(row["n"])


def asked(sandbox: Sandbox) -> int:
    return sum(request.path == "/connect/token" for request in sandbox.requests)


def expire(folder: Path, sandbox: Sandbox) -> None:
    """Expire the access token, at Xero and in the store."""
    path = folder / "sign-in.json"
    found = json.loads(path.read_text("utf-8"))
    found["ends"] = NOW.isoformat()
    path.write_text(json.dumps(found), encoding="utf-8")
    sandbox.tokens.expire(found["access_token"])


def test_a_stored_sign_in_is_read_back(tmp_path: Path) -> None:
    store = TokenStore("ACME", tmp_path / "new")
    assert store.load() is None
    keep(store, ONE)
    assert store.load() == ONE
    assert TokenStore("", tmp_path / "new").load() is None
    assert sorted(path.name for path in (tmp_path / "new").iterdir() if path.suffix != ".lock") == [
        "sign-in-acme.json"
    ]
    store.delete()
    assert store.load() is None


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps files by other means.")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_file_that_others_can_read_is_refused_with_the_command_that_fixes_it(
    books: Sandbox, login: Login, xerosync: Xerosync, no_sign_in_of_ours: Path, mode: int
) -> None:
    assert login().code == 0
    path = no_sign_in_of_ours / "sign-in.json"
    path.chmod(mode)
    for command in ("plan", "apply --yes", "auth status"):
        said = xerosync(*command.split())
        assert said.code == 4
        assert f"chmod 600 {path}" in said.err
    subprocess.run(["chmod", "600", str(path)], check=True)
    assert xerosync("plan").code == 0
    path.chmod(mode)
    assert xerosync("auth", "logout").code == 0
    assert not path.exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has other links.")
def test_a_symbolic_link_is_not_followed(tmp_path: Path) -> None:
    keep(TokenStore("", tmp_path / "elsewhere"), ONE)
    (tmp_path / "sign-in.json").symlink_to(tmp_path / "elsewhere" / "sign-in.json")
    with pytest.raises(SignInError, match="cannot be read"):
        TokenStore("", tmp_path).load()


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"{}", b"\xff\xfe", b'{"version": 2}', b'{"version": 1, "scopes": 3}',
     b'{"version": 1, "client_id": 7}'],
)  # fmt: skip
def test_a_damaged_file_is_reported_and_signing_in_again_repairs_it(
    books: Sandbox, login: Login, xerosync: Xerosync, no_sign_in_of_ours: Path, content: bytes
) -> None:
    assert login().code == 0
    path = no_sign_in_of_ours / "sign-in.json"
    path.write_bytes(content)
    for command in ("plan", "auth status", "auth logout"):
        said = xerosync(*command.split())
        assert said.code == 4
        assert "is damaged" in said.err
    assert login().code == 0
    assert xerosync("plan").code == 0
    path.write_bytes(content)
    assert xerosync("auth", "logout", "--keep-at-xero").code == 0
    assert not path.exists()


def test_an_expired_token_is_refreshed_and_the_new_one_stored(
    books: Sandbox, login: Login, xerosync: Xerosync, no_sign_in_of_ours: Path
) -> None:
    assert login().code == 0
    first = TokenStore("", no_sign_in_of_ours).load()
    expire(no_sign_in_of_ours, books)
    assert xerosync("plan").code == 0
    second = TokenStore("", no_sign_in_of_ours).load()
    assert first
    assert second
    assert second.refresh_token != first.refresh_token
    assert second.tenant_id == first.tenant_id
    assert rotations(books) == 1


def test_a_token_that_xero_calls_expired_is_refreshed_once(
    books: Sandbox, login: Login, xerosync: Xerosync, no_sign_in_of_ours: Path
) -> None:
    """By the clock it is valid, but Xero calls it expired."""
    assert login().code == 0
    kept = TokenStore("", no_sign_in_of_ours).load()
    assert kept
    books.tokens.expire(kept.access_token.reveal())
    assert xerosync("plan").code == 0
    assert rotations(books) == 1


@pytest.mark.parametrize("fault", ["drop-after", "drop-before", "truncate", "500-after", "503"])
def test_a_refresh_whose_answer_was_lost_is_repeated_with_the_old_token(
    project: Path,
    login: Login,
    xerosync: Xerosync,
    no_sign_in_of_ours: Path,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
) -> None:
    """Xero accepts a replaced refresh token for another 30 minutes."""
    with Sandbox(limits=GENEROUS, faults=[f"POST /connect/token#2={fault}"]) as books:
        point_at(books.url, monkeypatch)
        monkeypatch.setenv("XERO_CLIENT_ID", "sandbox")
        assert login().code == 0
        expire(no_sign_in_of_ours, books)
        assert xerosync("plan").code == 0
        assert asked(books) == 3
        assert xerosync("plan").code == 0
        assert asked(books) == 3


def test_a_failed_refresh_leaves_the_old_token_for_the_next_run(
    project: Path,
    login: Login,
    xerosync: Xerosync,
    no_sign_in_of_ours: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("xerosync.cli.session.new_clock", lambda _: Clock(sleep=lambda _: None))
    faults = [f"POST /connect/token#{n}=drop-after" for n in (2, 3, 4)]
    with Sandbox(limits=GENEROUS, faults=faults) as books:
        point_at(books.url, monkeypatch)
        monkeypatch.setenv("XERO_CLIENT_ID", "sandbox")
        assert login().code == 0
        expire(no_sign_in_of_ours, books)
        assert xerosync("plan").code == 4
        assert xerosync("plan").code == 0


def test_after_30_minutes_a_replaced_token_requires_a_new_sign_in(
    project: Path,
    login: Login,
    xerosync: Xerosync,
    no_sign_in_of_ours: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [NOW.timestamp()]
    with Sandbox(limits=GENEROUS, clock=lambda: now[0]) as books:
        point_at(books.url, monkeypatch)
        monkeypatch.setenv("XERO_CLIENT_ID", "sandbox")
        assert login().code == 0
        kept = TokenStore("", no_sign_in_of_ours).load()
        assert kept
        assert books.tokens.refresh(kept.refresh_token.reveal(), with_secret=False)
        now[0] += 1801
        said = xerosync("plan")
        assert said.code == 4
        assert "The sign-in has ended" in said.err
        assert "auth login" in said.err


def test_an_unwritable_store_is_noticed_before_a_token_is_replaced(
    books: Sandbox,
    login: Login,
    xerosync: Xerosync,
    no_sign_in_of_ours: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert login().code == 0
    expire(no_sign_in_of_ours, books)

    def full(**_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full_disk:
        full_disk.setattr("xerosync.xero.auth.store.NamedTemporaryFile", full)
        said = xerosync("plan")
    assert said.code == 4
    assert "No space left on device" in said.err
    assert rotations(books) == 0
    assert xerosync("plan").code == 0


def test_a_full_disk_during_a_refresh_loses_nothing(
    books: Sandbox,
    login: Login,
    xerosync: Xerosync,
    no_sign_in_of_ours: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert login().code == 0
    expire(no_sign_in_of_ours, books)
    before = (no_sign_in_of_ours / "sign-in.json").read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left")

    with monkeypatch.context() as full_disk:
        full_disk.setattr("os.fsync", full)
        assert xerosync("plan").code == 4
    assert (no_sign_in_of_ours / "sign-in.json").read_bytes() == before
    assert [p.name for p in no_sign_in_of_ours.iterdir() if p.name.startswith(".")] == []
    assert xerosync("plan").code == 0


def test_twenty_threads_refresh_once(
    books: Sandbox, login: Login, no_sign_in_of_ours: Path
) -> None:
    assert login().code == 0
    expire(no_sign_in_of_ours, books)
    credentials = Credentials(client_id="sandbox", store=TokenStore("", no_sign_in_of_ours))
    addresses = Addresses(books.url, books.url, books.url)
    with (
        connect(credentials, addresses, read_only=True, hooks=Hooks()) as ledger,
        ThreadPoolExecutor(20) as pool,
    ):
        list(pool.map(lambda _: ledger.organisation(), range(20)))
    assert rotations(books) == 1


def test_twenty_processes_refresh_once_and_none_loses_the_token(
    books: Sandbox,
    login: Login,
    no_sign_in_of_ours: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Three rounds of real processes: one refresh each, and no failure."""
    assert login().code == 0
    with warm.started(tmp_path_factory.mktemp("warm")) as program:
        for round_number in (1, 2, 3):
            expire(no_sign_in_of_ours, books)
            processes = [
                subprocess.Popen(
                    [program, "plan"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
                )
                for _ in range(20)
            ]
            ended = [(process.communicate()[1], process.returncode) for process in processes]
            assert [code for _, code in ended] == [0] * 20, ended
            assert rotations(books) == round_number
            assert asked(books) == round_number + 1
    kept = TokenStore("", no_sign_in_of_ours).load()
    assert kept
    row = books.store.database.row(
        "SELECT replaced FROM refresh_tokens WHERE token = ?", [kept.refresh_token.reveal()]
    )
    assert row
    assert row["replaced"] is None


def test_a_job_without_a_home_folder_needs_no_store(
    books: Sandbox, xerosync: Xerosync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If no file can exist, the job's own credentials are enough."""
    (tmp_path / "home").write_text("not a folder", encoding="utf-8")
    monkeypatch.setattr(
        "xerosync.xero.auth.store.state_folder", lambda: tmp_path / "home" / "state"
    )
    monkeypatch.setenv("XERO_CLIENT_SECRET", "sandbox")
    assert xerosync("plan").code == 0


def test_a_lock_that_is_held_too_long_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xerosync.xero.auth.store._LOCK_SECONDS", 0.02)
    monkeypatch.setattr("xerosync.xero.auth.store._LOCK_ATTEMPTS", 2)
    store = TokenStore("", tmp_path)
    with store.locked(Clock()):
        with pytest.raises(SignInError, match="Another xerosync"), store.locked(Clock()):
            pass
        stopped = Clock()
        stopped.stop.set()
        with pytest.raises(Interrupted), store.locked(stopped):
            pass


def test_a_sign_in_lapses_after_sixty_days_without_use() -> None:
    assert replace(ONE, used=NOW).lapses == NOW + timedelta(days=60)


class Backend:
    """A backend like those of the package `keyring`."""

    def __init__(self, *, broken: bool = False) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.broken = broken

    def get_password(self, service: str, key: str) -> str | None:
        return self.kept.get((service, key))

    def set_password(self, service: str, key: str, text: str) -> None:
        if self.broken:
            raise RuntimeError(text)
        self.kept[service, key] = text

    def delete_password(self, service: str, key: str) -> None:
        del self.kept[service, key]


class Chainer:
    def __init__(self, *backends: Backend) -> None:
        self.backends = backends


def backend_of(module: str, *, broken: bool = False) -> Backend:
    kind = type("Keyring", (Backend,), {"__module__": module})
    made: Backend = kind(broken=broken)
    return made


def install(monkeypatch: pytest.MonkeyPatch, backend: object) -> None:
    package = types.ModuleType("keyring")
    package.get_keyring = lambda: backend  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", package)


def test_with_the_keyring_the_file_contains_no_token(
    books: Sandbox,
    login: Login,
    xerosync: Xerosync,
    no_sign_in_of_ours: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    system = backend_of("keyring.backends.SecretService")
    plain = backend_of("keyrings.alt.file")
    chainer = type("ChainerBackend", (Chainer,), {"__module__": "keyring.backends.chainer"})
    install(monkeypatch, chainer(plain, system))
    assert login("--keyring").code == 0
    path = no_sign_in_of_ours / "sign-in.json"
    assert json.loads(path.read_text("utf-8")) == {"version": 1, "kept_in": "keyring"}
    assert list(system.kept) == [("xerosync", "default")]
    assert plain.kept == {}
    reported = json.loads(xerosync("auth", "status", "--format", "json").out)
    assert reported["kept_in"] == "keyring"
    kept = TokenStore("", no_sign_in_of_ours).load()
    assert kept
    books.tokens.expire(kept.access_token.reveal())
    assert xerosync("plan").code == 0
    assert "refresh_token" not in path.read_text("utf-8")
    assert rotations(books) == 1
    assert login().code == 0
    assert system.kept == {}
    assert "refresh_token" in path.read_text("utf-8")
    assert login("--keyring").code == 0
    assert xerosync("auth", "logout").code == 0
    assert system.kept == {}
    assert not path.exists()


@pytest.mark.parametrize("damaged", [b"", b"{", b'{"version": 9}', None])
@pytest.mark.parametrize("again", [False, True])
def test_no_sign_in_stays_in_the_keyring_if_the_file_that_names_it_is_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damaged: bytes | None, *, again: bool
) -> None:
    """`None` is a file that cannot be read."""
    system = backend_of("keyring.backends.SecretService")
    install(monkeypatch, system)
    store = TokenStore("", tmp_path)
    keep(store, ONE, keyring=True)
    assert system.kept
    if damaged is None:
        store.path.unlink()
        store.path.symlink_to("elsewhere")
    else:
        store.path.write_bytes(damaged)
    if again:
        keep(store, ONE)
        assert store.load() == ONE
    else:
        store.delete()
        assert not os.path.lexists(store.path)
    assert system.kept == {}


def test_the_keyring_is_left_alone_if_the_sign_in_is_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = backend_of("keyring.backends.SecretService")
    system.kept["xerosync", "default"] = "of another folder"
    install(monkeypatch, system)
    store = TokenStore("", tmp_path)
    store.delete()
    keep(store, ONE)
    keep(store, ONE)
    store.delete()
    assert system.kept


@pytest.mark.parametrize(
    "module",
    ["keyrings.alt.file", "keyring.backends.fail", "keyring.backends.null", "someone.elses"],
)
def test_a_keyring_that_may_keep_plain_text_is_refused_before_the_browser_opens(
    books: Sandbox,
    login: Login,
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
    module: str,
) -> None:
    install(monkeypatch, backend_of(module))
    said = login("--keyring")
    assert said.code == 4
    assert "has no system keyring" in said.err
    assert browser.opened == []


def test_the_error_of_a_failing_keyring_shows_nothing_of_the_sign_in(
    books: Sandbox, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, backend_of("keyring.backends.macOS", broken=True))
    said = login("--keyring", "--debug")
    assert said.code == 4
    assert "did not accept the sign-in" in said.err
    assert "RuntimeError" not in said.err


def test_a_missing_keyring_package_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(SignInError) as caught:
        system_keyring.check()
    assert "the extra [keyring], as its README.md" in caught.value.hint
