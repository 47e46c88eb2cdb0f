"""A zip file for a bug report: what the doctor found, without anything private."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import datetime

from xerosync.doctor.diagnosis import Check, Diagnosis, Fact
from xerosync.render.doctor.json import to_document
from xerosync.render.doctor.text import section_text, summary
from xerosync.text import json_text

CONTENTS = """What is in this file

doctor.txt   the checks of `xerosync doctor`, to read
doctor.json  the same for programs, with the facts of each check, such as versions, numbers, the
             organisation's country, the first 8 characters of its tenant id, and the names of
             variables, rules, scopes, packages and errors

What is not in it: tokens, secrets, values of environment variables; names and codes of accounts;
names of your organisations, people, files, folders and hosts; the chart file; plans and journals.
A text that may contain one of these is left out. Read the file before you send it.
"""


def bundle(diagnosis: Diagnosis, at: datetime) -> bytes:
    """Return the zip file. `at` is the time of its entries and of the JSON."""
    texts = {
        "README.txt": CONTENTS,
        "doctor.txt": _text(diagnosis),
        "doctor.json": json_text(to_document(diagnosis, at, public=True)),
    }
    moment = (at.year, at.month, at.day, at.hour, at.minute, at.second)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in texts.items():
            file.writestr(zipfile.ZipInfo(name, moment), text, zipfile.ZIP_DEFLATED)
    return archive.getvalue()


def _text(diagnosis: Diagnosis) -> str:
    sections = (
        replace(section, checks=tuple(map(_public, section.checks)))
        for section in diagnosis.sections
    )
    parts = [section_text(section, None).plain for section in sections]
    return "\n".join((*parts, f"{summary(diagnosis)}\n"))


def _public(check: Check) -> Check:
    """Return the check. If it is private, replace its message by its facts, and drop its hint."""
    if not check.private:
        return check
    facts = ", ".join(f"{name}: {_shown(value)}" for name, value in check.facts.items())
    return replace(check, message=f"(text left out) {facts}", hint="")


def _shown(value: Fact) -> str:
    if isinstance(value, tuple):
        return " ".join(value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "unknown" if value is None else str(value)
