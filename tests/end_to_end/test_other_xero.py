"""Plans and applies stay right whatever Xero answers to the open questions.

The main job (pull, an empty plan, a change of every kind, rollback) in the sandbox as it assumes
Xero to be, in one that answers every question otherwise, and in one for each report that people
have contributed to `behaviour/`.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from behaviours import answers_of, assumed, opposite
from command_line import Xerosync

from end_to_end.conftest import GENEROUS
from xerosync.sandbox import Sandbox
from xerosync.sandbox.accounting.account import Account
from xerosync.xero_behaviour import Behaviour, Question, from_json

FOLDER = Path(__file__).parent.parent.parent / "behaviour"
CONTRIBUTED = sorted(FOLDER.glob("*.json"))
PLACES = {"NZ": "NZ", "AU": "AU", "GB": "UK", "US": "US"}

ENTRIES = """\
  - {code: "404", name: Bank Charges}
  - {code: "4330", name: Insurance, previously: ["433"]}
  - {code: "420", enable_payments_to_account: true}
  - {code: "429", reporting_code: EXP.INS}
  - {code: "485", description: ""}
  - {code: "494", name: Travel - International, type: OVERHEADS}
  - {code: "505", name: Income Tax Expense, type: CURRENT}
  - {code: "906", name: Consignments, type: EXPENSE, tax_type: NONE_HERE}
  - {code: "907", name: Watched, type: EXPENSE, tax_type: NONE_HERE, add_to_watchlist: true}
  - {code: "908", name: "*Sundry", type: EXPENSE, tax_type: NONE_HERE}
  - {code: "412", name: Consulting & Accounting, status: ARCHIVED}
  - {code: "457", name: Fax & Telex}
  - {code: "481", name: Trade Fairs, status: DELETED}
"""
BLOCKED_BY = {
    Question.CLEAR_DESCRIPTION: "485",
    Question.KNOWN_REPORTING_CODE: "429",
    Question.RETYPE_IN_CLASS: "494",
    Question.RETYPE_ACROSS_CLASSES: "505",
    Question.SYMBOL_FIRST: "908",
    Question.PAYMENTS_ON_EXPENSE: "420",
    Question.DELETE_UNUSED: "481",
}
"""The questions that decide about a change of the file, with its account's code."""

Serve = Callable[..., Sandbox]


