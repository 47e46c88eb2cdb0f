"""The comment on a pull request: a page of a plan, with the job that made it.

The first two lines are hidden. The first is a marker that identifies the organisations. The second
identifies the files that the job was given: a job that fails may not know the organisations, and
finds its comment by the second line.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from xerosync.errors import UsageError
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
            f"{name} was not written by xerosync: its first line is not a marker.",
            "Pass the file written by `plan --markdown-file` or `drift --markdown-file`.",
        )
    return marker


def second_line(files: Sequence[Path]) -> str:
    """Return the hidden second line of a comment, with a hash of the paths of the chart files."""
    names = "\n".join(path.as_posix() for path in files)
    return f"<!-- xerosync:files:{hashlib.sha256(names.encode(errors='replace')).hexdigest()} -->"


def report_marker(files: Sequence[Path], shard: str) -> str:
    """Return the marker of the drift issue about these files, or about one `shard` of them.

    Unlike the marker in the page, it does not depend on what was compared that day.
    """
    names = "\n".join((*(path.as_posix() for path in files), shard))
    return f"<!-- xerosync:drift:{hashlib.sha256(names.encode(errors='replace')).hexdigest()} -->"


def planned(body: str, second: str, job: Job, digest: str) -> str:
    """Return the comment for a plan's page: add the second line, the commit, and any digest.

    People can compare the digest with the one in the journal of an apply.
    """
    marker, _, page = body.partition("\n")
    saved = f", and saved as `{digest}`" if digest else ""
    return f"{marker}\n{second}\n{page}\nPlanned at commit {job.head}{_in(job)}{saved}.\n"


def failed(job: Job) -> str:
    """Return the text that replaces the plan of an earlier commit when planning fails."""
    return (
        f"**There is no plan for commit {job.head}: planning failed{_in(job)}.** "
        "This comment showed the plan of an earlier commit.\n"
    )


def _in(job: Job) -> str:
    """Return " in" and a link to the job, "" if its address is long or not safe in Markdown."""
    safe = re.fullmatch(r"https?://[\w.:/~%-]+", job.page, re.ASCII)
    return f" in [this job]({job.page})" if safe and len(job.page) <= _LONGEST_ADDRESS else ""
