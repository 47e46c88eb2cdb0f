"""What a plan does with entries that a file inherits from a standard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from behaviours import report
from builders import ORGANISATION, account, chart, entry, new, wanted
from hypothesis import given, settings
from hypothesis import strategies as st

from xerosync.desired import DesiredAccount, DesiredChart, OrganisationPin, Source, Unmanaged
from xerosync.errors import ChartError, WrongOrganisation
from xerosync.history.baseline import Baseline
from xerosync.history.origin import add_origins
from xerosync.model import Account, Status, Value
from xerosync.plan.build import build
from xerosync.plan.plan import Action, Plan
from xerosync.plan.saved import serialize
from xerosync.text import json_text
from xerosync.xero_behaviour import Question

STANDARD = Source("standard/chart.yaml", 8, 5)


def inherited(code: str, name: str, /, **fields: object) -> DesiredAccount:
    """Return an entry of the standard that the file does not override."""
    return replace(new(code, name, **fields), source=STANDARD, inherited=STANDARD)


def plan(current: tuple[Account, ...], *entries: DesiredAccount, **fields: Any) -> Plan:
    return build(chart(*current), file(*entries, **fields))


def file(*entries: DesiredAccount, **fields: Any) -> DesiredChart:
    """Return a file that extends a standard."""
    return replace(wanted(*entries), **fields)


@pytest.mark.parametrize(
    ("code", "former"), [("404", ()), ("640", ("404",))], ids=["by code", "by former code"]
)
def test_an_account_with_an_unlike_name_is_not_taken_over(
    code: str, former: tuple[str, ...]
) -> None:
    """In two hundred books nobody reads a warning."""
    found = plan((account("404", "Cleaning"),), inherited(code, "Bank Charges", previously=former))
    assert not found.changes
    (blocked,) = found.blocked
    assert (blocked.rule, blocked.source) == ("another-account", STANDARD)
    assert "is Cleaning, but in the standard it is Bank Charges." in blocked.reason
    for way_out in (
        "account_id: id-404",
        "`omit: true` and a reason if these books have no Bank Charges",
        (
            f"{code} Bank Charges is inherited ({STANDARD}). To change it for these books, "
            f'write in accounts.yaml, under overrides: `- {{standard: "{code}", …}}` (a new value '
            "needs a reason)."
        ),
    ):
        assert way_out in blocked.hint
    own = "add an entry for 404 Cleaning under accounts, so that the former code 404 of 640 Bank"
    assert (own in blocked.hint) == bool(former)
    assert ("choose another code and give a reason" in blocked.hint) == (not former)


def test_an_override_keeps_a_field_that_xero_does_not_change() -> None:
    """An override cannot remove a line of the standard; the owner of the standard can."""
    gst = account("820", "GST", type="CURRLIAB", system_account="GST")
    wants = inherited("820", "GST", type="CURRENT")
    (blocked,) = plan((gst,), wants).blocked
    assert blocked.rule == "system-account-type"
    keep = "or write `keep: [type]` and a reason in its override."
    assert blocked.hint.endswith(f" Write `type: CURRLIAB`, {keep}")


@pytest.mark.parametrize("pinned", [True, False])
def test_what_no_override_may_change_is_for_the_owner_of_the_standard(pinned: bool) -> None:
    """An override that only pins the account is allowed, and does not end this advice."""
    wants = replace(inherited("820", "GST", type="CURRENT", protect=True), overridable=False)
    if pinned:
        wants = replace(wants, source=Source("accounts.yaml", 9), origins={"type": STANDARD})
    gst = account("820", "GST", type="CURRLIAB", system_account="GST")
    hints = {one.rule: one.hint for one in plan((gst,), wants).blocked}
    assert hints.keys() == {"system-account-type", "protected"}
    for hint in hints.values():
        assert hint.startswith(
            f"820 GST is inherited ({STANDARD}), and the standard does not let these books change "
            "it. "
        )
        assert "Only the owner of the standard can change anything else." in hint
        assert ("Its override may only say which account it is." in hint) == pinned
        assert ("account_id: …" in hint) == (not pinned)
    there = "In the standard: Write `type: CURRLIAB`, or remove the line."
    assert hints["system-account-type"].endswith(there)


def test_an_empty_value_of_the_standard_is_kept_for_a_new_account() -> None:
    """Nothing is sent for a field that is kept and empty."""
    wants = inherited("404", "Fees", tax_type="")
    (blocked,) = plan((), wants).blocked
    assert blocked.rule == "never-empty"
    assert blocked.hint.endswith("or write `keep: [tax_type]` and a reason in its override.")
    values = {name: value for name, value in wants.values.items() if name != "tax_type"}
    assert not plan((), replace(wants, values=values, initial={"tax_type": ""})).blocked


def test_a_refused_field_of_an_inherited_account_is_kept_as_in_xero() -> None:
    wants = inherited("404", "Fees", reporting_code="EXP.1")
    override = replace(wants, source=Source("accounts.yaml", 9))
    line_of_standard = replace(override, origins={"reporting_code": STANDARD})
    keep = "Write `keep: [reporting_code]` and a reason in its override."
    instead = "write `keep: [reporting_code]` in the override."
    for one, hint in (
        (wants, keep),
        (line_of_standard, keep),
        (override, f"Remove the line. If the standard has the field too, {instead}"),
        (new("404", "Fees", reporting_code="EXP.1"), "Remove the line."),
    ):
        assert _refused_report_code(one, account("404", "Fees")).endswith(hint)


def test_a_field_that_xero_refuses_in_a_new_account_is_not_kept() -> None:
    """The value of a kept field is sent all the same when the account is created."""
    wants = inherited("404", "Fees", reporting_code="EXP.1")
    ask = "Ask the owner of the standard to remove the line."
    values = {name: value for name, value in wants.values.items() if name != "reporting_code"}
    initial = replace(wants, values=values, initial={"reporting_code": "EXP.1"})
    kept = replace(initial, source=Source("accounts.yaml", 9))
    for one in (wants, initial, kept):
        assert _refused_report_code(one).endswith(ask)
    assert _refused_report_code(replace(wants, source=kept.source)) == "Remove the line."


def test_the_tax_rate_of_a_new_bank_account_is_removed_by_the_owner_of_the_standard() -> None:
    bank = inherited("090", "Bank", type="BANK", bank_account_number="1-2", tax_type="INPUT2")
    hints = {one.rule: one.hint for one in plan((), bank).blocked}
    assert hints["bank-field-fixed"].endswith("Ask the owner of the standard to remove the line.")


def test_refused_payments_to_a_new_account_are_turned_off() -> None:
    payments = {"enable_payments_to_account": True}
    pays = inherited("404", "Fees", **payments)
    kept = replace(inherited("404", "Fees"), initial=payments, source=Source("accounts.yaml", 9))
    behaviour = report({Question.PAYMENTS_ON_EXPENSE: "refused"})
    for one, off in ((pays, ""), (kept, " (and take the field out of `keep`, if it is there)")):
        (blocked,) = build(chart(), file(one, behaviour=behaviour)).blocked
        assert f"Write `enable_payments_to_account: false`{off}, or ask the owner" in blocked.hint


@pytest.mark.parametrize(
    ("before", "after"), [("EXPENSE", "BANK"), ("EXPENSE", "OVERHEADS"), ("CURRENT", "INVENTORY")]
)
def test_a_new_account_for_another_type_is_asked_of_the_owner_of_the_standard(
    before: str, after: str
) -> None:
    wants = inherited("404", "Fees", type=after)
    current = chart(account("404", "Fees", type=before))
    behaviour = report({Question.RETYPE_IN_CLASS: "refused"})
    fixed, asks = replace(wants, overridable=False), "Ask the owner of the standard to create"
    for one, create in ((wants, " Create"), (fixed, asks)):
        (blocked,) = build(current, file(one, behaviour=behaviour)).blocked
        assert f"{create} a new account of type {after} with another code" in blocked.hint


@pytest.mark.parametrize(
    "value", [{"reporting_code": "EXP.1"}, {"enable_payments_to_account": True}]
)
def test_a_new_account_gets_a_value_that_is_not_managed(value: dict[str, Value]) -> None:
    standard = inherited("404", "Fees", **value)
    kept = replace(inherited("404", "Fees"), initial=value, standard=standard)
    wants = replace(kept, source=Source("accounts.yaml", 9))
    (change,) = plan((), wants).changes
    assert value.items() <= {one.field: one.after for one in change.fields}.items()


def _refused_report_code(entry: DesiredAccount, *accounts: Account) -> str:
    current = chart(*accounts, account("1", reporting_code="EXP.1"))
    behaviour = report({Question.KNOWN_REPORTING_CODE: "refused"})
    (blocked,) = build(current, file(entry, behaviour=behaviour)).blocked
    return blocked.hint


def test_a_code_that_the_standard_leaves_empty_is_given_in_an_override() -> None:
    """An override can neither remove a line of the standard nor keep Xero's code."""
    wants = inherited("", "Fees", account_id="id-404")
    (blocked,) = plan((account("404", "Fees"),), wants).blocked
    where = '`- {standard: "Fees", …}` (a new value needs a reason).'
    assert blocked.hint.endswith(f"{where} Give `code:` a value.")
    (own,) = plan((account("404", "Fees"),), replace(wants, inherited=Source())).blocked
    assert own.hint == "Give `code:` a value, or remove the line to keep Xero's."


