"""From the files of a standard and an overlay to the plan of one organisation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from builders import account, chart

from xerosync.chartfile.load import load, load_merged
from xerosync.chartfile.problems import describe
from xerosync.errors import ChartError, Problem
from xerosync.model import Account
from xerosync.plan.build import build
from xerosync.plan.plan import Action, Plan
from xerosync.plan.saved import serialize
from xerosync.render.merged import as_text
from xerosync.text import json_text

Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write `NAME.yaml` files with `version: 1`, and return the name of the last one."""
    monkeypatch.chdir(tmp_path)

    def files(**texts: str) -> str:
        for name, text in texts.items():
            Path(f"{name}.yaml").write_text(f"version: 1\n{text}\n", "utf-8")
        return f"{[*texts][-1]}.yaml"

    return files


def standard(*accounts: str, head: str = "") -> str:
    listed = "".join(f"  - {one}\n" for one in accounts)
    return f"standard: {{name: Base}}\n{head}\naccounts:{' []' if not listed else ''}\n{listed}"


def overlay(*overrides: str, extends: str = "base.yaml", head: str = "") -> str:
    listed = "".join(f"  - {one}\n" for one in overrides)
    over = f"overrides:\n{listed}" if listed else ""
    return f"extends: {extends}\norganisation: {{name: Demo Company (NZ)}}\n{head}\n{over}"


def layer(*overrides: str, head: str = "") -> str:
    return overlay(*overrides, head=head).replace("organisation:", "standard:")


def plan(file: str, *current: Account) -> Plan:
    return build(chart(*current), load(file).chart)


def problems(file: str) -> tuple[Problem, ...]:
    with pytest.raises(ChartError) as error:
        load(file)
    return error.value.problems


SOFTWARE = '{code: "487", name: Cloud Software, type: FIXED}'
ID = "5f0b1b53-61ab-4e8f-9d54-000000000487"
DRONES = account("487", "Drone Hire", account_id=ID)


@pytest.mark.parametrize(
    "override",
    [
        '{standard: "487", keep: [name], reason: x}',
        '{standard: "487", keep: [name], status: ARCHIVED, reason: x}',
        '{standard: "487", keep: [name], code: "488", previously: ["487"], reason: x}',
    ],
    ids=["update", "archive", "renumber"],
)
def test_an_account_with_a_kept_name_is_not_found_by_its_code_alone(
    write: Write, override: str
) -> None:
    file = write(base=standard(SOFTWARE), layer=layer(override), acme=overlay(extends="layer.yaml"))
    found = plan(file, DRONES)
    assert not found.changes
    (blocked,) = found.blocked
    assert blocked.rule == "another-account"
    assert "is Drone Hire, but in the standard it is Cloud Software" in blocked.reason


def test_a_pin_says_that_an_account_with_a_kept_name_is_meant(write: Write) -> None:
    pinned = f'{{standard: "487", keep: [name], account_id: {DRONES.account_id}, reason: x}}'
    found = plan(write(base=standard(SOFTWARE), acme=overlay(pinned)), DRONES)
    assert [change.action for change in found.changes] == [Action.UPDATE]


def test_an_account_of_another_class_is_not_taken_for_one_with_a_kept_name(write: Write) -> None:
    kept = '{standard: "487", keep: [name], reason: x}'
    found = plan(write(base=standard(SOFTWARE), acme=overlay(kept)), account("487", "Software"))
    (blocked,) = found.blocked
    assert "this would treat it as Cloud Software, and its type" in blocked.reason


def test_an_optional_account_with_a_kept_name_is_found_by_it(write: Write) -> None:
    stock = '{code: "615", name: Stock, type: CURRENT, optional: true}'
    kept = '{standard: "615", keep: [name], reason: x}'
    file = write(base=standard(stock), acme=overlay(kept))
    found = plan(file, account("615", "Stock", type="INVENTORY"))
    assert [change.code for change in found.changes] == ["615"]


