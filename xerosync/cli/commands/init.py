"""`xerosync init`: set up a project, by questions or by the options that answer them."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xerosync.cli import options
from xerosync.environment import read_settings
from xerosync.errors import AccessDenied, UsageError
from xerosync.files import make_folder_of, write_whole
from xerosync.regular_file import read_text
from xerosync.text import counted
from xerosync.workspace import DEFAULT_FILE, STATE, as_argument, command_line

if TYPE_CHECKING:
    from xerosync.cli.questions import Questions
    from xerosync.cli.session import Session
    from xerosync.cli.terminal import Terminal
    from xerosync.plan.plan import Plan


_WHERE = "Where should the chart be read from?"
_IGNORE = "Add .xerosync/ (journals, the sandbox) to .gitignore?"
_WHICH_CI = "Write workflows for which CI?"


class Start(StrEnum):
    """Where to read the first chart from."""

    XERO = "xero"
    SANDBOX = "sandbox"
    CSV = "csv"


class CI(StrEnum):
    """The CI to write workflows for."""

    GITHUB = "github"
    NONE = "none"


def command(  # noqa: C901 (it only asks, and calls what was chosen)
    start: Annotated[
        Start | None, typer.Option("--from", help="Where to read the chart from.")
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", help="With --from csv: the file that Xero exported."),
    ] = None,
    organisation: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="The organisation to use, by name or tenant id; with --from csv, the one that the "
            "CSV is from.",
        ),
    ] = "",
    file: Annotated[
        Path,
        typer.Option(
            "--file",
            "-f",
            metavar="PATH",
            help="The chart file, or a folder that already has chart files.",
        ),
    ] = Path(DEFAULT_FILE),
    extends: Annotated[
        list[Path],
        typer.Option(
            metavar="STANDARD.yaml",
            help="Create a file that takes its accounts from this standard. Repeatable.",
        ),
    ] = [],  # noqa: B006 typer copies it
    gitignore: Annotated[
        bool | None,
        typer.Option("--gitignore/--no-gitignore", help="Add .xerosync/ to .gitignore."),
    ] = None,
    ci: Annotated[CI | None, typer.Option("--ci", help="Write workflows for this CI.")] = None,
    profile: options.Profile = "",
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> None:
    """Set up a project: the chart file, .gitignore, CI workflows; then validate and plan.

    The charts of a folder are validated, and not planned.
    """
    from xerosync.chartfile.load import kind_of, refuse_standard
    from xerosync.cli.edited_file import refuse_standard_input
    from xerosync.cli.new_overlay import check_overlay, create_overlay
    from xerosync.cli.questions import Questions
    from xerosync.cli.session import open_session, options_of
    from xerosync.cli.terminal import open_terminal

    refuse_standard_input(file)
    settings = read_settings(profile=profile)
    terminal = open_terminal(settings, no_color=no_color, options=options_of(profile))
    questions = Questions(terminal)
    if extends:
        from_csv = start is Start.CSV or bool(csv)
        check_overlay(file, extends, from_csv=from_csv, ci=ci is CI.GITHUB)
        start = Start(questions.choose(_WHERE, "--from", (Start.XERO, Start.SANDBOX), start))
        ignore = questions.confirm(_IGNORE, "--gitignore", gitignore)
        questions.check()
        with open_session(
            sandbox=start is Start.SANDBOX, no_color=no_color, debug=debug, profile=profile
        ) as session:
            if ignore:
                _ignore(session.terminal)
            create_overlay(session, file, organisation, extends)
        return
    refuse_standard(str(file), kind_of(str(file)))
    if file.is_dir():
        if start or csv or organisation:
            raise UsageError(
                f"{file} is a folder, and init uses the chart files that are already in it.",
                "Leave out --from, --csv and --organisation, or give a file with --file.",
            )
        _set_up_folder(terminal, questions, file, gitignore, ci)
        return
    start = Start(questions.choose(_WHERE, "--from", tuple(Start), start))
    if start is Start.CSV:
        csv = Path(questions.ask("Which file did Xero export?", "--csv", str(csv or "")))
        if not os.path.lexists(file):
            organisation = questions.ask(
                "What is the organisation called in Xero?", "--organisation", organisation
            )
    elif csv:
        raise UsageError("--csv needs --from csv.", "Add --from csv, or leave --csv out.")
    ignore = questions.confirm(_IGNORE, "--gitignore", gitignore)
    ci = CI(questions.choose(_WHICH_CI, "--ci", tuple(CI), ci))
    questions.check()
    if ci is CI.GITHUB:
        for path in filter(None, (file, csv)):
            _scalar(path)
    with open_session(
        sandbox=start is Start.SANDBOX, no_color=no_color, debug=debug, profile=profile
    ) as session:
        _make_file(session, start, csv, file, organisation)
        if ignore:
            _ignore(session.terminal)
        if ci is CI.GITHUB:
            _write_workflows(session.terminal, file, csv)
        session.terminal.show(_plan(session, file, csv))
        plan_again = command_line("plan", file, *(("--current", str(csv)) if csv else ()))
        session.terminal.say(
            f"Done. Next: edit the file, run `{plan_again}`, and commit the files to Git."
        )


def _set_up_folder(
    terminal: Terminal, questions: Questions, folder: Path, gitignore: bool | None, ci: CI | None
) -> None:
    """Check the charts in a folder; if wanted, write .gitignore and workflows for them."""
    from xerosync.cli.many.choose import Chosen

    ignore = questions.confirm(_IGNORE, "--gitignore", gitignore)
    ci = CI(questions.choose(_WHICH_CI, "--ci", tuple(CI), ci))
    questions.check()
    if ci is CI.GITHUB:
        _scalar(folder)
    charts = Chosen.of([], [str(folder)]).charts(terminal.say).charts
    terminal.say(f"{folder} has {counted(len(charts), 'valid chart')}.")
    if ignore:
        _ignore(terminal)
    if ci is CI.GITHUB:
        _write_workflows(terminal, folder, None)
    terminal.say(f"Done. Next: run `{command_line('plan', folder)}`, and commit the files to Git.")


def _make_file(
    session: Session, start: Start, csv: Path | None, file: Path, organisation: str
) -> None:
    """Create the chart file, unless it exists."""
    from xerosync.chartfile.edit.new_entry import SourceFields
    from xerosync.cli.commands.import_csv import import_file
    from xerosync.cli.commands.pull import pull_file
    from xerosync.cli.questions import Questions

    terminal = session.terminal
    if os.path.lexists(file):
        how = command_line(*(("import-csv", file, as_argument(csv)) if csv else ("pull", file)))
        terminal.say(f"{file} already exists and was left unchanged. To update it: {how}")
        return
    if csv:
        import_file(csv, file, organisation, terminal)
        return
    try:
        pull_file(session, file, SourceFields(), organisation, check=False)
    except AccessDenied as error:
        asks = error.naming_helps and not organisation and terminal.interactive
        if not asks or start is Start.SANDBOX:
            raise
        terminal.say(error.message)
        name = Questions(terminal).ask(
            "Which organisation, by name or tenant id?", "--organisation", ""
        )
        pull_file(session, file, SourceFields(), name, check=False)


def _ignore(terminal: Terminal) -> None:
    """Add the folder .xerosync to .gitignore, unless it is already there."""
    path = Path(".gitignore")
    text = read_text(path) if path.exists() else ""
    line = f"{STATE}/"
    lines = (one.rstrip(" \r") for one in text.split("\n"))
    about = [one for one in lines if one.removeprefix("!").removeprefix("/") in {str(STATE), line}]
    if about and not about[-1].startswith("!"):
        terminal.say(f"{path} already lists {line}")
        return
    gap = "" if not text or text.endswith("\n") else "\n"
    write_whole(path, f"{text}{gap}{line}\n")
    terminal.say(f"{path}: added {line}")


def _write_workflows(terminal: Terminal, file: Path, csv: Path | None) -> None:
    """Write the CI workflows, except those that exist."""
    from xerosync.ci.workflows import github_workflows

    workflows = github_workflows(_scalar(file), _scalar(csv) if csv else "", folder=file.is_dir())
    for name, text in workflows.items():
        path = Path(name)
        if path.exists():
            terminal.say(f"{path} already exists and was left unchanged.")
            continue
        make_folder_of(path)
        write_whole(path, text)
        terminal.say(f"{path}: written.")
    terminal.say(
        "In the workflows, replace your-organisation/xerosync with your copy of xerosync's "
        "repository, and the zeros with a commit of it that you have tested."
    )
    secrets = "secrets and the environment"
    if file.is_dir():
        secrets = "secrets as docs/many.md says, and the environments"
    if csv:
        terminal.say(f"Keep {csv} in Git too: the workflow plans against it.")
    else:
        terminal.say(
            f"Then set the {secrets} as docs/ci.md says. The workflows connect to Xero, never to a "
            "sandbox."
        )


def _scalar(path: Path) -> str:
    """Return a path as YAML, relative if inside the current folder. Raises like `check_path`."""
    from xerosync.chartfile.syntax.quoting import scalar
    from xerosync.ci.workflows import check_path

    absolute, here = Path(os.path.realpath(path)), Path.cwd()
    text = (absolute.relative_to(here) if absolute.is_relative_to(here) else path).as_posix()
    check_path(text)
    return scalar("files", text, flow=True)


def _plan(session: Session, file: Path, csv: Path | None) -> Plan:
    from xerosync.cli.against_csv import plan_against_csv
    from xerosync.cli.session import load_chart
    from xerosync.plan.build import build

    say = session.terminal.say
    desired = load_chart(file, say)
    say(f"{file} is valid: {counted(len(desired.accounts), 'account')}.")
    if csv:
        return plan_against_csv(desired, csv, say)
    return build(session.chart(desired.organisation, desired.profile), desired)
