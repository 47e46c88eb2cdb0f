"""The comment on a pull request: a plan as a page of Markdown, with the job that made it.

The first two lines are hidden. The first is a marker that identifies the organisations. The second
identifies the files that the job was given: a job that fails may not know the organisations, and
finds its comment by the second line.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from xerosync.ci.connect import forge_of
from xerosync.errors import UsageError
from xerosync.organisations.shard import Shard
from xerosync.settings import Job

_MARKER = re.compile(r"<!-- xerosync:[a-z]+:[\w%./~,-]+ -->")
_LONGEST_ADDRESS = 200
NONE = "<!-- xerosync:plan:none -->"
"""The marker of a plan for no organisation."""


def marker_of(page: str, name: str) -> str:
    """Return the marker in a page's first line. Raises `UsageError` if there is none."""
    marker = page.partition("\n")[0]
    if not _MARKER.fullmatch(marker):
        raise UsageError(
            f"{name} is not a page to post: its first line is not a marker.",
            "Pass the file written by `plan --markdown-file` or `drift --markdown-file`.",
        )
    return marker


def post(job: Job, files: Sequence[Path], page: str, name: str, digest: str) -> str:
    """Post a plan's page on the job's pull request; return a sentence that says what was done.

    The page replaces the earlier comment about the same organisations. If `files` has folders or
    patterns, it replaces the earlier comment about the same `files`, because each commit of a
    pull request may change different organisations. `name` is the page's file, for errors.
    """
    marker, second, forge = marker_of(page, name), second_line(files), forge_of(job)
    if job.request and not forge.is_current():
        return _not_latest(job)
    if marker == NONE:
        address = forge.overwrite(second, page.partition("\n")[2].strip() + "\n")
        none = "Not commented: no organisation was planned."
        return f"Commented: {address}" if address else none
    same = second if any(path.is_dir() or not path.exists() for path in files) else ""
    return f"Commented: {forge.comment(marker, planned(page, second, job, digest), same)}"


def mark_outdated(job: Job, files: Sequence[Path]) -> str:
    """Replace the job's earlier comment, because planning failed; return a sentence on the result.

    In a fork's job, which is not allowed to comment, nothing is replaced.
    """
    address = ""
    if job.request and not job.fork:
        forge = forge_of(job)
        if not forge.is_current():
            return _not_latest(job)
        address = forge.overwrite(second_line(files), failed(job))
    return f"Commented: {address}" if address else "There is no earlier comment to change."


def _not_latest(job: Job) -> str:
    return f"Not commented: commit {job.head[:12]} is no longer the latest."


def second_line(files: Sequence[Path]) -> str:
    """Return the hidden second line of a comment, with a hash of the paths of the chart files."""
    names = "\n".join(path.as_posix() for path in files)
    return f"<!-- xerosync:files:{hashlib.sha256(names.encode(errors='replace')).hexdigest()} -->"


def report_about(files: Sequence[Path], part: Shard, title: str, page: str) -> tuple[str, str, str]:
    """Return the marker, the title and the page of the drift issue about a part of these files.

    The marker replaces the one in the first line of `page`, which depends on what was compared.
    """
    names = "\n".join((*(path.as_posix() for path in files), str(part)))
    digest = hashlib.sha256(names.encode(errors="replace")).hexdigest()
    marker = f"<!-- xerosync:drift:{digest} -->"
    number = f" (part {part.number} of {part.total})" if part.total > 1 else ""
    return marker, f"{title}{number}", f"{marker}\n{page.partition(chr(10))[2]}"


def planned(body: str, second: str, job: Job, digest: str) -> str:
    """Return the comment: the page, the second line, the commit, and a saved plan's `digest`.

    People can compare the digest with the one in the journal of an apply.
    """
    marker, _, page = body.partition("\n")
    saved = f". The digest of the saved plan is `{digest}`" if digest else ""
    return f"{marker}\n{second}\n{page}\nPlanned at commit {job.head}{_in(job)}{saved}.\n"


def failed(job: Job) -> str:
    """Return the text that replaces an earlier plan when planning fails."""
    return (
        f"**There is no plan for commit {job.head}: planning failed{_in(job)}.** "
        "This comment showed an earlier plan.\n"
    )


def _in(job: Job) -> str:
    """Return " in" and a link to the job, "" if its address is long or not safe in Markdown."""
    safe = re.fullmatch(r"https?://[\w.:/~%-]+", job.page, re.ASCII)
    return f" in [this job]({job.page})" if safe and len(job.page) <= _LONGEST_ADDRESS else ""
