"""`auth login`, `auth status` and `auth logout`: what works, and what fails."""

from __future__ import annotations

import errno
import json
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from command_line import Said, Xerosync

from xero.auth.conftest import Browser, consent, deny, free_port, point_at
from xerosync.errors import SignInError
from xerosync.sandbox import Sandbox
from xerosync.xero.auth.authorization_code import CodeFlow
from xerosync.xero.auth.callback_server import callback_server
from xerosync.xero.auth.tenants import Connection
from xerosync.xero.auth.token_endpoint import App
from xerosync.xero.clock import Clock

Login = Callable[..., Said]


def stored(folder: Path, name: str = "sign-in") -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / f"{name}.json").read_text("utf-8"))
    return found


def test_login_plan_apply_status_logout(
    books: Sandbox,
    login: Login,
    xerosync: Xerosync,
    browser: Browser,
    no_sign_in_of_ours: Path,
) -> None:
    """The whole life of a sign-in."""
    said = login()
    assert said.code == 0, said.err
    assert "Signed in to Demo Company (NZ) for the default profile." in said.err
    assert browser.opened[0] in said.err
    assert "<h1>Signed in</h1>" in browser.wait()
    path = no_sign_in_of_ours / "sign-in.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700

    assert xerosync("plan").code == 0
    assert xerosync("apply", "--yes").code == 0

    said = xerosync("auth", "status")
    assert said.code == 0
    assert "Demo Company (NZ)" in said.out
    assert "calls left today" in said.out
    assert "offline_access accounting.settings\n" in said.out
    reported = json.loads(xerosync("auth", "status", "--format", "json").out)
    assert reported["organisations"][0]["tenant_id"] == books.tenant_id
    assert reported["organisations"][0]["calls_left_today"] > 0
    assert reported["access_token_ends"] < reported["sign_in_lapses"]
    assert reported["kept_in"] == str(path)

    said = xerosync("auth", "logout")
    assert said.code == 0
    assert "has ended at Xero" in said.err
    assert not path.exists()
    assert xerosync("auth", "status").code == 4
    assert xerosync("plan").code == 4
    assert xerosync("auth", "logout").code == 0


def test_the_consent_address_has_the_parameters_that_xero_documents(
    books: Sandbox, login: Login, browser: Browser
) -> None:
    assert login().code == 0
    asked = {k: v[0] for k, v in parse_qs(urlsplit(browser.opened[0]).query).items()}
    assert asked["scope"] == "offline_access accounting.settings"
    assert asked["response_type"] == "code"
    assert asked["client_id"] == "sandbox"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert len(asked["state"]) == 43
    assert asked["redirect_uri"].startswith("http://localhost:")
    assert asked["redirect_uri"].endswith("/callback")


def test_a_read_only_sign_in_plans_but_cannot_apply(
    books: Sandbox, login: Login, xerosync: Xerosync
) -> None:
    assert login("--read-only").code == 0
    assert xerosync("plan").code == 0
    books.clear_log()
    said = xerosync("apply", "--yes")
    assert said.code == 4
    assert "Your sign-in is read-only" in said.err
    assert books.requests == ()


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ((), "You are signed in. You can close"),
        (("",), "You are signed in. You can close"),
        (("Acme Inc.",), "You are signed in to Acme Inc. You can close"),
        (("A", "", "B", "C", "D", "E"), "You are signed in to A, B, C and 2 more. You can close"),
    ],
)
def test_the_page_in_the_browser_names_a_few_organisations(
    books: Sandbox, login: Login, browser: Browser, monkeypatch: pytest.MonkeyPatch,
    names: tuple[str, ...], said: str,
) -> None:  # fmt: skip
    found = tuple(Connection(f"id-{number}", name) for number, name in enumerate(names))
    monkeypatch.setattr("xerosync.xero.auth.login.list_tenants", lambda *_: found)
    login()
    assert said in browser.wait()


def test_denied_access_is_reported(books: Sandbox, login: Login, browser: Browser) -> None:
    """Only the terminal names the command that helps: it knows the profile."""
    browser.person = deny
    said = login("--profile", "acme-uk")
    assert said.code == 4
    assert "Access was denied in the browser." in said.err
    assert "`xerosync auth login --profile acme-uk`" in said.err
    page = browser.wait()
    assert "<h1>Not signed in</h1>" in page
    assert "denied in the browser. See the terminal in which xerosync runs." in page
    assert "auth login" not in page


