"""Check the accounts of a file against its policy, and report each breach at its place.

Accounts that the file archives or deletes are not checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from xerosync.chartfile.lint.policy import Policy, account_keys, waived_rules
from xerosync.chartfile.lint.rules import LINT_RULES, Severity
from xerosync.chartfile.lint.similar import similar
from xerosync.chartfile.problems import Place, Report
from xerosync.chartfile.syntax import nodes as syntax
from xerosync.model import FIELD, DesiredAccount, Status, name_key
from xerosync.text import visible

_MAX_NAME = FIELD["name"].max_length

_Breach = tuple[str, str, str]
"""The field that breaks a rule, the message and the hint."""

_Check = Callable[[DesiredAccount], Iterator[_Breach]]


class _Entry(NamedTuple):
    """An account and where it is in the file; `used` gathers the waivers that had an effect."""

    account: DesiredAccount
    node: syntax.Mapping
    waived: frozenset[str]
    used: set[str]


def check_policy(
    root: syntax.Mapping,
    nodes: Sequence[syntax.Mapping],
    accounts: Sequence[DesiredAccount],
    policy: Policy,
    report: Report,
) -> None:
    """Report all breaches that are not waived, and waivers and severities without effect."""
    _Linter(root, policy, report).check(
        [
            _Entry(account, node, waived_rules(node), set())
            for account, node in zip(accounts, nodes, strict=True)
        ]
    )


class _Linter:
    def __init__(self, root: syntax.Mapping, policy: Policy, report: Report) -> None:
        self._root = root
        self._policy = policy
        self._report = report

    def check(self, entries: Sequence[_Entry]) -> None:
        """Check every rule."""
        active = [entry for entry in entries if entry.account.status == Status.ACTIVE]
        for rule, check in _account_checks(self._policy):
            if self._policy.severity_of(rule) is not Severity.OFF:
                for entry in active:
                    for field, message, hint in check(entry.account):
                        self._breach(rule, entry, field, message, hint)
        if self._policy.severity_of("near-duplicate-name") is not Severity.OFF:
            self._near_duplicates(active)
        self._required_accounts(active)
        for entry in entries:
            if entry.waived:
                self._unused_waivers(entry)
        self._idle_rules()

    def _tell(self, rule: str, at: Place, message: str, hint: str) -> None:
        severity = self._policy.severity_of(rule)
        if severity is Severity.ERROR:
            self._report.error(rule, at, message, hint)
        elif severity is Severity.WARN:
            self._report.warn(rule, at, message, hint)

    def _breach(self, rule: str, entry: _Entry, field: str, message: str, hint: str) -> None:
        if rule in entry.waived:
            entry.used.add(rule)
        else:
            self._tell(rule, entry.node.get(field) or entry.node.start, message, hint)

    def _near_duplicates(self, active: Sequence[_Entry]) -> None:
        """Report each name that is nearly an earlier one; either account can waive it."""
        rule = "near-duplicate-name"
        for first, second in similar([entry.account.name for entry in active]):
            earlier, entry = active[first], active[second]
            if name_key(earlier.account.name) == name_key(entry.account.name):
                continue  # the same name to Xero, which is an error of its own
            waiving = [one for one in (earlier, entry) if rule in one.waived]
            for one in waiving:
                one.used.add(rule)
            if not waiving:
                self._tell(
                    rule, entry.node.pairs["name"][1],
                    f"The name {_quoted(entry.account.name)} is nearly the same as "
                    f"{_quoted(earlier.account.name)} on line {earlier.account.source.line}.",
                    "Keep one of the two accounts, rename one, or waive the rule with a reason.",
                )  # fmt: skip

    def _required_accounts(self, active: Sequence[_Entry]) -> None:
        found = {
            key
            for entry in active
            for key in account_keys(entry.account.code, entry.account.name)
            if key[1]
        }
        for at, name in enumerate(self._policy.required_accounts):
            if name.strip() and not found.intersection(account_keys(name, name)):
                self._tell(
                    "required-account", self._place("required_accounts", at),
                    f"No active account has the code or name {_quoted(name)}, which your rules "
                    "require.",
                    "Add the account, or remove it from the list.",
                )  # fmt: skip

    def _unused_waivers(self, entry: _Entry) -> None:
        waive = entry.node.get("waive")
        if isinstance(waive, syntax.Mapping):
            for rule in entry.waived - entry.used:
                self._tell(
                    "unused-waiver", waive.pairs[rule][0],
                    f"This account does not break {rule}.", "Remove the waiver.",
                )  # fmt: skip

    def _idle_rules(self) -> None:
        for rule in LINT_RULES:
            severity = self._policy.severity.get(rule.id, Severity.OFF)
            if (
                rule.setting
                and severity is not Severity.OFF
                and not getattr(self._policy, rule.setting)
            ):
                self._tell(
                    "idle-rule", self._place("severity", rule.id),
                    f"{rule.id} has no effect without {rule.setting}.",
                    f"Add `{rule.setting}:` under lint, or remove this line.",
                )  # fmt: skip

    def _place(self, setting: str, step: str | int) -> Place:
        """Return the place of a part of a setting: the key in a mapping, or the item of a list."""
        lint = self._root.get("lint")
        node: syntax.Node | None = lint.get(setting) if isinstance(lint, syntax.Mapping) else None
        if isinstance(node, syntax.Mapping) and isinstance(step, str):
            return node.pairs[step][0]
        if isinstance(node, syntax.Sequence) and isinstance(step, int):
            return node.items[step]
        return self._root.start


def _account_checks(policy: Policy) -> Iterator[tuple[str, _Check]]:
    """Yield the rules about one account whose setting the policy has."""
    if policy.code_ranges:
        yield "code-range", lambda account: _outside_range(account, policy)
    if policy.name_pattern:
        yield "name-pattern", lambda account: _unlike_pattern(account, policy)
    if policy.required_fields:
        yield "required-field", lambda account: _missing_fields(account, policy)
    forbidden = {
        key: name
        for name in policy.forbidden_accounts
        if name.strip()
        for key in account_keys(name, name)
    }
    if forbidden:
        yield "forbidden-account", lambda account: _forbidden(account, forbidden)


def _outside_range(account: DesiredAccount, policy: Policy) -> Iterator[_Breach]:
    kind = account.text("type")
    allowed = policy.code_ranges.get(kind, ())
    if account.code and allowed and not any(codes.holds(account.code) for codes in allowed):
        ranges = visible(", ".join(map(str, allowed)))
        yield (
            "code", f"The code {_quoted(account.code)} is outside the range of {kind}: {ranges}.",
            "Change the code and add the old one to `previously`, or waive the rule with a reason.",
        )  # fmt: skip


def _unlike_pattern(account: DesiredAccount, policy: Policy) -> Iterator[_Breach]:
    """Check a name; one that is too long is an error already."""
    name, pattern = account.name, policy.name_pattern
    if pattern and name and len(name) <= _MAX_NAME and not pattern.matches(name):
        yield (
            "name", f"The name {_quoted(name)} does not fit the pattern {_quoted(pattern.text)}.",
            "Change the name, or waive the rule with a reason.",
        )  # fmt: skip


def _missing_fields(account: DesiredAccount, policy: Policy) -> Iterator[_Breach]:
    if account.system_account:
        return
    kind = account.text("type")
    for name in policy.required_fields:
        spec = FIELD[name]
        value = account.values.get(name)
        given = value is not None if spec.flag else bool(spec.comparable(value))
        if not given and spec.applies(kind):
            yield (
                name, f"{_quoted(account.label)} has no {name}, which your rules require.",
                f"Add `{name}:` with a value, or waive the rule with a reason.",
            )  # fmt: skip


def _forbidden(
    account: DesiredAccount, forbidden: Mapping[tuple[str, str], str]
) -> Iterator[_Breach]:
    for key in account_keys(account.code, account.name):
        if key in forbidden:
            yield (
                key[0], f"Your rules forbid the account {_quoted(forbidden[key])}.",
                "Archive it (`status: ARCHIVED`), or waive the rule with a reason.",
            )  # fmt: skip
            return


def _quoted(text: str) -> str:
    return f'"{visible(text if len(text) <= _MAX_NAME else text[:_MAX_NAME] + "…")}"'
