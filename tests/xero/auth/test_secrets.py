"""Mark all secrets, run every command with every fault, and search all output for the mark."""

from __future__ import annotations

import json
import logging
import secrets
import shlex
import shutil
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import Said, Xerosync

from xero.auth.conftest import Browser, consent, deny, free_port, point_at
from xerosync.cli.app import app
from xerosync.errors import XerosyncError
from xerosync.sandbox import Sandbox
from xerosync.xero.auth.store import TokenStore
from xerosync.xero.clock import Clock

Login = Callable[..., Said]
MARK = "mArKeD"
KINDS = [
    "401", "401-scope", "403", "429-day", "500-after", "503-html", "drop-after", "truncate",
    "expire-token",
]  # fmt: skip
CALLS = [
    "POST /connect/token", "GET /connections", "GET /Accounts", "PUT /Accounts", "POST /Accounts",
    "POST /connect/revocation",
]  # fmt: skip
FLOWS = {
    "pkce": KINDS,
    "web-app": ["401", "500-after", "truncate"],
    "custom": ["401", "truncate"],
    "command": ["401", "truncate", "expire-token"],
}
WITHOUT_A_PERSON = {"custom", "command"}
PRINTS_A_TOKEN = f"""
import json, sys, urllib.request
print("{MARK} in a vault's warning", file=sys.stderr)
body = b"grant_type=client_credentials&client_id=sandbox&client_secret={MARK}-secret"
try:
    with urllib.request.urlopen(sys.argv[1] + "/connect/token", body) as answer:
        print(json.load(answer)["access_token"])
except Exception as error:
    sys.exit(f"{MARK} {{error}}")
"""
COMMANDS = [
    ["plan", "--debug", "--out", "plan.json"],
    ["apply", "--yes", "--debug", "--format", "json"],
    ["plan", "--debug", "--format", "json"],
    ["auth", "status", "--debug"],
    ["auth", "status", "--format", "json", "--debug"],
    ["auth", "logout", "--debug"],
]


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Mark every token, code and secret of the sandbox; yield the marks and PKCE verifiers."""
    real = secrets.token_urlsafe
    monkeypatch.setattr(
        "xerosync.sandbox.identity.tokens.secrets.token_urlsafe", lambda n: f"{MARK}-{real(n)}"
    )
    monkeypatch.setattr("xerosync.sandbox.identity.oauth.SECRET", f"{MARK}-secret")
    monkeypatch.setattr("xerosync.cli.session.new_clock", lambda _: Clock(sleep=lambda _: None))
    planted: list[str] = [MARK]
    redeem = "xerosync.sandbox.identity.tokens.Tokens.redeem_code"
    before: Any = __import__(
        "xerosync.sandbox.identity.tokens", fromlist=["Tokens"]
    ).Tokens.redeem_code

    def listen(self: object, code: str, uri: str, verifier: str, *, with_secret: bool) -> object:
        if verifier:
            planted.append(verifier)
        return before(self, code, uri, verifier, with_secret=with_secret)

    monkeypatch.setattr(redeem, listen)
    yield planted
    assert len(planted) > 1 or planted == [MARK]


def written(project: Path) -> str:
    """Return the text of all files except the stored sign-in."""
    files = [path for path in project.rglob("*") if path.is_file()]
    return "\n".join(path.read_bytes().decode("utf-8", "replace") for path in files)


def everything_of(error: BaseException) -> str:
    """Return all that an exception shows or holds, through its whole chain."""
    shown: list[str] = []
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        shown += [str(one), repr(one), repr(one.args), repr(vars(one))]
        shown.append("".join(traceback.format_exception(one)))
        waiting += [one.__cause__, one.__context__]
    return "\n".join(shown)


@pytest.mark.parametrize("flow", FLOWS)
def test_no_output_contains_a_secret(
    project: Path,
    login: Login,
    xerosync: Xerosync,
    browser: Browser,
    marked: list[str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    no_sign_in_of_ours: Path,
    flow: str,
) -> None:
    """Each fault at each call, with --debug and the debug logs of all libraries."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("XERO_CLIENT_ID", "sandbox")
    if flow not in {"pkce", "command"}:
        monkeypatch.setenv("XERO_CLIENT_SECRET", f"{MARK}-secret")
    said: list[str] = []
    codes = set[int]()
    for call in CALLS:
        for kind in FLOWS[flow]:
            if kind == "expire-token" and "connect" in call:
                continue
            first = 2 if call.endswith("token") and flow not in WITHOUT_A_PERSON else 1
            with Sandbox(faults=[f"{call}#{first}={kind}"]) as books:
                point_at(books.url, monkeypatch)
                if flow == "command":
                    program = shlex.join([sys.executable, "-IS", "-c", PRINTS_A_TOKEN, books.url])
                    monkeypatch.setenv("XERO_TOKEN_COMMAND", program)
                if flow not in WITHOUT_A_PERSON:
                    one = login("--debug", *(["--web-app"] if flow == "web-app" else []))
                    said += [one.out, one.err, browser.wait()]
                    books.store.database.execute("UPDATE access_tokens SET expires = 0", [])
                for command in COMMANDS:
                    one = xerosync(*command)
                    codes.add(one.code)
                    said += [one.out, one.err]
                TokenStore("", no_sign_in_of_ours).delete()
                said.append(written(project))
                shutil.rmtree(".xerosync", ignore_errors=True)  # every plan would read all journals
    assert codes >= {0, 4}
    shown = "\n".join([*said, caplog.text])
    assert ("/Accounts" if flow == "command" else "/connect/token") in shown
    for secret in marked:
        assert secret not in shown