@pytest.fixture
def serve(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Start a Xero that behaves as a report says, and sign in to it."""
    monkeypatch.chdir(project)
    with ExitStack() as stack:

        def begin(behaviour: Behaviour, **options: Any) -> Sandbox:
            sandbox = stack.enter_context(
                Sandbox(
                    country=PLACES[behaviour.country],
                    behaviour=answers_of(behaviour),
                    texts={str(q): found.texts for q, found in behaviour.findings.items()},
                    limits=GENEROUS,
                    **options,
                )
            )
            sandbox.store.insert(code="481", name="Trade Fairs")  # nothing uses it
            monkeypatch.setenv("XEROSYNC_API_URL", sandbox.url)
            monkeypatch.setenv("XEROSYNC_IDENTITY_URL", sandbox.url)
            monkeypatch.setenv("XERO_CLIENT_ID", "sandbox")
            monkeypatch.setenv("XERO_CLIENT_SECRET", "sandbox")
            return sandbox

        yield begin


def write_chart(books: Sandbox, report: Behaviour | None) -> None:
    """Write a file with a change of every kind, and the report that it relies on, if any."""
    place = books.store.country
    pin = f"{{tenant_id: {books.tenant_id}, country: {place.country_code}}}"
    head = f"version: 1\norganisation: {pin}\n"
    if report:
        Path("report.json").write_text(json.dumps(report.to_json()), encoding="utf-8")
        head += "behaviour: report.json\n"
    limits = "limits: {archives: 20, deletes: 5, change_percent: 100}\n"
    entries = ENTRIES.replace("NONE_HERE", place.tax["none"])
    Path("accounts.yaml").write_text(f"{head}{limits}accounts:\n{entries}", encoding="utf-8")


def kept(books: Sandbox) -> dict[str, Account]:
    """Return the accounts by id, without the traces of an update."""
    return {
        a.account_id: dataclasses.replace(a, updated_ms=0, bank_account_type="")
        for a in books.store.accounts()
    }


def planned(xerosync: Xerosync) -> dict[str, Any]:
    (plan,) = json.loads(xerosync("plan", "--format", "json").out)["plans"]
    assert isinstance(plan, dict)
    return plan


def refused(books: Sandbox) -> list[str]:
    return [
        f"{r.method} {r.path} {r.body}" for r in books.requests if r.is_write and r.status >= 400
    ]


def contributed(path: Path) -> Behaviour:
    """Return a report; if the sandbox lacks its country, it is tried on New Zealand's books."""
    behaviour = from_json(json.loads(path.read_text("utf-8")))
    known = behaviour.country in PLACES
    return behaviour if known else dataclasses.replace(behaviour, country="NZ")


WORLDS = {
    "as assumed": assumed(),
    "opposite": opposite(),
    "opposite, last answers": opposite(place=9),
    "opposite in Australia": opposite("AU"),
    **{path.name: contributed(path) for path in CONTRIBUTED},
}


def test_the_readme_of_the_reports_says_whether_a_report_exists() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert ("There is no report yet." in text) is (CONTRIBUTED == [])


@pytest.mark.parametrize("world", WORLDS)
def test_with_a_report_nothing_is_sent_that_xero_refuses_and_a_second_run_finds_nothing(
    serve: Serve, xerosync: Xerosync, world: str
) -> None:
    behaviour = WORLDS[world]
    books = serve(behaviour)
    assert xerosync("pull").code == 0
    assert xerosync("plan", "--detailed-exitcode").code == 0
    before = kept(books)
    write_chart(books, dataclasses.replace(behaviour, source="demo company"))
    expected = {
        (code, f"xero-{question.replace('_', '-')}")
        for question, code in BLOCKED_BY.items()
        if behaviour.answer(question) in {"refused", "kept", "ignored"}
    }
    first = planned(xerosync)
    assert {(one["code"], one["rule"]) for one in first["blocked"]} == expected
    books.clear_log()
    said = xerosync("apply", "--yes", "--skip-blocked", "--result", "run.jsonl")
    assert (said.code, refused(books)) == (0, []), said.err
    again = planned(xerosync)
    assert again["changes"] == []
    assert {(one["code"], one["rule"]) for one in again["blocked"]} == expected

    assert xerosync("rollback", "run.jsonl", "--out", "undo.json").code == 0
    said = xerosync("apply", "undo.json", "--yes")
    assert (said.code, refused(books)) == (0, []), said.err
    after = kept(books)
    gone = {one for one in before if one not in after}
    deleted = set() if "481" in dict(expected) else {"481"}
    assert {before[one].code for one in gone} == deleted
    assert {one: after[one] for one in before if one not in gone} == {
        one: account for one, account in before.items() if one not in gone
    }
    assert {a.status for one, a in after.items() if one not in before} == {"ARCHIVED"}


@pytest.mark.parametrize("place", [0, 9])
def test_without_a_report_only_doubtful_changes_fail_and_nothing_is_lost(
    serve: Serve, xerosync: Xerosync, place: int
) -> None:
    behaviour = opposite(place=place)
    books = serve(behaviour)
    before = kept(books)
    write_chart(books, None)
    first = planned(xerosync)
    assert first["blocked"] == []
    in_doubt = {change["code"] for change in first["changes"] if change["warnings"]}
    said = xerosync("apply", "--yes")
    assert said.code != 0
    again = planned(xerosync)
    left = {change["code"] for change in again["changes"]}
    assert left == set(BLOCKED_BY.values())
    assert left <= in_doubt
    after = kept(books)
    assert before.keys() <= after.keys()
    moved = {"404", "433", "412", "457", *left}
    assert {a.code for one, a in before.items() if after[one] != a} == moved - left
    codes = [a.code for a in after.values() if a.status == "ACTIVE" and a.code]
    assert len(codes) == len(set(codes))


def test_a_create_without_an_answer_is_made_once_even_if_xero_refuses_repeated_keys(
    serve: Serve, xerosync: Xerosync
) -> None:
    books = serve(opposite(), faults=["PUT /Accounts#1=drop-after"])
    entries = '  - {code: "906", name: Consignments, type: EXPENSE, tax_type: NONE}\n'
    pin = f"organisation: {{tenant_id: {books.tenant_id}}}\n"
    Path("accounts.yaml").write_text(f"version: 1\n{pin}accounts:\n{entries}", encoding="utf-8")
    said = xerosync("apply", "--yes")
    assert said.code == 0, said.err
    puts = [r.status for r in books.requests if r.method == "PUT"]
    assert puts == [200, 400]
    assert [a.code for a in books.store.accounts()].count("906") == 1
    assert xerosync("plan", "--detailed-exitcode").code == 0
