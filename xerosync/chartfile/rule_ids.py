"""The ids of the problems in chart files and in `adopt` worksheets, with their meanings."""

from __future__ import annotations

from collections.abc import Mapping

from xerosync.chartfile.lint.rules import LINT_RULES

FORM: Mapping[str, str] = {
    "alias": "YAML aliases (*name) are not supported.",
    "anchor": "YAML anchors (&name) are not supported.",
    "binary": "The file is not text: it may be an Excel workbook, a PDF or an archive.",
    "comment-in-text": "A # after a space begins a comment, which cuts text short (a warning).",
    "control-character": "The file contains a control character.",
    "custom-tag": "YAML tags (!name) are not supported.",
    "duplicate-key": "A field occurs twice.",
    "empty-file": "The file is empty.",
    "encoding": "The file is not UTF-8.",
    "invisible-character": "A value contains an invisible character (a warning).",
    "merge-key": "YAML merge keys (<<) are not supported.",
    "multiple-documents": "A second YAML document begins.",
    "not-a-mapping": "The file is a list, text, a CSV file or a saved plan, not a chart.",
    "syntax": "The file is not valid YAML.",
    "tabs": "A line is indented with a tab.",
    "too-deep": "Lists and mappings are nested too deeply.",
    "too-large": "The file is too large to be a chart.",
    "too-many-problems": "There are more problems than can be shown.",
    "unquoted-code": "An unquoted code that other programs do not read as text (a warning).",
    "unquoted-text": "Unquoted text that other programs do not read as text (a warning).",
    "unreadable-file": "The file, or one that it names, does not exist or cannot be read.",
}
FIELDS: Mapping[str, str] = {
    "behaviour-not-used": "The report on Xero's behaviour is not used: it is about another "
    "country, or the sandbox (a warning).",
    "behaviour-report": "The file that `behaviour` names is not a report on Xero's behaviour.",
    "archives-everything": "`unmanaged: archive` with no active account would archive the chart.",
    "cannot-be-empty": "A field that needs a value is empty.",
    "field-not-for-type": "Accounts of this type do not have this field.",
    "missing-field": "A field or section that is required is missing.",
    "missing-identity": "An account has no field that identifies it.",
    "missing-organisation": "The file does not say which organisation it is for.",
    "too-long": "A value is longer than Xero allows.",
    "unknown-field": "There is no field of this name.",
    "unknown-version": "version is not the number 1.",
    "wrong-type": "A value has the wrong type, such as a list instead of text.",
    "wrong-value": "A value is not allowed in this field.",
}
IDENTITY: Mapping[str, str] = {
    "duplicate-account-id": "Two accounts have the same account_id.",
    "duplicate-bank-account-number": "Two accounts have the same bank account number.",
    "duplicate-code": "Two accounts have the same code; case does not matter.",
    "duplicate-name": "Two accounts have the same name; case and extra spaces do not matter.",
    "duplicate-system-account": "Two accounts have the same system_account.",
    "organisation-twice": "Two files are for the same organisation.",
    "previously-conflict": "An earlier code is listed twice, or is the account's current code.",
}
MATCHING: Mapping[str, str] = {
    "ambiguous-account": "An entry matches several accounts in Xero (plan and apply).",
    "ambiguous-renumbering": "Entries exchange codes in an unclear way (plan and apply).",
    "both-codes-present": "Xero has both the old and the new code of an entry (plan and apply).",
    "one-account-twice": "Two entries match the same account in Xero (plan and apply).",
    "pins-disagree": "account_id and system_account name different accounts (plan and apply).",
}
POLICY: Mapping[str, str] = {
    "invalid-pattern": "name_pattern is not a valid pattern.",
    "invalid-range": "A range of codes is invalid or contains no codes.",
    "unknown-rule": "There is no such lint rule, or no such rule to waive.",
    "waiver-without-reason": "A waiver has no reason.",
}
STANDARDS: Mapping[str, str] = {
    "account-in-standard": "An account of the file has the code, name or role of an inherited one.",
    "duplicate-override": "Two overrides are for the same account.",
    "extends-loop": "A file extends itself.",
    "extends-too-deep": "There are too many levels of standards.",
    "former-code": "An override or an item of `take` names a code that the account had before.",
    "idle-override": "A part of an override has no effect (a warning).",
    "idle-take": "An account under `take` is not optional, or already taken (a warning).",
    "incomplete-standard-account": "An inherited account has no name, or no code.",
    "lower-severity": "A file lowers the severity of a rule of its standard.",
    "missing-country": "The file lacks `country`, which tax_types and behaviour need.",
    "needs-extends": "Only a file that extends a standard has `overrides` and `take`.",
    "not-a-standard": "A file extends a file that is not a standard.",
    "not-in-standard": "A standard never has this field or value.",
    "not-overridable": "The standard says that this account cannot be overridden.",
    "only-in-standard": "Only a standard has this field.",
    "outside-repository": "A chart file names a file by a path that is not allowed.",
    "override-conflict": "An override says two things that exclude each other.",
    "override-without-reason": "An override that changes, omits or keeps something has no reason.",
    "standards-disagree": "Two standards say different things about one field.",
    "tax-type-is-a-code": "The name of a tax type is, or looks like, a code of Xero's.",
    "tax-type-not-for-country": "A tax type has no code for the country of the organisation.",
    "two-kinds": "The file is both a standard and the chart of an organisation.",
    "undeclared-tax-type": "A tax type is not one of the tax_types.",
    "unknown-override": "An override is for an account that the standard does not have.",
    "unknown-take": "An item of `take` is an account that the standard does not have.",
    "wider-code-range": "A code range is wider than those of the standard.",
    "wider-limit": "A limit is wider than that of the standard, or the default, without a reason.",
}
WORKSHEET: Mapping[str, str] = {
    "worksheet-columns": "The file is not a worksheet, or lacks some of its columns (adopt).",
    "worksheet-decision": "A decision in a worksheet cannot be carried out (adopt).",
}
LINT: Mapping[str, str] = {rule.id: rule.summary for rule in LINT_RULES}

PROBLEMS: Mapping[str, str] = {
    **FORM, **FIELDS, **IDENTITY, **STANDARDS, **MATCHING, **POLICY, **WORKSHEET, **LINT,
}  # fmt: skip
