"""Whether the installation works: Python, packages, the terminal, environment variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from xerosync.doctor.diagnosis import Check, Fact, Subject
from xerosync.text import series

OLDEST_PYTHON = (3, 11)
NARROW = 80

_VERSION = Subject("version", "Version")
_PACKAGES = Subject("packages", "Packages")
_TERMINAL = Subject("terminal", "Terminal")
SETTINGS = Subject("settings", "Settings")


@dataclass(frozen=True, slots=True)
class Machine:
    """What xerosync runs on. `check_version` reports all of it, so none of it may be private."""

    xerosync: str
    python: tuple[int, int, int]
    implementation: str
    system: str
    release: str
    architecture: str
    openssl: str


@dataclass(frozen=True, slots=True)
class Packages:
    """The packages that xerosync needs: their versions, and what is wrong with some.

    `broken` are those that cannot be imported, with the name of the exception. `extras` are
    optional packages that are installed.
    """

    versions: Mapping[str, str]
    missing: tuple[str, ...] = ()
    broken: Mapping[str, str] = field(default_factory=dict)
    extras: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Screen:
    """Where stdout goes. `check_terminal` reports every field, so none may hold private data.

    `columns` is the width of tables. `screen` is whether stdout is a terminal.
    """

    encoding: str
    columns: int
    screen: bool
    colours: bool


def check_version(machine: Machine) -> Check:
    """Check whether this Python is new enough."""
    python = ".".join(map(str, machine.python))
    facts: dict[str, Fact] = asdict(machine) | {"python": python}
    said = f"xerosync {machine.xerosync}, Python {python}, {machine.system} {machine.architecture}"
    if machine.python[:2] < OLDEST_PYTHON:
        return _VERSION.fail(
            f"{said}. This Python is too old.",
            "Install Python 3.11 or newer, and xerosync with it.",
            facts,
        )
    return _VERSION.ok(said, facts)


def check_packages(packages: Packages) -> Check:
    """Check whether every package that xerosync needs is installed and can be imported."""
    broken = packages.broken
    extras = tuple(f"{name} {version}" for name, version in packages.extras.items())
    facts: dict[str, Fact] = {
        "versions": tuple(f"{name} {version}" for name, version in packages.versions.items()),
        "extras": extras,
        "missing": packages.missing,
        "broken": tuple(f"{name} ({why})" for name, why in broken.items()),
    }
    if packages.missing or broken:
        wrong = [f"{name} is not installed" for name in packages.missing]
        wrong += [f"{name} cannot be imported ({why})" for name, why in broken.items()]
        return _PACKAGES.fail(
            f"{'; '.join(wrong)}.",
            "Install xerosync again, in a fresh environment: pipx does that.",
            facts,
        )
    more = f"; optional: {series(extras)}" if extras else ""
    return _PACKAGES.ok(f"all that xerosync needs{more}", facts)


def check_terminal(screen: Screen) -> Check:
    """Check whether names and tables can be shown where stdout goes."""
    facts: dict[str, Fact] = asdict(screen)
    where = f"{screen.columns} columns" if screen.screen else "not a terminal"
    said = f"{where}, {screen.encoding}, {'colours' if screen.colours else 'no colours'}"
    if not screen.encoding.lower().replace("-", "").startswith("utf"):
        return _TERMINAL.warn(
            f"{said}. Letters that {screen.encoding} lacks are printed as escapes.",
            "Set PYTHONUTF8=1, or use a terminal with UTF-8.",
            facts,
        )
    if screen.screen and screen.columns < NARROW:
        return _TERMINAL.warn(
            f"{said}. Tables are best with {NARROW} columns.",
            "Make the window wider, or use `--format json`.",
            facts,
        )
    return _TERMINAL.ok(said, facts)


def check_settings(
    variables: Sequence[str], misspelt: Mapping[str, str], unused: Sequence[str]
) -> Check:
    """Check which environment variables of xerosync are set; their values are never shown.

    `misspelt` are misspelt names, each with the name that was probably meant. `unused` are
    profiles with credentials, if this run has neither a profile nor other credentials.
    """
    facts: dict[str, Fact] = {
        "set": len(variables),
        "misspelt": len(misspelt),
        "unused_profiles": len(unused),
    }
    if not variables:
        return SETTINGS.ok("none of xerosync's variables is set", facts)
    said = f"set: {', '.join(variables)}"
    wrong = [f"Nothing reads {name}: is {meant} meant?" for name, meant in misspelt.items()]
    hints = ["Correct the name, or unset it."] if wrong else []
    if unused:
        profiles = "the profiles" if len(unused) > 1 else "the profile"
        wrong.append(
            f"There are credentials only for {profiles} {series(unused)}, and no profile is named."
        )
        hints.append(f"Use `--profile {unused[0]}`, or set XERO_PROFILE.")
    if wrong:
        return SETTINGS.warn(f"{said}. {' '.join(wrong)}", " ".join(hints), facts, private=True)
    return SETTINGS.ok(said, facts, private=True)
