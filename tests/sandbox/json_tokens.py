"""Read JSON Web Tokens, and verify their signatures."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any


def decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def claims_of(token: str) -> dict[str, Any]:
    """Return the claims of a token, whoever signed it."""
    claims: dict[str, Any] = json.loads(decode(token.split(".")[1]))
    return claims


def verified(token: str, keys: dict[str, Any]) -> dict[str, Any]:
    """Return the claims of a token that one of these keys signed with RS256."""
    signed, _, signature = token.rpartition(".")
    header = json.loads(decode(signed.partition(".")[0]))
    (key,) = [key for key in keys["keys"] if key["kid"] == header["kid"]]
    assert (header["alg"], key["alg"], key["kty"]) == ("RS256", "RS256", "RSA")
    n, e = (int.from_bytes(decode(key[name]), "big") for name in "ne")
    size = (n.bit_length() + 7) // 8
    assert size >= 256
    assert len(decode(signature)) == size
    found = pow(int.from_bytes(decode(signature), "big"), e, n).to_bytes(size, "big")
    digest = hashlib.sha256(signed.encode()).digest()
    prefix = bytes.fromhex("3031300d060960864801650304020105000420")
    padding = b"\xff" * (size - 3 - len(prefix) - len(digest))
    assert found == b"\x00\x01" + padding + b"\x00" + prefix + digest
    return claims_of(token)