def test_an_account_pinned_by_an_omission_is_never_archived(write: Write) -> None:
    fees = account("404", "Bank Fees", account_id=ID)
    omit = f'{{standard: "493", omit: true, account_id: {fees.account_id}, reason: x}}'
    base = standard('{code: "493", name: Travel, type: EXPENSE}', '{code: "200", name: Sales}')
    file = write(base=base, acme=overlay(omit, head="unmanaged: archive"))
    found = plan(file, fees, account("200", "Sales"), account("900", "Other"))
    assert [change.code for change in found.changes] == ["900"]


@pytest.mark.parametrize(
    "current",
    [account("441", "Legal expenses"), account("4411", "Counsel"), account("440", "Solicitors")],
    ids=["name", "code", "former code"],
)
def test_an_account_that_the_standard_names_is_never_archived(
    write: Write, current: Account
) -> None:
    optional = (
        '{code: "4411", name: Legal expenses, type: EXPENSE, optional: true, previously: ["440"]}'
    )
    base = standard(optional, '{code: "200", name: Sales}')
    file = write(base=base, acme=overlay(head="unmanaged: archive"))
    found = plan(file, current, account("200", "Sales"), account("900", "Other"))
    assert [change.code for change in found.changes] == ["900"]
    assert [one.code for one in found.unmanaged] == [current.code]


CLUBS = '{code: "485", name: Subscriptions, type: EXPENSE}'
OTHER = '{code: "200", name: Sales, type: REVENUE}'


@pytest.mark.parametrize(
    ("override", "after"),
    [
        ('code: "4850", name: Memberships', ("4850", "Memberships")),
        ('code: "4850"', ("4850", "Subscriptions")),
        ("name: Memberships", ("485", "Memberships")),
        ('code: "4850", keep: [name]', ("4850", "Subscriptions")),
    ],
)
@pytest.mark.parametrize("above", [False, True], ids=["overlay", "layer"])
def test_an_override_of_code_or_name_updates_the_account_of_the_standard(
    write: Write, override: str, after: tuple[str, str], *, above: bool
) -> None:
    line = f'{{standard: "485", {override}, reason: x}}'
    head = "unmanaged: archive"
    file = write(
        base=standard(CLUBS, OTHER),
        layer=layer(line),
        acme=overlay(extends="layer.yaml", head=head) if above else overlay(line, head=head),
    )
    sales, clubs = account("200", "Sales", type="REVENUE"), account("485", "Subscriptions")
    found = plan(file, clubs, sales)
    (change,) = found.changes
    assert (change.action, change.account_id) == (Action.UPDATE, clubs.account_id)
    assert (change.code, change.name) == after
    done = account(*after)
    again = plan(file, done, sales)
    assert not again.changes
    assert not again.blocked


def test_the_standards_account_is_left_alone_if_the_overridden_one_exists_too(write: Write) -> None:
    line = '{standard: "485", code: "4850", name: Memberships, reason: x}'
    file = write(base=standard(CLUBS), acme=overlay(line, head="unmanaged: archive"))
    both = account("485", "Subscriptions"), account("4850", "Memberships")
    found = plan(file, *both)
    assert not found.changes
    assert [one.code for one in found.unmanaged] == ["485"]


def test_another_account_under_the_code_of_the_standard_is_not_renumbered(write: Write) -> None:
    """The usual reason to override a `code`: these books use it for another account."""
    line = '{standard: "485", code: "4850", reason: In use}'
    file = write(base=standard(CLUBS), acme=overlay(line))
    found = plan(file, account("485", "Donations"))
    assert [(c.action, c.code) for c in found.changes] == [(Action.CREATE, "4850")]
    assert not found.blocked


