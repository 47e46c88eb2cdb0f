"""Find decisions for one organisation that conflict with each other."""

from __future__ import annotations

from collections.abc import Iterator

from xerosync.desired import DesiredAccount
from xerosync.model import code_key, name_key
from xerosync.organisations.adopt.adoption import Verdict, standard_label, target
from xerosync.organisations.adopt.filled import DecidedAccount, Decisions
from xerosync.organisations.adopt.row_problems import RowProblems
from xerosync.organisations.adopt.worksheet import KEEP, NEW_CODE
from xerosync.organisations.standards.documents import Finding
from xerosync.text import full_stop

_LONGEST_CODE = 10
_AND_AGAIN = " and make the worksheet again"


def check_conflicts(decisions: Decisions, problems: RowProblems) -> None:
    """Report conflicts between decisions or with the chart file, and new codes that are too long.

    Two accounts conflict if they would be the same account of the standard, or would have the same
    code, name or system role. It is also a conflict if one decision makes an account an account of
    the standard, and another decision omits that account of the standard.

    If anything was decided, undecided accounts that both the file and the standard have are added
    to `decisions.findings`, not to `problems`: they make only this organisation fail.
    """
    joining, add, chosen = decisions.joining, problems.add, decisions.chosen
    for one in decisions.accounts:
        other = chosen[one.entry.inherited] if one.entry else one
        if one.entry and other is not one:
            add(
                one.row,
                f"{one.account.label} and {other.account.label} (row {other.row.source.line}) would"
                f" both become the standard's account {full_stop(standard_label(one.entry))}",
                'For one of them, write another account of the standard, "own" or "archive".',
                joining,
            )
    decided = {one.account.account_id for one in decisions.accounts}
    labels = {one.account_id: one.label for one in joining.accounts}
    for account_id, settled in joining.settled.items():
        entry = settled.entry
        rival = chosen.get(entry.inherited) if entry else None
        if entry and rival and account_id not in decided:
            add(
                rival.row,
                f"This row says that {rival.account.label} is the standard's account"
                f" {standard_label(entry)}, but {joining.file} says that {labels[account_id]} is.",
                f"Decide on {labels[account_id]} in the worksheet too, or remove its override from"
                " the file.",
                joining,
            )
    for missing in decisions.entries:
        there = chosen.get(missing.entry.inherited)
        if there and missing.verdict is Verdict.OMIT:
            add(
                missing.row,
                f"This row omits the standard's account {standard_label(missing.entry)}, but row"
                f" {there.row.source.line} says that {there.account.label} is that account.",
                "Undo one of the two decisions.",
                joining,
            )
    held = _held(decisions, problems)
    _check_archived(decisions, held, problems)
    _check_roles(decisions, held, problems)
    _check_own(decisions, held, problems)
    if decisions.any:
        decisions.findings = _undecided(decisions, held)


_Held = dict[tuple[str, str], DesiredAccount]


def _held(decisions: Decisions, problems: RowProblems) -> _Held:
    """Return the accounts of the standard by the codes, names and roles that they will have.

    Reports each kept code or name that another account of the standard will have too.
    """
    held, chosen = _Held(), decisions.chosen
    for entry in remaining(decisions):
        final = decisions.joining.overridden.get(entry.inherited, entry)
        values, one = {"code": final.code, "name": final.known_name}, chosen.get(entry.inherited)
        if one:
            kept = values.keys() & one.keep
            values |= {field: str(one.account.value(field)) for field in kept}
        for field, key in _keys(values["code"], values["name"], entry.system_account):
            other = held.setdefault((field, key), entry)
            both = (chosen.get(each.inherited) for each in (entry, other))
            keeper = next((its for its in both if its and field in its.keep), None)
            if keeper and other is not entry:
                rival = other if keeper is one else entry
                problems.add(
                    keeper.row,
                    f"{keeper.account.label} keeps its {field}, which the standard's account"
                    f" {standard_label(rival)} will have too.",
                    f"Leave {field} out of Keep{_or_omit(rival, decisions)}.",
                    decisions.joining,
                    column=KEEP,
                )
    return held


def _check_archived(decisions: Decisions, held: _Held, problems: RowProblems) -> None:
    """Report accounts to archive whose code or name an account of the standard will have."""
    for one in decisions.accounts:
        account = one.account
        keys = (("code", code_key(account.code)), ("name", name_key(account.name)))
        field, holds = next(((key[0], held[key]) for key in keys if key in held), ("", None))
        if holds and one.verdict is Verdict.ARCHIVE:
            other = decisions.chosen.get(holds.inherited)
            same = f"If they are one account, write {target(holds)} as the decision. If not, give"
            way_out = f"{'Give' if other else same} this account another {field} in Xero"
            problems.add(
                one.row,
                f"{account.label} keeps its {field} when it is archived, and the standard's account"
                f" {standard_label(holds)} needs it.",
                f"{way_out}{_AND_AGAIN}{_or_omit(holds, decisions)}.",
                decisions.joining,
            )


