"""How a request says who is asking, whatever a server offers."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.auth import HTTPDigestAuth

from connectors.http.challenges import Challenge, challenges
from connectors.http.digest import credentials
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
        name, session = name.upper().removesuffix("-SESS"), name.upper().endswith("-SESS")
        who, what = hashed(name, "ada", given["realm"], SECRET), hashed(name, "GET", path)
        who = hashed(name, who, self.nonce, given["cnonce"]) if session else who
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
        ([f"{DIGEST}, algorithm=MD5-sess, qop=auth", DIGEST], "MD5"),
        ([f"{DIGEST}, algorithm=MD5-sess, qop=auth"], "MD5-SESS"),
        ([DIGEST, f"{DIGEST}, algorithm=sha-256-sess, qop=auth"], "SHA-256-SESS"),
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
    used = [re.search("algorithm=([^,]*)", header.upper(), re.IGNORECASE) for header in later]
    assert [found[1] if found else "MD5" for found in used] == [algorithm] * 2


def test_a_nonce_that_has_grown_old_is_renewed_and_its_uses_are_counted(start: Any) -> None:
    door = Door(f'{DIGEST}, qop="auth"')
    site, web = start(door, Digest("ada", lambda: SECRET))
    assert web.ask("GET", "/a").body == web.ask("GET", "/a?b=c").body == b"in"
    door.nonce = "two"
    assert web.ask("GET", "/b").body == b"in"
    sent = [headers["authorization"] for headers in site.asked[1:]]
    assert [re.findall('(?: nonce="|nc=)([^",]*)', header) for header in sent] == [
        ["one", "00000001"], ["one", "00000002"], ["one", "00000003"], ["two", "00000001"]
    ]  # fmt: skip
    assert [len({re.search('cnonce="(.*?)"', header)[1] for header in some}) for some in (sent, sent[:3])] == [2, 1]  # type: ignore[index]  # each has one


EXAMPLE = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
OLDER = 'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'


@pytest.mark.parametrize(
    ("said", "secret", "cnonce", "response"),
    [
        (EXAMPLE.format("MD5"), "Circle of Life", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
         "8ca523f5e9506fed4657c9700eebdbec"),
        (EXAMPLE.format("SHA-256"), "Circle of Life", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
         "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        (OLDER, "Circle Of Life", "0a4f113b", "6629fae49393a05397450978507c4ef1"),
    ],
    ids=["RFC 7616, 3.9.1, MD5", "RFC 7616, 3.9.1, SHA-256", "RFC 2617, 3.5"],
)  # fmt: skip
def test_the_examples_of_the_standards(said: str, secret: str, cnonce: str, response: str) -> None:
    (challenge,) = challenges(said)
    header = credentials(
        challenge, user="Mufasa", secret=secret, method="GET", target="/dir/index.html", cnonce=cnonce, count=1
    )
    parts = dict(re.findall(r'(\w+)=("[^"]*"|[^",]+)', header))
    assert parts.pop("response") == f'"{response}"'
    asked = {name: value for name, value in re.findall(r'(\w+)=("[^"]*"|[^",]+)', said) if name != "qop"}
    own = {"username": '"Mufasa"', "uri": '"/dir/index.html"', "qop": "auth", "nc": "00000001", "cnonce": f'"{cnonce}"'}
    assert parts == asked | own


ASCII = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters='"\\'))


@given(
    algorithm=st.sampled_from(["", "MD5", "MD5-SESS", "SHA-256"]), qop=st.sampled_from(["", "auth"]),
    user=ASCII, secret=st.text(), realm=ASCII, method=st.sampled_from(["GET", "PROPFIND"]),
)  # fmt: skip
def test_requests_gives_the_same_answer(
    algorithm: str, qop: str, user: str, secret: str, realm: str, method: str
) -> None:
    said = {"realm": realm, "nonce": "one", **({"qop": qop} if qop else {})}
    said |= {"algorithm": algorithm} if algorithm and (qop or "SESS" not in algorithm) else {}
    theirs = HTTPDigestAuth(user, secret)
    theirs.init_per_thread_state()
    theirs._thread_local.chal = said
    expected = theirs.build_digest_header(method, "http://localhost/a%20b?c=d") or ""
    cnonce = (re.findall('cnonce="(.*?)"', expected) or [""])[0]
    ours = credentials(
        Challenge("digest", said), user=user, secret=secret, method=method, target="/a%20b?c=d", cnonce=cnonce, count=1
    )
    parts = r'(?<![a-z])(response|uri|nonce|realm|username|cnonce)="(.*?)"'
    assert dict(re.findall(parts, ours)) == dict(re.findall(parts, expected))


@pytest.mark.parametrize(
    ("user", "realm", "begins"),
    [
        ("CORP\\ada", 'the "dav"', r'Digest username="CORP\\ada", realm="the \"dav\"", '),
        ("ad\u00e9", "B\u00c3\u00bcro", 'Digest username*=UTF-8\'\'ad%C3%A9, realm="B\u00c3\u00bcro", '),
        ('x", uri="/', "dav", r'Digest username="x\", uri=\"/", realm="dav", '),
        ("tab\there", "dav", "Digest username*=UTF-8''tab%09here, "),
    ],
)  # fmt: skip
def test_names_go_as_they_are(user: str, realm: str, begins: str) -> None:
    """Quoted, or in UTF-8 (RFC 7616, 3.4); and what is hashed is what is meant, byte for byte."""
    challenge = Challenge("digest", {"realm": realm, "nonce": "one"})
    header = credentials(challenge, user=user, secret=SECRET, method="GET", target="/", cnonce="", count=1)
    who = hashlib.md5(b":".join([user.encode(), realm.encode("latin-1"), SECRET.encode()])).hexdigest()  # noqa: S324
    assert header.startswith(begins)
    assert f'response="{hashed("MD5", who, "one", hashed("MD5", "GET", "/"))}"' in header


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
        (Digest("ada", lambda: SECRET), [f"{DIGEST}, algorithm=MD5-sess"]),
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
