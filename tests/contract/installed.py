"""Other people's clients, each installed once into a folder of the virtual environment."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from chromium import missing
from filelock import FileLock

from xerosync.sandbox import Sandbox

CLIENTS = Path(__file__).parent / "clients"


def node_packages() -> Path:
    """Return the folder `node_modules`. Skips the test where node or npm is missing."""
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            missing(tool)
    options = ("--ignore-scripts", "--no-audit", "--no-fund")
    files = [CLIENTS / name for name in ("package.json", "package-lock.json")]
    return _installed("node", files, ["npm", "ci", *options]) / "node_modules"


def tap_xero() -> Path:
    """Return the folder with the programs of an environment that has tap-xero."""
    return _python("tap_xero")


def pyxero() -> Path:
    """Return the folder with the programs of an environment that has pyxero."""
    return _python("pyxero")


def environment(sandbox: Sandbox, **variables: str) -> dict[str, str]:
    """Return the environment of a client that uses a sandbox, and nothing else."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "SANDBOX_URL": sandbox.url, "NO_PROXY": "*", **variables}


def _python(name: str) -> Path:
    make = [sys.executable, "-m", "venv", "--without-pip", "."]
    pip = [sys.executable, "-m", "pip", "--python", "bin/python", "install"]
    files = [CLIENTS / name / "requirements.txt"]
    install = [*pip, "--quiet", "--no-compile", "-r", "requirements.txt"]
    return _installed(name, files, make, install) / "bin"


def _installed(name: str, files: list[Path], *commands: list[str]) -> Path:
    """Run commands in a folder with these files, unless that was done for the same files."""
    folder = Path(sys.prefix) / "clients" / name
    done = folder / "done"
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    folder.parent.mkdir(exist_ok=True)
    with FileLock(folder.with_suffix(".lock")):
        if done.exists() and done.read_text(encoding="utf-8") == digest:
            return folder
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for file in files:
            shutil.copy(file, folder)
        for command in commands:
            ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            if ended.returncode:
                missing(f"{name} ({command[0]}: {ended.stderr[-500:]})")
        done.write_text(digest, encoding="utf-8")
    return folder
