# ruff: noqa: T201
"""Ask the yaml-language-server about the example chart, as an editor does; run by hand.

    npm install --prefix /tmp/yls yaml-language-server
    python tests/chartfile/language_server.py /tmp/yls/node_modules/.bin/yaml-language-server

It finds no problem in accounts.yaml, finds planted ones, completes and explains.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PLANTED = {
    "type: REVENUE": "type: REVENEU",
    'code: "260"': "code: 260",
    "name: Other Revenue": "nmae: Other Revenue",
    "unmanaged: keep": "unmanaged: kep",
    'previously: ["479"]': "previously: 479",
    "show_in_expense_claims: true": "show_in_expense_claims: yes please",
}
Message = dict[str, Any]


class Server:
    """A language server on its standard input and output."""

    def __init__(self, program: str) -> None:
        self._process = subprocess.Popen(
            [program, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._id = 0
        self.diagnostics: dict[str, list[Message]] = {}

    def ask(self, method: str, params: Message) -> Any:
        """Send a request, and give its result."""
        self._id += 1
        wanted = self._id
        self._send({"id": wanted, "method": method, "params": params})
        while (message := self._receive()).get("id") != wanted or "method" in message:
            self._see(message)
        return message.get("result")

    def tell(self, method: str, params: Message) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    def judge(self, uri: str) -> list[Message]:
        """Wait for what the server finds in a document."""
        while uri not in self.diagnostics:
            self._see(self._receive())
        return self.diagnostics.pop(uri)

    def close(self) -> None:
        """Stop the server."""
        self._process.kill()
        self._process.wait()

    def _see(self, message: Message) -> None:
        if message.get("method") == "textDocument/publishDiagnostics":
            params = message["params"]
            self.diagnostics[params["uri"]] = params["diagnostics"]
        elif "id" in message and "method" in message:
            asked = message.get("params") or {}
            settings = [{"validate": True, "hover": True, "completion": True}] + [{}] * 9
            result = settings[: len(asked.get("items", []))] if "items" in asked else None
            self._send({"id": message["id"], "result": result})

    def _send(self, message: Message) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        stdin = self._process.stdin
        assert stdin
        stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        stdin.flush()

    def _receive(self) -> Message:
        stdout = self._process.stdout
        assert stdout
        length = 0
        while line := stdout.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        message: Message = json.loads(stdout.read(length))
        return message


def main(program: str) -> int:
    """Ask the server, print its answers, and return 0 if they are as expected."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "schema", folder / "schema")
        text = (ROOT / "accounts.yaml").read_text("utf-8")
        planted = text
        for right, wrong in PLANTED.items():
            assert right in text
            planted = planted.replace(right, wrong, 1)
        server = Server(program)
        try:
            return _question(server, folder, text, planted)
        finally:
            server.close()


def _question(server: Server, folder: Path, text: str, planted: str) -> int:
    server.ask(
        "initialize",
        {"processId": None, "rootUri": folder.as_uri(), "capabilities": {}, "trace": "off"},
    )
    server.tell("initialized", {})

    def opened(name: str, content: str) -> str:
        uri = (folder / name).as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": content}
        server.tell("textDocument/didOpen", {"textDocument": document})
        return uri

    clean = server.judge(opened("accounts.yaml", text))
    print(f"accounts.yaml: {len(clean)} problems", *(d["message"] for d in clean))
    found = server.judge(opened("planted.yaml", planted))
    lines = planted.splitlines()
    told = {lines[d["range"]["start"]["line"]].strip() for d in found}
    print(f"planted: {len(PLANTED)}, found: {len(found)}")
    for one in found:
        line = one["range"]["start"]["line"]
        print(f"  {line + 1}: {lines[line].strip()}: {one['message'].splitlines()[0]}")
    missed = [wrong for wrong in PLANTED.values() if not any(wrong in line for line in told)]
    started = text.rstrip() + '\n  - code: "999"\n    ty\n'
    uri = opened("started.yaml", started)
    end = {"line": len(started.splitlines()) - 1, "character": 6}
    offered = server.ask("textDocument/completion", {"textDocument": {"uri": uri}, "position": end})
    labels = [item["label"] for item in offered["items"]]
    print("completion after `ty`:", *labels[:8])
    at = next(n for n, line in enumerate(text.splitlines()) if "tax_type" in line)
    hover = server.ask(
        "textDocument/hover",
        {
            "textDocument": {"uri": (folder / "accounts.yaml").as_uri()},
            "position": {"line": at, "character": 6},
        },
    )
    shown = hover["contents"]["value"] if hover else ""
    print("hover over tax_type:", shown.splitlines()[:3])
    right = not clean and not missed and "type" in labels and "tax rate" in shown
    print("all as it should be" if right else f"NOT as it should be; missed: {missed}")
    return int(not right)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
