"""Check the size of a plan that a later job fetches, and read a file from an untrusted zip."""

from __future__ import annotations

import io
import zipfile
import zlib

from xerosync.ci.rest import BIGGEST, DAMAGED
from xerosync.errors import LedgerError, Refused

_COMPRESSION = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""With these compression methods, Python unpacks in pieces, so that `BIGGEST` limits the memory."""

_SMALLER = (
    "On GitHub, split the charts among jobs, each with its own `name`; on GitLab, among projects: "
    "see docs/ci.md. Outside CI, `xerosync plan --out FOLDER/` saves a plan for each organisation."
)


def check_size(size: int, name: str) -> None:
    """Raise `Refused` for a plan that is too large for a later job to fetch."""
    if size > BIGGEST:
        raise Refused(
            f"{name} is {size / (1 << 20):,.1f} MB, and a job fetches plans of at most "
            f"{BIGGEST >> 20} MB: the apply could not read it.",
            _SMALLER,
        )


def read_member(data: bytes, member: str, source: str) -> bytes | None:
    """Return the file `member` of the zip `data`; None if the zip has no such file.

    `source` names the zip in messages. Raises `LedgerError` for a zip that cannot be read.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if member not in archive.namelist():
                return None
            if archive.getinfo(member).compress_type not in _COMPRESSION:
                raise LedgerError(
                    f"{source}: its {member} is compressed by an unknown method.", DAMAGED
                )
            with archive.open(member) as file:
                found = file.read(BIGGEST + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        raise LedgerError(
            f"{source} cannot be read: it is not a zip, or is damaged.", DAMAGED
        ) from error
    if len(found) > BIGGEST:
        raise LedgerError(
            f"{source}: its {member} is larger than {BIGGEST >> 20} MB; xerosync reads no more.",
            _SMALLER,
        )
    return found
