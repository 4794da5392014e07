import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from daemon.service.notify import to_manager, watchdog


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, socket.socket]]:
    """A service manager: the address as `$NOTIFY_SOCKET` names it, and the socket that it reads."""
    name = f"@unbusy-test-{os.getpid()}" if request.param == "abstract" else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as inbox:
        inbox.bind(name.replace("@", "\0"))
        inbox.settimeout(5)
        yield name, inbox


@pytest.mark.parametrize(
    ("assignments", "message"),
    [
        ({"READY": "1"}, b"READY=1"),
        ({"READY": "1", "STATUS": "first cycle"}, b"READY=1\nSTATUS=first cycle"),
        ({"STATUS": "zażółć – 3 changes"}, "STATUS=zażółć – 3 changes".encode()),
        ({"STATUS": "lunch\nMAINPID=1\r\nREADY=1\u2028\x85\x0b!"}, b"STATUS=lunch MAINPID=1 READY=1 !"),
        ({"STATUS": "\udcff"}, "STATUS=\ufffd".encode()),
        ({"STATUS": "😀" * 5000}, b"STATUS=" + "😀".encode() * 999 + "…".encode()),
    ],
    ids=["one", "two", "not ASCII", "no line can be smuggled in", "no text at all", "longer than the manager takes"],
)
def test_it_tells_the_manager(
    manager: tuple[str, socket.socket], assignments: Mapping[str, str], message: bytes
) -> None:
    name, inbox = manager
    to_manager({"NOTIFY_SOCKET": name})(assignments)
    assert inbox.recv(65536) == message
    assert len(message) <= 4096


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"NOTIFY_SOCKET": ""},
        {"NOTIFY_SOCKET": "/nowhere/notify"},
        {"NOTIFY_SOCKET": "@nobody-listens-here"},
        {"NOTIFY_SOCKET": "/" + "x" * 500},
        {"NOTIFY_SOCKET": "vsock:2:1234"},
        {"NOTIFY_SOCKET": "relative"},
    ],
    ids=["no manager", "empty", "gone", "nobody there", "too long", "another family", "no address"],
)
def test_without_a_manager_it_is_silent(environ: Mapping[str, str]) -> None:
    to_manager(environ)({"READY": "1"})


def test_a_manager_that_does_not_read_holds_nobody_up(tmp_path: Path) -> None:
    name = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as inbox:
        inbox.bind(name)
        with suppress(BlockingIOError):
            for _ in range(100_000):
                with socket.socket(inbox.family, inbox.type) as one_more:
                    one_more.setblocking(False)
                    one_more.sendto(b"full", name)
        to_manager({"NOTIFY_SOCKET": name})({"WATCHDOG": "1"})
        inbox.setblocking(False)
        with suppress(BlockingIOError):
            for _ in range(100_000):
                assert inbox.recv(4096) == b"full"


HALF_A_MINUTE = timedelta(seconds=30)


@pytest.mark.parametrize(
    ("environ", "every"),
    [
        ({"WATCHDOG_USEC": "60000000"}, HALF_A_MINUTE),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}, HALF_A_MINUTE),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}, None),
        ({}, None),
        ({"WATCHDOG_USEC": ""}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "-5"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "²"}, None),
        ({"WATCHDOG_USEC": "9" * 5000}, None),
    ],
    ids=["half", "ours", "another's", "unset", "empty", "zero", "negative", "no number", "no digit", "no time"],
)
def test_signs_of_life_are_due_at_half_the_watchdog(environ: Mapping[str, str], every: timedelta | None) -> None:
    assert watchdog(environ) == every
