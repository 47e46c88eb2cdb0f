"""The same project folder and command line as the tests of chart files have."""

from chartfile.conftest import project, seeded, xerosync

__all__ = ["project", "seeded", "xerosync"]
