"""Store the sign-in of a profile, in the keyring or in a file that only its owner can read.

The file is replaced atomically and durably, under a lock that all processes share. If the
sign-in is in the keyring, the file only says so.
"""

from __future__ import annotations

import json
import math
import os
import shlex
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import takewhile
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from xerosync.errors import SignInError
from xerosync.regular_file import open_regular
from xerosync.xero.auth import system_keyring
from xerosync.xero.auth.sign_in import VERSION, SignIn, from_text, to_text
from xerosync.xero.clock import Clock
from xerosync.xero.http.responses import find_json

_IN_KEYRING = {"version": VERSION, "kept_in": "keyring"}
_WITH_CLIENT_ID = (
    "Set XERO_CLIENT_ID to your app's client id, and sign in again: `xerosync auth login`."
)
"""What to do if the client id cannot be read from the stored sign-in."""

_LARGEST = 1_000_000
"""The most bytes that are read: a sign-in has about 5,000."""
_LOCK_SECONDS = 0.5
_LOCK_ATTEMPTS = 300
"""The most attempts to lock. Together they last `CALL_SECONDS`, as long as the longest refresh."""


def state_folder() -> Path | None:
    """Return the folder for xerosync's state, such as ~/.local/state/xerosync.

    It is None if this user has no home folder, as in a container whose user id has no name.
    """
    import platformdirs  # noqa: PLC0415 (only needed for a stored sign-in)

    try:
        return platformdirs.user_state_path("xerosync", appauthor=False)
    except RuntimeError:
        return None


