"""Write docs/faults.md: make each call of a plan and of an apply fail, one at a time.

It also edits Xero during an apply, at each moment that makes a difference.

`python docs/make_faults.py` takes some minutes. With `--check`, it exits with status 1 if
the page is out of date. With `--seeds 200`, it also tries 200 seeds of random faults, at a
rate of 20%: up to three runs meet faults, then one meets none.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from difflib import unified_diff
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from end_to_end.faults.edits import EDITS, MOMENTS, Ended, measure  # noqa: E402 (as below)
from end_to_end.faults.edits import STEPS as EDITED_STEPS  # noqa: E402 (as below)
from end_to_end.faults.lab import (  # noqa: E402 (needs the line above)
    KINDS,
    PLAN_CALLS,
    READS_OF_APPLY,
    STEPS,
    WRITES_OF_APPLY,
    Trial,
    attempt,
    lab,
    verdict,
)

from xerosync.network.exchange import CALL_SECONDS  # noqa: E402 (needs the line above)

PAGE = ROOT / "docs" / "faults.md"
RATE = 0.2

MEANING = {
    "429-minute": "429: the calls of this minute are used up",
    "429-concurrent": "429: too many calls at once",
    "429-day": "429: the calls of this day are used up",
    "500-before": "500, nothing was done",
    "500-after": "500, but it was done",
    "503": "503, as plain text",
    "503-html": "503, as a web page",
    "drop-before": "the connection drops, nothing was done",
    "drop-after": "the connection drops after it was done",
    "truncate": "the response is cut short after it was done",
    "slow": "the response is late",
    "expire-token": "the access token expires",
    "401": "401: the token is not accepted",
    "401-scope": "401: a scope is missing",
    "403": "403: the organisation is not connected",
    "404": "404: not found",
    "412": "412: precondition failed",
}
GROUPS = {
    "token": ("POST /connect/token",),
    "connections": ("GET /connections",),
    "reads": ("GET /Organisation#1", "GET /Accounts#1", "GET /TaxRates#1"),
    "usage": ("GET /Reports/TrialBalance", "GET /Items", "GET /RepeatingInvoices", "GET /Contacts"),
    "again": ("GET /Accounts#2", "GET /Accounts#3", "GET /Accounts#4", "GET /Accounts#5"),
    "create": ("PUT /Accounts",),
    "change": ("POST /Accounts",),
    "delete": ("DELETE /Accounts",),
    "proof": ("GET /Accounts#6", "GET /TaxRates#2"),
}
"""The calls of an apply, as the columns of the table."""

PAGE_TEXT = """\
# How a run handles faults

<!-- Made by docs/make_faults.py: do not edit. -->

Each call of a `plan` ({plan_calls} calls) and of an `apply` of {steps} steps ({calls} calls) was \
made to fail once, one at a time, in the sandbox.
Each cell shows the exit codes that followed, for all calls of its column; a semicolon separates \
two outcomes of different calls:

- **0**: the run recovered by itself: the plan was made, or everything was applied, read back and \
verified.
- **1, 4 or 6, then 0**: the run reported what failed, and the next run completed it.

In the end the books were always exactly as after a run without faults: nothing was done \
twice, and nothing was lost.
The steps that the journals record add up to the steps of the plan, no more and no fewer.

## plan

{plan}

## apply, {steps} steps

{apply}

`token` and `connections` are the sign-in, `reads` are what the plan is made from, and `proof` \
reads the accounts and tax rates again at the end.
`usage` reads what still uses the accounts: what cannot be read is not known, and the run goes on.
But if the file has `archive_requires`, an archive or a delete is blocked if what it requires \
cannot be checked.
`change` is an update, an archive or a restore.
`again` reads the accounts just before the first write, and again before a change or a delete \
if five steps were sent since.
If the response to a write never arrives, the chart is read to see whether the write took effect.
`slow` is late but within the timeout; a response that never arrives is like `drop-after`.

## An edit in Xero during an apply

In an apply of {edited_steps} steps, somebody edited an account that the plan changes: one edit \
in each apply, at one of these moments.
A cell has the exit code of the apply, and what became of the edit.

{edits}

The edit that is overwritten fell between a reading of the accounts and a write of the same \
field.
This cannot be found out afterwards: Xero has no conditional write, and its API keeps no history \
of an account.
The journal has what can be known: each account as it was last read before its step (`before`), \
as Xero answered (`after`), and all of them as they were just before the first write and at the \
end.
So if an edit of a field that the file manages stayed, the next plan reports it as an edit in \
Xero, even if that apply was the first on record.
A rollback restores what was last read.

To keep the gap between a reading and a write short, at most five steps rely on one reading, and \
they are sent together.
The reading waits until Xero's limit per minute leaves room for these steps, too, so that no \
waiting comes in between.
If a step would begin more than ten seconds after a reading, the accounts are read again first.
So the gap is one or two seconds while Xero answers quickly.
It is longer by up to a minute if another program has used up the limit, and by up to \
{call_seconds} seconds if the write must be repeated.

While Xero answers quickly, the readings after the first are at most one call in six; creates need \
none.
Reading before every write would double the calls, and would still leave a gap.

