"""A value that an account has → why a chart file cannot say it, where it cannot.

Xero holds accounts that its own rules refuse today: longer codes, types that are new,
characters that act on a terminal. The reader's own checks judge, so that nothing is
written that it would refuse.
"""

from __future__ import annotations

from xerosync.chartfile.problems import Report, quoted
from xerosync.chartfile.syntax.nodes import Mapping, Scalar, Sequence
from xerosync.chartfile.validate.characters import check_characters
from xerosync.chartfile.validate.structure import is_valid_account
from xerosync.model import FIELD, Value

_SOME_ID = "00000000-0000-0000-0000-000000000000"


def clean(value: Value) -> Value:
    """Give a value in the form in which it is written: one kind of line end."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def unsayable(key: str, value: Value) -> str:
    """Say why a file cannot give this field this value; "" when it can."""
    text = value if isinstance(value, str) else str(value).lower()
    node = _node(text, plain=not isinstance(value, str))
    name = _node(key, plain=True)
    account = Mapping({"account_id": (name, _node(_SOME_ID)), key: (name, node)}, 1, 1)
    if not is_valid_account(account):
        return _why(key, text)
    report = Report("", "")
    check_characters(Mapping({}, 1, 1), Sequence([account], 1, 1), report)
    return "it holds a control character" if report.count_errors() else ""


def organisation_part(text: str) -> str:
    """Give a part of the organisation's pin as it can be written; "" where it cannot."""
    name = _node("name", plain=True)
    root = Mapping(
        {"organisation": (name, Mapping({"name": (name, _node(text))}, 1, 1))}, 1, 1
    )  # fmt: skip
    report = Report("", "")
    check_characters(root, Sequence([], 1, 1), report)
    return "" if report.count_errors() or not text.strip() else text


def _why(key: str, text: str) -> str:
    field = FIELD.get(key)
    if field and field.max_length and len(text) > field.max_length:
        return f"it has {len(text)} characters, and {field.max_length} fit"
    if not text.strip():
        return "it is empty"
    return f"{quoted(text)} is not a {field.label if field else key} that a file can name"


def _node(text: str, *, plain: bool = False) -> Scalar:
    return Scalar(text, plain, 1, 1)
