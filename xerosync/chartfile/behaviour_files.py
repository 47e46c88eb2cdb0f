"""Read and check the report on Xero's behaviour that a chart file names in `behaviour`.

A report is used only for organisations in its own country, and not if it is about the sandbox.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from xerosync.chartfile.named_file import NamedFile, NotInside, real_path, repository_of
from xerosync.chartfile.problems import quoted
from xerosync.desired import OrganisationPin, Source
from xerosync.organisations.standards.documents import ADD_COUNTRY, Finding, Kind
from xerosync.regular_file import open_regular
from xerosync.workspace import STDIN
from xerosync.xero_behaviour import FROM_SANDBOX, Behaviour, BehaviourError, from_text

KEY = "behaviour"

_REPORT = NamedFile("report", "../xero-behaviour.json", "JSON", (".json",))
_MOST_BYTES = 1_000_000
"""The largest report that is read, in bytes."""

_MAKE_ONE = "Make a report with `xerosync doctor --demo-company`, or remove the line."


class BehaviourFiles:
    """Reads the reports that chart files name, and keeps them: each is read only once."""

    def __init__(self) -> None:
        self._read: dict[str, Behaviour | BehaviourError] = {}

    @property
    def files(self) -> tuple[str, ...]:
        """The real paths of the files that were read."""
        return tuple(self._read)

    def find(
        self, path: str, place: Source, pin: OrganisationPin, kind: Kind
    ) -> tuple[Behaviour | None, tuple[Finding, ...]]:
        """Return the report to use for an organisation, or None, and the findings about the report.

        `place` is where a chart file names the report, and `path` is relative to that file. `kind`
        is that of the chart file being loaded. For a standard, the report is checked, not returned.
        """
        try:
            behaviour = self._at(path, place)
        except NotInside as error:
            return None, (Finding(error.rule, place, error.message, error.hint),)
        except OSError as error:
            what = error.strerror or str(error)
            message = f"{quoted(path)} cannot be read: {what[:1].lower()}{what[1:]}."
            return None, (Finding("unreadable-file", place, message, _MAKE_ONE),)
        except BehaviourError as error:
            message = f"{quoted(path)} is not a report on Xero's behaviour. {error}"
            return None, (Finding("behaviour-report", place, message, _MAKE_ONE),)
        if kind is Kind.STANDARD:
            return None, ()
        doubts = tuple(_doubts(path, place, behaviour, pin))
        return (None if doubts else behaviour), doubts

    def _at(self, path: str, place: Source) -> Behaviour:
        named = "stdin" if place.file == STDIN else place.file
        folder = Path(os.path.realpath(named)).parent
        real = real_path(path, folder, repository_of(folder), _REPORT)
        if real not in self._read:
            self._read[real] = _read(real)
        found = self._read[real]
        if isinstance(found, BehaviourError):
            raise found
        return found


def _doubts(
    path: str, place: Source, behaviour: Behaviour, pin: OrganisationPin
) -> Iterator[Finding]:
    """If an organisation cannot use a report, yield one finding with the reason."""
    if not pin.country:
        yield Finding(
            "missing-country", pin.source if pin.source.line else place,
            f"A report on Xero in {behaviour.country} ({quoted(path)}) is named, but the file does "
            "not say in which country its organisation is.",
            ADD_COUNTRY,
        )  # fmt: skip
    elif behaviour.country != pin.country:
        yield Finding(
            "behaviour-not-used", place,
            f"{quoted(path)} is not used for an organisation in {pin.country}: it is about Xero in "
            f"{behaviour.country}.",
            f"Name a report for {pin.country} in the organisation's file, or remove the line.",
            "warning",
        )  # fmt: skip
    elif behaviour.source == FROM_SANDBOX:
        yield Finding(
            "behaviour-not-used", place,
            f"{quoted(path)} is not used: it is about xerosync's sandbox, not about Xero.",
            _MAKE_ONE,
            "warning",
        )  # fmt: skip


def _read(real: str) -> Behaviour | BehaviourError:
    with open_regular(real) as file:
        data = file.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        return BehaviourError("It is too large to be one.")
    try:
        return from_text(data.decode())
    except UnicodeDecodeError:
        return BehaviourError("It is not text in UTF-8.")
    except BehaviourError as error:
        return error
