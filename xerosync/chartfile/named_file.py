"""Find the file that a chart file names by a relative path, which must stay in the repository.

Symbolic links are resolved before the check. The repository is the nearest folder with a `.git`,
from the chart file's folder upwards. Without a `.git`, the repository is the working directory if
the chart file is in it, otherwise the chart file's folder.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from xerosync.chartfile.problems import quoted


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A kind of file that a chart file can name, with words for messages.

    `noun` is what messages call it, `example` a path, `kind` its format, `suffixes` its endings.
    """

    noun: str
    example: str
    kind: str
    suffixes: tuple[str, ...]


class NotInside(Exception):
    """A path is not followed; `rule`, `message` and `hint` say why."""

    def __init__(self, rule: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.rule, self.message, self.hint = rule, message, hint


def real_path(text: str, folder: Path, root: Path, wanted: NamedFile) -> str:
    """Return the real path of a file; `text` is its path relative to `folder`.

    Raises `NotInside` if `text` is absolute or has a backslash, or if the file is outside `root`,
    is hidden, or is not of the `wanted` kind.
    """
    if Path(text).is_absolute() or PureWindowsPath(text).drive or {"\\", "\0"} & {*text}:
        raise NotInside(
            "outside-repository",
            f"{quoted(text)} is not a path relative to this file.",
            f"Write a relative path with slashes, such as {wanted.example}.",
        )
    target = os.path.realpath(folder / text)
    inside = Path(target).is_relative_to(root)
    if not inside or ".git" in Path(os.path.relpath(target, root).casefold()).parts:
        raise NotInside(
            "outside-repository",
            f"{quoted(text)} is not a file of the repository.",
            f"Move the {wanted.noun} into the repository. Without Git, run xerosync in the folder "
            "that holds both files.",
        )
    hidden = any(part.startswith(".") for part in Path(target).relative_to(root).parts)
    if hidden or Path(target).suffix.lower() not in wanted.suffixes:
        raise NotInside(
            "unreadable-file",
            f"{quoted(text)} is not a {wanted.kind} file, or is hidden, so it is not read.",
            f"Name a {wanted.noun} that ends in {' or '.join(wanted.suffixes)}. No file or folder "
            "in its path may have a name that begins with a dot; `../` is allowed.",
        )
    return target


def repository_of(folder: Path) -> Path:
    """Return the folder that must hold every file named by a chart file in this folder."""
    above = (one for one in (folder, *folder.parents) if (one / ".git").exists())
    here = Path(os.path.realpath("."))
    return next(above, here if folder.is_relative_to(here) else folder)
