"""The digest of plans, by which `apply` and an approval recognise a saved plan."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any


def digest(
    plans: Sequence[Mapping[str, Any]], created_at: str = "", failed: Sequence[object] = ()
) -> str:
    """Return one digest that covers plans, when they were made, and what could not be planned.

    Without `created_at`, it is the digest of the plans alone.
    """
    return digest_of_json({**_covered(created_at, failed), "plans": plans} if created_at else plans)


def digest_of_json(value: object) -> str:
    """Return the digest of any JSON, however its keys are sorted."""
    return "sha256:" + hashlib.sha256(_canonical(value).encode()).hexdigest()


class DigestOfPlans:
    """Computes the same digest as `digest`, from plans that are added one at a time."""

    def __init__(self, created_at: str, failed: Sequence[object] = ()) -> None:
        before, mark, after = _canonical(
            {**_covered(created_at, failed), "plans": []} if created_at else []
        ).rpartition("[")
        self._hash = hashlib.sha256((before + mark).encode())
        self._end = after
        self._comma = b""

    def add(self, plan: Mapping[str, Any]) -> None:
        """Add the next plan."""
        self._hash.update(self._comma + _canonical(plan).encode())
        self._comma = b","

    def end(self) -> str:
        """Return the digest of all plans that were added."""
        self._hash.update(self._end.encode())
        return "sha256:" + self._hash.hexdigest()


def _covered(created_at: str, failed: Sequence[object]) -> dict[str, Any]:
    """Return what a digest covers besides the plans, under keys that sort before `plans`."""
    return {"created_at": created_at, **({"failed": failed} if failed else {})}


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
