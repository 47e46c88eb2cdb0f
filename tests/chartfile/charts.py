"""Charts as Xero could hold them, with names that are difficult in YAML and CSV."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from hypothesis import strategies as st

from xerosync.model import (
    BANK_ACCOUNT_TYPES,
    CLASS_OF_TYPE,
    FIELD,
    SYSTEM_ACCOUNTS,
    Account,
    Chart,
    Organisation,
    Status,
    TaxRate,
    bank_number_key,
    class_of,
    code_key,
    name_key,
)

BOOKS = Organisation(
    "3f0c2f0e-0000-4000-8000-000000000001", "Yes: Åcme #1 'Ltd'", "!3T6Q-", "NZ", "NZD"
)
RATES_USED = ("NONE", "OUTPUT2", "INPUT2", "TAX001", "ECACQ")
ANY = frozenset({"ASSET", "EQUITY", "EXPENSE", "LIABILITY", "REVENUE"})
RATES = (
    TaxRate("OUTPUT2", "15% GST on Income", applies_to=ANY),
    TaxRate("INPUT2", "15% GST on Expenses", applies_to=ANY),
    TaxRate("NONE", "No GST", applies_to=ANY),
    TaxRate("TAX001", "Sales: 8.5%, #1", applies_to=ANY),
)

NASTY = (
    "yes", "No", "null", "~", "true", "OFF", "1e3", "0123", "0x1F", "12:30", "2026-11-24", ".inf",
    "=1+1", "+44", "-5", "@SUM(A1)", "- dash", "? key", ": colon", "key: value", "a #b", "#hash",
    "'single'", '"double"', "it's", 'say "hi"', "back\\slash", "[list]", "{map}", "*alias",
    "&anchor", "!tag", "%TAG", "`tick", "|pipe", "> fold", "comma, and more", " lead", "trail ",
    "Umsatz-Erlöse", "売上", "مبيعات", "Выручка", "עברית", "😀 party", "é", "nbsp\u00a0x",
    "zero\u200bwidth", "zwj 👩‍💻", "<<", "=", "---", "...", "a: b: c", "x:", "tab\tinside",
    "\u3000wide", "Sales", "Sales - 2", "Less: Depreciation", "100% cotton", "R&D", "A/B",
)  # fmt: skip
LETTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"))
WORDS = st.one_of(st.sampled_from(NASTY), st.text(LETTERS, min_size=1, max_size=20))
NAMES = st.one_of(WORDS, st.tuples(WORDS, WORDS).map(" ".join))
LINES = st.lists(st.one_of(WORDS, st.just("")), min_size=1, max_size=4)
DESCRIPTIONS = st.one_of(
    st.just(""),
    WORDS,
    LINES.map("\n".join),
    LINES.map("\r\n".join),
    LINES.map("\n".join).map(lambda t: t + "\n"),
)
CODES = st.one_of(
    st.integers(0, 999).map(str),
    st.integers(0, 99).map(lambda n: f"0{n}"),
    st.sampled_from(
        ("1e3", "NO", "0x1F", "12:30", "~", "A-1", "a b", "007", "+1", "=2", "B#2", "é1")
    ),
    st.text(st.characters(codec="ascii", categories=("L", "N", "P", "S")), min_size=1, max_size=10),
)
NUMBERS = st.integers(10**9, 10**15).map(str)
ODD = st.sampled_from(("control\x07", "esc\x1b[31m", "bidi\u202eevil", "line\nbreak", "x" * 151))


@st.composite
def account(draw: st.DrawFn, number: int, *, odd: bool) -> Account:
    """Draw one account; an odd one has values that our model or a file cannot hold."""

    def one_of(usual: tuple[str, ...], strange: tuple[str, ...] = ()) -> str:
        return draw(st.sampled_from(usual + (strange if odd else ())))

    kind = one_of(tuple(sorted(CLASS_OF_TYPE)), ("PAYGLIABILITY",))
    bank = kind == "BANK"
    code, name, bank_number = CODES, NAMES, NUMBERS
    if odd:
        code = st.one_of(CODES, st.sampled_from(("12345678901", "")))
        name = st.one_of(NAMES, ODD, st.just(""))
        bank_number = st.one_of(NUMBERS, st.just(""))
    if bank:
        code = st.one_of(code, st.just(""))
    flag = st.booleans()
    return Account(
        account_id=str(UUID(int=number + 1)),
        code=draw(code),
        name=draw(name),
        type=kind,
        status=one_of(("ACTIVE", "ACTIVE", "ACTIVE", "ARCHIVED"), ("PENDING",)),
        tax_type="NONE" if bank else one_of(RATES_USED, ("No GST", "")),
        description="" if bank else draw(DESCRIPTIONS),
        reporting_code=one_of(("", "EXP", "REV.TRA.GOO")),
        enable_payments_to_account=not bank and draw(flag),
        show_in_expense_claims=not bank and draw(flag),
        add_to_watchlist=draw(flag),
        bank_account_number=draw(bank_number) if bank else "",
        bank_account_type=one_of(BANK_ACCOUNT_TYPES, ("NONE", "", "LOAN"))
        if bank
        else one_of(("", "NONE")),
        currency_code=one_of(("NZD", "USD"), ("", "usd")) if bank else "",
        system_account="" if bank else one_of(("",) * 6 + SYSTEM_ACCOUNTS[:4], ("NEWROLE",)),
        account_class=class_of(kind, "LIABILITY"),
    )


@st.composite
def charts(draw: st.DrawFn, *, odd: bool = False, most: int = 8) -> Chart:
    """Draw a chart in which codes, names, numbers and roles are unique, as in Xero."""
    drawn = [draw(account(number, odd=odd)) for number in range(draw(st.integers(0, most)))]
    return Chart(BOOKS, unique(drawn), RATES)


def unique(accounts: list[Account]) -> tuple[Account, ...]:
    """Leave out accounts that Xero would reject: a code, name, number or role used twice."""
    seen: set[tuple[str, str]] = set()
    kept = []
    for one in accounts:
        keys = {
            ("code", code_key(one.code)),
            ("name", name_key(one.name)),
            ("number", bank_number_key(one.bank_account_number)),
            ("role", one.system_account),
        }
        keys = {key for key in keys if key[1]}
        if not keys & seen:
            seen |= keys
            kept.append(one)
    return tuple(kept)


@st.composite
def drifted(draw: st.DrawFn, chart: Chart, *, odd: bool = False) -> Chart:
    """Draw a later state of a chart: accounts edited, archived, restored, gone, and new."""
    accounts: list[Account] = []
    for number, one in enumerate(chart.accounts):
        fate = draw(st.sampled_from(("same", "same", "edit", "edit", "status", "gone", "anew")))
        if fate == "edit":
            other = draw(account(number, odd=odd))
            names = draw(st.sets(st.sampled_from(sorted(FIELD)), min_size=1))
            if one.system_account or "BANK" in {one.type, other.type}:
                names -= {"type"}
            if (one.type == "BANK") != (other.type == "BANK"):
                names &= {"code", "name", "add_to_watchlist"}
            values = {name: other.value(name) for name in names}
            accounts.append(replace(one, **values))  # type: ignore[arg-type]
        elif fate == "status" and not one.system_account:
            active = one.status == Status.ACTIVE
            accounts.append(replace(one, status=Status.ARCHIVED if active else Status.ACTIVE))
        elif fate == "anew":
            accounts.append(replace(one, account_id=str(UUID(int=10_000 + number))))
        elif fate != "gone":
            accounts.append(one)
    new = [draw(account(1000 + n, odd=odd)) for n in range(draw(st.integers(0, 3)))]
    return replace(chart, accounts=unique([*accounts, *new]))
