"""Tests draw the same examples on every run, so that a change is what makes one fail; torture draws new ones.

No test depends on how fast a machine is: there is no deadline, and drawing may be slow.  Speed is the bench's matter.

The servers start when the first test asks for one, once for each process that runs tests.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

import clusters
import servers
import shelves
from connectors.google import connector
from daemon.system import secrets
from gcal import google_server
from gcal.shelf import GoogleShelf

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ANY_SPEED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", ANY_SPEED, derandomize=True)
settings.register_profile("new", ANY_SPEED, print_blob=True)
settings.load_profile("new" if os.environ.get("UNBUSY_TORTURE") else "same")


@pytest.fixture(scope="session")
def radicale() -> Iterator[servers.Server]:
    with servers.radicale() as server:
        yield server


@pytest.fixture(scope="session")
def xandikos() -> Iterator[servers.Server]:
    with servers.xandikos() as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[clusters.Cluster]:
    """A PostgreSQL server with all tables."""
    if clusters.programs() is None:
        pytest.skip("no PostgreSQL server here: apt-get install postgresql")
    with clusters.cluster() as cluster:
        yield cluster


@pytest.fixture
def leader(postgres: clusters.Cluster) -> Iterator[clusters.Kept]:
    """A leader of whom nothing is known, in PostgreSQL."""
    kept = clusters.Kept(postgres)
    yield kept
    kept.close()


@pytest.fixture(params=["radicale", "xandikos"])
def server(request: pytest.FixtureRequest) -> servers.Server:
    """Each of the servers in turn."""
    found: servers.Server = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=shelves.STORES)
def store(request: pytest.FixtureRequest) -> shelves.Store:
    """Each kind of store that `Life` can stand on."""
    name: str = request.param
    if name in ("vdir", "memory"):
        return name
    if name == "google":
        found: shelves.Store = request.getfixturevalue("google")
        return found
    server: servers.Server = request.getfixturevalue(name)
    request.getfixturevalue("password")
    return shelves.Dav(server.account())


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch) -> Iterator[GoogleShelf]:
    """A Google account of its own, to which the user is logged in; nothing is waited for."""
    with google_server() as server:
        shelf = GoogleShelf(server)
        monkeypatch.setattr(secrets, "find", lambda *_: shelf.secret)
        monkeypatch.setattr(connector, "Api", partial(connector.Api, sleep=lambda _: None))
        yield shelf


@pytest.fixture
def password(monkeypatch: pytest.MonkeyPatch) -> str:
    """Every account has it stored."""
    monkeypatch.setattr(secrets, "find", lambda *_: servers.PASSWORD)
    return servers.PASSWORD


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The chromium of the system, without a window.  It goes with its module: its event loop is in nobody's way."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  few ask for it

    program = shutil.which("chromium")
    if not program:
        pytest.skip("there is no chromium (apt-get install chromium)")
    with sync_playwright() as playwright:
        args = ["--no-sandbox"] if os.geteuid() == 0 else []  # which root may not have
        found = playwright.chromium.launch(executable_path=program, args=args, timeout=120_000)
        yield found
        found.close()
