"""Nothing is written unless Xero itself says, seconds before, that this is a demo company."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from doctor.demo.demo_company import TODAY, DemoCompany, only
from xerosync.doctor.demo.demo_books import LOOK_EVERY
from xerosync.doctor.demo.port import NotAsked
from xerosync.errors import ExitCode, NoDemoCompany, Unavailable, XerosyncError
from xerosync.xero.http.transport import Reply, Request
from xerosync.xero_behaviour import Question, from_json

Instead = Callable[[int, Request], Reply | None]


def saying(company: DemoCompany, since: int = 0, **values: Any) -> Instead:
    """Answer for the organisation with other values, from a call on; None leaves a key out."""
    organisation = {
        "OrganisationID": company.sandbox.tenant_id,
        "Name": "Demo Company (NZ)",
        "CountryCode": "NZ",
        "IsDemoCompany": True,
        **values,
    }
    body = {"Organisations": [{k: v for k, v in organisation.items() if v is not None}]}

    def instead(number: int, request: Request) -> Reply | None:
        if number < since or not request.url.endswith("/Organisation"):
            return None
        return Reply(200, {"content-type": "application/json"}, json.dumps(body))

    return instead


@pytest.mark.parametrize("said", [False, None, "true", "false", 1, 0, [], {}])
def test_only_the_value_true_makes_a_demo_company(company: DemoCompany, said: object) -> None:
    before = company.chart()
    with (
        pytest.raises(NoDemoCompany, match="does not say") as refused,
        company.run(instead=saying(company, IsDemoCompany=said)),
    ):
        pytest.fail("the books were opened")
    assert refused.value.exit_code == ExitCode.REFUSED
    assert company.chart() == before


@pytest.mark.parametrize(
    ("since", "values", "why"),
    [
        (2, {"IsDemoCompany": False}, "is a demo company"),
        (15, {"IsDemoCompany": None}, "is a demo company"),
        (40, {"OrganisationID": "another-one"}, "has changed"),
        (50, {"OrganisationID": None}, "is not valid"),
        (70, {"IsDemoCompany": False}, "is a demo company"),
        (85, {"IsDemoCompany": False}, "is a demo company"),
    ],
)
def test_nothing_is_written_after_a_check_finds_another_or_no_demo_company(
    company: DemoCompany, since: int, values: dict[str, object], why: str
) -> None:
    """Whenever the run learns of it, it writes nothing more, and says what is left.

    A check is valid for some seconds, so a write may follow a change that no check has shown yet.
    """
    instead = saying(company, since, **values)
    with company.run(instead=instead) as (run, sender):
        with pytest.raises(NoDemoCompany, match=why) as refused:
            run.run(TODAY, local=True)
        told = next(
            place
            for place, request in enumerate(sender.sent, start=1)
            if place >= since and request.url.endswith("/Organisation")
        )
        assert [r.method for r in sender.sent[told:] if r.method != "GET"] == []
        changed = sender.at[since - 1]
        writes = [at for r, at in zip(sender.sent, sender.at, strict=True) if r.method != "GET"]
        assert max(writes, default=0.0) <= changed + LOOK_EVERY
        left = " ".join(refused.value.details)
        for name in company.left():
            assert name in left
        assert ("What is listed above was not cleaned up" in refused.value.hint) is bool(left)
    assert refused.value.exit_code == ExitCode.REFUSED


@pytest.mark.parametrize("used", [12, 21, 30, 39, 48])
def test_no_wait_comes_between_a_check_and_a_write(company: DemoCompany, used: int) -> None:
    """Not even if other calls have used up the minute's limit, or a call exceeds it."""
    limited: list[float] = []

    def instead(number: int, request: Request) -> Reply | None:
        if number < used + 20 or request.method == "GET" or limited:
            return None
        limited.append(company.ticking.now)
        return Reply(429, {"retry-after": "30", "x-rate-limit-problem": "minute"}, "")

    company.ticking.a_call = 0.1
    with company.run(main_job=used < 40, instead=instead) as (run, sender):
        for _ in range(used):
            run.books.read("/TaxRates")
        run.books.calls -= used
        run.run(TODAY, local=True)
    said = 0.0
    for request, at in zip(sender.sent, sender.at, strict=True):
        if request.url.endswith("/Organisation"):
            said = at
        elif request.method != "GET":
            assert at - said <= LOOK_EVERY + 1
    assert limited


