"""Build the wheel and the sdist, and check that they hold exactly what they should."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from email.message import Message
from email.parser import BytesParser
from pathlib import Path
from typing import NamedTuple

from packaging.metadata import Metadata

from xerosync import __version__

ROOT = Path(__file__).parent.parent.parent
CLAIM = "Programming Language :: Python :: "


class Archives(NamedTuple):
    """The two files of a release."""

    wheel: Path
    sdist: Path


def build(folder: Path) -> Archives:
    """Build the sdist of this tree, and the wheel from what is in the sdist."""
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return Archives(
        folder / f"xerosync-{__version__}-py3-none-any.whl",
        folder / f"xerosync-{__version__}.tar.gz",
    )


def kept() -> set[str]:
    """Return the files of this tree that git tracks, or would add."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others"]
    options = ["--exclude-standard", "-z"]
    done = subprocess.run(
        [*command, *options], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {name for name in done.stdout.split("\0") if name and (ROOT / name).exists()}


def in_sdist(sdist: Path) -> set[str]:
    """Return the files of an sdist, without their common folder."""
    with tarfile.open(sdist) as archive:
        names = [member.name for member in archive.getmembers() if not member.isdir()]
    return {name.partition("/")[2] for name in names}


def in_wheel(wheel: Path) -> set[str]:
    """Return the files of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def expected_in_wheel(files: set[str]) -> set[str]:
    """Return what a wheel should hold: the package and its schemas, out of git's files."""
    about = f"xerosync-{__version__}.dist-info"
    parts = ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")
    return {
        *(name for name in files if name.startswith("xerosync/")),
        *(f"xerosync/{name}" for name in files if name.startswith("schema/")),
        *(
            name.replace("ci/github/", "xerosync/ci/templates/")
            for name in files
            if name.startswith("ci/github/")
        ),
        *(f"{about}/{part}" for part in parts),
    }


def differences(what: str, there: set[str], wanted: set[str]) -> list[str]:
    """Return a sentence for each file that an archive lacks or should not hold."""
    return [
        *(f"The {what} lacks {name}." for name in sorted(wanted - there)),
        *(
            f"The {what} holds {name}, which does not belong in it."
            for name in sorted(there - wanted)
        ),
    ]


def metadata(wheel: Path) -> Message:
    """Return the metadata of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return BytesParser().parsebytes(_metadata(archive))


def claimed(wheel: Path) -> list[tuple[int, int]]:
    """Return the Pythons that a wheel claims to run on."""
    names = metadata(wheel).get_all("Classifier", [])
    versions = [name.removeprefix(CLAIM) for name in names if name.startswith(CLAIM)]
    return sorted((int(major), int(minor)) for major, minor in (v.split(".") for v in versions))


def faults(archives: Archives) -> list[str]:
    """Return a sentence for each fault of a wheel and an sdist."""
    files = kept()
    with zipfile.ZipFile(archives.wheel) as archive:
        valid = Metadata.from_email(_metadata(archive), validate=True)
    found = [
        *differences("sdist", in_sdist(archives.sdist), files | {"PKG-INFO"}),
        *differences("wheel", in_wheel(archives.wheel), expected_in_wheel(files)),
    ]
    if valid.description_content_type != "text/markdown":
        found.append(f"README.md is shown as {valid.description_content_type}.")
    if valid.description != (ROOT / "README.md").read_text(encoding="utf-8"):
        found.append("The description is not README.md.")
    first, *_ = claimed(archives.wheel)
    if str(valid.requires_python) != ">={}.{}".format(*first):
        found.append(f"Requires-Python is {valid.requires_python}, the first classifier {first}.")
    return found


def _metadata(archive: zipfile.ZipFile) -> bytes:
    return archive.read(f"xerosync-{__version__}.dist-info/METADATA")
