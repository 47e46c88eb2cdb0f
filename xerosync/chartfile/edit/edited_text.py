"""The result of editing a chart file: its new text, and sentences about the edits."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Merged:
    """A file's new text, with sentences on what was edited and what could not be written.

    `left_out` says what the file cannot hold, and `to_check` what a person should look at.
    `kept` says what stays as it is in the file although Xero differs. `pending` are the ids and
    labels of the accounts concerned: a plan still finds changes to them. `unexplained` are the
    accounts whose overrides have an empty reason in `text`. `explained` is the text with
    placeholders for these reasons, "" if there are none.
    """

    text: str
    edited: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    to_check: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    pending: set[str] = field(default_factory=set)
    unexplained: list[str] = field(default_factory=list)
    explained: str = ""

    @property
    def warnings(self) -> list[str]:
        """What the file cannot hold, and what a person should look at."""
        return [*self.left_out, *self.to_check]

    @property
    def complete(self) -> str:
        """The text in a form that can be loaded: with placeholders for missing reasons."""
        return self.explained or self.text
