"""Which files a command works on: names, folders, patterns, shards, tags and commits."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from command_line import Xerosync

from xerosync.cli.many.choose import Chosen
from xerosync.errors import ChartError, UsageError
from xerosync.organisations.shard import Shard

CHART = 'version: 1\norganisation: {name: "%s"}\n%saccounts:\n  - {code: "400", name: Rent}\n'


def write(path: str, name: str = "", *, head: str = "") -> None:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(CHART % (name or file.stem, head))


def chosen(*names: str) -> list[str]:
    return list(Chosen.of(names, ()).files)


@pytest.fixture(autouse=True)
def inventory(project: Path) -> None:
    for name in ("b", "a", "deep/er/c", ".hidden/x", "deep/.y"):
        write(f"clients/{name}.yaml")
    write("clients/d.yml")
    Path("clients/notes.txt").write_text("not a chart")
    Path("standard").mkdir()
    Path("standard/chart.yaml").write_text(
        'version: 1\nstandard: {name: Ours}\naccounts:\n  - {code: "400", name: Rent}\n'
    )


def test_a_folder_stands_for_its_charts_at_any_depth_except_hidden_ones() -> None:
    assert chosen("clients") == [
        "clients/a.yaml",
        "clients/b.yaml",
        "clients/d.yml",
        "clients/deep/er/c.yaml",
    ]


def test_a_pattern_stands_for_the_charts_that_it_matches() -> None:
    assert chosen("clients/*.yaml") == ["clients/a.yaml", "clients/b.yaml"]
    assert len(chosen("clients/**/*.y*ml")) == 4
    assert chosen("clients/[a]*") == ["clients/a.yaml"]


def test_an_existing_file_with_a_name_like_a_pattern_is_that_file() -> None:
    write("clients/[a].yaml")
    assert chosen("clients/[a].yaml") == ["clients/[a].yaml"]


def test_a_file_counts_once_however_it_is_named() -> None:
    assert chosen("clients/b.yaml", "clients", "./clients/*.yaml") == [
        "clients/b.yaml",
        "clients/a.yaml",
        "clients/d.yml",
        "clients/deep/er/c.yaml",
    ]
    with pytest.raises(UsageError, match="given twice"):
        chosen("clients/b.yaml", "./clients/b.yaml")


def test_an_empty_name_is_an_error_that_says_so() -> None:
    """A shell makes one of a variable that is not set, and a message cannot show it."""
    with pytest.raises(UsageError, match="A path is empty"):
        chosen("clients/b.yaml", "")


def test_a_link_to_a_folder_above_is_not_followed() -> None:
    Path("clients/loop").symlink_to("..")
    assert len(chosen("clients")) == 4
    assert chosen("clients/**/*.yaml") == [file for file in chosen("clients") if ".yaml" in file]


def test_patterns_do_not_follow_links_to_folders() -> None:
    """Two links to the folder itself once made 451 names of 11 files."""
    Path("clients/loop").symlink_to(".")
    Path("clients/deep/loop").symlink_to("..")
    assert chosen("clients/**/*.yaml") == [
        "clients/a.yaml",
        "clients/b.yaml",
        "clients/deep/er/c.yaml",
    ]
    assert chosen("**/[bc].yaml") == ["clients/b.yaml", "clients/deep/er/c.yaml"]
    assert chosen("clients/*/*/*.yaml") == ["clients/deep/er/c.yaml"]
    assert chosen("clients/**") == chosen("clients")
    assert chosen(str(Path.cwd() / "cli*" / "?.yaml")) == [
        str(Path("clients", name).absolute()) for name in ("a.yaml", "b.yaml")
    ]


@pytest.mark.parametrize("name", ["nothing/*.yaml", "clients/.hidden/deeper*"])
def test_a_pattern_without_a_file_is_a_mistake(name: str) -> None:
    with pytest.raises(UsageError, match="matches the pattern"):
        chosen(name)


def test_a_missing_name_with_brackets_is_reported_as_a_file_and_as_a_pattern() -> None:
    with pytest.raises(UsageError, match=r"There is no file books\[1\]\.yaml, and as a pattern"):
        chosen("books[1].yaml")


def test_an_empty_folder_is_a_mistake() -> None:
    Path("empty").mkdir()
    with pytest.raises(UsageError, match="The folder empty has no chart file"):
        chosen("empty")


def test_standards_are_skipped_in_a_folder_and_refused_by_name(xerosync: Xerosync) -> None:
    assert chosen(".", "clients")[-1:] != ["standard/chart.yaml"]
    assert "standard/chart.yaml" not in chosen(".")
    said = xerosync("plan", "standard/chart.yaml")
    assert said.code == 64
    assert "is a standard; name the files that extend it" in said.err
    said = xerosync("plan", "standard")
    assert said.code == 0
    assert "only standards" in said.err


def test_a_standard_in_a_folder_is_skipped_however_it_is_written(xerosync: Xerosync) -> None:
    Path("standard/odd.yaml").write_text("  version: 1\n  standard: {name: S}\n  accounts: []\n")
    said = xerosync("plan", "standard")
    assert said.code == 0
    assert "only standards" in said.err
    for named in (["standard/odd.yaml"], ["standard", "./standard/odd.yaml"]):
        assert "is a standard" in xerosync("plan", *named).err


def test_validate_checks_standards_too(xerosync: Xerosync) -> None:
    said = xerosync("validate", "clients", "standard")
    assert said.code == 0
    assert "5 files" in said.err


def test_a_tag_selects_its_charts_and_an_unknown_tag_selects_none(xerosync: Xerosync) -> None:
    write("clients/e.yaml", head="tags: [retail]\n")
    said = xerosync("validate", "clients", "--select", "tag:retail")
    assert said.err == "clients/e.yaml: 1 account, no problems.\n"
    said = xerosync("plan", "clients", "--select", "tag:retial")
    assert said.code == 0
    assert "Of 5 chart files, --select chooses none: nothing to do." in said.err
    assert said.out == ""


def test_shards_divide_a_folder(xerosync: Xerosync) -> None:
    parts = [Chosen.of(["clients"], [], shard=f"{n}/3").files for n in (1, 2, 3)]
    assert sorted(file for part in parts for file in part) == chosen("clients")
    said = xerosync("plan", "clients/a.yaml", "--shard", _shard_without("clients/a.yaml"))
    assert said.code == 0
    assert "No chart file belongs to the shard" in said.err


def _shard_without(file: str) -> str:
    return next(s for s in ("1/2", "2/2") if not Chosen.of([file], [], shard=s).files)


def git(*arguments: str) -> None:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository() -> None:
    for name in ("acme", "best", "calm"):
        Path(f"clients/{name}.yaml").write_text(
            "version: 1\nextends: ../standard/chart.yaml\n"
            f'organisation: {{name: "{name}", country: NZ}}\n'
        )
    for arguments in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "one"]):
        git(*arguments)


def selected(*more: str) -> list[str]:
    said: list[str] = []
    choice = Chosen.of(["clients"], [], ["changed:main", *more])
    charts = choice.charts(said.append).charts
    return [Path(chart.file).stem for chart in charts] + [s for s in said if "removed" in s]


@pytest.mark.usefixtures("repository")
def test_changed_selects_charts_whose_content_differs() -> None:
    assert selected() == []
    file = Path("clients/b.yaml")
    file.write_text("# a comment changes nothing\n" + file.read_text())
    assert selected() == []
    write("clients/b.yaml", head="unmanaged: keep\nlimits: {archives: 9}\n")
    write("clients/new.yaml")
    assert selected() == ["b", "new"]


@pytest.mark.usefixtures("repository")
def test_a_changed_standard_selects_all_files_that_extend_it() -> None:
    file = Path("standard/chart.yaml")
    file.write_text(file.read_text().replace("Rent", "Leases"))
    assert selected() == ["acme", "best", "calm"]


@pytest.mark.usefixtures("repository")
def test_a_removed_file_is_reported_and_a_moved_one_is_selected() -> None:
    Path("clients/a.yaml").unlink()
    Path("clients/b.yaml").rename("clients/moved.yaml")
    found = selected()
    assert found[0] == "moved"
    (told,) = found[1:]
    assert told.startswith("clients/a.yaml (a) has been removed since main. Its ")


@pytest.mark.usefixtures("repository")
def test_changed_works_from_a_folder_below(monkeypatch: pytest.MonkeyPatch) -> None:
    write("clients/b.yaml", head="limits: {archives: 9}\n")
    monkeypatch.chdir("clients")
    choice = Chosen.of(["."], [], ["changed:main"])
    assert [chart.file for chart in choice.charts(print).charts] == ["b.yaml"]


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize("ref", ["nowhere", "--upload-pack=touch x", "main:clients", "-h", "a b"])
def test_an_unknown_commit_is_a_mistake(xerosync: Xerosync, ref: str) -> None:
    said = xerosync("plan", "clients", "--select", f"changed:{ref}")
    assert said.code == 64
    assert "Git lacks the commit" in said.err
    assert "fetch-depth" in said.err


def test_changed_needs_a_git_repository(xerosync: Xerosync) -> None:
    said = xerosync("plan", "clients", "--select", "changed:main")
    assert said.code == 64
    assert "needs a Git repository" in said.err


@pytest.mark.usefixtures("repository")
def test_no_program_that_a_repository_configures_is_run(tmp_path: Path) -> None:
    """Monitors, hooks, pagers, filters and downloads can name programs."""
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch '{tmp_path}/ran'\ncat\n")
    trap.chmod(0o755)
    Path(".gitattributes").write_text("*.yaml filter=evil diff=evil export-ignore\n")
    git("add", ".")
    git("commit", "-qm", "two")
    for name in ("core.fsmonitor", "core.pager", "core.editor", "filter.evil.smudge",
                 "filter.evil.clean", "filter.evil.process", "diff.evil.textconv",
                 "core.sshCommand", "alias.ls-tree", "pager.ls-tree", "core.askPass"):  # fmt: skip
        git("config", name, str(trap))
    for hook in ("post-checkout", "pre-auto-gc", "reference-transaction", "post-index-change"):
        Path(f".git/hooks/{hook}").write_text(trap.read_text())
        Path(f".git/hooks/{hook}").chmod(0o755)
    write("clients/b.yaml", head="limits: {archives: 9}\n")
    assert selected() == ["b"]
    assert not (tmp_path / "ran").exists()
    git("status")
    assert (tmp_path / "ran").exists(), "the trap does not work"


@pytest.mark.usefixtures("repository")
def test_links_of_a_commit_are_not_followed(tmp_path: Path) -> None:
    """A chart that was a link counts as changed, and what the link names is not read."""
    write("clients/b.yaml")
    Path("clients/z.yaml").symlink_to(tmp_path / "clients" / "b.yaml")
    git("add", ".")
    git("commit", "-qm", "link")
    Path("clients/z.yaml").unlink()
    write("clients/z.yaml", "z")
    assert selected() == ["z"]


@pytest.mark.usefixtures("repository")
def test_a_commit_of_too_many_bytes_is_refused(
    xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few kilobytes of a repository can stand for gigabytes of files."""
    monkeypatch.setattr("xerosync.organisations.commit.LARGEST_TOTAL", 100)
    said = xerosync("plan", "clients", "--select", "changed:main")
    assert said.code == 64
    assert "the chart files of the commit are larger than" in said.err


