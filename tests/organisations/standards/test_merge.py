"""Laws of merging that hold for all standards and overlays."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from xerosync.desired import DesiredAccount, DesiredChart, OrganisationPin, Source
from xerosync.organisations.standards.documents import (
    Document,
    Entry,
    Finding,
    Kind,
    Override,
    Setting,
)
from xerosync.organisations.standards.inherited import Standard, combine
from xerosync.organisations.standards.merge import MergedChart, Merger
from xerosync.organisations.standards.overrides import extend

NAMES = ("Sales", "Bank Charges", "Rent", "Insurance", "Freight")
TEXTS = st.sampled_from(["", "One", "Two"])


def entry(file: str, line: int, /, **fields: object) -> Entry:
    """Return an entry in which each field has a column of its own."""
    places = {name: Source(file, line, 10 * at) for at, name in enumerate(fields, start=1)}
    former: Any = fields.pop("previously", ())
    previously = tuple(map(str, former))
    flags = {name: bool(fields.pop(name)) for name in ("optional",) if name in fields}
    own = {name: str(fields.pop(name)) for name in ("status", "account_id") if name in fields}
    account = DesiredAccount(
        values=fields,  # type: ignore[arg-type]
        source=Source(file, line, 5),
        previously=previously,
        **own,  # type: ignore[arg-type]
    )
    return Entry(account, places, flags)


def standard(file: str, *entries: Entry, **fields: object) -> Document:
    return Document(file, Kind.STANDARD, DesiredChart(file, ()), file, entries, **fields)  # type: ignore[arg-type]


def overlay(*entries: Entry, **fields: object) -> Document:
    chart = DesiredChart("acme.yaml", (), OrganisationPin(name="Acme", country="NZ"))
    return Document("acme.yaml", Kind.ORGANISATION, chart, "", entries, **fields)  # type: ignore[arg-type]


def made(*documents: Document) -> Standard:
    """Return what the standards say, each of them extending the one before."""
    found = Standard()
    for document in documents:
        found, _ = extend(found, document)
    return found


def merge(document: Document, *parents: Standard) -> tuple[MergedChart, list[Finding]]:
    combined, found = combine(parents) if parents else (Standard(), ())
    merged, more = Merger(combined, ["Rimu"]).merge(document)
    return merged, [*found, *more]


def override(target: str, line: int = 6, /, reason: str = "Because", **fields: object) -> Override:
    omit, place = bool(fields.pop("omit", False)), Source("acme.yaml", line, 7)
    keep: Any = fields.pop("keep", ())
    kept = dict.fromkeys(map(str, keep), place)
    return Override(target, place, entry("acme.yaml", line, **fields), omit, kept, reason)


@st.composite
def documents(draw: st.DrawFn, file: str) -> Document:
    """Return a standard that says something of some of the same five accounts."""
    chosen = draw(st.lists(st.sampled_from(range(5)), unique=True, max_size=4))
    entries = []
    for line, number in enumerate(chosen, start=4):
        fields: dict[str, object] = {"code": str(200 + number)}
        fields |= draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "name": st.just(NAMES[number]),
                    "type": st.sampled_from(["EXPENSE", "OVERHEADS"]),
                    "description": TEXTS,
                    "tax_type": st.just("sales"),
                    "previously": st.sampled_from([(), (str(900 + number),)]),
                    "optional": st.booleans(),
                },
            )
        )
        entries.append(entry(file, line, **fields))
    initial = draw(st.sampled_from([{}, {"description": Source(file, 3, 1)}]))
    return standard(file, *entries, initial=initial)


WHOLE = [documents(f"{name}.yaml") for name in ("one", "two", "three")]
CODES = st.sampled_from([str(200 + n) for n in range(6)])
OVERRIDES = st.lists(
    st.builds(
        lambda code, fields, reason: override(code, 6 + int(code) % 10, reason=reason, **fields),
        CODES,
        st.sampled_from(
            [{"name": "Ours"}, {"omit": True}, {"keep": ("name",)}, {"type": "OVERHEADS"},
             {"account_id": "5f000000"}, {"previously": ("444",)}],
        ),
        st.sampled_from(["", " ", "Because"]),
    ),
    max_size=3,
    unique_by=lambda o: o.target,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(*WHOLE, OVERRIDES)
def test_parents_in_any_order_give_the_same_result(
    one: Document, two: Document, three: Document, overrides: list[Override]
) -> None:
    base = made(one)
    parents = (base, made(one, two), made(three))
    document = overlay(overrides=tuple(overrides))
    results = [merge(document, *order) for order in permutations(parents)]
    first, found = results[0]
    for other, wrong in results[1:]:
        assert other.chart == first.chart
        assert {(f.rule, f.place) for f in wrong} == {(f.rule, f.place) for f in found}


@settings(max_examples=40, deadline=None)
@given(*WHOLE[:2])
def test_a_standard_that_is_inherited_by_two_paths_counts_once(
    one: Document, two: Document
) -> None:
    layer = made(one, two)
    document = overlay()
    assert merge(document, layer)[0].chart == merge(document, layer, made(one))[0].chart


@settings(max_examples=40, deadline=None)
@given(WHOLE[0])
def test_an_empty_overlay_is_the_standard(one: Document) -> None:
    merged, _ = merge(overlay(), made(one))
    by_place = {e.account.source: e for e in one.entries}
    assert [e.inherited for e in merged.chart.accounts] == list(by_place)
    for account in merged.chart.accounts:
        said = by_place[account.inherited]
        assert {**account.initial, **account.values} == said.account.values
        assert (account.previously, account.origins, account.reasons) == (
            said.account.previously, {}, (),
        )  # fmt: skip
        assert set(account.initial) <= set(one.initial)


@settings(max_examples=60, deadline=None)
@given(*WHOLE[:2], OVERRIDES)
def test_each_value_has_the_line_where_it_was_written(
    one: Document, two: Document, overrides: list[Override]
) -> None:
    merged, _ = merge(overlay(overrides=tuple(overrides)), made(one), made(two))
    written = {
        (place, name): e.stated()[name]
        for e in (*one.entries, *two.entries, *(o.entry for o in overrides))
        for name, place in e.places.items()
        if name in e.stated()
    }
    entries = {p: e.account.source for e in (*one.entries, *two.entries) for p in e.places.values()}
    entries |= {p: o.source for o in overrides for p in o.entry.places.values()}
    for account, full in zip(merged.chart.accounts, merged.accounts, strict=True):
        for name, value in {**account.initial, **account.values}.items():
            place = full.places[name]
            kept = name in account.initial and place.file == "acme.yaml"
            assert kept or written[place, name] == value
            if not kept:
                assert account.origins.get(name, account.source) in (place, entries[place])


@settings(max_examples=60, deadline=None)
@given(WHOLE[0], OVERRIDES)
def test_an_override_without_a_reason_is_never_merged_quietly(
    one: Document, overrides: list[Override]
) -> None:
    document = overlay(overrides=tuple(overrides))
    merged, found = merge(document, made(one))
    plain, _ = merge(overlay(), made(one))
    silent = [replace(a, account_id="", previously=()) for a in merged.chart.accounts]
    before = [replace(a, account_id="", previously=()) for a in plain.chart.accounts]
    differs = [a for a in silent if replace(a, source=a.inherited, origins={}) not in before]
    assert all(account.reasons for account in differs)
    told = {f.place for f in found if f.rule == "override-without-reason"}
    reasons = {o.place for o in overrides if not o.reason.strip()}
    known = {e.account.code for e in one.entries}
    expected = {
        o.place
        for o in overrides
        if o.place in reasons
        and o.target in known
        and (o.omit or o.keep or {"name", "type"} & o.entry.places.keys())
    }
    assert told == expected


RATES = {
    "sales": {
        "NZ": Setting("OUTPUT2", Source("one.yaml", 2, 1)),
        "AU": Setting("OUTPUT", Source("one.yaml", 2, 9)),
    }
}


def test_the_tax_types_that_a_layer_defines_replace_those_of_the_standard() -> None:
    chart = standard(
        "one.yaml", entry("one.yaml", 4, code="200", name="Sales", tax_type="sales"),
        tax_types=RATES,
    )  # fmt: skip
    layer = standard(
        "two.yaml", tax_types={"sales": {"NZ": Setting("NONE", Source("two.yaml", 2, 1))}}
    )
    for parents in ([made(chart, layer)], [made(chart), made(chart, layer)]):
        merged, found = merge(overlay(), *parents)
        assert not found
        assert [account.text("tax_type") for account in merged.chart.accounts] == ["NONE"]


def test_the_country_decides_the_code_of_a_tax_type() -> None:
    chart = standard(
        "one.yaml", entry("one.yaml", 4, code="200", name="Sales", tax_type="sales"),
        tax_types=RATES,
    )  # fmt: skip
    merger = Merger(made(chart))
    found = []
    for country in ("NZ", "AU", "NZ"):
        document = overlay(entry("acme.yaml", 9, code="1", name="Own", tax_type="sales"))
        pinned = replace(document.chart, organisation=OrganisationPin(country=country))
        merged, _ = merger.merge(replace(document, chart=pinned))
        found.append([account.text("tax_type") for account in merged.chart.accounts])
    assert found == [["OUTPUT2"] * 2, ["OUTPUT"] * 2, ["OUTPUT2"] * 2]


def test_an_own_account_beats_an_inherited_former_code() -> None:
    chart = standard(
        "one.yaml", entry("one.yaml", 4, code="404", name="Fees", previously=("402", "403"))
    )
    merged, found = merge(overlay(entry("acme.yaml", 9, code="402", name="Own")), made(chart))
    assert not found
    assert [account.previously for account in merged.chart.accounts] == [("403",), ()]


def test_an_override_that_frees_a_code_lets_an_own_account_have_it() -> None:
    chart = standard("one.yaml", entry("one.yaml", 4, code="404", name="Fees"))
    own = entry("acme.yaml", 9, code="404", name="Own")
    for way_out in (override("404", code="4040"), override("404", omit=True)):
        merged, found = merge(overlay(own, overrides=(way_out,)), made(chart))
        assert not found
        assert merged.chart.accounts[-1].code == "404"
    _, found = merge(overlay(own), made(chart))
    assert [(f.rule, f.place) for f in found] == [
        ("account-in-standard", Source("acme.yaml", 9, 10))
    ]


def test_a_layer_that_frees_a_code_lets_another_account_have_it() -> None:
    """The other parent still has the old code, which the override has replaced."""
    chart = made(standard("one.yaml", entry("one.yaml", 4, code="404", name="Fees")))
    moved = replace(override("404", code="4040"), entry=entry("two.yaml", 6, code="4040"))
    layer = standard("two.yaml", entry("two.yaml", 9, code="404", name="Other"), overrides=(moved,))
    both, found = extend(chart, layer)
    merged, more = merge(overlay(), chart, both)
    assert not found
    assert not more
    assert {a.label for a in merged.chart.accounts} == {"4040 Fees", "404 Other"}


def test_an_override_of_an_initial_field_is_managed() -> None:
    chart = standard(
        "one.yaml", entry("one.yaml", 4, code="404", name="Fees", description="Theirs"),
        initial={"description": Source("one.yaml", 3, 1)},
    )  # fmt: skip
    merged, _ = merge(overlay(overrides=(override("404", description="Ours"),)), made(chart))
    (account,) = merged.chart.accounts
    assert (account.values["description"], dict(account.initial)) == ("Ours", {})


def test_an_optional_account_is_created_only_where_it_is_taken() -> None:
    chart = standard("one.yaml", entry("one.yaml", 4, code="615", name="Stock", optional=True))
    (left,) = merge(overlay(), made(chart))[0].chart.accounts
    take = (Setting("615", Source("acme.yaml", 5, 8)),)
    (taken,) = merge(overlay(take=take), made(chart))[0].chart.accounts
    assert (left.optional, taken.optional) == (True, False)
    assert replace(left, optional=False) == taken


def test_limits_may_be_wider_with_a_reason() -> None:
    wide = {"limits.archives": Setting(40, Source("acme.yaml", 5, 8))}
    extends = (Setting("one.yaml", Source("acme.yaml", 2, 1)),)
    parent = made(standard("one.yaml"))
    merged, found = merge(overlay(settings=wide, extends=extends, limits_reason="Messy"), parent)
    assert (merged.chart.limits.archives, found) == (40, [])
    _, found = merge(overlay(settings=wide, extends=extends), parent)
    assert [f.rule for f in found] == ["wider-limit"]


def test_two_overrides_without_a_pin_are_not_reported_as_having_the_same_pin() -> None:
    chart = standard(
        "one.yaml",
        entry("one.yaml", 4, code="404", name="Fees"),
        entry("one.yaml", 5, code="405", name="Rent"),
    )
    overrides = (override("404", 6, account_id=""), override("405", 7, account_id=""))
    assert merge(overlay(overrides=overrides), made(chart))[1] == []


def test_each_file_without_a_country_is_reported() -> None:
    """Accounts that two files share must not hide the finding of the second one."""
    chart = standard(
        "one.yaml", entry("one.yaml", 4, code="200", name="Sales", tax_type="sales"),
        tax_types=RATES,
    )  # fmt: skip
    merger = Merger(made(chart))
    document = overlay()
    nowhere = replace(document, chart=replace(document.chart, organisation=OrganisationPin()))
    for _ in range(2):
        assert [f.rule for f in merger.merge(nowhere)[1]] == ["missing-country"]


def test_each_file_of_a_country_without_a_code_is_reported() -> None:
    chart = standard(
        "one.yaml", entry("one.yaml", 4, code="200", name="Sales", tax_type="sales"),
        tax_types=RATES,
    )  # fmt: skip
    merger = Merger(made(chart))
    document = overlay()
    pin = OrganisationPin(country="GB")
    abroad = replace(document, chart=replace(document.chart, organisation=pin))
    for _ in range(2):
        assert [f.rule for f in merger.merge(abroad)[1]] == ["tax-type-not-for-country"]