To try a fault yourself: `xerosync sandbox --fault 'PUT /Accounts#3=drop-after'`.
"""

Row = tuple[str, dict[str, str], dict[str, str]]


def try_kind(kind: str) -> Row:
    """Try one kind of fault at each call of a plan and of an apply."""
    whole = whole_apply()
    with lab() as folder:
        plan = {call: attempt(folder, ["plan"], faults=[f"{call}={kind}"]) for call in PLAN_CALLS}
        for call, trial in plan.items():
            if trial.codes not in {(0,), (1, 0), (4, 0)} or trial.struck != 1:
                raise AssertionError((kind, call, trial))
        applied = {}
        for call in (*READS_OF_APPLY, *WRITES_OF_APPLY):
            trial = attempt(folder, ["apply", "--yes"], faults=[f"{call}={kind}"])
            if trial.struck != 1:
                raise AssertionError((kind, call, "was not hit"))
            applied[call] = verdict(trial, whole)
    return kind, {call: " then ".join(map(str, t.codes)) for call, t in plan.items()}, applied


@cache
def whole_apply() -> Trial:
    """Apply without faults, once in each process."""
    with lab() as folder:
        return attempt(folder, ["apply", "--yes"])


def try_seed(seed: int) -> tuple[int, int]:
    """Try random faults; return how many runs were needed, and how many faults occurred.

    Up to three runs meet faults; threads decide which. The next run, without faults, must finish.
    """
    whole = whole_apply()
    with lab() as folder:
        trial = attempt(folder, ["apply", "--yes"], rate=RATE, seed=seed, broken=3)
        verdict(trial, whole)
    return len(trial.runs), trial.struck


def edits_table(measured: Iterable[Iterable[Ended]]) -> str:
    """Return the table of edits during an apply."""
    head = ["when it is edited", *(edit.what for edit in EDITS)]
    rows = [
        [moment, *(_fate(ended) for ended in row)]
        for moment, row in zip(MOMENTS, measured, strict=True)
    ]
    return _table(head, rows)


def _fate(ended: Ended) -> str:
    """Return what became of an edit, in the words of the table."""
    journal = "the journal has it" if ended.journalled else "the journal does not have it"
    if not ended.kept:
        return f"**{ended.code}: it is overwritten, and {journal}**"
    if ended.written:
        return f"{ended.code}: the step is sent; the edit stays, and {journal}"
    if ended.journalled:
        return f"{ended.code}: the step is not sent, the others are; the edit stays, and {journal}"
    return f"{ended.code}: nothing is sent; the edit stays"


def page(rows: Iterable[Row], measured: Iterable[Iterable[Ended]]) -> str:
    """Return the page."""
    rows = list(rows)
    calls = len(READS_OF_APPLY) + len(WRITES_OF_APPLY)
    tables = {
        "plan": _table(["fault", "token", "connections", "reads", "usage"], _plan_rows(rows)),
        "apply": _table(["fault", *GROUPS], _apply_rows(rows)),
        "edits": edits_table(measured),
    }
    return PAGE_TEXT.format(
        steps=STEPS,
        calls=calls,
        plan_calls=len(PLAN_CALLS),
        edited_steps=EDITED_STEPS,
        call_seconds=round(CALL_SECONDS),
        **tables,
    )


def _plan_rows(rows: Iterable[Row]) -> list[list[str]]:
    groups = {
        "token": PLAN_CALLS[:1],
        "connections": PLAN_CALLS[1:2],
        "reads": PLAN_CALLS[2:5],
        "usage": PLAN_CALLS[5:],
    }
    return [
        [_named(kind), *(_cell(plan[call] for call in calls) for calls in groups.values())]
        for kind, plan, _ in rows
    ]


def _apply_rows(rows: Iterable[Row]) -> list[list[str]]:
    return [
        [
            _named(kind),
            *(
                _cell(found for call, found in applied.items() if call.startswith(starts))
                for starts in GROUPS.values()
            ),
        ]
        for kind, _, applied in rows
    ]


def _named(kind: str) -> str:
    return f"`{kind}` {MEANING[kind]}"


def _cell(found: Iterable[str]) -> str:
    return "; ".join(sorted({text.replace(", then", " then") for text in found}))


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> int:
    """Write the page, or compare it; then try the seeds that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--seeds", type=int, default=0)
    parser.add_argument("--seeds-only", action="store_true")
    asked = parser.parse_args()
    changed = False
    with ProcessPoolExecutor() as pool:
        if not asked.seeds_only:
            measured = pool.submit(measure)
            text = page(pool.map(try_kind, KINDS), measured.result())
            page_now = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
            changed = page_now != text
            if not asked.check:
                PAGE.write_text(text, encoding="utf-8")
            elif changed:
                print(f"{PAGE} is out of date:")
                print(
                    *unified_diff(page_now.splitlines(), text.splitlines(), lineterm=""), sep="\n"
                )
        if asked.seeds:
            tried = list(pool.map(try_seed, range(asked.seeds)))
            runs = Counter(number for number, _ in tried)
            print(
                f"{asked.seeds} seeds at {RATE:.0%}: {sum(met for _, met in tried)} faults;"
                f" all converged, in {', '.join(f'{n} runs: {runs[n]}' for n in sorted(runs))}."
            )
    return int(asked.check and changed)


if __name__ == "__main__":
    sys.exit(main())
