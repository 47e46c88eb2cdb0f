"""Read the `lint:` section of a chart file, and unite it with the sections of its standards.

Values that the schema check has already reported are skipped.
"""

from __future__ import annotations

from collections.abc import Mapping as AbstractMapping
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from xerosync.chartfile.lint.pattern import MAX_LENGTH, Pattern, PatternError
from xerosync.chartfile.lint.rules import LINT_RULES, RULE_IDS, Severity
from xerosync.chartfile.problems import Report, quoted
from xerosync.chartfile.syntax.nodes import Mapping, Node, Scalar, items_of, pairs_of, text_of
from xerosync.chartfile.syntax.nodes import Sequence as NodeSequence
from xerosync.desired import Source
from xerosync.model import CLASS_OF_TYPE, FIELD, code_key, code_order, name_key
from xerosync.organisations.standards.documents import Setting
from xerosync.text import visible

_DEFAULT_SEVERITY = {rule.id: rule.severity for rule in LINT_RULES}


@dataclass(frozen=True)
class CodeRange:
    """The codes from `low` to `high`, by `code_order`, and `high` with a suffix, such as 299A."""

    low: str
    high: str

    def holds(self, code: str) -> bool:
        """Whether a code is in the range: 200-299 holds 0250 and 299A, not 2000."""
        key, (low, high) = code_order(code), self._bounds
        return low <= key and key[: len(high)] <= high

    @cached_property
    def _bounds(self) -> tuple[tuple[tuple[int, int, str], ...], ...]:
        return code_order(self.low), code_order(self.high)

    def within(self, other: CodeRange) -> bool:
        """Whether both ends of this range are in the other range."""
        return other.holds(self.low) and other.holds(self.high)

    def __str__(self) -> str:
        if self.low == self.high:
            return self.low
        dash = ".." if "-" in self.low + self.high else "-"
        return f"{self.low}{dash}{self.high}"


@dataclass(frozen=True, slots=True)
class Policy:
    """The settings of `lint:`. Without any, only similar names and unused waivers are reported."""

    severity: AbstractMapping[str, Severity] = field(default_factory=dict)
    code_ranges: AbstractMapping[str, tuple[CodeRange, ...]] = field(default_factory=dict)
    name_pattern: tuple[Pattern, ...] = ()
    """A name must fit every pattern; one file has one pattern at most."""

    required_fields: tuple[str, ...] = ()
    required_accounts: tuple[Setting[str], ...] = ()
    forbidden_accounts: AbstractMapping[tuple[str, str], str] = field(default_factory=dict)
    """Each forbidden account as the file writes it, under two keys: as a code and as a name."""

    severity_at: AbstractMapping[str, Source] = field(default_factory=dict)
    """The place of each severity in its file."""

    ranges_at: AbstractMapping[str, Source] = field(default_factory=dict)
    """The place of each type's code ranges in its file."""

    archive_requires: bool = False
    """Whether the file has `archive_requires`, which accounts can waive."""

    def severity_of(self, rule: str) -> Severity:
        """Return the severity of a rule: the one that is set, or else the default."""
        return self.severity.get(rule, _DEFAULT_SEVERITY[rule])


def united(policies: Sequence[Policy]) -> Policy:
    """Return the union of several files' policies: the highest severities, and all list items."""
    if len(policies) == 1:
        return policies[0]
    severity: dict[str, Severity] = {}
    severity_at: dict[str, Source] = {}
    code_ranges: dict[str, tuple[CodeRange, ...]] = {}
    ranges_at: dict[str, Source] = {}
    for policy in policies:
        for rule, one in policy.severity.items():
            if rule not in severity or rank(one) > rank(severity[rule]):
                severity[rule], severity_at[rule] = one, policy.severity_at[rule]
        for kind, ranges in policy.code_ranges.items():
            code_ranges[kind] = (*code_ranges.get(kind, ()), *ranges)
            ranges_at.setdefault(kind, policy.ranges_at.get(kind, Source()))
    return Policy(
        archive_requires=any(policy.archive_requires for policy in policies),
        severity=severity,
        severity_at=severity_at,
        ranges_at=ranges_at,
        code_ranges={kind: tuple(dict.fromkeys(ranges)) for kind, ranges in code_ranges.items()},
        name_pattern=tuple(dict.fromkeys(p for policy in policies for p in policy.name_pattern)),
        required_fields=tuple(
            dict.fromkeys(name for policy in policies for name in policy.required_fields)
        ),
        required_accounts=tuple(
            dict.fromkeys(name for policy in policies for name in policy.required_accounts)
        ),
        forbidden_accounts={
            key: name
            for policy in reversed(policies)
            for key, name in policy.forbidden_accounts.items()
        },
    )


