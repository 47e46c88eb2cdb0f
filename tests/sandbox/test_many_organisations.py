"""Many organisations in one sandbox: one sign-in for all, and books that are kept apart."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
import requests

from sandbox.client import NOON, Client, Clock, only
from sandbox.json_tokens import claims_of
from xerosync.sandbox import Limits, Sandbox, SandboxError
from xerosync.sandbox.identity.claims import CLIENT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


FIRST, SECOND = "Harbour Cafe Ltd", "Kowhai Legal Ltd"


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def many(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(organisations=14, clock=clock) as sandbox:
        yield sandbox


@pytest.fixture
def client(many: Sandbox) -> Iterator[Client]:
    client = Client(many)
    with client.session:
        yield client


def tenant(sandbox: Sandbox, name: str) -> str:
    return sandbox.books.find(name).tenant_id


def call(client: Client, name: str, path: str, method: str = "GET") -> requests.Response:
    """Call for one organisation, by its name."""
    headers = {"xero-tenant-id": tenant(client.sandbox, name)}
    return client.call(method, path, headers=headers)


def connections(client: Client, **query: str) -> list[dict[str, str]]:
    url = f"{client.sandbox.url}/connections"
    listed: list[dict[str, str]] = client.session.get(url, params=query, timeout=10).json()
    return listed


def test_one_sign_in_lists_every_organisation(many: Sandbox, client: Client) -> None:
    listed = connections(client)

    assert len({each["id"] for each in listed}) == len(listed) == 14
    assert [each["tenantName"] for each in listed] == [
        store.organisation.name for store in many.books.stores()
    ]
    assert {each["tenantId"] for each in listed} == {s.tenant_id for s in many.books.stores()}
    assert connections(client, authEventId=listed[0]["authEventId"]) == listed
    assert connections(client, authEventId="another") == []


def test_another_sign_in_keeps_the_connections(many: Sandbox, client: Client) -> None:
    before = connections(client)
    client.session.headers["Authorization"] = f"Bearer {many.access_token()}"

    assert [each["id"] for each in connections(client)] == [each["id"] for each in before]


def test_each_organisation_returns_its_own_data(many: Sandbox, client: Client) -> None:
    for store in many.books.stores():
        organisation = call(client, store.organisation.name, "/Organisation").json()
        (answer,) = organisation["Organisations"]
        assert answer["OrganisationID"] == store.tenant_id
        assert answer["Name"] == store.organisation.name
        assert answer["CountryCode"] == store.country.country_code
        assert not answer["IsDemoCompany"]
        chart = call(client, store.organisation.name, "/Accounts").json()["Accounts"]
        assert {a["AccountID"] for a in chart} == {a.account_id for a in store.accounts()}
    codes = [
        call(client, store.organisation.name, "/Organisation").json()["Organisations"][0][
            "ShortCode"
        ]
        for store in many.books.stores()
    ]
    assert len(set(codes)) == 14


def test_a_write_reaches_one_organisation_only(many: Sandbox, client: Client) -> None:
    client.session.headers["xero-tenant-id"] = tenant(many, SECOND)
    before = many.books.find(FIRST).accounts()

    only(client.create(Code="601", Name="Spare", Type="EXPENSE"))
    only(client.update(client.find("200")["AccountID"], Name="Turnover"))

    assert many.books.find(FIRST).accounts() == before
    found = many.books.find(SECOND).by_code("200")
    assert found is not None
    assert found.name == "Turnover"


def test_an_account_of_another_organisation_is_not_found(many: Sandbox, client: Client) -> None:
    account = many.books.find(FIRST).accounts()[0]

    assert call(client, FIRST, f"/Accounts/{account.account_id}").status_code == 200
    assert call(client, SECOND, f"/Accounts/{account.account_id}").status_code == 404
    assert call(client, SECOND, f"/Accounts/{account.account_id}", "DELETE").status_code == 404


@pytest.mark.parametrize("header", ["", "1f6b1f0e-5b3c-5d0b-8f66-6a1d6f2f8a10", "x" * 5000])
def test_a_call_must_name_one_of_the_organisations(client: Client, header: str) -> None:
    """With one organisation, a custom connection need not name it."""
    answer = client.call("GET", "/Accounts", headers={"xero-tenant-id": header})

    assert answer.status_code == 403


def test_a_removed_connection_leaves_the_others(many: Sandbox, client: Client) -> None:
    first = connections(client)[0]
    url = f"{many.url}/connections/{first['id']}"

    assert client.session.delete(url, timeout=10).status_code == 204
    assert len(connections(client)) == 13
    assert call(client, FIRST, "/Accounts").status_code == 403
    assert call(client, SECOND, "/Accounts").status_code == 200


def test_a_token_names_its_organisation_only_if_there_is_one(many: Sandbox) -> None:
    assert "xero_tenant_id" not in claims_of(many.access_token())
    with Sandbox() as single:
        assert claims_of(single.access_token())["xero_tenant_id"] == single.tenant_id


def test_the_consent_page_names_all_organisations(many: Sandbox, client: Client) -> None:
    asked = {
        "response_type": "code",
        "client_id": CLIENT,
        "redirect_uri": "http://localhost:1/callback",
        "scope": "accounting.settings",
    }
    page = client.session.get(f"{many.url}/identity/connect/authorize", params=asked, timeout=10)

    assert "<strong>14 organisations</strong>" in page.text
    assert all(f"<li>{store.organisation.name}</li>" in page.text for store in many.books.stores())


def test_each_tenant_has_its_own_minute_limit_and_the_app_one_for_all(clock: Clock) -> None:
    limits = Limits(minute=3, app_minute=5)
    with Sandbox(organisations=3, limits=limits, clock=clock) as sandbox:
        client = Client(sandbox)
        with client.session:
            first = [call(client, FIRST, "/Organisation") for _ in range(4)]
            second = [call(client, SECOND, "/Organisation") for _ in range(3)]

            assert [answer.status_code for answer in first] == [200, 200, 200, 429]
            assert first[-1].headers["X-Rate-Limit-Problem"] == "minute"
            assert first[-1].headers["X-AppMinLimit-Remaining"] == "2"
            assert [answer.status_code for answer in second] == [200, 200, 429]
            refused = second[-1].headers
            assert refused["X-Rate-Limit-Problem"] == "appminute"
            assert refused["Retry-After"] == "60"
            assert refused["X-AppMinLimit-Remaining"] == "0"
            assert refused["X-MinLimit-Remaining"] == "1"

            clock.now += 60
            assert call(client, SECOND, "/Organisation").headers["X-AppMinLimit-Remaining"] == "4"


def test_the_minutes_of_two_organisations_begin_at_different_seconds(clock: Clock) -> None:
    with Sandbox(organisations=3, limits=Limits(minute=1), clock=clock) as sandbox:
        client = Client(sandbox)
        with client.session:
            waits = []
            for name in (FIRST, SECOND):
                call(client, name, "/Organisation")
                waits.append(call(client, name, "/Organisation").headers["Retry-After"])
    assert waits == ["60", "7"]


def test_an_idempotency_key_is_for_one_organisation(many: Sandbox, client: Client) -> None:
    body = {"Code": "601", "Name": "Spare", "Type": "EXPENSE"}
    statuses = [
        client.call(
            "PUT",
            "/Accounts",
            json=body,
            headers={"Idempotency-Key": "k", "xero-tenant-id": tenant(many, name)},
        ).status_code
        for name in (FIRST, SECOND)
    ]

    assert statuses == [200, 400]
    assert many.books.find(SECOND).by_code("601") is None


@pytest.mark.parametrize("kind", ["403", "500-before", "not-connected"])
@pytest.mark.parametrize("by_id", [False, True])
def test_a_fault_may_hit_one_organisation_only(kind: str, *, by_id: bool) -> None:
    with Sandbox(organisations=3) as names:
        named = tenant(names, SECOND).upper() if by_id else SECOND.upper()
    path = "/connections" if kind == "not-connected" else "/Accounts"
    with Sandbox(organisations=3, faults=[f"GET {path}@{named}={kind}"]) as sandbox:
        client = Client(sandbox)
        with client.session:
            statuses = [
                call(client, store.organisation.name, "/Accounts").status_code
                for store in sandbox.books.stores()
            ]
            listed = [each["tenantName"] for each in connections(client)]

    assert statuses == [200, 500 if kind == "500-before" else 403, 200]
    assert (SECOND in listed) is (kind != "not-connected")
    assert len(listed) == (2 if kind == "not-connected" else 3)


def test_a_fault_counts_the_calls_of_its_organisation() -> None:
    with Sandbox(organisations=2, faults=[f"GET /Accounts#2@{SECOND}=503"]) as sandbox:
        client = Client(sandbox)
        with client.session:
            order = [SECOND, FIRST, FIRST, SECOND, SECOND]
            statuses = [call(client, name, "/Accounts").status_code for name in order]
    assert statuses == [200, 200, 200, 503, 200]


@pytest.mark.parametrize("nobody", ["", " "])
def test_an_empty_name_means_the_only_organisation(many: Sandbox, nobody: str) -> None:
    with Sandbox() as one:
        assert one.books.find(nobody).tenant_id == one.tenant_id
    with pytest.raises(SandboxError, match="14 organisations, and it is not clear which one"):
        many.books.find(nobody)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("GET /Accounts@Nobody Ltd=403", "no organisation 'Nobody Ltd'"),
        ("GET /Accounts@=403", "is not a fault"),
        ("GET /connections=not-connected", "needs an organisation"),
        (f"GET /connections#2@{FIRST}=not-connected", "takes no number"),
        (f"GET /Accounts@{FIRST}=not-connected", "only for /connections"),
    ],
)
def test_a_fault_without_an_organisation_that_exists_is_refused(fault: str, said: str) -> None:
    with pytest.raises(SandboxError, match=said):
        Sandbox(organisations=2, faults=[fault])


def test_an_unknown_organisation_is_refused_with_a_name_that_exists() -> None:
    with pytest.raises(SandboxError) as caught:
        Sandbox(faults=["GET /Accounts@Nobody Ltd=403"])
    assert caught.value.hint == (
        "Use a name or tenant id that GET /connections lists, for example 'Demo Company (NZ)'."
    )


def test_books_are_refused_if_they_hold_something_else(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    with Sandbox(path, organisations=3, seed=7):
        pass
    for wanted, said in (
        ({"organisations": 4}, "hold 3 organisations, not 4"),
        ({"organisations": 1}, "hold 3 organisations, not 1"),
        ({"organisations": 3, "seed": 8}, "with the seed 7, not 8"),
        ({"organisations": 3, "country": "US"}, "are for NZ, not for US"),
    ):
        with pytest.raises(SandboxError, match=said) as caught:
            Sandbox(path, **wanted)
        assert "--reset" in caught.value.hint
    with Sandbox(path) as sandbox:
        assert len(sandbox.books.stores()) == 3
    Sandbox.reset(path)
    with Sandbox(path, organisations=1) as sandbox:
        assert sandbox.store.organisation.name == "Demo Company (NZ)"


@pytest.mark.parametrize("count", [0, -1, 10_001])
def test_an_impossible_number_of_organisations_is_refused(count: int) -> None:
    with pytest.raises(SandboxError, match="cannot hold"):
        Sandbox(organisations=count)


def test_many_organisations_are_in_all_countries_or_in_the_given_one() -> None:
    with Sandbox(organisations=60) as mixed, Sandbox(organisations=20, country="AU") as one:
        countries = Counter(store.country.name for store in mixed.books.stores())
        assert set(countries) == {"NZ", "AU", "UK", "US"}
        assert {store.country.name for store in one.books.stores()} == {"AU"}


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE organisations SET country = 'ZZ' WHERE number = 3",
        "UPDATE organisations SET tenant_id = 'x' WHERE number = 3",
        "UPDATE deviations SET kind = 'stolen'",
        "UPDATE deviations SET organisation = 99",
        "UPDATE meta SET value = 'x'",
    ],
)
def test_damage_to_any_organisation_is_reported_at_the_start(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "books.db"
    with Sandbox(path, organisations=3) as sandbox:
        sandbox.books.database.execute(damage)
    with pytest.raises(SandboxError, match=r"damaged|cannot be used") as caught:
        Sandbox(path, organisations=3, seed=1)
    assert "--reset" in caught.value.hint


def test_a_custom_connection_of_one_organisation_reaches_no_other() -> None:
    """As at Xero. Only the client id `sandbox` reaches all."""
    with Sandbox(organisations=3, country="NZ") as sandbox:
        second, third = sandbox.books.stores()[1:]
        form = {"grant_type": "client_credentials"}
        where = f"{sandbox.url}/connect/token"
        auth = ("sandbox-2", "sandbox")
        token = requests.post(where, auth=auth, data=form, timeout=10).json()["access_token"]
        signed = {"Authorization": f"Bearer {token}"}
        listed = requests.get(f"{sandbox.url}/connections", headers=signed, timeout=10).json()
        assert [one["tenantId"] for one in listed] == [second.tenant_id]
        assert claims_of(token)["xero_tenant_id"] == second.tenant_id
        url = f"{sandbox.url}/api.xro/2.0/Accounts"
        statuses = [
            requests.get(url, headers={**signed, "xero-tenant-id": store.tenant_id}, timeout=10)
            for store in (second, third)
        ]
        assert [one.status_code for one in statuses] == [200, 403]
        for client in ("sandbox-4", "sandbox-0", "sandbox-"):
            refused = requests.post(where, auth=(client, "sandbox"), data=form, timeout=10)
            assert refused.json() == {"error": "invalid_client"}
        code = {"grant_type": "authorization_code", "code": "x"}
        refused = requests.post(where, auth=auth, data=code, timeout=10)
        assert refused.json() == {"error": "unauthorized_client"}
