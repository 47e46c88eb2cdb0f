"""`ci annotate` fails the job of a plan that apply would refuse, with the reasons of apply."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from builders import ARCHIVED, account, chart, entry, wanted

from xerosync.apply import preflight
from xerosync.ci.refusal import check
from xerosync.desired import Limits
from xerosync.errors import ExitCode, Refused, SomeOrganisationsFailed, WrongOrganisation
from xerosync.organisations.failed import FailedOrganisation
from xerosync.plan.build import build
from xerosync.plan.plan import Plan


def plan_of(name: str = "Shoes", status: str = "ACTIVE", organisations: int = 25) -> Plan:
    limits = Limits(archives=0, organisations=organisations)
    books = chart(account("200"), account("820", system_account="GST"))
    code = "200" if name else "820"
    return build(books, wanted(entry(code, name, status=status), limits=limits))


GOOD, ARCHIVES, BLOCKED = plan_of(), plan_of("Shoes", ARCHIVED), plan_of("", ARCHIVED)


def test_a_plan_that_apply_accepts_passes() -> None:
    check([GOOD], {}, skip_blocked=False)
    check([], {}, skip_blocked=False)


@pytest.mark.parametrize(
    ("plan", "why"), [(BLOCKED, "Resolve it as said there"), (ARCHIVES, "--allow archives=1")]
)
def test_the_reason_and_the_way_out_are_those_of_apply(plan: Plan, why: str) -> None:
    with pytest.raises(Refused, match="apply would refuse this plan:") as refused:
        check([plan], {}, skip_blocked=False)
    with pytest.raises(Refused) as by_apply:
        preflight.check(plan, {}, skip_blocked=False)
    assert refused.value.details == (f"{by_apply.value.message} {by_apply.value.hint}",)
    assert why in by_apply.value.hint
    check([plan], {"archives": 1}, skip_blocked=True)


def test_a_refusal_of_several_organisations_has_the_reason_of_each() -> None:
    with pytest.raises(Refused, match="apply would refuse these plans:") as refused:
        check([BLOCKED, ARCHIVES], {}, skip_blocked=False)
    assert len(refused.value.details) == 2


def test_if_only_some_organisations_would_be_refused_the_exit_code_says_so() -> None:
    with pytest.raises(SomeOrganisationsFailed, match="refuse 1 of 2 organisations") as refused:
        check([GOOD, ARCHIVES], {}, skip_blocked=False)
    assert refused.value.exit_code is ExitCode.PARTIAL


def test_a_change_in_too_many_organisations_refuses_all() -> None:
    plans = [plan_of("Shoes", ARCHIVED, organisations=1)] * 2
    with pytest.raises(Refused, match="in too many organisations") as refused:
        check(plans, {"archives": 1}, skip_blocked=False)
    assert "--allow organisations=2" in refused.value.hint
    check(plans, {"archives": 1, "organisations": 2}, skip_blocked=False)


def test_the_limit_of_organisations_applies_if_only_one_of_several_is_planned() -> None:
    plans = [plan_of("Shoes", ARCHIVED, organisations=0)]
    check(plans, {"archives": 1}, skip_blocked=False)
    failed = [FailedOrganisation("two.yaml", "Two", Refused("Xero is down."))]
    with pytest.raises(Refused, match="in too many organisations"):
        check(plans, {"archives": 1}, skip_blocked=False, failed=failed)


def test_a_new_reason_of_apply_fails_the_job_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_plan: Plan, _allowed: Mapping[str, int], *, skip_blocked: bool) -> None:
        raise WrongOrganisation(f"Not today, {skip_blocked}.")

    monkeypatch.setattr(preflight, "check", refuse)
    with pytest.raises(Refused) as refused:
        check([GOOD], {}, skip_blocked=False)
    assert refused.value.details == ("Not today, False.",)
