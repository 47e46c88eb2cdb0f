r"""Match names against a pattern in linear time.

The engine is RE2, which never backtracks: a pattern from a stranger's file, such as
`(a*)*b`, could keep Python's own engine busy for years, but not RE2. RE2 supports neither
look-around nor back-references. `\d` and `\w` match ASCII only; `\pL` matches any letter.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

MAX_LENGTH = 200
"""The longest pattern, in characters."""

_MAX_MEMORY = 1 << 20
"""The most bytes that a pattern may use; RE2 rejects one that needs more."""


class PatternError(ValueError):
    """RE2 does not accept the text as a pattern, or the pattern is too large."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern that whole names must match. Raises `PatternError` if RE2 rejects it."""

    text: str
    _compiled: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        import re2  # noqa: PLC0415, only for a file that has a pattern

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
        """Whether the whole name matches; a name that is not valid Unicode never does."""
        try:
            return self._compiled.fullmatch(name.encode()) is not None
        except UnicodeEncodeError:
            return False
