"""Select organisations by their tags, and by what has changed since a Git commit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from xerosync.errors import UsageError
from xerosync.model import DesiredAccount, DesiredChart, OrganisationPin, Source


@dataclass(frozen=True, slots=True)
class Selection:
    """What `--select` asks for: every tag of `tags`, none of `without`.

    A chart must also differ from what it was at each commit of `changed_since`.
    """

    tags: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    changed_since: tuple[str, ...] = ()

    def has_tags(self, tags: Iterable[str]) -> bool:
        """Whether these tags of a chart are as asked."""
        found = frozenset(tags)
        return self.tags <= found and not self.without & found


def parse_select(texts: Iterable[str]) -> Selection:
    """Read the values of `--select`. Raises `UsageError`."""
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
    now: Mapping[str, DesiredChart], before: Mapping[str, DesiredChart]
) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the files whose charts are new or differ, and those that are gone, sorted.

    A file that was moved is new, but not gone. Where in a file an entry stands does not count.
    """
    different = {
        file
        for file, chart in now.items()
        if file not in before or _content(before[file]) != _content(chart)
    }
    kept = {_pin(chart.organisation) for chart in now.values()}
    gone = (
        file
        for file, chart in before.items()
        if file not in now and _pin(chart.organisation) not in kept
    )
    return frozenset(different), tuple(sorted(gone))


def _content(chart: DesiredChart) -> DesiredChart:
    """Return a chart without the places of its values."""
    return replace(
        chart,
        file="",
        organisation=_pin(chart.organisation),
        accounts=tuple(map(_without_places, chart.accounts)),
        omitted=tuple(map(_without_places, chart.omitted)),
    )


def _without_places(account: DesiredAccount) -> DesiredAccount:
    return replace(account, source=Source(), inherited=Source(), origins={})


def _pin(pin: OrganisationPin) -> OrganisationPin:
    return replace(pin, source=Source())
