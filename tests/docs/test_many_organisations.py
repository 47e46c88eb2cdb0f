"""`docs/many.md` works as printed: its files are written and its commands run, in order."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
from pathlib import Path

from ci.conftest import warm_program
from command_line import Xerosync

__all__ = ["warm_program"]

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "many.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(yaml|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
"""A block inside a list is only an example."""
EXIT = re.compile(r"\s+# exits with (\d+)$")


def test_every_file_and_command_of_the_page_works(tmp_path: Path, warm_program: Path) -> None:
    """A yaml block is a file, named in its first line; a line after a command is what it prints."""
    environment = {
        "PATH": f"{warm_program.parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "COLUMNS": "100",
        "LANG": "C.UTF-8",
    }
    files, ran = set(), 0
    for kind, body in BLOCK.findall(PAGE):
        if kind == "yaml":
            name = body.splitlines()[0].removeprefix("# ")
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(body, encoding="utf-8")
            files.add(name)
            continue
        printed = ""
        for line in body.splitlines():
            if not line.startswith("$ "):
                assert " ".join(line.split()) in printed, f"{line!r} is not in:\n{printed}"
                continue
            expected = EXIT.search(line)
            done = subprocess.run(
                ["bash", "-c", EXIT.sub("", line.removeprefix("$ "))],
                cwd=tmp_path, env=environment, capture_output=True, text=True,
                stdin=subprocess.DEVNULL, check=False,
            )  # fmt: skip
            printed = " ".join((done.stdout + done.stderr).split())
            assert done.returncode == int(expected[1] if expected else 0), f"{line}\n{printed}"
            ran += 1
    assert len(files) == 5
    assert ran >= 16


def test_the_plan_in_the_managers_guide_is_that_of_the_example(
    xerosync: Xerosync, project: Path
) -> None:
    for name in ("standard", "clients"):
        shutil.copytree(ROOT / "examples" / "practice" / name, project / name)
    assert xerosync("sandbox", "--reset", "--organisations", "12").code == 0
    page = html.unescape(xerosync("plan", "--sandbox", "-f", "clients", "--format", "markdown").out)
    plain = " ".join(re.sub(r"[*#|]", " ", page).split())
    guide = (ROOT / "docs" / "manager.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```text\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 2
    for line in filter(None, "".join(blocks).splitlines()):
        assert " ".join(line.split()) in plain, line
