"""`XERO_TOKEN_COMMAND`: a program that prints access tokens, run safely, and never shown."""

from __future__ import annotations

import json
import os
import shlex
import signal
import stat
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from command_line import Xerosync
from render.test_published_schemas import STATUS, check

from xero.auth.conftest import Browser, Command, books, browser, login
from xero.auth.test_secrets import Login
from xero.test_secrets import everything_of
from xerosync.errors import Interrupted, SignInError, UsageError, XerosyncError
from xerosync.sandbox import Sandbox
from xerosync.secret import Secret, SecretMask
from xerosync.xero.auth.token_command import LARGEST_OUTPUT, LONGEST_SECONDS, TokenCommand
from xerosync.xero.clock import Clock
from xerosync.xero.http.access_tokens import RenewedTokens, SharedTokens

__all__ = ["books", "browser", "login"]

MARK = "mArKeD"
HANGS = """
import subprocess, sys
pipe = open(sys.argv[1], "wb", 0)
pipe.write(b"x")
subprocess.run([sys.executable, "-c", "import time; time.sleep(600)"], pass_fds=[pipe.fileno()])
"""
"""Keeps a named pipe open together with a child, so that its end tells when both are dead."""

FROM_THE_SANDBOX = """
import json, sys, urllib.request
with open("runs", "a") as runs:
    runs.write("x")
print("a hint of the vault", file=sys.stderr)
body = b"grant_type=client_credentials&client_id=sandbox&client_secret=sandbox"
with urllib.request.urlopen(sys.argv[1] + "/connect/token", body) as answer:
    print(json.load(answer)["access_token"])
"""


def python(code: str, *arguments: str) -> str:
    """Return a command that runs this code."""
    return shlex.join([sys.executable, "-c", code, *arguments])


def token_command(
    command: str, clock: Clock | None = None, variable: str = "XERO_TOKEN_COMMAND"
) -> TokenCommand:
    return TokenCommand(Secret(command), variable, clock or Clock(), SecretMask())


def failure_of(command: TokenCommand, stale: str = "") -> SignInError:
    """Return the error of a command, after a check that it shows neither command nor output."""
    with pytest.raises(SignInError) as caught:
        command.fetch(stale)
    shown = "".join(everything_of(caught.value))
    assert MARK not in shown
    assert command.command.reveal() not in shown
    return caught.value


def test_the_token_is_what_the_program_prints_and_is_masked() -> None:
    command = token_command(python("print('  tok.en-1_=  ')"))
    assert command.fetch().text == "tok.en-1_="
    assert command.mask.mask("A tok.en-1_= here") == "A *** here"


def test_no_shell_runs_the_command(tmp_path: Path) -> None:
    """Quotes and backslashes are as in a POSIX shell; everything else is passed as it is."""
    seen = tmp_path / "seen"
    code = f"import json, sys; open({str(seen)!r}, 'w').write(json.dumps(sys.argv[1:])); print('t')"
    words = ["$HOME", "`id`", ";", "a b", "*", "|", "#x"]
    token_command(f"{python(code)} $HOME '`id`' \\; \"a b\" * | #x").fetch()
    assert json.loads(seen.read_text()) == words


def test_the_program_has_no_input_and_its_own_session() -> None:
    """It cannot ask anything: not on stdin, and not on the terminal."""
    code = "import os, sys; assert not sys.stdin.read(); print(os.getsid(0) == os.getpid())"
    assert token_command(python(code)).fetch().text == "True"


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("", "printed nothing on stdout."),
        ("import sys; print('mArKeD', file=sys.stderr)", "printed nothing on stdout."),
        ("import sys; print('mArKeD'); sys.exit(3)", "failed with exit status 3."),
        ("import os; print('mArKeD', flush=True); os.kill(os.getpid(), 9)", "ended by signal 9."),
        ("print('Bearer mArKeD')", "did not print an access token alone on stdout."),
        ("print('\"mArKeD\"')", "did not print an access token alone on stdout."),
        ('print(\'{"access_token": "mArKeD"}\')', "did not print an access token alone"),
        ("print('mArKeD\\nmArKeD')", "did not print an access token alone on stdout."),
        ("import sys; sys.stdout.buffer.write(b'mArKeD\\xff\\x1b')", "did not print an access"),
        ("print('Bearer')", "did not print an access token alone on stdout."),
        ("print('token')", "did not print an access token alone on stdout."),
        ("print('null')", "did not print an access token alone on stdout."),
        ("print()", "printed nothing on stdout."),
    ],
)
def test_output_that_is_not_a_token_is_refused_and_not_shown(code: str, says: str) -> None:
    error = failure_of(token_command(python(code), variable="XERO_TOKEN_COMMAND_ACME"))
    assert error.message.startswith("The command in XERO_TOKEN_COMMAND_ACME ")
    assert says in error.message
    assert 'run it by hand: `sh -c "$XERO_TOKEN_COMMAND_ACME" > /dev/null`' in error.hint


def test_endless_output_is_cut_off() -> None:
    error = failure_of(token_command(python(f"while True: print('{MARK}' * 1000)")))
    assert f"printed more than {LARGEST_OUTPUT:,} bytes, and was stopped" in error.message