def test_the_protection_of_an_inherited_account_ends_in_an_override() -> None:
    gone = replace(inherited("404", "Fees", protect=True), status=Status.ARCHIVED)
    (blocked,) = plan((account("404", "Fees"),), gone).blocked
    where = '`- {standard: "404", …}` (a new value needs a reason).'
    assert f"{where} Write `protect: false` first" in blocked.hint


def test_an_archived_account_with_a_former_code_gets_an_archived_entry() -> None:
    """An entry without the status would restore it."""
    old = account("404", "Cleaning", status=Status.ARCHIVED)
    (blocked,) = plan((old,), inherited("640", "Office Cleaning", previously=("404",))).blocked
    assert "add an entry for 404 Cleaning with `status: ARCHIVED` under accounts" in blocked.hint


def test_an_own_entry_with_the_name_of_another_inherited_entry_is_not_advised() -> None:
    """The standard has the name already, so such an entry would be refused."""
    vehicles = inherited("640", "Vehicle Costs", previously=("404",))
    found = plan((account("404", "Cleaning"),), vehicles, inherited("641", "Cleaning")).blocked
    (hint,) = (one.hint for one in found if one.code == "640")
    assert "add `account_id: id-404` to this entry; if not, add it to 641 Cleaning." in hint
    assert "add an entry for" not in hint
    cleaning = inherited("641", "Cleaning", account_id="id-404")
    followed = plan((account("404", "Cleaning"),), vehicles, cleaning)
    assert not followed.blocked
    done = {change.label: change.action for change in followed.changes}
    assert done == {"640 Vehicle Costs": Action.CREATE, "641 Cleaning": Action.UPDATE}


