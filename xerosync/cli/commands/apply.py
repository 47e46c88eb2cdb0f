"""`xerosync apply`: plan, show, ask, send, and read the chart again."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xerosync.apply.journal_writer import Provenance
from xerosync.apply.preflight import Prepared
from xerosync.cli import options
from xerosync.cli.options import Format
from xerosync.organisations.waves import DEFAULT, parse_waves
from xerosync.plan.blocks import limits
from xerosync.plan.organisation import check_organisation
from xerosync.workspace import copy_of_journal, local_commit, local_user, lock, new_journal_path

if TYPE_CHECKING:
    from xerosync.cli.apply_source import ApplyOptions, ToApply
    from xerosync.cli.progress import RunDisplay
    from xerosync.cli.session import Session
    from xerosync.history.folder import JournalIndex
    from xerosync.history.target import Target

RUN_AGAIN = "Run the same command again: it continues with what is left."
PLAN_AGAIN = "A saved plan is applied once. Plan again: the new plan holds what is left."


def command(
    arguments: options.PlanOrFiles = [],  # noqa: B006 typer copies it
    file: options.FilesOrFolders = [],  # noqa: B006 as above
    select: options.Select = [],  # noqa: B006 as above
    shard: options.Shard = "",
    sandbox: options.UseSandbox = False,
    profile: options.Profile = "",
    yes: Annotated[
        bool, typer.Option("--yes", help="Apply without asking. Safety limits still apply.")
    ] = False,
    same_as: options.SameAs = [],  # noqa: B006 typer copies it
    waves: options.Waves = DEFAULT,
    skip_blocked: Annotated[
        bool, typer.Option("--skip-blocked", help="Apply the rest if changes are blocked.")
    ] = False,
    allow: options.Allow = [],  # noqa: B006 typer copies it
    start_anyway: options.StartAnyway = False,
    no_usage: options.NoUsage = False,
    result: options.Result = None,
    workers: options.Workers = options.WORKERS,
    format: options.EventFormat = Format.TEXT,  # noqa: A002 the option is called so
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> None:
    """Make Xero match the file: show the plan, ask, send it, and check the result."""
    from xerosync.cli.apply_source import ApplyOptions, Asked
    from xerosync.cli.progress import RunDisplay
    from xerosync.cli.questions import check_can_confirm
    from xerosync.cli.session import open_session
    from xerosync.cli.signals import nothing_sent

    allowed, parts = limits.parse_allow(allow), parse_waves(waves)
    plan, files = options.saved_plan(arguments)
    asked = Asked(plan, files, file, select, shard, same_as)
    chosen = ApplyOptions(
        allowed, parts, workers, skip_blocked, start_anyway,
        ask=plan is None and not yes, usage=not no_usage,
    )  # fmt: skip
    with open_session(sandbox=sandbox, no_color=no_color, debug=debug, profile=profile) as session:
        display = RunDisplay(session.terminal, session.wait, as_json=format is Format.JSON)
        with nothing_sent():
            if chosen.ask:
                check_can_confirm(session.terminal)
            source = asked.read(session.terminal.say)
        if source.alone:
            _apply_one(session, display, source, source.alone, chosen, result)
        elif source.targets or source.refused or source.left_out:
            _apply_many(session, display, source, chosen, result)


def _apply_one(
    session: Session,
    display: RunDisplay,
    source: ToApply,
    target: Target,
    chosen: ApplyOptions,
    result: str | None,
) -> None:
    """Plan for the only organisation, ask, and apply the plan, all under one lock."""
    from xerosync.cli.questions import confirm_apply
    from xerosync.cli.signals import nothing_sent
    from xerosync.history.journal import probe
    from xerosync.organisations.plan_folder import safe_names

    file, folder = options.file_or_folder(result)
    if folder:
        file = folder / safe_names([target.desired.file], ".jsonl")[0]
    path = file or new_journal_path()
    with ExitStack() as stack:
        with nothing_sent():
            probe(path)
            one = _prepare(session, stack, target, source.index, usage=chosen.usage)
            if chosen.start_anyway:
                one = replace(one, calls_left=None)
            made_at = datetime.now(UTC)
            display.plans([one.plan], made_at)
            display.besides([one.plan])
            chosen.check(one.plan, one.calls_left)
            if one.plan.steps and chosen.ask:
                confirm_apply(session.terminal, [one.plan.organisation.name])
        if one.plan.steps or one.to_record:
            _run(session, display, one, path, target, made_at)
        if not one.plan.steps and one.plan.blocked:
            display.say("Nothing was sent: every change is blocked.")


def _prepare(
    session: Session, stack: ExitStack, target: Target, index: JournalIndex, *, usage: bool
) -> Prepared:
    """Connect to the organisation, lock it, and return its plan with what `_run` needs."""
    from xerosync.history.baseline import read_baseline
    from xerosync.history.on_record import is_new
    from xerosync.history.origin import plan_since
    from xerosync.xero.auth.scopes import ALL_USAGE_SCOPES

    say, desired = session.terminal.say, target.desired
    pin, also = desired.organisation, ALL_USAGE_SCOPES if usage else ()
    ledger = stack.enter_context(
        session.ledger(pin, read_only=False, profile=desired.profile, also=also)
    )
    organisation = ledger.organisation()
    check_organisation(desired.organisation, organisation)
    stack.enter_context(lock(organisation, say))
    if target.approval:
        target.approval.check()
    current = ledger.chart()
    base = read_baseline(organisation.tenant_id, desired.file, say, index)
    read = partial(ledger.usage, current.accounts) if usage else None
    plan = plan_since(base, desired, current, partial(target.plan, current, index, say, read))
    to_record = is_new(plan, current, index)
    return Prepared(plan, ledger, ledger.calls_left_today, current, to_record, usage)


def _apply_many(
    session: Session, display: RunDisplay, source: ToApply, chosen: ApplyOptions, result: str | None
) -> None:
    from xerosync.cli.many.apply import ManyApply
    from xerosync.cli.many.apply_result import Journals
    from xerosync.cli.signals import nothing_sent

    files = [one.desired.file for one in source.targets]
    also = display.event if display.as_json else None
    with nothing_sent():
        journals = Journals.check(*options.file_or_folder(result), files, also)
    ManyApply(
        session,
        display,
        chosen,
        journals,
        datetime.now(UTC),
        _provenance(session),
        PLAN_AGAIN if source.is_saved else RUN_AGAIN,
    ).run(source)


def _provenance(session: Session) -> Provenance:
    settings = session.settings
    return Provenance(
        "",
        actor=settings.actor or local_user(),
        approver=settings.approver,
        commit=settings.commit or local_commit(),
        job=settings.job,
    )


def _run(
    session: Session,
    display: RunDisplay,
    prepared: Prepared,
    journal_path: Path,
    target: Target,
    made_at: datetime,
) -> None:
    """Apply the plan, or only journal it if it has no steps."""
    from xerosync.apply.run import Runner
    from xerosync.cli.signals import stopping
    from xerosync.history.journal import Journal

    approval = target.approval
    journal = Journal(
        journal_path,
        lambda: datetime.now(UTC),
        display.event if display.as_json else None,
        copy=copy_of_journal(journal_path),
        warn=display.say,
    )
    runner = Runner(
        journal,
        target.provenance(_provenance(session), prepared.plan, made_at),
        display,
        session.stop,
        PLAN_AGAIN if approval else RUN_AGAIN,
        partial(approval.use, journal_path, session.terminal.say) if approval else lambda: None,
    )
    try:
        with stopping(session.stop, session.terminal):
            if prepared.plan.steps:
                runner.run(prepared)
            elif prepared.current:
                runner.record(prepared.plan, prepared.current)
    finally:
        journal.close()
        if journal.begun:
            display.say(f"Journal: {journal.path}", "dim")
