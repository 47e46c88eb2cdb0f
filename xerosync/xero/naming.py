"""Name the file and its organisation in an error: a command may work on many files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from xerosync.desired import OrganisationPin
from xerosync.errors import AccessDenied, LedgerError


@contextmanager
def naming(wanted: OrganisationPin | None) -> Iterator[None]:
    """Put the file and its organisation before the message of `AccessDenied` or `LedgerError`."""
    try:
        yield
    except (AccessDenied, LedgerError) as error:
        books, file = (wanted.label, wanted.source.file) if wanted else ("", "")
        if place := f"{file} ({books})" if file and books else file or books:
            error.message = f"{place}: {error.message}"
        raise
