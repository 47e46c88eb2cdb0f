"""`xerosync apply`: plan, show, ask, send, and read the chart again."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from xerosync.apply.journal_writer import Provenance
from xerosync.cli import options
from xerosync.cli.options import Format
from xerosync.organisations.waves import DEFAULT, parse_waves
from xerosync.plan.blocks import limits
from xerosync.workspace import RUNS, local_commit, local_user, lock, refuse_empty

if TYPE_CHECKING:
    from xerosync.cli.progress import RunDisplay
    from xerosync.cli.session import Session
    from xerosync.history.target import Target
    from xerosync.organisations.apply_to_many import ApplyOptions
    from xerosync.organisations.to_apply import ToApply


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
    from xerosync.cli.apply_source import Asked
    from xerosync.cli.progress import RunDisplay
    from xerosync.cli.questions import check_can_confirm
    from xerosync.cli.session import open_session
    from xerosync.cli.signals import nothing_sent
    from xerosync.organisations.apply_to_many import ApplyOptions

    allowed, parts = limits.parse_allow(allow), parse_waves(waves)
    refuse_empty(file)
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
                check_can_confirm(session.terminal, asked.unattended)
            source = replace(asked.read(session.terminal.say), to_result=result is not None)
            source.check_tags(chosen.waves)
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
    from xerosync.apply.preflight import nothing_to_send
    from xerosync.cli.many.apply_result import Journals
    from xerosync.cli.questions import confirm_apply
    from xerosync.cli.signals import nothing_sent, stopping
    from xerosync.history.folder import JournalIndex
    from xerosync.history.journal import probe
    from xerosync.history.target import Runners
    from xerosync.xero.auth.scopes import ALL_USAGE_SCOPES

    (file, folder), chart = options.file_or_folder(result), target.desired.file
    say = session.terminal.say
    pin, also = target.desired.organisation, ALL_USAGE_SCOPES if chosen.usage else ()
    with ExitStack() as stack:
        with nothing_sent():
            if file:
                probe(file)
            path = file or Journals.check(None, folder, [chart], None).new(chart)
            ledger = stack.enter_context(
                session.ledger(pin, read_only=False, profile=target.desired.profile, also=also)
            )
            stack.enter_context(lock(target.organisation(ledger), say))
            target, one = target.prepare(ledger, JournalIndex(RUNS), say, usage=chosen.usage)
            made_at = datetime.now(UTC)
            display.plans([one.plan], made_at)
            display.deferred([one.plan])
            chosen.check(one.plan, ledger.calls_left_today)
            if one.plan.steps and chosen.ask:
                confirm_apply(session.terminal, [one.plan.organisation.name])
        if one.plan.steps or one.to_record:
            runners = Runners(_provenance(session), made_at, source.again, display.say)
            line = display.event if display.as_json else None
            opened = runners.open(
                target, one.plan, path, display, session.stop, also=line,
                closed=lambda path: display.say(f"Journal: {path}", "dim"),
            )  # fmt: skip
            with opened as runner, stopping(session.stop, session.terminal):
                runner.run(one)
        if nothing := nothing_to_send([one.plan]):
            display.say(nothing)


def _apply_many(
    session: Session, display: RunDisplay, source: ToApply, chosen: ApplyOptions, result: str | None
) -> None:
    from xerosync.cli.many.apply_in_waves import ManyApply
    from xerosync.cli.many.apply_result import Journals
    from xerosync.cli.many.run import once
    from xerosync.cli.signals import nothing_sent
    from xerosync.history.target import Runners

    files = [one.desired.file for one in source.targets]
    also = display.event if display.as_json else None
    with nothing_sent():
        journals = Journals.check(*options.file_or_folder(result), files, also)
    say = once(session.terminal.say)
    runners = Runners(_provenance(session), datetime.now(UTC), source.again, say)
    ManyApply(session, display, chosen, journals, runners, source).run()


def _provenance(session: Session) -> Provenance:
    settings = session.settings
    return Provenance(
        "",
        actor=settings.actor or local_user(),
        approver=settings.approver,
        commit=settings.commit or local_commit(),
        job=settings.job,
    )
