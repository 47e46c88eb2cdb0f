"""tap-xero, Singer's tap, against the sandbox, unchanged but for the address."""

from __future__ import annotations

import json
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from contract.installed import CLIENTS, environment, tap_xero
from xerosync.sandbox import Sandbox
from xerosync.sandbox.identity.tokens import AppType

STREAMS = (
    "accounts", "currencies", "organisations", "tax_rates", "tracking_categories", "users",
)  # fmt: skip


@pytest.fixture
def programs() -> Path:
    return tap_xero()


def tap(programs: Path, sandbox: Sandbox, *arguments: str) -> str:
    """Run the tap; return what it printed."""
    ended = subprocess.run(
        [programs / "tap-xero", "--config", "config.json", *arguments],
        env=environment(sandbox, PYTHONPATH=str(CLIENTS / "tap_xero")),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def sign_in(sandbox: Sandbox, since: str) -> str:
    """Write the tap's configuration, and return its refresh token."""
    scopes = "offline_access accounting.settings.read"
    refresh_token = sandbox.tokens.issue(AppType.USER, scopes).refresh_token
    config = {
        "client_id": "sandbox",
        "client_secret": "sandbox",
        "tenant_id": sandbox.tenant_id,
        "refresh_token": refresh_token,
        "start_date": since,
    }
    Path("config.json").write_text(json.dumps(config), encoding="utf-8")
    return refresh_token


def choose(programs: Path, sandbox: Sandbox, *streams: str) -> None:
    """Let the tap check its access and write a catalog, and select these streams in it."""
    catalog = json.loads(tap(programs, sandbox, "--discover"))
    for stream in catalog["streams"]:
        for entry in stream["metadata"]:
            if not entry["breadcrumb"]:
                entry["metadata"]["selected"] = stream["tap_stream_id"] in streams
    Path("catalog.json").write_text(json.dumps(catalog), encoding="utf-8")


def records(printed: str) -> dict[str, list[dict[str, Any]]]:
    """Return the records of each stream."""
    found = defaultdict(list)
    for line in printed.splitlines():
        message = json.loads(line)
        if message["type"] == "RECORD":
            found[message["stream"]].append(message["record"])
    return found


def test_the_tap_discovers_and_reads_its_streams(project: Path, programs: Path) -> None:
    with Sandbox() as sandbox:
        before = sign_in(sandbox, "2020-01-01T00:00:00Z")
        choose(programs, sandbox, *STREAMS)
        found = records(tap(programs, sandbox, "--catalog", "catalog.json"))

        assert {each["AccountID"] for each in found["accounts"]} == {
            account.account_id for account in sandbox.store.accounts()
        }
        assert found.keys() == set(STREAMS)
        assert [each["OrganisationID"] for each in found["organisations"]] == [sandbox.tenant_id]
        assert {"INPUT2", "OUTPUT2"} <= {each["TaxType"] for each in found["tax_rates"]}
    assert json.loads(Path("config.json").read_text(encoding="utf-8"))["refresh_token"] != before


def test_the_tap_reads_only_what_changed_since_its_date(project: Path, programs: Path) -> None:
    with Sandbox() as sandbox:
        sandbox.store.edit("200", name="Takings")
        sign_in(sandbox, "2026-01-02T00:00:00Z")
        choose(programs, sandbox, "accounts")
        found = records(tap(programs, sandbox, "--catalog", "catalog.json"))

    assert [each["Name"] for each in found["accounts"]] == ["Takings"]
