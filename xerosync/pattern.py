"""A pattern for names → whether a name fits it, in time that grows with the name alone.

The patterns are regular expressions without back references and look-around. Python's own
engine tries one way after the other, so that one line in a file from a stranger can hold it
for years; here all ways are followed at once (Glushkov's automaton, its states as the bits
of a number). On what both take, the answer is that of `re.fullmatch`.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

MAX_LENGTH = 200
"""The longest pattern, in characters."""

MAX_POSITIONS = 200
"""The most characters that a pattern stands for when its repetitions are written out."""

_MOST_REMEMBERED = 20_000
_CLASSES: Mapping[str, Callable[[str], bool]] = {
    "d": str.isdecimal,
    "s": str.isspace,
    "w": lambda c: c.isalnum() or c == "_",
}
_CONTROLS = {"t": "\t"}
_SYNTAX = frozenset("\\^$.|?*+()[]{}")


class PatternError(ValueError):
    """The text is not a pattern that is read; `at` is the character, from 0."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


@dataclass(frozen=True, slots=True)
class _Chars:
    """One character: any, one of some ranges and classes, or none of them."""

    ranges: tuple[tuple[str, str], ...] = ()
    classes: tuple[str, ...] = ()
    negated: bool = False

    def takes(self, character: str) -> bool:
        found = any(low <= character <= high for low, high in self.ranges) or any(
            _CLASSES[name.lower()](character) != name.isupper() for name in self.classes
        )
        return found != self.negated


@dataclass(frozen=True, slots=True)
class _Sequence:
    parts: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Choice:
    parts: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Repeat:
    """`most` is None for any number."""

    part: _Node
    least: int
    most: int | None


_Node = _Chars | _Sequence | _Choice | _Repeat


@dataclass(frozen=True, slots=True)
class _Piece:
    """What the automaton must know of a part: can it be empty, where it begins and ends."""

    empty: bool
    first: int
    last: int


class Pattern:
    """A pattern, ready to match. Raises `PatternError` for a text that is none."""

    def __init__(self, text: str) -> None:
        self.text = text
        node = _Parser(text).parse()
        if _size(node) > MAX_POSITIONS:
            raise PatternError(f"it stands for more than {MAX_POSITIONS} characters", 0)
        self._chars: list[_Chars] = []
        self._follow: list[int] = []
        self._whole = self._build(node)
        self._masks: dict[str, int] = {}
        self._followed: dict[int, int] = {}

    def matches(self, text: str) -> bool:
        """Tell whether the whole text fits."""
        if not text:
            return self._whole.empty
        states, ahead = 0, self._whole.first
        for character in text:
            mask = self._masks.get(character)
            if mask is None:
                mask = self._mask(character)
            states = ahead & mask
            if not states:
                return False
            found = self._followed.get(states)
            ahead = self._after(states) if found is None else found
        return bool(states & self._whole.last)

    def _mask(self, character: str) -> int:
        mask = sum(1 << at for at, chars in enumerate(self._chars) if chars.takes(character))
        if len(self._masks) < _MOST_REMEMBERED:
            self._masks[character] = mask
        return mask

    def _after(self, states: int) -> int:
        ahead = _union_of(self._follow[at] for at in _bits(states))
        if len(self._followed) < _MOST_REMEMBERED:
            self._followed[states] = ahead
        return ahead

    def _build(self, node: _Node) -> _Piece:
        match node:
            case _Chars():
                self._chars.append(node)
                self._follow.append(0)
                bit = 1 << (len(self._chars) - 1)
                return _Piece(empty=False, first=bit, last=bit)
            case _Sequence(parts):
                whole = _Piece(empty=True, first=0, last=0)
                for part in parts:
                    whole = self._join(whole, self._build(part))
                return whole
            case _Choice(parts):
                pieces = [self._build(part) for part in parts]
                return _Piece(
                    any(p.empty for p in pieces),
                    _union_of(p.first for p in pieces),
                    _union_of(p.last for p in pieces),
                )
            case _Repeat():
                return self._repeat(node)

    def _repeat(self, node: _Repeat) -> _Piece:
        """Write a repetition out: as often as it must, then as often as it may."""
        whole = _Piece(empty=True, first=0, last=0)
        for _ in range(node.least):
            whole = self._join(whole, self._build(node.part))
        if node.most is None:
            loop = self._build(node.part)
            for at in _bits(loop.last):
                self._follow[at] |= loop.first
            return self._join(whole, _Piece(empty=True, first=loop.first, last=loop.last))
        rest = _Piece(empty=True, first=0, last=0)
        for _ in range(node.most - node.least):
            joined = self._join(self._build(node.part), rest)
            rest = _Piece(empty=True, first=joined.first, last=joined.last)
        return self._join(whole, rest)

    def _join(self, left: _Piece, right: _Piece) -> _Piece:
        for at in _bits(left.last):
            self._follow[at] |= right.first
        return _Piece(
            left.empty and right.empty,
            left.first | (right.first if left.empty else 0),
            right.last | (left.last if right.empty else 0),
        )