class TokenStore:
    """The stored sign-in of one profile.

    `key` is the profile's name as in environment variables, such as `ACME_UK`, "" for the default.
    """

    def __init__(self, key: str = "", folder: Path | None = None) -> None:
        name = f"sign-in-{key.lower()}" if key else "sign-in"
        folder = folder or state_folder()
        self._path = folder / f"{name}.json" if folder else None
        self._key = key.lower() or "default"

    @property
    def path(self) -> Path:
        """The file of the sign-in. Raises `SignInError` if this user has no home folder."""
        if self._path is None:
            raise SignInError(
                "A sign-in cannot be stored: this user has no home folder.",
                "Set HOME to a folder that only you can read.",
            )
        return self._path

    @property
    def has_folder(self) -> bool:
        """Whether sign-ins can have a file: false only if this user has no home folder."""
        return self._path is not None

    def load(self, *, exposed: bool = False) -> SignIn | None:
        """Return the sign-in, None if there is none.

        Raises `SignInError` if it cannot be read, or if other users can read its file. If
        `exposed`, a file that others can read is accepted, so that its sign-in can be ended.
        """
        text = self._read(exposed=exposed)
        if text is None:
            return None
        if find_json(text) == _IN_KEYRING:
            text = system_keyring.load(self._key)
            if not text:
                raise SignInError("The sign-in is not in the system's keyring.", _WITH_CLIENT_ID)
        sign_in = from_text(text)
        if sign_in is None:
            raise SignInError(
                f"The stored sign-in cannot be read: {self.path} is damaged, or another version"
                " of xerosync wrote it.",
                _WITH_CLIENT_ID,
            )
        return sign_in

    @property
    def in_keyring(self) -> bool:
        """Whether the file refers to the system's keyring. Raises `SignInError` like `_read`."""
        return find_json(self._read() or "") == _IN_KEYRING

    @contextmanager
    def writing(self, *, keyring: bool) -> Iterator[Callable[[SignIn], None]]:
        """Make sure that the file can be written, and yield a function that writes a sign-in.

        Request a new token only inside this `with` block: a new token that cannot be stored is
        lost. Write only under `locked`. Raises `SignInError` if the file cannot be written.
        """
        try:
            self._make_folder()
            file = NamedTemporaryFile(  # noqa: SIM115 (renamed or deleted below)
                dir=self.path.parent, prefix=".sign-in-", delete=False
            )
        except OSError as error:
            raise self._unwritable(error) from error

        def write(sign_in: SignIn) -> None:
            remove = not keyring and self._may_be_in_keyring()
            text = to_text(sign_in)
            if keyring:
                system_keyring.save(self._key, text)
                text = json.dumps(_IN_KEYRING)
            if error := _replace(self.path, file, text):
                raise self._unwritable(error)
            if remove:
                with suppress(SignInError):
                    system_keyring.delete(self._key)

        try:
            yield write
        finally:
            with suppress(OSError):
                file.close()
            Path(file.name).unlink(missing_ok=True)

    def delete(self) -> bool:
        """Delete the file, even a damaged one, and try to delete a sign-in in the keyring.

        Return whether there was a file. Raises `SignInError` if the file cannot be deleted.
        """
        if self._may_be_in_keyring():
            with suppress(SignInError):
                system_keyring.delete(self._key)
        try:
            self.path.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise SignInError(
                f"The stored sign-in {self.path} cannot be deleted ({error.strerror}).",
                "Make its folder writable, and run again.",
            ) from error
        return True

    @contextmanager
    def locked(self, clock: Clock, ends: float = math.inf) -> Iterator[None]:
        """Lock the sign-in against all other processes and threads.

        Gives up when the monotonic clock reaches `ends`, or after `CALL_SECONDS`. Raises
        `SignInError` if the lock is not acquired, and `Interrupted` on a signal.
        """
        from filelock import FileLock, Timeout  # noqa: PLC0415 (only needed for a stored sign-in)

        try:
            self._make_folder()
            lock = FileLock(self.path.with_suffix(".lock"), mode=0o600)
            for _ in takewhile(lambda _: clock.monotonic() < ends, range(_LOCK_ATTEMPTS)):
                clock.check()
                with suppress(Timeout):
                    lock.acquire(timeout=_LOCK_SECONDS, poll_interval=0.02)
                    break
            else:
                raise SignInError(
                    "Another xerosync process is using this sign-in, and does not finish.",
                    "Stop that process.",
                )
        except OSError as error:
            raise self._unwritable(error, "locked") from error
        try:
            yield
        finally:
            lock.release()

    def _may_be_in_keyring(self) -> bool:
        """Whether the sign-in may be in the keyring: the file says so or is unusable."""
        try:
            text = self._read(exposed=True)
        except SignInError:
            return True
        return text is not None and from_text(text) is None

    def _make_folder(self) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _read(self, *, exposed: bool = False) -> str | None:
        """Return the file's text, None if there is no file.

        Raises `SignInError` if it cannot be read or, unless `exposed`, if other users can read it.
        This is checked on the open file: no other file can take its place before the read.
        """
        if self._path is None:
            return None
        try:
            with open_regular(self.path, follow=False) as file:
                if not exposed:
                    self._check_private(os.fstat(file.fileno()))
                return file.read(_LARGEST).decode("utf-8", "replace")
        except OSError as error:
            if not os.path.lexists(self.path):
                return None
            raise SignInError(
                f"The stored sign-in {self.path} cannot be read: {error.strerror}.",
                "Make it readable; or delete it, and sign in again: `xerosync auth login`.",
            ) from error

    def _check_private(self, found: os.stat_result) -> None:
        if os.name == "nt":
            return
        if stat.S_IMODE(found.st_mode) & 0o077:
            raise SignInError(
                f"Other users of this machine can read the stored sign-in: {self.path}.",
                f"If you trust these users, run: chmod 600 {shlex.quote(str(self.path))}. Otherwise"
                " end it with `xerosync auth logout` and sign in again.",
            )

    def _unwritable(self, error: OSError, done: str = "stored") -> SignInError:
        return SignInError(
            f"The sign-in {self.path} cannot be {done} ({error.strerror}).",
            "Free some space, or make the folder writable.",
        )


def _replace(path: Path, file: IO[bytes], text: str) -> OSError | None:
    """Replace a file durably. Return an error instead of raising it: a traceback holds the text."""
    try:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
        file.close()
        Path(file.name).replace(path)
        if os.name != "nt":
            folder = os.open(path.parent, os.O_RDONLY)
            os.fsync(folder)
            os.close(folder)
    except OSError as error:
        return error
    return None