def test_an_own_account_may_have_the_code_and_name_that_an_override_replaces(write: Write) -> None:
    line = '{standard: "485", code: "4850", name: Memberships, reason: x}'
    own = f"accounts:\n  - {CLUBS}"
    file = write(base=standard(CLUBS), acme=overlay(line, head=own))
    found = plan(file, account("485", "Subscriptions"))
    assert [(c.action, c.code) for c in found.changes] == [(Action.CREATE, "4850")]


def test_an_own_account_gets_the_code_that_an_override_frees(write: Write) -> None:
    line = '{standard: "485", code: "4850", reason: x}'
    own = 'accounts:\n  - {code: "485", name: Donations, type: EXPENSE}'
    file = write(base=standard(CLUBS), acme=overlay(line, head=own))
    clubs = account("485", "Subscriptions")
    found = plan(file, clubs)
    done = [(c.action, c.code, c.account_id) for c in found.changes]
    assert done == [(Action.CREATE, "485", ""), (Action.UPDATE, "4850", clubs.account_id)]
    assert not plan(file, account("485", "Donations"), account("4850", "Subscriptions")).changes


def test_a_saved_plan_carries_the_code_and_name_of_the_standard(write: Write) -> None:
    line = '{standard: "485", code: "4850", name: Memberships, reason: x}'
    made = plan(write(base=standard(CLUBS), acme=overlay(line)), account("485", "Subscriptions"))
    text = json_text(serialize.to_document([made], datetime(2026, 11, 1, tzinfo=UTC)))
    (again,) = serialize.loads(text)
    assert again.desired.accounts[0].overridden == (("485", "Subscriptions"),)
    assert again == made


FEES = '{code: "404", name: Bank Fees, type: EXPENSE, tax_type: NONE}'
SOFT = standard(head="initial: [tax_type]")
TAXED = account("404", "Bank Fees", tax_type="INPUT2")


def test_initial_of_another_standard_applies_only_to_its_own_accounts(write: Write) -> None:
    both = overlay(extends="[base.yaml, soft.yaml]")
    file = write(base=standard(FEES), soft=SOFT, acme=both)
    assert [change.code for change in plan(file, TAXED).changes] == ["404"]
    same = standard('{code: "404", name: Bank Fees, tax_type: NONE}', head="initial: [tax_type]")
    file = write(soft=same, acme=both)
    assert [change.code for change in plan(file, TAXED).changes] == ["404"]


def test_initial_of_a_layer_applies_to_accounts_of_its_parents_too(write: Write) -> None:
    soft = layer(head="initial: [tax_type]")
    file = write(base=standard(FEES), layer=soft, acme=overlay(extends="layer.yaml"))
    assert not plan(file, TAXED).changes
    file = write(acme=overlay(extends="[base.yaml, layer.yaml]"))
    assert not plan(file, TAXED).changes


def test_initial_of_a_layer_does_not_apply_to_accounts_that_cannot_be_overridden(
    write: Write,
) -> None:
    fees = FEES.replace("}", ", overridable: false}")
    soft = layer(head="initial: [tax_type]")
    file = write(base=standard(fees), layer=soft, acme=overlay(extends="layer.yaml"))
    assert [change.code for change in plan(file, TAXED).changes] == ["404"]
    own = standard(fees, head="initial: [tax_type]")
    assert not plan(write(base=own, layer=layer(), acme=overlay()), TAXED).changes


PAYE = '{code: "825", name: PAYE Payable, type: CURRLIAB, overridable: false}'


@pytest.mark.parametrize(
    ("entry", "rule"),
    [
        ('{code: "825", name: PAYE Payable, status: ARCHIVED}', "not-overridable"),
        ('{code: "825", name: PAYE Payable, description: Ours}', "not-overridable"),
        ('{code: "200", name: Sales, optional: true}', "account-in-standard"),
        ('{code: "200", name: Sales, status: ARCHIVED}', "account-in-standard"),
        ('{code: "200", name: Sales, previously: ["210"]}', "account-in-standard"),
    ],
)
def test_an_own_account_of_a_layer_must_not_change_an_inherited_one(
    write: Write, entry: str, rule: str
) -> None:
    own = layer(head=f"accounts:\n  - {entry}")
    write(base=standard(PAYE, OTHER), layer=own, acme=overlay(extends="layer.yaml"))
    for file in ("layer.yaml", "acme.yaml"):
        (problem,) = problems(file)
        assert (problem.rule, problem.file, problem.line) == (rule, "layer.yaml", 5)


