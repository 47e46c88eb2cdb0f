"""Find chart files by name, in folders and by pattern."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from itertools import takewhile
from pathlib import Path

from xerosync.errors import UsageError
from xerosync.workspace import is_yaml, refuse_empty

_ANY_DEPTH = "**"


def expand(given: Sequence[str]) -> tuple[str, ...]:
    """Return the files that names, folders and patterns stand for, without duplicates.

    Raises `UsageError` for an empty name, a file named twice, or a folder or pattern without files.
    """
    files: dict[str, str] = {}
    named: set[str] = set()
    refuse_empty(given)
    for name in given:
        found = list(files_at(name))
        if found == [name]:
            if os.path.normpath(name) in named:
                raise UsageError(f"{name} is given twice.", "Give each file once.")
            named.add(os.path.normpath(name))
        elif not found:
            raise UsageError(_nothing_found(name), "Chart files end in .yaml or .yml.")
        for file in found:
            files.setdefault(os.path.normpath(file), file)
    return tuple(files.values())


def files_at(name: str, root: str | Path = "") -> Iterator[str]:
    """Yield the file that a name stands for, or the sorted files of a folder or a pattern.

    In folders and patterns, only .yaml and .yml files count, and hidden files do not. Inside a
    folder, links to other folders are not followed. A relative name starts at `root`. With `root`,
    a file that does not exist is left out.
    """
    place = os.path.join(root, name)  # noqa: PTH118 (a Path would change the name)
    if os.path.isdir(place):  # noqa: PTH112 (as above)
        yield from sorted(_in_folder(name, place))
    elif glob.has_magic(name) and not os.path.lexists(place):
        yield from sorted(_of_pattern(name, root))
    elif not root or os.path.lexists(place):
        yield name


def _in_folder(name: str, place: str, depth: int | None = None) -> Iterator[str]:
    """Yield the YAML files in a folder, down to `depth` levels; level 1 is the folder itself."""
    for folder, folders, files in os.walk(place):
        inside = os.path.relpath(folder, place)
        folders[:] = [one for one in folders if not one.startswith(".")]
        if depth is not None and len(Path(inside).parts) + 1 >= depth:
            folders.clear()
        for file in files:
            if is_yaml(Path(file)) and not file.startswith("."):
                yield os.path.normpath(os.path.join(name, inside, file))  # noqa: PTH118


def _of_pattern(pattern: str, root: str | Path) -> Iterator[str]:
    """Yield the YAML files that a pattern matches. For 'a/b/*.yaml', read only the folder a/b."""
    parts = Path(pattern).parts
    named = list(takewhile(lambda part: not glob.has_magic(part), parts))
    wanted = parts[len(named) :]
    folder = os.path.join("", *named)  # noqa: PTH118 ("" is not ".")
    place = os.path.join(root, folder) or os.curdir  # noqa: PTH118 (as above)
    for file in _in_folder(folder, place, None if _ANY_DEPTH in wanted else len(wanted)):
        if _matches(Path(file).parts[len(Path(os.path.normpath(folder)).parts) :], wanted):
            yield file


def _matches(names: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether the parts of a path match those of a pattern; `**` matches any number of parts."""
    if not wanted:
        return not names
    if wanted[0] == _ANY_DEPTH:
        return _matches(names, wanted[1:]) or (bool(names) and _matches(names[1:], wanted))
    return bool(names) and fnmatch(names[0], wanted[0]) and _matches(names[1:], wanted[1:])


def _nothing_found(name: str) -> str:
    """Return why a folder or pattern has no chart file; `a[1].yaml` may be meant as a file name."""
    if Path(name).is_dir():
        return f"The folder {name} has no chart file."
    if "[" in name and not glob.has_magic(name.replace("[", "")):
        return f"There is no file {name}, and as a pattern it matches no chart file."
    return f"No chart file matches the pattern {name}."