def test_a_write_that_the_main_job_repeats_is_checked_again(company: DemoCompany) -> None:
    """Xero asks to wait before the repeat, and meanwhile says that it is no demo company."""
    limited: list[float] = []
    no_demo = saying(company, IsDemoCompany=False)

    def instead(number: int, request: Request) -> Reply | None:
        if limited:
            return no_demo(number, request)
        if request.method == "GET" or "main job" not in company.shown.lines[-1][2]:
            return None
        limited.append(company.ticking.now)
        return Reply(429, {"retry-after": "30", "x-rate-limit-problem": "minute"}, "")

    with (
        company.run(only(Question.SYMBOL_FIRST), instead=instead) as (run, sender),
        pytest.raises(NoDemoCompany),
    ):
        run.run(TODAY, local=True)
    writes = [at for r, at in zip(sender.sent, sender.at, strict=True) if r.method != "GET"]
    assert limited
    assert max(writes) <= limited[0] + LOOK_EVERY


def test_the_main_job_goes_on_after_a_rate_limit(company: DemoCompany) -> None:
    limited: list[int] = []

    def instead(number: int, request: Request) -> Reply | None:
        if limited or request.method == "GET" or "main job" not in company.shown.lines[-1][2]:
            return None
        limited.append(number)
        return Reply(429, {"retry-after": "30", "x-rate-limit-problem": "minute"}, "")

    report = company.ask(only(Question.SYMBOL_FIRST), main_job=True, instead=instead)
    assert limited
    assert set(report.main_job.values()) == {"ok"}


def test_the_next_run_cleans_up_once_xero_says_demo_again(company: DemoCompany) -> None:
    before = company.chart()
    with (
        company.run(instead=saying(company, 40, IsDemoCompany=False)) as (run, _),
        pytest.raises(NoDemoCompany),
    ):
        run.run(TODAY, local=True)
    assert company.left()
    company.clean_up()
    assert company.chart() == before


def test_a_check_that_fails_is_not_permission_to_write(company: DemoCompany) -> None:
    """While the organisation cannot be read, nothing is written."""

    def instead(number: int, request: Request) -> Reply | None:
        broken = number > 20 and request.url.endswith("/Organisation")
        return Reply(500, {}, "") if broken else None

    with company.run(instead=instead) as (run, sender):
        with pytest.raises(Exception, match="clean-up is incomplete"):
            run.run(TODAY, local=True)
        first = next(place for place, r in enumerate(sender.sent) if place >= 20
                     and r.url.endswith("/Organisation"))  # fmt: skip
        assert all(r.method == "GET" for r in sender.sent[first:])


def test_another_account_is_never_written_to(company: DemoCompany) -> None:
    """Not by a question, nor by a plan of the main job."""
    rent = next(a for a in company.sandbox.store.accounts() if a.code == "469")
    with company.run(only(Question.SYMBOL_FIRST)) as (run, sender):
        run.run(TODAY, local=True)
        sender.sent.clear()
        for write in (
            lambda: run.books.update({"AccountID": rent.account_id}, Name="Mine"),
            lambda: run.books.delete({"AccountID": rent.account_id, "Name": "xerosync test"}),
            lambda: run.books.made.adopt(
                {"AccountID": rent.account_id, "Code": "469", "Name": "Rent"}
            ),
        ):
            with pytest.raises(NotAsked, match="Only throw-away"):
                write()
        assert not sender.sent


def test_an_account_in_a_wrong_answer_does_not_become_a_throw_away_one(
    company: DemoCompany,
) -> None:
    """Xero processes a create, and answers with an account that was there before."""
    rent = next(a for a in company.sandbox.store.accounts() if a.code == "469")

    def instead(_: int, request: Request) -> Reply | None:
        if request.method != "PUT":
            return None
        (sent,) = json.loads(request.body or b"")["Accounts"]
        answer = {"Accounts": [{**sent, "AccountID": rent.account_id, "Status": "ACTIVE"}]}
        return Reply(200, {}, json.dumps(answer))

    before = company.chart()
    with company.run(main_job=False, instead=instead) as (run, sender):
        run.run(TODAY, local=True)
        assert not any(rent.account_id in request.url for request in sender.writes)
    assert company.chart() == before


@pytest.mark.parametrize("said", ["469", "Rent", "xerosync test 0a1b 1: delete me"])
def test_a_plan_never_writes_to_another_account(company: DemoCompany, said: str) -> None:
    """The ledger of the main job writes only to ids of throw-away accounts."""
    rent = next(a for a in company.sandbox.store.accounts() if a.code == "469")
    with company.run({}, main_job=False) as (run, sender):
        run.run(TODAY, local=True)
        ledger = company.ledger(run)
        sender.sent.clear()
        writes: tuple[Callable[[], object], ...] = (
            lambda: ledger.update(rent.account_id, {"name": said}, key="1"),
            lambda: ledger.set_status(rent.account_id, "ARCHIVED", key="2"),
            lambda: ledger.delete(rent.account_id),
            lambda: ledger.create({"code": "469", "name": "Rent", "type": "EXPENSE"}, key="3"),
        )
        for write in writes:
            with pytest.raises(Unavailable, match="Only throw-away accounts"):
                write()
        assert not sender.writes