def narrowed(inherited: Policy, own: Policy) -> Policy:
    """Return the union of a file's policy and the inherited policy.

    If the file has code ranges for a type, these replace the inherited ranges: they are narrower.
    """
    ranges = {kind: found for kind, found in own.code_ranges.items() if found}
    return replace(
        united([inherited, own]),
        code_ranges={**inherited.code_ranges, **ranges},
        ranges_at={**inherited.ranges_at, **own.ranges_at},
    )


def rank(severity: Severity) -> int:
    """Return the rank of a severity, from 0 for `off` to 2 for `error`."""
    return (Severity.OFF, Severity.WARN, Severity.ERROR).index(severity)


def read_policy(root: Mapping, report: Report, file: str) -> Policy:
    """Return the policy of a file; report a pattern and code ranges that are invalid."""
    lint = root.get("lint")
    asks = bool(_scalars(root.get("archive_requires")))
    if not isinstance(lint, Mapping):
        return Policy(archive_requires=asks)
    stated, ranges = pairs_of(lint.get("severity")), pairs_of(lint.get("code_ranges"))
    return Policy(
        severity={
            rule: Severity(text_of(node))
            for rule, (_, node) in stated.items()
            if rule in RULE_IDS and text_of(node) in set(Severity)
        },
        ranges_at={kind: Source(file, at.line, at.column) for kind, (at, _) in ranges.items()},
        severity_at={rule: Source(file, at.line, at.column) for rule, (at, _) in stated.items()},
        code_ranges={
            kind: tuple(_ranges(node, report))
            for kind, (_, node) in ranges.items()
            if kind in CLASS_OF_TYPE
        },
        archive_requires=asks,
        name_pattern=_pattern(lint.get("name_pattern"), report),
        required_fields=tuple(
            text_of(node) for node in _scalars(lint.get("required_fields")) if node.text in FIELD
        ),
        required_accounts=tuple(
            Setting(text_of(node), Source(file, node.line, node.column))
            for node in _scalars(lint.get("required_accounts"))
        ),
        forbidden_accounts={
            key: node.text
            for node in _scalars(lint.get("forbidden_accounts"))
            if text_of(node)
            for key in account_keys(node.text, node.text)
        },
    )


def account_keys(code: str, name: str) -> tuple[tuple[str, str], ...]:
    """Return the keys under which a policy looks up an account: its code and name, if not empty."""
    keys = ("code", code_key(code)), ("name", name_key(name))
    return tuple(key for key in keys if key[1])


def _scalars(node: Node | None) -> tuple[Scalar, ...]:
    return tuple(item for item in items_of(node) if isinstance(item, Scalar))


def _pattern(node: Node | None, report: Report) -> tuple[Pattern, ...]:
    text = text_of(node)
    if not isinstance(node, Scalar) or not text or len(text) > MAX_LENGTH:
        return ()
    try:
        return (Pattern(text),)
    except PatternError as error:
        report.error(
            "invalid-pattern", node,
            f"{quoted(text)} is not a valid pattern: {visible(str(error))}.",
            "Write a regular expression (RE2) for the whole name. Look-around and "
            "back-references are not supported.",
        )  # fmt: skip
        return ()


def _ranges(node: Node, report: Report) -> list[CodeRange]:
    found = []
    for item in node.items if isinstance(node, NodeSequence) else [node]:
        text = text_of(item)
        if not isinstance(item, Scalar) or not text:
            continue
        low, dash, high = text.partition(".." if ".." in text else "-")
        codes = CodeRange(low.strip(), high.strip() if dash else low.strip())
        if not codes.low or not codes.high or (dash == "-" and "-" in high):
            report.error(
                "invalid-range", item, f"{quoted(text)} is not a range of codes.",
                "Write 200-299, one code, or 4-1000..4-1999 where codes contain a dash.",
            )  # fmt: skip
        elif code_order(codes.low) > code_order(codes.high):
            report.error(
                "invalid-range", item, f"The range {quoted(text)} contains no codes.",
                f"Write {quoted(str(CodeRange(codes.high, codes.low)))}.",
            )  # fmt: skip
        else:
            found.append(codes)
    return found
