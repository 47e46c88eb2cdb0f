"""One run of the doctor: its session, the secrets to mask, and, if Xero is not called, why."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, TypeVar

from xerosync import environment
from xerosync.cli.session import Session, open_session, options_of
from xerosync.cli.terminal import open_terminal
from xerosync.doctor import installation
from xerosync.doctor.diagnosis import Check, Fact, Subject
from xerosync.errors import Interrupted, UsageError, XerosyncError
from xerosync.secret import Secret, SecretMask
from xerosync.settings import SANDBOX_CREDENTIAL, Settings
from xerosync.workspace import DEFAULT_FILE, command_on

if TYPE_CHECKING:
    from xerosync.xero.auth.credentials import Credentials

T = TypeVar("T")

OFFLINE = "--offline makes no connection."
SANDBOX = Subject("sandbox", "Sandbox")


@dataclass(frozen=True, slots=True)
class Examination:
    """One run of the doctor, for one chart file. It changes nothing in Xero.

    `named` is whether the command line names the file. `broken` is the failed check of the settings
    or of the sandbox, None if both can be used. If it is not None, Xero is not contacted.
    """

    session: Session
    file: str
    named: bool
    offline: bool
    broken: Check | None = None
    _mask: SecretMask = field(default_factory=SecretMask)

    @property
    def unasked(self) -> str:
        """Why Xero is not contacted; "" if it is contacted."""
        if self.broken:
            of_sandbox = self.broken.id == SANDBOX.id
            what = "the sandbox cannot be used" if of_sandbox else "the settings are wrong"
            return f"{what} (see above)."
        return OFFLINE if self.offline else ""

    def now(self) -> datetime:
        """Return the time of the session's clock."""
        return self.session.hooks().clock.now()

    def attempt(self, subject: Subject, act: Callable[[], T], profile: str = "") -> T | Check:
        """Return what `act` returns, or a failed check. Raises only `Interrupted` and bugs."""
        try:
            with self.session.naming_profile(profile):
                return act()
        except Interrupted:
            raise
        except XerosyncError as error:
            return subject.error(error)
        except OSError as error:
            return subject.error(XerosyncError(f"The system said: {error.strerror or error}."))

    def learn(self, known: Settings | Credentials) -> None:
        """Mask these secrets in checks, but not the sandbox's secret: it is the word "sandbox"."""
        secrets = (known.access_token, known.token_command, known.client_secret)
        self._mask.add(*(one for one in secrets if one != Secret(SANDBOX_CREDENTIAL)))

    def masked(self, check: Check) -> Check:
        """Return a check without the secrets that were learnt."""
        mask = self._mask.mask
        facts = {name: _masked_fact(mask, value) for name, value in check.facts.items()}
        return replace(check, message=mask(check.message), hint=mask(check.hint), facts=facts)


def _masked_fact(mask: Callable[[str], str], value: Fact) -> Fact:
    match value:
        case str():
            return mask(value)
        case tuple():
            return tuple(map(mask, value))
        case _:
            return value


@contextmanager
def open_examination(
    *, file: Path | None, offline: bool, sandbox: bool, profile: str, no_color: bool, debug: bool
) -> Iterator[Examination]:
    """Yield an examination, even if the settings are wrong or the sandbox cannot run.

    Raises `UsageError` if the file is a folder, if the options contradict each other, or if the
    current folder cannot be used.
    """
    path = DEFAULT_FILE if file is None else str(file)
    try:
        Path.cwd()
    except OSError as error:
        raise UsageError(
            f"The current folder cannot be used: {error.strerror}.",
            "Go to the folder of your project, and run again.",
        ) from error
    if os.path.isdir(path):  # noqa: PTH112 that of Path raises if it may not look
        raise UsageError(
            f"{path} is a folder; doctor checks one chart file.",
            f"Name one of its files. `{command_on('validate', path)}` checks them all.",
        )
    if sandbox and offline:
        raise UsageError("--sandbox and --offline cannot be used together.", "Give one of them.")
    settings, subject, broken = Settings(), installation.SETTINGS, None
    with ExitStack() as stack:
        try:
            settings = environment.read_settings(profile=profile)
            subject = SANDBOX
            session = stack.enter_context(
                open_session(sandbox=sandbox, no_color=no_color, debug=debug, profile=profile)
            )
        except XerosyncError as error:
            broken = subject.error(error)
            options = options_of(profile, sandbox=sandbox)
            terminal = open_terminal(settings, no_color=no_color, options=options)
            session = Session(settings, terminal, Event(), debug)
        yield Examination(session, path, file is not None, offline, broken)
