"""The rules of `lint:`: what each finds, how it is waived, and where it is reported."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Xerosync

from xerosync.chartfile.lint.policy import CodeRange
from xerosync.chartfile.lint.rules import LINT_RULES, WAIVABLE
from xerosync.chartfile.load import parse
from xerosync.errors import ChartError, Problem

ACCOUNTS = {
    "code-range": '{code: "310", name: Sales, type: REVENUE',
    "name-pattern": '{code: "200", name: sales, type: REVENUE',
    "required-field": '{code: "200", name: Sales, type: REVENUE',
    "forbidden-account": '{code: "999", name: Odds, type: REVENUE',
    "near-duplicate-name": '{code: "200", name: Sale, type: REVENUE}\n  - {code: "2", name: Sales',
}
SETTINGS = {
    "code-range": "code_ranges: {REVENUE: 200-299}",
    "name-pattern": 'name_pattern: "[A-Z].*"',
    "required-field": "required_fields: [tax_type]",
    "forbidden-account": 'forbidden_accounts: ["999"]',
    "near-duplicate-name": "",
}


def problems(accounts: str, lint: str = "") -> list[Problem]:
    head = f"lint:\n  {lint}\n" if lint else ""
    text = f"version: 1\norganisation: {{name: Demo}}\n{head}accounts:\n  - {accounts}\n"
    try:
        return list(parse(text, "f").warnings)
    except ChartError as error:
        return list(error.problems)


def found(accounts: str, lint: str = "") -> list[tuple[str, str]]:
    return [(p.rule, p.severity) for p in problems(accounts, lint)]


def level(rule: str) -> str:
    [said] = [r.severity for r in LINT_RULES if r.id == rule]
    return {"error": "error", "warn": "warning"}[said]


@pytest.mark.parametrize("rule", WAIVABLE)
def test_each_rule_finds_a_breach_that_a_reason_can_waive(rule: str) -> None:
    account, setting = ACCOUNTS[rule], SETTINGS[rule]
    assert found(account + "}", setting) == [(rule, level(rule))]
    assert found(account + f", waive: {{{rule}: agreed}}}}", setting) == []
    for reason in ("", "~", '" "'):
        bare = found(account + f", waive: {{{rule}: {reason}}}}}", setting)
        assert bare == [("waiver-without-reason", "error")]


@pytest.mark.parametrize("rule", WAIVABLE)
@pytest.mark.parametrize(("severity", "said"), [("error", "error"), ("warn", "warning")])
def test_each_rule_has_the_severity_that_the_file_sets(rule: str, severity: str, said: str) -> None:
    lint = f"severity: {{{rule}: {severity}}}\n  {SETTINGS[rule]}"
    assert found(ACCOUNTS[rule] + "}", lint) == [(rule, said)]
    lint = f"severity: {{{rule}: off}}\n  {SETTINGS[rule]}"
    assert found(ACCOUNTS[rule] + "}", lint) == []


@pytest.mark.parametrize("rule", WAIVABLE)
@pytest.mark.parametrize("status", ["ARCHIVED", "DELETED"])
def test_archived_and_deleted_accounts_are_not_checked(rule: str, status: str) -> None:
    assert found(ACCOUNTS[rule] + f", status: {status}}}", SETTINGS[rule]) == []


def test_without_a_policy_only_similar_names_are_reported() -> None:
    for rule in WAIVABLE:
        rules = [name for name, _ in found(ACCOUNTS[rule] + "}")]
        assert rules == (["near-duplicate-name"] if rule == "near-duplicate-name" else [])


def test_either_of_two_similar_names_can_be_waived() -> None:
    for waiving in (0, 1):
        waive = ["", ""]
        waive[waiving] = ", waive: {near-duplicate-name: agreed}"
        accounts = f'{{code: "1", name: Sale{waive[0]}}}\n  - {{code: "2", name: Sales{waive[1]}}}'
        assert found(accounts) == []


def test_a_waiver_without_effect_is_reported() -> None:
    account = '{code: "1", name: Sales, waive: {code-range: agreed}}'
    [problem] = problems(account)
    assert (problem.rule, problem.severity) == ("unused-waiver", "warning")
    assert problem.source_line[problem.column - 1 :].startswith("code-range")
    assert found(account, "severity: {unused-waiver: error}") == [("unused-waiver", "error")]


@pytest.mark.parametrize(
    ("status", "lint", "why"),
    [
        ("ACTIVE", "code_ranges: {REVENUE: [100-199]}", "the account does not break code-range"),
        ("ARCHIVED", "code_ranges: {REVENUE: [200-299]}", "is off, or the account is not active"),
        ("ACTIVE", "severity: {code-range: off}", "is off, or the account is not active"),
    ],
)
def test_the_message_about_an_unused_waiver_says_why_it_has_no_effect(
    status: str, lint: str, why: str
) -> None:
    account = '{code: "100", name: Sales, type: REVENUE, waive: {code-range: agreed}, status: '
    [problem] = problems(f"{account}{status}}}", lint)
    assert problem.message.startswith("This waiver has no effect: ")
    assert why in problem.message


@pytest.mark.parametrize(
    ("said", "there"),
    [('"200"', True), ("SALES", True), ("sales  ", True), ("Sale", False), ('"0200"', False)],
)
def test_required_accounts_are_named_by_code_or_name(said: str, there: bool) -> None:
    rules = found('{code: "200", name: Sales}', f"required_accounts: [{said}]")
    assert rules == ([] if there else [("required-account", "error")])
    archived = '{code: "200", name: Sales, status: ARCHIVED}'
    assert found(archived, f"required_accounts: [{said}]") == [("required-account", "error")]


def test_required_fields_are_checked_where_they_apply() -> None:
    lint = "required_fields: [description, add_to_watchlist]"
    assert len(found('{code: "1", name: x, type: BANK}', lint)) == 1
    assert len(found('{code: "1", name: x, type: FIXED}', lint)) == 2
    assert found('{code: "1", name: Fee, description: of x, add_to_watchlist: false}', lint) == []
    assert found("{name: GST, system_account: GST}", lint) == []


@pytest.mark.parametrize(
    ("low", "high", "inside", "outside"),
    [
        ("200", "299", ["200", "250", "299", "0250", "299A", "250.1"], ["199", "300", "2000", "A"]),
        ("090", "090", ["90", "090", "90B"], ["091", "89"]),
        ("B1", "B20", ["B2", "b10", "B20"], ["B21", "A5", "1"]),
        ("4-1000", "4-1999", ["4-1000", "4-1500"], ["4-2000", "5-1000", "41500"]),
    ],
)
def test_a_range_orders_codes_as_people_do(
    low: str, high: str, inside: list[str], outside: list[str]
) -> None:
    codes = CodeRange(low, high)
    assert [code for code in inside + outside if codes.holds(code)] == inside


def test_types_without_a_range_may_have_any_code() -> None:
    assert found('{code: "250", name: x, type: EXPENSE}', SETTINGS["code-range"]) == []
    assert found("{name: x, type: REVENUE}", SETTINGS["code-range"]) == []


def test_problems_of_structure_and_of_policy_are_reported_together() -> None:
    rules = [
        rule for rule, _ in found('{code: "310", type: REVENUE, x: y}', SETTINGS["code-range"])
    ]
    assert rules == ["code-range", "unknown-field"]


def test_a_file_that_breaks_its_policy_can_be_read_for_editing() -> None:
    text = (
        "version: 1\norganisation: {name: Demo}\nlint: {forbidden_accounts: [Odds]}\n"
        "accounts: [{name: Odds, waive: {code-range: agreed}}]\n"
    )
    assert parse(text, "f", lint=False).warnings == ()
    with pytest.raises(ChartError):
        parse(text, "f")


def test_validate_and_plan_report_the_same_problems(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    xerosync = Xerosync(capsys, monkeypatch)
    head = 'version: 1\norganisation: {name: "Demo Company (NZ)"}\n'
    head += "lint:\n  code_ranges: {REVENUE: 1}\n"
    entry = 'accounts:\n  - {code: "200", name: Sales, type: REVENUE}\n'
    Path("accounts.yaml").write_text(head + entry, "utf-8")
    validated, planned = xerosync("validate"), xerosync("plan", "--sandbox")
    assert (validated.code, planned.code) == (3, 3)
    assert validated.out.strip() in planned.err
    Path("accounts.yaml").write_text(head + "  severity: {code-range: warn}\n" + entry, "utf-8")
    validated, planned = xerosync("validate"), xerosync("plan", "--sandbox")
    assert (validated.code, planned.code) == (0, 0)
    assert "warning[code-range]" in validated.out
    assert validated.out.strip() in planned.err
