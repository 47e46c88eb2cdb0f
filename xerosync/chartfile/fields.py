"""The sections and fields of each kind of chart file, and nodes as plain data.

`plain` returns the data that the JSON Schema validates. The field of a scalar decides whether it
is read as text, as true or false, or as a whole number.
"""

from __future__ import annotations

from typing import Any

from xerosync.chartfile.syntax.nodes import NULLS, Mapping, Node, Opaque, Scalar, Sequence
from xerosync.chartfile.syntax.scalars import boolean, whole
from xerosync.desired import DeleteRefused, Unmanaged
from xerosync.model import FIELDS, SYSTEM_ACCOUNTS, Status

SECTIONS = (
    "version", "standard", "extends", "organisation", "tags", "profile", "unmanaged",
    "on_delete_refused", "archive_requires", "limits", "behaviour", "tax_types", "initial", "lint",
    "overrides", "take", "accounts",
)  # fmt: skip
ORGANISATION_FIELDS = ("name", "tenant_id", "short_code", "country")
ORGANISATION_IDENTITIES = ORGANISATION_FIELDS[:3]
LIMIT_MAXIMA = {
    "archives": 100_000, "change_percent": 100, "deletes": 100_000, "organisations": 100_000,
}  # fmt: skip
LIMIT_FIELDS = (*LIMIT_MAXIMA, "reason")
LINT_FIELDS = (
    "severity", "code_ranges", "name_pattern", "required_fields", "required_accounts",
    "forbidden_accounts",
)  # fmt: skip
IDENTITIES = ("code", "account_id", "system_account", "bank_account_number", "name")
"""The fields that can identify an account; each account has at least one."""

FLAGS = frozenset(
    {f.name for f in FIELDS if f.flag} | {"protect", "optional", "overridable", "omit"}
)
NUMBERS = frozenset({"version", *LIMIT_MAXIMA})
ACCOUNT_FIELDS = (
    *(f.name for f in FIELDS),
    "status", "previously", "account_id", "system_account", "protect", "waive", "note",
)  # fmt: skip
NEVER_STANDARD = ("account_id", "bank_account_number", "bank_account_type", "currency_code")
STANDARD_FIELDS = (
    *(name for name in ACCOUNT_FIELDS[:-2] if name not in NEVER_STANDARD),
    "optional", "overridable", *ACCOUNT_FIELDS[-2:],
)  # fmt: skip
OVERRIDE_FIELDS = (
    "standard",
    *(n for n in ACCOUNT_FIELDS if n not in {*NEVER_STANDARD[1:], "system_account"}),
    "omit", "keep", "reason",
)  # fmt: skip
INITIAL = (
    "tax_type", "description", "reporting_code", "enable_payments_to_account",
    "show_in_expense_claims", "add_to_watchlist",
)  # fmt: skip
KEPT = ("name", "type", *INITIAL)
CHOICES: dict[str, tuple[str, ...]] = {
    **{f.name: f.choices for f in FIELDS if f.choices},
    "status": tuple(Status),
    "system_account": SYSTEM_ACCOUNTS,
    "unmanaged": tuple(Unmanaged),
    "on_delete_refused": tuple(DeleteRefused),
}
NEVER_EMPTY = frozenset({"name", "type", "status"})
"""Account fields that a file cannot clear, because every account has them."""


def plain(node: Node, key: str = "") -> Any:  # noqa: ANN401, plain data
    """Return a node as plain data; `key` is the field that it belongs to.

    `Opaque` nodes were already reported: an `Opaque` field is left out, and an `Opaque` item of a
    list is None. The recursion is bounded, because the parser limits the depth.
    """
    if isinstance(node, Scalar):
        return _scalar(node, key)
    if isinstance(node, Sequence):
        return [plain(item, key) for item in node.items]
    if isinstance(node, Mapping):
        return {
            name: plain(value, name)
            for name, (_, value) in node.pairs.items()
            if not isinstance(value, Opaque)
        }
    return None


def _scalar(node: Scalar, key: str) -> str | bool | int | None:
    """Return a scalar as plain data, read as its field requires."""
    text = node.text
    read: bool | int | None = None
    if node.plain:
        if text in NULLS:
            return None
        if key in FLAGS:
            read = boolean(text)
        elif key in NUMBERS:
            read = whole(text)
    return text if read is None else read
