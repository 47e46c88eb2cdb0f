"""A plan shows what still uses the accounts; names of contacts are only on the screen."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from command_line import Xerosync
from xero.auth.conftest import project

from cli.commands.test_plan_usage import CONTACT, archives
from cli.commands.test_usage import Start, start

__all__ = ["archives", "project", "start"]

SAID = (
    "Balance 1,204.50 debit (with transactions since the year end). Used by item PAPER; default"
    " account of "
)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_every_format_shows_usage_and_only_the_screen_shows_contact_names(
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


def test_usage_that_may_not_be_read_is_reported_in_one_line(
    start: Start, xerosync: Xerosync
) -> None:
    start(scopes="accounting.settings.read")
    lines = xerosync("plan", "--brief").out.splitlines()
    said = [line for line in lines if "not known" in line]
    assert said == [
        (
            "Balances, repeating invoices and contacts not known: the sign-in lacks"
            " `accounting.reports.trialbalance.read`, `accounting.invoices.read` and"
            " `accounting.contacts.read` (sign in with `xerosync auth login --usage`; for a custom"
            " connection, tick the scopes at https://developer.xero.com/app/manage)."
        )
    ]
    assert "- 461 Printing & Stationery  archive, in use !" in lines


@pytest.mark.parametrize("options", [("--profile", "my clients"), ()])
def test_the_advised_sign_in_command_names_the_profile_of_the_plan(
    start: Start, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    start(scopes="accounting.settings.read")
    monkeypatch.setenv("XERO_CLIENT_ID_MY_CLIENTS", "sandbox")
    monkeypatch.setenv("XERO_CLIENT_SECRET_MY_CLIENTS", "sandbox")
    if not options:
        chart = Path("accounts.yaml")
        chart.write_text(f"profile: my clients\n{chart.read_text('utf-8')}", encoding="utf-8")
    said = xerosync("plan", *options, "--out", "plan.json")
    assert said.code == 0, said.err
    command = "xerosyncauthlogin--profile'myclients'--usage`"
    assert command in squeezed(said.out)
    assert command in squeezed(xerosync("show", "plan.json").out)


def test_a_review_advises_one_sign_in_command_for_all_profiles(
    start: Start, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence stands for all of them."""
    server = start(scopes="accounting.settings.read", organisations=2)
    Path("clients").mkdir()
    for number, store in enumerate(server.books.stores()):
        for name in ("XERO_CLIENT_ID", "XERO_CLIENT_SECRET"):
            monkeypatch.setenv(f"{name}_P{number}", "sandbox")
        code = next(one.code for one in store.accounts() if one.type == "EXPENSE" and one.code)
        Path(f"clients/{number}.yaml").write_text(
            f"version: 1\nprofile: p{number}\norganisation: {{tenant_id: {store.tenant_id}}}\n"
            f"accounts:\n  - {{code: '{code}', status: ARCHIVED}}\n",
            encoding="utf-8",
        )
    said = xerosync("plan", "clients")
    assert said.code == 0, said.err
    assert squeezed(said.out).count("xerosyncauthlogin--profilePROFILE--usage`") == 1
