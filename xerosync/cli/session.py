"""Settings and options → ledgers that are open, and plans that are made."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from xerosync.cli.terminal import Terminal, open_terminal
from xerosync.cli.waiting import Wait
from xerosync.errors import Problem, UsageError, XerosyncError
from xerosync.model import DesiredChart, OrganisationPin
from xerosync.settings import Settings
from xerosync.workspace import STATE

if TYPE_CHECKING:
    from xerosync.xero.addresses import Addresses
    from xerosync.xero.auth.credentials import Credentials
    from xerosync.xero.clock import Clock
    from xerosync.xero.connect import Hooks
    from xerosync.xero.http.transport import Exchange
    from xerosync.xero.ledger import XeroLedger


@dataclass(frozen=True, slots=True)
class Session:
    """One run of a command: its settings, where it writes, the wish to stop, and Xero's waits."""

    settings: Settings
    terminal: Terminal
    stop: Event
    debug: bool
    wait: Wait = field(default_factory=Wait)

    @contextmanager
    def ledger(self, wanted: OrganisationPin, *, read_only: bool) -> Iterator[XeroLedger]:
        """Sign in, and give the books that the pin asks for."""
        from xerosync.xero.connect import connect

        ledger = connect(
            self.credentials(),
            self.addresses(),
            read_only=read_only,
            wanted=wanted,
            hooks=self.hooks(),
        )
        try:
            yield ledger
        finally:
            ledger.close()

    def to_apply(self, plan: Path) -> str:
        """Give the command that applies a saved plan to the same books."""
        settings = self.settings
        profile = f" --profile {shlex.quote(settings.profile)}" if settings.profile else ""
        sandbox = " --sandbox" if settings.sandboxed else ""
        return f"xerosync apply {shlex.quote(str(plan))}{profile}{sandbox}"

    def credentials(self) -> Credentials:
        """Give who signs in; a sandbox of our own is nobody's stored sign-in."""
        from xerosync.settings import profile_key
        from xerosync.xero.auth.credentials import Credentials
        from xerosync.xero.auth.store import Store

        settings = self.settings
        profile = profile_key(settings.profile)
        return Credentials(
            access_token=settings.access_token,
            client_id=settings.client_id,
            client_secret=settings.client_secret,
            tenant_id=settings.tenant_id,
            profile=profile,
            store=None if settings.sandboxed else Store(profile),
        )

    def addresses(self) -> Addresses:
        """Give where Xero is."""
        from xerosync.xero.addresses import Addresses

        settings = self.settings
        return Addresses(settings.api_url, settings.identity_url, settings.login_url)

    def hooks(self) -> Hooks:
        """Give what watches the calls, and the time that they go by."""
        from xerosync.xero.connect import Hooks

        return Hooks(
            clock=new_clock(self.stop),
            on_wait=self._tell_wait,
            on_exchange=self._tell_exchange if self.debug else None,
        )

    def _tell_wait(self, seconds: float) -> None:
        self.wait.begin(seconds)
        self.terminal.say(f"Waiting {seconds:.0f} s before asking Xero again.", "dim")

    def _tell_exchange(self, exchange: Exchange) -> None:
        result = exchange.status or exchange.trouble or "no reply"
        call = f"{exchange.method} {exchange.path} {result} in {1000 * exchange.seconds:.0f} ms"
        known = f", correlation id {exchange.correlation_id}" if exchange.correlation_id else ""
        self.terminal.say(f"debug: {call}{known}", "dim")


def new_clock(stop: Event) -> Clock:
    """Make the clock of a command; tests put one here that never waits."""
    from xerosync.xero.clock import Clock

    return Clock(stop=stop)


@contextmanager
def open_session(
    *, sandbox: bool, no_color: bool, debug: bool, profile: str = "", stop: Event | None = None
) -> Iterator[Session]:
    """Read the environment, and start the sandbox for as long as the command lives."""
    settings = Settings.from_environment(profile=profile)
    terminal = open_terminal(settings, no_color=no_color)
    with ExitStack() as stack:
        if sandbox:
            settings = settings.for_sandbox(stack.enter_context(running_sandbox()))
        yield Session(settings, terminal, stop or Event(), debug)


@contextmanager
def running_sandbox() -> Iterator[str]:
    """Run the local Xero on a free loopback port, and give its address."""
    from xerosync.sandbox import Sandbox, SandboxError

    try:
        STATE.mkdir(exist_ok=True)
        sandbox = Sandbox(STATE / "sandbox.db")
    except SandboxError as error:
        raise XerosyncError(error.message, error.hint) from error
    except OSError as error:
        raise XerosyncError(
            f"The folder {STATE}, for the sandbox's books, cannot be made: {error.strerror}.",
            "Run in a directory that you can write to.",
        ) from error
    with sandbox:
        yield sandbox.url


def say_problem(problem: Problem, say: Callable[[str], None]) -> None:
    """Say a problem of a file: its lines are ours, what stands in them is not."""
    from xerosync.chartfile.problems import describe

    for line in describe(problem).split("\n"):
        say(line)


def load_charts(
    files: Sequence[str], say: Callable[[str], None] | None = None
) -> tuple[DesiredChart, ...]:
    """Read the chart files, and say their warnings. Raises `ChartError` for the first bad one."""
    from xerosync.chartfile.load import load

    if len(set(files)) != len(files):
        raise UsageError("A file is given twice.", "One file is one organisation: give each once.")
    charts = []
    for file in files:
        loaded = load(file)
        for warning in loaded.warnings:
            if say:
                say_problem(warning, say)
        charts.append(loaded.chart)
    return tuple(charts)
