"""The system's keyring as a place for one text, with the extra `xerosync[keyring]`.

Only the keyrings of the systems themselves are used, chosen by name: other backends, as
those of `keyrings.alt`, may keep plain text without a word.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from xerosync.errors import SignInError

SERVICE = "xerosync"

_TRUSTED = frozenset(
    f"keyring.backends.{name}"
    for name in ("macOS", "Windows", "SecretService", "libsecret", "kwallet")
)
_FILE_INSTEAD = "Run `xerosync auth login` without --keyring to keep the sign-in in a file."


def check() -> None:
    """Let pass a machine whose keyring can be used. Raises `SignInError`."""
    _backend()


def save(key: str, text: str) -> None:
    """Keep a text. Raises `SignInError` when the keyring does not take it."""
    backend = _backend()
    if not _safely(lambda: backend.set_password(SERVICE, key, text)):
        raise SignInError("The system's keyring does not take the sign-in.", _FILE_INSTEAD)


def load(key: str) -> str:
    """Give the text that is kept, "" when there is none."""
    backend = _backend()
    found: list[str] = []
    if not _safely(lambda: found.append(backend.get_password(SERVICE, key) or "")):
        raise SignInError(
            "The system's keyring cannot be read.",
            "Unlock it and run again, or " + _FILE_INSTEAD[0].lower() + _FILE_INSTEAD[1:],
        )
    return found[0]


def delete(key: str) -> None:
    """Forget the text; it need not be there."""
    backend = _backend()
    _safely(lambda: backend.delete_password(SERVICE, key))


def _safely(act: Any) -> bool:  # noqa: ANN401 (any call at all)
    """Tell whether a call of the keyring went well; whatever it raises may quote the text."""
    try:
        act()
    except Exception:  # noqa: BLE001 (backends raise what they like)
        return False
    return True


def _backend() -> Any:  # noqa: ANN401 (keyring has no types)
    """Give the system's own keyring. Raises `SignInError` when there is none."""
    try:
        import keyring  # noqa: PLC0415 (an extra, for those who asked for it)
    except ImportError:
        keyring = None
    if keyring is None:
        raise SignInError(
            "The package keyring is not installed.",
            "Install xerosync[keyring]. " + _FILE_INSTEAD,
        )
    for backend in _chained(keyring.get_keyring()):
        if type(backend).__module__ in _TRUSTED:
            return backend
    raise SignInError(
        "This machine has no keyring of its own that could keep the sign-in.",
        "Others may keep it as plain text and are not used. " + _FILE_INSTEAD,
    )


def _chained(backend: Any) -> Iterator[Any]:  # noqa: ANN401 (keyring has no types)
    """Yield a backend, or those that it stands for, the best first."""
    if type(backend).__module__ == "keyring.backends.chainer":
        yield from backend.backends
    else:
        yield backend
