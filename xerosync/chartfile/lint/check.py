"""Check the accounts of a file against its policy, and report each breach at its place.

Of accounts that the file archives or deletes, only the waivers are checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from xerosync.chartfile.lint.policy import Policy, account_keys
from xerosync.chartfile.lint.rules import LINT_RULES, WAIVERS, Severity
from xerosync.chartfile.lint.similar import similar
from xerosync.chartfile.problems import Place
from xerosync.chartfile.syntax import nodes
from xerosync.desired import DesiredAccount, Source
from xerosync.model import FIELD, Status, name_key
from xerosync.organisations.standards.documents import Finding
from xerosync.organisations.standards.inherited import seen_from
from xerosync.organisations.standards.merge import MergedAccount
from xerosync.plan.blocks.requirements import ARCHIVE_REQUIRES
from xerosync.text import full_stop, visible

_MAX_NAME = FIELD["name"].max_length

_Breach = tuple[str, str, str]
"""The field that breaks a rule, the message and the hint."""


@dataclass(slots=True)
class FileAccount:
    """An account of an unmerged file, with its node."""

    account: DesiredAccount
    node: nodes.Mapping

    @property
    def waives(self) -> Mapping[str, Source]:
        """The rules that the account waives, each with the place of the waiver."""
        pairs = nodes.pairs_of(self.node.get("waive"))
        return {rule: self._source(key) for rule, (key, _) in pairs.items() if rule in WAIVERS}

    def place(self, field: str) -> Source:
        """Return the place of a field, or of the account if it lacks the field."""
        return self._source(self.node.get(field) or self.node.start)

    def _source(self, at: Place) -> Source:
        return Source(self.account.source.file, at.line, at.column)


LintedAccount = FileAccount | MergedAccount
"""An account with the places of its fields and waivers."""


def _was(account: DesiredAccount) -> set[tuple[str, str]]:
    return {key for code, name in account.overridden for key in account_keys(code, name)}


class Linter:
    """Checks the accounts of a file; `own` is the part of the policy that this file states."""

    def __init__(self, policy: Policy, own: Policy, file: str) -> None:
        self._policy = policy
        self._own = own
        self._file = file
        self._found: list[Finding] = []
        self._used_waivers: set[tuple[Source, str]] = set()

    def check(self, entries: Sequence[LintedAccount]) -> list[Finding]:
        """Return the breaches that are not waived, and waivers and severities without effect."""
        active = [entry for entry in entries if entry.account.status == Status.ACTIVE]
        for rule, (setting, check) in _CHECKS.items():
            if getattr(self._policy, setting) and self._is_on(rule):
                for entry in active:
                    for field, message, hint in check(entry.account, self._policy):
                        if not self._is_waived(rule, entry):
                            self._report_breach(rule, entry.place(field), message, hint)
        if self._is_on("near-duplicate-name"):
            self._near_duplicates(active)
        if self._policy.required_accounts:
            self._required_accounts(active)
        self._unused_waivers(entries)
        self._idle_rules()
        return self._found

    def _is_on(self, rule: str) -> bool:
        return self._policy.severity_of(rule) is not Severity.OFF

    def _report_breach(self, rule: str, at: Source, message: str, hint: str) -> None:
        if self._is_on(rule):
            error = self._policy.severity_of(rule) is Severity.ERROR
            severity = "error" if error else "warning"
            self._found.append(Finding(rule, at, message, hint, severity))

    def _is_waived(self, rule: str, entry: LintedAccount) -> bool:
        waived = rule in entry.waives
        if waived:
            self._used_waivers.add((entry.account.source, rule))
        return waived

    def _near_duplicates(self, active: Sequence[LintedAccount]) -> None:
        rule = "near-duplicate-name"
        for first, second in similar([entry.account.name for entry in active]):
            earlier, later = active[first], active[second]
            one, two = earlier.account, later.account
            if name_key(one.name) == name_key(two.name):
                continue  # the same name to Xero, which is an error of its own
            waived = self._is_waived(rule, earlier)
            if not self._is_waived(rule, later) and not waived:
                at = later.place("name")
                self._report_breach(
                    rule, at,
                    f"The name {_quoted(two.name)} is nearly the same as {_quoted(one.name)} "
                    f"{seen_from(at, one.source)}.",
                    "Keep one of the two accounts, rename one, or waive the rule with a reason.",
                )  # fmt: skip

    def _required_accounts(self, active: Sequence[LintedAccount]) -> None:
        found = {
            key for entry in active for key in account_keys(entry.account.code, entry.account.name)
        }
        for required in self._policy.required_accounts:
            name = required.value
            wanted = account_keys(name, name)
            if not name.strip() or found.intersection(wanted):
                continue
            moved = next((one for one in active if _was(one.account).intersection(wanted)), None)
            if moved:
                places = moved.place("code"), moved.place("name")
                standard = moved.account.inherited.file
                at = next((one for one in places if one.file != standard), places[0])
                omit = "omit the account, " if required.place.file != self._file else ""
                self._report_breach(
                    "required-account", at,
                    f"Your rules require an account with the code or name {_quoted(name)} "
                    f"({required.place}), but an override makes it "
                    f"{full_stop(moved.account.label)}",
                    f"Keep its code and name, {omit}or remove it from required_accounts.",
                )  # fmt: skip
            else:
                self._report_breach(
                    "required-account", required.place,
                    f"No active account has the code or name {_quoted(name)}, which your rules "
                    "require.",
                    "Add or restore it, or remove it from required_accounts.",
                )  # fmt: skip

    def _unused_waivers(self, entries: Sequence[LintedAccount]) -> None:
        for entry in entries:
            for rule, at in entry.waives.items():
                used = (entry.account.source, rule) in self._used_waivers
                if rule == ARCHIVE_REQUIRES:
                    used = self._policy.archive_requires and entry.account.status != Status.ACTIVE
                if at.file == self._file and not used:
                    why = f"the account does not break {rule}"
                    if rule == ARCHIVE_REQUIRES:
                        why = "the account is active, or the file has no archive_requires"
                    elif not self._is_on(rule) or entry.account.status != Status.ACTIVE:
                        why = f"{rule} is off, or the account is not active"
                    message = f"This waiver has no effect: {why}."
                    self._report_breach("unused-waiver", at, message, "Remove the waiver.")

    def _idle_rules(self) -> None:
        for rule in LINT_RULES:
            if (
                self._own.severity.get(rule.id, Severity.OFF) is not Severity.OFF
                and rule.setting
                and not getattr(self._policy, rule.setting)
            ):
                self._report_breach(
                    "idle-rule", self._own.severity_at[rule.id],
                    f"The rule {rule.id} has no effect without the setting `{rule.setting}`.",
                    f"Add `{rule.setting}:` under lint, or remove this line.",
                )  # fmt: skip


def _outside_range(account: DesiredAccount, policy: Policy) -> Iterator[_Breach]:
    kind, code = account.text("type"), account.code
    allowed = policy.code_ranges.get(kind, ())
    if code and allowed and not any(codes.holds(code) for codes in allowed):
        ranges = visible(", ".join(map(str, allowed)))
        yield (
            "code", f"The code {_quoted(code)} is outside the range of {kind}: {ranges}.",
            "Change the code and add the old one to `previously`, or waive the rule with a reason.",
        )  # fmt: skip


def _unlike_pattern(account: DesiredAccount, policy: Policy) -> Iterator[_Breach]:
    """Yield the breaches of the name patterns; a name that is too long was already reported."""
    name = account.name
    if not name or len(name) > _MAX_NAME:
        return
    for pattern in policy.name_pattern:
        if pattern.matches(name):
            continue
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
        value = account.values.get(name, account.initial.get(name))
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
