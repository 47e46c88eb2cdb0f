"""A folder of saved plans: each is refused, stale or applied by itself, and once."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import Xerosync

from end_to_end.practice import BLOCKED, NEW, Begin, Practice, practices
from xerosync.text import json_text

PLANS = Path("plans")


@pytest.fixture
def begin(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Begin]:
    with practices(monkeypatch) as found:
        yield found


@pytest.fixture
def saved(begin: Begin, xerosync: Xerosync) -> Practice:
    """Save the plans of four organisations."""
    practice = begin(4)
    said = xerosync("plan", "clients", "--out", "plans/")
    assert said.code == 0, said.err
    assert "Saved. To apply exactly this plan: xerosync apply plans" in said.err
    practice.sandbox.clear_log()
    return practice


def test_each_organisation_has_a_plan_and_the_index_names_them(saved: Practice) -> None:
    index = json.loads((PLANS / "index.json").read_text(encoding="utf-8"))
    assert [one["name"] for one in index["plans"]] == [f"client{n:02}.json" for n in range(4)]
    assert [one["organisation"] for one in index["plans"]] == [saved.name(n) for n in range(4)]
    for one in index["plans"]:
        document = json.loads((PLANS / one["name"]).read_text(encoding="utf-8"))
        assert document["digest"] == one["digest"]
        assert [plan["file"] for plan in document["plans"]] == [one["file"]]


def test_the_folder_is_shown_as_it_was_planned(saved: Practice, xerosync: Xerosync) -> None:
    planned = xerosync("plan", "clients").out
    assert xerosync("show", "plans").out == planned
    document = json.loads(xerosync("show", "plans/", "--format", "json").out)
    assert len(document["plans"]) == 4
    assert document["groups"]


def test_an_empty_name_never_means_the_plans_of_this_folder(
    saved: Practice, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shell makes it of a variable that is not set, and a saved plan needs no confirmation."""
    monkeypatch.chdir(PLANS)
    said = xerosync("apply", "")
    assert said.code == 64
    assert "A path is empty." in said.err
    assert saved.written == []


def test_a_folder_is_applied_without_a_question_and_each_plan_once(
    saved: Practice, xerosync: Xerosync
) -> None:
    said = xerosync("apply", "plans/")
    assert said.code == 0, said.err
    assert saved.done == [0, 1, 2, 3]
    saved.sandbox.clear_log()
    said = xerosync("apply", "plans", "--select", "!tag:none")
    assert "plans: every plan to apply was already applied." in said.err
    said = xerosync("apply", "plans")
    assert said.code == 5
    assert "plans: every plan to apply was already applied." in said.err
    assert saved.written == []
    assert len(list(Path(".xerosync/applied").iterdir())) == 4


def test_a_single_plan_of_the_folder_can_be_applied(saved: Practice, xerosync: Xerosync) -> None:
    assert xerosync("apply", "plans/client02.json").code == 0
    said = xerosync("apply", "plans")
    assert said.code == 0
    assert "Already applied, and left out: 1 plan of plans." in said.err
    assert saved.done == [0, 1, 2, 3]


def test_a_stale_plan_is_refused_and_the_others_are_applied(
    saved: Practice, xerosync: Xerosync
) -> None:
    saved.stores[1].insert(code="9871", name="Somebody's", type="EXPENSE")
    said = xerosync("apply", "plans")
    assert said.code == 6
    assert sorted(saved.written) == [0, 2, 3]
    assert "1 of 4 organisations failed." in said.err
    assert "Xero has changed since this plan of clients/client01.yaml was saved" in said.err
    assert "Resolve this, and plan again." in said.err


def test_a_stopped_run_goes_on_with_the_folder(begin: Begin, xerosync: Xerosync) -> None:
    """What was begun is not applied again: a new plan holds what is left of it."""
    practice = begin(4, faults=["PUT /Accounts#2=403"])
    assert xerosync("plan", "clients", "--out", "plans/").code == 0
    said = xerosync("apply", "plans", "--workers", "1", "--waves", "2,rest")
    assert said.code == 6
    assert practice.done == [0]
    assert "run again for what was not begun, and plan again for the rest." in said.err
    practice.sandbox.clear_log()
    said = xerosync("apply", "plans")
    assert said.code == 6
    assert sorted(practice.written) == [2, 3]
    assert "This plan (plans/client01.json) was already applied on" in said.err


