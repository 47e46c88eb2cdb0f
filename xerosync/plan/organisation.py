"""Whether the credentials give access to the organisation that the file is for."""

from __future__ import annotations

from xerosync.desired import OrganisationPin
from xerosync.errors import WrongOrganisation
from xerosync.model import Organisation, name_key


def check_organisation(pin: OrganisationPin, organisation: Organisation) -> None:
    """Raise `WrongOrganisation` unless every part that the file gives matches."""
    same_name = name_key(pin.name) == name_key(organisation.name)
    same_tenant = pin.tenant_id.casefold() == organisation.tenant_id.casefold()
    same_country = pin.country == organisation.country_code
    same_short_code = pin.short_code == organisation.short_code
    differences = [
        f"{part} {wanted} in the file, {found} in Xero"
        for part, wanted, found, same in (
            ("name", pin.name, organisation.name, same_name),
            ("tenant_id", pin.tenant_id, organisation.tenant_id, same_tenant),
            ("short_code", pin.short_code, organisation.short_code, same_short_code),
            ("country", pin.country, organisation.country_code or "none", same_country),
        )
        if wanted and not same
    ]
    if differences:
        raise WrongOrganisation(
            f"{pin.source or 'The file'} is for the organisation "
            f"{pin.name or pin.short_code or pin.tenant_id}, but the credentials are for "
            f"{organisation.name} ({organisation.short_code or organisation.tenant_id}): "
            f"{'; '.join(differences)}.",
            "Nothing was compared and nothing was sent. Use the credentials of the organisation "
            "that the file names, or correct `organisation:` in the file.",
        )
