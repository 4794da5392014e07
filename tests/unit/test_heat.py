"""What the time of a week was: each minute is one thing; as a heat map, and as lines of text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from html import escape
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.model.event import CountsAs
from daemon.model.figures.heat import Heat, heat_map
from daemon.model.figures.measure import measure_week
from daemon.model.figures.strips import SIGNS, strips
from daemon.model.snapshot import GivenUp, OwnEvent, Snapshot
from daemon.model.text import Answer, composed, fingerprint, normal_text, typed
from daemon.model.times import WorkingHours, minutes_of, week_of
from daemon.model.user.gesture import Gesture
from making import DAYS, MONDAY, ZONE, event, meeting, moment, own, profile, snapshot, span

TUESDAY = 1


def done(when: str) -> OwnEvent:
    return replace(own(when), gestures=frozenset({Gesture.DONE}))


def drawn(found: Snapshot, day: int = TUESDAY) -> list[str]:
    """'09:00-10:00 meeting', in order."""
    return [
        f"{s.span.start.astimezone(ZONE):%H:%M}-{s.span.end.astimezone(ZONE):%H:%M} {s.heat}"
        for s in heat_map(found, week_of(MONDAY, 0))[day].stretches
    ]


OVER = "Sat 12:00"
FREE = "09:00-17:30 free"

DRAWN = {
    "a day without anything is free": (snapshot(now=OVER), [FREE]),
    "a day off is nothing": (snapshot(now=OVER, away=[span("Tue 00:00-23:59")]), []),
    "a meeting, and other time that is taken": (
        snapshot(meeting("Tue 09:00-10:00"), event("Tue 10:00-17:30", counts_as=CountsAs.BUSY), now=OVER),
        ["09:00-10:00 meeting", "10:00-17:30 other busy time"],
    ),
    "a meeting that ends after hours is parted there": (
        snapshot(meeting("Tue 17:00-18:30"), now=OVER),
        ["09:00-17:00 free", "17:00-17:30 meeting", "17:30-18:30 after hours"],
    ),
    "double bookings are one meeting": (
        snapshot(meeting("Tue 09:00-17:30"), meeting("Tue 10:00-11:00"), now=OVER),
        ["09:00-17:30 meeting"],
    ),
    "a block that came is kept, one ahead is ahead": (
        snapshot(ours=[own("Tue 09:00-11:00"), own("Tue 13:00-17:30", key="2026-W49/2")], now="Tue 12:00"),
        ["09:00-11:00 focus kept", "11:00-13:00 free", "13:00-17:30 focus ahead"],
    ),
    "one in which we are is parted by now": (
        snapshot(ours=[own("Tue 09:00-17:30")], now="Tue 10:00"),
        ["09:00-10:00 focus kept", "10:00-17:30 focus ahead"],
    ),
    "what a meeting took of a block is lost": (
        snapshot(meeting("Tue 10:00-11:30"), ours=[own("Tue 09:00-11:00")], now=OVER),
        ["09:00-10:00 focus kept", "10:00-11:00 focus lost", "11:00-11:30 meeting", "11:30-17:30 free"],
    ),
    "a block that the user calls done is kept under it": (
        snapshot(meeting("Tue 10:00-11:30"), ours=[done("Tue 09:00-11:00")], now=OVER),
        ["09:00-11:00 focus kept", "11:00-11:30 meeting", "11:30-17:30 free"],
    ),
    "nothing is lost before it comes": (
        snapshot(meeting("Tue 10:00-11:30"), ours=[own("Tue 09:00-11:00")], now="Mon 12:00"),
        ["09:00-10:00 focus ahead", "10:00-11:30 meeting", "11:30-17:30 free"],
    ),
    "a place that a block had to leave is lost where the meeting is": (
        replace(
            snapshot(meeting("Tue 10:00-10:30"), now=OVER),
            given_up=(GivenUp(key="2026-W49/1", when=span("Tue 09:00-11:00"), left=moment("Mon 12:00")),),
        ),
        ["09:00-10:00 free", "10:00-10:30 focus lost", "10:30-17:30 free"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("found", "said"), DRAWN.values(), ids=DRAWN)
def test_a_day(found: Snapshot, said: list[str]) -> None:
    assert drawn(found) == said


TIMES = st.tuples(st.sampled_from(DAYS), st.integers(0, 86), st.integers(1, 9)).map(
    lambda t: f"{t[0]} {t[1] // 4 + 1:02}:{t[1] % 4 * 15:02}-{(t[1] + t[2]) // 4 + 1:02}:{(t[1] + t[2]) % 4 * 15:02}"
)


@given(st.lists(TIMES, max_size=6), st.lists(TIMES, max_size=3), TIMES)
def test_no_minute_is_two_things_and_all_add_up(met: list[str], held: list[str], away: str) -> None:
    meetings = [meeting(when, uid=f"m{n}") for n, when in enumerate(met)]
    blocks = [own(when, key=f"2026-W49/{n}") for n, when in enumerate(held, 1)]
    found = snapshot(*meetings, ours=blocks, away=[span(away)], now="Thu 12:10")
    week = week_of(MONDAY, 0)
    parts = [s for day in heat_map(found, week) for s in day.stretches]
    assert minutes_of(s.span for s in parts) == sum(s.span.minutes for s in parts)
    figures = measure_week(found, week)
    every = {heat: sum(s.span.minutes for s in parts if s.heat is heat) for heat in Heat}
    assert every[Heat.MEETING] + every[Heat.LATE] + every[Heat.LOST] == figures.total("meeting")
    assert every[Heat.KEPT] + every[Heat.AHEAD] == figures.total("focus_kept")


# -- as lines ---------------------------------------------------------------------------------------------------------


def test_a_week_as_lines() -> None:
    found = snapshot(
        meeting("Mon 09:00-11:00"), meeting("Tue 10:15-10:50"), meeting("Wed 18:00-19:00"),
        meeting("Thu 13:00-14:00"), event("Thu 09:00-12:00", counts_as=CountsAs.BUSY), now="Fri 07:00",
        ours=[own("Tue 13:00-15:00"), own("Thu 13:00-15:00", key="2026-W49/2")],
    )  # fmt: skip
    assert strips(found, week_of(MONDAY, 0)) == (
        "█ meeting, ▒ focus, ▀ lost, ▄ other, ░ free; half hours from 09:00.",
        "████░░░░░░░░░░░░░ Mon, 2 h",
        "░░██░░░░▒▒▒▒░░░░░ Tue, 35 min",
        "░░░░░░░░░░░░░░░░░ Wed, 1 h (1 h after hours)",
        "▄▄▄▄▄▄░░▀▀▒▒░░░░░ Thu, 1 h",
        "░░░░░░░░░░░░░░░░░ Fri",
    )


def hours_of(*spans: str) -> WorkingHours:
    """Monday and Tuesday, '09:00-12:00 13:00-16:00' each; the other days are off."""

    def parsed(text: str) -> tuple[tuple[time, time], ...]:
        pairs = (part.split("-") for part in text.split())
        return tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in pairs)

    return WorkingHours((*map(parsed, spans), *((),) * (7 - len(spans))))


HOURS = {
    "days that begin later are filled up at their start, and cut at their end": (
        hours_of("09:00-12:00", "10:00-11:00"),
        ["░░░░░░ Mon", "──░░ Tue"],
    ),
    "a gap at noon is none of it": (hours_of("11:00-12:00 13:00-14:00"), ["░░──░░ Mon"]),
    "work up to midnight": (hours_of("22:00-00:00"), ["░░░░ Mon"]),
    "hours that fill no whole half hour": (hours_of("09:20-10:10"), ["░░░ Mon"]),
    "nobody who works": (hours_of(), []),
}


@pytest.mark.parametrize(("week", "lines"), HOURS.values(), ids=HOURS)
def test_hours_of_work(week: WorkingHours, lines: list[str]) -> None:
    found = snapshot(now="Mon 07:00", who=profile(hours=week))
    assert list(strips(found, week_of(MONDAY, 0))[1:]) == lines


def test_a_day_on_which_the_clock_changes_is_as_long_as_the_others() -> None:
    """In New York on Sunday 1 November 2026 an hour comes twice; by the clock it is a day like any."""
    zone = ZoneInfo("America/New_York")
    monday = MONDAY.replace(month=10, day=26)
    sunday = WorkingHours((*((),) * 6, hours_of("00:00-04:00").week[0]))
    found = snapshot(now="Mon 07:00", who=profile(hours=sunday, zone=zone), monday=monday)
    assert strips(found, week_of(monday, 0))[1:] == ("░░░░░░░░ Sun",)


def test_the_lines_keep_their_shape() -> None:
    """No blank among the signs, none of which has two cells or is drawn as a picture by a telephone."""
    assert {len(sign) for sign in SIGNS.values()} == {1}
    assert all("\u2500" <= sign <= "\u25ff" for sign in SIGNS.values()), "box drawing, blocks and shapes of WGL4"


CLIENTS = {
    "one that keeps it as it is": lambda text: text,
    "one that makes HTML of it, as Google's page does": lambda text: escape(text).replace("\n", "<br>"),
    "one that makes paragraphs": lambda text: "".join(f"<p>{escape(line)}</p>" for line in text.split("\n")),
    "one that makes one blank of several, and cuts those at the ends": lambda text: "\n".join(
        " ".join(line.split()) for line in text.split("\n")
    ),
    "one that ends lines as mail does": lambda text: text.replace("\n", "\r\n"),
    "one that drops blank lines": lambda text: text.replace("\n\n", "\n"),
}


def described() -> str:
    """A review with the week in it."""
    found = snapshot(meeting("Tue 09:00-14:45"), now="Fri 07:00", ours=[own("Wed 09:00-11:00")])
    picture = "\n".join(strips(found, week_of(MONDAY, 0)))
    return composed(f"Week 49: 5 h 45 in meetings.\n\n{picture}", ["What went well?"])


@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)
def test_no_client_takes_it_for_an_edit(client: Callable[[str], str]) -> None:
    assert normal_text(client(described())) == normal_text(described())


@given(st.integers(0, 8), st.sampled_from(["my note", "█ mine", "░", "Tue, 5 h 45"]))
def test_what_the_user_types_into_it_is_told_from_it(where: int, note: str) -> None:
    head, question, rest = described().partition("\n\n▸")
    lines = head.split("\n")
    edited = "\n".join([*lines[:where], note, *lines[where:]]) + question + rest
    assert typed(edited, fingerprint(described())) == (Answer("", note),)