def test_no_exception_of_a_login_contains_a_secret(
    project: Path,
    browser: Browser,
    marked: list[str],
    monkeypatch: pytest.MonkeyPatch,
    no_sign_in_of_ours: Path,
) -> None:
    """Wrong states, used codes, broken answers and a full disk."""
    monkeypatch.setenv("XERO_CLIENT_ID", "sandbox")
    people: list[Callable[[str], str]] = [
        consent,
        lambda address: consent(address, state=f"{MARK}-state") + deny(address),
        lambda address: consent(address, code=f"{MARK}-code"),
    ]
    shown: list[str] = []
    for kind in ["", *KINDS]:
        faults = [f"* /con*#1={kind}"] if kind and "minute" not in kind else []
        for person in people:
            browser.person = person
            with Sandbox(faults=faults) as books:
                point_at(books.url, monkeypatch)
                try:
                    app(["auth", "login", "--port", str(free_port())], standalone_mode=False)
                except XerosyncError as error:
                    shown.append(everything_of(error))
                browser.wait()

    def no_space(_: int) -> None:
        raise OSError(28, "No space")

    with monkeypatch.context() as full, Sandbox() as books:
        point_at(books.url, monkeypatch)
        browser.person = consent
        full.setattr("os.fsync", no_space)
        with pytest.raises(XerosyncError) as caught:
            app(["auth", "login", "--port", str(free_port())], standalone_mode=False)
        shown.append(everything_of(caught.value))
    assert len(shown) > 20
    for secret in marked:
        assert secret not in "\n".join(shown)


def test_the_error_for_a_damaged_store_contains_no_secret(
    project: Path, xerosync: Xerosync, no_sign_in_of_ours: Path
) -> None:
    no_sign_in_of_ours.mkdir()
    path = no_sign_in_of_ours / "sign-in.json"
    for text in (
        f'{{"version": 1, "access_token": "{MARK}", "refresh_token": 3}}',
        f'{{"version": 1, "access_token": "{MARK}',
        json.dumps(
            {"version": 1, "client_id": "a", "identity": "b", "web_app": False, "scopes": []}
            | dict.fromkeys(("access_token", "refresh_token", "ends", "used"), MARK)
        ),
    ):
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        said = xerosync("plan", "--debug")
        assert said.code == 4
        assert MARK not in said.out + said.err
        with pytest.raises(XerosyncError) as caught:
            TokenStore("", no_sign_in_of_ours).load()
        assert MARK not in everything_of(caught.value)


@pytest.mark.parametrize(
    "name", ["XERO_ACCESS_TOKEN", "XERO_TOKEN_COMMAND", "XERO_CLIENT_SECRET", "XERO_CLIENT_ID"]
)
@pytest.mark.parametrize("value", [f"{MARK}", f"Bearer {MARK}", f"{MARK}\n{MARK}", f'"{MARK}é"'])
def test_errors_about_the_environment_contain_no_secret(
    books: Sandbox, project: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """A token pasted with `Bearer`, a line break or quotes is refused and not shown."""
    monkeypatch.setenv("XERO_CLIENT_SECRET", "sandbox")
    monkeypatch.setenv(name, value)
    done = subprocess.run(
        [sys.executable, "-m", "xerosync", "plan", "--debug"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {4, 64}
    if name != "XERO_CLIENT_ID":
        assert MARK not in done.stdout + done.stderr
