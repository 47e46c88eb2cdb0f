"""No name of a file or argument acts in a terminal or a CI log, in any format."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from command_line import Xerosync

from xerosync.text import visible_json

NAME = "z\x1b[31m\u202e\x9b\n::error::x"
CHART = "version: 1\norganisation: {name: Kauri}\naccounts:\n- {code: '1', name: Sales}\n"


@pytest.fixture
def unsafe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path(NAME).write_text(CHART)
    return NAME


@pytest.mark.parametrize(
    "arguments",
    [
        ["validate"],
        *(["validate", "--format", f] for f in ("json", "github", "gitlab", "sarif", "junit")),
        ["fmt", "--check"],
        ["fmt", "--diff"],
        ["fmt"],
        ["show"],
        ["rollback"],
        ["import-csv"],
        ["plan", "--format"],
        ["schema"],
        ["plan", "--sandbox", "--out", "no-such-folder/x", "-f"],
    ],
)
def test_a_name_is_escaped(xerosync: Xerosync, unsafe: str, arguments: list[str]) -> None:
    said = xerosync(*arguments, unsafe)
    for text in (said.out, said.err):
        assert not set(text) & {"\x1b", "\u202e", "\x9b"}
        assert not any(line.startswith("::error::x") for line in text.splitlines())


def test_an_unknown_option_is_escaped(xerosync: Xerosync) -> None:
    assert "--z\\x1b[31m\\u202e\\x9b" in xerosync("plan", "--" + NAME).err


def test_json_escapes_what_acts_in_a_terminal() -> None:
    unsafe = "\x7f\x85\x9b\u200b\u2028\u202e\u2066\ufeff\U000e0041"
    text = json.dumps({"name": f"Ventes d'été 売上 {unsafe}"}, indent=2, ensure_ascii=False)
    shown = visible_json(text)
    assert json.loads(shown) == json.loads(text)
    assert "été 売上" in shown
    assert not [c for c in shown if c != "\n" and unicodedata.category(c)[0] == "C"]


def test_a_saved_plan_is_shown_escaped(xerosync: Xerosync, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    assert xerosync("plan", "--sandbox", "-f", str(_demo(tmp_path)), "--out", str(path)).code != 1
    path.write_text(path.read_text().replace("xerosync_version", "\u202e\x9b", 1))
    shown = xerosync("show", "--format", "json", str(path)).out
    assert "\\u202e\\u009b" in shown
    assert "\u202e" not in shown


def _demo(folder: Path) -> Path:
    path = folder / "demo.yaml"
    path.write_text(CHART.replace("Kauri", '"Demo Company (NZ)"'))
    return path
