"""Change the files of a renumbering together, all or none; after a kill, `finish` sees to it.

The new contents are staged beside the files. A record of the files, with their digests before and
after, is written first and removed last. If the process was killed after it had replaced a file,
`finish` replaces the other files; if it had replaced none, `finish` removes the staged contents.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Event

from xerosync.chartfile.syntax.source import read
from xerosync.errors import Refused, UsageError
from xerosync.files import kind_of_file, make_folder_of, stage, temporary_path, write_bytes
from xerosync.regular_file import MAX_BYTES, open_regular, read_regular
from xerosync.text import counted
from xerosync.workspace import RENUMBERING, lock_renumbering

_TOKEN = re.compile("[0-9a-f]{8}")


def replace_all(files: Mapping[str, tuple[bytes, bytes]], stopped: Event) -> None:
    """Replace all of these files or none. `files` has the old and the new bytes of each file.

    If `stopped` is set before all new contents are staged, no file is replaced. Raises `Refused`
    if someone else changed a file meanwhile, or if several files are given and their lock is not
    free or cannot be created. Raises `UsageError` if a file cannot be written.
    """
    for name, (before, _) in files.items():
        check_unchanged(Path(name), before)
    if len(files) > 1:
        _replace_together(files, stopped)
    elif not stopped.is_set():
        for name, (_, after) in files.items():
            write_bytes(Path(name), after)


def _replace_together(files: Mapping[str, tuple[bytes, bytes]], stopped: Event) -> None:
    record = _Record.of(files)
    name = str(RENUMBERING)
    with lock_renumbering():
        try:
            record.save()
            for name, (_, after) in files.items():
                if stopped.is_set():
                    break
                stage(record.staged(name), kind_of_file(Path(name)), after)
            else:
                for name in files:
                    record.replace(name)
        except BaseException as error:
            for changed in record.done():
                write_bytes(Path(changed), files[changed][0])
            record.remove()
            if isinstance(error, OSError):
                raise _unwritable(name, error) from error
            raise
        record.remove()


def check_unchanged(path: Path, before: bytes) -> None:
    """Raise `Refused` unless a file still has the bytes `before`, b"" if there was no file."""
    if (read(str(path)) if os.path.lexists(path) else b"") != before:
        raise Refused(
            f"{path} was changed by someone else in the meantime.",
            "Nothing was written. Run the command again.",
        )


def finish(say: Callable[[str], None]) -> bool:
    """Finish what a killed process left half done; return whether any file was replaced.

    Raises `Refused` if that is not possible, for example because a file has since changed, and
    `UsageError` if a file cannot be written.
    """
    if _read() is None:
        return False
    with lock_renumbering():
        record = _read()
        if record is None:
            return False
        if left := record.left():
            if not record.ready(left):
                raise _half_done(record, left)
            for name in left:
                try:
                    record.replace(name)
                except OSError as error:
                    raise _unwritable(name, error) from error
            have = "file has its" if len(left) == 1 else "files have their"
            say(
                f"Finished the renumber that was stopped in the middle: {len(left):,} more {have} "
                "new codes."
            )
        record.remove()
        return bool(left)


def refuse_half_done() -> None:
    """Raise `Refused` if a renumbering is half done, or its record cannot be read."""
    record = _read()
    if record and (left := record.left()):
        raise _half_done(record, left)


@dataclass(frozen=True, slots=True)
class _Record:
    """The files that are replaced together, with their digests before and after.

    A later run replaces only these files, each with the staged file beside it. Every staged file
    must have the recorded digest.
    """

    token: str
    digests: Mapping[str, tuple[str, str]]

    @classmethod
    def of(cls, files: Mapping[str, tuple[bytes, bytes]]) -> _Record:
        digests = {
            name: (sha256(before).hexdigest(), sha256(after).hexdigest())
            for name, (before, after) in files.items()
        }
        return cls(secrets.token_hex(4), digests)

    def save(self) -> None:
        """Write the record atomically."""
        make_folder_of(RENUMBERING)
        temporary = temporary_path(RENUMBERING, self.token)
        stage(temporary, 0, json.dumps({"staged": self.token, "files": self.digests}).encode())
        temporary.replace(RENUMBERING)

    def staged(self, name: str) -> Path:
        return temporary_path(Path(name).resolve(), self.token)

    def replace(self, name: str) -> None:
        self.staged(name).replace(Path(name).resolve())

    def done(self) -> tuple[str, ...]:
        return tuple(name for name, (_, after) in self.digests.items() if _digest(name) == after)

    def left(self) -> tuple[str, ...]:
        done = self.done()
        return tuple(name for name in self.digests if name not in done) if done else ()

    def ready(self, names: Sequence[str]) -> bool:
        """Whether these files have their old content, and their new content is staged."""
        return all(
            (_digest(name), _digest(self.staged(name))) == self.digests[name] for name in names
        )

    def remove(self) -> None:
        """Remove the record, and the staged files that are left."""
        for name in self.digests:
            with suppress(OSError, ValueError):
                self.staged(name).unlink(missing_ok=True)
        temporary_path(RENUMBERING, self.token).unlink(missing_ok=True)
        RENUMBERING.unlink(missing_ok=True)


def _read() -> _Record | None:
    """Return the record, None if there is no file. Raises `Refused` if the file cannot be used."""
    try:
        said = json.loads(read_regular(RENUMBERING))
        digests = {str(name): (old, new) for name, (old, new) in said["files"].items()}
        token = str(said["staged"])
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError as error:
        raise Refused(
            f"{RENUMBERING} cannot be read: {error.strerror}.",
            f"Make {RENUMBERING.parent} and what is in it readable. A renumber may have been"
            " stopped in the middle, and only that file says so.",
        ) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        digests, token = {}, ""
    if not _TOKEN.fullmatch(token) or any("\0" in name for name in digests):
        raise Refused(
            f"{RENUMBERING} is not a record that xerosync has written.",
            f"Remove {RENUMBERING}. If a renumber was stopped before, check with Git which files it"
            " changed.",
        )
    return _Record(token, digests)


def _digest(path: str | Path) -> str:
    """Return a file's digest, "" if it cannot be read. Follow a link only if `path` is a string."""
    try:
        with open_regular(path, follow=isinstance(path, str)) as file:
            return sha256(file.read(MAX_BYTES + 1)).hexdigest()
    except OSError:
        return ""


def _unwritable(name: str, error: OSError) -> UsageError:
    return UsageError(
        f"{name} cannot be written: {error.strerror}.", "Check the disk and the permissions."
    )


def _half_done(record: _Record, left: Sequence[str]) -> Refused:
    total = len(record.digests)
    done = total - len(left)
    have = "has its" if done == 1 else "have their"
    files = f"{done:,} of {counted(total, 'file')} {have} new codes"
    message = f"A renumber was stopped in the middle: {files}."
    if record.ready(left):
        these = "This one still has its" if len(left) == 1 else "These still have their"
        hint = "Run `xerosync renumber` again, as before: it first finishes what is left."
        return Refused(f"{message} {these} old codes:", hint, tuple(left))
    changed = tuple(name for name in left if not record.ready([name]))
    these = "this file" if len(changed) == 1 else "each of these files"
    return Refused(
        f"{message} It cannot be finished, because {these}, or its hidden copy with the new codes, "
        "was changed or removed later:",
        "Restore every file of the renumber, listed or not, for example with Git; or, if all files "
        f"are as you want them, remove {RENUMBERING}.",
        changed,
    )