STRANGE = [
    "null", "[]", "3", '"x"', "{}", '{"Accounts": null}', '{"Accounts": 3}', '{"Accounts": []}',
    '{"Accounts": [1, null, "x", []]}', "<html>Log in to the network</html>",
    '{"Accounts": [{"AccountID": 7, "Name": ["x"], "Code": null, "Status": {}}]}',
    json.dumps({"Accounts": [{"AccountID": "../Items", "Code": "XS0A1B001",
                              "Name": "xerosync test 0a1b 1: delete me", "Status": "ACTIVE"}]}),
]  # fmt: skip
"""Answers that are no chart, or a chart that nobody can have."""


@pytest.mark.parametrize(
    ("method", "body"),
    [*(("GET", body) for body in STRANGE), *(("PUT", body) for body in STRANGE[5::2]),
     *(("POST", body) for body in STRANGE[::4])],
)  # fmt: skip
def test_strange_answers_cause_no_crash_and_no_harm(
    company: DemoCompany, method: str, body: str
) -> None:
    """Every answer about accounts is strange. The run ends with an error of ours, or a report."""
    before = company.chart()
    ids = {account[0] for account in before}

    def instead(_: int, request: Request) -> Reply | None:
        strange = request.method == method and "/Accounts" in request.url
        return Reply(200, {"content-type": "application/json"}, body) if strange else None

    with company.run(main_job=False, instead=instead) as (run, sender):
        with suppress(XerosyncError):
            run.run(TODAY, local=True)
        for request in sender.writes:
            last = request.url.rpartition("/")[2]
            if last in ids:
                (sent,) = json.loads(request.body or b"")["Accounts"]
                assert sent.keys() == {"Name"}
                assert "Rounding" in sent["Name"]
            assert "/../" not in request.url
    company.clean_up()
    assert company.chart() == before


@pytest.mark.parametrize(
    ("said", "country"), [("GB", "GB"), ("", "ZZ"), (None, "ZZ"), ("\x1b[", "ZZ")]
)
def test_a_report_can_be_read_whatever_the_country(
    company: DemoCompany, said: str | None, country: str
) -> None:
    instead = saying(company, CountryCode=said)
    report = company.ask(only(Question.MODIFIED_SINCE), instead=instead)
    assert report.country == country
    assert from_json(report.to_json()) == report


@pytest.mark.parametrize("item_id", ["", "..", "../Accounts", 7, None])
def test_an_item_without_an_id_is_not_deleted(company: DemoCompany, item_id: object) -> None:
    """Its id is part of the address, so another text could lead to another address."""
    item = {"ItemID": item_id, "Code": "XS0A1B001", "Name": "xerosync test 0a1b 1: delete me"}

    def instead(_: int, request: Request) -> Reply | None:
        listed = request.method == "GET" and request.url.endswith("/Items")
        return Reply(200, {}, json.dumps({"Items": [item]})) if listed else None

    with company.run(only(Question.DELETE_LOCKED), main_job=False, instead=instead) as (
        run,
        sender,
    ):
        with suppress(XerosyncError):
            run.run(TODAY, local=True)
        assert not [r for r in sender.writes if r.method == "DELETE" and "Accounts/" not in r.url]


def test_a_system_account_is_never_a_throw_away_one(company: DemoCompany) -> None:
    """Not even if somebody has given it such a code and such a name."""
    rounding = next(a for a in company.sandbox.store.accounts() if a.name == "Rounding")
    named = {"Code": "XS0A1B001", "Name": "xerosync test 0a1b 1: delete me"}
    with company.run(only(Question.SYMBOL_FIRST), main_job=False) as (run, sender):
        path = f"/Accounts/{rounding.account_id}"
        assert run.books._port.send("POST", path, {"Accounts": [named]}).done
        before = company.chart()
        sender.sent.clear()
        report = run.run(TODAY, local=True)
        assert not any(rounding.account_id in request.url for request in sender.writes)
    assert not report.left_behind
    assert company.chart() == before


@pytest.mark.parametrize(("local", "source"), [(True, "sandbox"), (False, "demo company")])
def test_a_report_says_whether_a_sandbox_answered(
    company: DemoCompany, *, local: bool, source: str
) -> None:
    with company.run(only(Question.SYMBOL_FIRST), main_job=False) as (run, _):
        assert run.run(TODAY, local=local).source == source
