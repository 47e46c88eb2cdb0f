"""An organisation that could not be planned or applied, and why."""

from __future__ import annotations

from dataclasses import dataclass

from xerosync.errors import XerosyncError


@dataclass(frozen=True, slots=True)
class FailedOrganisation:
    """An organisation that could not be planned or applied.

    `file` is its chart file, `name` is what the file calls it ("" if it does not say), and `tags`
    are those of the file, if it could be read.
    """

    file: str
    name: str
    error: XerosyncError
    tags: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The organisation as people refer to it."""
        return self.name or self.file
