"""Break each call of a plan and of an apply, one at a time, and write docs/faults.md.

`python docs/make_faults.py`: some minutes. With `--check` it says whether the page is
current; with `--seeds 200` it also lets faults strike at random, at a rate of 20 %.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from end_to_end.faults.lab import (  # noqa: E402 (found by the line above)
    KINDS,
    PLAN_CALLS,
    READS_OF_APPLY,
    STEPS,
    WRITES_OF_APPLY,
    attempt,
    lab,
    verdict,
)

PAGE = ROOT / "docs" / "faults.md"
RATE = 0.2

MEANING = {
    "429-minute": "429: the minute's calls are used up",
    "429-concurrent": "429: too many calls at once",
    "429-day": "429: the day's calls are used up",
    "500-before": "500, and nothing was done",
    "500-after": "500, and yet it was done",
    "503": "503, as plain text",
    "503-html": "503, as a web page",
    "drop-before": "the connection breaks, nothing was done",
    "drop-after": "it was done, and the connection breaks",
    "truncate": "it was done, and the answer breaks off",
    "slow": "the answer is late",
    "expire-token": "the access token ends",
    "401": "401: the token is not accepted",
    "401-scope": "401: a scope is missing",
    "403": "403: the organisation is not connected",
    "404": "404: there is no such thing",
    "412": "412: precondition failed",
}
GROUPS = {
    "token": ("POST /connect/token",),
    "connections": ("GET /connections",),
    "reads": ("GET /Organisation#1", "GET /Organisation#2", "GET /Accounts#1", "GET /TaxRates#1"),
    "create": ("PUT /Accounts",),
    "change": ("POST /Accounts",),
    "delete": ("DELETE /Accounts",),
    "proof": ("GET /Organisation#3", "GET /Accounts#2", "GET /TaxRates#2"),
}
"""The calls of an apply, as the columns of the table."""

PAGE_TEXT = """\
# What a fault does to a run

<!-- Made by docs/make_faults.py: do not edit. -->

Each call of a `plan` (5 calls) and of an `apply` of {steps} steps ({calls} calls) was broken \
once, one at a time, in the sandbox.
A cell tells the exit codes that came of it, over all calls of its column:

- **0** the run got over it by itself: all is done, read back and proved.
- **1, 4, 5 or 6, then 0** the run said what failed, and the next run made it good.

In the end the books were always exactly those of a run without any fault: nothing twice, \
nothing lost.
What the journals say was done adds up to the steps of the plan, no more and no less.

## plan

{plan}

## apply, {steps} steps

{apply}

`token` and `connections` are the sign-in, `reads` what the plan is made from, `proof` the \
same read once more at the end.
`change` is an update, an archive or a restore.
Whether a write took effect whose answer never came is read from the chart.
`slow` is late and inside the time-out; an answer that never comes is as `drop-after`.

Try any of them: `xerosync sandbox --fault 'PUT /Accounts#3=drop-after'`.
"""

Row = tuple[str, dict[str, str], dict[str, str]]


def try_kind(kind: str) -> Row:
    """Try one kind of fault at each call of a plan and of an apply."""
    with lab() as folder:
        plan = {
            call: attempt(folder, ["plan"], faults=[f"{call}={kind}"], runs=2)
            for call in PLAN_CALLS
        }
        for call, trial in plan.items():
            if trial.codes not in {(0,), (1, 0), (4, 0)} or trial.struck != 1:
                raise AssertionError((kind, call, trial))
        whole = attempt(folder, ["apply", "--yes"])
        applied = {}
        for call in (*READS_OF_APPLY, *WRITES_OF_APPLY):
            trial = attempt(folder, ["apply", "--yes"], faults=[f"{call}={kind}"], runs=2)
            if trial.struck != 1:
                raise AssertionError((kind, call, "was not struck"))
            applied[call] = verdict(trial, whole)
    return kind, {call: " then ".join(map(str, t.codes)) for call, t in plan.items()}, applied


def try_seed(seed: int) -> tuple[int, int]:
    """Let faults strike at random, three runs long; gives the runs needed and the faults met."""
    with lab() as folder:
        whole = attempt(folder, ["apply", "--yes"])
        trial = attempt(folder, ["apply", "--yes"], rate=RATE, seed=seed, runs=3)
        verdict(trial, whole)
    return len(trial.runs), trial.struck


def write(rows: Iterable[Row]) -> str:
    """Write the page."""
    rows = list(rows)
    calls = len(READS_OF_APPLY) + len(WRITES_OF_APPLY)
    tables = {
        "plan": _table(["fault", "token", "connections", "reads"], _plan_rows(rows)),
        "apply": _table(["fault", *GROUPS], _apply_rows(rows)),
    }
    return PAGE_TEXT.format(steps=STEPS, calls=calls, **tables)


def _plan_rows(rows: Iterable[Row]) -> list[list[str]]:
    groups = {
        "token": PLAN_CALLS[:1],
        "connections": PLAN_CALLS[1:2],
        "reads": PLAN_CALLS[2:],
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
    """Make the page, or compare it; then try the seeds that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--seeds", type=int, default=0)
    parser.add_argument("--seeds-only", action="store_true")
    asked = parser.parse_args()
    changed = False
    with ProcessPoolExecutor() as pool:
        if not asked.seeds_only:
            page = write(pool.map(try_kind, KINDS))
            changed = not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page
            if not asked.check:
                PAGE.write_text(page, encoding="utf-8")
        if asked.seeds:
            tried = list(pool.map(try_seed, range(asked.seeds)))
            runs = [number for number, _ in tried]
            print(
                f"{asked.seeds} seeds at {RATE:.0%}: {sum(met for _, met in tried)} faults;"
                f" all converged, in {', '.join(f'{n} runs: {runs.count(n)}' for n in (1, 2, 3))}."
            )
    return int(asked.check and changed)


if __name__ == "__main__":
    sys.exit(main())