@pytest.mark.usefixtures("repository")
def test_an_invalid_file_is_not_reported_as_removed() -> None:
    file = Path("clients/b.yaml")
    file.write_text(file.read_text() + "bogus: 1\n")
    said: list[str] = []
    Chosen.of(["clients"], [], ["changed:main"]).charts(said.append, skip_invalid=True)
    assert any("Skipped, because invalid: clients/b.yaml" in one for one in said)
    assert not any("was removed" in one for one in said)


@pytest.mark.usefixtures("repository")
def test_shards_of_a_linked_folder_find_their_files_in_a_commit() -> None:
    Path("linked").symlink_to("clients")
    said: list[str] = []
    for n in (1, 2, 3):
        found = Chosen.of(["linked"], [], ["changed:main"], shard=f"{n}/3").charts(said.append)
        assert not found.charts
    assert not any("was removed" in one for one in said)


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize("more", ["", "bogus: 1\n"])
def test_a_file_that_moved_to_another_shard_is_not_reported_as_removed(more: str) -> None:
    """Not even if it is invalid there, so that its shard fails."""
    here = next(n for n in "123" if Chosen.of(["clients/b.yaml"], [], shard=f"{n}/3").files)
    moved = next(
        path
        for path in (f"clients/moved{n}.yaml" for n in range(99))
        if not Shard(int(here), 3).holds(path)
    )
    Path(moved).write_text(Path("clients/b.yaml").read_text() + more)
    Path("clients/b.yaml").unlink()
    Path("clients/a.yaml").unlink()
    said: list[str] = []
    for n in (1, 2, 3):
        try:
            Chosen.of(["clients"], [], ["changed:main"], shard=f"{n}/3").charts(said.append)
        except ChartError:
            assert more
    gone = [one.split()[0] for one in said if "been removed" in one]
    assert "clients/b.yaml" not in gone
    if not more:
        assert gone == ["clients/a.yaml"]


