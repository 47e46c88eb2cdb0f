"""In the code blocks of the documents, charts load, scripts parse and commands exist."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from xerosync.chartfile.load import load
from xerosync.cli.app import run

ROOT = Path(__file__).parent.parent.parent
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
HEAD = "version: 1\norganisation: {name: Demo Company (NZ)}\n"
BLOCK = re.compile(r"^( *)```(yaml|sh)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)


def blocks(kind: str) -> Iterator[tuple[str, str]]:
    """Yield each block of a kind, with a name for its test."""
    for document in DOCUMENTS:
        for number, found in enumerate(BLOCK.finditer(document.read_text(encoding="utf-8"))):
            if found[2] == kind:
                yield f"{document.relative_to(ROOT)}-{number}", found[3]


def commands(script: str) -> Iterator[list[str]]:
    """Yield the words of each command line of xerosync and make in a script."""
    for line in script.replace("\\\n", " ").splitlines():
        words = shlex.split(line.partition(" #")[0].partition(" > ")[0], comments=True)
        if words and words[0] in {"xerosync", "make"}:
            yield words


YAML, SCRIPTS = dict(blocks("yaml")), dict(blocks("sh"))


@pytest.mark.parametrize("text", YAML.values(), ids=YAML.keys())
def test_every_chart_in_a_document_is_valid(text: str, tmp_path: Path) -> None:
    """A part of a chart is completed first; a block that is not a chart must be YAML."""
    chart = tmp_path / "accounts.yaml"
    if text.startswith("accounts:"):
        text = HEAD + text
    elif re.match(r" +- ", text):
        text = f"{HEAD}accounts:\n{text}"
    elif text.startswith("lint:"):
        text = HEAD + text
    elif not text.startswith("version:"):
        yaml.safe_load(text)
        return
    text = re.sub(r"^.*…\n", "", text, flags=re.MULTILINE)
    chart.write_text(text, encoding="utf-8")
    assert load(str(chart)).warnings == ()


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_every_script_in_a_document_uses_existing_commands_and_options(
    script: str, capsys: pytest.CaptureFixture[str]
) -> None:
    parsed = subprocess.run(["bash", "-n"], input=script, text=True, check=False)
    assert parsed.returncode == 0
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for words in commands(script):
        if words[0] == "make":
            targets = [word for word in words[1:] if "=" not in word]
            assert all(f"\n{target}:" in makefile for target in targets), words
            continue
        names = [word for word in words[1:] if re.fullmatch(r"[a-z][a-z-]*", word)]
        known = 2 if names[:1] in (["auth"], ["ci"]) else 1
        capsys.readouterr()
        assert run([*names[:known], "--help"]) == 0, words
        usage = capsys.readouterr().out
        options = [word.partition("=")[0] for word in words if word.startswith("-")]
        assert all(option in usage for option in options), words
