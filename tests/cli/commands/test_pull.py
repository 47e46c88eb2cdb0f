"""`xerosync pull`: what it writes, when it writes nothing, and its exit status."""

from __future__ import annotations

from pathlib import Path

from command_line import Xerosync

EXAMPLE = Path(__file__).parents[3] / "accounts.yaml"


def test_the_first_file_is_created_and_the_next_plan_is_empty(xerosync: Xerosync) -> None:
    made = xerosync("pull", "--sandbox")
    assert made.code == 0
    assert "accounts.yaml: created. Next: xerosync plan --sandbox" in made.err
    assert "No changes" in xerosync("plan", "--sandbox", "--detailed-exitcode").out
    again = xerosync("pull", "--sandbox")
    assert "up to date" in again.err
    assert xerosync("pull", "--sandbox", "--check").code == 0


def test_check_shows_the_difference_and_writes_nothing(xerosync: Xerosync, project: Path) -> None:
    file = project / "accounts.yaml"
    text = EXAMPLE.read_text("utf-8")
    file.write_text(text, "utf-8")
    checked = xerosync("pull", "--sandbox", "--check")
    assert checked.code == 2
    assert "+    name: Bank Fees" in checked.out
    assert file.read_text("utf-8") == text
    assert xerosync("pull", "--sandbox").code == 0
    assert xerosync("plan", "--sandbox", "--detailed-exitcode").code == 0
    pulled = file.read_text("utf-8")
    comments = [line.split("#")[-1] for line in text.splitlines() if "#" in line]
    assert all(comment in pulled for comment in comments)


def test_the_wrong_organisation_is_refused_and_the_file_is_not_touched(
    xerosync: Xerosync, project: Path
) -> None:
    file = project / "accounts.yaml"
    file.write_text("version: 1\norganisation: {name: Other}\naccounts: []\n", "utf-8")
    refused = xerosync("pull", "--sandbox")
    assert refused.code == 5
    assert file.read_text("utf-8").endswith("accounts: []\n")


def test_a_file_that_is_not_a_chart_is_rejected(xerosync: Xerosync, project: Path) -> None:
    (project / "accounts.yaml").write_text("- not: a chart\n", "utf-8")
    assert xerosync("pull", "--sandbox").code == 3
    assert xerosync("pull", "--sandbox", "-f", "-").code == 64
    assert xerosync("pull", "--sandbox", "-f", "a.yaml", "-f", "a.yaml").code == 64


def test_an_organisation_without_access_is_refused(xerosync: Xerosync, project: Path) -> None:
    assert xerosync("pull", "--sandbox", "--organisation", "Other").code == 5
    assert not (project / "accounts.yaml").exists()


def test_pull_needs_a_sign_in(xerosync: Xerosync) -> None:
    assert xerosync("pull").code == 4


def test_a_symbolic_link_to_the_file_is_kept(xerosync: Xerosync, project: Path) -> None:
    (project / "real.yaml").write_text(EXAMPLE.read_text("utf-8"), "utf-8")
    (project / "accounts.yaml").symlink_to("real.yaml")
    assert xerosync("pull", "--sandbox").code == 0
    assert (project / "accounts.yaml").is_symlink()
    assert "Bank Fees" in (project / "real.yaml").read_text("utf-8")


def test_the_folder_of_a_new_file_is_created(xerosync: Xerosync, project: Path) -> None:
    """A plan of a missing file advises this command."""
    missing = xerosync("plan", "--sandbox", "charts/demo.yaml")
    assert "`xerosync pull --sandbox -f charts/demo.yaml`" in missing.err
    assert xerosync("pull", "--sandbox", "charts/demo.yaml", "--check").code == 2
    assert not (project / "charts").exists()
    assert xerosync("pull", "--sandbox", "charts/demo.yaml").code == 0
    assert xerosync("plan", "--sandbox", "charts/demo.yaml", "--detailed-exitcode").code == 0


def test_the_difference_of_a_checked_pull_has_no_line_that_is_in_no_file(
    xerosync: Xerosync, project: Path
) -> None:
    """The line ends of Windows are not shown either."""
    path = project / "accounts.yaml"
    shown = xerosync("pull", "--sandbox", "--check").out.splitlines()
    assert xerosync("pull", "--sandbox").code == 0
    lines = path.read_text("utf-8").splitlines()
    assert shown[2:] == [f"@@ -0,0 +1,{len(lines)} @@", *(f"+{line}" for line in lines)]
    path.write_bytes(
        path.read_bytes().replace(b"name: Bank Fees", b"name: Fees").replace(b"\n", b"\r\n")
    )
    again = xerosync("pull", "--sandbox", "--check").out
    assert "\\r" not in again
    assert "+" in {line[:1] for line in again.splitlines()[2:]}
