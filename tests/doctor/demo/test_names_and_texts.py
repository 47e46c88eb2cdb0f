"""Which accounts count as throw-away ones by their names, and what is removed from Xero's texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from xerosync.doctor.demo.made import Made, Record, RecordFile, Renamed
from xerosync.doctor.demo.scrub import scrubbed
from xerosync.doctor.demo.throw_away import (
    ThrowAwayNames,
    is_free,
    is_throw_away,
    name_before,
)
from xerosync.errors import XerosyncError

NAMES = ("Demo Company (NZ)", "Inventory", "Accounts Payable", "Sales", "A", "Kauri", "!7Nz4k",
         "Falcon", "Rent & Rates", "     ")  # fmt: skip


def test_a_throw_away_name_is_recognised_in_any_case_and_after_a_symbol() -> None:
    names = ThrowAwayNames("7f3a")
    code, name = names.new()
    assert (code, name) == ("XS7F3A001", "xerosync test 7f3a 1: delete me")
    assert names.new()[0] == "XS7F3A002"
    for known in (name, name.upper(), f"#{name}", f"*{name}"):
        assert is_throw_away(code, known)
        assert is_throw_away(code.lower(), known)
        assert is_throw_away("", known)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("469", "xerosync test 7f3a 1: delete me"),
        ("XS7F3A001", "Rent"),
        ("XS7F3A001", ""),
        ("", "my xerosync test 7f3a 1: delete me"),
        ("", "xerosync test 7f3a 1: delete me not"),
        ("", "xerosync test zzzz 1: delete me"),
        ("", "xerosync test 7f3a 1: delete me\n"),
        ("XS7F3A0011", "xerosync test 7f3a 1: delete me"),
        ("XS7F3A001\n", "xerosync test 7f3a 1: delete me"),
    ],
)
def test_other_accounts_are_not_taken_for_throw_away_ones(code: str, name: str) -> None:
    assert not is_throw_away(code, name)


def test_codes_are_no_longer_than_xero_takes() -> None:
    names = ThrowAwayNames("ffff", used=998)
    assert len(names.new()[0]) <= 10


def test_a_mark_of_a_run_is_free_only_if_no_text_has_it() -> None:
    assert is_free("7f3a", ["469", "Rent", "xerosync test 7f3b 1: delete me"])
    assert not is_free("7f3a", ["xs7f3a001"])
    assert not is_free("7f3a", ["Xerosync Test 7F3A 1: delete me"])


def test_the_first_name_of_a_system_account_is_found_from_its_test_name() -> None:
    names = ThrowAwayNames("7f3a")
    for own in ("Rounding", "Rounding (old)", "Zwei\nZeilen", "x" * 120):
        assert name_before(names.renamed(own)) == own
    assert names.renamed("x" * 140) == ""
    for other in ("Rounding", "Rounding (xerosync test)", " (xerosync test 7f3a)"):
        assert name_before(other) == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Account cannot be updated to Inventory", "Account cannot be updated to Inventory"),
        ("'Inventory' is a name that is taken", "'[name]' is a name that is taken"),
        ("accounts payable is a system account", "[name] is a system account"),
        ("Demo Company (NZ) has expired", "[name] has expired"),
        ("Key 6f5b1a52-8f0e-5c1e-9c39-0b1f6a4d7e10 is used", "Key [id] is used"),
        ("Ask kim.example+x@demo.example.com.", "Ask [e-mail]."),
        ("Misaccounts payable", "Misaccounts payable"),
        ("'A' is short", "'A' is short"),
        ("Kauri (!7Nz4k) may not use Falcon.", "[name] ([name]) may not use [name]."),
        ("Falconry is no name", "Falconry is no name"),
        ("Rent &amp; Rates and RENT  & RATES", "[name] and [name]"),
        ("Key 6f5b1a528f0e5c1e9c390b1f6a4d7e10 is used", "Key [id] is used"),
        ("Ask kim@intranet", "Ask [e-mail]"),
    ],
)
def test_private_names_ids_and_addresses_are_removed(text: str, shown: str) -> None:
    assert scrubbed([text], NAMES) == (shown,)


@pytest.mark.parametrize(
    "end", ["Demo Comp…", "Kaur…", "Accounts Payabl…", "6f5b1a52-8f0e-5c1…", "kim.example@dem…"]
)
def test_names_ids_and_addresses_that_are_cut_off_are_removed_too(end: str) -> None:
    """A long text ends in the middle of a name, whoever has cut it."""
    for text in (f"Used by {end}", f"{'x' * (999 - len(end))} {end[:-1]}{'y' * 20}"):
        (found,) = scrubbed([text], NAMES)
        assert end[:5] not in found


def test_too_many_or_too_long_texts_are_cut() -> None:
    found = scrubbed(["x" * 5_000] * 100, NAMES)
    assert len(found) == 20
    assert {len(text) for text in found} == {1_000}


def test_the_record_is_read_back_as_written_and_removed_when_it_is_empty(tmp_path: Path) -> None:
    file = RecordFile("6f5b1a52-8f0e-5c1e-9c39-0b1f6a4d7e10", tmp_path / "doctor")
    assert file.read() is None
    record = Record([Made("XS1", "x", "id")], [Made("XS2", "y")], Renamed("s", "Rounding"), ["k"])
    file.write(record)
    assert file.read() == record
    assert [path.name for path in file.path.parent.iterdir()] == [file.path.name]
    file.write(Record())
    assert not list(file.path.parent.iterdir())


@pytest.mark.parametrize("tenant", ["../../etc/passwd", "", "a/b", "..", "\x1b[31m"])
def test_a_hostile_tenant_id_stays_in_the_folder(tmp_path: Path, tenant: str) -> None:
    assert RecordFile(tenant, tmp_path).path.parent == tmp_path


def test_a_record_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(XerosyncError, match="cannot be written"):
        RecordFile("t", tmp_path / "file").write(Record(kept=["x"]))


def test_a_link_in_the_place_of_the_record_leads_to_no_other_file(tmp_path: Path) -> None:
    """A folder from a stranger may hold links: the files that they lead to stay as they are."""
    other = tmp_path / "other"
    other.write_text("mine")
    file = RecordFile("t", tmp_path / "doctor")
    file.path.parent.mkdir()
    for place in (file.path, file.path.with_suffix(".new")):
        place.symlink_to(other)
    file.write(Record(kept=["k"]))
    assert other.read_text() == "mine"
    assert file.read() == Record(kept=["k"])
    assert [path.name for path in file.path.parent.iterdir()] == [file.path.name]
