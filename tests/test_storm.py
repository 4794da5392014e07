"""CalDAV on real servers, each fault at each request of a cycle.

`make test` meets every fault once on one of the servers; with UNBUSY_TORTURE=1 in the environment every fault meets
every request, on both.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count

import pytest

from daemon.system import secrets
from proxy import FAULTS
from servers import PASSWORD, Server
from storm import Storm, storm

TORTURE = bool(os.environ.get("UNBUSY_TORTURE"))
long = pytest.mark.skipif(not TORTURE, reason="takes minutes; `make torture`")
NAMES = (*FAULTS, "redirect 301", "redirect 302", "redirect 307", "redirect 308")


@pytest.fixture(scope="module", autouse=True)
def password() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrets, "find", lambda *_: PASSWORD)
        yield


@pytest.fixture(scope="module")
def on_radicale(radicale: Server) -> Iterator[Storm]:
    with storm(radicale) as made:
        yield made


@pytest.fixture(scope="module")
def on_xandikos(xandikos: Server) -> Iterator[Storm]:
    with storm(xandikos) as made:
        yield made


@pytest.fixture(params=["on_radicale", "on_xandikos"])
def there(request: pytest.FixtureRequest) -> Storm:
    made: Storm = request.getfixturevalue(request.param)
    return made


def test_the_scene_has_work_of_every_kind(there: Storm) -> None:
    there.reset()
    assert {c.split()[0] for c in there.life.changes()} == {"create", "update", "delete"}
    there.reset()
    assert there.run("apply", "--yes", "--force")[0] == 0
    assert {s.method for s in there.proxy.seen} >= {"REPORT", "GET", "PUT", "DELETE"}
    there.check("no fault")


def requests(there: Storm, *, first_contact: bool) -> list[str]:
    """The methods of a run without faults, in order."""
    there.reset(first_contact=first_contact)
    there.proxy.fail(FAULTS["reset"], at=10_000)
    there.run("apply", "--yes", "--force")
    return [s.method for s in there.proxy.seen]


@pytest.mark.parametrize("name", NAMES)
def test_a_fault_at_one_request(request: pytest.FixtureRequest, name: str) -> None:
    """At another one for each fault, so that all kinds of requests have their turn."""
    number = NAMES.index(name)
    there: Storm = request.getfixturevalue(("on_radicale", "on_xandikos")[number % 2])
    first_contact = bool(number // 2 % 2)
    at = 1 + number % len(requests(there, first_contact=first_contact))
    there.reset(first_contact=first_contact)
    assert there.strike(name, at)
    there.check(f"{name} at request {at}")


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize("name", ["answer lost", "answer cut", "412", "404"])
def test_a_write_of_which_nothing_or_the_wrong_thing_is_heard(there: Storm, name: str, method: str) -> None:
    at = 1 + requests(there, first_contact=False).index(method)
    there.reset()
    assert there.strike(name, at)
    there.check(f"{name} at a {method}")


@long
@pytest.mark.parametrize("first_contact", [False, True], ids=["known", "first contact"])
@pytest.mark.parametrize("name", NAMES)
def test_each_fault_at_each_request(there: Storm, name: str, first_contact: bool) -> None:
    for at in count(1):
        there.reset(first_contact=first_contact)
        if not there.strike(name, at):
            break
        there.check(f"{name} at request {at}")
    assert at > 10
