"""The exceptions, and the drawing of them in `errors`."""

from __future__ import annotations

import ast
import inspect
import re

from test_architecture import PACKAGE, modules, parsed

from xerosync import errors

CLASSES = [
    item
    for _, item in inspect.getmembers(errors, inspect.isclass)
    if issubclass(item, errors.XerosyncError)
]


def test_the_exception_tree_is_drawn_complete() -> None:
    """Every exception is in the drawing, under its parent, with its exit code."""
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
    assert drawn == {c.__name__: (c.__bases__[0].__name__, int(c.exit_code)) for c in CLASSES}


def test_an_error_that_a_user_may_see_is_drawn_too() -> None:
    """A class elsewhere with one of these as its base is private: its own module catches it."""
    names = {one.__name__ for one in CLASSES}
    for path in modules():
        for node in parsed(path).body:
            if isinstance(node, ast.ClassDef) and path != PACKAGE / "errors.py":
                bases = {ast.unparse(base).split(".")[-1] for base in node.bases}
                assert not bases & names or node.name.startswith("_"), node.name
