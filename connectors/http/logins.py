"""How a request says who is asking: the strongest way that the server offers and the config allows.

A password goes as it is only where the config says `basic`, and there with the first request; a server that offers
digest and no basic gets the digest.  A token goes as a token.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable
from urllib.parse import urljoin
from urllib.request import AbstractDigestAuthHandler, HTTPPasswordMgrWithDefaultRealm, Request

from connectors.http.challenges import Challenge, challenges
from connectors.http.web import Answer, Authorize

_HASHES = {"SHA-256": hashlib.sha256, "MD5": hashlib.md5}  # RFC 7616 has both
"""What a digest is made with, strongest first."""


def bearer(secret: Callable[[], str]) -> Authorize:
    """RFC 6750."""

    def header(_method: str, _url: str, refused: Answer | None) -> str | None:
        return None if refused else f"Bearer {secret()}"

    return header


def basic(user: str, secret: Callable[[], str]) -> Authorize:
    """RFC 7617, sent with the first request: some servers answer an anonymous one with an empty list.

    A server that refuses it, and offers digest in its place, gets that from then on.
    """
    digest = Digest(user, secret)

    def header(method: str, url: str, refused: Answer | None) -> str | None:
        if digest.challenge or (refused and all(c.scheme != "basic" for c in _offered(refused))):
            return digest(method, url, refused)
        return None if refused else "Basic " + b64encode(f"{user}:{secret()}".encode()).decode()

    return header


class Digest:
    """RFC 7616, by the standard library.  The server's challenge is kept, so that it is asked for once."""

    def __init__(self, user: str, secret: Callable[[], str]) -> None:
        self._user, self._secret = user, secret
        self._handler: _Handler | None = None
        self.challenge: Challenge | None = None

    def __call__(self, method: str, url: str, refused: Answer | None) -> str | None:
        """See `Authorize`."""
        if refused:
            again, self.challenge = self.challenge, _strongest(refused)
            if again and self.challenge and self.challenge.parameters.get("stale", "").lower() != "true":
                return None  # it was refused, not only too old
        if not self.challenge:
            return None
        if not self._handler:
            passwords = HTTPPasswordMgrWithDefaultRealm()
            passwords.add_password(None, urljoin(url, "/"), self._user, self._secret())
            self._handler = _Handler(passwords)
        asked = dict(self.challenge.parameters)
        if "qop" in asked:
            asked["qop"] = "auth"
        request = Request(url, method=method)  # noqa: S310  it is never sent; `Web` has checked the address
        return f"Digest {self._handler.get_authorization(request, asked)}"


class _Handler(AbstractDigestAuthHandler):
    """That of the library, which knows neither SHA-256 nor letters beyond ASCII (RFC 7616, 3.2 and 4)."""

    def get_algorithm_impls(self, algorithm: str) -> tuple[Callable[[str], str], Callable[[str, str], str]]:
        """The functions H and KD of RFC 7616, 3.3."""
        make = _HASHES[algorithm.upper()]

        def digest(text: str) -> str:
            return make(text.encode()).hexdigest()

        return digest, lambda secret, data: digest(f"{secret}:{data}")


def _strongest(refused: Answer) -> Challenge | None:
    """The digest that is hardest to break, of those that can be made."""
    known = [c for c in _offered(refused) if c.scheme == "digest" and _can_be_met(c)]
    strength = list(_HASHES)
    return min(known, key=lambda c: strength.index(_algorithm(c)), default=None)


def _can_be_met(challenge: Challenge) -> bool:
    said = challenge.parameters
    protections = [p.strip().lower() for p in said.get("qop", "auth").split(",")]
    whole = {"realm", "nonce"} <= said.keys() and said["nonce"].isascii()
    return whole and "auth" in protections and _algorithm(challenge) in _HASHES


def _algorithm(challenge: Challenge) -> str:
    return challenge.parameters.get("algorithm", "MD5").upper()


def _offered(refused: Answer) -> tuple[Challenge, ...]:
    return challenges(refused.headers.get("www-authenticate", ""))
