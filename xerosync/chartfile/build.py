"""Build the desired chart from the nodes of a valid file."""

from __future__ import annotations

from xerosync.chartfile.fields import LIMIT_MAXIMA, ORGANISATION_FIELDS
from xerosync.chartfile.syntax.nodes import Mapping, Node, Pairs, Sequence, text_of
from xerosync.chartfile.syntax.scalars import boolean, whole
from xerosync.model import (
    FIELDS,
    DeleteRefused,
    DesiredAccount,
    DesiredChart,
    Limits,
    OrganisationPin,
    Source,
    Status,
    Unmanaged,
    Value,
)

_FIELDS = tuple((field.name, field.flag) for field in FIELDS)
_STATUSES = frozenset(Status)


def build(root: Mapping, accounts: tuple[DesiredAccount, ...], file: str) -> DesiredChart:
    """Build the chart of a file that has passed every check."""
    return DesiredChart(
        file=file,
        accounts=accounts,
        organisation=_organisation(root.get("organisation"), file),
        unmanaged=Unmanaged(text_of(root.get("unmanaged")) or Unmanaged.KEEP),
        delete_refused=DeleteRefused(text_of(root.get("on_delete_refused")) or DeleteRefused.FAIL),
        limits=_limits(root.get("limits")),
    )


def build_account(node: Mapping, file: str) -> DesiredAccount:
    """Build one account; from a node with errors, only what is valid."""
    pairs = node.pairs
    values: dict[str, Value] = {}
    for name, flag in _FIELDS:
        if name in pairs:
            value = pairs[name][1]
            values[name] = _flag(value) if flag else text_of(value).strip()
    history = node.get("previously")
    status = _text(pairs, "status")
    start = node.start
    return DesiredAccount(
        values=values,
        status=Status(status) if status in _STATUSES else Status.ACTIVE,
        account_id=_text(pairs, "account_id").lower(),
        system_account=_text(pairs, "system_account"),
        previously=tuple(map(text_of, history.items)) if isinstance(history, Sequence) else (),
        protect="protect" in pairs and _flag(pairs["protect"][1]),
        source=Source(file, start.line, start.column),
    )


def _text(pairs: Pairs, key: str) -> str:
    return text_of(pairs[key][1]) if key in pairs else ""


def _flag(node: Node) -> bool:
    return bool(boolean(text_of(node)))


def _organisation(node: Node | None, file: str) -> OrganisationPin:
    if not isinstance(node, Mapping):
        return OrganisationPin()
    parts = {name: text_of(node.get(name)) for name in ORGANISATION_FIELDS}
    return OrganisationPin(**parts, source=Source(file, node.start.line, node.start.column))


def _limits(node: Node | None) -> Limits:
    pairs = node.pairs if isinstance(node, Mapping) else {}
    numbers = {name: whole(_text(pairs, name)) for name in LIMIT_MAXIMA}
    return Limits(**{name: number for name, number in numbers.items() if number is not None})