@pytest.mark.parametrize(
    "other",
    [
        inherited("641", "Cleaning", account_id="id-9"),
        inherited("641", "Cleaning", system_account="DEBTORS"),
    ],
    ids=["pinned", "system account"],
)
def test_an_entry_that_is_another_account_for_certain_is_not_advised(other: DesiredAccount) -> None:
    vehicles = inherited("640", "Vehicle Costs", previously=("404",))
    rent = account("900", "Rent", account_id="id-9")
    debtors = account("610", "Debtors", type="CURRENT", system_account="DEBTORS")
    books = account("404", "Cleaning"), rent, debtors
    found = plan(books, vehicles, other).blocked
    (hint,) = (one.hint for one in found if one.code == "640")
    omit = '`- {standard: "640", omit: true, reason: …}`'
    assert f"if not, write under overrides: {omit}." in hint
    assert "641" not in hint
    fixed = replace(vehicles, overridable=False)
    noted = replace(fixed, source=Source("accounts.yaml", 9))
    overridden = replace(vehicles, source=Source("accounts.yaml", 9))
    ask = (
        "if not, ask the owner of the standard to make that entry optional (standard/chart.yaml:8)"
    )
    for entry_, way_out in (
        (fixed, ask),
        (noted, ask),
        (
            overridden,
            "if not, let its override (accounts.yaml:9) say only `omit: true` and a reason",
        ),
    ):
        (hint,) = (one.hint for one in plan(books, entry_, other).blocked if one.code == "640")
        assert f"{way_out}." in hint


