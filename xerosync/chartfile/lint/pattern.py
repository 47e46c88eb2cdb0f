r"""A pattern for names → whether a name fits it, in time that grows with the name alone.

The engine is RE2: it follows all ways of a regular expression at once, so that no line in a
file from a stranger holds it for years, as `(a*)*b` holds Python's own. It knows neither
look-around nor back references, and `\d` and `\w` are ASCII: `\pL` is any letter.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

MAX_LENGTH = 200
"""The longest pattern, in characters."""

_MAX_MEMORY = 1 << 20
"""Bytes that a pattern may take; RE2 refuses one that wants more."""


class PatternError(ValueError):
    """The text is not a pattern that RE2 reads, or one too large."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern that whole names are held against. Raises `PatternError`."""

    text: str
    _compiled: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        import re2  # noqa: PLC0415 only for a file that has a pattern

        options = re2.Options()
        options.log_errors = False
        options.max_mem = _MAX_MEMORY
        try:
            compiled = re2.compile(self.text, options)
        except (re2.error, UnicodeEncodeError) as error:
            said = error.args[0]
            reason = said.decode(errors="replace") if isinstance(said, bytes) else "not text"
            raise PatternError(reason) from error
        object.__setattr__(self, "_compiled", compiled)

    def matches(self, name: str) -> bool:
        """Tell whether the whole name fits; one that is no text fits nothing."""
        try:
            return self._compiled.fullmatch(name) is not None
        except UnicodeEncodeError:
            return False
