"""`xerosync doctor`: check the installation and the sign-in, and say how to fix each problem."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xerosync.cli import options
from xerosync.cli.options import PlanFormat
from xerosync.errors import ExitCode, UsageError
from xerosync.files import refuse_to_replace_others, write_bytes
from xerosync.text import json_text
from xerosync.workspace import DEFAULT_FILE

if TYPE_CHECKING:
    from xerosync.cli.doctor.examination import Examination
    from xerosync.doctor.diagnosis import Diagnosis


def command(
    file: Annotated[
        Path | None,
        typer.Option(
            "--file", "-f", metavar="PATH", help=f"The chart file (default: {DEFAULT_FILE})."
        ),
    ] = None,
    format: Annotated[  # noqa: A002 the option is called so
        PlanFormat,
        typer.Option(
            help="Format of stdout: text, or JSON for programs; with --demo-company also Markdown "
            "or an HTML page."
        ),
    ] = PlanFormat.TEXT,
    bundle: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.zip",
            help="Also write what was found, without secrets and names, for a bug report.",
        ),
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Check only this machine; connect to nothing.")
    ] = False,
    demo_company: Annotated[
        bool,
        typer.Option(
            "--demo-company",
            help="Instead of the checks, ask a demo company how Xero behaves, with throw-away "
            "accounts. This writes to the organisation, and only if Xero says that it is a demo "
            "company.",
        ),
    ] = False,
    organisation: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="With --demo-company: which organisation, by name or tenant id."
        ),
    ] = "",
    yes: Annotated[
        bool, typer.Option("--yes", help="With --demo-company: start without asking.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help="With --demo-company: where to write the report (default: xero-behaviour.json).",
        ),
    ] = None,
    html_file: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH", help="With --demo-company: also write the report as an HTML page."
        ),
    ] = None,
    detailed_exitcode: Annotated[
        bool,
        typer.Option(
            "--detailed-exitcode",
            help="With --demo-company: exit with status 2 if Xero differs from the sandbox, or if "
            "pull, plan, apply or rollback does not work there.",
        ),
    ] = False,
    sandbox: options.UseSandbox = False,
    profile: options.Profile = "",
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Check installation, file, network and sign-in. Only reads.

    Each line begins with ok, warn or fail, or with - for a check that was not made, and says how
    to fix a problem. Exits with 1 if a check fails. With --sandbox, the data of the sandbox is
    kept in .xerosync, as with every command.

    With --demo-company, finds out from a demo company how Xero behaves, and reports what differs
    from the sandbox. Only this writes to Xero.
    """
    from zipfile import is_zipfile

    from xerosync.cli.doctor.examination import open_examination
    from xerosync.cli.session import open_session

    given = {
        "--organisation": organisation, "--yes": yes, "--report": report,
        "--html-file": html_file, "--detailed-exitcode": detailed_exitcode,
        f"--format {format}": format in {PlanFormat.MARKDOWN, PlanFormat.HTML},
    }  # fmt: skip
    _check(given, {"--bundle": bundle, "--offline": offline}, demo_company=demo_company)
    if demo_company:
        from xerosync.cli.doctor.demo_company import REPORT, DemoOptions, ask_demo_company

        asked = DemoOptions(
            file, organisation, yes, report or REPORT, format, html_file, detailed_exitcode
        )
        with open_session(
            sandbox=sandbox, no_color=no_color, debug=debug, profile=profile
        ) as session:
            return ask_demo_company(session, asked)
    if bundle:
        refuse_to_replace_others(bundle, is_zipfile, "a bundle")
    with open_examination(
        file=file, offline=offline, sandbox=sandbox, profile=profile, no_color=no_color, debug=debug
    ) as examination:
        found = _show(examination, format)
        if bundle:
            _write_bundle(examination, found, bundle)
        return ExitCode.ERROR if found.failed else ExitCode.OK


def _check(
    of_demo: Mapping[str, object], of_checks: Mapping[str, object], *, demo_company: bool
) -> None:
    """Raise `UsageError` for an option that cannot be used with, or without, `--demo-company`."""
    how = "with" if demo_company else "without"
    for option, value in (of_checks if demo_company else of_demo).items():
        if value:
            raise UsageError(
                f"{option} cannot be used {how} --demo-company.", f"Leave out {option}."
            )


def _show(examination: Examination, form: PlanFormat) -> Diagnosis:
    """Make and print the checks, and return the diagnosis. Text is printed section by section."""
    from xerosync.cli.doctor.check_sections import sections
    from xerosync.doctor.diagnosis import Diagnosis
    from xerosync.render.doctor.json import to_document
    from xerosync.render.doctor.text import section_text, summary

    terminal = examination.session.terminal
    made = []
    for section in sections(examination):
        made.append(section)
        if form is PlanFormat.TEXT:
            text = section_text(section, terminal.columns, terminal.with_options)
            terminal.out.print(text, soft_wrap=True)
    found = Diagnosis(tuple(made))
    if form is PlanFormat.TEXT:
        terminal.sentence(summary(found), style="bold")
    else:
        terminal.data(json_text(to_document(found, examination.now())))
    return found


def _write_bundle(examination: Examination, found: Diagnosis, path: Path) -> None:
    from xerosync.render.doctor.bundle import bundle

    write_bytes(path, bundle(found, examination.now()))
    examination.session.terminal.say(
        f"Wrote {path}: what was found, without secrets, and without names of your books, people,"
        " files or hosts. Read it before you send it."
    )
