"""Keep texts in the operating system's keyring, with the extra `[keyring]`.

Only the systems' own keyrings are used, chosen by name: other backends, such as those of
`keyrings.alt`, may silently keep plain text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xerosync.errors import SignInError
from xerosync.text import with_extra

SERVICE = "xerosync"

_TRUSTED = frozenset(
    f"keyring.backends.{name}"
    for name in ("macOS", "Windows", "SecretService", "libsecret", "kwallet")
)
_USE_FILE = (
    "set XERO_CLIENT_ID to your app's client id, and run `xerosync auth login` without --keyring to"
    " keep the sign-in in a file."
)


def check() -> None:
    """Raise `SignInError` if this machine has no usable keyring."""
    _backend()


def save(key: str, text: str) -> None:
    """Save a text. Raises `SignInError` if that is not possible."""
    backend = _backend()
    if not _succeeds(lambda: backend.set_password(SERVICE, key, text)):
        raise SignInError(
            "The system's keyring did not accept the sign-in.", f"Unlock it, or {_USE_FILE}"
        )


def load(key: str) -> str:
    """Return the saved text, "" if there is none. Raises `SignInError` if it cannot be read."""
    backend = _backend()
    found: list[str] = []
    if not _succeeds(lambda: found.append(backend.get_password(SERVICE, key) or "")):
        raise SignInError("The system's keyring could not be read.", f"Unlock it, or {_USE_FILE}")
    return found[0]


def delete(key: str) -> None:
    """Delete the text if possible. Raises `SignInError` if this machine has no usable keyring."""
    backend = _backend()
    _succeeds(lambda: backend.delete_password(SERVICE, key))


def _succeeds(act: Callable[[], object]) -> bool:
    """Call the keyring, and return whether the call succeeded.

    No exception is passed on, because it may quote the text that is kept.
    """
    try:
        act()
    except Exception:  # noqa: BLE001 (backends raise what they like)
        return False
    return True


def _backend() -> Any:  # noqa: ANN401 (keyring has no types)
    """Return the system's own keyring. Raises `SignInError` if there is none."""
    try:
        import keyring  # noqa: PLC0415 (an extra, for those who asked for it)
    except ImportError:
        keyring = None
    if keyring is None:
        raise SignInError(
            "The package keyring is not installed.", f"{with_extra('keyring')}, or {_USE_FILE}"
        )
    found = keyring.get_keyring()
    is_chainer = type(found).__module__ == "keyring.backends.chainer"
    for backend in found.backends if is_chainer else (found,):  # the best first
        if type(backend).__module__ in _TRUSTED:
            return backend
    raise SignInError(
        "This machine has no system keyring.",
        "Other keyrings may keep the sign-in as plain text, so they are not used. Instead,"
        f" {_USE_FILE}",
    )
