"""A message → the webhook of a chat. Its address is a secret: it is in no message of ours."""

from __future__ import annotations

import requests

from xerosync.ci.api import as_it_is
from xerosync.errors import LedgerError, Unavailable
from xerosync.secret import Secret

_TIMEOUT = 30


def send(name: str, address: Secret, body: str) -> None:
    """Send a body of JSON, once; a redirect is not followed.

    Raises `Unavailable` or `LedgerError`; what `requests` says holds the address, and is not
    kept as the cause.
    """
    try:
        answer = requests.post(
            address.reveal(),
            data=body.encode(),
            headers={"Content-Type": "application/json"},
            timeout=_TIMEOUT,
            allow_redirects=False,
            auth=as_it_is,
        )
    except (requests.RequestException, ValueError) as error:
        raise Unavailable(
            f"{name} cannot be reached ({type(error).__name__}).", "Run the job again."
        ) from None
    if answer.status_code not in range(200, 300):
        raise LedgerError(
            f"{name} answered {answer.status_code} to the message.",
            f"Look whether XEROSYNC_{name.upper()}_URL is the webhook as {name} gave it.",
        )
