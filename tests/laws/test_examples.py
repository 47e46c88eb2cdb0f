"""The suite tests the same examples in every run, whatever its process has done before."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


def examples() -> list[tuple[int, str]]:
    """Return what hypothesis draws for a law of the suite."""
    found = []

    @settings(settings.get_profile("suite"), max_examples=400)
    @given(st.integers(0, 2**16), st.text(max_size=3))
    def law(number: int, text: str) -> None:
        found.append((number, text))

    law()
    return found


def test_examples_are_the_same_whichever_modules_are_loaded(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hypothesis by itself also draws the constants of a project's modules."""
    first = examples()
    path = tmp_path_factory.mktemp("loaded") / "loaded_since.py"
    path.write_text(f"NUMBERS = {list(range(48_611, 48_661))}\n")
    module = ModuleType("loaded_since")
    module.__file__ = str(path)
    monkeypatch.setitem(sys.modules, "loaded_since", module)
    assert examples() == first