class _Parser:
    """Reads a pattern by recursive descent; its length bounds the depth."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_LENGTH:
            raise PatternError(f"it has more than {MAX_LENGTH} characters", MAX_LENGTH)
        self._text = text
        self._at = 0
        self._end = len(text)

    def parse(self) -> _Node:
        self._take("^")
        if self._text.endswith("$") and (len(self._text) - len(self._text[:-1].rstrip("\\"))) % 2:
            self._end -= 1
        node = self._choice()
        if self._at < self._end:
            raise self._error("this ) closes nothing")
        return node

    def _choice(self) -> _Node:
        parts = [self._sequence()]
        while self._take("|"):
            parts.append(self._sequence())
        return parts[0] if len(parts) == 1 else _Choice(tuple(parts))

    def _sequence(self) -> _Node:
        parts: list[_Node] = []
        while self._peek() not in {"", "|", ")"}:
            parts.append(self._repeated(self._atom()))
        return parts[0] if len(parts) == 1 else _Sequence(tuple(parts))

    def _repeated(self, atom: _Node) -> _Node:
        counts = self._counts()
        if counts is None:
            return atom
        self._take("?")  # reluctant: which way is tried first makes no difference here
        if self._peek() in {"*", "+", "?"}:
            raise self._error("a repetition is repeated; put the first in ( )")
        least, most = counts
        if most is not None and least > most:
            raise self._error("the repetition is empty")
        return _Repeat(atom, least, most)

    def _counts(self) -> tuple[int, int | None] | None:
        for sign, counts in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._take(sign):
                return counts
        if not self._take("{"):
            return None
        least = self._number()
        most: int | None = least
        if self._take(","):
            most = None if self._peek() == "}" else self._number()
        if not self._take("}"):
            raise self._error("a } is missing")
        return least, most

    def _number(self) -> int:
        digits = ""
        while len(digits) < 4 and self._peek() and self._peek() in "0123456789":  # noqa: PLR2004
            digits += self._next()
        if not digits:
            raise self._error("a number is missing; write \\{ for the character {")
        return int(digits)

    def _atom(self) -> _Node:
        begin, character = self._at, self._next()
        if character == "(":
            if self._take("?") and not self._take(":"):
                raise PatternError("groups that begin with (? are not read", begin)
            node = self._choice()
            if not self._take(")"):
                raise PatternError("this ( is not closed", begin)
            return node
        if character == "[":
            return self._class(begin)
        if character == ".":
            return _Chars((("\n", "\n"),), negated=True)
        if character == "\\":
            return self._escaped()
        if character in _SYNTAX:
            what = "stand only at the ends" if character in "^$" else "not stand here"
            raise PatternError(f"{character} can {what}; write \\{character} for it", begin)
        return _Chars(((character, character),))

    def _class(self, begin: int) -> _Chars:
        negated = self._take("^")
        ranges: list[tuple[str, str]] = []
        classes: list[str] = []
        while not (ranges or classes) or self._peek() != "]":
            if not self._peek():
                raise PatternError("this [ is not closed", begin)
            low = self._member(classes)
            if not low or self._text[self._at : self._at + 1] != "-":
                ranges += [(low, low)] if low else []
                continue
            if self._text[self._at + 1 : self._at + 2] in {"]", ""}:
                ranges.append((low, low))
                continue
            self._next()
            high = self._member(classes)
            if not high or high < low:
                raise self._error(f"the range from {low} is empty")
            ranges.append((low, high))
        self._next()
        return _Chars(tuple(ranges), tuple(classes), negated)

    def _member(self, classes: list[str]) -> str:
        r"""Read one character of a class; "" when it was a class of its own, as in [\d]."""
        character = self._next()
        if character != "\\":
            return character
        escaped = self._escaped()
        classes += escaped.classes
        return escaped.ranges[0][0] if escaped.ranges else ""

    def _escaped(self) -> _Chars:
        begin, character = self._at - 1, self._next()
        if character.lower() in _CLASSES:
            return _Chars(classes=(character,))
        character = _CONTROLS.get(character, character)
        if not character or (character.isalnum() and character.isascii()):
            raise PatternError(f"\\{character} is not read", begin)
        return _Chars(((character, character),))

    def _peek(self) -> str:
        return self._text[self._at] if self._at < self._end else ""

    def _next(self) -> str:
        character = self._peek()
        self._at += 1
        return character

    def _take(self, character: str) -> bool:
        taken = self._peek() == character
        self._at += taken
        return taken

    def _error(self, message: str) -> PatternError:
        return PatternError(message, min(self._at, len(self._text)))


def _size(node: _Node) -> int:
    match node:
        case _Chars():
            return 1
        case _Sequence(parts) | _Choice(parts):
            return sum(map(_size, parts))
        case _Repeat(part, least, most):
            return _size(part) * (least + 1 if most is None else most)


def _bits(mask: int) -> list[int]:
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found


def _union_of(masks: Iterable[int]) -> int:
    return functools.reduce(operator.or_, masks, 0)
