"""A node → whether the schema would find it right, told by hand in a microsecond or two.

JSON Schema is the law, and slow: it takes an account ten times as long as reading it, and
its import as long as a thousand. Almost every file is right. So what passes here is not
shown to it, and what does not pass is, for its errors. A property test holds the two to
one opinion.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from re import Pattern

from xerosync.chartfile.fields import (
    ACCOUNT_FIELDS,
    BANK_FIELDS,
    CHOICES,
    CURRENCY,
    FLAGS,
    IDENTITIES,
    LIMIT_MAXIMA,
    MAX_CODE,
    NEVER_EMPTY,
    NOT_BANK_FIELDS,
    ORGANISATION_FIELDS,
    UUID,
)
from xerosync.chartfile.lint.pattern import MAX_LENGTH
from xerosync.chartfile.lint.rules import LINT_RULES, WAIVABLE, Severity
from xerosync.chartfile.syntax.nodes import Mapping, Node, Scalar, Sequence, text_of
from xerosync.chartfile.syntax.scalars import boolean, whole
from xerosync.model import CLASS_OF_TYPE, FIELD, DeleteRefused, Unmanaged

_Check = Callable[[Node], bool]


def account_is_right(node: Node) -> bool:
    """Tell whether the schema's `$defs/account` takes this node."""
    if not isinstance(node, Mapping):
        return False
    pairs = node.pairs
    for key, (_, value) in pairs.items():
        check = _CHECKS.get(key)
        if check is None or not check(value):
            return False
    if "type" in pairs:
        alien = NOT_BANK_FIELDS if text_of(pairs["type"][1]) == "BANK" else BANK_FIELDS
        if not alien.isdisjoint(pairs):
            return False
    return any(key in pairs and text_of(pairs[key][1]).strip() for key in IDENTITIES)


def head_is_right(root: Mapping) -> bool:
    """Tell whether the schema takes everything but the accounts themselves."""
    for key, (_, value) in root.pairs.items():
        check = _HEAD_CHECKS.get(key)
        if check is None or not check(value):
            return False
    return all(key in root.pairs for key in ("version", "organisation", "accounts"))


def _text(longest: int = 0, pattern: Pattern[str] | None = None) -> _Check:
    def check(node: Node) -> bool:
        if not isinstance(node, Scalar):
            return False
        text = node.text
        if longest and len(text) > longest and not node.null:
            return False
        return pattern is None or node.null or bool(pattern.search(text))

    return check


def _named(longest: int) -> _Check:
    def check(node: Node) -> bool:
        return (
            isinstance(node, Scalar)
            and not node.null
            and len(node.text) <= longest
            and bool(node.text.strip())
        )

    return check


_said = _named(sys.maxsize)


def _choice(choices: tuple[str, ...], *, empty: bool) -> _Check:
    allowed = frozenset(choices) | ({""} if empty else set())

    def check(node: Node) -> bool:
        if not isinstance(node, Scalar):
            return False
        return empty if node.null else node.text in allowed

    return check


def _flag(*, empty: bool) -> _Check:
    def check(node: Node) -> bool:
        if not isinstance(node, Scalar) or not node.plain:
            return False
        return empty if node.null else boolean(node.text) is not None

    return check


def _is_whole(node: Node, most: int) -> bool:
    number = whole(node.text) if isinstance(node, Scalar) and node.plain else None
    return number is not None and 0 <= number <= most


def _is_version(node: Node) -> bool:
    return isinstance(node, Scalar) and node.plain and node.text == "1"


def _is_history(node: Node) -> bool:
    if isinstance(node, Sequence):
        return all(
            isinstance(item, Scalar) and not item.null and 0 < len(item.text) <= MAX_CODE
            for item in node.items
        )
    return isinstance(node, Scalar) and node.null


def _is_organisation(node: Node) -> bool:
    return (
        isinstance(node, Mapping)
        and all(key in ORGANISATION_FIELDS for key in node.pairs)
        and all(isinstance(value, Scalar) for _, value in node.pairs.values())
        and any(text_of(value).strip() for _, value in node.pairs.values())
    )


def _is_lint(node: Node) -> bool:
    return isinstance(node, Mapping) and all(
        key in _LINT_CHECKS and _LINT_CHECKS[key](value) for key, (_, value) in node.pairs.items()
    )


def _mapping(keys: Collection[str], check: _Check) -> _Check:
    def check_all(node: Node) -> bool:
        return isinstance(node, Mapping) and all(
            key in keys and check(value) for key, (_, value) in node.pairs.items()
        )

    return check_all


def _list(check: _Check) -> _Check:
    return lambda node: isinstance(node, Sequence) and all(map(check, node.items))


def _is_range(node: Node) -> bool:
    return _said(node) or _list(_said)(node)


def _is_limits(node: Node) -> bool:
    return isinstance(node, Mapping) and all(
        key in LIMIT_MAXIMA and _is_whole(value, LIMIT_MAXIMA[key])
        for key, (_, value) in node.pairs.items()
    )


def _check_of(key: str) -> _Check:
    if key in FLAGS:
        return _flag(empty=key != "protect")
    if key in CHOICES:
        return _choice(CHOICES[key], empty=key not in NEVER_EMPTY)
    special: dict[str, _Check] = {
        "previously": _is_history,
        "account_id": _text(pattern=UUID),
        "currency_code": _text(pattern=CURRENCY),
        "name": _named(FIELD["name"].max_length),
        "waive": _mapping(WAIVABLE, _said),
    }
    return special.get(key) or _text(FIELD[key].max_length if key in FIELD else 0)


_CHECKS: dict[str, _Check] = {key: _check_of(key) for key in ACCOUNT_FIELDS}
_HEAD_CHECKS: dict[str, _Check] = {
    "version": _is_version,
    "organisation": _is_organisation,
    "unmanaged": _choice(tuple(Unmanaged), empty=False),
    "on_delete_refused": _choice(tuple(DeleteRefused), empty=False),
    "limits": _is_limits,
    "lint": _is_lint,
    "accounts": lambda node: isinstance(node, Sequence),
}
_LINT_CHECKS: dict[str, _Check] = {
    "severity": _mapping([r.id for r in LINT_RULES], _choice(tuple(Severity), empty=False)),
    "code_ranges": _mapping(CLASS_OF_TYPE, _is_range),
    "name_pattern": _named(MAX_LENGTH),
    "required_fields": _list(_choice(tuple(FIELD), empty=False)),
    "required_accounts": _list(_said),
    "forbidden_accounts": _list(_said),
}
