"""Logging in to Google, with the user's browser: on the server of the tests, and on a public emulator where Node is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from connectors.google.login import examine, login
from connectors.google.options import GoogleOptions
from daemon.model.errors import ConfigError, RefusedError
from emulator import emulator, missing
from gcal import GoogleServer, google_server
from gcal.browser import browser
from gcal.oauth import SCOPE


@dataclass
class Talk:
    """Somebody who names a file, and remembers what they were told."""

    answer: str
    said: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.said.append(text)

    def ask(self, question: str, *, hidden: bool = False) -> str:
        return self.answer

    def agree(self, question: str) -> bool:
        return True


@pytest.fixture(autouse=True)
def desktop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A machine with a browser; what the login sets in the environment goes with the test."""
    monkeypatch.setenv("DISPLAY", ":1")
    for name in ("OAUTHLIB_INSECURE_TRANSPORT", "OAUTHLIB_RELAX_TOKEN_SCOPE"):
        monkeypatch.setenv(name, "1")
    with browser() as user:
        yield user


@pytest.fixture
def server() -> Iterator[GoogleServer]:
    with google_server() as one:
        yield one


def client(folder: Path, auth_uri: str, token_uri: str, **more: str) -> Talk:
    installed = {"client_id": "unbusy.apps.googleusercontent.com", "client_secret": "GOCSPX-desktop-secret",
                 "auth_uri": auth_uri, "token_uri": token_uri}  # fmt: skip
    path = folder / "client.json"
    path.write_text(json.dumps({"installed": installed | more}))
    return Talk(str(path))


def test_login_gives_a_secret_that_works(server: GoogleServer, tmp_path: Path) -> None:
    options, talk = GoogleOptions(endpoint=server.url), client(tmp_path, server.auth_uri, server.token_uri)
    secret = login("google", options, talk)
    assert set(json.loads(secret)) == {"client_id", "client_secret", "refresh_token", "token_uri"}
    (grant,) = {frozenset(g.scopes) for g in server.oauth.refresh.values()}
    assert grant == {
        SCOPE + s
        for s in (
            "calendar.events.owned",
            "calendar.calendarlist.readonly",
            "calendar.settings.readonly",
            "calendar.calendars.readonly",
        )
    }
    assert all(any(scope.removeprefix(SCOPE) in line for line in talk.said) for scope in grant)
    assert not any(json.loads(secret)[k] in line for k in ("client_secret", "refresh_token") for line in talk.said)
    assert [problem for _, problem in examine(options, lambda: secret, talk)] == [None] * 3


def test_less_than_was_asked_for_is_not_enough(server: GoogleServer, tmp_path: Path) -> None:
    server.oauth.consent.scopes = frozenset({SCOPE + "calendar.events.owned"})
    with pytest.raises(RefusedError, match=r"calendar\.calendarlist\.readonly, calendar\.settings\.readonly"):
        login("google", GoogleOptions(endpoint=server.url), client(tmp_path, server.auth_uri, server.token_uri))


def test_a_no_is_a_no(server: GoogleServer, tmp_path: Path) -> None:
    server.oauth.consent.agrees = False
    with pytest.raises(RefusedError, match="access_denied"):
        login("google", GoogleOptions(endpoint=server.url), client(tmp_path, server.auth_uri, server.token_uri))


def test_a_secret_never_goes_where_it_could_be_read(server: GoogleServer, tmp_path: Path) -> None:
    talk = client(tmp_path, server.auth_uri, "http://tokens.example.com/token")
    with pytest.raises(ConfigError, match="not encrypted"):
        login("google", GoogleOptions(endpoint=server.url), talk)


def test_a_login_that_was_taken_back_is_named_with_its_remedy(server: GoogleServer, tmp_path: Path) -> None:
    options = GoogleOptions(endpoint=server.url)
    secret = login("google", options, client(tmp_path, server.auth_uri, server.token_uri))
    server.revoke()
    ((_, problem),) = [s for s in examine(options, lambda: secret, Talk("")) if s[1]]
    assert (problem.code, "7 days" in problem.remedy) == (3, True)


def test_login_on_the_public_emulator(tmp_path: Path) -> None:
    if why := missing():
        pytest.skip(why)
    with emulator() as origin:
        options = GoogleOptions(endpoint=f"{origin}/calendar/v3/")
        talk = client(tmp_path, f"{origin}/o/oauth2/v2/auth", f"{origin}/oauth2/token")
        secret = json.loads(login("google", options, talk))
    assert secret["refresh_token"]
    assert talk.said[-1].startswith("It works: ")
