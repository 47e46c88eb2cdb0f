"""Put into each published schema those that it refers to: `python docs/make_schemas.py`.

A schema must hold alone, in any validator, without a network. With `--check` it says whether
the copies are those of the originals, and changes nothing.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).parent.parent / "schema"
NEEDS = {"events": ("plan",), "drift": ("events", "plan"), "result": ("events", "plan")}
"""Which schemas each refers to, by name; of `plan`, all that is needed is its own."""


def main() -> int:
    """Write the schemas, or with `--check` compare them."""
    alone = {name: _without_copies(_read(name)) for name in {*NEEDS, "plan"}}
    current = True
    for name, needed in NEEDS.items():
        schema = alone[name]
        copies = {f"copy_of_{other}": alone[other] for other in needed}
        whole = {**schema, "$defs": {**schema["$defs"], **copies}}
        text = json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
        path = _path(name)
        current = current and path.read_text(encoding="utf-8") == text
        if "--check" not in sys.argv:
            path.write_text(text, encoding="utf-8")
    return int("--check" in sys.argv and not current)


def _path(name: str) -> Path:
    return SCHEMAS / f"{name}.schema.json"


def _read(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(_path(name).read_text(encoding="utf-8"))
    return schema


def _without_copies(schema: dict[str, Any]) -> dict[str, Any]:
    own = {key: part for key, part in schema["$defs"].items() if not key.startswith("copy_of_")}
    return {**schema, "$defs": own}


if __name__ == "__main__":
    sys.exit(main())
