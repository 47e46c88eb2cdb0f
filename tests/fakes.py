"""A ledger in memory with Xero's rules, for the tests of whatever uses a ledger."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from threading import RLock
from uuid import uuid4

from xerosync.apply.ledger import Written
from xerosync.errors import RejectedByXero
from xerosync.model import (
    FIELD,
    Account,
    Chart,
    Organisation,
    Status,
    TaxRate,
    Value,
    class_of,
    code_key,
    name_key,
)
from xerosync.usage import Usage, UsageKind

ASSETS, REVENUE, EXPENSES = "ASSET", "REVENUE", "EXPENSE"
ANY = frozenset({ASSETS, REVENUE, EXPENSES, "EQUITY", "LIABILITY"})

DEMO = Chart(
    Organisation("tenant-1", "Demo Company (NZ)", "!demo", "NZ", "NZD", is_demo_company=True),
    (
        Account("id-bank", "090", "Business Bank", "BANK", tax_type="NONE",
                bank_account_number="123456789012300", bank_account_type="BANK",
                currency_code="NZD", account_class=ASSETS),
        Account("id-sales", "200", "Sales", "REVENUE", tax_type="OUTPUT2",
                description="Income from any normal business activity",
                reporting_code="REV", account_class=REVENUE),
        Account("id-rent", "469", "Rent", "EXPENSE", tax_type="INPUT2", reporting_code="EXP",
                account_class=EXPENSES),
        Account("id-old", "498", "Old Costs", "EXPENSE", Status.ARCHIVED, tax_type="INPUT2",
                reporting_code="EXP", account_class=EXPENSES),
        Account("id-gst", "820", "GST", "CURRLIAB", tax_type="NONE", system_account="GST",
                reporting_code="LIA", account_class="LIABILITY"),
    ),
    (
        TaxRate("OUTPUT2", "15% GST on Income", applies_to=frozenset({REVENUE})),
        TaxRate("INPUT2", "15% GST on Expenses", applies_to=frozenset({EXPENSES, ASSETS})),
        TaxRate("NONE", "No GST", applies_to=ANY),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class FakeCall:
    """One call to the fake: `method` is the port's; reads have neither id nor values."""

    method: str
    account_id: str = ""
    values: Mapping[str, Value] | None = None
    status: str = ""
    key: str = ""

    @property
    def is_write(self) -> bool:
        return self.method in {"create", "update", "set_status", "delete"}


Hook = Callable[[FakeCall], None]


