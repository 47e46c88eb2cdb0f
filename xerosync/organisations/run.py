"""Do the same work for each organisation: a failure of one never stops the others.

`run_each` runs the work in any `concurrent.futures.Executor`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future, as_completed
from typing import TypeVar

from xerosync.desired import DesiredChart
from xerosync.errors import (
    ChartError,
    ExitCode,
    Interrupted,
    SomeOrganisationsFailed,
    XerosyncError,
)
from xerosync.organisations.failed import FailedOrganisation
from xerosync.plan.plan import Plan
from xerosync.text import counted, first_few, full_stop

T = TypeVar("T")
Item = TypeVar("Item")

_MOST_NAMED = 3
"""The most organisations that one line of a message names."""


def run_each(
    charts: Sequence[DesiredChart],
    work: Callable[[DesiredChart], T],
    executor: Executor,
    *,
    done: str,
    ended: Callable[[bool], None] = lambda _: None,
) -> tuple[tuple[T, ...], tuple[FailedOrganisation, ...]]:
    """Return the results of the work and the failures, each in the order of the charts.

    `ended` is called after each organisation, with True if it failed. If the run is interrupted,
    raises `Interrupted`. The message contains `done`, a past participle such as "planned".
    """
    futures: dict[Future[T | FailedOrganisation], int] = {}
    results: dict[int, T] = {}
    failures: dict[int, FailedOrganisation] = {}
    try:
        for number, chart in enumerate(charts):
            futures[executor.submit(isolated, work, chart)] = number
        for future in as_completed(list(futures)):
            result, number = future.result(), futures.pop(future)
            if isinstance(result, FailedOrganisation):
                failures[number] = result
            else:
                results[number] = result
            ended(isinstance(result, FailedOrganisation))
    except (KeyboardInterrupt, Interrupted):
        for future in futures:
            future.cancel()
        failed = f" and {len(failures):,} failed" if failures else ""
        raise Interrupted(
            f"Interrupted: {len(results):,} of {counted(len(charts), 'organisation')}"
            f" {'was' if len(results) == 1 else 'were'} {done}{failed}. Nothing was sent to Xero.",
            "Run the same command again.",
        ) from None
    return _in_order(results), _in_order(failures)


def _in_order(found: dict[int, T]) -> tuple[T, ...]:
    return tuple(found[number] for number in sorted(found))


def work_in_turn(
    items: Sequence[Item],
    work: Callable[[Item], T],
    about: Callable[[Item], tuple[str, str]],
    *,
    even_alone: bool = False,
) -> tuple[list[T], list[FailedOrganisation]]:
    """Return the results of the work and the failures.

    `about` returns the file and the name of an item's organisation, "" if unknown. `Interrupted`
    and any `OSError` (output may have failed) are passed on. If there is only one item, so is any
    other error, but not a `XerosyncError` if `even_alone`.
    """
    results, failures = list[T](), list[FailedOrganisation]()
    for item in items:
        try:
            results.append(work(item))
        except (Interrupted, OSError):
            raise
        except Exception as error:
            if len(items) == 1 and not (even_alone and isinstance(error, XerosyncError)):
                raise
            file, name = about(item)
            failures.append(failed_at(file, name, _explained(error, file)))
    return results, failures


def isolated(work: Callable[[DesiredChart], T], chart: DesiredChart) -> T | FailedOrganisation:
    """Return the result of the work, or its failure. Only an interrupt is raised."""
    try:
        return work(chart)
    except Interrupted:
        raise
    except Exception as error:  # noqa: BLE001 a bug in one organisation's plan stops no other
        return failed(chart, _explained(error, chart.file))


def _explained(error: Exception, file: str) -> XerosyncError:
    """Return the error, or in place of a bug, an error that says what to do."""
    if isinstance(error, XerosyncError):
        return error
    alone = f"Run the command for {file or 'this organisation'} alone"
    if file.lower().endswith(".csv"):
        alone = f"Copy {file} to an empty folder, run the command for that folder"
    return XerosyncError(
        f"This is a bug in xerosync: {type(error).__name__}.",
        f"{alone} with --debug, and report the output.",
    )


def failed(chart: DesiredChart, error: XerosyncError) -> FailedOrganisation:
    """Return the failure of an organisation, without the traceback."""
    error.__traceback__ = error.__cause__ = error.__context__ = None
    pin = chart.organisation
    return failed_at(chart.file, pin.label, error, chart.tags, pin.tenant_id)


def failed_at(
    file: str, name: str, error: XerosyncError, tags: tuple[str, ...] = (), tenant_id: str = ""
) -> FailedOrganisation:
    """Return the failure of a file's organisation.

    A `ChartError` gets its first problem as message and hint, and its other problems as details.
    """
    if isinstance(error, ChartError) and error.problems:
        first, *others = error.problems
        error.message, error.hint = str(first), first.hint
        error.details = tuple(map(str, others))
    return FailedOrganisation(file, name, error, tags, tenant_id)


def failed_in(plan: Plan, error: XerosyncError) -> FailedOrganisation:
    """Return the failure of an organisation that was planned, without the traceback."""
    error.__traceback__ = error.__cause__ = error.__context__ = None
    of = plan.organisation
    return FailedOrganisation(plan.file, of.name, error, plan.desired.tags, of.tenant_id)


def check_each(
    found: Sequence[T], plan_of: Callable[[T], Plan], check: Callable[[T], None]
) -> tuple[tuple[T, ...], tuple[FailedOrganisation, ...]]:
    """Return the items that pass a check, and the failures of the other items' organisations."""
    passed, failures = [], []
    for one in found:
        try:
            check(one)
        except XerosyncError as error:
            failures.append(failed_in(plan_of(one), error))
        else:
            passed.append(one)
    return tuple(passed), tuple(failures)


