"""The database: kept, seeded once, refused if not ours, shared by processes."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
import requests

from sandbox.client import Client, only
from xerosync.sandbox import Sandbox, SandboxError
from xerosync.sandbox.books.database import Database

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WRITER = """
import sys, requests
from xerosync.sandbox import Limits, Sandbox
name, path = sys.argv[1:]
with Sandbox(path, limits=Limits(minute=10_000)) as sandbox:
    with requests.Session() as session:
        session.headers["Authorization"] = "Bearer " + sandbox.access_token()
        for number in range(25):
            for code in (f"{name}{number}", f"B{number}"):
                answer = session.put(
                    sandbox.url + "/api.xro/2.0/Accounts",
                    json={"Code": code, "Name": f"Account {code}", "Type": "EXPENSE"},
                )
                assert answer.status_code in {200, 400}, answer.text
"""


def test_the_books_survive_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "books.db"
    with Sandbox(path) as sandbox:
        client = Client(sandbox)
        tenant = sandbox.tenant_id
        with client.session:
            created = only(client.create(Code="601", Name="Spare", Type="EXPENSE"))
    with Sandbox(path) as sandbox:
        client = Client(sandbox)
        with client.session:
            assert client.find("601") == created
        assert sandbox.tenant_id == tenant


def test_a_reset_creates_new_books_even_for_another_country(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    with Sandbox(path) as sandbox:
        sandbox.store.edit("200", name="Turnover")
    Sandbox.reset(path, "UK")
    with Sandbox(path, country="UK") as sandbox:
        account = sandbox.store.by_code("200")
        assert account is not None
        assert account.name == "Sales"


def test_books_of_another_country_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    with Sandbox(path, country="AU"):
        pass
    with pytest.raises(SandboxError, match=r"are for AU, not for UK") as caught:
        Sandbox(path, country="UK")
    assert caught.value.hint == "Use --country AU, or add --reset to start with new books."
    with Sandbox(path) as sandbox:
        assert sandbox.store.country.name == "AU"


def test_an_unknown_country_is_refused() -> None:
    with pytest.raises(SandboxError) as caught:
        Sandbox(country="FR")
    assert "NZ, AU, UK, US" in caught.value.hint


def test_a_file_that_is_not_a_database_is_left_untouched(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("My notes. " * 200)
    for start in (Sandbox, Sandbox.reset):
        with pytest.raises(SandboxError, match="not a database of the sandbox") as caught:
            start(path)
        assert "Move it away" in caught.value.hint
        assert "--db" not in caught.value.hint, "only `xerosync sandbox` has that option"
    assert path.read_text() == "My notes. " * 200


def test_a_database_of_another_program_is_left_untouched(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE precious (thing)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    for start in (Sandbox, Sandbox.reset):
        with pytest.raises(SandboxError, match="not a database of the sandbox"):
            start(path)
    assert path.read_bytes() == before


def test_books_of_another_version_are_refused_but_can_be_reset(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    with Sandbox(path) as sandbox:
        sandbox.store.database.execute("PRAGMA user_version = 99")
    with pytest.raises(SandboxError, match="another version"):
        Sandbox(path)
    Sandbox.reset(path)
    with Sandbox(path):
        pass


def test_an_unusable_path_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path, tmp_path / "file" / "books.db"):
        with pytest.raises(SandboxError, match="cannot be used"):
            Sandbox(path)


def test_an_unusable_port_is_reported() -> None:
    with Sandbox() as sandbox:
        port = int(sandbox.url.rpartition(":")[2])
        with pytest.raises(SandboxError, match=f"port {port}"):
            Sandbox(port=port)
    with pytest.raises(SandboxError, match="port 99999"):
        Sandbox(port=99_999)


def test_a_database_that_another_process_fills_meanwhile_is_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "books.db"
    others: list[Sandbox] = []

    def then_another_starts(read: Callable[[Database], bool]) -> Callable[[Database], bool]:
        def reading(database: Database) -> bool:
            answer = read(database)
            monkeypatch.undo()
            if not others:
                others.append(Sandbox(path))
            return answer

        return reading

    for name in ("_is_ours", "_is_empty"):
        monkeypatch.setattr(Database, name, then_another_starts(getattr(Database, name)))
    with Sandbox(path) as sandbox:
        assert sandbox.store.accounts() == others[0].store.accounts()
    others[0].close()


def test_several_processes_can_start_and_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, name, str(path)], stderr=subprocess.PIPE)
        for name in ("C", "D", "E")
    ]
    for writer in writers:
        _, errors = writer.communicate(timeout=60)
        assert writer.returncode == 0, errors.decode()
    with Sandbox(path) as sandbox:
        accounts = sandbox.store.accounts()
        assert sandbox.store.database.rows("PRAGMA integrity_check")[0][0] == "ok"
    codes = [account.code for account in accounts]
    wanted = {f"{name}{number}" for name in "BCDE" for number in range(25)}
    assert wanted <= set(codes)
    assert len(codes) == len(set(codes))


def test_closing_twice_or_without_starting_is_harmless() -> None:
    sandbox = Sandbox()
    sandbox.close()
    sandbox.close()


def test_ctrl_c_while_the_server_starts_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server may answer before `start` returns, and a user may press Ctrl-C in between."""
    sandbox = Sandbox()
    start = sandbox.start

    def interrupted() -> None:
        start()
        raise KeyboardInterrupt

    monkeypatch.setattr(sandbox, "start", interrupted)
    sandbox.serve_forever()
    with pytest.raises(requests.ConnectionError):
        requests.get(sandbox.url, timeout=5)


@pytest.mark.parametrize("error", [RuntimeError("can't start new thread"), MemoryError()])
def test_a_server_whose_thread_cannot_start_does_not_wait_for_it(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(thread: threading.Thread) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", start)
        with pytest.raises(type(error)):
            Sandbox().serve_forever()
        sandbox = Sandbox()
        with pytest.raises(type(error)):
            sandbox.start()
    with sandbox:
        assert Client(sandbox).accounts(), "it can be started again"


def test_ctrl_c_before_the_thread_begins_ends_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread then finds the server closed, and ends without an error."""
    late: list[threading.Thread] = []

    def start(thread: threading.Thread) -> None:
        late.append(thread)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", start)
        Sandbox().serve_forever()
    errors: list[object] = []
    monkeypatch.setattr(threading, "excepthook", errors.append)
    late[0].start()
    late[0].join()
    assert not errors


def test_serve_forever_ends_with_close() -> None:
    sandbox = Sandbox()
    thread = threading.Thread(target=sandbox.serve_forever)
    thread.start()
    client = Client(sandbox)
    assert client.accounts()
    client.session.close()
    sandbox.close()
    thread.join(10)
    assert not thread.is_alive()


def test_an_open_connection_does_not_delay_the_end(tmp_path: Path) -> None:
    """An idle keep-alive connection is closed, not waited for."""
    with Sandbox(tmp_path / "books.db") as sandbox:
        client = Client(sandbox)
        client.accounts()
    client.session.close()
