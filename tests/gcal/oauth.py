"""Consent, tokens and what they allow: the authorization and the token endpoint.

The consent flow is that of desktop apps: a loopback redirect, and a proof key (PKCE, RFC 7636, S256 only).  A service
account signs its request for a token (RFC 7523, RS256); `subject` is whom it acts for.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

SCOPE = "https://www.googleapis.com/auth/"
SHA256_OF_PKCS1 = bytes.fromhex("3031300d060960864801650304020105000420")
"""What stands before the digest in a signature (RFC 8017, section 9.2, note 1)."""

AUDIENCE = "https://oauth2.googleapis.com/token"
"""For which the client library signs, wherever it sends that to."""

HOUR = timedelta(hours=1)
TESTING = timedelta(days=7)
CODE_LIVES = timedelta(minutes=10)
LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")


class OAuthError(Exception):
    """An answer of RFC 6749, section 5.2."""

    def __init__(self, error: str, description: str = "", status: int = 400) -> None:
        super().__init__(error)
        self.error, self.description, self.status = error, description, status

    def body(self) -> dict[str, str]:
        return {"error": self.error} | ({"error_description": self.description} if self.description else {})


@dataclass(frozen=True)
class Grant:
    """What somebody has allowed; `service`: a service account without a subject."""

    email: str
    scopes: frozenset[str]
    until: datetime
    service: bool = False


@dataclass
class Client:
    """A desktop app; `testing`: its refresh tokens live for seven days."""

    id: str = "unbusy.apps.googleusercontent.com"
    secret: str = "GOCSPX-desktop-secret"  # noqa: S105  a client secret of the tests
    testing: bool = False


@dataclass
class ServiceAccount:
    """`key`: modulus and exponent; `delegated`: the scopes that the administrator grants for any subject."""

    email: str
    key: tuple[int, int]
    delegated: frozenset[str]


@dataclass
class Consent:
    """What the person at the browser does: who they are, whether they agree, which scopes they leave ticked."""

    email: str
    agrees: bool = True
    scopes: frozenset[str] | None = None


@dataclass
class OAuth:
    """The endpoints and their memory.

    `knows`: whether somebody has an account.  `audience`: the address of the token endpoint.  `access` and `refresh`
    are the tokens that are good.
    """

    clock: Callable[[], datetime]
    consent: Consent
    knows: Callable[[str], bool]
    audience: str = ""
    client: Client = field(default_factory=Client)
    service: ServiceAccount | None = None
    lives: timedelta = HOUR
    access: dict[str, Grant] = field(default_factory=dict)
    refresh: dict[str, Grant] = field(default_factory=dict)
    codes: dict[str, tuple[Grant, dict[str, str]]] = field(default_factory=dict)
    consented: set[str] = field(default_factory=set)
    numbers: Any = field(default_factory=lambda: count(1))

    def _name(self, what: str) -> str:
        return f"{what}-{hashlib.sha256(f'{what}{next(self.numbers)}'.encode()).hexdigest()[:24]}"

    def refresh_token(self, email: str, scopes: frozenset[str]) -> str:
        """A new consent, as if it had been given before."""
        until = self.clock() + (TESTING if self.client.testing else timedelta(days=180))
        token = self._name("1//refresh")
        self.refresh[token] = Grant(email, scopes, until)
        return token

    def grant(self, token: str) -> Grant | None:
        """What an access token allows, while it lives."""
        found = self.access.get(token)
        return found if found and self.clock() < found.until else None

    # -- authorization endpoint -----------------------------------------------------------------------------------

    def authorize(self, query: str) -> str:
        """Where the browser is sent; what cannot be sent there is an error."""
        given = dict(parse_qsl(query, strict_parsing=True))
        if given.get("client_id") != self.client.id:
            raise OAuthError("invalid_client", "The OAuth client was not found.", 401)
        back = urlsplit(given.get("redirect_uri", ""))
        if back.scheme != "http" or back.hostname not in LOOPBACK or not back.port:
            raise OAuthError("redirect_uri_mismatch", "The redirect URI is not a loopback address.")
        state = {"state": given["state"]} if "state" in given else {}
        if given.get("response_type") != "code" or not given.get("scope"):
            raise OAuthError("invalid_request", "Missing required parameter: response_type or scope")
        if given.get("code_challenge_method") != "S256" or len(given.get("code_challenge", "")) != 43:
            raise OAuthError("invalid_request", "A proof key (S256) is required.")
        asked = frozenset(given["scope"].split())
        if unknown := [s for s in asked if not s.startswith(SCOPE)]:
            raise OAuthError("invalid_scope", f"Some requested scopes were invalid. {unknown}")
        if not self.consent.agrees:
            return f"{given['redirect_uri']}?{urlencode({'error': 'access_denied'} | state)}"
        granted = asked if self.consent.scopes is None else asked & self.consent.scopes
        code = self._name("4/code")
        self.codes[code] = Grant(self.consent.email, granted, self.clock() + CODE_LIVES), given
        answer = {"code": code, "scope": " ".join(sorted(granted))} | state
        return f"{given['redirect_uri']}?{urlencode(answer)}"

    # -- token endpoint -------------------------------------------------------------------------------------------

    def token(self, form: str, authorization: str = "") -> dict[str, Any]:
        """The client says who it is in the form, or by HTTP Basic (RFC 6749, section 2.3.1)."""
        given = dict(parse_qsl(form)) | _basic(authorization)
        kinds: Mapping[str, Callable[[dict[str, str]], dict[str, Any]]] = {
            "authorization_code": self._by_code,
            "refresh_token": self._by_refresh,
            "urn:ietf:params:oauth:grant-type:jwt-bearer": self._by_assertion,
        }
        if given.get("grant_type") not in kinds:
            raise OAuthError("unsupported_grant_type", f"Invalid grant_type: {given.get('grant_type')}")
        return kinds[given["grant_type"]](given)

    def revoke(self, form: str) -> None:
        token = dict(parse_qsl(form)).get("token", "")
        if token not in self.access and token not in self.refresh:
            raise OAuthError("invalid_token", "Token expired or revoked")
        self.access.pop(token, None)
        self.refresh.pop(token, None)

    def _issue(self, grant: Grant) -> dict[str, Any]:
        token = self._name("ya29.access")
        self.access[token] = Grant(grant.email, grant.scopes, self.clock() + self.lives, grant.service)
        return {"access_token": token, "expires_in": int(self.lives.total_seconds()) - 1, "token_type": "Bearer",
                "scope": " ".join(sorted(grant.scopes))}  # fmt: skip

    def _check_client(self, given: Mapping[str, str]) -> None:
        if given.get("client_id") != self.client.id:
            raise OAuthError("invalid_client", "The OAuth client was not found.", 401)
        if given.get("client_secret") != self.client.secret:
            raise OAuthError("invalid_client", "Unauthorized", 401)

    def _by_code(self, given: dict[str, str]) -> dict[str, Any]:
        self._check_client(given)
        grant, request = self.codes.pop(given.get("code", ""), (None, {}))
        if grant is None or self.clock() > grant.until:
            raise OAuthError("invalid_grant", "Malformed auth code.")
        if given.get("redirect_uri") != request["redirect_uri"]:
            raise OAuthError("redirect_uri_mismatch", "Bad Request")
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != request["code_challenge"]:
            raise OAuthError("invalid_grant", "Invalid code verifier.")
        answer = self._issue(grant)
        again = request.get("prompt") == "consent" or grant.email not in self.consented
        if request.get("access_type") == "offline" and again:
            answer["refresh_token"] = self.refresh_token(grant.email, grant.scopes)
            if self.client.testing:
                answer["refresh_token_expires_in"] = int(TESTING.total_seconds()) - 1
        self.consented.add(grant.email)
        return answer

    def _by_refresh(self, given: dict[str, str]) -> dict[str, Any]:
        self._check_client(given)
        grant = self.refresh.get(given.get("refresh_token", ""))
        if grant is None or self.clock() > grant.until:
            raise OAuthError("invalid_grant", "Token has been expired or revoked.")
        if asked := frozenset(given.get("scope", "").split()):
            if not asked <= grant.scopes:
                raise OAuthError("invalid_scope", "Bad Request")
            grant = Grant(grant.email, asked, grant.until)
        return self._issue(grant)

    def _by_assertion(self, given: dict[str, str]) -> dict[str, Any]:
        claims = self._claims(given.get("assertion", ""))
        service, now = self.service, self.clock().timestamp()
        if service is None or claims.get("iss") != service.email:
            raise OAuthError("invalid_grant", "Invalid grant: account not found")
        if claims.get("aud") not in {self.audience, AUDIENCE}:
            raise OAuthError("invalid_grant", "Invalid JWT: Failed audience check.")
        made, end = claims.get("iat"), claims.get("exp")
        if not (isinstance(made, int) and isinstance(end, int) and made - 300 <= now <= end <= made + 3600):
            raise OAuthError("invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes) and in a "
                             "reasonable timeframe. Check your iat and exp values in the JWT claim.")  # fmt: skip
        asked = frozenset(claims.get("scope", "").split())
        subject = claims.get("sub", "")
        if subject and not self.knows(subject):
            raise OAuthError("invalid_grant", "Invalid email or User ID")
        if subject and not asked <= service.delegated:
            raise OAuthError("unauthorized_client", "Client is unauthorized to retrieve access tokens using this "
                             "method, or client not authorized for any of the scopes requested.", 401)  # fmt: skip
        return self._issue(Grant(subject or service.email, asked, self.clock(), service=not subject))

    def _claims(self, assertion: str) -> dict[str, Any]:
        """What a signed request says, once its signature was verified."""
        try:
            head, body, signature = assertion.split(".")
            header, claims = json.loads(_decoded(head)), json.loads(_decoded(body))
        except ValueError:
            raise OAuthError("invalid_grant", "Bad Request") from None
        signed = f"{head}.{body}".encode()
        if header.get("alg") != "RS256" or not self.service or not verified(
            signed, _decoded(signature), self.service.key
        ):  # fmt: skip
            raise OAuthError("invalid_grant", "Invalid JWT Signature.")
        return dict(claims)


def _basic(authorization: str) -> dict[str, str]:
    scheme, _, text = authorization.partition(" ")
    if scheme != "Basic":
        return {}
    name, _, secret = base64.b64decode(text).decode().partition(":")
    return {"client_id": unquote(name), "client_secret": unquote(secret)}


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def verified(signed: bytes, signature: bytes, key: tuple[int, int]) -> bool:
    """RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, section 8.2.2)."""
    modulus, exponent = key
    size = (modulus.bit_length() + 7) // 8
    ending = SHA256_OF_PKCS1 + hashlib.sha256(signed).digest()
    expected = b"\x00\x01" + b"\xff" * (size - len(ending) - 3) + b"\x00" + ending
    opened = pow(int.from_bytes(signature, "big"), exponent, modulus).to_bytes(size, "big")
    return len(signature) == size and opened == expected
