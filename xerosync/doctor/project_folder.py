"""Whether the project works: the chart file, the organisation that it names, and the journals."""

from __future__ import annotations

from dataclasses import dataclass

from xerosync.desired import OrganisationPin
from xerosync.doctor.diagnosis import Check, Fact, Subject
from xerosync.errors import Problem
from xerosync.text import counted, first_few, series
from xerosync.workspace import command_on

FILE = Subject("file", "Chart file")
PIN = Subject("pin", "Named in file")
RENUMBER = Subject("renumber", "Renumber")
JOURNALS = Subject("journals", "Journals")

_RUNS = ".xerosync/runs"


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A chart file: whether it exists, whether it is a standard, and its problems.

    The problems include those of its standards. `named` is whether the command line names the file.
    """

    path: str
    named: bool
    exists: bool
    standard: bool = False
    accounts: int = 0
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class JournalFolder:
    """The folder of journals, and what is in it.

    `obstacle` says why no journal can be written, "" if nothing prevents it. `unfinished` are the
    journals of runs that did not end, unless the same organisation has a later run. `unreadable`
    counts files that cannot be read as journals. Only the newest journals are read for these two.
    `ignored` is whether Git ignores the folder, None if that is not known.
    """

    obstacle: str = ""
    exists: bool = False
    count: int = 0
    unfinished: tuple[str, ...] = ()
    unreadable: int = 0
    ignored: bool | None = None


def check_file(found: FoundFile) -> Check:
    """Check whether there is a chart file, and whether it is valid."""
    if not found.exists:
        if found.named:
            return FILE.fail(
                f"There is no file {found.path}.",
                "Check the path.",
                {"exists": False},
                private=True,
            )
        return FILE.warn(
            f"There is no {found.path} in this folder.",
            "Go to the folder of your project, name a file with `-f`, or make one: `xerosync pull`"
            " writes it from Xero, and `xerosync init` sets up everything.",
            {"exists": False},
        )
    errors = [one for one in found.problems if one.severity == "error"]
    warnings = [one for one in found.problems if one.severity != "error"]
    facts: dict[str, Fact] = {
        "exists": True,
        "standard": found.standard,
        "accounts": found.accounts,
        "errors": len(errors),
        "warnings": len(warnings),
        "rules": tuple(sorted({one.rule for one in found.problems})),
    }
    shown = "it" if len(found.problems) == 1 else "each of them"
    hint = f"`{command_on('validate', found.path)}` shows {shown}, and what to do."
    if errors:
        first = errors[0]
        place = f"line {first.line} of {first.file}" if first.line else first.file
        which = ", in" if len(errors) == 1 else ". The first, in"
        return FILE.fail(
            f"{found.path} has {counted(len(errors), 'error')}{which} {place}: {first.message}"
            f" [{first.rule}]",
            hint,
            facts,
            private=True,
        )
    if found.standard:
        return FILE.warn(
            f"{found.path} is a standard, which has no books of its own.",
            "To check a sign-in, name a file that extends it.",
            facts,
            private=True,
        )
    said = f"{found.path} is valid, with {counted(found.accounts, 'account')}"
    if warnings:
        return FILE.warn(
            f"{said} and {counted(len(warnings), 'warning')}.", hint, facts, private=True
        )
    return FILE.ok(said, facts, private=True)


def check_pin(pin: OrganisationPin) -> Check:
    """Check whether a file says which organisation it is for."""
    given = tuple(name for name, value in pin.parts().items() if value)
    if not set(given) - {"country"}:
        return PIN.warn(
            "The file does not say which organisation it is for.",
            "Add `organisation: {name: …}` with the name in Xero: the file can then change only"
            " books of that name.",
            {"given": given},
        )
    return PIN.ok(f"the file names its organisation, by {series(given)}", {"given": given})


def check_journals(found: JournalFolder) -> Check:
    """Check whether journals can be written, and whether some are unfinished."""
    facts: dict[str, Fact] = {
        "exists": found.exists,
        "writable": not found.obstacle,
        "count": found.count,
        "unfinished": len(found.unfinished),
        "unreadable": found.unreadable,
        "ignored_by_git": found.ignored,
    }
    if found.obstacle:
        return JOURNALS.fail(
            f"{_RUNS} cannot be written: {found.obstacle}.",
            "Make it writable, or run in another folder: without a journal nothing is applied.",
            facts,
            private=True,
        )
    messages, hints = [], []
    if found.unfinished:
        runs, shown = counted(len(found.unfinished), "run"), first_few(found.unfinished, 3)
        messages.append(f"{runs} did not end: {shown}.")
        hints.append(
            "For a run that is not running any more, see the line File of `xerosync show"
            f" {_RUNS}/NAME`. If File is a chart, run `xerosync plan -f FILE`, then `xerosync apply"
            " -f FILE`, which completes what is left. If File is a journal, the run was undoing an"
            " earlier one: run `xerosync rollback FILE --out PLAN.json`, then `xerosync apply"
            " PLAN.json`."
        )
    if found.unreadable:
        messages.append(
            f"{counted(found.unreadable, 'file')} in {_RUNS} cannot be read as a journal."
        )
        hints.append("Move out the files that are not journals.")
    if found.ignored is False:
        messages.append("Git does not ignore the journals, and they name your accounts.")
        hints.append("Add the line `.xerosync/` to .gitignore.")
    if messages:
        return JOURNALS.warn(" ".join(messages), " ".join(hints), facts, private=True)
    if not found.exists:
        return JOURNALS.ok(f"none yet; the first apply makes {_RUNS}", facts)
    return JOURNALS.ok(f"{counted(found.count, 'journal')} in {_RUNS}", facts)