def test_a_program_that_does_not_exist_is_named_by_its_variable_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command may be a token by mistake."""
    monkeypatch.chdir(tmp_path)
    assert "names a program that is not on the PATH" in failure_of(token_command(MARK)).message
    missing = failure_of(token_command(f"./{MARK}"))
    assert "could not be started (No such file or directory)." in missing.message
    (tmp_path / MARK).touch()
    assert "(Permission denied)" in failure_of(token_command(f"./{MARK}")).message


@pytest.mark.parametrize("path", ["", ".", "bin"])
def test_a_program_of_the_checkout_is_run_only_if_the_command_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in (tmp_path, tmp_path / "bin"):
        folder.mkdir(exist_ok=True)
        program = folder / "vault"
        program.write_text("#!/bin/sh\necho theirs\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", path + os.pathsep)
    assert "not on the PATH" in failure_of(token_command("vault")).message
    assert token_command("./vault").fetch().text == "theirs"


@pytest.mark.parametrize("command", ["vault 'read", 'vault "', "vault \\"])
def test_a_command_that_cannot_be_parsed_is_a_usage_error(command: str) -> None:
    with pytest.raises(UsageError, match="a quotation mark is not closed") as caught:
        token_command(command).fetch()
    assert "vault" not in "".join(everything_of(caught.value))


@pytest.fixture
def hanging(tmp_path: Path) -> Iterator[tuple[str, Event, Future[bytes]]]:
    """Yield a command that hangs, an event for its start, and what its pipe held at the end."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    started = Event()

    def read() -> bytes:
        with pipe.open("rb", 0) as reader:
            data = reader.read(1)
            started.set()
            return data + reader.read()

    with ThreadPoolExecutor(1) as pool:
        yield python(HANGS, str(pipe)), started, pool.submit(read)


def test_a_program_that_takes_too_long_is_stopped_with_its_children(
    hanging: tuple[str, Event, Future[bytes]],
) -> None:
    command, started, dead = hanging
    clock = Clock(monotonic=lambda: LONGEST_SECONDS if started.is_set() else 0.0)
    error = failure_of(token_command(command, clock))
    assert error.message == (
        "The command in XERO_TOKEN_COMMAND did not end in time, and was stopped."
    )
    assert dead.result(30) == b"x"


def test_a_program_gets_no_more_time_than_its_call_has_left(
    hanging: tuple[str, Event, Future[bytes]],
) -> None:
    command, started, dead = hanging
    clock = Clock(monotonic=lambda: 5.0 if started.is_set() else 0.0)
    with pytest.raises(SignInError, match="did not end in time"):
        token_command(command, clock).fetch("", 5.0)
    assert dead.result(30) == b"x"


def test_stopping_the_run_stops_the_program_with_its_children(
    hanging: tuple[str, Event, Future[bytes]],
) -> None:
    command, started, dead = hanging
    clock = Clock(stop=started)
    with pytest.raises(Interrupted, match="Stopped while the command in XERO_TOKEN_COMMAND"):
        token_command(command, clock).fetch()
    assert dead.result(30) == b"x"


