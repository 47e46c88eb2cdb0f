"""Write the reference of the chart file from its schema: `python docs/make_reference.py`.

With `--check`, exit with status 1 if `docs/reference.md` is out of date, and change nothing.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from xerosync.chartfile import rule_ids
from xerosync.chartfile.lint.rules import LINT_RULES
from xerosync.chartfile.schema import schema
from xerosync.model import FIELD, AppliesTo

REFERENCE = Path(__file__).parent / "reference.md"
Schema = Mapping[str, Any]

HEAD = """\
# The chart file

Every field of `accounts.yaml`: what it means, and which values it can have.
`docs/make_reference.py` generates this page from the schema and the tables of rules; a test \
checks that it is up to date.
`xerosync schema` prints the schema. Save it, and write its path, relative to the chart file, on \
the first line of that file: then an editor completes and explains the fields. In this repository \
the line is:

```yaml
# yaml-language-server: $schema=schema/accounts.schema.json
```

* A field that an account leaves out is not managed, except `status`: an account without it is \
to be active. The default `false` of `enable_payments_to_account`, `show_in_expense_claims` and \
`add_to_watchlist` is what Xero gives a new account.
* `null` or `""` clears a field, if Xero allows it to be empty.
  An account always has a tax rate, so clearing it is blocked; the same holds for a report code, \
unless the report that `behaviour` names says otherwise.
  For a field that is true or false, `null` means false, and `""` is an error.
* An account that is absent is not changed, unless the file says `unmanaged: archive`.
* Codes are text: `090` and `"090"` are the same code.
  `xerosync fmt` adds the quotes.
"""
LINT = """\
## Rules of your own

The section `lint` contains your own rules for the chart.
`validate` and `plan` both check them. Breaking a rule of severity `error` makes the file \
invalid (exit code 3); breaking one of severity `warn` shows a warning.
Of accounts that the file archives or deletes, only the waivers are checked.

```yaml
lint:
  severity:
    name-pattern: warn
  code_ranges:
    REVENUE: 200-299
    EXPENSE: [400-499, "505"]
  name_pattern: "[A-Z].*"
  required_fields: [tax_type]
  required_accounts: ["850"]
  forbidden_accounts: [Miscellaneous]
accounts:
  - code: "610"
    name: Workshop Sales
    type: REVENUE
    tax_type: OUTPUT2
    waive:
      code-range: Agreed with the auditors until 2027
  - code: "850"
    name: Suspense
    type: CURRLIAB
    tax_type: NONE
```

A waiver applies to one account and one rule. It needs a reason; a waiver without effect is \
reported as a warning.
Either of two accounts with nearly the same name can waive `near-duplicate-name`.
A rule that needs a setting does nothing without it.
"""


STANDARDS = """\
## Standards and overlays

A **standard** is a chart that many organisations share; it has `standard:` instead of \
`organisation:`.
An **overlay** is the file of one organisation that `extends` a standard.
A standard that extends another one is a layer between them.
`xerosync show --merged FILE` prints the whole chart of an overlay, and where each value comes \
from.

```yaml
# standard/chart.yaml
version: 1
standard: {name: Kauri practice chart}
tax_types:
  sales: {NZ: OUTPUT2, AU: OUTPUT}
  expenses: {NZ: INPUT2, AU: INPUT}
  no_tax: {NZ: NONE, AU: BASEXCLUDED}
initial: [description]
accounts:
  - {code: "404", name: Bank Charges, type: EXPENSE, tax_type: no_tax, previously: ["402"]}
  - {code: "449", name: Motor Vehicle Expenses, type: EXPENSE, tax_type: expenses}
  - {code: "615", name: Consignment Stock, type: CURRENT, tax_type: no_tax, optional: true}
  - {code: "825", name: Head Office Loan, type: CURRLIAB, tax_type: no_tax, overridable: false}
```

