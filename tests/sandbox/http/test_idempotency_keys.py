"""Idempotency keys: a repeated request gets the same response for six minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.client import Client, Clock, messages, only
from xerosync.sandbox import Sandbox

if TYPE_CHECKING:
    from pathlib import Path

KEY = {"Idempotency-Key": "abc"}
NEW = {"Code": "601", "Name": "Spare", "Type": "EXPENSE"}


def test_a_repeated_request_gets_the_same_response_and_is_done_once(client: Client) -> None:
    first = client.create(KEY, **NEW)

    again = client.create(KEY, **NEW)

    assert again.json() == first.json()
    assert len([each for each in client.accounts() if each["Name"] == "Spare"]) == 1


def test_errors_are_remembered_for_six_minutes(client: Client, clock: Clock) -> None:
    wrong = NEW | {"Code": "200"}
    assert messages(client.create(KEY, **wrong))
    client.sandbox.store.edit("200", code="201")
    clock.now += 359
    assert messages(client.create(KEY, **wrong))

    clock.now += 1

    assert only(client.create(KEY, **wrong))


def test_a_key_with_another_request_is_refused(client: Client) -> None:
    only(client.create(KEY, **NEW))

    answer = client.create(KEY, **NEW | {"Code": "602"})

    assert answer.status_code == 400
    assert "is used with a different request" in answer.text
    assert "602" not in {account.get("Code") for account in client.accounts()}


def test_a_key_has_at_most_128_characters(client: Client) -> None:
    assert client.create({"Idempotency-Key": "k" * 129}, **NEW).status_code == 400
    assert client.create({"Idempotency-Key": "k" * 128}, **NEW).status_code == 200


def test_get_and_delete_ignore_keys(client: Client) -> None:
    account = only(client.create(KEY, **NEW))
    client.session.headers.update(KEY)

    assert client.accounts()
    assert only(client.delete(account["AccountID"]))["Status"] == "DELETED"
    assert client.delete(account["AccountID"]).status_code == 404


def test_a_repeated_request_counts_towards_the_limits(client: Client) -> None:
    left = [int(client.create(KEY, **NEW).headers["X-MinLimit-Remaining"]) for _ in range(2)]

    assert left[0] - left[1] == 1


def test_keys_survive_a_restart(tmp_path: Path) -> None:
    clock = Clock()
    ids = []
    for _ in range(2):
        with Sandbox(tmp_path / "books.db", clock=clock) as sandbox:
            client = Client(sandbox)
            with client.session:
                ids.append(only(client.create(KEY, **NEW))["AccountID"])

    assert ids[0] == ids[1]
