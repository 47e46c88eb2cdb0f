"""`import-csv`, `export-csv` and `plan --current`: working without a sign-in to Xero."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Xerosync

from xerosync.chartfile.load import load
from xerosync.sandbox import Sandbox

NAME = ("--organisation", "Demo Company (NZ)")


def test_an_export_of_xero_becomes_a_file_a_plan_and_the_same_csv(
    xerosync: Xerosync, project: Path
) -> None:
    assert xerosync("pull", "--sandbox").code == 0
    exported = xerosync("export-csv", "--sandbox", "-o", "chart.csv")
    assert exported.code == 0
    assert "it archives every account that the CSV lacks" in exported.err
    (project / "accounts.yaml").unlink()

    made = xerosync("import-csv", "chart.csv", *NAME)
    assert made.code == 0
    planned = xerosync("plan", "--current", "chart.csv", "--detailed-exitcode")
    assert planned.code == 0
    assert "cannot be applied" in planned.err
    assert xerosync("plan", "--sandbox", "--detailed-exitcode").code == 0
    assert xerosync("import-csv", "chart.csv", "--check").code == 0
    again = xerosync("export-csv")
    assert again.code == 0
    assert again.out.splitlines() == (project / "chart.csv").read_text().splitlines()


@pytest.mark.parametrize("country", ["NZ", "AU", "UK", "US"])
def test_a_demo_company_is_the_same_csv_after_import_and_export(
    country: str, xerosync: Xerosync, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Sandbox(country=country) as books, monkeypatch.context() as signed_in:
        for name in ("XEROSYNC_API_URL", "XEROSYNC_IDENTITY_URL"):
            signed_in.setenv(name, books.url)
        for name in ("XERO_CLIENT_ID", "XERO_CLIENT_SECRET"):
            signed_in.setenv(name, "sandbox")
        assert xerosync("pull").code == 0
        assert xerosync("export-csv", "--with-xero", "-o", "chart.csv").code == 0
        (project / "accounts.yaml").unlink()
        organisation = ("--organisation", f"Demo Company ({country})")
        assert xerosync("import-csv", "chart.csv", *organisation).code == 0
        assert xerosync("plan", "--detailed-exitcode").code == 0
    assert xerosync("export-csv", "-o", "again.csv").code == 0
    assert (project / "again.csv").read_bytes() == (project / "chart.csv").read_bytes()


def test_importing_warns_that_an_export_would_lose_what_the_file_cannot_hold(
    xerosync: Xerosync, project: Path
) -> None:
    rows = "*Code,*Name,*Type,*Tax Code\n200,Sales,Revenue,No VAT\n"
    for row, lost in (("12345678901,Old,Expense,No VAT\n", True), ("", False)):
        (project / "chart.csv").write_text(rows + row)
        (project / "accounts.yaml").unlink(missing_ok=True)
        done = xerosync("import-csv", "chart.csv", *NAME)
        assert ("12345678901 Old left out of the file" in done.err) is lost
        assert ("would archive those accounts or empty those fields." in done.err) is lost


def test_a_warning_about_an_override_does_not_say_that_an_export_would_lose_it(
    xerosync: Xerosync, project: Path
) -> None:
    (project / "standard.yaml").write_text(
        "version: 1\nstandard: {name: Rimu}\naccounts:\n"
        '  - {code: "404", name: Fees, type: EXPENSE, description: Bank}\n'
    )
    (project / "accounts.yaml").write_text(
        "version: 1\nextends: standard.yaml\norganisation: {name: Acme}\noverrides:\n"
        '  - {standard: "404", name: Charges, reason: Covenant}\n'
    )
    (project / "chart.csv").write_text(
        "*Code,*Name,*Type,*Tax Code,Description\n404,Charges,Expense,No VAT,Card\n"
    )
    done = xerosync("import-csv", "chart.csv")
    assert "the override now changes description too" in done.err
    assert "A CSV exported from" not in done.err


def test_an_option_that_names_another_organisation_than_the_file_is_refused(
    xerosync: Xerosync, project: Path
) -> None:
    (project / "chart.csv").write_text("*Code,*Name,*Type\n200,Sales,Revenue\n")
    assert xerosync("import-csv", "chart.csv", *NAME).code == 0
    before = (project / "accounts.yaml").read_bytes()
    for command in (("import-csv", "chart.csv"), ("pull", "--sandbox")):
        refused = xerosync(*command, "--organisation", "Other Ltd")
        assert refused.code == 64
        assert "is for the organisation Demo Company (NZ), not for Other Ltd." in refused.err
        assert (project / "accounts.yaml").read_bytes() == before
        assert xerosync(*command, "--organisation", " demo  company (nz)", "--check").code in {0, 2}
    tenant_id = "11111111-2222-4333-8444-555555555555"
    (project / "accounts.yaml").write_text(
        f'version: 1\norganisation: {{tenant_id: "{tenant_id}"}}\naccounts: []\n'
    )
    other = tenant_id.replace("1", "9")
    assert xerosync("import-csv", "chart.csv", "--organisation", other).code == 64
    assert xerosync("import-csv", "chart.csv", "--organisation", tenant_id.upper()).code == 0


def test_a_new_file_needs_the_organisations_name(xerosync: Xerosync, project: Path) -> None:
    (project / "chart.csv").write_text("*Code,*Name,*Type\n200,Sales,Revenue\n")
    refused = xerosync("import-csv", "chart.csv")
    assert refused.code == 64
    assert "--organisation" in refused.err
    assert xerosync("import-csv", "chart.csv", *NAME, "--check").code == 2
    assert not (project / "accounts.yaml").exists()
    assert xerosync("import-csv", "missing.csv").code == 64
    tenant_id = "11111111-2222-4333-8444-555555555555"
    by_id = xerosync("import-csv", "chart.csv", "-f", "id.yaml", "--organisation", tenant_id)
    assert by_id.code == 0
    written = (project / "id.yaml").read_text()
    assert written.startswith(f"# The chart of accounts of {tenant_id}.\n")
    assert f'  tenant_id: "{tenant_id}"\n' in written
    assert "name: " not in written.partition("accounts:")[0]
    (project / "chart.csv").write_text("*Code,*Name,*Type\n200,Sales,Sale\n")
    bad = xerosync("import-csv", "chart.csv", *NAME)
    assert bad.code == 3
    assert "chart.csv:2:1: error[unknown-type]" in bad.err


def test_a_plan_against_a_csv_is_never_applied(xerosync: Xerosync, project: Path) -> None:
    (project / "chart.csv").write_text("*Code,*Name,*Type\n200,Sales,Revenue\n")
    xerosync("import-csv", "chart.csv", *NAME)
    text = (
        project / "accounts.yaml"
    ).read_text() + '  - {code: "201", name: Shop, type: REVENUE}\n'
    (project / "accounts.yaml").write_text(text)
    planned = xerosync("plan", "--current", "chart.csv", "--format", "json")
    assert json.loads(planned.out)["plans"][0]["organisation"]["tenant_id"] == ""
    (project / "plan.json").write_text(planned.out)
    applied = xerosync("apply", "--sandbox", "plan.json")
    assert applied.code == 5
    assert "against a CSV, not against Xero" in applied.err
    assert xerosync("plan", "--current", "chart.csv", "--out", "p.json").code == 64
    assert xerosync("plan", "--current", "chart.csv", "--sandbox").code == 64
    assert xerosync("plan", "--current", "chart.csv", "-f", "a", "-f", "b").code == 64


def test_the_hints_of_a_plan_against_a_csv_work(xerosync: Xerosync, project: Path) -> None:
    """Codes changed in bulk: `previously` is the way out, and the CSV has no ids to pin to."""
    header = "*Code,*Name,*Type,*Tax Code\n200,Sales,Revenue,No VAT\n"
    (project / "before.csv").write_text(header + "404,Advertising,Overhead,No VAT\n")
    (project / "after.csv").write_text(header + "4040,Advertising,Overhead,No VAT\n")
    xerosync("import-csv", "before.csv", *NAME)
    xerosync("import-csv", "after.csv")
    planned = json.loads(xerosync("plan", "--current", "before.csv", "--format", "json").out)
    (blocked,) = planned["plans"][0]["blocked"]
    assert blocked["hint"] == (
        'If it is the same account, add `previously: ["404"]` to this entry; if not, choose '
        "another name."
    )
    chart = project / "accounts.yaml"
    chart.write_text(chart.read_text().replace('4040"', '4040"\n    previously: ["404"]'))
    planned = json.loads(xerosync("plan", "--current", "before.csv", "--format", "json").out)
    assert [c["action"] for c in planned["plans"][0]["changes"]] == ["update"]


def test_a_pinned_account_that_the_csv_lacks_is_not_compared(
    xerosync: Xerosync, project: Path
) -> None:
    """The account may be archived, which a CSV does not show."""
    (project / "chart.csv").write_text("*Code,*Name,*Type,*Tax Code\n200,Sales,Revenue,No VAT\n")
    xerosync("import-csv", "chart.csv", *NAME)
    pinned = '  - {account_id: 3f0c2f0e-0000-4000-8000-000000000001, code: "300", name: Hire}\n'
    chart = project / "accounts.yaml"
    chart.write_text(chart.read_text() + pinned)
    planned = xerosync("plan", "--current", "chart.csv")
    assert "No changes. The CSV matches accounts.yaml." in planned.out
    assert "accounts.yaml:13:6: warning[not-in-csv]: 300 Hire is not compared" in planned.err


def test_an_export_without_xero_reports_what_is_missing(xerosync: Xerosync) -> None:
    xerosync("pull", "--sandbox")
    refused = xerosync("export-csv", "-o", "chart.csv")
    assert refused.code == 3
    assert "are given by code (" in refused.err
    assert xerosync("export-csv", "--incomplete").code == 0


def test_missing_accounts_are_archived_unless_protected_or_of_the_system(
    xerosync: Xerosync, project: Path
) -> None:
    chart = project / "accounts.yaml"
    chart.write_text(
        "version: 1\norganisation: {name: Demo}\naccounts:\n"
        '  - {code: "400", name: Rent, type: EXPENSE}\n'
        '  - {code: "401", name: Old Fees, type: EXPENSE}\n'
        '  - {code: "402", name: Kept Fees, type: EXPENSE, protect: true}\n'
        "  - {system_account: DEBTORS, name: Accounts Receivable}\n",
        encoding="utf-8",
    )
    (project / "chart.csv").write_text(
        "*Code,*Name,*Type,*Tax Code,Description,Dashboard,Expense Claims,Enable Payments,Balance\n"
        "400,Rent,Expense,No GST,,No,No,No,\n",
        encoding="utf-8",
    )
    said = xerosync("import-csv", "chart.csv", "--archive-missing")
    assert said.code == 0, said.err
    archived = [a.known_name for a in load("accounts.yaml").chart.accounts if a.status != "ACTIVE"]
    assert archived == ["Old Fees"]