def test_a_callback_with_a_wrong_state_is_ignored(
    books: Sandbox, login: Login, browser: Browser, no_sign_in_of_ours: Path
) -> None:
    """A foreign code is not sent to Xero, and the sign-in continues."""
    pages = []

    def person(address: str) -> str:
        pages.append(consent(address, state="another"))
        pages.append(consent(address, state=""))
        assert not [asked for asked in books.requests if asked.path == "/connect/token"]
        assert not (no_sign_in_of_ours / "sign-in.json").exists()
        return consent(address)

    browser.person = person
    assert login().code == 0
    assert all("<h1>Not this sign-in</h1>" in page for page in pages)
    assert "<h1>Signed in</h1>" in browser.wait()


def test_a_code_of_another_sign_in_is_refused() -> None:
    """The callback server ignores it; this is a second check."""
    flow = CodeFlow.begin(App("an-app"), "http://localhost:8742/callback", ())
    with pytest.raises(SignInError, match="a different sign-in"):
        flow.code("code=a-code&state=another")


def test_a_used_code_is_refused(books: Sandbox, login: Login, browser: Browser) -> None:
    browser.person = lambda address: consent(address, code="used")
    said = login()
    assert said.code == 4
    assert "did not accept the code" in said.err


def test_a_lost_answer_of_the_token_endpoint_requires_a_new_login(
    project: Path, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A code can be used only once."""
    with Sandbox(faults=["POST /connect/token#1=drop-after"]) as books:
        point_at(books.url, monkeypatch)
        monkeypatch.setenv("XERO_CLIENT_ID", "sandbox")
        said = login()
        assert said.code == 4
        assert "did not accept the code" in said.err
        assert login().code == 0


def test_login_gives_up_after_the_timeout(books: Sandbox, login: Login, browser: Browser) -> None:
    browser.person = lambda _: ""
    said = login("--timeout", "1")
    assert said.code == 4
    assert "Nobody signed in within 1 second." in said.err


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_port_in_use_is_reported(
    books: Sandbox, xerosync: Xerosync, browser: Browser, host: str
) -> None:
    """Another program may use either address of localhost."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        other = socket.create_server((host, 0), family=family)
    except OSError:
        pytest.skip(f"This machine has no {host}.")
    with other:
        port = other.getsockname()[1]
        said = xerosync("auth", "login", "--port", str(port))
    assert said.code == 4
    assert f"Port {port} cannot be used (Address already in use)" in said.err
    assert "--port" in said.err
    assert browser.opened == []


def test_a_port_that_this_user_may_not_use_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message does not say that the port is in use."""

    def refuse(_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("http.server.ThreadingHTTPServer.server_bind", refuse)
    with (
        pytest.raises(SignInError, match=r"Port 443 cannot be used \(Permission denied\)"),
        callback_server(443),
    ):
        pass


def test_the_callback_server_listens_on_loopback_only() -> None:
    port = free_port()
    with callback_server(port), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        outside = probe.getsockname()[0]
        if not outside.startswith("127."):
            with pytest.raises(OSError, match="refused"), socket.socket() as caller:
                caller.connect((outside, port))


def test_other_requests_are_ignored() -> None:
    """The sign-in continues after a favicon, a scan, or a callback without an answer."""
    with callback_server(free_port()) as server:
        for path in ("/", "/favicon.ico", "/callback", "/callback?x=1", "/callback/?code=1"):
            url = f"http://127.0.0.1:{server.port}{path}"
            assert requests.get(url, timeout=5).status_code == 404
        with pytest.raises(Exception, match="Nobody signed in"):
            server.wait(0.1, Clock())


@pytest.mark.parametrize("name", ["Demo Company (NZ)", "demo company (nz)"])
def test_the_organisation_is_chosen_by_name(
    books: Sandbox, login: Login, no_sign_in_of_ours: Path, name: str
) -> None:
    assert login("--organisation", name).code == 0
    assert stored(no_sign_in_of_ours)["tenant_id"] == books.tenant_id


def test_an_unknown_organisation_stores_nothing(
    books: Sandbox, login: Login, browser: Browser, no_sign_in_of_ours: Path
) -> None:
    said = login("--organisation", "Acme")
    assert said.code == 4
    assert "Acme is not among the organisations of this sign-in: Demo Company (NZ)" in said.err
    assert "<h1>Not signed in</h1>" in browser.wait()
    assert not (no_sign_in_of_ours / "sign-in.json").exists()


def test_only_the_pinned_tenant_is_named_if_it_is_not_connected(
    books: Sandbox, login: Login, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert login().code == 0
    elsewhere = "00000000-0000-4000-8000-000000000001"
    monkeypatch.setenv("XERO_TENANT_ID", elsewhere)
    for command in (("auth", "status"), ("plan",)):
        said = xerosync(*command)
        assert said.code == 4
        first, hint = said.err.splitlines()
        assert elsewhere in first
        assert "xerosync auth status" in hint
        assert "Demo Company" not in said.err.replace("accounts.yaml (Demo Company (NZ))", "")


def test_profiles_are_separate(
    books: Sandbox,
    login: Login,
    xerosync: Xerosync,
    no_sign_in_of_ours: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert login("--profile", "acme-uk").code == 0
    assert (no_sign_in_of_ours / "sign-in-acme_uk.json").exists()
    assert xerosync("plan").code == 4
    assert xerosync("plan", "--profile", "acme-uk").code == 0
    monkeypatch.setenv("XERO_PROFILE", "acme-uk")
    assert xerosync("plan").code == 0
    assert "acme-uk" in xerosync("auth", "status").out
    assert xerosync("plan", "--profile", "acme-us").code == 4
    assert xerosync("auth", "logout").code == 0
    assert not (no_sign_in_of_ours / "sign-in-acme_uk.json").exists()


def test_a_web_app_signs_in_with_its_secret_and_refreshes_with_it(
    books: Sandbox,
    login: Login,
    xerosync: Xerosync,
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XERO_CLIENT_SECRET", "sandbox")
    assert login().code == 64
    assert login("--web-app").code == 0
    assert "code_challenge" not in browser.opened[-1]
    token = books.store.database.row("SELECT token FROM access_tokens", [])
    assert token
    books.tokens.expire(token["token"])
    assert xerosync("plan").code == 0
    assert "sign-in of a person" in xerosync("auth", "status").out
    monkeypatch.delenv("XERO_CLIENT_ID")
    assert xerosync("plan").code == 0
    monkeypatch.delenv("XERO_CLIENT_SECRET")
    books.store.database.execute("UPDATE access_tokens SET expires = 0", [])
    said = xerosync("plan")
    assert said.code == 4
    assert "XERO_CLIENT_SECRET is not set" in said.err


def test_a_web_app_needs_its_secret(books: Sandbox, login: Login) -> None:
    said = login("--web-app")
    assert said.code == 4
    assert "XERO_CLIENT_SECRET is not set" in said.err


def test_messages_name_the_variables_of_the_profile(
    books: Sandbox, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a profile, the variables without its name are not read."""
    monkeypatch.delenv("XERO_CLIENT_ID")
    missing = login("--profile", "acme-uk", "--port", "9009")
    assert "Error: XERO_CLIENT_ID_ACME_UK is not set." in missing.err
    assert "http://localhost:9009/callback" in missing.err
    assert "set XERO_CLIENT_ID_ACME_UK to its client id" in " ".join(missing.err.split())
    without_secret = login("--profile", "acme-uk", "--web-app")
    assert "XERO_CLIENT_SECRET_ACME_UK is not set" in without_secret.err
    monkeypatch.setenv("XERO_CLIENT_SECRET_ACME_UK", "sandbox")
    too_much = login("--profile", "acme-uk")
    assert "Error: XERO_CLIENT_SECRET_ACME_UK is set" in too_much.err


def test_a_missing_client_id_is_explained(
    books: Sandbox, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Later logins reuse the app of the first one."""
    monkeypatch.delenv("XERO_CLIENT_ID")
    said = login()
    assert said.code == 4
    assert "developer.xero.com" in said.err
    monkeypatch.setenv("XERO_CLIENT_ID", "sandbox")
    assert login().code == 0
    monkeypatch.delenv("XERO_CLIENT_ID")
    assert login().code == 0


def test_the_precedence_of_credentials(
    books: Sandbox, login: Login, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token, then id and secret, then the stored sign-in."""

    def method() -> str:
        said = xerosync("auth", "status", "--format", "json")
        return str(json.loads(said.out)["signed_in_by"])

    assert login().code == 0
    assert method() == "person"
    monkeypatch.setenv("XERO_CLIENT_SECRET", "sandbox")
    assert method() == "custom"
    monkeypatch.setenv("XERO_ACCESS_TOKEN", books.access_token())
    assert method() == "given"


def test_a_sign_in_is_never_sent_to_another_identity_service(
    books: Sandbox, login: Login, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert login().code == 0
    with Sandbox() as other:
        point_at(other.url, monkeypatch)
        for command in (["plan"], ["auth", "status"], ["auth", "logout"]):
            said = xerosync(*command)
            assert said.code == 4
            assert "tokens are only sent to the service that issued them" in said.err
        assert other.requests == ()


def test_a_client_id_of_another_app_is_refused(
    books: Sandbox, login: Login, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert login().code == 0
    monkeypatch.setenv("XERO_CLIENT_ID", "another")
    said = xerosync("plan")
    assert said.code == 4
    assert "is not that of the app that you signed in with" in said.err


def test_the_sandbox_flag_ignores_the_stored_sign_in(
    books: Sandbox, login: Login, xerosync: Xerosync
) -> None:
    assert login().code == 0
    books.clear_log()
    assert xerosync("plan", "--sandbox").code == 0
    assert books.requests == ()


@pytest.mark.parametrize("fault", ["503", "drop-before", "404"])
def test_a_failed_logout_keeps_the_sign_in(
    project: Path,
    login: Login,
    xerosync: Xerosync,
    monkeypatch: pytest.MonkeyPatch,
    no_sign_in_of_ours: Path,
    fault: str,
) -> None:
    """To forget it only on this machine, use --keep-at-xero."""
    monkeypatch.setattr("xerosync.cli.session.new_clock", lambda _: Clock(sleep=lambda _: None))
    with Sandbox(faults=[f"POST /connect/revocation={fault}"]) as books:
        point_at(books.url, monkeypatch)
        monkeypatch.setenv("XERO_CLIENT_ID", "sandbox")
        assert login().code == 0
        failed = xerosync("auth", "logout")
        assert failed.code == 4
        assert "it is still stored." in failed.err
        assert "`xerosync auth logout --keep-at-xero`" in failed.err
        assert "sign in to Xero" not in failed.err
        assert xerosync("plan").code == 0
        said = xerosync("auth", "logout", "--keep-at-xero")
        assert said.code == 0
        assert "Xero was not contacted" in said.err
        assert not (no_sign_in_of_ours / "sign-in.json").exists()


def test_a_logout_that_cannot_lock_the_sign_in_says_so(
    books: Sandbox, login: Login, xerosync: Xerosync, no_sign_in_of_ours: Path
) -> None:
    assert login().code == 0
    lock = no_sign_in_of_ours / "sign-in.lock"
    lock.unlink(missing_ok=True)
    lock.mkdir()
    said = xerosync("auth", "logout")
    assert said.code == 4
    assert "sign-in.json cannot be locked (Is a directory)" in said.err


def test_a_logout_without_a_sign_in_says_so(project: Path, xerosync: Xerosync) -> None:
    for options in ([], ["--keep-at-xero"]):
        said = xerosync("auth", "logout", *options)
        assert said.code == 0
        assert said.err == "Nobody was signed in for the default profile.\n"


@pytest.mark.parametrize("kind", ["GenericBrowser", "Elinks"])
def test_a_text_browser_is_not_opened(
    books: Sandbox, login: Login, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """It would take over the terminal, hide the address and block."""
    import webbrowser  # noqa: PLC0415

    text = getattr(webbrowser, kind)("/bin/true")
    monkeypatch.setattr("webbrowser.get", lambda *_: text)
    said = login("--timeout", "1")
    assert said.code == 4
    assert "open this address in a browser on this machine" in said.err
