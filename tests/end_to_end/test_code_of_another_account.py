"""What follows when a standard's account is found by its code alone, and a plan blocks it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from command_line import Xerosync

from xerosync.sandbox import Sandbox

STANDARD = """\
version: 1
standard: {name: Ours}
accounts:
  - {code: "404", name: Bank Fees, type: EXPENSE, tax_type: NONE}
  - {code: "433", name: Insurance, type: EXPENSE, tax_type: NONE, overridable: false}
"""
CLOUD = '  - {code: "441", name: Cloud Subscriptions, type: EXPENSE, tax_type: NONE}\n'
OVERLAY = """\
version: 1
extends: standard.yaml
organisation: {name: "Demo Company (NZ)", country: NZ}
"""
CLIENT = Path("client.yaml")


@pytest.fixture
def applied(books: Sandbox, xerosync: Xerosync) -> Sandbox:
    """Return books to which a standard was applied, all but the account that was blocked."""
    assert (found := books.store.by_code("441"))
    assert found.name == "Legal expenses"
    Path("standard.yaml").write_text(STANDARD + CLOUD, encoding="utf-8")
    CLIENT.write_text(OVERLAY, encoding="utf-8")
    said = xerosync("apply", str(CLIENT), "--yes", "--skip-blocked")
    assert said.code == 0, said.err
    return books


def pulled(xerosync: Xerosync) -> str:
    said = xerosync("pull", str(CLIENT))
    assert said.code == 0, said.err
    assert "has not been applied yet" not in said.err
    return CLIENT.read_text(encoding="utf-8")


def test_a_pull_omits_what_was_blocked_as_it_does_without_a_journal(
    applied: Sandbox, xerosync: Xerosync
) -> None:
    text = pulled(xerosync)
    assert '  - {standard: "441", omit: true, reason: ""}\n' in text
    assert "name: Legal expenses" in text
    CLIENT.write_text(text.replace('reason: ""', "reason: Its own"), encoding="utf-8")
    assert xerosync("plan", str(CLIENT), "--detailed-exitcode").code == 0
    CLIENT.write_text(OVERLAY, encoding="utf-8")
    shutil.rmtree(".xerosync")
    assert pulled(xerosync) == text


def test_a_pull_omits_what_the_standard_added_since_and_a_plan_blocks(
    applied: Sandbox, xerosync: Xerosync
) -> None:
    """The account of that code was unmanaged at the last apply."""
    added = '  - {code: "445", name: Drone Hire, type: EXPENSE, tax_type: NONE}\n'
    Path("standard.yaml").write_text(STANDARD + CLOUD + added, encoding="utf-8")
    text = pulled(xerosync)
    assert '  - {standard: "445", omit: true, reason: ""}\n' in text
    assert "name: Light, Power, Heating" in text
