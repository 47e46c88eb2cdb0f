"""Read one file of a zip that somebody else made."""

from __future__ import annotations

import io
import zipfile
import zlib

from xerosync.ci.rest import BIGGEST
from xerosync.errors import LedgerError, Refused

_PACKED_SO = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The compression methods that are read in pieces, so that a limit of size can be kept."""

SMALLER = (
    "Plan parts of the charts in jobs of their own, with a `name` each: see docs/ci.md. Outside "
    "CI, `xerosync plan --out FOLDER/` saves one plan for each organisation, of any number."
)


def check_size(size: int, name: str) -> None:
    """Raise `Refused` for a plan that no later job could fetch."""
    if size > BIGGEST:
        raise Refused(
            f"{name} has {size / (1 << 20):,.1f} MB, and a job fetches plans of at most "
            f"{BIGGEST >> 20} MB: the apply could not read it.",
            SMALLER,
        )


def read_member(data: bytes, member: str, source: str) -> bytes | None:
    """Return a file in a zip; None if it is not there.

    `source` names the zip for messages. Raises `LedgerError` if it cannot be read, or is larger
    than `BIGGEST`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if member not in archive.namelist():
                return None
            if archive.getinfo(member).compress_type not in _PACKED_SO:
                raise LedgerError(f"{source}: its {member} is compressed by an unknown method.")
            with archive.open(member) as file:
                found = file.read(BIGGEST + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        raise LedgerError(
            f"{source} cannot be read: it is not a zip, or is damaged.", "Plan again."
        ) from error
    if len(found) > BIGGEST:
        raise LedgerError(
            f"{source}: its {member} is larger than the {BIGGEST >> 20} MB that are read.",
            SMALLER,
        )
    return found
