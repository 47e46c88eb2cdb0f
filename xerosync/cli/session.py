"""What the commands share: the settings, the terminal, and the connection to Xero."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from xerosync.chartfile.edit.file_set import refuse_half_done
from xerosync.chartfile.problems import describe
from xerosync.cli.terminal import Terminal, open_terminal
from xerosync.cli.waiting import Wait
from xerosync.desired import DesiredChart, OrganisationPin
from xerosync.environment import OF_PROFILE, profile_key, read_settings, settings_of_file
from xerosync.errors import AccessDenied, ChartError, Problem, WrongOrganisation, XerosyncError
from xerosync.model import Chart
from xerosync.plan.organisation import check_organisation
from xerosync.settings import Settings
from xerosync.workspace import STATE, STDIN
from xerosync.xero.addresses import Addresses
from xerosync.xero.clock import Clock

if TYPE_CHECKING:
    from xerosync.xero.auth.credentials import Credentials
    from xerosync.xero.connect import Hooks
    from xerosync.xero.http.transport import Exchange
    from xerosync.xero.ledger import XeroLedger


OF_SANDBOX = (
    "Nothing was compared and nothing was sent. The sandbox has only its own organisations. Name"
    " one of them under `organisation:` in the file, or with --organisation if the command has it;"
    " or work in an empty folder, where `xerosync pull --sandbox` writes a file for a demo company;"
    " or use Xero: leave --sandbox out (for init: --from xero). A rollback works"
    " only with the organisation whose journal it undoes."
)
"""The hint if the sandbox lacks the organisation, or if it is not clear which is meant."""
_AUTH = re.compile(r"`xerosync auth (?:login|logout|status)(?! --profile)")
_VARIABLE = re.compile(rf"\b(?:{'|'.join(OF_PROFILE)})\b")


@dataclass(frozen=True, slots=True)
class Session:
    """One run of a command.

    `stop` is set to end the run. `wait` is the current wait for Xero's limits. `profile` is the
    value of `--profile`, which takes precedence over the profile of a chart file.
    """

    settings: Settings
    terminal: Terminal
    stop: Event
    debug: bool
    wait: Wait = field(default_factory=Wait)
    profile: str = ""

    @contextmanager
    def ledger(
        self,
        wanted: OrganisationPin,
        *,
        read_only: bool,
        profile: str = "",
        also: tuple[str, ...] = (),
    ) -> Iterator[XeroLedger]:
        """Sign in, and open the ledger of the organisation that is `wanted`.

        `profile` is the profile of its chart file. `also` are optional scopes to request.
        """
        from xerosync.xero.connect import connect

        with self.naming_profile(profile):
            ledger = connect(
                self.credentials(profile),
                self.addresses(),
                read_only=read_only,
                wanted=wanted,
                hooks=self.hooks(),
                also=also,
            )
            with closing(ledger):
                yield ledger

    def chart(self, wanted: OrganisationPin, profile: str = "") -> Chart:
        """Sign in, and return the chart of the organisation that is `wanted`; refuse any other."""
        with self.ledger(wanted, read_only=True, profile=profile) as ledger:
            chart = ledger.chart()
        check_organisation(wanted, chart.organisation)
        return chart

    @contextmanager
    def naming_profile(self, profile: str) -> Iterator[None]:
        """Fit an error from the `with` block to the sandbox or profile in use, as `_fit` says."""
        try:
            yield
        except XerosyncError as error:
            settings = settings_of_file(self.settings, profile, option=self.profile)
            _fit(error, settings, self.terminal.with_options)
            raise

    def credentials(self, profile: str = "") -> Credentials:
        """Return the credentials for a chart file's profile."""
        from xerosync.xero.auth.credentials import Credentials
        from xerosync.xero.auth.sign_in import LOGIN

        settings = settings_of_file(self.settings, profile, option=self.profile)
        return Credentials.of(settings, LOGIN + options_of(settings.profile))

    def addresses(self) -> Addresses:
        """Return the addresses of Xero."""
        settings = self.settings
        return Addresses(settings.api_url, settings.identity_url, settings.login_url)

    def hooks(self, *, quiet: bool = False) -> Hooks:
        """Return hooks that report each wait unless `quiet`, and each call if `debug`."""
        from xerosync.xero.connect import Hooks

        return Hooks(
            clock=new_clock(self.stop),
            on_wait=self.wait.begin if quiet else self._report_wait,
            on_exchange=self._report_exchange if self.debug else None,
        )

    def _report_wait(self, seconds: float) -> None:
        self.wait.begin(seconds)
        self.terminal.say(f"Waiting {seconds:.0f} s before the next call to Xero.", "dim")

    def _report_exchange(self, exchange: Exchange) -> None:
        result = exchange.status or exchange.failure or "no reply"
        call = f"{exchange.method} {exchange.path} {result} in {1000 * exchange.seconds:.0f} ms"
        known = f", correlation id {exchange.correlation_id}" if exchange.correlation_id else ""
        self.terminal.say(f"debug: {call}{known}", "dim")


