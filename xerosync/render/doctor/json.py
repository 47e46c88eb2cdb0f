"""What the doctor found, as JSON (`schema/doctor.schema.json`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from xerosync import __version__
from xerosync.doctor.diagnosis import Check, Diagnosis, Level
from xerosync.text import timestamp

FORMAT_VERSION = "1.0"
"""A new minor version only adds keys; a new major version may break readers."""

LEFT_OUT = "Left out: it may name your books, people, files or hosts."


def to_document(diagnosis: Diagnosis, at: datetime, *, public: bool = False) -> dict[str, Any]:
    """Return the JSON document. If `public`, leave out messages and hints of private checks."""
    return {
        "format_version": FORMAT_VERSION,
        "xerosync_version": __version__,
        "at": timestamp(at),
        "public": public,
        "counts": {str(level): diagnosis.count(level) for level in Level},
        "sections": [
            {
                "id": section.id,
                "title": section.title,
                "checks": [_check(check, public=public) for check in section.checks],
            }
            for section in diagnosis.sections
        ],
    }


def _check(check: Check, *, public: bool) -> dict[str, Any]:
    left_out = public and check.private
    return {
        "id": check.id,
        "label": check.label,
        "level": str(check.level),
        "message": LEFT_OUT if left_out else check.message,
        "hint": "" if left_out else check.hint,
        "facts": {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in check.facts.items()
        },
    }
