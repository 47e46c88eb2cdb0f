"""Plans as the JSON text that is saved and printed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from xerosync.plan.plan import Plan
from xerosync.plan.serialize import dumps, to_document


def plans_as_json(plans: Sequence[Plan], created_at: datetime) -> str:
    """Return the JSON document of plans; it ends with a newline."""
    return dumps(to_document(plans, created_at))
