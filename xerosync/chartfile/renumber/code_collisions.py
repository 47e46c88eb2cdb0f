"""The reasons why codes cannot be changed, reported before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from xerosync.chartfile.problems import quoted
from xerosync.chartfile.renumber.code_map import CodeMap, CodeRow
from xerosync.chartfile.renumber.code_moves import CodeMove, CodeMoves, MovingFile, former_codes
from xerosync.chartfile.syntax.nodes import text_of
from xerosync.desired import Source
from xerosync.errors import Problem, UsageError
from xerosync.model import code_key, name_key
from xerosync.organisations.standards.inherited import seen_from
from xerosync.organisations.standards.merge import MergedAccount
from xerosync.suggestions import nearest
from xerosync.text import counted


def obstacles(files: Sequence[MovingFile], codes: CodeMap, moves: CodeMoves) -> Iterator[Problem]:
    """Yield each reason why the codes cannot be changed as the map says.

    Raises `UsageError` for a range of the map in which no account has, or had, a code.
    """
    yield from _unknown(files, codes)
    for file in files:
        yield from _deleted(file)
        yield from _shared_former_codes(file)
        yield from _lost_former_codes(file, moves)
    yield from _collisions(files, moves)


def _unknown(files: Sequence[MovingFile], codes: CodeMap) -> Iterator[Problem]:
    """Yield a problem for each row whose old code no account has, except where it `is_done`."""
    known = [text_of(entry.get("code")) for file in files for entry in file.entries]
    keys = set(map(code_key, known))
    for row in codes.rows.values():
        if code_key(row.old) in keys or any(file.is_done(row) for file in files):
            continue
        yield Problem(
            row.place.file, row.place.line, 1, "unknown-code",
            f"No account of {_given(files)} has the code {quoted(row.old)}.",
            _where_it_is(row, files, known),
        )  # fmt: skip
    former = {code for file in files for entry in file.entries for code in former_codes(entry)}
    for rule in codes.rules:
        if not any(map(rule.new_code, (*known, *former))):
            raise UsageError(
                f"No account of {_given(files)} has a code like {rule.old}.",
                "Check the range, and which files are given.",
            )


def _given(files: Sequence[MovingFile]) -> str:
    return files[0].name if len(files) == 1 else f"the {counted(len(files), 'file')}"


def _where_it_is(row: CodeRow, files: Iterable[MovingFile], known: Iterable[str]) -> str:
    """Return a hint for an unknown old code: the account that has or had it, or a similar code."""
    old = code_key(row.old)
    for one in (one for file in files for one in file.merged):
        if code_key(one.account.code) == old:
            return f"{one.account.label} is in {one.place('code')}: give that file, too."
        if old in map(code_key, one.account.previously):
            label, place = one.account.label, one.account.source
            return f"It is a former code of {label} ({place}): give its present code."
    bare = old.lstrip("0")
    zeros = (code for code in known if bare and code_key(code).lstrip("0") == bare)
    near = next(zeros, "") or nearest(row.old, known)
    return f"Did you mean {near}?" if near else "Check the code, and which files are given."


def _deleted(file: MovingFile) -> Iterator[Problem]:
    for move in file.moves:
        if move.deleted:
            yield file.problem(
                "wrong-value", file.place(move.code),
                f"{move.label} is to be deleted, so its code cannot change.",
                f"Remove the entry, or the row in {move.row.place}.",
            )  # fmt: skip


def _shared_former_codes(file: MovingFile) -> Iterator[Problem]:
    """Yield a problem for each code that two entries would list under `previously`."""
    moves = {id(move.entry): move for move in file.moves}
    listed = {
        code: (entry, item)
        for entry in file.entries
        for code, item in former_codes(entry).items()
        if (move := moves.get(id(entry))) is None or code_key(move.row.new) != code
    }
    for move in file.moves:
        other, item = listed.get(code_key(move.former), (move.entry, move.code))
        if move.former and other is not move.entry:
            yield file.problem(
                "previously-conflict", file.place(move.code),
                f"{move.label} would get {quoted(move.former)} as a former code, which "
                f"{file.label(other)} has already (line {item.line}).",
                "Apply the earlier renumbering to all organisations, remove the code from "
                f"`previously` on line {item.line}, and run the command again.",
            )  # fmt: skip


def _lost_former_codes(file: MovingFile, moves: CodeMoves) -> Iterator[Problem]:
    """Yield a problem for each inherited account whose old code an account of the file uses.

    A plan finds the inherited account by its former code. But if an account of the file itself
    gets that code, or had it before, the code stands only for that account in this file.
    """
    own: dict[str, MergedAccount] = {}
    for one in file.merged:
        for code in (moves.new_code(one), *one.account.previously) if one.own else ():
            own.setdefault(code_key(code), one)
    for one in file.merged:
        other = own.get(code_key(one.account.code))
        if other is None or one.own or one.place("code") not in moves.codes:
            continue
        mine, code = other.account.label, quoted(one.account.code)
        theirs = f"{one.account.label} ({one.place('code')})"
        if code_key(moves.new_code(other)) == code_key(one.account.code):
            message = (
                f"{mine} would get the code {code}, which {theirs} gives up in this renumbering. "
                "In this file the code can then stand for only one of the two: a plan could no "
                f"longer find {one.account.label} by its old code."
            )
            hint = (
                f"Renumber in two steps. First leave out the row or range for {mine}, or give it "
                "a free code if another account gets its present one, and apply the changed files "
                f"to all organisations. Then give {mine} the code {code}."
            )
        else:
            message = (
                f"{mine} has the code {code} under `previously`, so in this file it cannot also "
                f"be a former code of {theirs}, which gives it up."
            )
            hint = (
                f"Apply this file first. Then remove the code from `previously` of {mine}, and run "
                "the command again."
            )
        yield file.problem("previously-conflict", other.place("code"), message, hint)


def _collisions(files: Sequence[MovingFile], moves: CodeMoves) -> Iterator[Problem]:
    """Yield a problem for each new code or name that another account also has or gets."""
    by_name = {file.name: file for file in files}
    reported = set[frozenset[Source]]()
    for field, key_of, after, moved in (
        ("code", code_key, moves.new_code, moves.codes),
        ("name", name_key, moves.new_name, moves.names),
    ):
        for file in files:
            first: dict[str, MergedAccount] = {}
            for one in file.merged:
                value = after(one)
                other = first.setdefault(key_of(value), one) if value else one
                places = frozenset((one.place(field), other.place(field)))
                if other is one or places in reported or not moved.keys() & places:
                    continue
                reported.add(places)
                here, there = (one, other) if one.place(field) in moved else (other, one)
                place = here.place(field)
                message, hint = _explain(field, value, here, there, moved)
                yield by_name[place.file].problem(f"duplicate-{field}", place, message, hint)


def _explain(
    field: str,
    value: str,
    here: MergedAccount,
    there: MergedAccount,
    moves: Mapping[Source, CodeMove],
) -> tuple[str, str]:
    """Return the message and hint about two accounts that would share a code or name."""
    place, at = here.place(field), there.place(field)
    gets = "would get it, too" if at in moves else "has it"
    message = (
        f"{here.account.label} would get the {field} {quoted(value)}, and {there.account.label} "
        f"{seen_from(place, at)} {gets}."
    )
    row = moves[place].row
    if field == "code" and code_key(row.old) in map(code_key, there.account.previously):
        return (
            message,
            f"{there.account.label} had {row.old} before: was this renumbering done already?",
        )
    if at in moves:
        return message, f"Give one of the two another {field} by a row in a map of codes."
    return message, (
        f"Choose another {field} for {here.account.label}, or give {there.account.label} another "
        "one by a row in a map of codes."
    )
