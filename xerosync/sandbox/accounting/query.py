"""The ``where`` and ``order`` of a query: which elements to return, in which order.

Supports what Xero documents of its filter language, as far as accounts need it: ``==``
and ``!=`` (also ``=`` and ``<>``), AND, OR, ``&&``, ``||``, brackets, texts in double
quotes, true, false, null, ``Guid("…")``, and the methods Contains, StartsWith and
EndsWith. Anything else is Xero's QueryParseException. Texts are compared with their case.

An expression is rewritten in Python's syntax, parsed by Python and evaluated here, which
accepts only the nodes that Xero's language has.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from xerosync.sandbox.http.messages import BadRequest, Request

Element = Mapping[str, Any]
Test = Callable[[Element], bool]

TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<sign>==|!=|<>|=|&&|\|\||[().])|(?P<word>\w+))"""
)
PYTHON = {"=": "==", "<>": "!=", "&&": "and", "||": "or", "and": "and", "or": "or"}
PYTHON |= {"true": "True", "false": "False", "null": "None"}
METHODS: Mapping[str, Callable[[str, str], bool]] = {
    "contains": str.__contains__,
    "startswith": str.startswith,
    "endswith": str.endswith,
}
DIRECTIONS = {"": False, "ASC": False, "ASCENDING": False, "DESC": True, "DESCENDING": True}


class QueryError(BadRequest):
    """The query cannot be understood."""

    number = 16
    type = "QueryParseException"


class Query:
    """The queries of one type of element, such as ``Account``, which has these fields."""

    def __init__(self, element: str, fields: Iterable[str]) -> None:
        self._element = element
        self._names = {name.lower(): name for name in fields}

    def select(self, elements: Sequence[Element], request: Request) -> list[Element]:
        """Return the elements that a request selects, in the order that it asks for."""
        parameters = request.parameters()
        chosen = list(elements)
        if where := parameters.get("where", "").strip():
            test = self._test(_parsed(where))
            chosen = [each for each in chosen if test(each)]
        for term in reversed(parameters.get("order", "").split(",")):
            if term.strip():
                self._sort(chosen, *term.split())
        return chosen

    def _sort(self, elements: list[Element], word: str, *directions: str) -> None:
        name = self._field(word)
        direction = " ".join(directions).upper()
        if direction not in DIRECTIONS:
            raise QueryError(f"Syntax error near {direction!r}")
        elements.sort(key=lambda each: str(each.get(name, "")), reverse=DIRECTIONS[direction])

    def _field(self, word: str) -> str:
        if word.lower() not in self._names:
            raise QueryError(f"No property or field '{word}' exists in type '{self._element}'")
        return self._names[word.lower()]

    def _test(self, node: ast.expr) -> Test:
        """Return the test of an element that an expression describes."""
        match node:
            case ast.BoolOp(operator, values):
                tests = [self._test(value) for value in values]
                combine = all if isinstance(operator, ast.And) else any
                return lambda element: combine(test(element) for test in tests)
            case ast.Compare(ast.Name(word), [ast.Eq() | ast.NotEq() as operator], [right]):
                name, value = self._field(word[1:]), _literal(right)
                equal = isinstance(operator, ast.Eq)
                return lambda element: _same(element.get(name), value) is equal
            case ast.Call(ast.Attribute(ast.Name(word), method), [ast.Constant(str() as part)]):
                name, compare = self._field(word[1:]), METHODS.get(method[1:].lower())
                if compare is None:
                    text = f"No applicable method '{method[1:]}' exists in type 'String'"
                    raise QueryError(text)
                return lambda element: compare(str(element.get(name) or ""), part)
        raise QueryError("Syntax error in a comparison")


def _parsed(where: str) -> ast.expr:
    """Parse an expression as Python; words get a ``_``, so that none is a keyword of Python."""
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
        else:
            words.append(PYTHON.get(token.lower(), f"_{token}" if kind == "word" else token))
    try:
        return ast.parse(" ".join(words), mode="eval").body
    except (SyntaxError, MemoryError, RecursionError) as error:
        raise QueryError("Syntax error in the expression") from error


def _literal(node: ast.expr) -> str | bool | None:
    match node:
        case ast.Constant(str() | bool() | None as value):
            return value
        case ast.Call(ast.Name(word), [ast.Constant(str() as value)]) if word.lower() == "_guid":
            return value.lower()
    raise QueryError("Syntax error in a comparison: the right side is not a value")


def _same(held: object, value: str | bool | None) -> bool:
    """Whether a field equals a literal; an absent field equals null and ``""``."""
    return held is value if isinstance(value, bool) else (held or None) == (value or None)
