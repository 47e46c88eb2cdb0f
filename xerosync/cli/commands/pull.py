"""`xerosync pull`: bring the organisation's chart into the file; comments and layout stay."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xerosync.cli import options
from xerosync.errors import ExitCode, UsageError
from xerosync.files import refuse_existing
from xerosync.workspace import command_line, is_yaml

if TYPE_CHECKING:
    from xerosync.chartfile.edit.new_entry import SourceFields
    from xerosync.cli.session import Session


def command(
    files: options.ChartFiles = [],  # noqa: B006 typer copies it
    file: options.FilesOrFolders = [],  # noqa: B006 as above
    sandbox: options.UseSandbox = False,
    profile: options.Profile = "",
    check: options.CheckEdits = False,
    all_fields: Annotated[
        bool,
        typer.Option(
            "--all-fields",
            help="For an account that is new in the file, write every field, defaults included.",
        ),
    ] = False,
    organisation: options.ForNewFile = "",
    standard: Annotated[
        bool,
        typer.Option(
            "--standard",
            help="Make a standard of the organisation's accounts, in a new file that the files of "
            "other organisations can extend.",
        ),
    ] = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Create the file from Xero, or update it with what changed there. Only reads from Xero.

    In accounts from a standard, differences become overrides (if allowed) with a reason to fill in.
    """
    from xerosync.chartfile.edit.new_entry import SourceFields
    from xerosync.cli.many.choose import Chosen
    from xerosync.cli.session import open_session
    from xerosync.organisations.run import failure_of, work_in_turn

    names = Chosen.of(files, file, standards=standard).files
    with open_session(sandbox=sandbox, no_color=no_color, debug=debug, profile=profile) as session:

        def pull(name: str) -> bool:
            one = pull_standard if standard else pull_file
            known = SourceFields(every=all_fields)
            return one(session, Path(name), known, organisation, check=check)

        changed, failed = work_in_turn(names, pull, lambda name: (name, ""))
        if failed:
            raise failure_of(failed, len(changed))
    return ExitCode.CHANGES if check and any(changed) else ExitCode.OK


def pull_file(
    session: Session, path: Path, known: SourceFields, organisation: str = "", *, check: bool
) -> bool:
    """Create or update one file from its organisation; return whether its text changes.

    If `check`, show the difference, and write nothing.
    """
    from xerosync.chartfile.edit.pull import pull
    from xerosync.cli.edited_file import read_chart, report, save
    from xerosync.history.baseline import read_baseline

    before, desired = read_chart(path, organisation)
    pin = desired.organisation if desired else options.pin_of_organisation(organisation)
    chart = session.chart(pin, desired.profile if desired else "")
    base = read_baseline(chart.organisation.tenant_id, str(path), session.terminal.say)
    result = pull(before, desired, chart, known, str(path), baseline=base)
    report(result, session.terminal)
    if desired and result.edited and base is None:
        session.terminal.say(
            "No finished apply is recorded here for this organisation, so wherever the file and "
            "Xero differ, pull takes Xero's values."
        )
    then = command_line("validate" if result.unexplained else "plan", path)
    return save(path, before, result.text, session.terminal, check=check, next_step=then)


def pull_standard(
    session: Session, path: Path, known: SourceFields, organisation: str = "", *, check: bool
) -> bool:
    """Make a standard from an organisation; if `check`, only show it. Return True.

    Raises `UsageError` if the file exists, or if its name starts with a dot or lacks .yaml or .yml.
    """
    from xerosync.chartfile.edit.standard_file import standard_of
    from xerosync.cli.edited_file import report, save

    if not is_yaml(path) or path.name.startswith("."):
        raise UsageError(
            f"{path} cannot be the name of a standard.",
            "Choose a name that ends in .yaml or .yml and does not begin with a dot, such as"
            " standard/chart.yaml.",
        )
    refuse_existing(path, "xerosync does not overwrite a standard.")
    chart = session.chart(options.pin_of_organisation(organisation))
    result = standard_of(chart, known, str(path))
    report(result, session.terminal)
    session.terminal.say(
        "The standard has neither `organisation:` nor the ids of accounts, so other organisations "
        "can extend it."
    )
    then = command_line("validate", path)
    return save(path, b"", result.text, session.terminal, check=check, next_step=then)
