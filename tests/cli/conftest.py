"""The project folder that the tests of chart files use, too."""

from chartfile.conftest import project

__all__ = ["project"]
