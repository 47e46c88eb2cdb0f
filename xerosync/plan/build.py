"""Build the plan for one organisation: the stages in order, each in a module of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from xerosync.desired import DesiredChart
from xerosync.model import Account, Chart, Status, code_order, name_key
from xerosync.plan.blocks import conflicts, rules
from xerosync.plan.diff import diff
from xerosync.plan.explain import explain
from xerosync.plan.known import Known, known_of
from xerosync.plan.matching import interrupted
from xerosync.plan.matching.identity import Identities
from xerosync.plan.matching.match import Match, match
from xerosync.plan.matching.pins import how_to_override, pin
from xerosync.plan.ordering import order
from xerosync.plan.organisation import check_organisation
from xerosync.plan.plan import Blocked, Change, Plan
from xerosync.plan.scope import scope
from xerosync.plan.tax_rates import keep_shared, resolve, with_names
from xerosync.plan.usage import LeftOut, ReadNow, ReadUsage, UsageSource, matters, with_usage
from xerosync.text import full_stop


def build(current: Chart, desired: DesiredChart, usage: UsageSource | None = None) -> Plan:
    """Return the plan that turns the current chart into the desired one.

    `usage` says what uses the accounts. If it is None, usage blocks no change. The same input gives
    the same plan. Raises `WrongOrganisation` if the file is for another organisation, and
    `ChartError` if it is ambiguous which account an entry means.
    """
    check_organisation(desired.organisation, current.organisation)
    known = known_of(current, desired.behaviour)
    rates = known.rates
    desired = resolve(desired, rates)
    matches = tuple(keep_shared(found, rates) for found in match(current, desired))
    in_scope = scope(current, matches, desired)
    found = diff(in_scope.matches, in_scope.to_archive)
    differences = tuple(with_usage(change, usage) for change in found)
    identities = Identities(matches, current.accounts)
    allowed, blocked = _check(
        current, differences, known, identities, matches=matches, desired=desired, usage=usage
    )
    changes = tuple(
        explain(with_names(change, rates), identities, known, desired) for change in allowed
    )
    return Plan(
        organisation=current.organisation,
        desired=desired,
        changes=changes,
        blocked=blocked,
        unmanaged=in_scope.unmanaged,
        unchanged=len(matches) + len(in_scope.to_archive) - len(differences),
        active=sum(account.status == Status.ACTIVE for account in current.accounts),
        steps=order(current, changes, desired.delete_refused),
        left_file=(
            *_easily_mistaken(matches, in_scope.unmanaged),
            *interrupted.sentences(interrupted.left_behind(current, matches), in_scope.unmanaged),
        ),
        usage=usage.read if usage else None,
    )


def build_reading(
    current: Chart, desired: DesiredChart, read: ReadUsage | None, *, names: bool = False
) -> Plan:
    """Return the plan that `build` makes, with the usage from `read`.

    `read` is called only if a change affects what uses its account. If `read` is None, usage is
    unknown, and a change that must meet `archive_requires` is blocked. With `names`, the plan has
    the names of the contacts that use an account.
    """
    made = build(current, desired)
    if not any(map(matters, made.changes)):
        return made
    if read:
        return build(current, desired, ReadNow(read(), names))
    return build(current, desired, LeftOut()) if desired.archive_requires else made


def _easily_mistaken(matches: Iterable[Match], unmanaged: Sequence[Account]) -> Iterator[str]:
    """Yield sentences about unmanaged accounts that an entry might seem to manage."""
    by_name = {name_key(account.name): account for account in unmanaged}
    for found in matches:
        entry, former = found.desired, found.former
        named = by_name.get(name_key(entry.name))
        if former and former in unmanaged:
            yield (
                f"{former.label} has a code that {entry.label} had before. These are two accounts, "
                f"and no entry manages {full_stop(former.label)}"
            )
        elif named and found.account is None and entry.status != Status.ACTIVE:
            yield (
                f"{named.label} has the name of the entry {entry.label} (`status: "
                f"{entry.status}`), for which Xero has no account. If {named.label} is meant, "
                f"add `{pin(named)}` to the entry."
            )


def _check(
    current: Chart,
    changes: Iterable[Change],
    known: Known,
    identities: Identities,
    *,
    matches: Iterable[Match],
    desired: DesiredChart,
    usage: UsageSource | None,
) -> tuple[list[Change], tuple[Blocked, ...]]:
    """Return the changes to make, and why the others are blocked."""
    blocked: list[Blocked] = []
    refused: list[Change] = []
    allowed: list[Change] = []
    doubted = [(change, identities.check(change)) for change in changes]
    in_doubt = {change.account_id for change, doubts in doubted if doubts}
    left = interrupted.left_behind(current, matches, in_doubt)
    for change, doubts in doubted:
        broken = rules.check(change, known, desired.delete_refused)
        found = (*doubts, *interrupted.check(change, left), *broken)
        blocked += (_in_override(one, change, desired.file) for one in found)
        if usage and not found:
            found = (*usage.check(change, desired, current.organisation.base_currency),)
            blocked += found
        (refused if found else allowed).append(change)
    entries = {found.account.account_id: found.desired for found in matches if found.account}
    in_conflict = conflicts.check(current, allowed, refused, entries, known)
    blocked += (_in_override(one, allowed[at], desired.file) for at, one in in_conflict.items())
    return (
        [change for index, change in enumerate(allowed) if index not in in_conflict],
        tuple(sorted(blocked, key=lambda b: (code_order(b.code), b.name, b.rule))),
    )


def _in_override(blocked: Blocked, change: Change, file: str) -> Blocked:
    where = how_to_override(change.desired, file)
    return replace(blocked, hint=f"{where}{blocked.hint}".strip()) if where else blocked
