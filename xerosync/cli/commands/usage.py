"""`xerosync usage`: show what still uses an account."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from xerosync.cli import options
from xerosync.cli.options import Format
from xerosync.desired import OrganisationPin
from xerosync.workspace import DEFAULT_FILE


def command(
    codes: Annotated[list[str], typer.Argument(metavar="CODE...", help="The accounts' codes.")],
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            "-f",
            metavar="PATH",
            help=f"The chart file that names the organisation (default: {DEFAULT_FILE} if it is "
            "there, else the organisation of the sign-in).",
        ),
    ] = None,
    format: options.OutputFormat = Format.TEXT,  # noqa: A002 the option is called so
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Also show the names of contacts, and every item.")
    ] = False,
    sandbox: options.UseSandbox = False,
    profile: options.Profile = "",
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> None:
    """Show what still uses an account: balance, items, repeating invoices, contacts' defaults.

    Only reads from Xero. What the sign-in is not allowed to read is shown as not known.
    """
    from xerosync.cli.session import load_chart, open_session
    from xerosync.plan.organisation import check_organisation
    from xerosync.render.usage import UsageReport
    from xerosync.usage import accounts_with
    from xerosync.xero.auth.scopes import ALL_USAGE_SCOPES

    with open_session(sandbox=sandbox, no_color=no_color, debug=debug, profile=profile) as session:
        desired = None
        if file or os.path.lexists(DEFAULT_FILE):
            desired = load_chart(file or DEFAULT_FILE)
        pin, whose = (desired.organisation, desired.profile) if desired else (OrganisationPin(), "")
        with session.ledger(pin, read_only=True, profile=whose, also=ALL_USAGE_SCOPES) as ledger:
            chart = ledger.chart()
            check_organisation(pin, chart.organisation)
            accounts = accounts_with(codes, chart.accounts)
            usage = ledger.usage(chart.accounts)
        report = UsageReport(chart.organisation, accounts, usage, names=verbose)
        if format is Format.JSON:
            session.terminal.data(report.as_json())
        else:
            text = report.as_text(session.terminal.columns)
            session.terminal.out.print(text, end="", soft_wrap=True)
        for hint in dict.fromkeys(one.hint for one in usage.unknown if one.hint):
            session.terminal.say(hint, "yellow")
        session.terminal.say(
            "Bank rules, fixed assets and payroll may use an account too. Xero's API does not show"
            " it."
        )
