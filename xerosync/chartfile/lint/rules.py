"""The accounts of a file, and its policy → what breaks the policy, and where.

A policy is the house's own: nothing here is a rule of Xero. Accounts that the file archives
or deletes are not looked at, for they are on their way out; every rule that speaks of one
account can be waived there, with a reason.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from xerosync.chartfile.lint.similar import similar
from xerosync.model import FIELD, DesiredAccount, Status, code_key, code_order, name_key
from xerosync.text import visible


class Severity(StrEnum):
    """How much a rule matters: `error` makes the file invalid, `warn` is told, `off` is not."""

    ERROR = "error"
    WARN = "warn"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class LintRule:
    """One rule: its id, how much it matters unless the policy says, and what it says.

    `setting` is the part of the policy that it needs, "" for none; `waivable` says that it
    speaks of one account.
    """

    id: str
    summary: str
    setting: str = ""
    severity: Severity = Severity.ERROR
    waivable: bool = True


LINT_RULES = (
    LintRule("code-range", "A code is outside the ranges of its type.", "code_ranges"),
    LintRule("name-pattern", "A name does not fit the pattern.", "name_pattern"),
    LintRule("required-field", "An account lacks a field that each must have.", "required_fields"),
    LintRule(
        "required-account", "An account that must be there is not.", "required_accounts",
        waivable=False,
    ),
    LintRule("forbidden-account", "An account is there that must not be.", "forbidden_accounts"),
    LintRule(
        "near-duplicate-name", "Two names differ in case, signs, plurals, order or one letter.",
        severity=Severity.WARN,
    ),
    LintRule(
        "unused-waiver", "An account waives what it does not break.",
        severity=Severity.WARN, waivable=False,
    ),
    LintRule(
        "idle-rule", "A severity is given for a rule that has nothing to look for.",
        severity=Severity.WARN, waivable=False,
    ),
)  # fmt: skip
"""Every rule, in the order in which people read of them."""

WAIVABLE = tuple(rule.id for rule in LINT_RULES if rule.waivable)


class NamePattern(Protocol):
    """A pattern for names; which engine reads it is the reader's affair."""

    @property
    def text(self) -> str:
        """The pattern as the file has it."""
        ...

    def matches(self, name: str) -> bool:
        """Tell whether a whole name fits."""
        ...


@dataclass(frozen=True, slots=True)
class CodeRange:
    """Codes from one to another, as people count them; both are in it."""

    low: str
    high: str

    def holds(self, code: str) -> bool:
        """Tell whether a code is in the range: 200-299 holds 0250 and 299A, not 2000."""
        key, (low, high) = code_order(code), _bounds(self)
        return low <= key and key[: len(high)] <= high

    def __str__(self) -> str:
        if self.low == self.high:
            return self.low
        dash = ".." if "-" in self.low + self.high else "-"
        return f"{self.low}{dash}{self.high}"


@functools.lru_cache
def _bounds(codes: CodeRange) -> tuple[tuple[tuple[int, int, str], ...], ...]:
    return code_order(codes.low), code_order(codes.high)


@dataclass(frozen=True, slots=True)
class Policy:
    """What the house asks of its chart; by default only that names be told apart."""

    severity: Mapping[str, Severity] = field(default_factory=dict)
    code_ranges: Mapping[str, tuple[CodeRange, ...]] = field(default_factory=dict)
    name_pattern: NamePattern | None = None
    required_fields: tuple[str, ...] = ()
    required_accounts: tuple[str, ...] = ()
    forbidden_accounts: tuple[str, ...] = ()

    def severity_of(self, rule: str) -> Severity:
        """Give how much a rule matters."""
        return self.severity.get(rule, _DEFAULT[rule])


