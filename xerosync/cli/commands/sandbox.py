"""`xerosync sandbox`: a local Xero for any client, until Ctrl-C."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from xerosync.errors import ExitCode, XerosyncError


class Country(StrEnum):
    """The demo companies there are."""

    NZ = "NZ"
    AU = "AU"
    UK = "UK"
    US = "US"


def command(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The loopback port; 0 takes a free one.")
    ] = 8743,
    db: Annotated[Path, typer.Option(help="The database of its books.")] = Path(
        ".xerosync/sandbox.db"
    ),
    country: Annotated[Country, typer.Option(help="Whose demo company.")] = Country.NZ,
    fault: Annotated[
        list[str],
        typer.Option(
            metavar="'METHOD PATH#N=KIND'",
            help="Break a call, as 'PUT /Accounts#3=drop-after'. Repeat for more; a wrong KIND "
            "lists all there are.",
        ),
    ] = [],  # noqa: B006 typer copies it
    fault_rate: Annotated[
        float, typer.Option(help="Break calls at random, this share of them: 0.2 is a fifth.")
    ] = 0.0,
    fault_seed: Annotated[
        int | None, typer.Option(help="The seed of the random faults: the same ones come again.")
    ] = None,
    latency: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="Let every call take so much longer.")
    ] = 0.0,
    reset: Annotated[
        bool, typer.Option("--reset", help="Start the books afresh, and leave.")
    ] = False,
) -> int:
    """Serve a local Xero on loopback, for xerosync and any other client."""
    from xerosync.history.folder import set_aside
    from xerosync.sandbox import Sandbox, SandboxError

    try:
        db.parent.mkdir(parents=True, exist_ok=True)
        if reset:
            Sandbox.reset(db, country)
            with Sandbox(db, country=country) as fresh:
                kept = set_aside(db.parent / "runs", fresh.tenant_id)
            typer.echo(f"{db}: the books of the demo company ({country}) start afresh.", err=True)
            if kept:
                typer.echo(f"  {kept} journals of the old books are set aside.", err=True)
            return ExitCode.OK
        sandbox = Sandbox(
            db,
            port=port,
            country=country,
            faults=fault,
            fault_rate=fault_rate,
            fault_seed=fault_seed,
            latency=latency,
        )
    except SandboxError as error:
        raise XerosyncError(error.message, error.hint) from error
    except OSError as error:
        raise XerosyncError(f"{db} cannot be made: {error.strerror}.") from error
    typer.echo(
        f"A local Xero ({country}) at {sandbox.url}, books in {db}. To use it from another "
        "terminal:\n\n"
        f"  export XEROSYNC_API_URL={sandbox.url} XEROSYNC_IDENTITY_URL={sandbox.url}\n"
        f"  export XEROSYNC_LOGIN_URL={sandbox.url}\n"
        "  export XERO_CLIENT_ID=sandbox XERO_CLIENT_SECRET=sandbox\n"
        "  xerosync plan\n\n"
        "Ctrl-C ends it.",
        err=True,
    )
    sandbox.serve_forever()
    return ExitCode.OK