def test_organisations_are_selected_and_sharded(begin: Begin, xerosync: Xerosync) -> None:
    practice = begin(3)
    practice.write(1, NEW, head="tags: [canary]")
    assert xerosync("plan", "clients", "--out", "plans/").code == 0
    assert xerosync("apply", "plans", "--select", "tag:canary").code == 0
    assert practice.done == [1]
    assert xerosync("apply", "plans", "--select", "!tag:canary", "--waves", "canary,rest").code == 0
    assert practice.done == [0, 1, 2]


def test_a_second_run_has_the_waves_of_the_first(begin: Begin, xerosync: Xerosync) -> None:
    """The canary is done by then, so no plan that is left has its tag."""
    practice = begin(4, faults=["PUT /Accounts#2=403"])
    practice.write(3, NEW, head="tags: [canary]")
    assert xerosync("plan", "clients", "--out", "plans/").code == 0
    assert xerosync("apply", "plans", "--waves", "canary,1,rest").code == 6
    assert practice.done == [3]
    assert xerosync("apply", "plans", "--waves", "canarry,rest").code == 64
    said = xerosync("apply", "plans", "--waves", "canary,1,rest")
    assert said.code == 6, said.err
    assert practice.done == [1, 2, 3]


def test_a_wave_may_name_the_tag_of_a_file_that_was_not_planned(
    begin: Begin, xerosync: Xerosync
) -> None:
    practice = begin(3)
    practice.write(1, NEW, head="tags: [canary]")
    text = practice.file(1).read_text(encoding="utf-8")
    gone = text.replace(practice.stores[1].tenant_id, "00000000-0000-4000-8000-000000000001")
    practice.file(1).write_text(gone, encoding="utf-8")
    assert xerosync("plan", "clients", "--out", "plans/").code == 6
    said = xerosync("apply", "plans", "--waves", "canary,rest")
    assert said.code == 6, said.err
    assert practice.done == [0, 2]


def test_a_wave_may_name_a_tag_that_no_selected_plan_has(begin: Begin, xerosync: Xerosync) -> None:
    """As after a change that touches no canary: `plan --select changed:REF`."""
    practice = begin(3)
    practice.write(1, NEW, head="tags: [canary]")
    assert xerosync("plan", "clients", "--select", "!tag:canary", "--out", "plans/").code == 0
    misspelt = xerosync("apply", "plans", "--waves", "canarry,rest")
    assert misspelt.code == 64
    assert "leave that wave out: `--waves rest`." in " ".join(misspelt.err.split())
    said = xerosync("apply", "plans", "--waves", "canary,rest")
    assert said.code == 0, said.err
    assert practice.done == [0, 2]


def rename(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace("Waves", "Wives"), encoding="utf-8")


def edit_index(change: Callable[[dict[str, Any]], object]) -> Callable[[], None]:
    def edit() -> None:
        path = PLANS / "index.json"
        document = json.loads(path.read_text(encoding="utf-8"))
        change(document)
        path.write_text(json_text(document), encoding="utf-8")

    return edit


def resigned(key: str, value: object) -> Callable[[], None]:
    """Edit an entry of the index, and write the digest that belongs to it."""

    def edit(index: dict[str, Any]) -> None:
        index["plans"][0][key] = value
        del index["digest"]
        text = json.dumps(index, sort_keys=True, separators=(",", ":"))
        index["digest"] = "sha256:" + hashlib.sha256(text.encode()).hexdigest()

    return edit_index(edit)


def swap() -> None:
    """Put the plan of another organisation, whole and valid, in the place of one."""
    (PLANS / "client00.json").write_bytes((PLANS / "client01.json").read_bytes())


