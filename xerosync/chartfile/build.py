"""From the nodes of a valid file, build its chart, or the document to merge with its standards."""

from __future__ import annotations

from collections.abc import Iterable

from xerosync.chartfile.fields import LIMIT_MAXIMA, ORGANISATION_FIELDS
from xerosync.chartfile.syntax.nodes import (
    Mapping,
    Node,
    Pairs,
    Scalar,
    items_of,
    pairs_of,
    text_of,
)
from xerosync.chartfile.syntax.scalars import boolean, whole
from xerosync.desired import (
    DeleteRefused,
    DesiredAccount,
    DesiredChart,
    Limits,
    OrganisationPin,
    Source,
    Unmanaged,
)
from xerosync.model import FIELDS, Status, Value
from xerosync.organisations.standards.documents import Document, Entry, Kind, Override, Setting
from xerosync.plan.blocks.requirements import ARCHIVE_REQUIRES
from xerosync.usage import Requirement

_FIELDS = tuple((field.name, field.flag) for field in FIELDS)
_STATUSES = frozenset(Status)


def build(root: Mapping, accounts: tuple[DesiredAccount, ...], file: str) -> DesiredChart:
    """Return the chart of a valid file, with these accounts but without a `behaviour` report."""
    required = {text_of(node) for node in _items(root.get("archive_requires"))}
    given = pairs_of(root.get("limits"))
    numbers = {name: whole(_text(given, name)) for name in LIMIT_MAXIMA}
    return DesiredChart(
        file=file,
        accounts=accounts,
        organisation=organisation_of(root, file),
        unmanaged=Unmanaged(text_of(root.get("unmanaged")) or Unmanaged.KEEP),
        delete_refused=DeleteRefused(text_of(root.get("on_delete_refused")) or DeleteRefused.FAIL),
        limits=Limits(**{name: one for name, one in numbers.items() if one is not None}),
        tags=tuple(sorted({text_of(node) for node in _items(root.get("tags"))})),
        profile=text_of(root.get("profile")),
        archive_requires=tuple(one for one in Requirement if one in required),
    )


def kind_of_root(root: Mapping) -> Kind:
    """Return whether a file is a standard or the chart of an organisation."""
    return Kind.STANDARD if "standard" in root.pairs else Kind.ORGANISATION


def build_document(root: Mapping, chart: DesiredChart, nodes: Iterable[Mapping]) -> Document:
    """Return the document of a valid file; `nodes` are the nodes of its accounts."""
    file = chart.file
    pairs = zip(chart.accounts, nodes, strict=True)
    return Document(
        file=file,
        kind=kind_of_root(root),
        chart=chart,
        name=_text(pairs_of(root.get("standard")), "name"),
        entries=tuple(_entry(account, node) for account, node in pairs),
        overrides=tuple(
            _override(node, file)
            for node in items_of(root.get("overrides"))
            if isinstance(node, Mapping)
        ),
        take=_texts(root.get("take"), file),
        extends=_texts(root.get("extends"), file),
        tax_types=_tax_types(root.get("tax_types"), file),
        initial={s.value: s.place for s in _texts(root.get("initial"), file)},
        tags={s.value: s.place for s in _texts(root.get("tags"), file)},
        settings=_settings(root, file),
        limits_reason=_one_line(_text(pairs_of(root.get("limits")), "reason")),
    )


def build_account(node: Mapping, file: str) -> DesiredAccount:
    """Return the account of a node. Errors in the node were already reported."""
    pairs = node.pairs
    values: dict[str, Value] = {}
    for name, flag in _FIELDS:
        if name in pairs:
            value = pairs[name][1]
            values[name] = _flag(value) if flag else text_of(value).strip()
    status = _text(pairs, "status")
    start = node.start
    return DesiredAccount(
        values=values,
        status=Status(status) if status in _STATUSES else Status.ACTIVE,
        account_id=_text(pairs, "account_id").lower(),
        system_account=_text(pairs, "system_account"),
        previously=tuple(map(text_of, items_of(node.get("previously")))),
        protect="protect" in pairs and _flag(pairs["protect"][1]),
        source=Source(file, start.line, start.column),
        archive_waiver=_one_line(_text(pairs_of(node.get("waive")), ARCHIVE_REQUIRES)),
    )


def _entry(account: DesiredAccount, node: Mapping) -> Entry:
    pairs, file = node.pairs, account.source.file
    waives = pairs_of(node.get("waive"))
    return Entry(
        account=account,
        places={name: _place(key, value, file) for name, (key, value) in pairs.items()},
        flags={
            name: _flag(pairs[name][1]) for name in ("optional", "overridable") if name in pairs
        },
        waives={rule: _place(key, key, file) for rule, (key, _) in waives.items()},
    )


def _override(node: Mapping, file: str) -> Override:
    pairs = node.pairs
    target = pairs["standard"]
    return Override(
        target=text_of(target[1]),
        place=_place(*target, file),
        entry=_entry(build_account(node, file), node),
        omit="omit" in pairs and _flag(pairs["omit"][1]),
        keep={setting.value: setting.place for setting in _texts(node.get("keep"), file)},
        reason=_one_line(_text(pairs, "reason")),
    )


def _place(key: Node, value: Node, file: str) -> Source:
    node = value if isinstance(value, Scalar) else key
    return Source(file, node.line, node.column)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _items(node: Node | None) -> list[Node]:
    return [node] if isinstance(node, Scalar) else items_of(node)


def _texts(node: Node | None, file: str) -> tuple[Setting[str], ...]:
    return tuple(
        Setting(text_of(item).strip(), Source(file, item.line, item.column))
        for item in _items(node)
        if text_of(item).strip()
    )


def _tax_types(node: Node | None, file: str) -> dict[str, dict[str, Setting[str]]]:
    return {
        name: {
            country: Setting(text_of(value).strip(), _place(key, value, file))
            for country, (key, value) in pairs_of(codes).items()
        }
        for name, (_, codes) in pairs_of(node).items()
    }


def _settings(root: Mapping, file: str) -> dict[str, Setting[str | int]]:
    """Return the file's settings by name, such as `unmanaged` and `limits.archives`."""
    found: dict[str, Setting[str | int]] = {}
    for name in ("unmanaged", "on_delete_refused", "behaviour"):
        if name in root.pairs:
            key, value = root.pairs[name]
            found[name] = Setting(text_of(value), _place(key, value, file))
    for node in _items(root.get("archive_requires")):
        if text_of(node) in set(Requirement):
            place = Source(file, node.line, node.column)
            found[f"archive_requires.{text_of(node)}"] = Setting("required", place)
    for name, (key, value) in pairs_of(root.get("limits")).items():
        number = whole(text_of(value))
        if name in LIMIT_MAXIMA and number is not None:
            found[f"limits.{name}"] = Setting(number, _place(key, value, file))
    return found


def _text(pairs: Pairs, key: str) -> str:
    return text_of(pairs[key][1]) if key in pairs else ""


def _flag(node: Node) -> bool:
    return bool(boolean(text_of(node)))


def organisation_of(root: Node | None, file: str) -> OrganisationPin:
    """Return the organisation that a file names, even if the file is invalid."""
    node = root.get("organisation") if isinstance(root, Mapping) else None
    if not isinstance(node, Mapping):
        return OrganisationPin()
    parts = {name: text_of(node.get(name)) for name in ORGANISATION_FIELDS}
    return OrganisationPin(**parts, source=Source(file, node.start.line, node.start.column))
