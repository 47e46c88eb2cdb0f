"""Read what the doctor judges on this machine: packages, terminal, files and folders."""

from __future__ import annotations

import os
import platform
import ssl
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from glob import glob
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from xerosync import __version__
from xerosync.desired import OrganisationPin
from xerosync.doctor.connections_to_xero import CaFile
from xerosync.doctor.installation import Machine, Packages, Screen
from xerosync.doctor.project_folder import FoundFile, JournalFolder
from xerosync.doctor.signed_in import StoredFile
from xerosync.errors import SignInError
from xerosync.history.folder import journals, unfinished_in
from xerosync.workspace import RUNS

if TYPE_CHECKING:
    from xerosync.cli.terminal import Terminal
    from xerosync.xero.auth.store import TokenStore

NEEDED = {
    "charset-normalizer": "charset_normalizer",
    "filelock": "filelock",
    "google-re2": "re2",
    "jinja2": "jinja2",
    "jsonschema": "jsonschema",
    "jsonschema-rs": "jsonschema_rs",
    "oauthlib": "oauthlib",
    "platformdirs": "platformdirs",
    "pyyaml": "yaml",
    "rapidfuzz": "rapidfuzz",
    "requests": "requests",
    "rich": "rich",
    "typer": "typer",
    "tzdata": "tzdata",
    "tzlocal": "tzlocal",
}
"""The packages that xerosync needs, each with the module to import."""
EXTRAS = ("keyring", "distributed", "python-calamine", "xlsxwriter")


@dataclass(frozen=True, slots=True)
class ChartOnDisk:
    """A chart file, the organisation that it names, and its profile.

    `pin` is None for a standard, and for a file that does not exist or cannot be read.
    """

    found: FoundFile
    pin: OrganisationPin | None = None
    profile: str = ""


_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""`requests` uses the first variable that is set. If its file is missing, every call fails."""
_NOT_READ = {"unreadable-file", "too-large"}
"""The ids of the problems of a file that could not be read at all."""
_READ = 200
"""The most journals that are read, newest first."""


def machine() -> Machine:
    """Return the versions of xerosync and Python, and the system that they run on."""
    return Machine(
        xerosync=__version__,
        python=sys.version_info[:3],
        implementation=platform.python_implementation(),
        system=platform.system(),
        release=platform.release(),
        architecture=platform.machine(),
        openssl=ssl.OPENSSL_VERSION,
    )


def packages(needed: Mapping[str, str] = NEEDED) -> Packages:
    """Return which packages are installed, and which `needed` ones are missing or broken."""
    versions = {name: found for name in needed if (found := _version(name))}
    broken = {}
    for name in versions:
        try:
            import_module(needed[name])
        except Exception as error:  # noqa: BLE001 a broken package may raise anything
            broken[name] = type(error).__name__
    extras = {name: found for name in EXTRAS if (found := _version(name))}
    missing = tuple(name for name in needed if name not in versions)
    return Packages(versions, missing, broken, extras)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def screen(terminal: Terminal) -> Screen:
    """Return the encoding and width of stdout, and whether it is a terminal and has colours."""
    out = terminal.out
    return Screen(out.encoding, out.width, out.is_terminal, bool(out.color_system))


def ca_files(named: Mapping[str, Path]) -> tuple[CaFile, ...]:
    """Return, for each variable, whether the certificates that it names can be used."""
    used = next((name for name in _BUNDLES if name in named), "")
    return tuple(CaFile(name, _ca_problem(path), name == used) for name, path in named.items())


def _ca_problem(path: Path) -> str:
    try:
        if path.is_dir():
            return "" if os.access(path, os.R_OK | os.X_OK) else "a folder that you cannot read"
        if not path.exists():
            return "a path that does not exist"
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except ssl.SSLError:
        return "a file without certificates"
    except (OSError, ValueError):
        return "a file that you cannot read"
    return ""


def chart_file(path: str, *, named: bool) -> ChartOnDisk:
    """Read and check one chart file, with the standards that it extends.

    If the file is invalid, the name and ids of its organisation are read where possible.
    """
    from xerosync.chartfile.load import check_all, kind_of, pin_of
    from xerosync.organisations.standards.documents import Kind

    if _is_missing(path):
        return ChartOnDisk(FoundFile(path, named=named, exists=False))
    (checked,) = check_all([path])
    chart = checked.loaded.chart if checked.loaded else None
    standard = kind_of(path) is Kind.STANDARD
    found = FoundFile(
        path,
        named=named,
        exists=True,
        standard=standard,
        accounts=len(chart.accounts) if chart else 0,
        problems=tuple(dict.fromkeys((*checked.problems, *checked.inherited))),
    )
    if standard or any(one.file == path and one.rule in _NOT_READ for one in found.problems):
        return ChartOnDisk(found)
    return ChartOnDisk(
        found, chart.organisation if chart else pin_of(path), chart.profile if chart else ""
    )


def _is_missing(path: str) -> bool:
    """Whether there is nothing at a path; False if this user is not allowed to look."""
    try:
        os.lstat(path)
    except (OSError, ValueError) as error:
        return isinstance(error, FileNotFoundError | NotADirectoryError)
    return False


def journal_folder(*, ignored: bool | None) -> JournalFolder:
    """Return the state of the folder of journals; `ignored` is whether Git ignores it."""
    unreadable: list[str] = []
    found = islice(journals(RUNS, unreadable.append), _READ)
    return JournalFolder(
        obstacle=obstacle_to(RUNS),
        exists=os.path.isdir(RUNS),  # noqa: PTH112 that of Path raises if it may not look
        count=len(glob(f"{RUNS}/*.jsonl", include_hidden=True)),  # noqa: PTH207 (as above)
        unfinished=tuple(path.name for path in unfinished_in(found)),
        unreadable=len(unreadable),
        ignored=ignored,
    )


def obstacle_to(folder: Path) -> str:
    """Return why a folder cannot be written, "" if it can. The folder need not exist yet."""
    for place in (folder, *folder.parents):
        if os.path.lexists(place):
            if not place.is_dir():
                return f"{place} is not a folder"
            if not os.access(place, os.W_OK | os.X_OK):
                where = place if place != Path() else "this folder"
                return f"you are not allowed to write in {where}"
            return ""
    return ""


def stored_file(store: TokenStore) -> StoredFile:
    """Return the state of the file of the stored sign-in, which may not exist.

    Raises `SignInError` if the sign-in cannot be read, or if other users can read its file.
    """
    if not store.has_folder:
        return StoredFile("", exists=False, writable=False)
    found = store.load()
    path = str(store.path)
    if found is None:
        return StoredFile(path, exists=False, writable=not obstacle_to(store.path.parent))
    try:
        mode = None if os.name == "nt" else stat.S_IMODE(store.path.lstat().st_mode)
    except OSError as error:
        raise SignInError(f"{path} cannot be read: {error.strerror}.") from error
    return StoredFile(
        path,
        exists=True,
        keyring=store.in_keyring,
        mode=mode,
        writable=not obstacle_to(store.path.parent),
        lapses=found.lapses,
    )