def new_clock(stop: Event) -> Clock:
    """Return the clock of a command. Tests replace this function."""
    return Clock(stop=stop)


@contextmanager
def open_session(
    *, sandbox: bool, no_color: bool, debug: bool, profile: str = ""
) -> Iterator[Session]:
    """Read the environment, and yield the session. If `sandbox`, the sandbox runs meanwhile.

    At the end, `stop` is set, so that a read that is no longer needed does not wait for Xero.
    """
    settings = read_settings(profile=profile)
    options, stop = options_of(profile, sandbox=sandbox), Event()
    terminal = open_terminal(settings, no_color=no_color, options=options)
    with ExitStack() as stack:
        if sandbox:
            settings = settings.for_sandbox(stack.enter_context(running_sandbox()))
        try:
            yield Session(settings, terminal, stop, debug, profile=profile)
        except XerosyncError as error:
            _fit(error, settings, terminal.with_options)
            raise
        finally:
            stop.set()


def _fit(error: XerosyncError, settings: Settings, fitted: Callable[[str], str]) -> None:
    """Adapt an error's texts to the sandbox, if it is used, and to a named profile.

    A profile adds `--profile` to `xerosync auth`, and a suffix to variables (XERO_CLIENT_ID_ACME).
    """
    if settings.sandboxed and isinstance(error, (AccessDenied, WrongOrganisation)):
        error.hint = OF_SANDBOX
    if key := profile_key(settings.profile):
        error.hint = _AUTH.sub(lambda found: found[0] + options_of(settings.profile), error.hint)
        error.hint = _VARIABLE.sub(rf"\g<0>_{key}", error.hint)
        error.message = _VARIABLE.sub(rf"\g<0>_{key}", error.message)
    error.hint, error.details = fitted(error.hint), tuple(map(fitted, error.details))
    if isinstance(error, ChartError):
        error.problems = tuple(replace(p, hint=fitted(p.hint)) for p in error.problems)


def options_of(profile: str, *, sandbox: bool = False) -> str:
    """Return " --sandbox", " --profile NAME" or "": what to add to a command in a message."""
    return " --sandbox" if sandbox else f" --profile {shlex.quote(profile)}" if profile else ""


@contextmanager
def running_sandbox() -> Iterator[str]:
    """Run the local Xero on a free loopback port; yield its address, or raise `XerosyncError`."""
    from xerosync.sandbox import Sandbox, SandboxError

    try:
        STATE.mkdir(exist_ok=True)
        sandbox = Sandbox(STATE / "sandbox.db")
    except SandboxError as error:
        raise XerosyncError(error.message, error.hint) from error
    except FileExistsError as error:
        raise XerosyncError(
            f"{STATE} is not a folder, and the sandbox's data goes into a folder of that name.",
            f"Move {STATE} elsewhere, or run in another folder.",
        ) from error
    except OSError as error:
        raise XerosyncError(
            f"Could not create the folder {STATE} for the sandbox's data: {error.strerror}.",
            "Run in a folder where you can write.",
        ) from error
    with sandbox:
        yield sandbox.url


def say_problems(problems: Iterable[Problem], say: Callable[[str], None]) -> None:
    """Report problems line by line, because `say` escapes line breaks."""
    for problem in problems:
        for line in describe(problem).split("\n"):
            say(line)


def load_chart(file: str | Path, say: Callable[[str], None] | None = None) -> DesiredChart:
    """Read a chart file, and report its warnings if `say` is given.

    Raises `ChartError` for an invalid file, `UsageError` for a standard, and `Refused` if a
    renumbering is half done.
    """
    from xerosync.chartfile.load import parse_chart
    from xerosync.chartfile.syntax.source import read

    refuse_half_done()
    loaded = parse_chart(read(str(file)), STDIN if str(file) == "-" else str(file))
    if say:
        say_problems(loaded.warnings, say)
    return loaded.chart