@pytest.mark.parametrize(
    "control",
    [
        inherited("610", "Debtors", type="CURRENT", system_account="DEBTORS"),
        inherited("600", "Debtors", type="CURRENT", system_account="DEBTORS"),
        new("610", "Debtors", type="CURRENT", system_account="DEBTORS"),
        new("612", "Debtors", type="CURRENT", system_account="DEBTORS"),
    ],
    ids=lambda entry: f"{'standard' if entry.inherited.file else 'own'} {entry.code}",
)
@pytest.mark.parametrize("optional", [False, True])
def test_a_former_code_in_a_standard_does_not_count_for_a_system_account(
    control: DesiredAccount, optional: bool
) -> None:
    """A standard does not know which account has that code in these books."""
    debtors = account("610", "Debtors", type="CURRENT", system_account="DEBTORS")
    stock = inherited("6100", "Stock on Hand", previously=("610",), optional=optional)
    found = plan((debtors,), control, stock)
    assert not found.blocked
    created = [change for change in found.changes if change.action is Action.CREATE]
    assert len(created) == (not optional)
    for change in created:
        assert "which belongs to another entry. So this account is new" in change.warnings[0]


@pytest.mark.parametrize("override", [None, 9])
def test_an_entry_that_may_not_be_overridden_is_not_to_get_another_code(
    override: int | None,
) -> None:
    vehicles = inherited("404", "Vehicle Costs", overridable=False)
    if override:
        vehicles = replace(vehicles, source=Source("accounts.yaml", override))
    books = (account("404", "Bank Fees"),)
    found = plan(books, vehicles, inherited("6404", "Bank Fees")).blocked
    (hint,) = (one.hint for one in found if one.code == "404")
    assert "Only the owner of the standard" in hint
    assert ("To say only which account it is, write" in hint) == (override is None)
    assert "if not, give 404 Bank Fees another code in Xero." in hint
    assert "choose another code" not in hint
    books = (account("404", "Bank Fees", status=Status.ARCHIVED),)
    (hint,) = (one.hint for one in plan(books, vehicles).blocked)
    assert "if not, restore 404 Bank Fees in Xero, then give it another code." in hint


def test_an_account_found_by_its_code_and_name_in_the_standard_is_freed_by_another_name() -> None:
    """Another code in the override would change nothing."""
    turnover = inherited("300", "Turnover", overridden=(("200", "Sales"),))
    turnover = replace(turnover, source=Source("accounts.yaml", 9))
    found = plan((account("200", "Sales"),), turnover, new("310", "Sales")).blocked
    (blocked,) = (one for one in found if one.code == "300")
    assert blocked.reason.startswith(
        "In Xero, 200 Sales has the code and name of the standard's entry, and the entry for Sales"
    )
    assert "if not, give 200 Sales another name in Xero." in blocked.hint


