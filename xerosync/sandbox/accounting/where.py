"""Xero's filter language: the ``where`` parameter of a query.

The sandbox understands a part of .NET's Dynamic LINQ. Comparisons are ``==`` or ``=``, ``!=`` or
``<>``, ``>``, ``>=``, ``<`` and ``<=``. They are combined by AND or ``&&``, OR or ``||``, and
parentheses. Values are texts in double quotes, numbers, true, false, null, ``Guid("…")``, and
``DateTime(2026,6,1)`` with or without a time. Methods are Contains, StartsWith and EndsWith.

Both sides of a comparison must be of one kind: an id cannot be compared with a text (the issue
freakboy3742/pyxero#46). Null can be compared with any kind, but only by ``==`` and ``!=``.
Comparisons of text are case-sensitive. An absent field equals null, and an absent text also ``""``.

An expression is rewritten in Python's syntax and parsed by Python. It is never run as Python:
this module evaluates the syntax tree, and rejects any node that Xero's language does not have.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from xerosync.sandbox.http.messages import DATE, BadRequest

Element = Mapping[str, Any]

TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<number>\d+(?:\.\d+)?)|(?P<word>[^\W\d]\w*)"""
    r"""|(?P<sign>==|!=|<>|<=|>=|&&|\|\||[=<>().,-]))"""
)
PYTHON = {"=": "==", "<>": "!=", "&&": "and", "||": "or", "and": "and", "or": "or"}
PYTHON |= {"true": "True", "false": "False", "null": "None"}
METHODS: Mapping[str, Callable[[str, str], bool]] = {
    "contains": str.__contains__,
    "startswith": str.startswith,
    "endswith": str.endswith,
}
COMPARISONS: Mapping[type[ast.cmpop], tuple[str, Callable[[Any, Any], bool]]] = {
    ast.Eq: ("==", operator.eq),
    ast.NotEq: ("!=", operator.ne),
    ast.Lt: ("<", operator.lt),
    ast.LtE: ("<=", operator.le),
    ast.Gt: (">", operator.gt),
    ast.GtE: (">=", operator.ge),
}
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class QueryError(BadRequest):
    """The query cannot be understood."""

    number = 16
    type = "QueryParseException"


class ValueKind(StrEnum):
    """The kind of a value, with its name in Xero's messages."""

    TEXT = "String"
    NUMBER = "Decimal"
    FLAG = "Boolean"
    DATE = "DateTime"
    GUID = "Guid"
    NULL = "Object"


KINDS = {bool: "FLAG", int: "NUMBER", float: "NUMBER", type(None): "NULL"}
"""The kind of a literal, by its Python type. A literal of any other type is a text."""


@dataclass(frozen=True, slots=True)
class Operand:
    """A part of an expression. ``value`` computes its value for an element."""

    kind: ValueKind
    value: Callable[[Element], Any]


class Fields:
    """The fields of one type of element, such as ``Account``.

    ``names`` lists the fields of each kind: ``Fields("Currency", TEXT="Code Description")``.
    """

    def __init__(self, element: str, **names: str) -> None:
        self._element = element
        self._fields = {
            name.lower(): Operand(ValueKind[kind], _reader(name, ValueKind[kind]))
            for kind, listed in names.items()
            for name in listed.split()
        }

    def field(self, name: str) -> Operand:
        """Return the field with a name, ignoring case; raise ``QueryError`` if there is none."""
        if name.lower() not in self._fields:
            raise QueryError(f"No property or field '{name}' exists in type '{self._element}'")
        return self._fields[name.lower()]

    def test(self, where: str) -> Callable[[Element], bool]:
        """Return a function that tests an element. Raises ``QueryError`` if ``where`` is wrong."""
        try:
            return self._flag(_parsed(where))
        except (SyntaxError, MemoryError, RecursionError) as error:
            raise QueryError("Syntax error in the expression") from error

    def _flag(self, node: ast.expr) -> Callable[[Element], bool]:
        operand = self._operand(node)
        if operand.kind is not ValueKind.FLAG:
            raise QueryError("Expression of type 'Boolean' expected")
        return lambda element: operand.value(element) is True

    def _operand(self, node: ast.expr) -> Operand:
        match node:
            case ast.BoolOp(word, values):
                tests = [self._flag(value) for value in values]
                combine = all if isinstance(word, ast.And) else any
                return Operand(ValueKind.FLAG, lambda element: combine(t(element) for t in tests))
            case ast.Compare(left, [sign], [right]):
                return _comparison(self._operand(left), sign, self._operand(right))
            case ast.Call(ast.Name(word), arguments):
                return _made(word[1:], arguments)
            case ast.Call(ast.Attribute(text, method), [argument]):
                return _method(self._operand(text), method[1:], self._operand(argument))
            case ast.Name(word):
                return self.field(word[1:])
            case ast.Constant() | ast.UnaryOp():
                return _literal(node)
        raise QueryError("Syntax error in the expression")


