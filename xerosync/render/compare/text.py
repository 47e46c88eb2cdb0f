"""A comparison for a terminal: the organisations and the accounts that differ most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from xerosync.errors import UsageError
from xerosync.model import code_key
from xerosync.organisations.compare.consolidate import sentence
from xerosync.organisations.compare.grid import (
    DIFFERENCES,
    CellState,
    Grid,
    GridAccount,
    GridCell,
    GridOrganisation,
    Key,
)
from xerosync.render.compare import states
from xerosync.render.plan.text import NARROW, changes_table
from xerosync.render.review.phrases import failure
from xerosync.suggestions import nearest
from xerosync.text import counted, first_few, visible

ORGANISATIONS = 50
"""Up to this many organisations with differences have a line each; the others are counted."""
ACCOUNTS = 20
"""Each of the two tables of accounts has at most this many rows."""
_NAMED = 3


def grid_view(grid: Grid, width: int) -> RenderableType:
    """Return an overview of the grid: the organisations, and the accounts that differ most."""
    parts: list[RenderableType] = [Text(f"Compared with {visible(grid.against)}", "bold")]
    parts += _organisations(grid)
    differing = [one for one in grid.accounts if states.differing(one)]
    of_standard = sorted((a for a in differing if a.standard), key=lambda a: -states.differing(a))
    extras = [one for one in differing if not one.standard]
    if of_standard:
        parts += _accounts("Accounts that differ most", of_standard, grid, width)
    if extras:
        parts += _accounts("Accounts that the standard lacks", extras, grid, width)
    return Group(*_spaced(parts), *_end(grid))


def account_view(grid: Grid, code: str, width: int) -> RenderableType:
    """Return a view of the accounts that have this code in the standard or in an organisation.

    Raises `UsageError` if no account has the code.
    """
    rows = [one for one in grid.accounts if _has_code(one, code)]
    if not rows:
        near = nearest(code, {one.line.code for one in grid.accounts})
        raise UsageError(
            f"--account {code}: no account in this comparison has the code.",
            f"Did you mean {near}?" if near else "Leave out --account to compare all accounts.",
        )
    parts: list[RenderableType] = []
    for row in rows:
        title = f"{row.line.code} {row.line.name}".strip()
        lacking = "" if row.standard else ", which the standard lacks"
        parts += _variants(grid, row, Text(f"{visible(title)}{lacking}", "bold"), width)
    return Group(*_spaced(parts), *_end(grid))


def summary(grid: Grid) -> str:
    """Return the whole comparison in a sentence."""
    total = len(grid.organisations)
    differing = sum(1 for one in grid.organisations if states.different(one.counts))
    if not total:
        return f"No organisation was compared; {len(grid.failed):,} could not be."
    failed = f", {len(grid.failed):,} not compared" if grid.failed else ""
    if not differing:
        return f"{counted(total, 'organisation')} compared, none differs{failed}."
    number = sum(states.different(one.counts) for one in grid.organisations)
    differences = f"with {counted(number, 'difference')}"
    if total > 1:
        differences = f"{differing:,} of them {differences} in all"
    return f"{counted(total, 'organisation')} compared, {differences}{failed}."


def _organisations(grid: Grid) -> Iterator[RenderableType]:
    """Yield lines for the organisations that differ, then one line for all that match."""
    differing = [one for one in grid.organisations if states.different(one.counts)]
    same = [one for one in grid.organisations if not states.different(one.counts)]
    shown = differing
    if len(differing) > ORGANISATIONS:
        shown = sorted(differing, key=lambda one: -states.different(one.counts))[:ORGANISATIONS]
    for one in shown:
        yield _labelled(_name(grid, one), states.counts(one.counts, one.not_compared))
    if len(shown) < len(differing):
        left = counted(len(differing) - len(shown), "more organisation")
        yield Text(f"{left}: --csv-file and --html-file list them all.")
    if len(same) == 1:
        yield _labelled(_name(grid, same[0]), states.counts(same[0].counts, same[0].not_compared))
    elif same:
        plain = [one for one in same if not one.counts.get(CellState.OVERRIDE)]
        explained = len(same) - len(plain)
        but = f"; {explained:,} with overrides" if explained else ""
        if not_compared := sum(one.not_compared for one in same):
            but += f"; tax rate of {counted(not_compared, 'account')} not compared"
        yield _labelled(counted(len(same), "organisation"), f"no differences{but}")


def _labelled(label: str, text: str) -> Text:
    return Text().append(label, "bold").append(f": {text}")


def _name(grid: Grid, one: GridOrganisation) -> str:
    again = sum(1 for other in grid.organisations if other.name == one.name) > 1
    return visible(f"{one.name} ({one.file or one.tenant_id})" if again else one.name or one.key)


def _accounts(
    title: str, rows: Sequence[GridAccount], grid: Grid, width: int
) -> Iterator[RenderableType]:
    """Yield a table of accounts; on a narrow terminal, a paragraph for each."""
    heading = Text(title, "bold")
    shown = rows[:ACCOUNTS]
    if width < NARROW:
        yield heading
        for row in shown:
            yield Text(visible(f"{row.line.code} {row.line.name}".strip()))
            yield Padding(
                Text(f"in {states.differing(row):,} of {len(grid.organisations):,}: {_how(row)}"),
                (0, 0, 0, 4),
            )
    else:
        table = changes_table(heading, ["Code", "Account", "How", "In"])
        for row in shown:
            table.add_row(
                Text(visible(row.line.code)),
                Text(visible(row.line.name)),
                Text(_how(row)),
                Text(f"{states.differing(row):,} of {len(grid.organisations):,}"),
            )
        yield table
    if len(rows) > ACCOUNTS:
        yield Text(f"{counted(len(rows) - ACCOUNTS, 'more account')}: --csv-file lists them all.")


def _how(row: GridAccount) -> str:
    """Return how organisations differ in an account; of an extra one, its type and file count."""
    if not row.standard:
        own = sum(1 for one in row.cells.values() if one.own)
        listed = f"; in the file of {counted(own, 'organisation')}" if own else ""
        return f"{states.type_words(row.line)}{listed}"
    cells = [one for one in row.cells.values() if one.state in DIFFERENCES]
    found = Counter(one.state for one in cells)
    said = [f"{found[one]:,} {states.STATES[one].label}" for one in DIFFERENCES if found[one]]
    names = Counter(one.found.name for one in cells if one.found and "name" in one.differs)
    called = [f"name “{visible(name)}”" for name in names]
    if len(names) > 1:
        counts = [f"“{visible(name)}” ({number:,})" for name, number in names.most_common()]
        called = [f"names {first_few(counts, 1)}"]
    keys = {key for one in cells for key in one.splits}
    splits = sentence(tuple(key for key in Key if key in keys))
    return "; ".join((", ".join(said), *called, *([splits] if splits else [])))


def _variants(grid: Grid, row: GridAccount, title: Text, width: int) -> Iterator[RenderableType]:
    """Yield the variants of one account, each with the organisations that have this variant."""
    alike: dict[str, list[GridOrganisation]] = {}
    for one in grid.organisations:
        cell = grid.cell(row, one)
        if cell:
            alike.setdefault(_said(row, cell), []).append(one)
    variants = sorted(alike.items(), key=lambda item: -len(item[1]))
    if width < NARROW:
        yield title
        for said, those in variants:
            yield Text(_names(grid, those))
            yield Padding(Text(said), (0, 0, 0, 4))
        return
    table = changes_table(title, ["What it is", "Organisations", "In"])
    for said, those in variants:
        table.add_row(Text(said), Text(_names(grid, those)), Text(f"{len(those):,}"))
    yield table


def _names(grid: Grid, those: Sequence[GridOrganisation]) -> str:
    return first_few([_name(grid, one) for one in those], _NAMED)


def _said(row: GridAccount, cell: GridCell) -> str:
    words = [states.STATES[cell.state].label]
    if cell.found and cell.state is CellState.EXTRA:
        line = states.shown(cell.found)
        words.append(f"{line.code} {line.name} ({line.type})")
    wanted = cell.wanted or row.line
    for name in cell.differs:
        if cell.found:
            now, standard = states.value(cell.found, name), states.value(wanted, name)
            words.append(f"{states.FIELDS[name]} “{now}” (in the standard: “{standard}”)")
    sentences = [": ".join((words[0], "; ".join(words[1:]))) if words[1:] else words[0]]
    sentences += [f"Reason: {visible(reason)}" for reason in cell.reasons]
    sentences += ["Tax rate not compared"] if cell.not_compared else []
    sentences += [visible(cell.note)] if cell.note else []
    sentences += [said] if (said := states.splits(cell.splits)) else []
    if len(sentences) == 1:
        return sentences[0]
    return " ".join(one if one[-1] in ".!?" else f"{one}." for one in sentences)


def _has_code(account: GridAccount, code: str) -> bool:
    codes = {account.line.code, *(one.found.code for one in account.cells.values() if one.found)}
    return code_key(code) in {code_key(one) for one in codes if one}


def _end(grid: Grid) -> Iterator[RenderableType]:
    for note in grid.notes:
        yield Text(f"! {visible(note)}", "yellow")
    if grid.failed:
        yield Text(f"{len(grid.failed):,} not compared", "bold red")
    causes: dict[tuple[str, ...], list[str]] = {}
    for one in grid.failed:
        causes.setdefault(failure(one), []).append(visible(one.label))
    for said, labels in causes.items():
        yield Text("! ", "red").append(first_few(labels, _NAMED), "bold")
        for line in said:
            yield Padding(Text(line), (0, 0, 0, 4))


def _spaced(parts: Iterable[RenderableType]) -> Iterator[RenderableType]:
    """Yield the parts, with an empty line before each table or heading except the first part."""
    for number, part in enumerate(parts):
        heading = isinstance(part, Text) and str(part.style) == "bold"
        if number and (heading or not isinstance(part, Text | Padding)):
            yield Text()
        yield part
