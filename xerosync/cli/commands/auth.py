"""`xerosync auth`: sign in as a person, see what a sign-in opens, sign out."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from xerosync.cli import options
from xerosync.cli.options import Format
from xerosync.errors import UsageError
from xerosync.settings import Settings

if TYPE_CHECKING:
    from xerosync.cli.terminal import Terminal
    from xerosync.xero.auth.status import Status
    from xerosync.xero.auth.store import Store
    from xerosync.xero.auth.token_endpoint import App

PORT = 8742

app = typer.Typer(
    help="Sign in to Xero as a person, see what a sign-in opens, sign out.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("login")
def login(
    profile: options.Profile = "",
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Ask for reading alone: enough for `plan`.")
    ] = False,
    organisation: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="The organisation to use, by name or tenant id, where the file names none.",
        ),
    ] = "",
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="The port that the browser comes back to.")
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
        typer.Option("--keyring", help="Keep the sign-in in the system's keyring, not a file."),
    ] = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> None:
    """Sign in to Xero in the browser, and store the sign-in for later."""
    from xerosync.cli.session import open_session
    from xerosync.xero.auth.login import Login, Wish

    with open_session(sandbox=False, no_color=no_color, debug=debug, profile=profile) as session:
        say, settings = session.terminal.say, session.settings
        credentials = session.credentials()
        store = credentials.store
        if store is None:
            raise UsageError("Nobody can sign in to the sandbox of a command.")
        wish = Wish(
            app=_app(settings, store, web_app=web_app),
            port=port,
            timeout=timeout,
            read_only=read_only,
            organisation=organisation,
            keyring=keyring,
        )

        def show(address: str) -> None:
            opened = not no_browser and _open(address)
            say(
                "Sign in to Xero in the browser that has opened. If none has, open:"
                if opened
                else "To sign in to Xero, open this address in a browser on this machine:"
            )
            say(f"  {address}")

        sign_in, connected = Login(session.addresses(), store, show, session.hooks()).run(wish)
        if sign_in.tenant_id:
            say(f"Signed in to {sign_in.tenant_name}, for {_spoken(profile or settings.profile)}.")
        else:
            listed = ", ".join(one.shown for one in connected)
            say(
                f"Signed in to {len(connected)} organisations: {listed}. Each file names its own"
                " under `organisation:`."
            )
        if settings.access_token:
            say("XERO_ACCESS_TOKEN is set and goes first: unset it to use this sign-in.", "yellow")


@app.command("status")
def status(
    profile: options.Profile = "",
    format: options.OutputFormat = Format.TEXT,  # noqa: A002 the option is called so
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> None:
    """Show what the sign-in opens, and until when. Leaves with 4 when nobody is signed in."""
    from xerosync.cli.session import open_session
    from xerosync.xero.auth.status import look

    with open_session(sandbox=False, no_color=no_color, debug=debug, profile=profile) as session:
        found = look(session.credentials(), session.addresses(), session.hooks())
        if format is Format.JSON:
            document = _as_json(found, session.settings.profile)
            session.terminal.data(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        else:
            _show(session.terminal, found, session.settings.profile)


@app.command("logout")
def logout(
    profile: options.Profile = "",
    keep_at_xero: Annotated[
        bool,
        typer.Option(
            "--keep-at-xero", help="Forget the sign-in on this machine alone; ask Xero nothing."
        ),
    ] = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> None:
    """End the sign-in at Xero, and forget it. Xero then disconnects all its organisations."""
    from xerosync.cli.session import open_session
    from xerosync.xero.auth.login import log_out

    with open_session(sandbox=False, no_color=no_color, debug=debug, profile=profile) as session:
        whose = _spoken(session.settings.profile)
        gone = log_out(
            session.credentials(),
            session.addresses(),
            session.hooks(),
            revoke=not keep_at_xero,
        )
        if keep_at_xero:
            session.terminal.say(f"Forgotten on this machine, for {whose}; Xero was not asked.")
        elif gone:
            session.terminal.say(f"Signed out, for {whose}: ended at Xero, and forgotten here.")
        else:
            session.terminal.say(f"Nobody was signed in, for {whose}.")


def _app(settings: Settings, store: Store, *, web_app: bool) -> App:
    """Give the app to sign in through: of the environment, or of the sign-in before."""
    from xerosync.errors import SignInError
    from xerosync.xero.auth.token_endpoint import App

    if settings.client_secret and not web_app:
        raise UsageError(
            "XERO_CLIENT_SECRET is set: is this app a web app?",
            "Then add --web-app. An app with PKCE has no secret, and a custom connection needs"
            " no login: for those, unset it or use a --profile of their own.",
        )
    if web_app and not settings.client_secret:
        raise SignInError(
            "A web app signs in with its secret, and XERO_CLIENT_SECRET is not set.",
            "Set it to the app's secret; it is never stored.",
        )
    client_id = settings.client_id
    if not client_id:
        before = store.load()
        client_id = before.client_id if before and before.web_app is web_app else ""
    if not client_id:
        raise SignInError(
            "XERO_CLIENT_ID is not set: through which app?",
            "Make one at https://developer.xero.com/app/manage (Mobile or desktop app, with"
            f" http://localhost:{PORT}/callback as redirect address), and set XERO_CLIENT_ID to"
            " its client id. It is no secret.",
        )
    return App(client_id, settings.client_secret if web_app else None)


def _open(address: str) -> bool:
    """Open a browser with a window of its own; one that takes over the terminal is none."""
    import webbrowser

    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    if type(browser) is webbrowser.GenericBrowser:
        return False
    try:
        return browser.open(address)
    except (webbrowser.Error, OSError):
        return False


def _spoken(profile: str) -> str:
    return f"the profile {profile}" if profile else "the default profile"


def _show(terminal: Terminal, found: Status, profile: str) -> None:
    through = f", app {found.client_id}" if found.client_id else ""
    rows = [
        ("Profile", profile or "default"),
        ("Signed in by", f"{found.kind}{through}"),
        *(
            (
                "Organisation",
                one.organisation.shown
                + (", chosen" if one.chosen and len(found.organisations) > 1 else "")
                + (
                    ""
                    if one.calls_left_today is None
                    else f", {one.calls_left_today:,} calls left today"
                ),
            )
            for one in found.organisations
        ),
        ("Scopes", " ".join(found.scopes) or "not told"),
        ("Access token", f"until {_moment(found.ends)}" if found.ends else "end not told"),
    ]
    if found.lapses:
        rows.append(("Sign-in", f"until {_moment(found.lapses)} unless used before"))
    if found.kept_in:
        rows.append(("Kept in", found.kept_in))
    from xerosync.text import visible

    for name, value in rows:
        terminal.out.print(f"{name + ':':<14}{visible(value)}", soft_wrap=True)


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M %Z}"


def _as_json(found: Status, profile: str) -> dict[str, object]:
    def moment(at: datetime | None) -> str | None:
        return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if at else None

    return {
        "profile": profile,
        "signed_in_by": found.kind.name.lower(),
        "client_id": found.client_id,
        "organisations": [
            {
                "tenant_id": one.organisation.tenant_id,
                "name": one.organisation.name,
                "chosen": one.chosen,
                "calls_left_today": one.calls_left_today,
            }
            for one in found.organisations
        ],
        "scopes": list(found.scopes),
        "access_token_ends": moment(found.ends),
        "sign_in_lapses": moment(found.lapses),
        "kept_in": found.kept_in,
    }
