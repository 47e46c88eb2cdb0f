"""Random charts and files for the laws: small, crowded and awkward.

There are few codes and names for many accounts, so swaps, chains and cycles of codes, of
names and of both are frequent.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from behaviours import opposite
from builders import ORGANISATION, RATES
from hypothesis import strategies as st
from hypothesis.vendor.pretty import RepresentationPrinter

from xerosync.desired import DeleteRefused, DesiredAccount, DesiredChart, Source, Unmanaged
from xerosync.model import (
    BANK_ACCOUNT_TYPES,
    CLASS_OF_TYPE,
    Account,
    AccountClass,
    Chart,
    Status,
    Value,
    class_of,
)

CODES = ("1", "2", "3", "4", "5", "6", "7", "08", "A1", "a2", "1234567890", "XSTMP1")
NAMES = (
    "Sales", "Rent", "Fees", "Tolls", "Wages", "Loan", "Cash", "Stock", "Café  Bar",
    "N" * 150, "Sales 2", "Other",
)  # fmt: skip
TYPES = tuple(CLASS_OF_TYPE)
ROLES = ("DEBTORS", "CREDITORS", "GST", "ROUNDING", "HISTORICAL", "RETAINEDEARNINGS")
RETYPES = tuple(kind for kind in TYPES if kind not in ("BANK", "INVENTORY"))


BEHAVIOURS = st.sampled_from((None, None, opposite(), opposite(place=1)))
"""What is known of Xero: nothing, or that it answers every open question otherwise."""


@dataclass(frozen=True)
class Scenario:
    """A chart and a file for it; `truth` is the account that each entry was made from."""

    current: Chart
    desired: DesiredChart
    truth: tuple[str, ...]

    def _repr_pretty_(self, printer: RepresentationPrinter, _cycle: bool) -> None:
        """Print it in few lines: people read failing examples."""
        accounts = [_short(account, Account("")) for account in self.current.accounts]
        entries = [_short(entry, DesiredAccount({})) for entry in self.desired.accounts]
        file = _short(self.desired, DesiredChart("accounts.yaml", ()), "accounts")
        printer.text("\n".join(["", "Xero:", *accounts, "File:", file, *entries]))


def _short(value: object, default: object, *without: str) -> str:
    """Return the fields of a dataclass that differ from the defaults."""
    names = [f.name for f in fields(value) if f.name not in (*without, "source", "account_class")]  # type: ignore[arg-type]
    shown = {n: getattr(value, n) for n in names if getattr(value, n) != getattr(default, n)}
    return "  " + ", ".join(f"{n}={v}" for n, v in shown.items())


@st.composite
def charts(draw: st.DrawFn, most: int = 8) -> Chart:
    """Return a chart that Xero could have."""
    size = draw(st.integers(0, most))
    codes = draw(st.permutations(CODES[:-1]))[:size]
    names = draw(st.permutations(NAMES))[:size]
    roles = draw(st.permutations(ROLES))
    accounts = [
        _account(draw, place, codes[place], names[place], roles[place % len(roles)])
        for place in range(size)
    ]
    return Chart(ORGANISATION, tuple(accounts), RATES)


def _account(draw: st.DrawFn, place: int, code: str, name: str, role: str) -> Account:
    shape = draw(st.sampled_from(("plain", "plain", "plain", "bank", "system", "archived")))
    kind = "BANK" if shape == "bank" else draw(st.sampled_from((*RETYPES, "INVENTORY")))
    bank = kind == "BANK"
    archived = shape == "archived" or draw(st.integers(0, 7)) == 0
    return Account(
        account_id=f"id-{place}",
        code="" if bank and draw(st.booleans()) else code,
        name=name,
        type=kind,
        status=Status.ARCHIVED if archived else Status.ACTIVE,
        tax_type=draw(st.sampled_from(("NONE", "NONE", ""))),
        description="" if bank else draw(st.sampled_from(("", "as it was"))),
        add_to_watchlist=draw(st.booleans()),
        bank_account_number=f"01020304567890{place}" if bank else "",
        bank_account_type=draw(st.sampled_from(BANK_ACCOUNT_TYPES)) if bank else "",
        currency_code="NZD" if bank else "",
        system_account=role if shape == "system" and place < len(ROLES) else "",
        account_class=class_of(kind),
    )


@st.composite
def scenarios(draw: st.DrawFn, most: int = 8, *, mostly_moves: bool = False) -> Scenario:
    """Return a chart and a file that changes its accounts."""
    current = draw(charts(most))
    kept = [a for a in current.accounts if draw(st.integers(0, 7))]
    codes, names = _mixed(draw, [a.code for a in kept]), _mixed(draw, [a.name for a in kept])
    entries, truth = [], []
    for account, code, name in zip(kept, codes, names, strict=True):
        entries.append(_entry(draw, account, code, name, mostly_moves=mostly_moves))
        truth.append(account.account_id)
    entries = [
        _at_rest(entry, kept[at], codes[:at] + codes[at + 1 :], names[:at] + names[at + 1 :])
        for at, entry in enumerate(entries)
    ]
    made = _creates(
        draw, current, codes + [e.code for e in entries], names + [e.name for e in entries]
    )
    entries += made
    truth += [""] * len(made)
    order = draw(st.permutations(range(len(entries))))
    rest = st.sampled_from((*[Unmanaged.KEEP] * 3, Unmanaged.ARCHIVE))
    desired = DesiredChart(
        "accounts.yaml",
        tuple(
            replace(entries[place], source=Source("accounts.yaml", 10 * line, 5))
            for line, place in enumerate(order, start=1)
        ),
        unmanaged=draw(rest),
        delete_refused=draw(st.sampled_from(DeleteRefused)),
        behaviour=draw(BEHAVIOURS),
    )
    return Scenario(current, desired, tuple(truth[place] for place in order))


@st.composite
def careless_files(
    draw: st.DrawFn,
    current: Chart,
    few: tuple[str, ...] = CODES[:6],
    few_names: tuple[str, ...] = NAMES[:6],
    *,
    named: bool = False,
) -> DesiredChart:
    """Return a file whose entries contradict each other; with `named` each has a name."""
    accounts = draw(st.permutations(current.accounts))
    codes, formers, names = (draw(st.permutations(values)) for values in (few, few, few_names))
    entries = []
    status = st.sampled_from((*[Status.ACTIVE] * 4, Status.ARCHIVED, Status.ARCHIVED))
    for place in range(draw(st.integers(2, 4))):
        account = accounts[place] if place < len(accounts) else Account("id-x")
        pinned = draw(st.integers(0, 2)) == 0
        values: dict[str, Value] = {"type": account.type or "EXPENSE"}
        if not pinned or draw(st.booleans()):
            values["code"] = codes[place]
        if named or draw(st.integers(0, 3)):
            values["name"] = names[place]
        before = formers[place : place + 1] if draw(st.integers(0, 2)) and not pinned else ()
        entries.append(
            DesiredAccount(
                values,
                draw(status),
                account_id=account.account_id if pinned else "",
                previously=tuple(code for code in before if code != codes[place]),
                source=Source("accounts.yaml", 10 * place + 10, 5),
            )
        )
    return DesiredChart("accounts.yaml", tuple(entries), behaviour=draw(BEHAVIOURS))


@st.composite
def careless_scenarios(draw: st.DrawFn) -> Scenario:
    """Return a chart and a careless file with the same few codes and names."""
    few, few_names = CODES[:4], ("Sales", "Sales 2", "Rent", "Fees")
    codes, names = (draw(st.permutations(values)) for values in (few, few_names))
    status = st.sampled_from((Status.ACTIVE, Status.ACTIVE, Status.ARCHIVED))
    accounts = tuple(
        Account(f"id-{place}", codes[place], names[place], "EXPENSE", draw(status), "NONE",
                account_class=AccountClass.EXPENSE)
        for place in range(draw(st.integers(1, 3)))
    )  # fmt: skip
    current = Chart(ORGANISATION, accounts, RATES)
    return Scenario(current, draw(careless_files(current, few, few_names, named=True)), ())


def _mixed(draw: st.DrawFn, values: list[str]) -> list[str]:
    """Permute some of the values, and mix in a few new ones."""
    pool = CODES if set(values) <= {*CODES, ""} else NAMES
    free = [value for value in pool if value not in values]
    moving = [i for i, value in enumerate(values) if value and draw(st.booleans())]
    fresh = free[: draw(st.integers(0, 2))]
    after = draw(st.permutations([values[i] for i in moving] + fresh))
    mixed = list(values)
    for place, value in zip(moving, after, strict=False):
        mixed[place] = value
    return mixed


def _entry(
    draw: st.DrawFn, account: Account, code: str, name: str, *, mostly_moves: bool
) -> DesiredAccount:
    """Return an entry for an account, found by one of its pins or codes."""
    values: dict[str, Value] = {}
    pins = ["code", "code", "account_id"] + (["system_account"] if account.system_account else [])
    pin = draw(st.sampled_from(pins)) if account.code else "account_id"
    if code and (pin == "code" or draw(st.booleans())):
        values["code"] = code
    if draw(st.integers(0, 5)):
        values["name"] = name
    if draw(st.booleans()):
        values["type"] = account.type
    if not mostly_moves:
        values |= _edits(draw, account)
    final = st.sampled_from((*[Status.ACTIVE] * 6, Status.ARCHIVED, Status.DELETED))
    status: str = account.status if draw(st.integers(0, 2)) else draw(final)
    if account.system_account:
        status = Status.ACTIVE
    moved = bool(account.code) and "code" in values and account.code != code
    stays = account.code and "code" in values
    former = (account.code,) if pin == "code" and moved else ()
    if pin == "code" and not stays:
        pin = "account_id"
    return DesiredAccount(
        values,
        status,
        account_id=account.account_id if pin == "account_id" else "",
        system_account=account.system_account if pin == "system_account" else "",
        previously=former,
    )


def _at_rest(
    entry: DesiredAccount, account: Account, codes: list[str], names: list[str]
) -> DesiredAccount:
    """Return the entry without moves of code or name if it deletes its account."""
    if entry.status != Status.DELETED:
        return entry
    values: dict[str, Value] = {}
    if account.code and account.code not in codes:
        values["code"] = account.code
    if account.name not in names:
        values["name"] = account.name
    pin = "" if "code" in values else account.account_id
    return DesiredAccount(values, entry.status, account_id=pin)


def _edits(draw: st.DrawFn, account: Account) -> dict[str, Value]:
    edits: dict[str, Value] = {}
    if account.type != "BANK":
        if draw(st.booleans()):
            edits["description"] = draw(st.sampled_from(("", "as it was", "new")))
        if not draw(st.integers(0, 4)):
            edits["type"] = draw(st.sampled_from(TYPES))
        if not draw(st.integers(0, 3)):
            edits["tax_type"] = draw(st.sampled_from(("NONE", "OUTPUT2", "15% GST on Expenses")))
        if draw(st.booleans()):
            edits["enable_payments_to_account"] = draw(st.booleans())
    if not draw(st.integers(0, 2)):
        edits["add_to_watchlist"] = draw(st.booleans())
    if not draw(st.integers(0, 4)):
        edits["reporting_code"] = draw(st.sampled_from(("", "EXP.NEW")))
    return edits


def _creates(
    draw: st.DrawFn, current: Chart, codes: list[str], names: list[str]
) -> list[DesiredAccount]:
    """Return entries for new accounts, with codes and names that are free, freed or taken."""
    made = []
    held_codes = {a.code for a in current.accounts}
    held_names = {a.name for a in current.accounts}
    some_codes = draw(st.permutations([c for c in CODES if c not in codes]))
    some_names = draw(st.permutations([n for n in NAMES if n not in names]))
    for code, name in list(zip(some_codes, some_names, strict=False))[: draw(st.integers(0, 2))]:
        kind = draw(st.sampled_from(TYPES))
        values: dict[str, Value] = {"code": code, "name": name, "type": kind}
        if kind == "BANK":
            values["bank_account_number"] = f"99-{code}"
            values["bank_account_type"] = draw(st.sampled_from(BANK_ACCOUNT_TYPES))
        else:
            values["description"] = draw(st.sampled_from(("", "made")))
        values["add_to_watchlist"] = draw(st.booleans())
        mine = not (code in held_codes or name in held_names)
        status = draw(st.sampled_from((Status.ACTIVE, Status.ACTIVE, Status.ARCHIVED)))
        made.append(DesiredAccount(values, status if mine else Status.ACTIVE))
    return made
