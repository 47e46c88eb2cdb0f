"""The charts of many organisations: drifted from their first ones, with each change recorded."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

import pytest

from xerosync.sandbox import Sandbox
from xerosync.sandbox.accounting.account import CLASS_OF, key
from xerosync.sandbox.accounting.reporting import NAMES
from xerosync.sandbox.books import seed
from xerosync.sandbox.books.seed import Deviation, DeviationKind, Organisation
from xerosync.sandbox.books.seed.local import NEW_CODE, OTHER_NAMES, OWN_ACCOUNTS, PINNED
from xerosync.sandbox.books.seed.practice import EXAMPLES

if TYPE_CHECKING:
    from xerosync.sandbox.accounting.account import Account

CLIENTS = tuple(seed.clients(300))


@cache
def drifted(number: int) -> dict[str, tuple[tuple[Account, ...], tuple[Deviation, ...]]]:
    return {client.tenant_id: seed.drifted(client, number) for client in CLIENTS}


def changes(organisation: Organisation, number: int = 1) -> tuple[Deviation, ...]:
    return drifted(number)[organisation.tenant_id][1]


def found(organisation: Organisation, accounts: tuple[Account, ...]) -> set[tuple[str, str, str]]:
    """Compare a chart with the one it started from, without knowing what was done."""
    start = {account.account_id: account for account in seed.accounts(organisation)}
    now = {account.account_id: account for account in accounts}
    seen = {("missing", start[gone].code, "") for gone in start.keys() - now.keys()}
    seen |= {("extra", "", now[new].code) for new in now.keys() - start.keys()}
    for same in start.keys() & now.keys():
        before, after = start[same], now[same]
        for kind, field in (
            ("name", "name"),
            ("code", "code"),
            ("tax", "tax_type"),
            ("reporting-code", "reporting_code"),
        ):
            if getattr(before, field) != getattr(after, field):
                seen.add((kind, before.code, getattr(after, field)))
        if before.status != after.status:
            seen.add(("archived", before.code, ""))
    return seen


@pytest.mark.parametrize("number", [1, 2, 99])
def test_the_deviations_are_all_differences_from_the_first_chart(number: int) -> None:
    for organisation in CLIENTS:
        accounts, deviations = drifted(number)[organisation.tenant_id]

        told = [(each.kind.value, each.standard, each.value) for each in deviations]
        assert len(set(told)) == len(told)
        assert set(told) == found(organisation, accounts), organisation.name
        ids = {account.account_id for account in accounts}
        assert all(bool(d.account_id) is (d.kind != "missing") for d in deviations)
        assert {d.account_id for d in deviations if d.account_id} <= ids


@pytest.mark.parametrize("number", [1, 2, 99])
def test_a_drifted_chart_still_follows_xeros_rules(number: int) -> None:
    for organisation in CLIENTS:
        accounts, _ = drifted(number)[organisation.tenant_id]

        rates = {rate.tax_type: rate for rate in seed.tax_rates(organisation.country.name)}
        codes = [key(account.code) for account in accounts if account.code]
        assert len(codes) == len(set(codes)), organisation.name
        assert len({key(account.name) for account in accounts}) == len(accounts), organisation.name
        for account in accounts:
            assert CLASS_OF[account.type] in rates[account.tax_type].classes, account
            assert account.reporting_code in NAMES


def test_the_same_seed_gives_the_same_charts_and_another_seed_gives_others() -> None:
    later = CLIENTS[len(EXAMPLES) :]
    once = [seed.drifted(organisation, 5) for organisation in later]

    assert once == [seed.drifted(organisation, 5) for organisation in later]
    other = [seed.drifted(organisation, 6) for organisation in later]
    assert sum(a == b for a, b in zip(once, other, strict=True)) < 5


def test_more_organisations_leave_the_first_ones_as_they_are() -> None:
    with Sandbox(organisations=15) as few, Sandbox(organisations=40) as more:
        for one, other in zip(few.books.stores(), more.books.stores()[:15], strict=True):
            assert one.organisation == other.organisation
            assert one.accounts() == other.accounts()


def test_every_kind_of_deviation_occurs_and_most_are_names() -> None:
    kinds = Counter(each.kind for organisation in CLIENTS for each in changes(organisation))

    assert set(kinds) == set(DeviationKind)
    assert kinds.most_common(1)[0][0] is DeviationKind.NAME
    names = Counter(
        each.value
        for organisation in CLIENTS
        for each in changes(organisation)
        if (each.kind, each.standard) == (DeviationKind.NAME, "404")
    )
    assert set(names) >= set(OTHER_NAMES["404"])


def test_some_codes_mean_something_else_in_another_chart() -> None:
    """The most dangerous drift: an account of the client's own has a code of the standard."""
    reused = [
        organisation.name
        for organisation in CLIENTS
        if {each.standard for each in changes(organisation) if each.kind == "missing"}
        & {each.value for each in changes(organisation) if each.kind == "extra"}
    ]
    assert 3 <= len(reused) <= 60


def test_one_client_has_the_code_that_the_standard_will_add() -> None:
    users = [
        organisation.name
        for organisation in CLIENTS
        for each in changes(organisation)
        if (each.kind, each.value) == (DeviationKind.EXTRA, NEW_CODE)
    ]
    assert users == ["Coromandel Tours Ltd"]


def test_names_and_ids_of_clients_are_unique() -> None:
    clients = tuple(seed.clients(10_000))

    assert len({client.name.casefold() for client in clients}) == 10_000
    assert len({client.tenant_id for client in clients}) == 10_000
    assert [client.name for client in clients[:12]] == [*EXAMPLES] == [*PINNED]


def test_other_names_and_own_accounts_never_collide() -> None:
    """An organisation may have any of its own accounts beside any of the other names."""
    for country in seed.COUNTRIES.values():
        chart = {a.name.casefold() for a in seed.accounts(seed.demo_company(country))}
        own = [name.casefold() for name, _, _ in OWN_ACCOUNTS.values()]
        others = [name.casefold() for names in OTHER_NAMES.values() for name in names]
        assert len({*own, *others}) == len(own) + len(others)
        assert not chart & set(own)
        same_account = {"motor vehicle expenses"}
        assert not chart & set(others) - same_account


def test_the_database_keeps_the_deviations() -> None:
    with Sandbox(organisations=30, seed=3) as sandbox:
        expected = [
            (organisation, each)
            for organisation in seed.clients(30)
            for each in changes(organisation, 3)
        ]
        assert list(sandbox.books.deviations()) == expected
    with Sandbox() as single:
        assert single.books.deviations() == ()