def _parsed(where: str) -> ast.expr:
    """Parse an expression as Python. Names get the prefix ``_``, so that none is a keyword."""
    words: list[str] = []
    position, kind = 0, ""
    while position < len(where):
        match = TOKEN.match(where, position)
        if match is None or kind == match.lastgroup == "text":
            raise QueryError(f"Syntax error (at index {position})")
        position, kind = match.end(), str(match.lastgroup)
        token = match[kind]
        if kind == "text":
            words.append(repr(re.sub(r"\\(.)", r"\1", token[1:-1])))
        elif kind == "number":
            words.append(token.lstrip("0") or "0")
        else:
            words.append(PYTHON.get(token.lower(), f"_{token}" if kind == "word" else token))
    return ast.parse(" ".join(words), mode="eval").body


def _reader(name: str, kind: ValueKind) -> Callable[[Element], Any]:
    """Return a function that reads a field of an element as a value to compare."""

    def read(element: Element) -> Any:  # noqa: ANN401 it depends on the kind
        value = element.get(name)
        if kind is ValueKind.DATE and value:
            match = DATE.fullmatch(value)
            return int(match[1]) if match else None
        return None if value == "" else value

    return read


def _literal(node: ast.expr) -> Operand:
    try:
        value = ast.literal_eval(node)
    except ValueError as error:
        raise QueryError("Syntax error in the expression") from error
    kind = ValueKind[KINDS.get(type(value), "TEXT")]
    value = None if value == "" else value
    return Operand(kind, lambda _: value)


def _comparison(left: Operand, sign: ast.cmpop, right: Operand) -> Operand:
    name, compare = COMPARISONS[type(sign)]
    is_equality = isinstance(sign, ast.Eq | ast.NotEq)
    kinds = {left.kind, right.kind}
    if is_equality:
        kinds -= {ValueKind.NULL}
    if len(kinds) > 1 or (not is_equality and kinds & {ValueKind.FLAG, ValueKind.NULL}):
        raise QueryError(
            f"Operator '{name}' incompatible with operand types '{left.kind}' and '{right.kind}'"
        )

    def test(element: Element) -> bool:
        one, two = left.value(element), right.value(element)
        return (is_equality or None not in {one, two}) and compare(one, two)

    return Operand(ValueKind.FLAG, test)


def _method(text: Operand, method: str, argument: Operand) -> Operand:
    compare = METHODS.get(method.lower())
    if compare is None or {text.kind, argument.kind} != {ValueKind.TEXT}:
        raise QueryError(f"No applicable method '{method}' exists in type '{text.kind}'")
    return Operand(
        ValueKind.FLAG, lambda one: compare(text.value(one) or "", argument.value(one) or "")
    )


def _made(word: str, arguments: Sequence[ast.expr]) -> Operand:
    """Return the operand for ``Guid("…")`` or ``DateTime(…)``; else raise ``QueryError``."""
    values = [node.value for node in arguments if isinstance(node, ast.Constant)]
    if len(values) == len(arguments):
        match word.lower(), values:
            case "guid", [str(text)] if GUID.fullmatch(text):
                return Operand(ValueKind.GUID, lambda _: text.lower())
            case "datetime", [_, _, _] | [_, _, _, _, _, _] if {type(v) for v in values} == {int}:
                return _date(values)
    raise QueryError(f"No applicable constructor exists in type '{word}'")


def _date(numbers: Sequence[Any]) -> Operand:
    year, month, day, hour, minute, second = [*numbers, 0, 0, 0][:6]
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise QueryError("A DateTime has parameters that describe no date") from error
    milliseconds = round(moment.timestamp() * 1000)
    return Operand(ValueKind.DATE, lambda _: milliseconds)
