"""Check that the credentials are for the organisation that the file or an option names."""

from __future__ import annotations

from xerosync.desired import OrganisationPin
from xerosync.errors import UsageError, WrongOrganisation
from xerosync.model import Organisation, name_key
from xerosync.text import full_stop


def check_organisation(pin: OrganisationPin, organisation: Organisation) -> None:
    """Raise `WrongOrganisation` if any given part of the pin differs from the organisation.

    The message says who named the organisation: a chart file, if the pin's source has a line; a
    journal, if it has none; or an option, if there is no source.
    """
    named = pin.name or pin.short_code or pin.tenant_id
    meant = f"the organisation {named}" if named else f"an organisation in {pin.country}"
    source = str(pin.source)
    who, where = f"You asked for {meant}", "in your option"
    then = f"that you asked for, or ask for {full_stop(organisation.name)}"
    if source and not pin.source.line:
        who, where, then = f"{source} records an apply to {meant}", "there", "that it names."
    elif source:
        who, where = f"{source} is for {meant}", "in the file"
        then = "that the file names, or correct `organisation:` in the file."
    differences = [
        f"{part} {wanted} {where}, {found} in Xero"
        for part, wanted, found, key in (
            ("name", pin.name, organisation.name, name_key),
            ("tenant_id", pin.tenant_id, organisation.tenant_id, str.casefold),
            ("short_code", pin.short_code, organisation.short_code or "none", str),
            ("country", pin.country, organisation.country_code or "none", str),
        )
        if wanted and key(wanted) != key(found)
    ]
    if differences:
        raise WrongOrganisation(
            f"{who}, but the credentials are for {organisation.name} "
            f"({organisation.short_code or organisation.tenant_id}): {'; '.join(differences)}.",
            "Nothing was compared and nothing was sent. Use the credentials of the organisation "
            f"{then}",
        )


def check_asked(pin: OrganisationPin, asked: OrganisationPin, file: str) -> None:
    """Raise `UsageError` if an option names an organisation other than that of the file's pin."""
    for has, wanted in ((pin.name, asked.name), (pin.tenant_id, asked.tenant_id)):
        if has and wanted and name_key(has) != name_key(wanted):
            raise UsageError(
                f"{file} is for the organisation {has}, not for {full_stop(wanted)}",
                "Leave out --organisation, or name a new file with --file.",
            )
