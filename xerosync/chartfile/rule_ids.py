"""Every rule id that a problem of a chart file can have → what it means, in one line."""

from __future__ import annotations

from collections.abc import Mapping

from xerosync.chartfile.lint.rules import LINT_RULES

FORM: Mapping[str, str] = {
    "alias": "YAML's aliases (*name) are not read.",
    "anchor": "YAML's anchors (&name) are not read.",
    "binary": "The file is not text, or an Excel workbook, a PDF or an archive.",
    "control-character": "A character that acts, or that nobody sees, where it may not stand.",
    "custom-tag": "YAML's tags (!name) are not read.",
    "duplicate-key": "A field is given twice.",
    "empty-file": "The file is empty.",
    "encoding": "The file is not UTF-8.",
    "invisible-character": "A text holds a character that nobody can see (a warning).",
    "merge-key": "YAML's merge keys (<<) are not read.",
    "multiple-documents": "A second YAML document begins.",
    "not-a-mapping": "The file is a list, a text or a CSV file, not a chart.",
    "syntax": "The file is not YAML.",
    "tabs": "A line is indented with a tab.",
    "too-deep": "Lists and mappings are nested too deep.",
    "too-large": "The file is larger than any chart.",
    "too-many-problems": "There are more problems than are shown.",
    "unquoted-code": "A code has no quotes, and others read it as a number (a warning).",
    "unquoted-text": "A text has no quotes, and others read it as something else (a warning).",
    "unreadable-file": "The file is not there, or cannot be read.",
}
FIELDS: Mapping[str, str] = {
    "cannot-be-empty": "A field that no account is without is empty.",
    "field-not-for-type": "A field does not belong to accounts of this type.",
    "missing-field": "A section that every file has is missing.",
    "missing-identity": "Nothing in an account says which one it is.",
    "missing-organisation": "The file does not say which organisation it is for.",
    "too-long": "A text is longer than Xero takes.",
    "unknown-field": "A field is not known.",
    "unknown-version": "The file is for another version of xerosync.",
    "wrong-type": "A field holds a value of the wrong kind.",
    "wrong-value": "A value is not one of those allowed.",
}
IDENTITY: Mapping[str, str] = {
    "duplicate-account-id": "Two accounts have one account_id.",
    "duplicate-bank-account-number": "Two accounts have one bank account number.",
    "duplicate-code": "Two accounts have one code, as Xero compares codes.",
    "duplicate-name": "Two accounts have one name, as Xero compares names.",
    "duplicate-system-account": "Two accounts have one role.",
    "previously-conflict": "An earlier code is claimed twice, or is the account's code now.",
}
MATCHING: Mapping[str, str] = {
    "ambiguous-account": "An entry could be one of several accounts in Xero (plan and apply).",
    "ambiguous-renumbering": "Entries trade codes, and which is which is open (plan and apply).",
    "both-codes-present": "A renumbered entry finds two accounts in Xero (plan and apply).",
    "one-account-twice": "Two entries find one account in Xero (plan and apply).",
    "pins-disagree": "An account_id and a system_account are two accounts (plan and apply).",
}
POLICY: Mapping[str, str] = {
    "invalid-pattern": "name_pattern is not a pattern that is read.",
    "invalid-range": "A range of codes cannot be read, or is empty.",
    "unknown-rule": "A severity or a waiver names a rule that there is not.",
    "waiver-without-reason": "A waiver gives no reason.",
}
LINT: Mapping[str, str] = {rule.id: rule.summary for rule in LINT_RULES}

PROBLEMS: Mapping[str, str] = {**FORM, **FIELDS, **IDENTITY, **MATCHING, **POLICY, **LINT}
