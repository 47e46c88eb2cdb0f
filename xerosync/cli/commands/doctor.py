"""`xerosync doctor`: check an installation and a sign-in, and say the way out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xerosync.cli import options
from xerosync.cli.options import Format
from xerosync.errors import ExitCode
from xerosync.workspace import DEFAULT_FILE

if TYPE_CHECKING:
    from xerosync.cli.examination import Examination
    from xerosync.doctor.checks import Diagnosis


def command(
    file: Annotated[
        Path | None,
        typer.Option(
            "--file", "-f", metavar="PATH", help=f"The chart file (default: {DEFAULT_FILE})."
        ),
    ] = None,
    format: options.OutputFormat = Format.TEXT,  # noqa: A002 the option is called so
    bundle: Annotated[
        Path | None,
        typer.Option(
            "--bundle",
            metavar="FILE.zip",
            help="Also write what was found, without secrets and names, for a bug report.",
        ),
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Check only this machine; ask nobody.")
    ] = False,
    sandbox: options.UseSandbox = False,
    profile: options.Profile = "",
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Check installation, file, network and sign-in. Only reads.

    Each line is ok, warn or fail, with the way out. Exits with 1 if a check fails.
    """
    from xerosync.cli.examination import open_examination

    if bundle:
        _keep_other_files(bundle)
    with open_examination(
        file=file,
        offline=offline,
        sandbox=sandbox,
        profile=profile,
        no_color=no_color,
        debug=debug,
    ) as examination:
        found = _show(examination, format)
        if bundle:
            _write_bundle(examination, found, bundle)
        return ExitCode.ERROR if found.failed else ExitCode.OK


def _keep_other_files(path: Path) -> None:
    """Raise `UsageError` if the bundle would replace something else, such as the chart file."""
    import stat
    import zipfile

    from xerosync.cli.files import kind_of_file
    from xerosync.errors import UsageError

    try:
        other = stat.S_ISREG(kind_of_file(path)) and not zipfile.is_zipfile(path)
    except OSError:
        return
    if other:
        raise UsageError(
            f"{path} exists, and is not a bundle: it is not replaced.",
            "Choose another name, such as report.zip.",
        )


def _show(examination: Examination, form: Format) -> Diagnosis:
    """Make the checks, and print each section as soon as it is done."""
    from xerosync.doctor.checks import Diagnosis
    from xerosync.render.doctor.json import to_document
    from xerosync.render.doctor.text import section_text, summary
    from xerosync.text import json_text

    terminal = examination.session.terminal
    sections = []
    for section in examination.sections():
        sections.append(section)
        if form is Format.TEXT:
            terminal.out.print(section_text(section, terminal.columns), soft_wrap=True)
    found = Diagnosis(tuple(sections))
    if form is Format.TEXT:
        terminal.sentence(summary(found), style="bold")
    else:
        terminal.data(json_text(to_document(found, examination.now())))
    return found


def _write_bundle(examination: Examination, found: Diagnosis, path: Path) -> None:
    from xerosync.cli.files import write_bytes
    from xerosync.render.doctor.bundle import bundle

    write_bytes(path, bundle(found, examination.now()))
    examination.session.terminal.say(
        f"Wrote {path}: what was found, without secrets, names of books, people, files and hosts."
        " Look into it before you send it."
    )
