"""Suggest accounts of a standard for drifted books, and count right and wrong suggestions.

The books of each country are set beside the chart that all of them started with; the sandbox
knows what was changed later. A pair is a row of the worksheet: some are left to a person.
"""

from __future__ import annotations

import csv
import io
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from xerosync.chartfile.csv.table import write_table
from xerosync.chartfile.load import load
from xerosync.chartfile.near_names import near_names
from xerosync.model import Account, Organisation
from xerosync.organisations.adopt.adoption import SAFE, Grounds, Joining
from xerosync.organisations.adopt.suggested import suggest
from xerosync.organisations.adopt.worksheet import COLUMNS, make_worksheet
from xerosync.sandbox.accounting.account import Account as Book
from xerosync.sandbox.books import seed
from xerosync.sandbox.books.organisations import Books, Contents

ORGANISATIONS = 250
SEEDS = (1, 2)


def measure() -> Iterator[tuple[str, ...]]:
    """Count right, wrong and open suggestions by their grounds, and the pairs."""
    sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
    from accountant import Accountant, standard_text  # noqa: PLC0415 from the tests

    totals: Counter[tuple[str, str]] = Counter()
    pairs: list[tuple[str, ...]] = []
    for country in seed.COUNTRIES:
        text, codes = standard_text(country)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "standard.yaml")
            path.write_text(text, encoding="utf-8")
            standard = load(str(path)).chart.accounts
        for number in SEEDS:
            contents = Contents(organisations=ORGANISATIONS, country=country, seed=number)
            books = Books(":memory:", contents, time.time)
            joinings = [
                Joining(
                    Organisation(one.tenant_id, one.organisation.name, country_code=country),
                    tuple(map(_account, one.accounts())),
                    standard,
                )
                for one in books.stores()
            ]
            begin = time.perf_counter()
            found = [(joining, suggest(joining, near_names)) for joining in joinings]
            seconds = time.perf_counter() - begin
            sheet = make_worksheet(found)
            table = write_table(
                [COLUMNS, *([str(r.cells[c]) for c in COLUMNS] for r in sheet.rows)]
            )
            rows = list(csv.DictReader(io.StringIO(table.removeprefix("\ufeff"), newline="")))
            accountant = Accountant(books, codes)
            counts = accountant.count(rows)
            for joining, suggestions in found:
                for one in suggestions:
                    side = "right" if accountant.is_right(joining, one) else "wrong"
                    totals["open" if one.entry is None else side, str(one.grounds)] += 1
            pairs.append(
                (country, str(number), str(counts.pairs), str(counts.by_hand), f"{seconds:.2f}")
            )
            books.database.close()
    yield ("grounds", "filled in", "right", "wrong", "")
    for grounds in map(str, Grounds):
        if not any(totals[side, grounds] for side in ("right", "wrong", "open")):
            continue
        safe = "yes" if grounds in {str(each) for each in SAFE} else "no"
        right, wrong = totals["right", grounds], totals["wrong", grounds]
        if grounds == "open":
            yield (grounds, safe, f"{totals['open', grounds]:,} accounts", "", "")
        else:
            yield (grounds, safe, f"{right:,}", f"{wrong:,}", "")
    yield (f"books of {ORGANISATIONS} in", "seed", "pairs", "by hand", "seconds")
    yield from pairs


def _account(one: Book) -> Account:
    return Account(
        one.account_id, one.code, one.name, one.type, str(one.status), one.tax_type,
        system_account=one.system_account or "", account_class=one.class_,
    )  # fmt: skip
