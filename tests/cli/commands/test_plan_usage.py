"""A plan says what still uses the accounts that it archives, as far as the sign-in may read it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from command_line import Said, Xerosync
from render.test_published_schemas import check, load
from xero.auth.conftest import project

from cli.commands.test_usage import Start, start
from xerosync.errors import ExitCode

__all__ = ["project", "start"]

READS = {"TrialBalance", "Items", "RepeatingInvoices", "Contacts"}
HEAD = """version: 1
organisation: {name: "Demo Company (NZ)"}
"""
ARCHIVING = f"""{HEAD}accounts:
  - {{code: "461", name: Printing & Stationery, status: ARCHIVED}}
  - {{code: "485", name: Subscriptions, status: ARCHIVED}}
"""
ASKING = f"{ARCHIVING}archive_requires: [zero_balance, unused]\n"
CODE = "433"
"""An account that the sandbox has never used."""
UNUSED = f"""{HEAD}archive_requires: [zero_balance, unused]
accounts:
  - {{code: "{CODE}", name: Insurance, status: ARCHIVED}}
"""
CONTACT = "Northside Stationers"


@pytest.fixture(autouse=True)
def archives(project: Path) -> None:
    """Let the file archive two accounts."""
    Path("accounts.yaml").write_text(ARCHIVING, encoding="utf-8")


def plan_of(said: Said) -> dict[str, Any]:
    assert said.code == 0, said.err
    document = json.loads(said.out)
    check(load("plan.schema.json"), document)
    (found,) = document["plans"]
    return dict(found)


def reads(server: Any) -> list[str]:
    names = [each.path.rpartition("/")[2] for each in server.requests]
    return sorted(name for name in names if name in READS)


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("clients", "--verbose"), True),
        (("clients", "--verbose", "--engine", "tcp://127.0.0.1:8786"), False),
        (("clients/a.yaml", "--verbose", "--engine", "tcp://127.0.0.1:8786"), True),
        (("clients",), False),
    ],
)
def test_a_scheduler_never_gets_the_names_of_contacts(
    xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], *, names: bool
) -> None:
    """It keeps the results of tasks; one organisation alone is read by this process."""
    Path("clients").mkdir()
    for name in ("a", "b"):
        text = ARCHIVING.replace("Demo Company (NZ)", name)
        Path("clients", f"{name}.yaml").write_text(text, encoding="utf-8")
    asked = []

    def run_all(_session: object, _charts: object, work: Any, *_: object, **__: object) -> Any:
        asked.append(work.keywords["names"])
        return (), ()

    monkeypatch.setattr("xerosync.cli.many.run.run_all", run_all)
    xerosync("plan", *arguments)
    assert asked == [names]


def test_a_plan_that_archives_says_what_uses_the_accounts(start: Start, xerosync: Xerosync) -> None:
    server = start()
    found = plan_of(xerosync("plan", "--format", "json"))
    used = next(one["usage"] for one in found["changes"] if one["code"] == "461")
    assert used["balance"] == "1204.50"
    assert used["items"] == ["PAPER"]
    assert used["contacts"] > 1
    assert used["unknown"] == []
    assert found["usage"]["unknown"] == []
    assert found["usage"]["calls"] == 4
    assert reads(server) == sorted(READS)


def test_a_plan_that_only_renames_does_not_read_usage(start: Start, xerosync: Xerosync) -> None:
    server = start()
    renamed = (
        ARCHIVING.split("accounts:", maxsplit=1)[0] + 'accounts: [{code: "461", name: Printing}]\n'
    )
    Path("accounts.yaml").write_text(renamed, encoding="utf-8")
    assert "usage" not in plan_of(xerosync("plan", "--format", "json"))
    assert reads(server) == []


@pytest.mark.parametrize("command", [("plan", "--no-usage"), ("drift",)])
def test_no_usage_and_drift_do_not_read_usage(
    start: Start, xerosync: Xerosync, command: tuple[str, ...]
) -> None:
    server = start()
    assert xerosync(*command).code == 0
    assert reads(server) == []


def test_no_name_of_a_contact_is_in_a_saved_plan_or_a_journal(
    start: Start, xerosync: Xerosync
) -> None:
    start()
    names = json.loads(xerosync("usage", "461", "--verbose", "--format", "json").out)
    assert CONTACT in names["accounts"][0]["usage"]["contact_names"]
    saving = ("--out", "plan.json", "--json-file", "also.json")
    assert xerosync("plan", "--verbose", *saving).code == 0
    assert xerosync("apply", "plan.json", "--result", "run.jsonl").code == 0
    for file in ("plan.json", "also.json", "run.jsonl"):
        text = Path(file).read_text(encoding="utf-8")
        assert "Printing" in text
        assert CONTACT not in text


def test_usage_without_its_scope_is_reported_as_unknown_and_not_requested(
    start: Start, xerosync: Xerosync
) -> None:
    server = start(scopes="accounting.settings.read")
    found = plan_of(xerosync("plan", "--format", "json"))
    unknown = {one["kind"]: one["scope"] for one in found["usage"]["unknown"]}
    assert unknown == {
        "balance": "accounting.reports.trialbalance.read",
        "repeating_invoices": "accounting.invoices.read",
        "contacts": "accounting.contacts.read",
    }
    assert reads(server) == ["Items"]
    assert all(each.status != 401 for each in server.requests)


@pytest.mark.parametrize(
    "kind", ["401", "403", "404", "500-before", "429-day", "401-scope", "truncate"]
)
def test_a_plan_does_not_fail_if_a_report_cannot_be_read(
    start: Start, xerosync: Xerosync, kind: str
) -> None:
    start(f"GET /Reports/TrialBalance={kind}")
    found = plan_of(xerosync("plan", "--format", "json"))
    assert [one["kind"] for one in found["usage"]["unknown"]] == ["balance"]
    assert found["usage"]["unknown"][0]["reason"]
    assert found["changes"][0]["usage"]["items"] is not None


def test_a_saved_plan_is_applied_although_a_balance_moved(start: Start, xerosync: Xerosync) -> None:
    server = start()
    assert xerosync("plan", "--out", "plan.json").code == 0
    server.books.stores()[0].set_balance("461", 9900)
    before = len(reads(server))
    assert xerosync("apply", "plan.json").code == 0
    assert len(reads(server)) == before, "the file asks for nothing"


def test_apply_and_rollback_plan_with_usage(start: Start, xerosync: Xerosync) -> None:
    server = start()
    assert xerosync("apply", "--yes", "--result", "run.jsonl").code == 0
    assert reads(server) == sorted(READS)
    created = f'{HEAD}accounts: [{{code: "9461", name: Print, type: EXPENSE, tax_type: NONE}}]\n'
    Path("accounts.yaml").write_text(created, encoding="utf-8")
    assert xerosync("apply", "--yes", "--result", "new.jsonl").code == 0
    undoing = plan_of(xerosync("rollback", "new.jsonl", "--format", "json"))
    assert undoing["changes"][0]["usage"]["balance"] == "0.00"
    again = plan_of(xerosync("rollback", "new.jsonl", "--format", "json", "--no-usage"))
    assert "usage" not in again


def test_a_balance_blocks_an_archive_if_the_file_requires_a_zero_balance(
    start: Start, xerosync: Xerosync
) -> None:
    start()
    Path("accounts.yaml").write_text(ASKING, encoding="utf-8")
    found = plan_of(xerosync("plan", "--format", "json"))
    (blocked,) = [one for one in found["blocked"] if one["code"] == "461"]
    assert blocked["rule"] == "archive-requires"
    assert "has a balance of NZD 1,204.50 debit" in blocked["reason"]
    assert "Bring its balance to zero" in blocked["hint"]
    assert xerosync("apply", "--yes").code == ExitCode.REFUSED


@pytest.mark.parametrize(
    ("more", "code"), [((), ExitCode.REFUSED), (("--no-usage",), ExitCode.REFUSED)]
)
def test_a_saved_plan_is_refused_if_an_account_got_a_balance(
    start: Start, xerosync: Xerosync, more: tuple[str, ...], code: int
) -> None:
    server = start()
    (store,) = server.books.stores()
    Path("accounts.yaml").write_text(UNUSED, encoding="utf-8")
    assert xerosync("plan", "--out", "plan.json").code == 0
    store.set_balance(CODE, 123456)
    refused = xerosync("apply", "plan.json", *more)
    assert refused.code == code
    assert f"{CODE} " in refused.err
    assert ("NZD 1,234.56 debit" if not more else "not read because of --no-usage") in refused.err
    assert not Path(".xerosync/runs").exists() or not list(Path(".xerosync/runs").iterdir())
    store.set_balance(CODE, 0)
    assert xerosync("apply", "plan.json").code == 0


def test_of_many_organisations_only_the_one_with_a_balance_is_refused(
    start: Start, xerosync: Xerosync
) -> None:
    server = start(organisations=2)
    Path("clients").mkdir()
    for store in server.books.stores():
        pin = f"organisation: {{tenant_id: {store.tenant_id}}}"
        text = UNUSED.replace('organisation: {name: "Demo Company (NZ)"}', pin)
        Path("clients", f"{store.tenant_id}.yaml").write_text(text, encoding="utf-8")
        store.set_balance(CODE, 0)
    assert xerosync("plan", "clients", "--out", "plans/").code == 0
    first, _ = server.books.stores()
    first.set_balance(CODE, 500)
    said = xerosync("apply", "plans/")
    assert said.code == ExitCode.PARTIAL
    assert "has a balance of NZD 5.00 debit" in said.err
    assert "Applied to 1 organisation" in said.err
    writes = [each.headers["xero-tenant-id"] for each in server.requests if each.method == "POST"
              and "/Accounts" in each.path]  # fmt: skip
    assert first.tenant_id not in writes
    assert writes