def test_ctrl_c_stops_the_program_with_its_children(
    books: Sandbox, hanging: tuple[str, Event, Future[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    command, started, dead = hanging
    monkeypatch.setenv("XERO_TOKEN_COMMAND", command)
    plan = Command("plan")
    assert started.wait(30)
    plan.process.send_signal(signal.SIGINT)
    assert plan.end() == 130, plan.said
    assert dead.result(30) == b"x"


@pytest.fixture
def counted(tmp_path: Path) -> Callable[[str], tuple[str, Callable[[], int]]]:
    """Return a function that makes a command of some code, and a counter of its runs."""

    def make(end: str) -> tuple[str, Callable[[], int]]:
        runs = tmp_path / "runs"
        runs.touch()
        code = f"import os; f = open({str(runs)!r}, 'a'); f.write('x'); f.close()\n{end}"
        return python(code), lambda: len(runs.read_text())

    return make


def test_threads_share_one_renewal(
    counted: Callable[[str], tuple[str, Callable[[], int]]],
) -> None:
    command, runs = counted("print('t' + str(os.path.getsize(f.name)))")
    tokens = RenewedTokens(token_command(command).fetch, Clock())
    with ThreadPoolExecutor(16) as pool:
        assert {*pool.map(lambda _: tokens.access_token(), range(16))} == {"t1"}
        assert runs() == 1
        assert {*pool.map(lambda _: tokens.renew("t1"), range(16))} == {"t2"}
    assert runs() == 2


def test_threads_share_one_failure(
    counted: Callable[[str], tuple[str, Callable[[], int]]],
) -> None:
    """A program that hangs must not cost a minute for each of 200 organisations."""
    command, runs = counted("raise SystemExit(1)")
    tokens = SharedTokens(RenewedTokens(token_command(command).fetch, Clock()))

    def ask(_: int) -> str:
        with pytest.raises(SignInError) as caught:
            tokens.access_token()
        return caught.value.message

    with ThreadPoolExecutor(16) as pool:
        said = {*pool.map(ask, range(16))}
    assert said == {"The command in XERO_TOKEN_COMMAND failed with exit status 1."}
    assert runs() == 1


def test_a_program_that_prints_the_expired_token_again_is_reported() -> None:
    error = failure_of(token_command(python(f"print('{MARK}')")), stale=MARK)
    assert "printed the expired access token again" in error.message
    assert "a new token each time" in error.hint


@pytest.fixture
def vault(books: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """Let a program, which notes each of its runs, get tokens from the sandbox."""
    monkeypatch.delenv("XERO_CLIENT_ID")
    monkeypatch.setenv("XERO_TOKEN_COMMAND", python(FROM_THE_SANDBOX, books.url))
    return books


def runs() -> int:
    return len(Path("runs").read_text())


def test_a_plan_and_an_apply_need_no_other_credentials(vault: Sandbox, xerosync: Xerosync) -> None:
    said = xerosync("plan", "--debug")
    assert said.code == 0, said.err
    assert runs() == 1
    assert "a hint of the vault" not in said.out + said.err
    assert xerosync("apply", "--yes").code == 0
    assert "No changes" in xerosync("plan").out


def test_the_program_is_run_again_when_xero_says_that_the_token_has_expired(
    vault: Sandbox, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Sandbox(faults=["GET /Accounts#1=expire-token"]) as other:
        for name in ("API", "IDENTITY"):
            monkeypatch.setenv(f"XEROSYNC_{name}_URL", other.url)
        monkeypatch.setenv("XERO_TOKEN_COMMAND", python(FROM_THE_SANDBOX, other.url))
        said = xerosync("plan")
    assert said.code == 0, said.err
    assert runs() == 2


def test_a_command_that_fails_ends_with_the_status_of_a_failed_sign_in(
    books: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen from outside: the program does not write to our stderr either."""
    code = f"import sys; print('{MARK}'); print('{MARK}', file=sys.stderr); sys.exit(7)"
    monkeypatch.setenv("XERO_TOKEN_COMMAND", python(code))
    plan = Command("plan", "--debug")
    assert plan.end() == 4
    assert "The command in XERO_TOKEN_COMMAND failed with exit status 7." in plan.said
    assert MARK not in plan.said


def test_the_status_shows_the_kind_of_authentication(vault: Sandbox, xerosync: Xerosync) -> None:
    assert "Signed in by: access token from a command" in xerosync("auth", "status").out
    document = json.loads(xerosync("auth", "status", "--format", "json").out)
    check(STATUS, document)
    assert document["signed_in_by"] == "command"
    assert document["client_id"] == ""
    assert [one["name"] for one in document["organisations"]] == ["Demo Company (NZ)"]
    assert document["access_token_ends"]


def test_a_token_in_the_environment_comes_first_and_a_custom_connection_last(
    vault: Sandbox, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XERO_CLIENT_ID", "another")
    monkeypatch.setenv("XERO_CLIENT_SECRET", "another")
    assert xerosync("plan").code == 0
    monkeypatch.setenv("XERO_ACCESS_TOKEN", "unknown")
    assert xerosync("plan").code == 4
    assert runs() == 1


def test_each_profile_has_its_own_command(
    vault: Sandbox, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plain command is ignored: a misspelt profile gives access to nothing."""
    assert "for the profile ACME_UK" in xerosync("plan", "--profile", "acme-uk").err
    monkeypatch.setenv("XERO_TOKEN_COMMAND_ACME_UK", os.environ["XERO_TOKEN_COMMAND"])
    assert xerosync("plan", "--profile", "acme-uk").code == 0
    monkeypatch.setenv("XERO_TOKEN_COMMAND_ACME_UK", "false")
    assert "in XERO_TOKEN_COMMAND_ACME_UK failed" in xerosync("plan", "--profile", "acme-uk").err


def test_signing_in_says_that_the_command_takes_precedence(
    books: Sandbox, login: Login, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XERO_TOKEN_COMMAND", "false")
    assert "XERO_TOKEN_COMMAND is set and takes precedence" in login().err


def test_a_chart_file_cannot_set_the_command(
    books: Sandbox, project: Path, xerosync: Xerosync
) -> None:
    """A pull request must not choose what CI runs."""
    for key in ("token_command", "XERO_TOKEN_COMMAND"):
        text = (project / "accounts.yaml").read_text(encoding="utf-8")
        (project / "other.yaml").write_text(f"{key}: touch ran\n{text}", encoding="utf-8")
        assert xerosync("plan", "other.yaml").code == 3
    assert not Path("ran").exists()


def test_a_program_that_the_system_cannot_run_is_reported(tmp_path: Path) -> None:
    """A program without an interpreter, and a folder."""
    (tmp_path / "program").write_text("no format\x00")
    (tmp_path / "program").chmod(0o755)
    for program in (tmp_path / "program", tmp_path):
        with pytest.raises(XerosyncError, match="could not be started"):
            token_command(shlex.quote(str(program))).fetch()
