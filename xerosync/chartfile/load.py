"""Load chart files: return the charts that they describe, or the problems in them.

`chart_file` checks one file by itself, and `library` merges it with the standards that it
extends. A chart is returned only if the file and its standards have no errors.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass, field, replace
from glob import has_magic
from pathlib import Path

from xerosync.chartfile.build import kind_of_root, organisation_of
from xerosync.chartfile.chart_file import ChartFile
from xerosync.chartfile.library import Library
from xerosync.chartfile.lint.policy import Policy
from xerosync.chartfile.paths import expand
from xerosync.chartfile.problems import Report
from xerosync.chartfile.syntax import source
from xerosync.chartfile.syntax.nodes import Mapping
from xerosync.chartfile.syntax.parse import compose
from xerosync.desired import DesiredChart, OrganisationPin
from xerosync.errors import ChartError, Problem, UsageError
from xerosync.organisations.distinct import RULE, distinct_charts
from xerosync.organisations.failed import FailedOrganisation
from xerosync.organisations.run import failed_at
from xerosync.organisations.standards.countries import StandardCharts, charts_of
from xerosync.organisations.standards.documents import Kind
from xerosync.organisations.standards.inherited import Standard
from xerosync.organisations.standards.merge import MergedChart, Merger
from xerosync.workspace import STDIN, command_on

_STANDARD = re.compile(rb"^(?:\xef\xbb\xbf)?[\"']?standard[\"']?[ \t]*:", re.MULTILINE)
_ORGANISATION = re.compile(
    rb"^(?:\xef\xbb\xbf)?[\"']?organisation[\"']?[ \t]*:.*(?:\n(?:[ \t#].*|\r?))*", re.MULTILINE
)
_FLOW = re.compile(rb"^(?:\xef\xbb\xbf)?\s*(?:#[^\n]*\n\s*)*(?:---\s*)?\{")
"""The beginning of a file that is in braces as a whole: its fields need not begin lines."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A chart, the warnings about its file and standards, and the `lint` policy for it.

    For a file that extends standards, chart and policy include what it inherits. `merged` has the
    place of each value; None for an organisation's file without `extends` and `tax_types`.
    """

    chart: DesiredChart
    warnings: tuple[Problem, ...] = ()
    policy: Policy = field(default_factory=Policy)
    kind: Kind = Kind.ORGANISATION
    merged: MergedChart | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """The result of checking a file; `loaded` is None if the file or a standard of it is invalid.

    `problems` are in the file itself, and `inherited` in its standards.
    """

    file: str
    loaded: Loaded | None
    problems: tuple[Problem, ...] = ()
    inherited: tuple[Problem, ...] = ()

    @property
    def accounts(self) -> int:
        """The number of accounts in the chart, 0 if the file or a standard of it is invalid."""
        return len(self.loaded.chart.accounts) if self.loaded else 0

    @property
    def invalid_standard(self) -> bool:
        """Whether a standard that the file extends has an error."""
        return any(problem.severity == "error" for problem in self.inherited)


def load(path: str) -> Loaded:
    """Read a chart file, or standard input for "-".

    Raises ChartError if the file cannot be read, or if the file or a standard of it is invalid. The
    problems of the standards come first.
    """
    return parse(source.read(path), STDIN if path == "-" else path)


def parse(text: str | bytes, file: str, *, lint: bool = True) -> Loaded:
    """Read a chart from memory, as `load` does; `file` is its name in problems.

    The standards that it extends are read from disk, at their paths relative to `file`. With `lint`
    off, the rules of `lint:` are not checked: a file can be edited while it breaks them.
    """
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return _loaded_or_raise([_check(data, file, Library(), lint=lint)])[0]


def parse_chart(data: bytes, file: str, *, lint: bool = True) -> Loaded:
    """Read the chart of an organisation, as `parse` does. Raises `UsageError` for a standard."""
    refuse_standard(file, kind_in(data))
    return parse(data, file, lint=lint)


def load_all(paths: Sequence[str]) -> tuple[Loaded, ...]:
    """Read many chart files. Raises one ChartError with the problems of all, each only once."""
    return tuple(_loaded_or_raise(list(check_all(paths))))


def load_each(
    checked: Iterable[Checked],
) -> tuple[tuple[Loaded, ...], tuple[FailedOrganisation, ...]]:
    """Return the charts of files that were checked, and the files that are invalid."""
    loaded, failed = [], []
    for one in checked:
        if one.loaded:
            loaded.append(one.loaded)
        else:
            failed.append(failed_at(one.file, "", ChartError((*one.problems, *one.inherited))))
    return tuple(loaded), tuple(failed)


def load_valid(
    files: Sequence[str],
) -> tuple[tuple[Loaded, ...], tuple[FailedOrganisation, ...], tuple[Problem, ...]]:
    """Read files; return charts, invalid files, and, if any is invalid, the problems of all files.

    Raises `ChartError`, as `load_all` does, if all files are invalid.
    """
    checked = list(check_all(files))  # once: a file may be standard input
    loaded, failed = load_each(checked)
    try:
        return tuple(_loaded_or_raise(checked)), (), ()
    except ChartError as error:
        if not loaded:
            raise
        return loaded, failed, error.problems


def check_all(
    paths: Sequence[str], *, lint: bool = True, unsaved: AbstractMapping[str, bytes] | None = None
) -> Iterator[Checked]:
    """Yield the result for each file; each standard is read once.

    `unsaved` maps paths to bytes to use instead of the files on disk.
    """
    unsaved = unsaved or {}
    library = Library((*paths, *unsaved), unsaved)
    for path in paths:
        name = STDIN if path == "-" else path
        try:
            data = unsaved[path] if path in unsaved else source.read(path)
        except ChartError as error:
            yield Checked(name, None, error.problems)
        else:
            yield _check(data, name, library, lint=lint)


def read_for_names(given: Sequence[Path]) -> list[Path]:
    """Return the standards and `behaviour` reports of these charts, and each pattern's folder."""
    patterns = [path for path in given if has_magic(str(path)) and not path.exists()]
    folders = [next(f for f in path.parents if not has_magic(str(f))) for path in patterns]
    try:
        files = expand([*map(str, given)])
    except UsageError:  # a folder without charts: `plan` reports that
        files = ()
    charts = [file for file in files if kind_of(file) is Kind.ORGANISATION]
    return [*folders, *map(Path, read_for(charts))]


