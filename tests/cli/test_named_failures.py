"""A failure of Xero names the file and the organisation that it was for."""

from __future__ import annotations

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from command_line import Xerosync
from network.scripted_server import Server, respond
from xero.auth.conftest import point_at

from xerosync.cli.session import open_session
from xerosync.xero.clock import Clock

CONNECTED = (
    b'[{"tenantId": "t-1", "tenantName": "Acme", "tenantType": "ORGANISATION"},'
    b' {"tenantId": "t-2", "tenantName": "Beta", "tenantType": "ORGANISATION"}]'
)
COMMANDS = (["plan"], ["apply", "--yes"], ["drift"], ["pull", "--file"])
LASTING = {
    403: "This sign-in has no access to the organisation",
    500: "Xero had an internal error (500)",
    503: "Xero is unavailable (503)",
    429: "Xero allows no more calls to this organisation",
}


def answering(status: int) -> Callable[[BaseHTTPRequestHandler], None]:
    """Return a server that lists two organisations and answers everything else with a status."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.path == "/connections":
            respond(200, CONNECTED)(handler)
        else:
            limit = {"Retry-After": "9999"} if status == 429 else {}
            respond(status, b"{}", limit)(handler)

    return answer


@pytest.fixture
def signed_in(xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch) -> Xerosync:
    monkeypatch.setenv("XERO_ACCESS_TOKEN", "a-token-of-this-run")
    monkeypatch.setattr("xerosync.cli.session.new_clock", lambda _: Clock(sleep=lambda _: None))
    return xerosync


@pytest.mark.parametrize("status", LASTING)
@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one[0])
@pytest.mark.parametrize(
    ("pin", "name"),
    [("name: Beta", "Beta"), ("tenant_id: 11111111-2222-4333-8444-555555555555", "11111111-2222")],
)
def test_a_lasting_failure_is_named(
    signed_in: Xerosync,
    monkeypatch: pytest.MonkeyPatch,
    command: list[str],
    status: int,
    pin: str,
    name: str,
) -> None:
    Path("books").mkdir()
    Path("books/beta.yaml").write_text(
        f'version: 1\norganisation: {{{pin}}}\naccounts: [{{code: "200", name: Sales}}]\n'
    )
    with Server(answering(status)) as server:
        point_at(server.url, monkeypatch)
        said = signed_in(*command, "books/beta.yaml")
    assert said.code in {1, 4}
    error = next(line for line in said.err.splitlines() if line.startswith("Error: "))
    assert error.startswith("Error: books/beta.yaml")
    assert error.count(name) == 1, "the organisation is named, and only once"
    assert LASTING[status] in error


def test_an_organisation_that_is_not_connected_is_named_with_its_file(
    signed_in: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("gamma.yaml").write_text(
        'version: 1\norganisation: {name: Gamma}\naccounts: [{code: "200", name: Sales}]\n'
    )
    with Server(answering(500)) as server:
        point_at(server.url, monkeypatch)
        said = signed_in("plan", "gamma.yaml")
    assert said.code == 4
    assert "Error: gamma.yaml: Gamma is not among" in said.err.partition("\n  ")[0]


def test_of_two_files_each_that_failed_is_named(
    signed_in: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("acme", "beta"):
        Path(f"{name}.yaml").write_text(
            f"version: 1\norganisation: {{name: {name.title()}}}\n"
            'accounts: [{code: "200", name: Sales}]\n'
        )
    with Server(answering(403)) as server:
        point_at(server.url, monkeypatch)
        said = signed_in("apply", "--yes", "acme.yaml", "beta.yaml")
    assert said.code == 4
    assert said.err.startswith("Error: 2 of 2 organisations failed.")
    assert "acme.yaml (Acme): This sign-in has no access" in said.err
    assert "beta.yaml (Beta): This sign-in has no access" in said.err


def test_a_missing_sign_in_is_reported_without_a_file_name(xerosync: Xerosync) -> None:
    Path("gamma.yaml").write_text(
        'version: 1\norganisation: {name: Gamma}\naccounts: [{code: "200", name: Sales}]\n'
    )
    assert xerosync("plan", "gamma.yaml").err.startswith("Error: Nobody is signed in")


def test_a_read_that_an_error_made_useless_does_not_wait_for_xero(project: Path) -> None:
    """It would print that it waits, below the error, and keep the process running."""
    with open_session(sandbox=False, no_color=True, debug=False) as session:
        assert not session.stop.is_set()
    assert session.stop.is_set()