def test_a_layer_may_repeat_an_account_of_its_parents(write: Write) -> None:
    own = layer(head=f"accounts:\n  - {OTHER}")
    write(base=standard(PAYE, OTHER), layer=own, acme=overlay(extends="layer.yaml"))
    assert len(load("acme.yaml").chart.accounts) == 2


def test_a_standard_must_not_change_an_account_that_is_not_overridable_in_another(
    write: Write,
) -> None:
    other = standard('{code: "825", name: PAYE Payable, status: ARCHIVED}')
    both = overlay(extends="[base.yaml, other.yaml]")
    (problem,) = problems(write(base=standard(PAYE), other=other, acme=both))
    assert (problem.rule, problem.file) == ("not-overridable", "other.yaml")


@pytest.mark.parametrize("more", ["", ", omit: true, reason: x"], ids=["pinned", "omitted"])
def test_an_own_account_and_an_override_must_not_have_the_same_account_id(
    write: Write, more: str
) -> None:
    own = f'accounts:\n  - {{code: "905", name: Grants, type: REVENUE, account_id: {ID}}}'
    line = f'{{standard: "404", account_id: {ID.upper()}{more}}}'
    (problem,) = problems(write(base=standard(FEES), acme=overlay(line, head=own)))
    assert (problem.rule, problem.line) == ("duplicate-account-id", 5)
    assert problem.message.endswith("have the same account_id; the other is on line 7.")


@pytest.mark.parametrize("blank", ["\\u200b", "\\u3164", " \\u2060 ", "…", "-"])
def test_a_reason_must_have_a_letter_or_a_digit(write: Write, blank: str) -> None:
    line = f'{{standard: "404", name: Charges, reason: "{blank}"}}'
    limits = f'limits: {{archives: 50, reason: "{blank}"}}'
    waived = f'{{code: "905", name: Grants, type: REVENUE, waive: {{name-pattern: "{blank}"}}}}'
    file = write(base=standard(FEES), acme=overlay(line, head=f"{limits}\naccounts: [{waived}]"))
    told = [p.message for p in problems(file) if p.severity == "error"]
    assert told == ["The reason has no letter and no digit."] * 3


