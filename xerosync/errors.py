"""Every way to fail, each with what happened, the way out, and the exit code it means.

The whole tree (a test holds this drawing complete)::

    XerosyncError                 1    anything that is not a bug
    ├── UsageError                64   the command line or the environment is wrong
    ├── ChartError                3    accounts.yaml is invalid: carries every problem
    ├── SignInError               4    no credentials, or Xero refused them
    │   └── AccessDenied          4    signed in, but not allowed: scope or organisation
    ├── Refused                   5    we decline to go on; nothing was sent
    │   ├── WrongOrganisation     5    the file is for other books
    │   ├── LimitExceeded         5    a safety limit of the file
    │   ├── TooFewCalls           5    the day has too few calls left to finish
    │   ├── BlockedChanges        5    a change that Xero is known to refuse
    │   ├── StalePlan             5    Xero changed since the plan was saved
    │   ├── InvalidPlan           5    not a plan, cut short, or edited by hand
    │   └── NotConfirmed          5    nobody said yes
    ├── LedgerError               1    a call to Xero did not give its answer
    │   ├── RejectedByXero        1    Xero rejected the account: carries its messages
    │   ├── OutcomeUnknown        1    sent, but whether it took effect is not known
    │   ├── Unavailable           1    Xero cannot be reached or is down
    │   └── DayLimitReached       1    no calls left, or a wait longer than we make
    ├── ProofFailed               1    applied, but the chart is not as planned
    ├── AppliedInPart             6    some steps failed; run again to go on
    └── Interrupted               130  stopped by Ctrl-C or SIGTERM; all in flight is recorded
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes that scripts may rely on."""

    OK = 0
    ERROR = 1
    CHANGES = 2
    INVALID_FILE = 3
    SIGN_IN = 4
    REFUSED = 5
    PARTIAL = 6
    USAGE = 64
    INTERRUPTED = 130


class XerosyncError(Exception):
    """A failure that we understand: a message, and the way out where there is one.

    `details` are sentences that belong to the message, each on a line of its own.
    """

    exit_code = ExitCode.ERROR

    def __init__(self, message: str, hint: str = "", details: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details


class UsageError(XerosyncError):
    """The command line or the environment is wrong."""

    exit_code = ExitCode.USAGE


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a chart file, at its place.

    `line` and `column` count from 1; 0 means the file as a whole.
    `rule` is a stable id such as `duplicate-code`; `severity` is `error` or `warning`.
    `source_line` is the text of the line, for the caret under it.
    """

    file: str
    line: int
    column: int
    rule: str
    message: str
    hint: str = ""
    severity: str = "error"
    source_line: str = ""

    def __str__(self) -> str:
        """Give the one-line form that editors and CI systems parse."""
        place = f":{self.line}:{self.column}" if self.line else ""
        return f"{self.file}{place}: {self.severity}[{self.rule}]: {self.message}"


class ChartError(XerosyncError):
    """The chart file is invalid; carries every problem found, in the order of the file."""

    exit_code = ExitCode.INVALID_FILE

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        count = len(problems)
        where = problems[0].file if problems else "accounts.yaml"
        super().__init__(f"{where} has {count} problem{'' if count == 1 else 's'}.")
        self.problems = problems


class SignInError(XerosyncError):
    """There are no credentials, or Xero refused them."""

    exit_code = ExitCode.SIGN_IN


class AccessDenied(SignInError):
    """Signed in, but a scope is missing or the organisation is not connected."""


class Refused(XerosyncError):
    """We decline to go on, and nothing was sent."""

    exit_code = ExitCode.REFUSED


class WrongOrganisation(Refused):
    """The file names one organisation and the credentials open another."""


class LimitExceeded(Refused):
    """The plan is larger than a safety limit of the file allows."""


class TooFewCalls(Refused):
    """The calls that Xero still allows today would not do to finish."""


class BlockedChanges(Refused):
    """The plan holds changes that Xero is known to refuse."""


class StalePlan(Refused):
    """Xero's chart changed since the plan was saved, in a way that changes the plan."""


class InvalidPlan(Refused):
    """The file is not a plan of ours, was cut short, or was edited by hand."""


class NotConfirmed(Refused):
    """Nobody said yes."""


class LedgerError(XerosyncError):
    """A call to the accounting system did not give the answer it should."""

    def __init__(self, message: str, hint: str = "", *, correlation_id: str = "") -> None:
        super().__init__(message, hint)
        self.correlation_id = correlation_id


class RejectedByXero(LedgerError):
    """Xero understood the call and rejected it; `messages` holds its words, unchanged."""

    def __init__(self, messages: tuple[str, ...], *, correlation_id: str = "") -> None:
        super().__init__("; ".join(messages), correlation_id=correlation_id)
        self.messages = messages


class OutcomeUnknown(LedgerError):
    """A write was sent and its answer never came; only reading the chart can tell."""


class Unavailable(LedgerError):
    """Xero cannot be reached, or says that it is down."""


class DayLimitReached(LedgerError):
    """Xero asks for a wait longer than a run should make."""


class ProofFailed(XerosyncError):
    """Every step succeeded, and yet the chart read afterwards is not as planned."""


class AppliedInPart(XerosyncError):
    """Some steps failed; what was done is recorded and another run goes on."""

    exit_code = ExitCode.PARTIAL


class Interrupted(XerosyncError):
    """The run was stopped by a signal; what was in flight is finished and recorded."""

    exit_code = ExitCode.INTERRUPTED
