"""How a request says who is asking: the strongest way that the server offers and the config allows.

A password goes as it is only where the config says `basic`, and there with the first request; a server that offers
digest and no basic gets the digest.  A token goes as a token.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Callable

from connectors.http.addresses import target
from connectors.http.challenges import Challenge, challenges
from connectors.http.digest import credentials, strongest
from connectors.http.web import Answer, Authorize


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
    """RFC 7616.  The server's challenge is kept, so that it is asked for once."""

    def __init__(self, user: str, secret: Callable[[], str]) -> None:
        self._user, self._secret = user, secret
        self.challenge: Challenge | None = None
        self._cnonce, self._count = "", 0

    def __call__(self, method: str, url: str, refused: Answer | None) -> str | None:
        """See `Authorize`."""
        if refused:
            again, self.challenge = self.challenge, strongest(_offered(refused))
            if again and self.challenge and self.challenge.parameters.get("stale", "").lower() != "true":
                return None  # it was refused, not only too old
            self._cnonce, self._count = os.urandom(16).hex(), 0
        if not self.challenge:
            return None
        self._count += 1
        return credentials(
            self.challenge, user=self._user, secret=self._secret(), method=method, target=target(url),
            cnonce=self._cnonce, count=self._count,
        )  # fmt: skip


def _offered(refused: Answer) -> tuple[Challenge, ...]:
    return challenges(refused.headers.get("www-authenticate", ""))
