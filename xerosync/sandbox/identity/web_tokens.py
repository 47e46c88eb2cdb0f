"""JSON Web Tokens signed with RS256, and the key that verifies them (RFC 7515, 7517 and 8017).

The private key is public in this file. That does no harm: the sandbox looks up each token in its
database and never relies on a signature. Because the key is fixed, the sandbox need not make one
when it starts, and a client with a cached public key can verify the tokens of every sandbox.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping

P = int(
    "ecd12e46044a6a40944cfc800dd76d266917e7738d382b6751d759f5723d22e2a8f73c9a9210d46a019b03"
    "27706004447415253946de280cca593da3ceda72558616d1c0a2c02aa872a6c04495adf9f68b3773390840"
    "5a3bf2ff2c290b7adf74dca7a5898c2bb3d7c2ff4a4b659ae71049f3a6dbbbb134898443f0d7d03b1a93",
    16,
)
Q = int(
    "e659390174e626e270a386cd12cd90a2114a6174118658f3c6d0d161829e094185f9b1d32cd72c5e0afcac"
    "d7caf30b06d5d585351ad0157a661360d40321df9c358ce952e25356e929643431b0404398fc099adf4ffc"
    "0ce5a9b8b277ce9bae4a1f6afab894584cc0fb905f050eb181d9fa2dcddb777acb83f4bcf0e2b35226ab",
    16,
)
N = P * Q
E = 65_537
D = pow(E, -1, (P - 1) * (Q - 1))
SIZE = 256
DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
"""The bytes before a SHA-256 digest in a signature (RFC 8017, section 9.2, note 1)."""
ALGORITHM = "RS256"
KEY_ID = "xerosync-sandbox"


def encode(data: bytes) -> str:
    """Return bytes as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign(claims: Mapping[str, object]) -> str:
    """Return a signed token with these claims."""
    header = {"alg": ALGORITHM, "kid": KEY_ID, "typ": "JWT"}
    text = ".".join(encode(json.dumps(part).encode()) for part in (header, claims))
    return f"{text}.{encode(_signature(text.encode()))}"


def public_keys() -> dict[str, object]:
    """Return the key set that verifies the tokens (RFC 7517)."""
    key = {
        "kty": "RSA",
        "use": "sig",
        "alg": ALGORITHM,
        "kid": KEY_ID,
        "n": encode(N.to_bytes(SIZE, "big")),
        "e": encode(E.to_bytes(3, "big")),
    }
    return {"keys": [key]}


def _signature(message: bytes) -> bytes:
    """Return the signature of a message (RSASSA-PKCS1-v1_5)."""
    digest = DIGEST_INFO + hashlib.sha256(message).digest()
    padding = b"\xff" * (SIZE - len(digest) - 3)
    encoded = int.from_bytes(b"\x00\x01" + padding + b"\x00" + digest, "big")
    # The Chinese remainder theorem makes this faster.
    by_p, by_q = pow(encoded, D % (P - 1), P), pow(encoded, D % (Q - 1), Q)
    signature = by_q + (by_p - by_q) * pow(Q, -1, P) % P * Q
    return signature.to_bytes(SIZE, "big")
