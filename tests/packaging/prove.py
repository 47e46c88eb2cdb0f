"""Build a release, and test it on every Python of this machine: `make dist`.

`python tests/packaging/prove.py FOLDER` builds the wheel and the sdist in the folder and checks
their contents. For each Python it installs the wheel in a new environment outside this tree,
with only the versions of `constraints.txt`. There the main commands must work on the sandbox,
and the tests of the sdist must pass against the installed wheel. With `--every`, a supported
Python that is missing here is an error. With `--tested`, the tests have passed on the Python
that runs this (`make test`): if there are others, the tests run only on the oldest and the
newest Python here, and not on that one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from archives import build, claimed, faults

Version = tuple[int, int]

TESTS = ("plan", "apply", "history", "golden", "chartfile", "render")
"""The folders whose tests are quick and need neither network nor browser."""

JOB = (
    (["--version"], 0),
    (["plan", "--sandbox", "--detailed-exitcode"], 2),
    (["apply", "--sandbox", "--yes"], 0),
    (["plan", "--sandbox", "--detailed-exitcode"], 0),
)
"""The main commands, each with the exit status that it must have."""

PROGRESS = re.compile(r"^[.a-zA-Z]+ +\[ *\d+%\]\n", re.MULTILINE)
"""A line of pytest's progress dots."""

FIRST = (3, 11)
WHO = "import sys, venv; v = sys.version_info; print(v.major, v.minor, v.releaselevel)"


class Failed(Exception):
    """A command had the wrong exit status; the text is what it printed."""


def candidates() -> Iterator[str]:
    """Yield every Python that may be here: this one, those on PATH and those of pyenv."""
    yield str(Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}")
    yield from filter(None, (shutil.which(f"python3.{minor}") for minor in range(11, 30)))
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    found = pyenv.glob("versions/3.*/bin/python")
    yield from map(str, sorted(found, key=lambda path: _numbers(path.parts[-3]), reverse=True))


def pythons() -> dict[Version, str]:
    """Return a working Python of each version here that is new enough."""
    chosen: dict[Version, str] = {}
    for path in candidates():
        try:
            done = subprocess.run([path, "-c", WHO], capture_output=True, text=True, check=False)
        except OSError:
            continue
        found = re.match(r"(\d+) (\d+) final$", done.stdout.strip())
        if found and (version := (int(found[1]), int(found[2]))) >= FIRST:
            chosen.setdefault(version, path)
    return dict(sorted(chosen.items()))


