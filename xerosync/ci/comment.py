"""A plan's page and the job that made it → the comment; and the word on a plan that failed.

The comment's first line is its marker, by the books; its second names the chart files, by which a
job that never came to a plan, and so knows no books, finds it. Both are hidden.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from xerosync.settings import Job

_LONGEST_ADDRESS = 200


def second_line(files: Sequence[Path]) -> str:
    """Give the hidden line that names the chart files of a job."""
    names = "\n".join(path.as_posix() for path in files)
    return f"<!-- xerosync:files:{hashlib.sha256(names.encode(errors='replace')).hexdigest()} -->"


def planned(body: str, second: str, job: Job, digest: str) -> str:
    """Give a plan's page as a comment: with its second line, and of which commit it is.

    The record of an apply has the digest too: by it, it is told what was approved.
    """
    marker, _, page = body.partition("\n")
    known = f", and saved as `{digest}`" if digest else ""
    return f"{marker}\n{second}\n{page}\nPlanned at commit {job.head}{_in(job)}{known}.\n"


def failed(job: Job) -> str:
    """Give what stands in the place of a plan that could not be made."""
    return (
        f"**There is no plan of commit {job.head}: it failed{_in(job)}.** "
        "What stood here was the plan of an earlier commit.\n"
    )


def _in(job: Job) -> str:
    """Name the job, where its address is one that Markdown takes as it is."""
    known = re.fullmatch(r"https?://[\w.:/~%-]+", job.page, re.ASCII)
    fits = known and len(job.page) <= _LONGEST_ADDRESS
    return f" in [this job]({job.page})" if fits else ""
