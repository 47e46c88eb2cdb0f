"""Which texts of an answer are masked: every secret, and no other word."""

from __future__ import annotations

import re
from collections.abc import Iterable
from threading import Event, Thread

import pytest

from xerosync import secret
from xerosync.secret import Secret, SecretMask


def mask_of(*secrets: str) -> SecretMask:
    mask = SecretMask()
    mask.add(*map(Secret, secrets))
    return mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("hunt3r2", "***"),
        ("is hunt3r2.", "is ***."),
        ('{"Name": "hunt3r2"}', '{"Name": "***"}'),
        ('{"Name": "\\u0068unt3r2"}', '{"Name": "***"}'),
        ("hunt3r20 xhunt3r2 hunt3r2_ éhunt3r2", "hunt3r20 xhunt3r2 hunt3r2_ éhunt3r2"),
        ("HUNT3R2", "HUNT3R2"),
    ],
)
def test_a_short_secret_is_masked_only_as_a_word_of_a_good_answer(text: str, masked: str) -> None:
    assert mask_of("hunt3r2").mask(text) == masked


def test_a_long_secret_is_masked_inside_words_too() -> None:
    assert mask_of("long-secret").mask("xlong-secrets") == "x***s"


def test_a_very_short_secret_is_masked_only_in_an_error() -> None:
    assert mask_of("abc").mask("abc and Sons") == "abc and Sons"
    assert mask_of("abc").mask_error("abc and Sons") == "*** and Sons"


def test_a_secret_in_json_too_deep_to_search_hides_the_whole_text() -> None:
    deep = "[" * 5000 + '"\\u0068unt3r2"' + "]" * 5000
    assert mask_of("hunt3r2").mask(deep) == "***"


@pytest.mark.parametrize("quoted", ["a&amp;b-secret>", "&#x61;&amp;b-secret&gt;"])
def test_a_secret_in_an_unusual_spelling_hides_the_whole_error(quoted: str) -> None:
    assert "secret" not in mask_of("a&b-secret>").mask_error(f"<M>{quoted}</M>")


@pytest.mark.parametrize("text", [
    '{"e": "top\\/secret-value"} and more',
    '{"e": "top\\u002Fsecret-val',
    "no JSON: top\\u002fsecret-value",
])  # fmt: skip
def test_a_secret_that_is_escaped_in_broken_json_hides_the_whole_text(text: str) -> None:
    """An answer may be cut short, or have something around the JSON."""
    mask = mask_of("top/secret-value", "top/secret-val")
    assert (mask.mask(text), mask.mask_error(text)) == ("***", "***")


def test_an_escaped_short_secret_hides_the_whole_error() -> None:
    assert mask_of("a/b").mask_error('{"e": "a\\/b"}') == "***"


def test_secrets_that_two_threads_add_at_once_are_both_masked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The second thread begins while the first one makes its last pattern."""
    mask, make, begun = SecretMask(), secret._any_of, Event()
    made: list[re.Pattern[str]] = []

    def add_second() -> None:
        begun.set()
        mask.add("second-secret")

    second = Thread(target=add_second)

    def make_meanwhile(patterns: Iterable[str]) -> re.Pattern[str]:
        if len(made) == 1 and not begun.is_set():
            second.start()
            begun.wait()
            second.join(0.1)
        made.append(make(patterns))
        return made[-1]

    monkeypatch.setattr(secret, "_any_of", make_meanwhile)
    mask.add("first-secret")
    second.join()
    assert mask.mask("first-secret second-secret") == "*** ***"


def test_the_mask_of_a_secret_ends_before_the_closing_tag() -> None:
    assert mask_of().mask_error("<M>Bearer abc</M>") == "<M>Bearer ***</M>"
