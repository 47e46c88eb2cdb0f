"""`xerosync doctor --demo-company`: find out from a demo company how Xero behaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

from xerosync.chartfile.edit.new_entry import SourceFields
from xerosync.chartfile.edit.pull import pull
from xerosync.chartfile.load import load
from xerosync.cli.doctor.demo_progress import DemoProgress
from xerosync.cli.options import PlanFormat, pin_of_organisation
from xerosync.cli.questions import check_can_confirm, confirm
from xerosync.cli.session import Session, load_chart
from xerosync.cli.signals import nothing_sent, stopping
from xerosync.desired import DesiredChart, OrganisationPin
from xerosync.doctor.demo.ask_all import DemoRun
from xerosync.doctor.demo.demo_books import MOST_CALLS, DemoBooks
from xerosync.doctor.demo.made import RecordFile
from xerosync.doctor.demo.main_job import MainJob
from xerosync.doctor.demo.port import NotAsked, Xero, required
from xerosync.doctor.demo.watched_ledger import WatchedLedger
from xerosync.errors import ExitCode, Unavailable, UsageError
from xerosync.files import refuse_to_replace_others, write_whole
from xerosync.model import Chart, Organisation
from xerosync.plan.organisation import check_organisation
from xerosync.regular_file import read_text
from xerosync.render.doctor.behaviour_html import is_report_page, report_as_html
from xerosync.render.doctor.behaviour_markdown import report_as_markdown
from xerosync.render.doctor.behaviour_view import BehaviourView, view_of
from xerosync.text import counted, json_text, visible
from xerosync.workspace import lock
from xerosync.xero.clock import Clock
from xerosync.xero.connect import connect_raw
from xerosync.xero.http.transport import Exchange
from xerosync.xero_behaviour import Behaviour, BehaviourError, Question, XeroAnswer, from_text

REPORT = Path("xero-behaviour.json")
"""Where the report is written unless an option names another path."""

_STOPPING = (
    "Stopping: what this run made in the demo company is cleaned up first. Interrupt again to stop"
    " at once."
)
_STOPPED_AT_ONCE = (
    "Stopped at once: what this run made may still be in the demo company. To clean it up, run"
    " `xerosync doctor --demo-company` again."
)


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """The options of `doctor --demo-company`.

    The organisation is named by the chart file `file`, or by `organisation`, which is its name or
    tenant id. Without either, it is the organisation of the sign-in.
    """

    file: Path | None
    organisation: str
    yes: bool
    report: Path
    format: PlanFormat
    html_file: Path | None
    detailed_exitcode: bool


@dataclass(frozen=True, slots=True)
class FolderFiles:
    """Writes and reads chart files in a folder for `MainJob`, which pulls, plans and applies."""

    folder: Path

    def pull(self, chart: Chart) -> DesiredChart:
        """Write a new chart file from Xero's chart, as `pull` does, and read it."""
        path = self.folder / "pulled.yaml"
        return self._written(path, pull(b"", None, chart, SourceFields(), str(path)).text)

    def load(self, text: str) -> DesiredChart:
        """Write a chart file with this text, and read it."""
        number = len(list(self.folder.glob("*.yaml")))
        return self._written(self.folder / f"accounts-{number}.yaml", text)

    def _written(self, path: Path, text: str) -> DesiredChart:
        write_whole(path, text)
        return load(str(path)).chart


@dataclass(slots=True)
class _Exchanges:
    """Counts the calls to the accounting API, and passes each exchange to `then`."""

    then: Callable[[Exchange], None] | None
    calls: int = 0

    def __call__(self, exchange: Exchange) -> None:
        self.calls += "/api.xro/" in exchange.path
        if self.then:
            self.then(exchange)


def ask_demo_company(session: Session, asked: DemoOptions) -> int:
    """Ask the questions, clean up, write the report and show it; return the exit code."""
    if not asked.yes:
        check_can_confirm(
            session.terminal,
            "Nothing was sent. Use --yes, which still changes only a demo company.",
        )
    _check_folder(asked.report, asked.html_file)
    with _opened(session, asked) as (xero, books, clock):
        with nothing_sent():
            if not asked.yes:
                session.terminal.say(
                    "This creates, changes and deletes throw-away accounts and an item in the demo"
                    " company, renames one system account for a moment, and cleans up afterwards."
                    f" It usually takes about two minutes, and never more than {MOST_CALLS} calls."
                )
                confirm(session.terminal, f"Do this in {visible(books.organisation.name)}?")
        say = session.terminal.say
        signals = stopping(session.stop, session.terminal, _STOPPING, _STOPPED_AT_ONCE)
        with signals, lock(books.organisation, say):
            report = _run(session, xero, books, clock)
    view = view_of(report)
    _write(session, asked, report, view)
    return ExitCode.CHANGES if asked.detailed_exitcode and not view.as_assumed else ExitCode.OK


