"""Check the installation and the sign-in. A failed check skips only checks that depend on it."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from xerosync import environment
from xerosync.chartfile.edit.file_set import refuse_half_done
from xerosync.cli.doctor import machine
from xerosync.cli.doctor.examination import SANDBOX, Examination
from xerosync.cli.doctor.sign_in_steps import SignInExamination
from xerosync.doctor import ci_job, connections_to_xero, git, installation, project_folder
from xerosync.doctor.connections_to_xero import Reached, Service
from xerosync.doctor.diagnosis import Check, CheckSection, Subject, place_of
from xerosync.doctor.tracked import read_tracking
from xerosync.errors import Interrupted
from xerosync.text import series


def sections(run: Examination) -> Iterator[CheckSection]:
    """Yield each section as soon as its checks are made."""
    run.learn(run.session.settings)
    chart = machine.chart_file(run.file, named=run.named)

    def section(name: str, title: str, checks: Iterator[Check]) -> CheckSection:
        return CheckSection(name, title, tuple(map(run.masked, _with_bug(name, checks))))

    yield section("installation", "Installation", _installation(run, chart.profile))
    yield section("project", "Project", _project(run, chart))
    network = section("network", "Network", _network(run))
    yield network
    sign_in = SignInExamination(run, chart, connections_to_xero.reached(network.checks))
    yield section("sign_in", "Sign-in", sign_in.checks())
    yield section("ci", "CI", _ci(run))


def _installation(run: Examination, profile: str) -> Iterator[Check]:
    yield installation.check_version(machine.machine())
    yield installation.check_packages(machine.packages())
    yield installation.check_terminal(machine.screen(run.session.terminal))
    if run.broken is None or run.broken.id == SANDBOX.id:
        settings = run.session.settings
        named = settings.sandboxed or profile or settings.profile or settings.has_credentials
        yield installation.check_settings(
            environment.own_variables(),
            environment.misspelt_variables(),
            () if named else environment.profiles_with_credentials(),
        )
    if run.broken:
        yield run.broken


def _project(run: Examination, chart: machine.ChartOnDisk) -> Iterator[Check]:
    yield project_folder.check_file(chart.found)
    if chart.pin is not None:
        yield project_folder.check_pin(chart.pin)
    else:
        unread = "the file cannot be read" if chart.found.exists else "there is no chart file"
        why = "a standard names no organisation" if chart.found.standard else unread
        yield project_folder.PIN.not_checked(f"{why}.")
    half_done = run.attempt(project_folder.RENUMBER, refuse_half_done)
    yield half_done or project_folder.RENUMBER.ok("no `renumber` was stopped in the middle")
    there = run.file if chart.found.exists else ""
    tracking = read_tracking(there)
    yield project_folder.check_journals(machine.journal_folder(ignored=tracking.ignores_runs))
    yield git.check_git(tracking, there)


def _network(run: Examination) -> Iterator[Check]:
    from xerosync.network.exchange import is_proxied
    from xerosync.xero.probe import LONGEST_SECONDS, reach, urls

    called = {} if run.broken else urls(run.session.addresses())
    proxied = [service for service, url in called.items() if is_proxied(url)]
    yield connections_to_xero.check_proxy(
        environment.proxy_variables(), proxied=None if run.broken else proxied
    )
    named = environment.certificate_files()
    yield connections_to_xero.check_certificates(machine.ca_files(named))
    if run.unasked:
        for service in Service:
            yield service.subject.not_checked(run.unasked)
        yield connections_to_xero.CLOCK.not_checked(run.unasked)
        return
    hooks = run.session.hooks()
    hosts = dict.fromkeys(urlsplit(url).hostname or "" for url in called.values())
    if run.session.terminal.err.is_terminal:
        asking = f"Asking {series(tuple(hosts))}: at most {LONGEST_SECONDS:.0f} s."
        run.session.terminal.say(asking, "dim")
    reached: tuple[Reached, ...] = reach(
        run.session.addresses(), hooks.clock.now, hooks.on_exchange
    )
    yield from map(connections_to_xero.check_reach, reached)
    yield connections_to_xero.check_clock(reached)


def _ci(run: Examination) -> Iterator[Check]:
    job = run.attempt(ci_job.CI, environment.job_from_environment)
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
