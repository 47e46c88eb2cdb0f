"""Settings and options → ledgers that are open, and plans that are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from xerosync.cli.terminal import Terminal, open_terminal
from xerosync.errors import UsageError, XerosyncError
from xerosync.ledger import Ledger
from xerosync.model import DesiredChart, OrganisationPin
from xerosync.settings import Settings

if TYPE_CHECKING:
    from xerosync.xero.transport import Exchange

STATE = Path(".xerosync")
"""Where a project keeps what is not for Git: the sandbox's books, the journals."""


@dataclass(frozen=True, slots=True)
class Session:
    """One run of a command: its settings, where it writes, and the wish to stop."""

    settings: Settings
    terminal: Terminal
    stop: Event
    debug: bool

    @contextmanager
    def ledger(self, wanted: OrganisationPin, *, read_only: bool) -> Iterator[Ledger]:
        """Sign in, and give the books that the pin asks for."""
        from xerosync.xero.addresses import Addresses
        from xerosync.xero.clock import Clock
        from xerosync.xero.connect import Credentials, Hooks, connect

        settings = self.settings
        ledger = connect(
            Credentials(
                access_token=settings.access_token,
                client_id=settings.client_id,
                client_secret=settings.client_secret,
                tenant_id=settings.tenant_id,
            ),
            Addresses(settings.api_url, settings.identity_url),
            read_only=read_only,
            wanted=wanted,
            hooks=Hooks(
                clock=Clock(stop=self.stop),
                on_wait=self._tell_wait,
                on_exchange=self._tell_exchange if self.debug else None,
            ),
        )
        try:
            yield ledger
        finally:
            ledger.close()

    def _tell_wait(self, seconds: float) -> None:
        self.terminal.say(f"Waiting {seconds:.0f} s: Xero takes 60 calls a minute.", "dim")

    def _tell_exchange(self, exchange: Exchange) -> None:
        self.terminal.say(f"debug: {exchange}", "dim")


@contextmanager
def open_session(
    *, sandbox: bool, no_color: bool, debug: bool, stop: Event | None = None
) -> Iterator[Session]:
    """Read the environment, and start the sandbox for as long as the command lives."""
    settings = Settings.from_environment()
    terminal = open_terminal(settings, no_color=no_color)
    with ExitStack() as stack:
        if sandbox:
            settings = settings.for_sandbox(stack.enter_context(running_sandbox()))
        yield Session(settings, terminal, stop or Event(), debug)


@contextmanager
def running_sandbox() -> Iterator[str]:
    """Run the local Xero on a free loopback port, and give its address."""
    from xerosync.sandbox import Sandbox, SandboxError

    STATE.mkdir(exist_ok=True)
    try:
        sandbox = Sandbox(STATE / "sandbox.db")
    except SandboxError as error:
        raise XerosyncError(error.message, error.hint) from error
    with sandbox:
        yield sandbox.url


def load_charts(
    files: Sequence[str], say: Callable[[str], None] | None = None
) -> tuple[DesiredChart, ...]:
    """Read the chart files, and say their warnings. Raises `ChartError` for the first bad one."""
    from xerosync.chart.problems import describe
    from xerosync.chart.reader import load

    if len(set(files)) != len(files):
        raise UsageError("A file is given twice.", "One file is one organisation: give each once.")
    charts = []
    for file in files:
        loaded = load(file)
        for warning in loaded.warnings:
            if say:
                say(describe(warning))
        charts.append(loaded.chart)
    return tuple(charts)
