"""The rules of the architecture: layers, homes of packages, sizes and names."""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "xerosync"

LAYERS = (
    {"errors", "model", "desired", "text", "suggestions", "secret", "urls", "settings",
     "environment", "regular_file", "usage", "workspace", "xero_behaviour", "xero_limits",
     "name_words", "network", "files", "__init__"},
    {"plan"},
    {"apply"},
    {"history"},
    {"organisations", "doctor"},
    {"chartfile", "xero", "render", "ci", "sandbox"},
    {"cli", "__main__"},
)  # fmt: skip
"""The parts of xerosync, lowest first: from what needs nothing of ours to what needs all of it."""

EDGES = LAYERS[5]

HOMES = {
    "yaml": {"chartfile"},
    "charset_normalizer": {"chartfile"},
    "jsonschema": {"chartfile"},
    "jsonschema_rs": {"chartfile"},
    "rapidfuzz": {"chartfile"},
    "re2": {"chartfile"},
    "requests": {"network"},
    "urllib3": {"network"},
    "oauthlib": {"xero"},
    "platformdirs": {"xero"},
    "tzlocal": {"xero"},
    "filelock": {"xero", "workspace"},
    "keyring": {"xero"},
    "jinja2": {"render"},
    "markupsafe": {"render"},
    "rich": {"render", "cli"},
    "xlsxwriter": {"render"},
    "python_calamine": {"chartfile"},
    "distributed": {"xero"},
    "typer": {"cli"},
}
"""Each third-party package and the parts that may import it."""

PURE = {
    "plan", "model", "desired", "errors", "text", "name_words", "suggestions", "usage",
    "xero_behaviour", "xero_limits",
}  # fmt: skip
"""The parts whose results depend on their arguments alone: `plan`, and what it imports."""

PURE_LIBRARY = {
    "__future__", "collections", "contextlib", "dataclasses", "datetime", "decimal", "difflib",
    "enum", "functools", "graphlib", "hashlib", "heapq", "itertools", "json", "re", "shlex",
    "string", "textwrap", "types", "typing", "unicodedata",
}  # fmt: skip
LIBRARY = {
    "apply": PURE_LIBRARY | {"concurrent", "threading", "time", "uuid"},
    "history": PURE_LIBRARY | {"os", "pathlib", "threading"},
} | dict.fromkeys(PURE, PURE_LIBRARY)
"""What the first layers may import of the standard library. `apply` calls through its ports and
opens no file; `history` opens no connection and starts no process."""
OURS = {
    "apply": PURE | {"apply", "workspace"},
    "history": PURE | {"apply", "history", "regular_file", "workspace"},
}
"""What these layers may import of ours. `workspace` has the names of files and commands."""

PRINTS = re.compile(
    r"\bprint\(|\bsys\.(__)?std(out|err)|\bfrom (os|sys) import|\bos\.write\((?!self\.)"
)
"""What prints. `os.write` to a descriptor of one's own does not."""

SHARED_MODULES = {
    "build": "plan/ builds a plan, chartfile/ builds the desired chart of a file",
    "claims": "xero/ reads those of a token, sandbox/ writes them",
    "connect": "ci/ opens a repository, xero/ an organisation",
    "errors": "the base has the errors of xerosync, sandbox/ those of the sandbox",
    "html": "render/ has one for each subject",
    "json": "render/ has one for each subject",
    "ledger": "apply/ has the port, xero/ its implementation",
    "markdown": "render/ has one for each subject",
    "merge": "organisations/ merges standards into a chart, chartfile/edit/ edits into a file",
    "messages": "chartfile/validate/ words problems, sandbox/http/ has requests and responses",
    "organisation": "plan/ checks which books these are, sandbox/ writes Xero's JSON for them",
    "outcome": "apply/ has the values, render/ their words",
    "overrides": "organisations/standards/ applies them to a chart, chartfile/edit/ writes them",
    "problems": "chartfile/ collects problems, render/ prints them",
    "report": "render/drift/ formats drift, cli/ writes plans to files",
    "rules": "plan/ has Xero's rules, sandbox/ its own version, chartfile/lint/ has your own",
    "run": "apply/ runs one organisation's plan, organisations/ isolates many, cli/many/ connects",
    "scopes": "xero/ asks for them, sandbox/ grants them",
    "store": "xero/auth/ stores sign-ins, sandbox/books/ stores books",
    "text": "the base makes text safe, render/ writes each subject",
    "trial_balance": "xero/ reads the report, sandbox/ makes it",
    "usage": "the base has the values, xero/ reads them, plan/ uses them, the others show them",
    "uses": "xero/ reads what uses an account, sandbox/ invents it",
}
"""Module names that occur twice, and how their folders tell them apart."""

SHARED_CLASSES = {
    "Account": "the base has what a plan needs of one, sandbox/ all that Xero keeps of it",
    "Balance": "the base has one amount of an account, sandbox/ all that were booked on it",
    "Connection": "xero/ knows one from Xero's list, sandbox/ keeps the list",
    "Limits": "a chart file limits the changes of a plan, the sandbox's Xero limits calls",
    "Organisation": "the base has what Xero says of one, sandbox/ what it makes one from",
    "Request": "xero/ sends it, sandbox/ receives it",
    "TaxRate": "the base has what a plan needs of one, sandbox/ all that Xero keeps of it",
}
"""Class names that occur twice: each is in the sandbox too, which imports nothing of ours."""

OTHER_TESTS = {"contract", "docs", "end_to_end", "golden", "laws", "packaging"}
"""The folders of tests that are of no single package."""


