"""The digest of plans, by which `apply` and an approval recognise a saved plan."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def digest(
    plans: Iterable[Mapping[str, Any]], created_at: str = "", failed: Sequence[object] = ()
) -> str:
    """Return one digest of the plans, the time they were made, and what could not be planned.

    Without `created_at`, the digest covers the plans alone.
    """
    of_all = DigestOfPlans(created_at, failed)
    for plan in plans:
        of_all.add(plan)
    return of_all.end()


def digest_of_json(value: object) -> str:
    """Return the digest of a JSON value. The order of its keys makes no difference."""
    return "sha256:" + hashlib.sha256(_canonical(value).encode()).hexdigest()


class DigestOfPlans:
    """Computes the same digest as the function `digest`, from plans that are added one by one."""

    def __init__(self, created_at: str, failed: Sequence[object]) -> None:
        covered = {"created_at": created_at, **({"failed": failed} if failed else {})}
        empty = _canonical({**covered, "plans": []} if created_at else [])
        before, mark, self._end = empty.rpartition("[")
        self._hash = hashlib.sha256((before + mark).encode())
        self._comma = b""

    def add(self, plan: Mapping[str, Any]) -> None:
        """Add the next plan."""
        self._hash.update(self._comma + _canonical(plan).encode())
        self._comma = b","

    def end(self) -> str:
        """Return the digest of all plans that were added."""
        self._hash.update(self._end.encode())
        return "sha256:" + self._hash.hexdigest()


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
