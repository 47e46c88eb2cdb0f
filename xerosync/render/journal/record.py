"""The runs of a journal → the record of an apply that an auditor reads: text, Markdown, JSON.

It says who, who approved, which plan and commit, every call with Xero's own id of it, and
what was read at the end.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from xerosync import __version__
from xerosync.apply.outcome import Result
from xerosync.apply.verify import AS_PLANNED
from xerosync.history.runs import Call, Run
from xerosync.model import FIELD, Account
from xerosync.plan.plan import Action
from xerosync.plan.serialize import to_json
from xerosync.render.inline import code, inline, prose
from xerosync.render.plan.markdown import LONGEST
from xerosync.render.truncate import Block, fit, size
from xerosync.render.words import Row, facts, shorten, spoken
from xerosync.text import visible, visible_json

FORMAT_VERSION = "1.0"
_VALUE, _NAME, _SENTENCE = 160, 150, 1_000


def verdict(run: Run) -> str:
    """Say in a line how a run ended."""
    if run.ended_at is None:
        left = sum(call.open for call in run.calls)
        unknown = f"of {left} calls it is not known what became" if left else "the end is missing"
        return f"The record stops in the middle: {unknown}."
    if whole(run):
        return "Done, read back, and found as planned."
    if run.proof == AS_PLANNED:
        return "Done in part; what was done was read back and found as planned."
    return f"Not as planned: {run.proof}" if run.accounts else f"Not proved: {run.proof}"


def whole(run: Run) -> bool:
    """Tell whether all was done, and proved by reading."""
    return run.proof == AS_PLANNED and not run.skipped and all(_good(c) for c in _last(run))


def outcome(call: Call) -> str:
    """Say what became of a call."""
    if call.open:
        return "not known"
    match call.result:
        case Result.DONE:
            return call.operation.past + (" (settled by reading)" if call.settled else "")
        case Result.FELL_BACK:
            return f"{call.operation.past} instead"
        case result:
            return str(result)


def label(call: Call) -> str:
    """Give the account that a call was about, and what for where that is not plain."""
    known = call.label or (call.before.label if call.before else call.account_id)
    return f"{known} ({call.purpose})" if call.purpose else known


def changed(call: Call) -> tuple[Row, ...]:
    """Give the fields that a call sent: before, and after as Xero then had them."""
    lines = []
    for name, value in call.values.items():
        before = spoken(call.before.value(name)) if call.before else "(none)"
        lines.append(Row(FIELD[name].label, before, spoken(value)))
    if call.operation in (Action.ARCHIVE, Action.RESTORE, Action.DELETE):
        after = {
            Action.ARCHIVE: "ARCHIVED", Action.RESTORE: "ACTIVE", Action.DELETE: "DELETED",
        }  # fmt: skip
        before = call.before.status if call.before else "(not known)"
        lines.append(Row("status", visible(before), after[call.operation]))
    return tuple(lines)


def head(run: Run) -> tuple[tuple[str, str], ...]:
    """Give what is known of a run, as names and values; none of them has been escaped."""
    known = facts(run.organisation)
    books = f"{run.organisation.name}{f' ({known})' if known else ''}"
    return tuple(
        (name, value)
        for name, value in (
            ("Organisation", books),
            ("Tenant", run.tenant_id),
            ("File", run.file),
            ("Plan", run.digest),
            ("Commit", run.commit or "not known"),
            ("Run by", run.actor or "not known"),
            ("Approved by", run.approver or "not on record"),
            ("Job", run.job),
            ("Began", moment(run.at)),
            ("Ended", moment(run.ended_at) if run.ended_at else "not on record"),
            ("Version", f"xerosync {run.xerosync_version}" if run.xerosync_version else ""),
        )
        if value
    )


def counts(run: Run) -> str:
    """Say how many calls came to what; an account can take more than one."""
    found = Counter(outcome(call) for call in run.calls)
    parts = [f"{count} {what}" for what, count in found.items()]
    parts += [f"{len(run.skipped)} not sent"] if run.skipped else []
    return f"{run.steps} steps planned. Calls: {', '.join(parts) or 'none sent'}."


def moment(at: datetime | None) -> str:
    """Write a moment to the second, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if at else ""


