"""A damaged, foreign or unusable database ends in a message that says what to do."""

from __future__ import annotations

import os
import random
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.client import Client, only
from xerosync.sandbox import Limits, Sandbox, SandboxError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PAGE = 4096
COUNTRY = "an organisation has an unknown country."
GENEROUS = Limits(minute=100_000)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return the bytes of a sound database."""
    path = tmp_path_factory.mktemp("sound") / "books.db"
    with Sandbox(path):
        pass
    return path.read_bytes()


def garble(data: bytes, start: int, length: int) -> bytes:
    """Return the bytes with some of them replaced, the same ones each time."""
    noise = random.Random(start).randbytes(length)  # noqa: S311 the same each time
    return data[:start] + noise + data[start + length :]


def second_page_on(data: bytes) -> bytes:
    return b"".join(
        garble(data, start, PAGE)[start : start + PAGE] if start else data[:PAGE]
        for start in range(0, len(data), PAGE)
    )


def answer_all(sandbox: Sandbox) -> list[int]:
    """Return the status of each of many calls."""
    client = Client(sandbox)
    with client.session:
        statuses = [
            client.call("GET", f"/{path}").status_code
            for path in ("Accounts", "Organisation", "TaxRates", "Currencies")
        ]
        created = client.create({"Idempotency-Key": "k"}, Code="601", Name="N", Type="EXPENSE")
        statuses.append(created.status_code)
        for account in client.accounts()[::9]:
            renamed = client.update(account["AccountID"], Name=f"{account['Name']}!")
            archived = client.update(account["AccountID"], Status="ARCHIVED")
            statuses += [renamed.status_code, archived.status_code]
    return statuses


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: PAGE + 17],
        lambda data: data[:-PAGE],
        lambda data: garble(data, 5 * PAGE, PAGE),
        lambda data: data[: 5 * PAGE] + bytes(PAGE) + data[6 * PAGE :],
        lambda data: b"garbage" + data[7:],
        lambda data: garble(data, 100, PAGE - 100),
        second_page_on,
        lambda data: data.replace(b"CREATE TABLE accounts", b"CREATE TABLE \xff\xfe\x1b[2J__"),
        lambda data: data.replace(b"(NZ)NZ", b"(NZ)ZZ"),
    ],
    ids=["cut short", "last page", "a page", "a page of zeros", "magic", "the schema",
         "all pages", "not text", "the country"],
)  # fmt: skip
def test_damage_is_reported_with_the_reset_that_repairs_it(
    tmp_path: Path, sound: bytes, damage: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "books.db"
    path.write_bytes(damage(sound))
    assert path.read_bytes() != sound

    with pytest.raises(SandboxError) as caught:
        Sandbox(path)

    assert caught.value.message.startswith(f"The sandbox's database {path} is damaged: ")
    what = caught.value.message.partition(" is damaged: ")[2]
    assert what in {"SQLite cannot read it.", "its tables and indexes do not agree.", COUNTRY}
    assert f"`xerosync sandbox --reset --db {path}`" in caught.value.hint
    Sandbox.reset(path)
    with Sandbox(path, limits=GENEROUS) as sandbox:
        assert max(answer_all(sandbox)) < 500


@pytest.mark.parametrize("seed", range(25))
def test_random_bytes_are_reported_or_harmless(tmp_path: Path, sound: bytes, seed: int) -> None:
    path = tmp_path / "books.db"
    chance = random.Random(seed)  # noqa: S311 the same each time
    data = bytearray(sound)
    for _ in range(chance.choice([1, 5, 40])):
        data[chance.randrange(100, len(data))] = chance.randrange(256)
    path.write_bytes(data)

    try:
        sandbox = Sandbox(path, limits=GENEROUS)
    except SandboxError:
        Sandbox.reset(path)
        sandbox = Sandbox(path, limits=GENEROUS)
    with sandbox:
        assert max(answer_all(sandbox)) < 500


def test_a_file_too_short_to_be_recognised_is_left_untouched(tmp_path: Path, sound: bytes) -> None:
    path = tmp_path / "books.db"
    path.write_bytes(sound[:50])

    for start in (Sandbox, Sandbox.reset):
        with pytest.raises(SandboxError, match="left untouched") as caught:
            start(path)
        assert "delete it" in caught.value.hint
    assert path.read_bytes() == sound[:50]


@pytest.mark.parametrize(
    "make",
    [lambda path: path.mkdir(), os.mkfifo, lambda path: path.symlink_to("/dev/zero"),
     lambda path: path.symlink_to("nowhere/books.db")],
    ids=["directory", "FIFO", "device", "dangling link"],
)  # fmt: skip
def test_a_path_that_is_not_a_regular_file_is_reported_and_left_alone(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    path = tmp_path / "books.db"
    make(path)

    for start in (Sandbox, Sandbox.reset):
        with pytest.raises(SandboxError, match="cannot be used") as caught:
            start(path)
        assert "move it away" in caught.value.hint
    assert path.lstat()


def test_a_damaged_database_that_cannot_be_deleted_is_reported(
    tmp_path: Path, sound: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "books.db"
    path.write_bytes(sound[:10_000])

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.unlink", refuse)
    with pytest.raises(SandboxError, match=r"used: .* Permission denied"):
        Sandbox.reset(path)


def test_a_read_only_file_is_reported(
    tmp_path: Path, sound: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite opens the file read-only: a mode of 444 would not stop root."""
    path = tmp_path / "books.db"
    path.write_bytes(sound)

    def read_only(path: Path, **options: Any) -> sqlite3.Connection:
        return sqlite3.Connection(f"file:{path}?mode=ro", uri=True, **options)

    monkeypatch.setattr(sqlite3, "connect", read_only)

    with pytest.raises(SandboxError, match="readonly") as caught:
        Sandbox(path)
    assert "that you can write to" in caught.value.hint


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("DROP TABLE accounts", "a table or column is missing"),
        ("DELETE FROM organisations", "holds no organisation"),
        ("UPDATE organisations SET country = 'ZZ'", "unknown country"),
        ("ALTER TABLE accounts RENAME COLUMN name TO other", "a table or column is missing"),
        ("UPDATE accounts SET description = x'ff00'", "failed"),
    ],
)
def test_damage_while_the_sandbox_runs_is_reported_in_each_answer(
    tmp_path: Path, damage: str, said: str
) -> None:
    path = tmp_path / "books.db"
    with Sandbox(path) as sandbox:
        client = Client(sandbox)
        with client.session, closing(sqlite3.connect(path)) as other:
            other.execute(damage)
            other.commit()
            for _ in range(2):
                answer = client.call("GET", "/Accounts")
                assert answer.status_code == 500
                message = answer.json()["Message"]
                assert said in message
                assert f"`xerosync sandbox --reset --db {path}`" in message


def test_books_that_become_read_only_are_reported_and_the_listener_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    with Sandbox(path) as sandbox:
        client = Client(sandbox)
        with client.session:
            sandbox.store.database.execute("PRAGMA query_only = ON")
            answer = client.create(Code="601", Name="N", Type="EXPENSE")
            assert answer.status_code == 500
            assert "cannot be used: attempt to write a readonly database" in answer.text
            assert client.find("200")
            sandbox.store.database.execute("PRAGMA query_only = OFF")
            assert only(client.create(Code="601", Name="N", Type="EXPENSE"))
