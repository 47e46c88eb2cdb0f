"""A first standard, made from one organisation's chart or from what most charts agree on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from xerosync.apply.verify import check_pulled
from xerosync.chartfile.edit.edited_text import Merged
from xerosync.chartfile.edit.first_file import account_lines, accounts_section
from xerosync.chartfile.edit.new_entry import (
    ChartSource,
    NewEntry,
    SourceFields,
    UsedValues,
    left_out,
    new_entries,
)
from xerosync.chartfile.edit.representable import organisation_field, why_not
from xerosync.chartfile.edit.sections import file_order
from xerosync.chartfile.load import check_all
from xerosync.chartfile.syntax.quoting import scalar
from xerosync.errors import ChartError
from xerosync.model import Account, Chart, Status
from xerosync.organisations.compare.propose import Proposal, ProposedAccount
from xerosync.organisations.standards.tax_names import country_of, tax_names
from xerosync.plan.tax_rates import TaxRates
from xerosync.text import visible

_BANK = "bank accounts belong to one organisation"
_NOT_FOUND = (
    "a standard finds an account by a unique code and a name, and this account lacks one of them"
)


def standard_of(chart: Chart, known: SourceFields, file: str) -> Merged:
    """Return a standard with an organisation's active accounts; `file` is the standard's path.

    Leaves out, with a warning, bank accounts, and accounts that an entry can identify neither by a
    system role nor by a unique code and a name. Raises `XerosyncError` if a plan for the same
    organisation, with a file that only extends the standard, would not be empty.
    """
    result = Merged("")
    country = country_of(chart.organisation)
    active = [one for one in chart.accounts if one.status == Status.ACTIVE]
    accounts = sorted((one for one in active if one.type != "BANK"), key=file_order)
    result.left_out += (left_out(one, _BANK) for one in active if one.type == "BANK")
    rates = TaxRates(chart.tax_rates)
    needed = {one.tax_type for one in accounts if known.every or not one.system_account}
    portable = {code: rates.portable(code) for code in sorted(needed) if code}
    labels = {
        (country, text): rates.name_of(code) or code
        for code, text in portable.items()
        if rates.code_for(text) == code and not why_not("tax_type", text)
    }
    tax_types = tax_names([{country: text} for _, text in labels], labels, [country]).tax_types
    by_name = {name: group[country] for name, group in tax_types.items()}
    source = ChartSource.of(chart, known, by_name if country else None)
    found = list(new_entries(accounts, source, UsedValues(), result.left_out))
    entries = _complete(found, result.left_out)
    name = organisation_field(chart.organisation.name) or "standard"
    result.text = (
        f"# A standard with the accounts of {visible(chart.organisation.name)}, for the files of\n"
        "# other organisations to extend.\n"
        + _head(f"Chart of {name}", tax_types if country else {})
        + accounts_section(map(account_lines, entries))
    )
    _prove(chart, result.text, file)
    return result


def proposed_standard(proposal: Proposal) -> Merged:
    """Return a proposed standard; a comment on each account says how many charts agree."""
    result = Merged("", left_out=[*proposal.left_out], to_check=[*_incomplete(proposal.tax_types)])
    accounts = sorted(
        (
            (
                Account("", one.line.code, one.line.name, one.line.type, system_account=one.role),
                _line(one, proposal.books),
            )
            for one in proposal.accounts
            if _is_representable(one, result.left_out)
        ),
        key=lambda one: file_order(one[0]),
    )
    about = (
        f"# The accounts that at least half of {proposal.books} charts have, each with its most\n"
        "# frequent code, name, type and tax rate there.\n"
    )
    if proposal.books == 1:
        about = "# The accounts of the only chart that was read, as that chart has them.\n"
    result.text = (
        about + _head("Proposed standard", proposal.tax_types) + accounts_section(accounts)
    )
    return result


def _head(name: str, tax_types: Mapping[str, Mapping[str, str]]) -> str:
    lines = [
        "version: 1",
        "standard:",
        f"  name: {scalar('name', name)}",
        *(["tax_types:"] if tax_types else []),
    ]
    for tax_type, rates in tax_types.items():
        codes = ", ".join(f"{c}: {scalar('tax_type', rates[c], flow=True)}" for c in rates)
        lines.append(f"  {scalar('tax_type', tax_type)}: {{{codes}}}")
    return "\n".join(lines) + "\n"


def _complete(entries: Iterable[NewEntry], omitted: list[str]) -> Iterator[NewEntry]:
    """Yield the entries that a standard can have, and add to `omitted` why others are left out."""
    for entry in entries:
        values = entry.values
        if "account_id" in values or not (
            "system_account" in values or (values.get("code") and values.get("name"))
        ):
            omitted.append(left_out(entry.account, _NOT_FOUND))
        else:
            yield entry


def _prove(chart: Chart, text: str, file: str) -> None:
    """Raise `XerosyncError` unless a file that only extends the standard has an empty plan."""
    organisation = chart.organisation
    country = country_of(organisation)
    country = f", country: {country}" if country else ""
    overlay = (
        f"version: 1\nextends: {scalar('extends', Path(file).name)}\n"
        f"organisation: {{tenant_id: {scalar('tenant_id', organisation.tenant_id)}{country}}}\n"
    )
    name = str(Path(file).with_name(".overlay.yaml"))
    unsaved = {file: text.encode(), name: overlay.encode()}
    (checked,) = check_all([name], lint=False, unsaved=unsaved)
    if checked.loaded is None:
        raise ChartError((*checked.problems, *checked.inherited))
    check_pulled(chart, replace(checked.loaded.chart, file=file))


def _incomplete(tax_types: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Yield a sentence for each tax type that has no rate for one of the countries."""
    countries = {country for rates in tax_types.values() for country in rates}
    for name, rates in tax_types.items():
        if missing := countries - rates.keys():
            yield (
                f"The tax type {name} has no rate for {', '.join(sorted(missing))}: no organisation"
                " there uses it. Add the rate before an organisation there extends the standard."
            )


def _is_representable(one: ProposedAccount, omitted: list[str]) -> bool:
    """Whether a file can hold an account. If it cannot, add to `omitted` why."""
    fields = {"code": one.line.code, "name": one.line.name, "system_account": one.role}
    if not one.role:
        fields["type"] = one.line.type
    why = next(filter(None, (why_not(key, value) for key, value in fields.items() if value)), "")
    if why:
        label = f"{one.line.code} {one.line.name}".strip() or one.role
        omitted.append(f"{label} left out of the standard: {why}.")
    return not why


def _line(one: ProposedAccount, books: int) -> str:
    """Return an account on one line, with a comment on how many charts have it."""
    line = one.line
    fields = {"system_account": one.role, "code": line.code, "name": line.name}
    if not one.role:
        fields |= {"type": line.type, "tax_type": line.tax}
    written = ", ".join(f"{k}: {scalar(k, v, flow=True)}" for k, v in fields.items() if v)
    said = [f"in {one.books} of {books}"]
    if line.name and one.named < one.books:
        said.append(f"named so in {one.named}")
    if line.code and one.coded < one.books:
        said.append(f"with this code in {one.coded}")
    return f"  - {{{written}}}  # {visible('; '.join((*said, *one.notes)))}\n"
