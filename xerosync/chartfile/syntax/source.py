"""Read the text of a chart file: bounded in size, UTF-8, without control characters.

YAML also allows UTF-16 and UTF-32. Only UTF-8 is accepted here, so that Git, editors and
xerosync see the same file.
"""

from __future__ import annotations

import re
import sys
from errno import EINVAL
from pathlib import PurePath
from typing import BinaryIO, NamedTuple, NoReturn

from xerosync.chartfile.problems import LINE_BREAK, Report, command
from xerosync.environment import in_ci
from xerosync.errors import ChartError, Problem
from xerosync.regular_file import leads_out, open_regular
from xerosync.workspace import is_yaml

MAX_BYTES = 10_000_000
"""The largest chart file, in bytes; a chart of 10,000 accounts is 3 MB."""

_CHUNK = 1 << 20
_BOM = "\ufeff"
_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_FORMATS = (
    (b"PK\x03\x04", "an Excel workbook or a zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF-", "a PDF"),
    (b"\x1f\x8b", "a gzip archive"),
)
_FORBIDDEN = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
"""What YAML forbids, byte order marks, and line ends that only some programs know (NEL, LS, PS)."""

_MOST_FORBIDDEN = 20

_SAVE_AS_UTF8 = "Save the file as UTF-8."
_IMPORT = (
    "Name a chart file in YAML. To import a chart from Xero, export it as CSV and run "
    "`xerosync import-csv`."
)
FAR_SMALLER = "A chart is far smaller; this may be another file."


class Spot(NamedTuple):
    """A place in the file; `line` and `column` count from 1, and 0 means no place."""

    line: int
    column: int


NOWHERE, FIRST = Spot(0, 0), Spot(1, 1)


def read(path: str, if_missing: str = "") -> bytes:
    """Read a file as `read_bounded` does, or standard input for "-".

    Raises ChartError if the file cannot be read; `if_missing` is the hint if there is no such file.
    """
    if path == "-":
        return _read_chunks(sys.stdin.buffer)
    try:
        return read_bounded(path, MAX_BYTES)
    except FileNotFoundError:
        pull = f", or create a chart from Xero with `{command('pull', path)}`"
        hint = if_missing or f"Check the path{pull if is_yaml(PurePath(path)) else ''}."
        reject(path, "unreadable-file", "There is no such file.", hint)
    except IsADirectoryError:
        reject(path, "unreadable-file", "This is a folder, not a file.", "Name a file in it.")
    except OSError as error:
        hint = "To read standard input, name it as -." if error.errno == EINVAL else ""
        reject(path, "unreadable-file", f"The file cannot be read: {error.strerror}.", hint)


def read_or_nothing(path: str) -> bytes:
    """Read a file as `read` does; return no bytes if it cannot be read."""
    try:
        return read(path)
    except ChartError:
        return b""


def read_bounded(path: str, most: int) -> bytes:
    """Read at most one byte more than `most`, so that the caller can reject a larger file.

    Raises OSError if the file cannot be read. In CI, raises ChartError for a path into `.git` or a
    link out of the repository: a stranger may have made it, and messages quote lines of the file.
    """
    if in_ci() and leads_out(path):
        reject(
            path, "unreadable-file",
            "In CI, a link that leads out of the repository, or a file in .git, is not read.",
            "Name a file of the repository.",
        )  # fmt: skip
    with open_regular(path) as stream:
        return stream.read(most + 1)


