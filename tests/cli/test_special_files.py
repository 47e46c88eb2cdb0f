"""Only regular files are read; devices and FIFOs are written to, and never replaced."""

from __future__ import annotations

import os
import select
import stat
import threading
from pathlib import Path

import pytest
from command_line import Xerosync

from xerosync.errors import ExitCode, StalePlan, UsageError
from xerosync.files import write_whole
from xerosync.history.applied_once import Approval
from xerosync.history.folder import journals
from xerosync.workspace import APPLIED, local_commit

EXAMPLE = Path(__file__).parents[2] / "accounts.yaml"
READERS = ("validate", "fmt", "show", "apply", "rollback", "import-csv", "plan", "drift")


@pytest.mark.parametrize("command", READERS)
def test_a_fifo_is_refused_and_never_waited_for(
    xerosync: Xerosync, tmp_path: Path, command: str
) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    said = xerosync(command, str(fifo))
    assert said.code in {ExitCode.USAGE, ExitCode.INVALID_FILE}
    assert "it is not a regular file" in said.out + said.err


@pytest.mark.parametrize(
    "command",
    [
        "plan --sandbox -",
        "drift --sandbox -",
        "usage 404 --sandbox -f -",
        "export-csv --sandbox --incomplete -f -",
        "validate -",
        "show --merged -",
    ],
)
def test_standard_input_is_read_once_and_whole(
    xerosync: Xerosync, project: Path, command: str
) -> None:
    said = xerosync(*command.split(), stdin=EXAMPLE.read_bytes())
    assert said.code == ExitCode.OK, said.err
    assert "empty" not in said.err


STANDARD = b'version: 1\nstandard: {name: S}\naccounts: [{code: "900", name: A, type: EXPENSE}]\n'


@pytest.mark.parametrize(
    "command",
    [
        "plan --sandbox -",
        "apply --sandbox --yes -f -",
        "drift --sandbox -",
        "usage 404 --sandbox -f -",
        "export-csv --sandbox --incomplete -f -",
    ],
)
def test_a_standard_on_standard_input_is_refused(
    xerosync: Xerosync, project: Path, command: str
) -> None:
    said = xerosync(*command.split(), stdin=STANDARD)
    assert said.code == ExitCode.USAGE
    assert "Error: <stdin> is a standard; name the files that extend it." in said.err
    assert not list((project / ".xerosync").glob("runs/*"))


@pytest.mark.parametrize(
    "command",
    [
        "pull --sandbox -f -",
        "pull --sandbox --check -f -",
        "import-csv chart.csv -f -",
        "init --from csv --csv chart.csv --organisation Acme --no-gitignore --ci none -f -",
        "renumber --range 4xx=5xx -f -",
    ],
)
def test_a_command_that_edits_or_creates_files_does_not_take_standard_input(
    xerosync: Xerosync, project: Path, command: str
) -> None:
    (project / "chart.csv").write_text("*Code,*Name,*Type\n400,Rent,Expense\n", "utf-8")
    said = xerosync(*command.split(), stdin=EXAMPLE.read_bytes())
    assert said.code == ExitCode.USAGE
    assert "This command needs a file: it cannot be standard input." in said.err
    assert not (project / "-").exists()


@pytest.mark.parametrize(
    "text",
    [
        STANDARD.replace(b"name: A", b"nmae: A"),
        b"".join(b"  " + line for line in STANDARD.splitlines(keepends=True)),
        STANDARD.replace(b"standard:", b"? standard\n:"),
    ],
    ids=["invalid", "indented", "with an explicit key"],
)
@pytest.mark.parametrize(
    "command",
    ["usage 4 --sandbox -f", "export-csv -f", "import-csv chart.csv -f", "plan --sandbox"],
)
def test_a_standard_is_refused_however_it_is_written(
    xerosync: Xerosync, project: Path, command: str, text: bytes
) -> None:
    (project / "chart.csv").write_text("*Code,*Name,*Type\n400,Rent,Expense\n", "utf-8")
    (project / "bad.yaml").write_bytes(text)
    said = xerosync(*command.split(), "bad.yaml")
    assert said.code == ExitCode.USAGE
    assert "Error: bad.yaml is a standard" in said.err
    assert (project / "bad.yaml").read_bytes() == text


def test_a_text_that_looks_like_a_standard_is_part_of_a_chart(
    xerosync: Xerosync, project: Path
) -> None:
    text = "version: 1\norganisation: {name: Acme}\n"
    text += 'accounts: [{code: "4", name: A, type: EXPENSE, description: "as in the\n'
    (project / "chart.yaml").write_text(text + 'standard: fees"}]\n', "utf-8")
    assert xerosync("validate", "chart.yaml").code == ExitCode.OK
    assert xerosync("export-csv", "--incomplete", "-f", "chart.yaml").code == ExitCode.OK
    planned = xerosync("plan", "--sandbox", "chart.yaml")
    assert "is a standard" not in planned.err
    assert planned.code == ExitCode.REFUSED


