"""After `pull` into an overlay, once its reasons are filled in, `plan` is empty."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from chartfile.charts import charts, drifted
from xerosync.chartfile.edit.merge import update_file
from xerosync.chartfile.load import parse
from xerosync.chartfile.syntax.quoting import scalar
from xerosync.errors import ChartError
from xerosync.model import Account, Chart, Value, code_key, name_key
from xerosync.plan.build import build

LAW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
NAMES = {"OUTPUT2": "sales", "INPUT2": "purchases", "NONE": "no_tax"}
HEAD = "version: 1\nstandard: {name: Rimu}\n"
TAX_TYPES = "tax_types: {sales: {NZ: OUTPUT2}, purchases: {NZ: INPUT2}, no_tax: {NZ: NONE}}\n"
FILE = "client.yaml"


@pytest.fixture(scope="module", autouse=True)
def practice(tmp_path_factory: pytest.TempPathFactory) -> object:
    """Work in a folder of its own, which every example writes its standard to."""
    before = Path.cwd()
    os.chdir(tmp_path_factory.mktemp("practice"))
    yield
    os.chdir(before)


def braces(fields: dict[str, Value | list[str]]) -> str:
    written = (
        f"{name}: [{', '.join(scalar('code', one) for one in value)}]"
        if isinstance(value, list)
        else f"{name}: {scalar(name, value, flow=True)}"
        for name, value in fields.items()
    )
    return f"  - {{{', '.join(written)}}}\n"


@st.composite
def standards(draw: st.DrawFn, books: Chart) -> tuple[str, list[Account]]:
    """Write a standard that is like some books, and return the accounts that it lists."""
    kept: list[Account] = []
    lines: list[str] = []
    named = draw(st.booleans())
    code = (lambda rate: NAMES[rate]) if named else str
    for account in books.accounts:
        held = account.code.strip() and account.name.strip() and "\t" not in account.name
        if account.type == "BANK" or not held or not draw(st.integers(0, 5)):
            continue
        fields: dict[str, Value | list[str]] = {"code": account.code, "name": account.name}
        if account.system_account:
            fields["system_account"] = account.system_account
        if draw(st.booleans()):
            fields["type"] = account.type
        if draw(st.booleans()) and account.tax_type in NAMES:
            fields["tax_type"] = code(account.tax_type)
        if draw(st.booleans()) and account.description.strip():
            fields["description"] = account.description.replace("\r\n", "\n")
        if draw(st.booleans()):
            fields["show_in_expense_claims"] = draw(st.booleans())
        more: dict[str, Value | list[str]] = draw(
            st.sampled_from(
                (
                    {},
                    {},
                    {"optional": True},
                    {"status": "ARCHIVED"},
                    {"previously": [f"old{len(kept)}"]},
                )
            )
        )
        if not (more.get("status") and account.system_account):
            fields |= more
        kept.append(account)
        lines.append(braces(fields))
    initial = draw(st.sampled_from(("", "initial: [description]\n")))
    head = HEAD + (TAX_TYPES if named else "") + initial
    return head + ("accounts:\n" + "".join(lines) if lines else ""), kept


@st.composite
def overlays(draw: st.DrawFn, listed: list[Account]) -> tuple[str, list[str]]:
    """Write an overlay with some overrides, and return its comments."""
    overrides, marks = [], []
    for place, account in enumerate(listed):
        fields: dict[str, Value | list[str]] = {"standard": account.code}
        fate = draw(st.sampled_from(("", "", "name", "code", "omit", "keep", "pin")))
        if fate == "name":
            fields["name"] = f"Ours {place}"
        elif fate == "code":
            fields["code"] = f"Z{place}"
        elif fate == "omit":
            fields["omit"] = True
        elif fate == "keep":
            fields["keep"] = ["name"]
        elif fate == "pin":
            fields["account_id"] = account.account_id
        if fate:
            reason = {} if fate == "pin" else {"reason": "So it is"}
            marks.append(f"mark{place};")
            line = braces({**fields, **reason})
            if draw(st.booleans()):
                line = line.replace("{", "").replace("}", "") if fate == "omit" else line
                line = line.replace(", ", "\n    ") if fate == "omit" else line
            overrides.append(f"  # {marks[-1]}\n{line}")
    organisation = "organisation: {short_code: '!3T6Q-', country: NZ}\n"
    sections = [
        "extends: standard.yaml\n",
        organisation,
        *(["overrides:\n" + "".join(overrides)] if overrides else []),
    ]
    sections = list(draw(st.permutations(sections)))
    return "version: 1\n" + "".join(sections), marks


@LAW
@given(st.data())
def test_after_a_pull_and_with_reasons_the_plan_is_empty(data: st.DataObject) -> None:
    before = data.draw(charts())
    standard, listed = data.draw(standards(before))
    text, marks = data.draw(overlays(listed))
    now = data.draw(drifted(before))
    Path("standard.yaml").write_text(standard, "utf-8")
    try:
        desired = parse(text, FILE, lint=False).chart
    except ChartError:
        assume(False)  # noqa: FBT003, an override that contradicts the standard
    try:
        build(now, desired)
        pulled = update_file(text.encode(), desired, now)
    except ChartError:
        assume(False)  # noqa: FBT003, it is ambiguous which account is meant
    if pulled.unexplained:
        with pytest.raises(ChartError) as asked:
            parse(pulled.text, FILE, lint=False)
        rules = {problem.rule for problem in asked.value.problems if problem.severity == "error"}
        assert rules == {"override-without-reason"}, (pulled.text, asked.value.problems)
        errors = [p for p in asked.value.problems if p.severity == "error"]
        assert len(errors) == len(pulled.unexplained)
    again = parse(pulled.text.replace('reason: ""', "reason: Because"), FILE, lint=False).chart
    plan = build(now, again)
    assert plan.empty, (standard, text, pulled.text, plan.changes, plan.blocked)
    omitted = {(code_key(e.code), name_key(e.name)) for e in again.omitted}
    assert all((code_key(a.code), name_key(a.name)) in omitted for a in plan.unmanaged)
    assert [mark for mark in marks if mark not in pulled.text] == []
    once = update_file(pulled.complete.encode(), again, now)
    assert once.text == pulled.complete, (standard, pulled.complete, once.text)


@LAW
@given(st.data())
def test_an_overlay_that_is_as_planned_stays_the_same(data: st.DataObject) -> None:
    books = data.draw(charts())
    standard, listed = data.draw(standards(books))
    Path("standard.yaml").write_text(standard.replace(", status: ARCHIVED", ""), "utf-8")
    text = "version: 1\nextends: standard.yaml\norganisation: {short_code: '!3T6Q-', country: NZ}\n"
    first = update_file(text.encode(), parse(text, FILE, lint=False).chart, books).complete
    assert listed is not None
    same = update_file(first.encode(), parse(first, FILE, lint=False).chart, books)
    assert (same.text, same.edited) == (first, [])


@LAW
@given(st.data())
def test_no_account_is_taken_over_by_its_code_alone(data: st.DataObject) -> None:
    """Whatever the codes, an account with another name is not pulled into an override."""
    books = data.draw(charts())
    accounts = tuple(
        replace(a, name=f"Qqq {n}", system_account="") for n, a in enumerate(books.accounts)
    )
    books = replace(books, accounts=accounts)
    lines = [
        braces({"code": a.code, "name": f"Zzz{n}", "type": a.type})
        for n, a in enumerate(accounts)
        if a.code and a.type != "BANK"
    ]
    if not lines:
        return
    Path("standard.yaml").write_text(HEAD + "accounts:\n" + "".join(lines), "utf-8")
    text = "version: 1\nextends: standard.yaml\norganisation: {short_code: '!3T6Q-'}\n"
    pulled = update_file(text.encode(), parse(text, FILE, lint=False).chart, books)
    chart = parse(pulled.complete, FILE, lint=False).chart
    assert not [entry for entry in chart.accounts if entry.inherited.file]
    assert len(chart.omitted) == len(lines)
    assert build(books, chart).empty
