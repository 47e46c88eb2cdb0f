"""The JSON Schema of a chart file, as text and as data.

`accounts.schema.json` is in `xerosync/schema/` in the wheel, but in `schema/` in a checkout.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

_NAME = "accounts.schema.json"


@cache
def schema_text() -> str:
    """Return the published schema: JSON Schema 2020-12, ending with a line break.

    Raises FileNotFoundError if it was not installed, which is a bug in the package.
    """
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "schema", package.parent / "schema"):
        if (folder / _NAME).is_file():
            return (folder / _NAME).read_text(encoding="utf-8")
    raise FileNotFoundError(_NAME)


def schema() -> dict[str, Any]:
    """Return the schema as plain data, a new copy each time."""
    loaded: dict[str, Any] = json.loads(schema_text())
    return loaded
