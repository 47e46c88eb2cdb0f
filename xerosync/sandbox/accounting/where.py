"""Turns the ``where`` and ``order`` of a query into a choice and an order of elements.

What Xero documents of its filter language, as far as an account has use for it:
``==`` and ``!=`` (``=`` and ``<>`` too), AND, OR, ``&&``, ``||``, brackets, texts in
double quotes, true, false, null, ``Guid("…")``, and the methods Contains, StartsWith
and EndsWith. Anything else is a ``QueryError``: Xero's QueryParseException, number 16.
Texts are compared with regard to case.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Element = Mapping[str, Any]
    Test = Callable[[Mapping[str, Any]], bool]

TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<sign>==|!=|<>|=|&&|\|\||[().])|(?P<word>\w+))"""
)
METHODS: Mapping[str, Callable[[str, str], bool]] = {
    "contains": str.__contains__,
    "startswith": str.startswith,
    "endswith": str.endswith,
}
LITERALS = {"true": True, "false": False, "null": None}
EQUAL = {"==": True, "=": True, "!=": False, "<>": False}
MAX_DEPTH = 50


class QueryError(ValueError):
    """The query cannot be understood; its text says why."""


class _Token(NamedTuple):
    kind: str
    text: str


def _tokens(query: str) -> list[_Token]:
    tokens = []
    position = 0
    query = query.rstrip()
    while position < len(query):
        match = TOKEN.match(query, position)
        if match is None:
            raise QueryError(f"Syntax error (at index {position})")
        kind = str(match.lastgroup)
        tokens.append(_Token(kind, match[kind]))
        position = match.end()
    return [*tokens, _Token("end", "")]


class _Parser:
    """Reads one expression by recursive descent: OR of ANDs of comparisons."""

    def __init__(self, query: str, names: Sequence[str], element: str) -> None:
        self._tokens = _tokens(query)
        self._at = 0
        self._depth = 0
        self._names = {name.lower(): name for name in names}
        self._element = element

    def parse(self) -> Test:
        test = self._either()
        self._take("end")
        return test

    def _peek(self) -> _Token:
        return self._tokens[self._at]

    def _next(self) -> _Token:
        token = self._tokens[self._at]
        self._at += token.kind != "end"
        return token

    def _take(self, kind: str, *texts: str) -> str:
        token = self._next()
        if token.kind != kind or (texts and token.text not in texts):
            raise QueryError(f"Syntax error near {token.text or 'the end'!r}")
        return token.text

    def _joined(self, *words: str) -> bool:
        if self._peek().text.lower() in words and self._peek().kind != "text":
            self._at += 1
            return True
        return False

    def _either(self) -> Test:
        tests = [self._both()]
        while self._joined("or", "||"):
            tests.append(self._both())
        return lambda element: any(test(element) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._joined("and", "&&"):
            tests.append(self._one())
        return lambda element: all(test(element) for test in tests)

    def _one(self) -> Test:
        if self._peek() != ("sign", "("):
            return self._comparison()
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise QueryError("The expression is nested too deeply")
        self._at += 1
        test = self._either()
        self._take("sign", ")")
        self._depth -= 1
        return test

    def _comparison(self) -> Test:
        name = self._name()
        if self._joined("."):
            return self._method(name)
        equal = EQUAL[self._take("sign", *EQUAL)]
        value = self._literal()
        return lambda element: (_same(element.get(name), value)) is equal

    def _name(self) -> str:
        word = self._take("word")
        if word.lower() not in self._names:
            raise QueryError(f"No property or field '{word}' exists in type '{self._element}'")
        return self._names[word.lower()]

    def _method(self, name: str) -> Test:
        word = self._take("word")
        if word.lower() not in METHODS:
            raise QueryError(f"No applicable method '{word}' exists in type 'String'")
        self._take("sign", "(")
        part = self._text()
        self._take("sign", ")")
        method = METHODS[word.lower()]
        return lambda element: method(str(element.get(name) or ""), part)

    def _text(self) -> str:
        return re.sub(r"\\(.)", r"\1", self._take("text")[1:-1])

    def _literal(self) -> str | bool | None:
        if self._peek().kind == "text":
            return self._text()
        word = self._take("word").lower()
        if word == "guid":
            self._take("sign", "(")
            value = self._text().lower()
            self._take("sign", ")")
            return value
        if word not in LITERALS:
            raise QueryError(f"Unknown identifier '{word}'")
        return LITERALS[word]


def _same(held: object, value: str | bool | None) -> bool:
    """Whether a field equals a literal; a field that is absent equals null and ``""``."""
    return (held or None) == (value or None) if not isinstance(value, bool) else held is value


def choose(
    elements: Sequence[Element], query: str, names: Sequence[str], element: str
) -> list[Element]:
    """Return the elements that a ``where`` lets through; ``names`` are the fields there are."""
    if not query.strip():
        return list(elements)
    test = _Parser(query, names, element).parse()
    return [each for each in elements if test(each)]


def arrange(
    elements: Sequence[Element], order: str, names: Sequence[str], element: str
) -> list[Element]:
    """Return the elements in the order of ``Name``, ``Name DESC``, or several with commas."""
    known = {name.lower(): name for name in names}
    arranged = list(elements)
    for term in reversed([part.split() for part in order.split(",") if part.strip()]):
        direction = " ".join(term[1:]).upper()
        if term[0].lower() not in known:
            raise QueryError(f"No property or field '{term[0]}' exists in type '{element}'")
        if direction not in {"", "ASC", "ASCENDING", "DESC", "DESCENDING"}:
            raise QueryError(f"Syntax error near {direction!r}")
        name = known[term[0].lower()]
        arranged.sort(
            key=lambda each, name=name: str(each.get(name, "")),  # type: ignore[misc]
            reverse=direction.startswith("DESC"),
        )
    return arranged