@pytest.mark.parametrize("overridable", [True, False])
def test_a_renumbered_account_that_is_gone_is_left_out_by_an_override(overridable: bool) -> None:
    old = inherited(
        "210", "Sales old", previously=("200",), status=Status.ARCHIVED, overridable=overridable
    )
    found = plan((account("200", "Sales"),), old, inherited("200", "Sales"))
    (warning,) = (text for one in found.changes for text in one.warnings if "deleted" in text)
    omit = 'write under overrides: `- {standard: "210", omit: true, reason: …}`.'
    assert warning.endswith(omit) == overridable
    assert ("ask the owner of the standard" in warning) != overridable


def test_an_own_entry_loses_the_former_code_of_an_account_that_the_standard_names() -> None:
    own = new("640", "Vehicle Costs", previously=("404",))
    found = plan((account("404", "Cleaning"),), own, inherited("641", "Cleaning")).blocked
    (hint,) = (one.hint for one in found if one.code == "640")
    assert "if not, remove 404 from its `previously`." in hint


def test_an_own_entry_with_an_unlike_name_is_renamed_with_a_warning() -> None:
    found = plan((account("404", "Cleaning"),), new("404", "Bank Charges"))
    assert [change.action for change in found.changes] == [Action.UPDATE]


def test_an_account_with_a_like_name_is_renamed() -> None:
    found = plan((account("404", "Bank Fees"),), inherited("404", "Bank Charges and Fees"))
    assert [change.action for change in found.changes] == [Action.UPDATE]


def test_a_pinned_account_with_an_unlike_name_is_taken_over() -> None:
    pinned = inherited("404", "Bank Charges", account_id="id-404")
    found = plan((account("404", "Cleaning"),), pinned)
    assert [change.action for change in found.changes] == [Action.UPDATE]
    assert not found.blocked


@settings(max_examples=50)
@given(st.sampled_from(["Cleaning", "Motor Vehicles", "Rent", "Xylophones"]), st.booleans())
def test_no_account_is_taken_over_by_its_code_alone(name: str, by_former: bool) -> None:
    entry_ = inherited(
        "640" if by_former else "404", "Bank Charges", previously=("404",) if by_former else ()
    )
    found = plan((account("404", name),), entry_)
    assert not [change for change in found.changes if change.account]


@pytest.mark.parametrize(
    ("current", "changes"),
    [
        ((), []),
        ((account("615", "Consignment Stock", tax_type="NONE"),), [Action.UPDATE]),
        ((account("615", "Consignment Stock", status="ARCHIVED"),), []),
        ((account("615", "Office Plants"),), []),
        ((account("6150", "Consignment Stock"),), []),
        ((account("610", "Consignment Stock"),), [Action.UPDATE]),
    ],
    ids=["absent", "there", "archived", "other name", "other code", "former code"],
)
def test_an_optional_account_is_updated_only_where_it_is_active(
    current: tuple[Account, ...], changes: list[Action]
) -> None:
    optional = inherited(
        "615", "Consignment Stock", tax_type="INPUT2", optional=True, previously=("610",)
    )
    found = plan(current, optional)
    assert [change.action for change in found.changes] == changes
    assert not found.blocked


def test_an_optional_account_is_found_by_its_pin() -> None:
    optional = inherited("615", "Consignment Stock", optional=True, account_id="id-99")
    found = plan((account("99", "Goods of Others"),), optional)
    assert [change.action for change in found.changes] == [Action.UPDATE]
    assert not plan((), optional).blocked


def test_an_optional_account_is_not_created_in_place_of_one_that_another_entry_has() -> None:
    stock = account("615", "Consignment Stock")
    optional = inherited("615", "Consignment Stock", optional=True)
    found = plan((stock,), new("616", "Stock Held", account_id="id-615"), optional)
    assert [change.action for change in found.changes] == [Action.UPDATE]