def as_text(runs: Sequence[Run]) -> str:
    """Give the record as lines of text."""
    lines: list[str] = []
    for run in runs:
        lines += [f"{name + ':':<14}{value}" for name, value in head(run)]
        lines += ["", counts(run), verdict(run), ""]
        for call in run.calls:
            lines.append(f"{moment(call.sent_at)}  {outcome(call)}: {label(call)}")
            lines += [f"    {row.label}: {row.before} -> {row.after}" for row in changed(call)]
            lines += [f"    Xero said: {message}" for message in call.messages]
            lines.append(f"    Xero's id of the call: {call.correlation_id or 'not known'}")
        for step, reasons in run.skipped.items():
            lines.append(f"Step {step} was not sent: {' '.join(reasons)}")
        if run.accounts:
            lines.append("")
            lines.append(f"{len(run.accounts)} accounts were read at the end.")
        lines.append("")
    return "".join(visible(line) + "\n" for line in lines[:-1])


def as_markdown(runs: Sequence[Run]) -> str:
    """Give the record as Markdown for a job's summary, at most `LONGEST` characters."""
    parts: list[str] = []
    room = LONGEST - 536
    for number, run in enumerate(runs):
        name = inline(shorten(visible(run.organisation.name), _NAME)) or "an organisation"
        table = "".join(
            f"| {title} | {code(shorten(value, _NAME))} |\n" for title, value in head(run)
        )
        text = (
            f"## Applied to {name}\n\n**{prose(shorten(verdict(run), _SENTENCE))}** "
            f"{counts(run)}\n\n| | |\n| --- | --- |\n{table}\n"
        )
        text += fit(_blocks(run), room // (len(runs) - number) - size(text))
        room -= size(text)
        parts.append(text)
    return "\n".join(parts).rstrip("\n") + "\n"


def as_json(runs: Sequence[Run]) -> str:
    """Give the record as a document for programs; a new minor version only adds."""
    document = {
        "format_version": FORMAT_VERSION,
        "xerosync_version": __version__,
        "runs": [_as_data(run) for run in runs],
    }
    return visible_json(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def _good(call: Call) -> bool:
    return call.result in (Result.DONE, Result.FELL_BACK)


def _last(run: Run) -> tuple[Call, ...]:
    """Give the last call of each step: after a refused delete, the archive that follows."""
    return tuple({call.step: call for call in run.calls}.values())


def _blocks(run: Run) -> Iterator[Block]:
    if run.calls:
        yield Block(
            "### Calls\n\n| Account | What | Before and after | At | Xero's id |\n"
            "| --- | --- | --- | --- | --- |\n",
            tuple(_row(call) for call in run.calls),
            noun="calls",
        )
    said = tuple(
        f"- {inline(shorten(label(call), _NAME))}: {prose(shorten(message, _SENTENCE))}\n"
        for call in run.calls
        for message in call.messages
    )
    said += tuple(
        f"- Step {step} was not sent: {prose(shorten(' '.join(reasons), _SENTENCE))}\n"
        for step, reasons in run.skipped.items()
    )
    if said:
        yield Block("### What went otherwise\n\n", said, noun="messages")


def _row(call: Call) -> str:
    fields = "; ".join(
        f"{row.label}: {inline(shorten(row.before, _VALUE))} → {inline(shorten(row.after, _VALUE))}"
        for row in changed(call)
    )
    account = inline(shorten(label(call), _NAME))
    at = code(moment(call.sent_at)) if call.sent_at else ""
    found = code(shorten(call.correlation_id, _NAME)) if call.correlation_id else ""
    return f"| {account} | {outcome(call)} | {fields} | {at} | {found} |\n"


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
                "before": _account(call.before),
                "after": _account(call.after),
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


def _account(account: Account | None) -> dict[str, Any] | None:
    return to_json(account) if account else None


def _stamp(at: datetime | None) -> str | None:
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
