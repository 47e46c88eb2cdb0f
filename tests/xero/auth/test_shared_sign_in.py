"""One sign-in for many organisations: one request, and one failure for all."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest

from xerosync.errors import Interrupted, SignInError, Unavailable, XerosyncError
from xerosync.xero.http.access_tokens import Once, SharedTokens


class Source:
    """Raises `failure`, or returns a token; counts how often it is asked."""

    def __init__(self, failure: XerosyncError | None) -> None:
        self.failure = failure
        self.asked = 0

    def access_token(self, ends: float = math.inf) -> str:
        self.asked += 1
        sleep(0.01)
        if self.failure:
            raise self.failure
        return "token"

    def renew(self, stale: str, ends: float = math.inf) -> str:
        return self.access_token()


def outcomes(call: object, count: int) -> list[object]:
    """Return what each of many threads got or what it raised."""

    def attempt(_: int) -> object:
        try:
            return call()  # type: ignore[operator]
        except XerosyncError as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(attempt, range(count)))


@pytest.mark.parametrize("failure", [SignInError("No.", "Sign in."), Unavailable("Down.")])
def test_every_thread_gets_the_error_of_one_failed_request(failure: XerosyncError) -> None:
    source = Source(failure)
    found = outcomes(SharedTokens(source).access_token, 20)
    assert source.asked == 1
    assert {(type(one), str(one), one.hint) for one in found} == {  # type: ignore[attr-defined]
        (type(failure), failure.message, failure.hint)
    }
    assert len({id(one) for one in found}) == 20, "each thread raises an error of its own"


def test_after_an_interruption_a_token_is_requested_again() -> None:
    source = Source(Interrupted("Stopped."))
    tokens = SharedTokens(source)
    for _ in range(2):
        with pytest.raises(Interrupted):
            tokens.access_token()
    assert source.asked == 2


def test_no_token_is_used_after_the_sign_in_was_given_up() -> None:
    source = Source(None)
    tokens = SharedTokens(source)
    assert tokens.access_token() == "token"
    tokens.give_up(SignInError("Xero rejected the access token."))
    with pytest.raises(SignInError, match="rejected"):
        tokens.access_token()
    with pytest.raises(SignInError, match="rejected"):
        tokens.renew("token")
    assert source.asked == 1


def test_a_shared_value_is_fetched_once() -> None:
    source = Source(None)
    assert outcomes(Once(source.access_token).get, 20) == ["token"] * 20
    assert source.asked == 1


def test_a_shared_value_that_fails_is_fetched_only_once() -> None:
    source = Source(SignInError("No."))
    assert len(outcomes(Once(source.access_token).get, 20)) == 20
    assert source.asked == 1
