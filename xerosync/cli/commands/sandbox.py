"""`xerosync sandbox`: run a local Xero until Ctrl-C, or edit its books."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from xerosync.errors import UsageError, XerosyncError
from xerosync.regular_file import read_text
from xerosync.settings import SANDBOX_CREDENTIAL
from xerosync.text import counted
from xerosync.workspace import DEFAULT_FILE
from xerosync.xero_behaviour import Behaviour, BehaviourError, Question, from_text

if TYPE_CHECKING:
    from xerosync.sandbox.books.organisations import Books
    from xerosync.sandbox.books.store import Store

_PLACES = {"NZ": "NZ", "AU": "AU", "GB": "UK", "US": "US"}
"""The value of `--country` for each country code that the sandbox knows."""
_AMOUNT = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,2})?")


def command(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 chooses a free one.")
    ] = 8743,
    db: Annotated[Path, typer.Option(help="Database that holds the books.")] = Path(
        ".xerosync/sandbox.db"
    ),
    country: Annotated[
        Literal["NZ", "AU", "UK", "US"] | None,
        typer.Option(
            help="Country of the demo company, or of all organisations. The default for a new demo "
            "company is the country of the --behaviour report, if there is one, else NZ. A "
            "practice's organisations are in various countries by default."
        ),
    ] = None,
    organisations: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="Number of organisations. 1 is the demo company. More are the clients of a "
            "practice, which started with the same chart and have each changed it since. With "
            "XERO_CLIENT_ID=sandbox, a run has access to all of them; with sandbox-1, sandbox-2 "
            "and so on, to one each, like a custom connection.",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(help="Seed of the organisations' changes (default: 1 for new books)."),
    ] = None,
    fault: Annotated[
        list[str],
        typer.Option(
            metavar="'METHOD PATH#N=KIND'",
            help="Make calls fail, for example 'PUT /Accounts#3=drop-after', or only for one "
            "organisation, for example 'GET /Accounts@Harbour Cafe Ltd=403'. #3 means only the "
            "third such call, #* or no number means every one. May be repeated. "
            "A wrong KIND prints the list of kinds.",
        ),
    ] = [],  # noqa: B006 typer copies it
    fault_rate: Annotated[
        float, typer.Option(help="Make this fraction of calls fail at random, for example 0.2.")
    ] = 0.0,
    fault_seed: Annotated[
        int | None, typer.Option(help="Seed of the random faults, to repeat them exactly.")
    ] = None,
    scopes: Annotated[
        str,
        typer.Option(
            metavar="'SCOPE …'",
            help="Scopes that the custom connection has (default: all), for example "
            "accounting.settings. As at Xero, a request for any other scope is refused.",
        ),
    ] = "",
    behaviour: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Answer as Xero did in this report of `doctor --demo-company`, wherever the "
            "sandbox would otherwise rely on an assumption.",
        ),
    ] = None,
    latency: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="Delay every call by this long.")
    ] = 0.0,
    lock: Annotated[
        list[str],
        typer.Option(
            metavar="CODE=USE",
            help="Lock an account, for example 404=bank-rule, so that it can be neither archived "
            "nor deleted, and exit. With many organisations: 'CODE@ORGANISATION=USE'. May be "
            "repeated. A wrong USE prints the list of uses.",
        ),
    ] = [],  # noqa: B006 typer copies it
    unlock: Annotated[
        list[str],
        typer.Option(metavar="CODE", help="Unlock an account, and exit. May be repeated."),
    ] = [],  # noqa: B006 typer copies it
    balance: Annotated[
        list[str],
        typer.Option(
            metavar="CODE=AMOUNT",
            help="Bring an account to a balance, for example 461=0, or 461=-20.50 for a credit, "
            "and exit. With many organisations: 'CODE@ORGANISATION=AMOUNT'. May be repeated.",
        ),
    ] = [],  # noqa: B006 typer copies it
    contacts: Annotated[
        int | None,
        typer.Option(metavar="N", help="Give each organisation this many contacts, and exit."),
    ] = None,
    reset: Annotated[
        bool, typer.Option("--reset", help="Replace the books with new ones, and exit.")
    ] = False,
) -> None:
    """Run a local Xero with a demo company, or with many organisations, for any program to call."""
    from xerosync.history.folder import set_aside
    from xerosync.sandbox import Sandbox, SandboxError, WrongOption

    locks = [_lock(text) for text in lock] + [(code, "") for code in unlock]
    posted = [_balance(text) for text in balance]
    report = _report(behaviour) if behaviour else None
    findings = report.findings if report else {}
    edits = bool(locks or posted or contacts is not None)
    place: str = country or ""
    if report and not country and organisations is None and not db.exists():
        place = _PLACES.get(report.country, "")
    try:
        if reset:
            Sandbox.reset(db, place, organisations, seed)
            with Sandbox(db) as fresh:
                stores = fresh.books.stores()
            runs = db.parent / "runs"
            typer.echo(f"{db}: new books of {_whose(stores)}.", err=True)
            try:
                kept = set_aside(runs, {store.tenant_id for store in stores})
            except OSError as error:
                raise XerosyncError(
                    f"The journals of the old books are still in {runs}: {error.strerror}.",
                    "Make that folder writable, and repeat the command.",
                ) from error
            if kept:
                journals = counted(kept, "journal")
                typer.echo(f"  Moved {journals} of the old books to a folder in {runs}.", err=True)
        if edits:
            with Sandbox(db, country=place, organisations=organisations, seed=seed) as sandbox:
                for done in _edited(sandbox.books, locks, posted, contacts):
                    typer.echo(f"{db}: {done}", err=True)
        if reset or edits:
            return
        sandbox = Sandbox(
            db,
            port=port,
            country=place,
            organisations=organisations,
            seed=seed,
            scopes=scopes,
            behaviour={str(question): one.answer for question, one in findings.items()},
            texts={str(question): one.texts for question, one in findings.items()},
            faults=fault,
            fault_rate=fault_rate,
            fault_seed=fault_seed,
            latency=latency,
        )
    except SandboxError as error:
        kind = UsageError if isinstance(error, WrongOption) else XerosyncError
        raise kind(error.message, error.hint) from error
    stores = sandbox.books.stores()
    if report:
        typer.echo(_differences(report, {store.country.country_code for store in stores}), err=True)
    held = stores[0].country.name if len(stores) == 1 else counted(len(stores), "organisation")
    command = "plan" if Path(DEFAULT_FILE).exists() else "pull"
    command = command if len(stores) == 1 else "auth status"
    typer.echo(
        f"A local Xero ({held}) at {sandbox.url}, books in {db}. To use it from another "
        f"terminal:\n\n{_settings(sandbox.url, windows=os.name == 'nt')}  xerosync {command}\n\n"
        "Press Ctrl-C to stop it.",
        err=True,
    )
    sandbox.serve_forever()


def _settings(url: str, *, windows: bool) -> str:
    """Return the lines that set the environment variables for a sandbox, in sh or PowerShell."""
    addresses = ("XEROSYNC_API_URL", "XEROSYNC_IDENTITY_URL", "XEROSYNC_LOGIN_URL")
    values = dict.fromkeys(addresses, url) | dict.fromkeys(
        ("XERO_CLIENT_ID", "XERO_CLIENT_SECRET"), SANDBOX_CREDENTIAL
    )
    line = '  $env:{} = "{}"\n' if windows else "  export {}={}\n"
    return "".join(line.format(name, value) for name, value in values.items())


def _report(path: Path) -> Behaviour:
    """Read a report of `doctor --demo-company`. Raises `UsageError` if the file is not one."""
    try:
        return from_text(read_text(path))
    except BehaviourError as error:
        raise UsageError(
            f"{path} is not a report on Xero's behaviour. {error}",
            "Give the file that `xerosync doctor --demo-company` wrote.",
        ) from error


def _differences(report: Behaviour, countries: set[str]) -> str:
    """Return text about a report: where it differs from the sandbox's assumptions and countries."""
    differing = [str(question) for question in Question if report.differs(question)]
    if not differing:
        text = "That report agrees with all assumptions of the sandbox."
    else:
        text = f"That report differs from the sandbox's assumptions in {', '.join(differing)}."
    others = ", ".join(sorted(countries - {report.country}))
    note = f" The report is about {report.country}; these books are in {others}." if others else ""
    return (
        f"The sandbox answers as in the report of {report.date} ({report.country}). {text}{note}\n"
    )


