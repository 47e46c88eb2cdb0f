"""Drift → the body of a message for Slack or Teams, in which no name acts.

Names and values stand only where the service takes text as it is: in text elements of
Slack's `rich_text` blocks (no mrkdwn, no `<!channel>`, no `:emoji:`) and in TextRuns of an
adaptive card (no Markdown). What is parsed holds words and numbers of ours alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from xerosync.history.drift import Drift
from xerosync.render.drift.report import sentence, told
from xerosync.render.words import chart_address, shorten
from xerosync.text import visible, visible_json

_LISTED = 20
"""So many accounts are named in a message, of all charts; the issue and the log have them all."""
_CHARTS = 10
_NAME, _TOLD = 100, 200

Json = dict[str, Any]


def as_slack(found: Sequence[Drift]) -> str:
    """Give the body for an incoming webhook of Slack (Block Kit)."""
    most = _share(found)
    blocks = [_section(one, most) for one in found[:_CHARTS]]
    return _body({"text": _summary(found), "unfurl_links": False, "blocks": blocks})


def as_teams(found: Sequence[Drift]) -> str:
    """Give the body for a Teams workflow, "when a webhook request is received"."""
    body: list[Json] = [
        {"type": "TextBlock", "text": _summary(found), "weight": "Bolder", "wrap": True}
    ]
    actions: list[Json] = []
    for one in found[:_CHARTS]:
        body.append(_run(one.plan.organisation.name, "Bolder"))
        body += [_run(text) for text in _lines(one, _share(found))]
        if address := chart_address(one.plan.organisation):
            actions.append({"type": "Action.OpenUrl", "title": "Open in Xero", "url": address})
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "actions": actions[:5],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return _body({"type": "message", "attachments": [attachment]})


def _summary(found: Sequence[Drift]) -> str:
    """Say the sum in a line that both services parse: no name is in it."""
    drifted = sum(not one.clean for one in found)
    if not drifted:
        return "Xero: no drift in the chart of accounts."
    accounts = sum(one.count for one in found)
    noun = "account" if accounts == 1 else "accounts"
    where = f" in {drifted} organisations" if drifted > 1 else ""
    return f"Xero: {accounts} {noun} not as in the chart of accounts{where}."


def _share(found: Sequence[Drift]) -> int:
    return max(2, _LISTED // max(1, len(found)))


def _lines(one: Drift, most: int) -> Iterator[str]:
    """Give the lines on one organisation, as they are to be seen."""
    yield sentence(one)
    texts = [f"{change.label}: {told(change)}" for change in one.drifted]
    texts += [f"{item.label}: cannot be put back: {item.reason}" for item in one.blocked]
    texts += [f"{account.label}: new in Xero, not in the file" for account in one.added]
    for text in texts[:most]:
        yield shorten(text, _TOLD)
    if len(texts) > most:
        yield f"And {len(texts) - most} more."


def _section(one: Drift, most: int) -> Json:
    first, *others = _lines(one, most)
    name = _text(shorten(one.plan.organisation.name or "An organisation", _NAME), bold=True)
    head = [name, {"type": "text", "text": "\n"}, _text(first)]
    parts: list[Json] = [{"type": "rich_text_section", "elements": head}]
    if others:
        items = [{"type": "rich_text_section", "elements": [_text(text)]} for text in others]
        parts.append({"type": "rich_text_list", "style": "bullet", "elements": items})
    if address := chart_address(one.plan.organisation):
        link = {"type": "link", "url": address, "text": "Open the chart in Xero"}
        parts.append({"type": "rich_text_section", "elements": [link]})
    return {"type": "rich_text", "elements": parts}


def _text(text: str, *, bold: bool = False) -> Json:
    return {"type": "text", "text": visible(text), **({"style": {"bold": True}} if bold else {})}


def _run(text: str, weight: str = "Default") -> Json:
    """Give a line as a TextRun; `{{` would begin a date of the card."""
    shown = visible(shorten(text, _TOLD + _NAME)).replace("{{", "{ {") or "-"
    return {
        "type": "RichTextBlock",
        "inlines": [{"type": "TextRun", "text": shown, "weight": weight}],
    }


def _body(message: Json) -> str:
    return visible_json(json.dumps(message, indent=2, ensure_ascii=False)) + "\n"
