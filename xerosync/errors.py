"""The errors of xerosync. Each has a message, an exit code and perhaps a hint.

This is the whole tree of this module; a test keeps it complete::

    XerosyncError                 1    any error with a known cause
    ├── UsageError                64   the command line or the environment is wrong
    ├── ChartError                3    a chart file, CSV or worksheet is invalid; has the problems
    ├── SignInError               4    no credentials, or signing in or out failed
    │   ├── RejectedToken         4    Xero rejects the access token
    │   └── AccessDenied          4    signed in, but without the necessary access
    │       └── ScopeMissing      4    signed in without the scope that a call needs
    ├── Refused                   5    xerosync refuses to continue
    │   ├── WrongOrganisation     5    not the organisation that was asked for
    │   ├── NoDemoCompany         5    not a demo company, or not the one the run began with
    │   ├── LimitExceeded         5    a safety limit is exceeded
    │   ├── TooFewCalls           5    too few calls left today to finish
    │   ├── BlockedChanges        5    the plan has changes that cannot be made
    │   ├── StalePlan             5    the saved plan is out of date or was already applied
    │   ├── InvalidPlan           5    not a saved plan that can be read and applied
    │   └── NotConfirmed          5    the changes were not confirmed or approved
    ├── LedgerError               1    a call to Xero, GitHub or GitLab failed
    │   ├── RejectedByXero        1    Xero refused the call; says why
    │   ├── OutcomeUnknown        1    sent, but it is unknown whether it took effect
    │   ├── NotFound              1    GitHub or GitLab has nothing at a path, or hides it
    │   ├── Unavailable           1    cannot be reached, is down, or gave no usable answer
    │   └── DayLimitReached       1    no calls left today, or too long a wait for more
    ├── ProofFailed               1    applied, but not proved: the chart differs or is unreadable
    ├── JournalIncomplete         1    applied as planned, but the journal is incomplete
    ├── AppliedInPart             6    some steps of the plan failed or were left out
    ├── SomeOrganisationsFailed   6    a command failed for some organisations
    ├── CleanUpIncomplete         6    a demo company is not yet as it was before the run
    └── Interrupted               130  stopped by Ctrl-C or another signal
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from xerosync.text import counted


class ExitCode(IntEnum):
    """The exit codes of the command, on which scripts may rely."""

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
    """An error with a known cause: a message, a hint if there is one, and further `details`.

    `place` is the file and organisation with which the message begins, "" if it names none.
    """

    exit_code = ExitCode.ERROR
    place = ""

    def __init__(self, message: str, hint: str = "", details: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details

    @property
    def reason(self) -> str:
        """The message without the `place`."""
        return self.message.removeprefix(f"{self.place}: ")

    def __reduce__(self) -> tuple[object, ...]:
        """Return how to unpickle without `__init__`, which would get the message alone."""
        return type(self).__new__, (type(self), *self.args), vars(self)


class UsageError(XerosyncError):
    """The command line or the environment is wrong."""

    exit_code = ExitCode.USAGE


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem in a chart file, a CSV or a worksheet.

    `line` and `column` count from 1; 0 means the whole file.
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
        """Return the one-line form that editors and CI systems parse."""
        place = f":{self.line}:{self.column}" if self.line else ""
        return f"{self.file}{place}: {self.severity}[{self.rule}]: {self.message}"


class ChartError(XerosyncError):
    """A chart file, CSV or worksheet is invalid; `problems` has the problems that were found."""

    exit_code = ExitCode.INVALID_FILE

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        files = dict.fromkeys(problem.file for problem in problems) or {"accounts.yaml": None}
        where = f"{len(files)} files have" if len(files) > 1 else f"{next(iter(files))} has"
        super().__init__(f"{where} {counted(len(problems), 'problem')}.")
        self.problems = problems


class SignInError(XerosyncError):
    """There are no credentials, or signing in or out failed."""

    exit_code = ExitCode.SIGN_IN


class RejectedToken(SignInError):
    """Xero rejects an access token for a reason other than its age or its scopes."""


class AccessDenied(SignInError):
    """Signed in, but without the necessary access, such as a scope or an organisation.

    `naming_helps` is whether it may help to name an organisation, or to give its tenant id.
    `said` is why Xero answered 403, "403" if it did not say; "" for any other cause.
    """

    def __init__(
        self, message: str, hint: str = "", *, naming_helps: bool = False, said: str = ""
    ) -> None:
        super().__init__(message, hint)
        self.naming_helps, self.said = naming_helps, said


class ScopeMissing(AccessDenied):
    """Signed in without the scope that a call needs."""


class Refused(XerosyncError):
    """xerosync refuses to continue. Xero is unchanged, except perhaps a demo company."""

    exit_code = ExitCode.REFUSED


class WrongOrganisation(Refused):
    """The organisation is not the one that the file, the plan or an option asks for."""


class NoDemoCompany(Refused):
    """The organisation is not known as a demo company, or not the one the run began with."""


class LimitExceeded(Refused):
    """A safety limit is exceeded."""


class TooFewCalls(Refused):
    """The calls that Xero still allows today are too few to finish."""


class BlockedChanges(Refused):
    """The plan has changes that cannot be made."""


class StalePlan(Refused):
    """The saved plan is or may be out of date, or was already applied."""


class InvalidPlan(Refused):
    """The file is not a saved plan that can be read and applied."""


class NotConfirmed(Refused):
    """The changes were not confirmed or approved."""


class LedgerError(XerosyncError):
    """A call to Xero, GitHub or GitLab failed."""

    def __init__(self, message: str, hint: str = "", *, correlation_id: str = "") -> None:
        super().__init__(message, hint)
        self.correlation_id = correlation_id


class RejectedByXero(LedgerError):
    """Xero refused the call; `messages` say why, in its own words if it gave any."""

    def __init__(
        self, messages: tuple[str, ...], hint: str = "", *, correlation_id: str = ""
    ) -> None:
        super().__init__("; ".join(messages), hint, correlation_id=correlation_id)
        self.messages = messages


class OutcomeUnknown(LedgerError):
    """A write may have taken effect; only reading the chart shows whether it did."""


class NotFound(LedgerError):
    """GitHub or GitLab answered 404: nothing is at the path, or the token has no access to it."""


class Unavailable(LedgerError):
    """Xero, GitHub or GitLab cannot be reached, is down, or gave no usable answer."""


class DayLimitReached(LedgerError):
    """No calls are left today, or Xero asks for a longer wait than a run accepts."""


class ProofFailed(XerosyncError):
    """Every step succeeded, but the chart is not as planned, or could not be read afterwards.

    If a bug in xerosync ends the apply of one of many organisations, that organisation has this
    error too: nobody knows what was sent to Xero.
    """


class JournalIncomplete(XerosyncError):
    """Xero is as planned, but the journal does not record everything that was done."""


class AppliedInPart(XerosyncError):
    """Some steps of the plan failed or were left out; the hint says how to continue."""

    exit_code = ExitCode.PARTIAL


class SomeOrganisationsFailed(XerosyncError):
    """A command failed for some organisations, and was perhaps not begun for others.

    If none succeeded, `exit_code` is the code of the failures, or 1 if their codes differ.
    """

    exit_code = ExitCode.PARTIAL


class CleanUpIncomplete(XerosyncError):
    """Some of what a run made in a demo company could not be removed; the next run tries again."""

    exit_code = ExitCode.PARTIAL


class Interrupted(XerosyncError):
    """A signal stopped the run. An apply finishes and journals its calls in flight first."""

    exit_code = ExitCode.INTERRUPTED