@pytest.mark.parametrize(
    "tamper",
    [
        lambda: rename(PLANS / "client00.json"),
        (PLANS / "client03.json").unlink,
        swap,
        edit_index(lambda index: index["plans"].pop()),
        edit_index(lambda index: index["plans"][0].update(digest="sha256:" + "0" * 64)),
        edit_index(lambda index: index["plans"][0].update(name="../x.json")),
        edit_index(lambda index: index.update(kind="other")),
        edit_index(lambda index: index.update(plans=3)),
        resigned("file", 7),
        resigned("name", None),
        resigned("digest", []),
        resigned("name", "../clients/client00.yaml"),
        lambda: (PLANS / "index.json").write_text("[]", encoding="utf-8"),
        lambda: (PLANS / "index.json").write_text("{", encoding="utf-8"),
        lambda: (PLANS / "index.json").write_text("[" * 100_000, encoding="utf-8"),
    ],
)
def test_a_folder_that_was_changed_is_refused_and_nothing_is_sent(
    saved: Practice, xerosync: Xerosync, tamper: Callable[[], None]
) -> None:
    tamper()
    for command in ("apply", "show"):
        said = xerosync(command, "plans")
        assert said.code == 5, said.err
        assert re.search(
            r"json (was changed after it was saved: |is missing: |is not an index)", said.err
        )
    assert saved.sandbox.requests == ()


def test_an_index_that_xerosync_never_saved_is_not_said_to_be_changed(
    begin: Begin, xerosync: Xerosync
) -> None:
    begin(1)
    Path("clients/index.json").write_text('{"clients": 1}', encoding="utf-8")
    for command in ("apply", "show"):
        said = xerosync(command, "clients")
        assert said.code == 5
        assert "Error: clients/index.json is not an index of saved plans." in said.err
        assert "If clients has chart files, move index.json out of it" in said.err


def test_a_folder_without_its_index_has_no_plans(saved: Practice, xerosync: Xerosync) -> None:
    """As after a plan that was interrupted: its index is written last."""
    (PLANS / "index.json").unlink()
    said = xerosync("apply", "--yes", "plans")
    assert said.code == 64
    assert "has no chart file" in said.err


def test_a_folder_of_no_plans_says_so(saved: Practice, xerosync: Xerosync) -> None:
    assert xerosync("plan", "clients", "--select", "tag:none", "--out", "plans").code == 0
    said = xerosync("apply", "plans")
    assert said.code == 0
    assert said.err == "plans has no plans: nothing to do.\n"


def test_same_as_needs_a_saved_plan(begin: Begin, xerosync: Xerosync) -> None:
    begin(1)
    said = xerosync("apply", "clients", "--yes", "--same-as", "clients")
    assert said.code == 64
    assert "Error: --same-as needs a saved plan." in said.err


def test_a_saved_plan_without_any_organisation_says_why(begin: Begin, xerosync: Xerosync) -> None:
    begin(2)
    for name in ("one", "two"):
        text = f"version: 1\norganisation: {{name: No {name}}}\naccounts: []\n"
        Path(f"{name}.yaml").write_text(text, encoding="utf-8")
    assert xerosync("plan", "one.yaml", "two.yaml", "--out", "p.json").code == 4
    said = xerosync("apply", "p.json", "--same-as", "one.yaml", "--same-as", "two.yaml")
    assert said.code == 4
    assert "one.yaml (No one): Not in the saved plan: " in said.err


def test_plans_are_replaced_by_those_of_the_next_run(saved: Practice, xerosync: Xerosync) -> None:
    saved.file(3).unlink()
    assert xerosync("plan", "clients", "--out", "plans").code == 0
    assert sorted(path.name for path in PLANS.iterdir()) == [
        "client00.json", "client01.json", "client02.json", "index.json",
    ]  # fmt: skip


def test_plans_are_replaced_even_if_one_was_deleted(saved: Practice, xerosync: Xerosync) -> None:
    PLANS.joinpath("client01.json").unlink()
    saved.file(3).unlink()
    assert xerosync("plan", "clients", "--out", "plans").code == 0
    assert sorted(path.name for path in PLANS.iterdir()) == [
        "client00.json", "client01.json", "client02.json", "index.json",
    ]  # fmt: skip


