"""Secret strings, such as tokens, and the mask that hides them in answers to calls."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Iterable
from html import escape, unescape
from threading import Lock
from typing import NoReturn, Self
from urllib.parse import quote, quote_plus

_MASK = "***"
_LONG = 8
"""In successful answers, a secret shorter than this is masked only where it is a whole word."""
_SHORT = 4
"""In successful answers, a secret shorter than this is not masked: any word may equal it."""
_SECRET_LIKE = re.compile(
    r"""(\b(?:bearer|basic)\s+|(?:_token|_secret|code_verifier)["']?\s*[:=]\s*["']?)[^"'&\s,}<]+""",
    re.IGNORECASE,
)
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_NEVER = re.compile(r"(?!)")


def is_credential(value: object) -> bool:
    """Whether a value can be a credential or id: ASCII, printable, without spaces, not empty."""
    text = isinstance(value, str) and value != "" and value.isascii() and value.isprintable()
    return text and " " not in str(value)


class Secret:
    """A secret string: printing, formatting and logging show `***`.

    `reveal()` returns the text. Pickling raises `TypeError`: a pickle would contain the text.
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
        one, two = (each.reveal().encode("utf-8", "surrogatepass") for each in (self, other))
        return hmac.compare_digest(one, two)

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("A secret cannot be pickled.")


class SecretMask:
    """Masks the secrets of a run in answers to calls. Safe to use from several threads.

    A secret is found as plain text, in the encodings of URLs, forms and HTML, and with JSON's
    escapes. If a text with an escaped secret is not valid JSON, the whole text is masked.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._spellings: tuple[str, ...] = ()
        self._good = _NEVER
        self._error = _NEVER

    def __repr__(self) -> str:
        return f"SecretMask('{_MASK}')"

    def add(self, *secrets: Secret | str | None) -> None:
        """Mask these texts from now on."""
        texts = (one.reveal() if isinstance(one, Secret) else one for one in secrets)
        found: set[str] = set()
        for text in filter(None, texts):
            in_url = quote(text, safe="", errors="surrogatepass")
            found |= {text, in_url, quote_plus(text, errors="surrogatepass"), escape(text)}
        with self._lock:
            if not found <= set(self._spellings):
                every = found | set(self._spellings)
                self._spellings = tuple(sorted(every, key=lambda one: (-len(one), one)))
                self._error = _any_of(map(re.escape, self._spellings))
                self._good = _any_of(_in_data(one) for one in self._spellings if len(one) >= _SHORT)

    def mask(self, text: str) -> str:
        """Mask the secrets in a successful answer. For short secrets, see `_LONG` and `_SHORT`."""
        masked = self._good.sub(_MASK, text)
        if "\\" not in masked:
            return masked
        try:
            return _in_json(masked, self._good)
        except ValueError:
            return _MASK if self._good.search(_unescaped(masked)) else masked
        except RecursionError:
            return _MASK

    def mask_error(self, text: str) -> str:
        """Mask the secrets in an error, even short ones, and what follows a word like `bearer`.

        If a secret remains, written with JSON escapes or with HTML or XML character references,
        the whole error is masked.
        """
        masked = self._error.sub(_MASK, self.mask(text))
        if any(self._error.search(plain) for plain in (unescape(masked), _unescaped(masked))):
            return _MASK
        return _SECRET_LIKE.sub(rf"\1{_MASK}", masked)


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(patterns) or _NEVER.pattern)


def _in_data(secret: str) -> str:
    """Return a pattern that finds a secret. A short secret must be a whole word (see `_LONG`)."""
    pattern = re.escape(secret)
    return pattern if len(secret) >= _LONG else rf"(?<!\w){pattern}(?!\w)"


def _unescaped(text: str) -> str:
    r"""Return a text with JSON's escapes `\uXXXX`, `\"`, `\\` and `\/` replaced."""
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return re.sub(r'\\(["\\/])', r"\1", plain)


def _in_json(text: str, secrets: re.Pattern[str]) -> str:
    """Mask secrets that JSON spells with escapes. If there are none, return the text unchanged."""
    found = False

    def mask(value: object) -> object:
        nonlocal found
        match value:
            case str():
                masked = secrets.sub(_MASK, value)
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
