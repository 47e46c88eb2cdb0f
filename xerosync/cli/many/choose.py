"""Choose the chart files of a command: by name, folder or pattern, and by shard, tag or commit."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path

from xerosync.chartfile.edit.file_set import refuse_half_done
from xerosync.chartfile.load import (
    check_all,
    kind_of,
    load_all,
    load_each,
    load_valid,
    pin_of,
    refuse_standard,
)
from xerosync.chartfile.paths import expand, files_at
from xerosync.cli.session import say_problems
from xerosync.desired import DesiredChart, OrganisationPin
from xerosync.environment import shard_from_environment
from xerosync.errors import UsageError
from xerosync.organisations.distinct import distinct_charts, rivals
from xerosync.organisations.failed import FailedOrganisation
from xerosync.organisations.select import Selection, parse_select
from xerosync.organisations.shard import Shard, parse_shard
from xerosync.organisations.standards.documents import Kind
from xerosync.text import counted
from xerosync.workspace import DEFAULT_FILE


@dataclass(frozen=True, slots=True)
class Charts:
    """The charts that were chosen, in the order of their files.

    `failed` are the files that the command leaves out: several files for the same organisation,
    and invalid files if the command can go on. `tags` are the tags of all valid files, even of
    files that `--select` leaves out.
    """

    charts: tuple[DesiredChart, ...]
    failed: tuple[FailedOrganisation, ...] = ()
    tags: frozenset[str] = frozenset()

    @property
    def one(self) -> bool:
        """Whether there is one chart, and no file failed."""
        return len(self.charts) == 1 and not self.failed


@dataclass(frozen=True, slots=True)
class Chosen:
    """The chart files that the options ask for, before they are read.

    `given` are the names, folders and patterns of the command line. `files` are the files of this
    shard, and `elsewhere` the files of other shards.
    """

    given: tuple[str, ...]
    files: tuple[str, ...]
    selection: Selection = field(default_factory=Selection)
    shard: Shard = field(default_factory=Shard)
    elsewhere: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        arguments: Sequence[str],
        options: Sequence[str],
        select: Sequence[str] = (),
        shard: str = "",
        *,
        standards: bool = False,
    ) -> Chosen:
        """Return the files that the options ask for. Without `standards`, leave out standards.

        Raises `UsageError` like `expand`, if a standard is named without `standards`, or if
        `select` or `shard` cannot be understood.
        Raises `Refused` if a renumbering of several files is half done.
        """
        refuse_half_done()
        selection = parse_select(select)
        part = shard_of(shard)
        given = (*arguments, *options) or (DEFAULT_FILE,)
        expanded = expand(given)
        files = tuple(file for file in expanded if part.holds(file))
        kept = files if standards else _without_standards(files, given)
        elsewhere = tuple(file for file in expanded if file not in set(files))
        return cls(given, tuple(kept), selection, part, elsewhere)

    def charts(self, say: Callable[[str], None], *, skip_invalid: bool = False) -> Charts:
        """Read the files and return the selected charts; report warnings.

        If a file is invalid, raises `ChartError` with the problems of all files. With
        `skip_invalid`, an invalid file only counts as failed, unless all are invalid. Files also
        fail as in `distinct_charts`, which may raise. Raises `UsageError` if stdin is a standard.
        """
        read = load_valid(self.files) if skip_invalid else (load_all(self.files), (), ())
        loaded, failed, problems = read
        for one in loaded:  # standard input, whose kind was not known before
            refuse_standard(one.chart.file, one.kind)
        say_problems(problems, say)
        if failed:
            names = ", ".join(one.file for one in failed)
            whose = "Its organisation is" if len(failed) == 1 else "Their organisations are"
            say(f"Skipped, because invalid: {names}. {whose} not read.")
        own = {one.chart.file: one.chart for one in loaded}
        pins = {file: pin_of(file) for file in self.elsewhere}
        others, _ = load_each(check_all([*rivals(own.values(), pins)]))
        selected = self.select([*own.values(), *(one.chart for one in others)], say)
        here = [chart for chart in selected if chart.file in own]
        by_name = self.shard.total > 1
        charts, twice = distinct_charts(here, selected, alone=not failed, by_name=by_name)
        failed = (*failed, *twice)
        kept = {chart.file for chart in charts}
        found = chain.from_iterable(one.warnings for one in loaded if one.chart.file in kept)
        # Several files may have a warning from one standard, or `problems` have it already.
        listed = set(problems)
        say_problems([one for one in dict.fromkeys(found) if one not in listed], say)
        if not charts and not failed:
            say(self._none(len(own)))
        return Charts(charts, failed, frozenset(tag for one in loaded for tag in one.chart.tags))

    def select(
        self, charts: Sequence[DesiredChart], say: Callable[[str], None]
    ) -> tuple[DesiredChart, ...]:
        """Return the selected charts; with `changed:REF`, report files removed since `REF`."""
        named = {os.path.realpath(chart.file) for chart in charts}
        kept, removed = self.selection.choose(charts, partial(self._before, named), self._pins)
        for ref, file, pin in removed:
            say(
                f"{os.path.relpath(file)}{f' ({pin.name})' if pin.name else ''} has been removed"
                f" since {ref}. Its organisation is no longer managed, and stays as it is in Xero."
            )
        return kept

    def _pins(self) -> dict[str, OrganisationPin]:
        return {os.path.realpath(one): pin_of(one) for one in (*self.files, *self.elsewhere)}

    def _before(self, named: Collection[str], ref: str) -> dict[str, DesiredChart]:
        """Return the valid charts in a commit, by their real paths in the working tree.

        Of other shards, only the charts at the `named` paths are returned.
        """
        from xerosync.organisations.commit import checked_out

        with checked_out(ref) as commit:
            given = [os.path.relpath(os.path.realpath(name), commit.top) for name in self.given]
            if outside := [name for name in given if Path(name).parts[:1] == (os.pardir,)]:
                raise UsageError(
                    f"--select changed:{ref}: {outside[0]} is outside the repository.",
                    "Run the command in the repository of the chart files.",
                )
            names = (name for one in given for name in files_at(one, commit.folder))
            here = {str(commit.folder / name): str(commit.top / name) for name in names}
            files = [
                there for there, name in here.items() if name in named or self.shard.holds(name)
            ]
            loaded, _ = load_each(check_all([*_without_standards(files, ())]))
            return {here[one.chart.file]: one.chart for one in loaded}

    def _none(self, charts: int) -> str:
        if not self.files and self.shard.total > 1:
            return f"No chart file belongs to the shard {self.shard}: nothing to do."
        if not charts:
            return "No file of an organisation was found, only standards: nothing to do."
        return f"Of {counted(charts, 'chart file')}, --select chooses none: nothing to do."


def shard_of(text: str) -> Shard:
    """Return the shard that `--shard` names, or raise `UsageError`. "" means all files."""
    if text == "auto":
        return parse_shard(shard_from_environment(), auto=True)
    return parse_shard(text or "1/1")


def _without_standards(files: Iterable[str], named: Sequence[str]) -> Iterator[str]:
    """Yield the files that are not standards. Raises `UsageError` for a standard in `named`."""
    paths = set(map(os.path.normpath, named))
    for file in files:
        kind = kind_of(file)
        if os.path.normpath(file) in paths:
            refuse_standard(file, kind)
        if kind is Kind.ORGANISATION:
            yield file