@pytest.mark.parametrize("command", READERS)
def test_an_endless_device_is_refused(xerosync: Xerosync, command: str) -> None:
    said = xerosync(command, "/dev/zero")
    assert said.code in {ExitCode.USAGE, ExitCode.INVALID_FILE}
    assert "it is not a regular file" in said.out + said.err


@pytest.mark.parametrize("command", [*READERS, "pull"])
@pytest.mark.parametrize("name", ["loop", "a" * 5000])
def test_a_path_that_leads_nowhere_is_not_reported_as_a_bug(
    xerosync: Xerosync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("loop").symlink_to("loop")
    said = xerosync(command, *(["-f"] if command == "pull" else []), name)
    assert "bug" not in said.err
    assert said.code in {ExitCode.USAGE, ExitCode.INVALID_FILE, ExitCode.SIGN_IN}


def test_a_journal_over_the_size_limit_is_refused(
    xerosync: Xerosync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xerosync.regular_file.MAX_BYTES", 1_000_000)
    path = tmp_path / "run.jsonl"
    path.write_bytes(b" " * 1_000_001)
    for command in ("show", "apply", "rollback"):
        assert "it is larger than 1 MB" in xerosync(command, str(path)).err


def test_every_unreadable_journal_is_skipped_with_the_same_message(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.jsonl")
    (tmp_path / "folder.jsonl").mkdir()
    (tmp_path / "link.jsonl").symlink_to("nowhere")
    (tmp_path / "other.jsonl").write_text("{}\n{}\n")
    warnings: list[str] = []
    assert not list(journals(tmp_path, warnings.append))
    assert len(warnings) == 4
    assert all(warning.startswith("Skipped: ") for warning in warnings)
    assert any("it is not a regular file" in warning for warning in warnings)


def test_a_fifo_is_written_into(tmp_path: Path) -> None:
    fifo, read = tmp_path / "fifo", b""
    os.mkfifo(fifo)
    descriptor = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    writer = threading.Thread(target=write_whole, args=(fifo, "plan " * 50_000), daemon=True)
    writer.start()
    while select.select([descriptor], [], [], 60)[0] and (part := os.read(descriptor, 65_536)):
        read += part
    os.close(descriptor)
    assert read == b"plan " * 50_000
    assert stat.S_ISFIFO(fifo.stat().st_mode)


def test_a_fifo_without_a_reader_is_refused(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with pytest.raises(UsageError, match="a FIFO that no program reads"):
        write_whole(fifo, "plan")
    assert stat.S_ISFIFO(fifo.stat().st_mode)
    assert list(tmp_path.iterdir()) == [fifo]


def test_a_device_is_written_into(tmp_path: Path) -> None:
    link = tmp_path / "null"
    link.symlink_to("/dev/null")
    write_whole(link, "plan")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_an_open_file_is_written_at_its_position(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("w") as log:
        log.write("before\n")
        log.flush()
        write_whole(Path(f"/dev/fd/{log.fileno()}"), "plan\n")
        log.write("after\n")
    assert path.read_text() == "before\nplan\nafter\n"


def test_a_stored_sign_in_that_is_a_fifo_is_refused(
    xerosync: Xerosync, no_sign_in_of_ours: Path
) -> None:
    no_sign_in_of_ours.mkdir()
    os.mkfifo(no_sign_in_of_ours / "sign-in.json", 0o600)
    said = xerosync("auth", "status")
    assert said.code == ExitCode.SIGN_IN
    assert "it is not a regular file" in said.err


@pytest.mark.parametrize("name", ["HEAD", "packed-refs", "refs/heads/main", "commondir"])
def test_a_fifo_in_the_git_folder_is_not_read_as_a_commit(
    project: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    git = project / ".git"
    (git / "refs/heads").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    (git / name).unlink(missing_ok=True)
    os.mkfifo(git / name)
    monkeypatch.chdir(project)
    assert local_commit() == ""


@pytest.mark.parametrize(
    "content",
    [None, '{"at": "9999-12-31T23:59:59-14:00", "journal": "x"}', '{"at": 7}', "[" * 9000],
)
def test_a_record_of_an_applied_plan_that_cannot_be_read_counts(
    project: Path, content: str | None
) -> None:
    record = project / APPLIED / "sha2561"
    record.parent.mkdir(parents=True)
    if content is None:
        os.mkfifo(record)
    else:
        record.write_text(content)
    with pytest.raises(StalePlan, match="already applied"):
        Approval(Path("plan.json"), "sha256:1", "").check(())
