"""Check host names, and recognise this machine: no other host may be called by plain http."""

from __future__ import annotations

import ipaddress
import re

PLAIN_HTTP = "Use https; plain http is only allowed on this machine (127.0.0.1, ::1, localhost)."
"""What to do if plain http is used for another host."""

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")
_LONGEST_NAME = 253


def is_host(host: str) -> bool:
    """Whether a text can be a host: an ASCII name, or an IP address without port and brackets."""
    if _NAME.fullmatch(host):
        return len(host) <= _LONGEST_NAME
    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return False


def is_loopback(host: str) -> bool:
    """Whether a host is `localhost` or a loopback address (without port and brackets)."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
