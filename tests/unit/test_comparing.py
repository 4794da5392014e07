"""Why a block is where it is, compared with the rest of its week."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from daemon.model.event import Event
from daemon.model.plan import Create
from daemon.planning.diff import Terms, diff
from daemon.planning.placement.comparing import LONGEST
from daemon.planning.placement.levels import place
from instances import carried_out
from living import local
from making import CALENDAR, meeting, moment, own, snapshot
from policies.focus.options import FocusOptions
from policies.focus.policy import propose

ANY_TIME = FocusOptions(prefer=type(FocusOptions().prefer)(""))


def reasons(*events: Event, options: FocusOptions | None = None, **more: object) -> dict[str, str]:
    """Of the blocks of week 49, by their places."""
    snap = snapshot(*events, **more)  # type: ignore[arg-type]  # a table of keyword arguments
    placement = place(snap, propose(snap, options or FocusOptions()), fill=1)
    new = [c for c in diff(snap, placement, Terms(main=CALENDAR)) if isinstance(c, Create)]
    assert all(c.draft.text.startswith(f"{c.reason}\n") for c in new)
    return {local(c.when): c.reason for c in new if c.wish.key.startswith("2026-W49/")}


def booked(*days: str, clocks: str = "09:00-17:30", title: str = "Offsite") -> list[Event]:
    return [meeting(f"{d} {clocks}", title, uid=f"{title}{d}{clocks}") for d in days]


AFTERNOON = [*booked("Mon", "Tue", "Wed", "Thu"), *booked("Fri", clocks="09:00-14:30", title="Staff")]
MORNINGS = [*booked("Mon", "Tue", "Wed"), *booked("Thu", clocks="15:30-17:30"), *booked("Fri", clocks="15:00-17:30")]

TABLE: dict[str, tuple[list[Event], FocusOptions, dict[str, str]]] = {
    "the only two hours left": (
        AFTERNOON,
        FocusOptions(),
        {
            "Fri 14:30-17:30": "Fri 14:30: the only two hours left before the weekend; "
            "all mornings are taken by ‘Offsite’ and ‘Staff’. 3 of 8 h."
        },
    ),
    "and not on the last day": (
        [*booked("Mon", "Wed", "Thu", "Fri"), *booked("Tue", clocks="09:00-14:00", title="Staff")],
        ANY_TIME,
        {"Tue 14:00-17:00": "Tue 14:00: the only two hours left this week. 3 of 8 h."},
    ),
    "some of the better times are taken": (
        [
            *booked("Tue", "Thu", clocks="09:00-12:30", title="Staff"),
            *booked("Tue", "Thu", clocks="15:00-17:30"),
            *booked("Mon", "Wed", "Fri"),
        ],
        FocusOptions(weekly_goal=type(FocusOptions().weekly_goal)(120)),
        {"Tue 12:30-14:30": "Tue 12:30: 2 h without a meeting; all mornings are taken by ‘Offsite’ and ‘Staff’."},
    ),
    "one of two places, in preferred time": (
        MORNINGS[:-2] + booked("Thu", clocks="13:00-17:30") + booked("Fri"),
        FocusOptions(),
        {"Thu 09:00-12:00": "Thu 09:00: the only two hours left of the times that you prefer. 3 of 8 h."},
    ),
    "one of many": (
        booked("Mon", "Tue", "Wed", clocks="09:00-17:30"),
        FocusOptions(weekly_goal=type(FocusOptions().weekly_goal)(120)),
        {"Thu 09:00-11:00": "Thu 09:00: two hours of the times that you prefer."},
    ),
    "no time is better than another": (
        booked("Mon", "Tue", "Wed", clocks="09:00-17:30"),
        FocusOptions(prefer=ANY_TIME.prefer, weekly_goal=type(FocusOptions().weekly_goal)(150)),
        {"Thu 09:00-11:30": "Thu 09:00: 2 h 30 without a meeting."},
    ),
}


@pytest.mark.parametrize(("events", "options", "expected"), TABLE.values(), ids=TABLE)
def test_a_block_compares_itself_with_its_week(
    events: list[Event], options: FocusOptions, expected: dict[str, str]
) -> None:
    assert reasons(*events, options=options) == expected


def test_private_titles_are_not_quoted_and_long_lines_are_cut_to_what_matters() -> None:
    secret = [replace(e, spoken="") for e in AFTERNOON]
    (said,) = reasons(*secret).values()
    assert "Offsite" not in said
    (short,) = reasons(*booked("Mon", "Tue", "Wed", "Thu", title="A" * 60), *AFTERNOON[4:]).values()
    assert short == "Fri 14:30: the only two hours left before the weekend. 3 of 8 h."
    assert len(said) < LONGEST


def test_what_is_kept_counts() -> None:
    kept = own("Mon 09:00-11:00")
    found = reasons(*AFTERNOON[1:], ours=[kept], now="Mon 12:00")
    assert found["Fri 14:30-17:30"].endswith("5 of 8 h.")


def test_it_is_said_once() -> None:
    """What is booked and cancelled later changes no text: a block keeps the reason with which it was made."""
    snap = snapshot(*AFTERNOON)
    wants = propose(snap, FocusOptions())
    there = carried_out(snap, diff(snap, place(snap, wants, fill=1), Terms(main=CALENDAR)))
    for now in ("Mon 07:00", "Fri 07:00", "Fri 08:00"):
        later = replace(there, now=moment(now), events=there.events[4:])
        changes = diff(later, place(later, propose(later, FocusOptions()), fill=1), Terms(main=CALENDAR))
        assert not [c for c in changes if not isinstance(c, Create)]