def test_a_folder_with_other_files_is_not_used(begin: Begin, xerosync: Xerosync) -> None:
    practice = begin(2)
    said = xerosync("plan", "clients", "--out", "clients")
    assert said.code == 64
    assert "clients has other files, such as client00.yaml." in said.err
    assert practice.sandbox.requests == ()
    assert practice.file(0).exists()


def test_organisations_that_could_not_be_planned_are_named_in_the_index(
    begin: Begin, xerosync: Xerosync
) -> None:
    practice = begin(3)
    path = practice.file(1)
    path.write_text(path.read_text().replace(practice.name(1), "Nobody Ltd"), encoding="utf-8")
    assert xerosync("plan", "clients", "--out", "plans/").code == 6
    index = json.loads((PLANS / "index.json").read_text(encoding="utf-8"))
    assert [one["file"] for one in index["failed"]] == [str(path)]
    assert "Nobody Ltd" in xerosync("show", "plans").out
    said = xerosync("apply", "plans")
    assert said.code == 6
    assert "Nobody Ltd" in said.out
    assert "(Nobody Ltd): Not in the saved plan: clients/client01.yaml:2 is for" in said.err
    assert "The others are done. Resolve this, and plan again." in said.err
    assert practice.done == [0, 2]


@pytest.mark.parametrize(("tags", "canary", "rest"), [("[canary]", 6, 0), ("[]", 0, 6)])
def test_an_organisation_that_was_not_planned_fails_only_jobs_that_select_it(
    tags: str, canary: int, rest: int, begin: Begin, xerosync: Xerosync
) -> None:
    """Otherwise one client that is not connected would keep the rest from being applied."""
    practice = begin(3)
    practice.write(0, head="tags: [canary]")
    practice.write(1, head=f"tags: {tags}")
    path = practice.file(1)
    path.write_text(path.read_text().replace(practice.name(1), "Nobody Ltd"), encoding="utf-8")
    assert xerosync("plan", "clients", "--out", "plans/").code == 6
    assert xerosync("apply", "plans", "--select", "tag:canary").code == canary
    assert practice.done == [0]
    said = xerosync("apply", "plans", "--select", "!tag:canary")
    assert said.code == rest
    assert ("Nobody Ltd): Not in the saved plan" in said.err) is (rest == 6)
    assert practice.done == [0, 2]


def test_a_job_whose_organisations_were_all_left_out_fails(
    begin: Begin, xerosync: Xerosync
) -> None:
    practice = begin(3)
    practice.write(1, head="tags: [canary]")
    path = practice.file(1)
    path.write_text(path.read_text().replace(practice.name(1), "Nobody Ltd"), encoding="utf-8")
    assert xerosync("plan", "clients", "--out", "plans/").code == 6
    said = xerosync("apply", "plans", "--select", "tag:canary")
    assert said.code == 5
    assert "Not in the saved plan" in said.err
    assert "nothing to do" not in said.err


def test_same_as_takes_the_files_of_a_folder_by_name(saved: Practice, xerosync: Xerosync) -> None:
    """One file asks for something else now, and one is gone."""
    saved.write(1, NEW.replace("Waves", "Wives"))
    saved.file(2).unlink()
    said = xerosync("apply", "plans", "--same-as", "clients")
    assert said.code == 6
    assert saved.done == [0, 3]
    assert "clients/client01.yaml does not ask for what this plan does" in said.err
    assert "not among the files of --same-as" in said.err


def test_plans_whose_files_are_all_gone_are_refused(saved: Practice, xerosync: Xerosync) -> None:
    Path("other").mkdir()
    Path("other/one.yaml").write_text(saved.file(0).read_text(encoding="utf-8"), encoding="utf-8")
    said = xerosync("apply", "plans", "--same-as", "other", "--result", "out/")
    assert said.code == 5
    assert saved.written == []
    assert said.err.count("not among the files of --same-as") == 4


