"""A name that ends with a full stop gets no second one where a message ends with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from builders import (
    ARCHIVED,
    DELETED,
    ORGANISATION,
    RATES,
    account,
    chart,
    entry,
    new,
    wanted,
)
from command_line import Xerosync
from fakes import FakeLedger

from xerosync.apply import preflight
from xerosync.desired import DesiredAccount, OrganisationPin, Source
from xerosync.errors import XerosyncError
from xerosync.model import Account, Chart, TaxRate
from xerosync.plan import estimate
from xerosync.plan.build import build
from xerosync.plan.organisation import check_organisation
from xerosync.plan.plan import Plan
from xerosync.plan.saved import stale
from xerosync.usage import Requirement
from xerosync.workspace import lock

ACME = replace(ORGANISATION, name="Acme Inc.")


def books(*accounts: Account) -> Chart:
    return replace(chart(*accounts), organisation=ACME)


def blocked() -> Plan:
    return build(books(account("200")), wanted(entry("200", "")))


def renaming() -> Plan:
    return build(books(account("200")), wanted(entry("200", "Sales")))


def archiving() -> Plan:
    desired = replace(
        wanted(entry("200", status=ARCHIVED)), archive_requires=(Requirement.ZERO_BALANCE,)
    )
    return build(books(account("200")), desired)


def lock_twice() -> None:
    with lock(ACME, pytest.fail), lock(ACME, pytest.fail):
        pass


RAISING: dict[str, Callable[[], object]] = {
    "blocked changes": lambda: preflight.check(blocked(), {}, skip_blocked=False),
    "usage": lambda: preflight.check_usage(archiving(), FakeLedger(), (), read=False),
    "quota": lambda: estimate.check(renaming(), 1),
    "another organisation": lambda: check_organisation(OrganisationPin(name="Other"), ACME),
    "another organisation than when planned": lambda: stale.again(
        renaming(), replace(books(), organisation=replace(ACME, tenant_id="other"))
    ),
    "edited in Xero": lambda: stale.again(renaming(), books(account("200", "Rent"))),
    "edited in Xero to another name": lambda: stale.again(
        renaming(), books(account("200", "Rent etc."))
    ),
    "ambiguous now": lambda: stale.again(
        renaming(), books(account("200", "Rent"), account("200", "Hire", account_id="id-2"))
    ),
    "changed file": lambda: stale.as_in_file(renaming(), books(account("200")), wanted()),
    "locked": lock_twice,
}


@pytest.mark.parametrize("check", RAISING.values(), ids=RAISING)
def test_an_error_about_an_organisation_has_no_second_full_stop(
    check: Callable[[], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(XerosyncError) as error:
        check()
    said = " ".join((error.value.message, error.value.hint, *error.value.details))
    assert "Acme Inc. " in f"{said} "
    assert ".." not in said


FEES = account("404", "Fees etc.")
CHEQUE = account("090", "Cheque Inc.", type="BANK", bank_account_number="111")
OTHER = account("300", "Other Inc.", type="BANK", bank_account_number="222")
INHERITED = Source("standard.yaml", 1)
SENTENCES: dict[str, tuple[tuple[Account, ...], tuple[DesiredAccount, ...], str]] = {
    "its number is another's": (
        (CHEQUE, OTHER), (entry("090", bank_account_number="222"),), "090 Cheque Inc.",
    ),
    "would be another": (
        (FEES,),
        (
            entry("405", "Wages Inc.", status=ARCHIVED, previously=("404",)),
            new("404", "Fees etc.", previously=("408",)),
        ),
        "into 405 Wages Inc.",
    ),
    "would delete another": (
        (FEES,), (entry("404", "Wages", status=DELETED),), "delete Fees etc.",
    ),
    "another in the standard": (
        (FEES,), (entry("404", "Hire Inc.", inherited=INHERITED),), "it is Hire Inc.",
    ),
    "taken twice": ((), (new("1", "Hire Inc."), new("2", "hire inc.")), "inc."),
    "unknown rate": ((), (new("1", tax_type="Tax Inc."),), "no tax rate Tax Inc."),
    "ambiguous rate": ((), (new("1", tax_type="Custom Inc."),), "are named Custom Inc."),
    "in the standard as another": (
        (FEES,),
        (
            entry("640", "Wages", previously=("404",), inherited=INHERITED),
            entry("641", "Fees etc.", inherited=INHERITED),
        ),
        "add it to 641 Fees etc.",
    ),
    "never there": (
        (), (entry("400A", "Old Inc.", previously=("400",), status=ARCHIVED), new("400", "New")),
        "for 400A Old Inc.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SENTENCES.values(), ids=SENTENCES)
def test_a_sentence_of_a_plan_has_no_second_full_stop(
    case: tuple[tuple[Account, ...], tuple[DesiredAccount, ...], str],
) -> None:
    accounts, entries, ending = case
    custom = [TaxRate(f"TAX00{n}", "Custom Inc.") for n in (5, 6)]
    plan = build(chart(*accounts, rates=(*RATES, *custom)), wanted(*entries))
    said = [text for one in plan.blocked for text in (one.reason, one.hint)]
    said += [text for one in plan.changes for text in (*one.reasons, *one.warnings)]
    assert any(ending in text for text in said), said
    assert not [text for text in said if ".." in text]


def test_a_message_about_two_files_has_no_second_full_stop(
    xerosync: Xerosync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    pin = f"{{name: Acme Inc., tenant_id: {UUID(int=1)}}}"
    for name in ("a.yaml", "b.yaml"):
        Path(name).write_text(f"version: 1\norganisation: {pin}\naccounts: []\n")
    said = xerosync("plan", "--sandbox", "a.yaml", "b.yaml")
    assert "both for Acme Inc." in " ".join(said.err.split())
    assert ".." not in said.out + said.err
