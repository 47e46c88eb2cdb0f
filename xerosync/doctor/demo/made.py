"""The record of what a run makes and renames, written before Xero is asked to do so.

However a run ends, the next run reads the record and cleans up. The record has the codes and
names of throw-away accounts and items, and the name of the one system account that is renamed.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from xerosync.errors import XerosyncError
from xerosync.regular_file import read_regular
from xerosync.workspace import STATE

FOLDER = STATE / "doctor"


@dataclass(slots=True)
class Made:
    """A throw-away account or item; `id` is "" until Xero has answered."""

    code: str
    name: str
    id: str = ""


@dataclass(slots=True)
class Renamed:
    """A system account that got a temporary name; `name` is the one that it had before."""

    id: str
    name: str


@dataclass(slots=True)
class Record:
    """What a run has made or is about to make, and what it has to put back.

    `kept` has the ids of throw-away accounts that Xero refuses to delete; they are archived.
    """

    accounts: list[Made] = field(default_factory=list)
    items: list[Made] = field(default_factory=list)
    system: Renamed | None = None
    kept: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to clean up, and nothing to remember."""
        return not (self.accounts or self.items or self.system or self.kept)


class RecordFile:
    """The record's file, one for each organisation."""

    def __init__(self, tenant_id: str, folder: Path = FOLDER) -> None:
        name = "".join(c for c in tenant_id if c.isalnum() or c == "-")
        self.path = folder / f"{name or 'unknown'}.json"

    def read(self) -> Record | None:
        """Return the record, None if there is none that can be read.

        The clean-up does not depend on it: the names in Xero also show what to clean up.
        """
        try:
            return _record(json.loads(read_regular(self.path)))
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None

    def write(self, record: Record) -> None:
        """Replace the file atomically, or remove it if the record is empty.

        If the file is a link, the link is replaced, and not followed. Raises `XerosyncError` if the
        file cannot be written: nothing may be sent without a record.
        """
        try:
            if record.is_empty:
                self.path.unlink(missing_ok=True)
                return
            self.path.parent.mkdir(parents=True, exist_ok=True)
            temporary = self.path.with_suffix(".new")
            temporary.unlink(missing_ok=True)
            with temporary.open("x", encoding="utf-8") as file:
                json.dump(asdict(record), file, indent=2)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.path)
        except OSError as error:
            raise XerosyncError(
                f"The record {self.path} cannot be written: {error.strerror}.",
                "Nothing is written to Xero without a record of it. Free some disk space, or run"
                " in a folder where you can write.",
            ) from error


def _record(found: Any) -> Record:  # noqa: ANN401 JSON is what it is
    system = found.get("system")
    return Record(
        [_made(one) for one in found["accounts"]],
        [_made(one) for one in found["items"]],
        Renamed(str(system["id"]).lower(), str(system["name"])) if system else None,
        [str(one).lower() for one in found["kept"]],
    )


def _made(one: Any) -> Made:  # noqa: ANN401 as above
    return Made(str(one["code"]), str(one["name"]), str(one["id"]).lower())
