"""A chart file or CSV with values of wrong types is read or refused, and nothing crashes."""

from __future__ import annotations

import csv
import io
import json
from contextlib import suppress
from typing import Any

from fakes import FakeLedger
from hypothesis import given, settings
from hypothesis import strategies as st
from plan.saved.test_wrong_types import changed, variants

from xerosync.chartfile.csv.read import parse_csv
from xerosync.chartfile.load import parse
from xerosync.errors import XerosyncError
from xerosync.plan.build import build
from xerosync.plan.saved.serialize import digest_of

CHART: dict[str, Any] = {
    "version": 1,
    "organisation": {"name": "Demo Company (NZ)", "tenant_id": "tenant-1"},
    "unmanaged": "keep",
    "limits": {"archives": 5, "change_percent": 30},
    "lint": {"required_fields": ["name"], "name_pattern": "[A-Z].*", "severity": {},
             "code_ranges": {"EXPENSE": ["400-499", "505"]}, "required_accounts": ["404"]},
    "accounts": [
        {"code": "404", "name": "Bank Charges", "type": "EXPENSE", "tax_type": "INPUT2",
         "previously": ["402"], "protect": True, "show_in_expense_claims": False},
        {"account_id": "297c2dc5-cc47-4afd-8ec8-74990b8761e9", "name": "Sales", "status": "ACTIVE",
         "description": None},
        {"system_account": "GST", "name": "GST"},
    ],
}  # fmt: skip
HEAD = [
    "*Code", "*Name", "*Type", "*Tax Code", "Description", "Dashboard", "Expense Claims",
    "Enable Payments", "Balance",
]  # fmt: skip
ROW = ["200", "Sales", "Revenue", "15% GST on Income", "Income", "No", "No", "No", "1.0"]

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["9" * 5000, "\x00", "\u202e", "=cmd|' /C calc'!A0", "*", 10**400])
)  # fmt: skip
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


def test_the_chart_that_is_changed_is_valid() -> None:
    assert parse(json.dumps(CHART), "accounts.yaml").chart.accounts


@settings(max_examples=150)
@given(st.sampled_from(list(variants(CHART))), anything)
def test_any_value_in_a_chart_file_is_read_or_refused(at: tuple[Any, ...], value: object) -> None:
    text = json.dumps(changed(CHART, at, value), ensure_ascii=False)
    with suppress(XerosyncError):
        loaded = parse(text, "accounts.yaml")
        assert digest_of([build(FakeLedger().chart(), loaded.chart)])


@settings(max_examples=100)
@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_are_a_chart_file_or_refused(data: bytes) -> None:
    with suppress(XerosyncError):
        parse(b"version: 1\n" + data, "accounts.yaml")
    with suppress(XerosyncError):
        parse_csv(",".join(HEAD).encode() + b"\n" + data, "chart.csv")


@settings(max_examples=150)
@given(
    st.integers(0, 1), st.integers(0, len(ROW)), st.text(max_size=9) | scalars.map(str),
)  # fmt: skip
def test_any_cell_in_a_csv_is_read_or_refused(row: int, column: int, value: str) -> None:
    rows = [list(HEAD), list(ROW), list(ROW)]
    rows[row][column : column + 1] = [value]
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    with suppress(XerosyncError):
        parse_csv(out.getvalue().encode("utf-8", "surrogatepass"), "chart.csv")
