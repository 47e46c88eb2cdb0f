"""Names that attack a report of drift, a chat message or a record: shown, never obeyed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from markdown_it import MarkdownIt
from render.test_hostile_names import (
    ATTACKS,
    COMMAND,
    FORGE,
    Page,
    assert_quiet,
    assert_tables_are_whole,
    squeezed,
)

from ci.pages import AT, hostile_divergence, hostile_run, long_divergence, whole_run
from xerosync.render import drift, result, webhook
from xerosync.render.result_html import as_html
from xerosync.visible import visible

hostile = pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)


def assert_tame_markdown(text: str, attack: str) -> None:
    """Nothing but our own marks is left, and what is shown has the name in it."""
    assert len(text) < 65_536
    assert not COMMAND.search(text)
    assert_tables_are_whole(text)
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)
    plain, shown = [], []
    for token in tokens:
        if token.type == "html_block":
            assert token.content.strip().startswith("<!-- xerosync:drift:"), token.content
        assert token.type not in {"fence", "code_block", "hr", "lheading_open"}, token
        inside = False
        for child in token.children or ():
            if child.type == "html_inline":
                assert child.content in {"<code>", "</code>"}, child.content
                inside = child.content == "<code>"
            elif child.type in {"text", "code_inline"}:
                shown.append(child.content)
                plain += [child.content] if child.type == "text" and not inside else []
            else:
                assert child.type in {"strong_open", "strong_close", "softbreak"}, child
                plain.append(" ")
        plain.append("\n")
    ours = "".join(plain).replace("at 09:00 UTC", "")
    assert not FORGE.search(ours), FORGE.search(ours)
    whole = squeezed(visible(attack))
    if len(whole) < 100:
        assert whole in squeezed("".join(shown))


@hostile
def test_drift_as_markdown(attack: str) -> None:
    assert_tame_markdown(drift.as_markdown([hostile_divergence(attack)]), attack)


@hostile
def test_drift_as_text_and_json(attack: str) -> None:
    found = [hostile_divergence(attack)]
    assert_quiet(drift.as_text(found))
    text = drift.as_json(found, AT)
    assert not COMMAND.search(text)
    assert json.loads(text)["charts"][0]["organisation"]["name"] == attack


@hostile
def test_a_record_as_markdown(attack: str) -> None:
    assert_tame_markdown(result.as_markdown([hostile_run(attack)]), attack)


@hostile
def test_a_record_as_text_and_json(attack: str) -> None:
    assert_quiet(result.as_text([hostile_run(attack)]))
    text = result.as_json([hostile_run(attack)])
    assert not COMMAND.search(text)
    assert json.loads(text)["runs"][0]["calls"][0]["correlation_id"] == attack


TAME = Page(as_html([hostile_run("Tame"), whole_run()]))


@hostile
def test_a_record_as_html(attack: str) -> None:
    text = as_html([hostile_run(attack)])
    assert not COMMAND.search(text)
    page = Page(text)
    assert set(page.tags) <= set(TAME.tags)
    assert "script" not in page.tags
    assert page.tags.count("style") == 1
    assert not page.comments
    assert {name for name, _ in page.attributes} <= {name for name, _ in TAME.attributes}
    assert all(value == "data:," for name, value in page.attributes if name == "href")
    assert squeezed(visible(attack)) in squeezed("".join(page.texts))


def nodes(value: Any) -> list[dict[str, Any]]:
    """Give every object in a JSON value."""
    if isinstance(value, dict):
        return [value, *(node for child in value.values() for node in nodes(child))]
    if isinstance(value, list):
        return [node for child in value for node in nodes(child)]
    return []


@hostile
def test_slack_parses_nothing_of_a_name(attack: str) -> None:
    """Only elements of the type `text` hold names: Slack shows them as they are."""
    body = webhook.as_slack([hostile_divergence(attack)])
    assert not COMMAND.search(body)
    message = json.loads(body)
    assert "EVIL" not in message["text"]
    kinds = {node["type"] for node in nodes(message["blocks"]) if "type" in node}
    assert kinds <= {"rich_text", "rich_text_section", "rich_text_list", "text", "link"}
    for node in nodes(message):
        held = [v for k, v in node.items() if isinstance(v, str) and "EVIL" in v and k != "url"]
        assert not held or node["type"] == "text"
        if node.get("type") == "link":
            assert node["url"].startswith("https://go.xero.com/")
            assert node["text"] == "Open the chart in Xero"


@hostile
def test_teams_parses_nothing_of_a_name(attack: str) -> None:
    """Only TextRuns hold names: they have no Markdown, and no `{{DATE(…)}}` is left in them."""
    body = webhook.as_teams([hostile_divergence(attack)])
    assert not COMMAND.search(body)
    card = json.loads(body)["attachments"][0]["content"]
    for node in nodes(card):
        held = [v for k, v in node.items() if isinstance(v, str) and "EVIL" in v and k != "url"]
        assert not held or node["type"] == "TextRun"
        if node.get("type") == "TextRun":
            assert "{{" not in node["text"]
        if "url" in node:
            assert node["url"].startswith("https://go.xero.com/")


def test_messages_are_of_a_size_that_the_services_take() -> None:
    """Slack: 50 blocks, some thousand characters; Teams: 28 kB."""
    found = [long_divergence()] * 30
    slack, teams = webhook.as_slack(found), webhook.as_teams(found)
    assert len(json.loads(slack)["blocks"]) <= 50
    assert len(json.dumps(json.loads(teams)).encode()) < 28_000
    one = webhook.as_teams([long_divergence()])
    assert len(json.dumps(json.loads(one)).encode()) < 28_000
    count = long_divergence().count
    assert f"And {count - 20} more." in one


def test_a_report_of_five_hundred_fits_an_issue() -> None:
    text = drift.as_markdown([long_divergence(), long_divergence()])
    assert len(text) < 65_536
    assert_tables_are_whole(text)
    assert "left out for length" in text
    assert text.rstrip().endswith("Xero does not tell who edited an account.")
