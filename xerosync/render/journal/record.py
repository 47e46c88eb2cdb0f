"""The runs of a journal as the record of an apply for an auditor: text, Markdown and JSON.

The record says who ran the apply, who approved it, and which plan and commit it applied. It lists
the calls with Xero's correlation ids, and says whether the chart was as planned at the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from xerosync import __version__
from xerosync.apply.outcome import Result
from xerosync.apply.verify import AS_PLANNED
from xerosync.history.runs import Run, RunCall
from xerosync.plan.plan import FieldChange
from xerosync.plan.saved.serialize import to_json
from xerosync.render.inline import code
from xerosync.render.markdown_page import (
    BODY,
    Block,
    fit,
    name_cell,
    pages,
    sentence_cell,
    size,
    value_cells,
)
from xerosync.render.words import FieldRow, action_rows, facts, shorten
from xerosync.text import counted, json_text, timestamp, to_the_second, visible

FORMAT_VERSION = "1.0"


def verdict(run: Run) -> str:
    """Return how a run ended, in one line."""
    if run.ended_at is None:
        left = sum(call.open for call in run.calls)
        missing = (
            f"the result of {counted(left, 'call')} is unknown" if left else "its end is missing"
        )
        return f"The journal is incomplete: {missing}."
    if run.whole and not run.steps and not run.calls:
        return (
            f"Nothing was sent: {counted(run.left, 'change')} that the file asks for "
            f"{'was' if run.left == 1 else 'were'} blocked, or not part of this plan."
            if run.left
            else "Nothing to do: Xero matched the file."
        )
    if run.whole:
        return "Done. Xero was read again and is as planned."
    if run.proof == AS_PLANNED:
        return "Not all was done. Xero was read again; what was done is as planned."
    return f"Not as planned: {run.proof}" if run.accounts else f"Not verified: {run.proof}"


def outcome(call: RunCall) -> str:
    """Return the result of a call in words; "unknown" if it may or may not have taken effect."""
    if call.open:
        return "unknown"
    if call.result is Result.DONE:
        return call.operation.past + (" (confirmed by reading Xero)" if call.settled else "")
    return str(call.result)


def label(call: RunCall) -> str:
    """Return the account of a call. For a temporary code or name, add its purpose in brackets."""
    known = call.label or (call.before.label if call.before else call.account_id)
    return f"{known} ({call.purpose})" if call.purpose else known


def skipped(run: Run) -> Iterator[tuple[str, str]]:
    """Yield pairs for what was not sent: "Step 3 (200 Sales)", and the reasons.

    If Xero refused the delete of a step, the pair is for the archive call that was to follow it.
    """
    for step, reasons in run.skipped.items():
        account = f" ({run.labels[step]})" if run.labels.get(step) else ""
        refused = any(call.step == step for call in run.calls)
        what = f"Step {step}{account}"
        if refused:
            what = f"The archive call after the refused delete in step {step}{account}"
        yield what, " ".join(reasons)


def changed(call: RunCall) -> tuple[FieldRow, ...]:
    """Return a row for each field that a call sets. A change of the status has the first row."""
    known = call.before
    fields = (
        FieldChange(name, known.value(name) if known else "", value)
        for name, value in call.values.items()
    )
    return action_rows(call.operation, fields, is_new=known is None)


def head(run: Run) -> tuple[tuple[str, str], ...]:
    """Return the facts of a run as pairs of a name and a value. The values are not escaped."""
    known = facts(run.organisation)
    books = f"{run.organisation.name}{f' ({known})' if known else ''}"
    return tuple(
        (name, value)
        for name, value in (
            ("Organisation", books),
            ("Tenant", run.tenant_id),
            ("File", run.file),
            ("Plan", run.digest),
            ("Commit", run.commit or "unknown"),
            ("Run by", run.actor or "unknown"),
            ("Approved by", run.approver or "not on record"),
            ("Job", run.job),
            ("Started", to_the_second(run.at)),
            ("Ended", to_the_second(run.ended_at) if run.ended_at else "not on record"),
            ("Version", f"xerosync {run.xerosync_version}" if run.xerosync_version else ""),
        )
        if value
    )


def counts(run: Run) -> str:
    """Return sentences with the number of planned steps and the number of calls by result.

    One step can take two calls.
    """
    found = Counter(outcome(call) for call in run.calls)
    parts = [f"{count} {what}" for what, count in found.items()]
    parts += [f"{len(run.skipped)} not sent"] if run.skipped else []
    if not run.steps and not parts:
        return "No steps planned."
    return f"{counted(run.steps, 'step')} planned. Calls: {', '.join(parts) or 'none sent'}."


def as_text(runs: Sequence[Run]) -> str:
    """Return the record as lines of text."""
    lines: list[str] = []
    for run in runs:
        lines += [f"{name + ':':<14}{value}" for name, value in head(run)]
        lines += ["", counts(run), verdict(run), ""]
        for call in run.calls:
            at = to_the_second(call.sent_at) if call.sent_at else ""
            lines.append(f"{at}  {outcome(call)}: {label(call)}")
            lines += [f"    {row.line('->')}" for row in changed(call)]
            lines += [f"    Message: {message}" for message in call.messages]
            lines.append(f"    Xero's correlation id: {call.correlation_id or 'unknown'}")
        lines += [f"{step} was not sent: {reasons}" for step, reasons in skipped(run)]
        if run.accounts:
            if run.calls or run.skipped:
                lines.append("")
            lines.append(f"Accounts read at the end: {len(run.accounts):,}.")
        lines.append("")
    return "".join(visible(line) + "\n" for line in lines[:-1])


def as_markdown(runs: Sequence[Run]) -> str:
    """Return the record as Markdown for a job's summary, not longer than `BODY`."""
    return pages(runs, BODY, _page, "runs")