@pytest.mark.usefixtures("repository")
def test_an_unchanged_file_of_another_shard_does_not_make_a_changed_one_fail() -> None:
    here = next(n for n in "123" if Chosen.of(["clients/b.yaml"], [], shard=f"{n}/3").files)
    rival = next(
        path
        for path in (f"clients/rival{n}.yaml" for n in range(99))
        if not Shard(int(here), 3).holds(path)
    )
    Path(rival).write_text(Path("clients/b.yaml").read_text())
    git("add", ".")
    git("commit", "-qm", "two")
    write("clients/b.yaml", head="unmanaged: keep\nlimits: {archives: 9}\n")
    found = Chosen.of(["clients"], [], ["changed:main"], shard=f"{here}/3").charts(print)
    assert ([Path(chart.file).stem for chart in found.charts], found.failed) == (["b"], ())


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize("names", [["n" * 300 + ".yaml"], ["x.yaml", "x.yaml/y.yaml"]])
def test_a_commit_with_file_names_that_cannot_exist_here_is_reported(
    xerosync: Xerosync, names: list[str]
) -> None:
    def made(kind: str, text: str) -> str:
        return subprocess.run(
            ["git", *kind.split()], input=text, text=True, check=True, capture_output=True
        ).stdout.strip()

    blob = made("hash-object -w --stdin", "version: 1\n")
    lines = [f"100644 blob {blob}\t{names[0]}\n"]
    if len(names) > 1:
        folder = made("mktree", f"100644 blob {blob}\ty.yaml\n")
        lines.append(f"040000 tree {folder}\t{names[0]}\n")
    tree = made("mktree", "".join(lines))
    who = "-c user.name=t -c user.email=t@example.com"
    commit = made(f"{who} commit-tree {tree} -m odd", "")
    said = xerosync("plan", "clients", "--select", f"changed:{commit}")
    assert said.code == 64
    assert "of that commit cannot be written to a temporary folder" in said.err
