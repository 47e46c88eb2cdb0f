"""The standards that chart files extend: each is read and checked once.

The chart of an organisation may have up to four levels of standards above it, all of them inside
its repository (see `named_file`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from xerosync.chartfile.behaviour_files import KEY, BehaviourFiles
from xerosync.chartfile.chart_file import ChartFile
from xerosync.chartfile.lint.inherit import check_merged, loosened
from xerosync.chartfile.lint.policy import Policy, narrowed, united
from xerosync.chartfile.named_file import NamedFile, NotInside, real_path, repository_of
from xerosync.chartfile.problems import Report, problem_at, quoted
from xerosync.chartfile.syntax import source
from xerosync.desired import DesiredChart
from xerosync.errors import ChartError, Problem
from xerosync.organisations.standards.documents import Finding, Kind, Setting
from xerosync.organisations.standards.inherited import Cell, Standard, combine
from xerosync.organisations.standards.merge import MergedChart, Merger
from xerosync.organisations.standards.overrides import extend
from xerosync.workspace import YAML_SUFFIXES, command_on

MAX_DEPTH = 4
"""The most levels of standards above the chart of an organisation."""

_STANDARD = NamedFile("standard", "../standard/chart.yaml", "YAML", YAML_SUFFIXES)

_MOST_LEVELS_READ = 20
"""At most this many levels are read, to bound the time. The depth is checked only afterwards."""


@dataclass(frozen=True, slots=True)
class Parent:
    """A file read as a standard; `standard` is None if the file or what it inherits is invalid.

    `problems` are in the file itself, and `inherited` in the standards above it. `depth` is the
    number of levels from this standard up, including its own.
    """

    file: str
    kind: Kind = Kind.STANDARD
    name: str = ""
    standard: Standard | None = None
    problems: tuple[Problem, ...] = ()
    inherited: tuple[Problem, ...] = ()
    depth: int = 1
    policy: Policy = field(default_factory=Policy)


@dataclass(frozen=True, slots=True)
class MergedFile:
    """A file with what it inherits; `merged` is None if the file or a standard of it is invalid.

    `problems` are in the file itself, and `inherited` in its standards.
    """

    merged: MergedChart | None
    policy: Policy
    problems: tuple[Problem, ...]
    inherited: tuple[Problem, ...]


class Library:
    """Reads standards, and merges files with them; `named` are the paths that a person typed.

    Problems name these files as typed. `unsaved` maps paths to bytes that replace those on disk.
    """

    def __init__(
        self, named: Iterable[str] = (), unsaved: Mapping[str, bytes] | None = None
    ) -> None:
        self._called = {os.path.realpath(path): path for path in named if path != "-"}
        self._unsaved = {os.path.realpath(path): data for path, data in (unsaved or {}).items()}
        self._parents: dict[str, Parent] = {}
        self._mergers: dict[tuple[str, ...], tuple[Merger, tuple[Finding, ...]]] = {}
        self._texts: dict[str, str] = {}
        self._repository_of = cache(repository_of)
        self._behaviours = BehaviourFiles()

    @property
    def files(self) -> tuple[str, ...]:
        """The real paths of the standards and of the `behaviour` reports that were read."""
        return tuple(sorted({*self._parents, *self._behaviours.files}))

    def merge(self, chart_file: ChartFile, *, lint: bool = True) -> MergedFile:
        """Merge a file with the standards that it extends, and report the problems in the file."""
        report = chart_file.report
        parents = self._parents_of(chart_file, (chart_file.real_path,))
        inherited = _problems_of(parents)
        own_level = 1 if chart_file.kind is Kind.STANDARD else 0
        if parents and max(parent.depth for parent in parents) + own_level > MAX_DEPTH:
            _report_depth(chart_file)
        merged = None
        policy = united([parent.policy for parent in parents])
        if chart_file.valid and all(parent.standard for parent in parents):
            merger, found = self._merger(parents)
            merged, more = merger.merge(chart_file.document)
            chart, about_report = self._with_behaviour(
                merged.chart, merged.settings.get(KEY), chart_file.kind
            )
            merged = replace(merged, chart=chart)
            found = (*found, *more, *loosened(chart_file.policy, policy), *about_report)
            if lint:
                found += (*check_merged(merged, chart_file.policy, policy, chart_file.kind),)
            inherited += self._report(found, report, chart_file.file)
            chart_file.check_archives(merged.chart.accounts)
        if not chart_file.valid or any(problem.severity == "error" for problem in inherited):
            merged = None
        policy = narrowed(policy, chart_file.policy)
        return MergedFile(merged, policy, report.all(), tuple(dict.fromkeys(inherited)))

    def require(self, chart_file: ChartFile) -> MergedChart:
        """Return a file merged with its standards, without `lint`, or raise ChartError."""
        found = self.merge(chart_file, lint=False)
        if found.merged is None:
            raise ChartError((*found.inherited, *found.problems))
        return found.merged

    def chart_alone(self, chart_file: ChartFile) -> DesiredChart:
        """Return the chart of a valid file that inherits nothing, with its `behaviour` report."""
        asks = KEY in chart_file.root.pairs
        setting = chart_file.document.settings[KEY] if asks else None
        chart, found = self._with_behaviour(chart_file.chart, setting, chart_file.kind)
        self._report(found, chart_file.report, chart_file.file)
        return chart

    def _with_behaviour(
        self, chart: DesiredChart, path: Setting[str | int] | Cell | None, kind: Kind
    ) -> tuple[DesiredChart, tuple[Finding, ...]]:
        """Return a chart with its `behaviour` report, and what is wrong with the report."""
        if path is None:
            return chart, ()
        behaviour, found = self._behaviours.find(
            str(path.value), path.place, chart.organisation, kind
        )
        return replace(chart, behaviour=behaviour), found

    def standard(self, path: str) -> Parent:
        """Read a standard that the command line names. Raises ChartError if it cannot be read."""
        real = os.path.realpath(path)
        if real not in self._parents:
            data = source.read(path, "Check the path: --standard takes the file of a standard.")
            self._parents[real] = self._read(data, real, ())
        return self._parents[real]

    def inherited(self, chart_file: ChartFile) -> MergedChart:
        """Return what a file inherits: its chart without its `overrides`, `take` and `accounts`."""
        merger, _ = self._merger(self._parents_of(chart_file, (chart_file.real_path,)))
        return merger.merge(replace(chart_file.document, overrides=(), take=(), entries=()))[0]

    def _merger(self, parents: Sequence[Parent]) -> tuple[Merger, tuple[Finding, ...]]:
        key = tuple(parent.file for parent in parents)
        if key not in self._mergers:
            standards = [parent.standard for parent in parents if parent.standard]
            combined, found = combine(standards or [Standard()])
            self._mergers[key] = Merger(combined, {p.name for p in parents}), found
        return self._mergers[key]

    def _parents_of(self, chart_file: ChartFile, stack: tuple[str, ...]) -> tuple[Parent, ...]:
        """Return the standards that a file extends, sorted by path; none if the file is invalid.

        `stack` are the real paths of the files that led here, the file itself last.
        """
        found: dict[str, Parent] = {}
        if not chart_file.valid:
            return ()
        for path in chart_file.document.extends:
            folder = Path(stack[-1]).parent
            try:
                target = real_path(path.value, folder, self._repository_of(folder), _STANDARD)
            except NotInside as error:
                chart_file.report.error(error.rule, path.place, error.message, error.hint)
                continue
            if target in stack:
                chain = [self._name(one) for one in (*stack[stack.index(target) :], target)]
                chart_file.report.error(
                    "extends-loop", path.place,
                    f"The file extends itself: {' extends '.join(chain)}.",
                    "Remove one of these paths from `extends`.",
                )  # fmt: skip
            elif len(stack) > _MOST_LEVELS_READ:
                _report_depth(chart_file)
            else:
                parent = self._parent(target, stack, path, chart_file.report)
                if parent:
                    found[parent.file] = parent
        return tuple(found[name] for name in sorted(found))

    def _parent(
        self, real: str, stack: tuple[str, ...], path: Setting[str], report: Report
    ) -> Parent | None:
        """Return the standard in a file; report a file that cannot be read or is not a standard."""
        parent = self._parents.get(real)
        if parent is None:
            try:
                data = self._unsaved[real] if real in self._unsaved else source.read(real)
            except ChartError as error:
                report.error(
                    "unreadable-file", path.place,
                    f"{quoted(path.value)}: {error.problems[0].message}",
                    "Write the path of a standard, relative to this file.",
                )  # fmt: skip
                return None
            parent = self._parents[real] = self._read(data, real, stack)
        if parent.kind is Kind.ORGANISATION and not parent.problems:
            report.error(
                "not-a-standard", path.place,
                f"{parent.file} is the chart of an organisation, and only a standard can be "
                "extended.",
                "Name a file that has a `standard:` section.",
            )  # fmt: skip
            return None
        return parent

    def _read(self, data: bytes, real: str, stack: tuple[str, ...]) -> Parent:
        name = self._name(real)
        try:
            chart_file = ChartFile(data, name)
        except ChartError as error:
            return Parent(name, problems=error.problems)
        if not {"standard", "organisation"} & chart_file.root.pairs.keys():
            # The file may be anything, even a secret: no message quotes its lines.
            problem = Problem(
                name, 0, 0, "not-a-standard",
                "The file is not a standard, or is not valid YAML.",
                f"Check it with `{command_on('validate', name)}`, which shows its problems.",
            )  # fmt: skip
            return Parent(name, problems=(problem,))
        self._texts[name] = chart_file.text
        parents = self._parents_of(chart_file, (*stack, real))
        inherited = _problems_of(parents)
        policy = united([parent.policy for parent in parents])
        standard: Standard | None = None
        standards = [parent.standard for parent in parents if parent.standard]
        if chart_file.valid and len(standards) == len(parents):
            combined, found = combine(standards or [Standard()])
            standard, more = extend(combined, chart_file.document)
            found = (*found, *more, *loosened(chart_file.policy, policy))
            inherited += self._report(found, chart_file.report, name)
        broken = any(problem.severity == "error" for problem in inherited)
        return Parent(
            file=name,
            kind=chart_file.kind,
            name=chart_file.document.name if chart_file.valid else "",
            standard=None if broken or not chart_file.valid else standard,
            problems=chart_file.report.all(),
            inherited=tuple(dict.fromkeys(inherited)),
            depth=1 + max((parent.depth for parent in parents), default=0),
            policy=narrowed(policy, chart_file.policy),
        )

    def _report(self, findings: Iterable[Finding], report: Report, file: str) -> list[Problem]:
        """Report the findings in one file; return those in other files as problems."""
        elsewhere = []
        for finding in findings:
            if finding.place.file == file:
                report.add(finding)
            else:
                elsewhere.append(problem_at(self._texts.get(finding.place.file, ""), finding))
        return elsewhere

    def _name(self, real: str) -> str:
        if real in self._called:
            return self._called[real]
        here = os.path.realpath(".")
        return os.path.relpath(real, here) if Path(real).is_relative_to(here) else real


def _problems_of(parents: Iterable[Parent]) -> list[Problem]:
    found = [p for parent in parents for p in (*parent.inherited, *parent.problems)]
    return list(dict.fromkeys(found))


def _report_depth(chart_file: ChartFile) -> None:
    chart_file.report.error(
        "extends-too-deep", chart_file.document.extends[0].place,
        f"There are more than {MAX_DEPTH} levels of standards above an organisation.",
        "Merge two of these standards into one.",
    )  # fmt: skip