def as_json(runs: Sequence[Run]) -> str:
    """Return the record as JSON for programs; a new minor `format_version` only adds keys."""
    return json_text(
        {
            "format_version": FORMAT_VERSION,
            "xerosync_version": __version__,
            "runs": [_as_data(run) for run in runs],
        }
    )


def _page(run: Run, most: int) -> str:
    name = name_cell(visible(run.organisation.name)) or "an organisation"
    table = "".join(f"| {title} | {code(shorten(value, 150))} |\n" for title, value in head(run))
    text = (
        f"## Applied to {name}\n\n**{sentence_cell(verdict(run))}** "
        f"{counts(run)}\n\n| | |\n| --- | --- |\n{table}\n"
    )
    return text + fit(_blocks(run), most - size(text))


def _blocks(run: Run) -> Iterator[Block]:
    yield Block(
        "### Calls\n\n| Account | Result | Before and after | Sent | Correlation id |\n"
        "| --- | --- | --- | --- | --- |\n",
        tuple(_row(call) for call in run.calls),
        noun="calls",
    )
    messages = tuple(
        f"- {name_cell(label(call))}: {sentence_cell(message)}\n"
        for call in run.calls
        for message in call.messages
    )
    messages += tuple(
        f"- {name_cell(step)} was not sent: {sentence_cell(reasons)}\n"
        for step, reasons in skipped(run)
    )
    yield Block("### Messages\n\n", messages, noun="messages")


def _row(call: RunCall) -> str:
    fields = "; ".join(value_cells(row).line() for row in changed(call))
    at = code(to_the_second(call.sent_at)) if call.sent_at else ""
    correlation = code(shorten(call.correlation_id, 150)) if call.correlation_id else ""
    return f"| {name_cell(label(call))} | {outcome(call)} | {fields} | {at} | {correlation} |\n"


def _as_data(run: Run) -> dict[str, Any]:
    return {
        "file": run.file,
        "organisation": to_json(run.organisation),
        "digest": run.digest,
        "commit": run.commit,
        "actor": run.actor,
        "approver": run.approver,
        "job": run.job,
        "xerosync_version": run.xerosync_version,
        "began_at": _stamp(run.at),
        "ended_at": _stamp(run.ended_at),
        "proof": run.proof,
        "steps": run.steps,
        "calls": [
            {
                "step": call.step,
                "operation": call.operation,
                "account_id": call.subject,
                "code": call.code,
                "name": call.name,
                "values": dict(call.values),
                "before": to_json(call.before) if call.before else None,
                "after": to_json(call.after) if call.after else None,
                "result": call.result,
                "messages": list(call.messages),
                "correlation_id": call.correlation_id,
                "idempotency_key": call.key,
                "settled": call.settled,
                "sent_at": _stamp(call.sent_at),
                "ended_at": _stamp(call.ended_at),
                "source": to_json(call.source),
            }
            for call in run.calls
        ],
        "skipped": [
            {"step": step, "reasons": list(reasons)} for step, reasons in run.skipped.items()
        ],
        "accounts_at_end": [to_json(account) for account in run.accounts],
    }


def _stamp(at: datetime | None) -> str | None:
    return timestamp(at, "milliseconds") if at else None
