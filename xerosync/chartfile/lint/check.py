"""Check the accounts of a file against its policy, and report each breach at its place.

Accounts that the file archives or deletes are not checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from xerosync.chartfile.lint.policy import Policy, account_keys, waived_rules
from xerosync.chartfile.lint.rules import LINT_RULES, Severity
from xerosync.chartfile.lint.similar import similar
from xerosync.chartfile.problems import Place, Report
from xerosync.chartfile.syntax.nodes import Mapping, text_of
from xerosync.model import FIELD, DesiredAccount, Source, Status, name_key
from xerosync.text import visible

_MAX_NAME = FIELD["name"].max_length

_Breach = tuple[str, str, str]
"""The field that breaks a rule, the message and the hint."""


_Entry = tuple[DesiredAccount, Mapping]
"""An account and its node in the file."""


def check_policy(
    root: Mapping,
    nodes: Sequence[Mapping],
    accounts: Sequence[DesiredAccount],
    policy: Policy,
    report: Report,
) -> None:
    """Report all breaches that are not waived, and waivers and severities without effect."""
    _Linter(root, policy, report).check(list(zip(accounts, nodes, strict=True)))


class _Linter:
    def __init__(self, root: Mapping, policy: Policy, report: Report) -> None:
        self._root = root
        self._policy = policy
        self._report = report
        self._used_waivers: set[tuple[Source, str]] = set()

    def check(self, entries: Sequence[_Entry]) -> None:
        """Check every rule."""
        active = [entry for entry in entries if entry[0].status == Status.ACTIVE]
        for rule, (setting, check) in _CHECKS.items():
            if getattr(self._policy, setting) and self._is_on(rule):
                for account, node in active:
                    for field, message, hint in check(account, self._policy):
                        if not self._is_waived(rule, account, node):
                            self._tell(rule, node.get(field) or node.start, message, hint)
        if self._is_on("near-duplicate-name"):
            self._near_duplicates(active)
        if self._policy.required_accounts:
            self._required_accounts(active)
        self._unused_waivers(entries)
        self._idle_rules()

    def _is_on(self, rule: str) -> bool:
        return self._policy.severity_of(rule) is not Severity.OFF

    def _tell(self, rule: str, at: Place, message: str, hint: str) -> None:
        severity = self._policy.severity_of(rule)
        if severity is Severity.ERROR:
            self._report.error(rule, at, message, hint)
        elif severity is Severity.WARN:
            self._report.warn(rule, at, message, hint)

    def _is_waived(self, rule: str, account: DesiredAccount, node: Mapping) -> bool:
        waived = rule in waived_rules(node)
        if waived:
            self._used_waivers.add((account.source, rule))
        return waived

    def _near_duplicates(self, active: Sequence[_Entry]) -> None:
        """Report each name nearly the same as an earlier one; either account can waive it."""
        rule = "near-duplicate-name"
        for first, second in similar([account.name for account, _ in active]):
            (earlier, earlier_node), (account, node) = active[first], active[second]
            if name_key(earlier.name) == name_key(account.name):
                continue  # the same name to Xero, which is an error of its own
            waived = self._is_waived(rule, earlier, earlier_node)
            if not self._is_waived(rule, account, node) and not waived:
                self._tell(
                    rule, node.pairs["name"][1],
                    f"The name {_quoted(account.name)} is nearly the same as "
                    f"{_quoted(earlier.name)} on line {earlier.source.line}.",
                    "Keep one of the two accounts, rename one, or waive the rule with a reason.",
                )  # fmt: skip

    def _required_accounts(self, active: Sequence[_Entry]) -> None:
        found = {
            key
            for account, _ in active
            for key in account_keys(account.code, account.name)
            if key[1]
        }
        for node in self._policy.required_accounts:
            name = text_of(node)
            if name.strip() and not found.intersection(account_keys(name, name)):
                self._tell(
                    "required-account", node,
                    f"No active account has the code or name {_quoted(name)}, which your rules "
                    "require.",
                    "Add the account, or remove it from the list.",
                )  # fmt: skip

    def _unused_waivers(self, entries: Sequence[_Entry]) -> None:
        for account, node in entries:
            waive = node.get("waive")
            if isinstance(waive, Mapping):
                for rule in waived_rules(node):
                    if (account.source, rule) not in self._used_waivers:
                        self._tell(
                            "unused-waiver", waive.pairs[rule][0],
                            f"This account does not break {rule}.", "Remove the waiver.",
                        )  # fmt: skip

    def _idle_rules(self) -> None:
        lint = self._root.get("lint")
        severity = lint.get("severity") if isinstance(lint, Mapping) else None
        for rule in LINT_RULES:
            if (
                isinstance(severity, Mapping)
                and self._policy.severity.get(rule.id, Severity.OFF) is not Severity.OFF
                and rule.setting
                and not getattr(self._policy, rule.setting)
            ):
                self._tell(
                    "idle-rule", severity.pairs[rule.id][0],
                    f"{rule.id} has no effect without {rule.setting}.",
                    f"Add `{rule.setting}:` under lint, or remove this line.",
                )  # fmt: skip


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
    """Check a name against the pattern; one that is too long was already reported."""
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


def _forbidden(account: DesiredAccount, policy: Policy) -> Iterator[_Breach]:
    for key in account_keys(account.code, account.name):
        if key in policy.forbidden_accounts:
            yield (
                key[0], f"Your rules forbid the account {_quoted(policy.forbidden_accounts[key])}.",
                "Archive it (`status: ARCHIVED`), or waive the rule with a reason.",
            )  # fmt: skip
            return


def _quoted(text: str) -> str:
    return f'"{visible(text if len(text) <= _MAX_NAME else text[:_MAX_NAME] + "…")}"'


_CHECKS: dict[str, tuple[str, Callable[[DesiredAccount, Policy], Iterator[_Breach]]]] = {
    "code-range": ("code_ranges", _outside_range),
    "name-pattern": ("name_pattern", _unlike_pattern),
    "required-field": ("required_fields", _missing_fields),
    "forbidden-account": ("forbidden_accounts", _forbidden),
}
"""The rules about one account: the setting that each needs, and its check."""
