"""The main job in a report: every part is proved, and a part that fails says why."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from doctor.demo.conftest import OpenCompany
from doctor.demo.demo_company import TODAY, DemoCompany, only
from xerosync.doctor.demo.main_job import NOT_DONE, OK, PARTS
from xerosync.doctor.demo.watched_ledger import WatchedLedger
from xerosync.model import Account
from xerosync.xero.http.transport import Reply, Request
from xerosync.xero_behaviour import Question

NOTHING = only(Question.MODIFIED_SINCE)
RETYPES = only(Question.RETYPE_IN_CLASS, Question.PAYMENTS_ON_EXPENSE)


def sent(request: Request) -> dict[str, object]:
    """Return the account in the body of a request."""
    body = json.loads(request.body or b"{}")
    return dict(body["Accounts"][0]) if "Accounts" in body else {}


def test_every_kind_of_change_is_sent_and_undone(company: DemoCompany) -> None:
    before = company.chart()
    with company.run(RETYPES) as (run, sender):
        report = run.run(TODAY, local=True)
    assert report.main_job == dict.fromkeys(PARTS, OK)
    bodies = [sent(request) for request in sender.writes]
    fields = {field for body in bodies for field in body}
    assert {"Code", "Name", "Description", "Status", "Type", "ShowInExpenseClaims"} <= fields
    assert {"AddToWatchlist", "EnablePaymentsToAccount", "TaxType"} <= fields
    statuses = [body["Status"] for body in bodies if "Status" in body]
    assert {"ARCHIVED", "ACTIVE"} <= set(statuses)
    assert company.chart() == before


@pytest.mark.parametrize("question", ["retype_in_class", "payments_on_expense"])
def test_a_field_that_xero_refuses_is_left_out(open_company: OpenCompany, question: str) -> None:
    company = open_company(behaviour={question: "refused"})
    with company.run(RETYPES) as (run, _):
        report = run.run(TODAY, local=True)
    assert report.main_job == dict.fromkeys(PARTS, OK)


def refused(request: Request) -> bool:
    return request.method == "POST" and "AddToWatchlist" in sent(request)


@pytest.mark.parametrize(
    ("breaks", "part"),
    [
        (lambda r: r.method == "GET" and r.url.endswith("/TaxRates"), "pull"),
        (lambda r: r.method == "PUT" and "Before." in str(sent(r)), "changes"),
        (refused, "applied"),
        (lambda r: sent(r).get("Description") == "Before." and r.method == "POST", "rolled_back"),
    ],
)
def test_a_part_that_fails_says_why_and_the_rest_is_not_done(
    company: DemoCompany, breaks: Callable[[Request], bool], part: str
) -> None:
    """No path of this machine is in the reason."""
    before = company.chart()
    reads: list[int] = []

    def instead(number: int, request: Request) -> Reply | None:
        if not breaks(request):
            return None
        reads.append(number)
        if part == "pull" and len(reads) == 1:
            return None  # the questions' own reading of the tax rates
        body = {"Elements": [{"ValidationErrors": [{"Message": "Not on a Friday."}]}]}
        return Reply(400, {"content-type": "application/json"}, json.dumps(body))

    with company.run(NOTHING, instead=instead) as (run, _):
        report = run.run(TODAY, local=True)
    done = PARTS.index(part)
    assert [report.main_job[one] for one in PARTS[:done]] == [OK] * done
    assert "Not on a Friday." in report.main_job[part]
    assert str(company.folder) not in str(report.main_job)
    assert {report.main_job[one] for one in PARTS[done + 1 :]} <= {NOT_DONE}
    assert company.chart() == before


def test_a_field_that_xero_ignores_is_not_proved(company: DemoCompany) -> None:
    """Xero says that it has done the update, and has not."""
    before = company.chart()

    def instead(_: int, request: Request) -> Reply | None:
        if request.method != "POST" or sent(request).get("Description") != "After.":
            return None
        account_id = request.url.rpartition("/")[2]
        account = next(a for a in company.sandbox.store.accounts() if a.account_id == account_id)
        body = {"Accounts": [{"AccountID": account_id, "Name": account.name, "Type": account.type,
                              "Code": account.code, "Status": "ACTIVE"}]}  # fmt: skip
        return Reply(200, {"content-type": "application/json"}, json.dumps(body))

    with company.run(NOTHING, instead=instead) as (run, _):
        report = run.run(TODAY, local=True)
    assert report.main_job["applied"] == OK
    assert "not as planned" in report.main_job["proved"]
    assert report.main_job["rolled_back"] == NOT_DONE
    assert company.chart() == before


@pytest.mark.parametrize(
    ("method", "description", "part"),
    [
        ("PUT", "Before.", "changes"),
        ("POST", "After.", "proved"),
        ("POST", "Before.", "rolled_back"),
    ],
)
def test_only_the_part_that_is_not_proved_fails(
    company: DemoCompany, method: str, description: str, part: str
) -> None:
    """Somebody edits an account that was just created, changed or rolled back."""
    edited: list[str] = []

    def edit(_: int, request: Request) -> None:
        values = sent(request)
        if edited or request.method != method or values.get("Description") != description:
            return
        named = {values.get("Code"), request.url.rpartition("/")[2]}
        (code,) = (
            a.code for a in company.sandbox.store.accounts() if named & {a.code, a.account_id}
        )
        edited.append(company.sandbox.store.edit(code, description="Edited.").name)

    with company.run(NOTHING, after=edit) as (run, _):
        report = run.run(TODAY, local=True)
    assert edited
    done = PARTS.index(part)
    assert [report.main_job[one] for one in PARTS[:done]] == [OK] * done
    assert "not as planned" in report.main_job[part]
    assert {report.main_job[one] for one in PARTS[done + 1 :]} <= {NOT_DONE}


def test_an_updated_account_that_is_gone_after_the_rollback_is_not_undone(
    company: DemoCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the account that the job itself deleted may be gone."""
    read, reads = WatchedLedger.accounts, list[int]()

    def accounts(ledger: WatchedLedger, *, then: int = 0) -> tuple[Account, ...]:
        found = read(ledger, then=then)
        if then:
            return found
        reads.append(len(found))  # once after each of the three applies
        return tuple(a for a in found if len(reads) < 3 or a.description != "Before.")

    monkeypatch.setattr(WatchedLedger, "accounts", accounts)
    with company.run(NOTHING) as (run, _):
        report = run.run(TODAY, local=True)
    assert len(reads) == 3
    assert report.main_job["proved"] == OK
    assert "These accounts are not as they were before the run" in report.main_job["rolled_back"]
