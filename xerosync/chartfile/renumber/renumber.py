"""Change the codes of accounts in chart files: in `code`, `previously`, and texts that name codes.

All files are renumbered together or not at all. Codes are also named in `overrides`, in `take`, and
in a file's own rules (`lint`). Comments and layout stay.
"""

from __future__ import annotations

import os
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from xerosync.chartfile.edit.text_edits import TextEdits
from xerosync.chartfile.format.canonical import canonical
from xerosync.chartfile.load import Checked, check_all, kind_of
from xerosync.chartfile.named_file import repository_of
from xerosync.chartfile.paths import files_at
from xerosync.chartfile.renumber.code_collisions import obstacles
from xerosync.chartfile.renumber.code_map import CodeMap
from xerosync.chartfile.renumber.code_moves import (
    CodeMove,
    CodeMoves,
    MovingFile,
    former_codes,
    read_files,
)
from xerosync.chartfile.renumber.code_uses import uses
from xerosync.chartfile.syntax import source
from xerosync.desired import DesiredAccount
from xerosync.errors import ChartError, Problem, Refused
from xerosync.model import code_key
from xerosync.organisations.standards.documents import Kind
from xerosync.text import counted

_MOST_NAMED = 10

_ABOUT_CODES = frozenset({"code-range", "required-account", "forbidden-account"})
"""The lint rules about codes, which a renumbering can break."""


@dataclass(frozen=True, slots=True)
class RenumberedFile:
    """A file before and after; `edits` has two texts, before and after, for each change in it."""

    file: str
    before: bytes
    after: str
    edits: tuple[tuple[str, str], ...] = ()

    @property
    def unsorted(self) -> bool:
        """Whether `fmt` would change the file, which it would not have changed before."""
        return (
            canonical(self.before, self.file).encode() == self.before
            and canonical(self.after.encode(), self.file) != self.after
        )


@dataclass(frozen=True, slots=True)
class Renumbered:
    """The files that change, and the number of accounts that get a new code or name.

    If a file now breaks a rule about codes more often, `broken` has its problems of that rule.
    """

    files: tuple[RenumberedFile, ...] = ()
    accounts: int = 0
    broken: tuple[Problem, ...] = ()


def renumber(given: Mapping[str, bytes], codes: CodeMap) -> Renumbered:
    """Return the chart files that change; `given` maps each path to the bytes of its file.

    Raises ChartError if a file is or would be invalid, or if a code cannot be changed: no account
    has the old code, for example, or another account has the new code. Raises `UsageError` for a
    range in which no account has, or had, a code.
    """
    files = read_files(given, codes)
    moves = CodeMoves.of(files)
    if problems := tuple(dict.fromkeys(obstacles(files, codes, moves))):
        raise ChartError(problems)
    if not moves.codes:
        return Renumbered()
    made = [_edited(file, moves, codes) for file in files]
    changed = tuple(one for one in made if one.edits)
    return Renumbered(changed, len(moves.codes), _prove(files, changed, moves))


def check_others(result: Renumbered, given: Iterable[str], arguments: Sequence[str]) -> None:
    """Raise `Refused` if a file that extends a changed standard would become invalid.

    Checks the files in the repositories of the changed standards, except the `given` ones.
    `arguments` are the arguments of this `renumber` command, for the hint.
    """
    changed = {one.file: one.after.encode() for one in result.files}
    known = {os.path.realpath(file) for file in given}
    standards = (file for file in changed if kind_of(file) is Kind.STANDARD)
    folders = {repository_of(Path(os.path.realpath(file)).parent) for file in standards}
    found = {name for folder in folders for name in files_at(str(folder))}
    others = sorted(os.path.relpath(one) for one in found if os.path.realpath(one) not in known)
    paths = tuple(path for path in others if b"extends" in source.read_or_nothing(path))
    before = {one.file: one.loaded is not None for one in check_all(paths, lint=False)}
    after = check_all(paths, lint=False, unsaved=changed)
    broken = [one for one in after if one.loaded is None and before[one.file]]
    if not broken:
        return
    details = tuple(str((*one.problems, *one.inherited)[0]) for one in broken[:_MOST_NAMED])
    files = shlex.join(["xerosync", "renumber", *arguments, *(one.file for one in broken)])
    hint = f"Renumber all of them together, for example: {files}"
    if more := len(broken) - len(details):
        details += (f"And {counted(more, 'more file')}.",)
        hint = "Renumber all of them together: give their folder, too."
    raise Refused(
        f"{counted(len(broken), 'file')} that {'was' if len(broken) == 1 else 'were'} not "
        "given would no longer be valid. Nothing was written.",
        hint,
        details,
    )