def decode(data: bytes, file: str) -> str:
    """Decode the bytes of a file, without its byte order mark.

    Raises ChartError for a file that is too large, binary, or not UTF-8.
    """
    check_format(data, file, "YAML", _IMPORT)
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            _reject_encoding(file, encoding)
    if b"\0" in data:
        _reject_nul(data, file)
    try:
        return data.decode("utf-8").removeprefix(_BOM)
    except UnicodeDecodeError as error:
        lines = LINE_BREAK.split(data[: error.start].decode("utf-8"))
        spot = Spot(len(lines), len(lines[-1]) + 1)
        rest = data[error.start : error.start + 1000].decode("cp1252", "replace")
        line = lines[-1] + LINE_BREAK.split(rest)[0]
        byte = data[error.start]
        meant = bytes([byte]).decode("cp1252", "ignore")
        guess = f' (in Windows-1252 it is "{meant}")' if meant and meant.isprintable() else ""
        reject(
            file, "encoding", f"The byte 0x{byte:02X} here is not UTF-8{guess}.", _SAVE_AS_UTF8,
            at=spot, line=line[:1000],
        )  # fmt: skip


def with_bom_of(data: bytes, text: str) -> str:
    """Return the text with a byte order mark if the data begins with one."""
    return _BOM + text if data.startswith(_BOM.encode()) else text


def check_format(
    data: bytes, file: str, wanted: str, hint: str, too_large: str = FAR_SMALLER
) -> None:
    """Raise ChartError if a file is too large, or is a workbook, a PDF or an archive.

    `too_large` is the hint for the size, `hint` the one for the format.
    """
    if len(data) > MAX_BYTES:
        size = f"{MAX_BYTES // 1_000_000} MB"
        reject(file, "too-large", f"The file is larger than {size}.", too_large)
    for magic, kind in _FORMATS:
        if data.startswith(magic):
            reject(file, "binary", f"The file is {kind}, not {wanted}.", hint, at=FIRST)


def clean(text: str, report: Report) -> str:
    """Report characters that are not allowed, and return the text with each one replaced.

    Raises ChartError if there are so many that the file is not text.
    """
    line, counted = 1, 0
    for number, found in enumerate(_FORBIDDEN.finditer(text)):
        at = found.start()
        line += len(LINE_BREAK.findall(text, counted, at))
        counted = at
        begin = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
        spot = Spot(line, at - begin + 1)
        if number >= _MOST_FORBIDDEN:
            report.error("binary", spot, "The file is full of control characters: it is not text.")
            report.close()
        report.error(
            "control-character", spot,
            f"The invisible character U+{ord(found[0]):04X} is not allowed in the file.",
            "Delete it.",
        )  # fmt: skip
    return _FORBIDDEN.sub("\ufffd", text) if report.count_errors() else text


def _read_chunks(stream: BinaryIO) -> bytes:
    data = bytearray()
    while len(data) <= MAX_BYTES:
        chunk = stream.read(min(_CHUNK, MAX_BYTES + 1 - len(data)))
        if not chunk:
            break
        data += chunk
    return bytes(data)


def _reject_nul(data: bytes, file: str) -> NoReturn:
    head = data[:64]
    if len(head) >= 4 and (not any(head[1:4]) or not any(head[:3])):  # noqa: PLR2004, one character
        _reject_encoding(file, "UTF-32")
    if len(head) >= 2 and (not any(head[1::2]) or not any(head[::2])):  # noqa: PLR2004, one character
        _reject_encoding(file, "UTF-16")
    at = data.index(b"\0")
    begin = data.rfind(b"\n", 0, at) + 1
    column = len(data[begin:at].decode("utf-8", "replace")) + 1
    reject(
        file, "binary", "There is a NUL byte here: this is a binary file, not text.",
        at=Spot(data.count(b"\n", 0, at) + 1, column),
    )  # fmt: skip


def _reject_encoding(file: str, encoding: str) -> NoReturn:
    reject(file, "encoding", f"The file is {encoding}, not UTF-8.", _SAVE_AS_UTF8, at=FIRST)


def reject(
    file: str, rule: str, message: str, hint: str = "", *, at: Spot = NOWHERE, line: str = ""
) -> NoReturn:
    """Raise ChartError with one problem; `line` is the text to show with it."""
    raise ChartError((Problem(file or "''", *at, rule, message, hint, source_line=line),))
