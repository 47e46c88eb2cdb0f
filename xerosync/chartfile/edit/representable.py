"""Values of accounts that a chart file cannot represent.

Xero may hold codes that are too long, unknown types, and characters that control a terminal. The
checks of chart files decide what can be represented, so no value is written that they would reject.
"""

from __future__ import annotations

from xerosync.chartfile.problems import Report
from xerosync.chartfile.syntax.nodes import Mapping, Scalar
from xerosync.chartfile.validate.characters import check_characters
from xerosync.chartfile.validate.structure import check_part
from xerosync.model import Value

_ANY_ID = "00000000-0000-0000-0000-000000000000"


def normalized(value: Value) -> Value:
    """Return a value with LF instead of CRLF as its line ends."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def why_not(key: str, value: Value) -> str:
    """Return why a chart file cannot hold a value in a field; "" if it can."""
    written = value if isinstance(value, str) else str(value).lower()
    fields = {"account_id": _scalar(_ANY_ID), key: _scalar(written, plain=isinstance(value, bool))}
    account, report = _mapping(fields), Report("", "")
    check_part("account", account, report)
    check_characters(Mapping({}, 1, 1), [account], report)
    errors = (one.message for one in report.all() if one.severity == "error")
    return next(errors, "").removesuffix(".")


def organisation_field(text: str) -> str:
    """Return the text of an organisation's field, "" if a chart file cannot hold it."""
    organisation, report = _mapping({"name": _scalar(text)}), Report("", "")
    root = Mapping({"organisation": (_scalar("organisation"), organisation)}, 1, 1)
    check_characters(root, [], report)
    return "" if not text.strip() or report.count_errors() else text


def _mapping(values: dict[str, Scalar]) -> Mapping:
    return Mapping({key: (_scalar(key), value) for key, value in values.items()}, 1, 1)


def _scalar(text: str, *, plain: bool = False) -> Scalar:
    return Scalar(text, plain, 1, 1)
