"""Check that no two accounts share a code, name, id, system role or bank account number.

Codes, names and bank account numbers are compared by their keys (`model.code_key`,
`model.name_key`, `model.bank_number_key`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xerosync.chartfile.problems import Report, quoted
from xerosync.chartfile.syntax.nodes import Mapping, Node, Scalar, items_of, text_of
from xerosync.model import bank_number_key, code_key, name_key

_REMOVE_ONE = "Remove one of the two entries, or correct it."

_UNIQUE: tuple[tuple[str, str, Callable[[str], str], str], ...] = (
    ("code", "duplicate-code", code_key, "Change one of the two codes."),
    ("name", "duplicate-name", name_key, "Change one of the two names."),
    ("account_id", "duplicate-account-id", str.casefold, _REMOVE_ONE),
    ("system_account", "duplicate-system-account", str, _REMOVE_ONE),
    ("bank_account_number", "duplicate-bank-account-number", bank_number_key,
     "Give each bank account its own number."),
)  # fmt: skip


def check_duplicates(accounts: Sequence[Node], report: Report) -> None:
    """Report values that accounts share, at the later account, and conflicts in `previously`."""
    mappings = [node for node in accounts if isinstance(node, Mapping)]
    for field, rule, key_of, hint in _UNIQUE:
        first: dict[str, Scalar] = {}
        for account in mappings:
            node = account.get(field)
            if not isinstance(node, Scalar) or not (key := key_of(text_of(node))):
                continue
            earlier = first.setdefault(key, node)
            if earlier is not node:
                spelled = "" if earlier.text == node.text else f" as {quoted(earlier.text)}"
                used = f"is already used on line {earlier.line}{spelled}."
                report.error(rule, node, f"The {field} {quoted(node.text)} {used}", hint)
    _check_previously(mappings, report)


def _check_previously(accounts: list[Mapping], report: Report) -> None:
    """Report an earlier code that is listed twice, or that is the account's own code.

    An earlier code may be another account's code now, as when two accounts swapped codes.
    """
    listed: dict[str, tuple[Mapping, Scalar]] = {}
    for account in accounts:
        for node in items_of(account.get("previously")):
            if not isinstance(node, Scalar) or not (key := code_key(text_of(node))):
                continue
            its, earlier = listed.setdefault(key, (account, node))
            if key == code_key(text_of(account.get("code"))):
                report.error(
                    "previously-conflict", node,
                    f"{quoted(node.text)} is the account's current code, not an earlier one.",
                    "Remove it from `previously`, or change `code` to the new code.",
                )  # fmt: skip
            elif earlier is not node:
                here = its is account
                there = f"also listed on line {earlier.line}"
                report.error(
                    "previously-conflict", node,
                    f"The earlier code {quoted(node.text)} is "
                    f"{'listed twice in this account' if here else there}.",
                    "Remove one." if here else "Keep it only in the account that had this code.",
                )  # fmt: skip
