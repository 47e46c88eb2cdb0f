"""`xerosync ci notify`: a message to a chat, whose webhook is a secret and is never said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import Said, Xerosync

from ci.forges import Call, Forge, GitHub
from ci.jobs import job, on_main
from xerosync.sandbox import Sandbox


class Chats(Forge):
    """Slack and Teams: they take what is posted, or answer `answers`."""

    answers: dict[str, int]

    def page(self, call: Call) -> tuple[int, Any, str]:
        """Answer as each does: 200 and a word, 202 and nothing."""
        status = self.answers.get(call.path, 202 if "teams" in call.path else 200)
        return status, b"secret of the answer", ""


@pytest.fixture
def chats(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Chats]:
    with Chats() as chats:
        chats.answers = {}
        monkeypatch.setenv("XEROSYNC_SLACK_URL", f"{chats.url}/slack-secret")
        monkeypatch.setenv("XEROSYNC_TEAMS_URL", f"{chats.url}/teams?sig=secret&api-version=1")
        Path("slack.json").write_text('{"text": "for Slack"}', encoding="utf-8")
        Path("teams.json").write_text('{"text": "for Teams"}', encoding="utf-8")
        yield chats


def notify(xerosync: Xerosync) -> Said:
    said = xerosync("ci", "notify", "--slack", "slack.json", "--teams", "teams.json", "--debug")
    assert "secret" not in said.out + said.err
    return said


def test_each_message_goes_to_its_own_webhook(chats: Chats, xerosync: Xerosync) -> None:
    assert notify(xerosync).code == 0
    assert [(c.path, c.query.get("sig"), c.body["text"]) for c in chats.calls] == [
        ("/slack-secret", None, "for Slack"),
        ("/teams", "secret", "for Teams"),
    ]


def test_what_is_not_set_or_not_given_is_left_alone(
    chats: Chats, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert xerosync("ci", "notify", "--teams", "teams.json").code == 0
    monkeypatch.setenv("XEROSYNC_TEAMS_URL", "")
    said = notify(xerosync)
    assert said.code == 0
    assert "XEROSYNC_TEAMS_URL is not set: nothing is sent to Teams." in said.err
    assert [call.path for call in chats.calls] == ["/teams", "/slack-secret"]


@pytest.mark.parametrize("status", [302, 403, 500])
def test_one_that_refuses_keeps_nothing_from_the_other(
    chats: Chats, xerosync: Xerosync, status: int
) -> None:
    """It is asked once: a message that may have come is not sent again."""
    chats.answers = {"/slack-secret": status}
    said = notify(xerosync)
    assert said.code == 1
    assert f"Slack answered {status}" in said.err
    assert [call.path for call in chats.calls] == ["/slack-secret", "/teams"]


def test_one_that_cannot_be_reached_is_said_without_its_address(
    chats: Chats, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XEROSYNC_SLACK_URL", "http://127.0.0.1:9/secret")
    said = notify(xerosync)
    assert said.code == 1
    assert "Slack cannot be reached (ConnectionError)" in said.err


@pytest.mark.parametrize(
    "address",
    ["http://chat.example/secret", "secret", "https://u:secret@chat.example", "https://a/secret x"],
)
def test_an_address_that_would_be_sent_in_the_clear_is_refused(
    chats: Chats, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("XEROSYNC_SLACK_URL", address)
    said = notify(xerosync)
    assert said.code == 64
    assert "XEROSYNC_SLACK_URL" in said.err
    assert "xero.com" not in said.err
    assert chats.calls == []


def test_no_netrc_has_a_part_in_it(
    chats: Chats, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch, project: Path
) -> None:
    netrc = project / "netrc"
    netrc.write_text("machine 127.0.0.1 login evil password evil\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    assert notify(xerosync).code == 0
    assert [call.token for call in chats.calls] == ["", ""]


def test_the_nightly_job_tells_of_drift_alone(
    chats: Chats, github: GitHub, books: Sandbox, xerosync: Xerosync
) -> None:
    assert xerosync("pull").code == 0
    quiet = job("drift", "quiet", on_main("a" * 40))
    assert quiet.code == 0, quiet.log
    assert chats.calls == []
    books.store.edit("404", name="Fees of Banks")
    loud = job("drift", "loud", on_main("a" * 40))
    assert loud.code == 0, loud.log
    assert "secret" not in loud.log
    slack, teams = (json.dumps(call.body) for call in chats.calls)
    assert "rich_text" in slack
    assert "AdaptiveCard" in teams
    assert len(github.issues) == 1
    chats.answers = {"/teams": 500}
    failed = job("drift", "failed", on_main("a" * 40))
    assert failed.code == 1, "whoever counts on the message learns that it did not come"
