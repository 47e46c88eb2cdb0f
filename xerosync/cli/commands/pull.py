"""`xerosync pull`: the organisation's chart, into the file; comments and layout kept."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from xerosync.cli import options
from xerosync.errors import ExitCode, Refused, UsageError
from xerosync.model import OrganisationPin

if TYPE_CHECKING:
    from xerosync.chartfile.edit.entry import Knowledge
    from xerosync.chartfile.edit.merge import Merged
    from xerosync.cli.session import Session
    from xerosync.cli.terminal import Terminal
    from xerosync.model import Chart, DesiredChart


def command(
    files: options.ChartFiles = [],  # noqa: B006 typer copies it
    file: options.Files = [],  # noqa: B006 as above
    sandbox: options.UseSandbox = False,
    profile: options.Profile = "",
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Write nothing; show what would change, and leave with 2 if it would."
        ),
    ] = False,
    all_fields: Annotated[
        bool,
        typer.Option(
            "--all-fields",
            help="Write every field of an account that is new in the file, defaults too.",
        ),
    ] = False,
    organisation: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Which organisation, of several, by name or tenant id, for a new file.",
        ),
    ] = "",
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Make the file from Xero, or bring into it what was changed there. Only reads Xero."""
    from xerosync.chartfile.edit.entry import Knowledge
    from xerosync.cli.session import open_session

    names = options.chart_files(files, file)
    changed = False
    with open_session(sandbox=sandbox, no_color=no_color, debug=debug, profile=profile) as session:
        for name in names:
            knowledge = Knowledge(every=all_fields)
            changed |= pull(session, Path(name), knowledge, organisation, check=check)
    return ExitCode.CHANGES if check and changed else ExitCode.OK


def pull(
    session: Session, path: Path, knowledge: Knowledge, organisation: str = "", *, check: bool
) -> bool:
    """Bring one file up to its organisation; tell whether it differs, or did.

    Raises `WrongOrganisation` before anything else is looked at, and `ChartError` for a
    file that is no chart.
    """
    from xerosync.chartfile.edit.pull import new_file, update_file
    from xerosync.plan.organisation import check_organisation

    before, desired = read_chart(path)
    pin = desired.organisation if desired else pin_of(organisation)
    with session.ledger(pin, read_only=True) as ledger:
        chart = ledger.chart()
    check_organisation(pin, chart.organisation)
    if desired is None:
        result = new_file(chart, knowledge)
    else:
        result = update_file(before, desired, chart, knowledge)
    prove(result, chart, str(path))
    tell(result, session.terminal)
    return save(path, before, result, session.terminal, check=check)


def pin_of(organisation: str) -> OrganisationPin:
    """Give the pin of an organisation that is told by its name or its tenant id."""
    try:
        return OrganisationPin(tenant_id=str(UUID(organisation)))
    except ValueError:
        return OrganisationPin(name=organisation)


def read_chart(path: Path) -> tuple[bytes, DesiredChart | None]:
    """Read a chart file that is to be edited; nothing and None where there is none.

    Its bytes are those that were read: `save` writes only over them.
    """
    from xerosync.chartfile.load import parse
    from xerosync.chartfile.syntax import source

    if str(path) == "-":
        raise UsageError("pull writes a file, and cannot write standard input.", "Name a file.")
    if not path.exists():
        return b"", None
    before = source.read(str(path))
    return before, parse(before, str(path), lint=False).chart


def prove(result: Merged, chart: Chart, file: str) -> None:
    """Check that a plan for the file that is to be written finds no changes."""
    from xerosync.apply.verify import check_pulled
    from xerosync.chartfile.load import parse

    check_pulled(chart, parse(result.text, file, lint=False).chart)


def tell(result: Merged, terminal: Terminal) -> None:
    """Say what was edited, and what the file cannot hold."""
    for sentence in result.edited:
        terminal.say(sentence)
    for sentence in result.warnings:
        terminal.say(f"Warning: {sentence}", "yellow")


def save(path: Path, before: bytes, result: Merged, terminal: Terminal, *, check: bool) -> bool:
    """Write the file, whole; with `check` only show how it would differ, on stdout."""
    from xerosync.cli.files import write_whole

    after = result.text.encode("utf-8")
    if after == before and path.exists():
        terminal.say(f"{path} is up to date.")
        return False
    if check:
        terminal.data(_difference(before.decode("utf-8"), result.text, str(path)))
        terminal.say(f"{path} would be {'changed' if before else 'made'}. Nothing was written.")
        return True
    target = path.resolve()
    if (target.read_bytes() if target.exists() else b"") != before:
        raise Refused(
            f"{path} was changed by someone else meanwhile.", "Nothing was written. Run it again."
        )
    write_whole(target, result.text)
    terminal.say(f"{path}: {'updated' if before else 'made'}. Next: xerosync plan")
    return True


def _difference(before: str, after: str, name: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), name, name, lineterm="")
    from xerosync.text import visible

    return "".join(visible(line) + "\n" for line in lines)
