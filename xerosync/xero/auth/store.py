"""A profile → the place of its sign-in: a file that only its owner reads, or the keyring.

The file is replaced as a whole and durably, under a lock that all processes share. With
the keyring it holds no more than a note that the sign-in is there.
"""

from __future__ import annotations

import json
import os
import shlex
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from xerosync.errors import SignInError
from xerosync.xero.auth import keyring_vault
from xerosync.xero.auth.sign_in import VERSION, SignIn, from_text, to_text
from xerosync.xero.clock import Clock
from xerosync.xero.http.responses import find_json

_IN_KEYRING = {"version": VERSION, "kept_in": "keyring"}
_AGAIN = "Sign in again: `xerosync auth login`."
_LOCK_TURN = 0.5
_LOCK_TURNS = 480
"""So many turns of half a second: longer than the slowest refresh of another process."""


def state_folder() -> Path:
    """Give the platform's folder for state: on Linux ~/.local/state/xerosync."""
    import platformdirs  # noqa: PLC0415 (only where a sign-in is looked for)

    return platformdirs.user_state_path("xerosync", appauthor=False)


class Store:
    """The sign-in of one profile; `key` is its name as in variables, "" the plain one."""

    def __init__(self, key: str = "", folder: Path | None = None) -> None:
        name = f"sign-in-{key.lower()}" if key else "sign-in"
        self.path = (folder or state_folder()) / f"{name}.json"
        self._key = key.lower() or "default"

    def load(self, *, exposed: bool = False) -> SignIn | None:
        """Give the sign-in, None when there is none.

        Raises `SignInError` for a file that cannot be read, and for one that others can
        read unless `exposed` lets it pass: that is for ending it.
        """
        text = self._read(exposed=exposed)
        if text is None:
            return None
        if find_json(text) == _IN_KEYRING:
            text = keyring_vault.load(self._key)
            if not text:
                raise SignInError("The system's keyring lost the sign-in.", _AGAIN)
        sign_in = from_text(text)
        if sign_in is None:
            raise SignInError(
                f"The stored sign-in cannot be read: {self.path} is damaged, or of another"
                " version of xerosync.",
                _AGAIN,
            )
        return sign_in

    @property
    def in_keyring(self) -> bool:
        """Whether the sign-in is in the system's keyring."""
        return find_json(self._read() or "") == _IN_KEYRING

    @contextmanager
    def writing(self, *, keyring: bool) -> Iterator[Callable[[SignIn], None]]:
        """Make ready to write, and give what writes the sign-in; call it under the lock.

        What keeps a file from being written shows before anything is asked of Xero: a
        token that was replaced and cannot be kept would be lost.
        """
        try:
            self._make_folder()
            descriptor, name = tempfile.mkstemp(dir=self.path.parent, prefix=".sign-in-")
        except OSError as error:
            raise self._unwritable(error) from error
        temporary = Path(name)

        def write(sign_in: SignIn) -> None:
            left_behind = not keyring and self._noted()
            text = to_text(sign_in)
            if keyring:
                keyring_vault.save(self._key, text)
                text = json.dumps(_IN_KEYRING)
            trouble = _write(descriptor, text) or _replace(temporary, self.path)
            if trouble:
                raise self._unwritable(trouble)
            if left_behind:
                with suppress(SignInError):
                    keyring_vault.delete(self._key)

        try:
            yield write
        finally:
            os.close(descriptor)
            temporary.unlink(missing_ok=True)

    def delete(self) -> None:
        """Forget the sign-in, in whatever state its file is."""
        if self._noted():
            with suppress(SignInError):
                keyring_vault.delete(self._key)
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise self._unwritable(error) from error

    @contextmanager
    def locked(self, clock: Clock) -> Iterator[None]:
        """Hold the sign-in against all other processes and threads.

        Raises `SignInError` when another holds it for minutes, `Interrupted` when asked
        to stop.
        """
        from filelock import FileLock, Timeout  # noqa: PLC0415 (only where there is a sign-in)

        try:
            self._make_folder()
            lock = FileLock(self.path.with_suffix(".lock"), mode=0o600)
            for _ in range(_LOCK_TURNS):
                clock.check()
                with suppress(Timeout):
                    lock.acquire(timeout=_LOCK_TURN, poll_interval=0.02)
                    break
            else:
                raise SignInError(
                    "Another xerosync has been refreshing this sign-in for minutes.",
                    "See which one hangs, end it, and run again.",
                )
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            yield
        finally:
            lock.release()

    def _noted(self) -> bool:
        """Tell whether the file says that the sign-in is in the keyring, whatever its state."""
        with suppress(SignInError):
            return find_json(self._read(exposed=True) or "") == _IN_KEYRING
        return False

    def _make_folder(self) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _read(self, *, exposed: bool = False) -> str | None:
        """Give the file's text; the file that was checked is the one that is read."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        except OSError as error:
            if not os.path.lexists(self.path):
                return None
            raise self._unreadable(error) from error
        with os.fdopen(descriptor, "rb") as file:
            if not exposed:
                self._check_private(os.fstat(descriptor))
            try:
                return file.read().decode("utf-8", "replace")
            except OSError as error:
                raise self._unreadable(error) from error

    def _check_private(self, found: os.stat_result) -> None:
        if os.name == "nt":
            return
        if stat.S_IMODE(found.st_mode) & 0o077:
            raise SignInError(
                f"Others on this machine can read the stored sign-in: {self.path}.",
                f"If nobody has: chmod 600 {shlex.quote(str(self.path))}. In doubt, end it with"
                " `xerosync auth logout` and sign in again.",
            )

    def _unreadable(self, error: OSError) -> SignInError:
        return SignInError(
            f"The stored sign-in {self.path} cannot be read ({error.strerror}).",
            f"Make it a file that you can read, or remove it. {_AGAIN}",
        )

    def _unwritable(self, error: OSError) -> SignInError:
        return SignInError(
            f"The sign-in cannot be kept in {self.path} ({error.strerror}).",
            "Make room, or make the folder one that you can write to, and run again.",
        )


def _write(descriptor: int, text: str) -> OSError | None:
    """Write a file's text durably; a failure is given back, so that no traceback holds it."""
    try:
        rest = memoryview(text.encode())
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    except OSError as error:
        return error
    return None


def _replace(temporary: Path, path: Path) -> OSError | None:
    try:
        temporary.replace(path)
        if os.name != "nt":
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
    except OSError as error:
        return error
    return None
