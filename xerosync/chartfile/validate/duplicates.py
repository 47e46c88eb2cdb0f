"""Accounts → what two of them claim at once: a code, a name, an id, a role, a number.

Codes, names and numbers compare as Xero compares them (`model.code_key` and its kin).
"""

from __future__ import annotations

from collections.abc import Callable

from xerosync.chartfile.problems import Report, quoted
from xerosync.chartfile.syntax.nodes import Mapping, Scalar, Sequence, text_of
from xerosync.model import bank_number_key, code_key, name_key


def _id_key(account_id: str) -> str:
    return account_id.casefold()


_UNIQUE: tuple[tuple[str, str, Callable[[str], str], str], ...] = (
    ("code", "duplicate-code", code_key, "Give one of the two another code."),
    ("name", "duplicate-name", name_key, "Give one of the two another name."),
    ("account_id", "duplicate-account-id", _id_key, "Keep one of the two."),
    ("system_account", "duplicate-system-account", str, "Keep one of the two."),
    ("bank_account_number", "duplicate-bank-account-number", bank_number_key,
     "Give each bank account its own number."),
)  # fmt: skip


def check_identities(accounts: Sequence, report: Report) -> None:
    """Report every claim that is made twice, at the second place, naming the first."""
    mappings = [node for node in accounts.items if isinstance(node, Mapping)]
    for field, rule, key_of, hint in _UNIQUE:
        first: dict[str, Scalar] = {}
        for account in mappings:
            pair = account.pairs.get(field)
            if pair is None or not isinstance(pair[1], Scalar):
                continue
            node = pair[1]
            key = key_of(text_of(node))
            if not key:
                continue
            earlier = first.setdefault(key, node)
            if earlier is not node:
                report.error(rule, node, _twice(field, node, earlier), hint)
    _check_previously(mappings, report)


def _twice(field: str, node: Scalar, earlier: Scalar) -> str:
    spelled = "" if earlier.text == node.text else f" as {quoted(earlier.text)}"
    return f"The {field} {quoted(node.text)} is taken already, on line {earlier.line}{spelled}."


def _check_previously(accounts: list[Mapping], report: Report) -> None:
    """Report earlier codes that two accounts claim, and an account that follows itself.

    An earlier code that is another account's code now is right: chains and swaps need it.
    """
    claimed: dict[str, Scalar] = {}
    for account in accounts:
        history = account.get("previously")
        if not isinstance(history, Sequence):
            continue
        own = code_key(text_of(account.get("code")))
        for node in history.items:
            key = code_key(text_of(node))
            if not key or not isinstance(node, Scalar):
                continue
            earlier = claimed.setdefault(key, node)
            if key == own:
                report.error(
                    "previously-conflict", node,
                    f"{quoted(node.text)} is this account's code now, not an earlier one.",
                    "Remove it from previously, or give the account its new code.",
                )  # fmt: skip
            elif earlier is not node:
                report.error(
                    "previously-conflict", node,
                    f"The earlier code {quoted(node.text)} is claimed on line {earlier.line} too.",
                    "Leave it with the account that had it.",
                )  # fmt: skip
