"""How a request says who is asking, whatever a server offers."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import pytest

from connectors.http.challenges import challenges
from connectors.http.logins import Digest, basic, bearer
from connectors.http.web import Authorize
from daemon.model.errors import LoginError
from sites import start as start  # noqa: PLC0414  a fixture

SECRET = "s\u00e9same"  # noqa: S105  of a site that lives for one test
WAYS = {"basic": basic, "digest": Digest}


@pytest.mark.parametrize(
    ("authorize", "header"),
    [(basic("ada", lambda: SECRET), "Basic YWRhOnPDqXNhbWU="), (bearer(lambda: "token"), "Bearer token")],
)
def test_basic_and_bearer_go_with_the_first_request(start: Any, authorize: Authorize, header: str) -> None:
    site, web = start(
        lambda _path, headers: (200 if headers.get("authorization") == header else 401, {}, b""), authorize
    )
    assert web.ask("GET", "/").status == 200
    assert len(site.asked) == 1


DIGEST = 'Digest realm="dav", nonce="one"'
BASIC = 'Basic realm="dav"'


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("", []),
        ("Negotiate", [("negotiate", {})]),
        ("Negotiate oYG2MIGzoAMK/+==, Basic realm=x", [("negotiate", {}), ("basic", {"realm": "x"})]),
        ('Newauth realm="apps", type=1,  title="Login to \\"apps\\"", Basic realm="simple"',
         [("newauth", {"realm": "apps", "type": "1", "title": 'Login to "apps"'}), ("basic", {"realm": "simple"})]),
        ('Digest realm="a, Basic b=\\"c", qop="auth,auth-int",nonce=n',
         [("digest", {"realm": 'a, Basic b="c', "qop": "auth,auth-int", "nonce": "n"})]),
        (", ,basic REALM = x ,,\tDIGEST nonce=1", [("basic", {"realm": "x"}), ("digest", {"nonce": "1"})]),
        ("Basic, Bearer", [("basic", {}), ("bearer", {})]),
        ("realm=x, Basic", []),
        ('Basic realm="x', [("basic", {})]),
        ('Basic realm="x"y, Digest nonce=n', [("basic", {})]),
        ("Basic \x00, Digest nonce=n", [("basic", {})]),
    ],
)  # fmt: skip
def test_a_line_of_challenges(said: str, found: list[tuple[str, dict[str, str]]]) -> None:
    """RFC 9110, 11.6.1, whose own example is the fourth."""
    assert [(c.scheme, c.parameters) for c in challenges(said)] == found


def hashed(name: str, *parts: str) -> str:
    return hashlib.new(name.replace("-", ""), ":".join(parts).encode()).hexdigest()


class Door:
    """Lets in who answers a challenge with SECRET; `lines` are what it offers, and `nonce` is good for now."""

    def __init__(self, *lines: str) -> None:
        self.lines, self.nonce = lines, "one"

    def __call__(self, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str | list[str]], bytes]:
        scheme, _, said = headers.get("authorization", "").partition(" ")
        given = dict(re.findall(r'(\w+)="?([^",]*)"?', said)) if scheme == "Digest" else {}
        stale = ", stale=TRUE" if given and given["nonce"] != self.nonce else ""
        if given and not stale and given["response"] == self.response(path, given):
            return 200, {}, b"in"
        lines = [line.replace('nonce="one"', f'nonce="{self.nonce}"{stale}') for line in self.lines]
        return 401, {"WWW-Authenticate": lines}, b""

    def response(self, path: str, given: dict[str, str]) -> str:
        """RFC 7616, 3.4.1."""
        name = given.get("algorithm", "MD5")
        who, what = hashed(name, "ada", given["realm"], SECRET), hashed(name, "GET", path)
        times = (given["nc"], given["cnonce"], "auth") if "qop" in given else ()
        return hashed(name, who, self.nonce, *times, what)


@pytest.mark.parametrize(
    ("lines", "algorithm"),
    [
        ([DIGEST], "MD5"),
        ([f'{DIGEST}, qop="auth"'], "MD5"),
        ([f'{DIGEST}, qop="auth-int, auth"'], "MD5"),
        ([DIGEST, BASIC], "MD5"),
        ([BASIC, DIGEST], "MD5"),
        ([f"{BASIC}, {DIGEST}, Negotiate"], "MD5"),
        ([f"{DIGEST}, algorithm=md5", f"{DIGEST}, algorithm=SHA-256, qop=auth"], "SHA-256"),
        ([f"{DIGEST}, algorithm=SHA-256, {DIGEST}"], "SHA-256"),
        ([f"{DIGEST}, algorithm=SHA-512-256", f"{DIGEST}, algorithm=MD5-sess", DIGEST], "MD5"),
        ([f'{DIGEST}, algorithm=SHA-256, qop="auth-int"', DIGEST], "MD5"),
    ],
)
@pytest.mark.parametrize("allowed", ["digest", "basic"])
def test_the_strongest_way_that_is_offered(start: Any, allowed: str, lines: list[str], algorithm: str) -> None:
    """Where the config says basic, the password went with the first request: refused, it is good for digest alone."""
    if allowed == "basic":
        lines = [line.removeprefix(f"{BASIC}, ") for line in lines if line != BASIC]
    site, web = start(Door(*lines), WAYS[allowed]("ada", lambda: SECRET))
    assert (web.ask("GET", "/a").body, web.ask("GET", "/b").body) == (b"in", b"in")
    first, *later = [headers.get("authorization", "") for headers in site.asked]
    assert first.startswith("Basic ") is (allowed == "basic")
    assert [re.findall('algorithm="(.*?)"', header.upper(), re.IGNORECASE) for header in later] == [[algorithm]] * 2


def test_a_nonce_that_has_grown_old_is_renewed(start: Any) -> None:
    door = Door(f'{DIGEST}, qop="auth"')
    site, web = start(door, Digest("ada", lambda: SECRET))
    assert web.ask("GET", "/a").body == b"in"
    door.nonce = "two"
    assert web.ask("GET", "/b").body == b"in"
    assert len(site.asked) == 4


@pytest.mark.parametrize(("allowed", "lines"), [("digest", [DIGEST]), ("digest", [DIGEST, BASIC]), ("basic", [DIGEST])])
def test_a_wrong_password_is_tried_once_each_way(start: Any, allowed: str, lines: list[str]) -> None:
    site, web = start(Door(*lines), WAYS[allowed]("ada", lambda: "wrong"))
    with pytest.raises(LoginError, match="it takes: digest"):
        web.ask("GET", "/a")
    assert len(site.asked) == 2


@pytest.mark.parametrize(
    ("authorize", "lines"),
    [
        (basic("ada", lambda: SECRET), [BASIC, DIGEST]),
        (basic("ada", lambda: SECRET), [f"{DIGEST}, {BASIC}"]),
        (basic("ada", lambda: SECRET), []),
        (bearer(lambda: SECRET), [BASIC, DIGEST]),
        (Digest("ada", lambda: SECRET), [BASIC]),
        (Digest("ada", lambda: SECRET), ['Digest realm="dav"']),
        (Digest("ada", lambda: SECRET), [f"{DIGEST}, algorithm=SHA-512-256"]),
        (Digest("ada", lambda: SECRET), [f'{DIGEST}, qop="auth-int"']),
        (Digest("ada", lambda: SECRET), [DIGEST.replace("one", "\xe9")]),
        (Digest("ada", lambda: SECRET), ["Digest dav"]),
        (Digest("ada", lambda: SECRET), ["Digest"]),
    ],
)
def test_no_secret_goes_another_way_than_the_config_allows(start: Any, authorize: Authorize, lines: list[str]) -> None:
    """Nor the same way twice; and a challenge that cannot be met is a refused login."""
    site, web = start(Door(*lines), authorize)
    with pytest.raises(LoginError):
        web.ask("GET", "/")
    assert len(site.asked) == 1
