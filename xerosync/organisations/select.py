"""Select organisations by their tags, and by what has changed since a Git commit."""

from __future__ import annotations

import os.path
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from xerosync.desired import DesiredAccount, DesiredChart, OrganisationPin, Source
from xerosync.errors import UsageError
from xerosync.organisations.distinct import same_organisation


@dataclass(frozen=True, slots=True)
class Selection:
    """Which charts `--select` selects: those with every tag of `tags` and none of `without`.

    A chart must also have changed since each commit of `changed_since`.
    """

    tags: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    changed_since: tuple[str, ...] = ()

    def has_tags(self, tags: Iterable[str]) -> bool:
        """Whether these tags of a chart include all of `self.tags` and none of `self.without`."""
        found = frozenset(tags)
        return self.tags <= found and not self.without & found

    def choose(
        self,
        charts: Sequence[DesiredChart],
        before: Callable[[str], Mapping[str, DesiredChart]],
        pins: Callable[[], Mapping[str, OrganisationPin]],
    ) -> tuple[tuple[DesiredChart, ...], tuple[tuple[str, str, OrganisationPin], ...]]:
        """Return the selected charts, and which files have been removed since a commit.

        A removed file is a tuple of the commit, the file's path, and its organisation. `before`
        returns the charts of a commit by their real paths; `pins` is as in `changed`.
        """
        kept = [chart for chart in charts if self.has_tags(chart.tags)]
        removed = []
        for ref in self.changed_since:
            now = {os.path.realpath(chart.file): chart for chart in charts}
            then = before(ref)
            different, gone = changed(now, then, pins)
            kept = [chart for chart in kept if os.path.realpath(chart.file) in different]
            removed += [(ref, file, then[file].organisation) for file in gone]
        return tuple(kept), tuple(removed)


def parse_select(texts: Iterable[str]) -> Selection:
    """Return what the values of `--select` select. Raises `UsageError` if one is invalid."""
    selection = Selection()
    for text in texts:
        kind, _, value = text.partition(":")
        value = value.strip()
        if kind == "tag" and value:
            selection = replace(selection, tags=selection.tags | {value})
        elif kind == "!tag" and value:
            selection = replace(selection, without=selection.without | {value})
        elif kind == "changed" and value:
            selection = replace(selection, changed_since=(*selection.changed_since, value))
        else:
            raise UsageError(
                f"--select {text} cannot be understood.",
                "Write tag:NAME, '!tag:NAME' or changed:REF, such as changed:origin/main.",
            )
    return selection


def changed(
    now: Mapping[str, DesiredChart],
    before: Mapping[str, DesiredChart],
    pins: Callable[[], Mapping[str, OrganisationPin]] = dict,
) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the files whose charts are new or changed, and the sorted files that are gone.

    A moved file is new, but its old path is not gone, as another file has the organisation. `pins`
    returns the organisations of all files, including files that are not in `now`. A chart is not
    changed if only the places of values or the order of accounts differ.
    """
    different = {
        file
        for file, chart in now.items()
        if file not in before or _content(before[file]) != _content(chart)
    }
    gone = [file for file in before if file not in now]
    if gone:
        kept = {file: chart.organisation for file, chart in now.items()} | dict(pins())
        gone = [
            file
            for file in gone
            if file not in kept
            and not any(same_organisation(before[file].organisation, pin) for pin in kept.values())
        ]
    return frozenset(different), tuple(sorted(gone))


def _content(chart: DesiredChart) -> DesiredChart:
    """Return a chart without its file, the places of its values and the order of its accounts."""
    return replace(
        chart,
        file="",
        organisation=replace(chart.organisation, source=Source()),
        accounts=_without_places(chart.accounts),
        omitted=_without_places(chart.omitted),
    )


def _without_places(accounts: Iterable[DesiredAccount]) -> tuple[DesiredAccount, ...]:
    bare = (replace(one, source=Source(), inherited=Source(), origins={}) for one in accounts)
    return tuple(sorted(bare, key=lambda one: one.label))