@contextmanager
def _opened(session: Session, asked: DemoOptions) -> Iterator[tuple[Xero, DemoBooks, Clock]]:
    """Sign in, and open the books of the demo company. Any other organisation is refused."""
    pin, profile = _organisation(asked)
    hooks = session.hooks()
    exchanges = _Exchanges(hooks.on_exchange)
    hooks = replace(hooks, on_exchange=exchanges)
    with (
        session.naming_profile(profile),
        connect_raw(session.credentials(profile), session.addresses(), pin, hooks) as xero,
    ):
        with nothing_sent():
            organisation = _read(xero)
            check_organisation(pin, organisation)
            books = DemoBooks(
                xero,
                RecordFile(organisation.tenant_id),
                organisation,
                monotonic=hooks.clock.monotonic,
                stop=session.stop,
            )
            books.observed = lambda: exchanges.calls
        yield xero, books, hooks.clock


def _read(xero: Xero) -> Organisation:
    """Read the organisation. Raises `Unavailable` if Xero does not answer or refuses."""
    try:
        return required(xero.port.send("GET", "/Organisation")).organisation
    except NotAsked as reason:
        raise Unavailable(
            f"The organisation could not be read. {reason}",
            "Check the sign-in with `xerosync doctor`, then run again. Nothing was sent.",
        ) from reason


def _organisation(asked: DemoOptions) -> tuple[OrganisationPin, str]:
    """Return the organisation that the options name, and the profile of its chart file."""
    if asked.file is None:
        return pin_of_organisation(asked.organisation), ""
    if asked.organisation:
        raise UsageError("--file and --organisation cannot be used together.", "Give one of them.")
    desired = load_chart(asked.file)
    return desired.organisation, desired.profile


def _run(session: Session, xero: Xero, books: DemoBooks, clock: Clock) -> Behaviour:
    today = clock.now().astimezone().date()
    ledger = WatchedLedger(xero.ledger, books)
    with TemporaryDirectory(prefix="xerosync-") as name, DemoProgress.of(session) as progress:
        folder = Path(name)

        def main_job(findings: Mapping[Question, XeroAnswer]) -> Mapping[str, str]:
            files = FolderFiles(folder)
            return MainJob(books, ledger, files, folder, clock.now, findings).run()

        books.on_call = progress.called
        calls_left = xero.port.calls_left_today
        run = DemoRun(books, progress, clock.wait, main_job, calls_left=calls_left)
        return run.run(today, local=session.settings.is_local)


def _check_folder(report: Path, page: Path | None) -> None:
    """Raise `UsageError` if a path cannot be written, or has a file other than an old report."""
    if page and page.resolve() == report.resolve():
        raise UsageError("--report and --html-file name the same file.", "Name two files.")
    for path in filter(None, (report, page)):
        if not path.parent.is_dir():
            raise UsageError(f"There is no folder {path.parent}.", "Create it, or choose another.")
        if path.is_dir():
            raise UsageError(f"{path} is a folder.", "Name a file.")
        special = path.exists() and not path.is_file()
        if not special and not _takes_files(path.parent):
            raise UsageError(f"{path} cannot be written.", "Choose another path.")
    refuse_to_replace_others(report, _is_report, "a report")
    if page:
        refuse_to_replace_others(page, _is_page, "a report's page")


def _is_report(path: Path) -> bool:
    try:
        return bool(from_text(read_text(path)))
    except (UsageError, BehaviourError):
        return False


def _is_page(path: Path) -> bool:
    try:
        return is_report_page(read_text(path))
    except UsageError:
        return False


def _takes_files(folder: Path) -> bool:
    try:
        with TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _write(session: Session, asked: DemoOptions, report: Behaviour, view: BehaviourView) -> None:
    """Write the report to its files, and to stdout."""
    document = json_text(report.to_json())
    write_whole(asked.report, document)
    if asked.html_file:
        write_whole(asked.html_file, report_as_html(view))
    match asked.format:
        case PlanFormat.TEXT:
            session.terminal.show_behaviour(view)
        case PlanFormat.JSON:
            session.terminal.data(document)
        case PlanFormat.MARKDOWN:
            session.terminal.data(report_as_markdown(view))
        case PlanFormat.HTML:
            session.terminal.data(report_as_html(view))
    left = f", except for {counted(len(report.left_behind), 'archived throw-away account')}"
    session.terminal.say(
        f"Wrote {asked.report}. The books are as they were{left if report.left_behind else ''}."
    )