@pytest.mark.parametrize(("kept", "done"), [("b", [0, 1]), ("other", [0])])
def test_one_file_of_same_as_matches_only_one_plan(
    begin: Begin, xerosync: Xerosync, kept: str, done: list[int]
) -> None:
    """Two plans are for files of that name; it is taken for the one with its path, if any."""
    practice = begin(3)
    for number, folder in ((1, "b"), (2, "c")):
        Path(folder).mkdir()
        practice.file(number).rename(f"{folder}/acme.yaml")
    assert xerosync("plan", "clients", "b", "c", "--out", "plans").code == 0
    Path("c/acme.yaml").unlink()
    Path("b").rename("kept")
    Path("kept").rename(kept)
    said = xerosync("apply", "plans", "--same-as", "clients", "--same-as", kept)
    assert said.code == 6
    assert practice.done == done
    assert "c/acme.yaml is not among the files of --same-as" in said.err


def test_same_as_takes_a_folder_for_a_plan_of_several_files(
    begin: Begin, xerosync: Xerosync
) -> None:
    practice = begin(3)
    assert xerosync("plan", "clients", "--out", "plan.json").code == 0
    practice.file(0).unlink()
    said = xerosync("apply", "plan.json", "--same-as", "clients")
    assert said.code == 6
    assert practice.done == [1, 2]


def test_a_plan_of_several_files_is_applied_once_and_each_organisation_separately(
    begin: Begin, xerosync: Xerosync
) -> None:
    practice = begin(3)
    assert xerosync("plan", "clients", "--out", "plan.json").code == 0
    practice.stores[1].insert(code="9871", name="Somebody's", type="EXPENSE")
    said = xerosync("apply", "plan.json")
    assert said.code == 6
    assert sorted(practice.written) == [0, 2]
    assert "The others are done. Resolve this, and plan again." in said.err
    practice.sandbox.clear_log()
    assert xerosync("apply", "plan.json").code == 5
    assert practice.written == []


def test_a_saved_plan_with_blocked_changes_is_passed_over(begin: Begin, xerosync: Xerosync) -> None:
    practice = begin(3)
    practice.write(1, NEW, BLOCKED)
    assert xerosync("plan", "clients", "--out", "plans/").code == 0
    assert xerosync("apply", "plans").code == 6
    assert practice.done == [0, 2]


def test_a_plan_that_is_too_large_for_a_job_is_refused_when_it_is_made(
    begin: Begin, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not only once it is approved, and merged; a folder of plans may have any size."""
    practice = begin(3)
    assert xerosync("plan", "clients", "--out", "plan.json").code == 0
    assert xerosync("ci", "annotate", "plan.json").code == 0
    text = Path("plan.json").read_text(encoding="utf-8")
    monkeypatch.setattr("xerosync.ci.archive.BIGGEST", len(text) - 1)
    refused = xerosync("ci", "annotate", "plan.json")
    assert refused.code == 5
    assert "a job fetches plans of at most" in refused.err
    assert "xerosync plan --out FOLDER/" in refused.err
    monkeypatch.setattr("xerosync.regular_file.MAX_BYTES", len(text) - 1)
    refused = xerosync("apply", "plan.json", "--yes")
    assert (refused.code, "xerosync apply FOLDER/" in refused.err) == (64, True)
    assert xerosync("plan", "clients", "--out", "plans/").code == 0
    assert xerosync("apply", "plans/").code == 0
    assert practice.done == [0, 1, 2]


def test_each_plan_in_a_document_of_several_is_one_line(begin: Begin, xerosync: Xerosync) -> None:
    """Indented, a plan of many organisations is twice as large."""
    begin(3)
    assert xerosync("plan", "clients", "--out", "plan.json").code == 0
    text = Path("plan.json").read_text(encoding="utf-8")
    plans = json.loads(text)["plans"]
    lines = [line.strip().rstrip(",") for line in text.splitlines()]
    assert [json.loads(line) for line in lines if line.startswith('{"file"')] == plans
    assert len(plans) == 3
