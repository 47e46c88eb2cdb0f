"""Writes plans in every format that was asked for, to stdout and to files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

from xerosync.cli.files import write_whole
from xerosync.cli.options import PlanFormat
from xerosync.cli.terminal import Terminal
from xerosync.errors import UsageError
from xerosync.plan.plan import Plan
from xerosync.text import visible_json

if TYPE_CHECKING:
    from xerosync.organisations.failed import FailedOrganisation
    from xerosync.render.plan.view import ViewOptions


@dataclass(frozen=True, slots=True)
class PlanReport:
    """Plans with their JSON document, whose date and digest all formats show."""

    plans: tuple[Plan, ...]
    document: str
    created_at: str
    digest: str

    @classmethod
    def of_plans(
        cls,
        plans: Sequence[Plan],
        created_at: datetime,
        failed: Sequence[FailedOrganisation] = (),  # noqa: ARG003 (the grouped review shows them)
    ) -> Self:
        """Return the report of new plans."""
        from xerosync.plan.serialize import to_document
        from xerosync.text import json_text

        return cls.of_saved(json_text(to_document(plans, created_at)), plans)

    @classmethod
    def of_saved(cls, document: str, plans: Sequence[Plan]) -> Self:
        """Return the report of the plans in this document."""
        head = json.loads(document)
        return cls(tuple(plans), document, str(head.get("created_at", "")), str(head["digest"]))

    def save(self, paths: Mapping[PlanFormat, Path | None]) -> None:
        """Write the files that were asked for. Raises `UsageError`."""
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
        for plan in self.plans:
            terminal.show(plan, view, brief=brief)

    def text(self, format: PlanFormat) -> str:  # noqa: A002 as the option is called
        """Return the plans in any format but the tables for a terminal."""
        match format:
            case PlanFormat.MARKDOWN:
                from xerosync.render.plan.markdown import plans_as_markdown

                return plans_as_markdown(self.plans)
            case PlanFormat.HTML:
                from xerosync.render.plan.html import plans_as_html

                return plans_as_html(self.plans, created_at=self.created_at, digest=self.digest)
            case _:
                return visible_json(self.document)


def view_of(
    format: PlanFormat,  # noqa: A002 as the option is called
    *,
    brief: bool,
    only: Sequence[str],
    verbose: bool,
) -> ViewOptions:
    """Return what the options ask to show.

    Raises `UsageError` if they contradict each other, or are for another format: a plan that is
    saved or sent to others is always whole.
    """
    from xerosync.render.plan.view import ViewOptions

    given = [
        name
        for name, used in (("--brief", brief), ("--only", bool(only)), ("--verbose", verbose))
        if used
    ]
    if given and format is not PlanFormat.TEXT:
        raise UsageError(
            f"{given[0]} cannot be used with --format {format}, which always shows the whole plan.",
            f"Omit {' and '.join(given)}, or --format.",
        )
    if brief and verbose:
        raise UsageError("--brief and --verbose contradict each other.", "Use one of them.")
    return ViewOptions(verbose=verbose, only=tuple(only))
