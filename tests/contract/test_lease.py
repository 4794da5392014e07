"""What every lease must be able to do (`daemon.system.lock.Lease`)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from clusters import Kept
from daemon.model.errors import TemporaryError
from daemon.system.lock import FileLease, Lease
from remembering import LeaseInMemory

Opening = Callable[[], Lease]
"""The same lease, as another process has it."""


@pytest.fixture(params=["on a file", "in PostgreSQL", "in memory"])
def opening(request: pytest.FixtureRequest, tmp_path: Path) -> Opening:
    if request.param == "in PostgreSQL":
        leader: Kept = request.getfixturevalue("leader")
        return leader.lease
    memory = LeaseInMemory()
    return (lambda: FileLease(tmp_path / "lock", wait=0)) if request.param == "on a file" else lambda: memory


def test_one_holds_it_and_the_other_is_told_who(opening: Opening) -> None:
    with (
        opening().hold("`unbusy run`"),
        pytest.raises(TemporaryError, match=r"^`unbusy run` .*holds"),
        opening().hold("`unbusy apply`"),
    ):
        pass


def test_it_is_free_again_afterwards(opening: Opening) -> None:
    for holder in ("one", "two"):
        with opening().hold(holder):
            pass


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_it_is_free_again_after_any_trouble(opening: Opening, error: type[BaseException]) -> None:
    with pytest.raises(error), opening().hold("one"):
        raise error
    with opening().hold("two"):
        pass


def test_it_may_be_held_again_by_the_same_afterwards(opening: Opening) -> None:
    lease = opening()
    for _ in range(2):
        with lease.hold("`unbusy apply`"):
            pass


def test_anybody_may_ask_who_holds_it(opening: Opening) -> None:
    assert opening().holder() == ""
    with opening().hold("`unbusy run`"):
        assert opening().holder().startswith("`unbusy run`")
        assert opening().holder().startswith("`unbusy run`")
    assert opening().holder() == ""
