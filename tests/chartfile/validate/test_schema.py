"""The published schema follows the field table, explains the format, and decides what is valid."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xerosync.chartfile.fields import (
    ACCOUNT_FIELDS,
    IDENTITIES,
    INITIAL,
    KEPT,
    LIMIT_FIELDS,
    LIMIT_MAXIMA,
    LINT_FIELDS,
    ORGANISATION_FIELDS,
    ORGANISATION_IDENTITIES,
    OVERRIDE_FIELDS,
    SECTIONS,
    STANDARD_FIELDS,
    plain,
)
from xerosync.chartfile.lint.pattern import MAX_LENGTH
from xerosync.chartfile.lint.rules import LINT_RULES, WAIVERS, Severity
from xerosync.chartfile.problems import Report
from xerosync.chartfile.schema import schema, schema_text
from xerosync.chartfile.syntax.nodes import Mapping, Node, Scalar, Sequence
from xerosync.chartfile.validate.structure import check_part, check_structure
from xerosync.desired import DeleteRefused, Limits, Unmanaged
from xerosync.errors import ChartError
from xerosync.model import (
    BANK_ACCOUNT_TYPES,
    CLASS_OF_TYPE,
    FIELDS,
    SYSTEM_ACCOUNTS,
    AppliesTo,
    Status,
)

SCHEMA = schema()
ROOT: dict[str, Any] = SCHEMA["properties"]
ACCOUNT: dict[str, Any] = SCHEMA["$defs"]["account"]
STANDARD: dict[str, Any] = SCHEMA["$defs"]["standard_account"]
OVERRIDE: dict[str, Any] = SCHEMA["$defs"]["override"]
FIELD: dict[str, Any] = ACCOUNT["properties"]
NO_DEFAULT = re.compile(
    r"override\.(code|name|type|standard)|name|type|organisation|lint\.name_pattern"
    r"|code_ranges\..*|waive\..*|.*\[\]|standard|standard\.(name|type)|extends|limits\.reason"
    r"|behaviour|tax_types\.\*|tax_types\.\*\.\*",
    re.DOTALL,
)
"""They have no default: an account always has a name and a type, a file its organisation."""


def fields() -> Iterator[tuple[str, dict[str, Any]]]:
    yield from ROOT.items()
    yield from ((f"organisation.{k}", v) for k, v in ROOT["organisation"]["properties"].items())
    yield from ((f"limits.{k}", v) for k, v in ROOT["limits"]["properties"].items())
    lint = ROOT["lint"]["properties"]
    yield from ((f"lint.{k}", v) for k, v in lint.items())
    for section in ("severity", "code_ranges"):
        yield from ((f"{section}.{k}", v) for k, v in lint[section]["properties"].items())
    for section in ("required_fields", "required_accounts", "forbidden_accounts"):
        yield f"{section}[]", lint[section]["items"]
    for section in ("tags", "extends", "initial", "take"):
        yield f"{section}[]", ROOT[section]["items"]
    (code,) = ROOT["tax_types"]["additionalProperties"]["patternProperties"].values()
    yield "tax_types.*", ROOT["tax_types"]["additionalProperties"]
    yield "tax_types.*.*", code
    yield from ((f"standard.{k}", v) for k, v in ROOT["standard"]["properties"].items())
    yield from ((f"standard.{k}", v) for k, v in STANDARD["properties"].items())
    yield from ((f"override.{k}", v) for k, v in OVERRIDE["properties"].items())
    yield "keep[]", OVERRIDE["properties"]["keep"]["items"]
    yield from FIELD.items()
    yield from ((f"waive.{k}", v) for k, v in FIELD["waive"]["properties"].items())
    yield "previously[]", FIELD["previously"]["items"]


def test_the_schema_is_json_schema_2020_12() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["$id"] == "urn:xerosync:schema:accounts:1"


def test_the_schema_is_the_file_in_the_repository() -> None:
    path = Path(__file__).parents[3] / "schema" / "accounts.schema.json"
    assert schema_text() == path.read_text("utf-8")


def test_the_fields_of_the_schema_are_those_of_the_table() -> None:
    assert tuple(FIELD) == ACCOUNT_FIELDS
    assert [name for name in FIELD if name in {f.name for f in FIELDS}] == [f.name for f in FIELDS]
    assert tuple(STANDARD["properties"]) == STANDARD_FIELDS
    assert tuple(OVERRIDE["properties"]) == OVERRIDE_FIELDS
    assert tuple(ROOT["initial"]["items"]["enum"]) == INITIAL
    assert tuple(OVERRIDE["properties"]["keep"]["items"]["enum"]) == KEPT
    assert tuple(ROOT) == SECTIONS
    assert tuple(ROOT["organisation"]["properties"]) == ORGANISATION_FIELDS
    limits = ROOT["limits"]["properties"]
    assert tuple(limits) == LIMIT_FIELDS
    assert {k: v["maximum"] for k, v in limits.items() if k != "reason"} == LIMIT_MAXIMA
    assert tuple(ROOT["lint"]["properties"]) == LINT_FIELDS


def test_the_lint_rules_of_the_schema_are_those_of_the_program() -> None:
    lint = ROOT["lint"]["properties"]
    said = {k: v["default"] for k, v in lint["severity"]["properties"].items()}
    assert said == {rule.id: rule.severity for rule in LINT_RULES}
    assert all(v["enum"] == list(Severity) for v in lint["severity"]["properties"].values())
    for rule in LINT_RULES:
        assert lint["severity"]["properties"][rule.id]["description"].startswith(rule.summary)
    assert tuple(FIELD["waive"]["properties"]) == WAIVERS
    assert tuple(lint["code_ranges"]["properties"]) == tuple(CLASS_OF_TYPE)
    assert lint["required_fields"]["items"]["enum"] == [f.name for f in FIELDS]
    assert lint["name_pattern"]["maxLength"] == MAX_LENGTH
    assert {rule.setting for rule in LINT_RULES} - {""} == set(LINT_FIELDS) - {"severity"}


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_each_field_has_the_limits_of_the_table(field: Any) -> None:
    said = FIELD[field.name]
    assert said.get("maxLength", 0) == field.max_length
    assert ("boolean" in said["type"]) == field.flag
    assert tuple(c for c in said.get("enum", ()) if c) == field.choices


def test_the_enums_of_the_schema_are_those_of_the_model() -> None:
    assert FIELD["type"]["enum"] == list(CLASS_OF_TYPE)
    assert FIELD["bank_account_type"]["enum"] == [*BANK_ACCOUNT_TYPES, "", None]
    assert FIELD["system_account"]["enum"] == [*SYSTEM_ACCOUNTS, "", None]
    assert FIELD["status"]["enum"] == list(Status)
    assert ROOT["unmanaged"]["enum"] == list(Unmanaged)
    assert ROOT["on_delete_refused"]["enum"] == list(DeleteRefused)
    assert [a["required"][0] for a in ACCOUNT["anyOf"]] == list(IDENTITIES)
    assert [a["required"][0] for a in STANDARD["anyOf"]] == ["code", "system_account", "name"]
    organisation = ROOT["organisation"]["anyOf"]
    assert [a["required"][0] for a in organisation] == list(ORGANISATION_IDENTITIES)


def test_the_fields_of_bank_accounts_and_of_others_are_those_of_the_table() -> None:
    banks, others = ACCOUNT["allOf"]
    of = {kind: {f.name for f in FIELDS if f.applies_to is kind} for kind in AppliesTo}
    assert set(banks["then"]["properties"]) == of[AppliesTo.NOT_BANK]
    assert set(others["then"]["properties"]) == of[AppliesTo.BANK]
    assert set(others["if"]["properties"]["type"]["enum"]) == set(CLASS_OF_TYPE) - {"BANK"}


def test_the_defaults_of_the_schema_are_those_of_the_model() -> None:
    assert ROOT["limits"]["default"] == {
        "archives": Limits().archives,
        "change_percent": Limits().change_percent,
        "deletes": Limits().deletes,
        "organisations": Limits().organisations,
    }
    limits = ROOT["limits"]["properties"]
    assert {k: v["default"] for k, v in limits.items() if k != "reason"} == (
        ROOT["limits"]["default"]
    )
    assert FIELD["status"]["default"] == Status.ACTIVE
    assert ROOT["unmanaged"]["default"] == Unmanaged.KEEP


@pytest.mark.parametrize(
    ("name", "said"), list(fields()), ids=lambda v: v if isinstance(v, str) else ""
)
def test_each_field_is_described_with_an_example_and_a_default(
    name: str, said: dict[str, Any]
) -> None:
    assert re.fullmatch(r"[\w:].*\.", said["description"])
    assert said["examples"]
    judge = jsonschema.Draft202012Validator(SCHEMA).evolve(schema=said)
    for value in said["examples"]:
        judge.validate(value)
    assert ("default" in said) == (not NO_DEFAULT.fullmatch(name))
    if "default" in said:
        judge.validate(said["default"])


# Without control characters and final line breaks, which Python's regular expressions take
# differently from those of JSON Schema (ECMA-262).
TEXTS = st.sampled_from(
    ["", " ", "200", "090", "12345678901", "x" * 151, "x" * 4001, "BANK", "REVENUE", "bank", "GST",
     "NZD", "nzd", "PAYPAL", "NONE", "ACTIVE", "DELETED", "true", "True", "yes", "null",
     "~", "297c2dc5-cc47-4afd-8ec8-74990b8761e9", "keep",
     "archive", "fail", "0", "1", "5", "05", "100", "101", "-1", "-0", "100001", "1" * 30, "\u00a0",
     "\u200b", "1.0", "1_0", "error", "warn", "off", "200-299", "description", "x" * 201],
)  # fmt: skip
SCALARS = st.builds(Scalar, TEXTS, st.booleans(), st.just(1), st.just(1))
VALUES: st.SearchStrategy[Node] = st.one_of(
    SCALARS,
    SCALARS,
    SCALARS,
    st.lists(SCALARS, max_size=2).map(lambda items: Sequence(list(items), 1, 1)),
    st.just(Mapping({}, 1, 1)),
)
KEY = Scalar("", plain=True, line=1, column=1)


def mapping(keys: tuple[str, ...], values: st.SearchStrategy[Node], most: int) -> Any:
    return st.dictionaries(st.sampled_from(keys), values, max_size=most).map(
        lambda pairs: Mapping({k: (KEY, v) for k, v in pairs.items()}, 1, 1)
    )


RIGHT = {
    "code": ["200", ""], "name": ["Sales"], "type": ["BANK", "REVENUE"], "description": ["x", "~"],
    "currency_code": ["NZD"], "bank_account_type": ["PAYPAL", ""], "status": ["ARCHIVED"],
    "system_account": ["GST"], "protect": ["true"], "add_to_watchlist": ["False", "null"],
    "show_in_expense_claims": ["TRUE"], "note": [""], "account_id": [""],
}  # fmt: skip
LIKELY = st.fixed_dictionaries(
    {},
    optional={
        key: st.sampled_from(texts).map(lambda text: Scalar(text, plain=True, line=1, column=1))
        for key, texts in RIGHT.items()
    },
).map(lambda pairs: Mapping({k: (KEY, cast("Node", v)) for k, v in pairs.items()}, 1, 1))
WAIVING = mapping(("waive", "name"), mapping((*WAIVERS, "unused-waiver"), SCALARS, 2), 2)
ACCOUNTS = st.one_of(LIKELY, WAIVING, mapping((*ACCOUNT_FIELDS, "typ"), VALUES, 4), VALUES)


JUDGE = jsonschema.Draft202012Validator(SCHEMA)
"""A second implementation of JSON Schema."""


@settings(max_examples=500)
@given(ACCOUNTS)
def test_a_second_validator_agrees_on_accounts(node: Node) -> None:
    judge, report = JUDGE.evolve(schema=ACCOUNT), Report("f", "")
    check_part("account", node, report)
    assert (report.count_errors() == 0) == judge.is_valid(plain(node))


LISTS = st.lists(SCALARS, max_size=2).map(lambda items: Sequence(list(items), 1, 1))
POLICIES = mapping(
    (*LINT_FIELDS, "x"),
    st.one_of(
        LISTS,
        VALUES,
        mapping(("code-range", "idle-rule", "x"), SCALARS, 2),
        mapping(("REVENUE", "BANK", "x"), st.one_of(SCALARS, LISTS, VALUES), 2),
    ),
    3,
)
OVERRIDES = mapping((*OVERRIDE_FIELDS, "x"), st.one_of(VALUES, LISTS), 4)
HEADS = mapping(
    (*SECTIONS, "x"),
    st.one_of(
        VALUES,
        LISTS,
        mapping(("name", "x"), SCALARS, 2),
        mapping(("sales", "x"), st.one_of(VALUES, mapping(("NZ", "nz"), VALUES, 2)), 2),
        st.lists(OVERRIDES, max_size=2).map(lambda items: Sequence(list(items), 1, 1)),
        mapping((*ORGANISATION_FIELDS, "x"), VALUES, 3),
        mapping((*LIMIT_MAXIMA, "x"), VALUES, 3),
        POLICIES,
    ),
    6,
)
RIGHT_HEADS = st.fixed_dictionaries(
    {
        "version": st.just(Scalar("1", plain=True, line=1, column=1)),
        "accounts": st.just(Sequence([], 1, 1)),
    },
    optional={
        "organisation": mapping(ORGANISATION_FIELDS, VALUES, 3),
        "standard": mapping(("name",), SCALARS, 1),
        "extends": st.one_of(SCALARS, LISTS),
        "overrides": st.lists(OVERRIDES, max_size=2).map(lambda o: Sequence(list(o), 1, 1)),
        "limits": mapping((*LIMIT_MAXIMA,), VALUES, 3),
        "unmanaged": SCALARS,
        "lint": POLICIES,
    },
).map(lambda pairs: Mapping({k: (KEY, cast("Node", v)) for k, v in pairs.items()}, 1, 1))


def test_a_lone_surrogate_is_validated_like_other_text() -> None:
    """A YAML file cannot contain one, but a Xero account can."""
    lone = Scalar("\ud800", plain=False, line=1, column=1)
    report = Report("f", "")
    check_part("account", Mapping({"code": (KEY, lone)}, 1, 1), report)
    assert report.count_errors() == 0
    check_structure(Mapping({"\ud800": (lone, lone)}, 1, 1), [], report)
    assert report.count_errors() == 4


@settings(max_examples=500)
@given(st.one_of(HEADS, RIGHT_HEADS), st.lists(ACCOUNTS, max_size=3))
def test_whatever_the_schema_rejects_is_reported(root: Mapping, nodes: list[Node]) -> None:
    """No error of the schema is lost on the way to our messages."""
    listed = root.get("accounts")
    if isinstance(listed, Sequence):
        listed.items[:] = nodes
    else:
        nodes = []
    report = Report("f", "")
    check_structure(root, nodes, report)
    assert bool(report.count_errors()) == (not JUDGE.is_valid(plain(root)))
    if report.count_errors():
        with pytest.raises(ChartError):
            report.close()
