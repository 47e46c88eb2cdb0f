"""Check the installation and the sign-in. A failed check skips only checks that depend on it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from xerosync import environment
from xerosync.cli.doctor import machine
from xerosync.cli.file_set import refuse_half_done
from xerosync.cli.session import Session, open_session, options_of
from xerosync.cli.terminal import open_terminal
from xerosync.doctor import ci_job, connections_to_xero, git, installation, project_folder
from xerosync.doctor.connections_to_xero import Reached, Service
from xerosync.doctor.diagnosis import Check, CheckSection, Fact, Subject, place_of
from xerosync.doctor.tracked import read_tracking
from xerosync.errors import Interrupted, UsageError, XerosyncError
from xerosync.secret import Secret, SecretMask
from xerosync.settings import SANDBOX_CREDENTIAL, Settings
from xerosync.text import series
from xerosync.workspace import DEFAULT_FILE

if TYPE_CHECKING:
    from xerosync.xero.auth.credentials import Credentials

T = TypeVar("T")

OFFLINE = "--offline asks nobody."
SANDBOX = Subject("sandbox", "Sandbox")


@dataclass(frozen=True, slots=True)
class Examination:
    """One run of the doctor, for one chart file. It changes nothing in Xero.

    `named` is whether the command line names the file. `broken` is the failed check of the settings
    or of the sandbox, None if both can be used. After a failed check, Xero is not contacted.
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
            return f"{what}, as said above."
        return OFFLINE if self.offline else ""

    def sections(self) -> Iterator[CheckSection]:
        """Yield each section as soon as its checks are made."""
        from xerosync.cli.doctor.sign_in_steps import SignInExamination

        self.learn(self.session.settings)
        chart = machine.chart_file(self.file, named=self.named)
        yield self._section("installation", "Installation", self._installation(chart.profile))
        yield self._section("project", "Project", self._project(chart))
        network = self._section("network", "Network", self._network())
        yield network
        sign_in = SignInExamination(self, chart, connections_to_xero.reached(network.checks))
        yield self._section("sign_in", "Sign-in", sign_in.checks())
        yield self._section("ci", "CI", self._ci())

    def now(self) -> datetime:
        """Return the time of the session's clock."""
        return self.session.hooks().clock.now()

    def attempt(self, subject: Subject, act: Callable[[], T], profile: str = "") -> T | Check:
        """Return what `act` returns. For `XerosyncError` and `OSError`, return a failed check."""
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

    def _section(self, name: str, title: str, checks: Iterator[Check]) -> CheckSection:
        return CheckSection(name, title, tuple(map(self._masked, _with_bug(name, checks))))

    def _masked(self, check: Check) -> Check:
        mask = self._mask.mask
        facts = {name: _masked_fact(mask, value) for name, value in check.facts.items()}
        return replace(check, message=mask(check.message), hint=mask(check.hint), facts=facts)

    def _installation(self, profile: str) -> Iterator[Check]:
        yield installation.check_version(machine.machine())
        yield installation.check_packages(machine.packages())
        yield installation.check_terminal(machine.screen(self.session.terminal))
        if self.broken is None or self.broken.id == SANDBOX.id:
            settings = self.session.settings
            named = settings.sandboxed or profile or settings.profile or settings.has_credentials
            yield installation.check_settings(
                environment.own_variables(),
                environment.misspelt_variables(),
                () if named else environment.profiles_with_credentials(),
            )
        if self.broken:
            yield self.broken

    def _project(self, chart: machine.ChartOnDisk) -> Iterator[Check]:
        yield project_folder.check_file(chart.found)
        if chart.pin is not None:
            yield project_folder.check_pin(chart.pin)
        else:
            unread = "the file cannot be read" if chart.found.exists else "there is no chart file"
            why = "a standard names no organisation" if chart.found.standard else unread
            yield project_folder.PIN.not_checked(f"{why}.")
        half_done = self.attempt(project_folder.RENUMBER, refuse_half_done)
        yield half_done or project_folder.RENUMBER.ok("none was stopped in the middle")
        there = self.file if chart.found.exists else ""
        tracking = read_tracking(there)
        yield project_folder.check_journals(machine.journal_folder(ignored=tracking.ignores_runs))
        yield git.check_git(tracking, there)

    def _network(self) -> Iterator[Check]:
        from xerosync.network.exchange import is_proxied
        from xerosync.xero.probe import LONGEST_SECONDS, reach, urls

        called = {} if self.broken else urls(self.session.addresses())
        proxied = [service for service, url in called.items() if is_proxied(url)]
        yield connections_to_xero.check_proxy(
            environment.proxy_variables(), proxied=None if self.broken else proxied
        )
        named = environment.certificate_files()
        yield connections_to_xero.check_certificates(machine.ca_files(named))
        if self.unasked:
            for service in Service:
                yield service.subject.not_checked(self.unasked)
            yield connections_to_xero.CLOCK.not_checked(self.unasked)
            return
        hooks = self.session.hooks()
        hosts = dict.fromkeys(urlsplit(url).hostname or "" for url in called.values())
        if self.session.terminal.err.is_terminal:
            asking = f"Asking {series(tuple(hosts))}: at most {LONGEST_SECONDS:.0f} s."
            self.session.terminal.say(asking, "dim")
        reached: tuple[Reached, ...] = reach(
            self.session.addresses(), hooks.clock.now, hooks.on_exchange
        )
        yield from map(connections_to_xero.check_reach, reached)
        yield connections_to_xero.check_clock(reached)

    def _ci(self) -> Iterator[Check]:
        job = self.attempt(ci_job.CI, environment.job_from_environment)
        if isinstance(job, Check):
            yield job
        else:
            secrets = environment.secret_variables()
            yield ci_job.check_job(job, in_ci=environment.in_ci(), secrets=secrets)


def _with_bug(name: str, checks: Iterator[Check]) -> Iterator[Check]:
    """Yield the checks of a section. If a check has a bug, yield a failed check and end."""
    try:
        yield from checks
    except Interrupted:
        raise
    except Exception as error:  # noqa: BLE001 an unknown one is a bug
        bug = type(error).__name__
        yield Subject(f"bug_{name}", "Bug").fail(
            f"The other checks of this part were not made: a bug in xerosync ({bug}).",
            "Please report it, with the file that `xerosync doctor --bundle report.zip` writes.",
            {"error": bug, "at": place_of(error)},
        )


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
            f"Name one of its files. `xerosync validate {shlex.quote(path)}` checks them all.",
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
