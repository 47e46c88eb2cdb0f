"""`xerosync apply`: plan, show, ask, send, and read again to prove it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xerosync.cli import options
from xerosync.cli.options import Format
from xerosync.errors import InvalidPlan, UsageError
from xerosync.model import DesiredChart, Organisation

if TYPE_CHECKING:
    from xerosync.plan.plan import Plan


def command(
    arguments: options.PlanOrFiles = [],  # noqa: B006 typer copies it
    file: options.Files = [],  # noqa: B006 as above
    sandbox: options.UseSandbox = False,
    profile: options.Profile = "",
    yes: Annotated[
        bool, typer.Option("--yes", help="Apply without asking. Safety limits hold.")
    ] = False,
    same_as: options.SameAs = [],  # noqa: B006 typer copies it
    skip_blocked: Annotated[
        bool, typer.Option("--skip-blocked", help="Apply the rest when changes are blocked.")
    ] = False,
    allow: options.Allow = [],  # noqa: B006 typer copies it
    start_anyway: options.StartAnyway = False,
    result: options.Result = None,
    format: options.EventFormat = Format.TEXT,  # noqa: A002 the option is called so
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Make Xero match the file: show the plan, ask, send it, and prove it."""
    from xerosync.cli.execute import Execution, check_confirmable
    from xerosync.cli.session import load_charts, open_session
    from xerosync.cli.signals import nothing_sent
    from xerosync.cli.state import alone, last_apply, refuse_twice
    from xerosync.history.origin import explain
    from xerosync.plan import limits, stale
    from xerosync.plan.build import build
    from xerosync.plan.organisation import check_organisation

    allowed = limits.parse_allow(allow)
    plan, files = options.saved_plan(arguments)
    with ExitStack() as stack:
        session = stack.enter_context(
            open_session(sandbox=sandbox, no_color=no_color, debug=debug, profile=profile)
        )
        with nothing_sent():
            say = session.terminal.say
            saved, created_at = _read(plan) if plan else ((), "")
            for one in saved:
                stale.check_made_for_xero(one)
            approved = yes or plan is not None
            _check_file_alone(file, saved)
            check_confirmable(session.terminal, approved=approved)
            _check_same_as(same_as, saved)
            charts = (
                _desired(saved)
                if saved and not same_as
                else load_charts(same_as or options.chart_files(files, file), say)
            )
            execution = Execution(
                session,
                result,
                as_json=format is Format.JSON,
                saved=saved,
                created_at=created_at,
            )
            seen: dict[str, str] = {}
            for number, desired in enumerate(charts):
                pin = desired.organisation
                ledger = stack.enter_context(session.ledger(pin, read_only=False))
                books = ledger.organisation()
                check_organisation(pin, books)
                _check_once(seen, books, desired.file)
                stack.enter_context(alone(books, say))
                refuse_twice(saved, created_at)
                current = ledger.chart()
                fresh = stale.again(saved[number], current) if saved else build(current, desired)
                if same_as:
                    fresh = stale.as_in_file(fresh, current, desired)
                base = last_apply(books.tenant_id, say)
                execution.add(explain(fresh, base, current), ledger)
                if not start_anyway:
                    execution.bound(ledger.calls_left_today)
            execution.review(allowed, skip_blocked=skip_blocked, approved=approved)
        return execution.run()


def _read(path: Path) -> tuple[tuple[Plan, ...], str]:
    """Read a saved plan, and when it was made. Raises `InvalidPlan` for what is none."""
    from xerosync.cli.files import read_text
    from xerosync.history.runs import is_journal
    from xerosync.plan.serialize import created_at, loads

    text = read_text(path)
    if is_journal(text):
        raise InvalidPlan(
            f"{path} is not a plan: it is the journal of an apply.",
            f"See it with `xerosync show {path}`; `xerosync rollback {path}` plans its undoing.",
        )
    return loads(text, str(path)), created_at(text)


def _desired(saved: Sequence[Plan]) -> tuple[DesiredChart, ...]:
    """Give the charts that saved plans carry."""
    return tuple(plan.desired for plan in saved)


def _check_file_alone(files: Sequence[str], saved: Sequence[Plan]) -> None:
    """Raise `UsageError` for `--file` beside a saved plan, which would ignore it."""
    if saved and files:
        raise UsageError(
            "--file is not read with PLAN.json: a saved plan carries what it was made from.",
            "Leave it out. To hold the plan against a file as it is now, give --same-as PATH.",
        )


def _check_same_as(files: Sequence[str], saved: Sequence[Plan]) -> None:
    """Refuse `--same-as` without a saved plan, or for another number of files."""
    if files and any(plan.desired.partial for plan in saved):
        raise UsageError(
            "This plan undoes a run: no file asks for it, so --same-as cannot hold.",
            "Leave --same-as out.",
        )
    if files and len(files) != len(saved):
        raise UsageError(
            f"--same-as names {len(files)} files, and the plan is of {len(saved)}.",
            "Give PLAN.json, and a --same-as for each file of it, in their order.",
        )


def _check_once(seen: dict[str, str], books: Organisation, file: str) -> None:
    """Refuse two files for one organisation: the second was planned before the first ran."""
    other = seen.setdefault(books.tenant_id, file)
    if other != file:
        raise UsageError(
            f"{other} and {file} are both for {books.name}.",
            "One file is one organisation: put all its accounts in one file.",
        )
