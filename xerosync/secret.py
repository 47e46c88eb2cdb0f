"""A text that is never shown, such as a token, and the mask for answers that quote one."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import NoReturn, Self
from urllib.parse import quote, quote_plus

_MASK = "***"
_SHORTEST = 8
"""Shorter texts are not masked in good answers, where they may be part of a word."""
_SECRET_LIKE = re.compile(
    r"""(\b(?:bearer|basic)\s+|(?:_token|_secret|code_verifier)["']?\s*[:=]\s*["']?)[^"'&\s,}]+""",
    re.IGNORECASE,
)


def is_credential(value: object) -> bool:
    """Whether a value can be a credential or id: a text that an HTTP header can carry."""
    return isinstance(value, str) and value != "" and all("!" <= c <= "~" for c in value)


class Secret:
    """A secret text: printing, formatting and logging show `***`.

    `reveal()` returns the text. Pickling raises, since a pickle would contain the text.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself, for the call that sends it."""
        return self._text

    def __repr__(self) -> str:
        return f"Secret('{_MASK}')"

    def __str__(self) -> str:
        return _MASK

    def __format__(self, spec: str) -> str:
        return _MASK

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("A secret cannot be pickled.")


class SecretMask:
    """Masks every secret of a run that an answer quotes. Safe to use from several threads.

    A secret is found as it is, as it is written in a URL, a form or HTML, and inside JSON
    however its characters are escaped there.
    """

    def __init__(self) -> None:
        self._spellings: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"SecretMask('{_MASK}')"

    def add(self, *secrets: Secret | str | None) -> None:
        """Mask these texts from now on."""
        texts = (one.reveal() if isinstance(one, Secret) else one for one in secrets)
        found = {
            spelling
            for text in texts
            if text
            for spelling in (text, quote(text, safe=""), quote_plus(text), escape(text))
        }
        if not found <= set(self._spellings):
            every = found | set(self._spellings)
            self._spellings = tuple(sorted(every, key=lambda one: (-len(one), one)))

    def mask(self, text: str) -> str:
        """Mask the secrets in a good answer, and nothing else: its words are data."""
        long = [one for one in self._spellings if len(one) >= _SHORTEST]
        masked = _replace(text, long)
        if "\\" not in masked:
            return masked
        try:
            return _in_json(masked, long)
        except (ValueError, RecursionError):
            return masked

    def mask_error(self, text: str) -> str:
        """Mask the secrets in an error, however short, and all that looks like one."""
        return _SECRET_LIKE.sub(rf"\1{_MASK}", _replace(self.mask(text), self._spellings))


def _replace(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, _MASK)
    return text


def _in_json(text: str, secrets: Sequence[str]) -> str:
    """Mask secrets whose characters JSON escapes; return the text itself if there are none."""
    found = False

    def mask(value: object) -> object:
        nonlocal found
        match value:
            case str():
                masked = _replace(value, secrets)
                found = found or masked != value
                return masked
            case list():
                return [mask(one) for one in value]
            case dict():
                return {str(mask(key)): mask(one) for key, one in value.items()}
            case _:
                return value

    masked = mask(json.loads(text))
    return json.dumps(masked) if found else text