def _whose(stores: Sequence[Store]) -> str:
    if len(stores) == 1:
        return f"the demo company ({stores[0].country.name})"
    return counted(len(stores), "organisation")


def _edited(
    books: Books,
    locks: Sequence[tuple[str, str]],
    posted: Sequence[tuple[str, int]],
    contacts: int | None,
) -> Iterator[str]:
    """Edit the books; yield sentences on what was done."""
    for account, use in locks:
        code, _, organisation = account.partition("@")
        books.find(organisation).lock(code, use)
        yield f"{account} is locked by {use}." if use else f"{account} is unlocked."
    for account, amount in posted:
        code, _, organisation = account.partition("@")
        books.find(organisation).set_balance(code, amount)
    if posted:
        yield f"{counted(len(posted), 'account')} brought to the given balance."
    if contacts is not None:
        books.set_contacts(contacts)
        yield f"each organisation now has {contacts:,} contacts."


def _balance(text: str) -> tuple[str, int]:
    """Return the account and the cents of a `--balance` value: '461=-20.50' → ('461', -2050)."""
    code, _, amount = text.rpartition("=")
    if not code or not _AMOUNT.fullmatch(amount):
        raise typer.BadParameter(
            f"{text!r} is not CODE=AMOUNT, such as 461=1204.50.", param_hint="--balance"
        )
    return code, int(Decimal(amount) * 100)


def _lock(text: str) -> tuple[str, str]:
    code, equals, use = text.rpartition("=")
    if not (code and equals and use):
        raise typer.BadParameter(
            f"{text!r} is not CODE=USE, such as 404=bank-rule.", param_hint="--lock"
        )
    return code, use
