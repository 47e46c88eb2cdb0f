"""pyxero, which writes XML, against the sandbox, unchanged but for the address."""

from __future__ import annotations

import json
import subprocess

from contract.installed import CLIENTS, environment, pyxero
from xerosync.sandbox import Sandbox


def test_pyxero_lists_filters_creates_updates_and_archives() -> None:
    programs = pyxero()
    with Sandbox() as sandbox:
        accounts = sandbox.store.accounts()
        ended = subprocess.run(
            [programs / "python", CLIENTS / "pyxero" / "accounts.py"],
            env=environment(
                sandbox, PYTHONPATH=str(CLIENTS / "tap_xero"), TENANT_ID=sandbox.tenant_id
            ),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        done = json.loads(ended.stdout)
        bodies = [each.body for each in sandbox.requests if each.is_write]

    assert set(done["listed"]) == {account.account_id for account in accounts}
    assert done["filtered"] == ["498", "499"]
    assert done["ordered"] == ["270", "260", "205", "200"]
    assert done["by id"] == ["601"]
    assert done["created"] == "R & D <café>"
    assert (done["updated"], done["archived"]) == ("Research", "ARCHIVED")
    assert any("unique Name" in each for each in done["refused"])
    assert {"INPUT2", "OUTPUT2"} <= set(done["rates"])
    assert "NZD" in done["currencies"]
    assert done["users"]
    assert done["categories"] == ["Region"]
    assert all(body.startswith("<Account>") for body in bodies)
