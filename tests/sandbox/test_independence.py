"""The sandbox is a second opinion: it uses the standard library and itself, nothing else."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import xerosync.sandbox

FOLDER = Path(xerosync.sandbox.__file__).parent
MODULES = sorted(FOLDER.rglob("*.py"))


def imported(tree: ast.Module) -> set[str]:
    """Return the full names of everything that a module imports, anywhere in it."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_a_module_imports_the_standard_library_and_the_sandbox_alone(module: Path) -> None:
    for name in imported(ast.parse(module.read_text(encoding="utf-8"))):
        top = name.partition(".")[0]
        assert top in sys.stdlib_module_names or name.startswith("xerosync.sandbox."), name


def test_the_modules_are_found() -> None:
    assert len(MODULES) > 10