def run(*command: object, cwd: Path, exit_code: int = 0) -> str:
    """Run a command outside this tree's environment, and return its stdout."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "XERO", "VIRTUAL_ENV", "COV_"))
    }
    words = [str(word) for word in command]
    done = subprocess.run(
        words, cwd=cwd, env=environment, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != exit_code:
        asked = f"{' '.join(words)}\nexited with {done.returncode}, not {exit_code}"
        raise Failed(f"{asked}\n{PROGRESS.sub('', done.stdout)}{done.stderr}")
    return done.stdout


def prove(python: str, wheel: Path, source: Path, folder: Path, *, workers: int) -> str:
    """Install the wheel for one Python, run the main commands and the tests, and sum up.

    The tests run in this many processes; 0 runs none.
    """
    began = time.monotonic()
    environment = folder / "venv"
    run(python, "-m", "venv", "--without-pip", environment, cwd=folder)
    pip = [sys.executable, "-m", "pip", "--python", environment / "bin" / "python", "install"]
    quiet = ["--quiet", "--disable-pip-version-check", "--constraint", source / "constraints.txt"]
    quiet += ["--no-compile"]  # most modules of the dependencies are never imported here
    run(*pip, *quiet, wheel, cwd=folder)
    at = run(
        environment / "bin" / "python", "-c", "import xerosync; print(xerosync.__file__)",
        cwd=folder,
    )  # fmt: skip
    if not at.startswith(str(environment)):
        raise Failed(f"xerosync was imported from {at}")
    shutil.copy(source / "accounts.yaml", folder)
    for arguments, exit_code in JOB:
        run(environment / "bin" / "xerosync", *arguments, cwd=folder, exit_code=exit_code)
    if not workers:
        return f"the main commands ({time.monotonic() - began:.0f} s); the tests did not run"
    run(*pip, *quiet, "--group", f"{source / 'pyproject.toml'}:test", cwd=folder)
    tests = [Path("tests") / name for name in TESTS]
    options = ["--quiet", "-p", "no:cacheprovider", "--ignore-glob=*_laws.py"]
    if workers > 1:
        options += ["--numprocesses", str(workers)]
    printed = run(environment / "bin" / "pytest", *options, *tests, cwd=source)
    passed = re.search(r"\b\d+ passed\b[^\n]*?(?= in )", printed)
    if not passed:
        raise Failed(printed)
    return f"the main commands, and {passed[0]} ({time.monotonic() - began:.0f} s)"


def main(target: Path, *, every: bool, tested: bool = False) -> int:
    """Build into a folder, test what was built, and print which Pythons it was tested on."""
    shutil.rmtree(target, ignore_errors=True)
    archives = build(target)
    print(f"Built {archives.sdist} and {archives.wheel}.", flush=True)
    wrong = faults(archives)
    supported, here = claimed(archives.wheel), pythons()
    workers = shares(list(here), sys.version_info[:2] if tested else None)
    with tempfile.TemporaryDirectory(prefix="xerosync-") as name:
        place = Path(name).resolve()
        with tarfile.open(archives.sdist) as archive:
            archive.extractall(place, filter="data")
        (source,) = place.iterdir()
        shutil.rmtree(source / "xerosync")

        def attempt(version: Version) -> tuple[str, list[str]]:
            folder = place / _text(version)
            folder.mkdir()
            wheel = archives.wheel.resolve()
            try:
                said = prove(here[version], wheel, source, folder, workers=workers[version])
            except Failed as failed:
                return "failed", [f"Python {_text(version)}: {failed}"]
            return said, []

        with ThreadPoolExecutor(max(1, len(here))) as pool:
            for version, (said, failures) in zip(here, pool.map(attempt, here), strict=True):
                print(f"Python {_text(version)}: {said}", flush=True)
                wrong += failures
    summary, against = verdict(supported, list(here), every=every)
    print("\n".join(summary))
    wrong += against
    print("\n".join(wrong), file=sys.stderr, end="\n" if wrong else "")
    return 1 if wrong else 0


def shares(here: list[Version], tested: Version | None) -> dict[Version, int]:
    """Return for each Python how many processes run its tests, which all run at the same time.

    If a Python was tested before, only the oldest and the newest run them, and not that one, unless
    it is the only one.
    """
    ends = here if tested is None else [*here[:1], *here[-1:]]
    testing = [version for version in here if version in ends and version != tested] or here
    each = max(1, (os.cpu_count() or 1) // max(1, len(testing)))
    return {version: each if version in testing else 0 for version in here}


def verdict(
    supported: list[Version], here: list[Version], *, every: bool
) -> tuple[list[str], list[str]]:
    """Return which Pythons were tested and which were not, and what is wrong with that."""
    missing = [version for version in supported if version not in here]
    unclaimed = [version for version in here if version not in supported]
    said = [f"Tested: {_text(*here)}.", f"Supported, but not on this machine: {_text(*missing)}."]
    if unclaimed:
        said.append(f"Tested, but not among the classifiers: {_text(*unclaimed)}.")
    wrong = [] if here else ["Found no Python to test on."]
    if every and (missing or unclaimed):
        wrong.append("The classifiers must name exactly the Pythons that were tested.")
    return said, wrong


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text))


def _text(*versions: Version) -> str:
    return ", ".join(f"{major}.{minor}" for major, minor in versions) or "none"


if __name__ == "__main__":
    flags = {word for word in sys.argv[1:] if word.startswith("--")}
    (place_to_build,) = [Path(word) for word in sys.argv[1:] if word not in flags]
    sys.exit(main(place_to_build, every="--every" in flags, tested="--tested" in flags))
