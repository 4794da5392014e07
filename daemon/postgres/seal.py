"""What people have said or written lies in the database under a key of its leader, and is gone for good with the key.

AES-256-GCM (NIST SP 800-38D).  The keys of the leaders lie in the database under the fleet's key, which never does.
"""

from __future__ import annotations

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from daemon.model.errors import UnbusyError

KEY = 32
"""Bytes of a key."""

_NONCE = 12


class Seal:
    """Seals and opens under one key."""

    def __init__(self, key: bytes) -> None:
        self._under = AESGCM(key)
        self._key = key

    def derived(self, purpose: bytes) -> bytes:
        """A key for something else, from which this one cannot be told."""
        return hmac.digest(self._key, purpose, "sha256")

    def shut(self, data: bytes) -> bytes:
        """Sealed; no two are alike."""
        nonce = os.urandom(_NONCE)
        return nonce + self._under.encrypt(nonce, data, None)

    def open(self, data: bytes) -> bytes:
        """What was sealed; UnbusyError where it was sealed under another key, or was changed."""
        try:
            return self._under.decrypt(data[:_NONCE], data[_NONCE:], None)
        except (InvalidTag, ValueError) as e:
            raise UnbusyError(
                "what is kept of this leader cannot be opened with this key", "put the key back that it was kept under"
            ) from e


def new_key() -> bytes:
    """A key that nobody has."""
    return os.urandom(KEY)


def digest(*parts: str) -> bytes:
    """16 bytes by which these texts are found again, however long they are; what they say is not to be read off it."""
    return hashlib.blake2b("\0".join(parts).encode(errors="surrogatepass"), digest_size=16).digest()
