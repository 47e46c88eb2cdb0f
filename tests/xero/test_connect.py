"""When a sign-in that many organisations share is given up."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext

import pytest

from xero.scripted import Script, Time, reply
from xerosync.errors import AccessDenied, SignInError
from xerosync.secret import Secret
from xerosync.xero.addresses import Addresses
from xerosync.xero.connect import Credentials, Gateway, Hooks, OpenSignIn
from xerosync.xero.http.transport import Reply

REJECTED = SignInError("Xero rejected the access token.")
DENIED = AccessDenied("You have no access to this organisation.")
LIST = reply(200, [])
UNAUTHORIZED = reply(401, {"Title": "Unauthorized", "Detail": "AuthenticationUnsuccessful"})
FORBIDDEN = reply(403, {"Title": "Forbidden"})
DOWN = reply(500)


@pytest.mark.parametrize(
    ("failures", "connections", "given_up"),
    [
        ([REJECTED, REJECTED], UNAUTHORIZED, True),
        ([REJECTED], UNAUTHORIZED, False),
        ([REJECTED, DENIED, DENIED], UNAUTHORIZED, False),
        ([REJECTED, REJECTED], LIST, False),
        ([REJECTED, REJECTED], FORBIDDEN, False),
        ([REJECTED, REJECTED], DOWN, False),
    ],
)
def test_a_sign_in_is_given_up_if_xero_rejects_it_for_two_organisations_and_the_list(
    failures: Sequence[SignInError], connections: Reply, *, given_up: bool
) -> None:
    """An organisation to which there is no access does not count: the sign-in itself works."""
    hooks = Hooks(Time().clock, sender=Script(loop=connections))
    gateway = Gateway(Addresses(), hooks, read_only=True)
    credentials = Credentials(access_token=Secret("token"))
    sign_in = OpenSignIn(gateway, credentials)
    for number, failure in enumerate(failures):
        sign_in.suspect(f"{number}.yaml", failure)
    with pytest.raises(SignInError, match="rejected") if given_up else nullcontext():
        assert sign_in.tokens.access_token() == "token"
