"""Get access tokens from the user's own program, such as that of a vault (`XERO_TOKEN_COMMAND`).

The program is started without a shell and without input, and must print a token and end within a
minute. If it does not end in time or prints too much, or if the run is stopped, the program and its
children are killed. Neither the command nor anything that the program prints is ever shown, as
both may hold secrets.
"""

from __future__ import annotations

import math
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import IO

from xerosync.errors import Interrupted, SignInError, UsageError
from xerosync.secret import Secret, SecretMask
from xerosync.xero.clock import AGAIN, Clock
from xerosync.xero.http.access_tokens import AccessToken

LONGEST_SECONDS = 60.0
LARGEST_OUTPUT = 65_536
"""The most bytes that the program may print. Xero's tokens have one or two thousand."""

_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")
"""What a token looks like (RFC 6750, 2.1)."""
_WORDS = ("bearer", "token", "null", "none", "undefined")
"""What programs may print if they have no token, in lower case."""
_POLL = 0.05
"""Seconds between checks for Ctrl-C and the time limit."""
_WINDOWS = os.name == "nt"


@dataclass(frozen=True, slots=True)
class TokenCommand:
    """Fetches tokens with a command, which is in the environment variable named `variable`."""

    command: Secret
    variable: str
    clock: Clock
    mask: SecretMask

    def fetch(self, stale: str = "", ends: float = math.inf) -> AccessToken:
        """Run the program and return its token, which counts as valid until Xero rejects it.

        Raises `SignInError` if the program fails, or prints no token or the `stale` token. Raises
        `UsageError` if the command cannot be parsed, and `Interrupted` if the run is stopped.
        """
        token, problem = self._run(min(ends, self.clock.monotonic() + LONGEST_SECONDS))
        if token and token == stale:
            raise SignInError(
                f"The command in {self.variable} printed the expired access token again.",
                "Make it print a new token each time. It probably takes the old one from a cache.",
            )
        if problem:
            raise SignInError(f"The command in {self.variable} {problem}.", self._by_hand())
        self.mask.add(token)
        return AccessToken(token, math.inf)

    def _run(self, ends: float) -> tuple[str, str]:
        """Return the token and "", or "" and what went wrong.

        No exception holds the command or its output, not even in its `__context__`.
        """
        started = _start(*_parse(self.command.reveal(), self.variable))
        if isinstance(started, str):
            return "", started
        try:
            output = _Output(started.stdout)
            status = self._wait(started, output, ends)
        finally:
            _kill(started)
        if status is None:
            return "", "did not end in time, and was stopped"
        return _token_of(status, output.data)

    def _wait(self, process: subprocess.Popen[bytes], output: _Output, ends: float) -> int | None:
        """Return the exit status; 0 if too much was printed, None if time ran out."""
        while self.clock.monotonic() < ends:
            if self.clock.stop.is_set():
                raise Interrupted(
                    f"Stopped while the command in {self.variable} was running.", AGAIN
                )
            if not output.complete.wait(_POLL):
                continue
            if len(output.data) > LARGEST_OUTPUT:
                return 0
            with suppress(subprocess.TimeoutExpired):
                return process.wait(_POLL)
        return None

    def _by_hand(self) -> str:
        run = (
            f"cmd /c $env:{self.variable} > $null"
            if _WINDOWS
            else f'sh -c "${self.variable}" > /dev/null'
        )
        return (
            "The command must print the token alone on stdout, without quotes or the word Bearer."
            f" To see its error messages without showing the token, run it by hand: `{run}`."
        )


class _Output:
    """What a program prints, up to a limit. A thread reads it and sets `complete` at the end."""

    def __init__(self, pipe: IO[bytes] | None) -> None:
        self.data = b""
        self.complete = Event()
        Thread(target=self._read, args=(pipe,), daemon=True).start()

    def _read(self, pipe: IO[bytes] | None) -> None:
        try:
            if pipe:
                with pipe:
                    self.data = pipe.read(LARGEST_OUTPUT + 1)
        finally:
            self.complete.set()


def _token_of(status: int, output: bytes) -> tuple[str, str]:
    """Return the token and "", or "" and what is wrong with the exit status or the output."""
    text = output.decode("utf-8", "replace").strip()
    problem = ""
    if len(output) > LARGEST_OUTPUT:
        problem = f"printed more than {LARGEST_OUTPUT:,} bytes, and was stopped"
    elif status > 0:
        problem = f"failed with exit status {status}"
    elif status < 0:
        problem = f"was ended by signal {-status}"
    elif not text:
        problem = "printed nothing on stdout"
    elif not _TOKEN.fullmatch(text) or text.lower() in _WORDS:
        problem = "did not print an access token alone on stdout"
    return ("", problem) if problem else (text, "")


def _parse(command: str, variable: str) -> tuple[str, list[str] | str]:
    """Return a command's program, and the command split as a POSIX shell splits it.

    On Windows the command is not split: a Windows program splits its command line itself.
    Raises `UsageError` if the command cannot be split or, on Windows, begins with no program.
    """
    if _WINDOWS and (found := re.match(r'"([^"]+)"|[^\s"]+', command)):
        return found[1] or found[0], command
    try:
        words = shlex.split(command) if not _WINDOWS else []
    except ValueError:
        words = []
    if words:
        return words[0], words
    raise UsageError(
        f"{variable} is not a command: a quotation mark is not closed, or it ends in a backslash.",
        "Write the program and its arguments as in a shell, although no shell runs them.",
    )


def _find(program: str) -> str | None:
    """Return `program` itself if it has a folder, else its path, None if it is not on the PATH.

    The first one found is not used if its folder is relative: a stranger may have put it there.
    """
    if {os.sep, os.altsep} & set(program):
        return program
    found = shutil.which(program)
    return found if found and Path(found).is_absolute() else None


def _start(program: str, arguments: list[str] | str) -> subprocess.Popen[bytes] | str:
    """Start a program, and return its process, or else what went wrong.

    On POSIX the program gets a process group of its own, so that `_kill` ends its children too.
    """
    path = _find(program)
    if path is None:
        return "names a program that is not on the PATH"
    problem = ""
    try:
        return subprocess.Popen(  # noqa: S603 (the user's own command)
            arguments,
            executable=path,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=not _WINDOWS,
        )
    except OSError as error:
        problem = error.strerror or type(error).__name__
    return f"could not be started ({problem})"


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a program and its children, unless the program has ended."""
    if process.returncode is not None:
        return
    if sys.platform != "win32":
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    elif taskkill := _find("taskkill.exe"):
        end = [taskkill, "/F", "/T", "/PID", str(process.pid)]
        subprocess.run(end, capture_output=True, check=False)  # noqa: S603 (Windows' own)
    process.kill()
    process.wait()
