"""HTTP digest authentication (RFC 7616): which challenge is taken, and what answers it.

What a server says is in ISO 8859-1 here, byte for byte as it came; user and password are hashed in UTF-8 (section 4).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from urllib.parse import quote

from connectors.http.challenges import Challenge

_HASHES = {
    "SHA-256": hashlib.sha256,
    "SHA-256-SESS": hashlib.sha256,
    "MD5": hashlib.md5,
    "MD5-SESS": hashlib.md5,
}
"""By algorithm, strongest first; a session (3.4.2) adds no strength, and fewer servers get it right."""

_ASCII = re.compile(r"[\x20-\x7e]*")


def strongest(offered: Iterable[Challenge]) -> Challenge | None:
    """The digest that is hardest to break, of those that can be answered; of two alike the first."""
    order = list(_HASHES)
    return min(filter(_can_be_met, offered), key=lambda c: order.index(_algorithm(c)), default=None)


def credentials(
    challenge: Challenge, *, user: str, secret: str, method: str, target: str, cnonce: str, count: int
) -> str:
    """The Authorization header of a request (3.4).

    `target`: as in the request line.  `cnonce`: drawn once for a challenge.  `count`: of the requests that answer it,
    this one included.
    """
    said, made_with = challenge.parameters, _HASHES[_algorithm(challenge)]

    def hashed(*parts: bytes) -> bytes:
        return made_with(b":".join(parts)).hexdigest().encode()

    nonce, times, counted = said["nonce"].encode(), f"{count:08x}", "qop" in said
    who = hashed(user.encode(), said["realm"].encode("latin-1"), secret.encode())
    if _algorithm(challenge).endswith("-SESS"):
        who = hashed(who, nonce, cnonce.encode())
    use = (times.encode(), cnonce.encode(), b"auth") if counted else ()
    response = hashed(who, nonce, *use, hashed(method.encode(), target.encode()))
    plain = _ASCII.fullmatch(user)
    name = f"username={_quoted(user)}" if plain else f"username*=UTF-8''{quote(user, safe='')}"
    same = [f"{key}={_quoted(said[key])}" for key in ("realm", "nonce", "opaque") if key in said]
    parts = [name, *same, f"uri={_quoted(target)}", f'response="{response.decode()}"']
    parts += [f"algorithm={said['algorithm']}"] if "algorithm" in said else []
    parts += ["qop=auth", f"nc={times}", f"cnonce={_quoted(cnonce)}"] if counted else []
    return f"Digest {', '.join(parts)}"


def _quoted(text: str) -> str:
    """As a quoted-string (RFC 9110, 5.6.4)."""
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


def _can_be_met(challenge: Challenge) -> bool:
    said, algorithm = challenge.parameters, _algorithm(challenge)
    protections = [p.strip().lower() for p in said.get("qop", "auth").split(",")]
    whole = {"realm", "nonce"} <= said.keys() and said["nonce"].isascii()
    session_is_counted = "qop" in said or not algorithm.endswith("-SESS")
    return (
        challenge.scheme == "digest" and whole and session_is_counted and "auth" in protections and algorithm in _HASHES
    )


def _algorithm(challenge: Challenge) -> str:
    return challenge.parameters.get("algorithm", "MD5").upper()
