"""What a chart file is made of: its sections and fields, by kind; and a node as plain data.

`plain` gives what JSON Schema judges. A scalar is read by the field it belongs to: text
stays as written, a flag is true or false, a limit is a whole number.
"""

from __future__ import annotations

import re
from typing import Any

from xerosync.chartfile.syntax.nodes import Mapping, Node, Opaque, Scalar, Sequence
from xerosync.chartfile.syntax.scalars import boolean, whole
from xerosync.model import (
    FIELDS,
    SYSTEM_ACCOUNTS,
    AppliesTo,
    DeleteRefused,
    Status,
    Unmanaged,
)

SECTIONS = (
    "version",
    "organisation",
    "unmanaged",
    "on_delete_refused",
    "limits",
    "lint",
    "accounts",
)
ORGANISATION_FIELDS = ("name", "tenant_id", "short_code")
LIMIT_MAXIMA = {"archives": 100_000, "change_percent": 100, "deletes": 100_000}
LINT_FIELDS = (
    "severity", "code_ranges", "name_pattern", "required_fields", "required_accounts",
    "forbidden_accounts",
)  # fmt: skip
IDENTITIES = ("code", "account_id", "system_account", "bank_account_number", "name")
"""The fields that can find an account; an account gives at least one."""

FLAGS = frozenset({f.name for f in FIELDS if f.flag} | {"protect"})
NUMBERS = frozenset({"version", *LIMIT_MAXIMA})
ACCOUNT_FIELDS = (
    *(f.name for f in FIELDS),
    "status", "previously", "account_id", "system_account", "protect", "waive", "note",
)  # fmt: skip
CHOICES: dict[str, tuple[str, ...]] = {
    **{f.name: f.choices for f in FIELDS if f.choices},
    "status": tuple(Status),
    "system_account": SYSTEM_ACCOUNTS,
    "unmanaged": tuple(Unmanaged),
    "on_delete_refused": tuple(DeleteRefused),
}
NEVER_EMPTY = frozenset({"name", "type", "status"})
"""The account fields that null does not clear: no account is without them."""

MAX_CODE = next(f.max_length for f in FIELDS if f.name == "code")
BANK_FIELDS = frozenset(f.name for f in FIELDS if f.applies_to is AppliesTo.BANK)
NOT_BANK_FIELDS = frozenset(f.name for f in FIELDS if f.applies_to is AppliesTo.NOT_BANK)
UUID = re.compile(
    "^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})?$"
)
CURRENCY = re.compile("^([A-Z]{3})?$")


def plain(node: Node, key: str = "") -> Any:  # noqa: ANN401, plain data
    """Give a node as plain data; `key` is the field that it belongs to.

    What was refused already (`Opaque`) is left out. Recursion is bounded by the depth
    that `document.compose` allows.
    """
    if isinstance(node, Scalar):
        return scalar(node, key)
    if isinstance(node, Sequence):
        return [plain(item, key) for item in node.items if not isinstance(item, Opaque)]
    if isinstance(node, Mapping):
        return {
            name: plain(value, name)
            for name, (_, value) in node.pairs.items()
            if not isinstance(value, Opaque)
        }
    return None


def scalar(node: Scalar, key: str) -> str | bool | int | None:
    """Give a scalar as plain data, by the field it belongs to."""
    if node.null:
        return None
    read: bool | int | None = None
    if node.plain and key in FLAGS:
        read = boolean(node.text)
    elif node.plain and key in NUMBERS:
        read = whole(node.text)
    return node.text if read is None else read
