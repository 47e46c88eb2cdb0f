"""`xerosync sandbox` as its own process, with faults, for trying out the sign-in."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
import requests
from command_line import Xerosync
from xero.auth.conftest import Command


@pytest.mark.skipif(os.name == "nt", reason="Signals end it.")
def test_the_command_simulates_the_requested_faults(project: Path) -> None:
    command = Command(
        "sandbox", "--port", "0", "--fault", "GET /connections#2=503", "--latency", "0.01"
    )
    try:
        url = command.until(r"A local Xero \(NZ\) at (\S+),")
        statuses = [requests.get(f"{url}/connections", timeout=5).status_code for _ in range(3)]
    finally:
        command.process.send_signal(signal.SIGINT)
    assert statuses == [401, 503, 401]
    assert command.end() == 0


@pytest.mark.skipif(os.name == "nt", reason="Signals end it.")
def test_the_command_ticks_the_requested_scopes(project: Path) -> None:
    command = Command("sandbox", "--port", "0", "--scopes", "accounting.settings files.read")
    try:
        url = command.until(r"A local Xero \(NZ\) at (\S+),")
        form = {"grant_type": "client_credentials"}
        granted = requests.post(
            f"{url}/connect/token", data=form, auth=("sandbox", "sandbox"), timeout=5
        ).json()
    finally:
        command.process.send_signal(signal.SIGINT)
    assert granted["scope"] == "accounting.settings files.read"
    assert command.end() == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--fault", "PUT /Accounts=explode"], "is not a fault: explode is not a kind"),
        (["--fault", "GET /Accounts=twice"], "twice is only for /connections"),
        (["--fault-rate", "2"], "is not a fault rate"),
        (["--latency", "nan"], "is not a latency"),
        (["--scopes", "accounting.setings"], "cannot have the scope 'accounting.setings'"),
    ],
)
def test_an_unknown_option_is_reported(
    project: Path, xerosync: Xerosync, arguments: list[str], says: str
) -> None:
    said = xerosync("sandbox", *arguments)
    assert said.code == 64
    assert says in said.err
