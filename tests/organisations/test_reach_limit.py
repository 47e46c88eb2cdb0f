"""`limits.organisations`: one destructive change in too many books."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from builders import ARCHIVED, account, chart, entry, new, wanted

from xerosync.desired import Limits
from xerosync.errors import LimitExceeded
from xerosync.model import Account, Value
from xerosync.organisations.group import group
from xerosync.organisations.reach_limit import caution, enforce_reach, too_far
from xerosync.organisations.review import Review
from xerosync.plan.build import build
from xerosync.plan.plan import Origin, Plan
from xerosync.render.review.markdown import review_as_markdown
from xerosync.render.review.phrases import exceeded


def plan_of(number: int, allowed: int = 25, status: str = "ACTIVE", **values: Value) -> Plan:
    """Return the plan of one organisation for the account 404."""
    books = chart(account("404", "Bank Fees", type="EXPENSE", tax_type="INPUT2"))
    books = replace(books, organisation=replace(books.organisation, tenant_id=f"t{number}"))
    limits = Limits(change_percent=100, organisations=allowed)
    wants = entry("404", "Bank Fees", status=status, **values)
    return build(books, replace(wanted(wants, limits=limits), file=f"{number}.yaml"))


def archives(count: int, allowed: int = 25) -> list[Plan]:
    return [plan_of(number, allowed, ARCHIVED) for number in range(count)]


def found(plans: list[Plan], **allow: int) -> list[tuple[int, int]]:
    return [(one.breach.found, one.breach.allowed) for one in too_far(group(plans), plans, allow)]


def test_twenty_five_archives_pass_and_twenty_six_do_not() -> None:
    assert found(archives(25)) == []
    assert found(archives(26)) == [(26, 25)]
    assert found(archives(26), organisations=26) == []
    assert found(archives(26), organisations=3) == [(26, 3)]


@pytest.mark.parametrize(
    "values", [{"type": "OVERHEADS"}, {"tax_type": "NONE"}, {"type": "OVERHEADS", "name": "Fees"}]
)
def test_changes_of_type_or_tax_rate_count(values: dict[str, Value]) -> None:
    plans = [plan_of(number, 2, "ACTIVE", **values) for number in range(3)]
    assert found(plans) == [(3, 2)]


def test_a_renumbering_counts() -> None:
    books = chart(account("402", "Bank Fees"))
    limits = Limits(change_percent=100, organisations=1)
    wants = wanted(entry("404", "Bank Fees", previously=("402",)), limits=limits)
    plans = [build(books, wants)] * 2
    (one,) = too_far(group(plans), plans)
    assert one.breach.message == (
        "404 Bank Fees would be renumbered in 2 organisations; limits.organisations allows 1."
    )


def test_creates_and_renames_never_count() -> None:
    renames = [plan_of(number, allowed=0, description="Fees") for number in range(30)]
    assert found(renames) == []
    creates = [build(chart(), wanted(entry("500", "New", type="EXPENSE"),
                                     limits=Limits(organisations=0)))] * 30  # fmt: skip
    assert found(creates) == []


def test_the_lowest_limit_of_the_books_counts() -> None:
    plans = [*archives(2, allowed=100), plan_of(3, allowed=2, status=ARCHIVED)]
    assert found(plans) == [(3, 2)]


def test_groups_that_differ_only_by_age_or_warning_are_one_change() -> None:
    """Some are pending and some new, or some have a warning: the limit counts them together."""
    plans = archives(30)
    plans = [
        replace(one, changes=tuple(replace(change, origin=Origin.LEFT, warnings=("Look.",))
                                   for change in one.changes)) if number % 2 else one
        for number, one in enumerate(plans)
    ]  # fmt: skip
    assert len(group(plans)) == 2
    assert found(plans) == [(30, 25)]


def test_the_error_of_a_refused_apply_names_the_flag_that_allows_it() -> None:
    plans = archives(26)
    with pytest.raises(LimitExceeded, match="too many organisations") as refused:
        enforce_reach(group(plans), plans, {})
    assert refused.value.details == (
        "404 Bank Fees would be archived in 26 organisations; limits.organisations allows 25.",
    )
    assert "--allow organisations=26" in refused.value.hint
    enforce_reach(group(plans), plans, {"organisations": 26})


def test_a_plan_that_an_apply_would_refuse_is_said_to_need_an_option() -> None:
    six = [entry(str(n), status=ARCHIVED) for n in range(6)]
    exceeds = build(chart(*(account(str(n)) for n in range(6))), wanted(*six))
    blocked = build(chart(account("404")), wanted(new("200"), new("201", "Account 200")))
    assert caution(archives(25)) == ""
    assert caution(archives(1, allowed=0)) == "", "an apply to one organisation has no such limit"
    assert caution(archives(1, allowed=0), ["failed"]), "an apply to more has it"
    for plans, options in (
        (archives(26), "--allow organisations=26"),
        ([*archives(25), exceeds], "--allow archives=6"),
        ([*archives(25), blocked], "--skip-blocked"),
        ([blocked, exceeds], "--skip-blocked --allow archives=6"),
    ):
        assert caution(plans) == (
            "Some of the plan is blocked or exceeds a limit, as shown above:"
            f" `xerosync apply` needs {options}. "
        )


def test_every_format_shows_a_breach() -> None:
    review = Review.of(archives(26))
    sentence, flag = exceeded(review)[0]
    assert "404 Bank Fees would be archived in 26 organisations" in sentence
    assert flag == "--allow organisations=26"
    assert "apply with `--allow organisations=26`" in review_as_markdown(review)
    (limit,) = json.loads(json.dumps(review.to_json()))["limits"]
    assert (limit["limit"], limit["found"], limit["allowed"]) == ("organisations", 26, 25)
    assert review.groups[limit["group"]].code == "404"


def test_the_document_has_no_limits_key_without_a_breach() -> None:
    assert "limits" not in Review.of(archives(2)).to_json()


def test_an_account_of_another_name_is_another_change() -> None:
    def renamed(number: int) -> Plan:
        books = chart(Account(f"id{number}", "404", f"Fees {number}", "EXPENSE"))
        limits = Limits(change_percent=100, organisations=1)
        return build(books, wanted(entry("404", f"Fees {number}", type="OVERHEADS"), limits=limits))

    assert found([renamed(number) for number in range(5)]) == []