def test_a_system_account_that_the_organisation_lacks_counts_as_optional() -> None:
    role = {"system_account": "TRACKINGTRANSFERS"}
    assert not plan((), inherited("877", "Tracking", **role)).blocked
    (blocked,) = plan((), new("877", "Tracking", **role)).blocked
    assert blocked.rule == "unknown-system-account"


def test_an_initial_value_is_sent_on_create_only() -> None:
    first = inherited("404", "Bank Charges", initial={"description": "Fees", "tax_type": "No GST"})
    (change,) = plan((), first).changes
    assert change.after()["description"] == "Fees"
    assert change.after()["tax_type"] == "NONE"
    assert not plan((account("404", "Bank Charges", description="Ours"),), first).changes


def test_a_kept_name_is_not_changed() -> None:
    kept = DesiredAccount(
        {"code": "451", "type": "EXPENSE"}, initial={"name": "Consulting"},
        source=Source("accounts.yaml", 9, 5), inherited=STANDARD,
    )  # fmt: skip
    assert not plan((account("451", "Advice of Others"),), kept).changes
    (change,) = plan((), kept).changes
    assert change.name == "Consulting"


def test_an_omitted_account_is_never_archived() -> None:
    motor, rent = account("449", "Motor Vehicle Expenses"), account("469", "Rent")
    found = plan(
        (motor, rent, account("200", "Sales")), new("200", "Sales"),
        unmanaged=Unmanaged.ARCHIVE, omitted=(inherited("449", "Motor Vehicle Expenses"),),
    )  # fmt: skip
    assert [change.code for change in found.changes] == ["469"]
    assert [one.code for one in found.unmanaged] == ["449"]


def test_an_account_archived_in_the_standard_is_archived() -> None:
    retired = inherited("449", "Motor Vehicle Expenses", status=Status.ARCHIVED)
    found = plan((account("449", "Motor Vehicle Expenses"),), retired)
    assert [change.action for change in found.changes] == [Action.ARCHIVE]
    assert not plan((), retired).changes


def overridden() -> DesiredAccount:
    return DesiredAccount(
        {"code": "404", "name": "Merchant Fees", "type": "OVERHEADS"},
        source=Source("accounts.yaml", 6, 5),
        inherited=STANDARD,
        origins={"code": STANDARD, "type": STANDARD},
        reasons=("Named so in the covenant",),
    )


def test_the_source_of_a_change_is_the_place_of_the_changed_value() -> None:
    (by_standard,) = plan((account("404", "Merchant Fees"),), overridden()).changes
    assert by_standard.source == STANDARD
    (by_override,) = plan(
        (account("404", "Merchant Charges", type="OVERHEADS"),), overridden()
    ).changes
    assert by_override.source == Source("accounts.yaml", 6, 5)
    assert "Differs from the standard: Named so in the covenant" in by_override.reasons
    assert not [r for r in by_standard.reasons if r.startswith("Differs")]


def test_the_reason_of_an_override_in_a_standard_is_not_given_for_another_field() -> None:
    """A standard may override the standard that it extends; then the file has no override."""
    wants = replace(
        overridden(), source=STANDARD, origins={"name": Source("standard/retail.yaml", 12, 5)}
    )
    (change,) = plan((account("404", "Merchant Fees"),), wants).changes
    assert [one.field for one in change.fields] == ["type"]
    assert not [reason for reason in change.reasons if reason.startswith("Differs")]


def test_the_source_of_a_retired_account_is_the_place_of_its_status() -> None:
    place = Source("standard/chart.yaml", 9, 7)
    retired = DesiredAccount(
        {"code": "404", "name": "Fees"}, status=Status.ARCHIVED, inherited=STANDARD,
        source=Source("accounts.yaml", 6, 5), origins={"status": place},
    )  # fmt: skip
    (change,) = plan((account("404", "Fees"),), retired).changes
    assert change.source == place


