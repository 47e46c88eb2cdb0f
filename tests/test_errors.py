"""The exceptions, and the drawing of them in `errors`."""

from __future__ import annotations

import inspect
import re

from xerosync import errors


def test_the_exception_tree_is_drawn_complete() -> None:
    """Every exception is in the drawing, under its parent, with its exit code."""
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
