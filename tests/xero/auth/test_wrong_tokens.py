"""Answers of the token endpoint, claims and stored sign-ins with wrong types are refused."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from command_line import Xerosync
from hypothesis import given, settings
from hypothesis import strategies as st
from plan.saved.test_wrong_types import WRONG

from xero.auth.test_store import ONE, Login
from xero.scripted import Script, Time, reply
from xerosync.errors import SignInError, XerosyncError
from xerosync.secret import Secret
from xerosync.xero.addresses import Addresses
from xerosync.xero.auth.claims import read_claims
from xerosync.xero.auth.sign_in import from_text, to_text
from xerosync.xero.auth.store import TokenStore
from xerosync.xero.auth.token_endpoint import LIFETIME, App, Grant, TokenEndpoint
from xerosync.xero.http.retry import Backoff

GRANT = {"access_token": "tok", "token_type": "Bearer", "expires_in": 1800, "scope": "a b"}
BUG = "This is a bug"

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["\ud800", "a\r\nb", "9999-12-31T23:59:59-14:00", 10**400, "9" * 5000]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)  # fmt: skip


def granted(body: str) -> Grant:
    endpoint = TokenEndpoint(Addresses(), Script(loop=reply(200, body)), Time().clock, Backoff())
    return endpoint.request(App("id", Secret("secret")), "grant_type=x", ())


@pytest.mark.parametrize(
    "seconds",
    [
        "1e400",
        "-5",
        "0",
        "NaN",
        "Infinity",
        "1" + "0" * 400,
        "true",
        '"x"',
        '"1800"',
        "null",
        "[1]",
    ],
)
def test_an_impossible_lifetime_is_replaced_by_the_usual_one(seconds: str) -> None:
    body = f'{{"access_token": "tok", "token_type": "Bearer", "expires_in": {seconds}}}'
    assert granted(body).lifetime == LIFETIME


def test_a_lifetime_of_years_is_replaced_by_the_usual_one() -> None:
    assert granted(json.dumps(GRANT | {"expires_in": 99_999_999_999})).lifetime == LIFETIME


@pytest.mark.parametrize("name", ["access_token", "refresh_token"])
@pytest.mark.parametrize("value", [{"a": 1}, ["a"], 5, True, "a\r\nb", "\ud800", "é", "a b"])
def test_a_token_that_no_call_can_carry_is_refused(name: str, value: object) -> None:
    with pytest.raises(SignInError, match="did not return a token") as caught:
        granted(json.dumps(GRANT | {name: value}))
    assert "XEROSYNC_IDENTITY_URL" in caught.value.hint


@settings(max_examples=150)
@given(st.dictionaries(st.sampled_from([*GRANT, "refresh_token", "error", "expires_at"]), anything))
def test_any_answer_is_read_or_refused(changed: dict[str, object]) -> None:
    with suppress(XerosyncError):
        found = granted(json.dumps(GRANT | changed))
        assert found.access_token.reveal().isascii()
        assert 0 < found.lifetime <= 86_400


@settings(max_examples=150)
@given(st.dictionaries(st.sampled_from(["scope", "exp", "xero_tenant_id"]), anything))
def test_any_claims_are_read(claims: dict[str, object]) -> None:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    found = read_claims(f"x.{payload}.y")
    assert found.ends is None or found.ends.astimezone()
    assert all(isinstance(scope, str) for scope in found.scopes)


@settings(max_examples=200)
@given(st.sampled_from(list(json.loads(to_text(ONE)))), anything)
def test_any_stored_sign_in_is_read_or_reported_as_damaged(key: str, value: object) -> None:
    found = from_text(json.dumps(json.loads(to_text(ONE)) | {key: value}))
    if found:
        assert found.lapses.astimezone()
        assert found.ends.astimezone(UTC)
        for text in (found.client_id, found.tenant_id, *found.scopes):
            assert text.encode().isascii()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("scopes", "abc"), ("scopes", [1]), ("web_app", "yes"), ("tenant_id", ["x"]),
        ("tenant_name", 7), ("access_token", "a\r\nb"), ("client_id", "\ud800"),
        ("ends", "9999-12-31T23:59:59-14:00"), ("used", "9999-12-31T00:00:00+00:00"),
    ],
)  # fmt: skip
def test_a_stored_value_of_a_wrong_type_counts_as_damage(key: str, value: object) -> None:
    assert from_text(json.dumps(json.loads(to_text(ONE)) | {key: value})) is None


def test_a_damaged_sign_in_is_never_reported_as_a_bug(
    books: object, login: Login, xerosync: Xerosync, no_sign_in_of_ours: Path
) -> None:
    assert login().code == 0
    path = no_sign_in_of_ours / "sign-in.json"
    stored: dict[str, Any] = json.loads(path.read_text())
    for key in stored:
        for value in WRONG:
            path.write_text(json.dumps(stored | {key: value}))
            said = xerosync("auth", "status")
            assert BUG not in said.err, (key, value)
            assert said.code in {0, 4}, (key, value)


def test_the_store_says_that_its_file_is_damaged(tmp_path: Path) -> None:
    store = TokenStore(folder=tmp_path)
    store.path.write_text(json.dumps(json.loads(to_text(ONE)) | {"used": "9999-12-31"}))
    store.path.chmod(0o600)
    with pytest.raises(SignInError, match="is damaged"):
        store.load()


@settings(max_examples=100)
@given(anything)
def test_whatever_scopes_are_granted_the_sign_in_can_be_stored(scope: object) -> None:
    with suppress(SignInError):
        found = granted(json.dumps(GRANT | {"scope": scope, "refresh_token": "r"}))
        assert from_text(to_text(ONE.renewed(found, ONE.used)))


def test_an_invalid_scope_is_left_out() -> None:
    assert granted(json.dumps(GRANT | {"scope": ["a", "", "\ud800", "b c"]})).scopes == ("a",)