def test_an_ambiguity_of_an_inherited_entry_says_where_to_write_the_way_out() -> None:
    two = account("404", "Fees"), account("404", "FEES", account_id="id-2")
    with pytest.raises(ChartError) as error:
        plan(two, inherited("404", "Fees"))
    (problem,) = error.value.problems
    assert (problem.file, problem.line) == (STANDARD.file, STANDARD.line)
    assert problem.hint.startswith(
        f"404 Fees is inherited ({STANDARD}). To change it for these books, write in accounts.yaml,"
        ' under overrides: `- {standard: "404", …}` (a new value needs a reason). '
    )


def test_the_country_must_be_that_of_the_organisation() -> None:
    assert not plan((), organisation=OrganisationPin(country="NZ")).changes
    pinned = OrganisationPin(country="AU", source=Source("acme.yaml", 3))
    with pytest.raises(WrongOrganisation, match="country AU in the file, NZ in Xero") as refused:
        plan((), organisation=pinned)
    assert refused.value.message.startswith("acme.yaml:3 is for an organisation in AU, but")


def last_apply(*entries: DesiredAccount, accounts: tuple[Account, ...]) -> Iterator[str]:
    from xerosync.history.baseline import _last_applied  # noqa: PLC0415

    at = datetime(2026, 11, 1, tzinfo=UTC)
    base = Baseline(
        {one.account_id: one for one in accounts}, at,
        last_applied=_last_applied(wanted(*entries), accounts),
    )  # fmt: skip
    for omitted in ((), entries):
        made = build(chart(*accounts), file(omitted=omitted))
        yield from add_origins(made, base, chart(*accounts)).left_file


def test_an_account_that_left_the_standard_is_reported() -> None:
    motor = account("449", "Motor Vehicle Expenses")
    left, omitted = last_apply(inherited("449", "Motor Vehicle Expenses"), accounts=(motor,))
    assert left.startswith("449 Motor Vehicle Expenses was in the standard at the last apply")
    assert left.endswith("`status: ARCHIVED`, in this file or in a standard that it extends.")
    assert omitted == (
        "449 Motor Vehicle Expenses is omitted by the file or by a standard that it extends, and"
        " is no longer managed."
    )


def test_a_saved_plan_keeps_inherited_entries() -> None:
    made = plan(
        (account("404", "Fees"),), overridden(), omitted=(inherited("449", "Motor"),),
        standard="Kauri", tags=("retail",), organisation=OrganisationPin(country="NZ"),
    )  # fmt: skip
    text = json_text(serialize.to_document([made], datetime(2026, 11, 1, tzinfo=UTC)))
    (again,) = serialize.loads(text)
    assert again.desired == made.desired
    assert again.organisation == ORGANISATION


def test_the_source_of_an_entry_without_a_standard_is_its_own_place() -> None:
    (change,) = plan((account("404", "Fees"),), entry("404", "Charges", line=7)).changes
    assert change.source == Source("accounts.yaml", 7, 5)


def test_a_renumbered_entry_is_found_by_name_where_its_new_code_is_in_use() -> None:
    """One client has its own 640 already: that blocks this account, not the whole plan."""
    moved = inherited("640", "Bank Charges", previously=("404",))
    found = plan((account("640", "Cleaning"), account("404", "Bank Charges")), moved)
    (blocked,) = found.blocked
    assert (blocked.rule, blocked.account_id) == ("code-held", "id-404")


def test_a_renumbered_entry_is_blocked_where_neither_code_has_a_like_name() -> None:
    moved = inherited("640", "Bank Charges", previously=("404",))
    found = plan((account("640", "Cleaning"), account("404", "Rent")), moved)
    (blocked,) = found.blocked
    assert (blocked.rule, blocked.account_id) == ("another-account", "id-640")


def test_a_renumbered_entry_is_ambiguous_where_both_codes_have_its_words() -> None:
    moved = inherited("640", "Merchant Charges", previously=("404",))
    with pytest.raises(ChartError):
        plan((account("640", "Merchant Costs"), account("404", "Merchant Fees")), moved)
