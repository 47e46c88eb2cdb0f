"""An organisation for which a command failed, and why."""

from __future__ import annotations

from dataclasses import dataclass

from xerosync.errors import XerosyncError


@dataclass(frozen=True, slots=True)
class FailedOrganisation:
    """An organisation for which a command failed.

    `file` is its CSV, chart file or journal, which may not exist yet; "" if none. `name` is its
    name, tenant id or short code, or "". `tags` (those of the file) and `tenant_id` may be unknown.
    """

    file: str
    name: str
    error: XerosyncError
    tags: tuple[str, ...] = ()
    tenant_id: str = ""

    @property
    def label(self) -> str:
        """The name of the organisation, or else its file."""
        return self.name or self.file
