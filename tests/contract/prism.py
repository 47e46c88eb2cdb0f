"""Prism, a proxy that refuses what does not conform to an OpenAPI description."""

from __future__ import annotations

import re
import subprocess
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING

from contract.installed import environment, node_packages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xerosync.sandbox import Sandbox

DESCRIPTIONS = Path(__file__).parent / "openapi"
LISTENING = re.compile(r"listening on (http://127\.0\.0\.1:\d+)")
SECONDS = 120.0


@contextmanager
def prism(sandbox: Sandbox, description: str) -> Iterator[str]:
    """Run Prism before a sandbox, for two minutes at most; yield the URL that it listens on."""
    program = node_packages() / "@stoplight" / "prism-cli" / "dist" / "index.js"
    options = ("--host", "127.0.0.1", "--port", "0", "--errors")
    with subprocess.Popen(
        ["node", program, "proxy", *options, DESCRIPTIONS / description, sandbox.url],
        env=environment(sandbox, NO_COLOR="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        limit = Timer(SECONDS, process.kill)
        limit.start()
        try:
            yield _url(process)
        finally:
            limit.cancel()
            process.kill()


def _url(process: subprocess.Popen[str]) -> str:
    printed = []
    for line in process.stdout or ():
        printed.append(line)
        if found := LISTENING.search(line):
            return found[1]
    raise AssertionError("".join(printed))
