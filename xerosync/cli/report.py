"""Write plans in every format that was asked for, to stdout and to files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Self

from xerosync.cli.options import PlanFormat
from xerosync.cli.terminal import Terminal
from xerosync.errors import UsageError
from xerosync.files import write_whole
from xerosync.organisations.failed import FailedOrganisation
from xerosync.organisations.review import Review, read_saved
from xerosync.plan.plan import Plan
from xerosync.plan.saved.serialize import digest_of, document_text
from xerosync.render.plan.terminal_view import ViewOptions
from xerosync.text import timestamp, visible_json


@dataclass(frozen=True)
class PlanReport:
    """Plans with their JSON document. The HTML page also shows the document's date and digest.

    A single plan is shown by itself if no organisation failed. Otherwise, a review is shown, with
    one row for a change that several organisations have. `made_at` is None if the plans come from
    one saved document, which is `saved`.
    """

    plans: Sequence[Plan]
    made_at: datetime | None
    failed: Sequence[FailedOrganisation] = ()
    saved: str = ""

    @classmethod
    def of_saved(cls, document: str, name: str) -> Self:
        """Return the report of a saved document. Raises `InvalidPlan` as `read_saved` does."""
        plans, failed = read_saved(document, name)
        return cls(plans, None, failed, document)

    @property
    def single(self) -> bool:
        """Whether there is one plan, and no organisation failed."""
        return len(self.plans) == 1 and not self.failed

    @cached_property
    def review(self) -> Review:
        """The review of all plans."""
        return Review.of(self.plans, self.failed)

    @cached_property
    def document(self) -> str:
        """The JSON document, made only if it is asked for."""
        if self.made_at is None and self.single:
            return self.saved
        if self.made_at is None:
            return self.review.made_again(self.saved)
        more = {} if self.single else self.review.to_json()
        return document_text(self.plans, self.made_at, more)

    @cached_property
    def _date_and_digest(self) -> dict[str, str]:
        if self.made_at is None:
            head = json.loads(self.saved)
            return {"created_at": str(head.get("created_at", "")), "digest": str(head["digest"])}
        created_at = timestamp(self.made_at)
        failed = [] if self.single else self.review.to_json()["failed"]
        return {"created_at": created_at, "digest": digest_of(self.plans, created_at, failed)}

    def save(self, paths: Mapping[PlanFormat, Path | None]) -> None:
        """Write the plans to each path. Raises `UsageError` if a file cannot be written."""
        for format, path in paths.items():  # noqa: A001 as the option is called
            if path:
                write_whole(path, self.text(format))

    def show(
        self,
        terminal: Terminal,
        format: PlanFormat,  # noqa: A002 as the option is called
        view: ViewOptions,
        *,
        brief: bool,
    ) -> None:
        """Write the plans to stdout."""
        if format is not PlanFormat.TEXT:
            terminal.data(self.text(format))
            return
        if not self.single:
            terminal.show_review(self.review, view, brief=brief)
        if self.single or view.verbose:
            for plan in self.plans:
                terminal.show(plan, view, brief=brief)

    def text(self, format: PlanFormat) -> str:  # noqa: A002 as the option is called
        """Return the plans in `format`, which is any format except text."""
        match format:
            case PlanFormat.MARKDOWN if self.single:
                from xerosync.render.plan.markdown import plan_as_markdown

                return plan_as_markdown(self.plans[0])
            case PlanFormat.MARKDOWN:
                from xerosync.render.review.markdown import review_as_markdown

                return review_as_markdown(self.review)
            case PlanFormat.HTML if self.single:
                from xerosync.render.plan.html import plan_as_html

                return plan_as_html(self.plans[0], **self._date_and_digest)
            case PlanFormat.HTML:
                from xerosync.render.review.html import review_as_html

                return review_as_html(self.review, **self._date_and_digest)
            case _:
                return visible_json(self.document)


def view_of(
    format: PlanFormat,  # noqa: A002 as the option is called
    *,
    brief: bool,
    only: Sequence[str],
    verbose: bool,
) -> ViewOptions:
    """Return how to show a plan, according to the options.

    Raises `UsageError` if options contradict each other, or if an option is given but the format
    is not text. In the other formats, a plan is always shown whole.
    """
    of_text = {"--brief": brief, "--only": only, "--verbose": verbose}
    given = [name for name, value in of_text.items() if value]
    if given and format is not PlanFormat.TEXT:
        raise UsageError(
            f"{given[0]} cannot be used with --format {format}, which always shows the whole plan.",
            f"Leave out {' and '.join(given)}, or --format.",
        )
    if brief and verbose:
        raise UsageError("--brief and --verbose cannot be used together.", "Give one of them.")
    return ViewOptions(verbose=verbose, only=tuple(only))
