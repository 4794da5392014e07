"""Consent, tokens, scopes and service accounts in the Google Calendar that tests use."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from gcal import GoogleServer
from gcal.oauth import SCOPE, ServiceAccount
from gcal.plain import EVENTS, Answer, Plain, reason, timed

VERIFIER = "a-verifier-of-at-least-forty-three-characters-0123456789"
BACK = "http://127.0.0.1:8765/"
READ = SCOPE + "calendar.events.readonly"


def challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def consented(server: GoogleServer, call: Plain, **change: str) -> tuple[int, dict[str, str]]:
    """What the browser is sent back with."""
    asked = {
        "client_id": server.oauth.client.id, "redirect_uri": BACK, "response_type": "code", "scope": READ,
        "state": "s1", "access_type": "offline", "code_challenge": challenge(VERIFIER), "code_challenge_method": "S256",
    } | change  # fmt: skip
    answer, content = call.sent("GET", f"/o/oauth2/v2/auth?{urlencode(asked)}", None, {})
    if answer.status != 302:
        return answer.status, json.loads(content)
    assert answer.headers["Location"].startswith(BACK)
    return 302, {k: v[0] for k, v in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def exchanged(server: GoogleServer, call: Plain, code: str, **change: str) -> Answer:
    fields = {
        "grant_type": "authorization_code", "code": code, "client_id": server.oauth.client.id,
        "client_secret": server.oauth.client.secret, "redirect_uri": BACK, "code_verifier": VERIFIER,
    }  # fmt: skip
    return call.form("/token", **fields | change)


def refreshed(call: Plain, secret: dict[str, str], **change: str) -> Answer:
    fields = {k: v for k, v in secret.items() if k != "token_uri"}
    return call.form("/token", grant_type="refresh_token", **fields | change)


def test_consent_gives_a_code_and_the_code_tokens(server: GoogleServer, call: Plain) -> None:
    status, back = consented(server, call)
    assert (status, back["state"], back["scope"]) == (302, "s1", READ)
    status, tokens = exchanged(server, call, back["code"])
    assert (status, tokens["token_type"], tokens["expires_in"], tokens["scope"]) == (200, "Bearer", 3599, READ)
    assert Plain(server, tokens["access_token"])("GET", EVENTS)[0] == 200
    assert refreshed(call, server.secret(), refresh_token=tokens["refresh_token"])[0] == 200
    assert exchanged(server, call, back["code"])[1]["error"] == "invalid_grant"  # a code is good once


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"code_verifier": "another"}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_grant"),
        ({"redirect_uri": "http://127.0.0.1:1/"}, "redirect_uri_mismatch"),
        ({"client_secret": "x"}, "invalid_client"),
        ({"client_id": "x"}, "invalid_client"),
        ({"code": "x"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_a_code_is_exchanged_by_who_asked_for_it(server: GoogleServer, call: Plain, change: Any, error: str) -> None:
    code = consented(server, call)[1]["code"]
    assert exchanged(server, call, **{"code": code} | change)[1]["error"] == error


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"client_id": "x"}, "invalid_client"),
        ({"redirect_uri": "https://example.com/"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "urn:ietf:wg:oauth:2.0:oob"}, "redirect_uri_mismatch"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"response_type": "token"}, "invalid_request"),
        ({"scope": "everything"}, "invalid_scope"),
    ],
)
def test_consent_is_asked_for_properly(server: GoogleServer, call: Plain, change: Any, error: str) -> None:
    status, answer = consented(server, call, **change)
    assert (status, answer["error"]) == (401 if error == "invalid_client" else 400, error)


def test_somebody_says_no(server: GoogleServer, call: Plain) -> None:
    server.oauth.consent.agrees = False
    assert consented(server, call) == (302, {"error": "access_denied", "state": "s1"})


def test_somebody_unticks_a_scope(server: GoogleServer, call: Plain) -> None:
    server.oauth.consent.scopes = frozenset({READ})
    back = consented(server, call, scope=f"{READ} {SCOPE}calendar.events.owned")[1]
    tokens = exchanged(server, call, back["code"])[1]
    assert (back["scope"], tokens["scope"]) == (READ, READ)
    assert reason(Plain(server, tokens["access_token"])("POST", EVENTS, timed())) == (403, "insufficientPermissions")


def test_a_refresh_token_comes_offline_and_with_the_first_consent(server: GoogleServer, call: Plain) -> None:
    def has(**change: str) -> bool:
        return "refresh_token" in exchanged(server, call, consented(server, call, **change)[1]["code"])[1]

    assert [has(access_type="online"), has(), has(prompt="consent")] == [False, False, True]


def test_access_tokens_live_for_an_hour(server: GoogleServer, call: Plain) -> None:
    tokens = refreshed(call, server.secret())[1]
    client = Plain(server, tokens["access_token"])
    assert client("GET", EVENTS)[0] == 200
    server.clock.now += timedelta(minutes=61)
    assert reason(client("GET", EVENTS)) == (401, "authError")
    assert reason(Plain(server, "")("GET", EVENTS)) == (401, "required")
    assert reason(Plain(server, "nonsense")("GET", EVENTS)) == (401, "authError")


def test_a_grant_that_was_taken_back_is_invalid(server: GoogleServer, call: Plain) -> None:
    secret = server.secret()
    server.revoke()
    assert refreshed(call, secret) == (
        400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."},
    )  # fmt: skip
    assert reason(call("GET", EVENTS)) == (401, "authError")


def test_a_token_is_revoked(server: GoogleServer, call: Plain) -> None:
    secret = server.secret()
    assert call.form("/revoke", token=secret["refresh_token"]) == (200, {})
    assert refreshed(call, secret)[1]["error"] == "invalid_grant"
    assert call.form("/revoke", token=secret["refresh_token"])[1]["error"] == "invalid_token"


def test_refresh_tokens_of_apps_in_testing_live_for_seven_days(server: GoogleServer, call: Plain) -> None:
    server.oauth.client.testing = True
    secret = server.secret()
    server.clock.now += timedelta(days=6, hours=23)
    assert refreshed(call, secret)[0] == 200
    server.clock.now += timedelta(hours=2)
    assert refreshed(call, secret)[1]["error"] == "invalid_grant"


def test_a_refresh_may_narrow_and_never_widen(server: GoogleServer, call: Plain) -> None:
    secret = server.secret(READ, SCOPE + "calendar.events")
    assert refreshed(call, secret, scope=READ)[1]["scope"] == READ
    assert refreshed(call, secret, scope=SCOPE + "calendar")[1]["error"] == "invalid_scope"


LEAST = "least"


@pytest.mark.parametrize(
    ("scopes", "method", "path", "status"),
    [
        (LEAST, "GET", EVENTS, 200),
        (LEAST, "POST", EVENTS, 200),
        (LEAST, "GET", "users/me/calendarList", 200),
        (LEAST, "GET", "users/me/settings/timezone", 200),
        (LEAST, "GET", "calendars/primary", 403),
        (LEAST, "GET", "calendars/team@group.calendar.google.com/events", 403),
        ("calendar.events.readonly", "GET", "calendars/team@group.calendar.google.com/events", 200),
        ("calendar.events.readonly", "POST", EVENTS, 403),
        ("calendar.events.readonly", "GET", "users/me/calendarList", 403),
        ("calendar.events.owned.readonly", "GET", EVENTS, 200),
        ("calendar.events.owned.readonly", "POST", EVENTS, 403),
        ("calendar.app.created", "GET", EVENTS, 403),
        ("calendar.app.created", "GET", "users/me/calendarList", 403),
        ("calendar.calendarlist.readonly", "GET", EVENTS, 403),
        ("calendar.settings.readonly", "GET", "users/me/settings", 200),
        ("calendar", "POST", "calendars/team@group.calendar.google.com/events", 200),
    ],
)
def test_what_a_scope_allows(server: GoogleServer, scopes: str, method: str, path: str, status: int) -> None:
    server.add_calendar("Team", owner="bob@example.com", role="writer")
    token = server.access_token() if scopes == LEAST else server.access_token(SCOPE + scopes)
    answer = Plain(server, token)(method, path, timed() if method == "POST" else None)
    assert answer[0] == status
    if status == 403:
        assert reason(answer) == (403, "insufficientPermissions")


# -- service accounts -------------------------------------------------------------------------------------------------

ROBOT = "robot@project.iam.gserviceaccount.com"


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def signed(key: rsa.RSAPrivateKey, server: GoogleServer, alg: str = "RS256", **change: Any) -> str:
    """A request of the service account for a token."""
    now = int(server.clock.now.timestamp())
    claims = {"iss": ROBOT, "scope": READ, "aud": server.token_uri, "iat": now, "exp": now + 3600} | change
    parts = [base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in ({"alg": alg}, claims)]
    signature = key.sign(".".join(parts).encode(), padding.PKCS1v15(), hashes.SHA256())
    return ".".join([*parts, base64.urlsafe_b64encode(signature).decode().rstrip("=")])


def asserted(call: Plain, assertion: str) -> Answer:
    return call.form("/token", grant_type="urn:ietf:params:oauth:grant-type:jwt-bearer", assertion=assertion)


@pytest.fixture
def robot(server: GoogleServer, key: rsa.RSAPrivateKey) -> rsa.RSAPrivateKey:
    public = key.public_key().public_numbers()
    server.oauth.service = ServiceAccount(ROBOT, (public.n, public.e), frozenset({READ, SCOPE + "calendar.events"}))
    server.person(ROBOT)
    return key


def test_a_service_account_acts_for_somebody(server: GoogleServer, call: Plain, robot: Any) -> None:
    server.device.insert(timed(id="abcde"))
    status, tokens = asserted(call, signed(robot, server, sub=server.user))
    assert (status, "refresh_token" in tokens) == (200, False)
    found = Plain(server, tokens["access_token"])("GET", EVENTS)[1]
    assert [e["id"] for e in found["items"]] == ["abcde"]


def test_a_service_account_without_a_subject_invites_nobody(server: GoogleServer, call: Plain, robot: Any) -> None:
    scope = SCOPE + "calendar.events"
    alone = Plain(server, asserted(call, signed(robot, server, scope=scope))[1]["access_token"])
    guests = timed(attendees=[{"email": "a@example.com"}])
    assert alone("POST", EVENTS, timed())[0] == 200
    assert reason(alone("POST", EVENTS, guests)) == (403, "forbiddenForServiceAccounts")
    acting = Plain(server, asserted(call, signed(robot, server, scope=scope, sub=server.user))[1]["access_token"])
    assert acting("POST", EVENTS, guests)[0] == 200


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"alg": "none"}, "invalid_grant"),
        ({"iss": "other@project.iam.gserviceaccount.com"}, "invalid_grant"),
        ({"exp": 1}, "invalid_grant"),
        ({"exp": 4102444800}, "invalid_grant"),
        ({"iat": None}, "invalid_grant"),
        ({"aud": "https://example.com/token"}, "invalid_grant"),
        ({"scope": SCOPE + "calendar", "sub": "ada@example.com"}, "unauthorized_client"),
        ({"sub": "nobody@example.com"}, "invalid_grant"),
    ],
)
def test_a_request_of_a_service_account_is_checked(
    server: GoogleServer, call: Plain, robot: Any, change: Any, error: str
) -> None:
    assert asserted(call, signed(robot, server, **change))[1]["error"] == error


def test_the_signature_of_a_service_account_is_verified(server: GoogleServer, call: Plain, robot: Any) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    head, _, signature = signed(robot, server).split(".")
    forged = signed(robot, server, sub="bob@example.com").split(".")[1]
    for assertion in (signed(other, server), f"{head}.{forged}.{signature}", "a.b.c", f"{head}.{forged}", "é.é.é"):
        assert asserted(call, assertion)[1]["error"] == "invalid_grant"
