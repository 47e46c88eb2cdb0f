"""Plan and compare many organisations: what is shared, and what fails for one alone."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest
from command_line import Xerosync

from cli.many.practice import ACCOUNTS, Practice, write_client
from xerosync.chartfile.edit import pull
from xerosync.plan import build

Begin = Callable[..., Practice]
CLIENTS = Path("clients")
RENAMED = 'code: "401", name: Bank Charges'
RENT_ID = ACCOUNTS[0]["AccountID"]
BAD = 'code: "400", nam: Rent'


def test_one_sign_in_and_one_list_of_connections_serve_all(
    practice: Begin, xerosync: Xerosync
) -> None:
    served = practice(40)
    for number in range(1, 41):
        write_client(CLIENTS, number, pinned=False)
    said = xerosync("plan", "-f", "clients")
    assert said.code == 0
    assert said.err == ""
    assert served.calls["token"] == served.calls["connections"] == 1
    assert served.calls["Accounts"] == served.calls["Organisation"] == 40
    assert len(served.tokens) == 2  # the app's own, and the one token


def test_files_with_tenant_ids_need_no_list_of_connections(
    practice: Begin, xerosync: Xerosync
) -> None:
    served = practice(3)
    for number in (1, 2, 3):
        write_client(CLIENTS, number)
    assert xerosync("plan", "clients").code == 0
    assert served.calls["connections"] == 0


def test_connections_are_kept_and_bounded(practice: Begin, xerosync: Xerosync) -> None:
    """The sandboxed app may make 64 calls at once; each keeps its connection."""
    served = practice(100)
    for number in range(1, 101):
        write_client(CLIENTS, number)
    assert xerosync("plan", "clients").code == 0
    assert len(served.ports) <= 66


def test_plans_are_in_the_order_of_the_files(practice: Begin, xerosync: Xerosync) -> None:
    practice(9)
    for number in (9, 3, 7, 1):
        write_client(CLIENTS, number, RENAMED)
    said = xerosync("plan", "-f", "clients", "--format", "json")
    plans = json.loads(said.out)["plans"]
    assert [Path(plan["file"]).stem[-1] for plan in plans] == ["1", "3", "7", "9"]
    assert all(plan["desired"]["accounts"] for plan in plans)


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("403", "no access to the organisation"),
        ("500", "Xero had an internal error"),
        ("day", "Xero allows no more calls to this organisation until "),
        ("page", "Xero's answer could not be read"),
    ],
)
@pytest.mark.parametrize("command", ["plan", "drift"])
def test_an_organisation_that_xero_refuses_does_not_stop_the_others(
    practice: Begin, xerosync: Xerosync, command: str, fault: str, why: str
) -> None:
    practice(4, faults={2: fault})
    for number in (1, 2, 3, 4):
        write_client(CLIENTS, number, RENAMED)
    said = xerosync(command, "-f", "clients")
    assert said.code == 6
    assert "1 of 4 organisations failed" in said.err
    assert f"clients/client002.yaml (Client 2): {why}" in said.err.replace("This sign-in has ", "")
    for number in (1, 3, 4):
        assert f"Client {number}" in said.out
    assert said.err.count("client00") == 1


def test_a_saved_plan_beside_a_failed_organisation_says_that_an_apply_refuses_it(
    practice: Begin, xerosync: Xerosync
) -> None:
    """`limits.organisations` counts if several organisations were to be planned."""
    practice(2, faults={2: "403"})
    for number in (1, 2):
        gone = 'code: "400", name: Rent, status: ARCHIVED'
        write_client(CLIENTS, number, gone, head="limits: {organisations: 0, change_percent: 100}")
    said = xerosync("plan", "clients", "--out", "p.json")
    assert said.code == 6
    assert "Saved. Some of the plan is blocked or exceeds a limit, " in said.err
    refused = xerosync("apply", "p.json")
    assert "would be archived in 1 organisation; limits.organisations allows 0." in refused.err
    alone = xerosync("plan", "clients/client001.yaml", "--out", "alone.json")
    assert "Saved. To apply exactly this plan: " in alone.err


def test_files_that_do_not_fit_their_organisation_stop_no_other(
    practice: Begin, xerosync: Xerosync
) -> None:
    """One names a client that is not connected, one is ambiguous, one names other books."""
    served = practice(5)
    served.connected.discard(2)
    write_client(CLIENTS, 1, RENAMED)
    write_client(CLIENTS, 2, pinned=False)
    write_client(CLIENTS, 3, 'code: "400"', f"account_id: {RENT_ID}, name: Leases")
    path = write_client(CLIENTS, 4)
    path.write_text(path.read_text().replace("Client 4", "Somebody else"))
    write_client(CLIENTS, 5, RENAMED)
    said = xerosync("plan", "clients", "--detailed-exitcode")
    assert said.code == 6
    assert "Client 2 is not among the organisations of this sign-in." in said.err
    assert "is for the organisation Somebody else" in said.err
    assert "error[one-account-twice]" in said.err
    assert "3 of 5 organisations failed." in said.err
    assert "in 2 of 2" in said.out


def test_a_bug_in_one_plan_stops_no_other(
    practice: Begin, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = build.build

    def fail(current: object, desired: object) -> object:
        if "client002" in desired.file:  # type: ignore[attr-defined]
            raise KeyError("x")
        return made(current, desired)  # type: ignore[arg-type]

    monkeypatch.setattr("xerosync.plan.build.build", fail)
    practice(3)
    for number in (1, 2, 3):
        write_client(CLIENTS, number, RENAMED)
    said = xerosync("plan", "clients")
    assert said.code == 6
    assert "client002.yaml (Client 2): This is a bug in xerosync: KeyError." in said.err


def test_further_problems_of_a_file_are_listed_below_it(
    practice: Begin, xerosync: Xerosync
) -> None:
    practice(2)
    write_client(CLIENTS, 1, RENAMED)
    write_client(CLIENTS, 2, BAD, BAD.replace("400", "401"))
    lines = xerosync("drift", "clients").err.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("  - clients"))
    assert lines[first + 1].startswith("    - clients/client002.yaml:")


def test_every_failure_is_listed_and_what_is_left_out_is_counted(
    practice: Begin, xerosync: Xerosync
) -> None:
    """A failure must not be cut off because an earlier one has many problems."""
    practice(3)
    many = [BAD.replace("400", str(code)) for code in range(400, 425)]
    write_client(CLIENTS, 1, *many)
    write_client(CLIENTS, 2, BAD, many[1])
    write_client(CLIENTS, 3, RENAMED)
    said = xerosync("drift", "clients").err.partition("\nError: ")[2].splitlines()
    listed = [line for line in said if line.startswith("  - clients")]
    assert ["client001" in listed[0], "client002" in listed[1]] == [True, True]
    nested = [line for line in said if line.startswith("    - clients")]
    assert len(listed) + len(nested) == 20
    assert f"  - and {27 - 20} more" in said


def test_a_bug_in_one_pull_stops_no_other_and_hides_no_failure(
    practice: Begin, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = pull.pull

    def fail(*given: Any, **options: Any) -> object:
        if "client002" in given[4]:
            raise KeyError("x")
        return made(*given, **options)

    monkeypatch.setattr("xerosync.chartfile.edit.pull.pull", fail)
    practice(3, faults={1: "403"})
    paths = [write_client(CLIENTS, number, RENAMED) for number in (1, 2, 3)]
    before = [path.read_text("utf-8") for path in paths]
    said = xerosync("pull", "clients")
    assert said.code == 6
    assert "client001.yaml: " in said.err
    assert "client002.yaml: This is a bug in xerosync: KeyError." in said.err
    assert "2 of 3 organisations failed." in said.err
    assert [path.read_text("utf-8") == text for path, text in zip(paths, before, strict=True)] == [
        True,
        True,
        False,
    ]


def test_a_pull_whose_output_cannot_be_written_stops(
    practice: Begin, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("xerosync.cli.terminal.Terminal.data", full)
    practice(2)
    for number in (1, 2):
        write_client(CLIENTS, number, RENAMED)
    said = xerosync("pull", "clients", "--check")
    assert said.code == 1
    assert "Error: the output could not be written" in said.err
    assert "bug" not in said.err


def test_a_sign_in_that_fails_is_tried_and_reported_once(
    practice: Begin, xerosync: Xerosync
) -> None:
    served = practice(50, token_status=401)
    for number in range(1, 51):
        write_client(CLIENTS, number)
    said = xerosync("plan", "clients")
    assert said.code == 4
    assert served.calls["token"] == 1
    assert served.calls["Accounts"] == 0
    assert said.err.count("Error:") == 1
    assert len(said.err.splitlines()) < 6
    assert "and 47 more" in said.err


def test_a_token_that_xero_rejects_is_not_used_for_every_organisation(
    practice: Begin, xerosync: Xerosync
) -> None:
    served = practice(60, rejected=lambda _: True)
    for number in range(1, 61):
        write_client(CLIENTS, number)
    said = xerosync("plan", "clients", "--workers", "2")
    assert said.code == 4
    assert served.calls["Organisation"] < 12
    assert served.calls["token"] == 2
    assert "Xero rejected the access token" in said.err
    assert "XERO_TOKEN_COMMAND" in said.err, "a new sign-in would not replace its token"


@pytest.mark.parametrize("workers", ["1", "2", "32"])
@pytest.mark.parametrize("fault", ["401", "expired"])
@pytest.mark.parametrize("given", [True, False])
def test_organisations_that_reject_the_token_stop_no_other(
    practice: Begin,
    xerosync: Xerosync,
    monkeypatch: pytest.MonkeyPatch,
    workers: str,
    fault: str,
    given: bool,
) -> None:
    """The sign-in still works for the others, however many are read at once."""
    served = practice(12, faults={1: fault, 2: fault, 7: fault})
    if given:
        monkeypatch.setenv("XERO_ACCESS_TOKEN", "given")
    for number in range(1, 13):
        write_client(CLIENTS, number, RENAMED)
    said = xerosync("plan", "clients", "--workers", workers)
    assert said.code == 6
    assert "3 of 12 organisations failed" in said.err
    assert "9 planned, 3 not planned" in said.out.replace("\n", " ")
    if fault == "401":
        assert served.calls["token"] == (0 if given else 2)


def test_a_token_that_was_revoked_is_replaced(practice: Begin, xerosync: Xerosync) -> None:
    """Every organisation is planned, whether its first call was made before or after that."""
    served = practice(12, rejected=lambda token: token == "tok1")
    for number in range(1, 13):
        write_client(CLIENTS, number)
    assert xerosync("plan", "clients").code == 0
    assert served.calls["token"] == 2


def test_if_all_fail_in_the_same_way_the_run_has_that_exit_code(
    practice: Begin, xerosync: Xerosync
) -> None:
    practice(3, faults={1: "403", 2: "403", 3: "403"})
    for number in (1, 2, 3):
        write_client(CLIENTS, number)
    said = xerosync("plan", "clients")
    assert said.code == 4
    assert "Nothing was planned." in said.out
    assert "No changes" not in said.out


def test_two_bad_files_are_both_reported_before_any_call(
    practice: Begin, xerosync: Xerosync
) -> None:
    served = practice(5)
    for number in (1, 2, 3, 4, 5):
        write_client(CLIENTS, number)
    write_client(CLIENTS, 2, BAD)
    write_client(CLIENTS, 4, BAD)
    said = xerosync("plan", "clients")
    assert said.code == 3
    assert "client002.yaml:4" in said.err
    assert "client004.yaml:4" in said.err
    assert "Error: 2 files have" in said.err
    assert not served.calls


def test_two_bad_files_of_two_hundred_are_both_reported_before_any_call(
    practice: Begin, xerosync: Xerosync
) -> None:
    served = practice(200)
    for number in range(1, 201):
        write_client(CLIENTS, number, *([BAD] if number in {77, 199} else []))
    for command in (("plan",), ("apply", "--yes")):
        said = xerosync(*command, "clients")
        assert said.code == 3
        assert "client077.yaml:4" in said.err
        assert "client199.yaml:4" in said.err
        assert said.err.count("error[") == 2
    assert not served.calls


def test_every_format_names_the_three_of_two_hundred_organisations_that_fail(
    practice: Begin, xerosync: Xerosync
) -> None:
    """One is refused, one is not connected, and one answers with an error that lasts."""
    served = practice(200, faults={50: "403", 150: "500"})
    served.connected.discard(100)
    for number in range(1, 201):
        write_client(CLIENTS, number, RENAMED, pinned=number != 100)
    said = xerosync("plan", "clients", "--json-file", "plan.json", "--markdown-file", "plan.md",
                    "--html-file", "plan.html")  # fmt: skip
    assert said.code == 6
    assert "3 of 200 organisations failed" in said.err
    document = json.loads(Path("plan.json").read_text("utf-8"))
    assert len(document["plans"]) == 197
    assert [one["file"][-8:-5] for one in document["failed"]] == ["050", "100", "150"]
    shown = [Path(name).read_text("utf-8") for name in ("plan.json", "plan.md", "plan.html")]
    for text in (said.out, said.err, *shown):
        for number in (50, 100, 150):
            assert f"Client {number}" in text


def test_drift_skips_a_bad_file_and_reports_it(practice: Begin, xerosync: Xerosync) -> None:
    practice(3)
    for number in (1, 2, 3):
        write_client(CLIENTS, number, RENAMED)
    write_client(CLIENTS, 2, BAD)
    said = xerosync("drift", "clients")
    assert said.code == 6
    assert "client002.yaml:4" in said.err
    assert (
        "Skipped, because invalid: clients/client002.yaml. Its organisation is not read."
        in said.err
    )
    assert "Client 1" in said.out
    assert "Client 3" in said.out


def test_a_warning_of_a_valid_file_beside_an_invalid_one_is_given_once(
    practice: Begin, xerosync: Xerosync
) -> None:
    practice(2)
    write_client(CLIENTS, 1, RENAMED.replace('"401"', "401"))
    write_client(CLIENTS, 2, BAD)
    assert xerosync("drift", "clients").err.count("client001.yaml:4:12: warning[") == 1


def test_drift_of_invalid_files_alone_exits_with_3(practice: Begin, xerosync: Xerosync) -> None:
    served = practice(2)
    for number in (1, 2):
        write_client(CLIENTS, number, BAD)
    assert xerosync("drift", "clients").code == 3
    assert not served.calls


@pytest.mark.parametrize("pinned", [True, False])
def test_two_files_for_one_organisation_are_refused(
    practice: Begin, xerosync: Xerosync, pinned: bool
) -> None:
    served = practice(2)
    write_client(CLIENTS, 1, pinned=pinned)
    write_client(Path("more"), 1, pinned=pinned)
    said = xerosync("plan", "clients", "more")
    assert said.code == 64
    assert "are both for Client 1." in said.err
    assert bool(served.calls) is not pinned


@pytest.mark.parametrize("pinned", [True, False])
@pytest.mark.parametrize("command", ["plan", "drift", "apply"])
def test_two_files_for_one_organisation_stop_no_other(
    practice: Begin, xerosync: Xerosync, command: str, pinned: bool
) -> None:
    """Both of them fail, and each names the other."""
    practice(3)
    for number in (1, 2, 3):
        write_client(CLIENTS, number, *([] if command == "apply" else [RENAMED]))
    write_client(Path("more"), 2, pinned=pinned)
    options = ["--yes"] if command == "apply" else ["--format", "json"]
    said = xerosync(command, "-f", "clients", "-f", "more", *options)
    assert said.code == 6
    assert "clients/client002.yaml and more/client002.yaml are both for Client 2." in said.err
    assert "2 of 4 organisations failed" in said.err
    if command == "plan":
        found = json.loads(said.out)
        assert [one["file"][-8:] for one in found["plans"]] == ["001.yaml", "003.yaml"]
        assert [(one["file"], one["exit_code"]) for one in found["failed"]] == [
            ("clients/client002.yaml", 64),
            ("more/client002.yaml", 64),
        ]


def test_two_plans_of_one_organisation_are_not_saved_in_a_folder(
    practice: Begin, xerosync: Xerosync
) -> None:
    practice(3)
    for number in (1, 2, 3):
        write_client(CLIENTS, number, RENAMED)
    write_client(Path("more"), 2, RENAMED, pinned=False)
    assert xerosync("plan", "clients", "more", "--out", "plans/").code == 6
    assert sorted(one.name for one in Path("plans").iterdir()) == [
        "client001.json",
        "client003.json",
        "index.json",
    ]


def test_two_files_for_one_organisation_are_reported_in_every_shard(
    practice: Begin, xerosync: Xerosync
) -> None:
    """Otherwise two jobs would plan the organisation."""
    practice(9)
    for number in range(1, 10):
        write_client(CLIENTS, number)
    write_client(Path("other"), 2, pinned=False)
    told = [xerosync("plan", "clients", "other", "--shard", f"{n}/3") for n in (1, 2, 3)]
    both = "clients/client002.yaml and other/client002.yaml are both for Client 2."
    assert sorted(one.code for one in told) == [0, 6, 6], "the two are in different shards"
    assert [both in one.err for one in told] == [one.code == 6 for one in told]


def test_validate_reports_equal_tenant_ids(xerosync: Xerosync) -> None:
    write_client(CLIENTS, 1)
    write_client(CLIENTS, 2)
    write_client(Path("more"), 2)
    said = xerosync("validate", "clients", "more")
    assert said.code == 3
    first, second = (line for line in said.out.splitlines() if "error[" in line)
    assert first.startswith(
        "clients/client002.yaml:2:16: error[organisation-twice]: clients/client002.yaml and "
        "more/client002.yaml are both for Client 2."
    )
    assert second.startswith("more/client002.yaml:2:16: error[organisation-twice]:")


def test_a_file_chooses_its_profile_and_the_option_overrides_it(
    practice: Begin, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = practice(2)
    monkeypatch.delenv("XERO_CLIENT_ID")
    monkeypatch.setenv("XERO_CLIENT_ID_NORTH", "north")
    monkeypatch.setenv("XERO_CLIENT_SECRET_NORTH", "secret")
    write_client(CLIENTS, 1, RENAMED, head="profile: north")
    write_client(CLIENTS, 2, RENAMED, head="profile: south")
    said = xerosync("plan", "clients")
    assert said.code == 6
    assert "Nobody is signed in to Xero for the profile SOUTH" in said.err
    assert "Client 1" in said.out
    assert xerosync("plan", "clients", "--profile", "north").code == 0
    assert served.calls["token"] == 2


def test_threads_stay_few(practice: Begin, xerosync: Xerosync) -> None:
    """There are two for each worker, however many organisations there are."""
    served = practice(60)
    for number in range(1, 61):
        write_client(CLIENTS, number)
    xerosync("plan", "clients", "--workers", "4")
    assert 4 < served.most_threads <= 2 * 4


def test_a_single_file_has_no_review_whether_it_is_planned_or_fails(
    practice: Begin, xerosync: Xerosync
) -> None:
    practice(2, faults={2: "403"})
    write_client(CLIENTS, 1, RENAMED)
    write_client(CLIENTS, 2)
    assert xerosync("plan", "clients/client001.yaml").code == 0
    said = xerosync("plan", "clients/client002.yaml")
    assert said.code == 4
    assert said.err.startswith("Error: clients/client002.yaml (Client 2): This sign-in has no")


def test_one_valid_file_beside_an_invalid_one_is_reported_as_one_of_several(
    practice: Begin, xerosync: Xerosync
) -> None:
    practice(2, faults={1: "403"})
    write_client(CLIENTS, 1)
    write_client(CLIENTS, 2, BAD)
    said = xerosync("drift", "clients", "--format", "json")
    assert said.code == 1
    assert [one["exit_code"] for one in json.loads(said.out)["failed"]] == [3, 4]


@pytest.mark.parametrize("command", ["plan", "drift", "pull", "export-csv"])
def test_every_command_signs_in_as_the_file_says(
    practice: Begin, xerosync: Xerosync, command: str
) -> None:
    """Nobody has signed in with the profile of the file, only with the default one."""
    practice(1)
    path = str(write_client(CLIENTS, 1, RENAMED, head="profile: north"))
    arguments = ["--with-xero", "-f", path] if command == "export-csv" else [path]
    said = xerosync(command, *arguments)
    assert said.code == 4
    assert "for the profile NORTH" in said.err
    assert "xerosync auth login --profile north" in said.err


@pytest.mark.parametrize("edit", [[], [{"file": "x.yaml", "organisation": "X", "exit_code": 4,
                                        "message": "M.", "hint": ""}]])  # fmt: skip
def test_failures_cannot_be_edited_out_of_a_saved_plan(
    practice: Begin, xerosync: Xerosync, edit: list[object]
) -> None:
    practice(3, faults={2: "403"})
    for number in (1, 2, 3):
        write_client(CLIENTS, number, RENAMED)
    assert xerosync("plan", "clients", "--out", "plan.json").code == 6
    saved = json.loads(Path("plan.json").read_text())
    assert xerosync("show", "plan.json").code == 0
    Path("plan.json").write_text(json.dumps(saved | {"failed": edit}))
    said = xerosync("show", "plan.json")
    assert said.code != 0
    assert "its digest does not match" in said.err


def test_groups_of_a_saved_plan_are_made_again(practice: Begin, xerosync: Xerosync) -> None:
    practice(3, faults={2: "403"})
    for number in (1, 2, 3):
        write_client(CLIENTS, number, RENAMED)
    xerosync("plan", "clients", "--out", "plan.json")
    saved = json.loads(Path("plan.json").read_text())
    Path("plan.json").write_text(json.dumps(saved | {"groups": []}))
    assert json.loads(xerosync("show", "plan.json", "--format", "json").out) == saved
