"""The reasons and warnings of changes as numbered notes. Equal sentences become one note."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from xerosync.plan.plan import Change


@dataclass(frozen=True, slots=True)
class Footnote:
    """A warning or a reason. `number` counts from 1 among the warnings, or among the reasons.

    `changes` are the indexes of the changes that have this sentence.
    """

    number: int
    sentence: str
    warning: bool
    changes: tuple[int, ...]


class Footnotes:
    """All warnings and reasons of changes, numbered in the order of the changes."""

    def __init__(self, changes: Iterable[tuple[int, Change]]) -> None:
        warnings: dict[str, list[int]] = {}
        reasons: dict[str, list[int]] = {}
        for index, change in changes:
            for sentences, found in ((change.warnings, warnings), (change.reasons, reasons)):
                for sentence in sentences:
                    found.setdefault(sentence, []).append(index)
        self.warnings = _number(warnings, warning=True)
        self.reasons = _number(reasons, warning=False)
        self._by_text = {(n.sentence, n.warning): n for n in (*self.warnings, *self.reasons)}

    def of(self, change: Change) -> tuple[Footnote, ...]:
        """Return the notes of one change, its warnings first."""
        return (
            *(self._by_text[sentence, True] for sentence in change.warnings),
            *(self._by_text[sentence, False] for sentence in change.reasons),
        )

    def signed(self) -> tuple[tuple[str, Footnote], ...]:
        """Return every note with its sign on a terminal, warnings first."""
        return tuple((self._sign(note), note) for note in (*self.warnings, *self.reasons))

    def signs(self, change: Change) -> str:
        """Return a change's signs, such as `!1 3`; reasons are numbered after all warnings."""
        return " ".join(map(self._sign, self.of(change)))

    def _sign(self, note: Footnote) -> str:
        return f"!{note.number}" if note.warning else str(len(self.warnings) + note.number)


def _number(found: Mapping[str, Sequence[int]], *, warning: bool) -> tuple[Footnote, ...]:
    return tuple(
        Footnote(number, sentence, warning, tuple(indexes))
        for number, (sentence, indexes) in enumerate(found.items(), start=1)
    )