@pytest.mark.parametrize("name", [".env", ".hidden/base.yaml", "creds.json", "secrets.yaml"])
def test_errors_show_no_line_of_a_file_that_is_not_a_standard(
    write: Write, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("XERO_CLIENT_SECRET=hunter2secret\nhunter2secret: [", "utf-8")
    Path("link.yaml").symlink_to(path)
    for extends in (name, "link.yaml"):
        found = problems(write(acme=overlay(extends=extends)))
        assert found
        assert "hunter2" not in "".join(map(describe, found))


def test_a_country_must_be_written_as_in_xero(write: Write) -> None:
    head = "tax_types: {sales: {NZ: OUTPUT2, UK: OUTPUT2}}"
    (problem,) = problems(write(base=standard(FEES, head=head)))
    assert (problem.rule, problem.message) == ("wrong-value", "The country UK is GB in Xero.")
    plain = "organisation: {name: Acme, country: UK}\naccounts: []"
    (problem,) = problems(write(acme=plain))
    assert problem.message == "The country UK is GB in Xero."


@pytest.mark.parametrize("above", [False, True], ids=["overlay", "layer"])
def test_code_ranges_must_not_be_wider_than_those_of_the_standard(
    write: Write, *, above: bool
) -> None:
    base = standard(FEES, head='lint: {code_ranges: {EXPENSE: ["400-499", "600-699"]}}')
    wide = 'lint: {code_ranges: {EXPENSE: ["410-420", "0-99999"], REVENUE: ["200-299"]}}'
    file = write(base=base, acme=layer(head=wide) if above else overlay(head=wide))
    (problem,) = problems(file)
    assert (problem.rule, problem.line) == ("wider-code-range", 4)
    assert "0-99999 is not in the code ranges of the standard for EXPENSE" in problem.message


@pytest.mark.parametrize("above", [False, True], ids=["overlay", "layer"])
def test_narrower_code_ranges_replace_those_of_the_standard(write: Write, *, above: bool) -> None:
    base = standard(FEES, head='lint: {code_ranges: {EXPENSE: ["400-499"]}}')
    narrow = 'lint: {code_ranges: {EXPENSE: ["410-420"]}}'
    if above:
        file = write(base=base, layer=layer(head=narrow), acme=overlay(extends="layer.yaml"))
    else:
        file = write(base=base, acme=overlay(head=narrow))
    (problem,) = problems(file)
    assert problem.rule == "code-range"
    assert 'The code "404" is outside the range of EXPENSE: 410-420.' in problem.message


def test_ranges_wider_than_those_of_a_layer_are_reported_with_its_place(write: Write) -> None:
    base = standard(FEES, head='lint: {code_ranges: {EXPENSE: ["400-499"]}}')
    narrow = layer(head='\n\n\nlint: {code_ranges: {EXPENSE: ["400-420"]}}')
    wide = overlay(head='lint: {code_ranges: {EXPENSE: ["400-450"]}}', extends="layer.yaml")
    (problem,) = problems(write(base=base, layer=narrow, acme=wide))
    assert problem.rule == "wider-code-range"
    line = Path("layer.yaml").read_text(encoding="utf-8").splitlines().index(narrow.split("\n")[5])
    assert f"400-420 (layer.yaml:{line + 1})" in problem.message


def test_a_code_that_a_layer_changed_is_a_former_code(write: Write) -> None:
    line = '{standard: "404", code: "4040", reason: x}'
    below = overlay('{standard: "404", name: Charges, reason: x}', extends="layer.yaml")
    (problem,) = problems(write(base=standard(FEES), layer=layer(line), acme=below))
    assert problem.rule == "former-code"
    assert "now 4040 Bank Fees" in problem.message
    assert problem.hint == 'Write "4040".'


def test_a_finding_says_which_parent_omits_an_account_that_another_one_changes(
    write: Write,
) -> None:
    omits = layer('{standard: "404", omit: true, reason: x}')
    changes = layer('{standard: "404", name: Charges, reason: x}')
    both = overlay(extends="[one.yaml, two.yaml]")
    (problem,) = problems(write(base=standard(FEES), one=omits, two=changes, acme=both))
    assert problem.message.startswith("404 Bank Fees is changed here, and omitted in one.yaml:")
    (problem,) = problems(write(one=changes, two=omits, acme=both))
    assert problem.message.startswith("404 Charges is omitted here, and changed in one.yaml:")


def test_an_override_names_its_account_as_text(write: Write) -> None:
    (problem,) = problems(write(base=standard(FEES), acme=overlay("{standard: {a: b}}")))
    assert problem.rule == "wrong-type"
    assert problem.hint == 'Name an account of the standard, such as `standard: "404"`.'


def test_the_merged_chart_shows_a_retired_account_that_is_kept_in_use(write: Write) -> None:
    retired = FEES.replace("}", ", status: ARCHIVED}")
    line = '{standard: "404", status: ACTIVE, reason: x}'
    shown = as_text(load_merged(write(base=standard(retired), acme=overlay(line))))
    assert any(row.split()[:2] == ["status", "ACTIVE"] for row in shown.splitlines())


def test_a_required_account_that_an_override_changes_is_reported_with_both_places(
    write: Write,
) -> None:
    rules = "lint: {required_accounts: ['480', Bank Charges]}"
    file = write(
        base=standard(
            '{code: "480", name: Travel, type: EXPENSE}',
            '{code: "404", name: Bank Charges, type: EXPENSE}',
            head=rules,
        ),
        acme=overlay(
            '{standard: "480", code: "4810", reason: r}',
            '{standard: "404", name: Bank Fees, reason: r}',
        ),
    )
    found = {problem.line: problem for problem in problems(file)}
    assert {problem.file for problem in found.values()} == {"acme.yaml"}
    assert [problem.rule for problem in found.values()] == ["required-account"] * 2
    assert "'480' (base.yaml:3), but an override makes it 4810 Travel" in (
        found[6].message.replace('"', "'")
    )
    assert "makes it 404 Bank Fees" in found[7].message
    out = "Keep its code and name, omit the account, or remove it from required_accounts."
    assert found[6].hint == out
    mine = write(
        base=standard('{code: "480", name: Travel, type: EXPENSE}'),
        acme=overlay('{standard: "480", code: "4810", name: Trips, reason: r}', head=rules),
    )
    hints = {problem.hint for problem in problems(mine)}
    assert out.replace("omit the account, ", "") in hints, "the file's own rule asks for it anyway"
    under_a_standard = write(
        base=standard('{code: "480", name: Travel, type: EXPENSE}'),
        mid="standard: {name: Mid}\nextends: base.yaml\noverrides:\n"
        '  - {standard: "480", code: "4810", name: Trips, reason: r}\n',
        acme=f"extends: mid.yaml\norganisation: {{name: Acme}}\n{rules}",
    )
    hints = {problem.hint for problem in problems(under_a_standard)}
    assert out.replace("omit the account, ", "") in hints


@pytest.mark.parametrize("overridable", [True, False])
def test_a_block_offers_an_override_only_where_the_standard_allows_one(
    write: Write, overridable: bool
) -> None:
    fixed = "" if overridable else ", overridable: false"
    file = write(
        base=standard(f'{{code: "487", name: Cloud Software, type: EXPENSE{fixed}}}'),
        acme=overlay(),
    )
    (blocked,) = plan(file, account("487", "Drone Hire")).blocked
    assert "If 487 Drone Hire is meant, add `account_id: id-487`" in blocked.hint
    assert ("`omit: true`" in blocked.hint) is overridable
    assert ("choose another code" in blocked.hint) is overridable
    assert ("if not, give 487 Drone Hire another code in Xero." in blocked.hint) is not overridable
    fields = "…}` (a new value needs a reason)" if overridable else "account_id: …}`"
    assert f'acme.yaml, under overrides: `- {{standard: "487", {fields}.' in blocked.hint
    assert ("Only the owner of the standard" in blocked.hint) is not overridable


@pytest.mark.parametrize("overridable", [True, False])
def test_an_own_account_that_the_standard_has_gets_advice_that_the_standard_allows(
    write: Write, overridable: bool
) -> None:
    fixed = "" if overridable else ", overridable: false"
    own = 'accounts: [{code: "200", name: Fees}, {name: AR, system_account: DEBTORS}]'
    file = write(
        base=standard(
            f'{{code: "200", name: Sales, type: REVENUE{fixed}}}',
            f"{{name: Debtors, system_account: DEBTORS{fixed}}}",
        ),
        acme=f"{overlay()}\n{own}",
    )
    code, role = (one.hint for one in problems(file))
    assert ('override what differs: `- {standard: "200", …' in code) is overridable
    assert ("omit it or set its code" in code) is overridable
    assert ("ask the standard's owner to change theirs" in code) is not overridable
    assert (role == "Remove this entry.") is not overridable