def _check_roles(decisions: Decisions, held: _Held, problems: RowProblems) -> None:
    """Report accounts with a role of the standard that become another account or stay "own"."""
    for one in decisions.accounts:
        account, entry = one.account, held.get(("system_account", one.account.system_account))
        if entry and (one.entry is None or one.entry.inherited != entry.inherited):
            problems.add(
                one.row,
                f"{account.label} is the system account {account.system_account}, which the"
                " standard has too, so it can only be that account of the standard.",
                f"{_write_role(entry, decisions)}.",
                decisions.joining,
            )


def _write_role(entry: DesiredAccount, decisions: Decisions) -> str:
    """Return a hint to write `entry`, a system account, as the decision of the row."""
    hint = f"Write {target(entry)}"
    if other := decisions.chosen.get(entry.inherited):
        hint += f", and decide again about {other.account.label} (row {other.row.source.line})"
    return hint + _or_omit(entry, decisions)


def _check_own(decisions: Decisions, held: _Held, problems: RowProblems) -> None:
    """Report taken codes and names, and long codes, of "own" accounts without a standard's role."""
    joining, add = decisions.joining, problems.add
    codes = {code_key(account.code): account for account in joining.accounts}
    roles = {key for field, key in held if field == "system_account"}
    taken: dict[str, DecidedAccount] = {}
    for own in decisions.accounts:
        if own.verdict is not Verdict.OWN or own.account.system_account in roles:
            continue
        code, now = own.new_code or own.account.code, own.account
        if len(own.new_code) > _LONGEST_CODE:
            add(
                own.row, "The new code is longer than 10 characters.", "Choose a shorter one.",
                joining, column=NEW_CODE,
            )  # fmt: skip
        by_code = held.get(("code", code_key(code))) if code else None
        by_name = held.get(("name", name_key(now.name)))
        if by_code:
            add(
                own.row,
                f'With the decision "own", {now.name} has the code {code}, which the standard\'s'
                f" account {standard_label(by_code)} will have.",
                f"Write {'another' if own.row[NEW_CODE] else 'a'} New code for it"
                f"{_or_omit(by_code, decisions)}.",
                joining,
                column=NEW_CODE,
            )
        elif by_name:
            same = (
                f"If they are one account, write {target(by_name)} as the decision. If not, rename"
            )
            add(
                own.row,
                f'With the decision "own", {now.name} keeps its name, which the standard\'s account'
                f" {standard_label(by_name)} will have too.",
                f"{'Rename' if by_name.inherited in decisions.chosen else same} this account in"
                f" Xero{_AND_AGAIN}{_or_omit(by_name, decisions)}.",
                joining,
            )
        holder = codes.get(code_key(own.new_code)) if own.new_code else None
        other = taken.setdefault(code_key(own.new_code), own) if own.new_code else own
        if (holder and holder is not now) or other is not own:
            by = f"also written for {other.account.label} (row {other.row.source.line})"
            if holder and holder is not now:
                by = f"taken by {holder.label}"
            add(
                own.row, full_stop(f"The new code {own.new_code} is {by}"),
                "Choose a code that no account has or gets.", joining, column=NEW_CODE,
            )  # fmt: skip


def _undecided(decisions: Decisions, held: _Held) -> tuple[Finding, ...]:
    """Return a finding for each undecided account that both the file and the standard have.

    The file cannot extend the standard while it has such an account as its own.
    """
    joining, problems = decisions.joining, RowProblems()
    for row, account in decisions.undecided:
        own = joining.own.get(account.account_id)
        keys = _keys(own.code, own.known_name, own.system_account) if own else ()
        field, entry = next(
            ((field, held[field, key]) for field, key in keys if (field, key) in held), ("", None)
        )
        if not entry:
            continue
        other = decisions.chosen.get(entry.inherited)
        answers = [] if other else [f"{target(entry)} if they are one account"]
        renamed = "in a new worksheet, after you rename this account in Xero"
        answers.append(f'"own" {"with a New code" if field == "code" else renamed}')
        write = f"Write {', or '.join(answers)}{_or_omit(entry, decisions)}"
        theirs = standard_label(entry)
        if other:
            theirs += f", for which row {other.row.source.line} has {other.account.label}"
        problems.add(
            row,
            f"{account.label} is undecided: {joining.file} lists it under accounts, but its {field}"
            f" is that of the standard's {full_stop(theirs)}",
            f"{_write_role(entry, decisions) if field == 'system_account' else write}.",
        )
    return problems.findings()


def _or_omit(entry: DesiredAccount, decisions: Decisions) -> str:
    """Return the end of a hint: to omit an account of the standard, or "" if no row can do that."""
    may = decisions.lacking - decisions.chosen.keys() - decisions.joining.fixed
    return ", or omit the account of the standard in its own row" if entry.inherited in may else ""


def _keys(code: str, name: str, role: str) -> tuple[tuple[str, str], ...]:
    keys = (("system_account", role), ("code", code_key(code)), ("name", name_key(name)))
    return tuple((field, key) for field, key in keys if key)


def remaining(decisions: Decisions) -> Iterator[DesiredAccount]:
    """Yield the accounts of the standard that the organisation will not omit."""
    said = {one.entry.inherited: one.verdict for one in decisions.entries}
    chosen = decisions.chosen
    for entry in decisions.joining.standard:
        place = entry.inherited
        omitted = said.get(place) is Verdict.OMIT
        omitted |= place in decisions.joining.omitted and place not in said and place not in chosen
        if not omitted:
            yield entry
