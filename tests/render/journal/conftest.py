"""The organisation that the applies on record are of."""

from __future__ import annotations

from end_to_end.conftest import books, start

__all__ = ["books", "start"]
