"""`xerosync apply`: plan, show, ask, send, and read the chart again."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xerosync.apply import preflight
from xerosync.apply.journal_writer import Provenance
from xerosync.apply.preflight import Prepared
from xerosync.cli import options
from xerosync.cli.options import Format
from xerosync.errors import InvalidPlan, UsageError
from xerosync.model import DesiredChart
from xerosync.plan import limits, stale
from xerosync.plan.build import build
from xerosync.plan.organisation import check_organisation
from xerosync.plan.plan import Plan
from xerosync.plan.serialize import digest_of
from xerosync.text import counted, timestamp
from xerosync.workspace import copy_of_journal, local_commit, local_user, lock, new_journal_path

if TYPE_CHECKING:
    from xerosync.cli.progress import RunDisplay
    from xerosync.cli.session import Session
    from xerosync.history.applied_once import Approval
    from xerosync.organisations.failed import FailedOrganisation

MOST = 10
"""How many accounts a sentence names."""

RUN_AGAIN = "Run the same command again: it continues with what is left."
PLAN_AGAIN = "A saved plan is applied once. Plan again: the new plan holds what is left."


def command(
    arguments: options.PlanOrFiles = [],  # noqa: B006 typer copies it
    file: options.Files = [],  # noqa: B006 as above
    sandbox: options.UseSandbox = False,
    profile: options.Profile = "",
    yes: Annotated[
        bool, typer.Option("--yes", help="Apply without asking. Safety limits still apply.")
    ] = False,
    same_as: options.SameAs = [],  # noqa: B006 typer copies it
    skip_blocked: Annotated[
        bool, typer.Option("--skip-blocked", help="Apply the rest if changes are blocked.")
    ] = False,
    allow: options.Allow = [],  # noqa: B006 typer copies it
    start_anyway: options.StartAnyway = False,
    result: options.Result = None,
    format: options.EventFormat = Format.TEXT,  # noqa: A002 the option is called so
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> None:
    """Make Xero match the file: show the plan, ask, send it, and check the result."""
    from xerosync.cli.progress import RunDisplay
    from xerosync.cli.questions import check_can_confirm, confirm_apply
    from xerosync.cli.session import load_charts, open_session
    from xerosync.cli.signals import nothing_sent
    from xerosync.history.journal import probe

    allowed = limits.parse_allow(allow)
    plan, files = options.saved_plan(arguments)
    with ExitStack() as stack:
        session = stack.enter_context(
            open_session(sandbox=sandbox, no_color=no_color, debug=debug, profile=profile)
        )
        display = RunDisplay(session.terminal, session.wait, as_json=format is Format.JSON)
        with nothing_sent():
            saved, failed, approval = _read(plan) if plan else ((), (), None)
            for one in saved:
                stale.check_made_for_xero(one)
            _check_file_alone(file, saved)
            ask = plan is None and not yes
            if ask:
                check_can_confirm(session.terminal)
            _check_same_as(same_as, saved)
            chosen = [] if saved else options.chart_files(files, file)
            charts = load_charts(same_as or chosen, session.terminal.say)
            journal_path = result or new_journal_path()
            probe(journal_path)
            prepared = _prepare(session, stack, charts, saved, approval)
            if start_anyway:
                prepared = [replace(one, calls_left=None) for one in prepared]
            made_at = datetime.now(UTC)
            display.plans([one.plan for one in prepared], made_at, failed)
            _say_besides(display, prepared)
            preflight.check(prepared, allowed, skip_blocked=skip_blocked)
            names = [one.plan.organisation.name for one in prepared if one.plan.steps]
            if names and ask:
                confirm_apply(session.terminal, names)
        if names or any(one.to_record for one in prepared):
            _run(session, display, prepared, journal_path, approval, made_at)
        if not names and any(one.plan.blocked for one in prepared):
            display.say("Nothing was sent: every change is blocked.")


def _prepare(
    session: Session,
    stack: ExitStack,
    charts: Sequence[DesiredChart],
    saved: Sequence[Plan],
    approval: Approval | None,
) -> list[Prepared]:
    """Open, lock and plan each organisation; saved plans with charts must agree with them."""
    from xerosync.history.baseline import left_by_applies, read_baseline
    from xerosync.history.known_names import with_known_names
    from xerosync.history.on_record import is_new
    from xerosync.history.origin import add_origins

    say = session.terminal.say
    prepared: list[Prepared] = []
    for number, desired in enumerate(charts or [plan.desired for plan in saved]):
        ledger = stack.enter_context(
            session.ledger(desired.organisation, read_only=False, profile=desired.profile)
        )
        organisation = ledger.organisation()
        check_organisation(desired.organisation, organisation)
        preflight.check_once((one.plan for one in prepared), organisation, desired.file)
        stack.enter_context(lock(organisation, say))
        if approval:
            approval.check()
        current = ledger.chart()
        base = read_baseline(organisation.tenant_id, desired.file, say)
        if charts:
            desired = with_known_names(desired, base)  # noqa: PLW2901
        if saved:
            applied = left_by_applies(organisation.tenant_id, current, say)
            one = saved[number]
            plan = (
                stale.as_in_file(one, current, desired, applied)
                if charts
                else stale.again(one, current, applied)
            )
        else:
            plan = build(current, desired)
        plan = add_origins(plan, base, current)
        to_record = is_new(plan, current)
        prepared.append(Prepared(plan, ledger, ledger.calls_left_today, current, to_record))
    return prepared


def _run(
    session: Session,
    display: RunDisplay,
    prepared: Sequence[Prepared],
    journal_path: Path,
    approval: Approval | None,
    made_at: datetime,
) -> None:
    """Apply the prepared plans. Raises the gravest failure, and shows the others."""
    from xerosync.apply.run import Runner
    from xerosync.cli.failure import report_failure
    from xerosync.cli.signals import stopping
    from xerosync.history.journal import Journal

    settings = session.settings
    created_at = approval.created_at if approval else timestamp(made_at)
    provenance = Provenance(
        approval.digest if approval else digest_of([one.plan for one in prepared], created_at),
        created_at,
        actor=settings.actor or local_user(),
        approver=settings.approver,
        commit=settings.commit or local_commit(),
        job=settings.job,
    )
    also = display.event if display.as_json else None
    journal = Journal(
        journal_path,
        lambda: datetime.now(UTC),
        also,
        copy=copy_of_journal(journal_path),
        warn=display.say,
    )
    runner = Runner(
        journal, provenance, display, session.stop, PLAN_AGAIN if approval else RUN_AGAIN
    )
    if approval:
        runner = replace(
            runner, before_first=lambda: approval.use(journal_path, session.terminal.say)
        )
    try:
        with stopping(session.stop, session.terminal):
            failures = runner.run_all(prepared)
    finally:
        journal.close()
        if journal.begun:
            display.say(f"Journal: {journal.path}", "dim")
    for failure in failures[1:]:
        report_failure(failure, debug=session.debug)
    if failures:
        raise failures[0]


def _say_besides(display: RunDisplay, prepared: Sequence[Prepared]) -> None:
    """Write what the files ask for that saved plans leave to other plans."""
    for one in prepared:
        if others := [change.label for change in one.plan.besides]:
            labels = ", ".join(others[:MOST]) + (", and more" if len(others) > MOST else "")
            display.say(
                f"{one.plan.file} also asks for {counted(len(others), 'change')} that this plan "
                f"does not make: {labels}. Plan again for what is left."
            )


def _read(path: Path) -> tuple[tuple[Plan, ...], tuple[FailedOrganisation, ...], Approval]:
    """Read a saved plan, the organisations that it leaves out, and its approval.

    Raises `InvalidPlan` for anything else.
    """
    from xerosync.cli.files import read_text
    from xerosync.history.applied_once import Approval
    from xerosync.history.runs import is_journal
    from xerosync.organisations.review import failed_of
    from xerosync.plan.serialize import digest_and_date, loads

    text = read_text(path)
    if is_journal(text):
        raise InvalidPlan(
            f"{path} is not a plan: it is the journal of an apply.",
            f"Read it with `{shlex.join(('xerosync', 'show', str(path)))}`, or undo it with "
            f"`{shlex.join(('xerosync', 'rollback', str(path)))}`.",
        )
    plans = loads(text, str(path))
    return plans, failed_of(json.loads(text)), Approval(path, *digest_and_date(text))


def _check_file_alone(files: Sequence[str], saved: Sequence[Plan]) -> None:
    """Raise `UsageError` for `--file` beside a saved plan, which would ignore it."""
    if saved and files:
        raise UsageError(
            "--file is not used with PLAN.json: a saved plan holds what it was made from.",
            "Leave it out. To compare the plan with a file as it is now, use --same-as PATH.",
        )


def _check_same_as(files: Sequence[str], saved: Sequence[Plan]) -> None:
    """Raise `UsageError` if `--same-as` has no saved plan, or the wrong number of files."""
    if files and any(plan.desired.partial for plan in saved):
        raise UsageError(
            "This plan undoes a run: no file asks for that, so --same-as cannot be used.",
            "Leave out --same-as.",
        )
    if files and len(files) != len(saved):
        raise UsageError(
            f"--same-as names {counted(len(files), 'file')}, but the plan has {len(saved)}.",
            "Use PLAN.json with one --same-as for each of its files, in their order.",
        )
