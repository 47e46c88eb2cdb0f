"""The environment → one frozen `Settings`: who signs in, to which addresses, for whom.

The only reader of `os.environ`. Names and defaults: the design page, Environment.
"""

from __future__ import annotations

import hmac
import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn, Self
from urllib.parse import urlsplit

from xerosync.errors import UsageError

API_URL = "https://api.xero.com"
IDENTITY_URL = "https://identity.xero.com"
LOGIN_URL = "https://login.xero.com"
SANDBOX_CREDENTIAL = "sandbox"
_MASK = "***"


class Secret:
    """A text that never shows itself: printing, formatting and logging give `***`.

    `reveal()` gives the text; pickling is refused, as a pickle would hold it in the clear.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Give the text itself, for the one call that sends it."""
        return self._text

    def __repr__(self) -> str:
        return f"Secret('{_MASK}')"

    def __str__(self) -> str:
        return _MASK

    def __format__(self, spec: str) -> str:
        return _MASK

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("A secret cannot be pickled.")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says. A text that is not set is "", a secret that is not is None.

    `actor` and `commit` are for the journal: who runs this, and from which commit.
    Addresses have no slash at their end.
    """

    access_token: Secret | None = None
    client_id: str = ""
    client_secret: Secret | None = None
    tenant_id: str = ""
    profile: str = ""
    api_url: str = API_URL
    identity_url: str = IDENTITY_URL
    login_url: str = LOGIN_URL
    actor: str = ""
    commit: str = ""
    no_color: bool = False
    force_color: bool = False
    in_ci: bool = False

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str] | None = None, *, profile: str = ""
    ) -> Self:
        """Read the environment; `profile` goes before `XERO_PROFILE`.

        With the profile `acme-uk`, `XERO_CLIENT_ID_ACME_UK` goes before `XERO_CLIENT_ID`,
        and so for each of the credentials and the tenant.
        Raises `UsageError` for an address that is no address, for plain http to anything
        but this machine, and for a credential that cannot be one.
        """
        env = os.environ if environment is None else environment
        chosen = profile or _first(env, "XERO_PROFILE")
        suffix = _suffix(chosen)

        def credential(name: str) -> str:
            names = (name + suffix, name) if suffix else (name,)
            chosen_name = next((one for one in names if _first(env, one)), name)
            return _one_word(_first(env, chosen_name), chosen_name)

        return cls(
            access_token=_secret(credential("XERO_ACCESS_TOKEN")),
            client_id=credential("XERO_CLIENT_ID"),
            client_secret=_secret(credential("XERO_CLIENT_SECRET")),
            tenant_id=credential("XERO_TENANT_ID"),
            profile=chosen,
            api_url=_address(env, "XEROSYNC_API_URL", API_URL),
            identity_url=_address(env, "XEROSYNC_IDENTITY_URL", IDENTITY_URL),
            login_url=_address(env, "XEROSYNC_LOGIN_URL", LOGIN_URL),
            actor=_first(env, "GITHUB_ACTOR", "GITLAB_USER_LOGIN", "USER", "LOGNAME", "USERNAME"),
            commit=_first(env, "GITHUB_SHA", "CI_COMMIT_SHA"),
            no_color=bool(env.get("NO_COLOR")),
            force_color=bool(env.get("FORCE_COLOR")),
            in_ci=_first(env, "CI").casefold() not in {"", "0", "false"},
        )

    def for_sandbox(self, url: str) -> Settings:
        """Give the same settings, pointed at a sandbox and holding nothing of the real Xero."""
        return Settings(
            client_id=SANDBOX_CREDENTIAL,
            client_secret=Secret(SANDBOX_CREDENTIAL),
            api_url=_checked(url, "the sandbox's address"),
            identity_url=_checked(url, "the sandbox's address"),
            login_url=_checked(url, "the sandbox's address"),
            actor=self.actor,
            commit=self.commit,
            no_color=self.no_color,
            force_color=self.force_color,
            in_ci=self.in_ci,
        )


def _first(env: Mapping[str, str], *names: str) -> str:
    return next((value for name in names if (value := env.get(name, "").strip())), "")


def _one_word(text: str, name: str) -> str:
    """Refuse what no HTTP header can carry, as a token pasted with `Bearer` or a line end."""
    if all("!" <= character <= "~" for character in text):
        return text
    raise UsageError(
        f"{name} holds a space or another character that cannot be part of it.",
        "Copy it again, alone: without quotes, line ends or the word Bearer.",
    )


def _secret(text: str) -> Secret | None:
    return Secret(text) if text else None


def _suffix(profile: str) -> str:
    if not profile:
        return ""
    return "_" + re.sub(r"[^A-Z0-9]+", "_", profile.upper()).strip("_")


def _address(env: Mapping[str, str], name: str, default: str) -> str:
    return _checked(_first(env, name) or default, name)


def _checked(url: str, name: str) -> str:
    """Refuse an address that would send a secret in the clear, or that holds one itself."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme not in {"http", "https"} or not host or parts.query or parts.fragment:
        raise UsageError(
            f"{name} is not a web address that can be used.",
            f"Give it as {API_URL}, without query or fragment.",
        )
    if parts.username is not None or parts.password is not None:
        raise UsageError(
            f"{name} holds a user name or password.",
            "Leave them out of the address: it appears in messages.",
        )
    if parts.scheme == "http" and not _is_loopback(host):
        raise UsageError(
            f"{name} is plain http to {host}: tokens would travel unprotected.",
            "Use https; plain http is for this machine alone (127.0.0.1, ::1, localhost).",
        )
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
