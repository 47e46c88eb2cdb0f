"""What is added to a plan's page fits into the comment."""

from __future__ import annotations

from pathlib import Path

from render.plans import long_plan

from xerosync.ci.comment import planned, second_line
from xerosync.render.markdown_page import LONGEST, size
from xerosync.render.plan.markdown import plan_as_markdown
from xerosync.settings import Job


def test_the_longest_page_fits_into_a_comment_at_github() -> None:
    page = plan_as_markdown(long_plan(5_000))
    job = Job(head="a" * 64, page="https://github.example/" + "x" * 177)
    comment = planned(page, second_line([Path("x" * 500)]), job, "sha256:" + "0" * 64)
    assert job.page in comment
    assert size(comment) <= LONGEST
    added = size(comment) - size(page)
    assert added < LONGEST - 65_000, "what a page leaves free"
