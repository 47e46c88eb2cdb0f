"""`xerosync auth`: sign in as a person, see what the sign-in gives access to, sign out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from xerosync import __version__
from xerosync.cli import options
from xerosync.cli.options import Format
from xerosync.errors import UsageError
from xerosync.text import day_and_time, json_text, timestamp, visible

if TYPE_CHECKING:
    from xerosync.cli.terminal import Terminal
    from xerosync.xero.auth.status import OrganisationAccess, SignInStatus

PORT = 8742
FORMAT_VERSION = "1.1"
"""The version of the JSON of `auth status`. Programs may need changes for a new major version."""

app = typer.Typer(
    help="Sign in to Xero as a person, see what the sign-in gives access to, sign out.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("login")
def login(
    profile: options.SignInProfile = "",
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Request read access only: enough for `plan`.")
    ] = False,
    usage: Annotated[
        bool,
        typer.Option(
            "--usage",
            help="Also request read access to what uses accounts, for `usage` and for plans.",
        ),
    ] = False,
    broad_scopes: Annotated[
        bool,
        typer.Option(
            "--broad-scopes",
            help="With --usage: request the broad scopes, for an app created before March 2026.",
        ),
    ] = False,
    organisation: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Name or tenant id of the organisation for files that name none."
        ),
    ] = "",
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="The local port for the browser's callback.")
    ] = PORT,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Only print the address to open.")
    ] = False,
    timeout: Annotated[
        int, typer.Option(min=1, metavar="SECONDS", help="How long to wait for the browser.")
    ] = 300,
    web_app: Annotated[
        bool, typer.Option("--web-app", help="The app is a web app: use XERO_CLIENT_SECRET.")
    ] = False,
    keyring: Annotated[
        bool,
        typer.Option("--keyring", help="Store the sign-in in the system's keyring, not a file."),
    ] = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> None:
    """Sign in to Xero in the browser, and store the sign-in for later."""
    from xerosync.cli.session import open_session
    from xerosync.xero.auth.login import Login, LoginRequest, app_of
    from xerosync.xero.auth.scopes import BROAD_USAGE_SCOPES, USAGE_SCOPES
    from xerosync.xero.auth.store import TokenStore

    if broad_scopes and not usage:
        raise UsageError("--broad-scopes needs --usage.", "Add it, or leave out --broad-scopes.")
    wanted = BROAD_USAGE_SCOPES if broad_scopes else USAGE_SCOPES
    with open_session(sandbox=False, no_color=no_color, debug=debug, profile=profile) as session:
        say, settings = session.terminal.say, session.settings
        credentials = session.credentials()
        store = TokenStore(credentials.profile)
        request = LoginRequest(
            app=app_of(credentials, store, port, web_app=web_app),
            port=port,
            timeout=timeout,
            read_only=read_only,
            organisation=organisation,
            keyring=keyring,
            also=tuple(wanted.values()) if usage else (),
        )

        def show(address: str) -> None:
            opened = not no_browser and _open(address)
            say(
                "Sign in to Xero in the browser window that has opened. If none has, open:"
                if opened
                else "To sign in to Xero, open this address in a browser on this machine:"
            )
            say(f"  {address}")

        sign_in, connections = Login(session.addresses(), store, show, session.hooks()).run(request)
        if sign_in.tenant_id:
            say(f"Signed in to {sign_in.tenant_name} for {_profile_name(settings.profile)}.")
        else:
            listed = ", ".join(one.shown for one in connections)
            say(
                f"Signed in to {len(connections)} organisations: {listed}. Name one in each"
                " file, under `organisation:`."
            )
        if lacking := sorted(set(request.also) - set(sign_in.scopes)):
            say(
                f"Xero did not grant {' '.join(lacking)}, so `xerosync usage` cannot read"
                " everything that uses an account.",
                "yellow",
            )
        for variable in credentials.used_before_sign_in:
            say(f"{variable} is set and takes precedence; unset it to use this sign-in.", "yellow")


@app.command("status")
def status(
    profile: options.SignInProfile = "",
    format: options.OutputFormat = Format.TEXT,  # noqa: A002 the option is called so
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> None:
    """Show what the sign-in gives access to. Exits with 4 if nobody is signed in."""
    from xerosync.cli.session import open_session
    from xerosync.xero.auth.status import read_status

    with open_session(sandbox=False, no_color=no_color, debug=debug, profile=profile) as session:
        found = read_status(session.credentials(), session.addresses(), session.hooks())
        if format is Format.JSON:
            session.terminal.data(json_text(_as_json(found, session.settings.profile)))
        else:
            _show(session.terminal, found, session.settings.profile)


@app.command("logout")
def logout(
    profile: options.SignInProfile = "",
    keep_at_xero: Annotated[
        bool,
        typer.Option(
            "--keep-at-xero", help="Forget the sign-in on this machine only; do not contact Xero."
        ),
    ] = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> None:
    """End the sign-in at Xero and forget it. Xero then disconnects all your organisations."""
    from xerosync.cli.session import open_session
    from xerosync.xero.auth.login import log_out

    with open_session(sandbox=False, no_color=no_color, debug=debug, profile=profile) as session:
        profile_name = _profile_name(session.settings.profile)
        ended = log_out(
            session.credentials(), session.addresses(), session.hooks(), revoke=not keep_at_xero
        )
        if not ended:
            session.terminal.say(f"Nobody was signed in for {profile_name}.")
        elif keep_at_xero:
            session.terminal.say(
                f"Forgot the sign-in for {profile_name} on this machine; Xero was not contacted."
            )
        else:
            session.terminal.say(f"Signed out of {profile_name}: the sign-in has ended at Xero.")


def _open(address: str) -> bool:
    """Open an address in a graphical browser; return whether that succeeded."""
    import webbrowser

    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    if type(browser) in {webbrowser.GenericBrowser, webbrowser.Elinks}:
        return False  # a text browser would take over the terminal
    try:
        return browser.open(address)
    except (webbrowser.Error, OSError):
        return False


def _profile_name(profile: str) -> str:
    return f"the profile {profile}" if profile else "the default profile"


def _show(terminal: Terminal, found: SignInStatus, profile: str) -> None:
    app_used = f", app {found.client_id}" if found.client_id else ""
    several = len(found.organisations) > 1
    until = f"valid until {day_and_time(found.ends, None)}" if found.ends else "expiry unknown"
    rows = [
        ("Profile", profile or "default"),
        ("Signed in by", f"{found.kind}{app_used}"),
        *(("Organisation", _describe(one, several=several)) for one in found.organisations),
        ("Scopes", " ".join(found.scopes) or "unknown"),
        ("Access token", until),
    ]
    if found.lapses:
        rows.append(("Sign-in", f"ends on {day_and_time(found.lapses, None)} unless used by then"))
    if found.kept_in:
        rows.append(("Stored in", found.kept_in))
    for name, value in rows:
        terminal.out.print(f"{name + ':':<14}{visible(value)}", soft_wrap=True)


def _describe(access: OrganisationAccess, *, several: bool) -> str:
    chosen = ", chosen" if access.chosen and several else ""
    left = access.calls_left_today
    return f"{access.connection.shown}{chosen}" + (
        "" if left is None else f", {left:,} calls left today"
    )


def _as_json(found: SignInStatus, profile: str) -> dict[str, object]:
    return {
        "format_version": FORMAT_VERSION,
        "xerosync_version": __version__,
        "profile": profile,
        "signed_in_by": found.kind.name.lower(),
        "client_id": found.client_id,
        "organisations": [
            {
                "tenant_id": one.connection.tenant_id,
                "name": one.connection.name,
                "chosen": one.chosen,
                "calls_left_today": one.calls_left_today,
            }
            for one in found.organisations
        ],
        "scopes": list(found.scopes),
        "access_token_ends": timestamp(found.ends) if found.ends else None,
        "sign_in_lapses": timestamp(found.lapses) if found.lapses else None,
        "kept_in": found.kept_in,
    }
