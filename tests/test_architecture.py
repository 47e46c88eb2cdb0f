"""The rules of the house, held by reading the imports of every module."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

from xerosync import errors

PACKAGE = Path(__file__).parent.parent / "xerosync"

CORE = {
    "errors": 0,
    "model": 0,
    "visible": 0,
    "similar": 0,
    "secret": 0,
    "loopback": 0,
    "job": 1,
    "cycles": 0,
    "claims": 0,
    "change": 1,
    "ledger": 1,
    "parking": 1,
    "lint": 1,
    "tax": 1,
    "guard": 1,
    "uniqueness": 2,
    "matching": 2,
    "rules": 2,
    "cautions": 2,
    "outcome": 2,
    "policy": 3,
    "diff": 3,
    "meaning": 3,
    "ordering": 3,
    "plan": 4,
    "limits": 5,
    "effort": 5,
    "stale": 5,
    "apply": 5,
    "proof": 5,
    "document": 6,
    "journal": 7,
    "runs": 8,
    "rollback": 9,
    "drift": 9,
    "divergence": 10,
}
"""Each core module and its level: it imports only what is below."""

EDGES = {"chart", "render", "xero", "forge", "sandbox", "settings"}
TOP = {"cli", "__main__"}

HOMES = {
    "yaml": {"chart"},
    "jsonschema": {"chart"},
    "re2": {"chart"},
    "requests": {"xero", "forge"},
    "urllib3": {"xero"},
    "oauthlib": {"xero"},
    "platformdirs": {"xero"},
    "filelock": {"xero", "cli"},
    "keyring": {"xero"},
    "jinja2": {"render"},
    "markupsafe": {"render"},
    "rich": {"render", "cli"},
    "typer": {"cli"},
}
"""Each third-party package and the parts that may import it."""


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def part_of(path: Path) -> str:
    """Give the part of the house that a module belongs to: its first name under xerosync."""
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports_of(path: Path) -> set[str]:
    """Give every module that a file imports, anywhere in it, by full name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the structure"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def ours(imports: set[str]) -> set[str]:
    """Give the parts of the house among the imports."""
    parts = {name.split(".")[1] for name in imports if name.startswith("xerosync.")}
    return parts - {"__version__"}


def test_every_module_has_its_place() -> None:
    parts = {part_of(path) for path in modules()} - {"__init__"}
    assert parts == set(CORE) | EDGES | TOP


@pytest.mark.parametrize("name", sorted(CORE))
def test_core_imports_only_core_of_a_lower_level(name: str) -> None:
    imports = imports_of(PACKAGE / f"{name}.py")
    assert all(CORE.get(part, 99) < CORE[name] for part in ours(imports)), ours(imports)
    outside = {i.split(".")[0] for i in imports} - {"xerosync", "__future__"}
    assert outside <= sys.stdlib_module_names


@pytest.mark.parametrize("path", modules(), ids=str)
def test_an_edge_imports_core_and_never_another_edge(path: Path) -> None:
    part = part_of(path)
    if part in EDGES:
        allowed = {part} | (set() if part == "sandbox" else set(CORE))
        assert ours(imports_of(path)) <= allowed


@pytest.mark.parametrize("path", modules(), ids=str)
def test_each_package_has_one_home(path: Path) -> None:
    outside = {name.split(".")[0] for name in imports_of(path)}
    foreign = outside - sys.stdlib_module_names - {"xerosync", "__future__"}
    assert foreign <= set(HOMES)
    assert all(part_of(path) in HOMES[package] for package in foreign)


@pytest.mark.parametrize("path", modules(), ids=str)
def test_a_module_is_a_few_pages_long(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
    assert path.name != "utils.py"


@pytest.mark.parametrize("path", modules(), ids=str)
def test_only_commands_print(path: Path) -> None:
    if part_of(path) != "cli":
        calls = [n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Call)]
        assert not [c for c in calls if isinstance(c.func, ast.Name) and c.func.id == "print"]


def test_only_settings_reads_the_environment() -> None:
    readers = {
        path.relative_to(PACKAGE).as_posix()
        for path in modules()
        if re.search(r"\bos\.(environ|getenv)\b", path.read_text(encoding="utf-8"))
    }
    assert readers == {"settings.py"}


def test_the_exception_tree_is_drawn_complete() -> None:
    """Every exception stands in the drawing, under its parent, with its exit code."""
    classes = [
        item
        for _, item in inspect.getmembers(errors, inspect.isclass)
        if issubclass(item, errors.XerosyncError)
    ]
    drawn: dict[str, tuple[str, int]] = {}
    above: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.search(r"(\w+) +(\d+) ", line)
        if not found:
            continue
        while above and above[-1][0] >= found.start():
            above.pop()
        drawn[found[1]] = (above[-1][1] if above else "Exception", int(found[2]))
        above.append((found.start(), found[1]))
    assert drawn == {c.__name__: (c.__bases__[0].__name__, int(c.exit_code)) for c in classes}


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["plan", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    """`--help` answers at once: what a command needs is imported when it runs."""
    code = (
        "import sys; from xerosync.cli.app import run; "
        f"code = run({arguments!r}); "
        "print(code, *sorted(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    status, *loaded = done.stderr.split()
    assert status == "0"
    heavy = {"requests", "jsonschema", "yaml", "oauthlib", "rich.table", "xerosync.sandbox"}
    assert not heavy & set(loaded)
