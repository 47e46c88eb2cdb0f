"""The schema for editors, the hooks for pre-commit, and completion for shells."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from command_line import Xerosync

ROOT = Path(__file__).parents[2]
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))


def test_schema_prints_the_schema(xerosync: Xerosync) -> None:
    result = xerosync("schema")
    assert result.code == 0
    assert result.out == (ROOT / "schema" / "accounts.schema.json").read_text("utf-8")
    assert json.loads(result.out)["$id"] == "urn:xerosync:schema:accounts:1"


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_runs_an_existing_command(hook: dict[str, str], xerosync: Xerosync) -> None:
    program, *arguments = shlex.split(hook["entry"])
    assert program == "xerosync"
    assert xerosync(*arguments, str(ROOT / "accounts.yaml")).code == 0
    assert hook["language"] == "python"


@pytest.mark.parametrize(
    ("path", "matched"),
    [
        ("accounts.yaml", True), ("clients/acme/accounts.yml", True), ("accounts.uk.yaml", True),
        ("my-accounts.yaml", False), ("accounts.yaml.txt", False), ("other.yaml", False),
    ],
)  # fmt: skip
def test_hooks_match_only_charts(path: str, matched: bool) -> None:
    for hook in HOOKS:
        assert bool(re.search(hook["files"], path)) == matched


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_the_commands(shell: str) -> None:
    def run(**environment: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "xerosync"], capture_output=True, text=True, check=False,
            env={**os.environ, **environment},
        )  # fmt: skip
        return done.stdout

    assert "xerosync" in run(_XEROSYNC_COMPLETE=f"source_{shell}")
    completed = run(
        _XEROSYNC_COMPLETE=f"complete_{shell}",
        COMP_WORDS="xerosync va", COMP_CWORD="1",
        _TYPER_COMPLETE_ARGS="xerosync va", _TYPER_COMPLETE_FISH_ACTION="get-args",
    )  # fmt: skip
    assert "validate" in completed