```yaml
# clients/acme.yaml
version: 1
extends: ../standard/chart.yaml
organisation: {name: Acme Ltd, country: NZ}
tags: [retail]
overrides:
  - {standard: "404", name: Merchant and Bank Fees, reason: Named so in the bank's covenant}
  - {standard: "449", omit: true, reason: No vehicles}
take: ["615"]
accounts:
  - {code: "905", name: Grant Income, type: REVENUE, tax_type: sales}
```

* **Overrides.** Each names, by code, system_account or name, an account that the standard has. \
The values of the override replace those of the standard, field by field; codes in `previously` \
are added to the standard's.
  A changed field, `omit` and `keep` need a `reason`; `account_id` and `previously` do not.
  For an account with `overridable: false`, only `account_id`, `previously`, `note` and `waive` \
are allowed, and `archive-requires` cannot be waived.
* **Omitted** accounts are unmanaged: neither `unmanaged: archive` nor an inherited \
`required_accounts` concerns them. Nor does `unmanaged: archive` concern any other account with a \
code or name of the standard.
* **Which account it is.** An override may give the account another `code` or `name`.
  If no account in Xero has the resulting code and name yet, the one with the standard's own code \
and name is changed to match, unless another entry of the file means that one.
  `keep: [name]` does not help to find the account. If its name in Xero has no word in common with \
the standard's, or its code differs too, pin it with `account_id`.
* **The file's own accounts** stand under `accounts`, as always. A code or name that the standard \
has too is an error, unless an override omits the standard's account, or changes that code or \
name. Bank accounts are never inherited: each file has its own.
* **A code alone is not enough.** If the code of an inherited account belongs, in Xero, to an \
account whose name is not similar, the change is blocked. An override resolves this: with \
`account_id`, with `omit: true`, or with another code. A former code (`previously`) is ignored if \
one of the file's own accounts has it, or if another entry is pinned to the account that has it, \
with `account_id` or as a system account.
* **Optional** accounts are managed if an active account has their name and their code or a \
former one (`previously`), or if an `account_id` says which account it is. They are created only \
if `take` names them. A system account that an organisation does not have counts as optional.
* **Several standards.** `extends` may be a list, in any order. There are at most \
four levels of standards, all inside the repository. Two standards may set different fields of \
one account, but not one field to two values. A standard that is reached by two paths counts once.
* **tax_types** is a closed set: where it is given, `tax_type` must be one of its names, and the \
country of the organisation decides the code. If a layer and a standard that it extends both \
have a code for a name in a country, the layer's code counts. So a layer with nothing but \
`tax_types` can say that a client is not registered for GST or VAT.
* **A standard never has** `account_id`, bank accounts, `status: DELETED`, `unmanaged: archive` or \
`profile`. `status: ARCHIVED` in a standard retires the account everywhere. Removing the entry \
only stops managing it.
  But if the file of an organisation says `unmanaged: archive`, that archives the account there.
