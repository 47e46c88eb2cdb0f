"""A practice of twelve organisations with one standard, for the review of many plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from builders import ARCHIVED, DELETED, RATES, account

from render.plans import hostile_plan
from xerosync.desired import DesiredAccount, DesiredChart, Limits, OrganisationPin, Source
from xerosync.errors import AccessDenied, ChartError, Problem, Unavailable
from xerosync.history.origin import LEFT_STANDARD
from xerosync.model import Account, Chart, Organisation, Value
from xerosync.organisations.failed import FailedOrganisation
from xerosync.organisations.review import Review
from xerosync.plan.build import build
from xerosync.plan.plan import Origin, Plan

STANDARD = "standard/chart.yaml"

NAMES = (
    "Aroha Dental", "Birch & Sons", "Coast Cafe", "Delta Freight", "Elm Street Books",
    "Fern Gardens", "Gull Boats", "Hill Orchard", "Inlet Motors", "Jetty Kayaks",
)  # fmt: skip
"""The organisations that are planned; two more are not."""


def inherited(line: int, file: str, /, **fields: object) -> DesiredAccount:
    """Return an entry that a file inherits from this line of the standard."""
    status = fields.pop("status", "ACTIVE")
    previously = fields.pop("previously", ())
    place = Source(STANDARD, line, 5)
    values: dict[str, Value] = {name: str(value) for name, value in fields.items()}
    return DesiredAccount(
        values, status=str(status), previously=previously,  # type: ignore[arg-type]
        source=Source(file, 2, 1), inherited=place, origins=dict.fromkeys(values, place),
    )  # fmt: skip


def standard(file: str) -> tuple[DesiredAccount, ...]:
    """Return the accounts of the standard as a file inherits them."""
    return (
        inherited(10, file, code="404", name="Bank Charges", tax_type="NONE"),
        inherited(11, file, code="408", name="Cleaning", tax_type="INPUT2"),
        inherited(12, file, code="480", name="Staff Welfare", type="EXPENSE", tax_type="INPUT2"),
        inherited(13, file, code="485", name="Subscriptions", status=ARCHIVED),
        inherited(14, file, code="489", name="Telephone", previously=("490",)),
        inherited(15, file, code="620", name="Prepayments", type="CURRENT"),
        inherited(16, file, code="430", name="Old Levy", status=DELETED),
    )


def books(number: int) -> tuple[Account, ...]:
    """Return the accounts of one organisation; each is a little different."""
    spelling = ("Bank Fees", "Bank fees", "Bank Charges")[number % 3]
    found = [
        account("404", spelling, account_id=f"id-404-{number}"),
        account("408", "Cleaning", tax_type="NONE" if number == 3 else "INPUT2"),
        account("485", "Subscriptions", status="ACTIVE" if number < 2 else ARCHIVED),
        account("490" if number == 4 else "489", "Telephone"),
        account("620", "Prepayments", type="EXPENSE" if number == 5 else "CURRENT"),
        account("449", "Motor Vehicle"),
    ]
    if number == 6:
        found.append(account("430", "Old Levy"))
    if number in (7, 8):
        found.append(account("480", "Rent", type="REVENUE", account_id=f"id-480-{number}"))
    return tuple(found)


def planned(number: int, name: str) -> Plan:
    """Return the plan of one organisation."""
    file = f"clients/{name.split(maxsplit=1)[0].lower()}.yaml"
    organisation = Organisation(f"tenant-{number}", name, f"!{number}", "NZ", "NZD")
    own = (
        DesiredAccount({"code": "905", "name": "Grant Income", "type": "REVENUE"},
                       source=Source(file, 9, 5)),
    ) if number == 9 else ()  # fmt: skip
    desired = DesiredChart(
        file=file,
        accounts=(*standard(file), *own),
        organisation=OrganisationPin(name=name, country="NZ"),
        limits=Limits(archives=0 if number == 1 else 5, deletes=0, change_percent=100),
        standard="Kauri practice chart",
        tags=("canary", "retail") if number == 0 else ("retail",) if number < 5 else (),
    )
    plan = build(Chart(organisation, books(number), RATES), desired)
    gone = f"449 Motor Vehicle {LEFT_STANDARD} at the last apply on record (3 November 2026)."
    return replace(
        plan,
        changes=tuple(replace(c, origin=_origin(c.code, number)) for c in plan.changes),
        left_file=(gone,) if number != 2 else (),
    )


def _origin(code: str, number: int) -> Origin:
    if code == "404":
        return Origin.XERO if number == 1 else Origin.LEFT
    return Origin.FILE


@cache
def practice() -> tuple[Plan, ...]:
    """Return the plans of the organisations that could be planned."""
    return tuple(planned(number, name) for number, name in enumerate(NAMES))


FAILED: Sequence[FailedOrganisation] = (
    FailedOrganisation(
        "clients/kea.yaml", "Kea Tours",
        AccessDenied("Kea Tours is not connected to this app.", "Connect it in Xero."),
    ),
    FailedOrganisation(
        "clients/lake.yaml", "", Unavailable("Xero answers 500.", "Try again later.")
    ),
)  # fmt: skip


@cache
def practice_review() -> Review:
    """Return the review of the practice."""
    return Review.of(practice(), FAILED)


@cache
def many(number: int = 1_000) -> tuple[Plan, ...]:
    """Return so many plans: three changes are common to all, and twenty plans have one more."""
    plans = []
    for place in range(number):
        file = f"clients/{place}.yaml"
        outlier = place % (number // 20) == 0
        held = [
            account("404", "Bank Fees"),
            account("408", "Cleaning", tax_type="NONE"),
            *([account("700", "Plant", description="Old")] if outlier else []),
        ]
        asked = [
            inherited(10, file, code="404", name="Bank Charges"),
            inherited(11, file, code="408", name="Cleaning", tax_type="INPUT2"),
            inherited(12, file, code="480", name="Staff Welfare", type="EXPENSE", tax_type="NONE"),
        ]
        if outlier:
            values: dict[str, Value] = {"code": "700", "description": f"Of site {place}"}
            asked.append(DesiredAccount(values, source=Source(file, 9, 5)))
        organisation = Organisation(f"tenant-{place}", f"Company {place} Limited", "", "NZ", "NZD")
        desired = DesiredChart(file, tuple(asked), limits=Limits(5, 0, 100))
        plans.append(build(Chart(organisation, tuple(held), RATES), desired))
    return tuple(plans)


@cache
def hostile_review(text: str) -> Review:
    """Return a review in which every text from a file or from Xero is this one."""
    plans = []
    for number in range(5):
        plan = hostile_plan(text)
        changes = tuple(
            replace(
                change,
                desired=change.desired
                and replace(change.desired, inherited=Source(text or STANDARD, 3, 5)),
            )
            for change in plan.changes
        )
        organisation = Organisation(f"{number}{text}", f"{text} {number % 4}", text, text, text)
        desired = replace(
            plan.desired, standard=text, tags=(text, "b"), notes=(text,), profile=text,
            file=f"{text}{number}",
        )  # fmt: skip
        gone = tuple(f"{a.label} {LEFT_STANDARD} at {text}" for a in plan.unmanaged)
        plans.append(
            replace(
                plan, organisation=organisation, desired=desired, changes=changes,
                left_file=(*gone, text),
            )
        )  # fmt: skip
    failed = [
        FailedOrganisation(text, text, Unavailable(text, text)),
        FailedOrganisation(text, "", ChartError((Problem(text, 1, 2, "rule", text, text),))),
    ]
    return Review.of(plans, failed)