def failure_of(
    failures: Sequence[FailedOrganisation],
    results: int,
    not_begun: Sequence[FailedOrganisation] = (),
    again: str = "and run again",
) -> SomeOrganisationsFailed:
    """Return the error of a command in which organisations failed; it names each cause once.

    `results` is how many succeeded. If none succeeded and all failures have the same exit code, the
    error has that code. `not_begun` are not begun because others failed. `again` says what to do.
    """
    causes: dict[tuple[str, ...], list[FailedOrganisation]] = {}
    for one in failures:
        error = one.error
        causes.setdefault((_message(one), error.hint, *error.details), []).append(one)
    alone = {ExitCode(one.error.exit_code) for one in failures}
    if len(causes) == 1 and not results and not not_begun:
        error = failures[0].error
        failure = SomeOrganisationsFailed(
            _message(failures[0]), error.hint, (*error.details, f"in {_named(failures)}")
        )
    else:
        total = counted(len(failures) + results + len(not_begun), "organisation")
        rest = "The others are done. " if results and not not_begun else ""
        were = "was" if len(not_begun) == 1 else "were"
        left = [full_stop(f"Not begun after that: {_named(not_begun)}")] if not_begun else []
        failure = SomeOrganisationsFailed(
            f"{len(failures):,} of {total} failed"
            f"{f', and {len(not_begun):,} {were} not begun' if not_begun else ''}.",
            f"{rest}Resolve {'this' if len(failures) == 1 else 'these'}, {again}.",
            (*(line for found in causes.values() for line in _cause(found)), *left),
        )
    if not results:
        failure.exit_code = alone.pop() if len(alone) == 1 else ExitCode.ERROR
    return failure


def interrupted_in(
    results: int,
    stopped: Sequence[FailedOrganisation],
    not_begun: Sequence[FailedOrganisation],
    failures: Sequence[FailedOrganisation],
    again: str,
) -> Interrupted:
    """Return the error of an interrupted apply, which says how far the apply got.

    `results` is how many organisations were applied, and `again` says how to continue.
    """
    total = counted(sum(map(len, (stopped, not_begun, failures))) + results, "organisation")
    parts = [f"{results:,} of {total} {'was' if results == 1 else 'were'} applied"]
    parts += [f"{len(stopped):,} stopped in the middle"] if stopped else []
    parts += [f"{len(failures):,} failed"] if failures else []
    parts += [f"{len(not_begun):,} not begun"] if not_begun else []
    return Interrupted(
        f"Interrupted: {', '.join(parts)}. Calls in flight have finished and are journalled.",
        again,
        tuple(line for one in (*stopped, *failures) for line in _cause([one])),
    )


def _cause(found: Sequence[FailedOrganisation]) -> Iterable[str]:
    """Yield a line about organisations that failed for the same reason, and indented details."""
    error, message = found[0].error, _message(found[0])
    message = f"{message[:-1]}." if message.endswith(":") else message
    yield f"{_named(found)}: {message} {error.hint}".rstrip()
    yield from (f"  {detail}" for detail in error.details)


def _message(one: FailedOrganisation) -> str:
    """Return the message without the file, which `_named` returns, and without the tenant id."""
    message = one.error.reason.removeprefix(f"{one.file}: ")
    named = f"the organisation {one.tenant_id}"
    return message.replace(named, "the organisation") if one.tenant_id else message


def _named(found: Sequence[FailedOrganisation]) -> str:
    names = [f"{one.file} ({one.name})" if one.file and one.name else one.label for one in found]
    return first_few(names, _MOST_NAMED)
