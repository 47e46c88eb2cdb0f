"""A plan shows what still uses the accounts; names of contacts are only on the screen."""

from __future__ import annotations

import re
from pathlib import Path

from command_line import Xerosync
from xero.auth.conftest import project

from cli.test_plan_usage import CONTACT, archives
from cli.test_usage import Start, start

__all__ = ["archives", "project", "start"]

SAID = "Balance 1,204.50 debit (moved since the year end). Used by item PAPER; default of "


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_every_format_says_it_and_only_the_screen_has_names(
    start: Start, xerosync: Xerosync
) -> None:
    start()
    files = ("--markdown-file", "plan.md", "--html-file", "plan.html", "--out", "plan.json")
    verbose = xerosync("plan", "--verbose", *files)
    assert verbose.code == 0
    assert CONTACT in verbose.out
    shown = xerosync("show", "plan.json", "--verbose").out
    texts = [
        verbose.out, xerosync("plan").out, shown, xerosync("show", "plan.json").out,
        xerosync("show", "plan.json", "--format", "markdown").out,
        Path("plan.md").read_text(encoding="utf-8"),
        re.sub("</?bdi>", "", Path("plan.html").read_text(encoding="utf-8")),
    ]  # fmt: skip
    for text in texts:
        assert squeezed(SAID) in squeezed(text)
    assert not [text for text in texts[1:] if CONTACT in text]


def test_what_may_not_be_read_is_said_in_one_line(start: Start, xerosync: Xerosync) -> None:
    start(scopes="accounting.settings.read")
    lines = xerosync("plan", "--brief").out.splitlines()
    said = [line for line in lines if "not known" in line]
    assert said == [
        (
            "Balances, repeating invoices and contacts not known: the sign-in lacks"
            " `accounting.reports.trialbalance.read`, `accounting.invoices.read` and"
            " `accounting.contacts.read`, which `xerosync auth login --usage` requests (for a"
            " custom connection, tick them in Xero's developer portal)."
        )
    ]
    assert "- 461 Printing & Stationery  archive, in use !" in lines
