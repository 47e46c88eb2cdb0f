"""`xerosync sandbox`: new books, and no memory of the old ones; locks, balances, contacts."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from command_line import Xerosync

from end_to_end.conftest import chart
from xerosync.cli.app import run
from xerosync.sandbox import Sandbox

ROOT = Path(__file__).parent.parent.parent


def test_after_a_reset_nothing_counts_as_drift(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The journal of the old books is kept, but no plan uses it."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "accounts.yaml", tmp_path)
    assert run(["apply", "--sandbox", "--yes"]) == 0
    (journal,) = Path(".xerosync/runs").glob("*.jsonl")
    assert run(["sandbox", "--reset"]) == 0
    capsys.readouterr()
    assert run(["plan", "--sandbox", "--detailed-exitcode"]) == 2
    assert "Edited in Xero" not in capsys.readouterr().out
    assert [p.name for p in Path(".xerosync/runs").rglob("*.jsonl")] == [journal.name]


def test_a_database_of_another_country_is_refused_with_a_hint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["sandbox", "--reset", "--country", "AU"]) == 0
    (tmp_path / "accounts.yaml").write_bytes((ROOT / "accounts.yaml").read_bytes())
    assert run(["plan", "--sandbox"]) == 5, "the books are the Australian ones, and not the file's"
    assert run(["sandbox", "--country", "UK"]) == 1
    assert "Use --country AU, or add --reset to start with new books." in capsys.readouterr().err


@pytest.mark.parametrize("organisations", ["1", "3"])
def test_a_file_for_another_organisation_gets_the_ways_out_of_the_sandbox(
    project: Path, xerosync: Xerosync, organisations: str
) -> None:
    """Credentials and sign-ins are no way out: the sandbox takes none."""
    text = "version: 1\norganisation: {name: Smith Ltd}\naccounts: []\n"
    Path("accounts.yaml").write_text(text, encoding="utf-8")
    Path("other.yaml").write_text(text, encoding="utf-8")
    assert xerosync("sandbox", "--reset", "--organisations", organisations).code == 0
    for command in ("plan", "plan -f accounts.yaml -f other.yaml", "apply --yes", "pull", "doctor"):
        said = xerosync(*command.split(), "--sandbox")
        text = " ".join((said.out + said.err).split())
        assert "The sandbox has only its own organisations." in text
        for elsewhere in ("Use the credentials", "sign in again", "xerosync auth"):
            assert elsewhere not in text
    assert not Path(".xerosync/locks").exists(), "an organisation that a file does not name is free"


def test_a_lock_is_kept_in_the_books(project: Path, xerosync: Xerosync) -> None:
    save = Path("accounts.yaml").write_text
    save(chart('"code": "404", status: ARCHIVED'), encoding="utf-8")
    said = xerosync("sandbox", "--lock", "404=bank-rule", "--unlock", "469")
    assert said.code == 0
    assert said.err.splitlines() == [
        ".xerosync/sandbox.db: 404 is locked by bank-rule.",
        ".xerosync/sandbox.db: 469 is unlocked.",
    ]
    said = xerosync("apply", "--sandbox", "--yes")
    assert said.code == 6
    assert "Cannot archive an account that is used by a bank rule" in said.err
    assert xerosync("sandbox", "--unlock", "404").code == 0
    assert xerosync("apply", "--sandbox", "--yes").code == 0


@pytest.mark.parametrize(
    ("lock", "said"),
    [
        ("404", "'404' is not CODE=USE, such as 404=bank-rule."),
        ("404=vault", "Use one of bank-rule, fixed-asset, inventory-item, payroll"),
        ("9999=payroll", "The books have no account with the code '9999'."),
    ],
)
def test_a_wrong_lock_says_what_is_right(
    project: Path, xerosync: Xerosync, lock: str, said: str
) -> None:
    answer = xerosync("sandbox", "--lock", lock)
    assert answer.code == 64
    assert said in answer.err


def test_balances_and_contacts_are_kept_in_the_books(project: Path, xerosync: Xerosync) -> None:
    said = xerosync("sandbox", "--balance", "461=-20.5", "--balance", "480=7", "--contacts", "5000")

    assert said.code == 0
    assert said.err == (
        ".xerosync/sandbox.db: 2 accounts brought to the given balance.\n"
        ".xerosync/sandbox.db: each organisation now has 5,000 contacts.\n"
    )
    with Sandbox(".xerosync/sandbox.db") as sandbox:
        balances = {each.account.code: each.now for each in sandbox.store.balances()}
        assert (balances["461"], balances["480"]) == (-2050, 700)
        assert sum(balances.values()) == 0
        assert len(sandbox.store.contacts()) == 5000


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--balance", "461"), "'461' is not CODE=AMOUNT"),
        (("--balance", "461=1,204.50"), "is not CODE=AMOUNT"),
        (("--balance", "461=NaN"), "is not CODE=AMOUNT"),
        (("--balance", "9999=1"), "The books have no account with the code '9999'."),
        (("--balance", "461@Nobody Ltd=1"), "no organisation 'Nobody Ltd'"),
        (("--contacts", "3"), "Use a number from 12 to 100,000."),
        (("--unlock", "9999"), "The books have no account with the code '9999'."),
        (("--fault", "GET /x=zzz"), "zzz is not a kind."),
        (("--fault", "GET /Accounts@Nobody Ltd=403"), "no organisation 'Nobody Ltd'"),
        (("--fault-rate", "2"), "Use a number from 0 to 1"),
        (("--scopes", "zzz"), "A custom connection cannot have the scope 'zzz'."),
        (("--db", "new.db", "--organisations", "10001"), "Use a number from 1 to 10,000."),
    ],
)
def test_a_wrong_option_is_wrong_usage_and_says_what_is_right(
    project: Path, xerosync: Xerosync, options: tuple[str, ...], said: str
) -> None:
    answer = xerosync("sandbox", *options)

    assert answer.code == 64
    assert said in answer.err


def test_a_damaged_database_is_reported_and_a_reset_repairs_it(
    project: Path, xerosync: Xerosync
) -> None:
    Path("accounts.yaml").write_text(chart('"code": "200", name: Sales'), encoding="utf-8")
    assert xerosync("plan", "--sandbox").code == 0
    books = Path(".xerosync/sandbox.db")
    books.write_bytes(books.read_bytes()[:10_000])
    for command in (("plan", "--sandbox"), ("apply", "--sandbox", "--yes"), ("sandbox",)):
        said = xerosync(*command)
        assert said.code == 1
        assert "The sandbox's database .xerosync/sandbox.db is damaged" in said.err
        assert "`xerosync sandbox --reset --db .xerosync/sandbox.db`" in said.err
        assert "bug" not in said.err
    assert xerosync("sandbox", "--reset", "--db", ".xerosync/sandbox.db").code == 0
    assert xerosync("plan", "--sandbox").code == 0


def test_a_file_in_the_place_of_the_folder_is_named(xerosync: Xerosync) -> None:
    Path(".xerosync").write_text("", encoding="utf-8")
    for command in (("sandbox",), ("sandbox", "--reset")):
        said = xerosync(*command)
        assert said.code == 1
        assert "File exists: '.xerosync'" in said.err


def test_a_reset_that_cannot_move_the_old_journals_says_so(
    project: Path, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("accounts.yaml").write_text(chart('"code": "200", name: Sales'), encoding="utf-8")
    assert xerosync("apply", "--sandbox", "--yes").code == 0

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as read_only:
        read_only.setattr(Path, "rename", refuse)
        said = xerosync("sandbox", "--reset")
    assert said.code == 1
    assert ".xerosync/sandbox.db: new books of the demo company" in said.err
    assert "journals of the old books are still in .xerosync/runs: Permission denied" in said.err
    assert "Moved 1 journal" in xerosync("sandbox", "--reset").err


def test_a_reset_can_make_many_organisations(xerosync: Xerosync, tmp_path: Path) -> None:
    said = xerosync("sandbox", "--reset", "--organisations", "13", "--seed", "4")

    assert (said.code, said.err) == (0, ".xerosync/sandbox.db: new books of 13 organisations.\n")
    chart = tmp_path / "one.yaml"
    chart.write_text(
        "version: 1\norganisation: {name: Kowhai Legal Ltd}\n"
        'accounts: [{code: "404", name: Merchant and Bank Fees}]\n'
    )
    said = xerosync("plan", "--sandbox", "--detailed-exitcode", str(chart))
    assert said.code == 0, said.err
    assert "Kowhai Legal Ltd" in said.out
    said = xerosync("sandbox", "--organisations", "12")
    assert said.code == 1
    assert "hold 13 organisations, not 12" in said.err


def test_a_lock_names_one_of_many_organisations(xerosync: Xerosync) -> None:
    assert xerosync("sandbox", "--reset", "--organisations", "3").code == 0

    unclear = xerosync("sandbox", "--lock", "404=bank-rule")
    assert unclear.code == 64
    assert "which one is meant" in unclear.err
    unknown = xerosync("sandbox", "--lock", "404@Nobody Ltd=bank-rule")
    assert "no organisation 'Nobody Ltd'" in unknown.err
    said = xerosync("sandbox", "--lock", "404@kowhai legal ltd=bank-rule")
    assert (said.code, said.err) == (
        0,
        ".xerosync/sandbox.db: 404@kowhai legal ltd is locked by bank-rule.\n",
    )
    with Sandbox(".xerosync/sandbox.db") as sandbox:
        locked = [
            store.organisation.name
            for store in sandbox.books.stores()
            for account in store.accounts()
            if account.code == "404" and account.locked_by
        ]
    assert locked == ["Kowhai Legal Ltd"]