* **tags**, `archive_requires` and the lists of `lint` are added to those of the standards. A file \
can raise the severity of a rule, but not lower it, and make a code range narrower, but not wider. \
`limits` may be wider than those of the standard, with a `reason`; where the standard states \
none, the defaults count as its limits.
* **initial** fields, and those in `keep`, are sent when an account is created, and not managed \
afterwards. A value in an override is managed all the same. The `initial` of a \
standard applies to its own accounts and to those that it inherits, except inherited ones with \
`overridable: false`. If a file extends two standards, the `initial` of one does not apply to \
values that come from the other.
"""


def reference() -> str:
    """Return the page."""
    whole = schema()
    root, account = whole["properties"], whole["$defs"]["account"]["properties"]
    standard, override = whole["$defs"]["standard_account"], whole["$defs"]["override"]
    elsewhere = {"accounts", "lint", "overrides"}
    flags = ("optional", "overridable")
    parts = [
        HEAD,
        "## The file\n",
        _table("", {k: v for k, v in root.items() if k not in elsewhere}),
        _table("organisation", root["organisation"]["properties"]),
        _table("limits", root["limits"]["properties"]),
        "## An account\n",
        f"{whole['$defs']['account']['description']}\n",
        _table("", account, accounts=True),
        STANDARDS,
        _table("standard", root["standard"]["properties"]),
        "### An account of a standard\n",
        f"{standard['description']} Besides the fields of other accounts:\n",
        _table("", {name: standard["properties"][name] for name in flags}),
        "### overrides\n",
        f"{override['description']}\n",
        _table("", override["properties"]),
        LINT,
        _table("lint", root["lint"]["properties"]),
        _rules(),
        _problems(),
    ]
    return "\n".join(parts)


def _table(section: str, fields: Mapping[str, Schema], *, accounts: bool = False) -> str:
    """Return a table of the fields of one mapping."""
    heads = ["field", "meaning", "value", "default", "example"]
    heads[3:3] = ["for"] if accounts else []
    lines = [f"### {section}\n"] if section else []
    lines += [_row(heads), _row(["---"] * len(heads))]
    for name, said in fields.items():
        cells = [f"`{name}`", said["description"], _values(said), _default(said), _example(said)]
        cells[3:3] = [_applies(name)] if accounts else []
        lines.append(_row(cells))
    return "\n".join(lines) + "\n"


def _values(said: Schema) -> str:
    """Describe the values of a field in words."""
    if "const" in said:
        return f"`{said['const']}`"
    if "enum" in said:
        return ", ".join(f"`{word}`" for word in said["enum"] if word)
    kinds = [said["type"]] if isinstance(said["type"], str) else list(said["type"])
    named = {"string": "text", "boolean": "`true` or `false`", "integer": "whole number"}
    named |= {"object": "mapping", "array": "list", "null": "`null`"}
    words = [named[kind] for kind in kinds]
    if "maxLength" in said:
        words[0] += f" of at most {said['maxLength']:,} characters"
    if "maximum" in said:
        words[0] += f" from {said['minimum']} to {said['maximum']:,}"
    return " or ".join(words)


def _applies(name: str) -> str:
    applies = FIELD[name].applies_to if name in FIELD else AppliesTo.ALL
    return {"all": "all", "bank": "bank accounts", "not bank": "all but bank accounts"}[applies]


def _default(said: Schema) -> str:
    if "default" not in said or "const" in said:
        return "none"
    value = said["default"]
    return "none" if value is None else f"`{_yaml(value)}`"


def _example(said: Schema) -> str:
    return f"`{_yaml(said['examples'][0])}`"


def _yaml(value: object) -> str:
    """Write a value as YAML on one line, text in double quotes."""
    if isinstance(value, dict):
        inside = ", ".join(f"{key}: {_yaml(item)}" for key, item in value.items())
        return "{" + inside + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_yaml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _rules() -> str:
    heads = ["rule", "what it finds", "needs", "default", "can be waived"]
    lines = ["### The rules\n", _row(heads), _row(["---"] * len(heads))]
    for rule in LINT_RULES:
        needs = f"`{rule.setting}`" if rule.setting else ""
        waived = "yes" if rule.waivable else "no"
        lines.append(_row([f"`{rule.id}`", rule.summary, needs, f"`{rule.severity}`", waived]))
    return "\n".join(lines) + "\n"


def _problems() -> str:
    return "\n".join(["## Problems, by rule id\n", *_groups()])


def _groups() -> Iterator[str]:
    groups = {
        "Form and encoding": rule_ids.FORM,
        "Fields": rule_ids.FIELDS,
        "Two accounts with the same identity": rule_ids.IDENTITY,
        "Standards and overlays": rule_ids.STANDARDS,
        "The file compared with Xero": rule_ids.MATCHING,
        "Your own rules": rule_ids.POLICY,
        "A worksheet of adopt": rule_ids.WORKSHEET,
    }
    for title, rules in groups.items():
        rows = [_row([f"`{rule}`", says]) for rule, says in rules.items()]
        yield (
            "\n".join([f"### {title}\n", _row(["id", "meaning"]), _row(["---"] * 2), *rows]) + "\n"
        )


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def main() -> int:
    """Write the page, or compare it with `--check`."""
    page = reference()
    if "--check" in sys.argv:
        return int(not REFERENCE.exists() or REFERENCE.read_text(encoding="utf-8") != page)
    REFERENCE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