def _edited(file: MovingFile, moves: CodeMoves, codes: CodeMap) -> RenumberedFile:
    """Return a file with the new codes, also in the texts that name them."""
    edits, lines = TextEdits(file.layout), list[tuple[str, str]]()
    for move in file.moves:
        _move(move, edits)
        lines.append((move.label, f"{move.row.new} {move.row.name}".rstrip()))
    for use in uses(file, moves, codes):
        edits.replace_text(use.node, use.field, use.text, flow=use.flow)
        lines.append((f"{use.what}: {use.node.text}", use.text))
    after = source.with_bom_of(file.data, edits.apply())
    return RenumberedFile(file.name, file.data, after, tuple(lines))


def _move(move: CodeMove, edits: TextEdits) -> None:
    entry, new = move.entry, move.row.new
    edits.set_value(entry, "code", new)
    if move.row.name:
        edits.set_value(entry, "name", move.row.name)
    again = former_codes(entry).get(code_key(new))
    if move.former and again:
        edits.replace_text(again, "previously", move.former, flow=True)
    elif move.former:
        edits.add_to_list(entry, "previously", [move.former])


def _prove(
    files: Sequence[MovingFile], changed: Iterable[RenumberedFile], moves: CodeMoves
) -> tuple[Problem, ...]:
    """Check that only codes and names change, and that the files stay valid.

    For each file and each rule about codes that it now breaks more often, return the problems.
    """
    names = [file.name for file in files]
    old = {file.name: file.data for file in files}
    new = old | {one.file: one.after.encode() for one in changed}
    plain = list(check_all(names, lint=False, unsaved=new))
    wrong = [p for one in plain if one.loaded is None for p in (*one.problems, *one.inherited)]
    if wrong:
        hint = "The renumbering would cause this, so nothing was written."
        raise ChartError(tuple(dict.fromkeys(replace(p, hint=hint) for p in wrong)))
    for file, one in zip(files, plain, strict=True):
        expected = [
            _content(account.account, moves.new_code(account), moves.new_name(account))
            for account in file.merged
        ]
        found = one.loaded.chart.accounts if one.loaded else ()
        if expected != [_content(account, account.code, account.known_name) for account in found]:
            raise RuntimeError(f"renumbering would change more than codes in {file.name}")
    return tuple(
        dict.fromkeys(
            problem
            for before, now in zip(
                check_all(names, unsaved=old), check_all(names, unsaved=new), strict=True
            )
            for problem in _about_codes(now)
            if _counts(now)[problem.rule] > _counts(before)[problem.rule]
        )
    )


def _content(account: DesiredAccount, code: str, name: str) -> tuple[object, ...]:
    values = {**account.initial, **account.values, "code": code, "name": name}
    flags = account.protect, account.optional, account.status
    return sorted(values.items()), flags, account.account_id, account.system_account


def _about_codes(checked: Checked) -> list[Problem]:
    found = (*checked.problems, *checked.inherited)
    return [problem for problem in found if problem.rule in _ABOUT_CODES]


def _counts(checked: Checked) -> Counter[str]:
    return Counter(problem.rule for problem in _about_codes(checked))
