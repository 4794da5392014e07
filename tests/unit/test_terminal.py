"""What is printed for people, on a real pseudo-terminal and off one."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import sys
import termios
from collections.abc import Callable, Iterator
from typing import TextIO

import pytest
from click import style

from daemon.cli.terminal import coloured, columns, put, put_table, still, waiting

Start = Callable[[int], int]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Makes a terminal of so many columns of standard output and error; what it gives can be read by `shown`."""
    for name in ("COLUMNS", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    opened: list[TextIO] = []

    def make(wide: int) -> int:
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, wide, 0, 0))
        opened.extend((os.fdopen(slave, "w", encoding="utf-8"), os.fdopen(master, encoding="utf-8")))
        monkeypatch.setattr(sys, "stdout", opened[-2])
        monkeypatch.setattr(sys, "stderr", opened[-2])
        return master

    yield make
    for stream in opened:
        stream.close()


def shown(master: int, until: str) -> str:
    """What the terminal was given, up to an expected end; the test hangs where it does not come."""
    text = ""
    while not text.endswith(until):
        text += os.read(master, 4096).decode()
    return text.replace("\r\n", "\n")


def test_on_a_terminal_a_line_goes_on_under_its_text(start: Start) -> None:
    master = start(24)
    put("  + 09:00 Focus, since mornings are free")
    assert shown(master, "free\r\n") == "  + 09:00 Focus, since\n    mornings are free\n"


def test_in_a_pipe_a_line_is_a_line_without_colours(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "10")
    put(style("one two three four five six", fg="red"))
    put_table([("a", "one two three four five six")])
    with waiting("Reading", 2, after=0) as step:
        step()
    assert capsys.readouterr() == ("one two three four five six\na  one two three four five six\n", "")


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [("NO_COLOR", "1", False), ("NO_COLOR", "", True), ("TERM", "dumb", False), ("TERM", "xterm", True)],
)
def test_colours_go_to_a_terminal_that_wants_them(
    start: Start, monkeypatch: pytest.MonkeyPatch, name: str, value: str, wanted: bool
) -> None:
    master = start(80)
    monkeypatch.setenv(name, value)
    put(style("red", fg="red") + ".", err=True)
    assert shown(master, ".\r\n") == ("\x1b[31mred\x1b[0m.\n" if wanted else "red.\n")
    assert coloured(sys.stdout) is wanted


@pytest.mark.parametrize(("said", "wide", "known"), [("", 33, 33), ("50", 33, 50), ("0", 33, 33), ("x", 0, None)])
def test_the_width_is_what_the_terminal_or_the_user_says(
    start: Start, monkeypatch: pytest.MonkeyPatch, said: str, wide: int, known: int | None
) -> None:
    start(wide)
    monkeypatch.setenv("COLUMNS", said)
    assert columns(sys.stdout) == known


def test_a_table_has_columns_and_its_last_one_is_wrapped(start: Start) -> None:
    master = start(30)
    put_table([("problems", "the server asks to wait"), ("", "a certificate is old"), ("n" * 41, "sticks out")])
    assert shown(master, "out\r\n") == (
        "problems  the server asks to\n          wait\n          a certificate is old\n"
        f"{'n' * 30}\n          {'n' * 11}  sticks\n          out\n"
    )


def test_a_table_without_room_goes_on_near_the_left(start: Start) -> None:
    master = start(30)
    put_table([("a" * 20, "one two three four.")])
    assert shown(master, ".\r\n") == f"{'a' * 20}  one two\n    three four.\n"


def test_what_takes_long_is_said_with_its_parts_and_taken_away_again(start: Start) -> None:
    master = start(80)
    with waiting("Reading", 3, after=0, every=0.01) as step:
        first = shown(master, "\x1b[K")
        for _ in range(5):
            step()
        later = ""
        while "3 of 3" not in later:
            later = shown(master, "\x1b[K")
    assert first.startswith("\rReading, 0 of 3 … 0 s\x1b[K")
    assert shown(master, "\r\x1b[K").endswith("\r\x1b[K")


def test_while_somebody_is_asked_the_line_is_theirs(start: Start) -> None:
    master = start(80)
    with waiting("Reading", after=0, every=0.0001):
        shown(master, "s\x1b[K")
        with still():
            asked = ""
            for n in range(200):
                put(f"{n}?")
                while f"{n}?\r\n" not in asked:
                    asked += os.read(master, 4096).decode()
    assert asked.rpartition("\x1b[K")[2] == "".join(f"{n}?\r\n" for n in range(200))


def test_what_is_quick_says_nothing(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    master = start(80)
    with waiting("Reading", after=3600):
        pass
    monkeypatch.setenv("TERM", "dumb")
    with waiting("Reading", after=0):
        put("done")
    assert shown(master, "done\r\n") == "done\n"


def test_an_error_takes_the_line_away_too(start: Start) -> None:
    master = start(80)
    with pytest.raises(KeyError), waiting("Reading", after=0, every=3600):  # noqa: PT012  it fails in the middle
        shown(master, "s\x1b[K")
        raise KeyError
    assert shown(master, "\x1b[K") == "\r\x1b[K"
