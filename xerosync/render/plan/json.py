"""Plans → the JSON text of their document, as it is saved and as it is printed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from xerosync.plan.plan import Plan
from xerosync.plan.serialize import dumps, to_document


def plans_as_json(plans: Sequence[Plan], created_at: datetime) -> str:
    """Give the document of plans as text; it ends with a line end."""
    return dumps(to_document(plans, created_at))
