"""Tests draw the same examples on every run, so that a change is what makes one fail; torture draws new ones.

The servers start when the first test asks for one, once for each process that runs tests.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

import servers
import shelves
from daemon import secrets

settings.register_profile("same", derandomize=True)
settings.register_profile("new", print_blob=True)
settings.load_profile("new" if os.environ.get("UNBUSY_TORTURE") else "same")


@pytest.fixture(scope="session")
def radicale() -> Iterator[servers.Server]:
    with servers.radicale() as server:
        yield server


@pytest.fixture(scope="session")
def xandikos() -> Iterator[servers.Server]:
    with servers.xandikos() as server:
        yield server


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
    server: servers.Server = request.getfixturevalue(name)
    request.getfixturevalue("password")
    return shelves.Dav(server.account())


@pytest.fixture
def password(monkeypatch: pytest.MonkeyPatch) -> str:
    """Every account has it stored."""
    monkeypatch.setattr(secrets, "find", lambda *_: servers.PASSWORD)
    return servers.PASSWORD
