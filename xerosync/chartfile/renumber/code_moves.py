"""The accounts in chart files that get new codes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from xerosync.chartfile.chart_file import ChartFile
from xerosync.chartfile.edit.layout import Layout
from xerosync.chartfile.library import Library
from xerosync.chartfile.problems import problem_at
from xerosync.chartfile.renumber.code_map import CodeMap, CodeRow
from xerosync.chartfile.syntax import nodes
from xerosync.chartfile.syntax.nodes import Scalar, items_of, text_of
from xerosync.chartfile.syntax.source import decode
from xerosync.desired import Source
from xerosync.errors import ChartError, Problem
from xerosync.model import Status, code_key
from xerosync.organisations.standards.documents import Finding
from xerosync.organisations.standards.merge import MergedAccount


@dataclass(frozen=True, slots=True)
class CodeMove:
    """An account that gets a new code or name.

    `entry` is its entry or override, `code` is the node of its old code, `row` has the new code.
    """

    entry: nodes.Mapping
    code: Scalar
    row: CodeRow
    label: str

    @property
    def former(self) -> str:
        """The old code. It is "" if only the code's spelling or the account's name changes."""
        same = code_key(self.code.text) == code_key(self.row.new)
        return "" if same else self.code.text.strip()

    @property
    def deleted(self) -> bool:
        """Whether the account is to be deleted, or is already."""
        return text_of(self.entry.get("status")) == Status.DELETED


class MovingFile:
    """A valid chart file, and the `moves` of its entries and overrides to new codes and names.

    `merged` has the accounts of the file and of its standards. `inherited` has only the accounts of
    the standards, without the file's changes. Raises ChartError if the file is invalid.
    """

    def __init__(
        self, chart_file: ChartFile, data: bytes, library: Library, codes: CodeMap
    ) -> None:
        self.name = chart_file.file
        self.data = data
        self.merged = library.require(chart_file).accounts
        extends = chart_file.document.extends
        self.inherited = library.inherited(chart_file).accounts if extends else ()
        self.layout = Layout(decode(data, self.name))
        sections = [self.layout.sections.get(name) for name in ("accounts", "overrides")]
        self.entries = [entry for one in sections if one for entry in one.entries]
        moves = tuple(self._moves(codes))
        self.moves = () if all(self.is_done(move.row) for move in moves) else moves

    def is_done(self, row: CodeRow) -> bool:
        """Whether an account already has a row's new code, and the old code in `previously`."""
        return any(
            code_key(text_of(entry.get("code"))) == code_key(row.new)
            and code_key(row.old) in former_codes(entry)
            for entry in self.entries
        )

    def place(self, node: Scalar) -> Source:
        """Return the place of a node."""
        return Source(self.name, node.line, node.column)

    def problem(self, rule: str, at: Source, message: str, hint: str) -> Problem:
        """Return a problem at a place of this file."""
        return problem_at(self.layout.text, Finding(rule, at, message, hint))

    def label(self, entry: nodes.Mapping) -> str:
        """Return the name that messages use for an entry: code and name, or `system_account`."""
        names = (text_of(entry.get(name)) for name in ("code", "name"))
        return " ".join(filter(None, names)) or text_of(entry.get("system_account"))

    def _moves(self, codes: CodeMap) -> Iterator[CodeMove]:
        labels = {one.place("code"): one.account.label for one in self.merged}
        for entry in self.entries:
            code = entry.get("code")
            if not isinstance(code, Scalar) or not (row := codes.find(text_of(code))):
                continue
            move = CodeMove(entry, code, row, labels.get(self.place(code)) or self.label(entry))
            same = row.new == code.text and row.name in {"", text_of(entry.get("name"))}
            in_range = not row.place.file
            if not same and not (move.deleted and in_range):
                yield move


def read_files(files: Mapping[str, bytes], codes: CodeMap) -> tuple[MovingFile, ...]:
    """Read chart files, and find their moves. Raises ChartError with the problems of all files."""
    library, found, problems = Library(files, files), list[MovingFile](), list[Problem]()
    for name, data in files.items():
        try:
            found.append(MovingFile(ChartFile(data, name), data, library, codes))
        except ChartError as error:
            problems += error.problems
    if problems:
        raise ChartError(tuple(dict.fromkeys(problems)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class CodeMoves:
    """The moves of all files, by place.

    `codes` maps the place of an old code to its move, `names` the place of an old name.
    """

    codes: Mapping[Source, CodeMove]
    names: Mapping[Source, CodeMove]

    @classmethod
    def of(cls, files: Iterable[MovingFile]) -> CodeMoves:
        """Return the moves of the files."""
        pairs = [(file, move) for file in files for move in file.moves]
        return cls(
            codes={file.place(move.code): move for file, move in pairs},
            names={
                file.place(name): move
                for file, move in pairs
                if move.row.name and isinstance(name := move.entry.get("name"), Scalar)
            },
        )

    def new_code(self, one: MergedAccount) -> str:
        """Return the code that an account has after the moves."""
        move = self.codes.get(one.place("code"))
        return move.row.new if move else one.account.code

    def new_name(self, one: MergedAccount) -> str:
        """Return the name that an account has after the moves."""
        move = self.codes.get(one.place("code"))
        if move is None or "name" in move.entry.pairs:
            move = self.names.get(one.place("name"))
        return (move.row.name if move else "") or one.account.known_name


def former_codes(entry: nodes.Mapping) -> dict[str, Scalar]:
    """Return the items of an entry's `previously` by their `code_key`."""
    items = items_of(entry.get("previously"))
    return {code_key(item.text): item for item in items if isinstance(item, Scalar)}