_DEFAULT = {rule.id: rule.severity for rule in LINT_RULES}


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach. `path` leads to its place: in the account, or in the policy for None."""

    rule: str
    severity: Severity
    message: str
    hint: str
    account: int | None
    path: tuple[str | int, ...]


Waivers = Sequence[Mapping[str, str]]
"""For each account, the rules that it waives, and why."""

_Breach = tuple[int, str, str, str, str]
"""Account, rule, field, message, hint."""


def check(
    accounts: Sequence[DesiredAccount], policy: Policy, waivers: Waivers
) -> tuple[Finding, ...]:
    """Find all that breaks the policy and is not waived, and waivers that waive nothing."""
    live = [(at, account) for at, account in enumerate(accounts) if account.status == Status.ACTIVE]
    used: set[tuple[int, str]] = set()
    findings: list[Finding] = []
    for at, rule, name, message, hint in _breaches(live, policy):
        if rule in waivers[at]:
            used.add((at, rule))
        else:
            severity = policy.severity_of(rule)
            findings.append(Finding(rule, severity, message, hint, at, (name,)))
    findings += _near_duplicates(live, waivers, policy.severity_of("near-duplicate-name"), used)
    findings += _required(live, policy)
    findings += _unused(waivers, used, policy.severity_of("unused-waiver"))
    findings += _idle(policy)
    return tuple(found for found in findings if found.severity is not Severity.OFF)


def _breaches(live: Sequence[tuple[int, DesiredAccount]], policy: Policy) -> Iterator[_Breach]:
    on = {rule for rule in WAIVABLE if policy.severity_of(rule) is not Severity.OFF}
    ranges = policy.code_ranges if "code-range" in on else {}
    pattern = policy.name_pattern if "name-pattern" in on else None
    needed = policy.required_fields if "required-field" in on else ()
    forbidden = {}
    if "forbidden-account" in on:
        forbidden = {key: said for said in policy.forbidden_accounts for key in _keys(said)}
    if not (ranges or pattern or needed or forbidden):
        return
    for at, account in live:
        if ranges:
            yield from _outside(at, account, ranges)
        if pattern and not _fits(pattern, account.name):
            yield (
                at, "name-pattern", "name",
                f"The name {_quoted(account.name)} does not fit {_quoted(pattern.text)}.",
                "Change the name, or waive the rule here with a reason.",
            )  # fmt: skip
        if needed and not account.system_account:
            yield from _missing(at, account, needed)
        for key in (("code", code_key(account.code)), ("name", name_key(account.name))):
            if key in forbidden:
                yield (
                    at, "forbidden-account", key[0],
                    f"The policy forbids the account {_quoted(forbidden[key])}.",
                    "Archive it (`status: ARCHIVED`), or waive the rule here with a reason.",
                )  # fmt: skip
                break


def _outside(
    at: int, account: DesiredAccount, ranges: Mapping[str, tuple[CodeRange, ...]]
) -> Iterator[_Breach]:
    kind = account.text("type")
    allowed = ranges.get(kind, ())
    if account.code and allowed and not any(r.holds(account.code) for r in allowed):
        said = ", ".join(map(str, allowed))
        yield (
            at, "code-range", "code",
            f"The code {_quoted(account.code)} is outside the range of {kind}: {visible(said)}.",
            "Renumber it (its code now goes in `previously`), or waive the rule with a reason.",
        )  # fmt: skip


def _missing(at: int, account: DesiredAccount, needed: Sequence[str]) -> Iterator[_Breach]:
    kind = account.text("type")
    for name in needed:
        spec = FIELD[name]
        value = account.values.get(name)
        given = value is not None if spec.flag else bool(spec.comparable(value))
        if not given and spec.applies(kind):
            yield (
                at, "required-field", name if name in account.values else "",
                f"{_quoted(account.label)} has no {name}, which the policy requires.",
                f"Add `{name}:` with a value, or waive the rule here with a reason.",
            )  # fmt: skip


def _fits(pattern: NamePattern, name: str) -> bool:
    """Judge a name; one that is too long is an error already, and none needs no pattern."""
    return not name or len(name) > FIELD["name"].max_length or pattern.matches(name)


def _near_duplicates(
    live: Sequence[tuple[int, DesiredAccount]], waivers: Waivers, severity: Severity,
    used: set[tuple[int, str]],
) -> Iterator[Finding]:  # fmt: skip
    """Give each name that is nearly an earlier one; either account can waive it."""
    rule = "near-duplicate-name"
    if severity is Severity.OFF:
        return
    for one, two in similar([account.name for _, account in live]):
        (first, earlier), (second, account) = live[one], live[two]
        if name_key(earlier.name) == name_key(account.name):
            continue  # the same name to Xero, which is an error of its own
        waiving = {(at, rule) for at in (first, second) if rule in waivers[at]}
        used |= waiving
        if not waiving:
            yield Finding(
                rule, severity,
                f"The name {_quoted(account.name)} is nearly {_quoted(earlier.name)}, on line "
                f"{earlier.source.line}.",
                "Make one account of the two, rename one, or waive the rule here with a reason.",
                second, ("name",),
            )  # fmt: skip


def _required(live: Sequence[tuple[int, DesiredAccount]], policy: Policy) -> Iterator[Finding]:
    severity = policy.severity_of("required-account")
    if severity is Severity.OFF or not policy.required_accounts:
        return
    there = {("code", code_key(account.code)) for _, account in live if account.code}
    there |= {("name", name_key(account.name)) for _, account in live if account.name}
    for at, said in enumerate(policy.required_accounts):
        if said.strip() and not there.intersection(_keys(said)):
            yield Finding(
                "required-account", severity,
                f"No active account has the code or name {_quoted(said)}, which the policy "
                "requires.",
                "Add the account, or take it from the list.", None, ("required_accounts", at),
            )  # fmt: skip


def _unused(waivers: Waivers, used: set[tuple[int, str]], severity: Severity) -> Iterator[Finding]:
    for at, waived in enumerate(waivers):
        for rule in waived:
            if (at, rule) not in used:
                yield Finding(
                    "unused-waiver", severity, f"The account does not break {rule}.",
                    "Remove the waiver.", at, ("waive", rule),
                )  # fmt: skip


def _idle(policy: Policy) -> Iterator[Finding]:
    severity = policy.severity_of("idle-rule")
    for rule in LINT_RULES:
        said = policy.severity.get(rule.id, Severity.OFF)
        if rule.setting and said is not Severity.OFF and not getattr(policy, rule.setting):
            yield Finding(
                "idle-rule", severity, f"{rule.id} has nothing to look for.",
                f"Give `{rule.setting}:` under lint, or remove the line.",
                None, ("severity", rule.id),
            )  # fmt: skip


def _keys(said: str) -> tuple[tuple[str, str], ...]:
    """Give the keys of an account that a policy names, by code or by name."""
    return ("code", code_key(said)), ("name", name_key(said))


def _quoted(text: str) -> str:
    longest = FIELD["name"].max_length
    return f'"{visible(text if len(text) <= longest else text[:longest] + "…")}"'
