"""The lint rules that a chart file can set for itself. None of them is a rule of Xero."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from xerosync.plan.blocks.requirements import ARCHIVE_REQUIRES


class Severity(StrEnum):
    """What a breach means: `error` makes the file invalid, `warn` is shown, `off` is ignored."""

    ERROR = "error"
    WARN = "warn"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class LintRule:
    """One rule: its id, what it finds, and its default severity.

    `setting` is the field of `lint:` that it needs, or "". An account can waive a `waivable` rule.
    """

    id: str
    summary: str
    setting: str = ""
    severity: Severity = Severity.ERROR
    waivable: bool = True


LINT_RULES = (
    LintRule("code-range", "A code is outside the ranges of its type.", "code_ranges"),
    LintRule("name-pattern", "A name does not fit the pattern.", "name_pattern"),
    LintRule("required-field", "An account has no value for a required field.", "required_fields"),
    LintRule(
        "required-account", "A required account is missing or not active.", "required_accounts",
        waivable=False,
    ),
    LintRule("forbidden-account", "A forbidden account is active.", "forbidden_accounts"),
    LintRule(
        "near-duplicate-name",
        "Two names differ only in case, accents, apostrophes, punctuation between words, the word "
        "`and`, plurals, word order, or a typing error in a word that has six or more letters in "
        "both.",
        severity=Severity.WARN,
    ),
    LintRule(
        "unused-waiver", "An account waives a rule that it does not break, or that is not checked.",
        severity=Severity.WARN, waivable=False,
    ),
    LintRule(
        "idle-rule", "A rule has a severity, but the setting that it needs is missing.",
        severity=Severity.WARN, waivable=False,
    ),
)  # fmt: skip

RULE_IDS = tuple(rule.id for rule in LINT_RULES)
WAIVABLE = tuple(rule.id for rule in LINT_RULES if rule.waivable)
WAIVERS = (*WAIVABLE, ARCHIVE_REQUIRES)
"""The rules that an account can waive, including the file's `archive_requires`."""