def read_for(paths: Sequence[str]) -> tuple[str, ...]:
    """Return the real paths of the standards and `behaviour` reports read for chart files, sorted.

    Nothing is raised for chart files that cannot be read or are invalid.
    """
    library = Library(paths)
    for path in paths:
        _check(source.read_or_nothing(path), path, library, lint=False)
    return library.files


def load_standard(paths: Sequence[str]) -> StandardCharts:
    """Read standards, and return their combined chart in each country.

    Raises ChartError if a standard is invalid, cannot be read, or is the chart of an organisation.
    """
    library = Library(paths)
    parents = [library.standard(path) for path in paths]
    problems = [p for parent in parents for p in (*parent.inherited, *parent.problems)]
    problems += [
        Problem(
            parent.file, 0, 0, "not-a-standard",
            "The file is the chart of an organisation, not a standard.",
            "Name a file that has a `standard:` section.",
        )
        for parent in parents if parent.kind is Kind.ORGANISATION and not parent.problems
    ]  # fmt: skip
    standards = [parent.standard for parent in parents if parent.standard]
    if any(one.severity == "error" for one in problems) or len(standards) < len(parents):
        raise ChartError(tuple(dict.fromkeys(problems)))
    names = ", ".join(sorted({parent.name for parent in parents}))
    return charts_of(standards, parents[0].file, names)


def kind_of(path: str) -> Kind:
    """Return the kind of a file, as far as can be told without checking the file.

    A file that cannot be read, which `load` reports, counts as the chart of an organisation. So
    does standard input, because it can be read only once.
    """
    return kind_in(b"" if path == "-" else source.read_or_nothing(path))


def kind_in(data: bytes) -> Kind:
    """Return the kind of a file with these bytes. They are parsed only if that is not obvious."""
    is_standard = bool(_STANDARD.search(data))
    if is_standard != bool(_ORGANISATION.search(data)) and not _FLOW.match(data):
        return Kind.STANDARD if is_standard else Kind.ORGANISATION
    root = compose(data.decode("utf-8-sig", "replace"), Report("", ""))
    return kind_of_root(root) if isinstance(root, Mapping) else Kind.ORGANISATION


