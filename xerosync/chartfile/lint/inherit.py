"""Check a merged chart against its own rules and those of its standards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from xerosync.chartfile.lint.check import Linter
from xerosync.chartfile.lint.policy import Policy, account_keys, narrowed, rank
from xerosync.chartfile.lint.rules import WAIVABLE
from xerosync.organisations.standards.documents import Finding, Kind
from xerosync.organisations.standards.merge import MergedChart
from xerosync.text import series


def loosened(own: Policy, inherited: Policy) -> Iterator[Finding]:
    """Yield a finding for each severity and code range that is looser than in the standards."""
    waive = " To exempt an account, waive {} in its entry or override, with a reason."
    for rule, severity in own.severity.items():
        before = inherited.severity.get(rule, severity)
        if rank(severity) < rank(before):
            yield Finding(
                "lower-severity", own.severity_at[rule],
                f"{rule} is {severity} here and {before} in the standard "
                f"({inherited.severity_at[rule]}): a severity can only rise.",
                f"Remove the line.{waive.format(rule) if rule in WAIVABLE else ''}",
            )  # fmt: skip

    for kind, ranges in own.code_ranges.items():
        allowed = inherited.code_ranges.get(kind, ())
        beyond = [one for one in ranges if not any(one.within(other) for other in allowed)]
        are, them = ("is", "it") if len(beyond) == 1 else ("are", "them")
        if allowed and beyond:
            yield Finding(
                "wider-code-range", own.ranges_at[kind],
                f"{series([*map(str, beyond)])} {are} not in the code ranges of the standard for "
                f"{kind}: {', '.join(map(str, allowed))} ({inherited.ranges_at[kind]}).",
                f"Remove {them}, or ask the owner of the standard.{waive.format('code-range')}",
            )  # fmt: skip


def check_merged(
    merged: MergedChart, own: Policy, inherited: Policy, kind: Kind
) -> Sequence[Finding]:
    """Return the breaches in a merged chart.

    Accounts that the file omits need not be there, even if its standard requires them. A standard
    need not have the accounts that it requires: the files that extend it can add them.
    """
    policy = narrowed(inherited, own)
    omitted = {k for e in merged.chart.omitted for k in account_keys(e.code, e.name)}
    required = tuple(
        name
        for name in policy.required_accounts
        if name.place.file == merged.chart.file
        or omitted.isdisjoint(account_keys(name.value, name.value))
    )
    policy = replace(policy, required_accounts=() if kind is Kind.STANDARD else required)
    return Linter(policy, own, merged.chart.file).check(merged.accounts)