class FakeLedger:
    """Books in memory. `calls` has every call, including rejected ones.

    `before` and `after` run before and after each call, and may raise any error of a
    ledger: when `after` raises, the write has taken effect. `used` has the ids of the
    accounts with transactions, which cannot be deleted. `usage_now` is what uses the accounts.
    """

    def __init__(
        self,
        chart: Chart = DEMO,
        *,
        before: Hook | None = None,
        after: Hook | None = None,
        used: frozenset[str] = frozenset(),
        usage_now: Usage | None = None,
    ) -> None:
        self.usage_now = usage_now or Usage(date(2026, 11, 24), {}, {}, {}, {})
        self.calls: list[FakeCall] = []
        self._organisation = chart.organisation
        self._accounts = {account.account_id: account for account in chart.accounts}
        self._tax_rates = chart.tax_rates
        self._before = before or (lambda _: None)
        self._after = after or (lambda _: None)
        self._used = used
        self._answers: dict[str, Written | RejectedByXero] = {}
        self._lock = RLock()

    @property
    def writes(self) -> tuple[FakeCall, ...]:
        """The calls that write, in order."""
        return tuple(call for call in self.calls if call.is_write)

    def organisation(self) -> Organisation:
        self._note(FakeCall("organisation"))
        return self._organisation

    def chart(self) -> Chart:
        self._note(FakeCall("chart"))
        return Chart(self._organisation, self._listed(), self._tax_rates)

    def accounts(self, *, then: int = 0) -> tuple[Account, ...]:
        self._note(FakeCall("accounts"))
        return self._listed()

    def usage(
        self, accounts: Iterable[Account], kinds: Collection[UsageKind] = tuple(UsageKind)
    ) -> Usage:
        assert [*accounts], "whose usage?"
        self._note(FakeCall("usage", values={str(kind): True for kind in kinds}))
        return self.usage_now

    def create(self, values: Mapping[str, Value], *, key: str) -> Written:
        call = FakeCall("create", values=dict(values), key=key)
        return self._write(call, lambda: self._created(values))

    def update(self, account_id: str, values: Mapping[str, Value], *, key: str) -> Written:
        call = FakeCall("update", account_id, dict(values), key=key)
        return self._write(call, lambda: self._updated(account_id, values))

    def set_status(self, account_id: str, status: str, *, key: str) -> Written:
        call = FakeCall("set_status", account_id, status=status, key=key)
        return self._write(call, lambda: self._with_status(account_id, status))

    def delete(self, account_id: str) -> Written:
        return self._write(FakeCall("delete", account_id), lambda: self._deleted(account_id))

    def _note(self, call: FakeCall) -> None:
        with self._lock:
            self.calls.append(call)
        self._before(call)
        if not call.is_write:
            self._after(call)

    def _listed(self) -> tuple[Account, ...]:
        with self._lock:
            found = tuple(a for a in self._accounts.values() if a.status != Status.DELETED)
        return tuple(sorted(found, key=lambda account: (account.code, account.name)))

    def _write(self, call: FakeCall, change: Callable[[], Account]) -> Written:
        """Make a change once for each key; a repeat gets the first answer, even a rejection."""
        self._note(call)
        with self._lock:
            answer = self._answers.get(call.key) if call.key else None
            if answer is None:
                answer = self._result_of(change)
                if call.key:
                    self._answers[call.key] = answer
        self._after(call)
        if isinstance(answer, RejectedByXero):
            raise RejectedByXero(answer.messages, correlation_id=answer.correlation_id)
        return answer

    def _result_of(self, change: Callable[[], Account]) -> Written | RejectedByXero:
        correlation_id = f"fake-{len(self.calls)}"
        try:
            account = change()
        except RejectedByXero as error:
            return RejectedByXero(error.messages, correlation_id=correlation_id)
        self._accounts[account.account_id] = account
        return Written(account, correlation_id)

    def _created(self, values: Mapping[str, Value]) -> Account:
        wanted = {name: value for name, value in values.items() if FIELD[name].on_create}
        account_type = str(wanted.get("type", ""))
        required = {"name", "bank_account_number" if account_type == "BANK" else "code", "type"}
        problems = [f"Account {name} is required" for name in sorted(required - wanted.keys())]
        problems += self._duplicates("", wanted) + self._invalid_values(account_type, wanted)
        if problems:
            raise RejectedByXero(tuple(problems))
        account_class = class_of(account_type)
        default_tax = {REVENUE: "OUTPUT2", EXPENSES: "INPUT2"}.get(account_class, "NONE")
        account = Account(
            str(uuid4()), account_class=account_class, tax_type=default_tax,
            reporting_code=account_class[:3],
        )  # fmt: skip
        if account_type == "BANK":
            account = replace(
                account, bank_account_type="BANK", currency_code=self._organisation.base_currency
            )
        return _with(account, wanted)

    def _updated(self, account_id: str, values: Mapping[str, Value]) -> Account:
        account = self._found(account_id)
        if account.status == Status.ARCHIVED:
            raise RejectedByXero(("Can only update STATUS on Archived accounts",))
        account_type = str(values.get("type", account.type))
        problems = self._duplicates(account_id, values) + self._invalid_values(account_type, values)
        if account_type != account.type:
            if account.system_account:
                problems.append("Cannot update the Type of System accounts")
            if "BANK" in {account_type, account.type}:
                problems.append("Cannot update the Type of an account to or from Bank")
        fixed = {"tax_type", "bank_account_type", "currency_code"}
        if account.type == "BANK" and any(
            values[name] != account.value(name) for name in fixed & values.keys()
        ):
            problems.append("Cannot update Bank Accounts")
        if problems:
            raise RejectedByXero(tuple(problems))
        return _with(account, values)

    def _with_status(self, account_id: str, status: str) -> Account:
        account = self._found(account_id)
        if status == Status.ARCHIVED and account.system_account:
            raise RejectedByXero(("Cannot archive System accounts",))
        return replace(account, status=status)

    def _deleted(self, account_id: str) -> Account:
        account = self._found(account_id)
        if account.system_account:
            raise RejectedByXero(("Cannot delete System accounts",))
        if account_id in self._used:
            raise RejectedByXero(("Cannot delete an account that is used on transactions",))
        return replace(account, status=Status.DELETED)

    def _found(self, account_id: str) -> Account:
        account = self._accounts.get(account_id)
        if account is None or account.status == Status.DELETED:
            raise RejectedByXero(("Account is not found",))
        return account

    def _duplicates(self, account_id: str, values: Mapping[str, Value]) -> list[str]:
        """Return an error for a code or name that another account has, even an archived one."""
        others = [a for a in self._listed() if a.account_id != account_id]
        code, name = code_key(str(values.get("code", ""))), name_key(str(values.get("name", "")))
        problems = []
        if code and any(code_key(other.code) == code for other in others):
            problems.append("Please enter a unique Code.")
        if name and any(name_key(other.name) == name for other in others):
            problems.append("Please enter a unique Name.")
        return problems

    def _invalid_values(self, account_type: str, values: Mapping[str, Value]) -> list[str]:
        """Return an error for each field that is too long, and for a wrong tax type."""
        problems = [
            f"Account {name.capitalize()} is too long. Maximum of {most} characters allowed"
            for name, value in values.items()
            if (most := FIELD[name].max_length) and len(str(value)) > most
        ]
        tax_type = values.get("tax_type")
        if tax_type and not any(
            rate.tax_type == tax_type and class_of(account_type) in rate.applies_to
            for rate in self._tax_rates
        ):
            problems.append(
                f"The TaxType code '{tax_type}' does not exist or cannot be used for this type"
                " of account."
            )
        return problems


def _with(account: Account, values: Mapping[str, Value]) -> Account:
    """Set fields as Xero stores them, such as bank numbers without punctuation."""
    kept = {name: FIELD[name].comparable(value) for name, value in values.items()}
    changed = replace(account, **kept)  # type: ignore[arg-type]
    return replace(changed, account_class=class_of(changed.type, changed.account_class))