def refuse_standard(file: str, kind: Kind) -> None:
    """Raise `UsageError` if a file is a standard, which has no books."""
    if kind is Kind.STANDARD:
        check = command_on("validate", "-" if file == STDIN else file)
        raise UsageError(
            f"{file} is a standard; name the files that extend it.",
            f"A standard has no books of its own. `{check}` checks it.",
        )


def pin_of(path: str) -> OrganisationPin:
    """Return the organisation that a file names, as far as can be told without checking the file.

    The pin is empty if the file cannot be read.
    """
    data = source.read_or_nothing(path)
    if not _FLOW.match(data):
        found = _ORGANISATION.search(data)
        data = found[0] if found else b""
    return organisation_of(compose(data.decode("utf-8-sig", "replace"), Report(path, "")), path)


def load_merged(path: str) -> MergedChart:
    """Return a chart file merged with its standards, if any, with the place of each value.

    The rules of `lint:` are not checked. Raises ChartError as `load` does.
    """
    data, file = source.read(path), STDIN if path == "-" else path
    loaded = parse(data, file, lint=False)
    if loaded.merged is not None:
        return loaded.merged
    return Merger(Standard()).merge(ChartFile(data, file).document)[0]


def place_problems(found: Sequence[Checked]) -> tuple[Checked, ...]:
    """Return the files, each with the problems to list under it; each problem is listed once.

    A problem in a standard is listed under the standard, which is put first if `found` lacks it.
    Each of several files with the same tenant id gets a problem that says so.
    """
    charts = {one.file: one.loaded.chart for one in found if one.loaded}
    reported = _with_file_counts(found)
    own = {one.file: [reported.pop(problem, problem) for problem in one.problems] for one in found}
    for failed in distinct_charts(tuple(charts.values()), alone=False)[1]:
        at, error = charts[failed.file].organisation.source, failed.error
        problem = Problem(failed.file, at.line, at.column, RULE, error.message, error.hint)
        own[failed.file].append(problem)
    standards: dict[str, list[Problem]] = {}
    for problem in reported.values():
        (own if problem.file in own else standards).setdefault(problem.file, []).append(problem)
    return (
        *(Checked(file, None, tuple(problems)) for file, problems in standards.items()),
        *(replace(one, problems=tuple(own[one.file])) for one in found),
    )


def _with_file_counts(checked: Iterable[Checked]) -> dict[Problem, Problem]:
    """Map each problem in a standard to a copy that says how many files it affects.

    A problem that affects only one file is mapped to itself.
    """
    counts = Counter(problem for one in checked for problem in one.inherited)
    return {
        problem: replace(problem, message=f"{problem.message} It affects {count} files.")
        if count > 1
        else problem
        for problem, count in counts.items()
    }


def _check(data: bytes, file: str, library: Library, *, lint: bool) -> Checked:
    try:
        chart_file = ChartFile(data, file)
    except ChartError as error:
        return Checked(file, None, error.problems)
    loaded = None
    if chart_file.alone:
        chart_file.check_archives(chart_file.accounts)
        if lint:
            chart_file.lint()
        chart = library.chart_alone(chart_file) if chart_file.valid else None
        problems = chart_file.report.all()
        if chart and chart_file.valid:
            loaded = Loaded(chart, problems, chart_file.policy)
        return Checked(chart_file.file, loaded, problems)
    result = library.merge(chart_file, lint=lint)
    if merged := result.merged:
        warnings = (*result.inherited, *result.problems)
        loaded = Loaded(merged.chart, warnings, result.policy, chart_file.kind, merged)
    return Checked(chart_file.file, loaded, result.problems, result.inherited)


def _loaded_or_raise(checked: Sequence[Checked]) -> list[Loaded]:
    loaded = [one.loaded for one in checked if one.loaded]
    if len(loaded) == len(checked):
        return loaded
    shown = _with_file_counts(checked)
    own = [shown.pop(problem, problem) for one in checked for problem in one.problems]
    raise ChartError((*shown.values(), *own))