@cache
def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def part_of(path: Path) -> str:
    """Return the part that a module belongs to: its package or module right under xerosync."""
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


@cache
def imports_of(path: Path) -> set[str]:
    """Return the full name of every module that a file imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the structure"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def packages(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imports_of(path)}


def foreign(path: Path) -> set[str]:
    """Return the third-party packages that a file imports."""
    return packages(path) - sys.stdlib_module_names - {"xerosync", "__future__", "_typeshed"}


def calls(path: Path) -> set[str]:
    """Return the last name of everything that a file calls."""
    called = [ast.unparse(n.func) for n in ast.walk(parsed(path)) if isinstance(n, ast.Call)]
    return {name.split(".")[-1] for name in called}


def ours(imports: set[str]) -> set[str]:
    """Return the parts of xerosync among the imports."""
    parts = {name.split(".")[1] for name in imports if name.startswith("xerosync.")}
    return parts - {"__version__"}


def layer_of(part: str) -> int:
    """Return the number of a part's layer. Every part has one."""
    return next(number for number, parts in enumerate(LAYERS) if part in parts)


def public_classes(path: Path) -> list[str]:
    names = [node.name for node in parsed(path).body if isinstance(node, ast.ClassDef)]
    return [name for name in names if not name.startswith("_")]


def shared(names: Iterable[tuple[Path, str]]) -> set[str]:
    """Return the names that occur twice in `cli/`, or twice outside `cli/commands/`.

    A module in `cli/commands/` is named for its command, like what does the work below `cli/`.
    """
    seen: dict[tuple[str, str], set[Path]] = defaultdict(set)
    for path, name in names:
        parts = path.relative_to(PACKAGE).parts
        if parts[0] == "cli":
            seen["cli", name].add(path)
        if "commands" not in parts:
            seen["", name].add(path)
    return {name for (_, name), paths in seen.items() if len(paths) > 1}


def test_no_module_imports_a_higher_layer_than_its_own() -> None:
    wrong = [
        f"{path}: {part}"
        for path in modules()
        for part in ours(imports_of(path))
        if layer_of(part) > layer_of(part_of(path))
    ]
    assert not wrong


def test_the_lower_layers_need_only_the_standard_library() -> None:
    """Except workspace: filelock releases its lock however the process ends.

    And network, which two edges share.
    """
    allowed = {"workspace": {"filelock"}, "network": {"requests", "urllib3"}}
    for path in modules():
        if layer_of(part_of(path)) < layer_of("render"):
            assert foreign(path) <= allowed.get(part_of(path), set()), path


def test_an_edge_imports_no_other_edge_and_the_sandbox_nothing_of_ours() -> None:
    """The sandbox is an independent check of what xerosync assumes about Xero."""
    for path in modules():
        part = part_of(path)
        if part in EDGES:
            assert not ours(imports_of(path)) & (EDGES - {part}), path
        if part == "sandbox":
            assert ours(imports_of(path)) <= {"sandbox"}, path
            assert not foreign(path), path


def test_each_third_party_package_has_one_home() -> None:
    for path in modules():
        for package in foreign(path):
            assert part_of(path) in HOMES[package], path


def test_no_module_is_over_400_lines() -> None:
    for path in modules():
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, path


def test_a_module_is_named_for_its_subject_and_never_utils() -> None:
    vague = {"utils", "util", "helpers", "misc", "common"}
    assert not {name for path in modules() for name in (path.stem, path.parent.name)} & vague


def test_two_modules_share_a_name_only_if_their_folders_say_the_difference() -> None:
    names = ((path, path.stem) for path in modules() if path.stem != "__init__")
    assert shared(names) == set(SHARED_MODULES)


def test_only_classes_of_the_sandbox_share_the_names_of_others() -> None:
    names = ((path, name) for path in modules() for name in public_classes(path))
    assert shared(names) == set(SHARED_CLASSES)


def test_the_tests_have_the_same_folders_as_the_packages() -> None:
    """A package that only has an `__init__` needs no tests."""
    tests = Path(__file__).parent
    found = {path.parent.relative_to(tests) for path in tests.rglob("test_*.py")}
    mirrors = {folder for folder in found if not OTHER_TESTS & {*folder.parts[:1]}}
    code = (path for path in modules() if path.stem != "__init__")
    assert mirrors == {path.parent.relative_to(PACKAGE) for path in code}


def test_only_the_cli_prints() -> None:
    for path in modules():
        if part_of(path) != "cli":
            assert not PRINTS.search(path.read_text(encoding="utf-8")), path


def test_the_first_layers_import_only_the_packages_they_need() -> None:
    for path in modules():
        if part_of(path) in LIBRARY:
            assert packages(path) <= LIBRARY[part_of(path)] | {"xerosync"}, path
        if part_of(path) in OURS:
            assert ours(imports_of(path)) <= OURS[part_of(path)], path


def test_plan_is_pure_and_apply_opens_no_file() -> None:
    """No file, clock or chance decides what a plan is: the same input gives the same plan."""
    for path in modules():
        if part_of(path) in PURE:
            assert ours(imports_of(path)) <= PURE, path
        if part_of(path) in {"apply", *PURE}:
            assert not calls(path) & {"open", "input", "now", "utcnow", "today"}, path


def test_only_the_environment_module_reads_the_environment() -> None:
    readers = {
        path.relative_to(PACKAGE).as_posix()
        for path in modules()
        if re.search(r"\bos\.(environ|getenv)\b", path.read_text(encoding="utf-8"))
    }
    assert readers == {"environment.py"}
